"""Matches that count: how many of the items that a job wants a candidate has."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranker.errors import DataError
from ranker.features.matching import IdSets, SkillIndex
from ranker.kernels.matching import take_sets
from ranker.kernels.pair_matching import count_of_pairs
from ranker.scoring.additive import Axis
from ranker.scoring.pool import Codes, Match, Reader

__all__ = ["CountMatch"]


@dataclass(frozen=True, slots=True, eq=False)
class CountMatch(Match):
    """Share of the wanted items that a candidate has, or whether it has any.

    Parameters
    ----------
    had : IdSets
        Items of each candidate, n_candidates sets.
    wanted : IdSets
        Items that each job wants, n_jobs sets; none makes the feature missing for everybody.
    n_items : int
        Items are 0 .. ``n_items`` - 1.
    given : (n_candidates,) bool array, optional
        Whose items are known; the feature is missing for the others. Everybody's by default.
    any_of : bool, default=False
        1 where at least one is there, else 0, instead of the share.
    """

    had: IdSets
    wanted: IdSets
    n_items: int
    given: NDArray[np.bool_] | None = None
    any_of: bool = False

    def __post_init__(self) -> None:
        if self.given is not None and len(self.given) != self.had.n_sets:
            raise DataError(f"given tells of {len(self.given)} candidates, items of {self.had.n_sets}")
        for what, sets in (("candidate", self.had), ("job", self.wanted)):
            if sets.ids.size and not 0 <= sets.ids.min() <= sets.ids.max() < self.n_items:
                raise DataError(f"an item of a {what} lies outside 0 .. {self.n_items - 1}: state more items")

    def values(self, job: NDArray[np.int64], candidate: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the feature of some pairs, (n,)."""
        counts = count_of_pairs(
            self.had.indptr, self.had.ids, candidate, self.wanted.indptr, self.wanted.ids, job, self.n_items
        )
        out = self.worth(counts, np.diff(self.wanted.indptr)[job])
        if self.given is not None:
            out[~self.given[candidate]] = np.nan
        return out

    def worth(self, counts: NDArray[np.int64], n_wanted: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the feature for so many of so many wanted items, (n,)."""
        with np.errstate(invalid="ignore"):
            worth = counts / n_wanted
        return np.where(n_wanted > 0, counts > 0, np.nan) if self.any_of else worth

    def codes(self, axis: Axis, order: NDArray[np.int64]) -> Codes:
        """Return the counts; one more than any job wants stands for a candidate whose items are not known."""
        index = SkillIndex.of(*take_sets(self.had.indptr, self.had.ids, order), n_skills=self.n_items)
        unknown = None if self.given is None else np.flatnonzero(~self.given[order])
        return _Counted(self, index, int(np.diff(self.wanted.indptr).max(initial=0)), unknown)


@dataclass(frozen=True, slots=True, eq=False)
class _Counted(Codes):
    match: CountMatch
    index: SkillIndex
    most: int
    unknown: NDArray[np.int64] | None

    def levels(self, job: int) -> NDArray[np.float64]:
        """Return the feature for 0, 1, ... matched items, and for an unknown number of them."""
        n_wanted = int(self.match.wanted.indptr[job + 1] - self.match.wanted.indptr[job])
        counts = np.arange(n_wanted + 1)
        out = np.full(self.most + 2, np.nan)
        out[: n_wanted + 1] = self.match.worth(counts, np.full(len(counts), n_wanted))
        return out

    def block(self, jobs: NDArray[np.int64]) -> Reader:
        """Count for everybody at once: a quarter of a nanosecond a pair."""
        wanted = self.match.wanted
        sizes = np.diff(wanted.indptr)[jobs]
        ids = [wanted.ids[a:b] for a, b in zip(wanted.indptr[jobs], wanted.indptr[jobs + 1], strict=True)]
        shape = (len(jobs), self.index.n_people)
        codes = np.empty(shape, np.uint8 if self.most < np.iinfo(np.uint8).max else np.uint16)
        self.index.counts(np.concatenate([[0], np.cumsum(sizes)]), np.concatenate(ids), out=codes)
        if self.unknown is not None:
            codes[:, self.unknown] = self.most + 1
        # A copy, so that a line lies in one piece whatever is asked for: kernels then take many codes at a time.
        return lambda lines, stretch: np.ascontiguousarray(codes[lines, stretch])
