"""Pools: every candidate against every job, without a row for each pair.

A score is a sum, so what a candidate brings is added up once, and what a job brings once;
only what depends on both is paid for each pair. With candidates in descending order of the
most that they could reach, a job is done as soon as nobody further down can still get into its
first k. Those who may be among them are then scored as every other row is, so that the result is
that of scoring and sorting all pairs, to the last bit and ties included.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranker.errors import DataError
from ranker.scoring.additive import Axis

__all__ = ["Match", "MatchOf", "Pool"]


class Match(ABC):
    """A feature of both sides: what one candidate is to one job."""

    @abstractmethod
    def codes(self, jobs: NDArray[np.int64], candidates: NDArray[np.int64]) -> NDArray[np.unsignedinteger]:
        """Code of each pair.

        Parameters
        ----------
        jobs : (n_jobs,) int64 array
            Positions in the pool.
        candidates : (n,) int64 array
            Positions in the pool.

        Returns
        -------
        (n_jobs, n) array of uint8 or uint16
            Positions in the job's ``levels``.
        """

    @abstractmethod
    def levels(self, job: int) -> NDArray[Any]:
        """Return what each code stands for in one job, in the feature's unit: (n_codes,), no two jobs alike."""

    def values(self, job: int, candidates: NDArray[np.int64]) -> NDArray[Any]:
        """Return the feature of some pairs of one job, (n,)."""
        return self.levels(job)[self.codes(np.array([job]), candidates)[0]]

    def along(self, axis: Axis) -> "Match":
        """Return what gives the codes of this match along an axis of a scorer."""
        return self


@dataclass(frozen=True, slots=True, eq=False)
class MatchOf(Match):
    """A match that a function computes, pair by pair.

    Parameters
    ----------
    compute : callable
        ``compute(job, candidates)`` gives the feature of one job and (n,) candidates, (n,): numbers,
        NaN where missing, or texts.
    axis : Axis, optional
        Where codes are the bins of its cuts, those of all its resolutions.
    """

    compute: Callable[[int, NDArray[np.int64]], NDArray[Any]]
    axis: Axis | None = None

    def along(self, axis: Axis) -> "MatchOf":
        """Return the same with codes."""
        return MatchOf(self.compute, axis)

    def values(self, job: int, candidates: NDArray[np.int64]) -> NDArray[Any]:
        """Return the feature of some pairs of one job, (n,)."""
        return self.compute(job, candidates)

    def codes(self, jobs: NDArray[np.int64], candidates: NDArray[np.int64]) -> NDArray[np.uint16]:
        """Return where the values fall, (n_jobs, n)."""
        finest = _finest(self._cut())
        out = np.empty((len(jobs), len(candidates)), np.uint16)
        for line, job in zip(out, jobs, strict=True):
            line[:] = finest.bin(self.compute(int(job), candidates), 0)
        return out

    def levels(self, job: int) -> NDArray[Any]:
        """Return one value out of each bin; of numbers the least."""
        finest = _finest(self._cut())
        bins = finest.levels[0]
        if isinstance(bins, dict):
            out = np.full(finest.n_bins(0), _UNSEEN, dtype=object)
            out[0] = None
            for text, code in bins.items():
                out[code] = text
            return out
        return np.concatenate([[np.nan, -np.inf], bins, [np.inf]])

    def _cut(self) -> Axis:
        if self.axis is None:
            raise DataError("a computed match has no codes of its own: ask for it along an axis")
        return self.axis


_UNSEEN = "\x00unseen"  # no category is spelled so


def _finest(axis: Axis) -> Axis:
    """Return an axis of one resolution, whose bins are parts of the bins of all of its resolutions."""
    if axis.kind == "continuous":
        cuts = [np.asarray(level, np.float64) for level in axis.levels]
        return Axis(axis.name, axis.kind, (np.unique(np.concatenate(cuts)),))
    texts = dict.fromkeys(text for level in axis.levels for text in level)
    return Axis(axis.name, axis.kind, ({text: code for code, text in enumerate(texts, start=1)},))


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Every candidate against every job.

    Parameters
    ----------
    candidates : DataFrame of n_candidates rows
        Features that know the candidate alone.
    jobs : DataFrame of n_jobs rows
        Features that know the job alone; it may have no column.
    matches : dict of str to Match
        Features of both.
    """

    candidates: pd.DataFrame
    jobs: pd.DataFrame
    matches: Mapping[str, Match]

    def __post_init__(self) -> None:
        names = [*self.candidates.columns, *self.jobs.columns, *self.matches]
        for name in names:
            if names.count(name) > 1:
                raise DataError(f"feature {name!r} stands twice in the pool: leave it on one side")

    def __len__(self) -> int:
        return len(self.candidates) * len(self.jobs)

    def rows(self, job: NDArray[np.int64], candidate: NDArray[np.int64]) -> pd.DataFrame:
        """Return the features of some pairs, one row each.

        Parameters
        ----------
        job, candidate : (n,) int64 arrays
            Positions; pairs of one job stand together.
        """
        columns = {name: self.candidates[name].array.take(candidate) for name in self.candidates.columns}
        columns |= {name: self.jobs[name].array.take(job) for name in self.jobs.columns}
        starts = np.flatnonzero(np.r_[True, job[1:] != job[:-1]]) if len(job) else np.zeros(0, np.int64)
        for name, match in self.matches.items():
            parts = [
                match.values(int(job[a]), candidate[a:b])
                for a, b in zip(starts, [*starts[1:], len(job)], strict=True)
            ]
            columns[name] = np.concatenate(parts) if parts else np.zeros(0)
        return pd.DataFrame(columns, copy=False)
