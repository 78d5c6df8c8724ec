"""A scorer taken apart along the sides of a pool: candidates' own sums, jobs' own sums, matches, the rest."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ranker.errors import UnknownFieldError, did_you_mean
from ranker.kernels.scoring import add_term
from ranker.scoring.additive import AdditiveScorer, Term
from ranker.scoring.columns import columns_of
from ranker.scoring.pool import Match, Pool

__all__ = ["Plan"]

Bins = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What top_of_pool needs of a scorer and a pool.

    Parameters
    ----------
    scorer : AdditiveScorer
    sides : tuple of {"candidate", "job", "match", ""}
        Of each axis; "" where no term reads it.
    matches : tuple of Match
        Each along its axis.
    match_axes : tuple of int
        Their axes in the scorer.
    order : (n_candidates,) int64 array
        Candidates by descending ``reach``.
    own : (n_candidates,) float64 array
        Sum of the terms that read the candidate alone, in that order.
    reach : (n_candidates,) float64 array
        ``own`` and the most that terms of both sides can add to it, matches apart; it falls.
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
    matches: tuple[Match, ...]
    match_axes: tuple[int, ...]
    order: NDArray[np.int64]
    own: NDArray[np.float64]
    reach: NDArray[np.float64]
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
            axes = [a for a, found in enumerate(sides) if found == side]
            columns = columns_of(frame[[scorer.axes[a].name for a in axes]], [scorer.axes[a] for a in axes])
            for a, column in zip(axes, columns, strict=True):
                for level in {scorer.axes[a].level(len(t.features)) for t in scorer.terms if a in t.features}:
                    bins[a, level] = scorer.axes[a].bin(column, level)
        match_axes = tuple(a for a, found in enumerate(sides) if found == "match")
        by_sides = [{sides[f] for f in term.features} for term in scorer.terms]
        own = np.zeros(len(pool.candidates))
        base = np.full(len(pool.jobs), scorer.intercept)
        reach = np.zeros(len(pool.candidates))
        simple: list[list[Term]] = [[] for _ in match_axes]
        mixed = []
        for term, found in zip(scorer.terms, by_sides, strict=True):
            of_match = [f for f in term.features if sides[f] == "match"]
            if found == {"candidate"}:
                add_term(own, term.scores, _bins_of(scorer, term, bins))
            elif found == {"job"} or not found:
                add_term(base, term.scores, _bins_of(scorer, term, bins))
            elif len(of_match) == 1 and "candidate" not in found:
                simple[match_axes.index(of_match[0])].append(term)
            else:
                mixed.append(term)
                if "candidate" in found:
                    reach += _most(scorer, term, sides, bins)
        reach += own
        order = np.argsort(-reach, kind="stable")
        for (a, level), where in bins.items():
            if sides[a] == "candidate":
                bins[a, level] = where[order]
        matches = tuple(pool.matches[scorer.axes[a].name].along(scorer.axes[a]) for a in match_axes)
        size = abs(scorer.intercept) + sum(float(np.abs(term.scores).max(initial=0)) for term in scorer.terms)
        rounding = 4.0 * (len(scorer.terms) + 2) * np.finfo(np.float64).eps * size
        return cls(
            scorer, sides, matches, match_axes, order, own[order], reach[order], base, bins,
            tuple(map(tuple, simple)), tuple(mixed), rounding,
        )  # fmt: skip

    @property
    def one_match(self) -> bool:
        """Whether one match is all that both sides share."""
        return len(self.matches) == 1 and not self.mixed

    def codes(self, jobs: NDArray[np.int64], start: int, size: int) -> list[NDArray[np.unsignedinteger]]:
        """Codes of some jobs and the candidates from ``start`` on, for each match."""
        return [match.codes(jobs, self.order[start : start + size]) for match in self.matches]

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
