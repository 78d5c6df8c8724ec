"""Whether the rows of reviews, objections, overrides and outcomes say what their entries say."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from ranker.app.decisions.documents import Document
from ranker.app.decisions.tables import (
    answers,
    decisions,
    objections,
    outcomes,
    overrides,
    reviews,
)

__all__ = ["faults_beside"]

# By kind of entry: its table, and the columns that repeat members of its answer.
BESIDE: Final[Mapping[str, tuple[Table, tuple[str, ...]]]] = {
    "review": (reviews, ("label", "why", "reviewer")),
    "objection": (objections, ("review", "result")),
    "override": (overrides, ("rank_before", "rank_after")),
    "outcome": (outcomes, ("outcome", "job", "day")),
}


def faults_beside(connection: Connection) -> Iterator[tuple[int, str]]:
    """Find rows that were changed, removed or added beside the chain.

    An entry whose answer is deleted has lost its row with it, and is passed over.

    Yields
    ------
    (int, str)
        The entry's number, and what is wrong.
    """
    for kind, (table, columns) in BESIDE.items():
        entry = decisions.join(answers, answers.c.number == decisions.c.number).outerjoin(
            table, table.c.number == decisions.c.number
        )
        named = [table.c[name].label(f"row_{name}") for name in columns]
        query = select(decisions.c.number, answers.c.body, table.c.id.label("row"), *named).select_from(entry)
        due = set()
        for row in connection.execute(query.where(decisions.c.kind == kind)).mappings():
            due.add(row["number"])
            said = _said(row["body"])
            if said is None:
                continue
            if row["row"] is None:
                yield row["number"], f"its row in the table {table.name} was removed"
            for name in columns:
                if row["row"] is not None and row[f"row_{name}"] != said[name]:
                    yield row["number"], f"its row in the table {table.name} was changed: {name} is another"
        numbers = select(table.c.number).where(table.c.number.is_not(None))
        for number in set(connection.execute(numbers).scalars()) - due:
            yield number, f"a row of the table {table.name} names it, and it is no {kind}"


def _said(packed: bytes) -> dict[str, Any] | None:
    try:
        return Document.from_bytes(packed).value()
    except ValueError:
        return None  # told with the entry itself
