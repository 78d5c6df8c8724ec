"""Every row's fate: what was changed, left missing or set aside, and why."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ACTIONS = ("changed", "missing", "set_aside", "noted")
SHOWN = 80  # characters of a raw value that a report repeats


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one row or value.

    Parameters
    ----------
    table : str
        ``candidate``, ``job`` or ``application``.
    row : str
        The row's key, or its number (1 is the first after the header) where it has none.
    action : str
        ``changed`` (a value was replaced), ``missing`` (a value could not be read and
        counts as not given), ``set_aside`` (the row takes no part), ``noted``.
    field : str
        Path of the field concerned, ``""`` for the row as a whole.
    reason : str
        Why.
    before : str
        The raw value, shortened.
    """

    table: str
    row: str
    action: str
    field: str
    reason: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class CleaningReport:
    """The fates of all rows of a data set.

    Parameters
    ----------
    read, kept : dict of str to int
        Rows read from each table, and rows that take part.
    fates : tuple of Fate
        One for each change, missing value and row set aside, in the order of reading.
    """

    read: Mapping[str, int]
    kept: Mapping[str, int]
    fates: tuple[Fate, ...]

    def counts(self) -> dict[tuple[str, str, str, str], int]:
        """Count fates by (action, table, field, reason), most frequent first."""
        counter = Counter((f.action, f.table, f.field, f.reason) for f in self.fates)
        return dict(sorted(counter.items(), key=lambda item: (ACTIONS.index(item[0][0]), -item[1], item[0])))

    def set_aside(self) -> tuple[Fate, ...]:
        """Return the rows that take no part, each with its reason."""
        return tuple(f for f in self.fates if f.action == "set_aside")

    def to_json(self) -> dict[str, Any]:
        """Return counts, then every fate, as JSON."""
        return {
            "read": dict(self.read),
            "kept": dict(self.kept),
            "counts": [
                {"action": a, "table": t, "field": f, "reason": r, "rows": n}
                for (a, t, f, r), n in self.counts().items()
            ],
            "fates": [
                {k: v for k, v in zip(Fate.__slots__, _values(f), strict=True) if v} for f in self.fates
            ],
        }

    def lines(self) -> list[str]:
        """Return the report in words, a line for each kind of fate."""
        return report_lines(self.to_json())


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """Say a report's JSON in words, a line for each kind of fate, most frequent first."""
    lines = [
        f"{table}: {n} rows read, {report['kept'].get(table, 0)} take part"
        for table, n in report["read"].items()
    ]
    for row in report["counts"]:
        where = row["field"] or row["table"]
        lines.append(f"{row['action'].replace('_', ' ')}: {row['rows']} x {where}: {row['reason']}")
    return lines


def _values(fate: Fate) -> tuple[str, ...]:
    return tuple(getattr(fate, name) for name in Fate.__slots__)


@dataclass(slots=True)
class Ledger:
    """Collects fates while data are read."""

    read: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    fates: list[Fate] = field(default_factory=list)

    def note(
        self, table: str, row: object, action: str, reason: str, *, path: str = "", before: object = ""
    ) -> None:
        """Write down one fate."""
        text = "" if before is None else str(before)
        shown = text if len(text) <= SHOWN else text[:SHOWN] + "…"
        self.fates.append(Fate(table, str(row), action, path, reason, shown))

    def report(self) -> CleaningReport:
        """Close the books."""
        return CleaningReport(dict(self.read), dict(self.kept), tuple(self.fates))
