"""A scorer taken apart along the sides of a pool: candidates' own sums, jobs' own sums, matches, the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ranker.errors import UnknownFieldError, did_you_mean
from ranker.kernels.pools import coarse_order
from ranker.kernels.scoring import add_term
from ranker.kernels.tables import bin_numbers
from ranker.scoring.additive import AdditiveScorer, Term
from ranker.scoring.columns import columns_of
from ranker.scoring.packed import packed
from ranker.scoring.pool import Codes, Pool, Reader

__all__ = ["Plan"]

Bins = NDArray[np.signedinteger]


STEPS = 1024  # of the range of sums that candidates are put in order by
OWN_SUMS = 1 << 24  # at most, of all groups of jobs: 128 MB


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Jobs that are the same to every candidate's own sum.

    Parameters
    ----------
    jobs : (n,) int64 array
        Positions in the pool.
    own : (n_candidates,) float64 array
        Sum of the terms that read the candidate, and at most the job besides, in the plan's order.
    reach : (n_candidates,) float64 array
        The most that anybody from here on has, with what terms of candidate and match can add; it falls.
    """

    jobs: Bins
    own: NDArray[np.float64]
    reach: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What top_of_pool needs of a scorer and a pool.

    Parameters
    ----------
    scorer : AdditiveScorer
    sides : tuple of {"candidate", "job", "match", ""}
        Of each axis; "" where no term reads it.
    matches : tuple of Codes
        Each along its axis.
    match_axes : tuple of int
        Their axes in the scorer.
    order : (n_candidates,) int64 array
        Candidates, those who can reach most first.
    groups : tuple of Group
        Jobs that are the same to every candidate's own sum.
    base : (n_jobs,) float64 array
        Intercept and the terms that read the job alone.
    bins : dict of (axis, level) to (n,) int64 array
        Of candidates, in that order, and of jobs.
    simple : tuple of tuple of Term
        For each match the terms that read it and, at most, the job.
    mixed : tuple of Term
        All other terms of both sides.
    rounding : float
        More than the sums by side can differ from the sum by term.
    """

    scorer: AdditiveScorer
    sides: tuple[str, ...]
    matches: tuple[Codes, ...]
    match_axes: tuple[int, ...]
    order: NDArray[np.int64]
    groups: tuple[Group, ...]
    base: NDArray[np.float64]
    bins: dict[tuple[int, int], Bins]
    simple: tuple[tuple[Term, ...], ...]
    mixed: tuple[Term, ...]
    rounding: float

    @classmethod
    def of(cls, scorer: AdditiveScorer, pool: Pool) -> Self:
        """Take a scorer apart.

        Raises
        ------
        UnknownFieldError
            If the pool lacks a feature that a term reads.
        """
        sides = _sides(scorer, pool)
        bins: dict[tuple[int, int], Bins] = {}
        for side, frame in (("candidate", pool.candidates), ("job", pool.jobs)):
            axes = [a for a, one in enumerate(sides) if one == side]
            columns = columns_of(frame[[scorer.axes[a].name for a in axes]], [scorer.axes[a] for a in axes])
            for a, column in zip(axes, columns, strict=True):
                levels = {scorer.axes[a].level(len(t.features)) for t in scorer.terms if a in t.features}
                bins |= {(a, level): where for level, where in _bins_of_column(scorer, a, column, levels)}
        match_axes = tuple(a for a, found in enumerate(sides) if found == "match")
        own, base = np.zeros(len(pool.candidates)), np.full(len(pool.jobs), scorer.intercept)
        simple: list[list[Term]] = [[] for _ in match_axes]
        crossed, mixed = [], []  # of candidate and job; of candidate and match, or of two matches
        for term in scorer.terms:
            found = {sides[f] for f in term.features}
            of_match = [f for f in term.features if sides[f] == "match"]
            if found == {"candidate"}:
                add_term(own, term.scores, _bins_of(scorer, term, bins))
            elif found == {"job"}:
                add_term(base, term.scores, _bins_of(scorer, term, bins))
            elif not of_match:
                crossed.append(term)
            elif len(of_match) == 1 and "candidate" not in found:
                simple[match_axes.index(of_match[0])].append(term)
            else:
                mixed.append(term)
        kinds, kind_of = _kinds_of_jobs(scorer, crossed, sides, bins, len(pool.jobs))
        if len(kinds) > 1 and len(kinds) * len(own) > OWN_SUMS:
            kinds, kind_of, crossed, mixed = kinds[:1], np.zeros_like(kind_of), [], [*mixed, *crossed]
        most = np.zeros(len(own))
        for term in mixed:
            if "candidate" in {sides[f] for f in term.features}:
                most += _most(scorer, term, sides, bins)
        owns = [own + _crossed_sum(scorer, crossed, sides, bins, job, len(own)) for job in kinds]
        order = coarse_order(np.max(owns, axis=0) + most, STEPS)
        groups = []
        for number, of_kind in enumerate(owns):
            # The order is coarse, and one for all groups: what counts is the most from here on.
            reach = np.maximum.accumulate((of_kind + most)[order][::-1])[::-1].copy()
            groups.append(Group(np.flatnonzero(kind_of == number), of_kind[order], reach))
        for (a, level), where in bins.items():
            if sides[a] == "candidate":
                bins[a, level] = where[order]
        matches = tuple(pool.matches[scorer.axes[a].name].codes(scorer.axes[a], order) for a in match_axes)
        size = abs(scorer.intercept) + sum(float(np.abs(term.scores).max(initial=0)) for term in scorer.terms)
        rounding = 4.0 * (len(scorer.terms) + 2) * np.finfo(np.float64).eps * size
        return cls(
            scorer, sides, matches, match_axes, order, tuple(groups), base, bins,
            tuple(map(tuple, simple)), tuple(mixed), rounding,
        )  # fmt: skip

    @property
    def one_match(self) -> bool:
        """Whether one match is all that both sides share."""
        return len(self.matches) == 1 and not self.mixed

    def readers(self, jobs: NDArray[np.int64]) -> list[Reader]:
        """Return what gives the codes of some jobs, for each match."""
        return [match.block(jobs) for match in self.matches]

    def of_jobs(
        self, jobs: NDArray[np.int64]
    ) -> tuple[list[NDArray[np.float64]], NDArray[np.float64], NDArray[np.float64]]:
        """Return what codes add in each of some jobs, the jobs' own sums, and the most that matches can add.

        Returns
        -------
        list of (n_jobs, n_codes) float64 arrays
            For each match.
        (n_jobs,) float64 array
            Own sums.
        (n_jobs,) float64 array
            Of what depends on no single candidate.
        """
        amounts, most = [], np.zeros(len(jobs))
        for at in range(len(self.matches)):
            tables = [self._amounts(at, int(job)) for job in jobs]
            out = np.zeros((len(jobs), max(map(len, tables))))
            for line, table in zip(out, tables, strict=True):
                line[: len(table)] = table
            amounts.append(out)
            most += [float(table.max()) for table in tables]
        for term in self.mixed:
            if "candidate" not in {self.sides[f] for f in term.features}:
                most += float(term.scores.max())
        return amounts, self.base[jobs], most

    def add_mixed(
        self,
        sums: NDArray[np.float64],
        jobs: NDArray[np.int64],
        start: int,
        codes: list[NDArray[np.unsignedinteger]],
    ) -> None:
        """Add the terms of both sides that no table of codes holds, in place: (n_jobs, n)."""
        size = sums.shape[1]
        for term in self.mixed:
            level = len(term.features)
            for line, job in enumerate(jobs):
                where: list[NDArray[np.int64] | int] = []
                for f in term.features:
                    key = (f, self.scorer.axes[f].level(level))
                    if self.sides[f] == "candidate":
                        where.append(self.bins[key][start : start + size])
                    elif self.sides[f] == "job":
                        where.append(int(self.bins[key][job]))
                    else:
                        at = self.match_axes.index(f)
                        said = self.scorer.axes[f].bin(self.matches[at].levels(int(job)), key[1])
                        where.append(said[codes[at][line]])
                sums[line] += term.scores[tuple(where)]

    def _amounts(self, at: int, job: int) -> NDArray[np.float64]:
        """Return what each code of a match adds in one job, by the terms that read it and the job alone."""
        axis = self.match_axes[at]
        levels = self.matches[at].levels(job)
        out = np.zeros(len(levels))
        for term in self.simple[at]:
            level = len(term.features)
            where = []
            for f in term.features:
                resolution = self.scorer.axes[f].level(level)
                said = self.scorer.axes[f].bin(levels, resolution) if f == axis else None
                where.append(np.full(len(levels), self.bins[f, resolution][job]) if said is None else said)
            out += term.scores[tuple(where)]
        return out


def _sides(scorer: AdditiveScorer, pool: Pool) -> tuple[str, ...]:
    """Say which side of the pool each axis that a term reads stands on."""
    read = {f for term in scorer.terms for f in term.features}
    where = {
        **dict.fromkeys(map(str, pool.candidates.columns), "candidate"),
        **dict.fromkeys(map(str, pool.jobs.columns), "job"),
        **dict.fromkeys(pool.matches, "match"),
    }
    for f in sorted(read):
        name = scorer.axes[f].name
        if name not in where:
            raise UnknownFieldError(f"the pool has no feature {name!r}{did_you_mean(name, where)}")
    return tuple(where[axis.name] if f in read else "" for f, axis in enumerate(scorer.axes))


def _bins_of_column(
    scorer: AdditiveScorer, a: int, column: NDArray[Any], levels: set[int]
) -> Iterator[tuple[int, Bins]]:
    """Yield each level and the bins of a column there; numbers are looked up once for all levels."""
    axis, binning = scorer.axes[a], packed(scorer).layout.binning(a)
    if binning.grids is None:
        yield from ((level, axis.bin(column, level)) for level in levels)
        return
    codes = np.empty(len(column), np.uint16 if binning.n_codes <= 2**16 else np.uint32)
    bin_numbers(np.ascontiguousarray(column, np.float64), *binning.grids[np.dtype(np.float64)], codes)
    yield from ((level, binning.bins(level).astype(np.int32)[codes]) for level in levels)


def _kinds_of_jobs(
    scorer: AdditiveScorer,
    crossed: list[Term],
    sides: tuple[str, ...],
    bins: dict[tuple[int, int], Bins],
    n_jobs: int,
) -> tuple[list[int], Bins]:
    """Tell which jobs are the same to the terms of candidate and job: one of each kind, and each job's kind."""
    keys = {
        (f, scorer.axes[f].level(len(term.features)))
        for term in crossed
        for f in term.features
        if sides[f] == "job"
    }
    if not keys:
        return [0], np.zeros(n_jobs, np.int64)
    _, first, kind_of = np.unique(
        np.column_stack([bins[key] for key in sorted(keys)]), axis=0, return_index=True, return_inverse=True
    )
    return first.tolist(), kind_of.reshape(-1)


