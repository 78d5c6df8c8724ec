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

__all__ = ["Codes", "Match", "MatchOf", "Pool", "Reader"]


class Codes(ABC):
    """A match as a scorer's plan reads it: a small whole number for each pair."""

    @abstractmethod
    def levels(self, job: int) -> NDArray[Any]:
        """Return what each code stands for in one job, in the feature's unit, (n_codes,)."""

    @abstractmethod
    def block(self, jobs: NDArray[np.int64]) -> "Reader":
        """Return what gives the codes of some jobs and any stretch of the candidates."""


# Lines of the block and a stretch of the candidates -> (n_lines, n) array of uint8 or uint16.
Reader = Callable[[NDArray[np.int64] | slice, slice], NDArray[Any]]


class Match(ABC):
    """A feature of both sides: what one candidate is to one job."""

    @abstractmethod
    def values(self, job: NDArray[np.int64], candidate: NDArray[np.int64]) -> NDArray[Any]:
        """Return the feature of some pairs, (n,), in its unit.

        Parameters
        ----------
        job, candidate : (n,) int64 arrays
            Positions in the pool; pairs of one job stand together.
        """

    @abstractmethod
    def codes(self, axis: Axis, order: NDArray[np.int64]) -> Codes:
        """Return the match as codes.

        Parameters
        ----------
        axis : Axis
            Where a scorer reads it: values that no cut of any of its resolutions parts may share a code.
        order : (n_candidates,) int64 array
            Positions of the candidates, in the order in which stretches of them are asked for.
        """


@dataclass(frozen=True, slots=True, eq=False)
class MatchOf(Match):
    """A match that a function computes, job by job.

    Parameters
    ----------
    compute : callable
        ``compute(job, candidates)`` gives the feature of one job and (n,) candidates, (n,): numbers,
        NaN where missing, or texts.
    """

    compute: Callable[[int, NDArray[np.int64]], NDArray[Any]]

    def values(self, job: NDArray[np.int64], candidate: NDArray[np.int64]) -> NDArray[Any]:
        """Return the feature of some pairs, (n,)."""
        starts = np.flatnonzero(np.diff(job, prepend=-1))
        ends = [*starts[1:].tolist(), len(job)]
        parts = [self.compute(int(job[a]), candidate[a:b]) for a, b in zip(starts, ends, strict=True)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def codes(self, axis: Axis, order: NDArray[np.int64]) -> Codes:
        """Return the bins of the axis, all its resolutions laid over each other."""
        return _Binned(self.compute, _finest(axis), order)


@dataclass(frozen=True, slots=True, eq=False)
class _Binned(Codes):
    compute: Callable[[int, NDArray[np.int64]], NDArray[Any]]
    axis: Axis
    order: NDArray[np.int64]

    def levels(self, job: int) -> NDArray[Any]:
        """Return one value out of each bin; of numbers the least."""
        bins = self.axis.levels[0]
        if isinstance(bins, dict):
            out = np.full(self.axis.n_bins(0), _UNSEEN, dtype=object)
            out[0] = None
            for text, code in bins.items():
                out[code] = text
            return out
        return np.concatenate([[np.nan, -np.inf], bins, [np.inf]])

    def block(self, jobs: NDArray[np.int64]) -> Reader:
        """Compute what is asked for, and nothing before."""

        def read(lines: NDArray[np.int64] | slice, stretch: slice) -> NDArray[Any]:
            candidates = self.order[stretch]
            out = np.empty((len(jobs[lines]), len(candidates)), np.uint16)
            for line, job in zip(out, jobs[lines], strict=True):
                line[:] = self.axis.bin(self.compute(int(job), candidates), 0)
            return out

        return read


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
        columns |= {name: match.values(job, candidate) for name, match in self.matches.items()}
        return pd.DataFrame(columns, copy=False)
