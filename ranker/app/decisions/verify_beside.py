"""Whether the rows of reviews, objections, overrides and outcomes say what their entries say."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from ranker.app.decisions.documents import vouched
from ranker.app.decisions.tables import (
    answers,
    decisions,
    inputs,
    lists,
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

    An entry whose answer is deleted has lost its row with it, and is passed over; one whose documents were
    changed is told as such elsewhere.

    Yields
    ------
    (int, str)
        The entry's number, and what is wrong.
    """
    for kind, (table, columns) in BESIDE.items():
        named = [table.c[name].label(f"row_{name}") for name in (*columns, "person")]
        query = _entries(table).add_columns(*named)
        due = set()
        for row in connection.execute(query.where(decisions.c.kind == kind)).mappings():
            due.add(row["number"])
            said, asked, concerned = (
                vouched(row[name], row[f"{name}_hash"]) for name in ("answer", "input", "people")
            )
            if said is None or asked is None or concerned is None:
                continue
            said |= {"person": concerned["people"][0]["id"]}
            if row["row"] is None:
                yield row["number"], f"its row in the table {table.name} was removed"
            elif row["about"] != asked["decision"]:
                yield row["number"], f"its row in the table {table.name} was changed: about is another"
            for name in (*columns, "person"):
                if row["row"] is not None and row[f"row_{name}"] != said[name]:
                    yield row["number"], f"its row in the table {table.name} was changed: {name} is another"
        numbers = select(table.c.number).where(table.c.number.is_not(None))
        for number in set(connection.execute(numbers).scalars()) - due:
            yield number, f"a row of the table {table.name} names it, and it is no {kind}"


def _entries(table: Table) -> Any:
    """Select entries with what they say, and the id of the decision that their row is about."""
    about = decisions.alias()
    joined = decisions.join(answers, answers.c.number == decisions.c.number)
    for beside in (inputs, lists, table):
        joined = joined.outerjoin(beside, beside.c.number == decisions.c.number)
    bodies = {"answer": answers, "input": inputs, "people": lists}
    return select(
        decisions.c.number, *[one.c.body.label(name) for name, one in bodies.items()],
        *[decisions.c[f"{name}_hash"] for name in bodies],
        table.c.id.label("row"), about.c.id.label("about"),
    ).select_from(joined.outerjoin(about, about.c.number == table.c.about))  # fmt: skip