def _crossed_sum(
    scorer: AdditiveScorer,
    crossed: list[Term],
    sides: tuple[str, ...],
    bins: dict[tuple[int, int], Bins],
    job: int,
    n_candidates: int,
) -> NDArray[np.float64]:
    """Add up the terms of candidate and job, for one job and everybody, (n_candidates,)."""
    out = np.zeros(n_candidates)
    for term in crossed:
        keys = [(f, scorer.axes[f].level(len(term.features))) for f in term.features]
        out += term.scores[tuple(bins[k] if sides[k[0]] == "candidate" else bins[k][job] for k in keys)]
    return out


def _bins_of(
    scorer: AdditiveScorer, term: Term, bins: dict[tuple[int, int], NDArray[np.int64]]
) -> tuple[NDArray[np.int64], ...]:
    return tuple(bins[f, scorer.axes[f].level(len(term.features))] for f in term.features)


def _most(
    scorer: AdditiveScorer, term: Term, sides: tuple[str, ...], bins: dict[tuple[int, int], NDArray[np.int64]]
) -> NDArray[np.float64]:
    """Return the most that a term of both sides can add to each candidate, (n_candidates,)."""
    table, of_candidate = term.scores, []
    for position, f in enumerate(term.features):
        key = (f, scorer.axes[f].level(len(term.features)))
        if sides[f] == "candidate":
            of_candidate.append(bins[key])
            continue
        if sides[f] == "job":
            table = table.take(np.unique(bins[key]), axis=position)
        table = table.max(axis=position, keepdims=True)
    kept = tuple(0 if sides[f] != "candidate" else slice(None) for f in term.features)
    return np.asarray(table[kept][tuple(of_candidate)])
