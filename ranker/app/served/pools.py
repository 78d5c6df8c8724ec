"""From a request's records to the pairs that are ranked, without a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from ranker.app.served.faults import BodyError
from ranker.app.served.plans import Part, Plan, plan_for, readers_of, refused, table_of
from ranker.app.task import Task
from ranker.records import Records, Requirement, join_records
from ranker.records.cleaning import ONE_LIST, UNPAIRED, Keys
from ranker.records.field import entity_of
from ranker.records.ledger import Ledger
from ranker.records.raw_tables import rows_as_frame
from ranker.records.row_join import join_rows
from ranker.records.values import Unreadable, as_text, follow, is_missing

__all__ = ["Pool", "PoolReader", "label_in"]

# Sets of keys that are remembered, and keys of one: a server meets a handful, an attacker any number.
MOST_PLANS: Final = 64
MOST_KEYS: Final = 500
NEVER_PAIRED: Final = UNPAIRED["candidate"][0]
ENTITY: Final = {"job": "job", "candidates": "candidate", "applications": "application"}
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The candidates of one job.

    Parameters
    ----------
    job : str
        Its label.
    records : Records
        The ``n`` pairs that are ranked.
    ignored : mapping of str to tuple of str
        By the body's key: columns that nothing reads.
    """

    job: str
    records: Records
    ignored: Mapping[str, tuple[str, ...]]

    def set_aside(self) -> list[dict[str, Any]]:
        """Return the records that are not ranked, each with its candidate, where known, and the reason."""
        fates = self.records.ledger.fates
        aside = [fate for fate in fates if fate.action == "set_aside"]
        told = [{"candidate": self._who(fate.table, fate.row), "reason": fate.reason} for fate in aside]
        known = {one["candidate"] for one in told}
        # Whose only application was for another job has none here, and was told so already.
        unpaired = [fate for fate in fates if fate.table == "candidate" and fate.reason == NEVER_PAIRED]
        return told + [
            {"candidate": fate.row, "reason": fate.reason} for fate in unpaired if fate.row not in known
        ]

    def notes(self) -> list[dict[str, Any]]:
        """Return what was read otherwise than written: values that count as not given, and the like.

        Complete once the features are computed.
        """
        return [
            {"candidate": self._who(fate.table, fate.row), "field": fate.field, "reason": fate.reason}
            for fate in self.records.ledger.fates
            if fate.action != "set_aside" and fate.field
        ]

    def _who(self, table: str, row: str) -> str | None:
        if table == "application" and row.startswith("candidate "):
            own = row.removeprefix("candidate ")
            suffix = f" for job {self.job}"
            return own.removesuffix(suffix) if own.endswith(suffix) else own.rpartition(" for job ")[0]
        return row if table == "candidate" and row and not row.startswith("row ") else None


