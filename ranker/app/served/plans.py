"""Which columns of a request are read, which may not be there, and which are left unread.

A plan depends on the model's task and on the keys that a request's records have, not on their values:
it is made once for each set of keys.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from ranker.app.served.faults import BodyError
from ranker.app.task import Task
from ranker.errors import UnknownFieldError
from ranker.records import Usage
from ranker.records.field import ENTITIES, Location, declared_field, entity_of, locate

__all__ = ["Part", "Plan", "plan_for", "readers_of", "refused", "table_of"]

Rows = Sequence[Mapping[str, Any]]
WORDS = {"job": "job", "candidate": "candidates", "application": "applications"}  # keys of the body


@dataclass(frozen=True, slots=True)
class Part:
    """One of the request's lists of records.

    Parameters
    ----------
    name : str
        Its key in the body: ``job``, ``candidates`` or ``applications``.
    rows : sequence of mapping
        The records.
    """

    name: str
    rows: Rows

    def place(self, row: int, column: str) -> str:
        """Write where a value stands in the body."""
        return f"{self.name}.{column}" if self.name == "job" else f"{self.name}[{row}].{column}"

    def columns(self) -> frozenset[str]:
        """Keys that any of the records has."""
        return frozenset(chain.from_iterable(self.rows))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with the columns of a request.

    Parameters
    ----------
    columns : dict of str to tuple of str
        By table (``candidate``, ``job``, ``application``): the columns that are read.
    nested : tuple of (str, Location, str)
        Protected parts inside of values, which each request must be searched for: the part's name in the
        body, where, and the path.
    ignored : dict of str to tuple of str
        By the part's name in the body: columns that nothing reads.
    """

    columns: Mapping[str, tuple[str, ...]]
    nested: tuple[tuple[str, Location, str], ...]
    ignored: Mapping[str, tuple[str, ...]]


def readers_of(task: Task) -> dict[str, str]:
    """Return who reads each path that ranking reads, in words."""
    readers: dict[str, str] = {}
    for requirement in task.requirements:
        for path in requirement.sources:
            readers.setdefault(path, f"requirement {requirement.name!r}")
    for feature in task.features:
        for path in feature.sources:
            readers[path] = f"feature {feature.name!r}"
    return readers


def table_of(task: Task, entity: str) -> str:
    """Return the table that an entity's fields stand in: its own, or the flat one of the applications."""
    return entity if entity in task.sources else "application"


def plan_for(task: Task, parts: Mapping[str, Part], table_of_part: Mapping[str, str]) -> Plan:
    """Make the plan for a request whose records have these keys.

    Parameters
    ----------
    task : Task
        The model's.
    parts : dict of str to Part
        By name.
    table_of_part : dict of str to str
        The table that each part's columns go to.

    Raises
    ------
    BodyError
        If a record holds a protected field, or no record has a column that is read.
    """
    known = {name: part.columns() for name, part in parts.items()}
    nested = _refuse_protected(task, parts, known, table_of_part)
    columns: dict[str, list[str]] = {table: [] for table in ENTITIES}
    for path, reader in readers_of(task).items():
        table = table_of(task, entity_of(path))
        there = [name for name in parts if table_of_part[name] == table]
        every = frozenset().union(*(known[name] for name in there))
        rest = path.partition(".")[2]
        try:
            column = locate(path, sorted(every)).column
        except UnknownFieldError as error:
            if declared_field(path, task.features.fields).usage is Usage.OPTIONAL:
                continue
            hint = str(error).partition("; ")[2]
            raise BodyError.of(
                " or ".join(there) or WORDS[entity_of(path)],
                f"no record has {rest!r}, which {reader} reads{f'; {hint}' if hint else ''}; "
                "write null where it is not known",
            ) from None
        if column not in columns[table]:
            columns[table].append(column)
    read = {table: tuple(found) for table, found in columns.items()}
    ids = key_columns(task)
    ignored = {name: tuple(sorted(known[name] - {*read[table_of_part[name]], *ids[name]})) for name in parts}
    return Plan(read, nested, {name: found for name, found in ignored.items() if found})


def key_columns(task: Task) -> dict[str, tuple[str, ...]]:
    """Return the columns of each part that say who and for which job, and the one that says how good."""
    keys = task.keys
    own = tuple(key for key in (keys.candidate, keys.job, keys.relevance) if key)
    ids = {entity: (key,) if key else () for entity, (_, key) in task.sources.items()}
    return {
        "job": ids.get("job", own),
        "candidates": ids.get("candidate", own),
        "applications": own,
    }


def _refuse_protected(
    task: Task,
    parts: Mapping[str, Part],
    known: Mapping[str, Iterable[str]],
    table_of_part: Mapping[str, str],
) -> tuple[tuple[str, Location, str], ...]:
    """Refuse protected columns, by all of their names; return those that lie inside of others."""
    nested = []
    for path in task.protected:
        table, rest = table_of(task, entity_of(path)), path.partition(".")[2]
        for name, part in parts.items():
            if table_of_part[name] != table:
                continue
            try:
                location = locate(f"{table}.{rest}", sorted(known[name]))
            except UnknownFieldError:
                continue
            if location.steps:
                nested.append((name, location, path))
                continue
            row = next(i for i, one in enumerate(part.rows) if location.column in one)
            raise refused(part.place(row, location.column), path)
    return tuple(nested)


def refused(place: str, path: str) -> BodyError:
    """Tell that a protected field stands in a record."""
    return BodyError.of(
        place,
        f"the model's task marks {path!r} protected: leave it out of the records; where the audit needs it, "
        "give it apart, in 'protected'",
    )
