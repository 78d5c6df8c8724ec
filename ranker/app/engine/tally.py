"""What a run has to say when it is done: counts that parts of it add up to."""

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.records.cleaning import UNPAIRED
from ranker.records.ledger import ACTIONS, Fate


@dataclass(frozen=True, slots=True)
class Report:
    """What ranking one part of the jobs has to say besides the ranking.

    Parameters
    ----------
    jobs, candidates, tied : int
        Jobs, pairs, and pairs that share their score.
    width : int or None
        Sum of the widths of all intervals, in ranks; ``None`` where there are none.
    missing : str or None
        Why there are none.
    tie_rule : str
        The rule between equal scores.
    fates : tuple of Fate
        What became of rows and values.
    named, ranked : dict of str to (m,) int64 array
        Of candidates and jobs: rows of their pools that applications name, and that are ranked.
    loose : (m,) uint64 array
        Digests of the candidates' labels where candidates have no pool, to count them by.
    """

    jobs: int
    candidates: int
    tied: int
    width: int | None
    missing: str | None
    tie_rule: str
    fates: tuple[Fate, ...]
    named: Mapping[str, NDArray[np.int64]]
    ranked: Mapping[str, NDArray[np.int64]]
    loose: NDArray[np.uint64]

    def to_bytes(self) -> bytes:
        """Write it down, to send it from one process to another."""
        said = {name: getattr(self, name) for name in self.__slots__}
        said["fates"] = [[getattr(fate, name) for name in Fate.__slots__] for fate in self.fates]
        for name in ("named", "ranked"):
            said[name] = {entity: rows.tolist() for entity, rows in said[name].items()}
        said["loose"] = self.loose.tolist()
        return zlib.compress(json.dumps(said).encode(), 1)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Report":
        """Read what `to_bytes` wrote."""
        said = json.loads(zlib.decompress(data))
        said["fates"] = tuple(Fate(*values) for values in said["fates"])
        for name in ("named", "ranked"):
            said[name] = {entity: np.array(rows, np.int64) for entity, rows in said[name].items()}
        return cls(**{**said, "loose": np.array(said["loose"], np.uint64)})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a whole run has written.

    Parameters
    ----------
    jobs, candidates, tied, width, missing, tie_rule
        As in `Report`.
    rows : int
        Rows of the ranking that were written.
    set_aside : int
        Rows that take no part.
    aside : Path or None
        The list of them.
    cleaning : dict
        ``read``, ``kept`` and ``counts``, as `CleaningReport.to_json` writes them.
    """

    jobs: int
    candidates: int
    tied: int
    width: int | None
    missing: str | None
    tie_rule: str
    rows: int
    set_aside: int
    aside: Path | None
    cleaning: Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """Adds reports up; memory grows with the pools and with the kinds of fates, not with the pairs.

    A candidate stands in many parts; what is to say of its values is said once.

    Parameters
    ----------
    sizes : dict of str to int
        Rows of the pools.
    """

    sizes: Mapping[str, int]
    read: dict[str, int] = field(default_factory=dict)
    counts: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    jobs: int = 0
    candidates: int = 0
    tied: int = 0
    width: int | None = 0
    missing: str | None = None
    tie_rule: str = ""
    _told: set[int] = field(default_factory=set)
    _named: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    _ranked: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    _loose: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))

    def __post_init__(self) -> None:
        for entity, size in self.sizes.items():
            self._named[entity], self._ranked[entity] = np.zeros(size, bool), np.zeros(size, bool)

    def note(self, fates: Iterable[Fate]) -> list[Fate]:
        """Count fates; return those of rows that are set aside, to be listed."""
        aside = []
        for fate in fates:
            if fate.table != "application" or not fate.row:
                mark = hash((fate.table, fate.row, fate.action, fate.field, fate.reason))
                if mark in self._told:
                    continue
                self._told.add(mark)
            self.counts[fate.action, fate.table, fate.field, fate.reason] += 1
            if fate.action == "set_aside":
                aside.append(fate)
        return aside

    def add(self, report: Report) -> list[Fate]:
        """Add one part's report; return the rows that it set aside."""
        self.jobs += report.jobs
        self.candidates += report.candidates
        self.tied += report.tied
        self.missing = self.missing or report.missing
        self.tie_rule = self.tie_rule or report.tie_rule
        if self.width is not None:
            self.width = None if report.width is None else self.width + report.width
        for found, rows in ((self._named, report.named), (self._ranked, report.ranked)):
            for entity in rows:
                found[entity][rows[entity]] = True
        if report.loose.size:
            self._loose = np.union1d(self._loose, report.loose)
        return self.note(report.fates)

    def unnamed(self, entity: str) -> NDArray[np.int64]:
        """Return the rows of a pool that no application has named so far."""
        return np.flatnonzero(~self._named[entity])

    def close(self) -> None:
        """Note who stands in a pool and takes no part."""
        for entity, (never, no_more) in UNPAIRED.items():
            if entity in self._named:
                named, ranked = self._named[entity], self._ranked[entity]
                for reason, rows in ((never, ~named), (no_more, named & ~ranked)):
                    if rows.any():
                        self.counts["noted", entity, "", reason] += int(rows.sum())

    def outcome(self, rows: int, aside: Path | None) -> Outcome:
        """Return what the whole run has to say."""
        n_aside = sum(n for (action, *_), n in self.counts.items() if action == "set_aside")
        return Outcome(
            self.jobs, self.candidates, self.tied, self.width, self.missing, self.tie_rule,
            rows, n_aside, aside, self.to_json(),
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return ``read``, ``kept`` and ``counts``, as `CleaningReport.to_json` does."""
        ordered = sorted(self.counts.items(), key=lambda one: (ACTIONS.index(one[0][0]), -one[1], one[0]))
        loose = int(self._loose.size)
        return {
            "read": dict(self.read),
            "kept": {
                "candidate": int(self._ranked["candidate"].sum()) if "candidate" in self._ranked else loose,
                "job": self.jobs,
                "application": self.candidates,
            },
            "counts": [
                {"action": a, "table": t, "field": f, "reason": r, "rows": n} for (a, t, f, r), n in ordered
            ],
        }