@dataclass(frozen=True, slots=True, eq=False)
class PoolReader:
    """Reads the pools of one task.

    Parameters
    ----------
    task : Task
        The model's.
    """

    task: Task
    _plans: dict[Any, Plan] = field(default_factory=dict, repr=False)

    def read(self, body: Mapping[str, Any], requirements: Sequence[Requirement] | None = None) -> Pool:
        """Join a request's records.

        Parameters
        ----------
        body : mapping
            With ``job``, ``candidates`` and perhaps ``applications``, as
            :class:`ranker.app.served.bodies.RankBody` has them.
        requirements : sequence of Requirement, optional
            The task's by default.

        Returns
        -------
        Pool
            The pairs and values that the same records in the task's files would give.

        Raises
        ------
        BodyError
            If a protected field is among the records, or what ranking needs is not.
        EmptyPoolError
            If nobody is left.
        """
        task, keys = self.task, self.task.keys
        parts = self._parts(body)
        plan = self._plan(parts)
        for name, location, path in plan.nested:
            _search(parts[name], location.column, location.steps, path)
        job, ledger = self._job(parts), Ledger()
        given = {
            entity: (parts[name].rows, [key, *plan.columns[entity]], key)
            for name, entity in ENTITY.items()
            if entity in task.sources and (key := task.sources[entity][1]) is not None
        }
        pairs = self._pairs(parts, job, ledger)
        own = [key for key in (keys.candidate, keys.job) if key]
        columns = [*own, *plan.columns["application"]]
        if not keys.candidate:  # the lot between candidates without a label is drawn from all that a row says
            columns += [key for row in pairs for key in row]
        labels = Keys(keys.job, keys.candidate)
        asked = task.requirements if requirements is None else requirements
        records = join_rows(
            (pairs, columns), labels, candidates=given.get("candidate"), jobs=given.get("job"),
            fields=task.features.fields, requirements=asked, ledger=ledger,
        )  # fmt: skip
        if records is None:
            tables = {entity: (_frame(rows, names), key) for entity, (rows, names, key) in given.items()}
            records = join_records(
                _frame(pairs, columns), labels, candidates=tables.get("candidate"), jobs=tables.get("job"),
                fields=task.features.fields, requirements=asked, ledger=ledger,
            )  # fmt: skip
        return Pool(job, records, plan.ignored)

    def people(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the label of everybody whom a request's records are about, ranked or not."""
        key = self._own_key("candidate")
        if key is None:
            return ()
        named = [(row, key) for row in body["candidates"]]
        named += [(row, str(self.task.keys.candidate)) for row in body.get("applications") or ()]
        labels = (label_in(row, column) for row, column in named)
        return tuple(dict.fromkeys(label for label in labels if label is not None))

    def _own_key(self, entity: str) -> str | None:
        """Return the column that names a candidate, or a job, in its own record."""
        if entity in self.task.sources:
            return self.task.sources[entity][1]
        return self.task.keys.candidate if entity == "candidate" else self.task.keys.job

    def _parts(self, body: Mapping[str, Any]) -> dict[str, Part]:
        """Take the body apart; refuse applications where there can be none, and their absence where they must be."""
        given = {"job": [body.get("job") or {}], "candidates": body["candidates"]}
        applications = body.get("applications")
        if applications is not None:
            if "candidate" not in self.task.sources:
                raise BodyError.of(
                    "applications",
                    "this model reads candidates and their applications as one table: put both into 'candidates'",
                )
            given["applications"] = applications
        elif "candidate" in self.task.sources:
            for path, reader in readers_of(self.task).items():
                if entity_of(path) == "application":
                    raise BodyError.of(
                        "applications",
                        f"{reader} reads {path!r}, which only an application tells: give one for each candidate",
                    )
        return {name: Part(name, rows) for name, rows in given.items()}

    def _plan(self, parts: Mapping[str, Part]) -> Plan:
        seen = tuple((name, part.columns()) for name, part in parts.items())
        plan = self._plans.get(seen)
        if plan is None:
            plan = plan_for(self.task, parts, {name: table_of(self.task, ENTITY[name]) for name in parts})
            if len(self._plans) >= MOST_PLANS:
                self._plans.clear()
            if sum(len(keys) for _, keys in seen) <= MOST_KEYS:
                self._plans[seen] = plan
        return plan

    def _job(self, parts: Mapping[str, Part]) -> str:
        """Return the job's label."""
        if (key := self._own_key("job")) is None:
            return ONE_LIST
        if (label := label_in(parts["job"].rows[0], key)) is None:
            raise BodyError.of(f"job.{key}", "is missing: it says for which job is ranked")
        return label

    def _pairs(self, parts: Mapping[str, Part], job: str, ledger: Ledger) -> list[Row]:
        """Return the rows of the applications; where none are given, a row for each candidate."""
        keys = self.task.keys
        if "applications" in parts:
            rows: Sequence[Row] = parts["applications"].rows
        elif "candidate" in self.task.sources:
            key = str(self._own_key("candidate"))
            labels = dict.fromkeys(label_in(row, key) for row in parts["candidates"].rows)
            rows = [{str(keys.candidate): label} for label in labels if label is not None]
        else:
            rows = parts["candidates"].rows
        of_job = {} if "job" in self.task.sources else dict(parts["job"].rows[0])
        of_job.pop(str(keys.job), None)
        named = {keys.job: job} if keys.job else {}
        pairs: list[Row] = []
        for number, row in enumerate(rows, 1):
            # Whoever names no job means the one that is asked about.
            is_here = keys.job is None or is_missing(row.get(keys.job))
            label = job if is_here else label_in(row, str(keys.job))
            other = (
                next((key for key, value in of_job.items() if row.get(key, value) != value), None)
                if of_job
                else None
            )
            if label == job and other is None:
                pairs.append({**of_job, **row, **named})
                continue
            said = (
                f"for another job, {label!r}"
                if label != job
                else f"says {other!r} otherwise than the job does"
            )
            who = label_in(row, str(keys.candidate)) if keys.candidate else None
            name = f"row {number}" if who is None else f"candidate {who} for job {label}"
            ledger.note("application", name, "set_aside", said)
        return pairs


def label_in(row: Row, key: str) -> str | None:
    """Return the label that a record has under a key; ``None`` where there is none that could be read."""
    try:
        return as_text(row.get(key))
    except Unreadable:
        return None


def _search(part: Part, column: str, steps: tuple[str, ...], path: str) -> None:
    """Refuse a protected field inside of a value."""
    for number, row in enumerate(part.rows):
        try:
            found = follow(row.get(column), steps)
        except Unreadable:
            continue
        if any(one is not None for one in (found if isinstance(found, list) else [found])):
            raise refused(part.place(number, column), path)


def _frame(rows: Sequence[Row], columns: Sequence[str]) -> pd.DataFrame:
    """Make a table whose rows are numbered from 1."""
    return rows_as_frame(rows, columns, pd.RangeIndex(1, len(rows) + 1))
