"""Skills of many people, prepared once, asked about job by job."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranker.errors import DataError
from ranker.kernels.matching import MOST_PLANES, count_matches, fill_planes, fill_postings, sum_matches

__all__ = ["IdSets", "SkillIndex"]

# A plane costs every person .01 to .02 ns, a posting list each of its own people about 1 ns. From 1/16 to
# 1/128 it makes little difference for 12 skills a person of 5,000 by Zipf's law (benchmarks/speed/matching.py).
PLANED_FROM = 1 / 32  # share of the people who have a skill
BLOCK = 1 << 26  # counts in a block: 64 MiB of bytes


@dataclass(frozen=True, slots=True, eq=False)
class IdSets:
    """Sets of ids, one after another; set ``i`` is ``ids[indptr[i]:indptr[i + 1]]``.

    Parameters
    ----------
    indptr : (n_sets + 1,) int64 array
    ids : (n_ids,) int32 array
        No id twice in a set; the order within a set is kept where it matters.
    """

    indptr: NDArray[np.int64]
    ids: NDArray[np.int32]

    @property
    def n_sets(self) -> int:
        """Number of sets, empty ones included."""
        return self.indptr.size - 1

    @classmethod
    def checked(cls, indptr: ArrayLike, ids: ArrayLike, *, what: str) -> Self:
        """Take arrays of any whole-number dtype and layout; see :meth:`SkillIndex.of` for what is refused."""
        starts, values = np.asarray(indptr), np.asarray(ids)
        for name, array in (("indptr", starts), ("ids", values)):
            if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
                raise DataError(f"{what}: {name} must be one-dimensional and of whole numbers")
        if not starts.size or starts[0] != 0 or starts[-1] != values.size or np.any(starts[1:] < starts[:-1]):
            raise DataError(
                f"{what}: indptr must rise from 0 to the number of ids, {values.size}: one entry more than sets"
            )
        for extreme in (values.min(initial=0), values.max(initial=0)):
            if not -(2**31) <= int(extreme) < 2**31:
                raise DataError(f"{what}: id {extreme} does not fit 32 bits: number the skills from 0")
        return cls(np.ascontiguousarray(starts, np.int64), np.ascontiguousarray(values, np.int32))

    def owner(self) -> NDArray[np.int64]:
        """Set of each id, (n_ids,)."""
        return np.repeat(np.arange(self.n_sets), np.diff(self.indptr))


@dataclass(frozen=True, slots=True, eq=False)
class SkillIndex:
    """Who has which skill, inverted; make one with :meth:`of`.

    Parameters
    ----------
    n_people : int
        People, with skills or without.
    starts, people : (n_skills + 1,) int64, (n_ids,) int32
        ``people[starts[s]:starts[s + 1]]`` have skill ``s``.
    slots : (n_skills,) int32
        Plane of a common skill, -1 of the others.
    planes : (n_planes, n_words) uint64
        A bit per person.
    """

    n_people: int
    starts: NDArray[np.int64]
    people: NDArray[np.int32]
    slots: NDArray[np.int32]
    planes: NDArray[np.uint64]

    @classmethod
    def of(cls, indptr: ArrayLike, ids: ArrayLike, *, n_skills: int) -> Self:
        """Invert the skills of some people; 1M people of 12 skills take .1 s and 60 MB.

        Parameters
        ----------
        indptr : array_like of shape (n_people + 1,), whole numbers
            Person ``p`` has the skills ``ids[indptr[p]:indptr[p + 1]]``; none is allowed.
        ids : array_like of shape (n_ids,), whole numbers
            In 0 .. ``n_skills`` - 1, each skill once a person.
        n_skills : int
            Size of the vocabulary.

        Raises
        ------
        DataError
            If an array has another form, an id lies outside the vocabulary, or a person
            has a skill twice.
        """
        sets = IdSets.checked(indptr, ids, what="skills of people")
        if sets.ids.size and not 0 <= sets.ids.min() <= sets.ids.max() < n_skills:
            stray = np.flatnonzero((sets.ids < 0) | (sets.ids >= n_skills))[0]
            raise DataError(
                f"person {sets.owner()[stray]} has the skill id {sets.ids[stray]}, outside 0 .. {n_skills - 1}: "
                "number the skills from 0, or state a larger n_skills"
            )
        n_people = sets.n_sets
        starts, people = np.empty(n_skills + 1, np.int64), np.empty(sets.ids.size, np.int32)
        twice = fill_postings(sets.indptr, sets.ids, starts, people)
        if twice >= 0:
            raise DataError(f"person {twice} has a skill id twice: give each one once")
        sizes = np.diff(starts)
        common = np.argsort(-sizes, kind="stable")[:MOST_PLANES]
        common = common[sizes[common] > n_people * PLANED_FROM]
        slots = np.full(n_skills, -1, np.int32)
        slots[common] = np.arange(common.size)
        planes = np.zeros((common.size, -(-n_people // 64)), np.uint64)
        fill_planes(starts, people, common, planes)
        return cls(n_people, starts, people, slots, planes)

    @property
    def n_skills(self) -> int:
        """Size of the vocabulary."""
        return self.slots.size

    def counts(
        self, indptr: ArrayLike, ids: ArrayLike, *, out: NDArray[Any] | None = None, n_threads: int = 1
    ) -> NDArray[Any]:
        """Count the wanted skills that each person has, for each job.

        Parameters
        ----------
        indptr, ids : array_like of shape (n_jobs + 1,), (n_wanted,), whole numbers
            Skills that each job wants, each once a job; nobody has an id outside the vocabulary.
        out : ndarray of shape (n_jobs, n_people), optional
            Filled and returned: uint8, or uint16 where a job wants more than 255; C-contiguous.
        n_threads : int, default=1
            Threads that share the jobs; the result is the same for any number.

        Returns
        -------
        ndarray of shape (n_jobs, n_people), uint8 or uint16
            uint16 where a job wants more than 255. :meth:`count_blocks` bounds the memory.

        Raises
        ------
        DataError
            If an array has another form, or a job wants a skill twice.
        """
        wants = _wanted(indptr, ids)
        shape, dtype = (wants.n_sets, self.n_people), _count_dtype(wants)
        if out is None:
            out = np.empty(shape, dtype)
        elif out.shape != shape or out.dtype not in (dtype, np.uint16) or not out.flags.c_contiguous:
            raise DataError(
                f"out has shape {out.shape} and dtype {out.dtype}: give a C-contiguous array of {shape}, {dtype}"
            )
        self._fill_counts(wants, out, n_threads)
        return out

    def count_blocks(
        self, indptr: ArrayLike, ids: ArrayLike, *, size: int = BLOCK, n_threads: int = 1
    ) -> Iterator[tuple[slice, NDArray[Any]]]:
        """Yield :meth:`counts` a block of jobs at a time.

        Parameters
        ----------
        indptr, ids, n_threads
            As for :meth:`counts`.
        size : int
            Counts that a block may hold; at least one job's.

        Yields
        ------
        slice
            Jobs of the block.
        ndarray of shape (jobs of the block, n_people)
            Overwritten by the next block: copy what is to be kept.
        """
        wants = _wanted(indptr, ids)
        step = max(1, size // max(1, self.n_people))
        block = np.empty((min(step, wants.n_sets), self.n_people), _count_dtype(wants))
        for first in range(0, wants.n_sets, step):
            jobs = slice(first, min(first + step, wants.n_sets))
            out = block[: jobs.stop - first]
            self._fill_counts(_part(wants, jobs), out, n_threads)
            yield jobs, out

    def coverage(
        self, indptr: ArrayLike, ids: ArrayLike, weights: ArrayLike | None = None, *, n_threads: int = 1
    ) -> NDArray[np.float64]:
        """Share of what each job wants that each person has.

        Parameters
        ----------
        indptr, ids, n_threads
            As for :meth:`counts`.
        weights : array_like of shape (n_wanted,), optional
            Weight of each wanted skill, non-negative and finite; all 1 by default.

        Returns
        -------
        ndarray of shape (n_jobs, n_people)
            In [0, 1], dimensionless; NaN where a job wants nothing, or nothing that weighs.
            Weights are added from left to right in the job's order of skills, matched ones
            and all alike, so that who has everything has exactly 1. A sum of m weights is off by
            at most (m - 1) * 2**-53 of itself, and exact for whole weights below 2**53 in all.

        Raises
        ------
        DataError
            As :meth:`counts`, or if a weight is negative, not finite, or too many.
        """
        wants = _wanted(indptr, ids)
        sizes = np.diff(wants.indptr)
        out = np.empty((wants.n_sets, self.n_people))
        if weights is None:
            with np.errstate(invalid="ignore"):
                return np.divide(
                    self.counts(wants.indptr, wants.ids, n_threads=n_threads), sizes[:, None], out=out
                )
        amounts = np.ascontiguousarray(weights, np.float64)
        if amounts.shape != wants.ids.shape or not np.all((amounts >= 0) & np.isfinite(amounts)):
            raise DataError(f"weights must be {wants.ids.size} finite numbers from 0, one per wanted skill")

        def fill(jobs: slice) -> None:
            first, last = wants.indptr[jobs.start], wants.indptr[jobs.stop]
            part = _part(wants, jobs)
            sum_matches(part.indptr, part.ids, amounts[first:last], self.starts, self.people, out[jobs])

        _share(fill, wants.n_sets, n_threads)
        whole = np.array(
            [_sum_in_order(amounts[a:b]) for a, b in zip(wants.indptr[:-1], wants.indptr[1:], strict=True)]
        )
        with np.errstate(invalid="ignore"):
            return np.divide(out, whole[:, None], out=out)

    def _fill_counts(self, wants: IdSets, out: NDArray[Any], n_threads: int) -> None:
        def fill(jobs: slice) -> None:
            part = _part(wants, jobs)
            count_matches(part.indptr, part.ids, self.starts, self.people, self.slots, self.planes, out[jobs])

        _share(fill, wants.n_sets, n_threads)


def _wanted(indptr: ArrayLike, ids: ArrayLike) -> IdSets:
    wants = IdSets.checked(indptr, ids, what="skills of jobs")
    begins = np.zeros(wants.ids.size + 1, bool)
    begins[wants.indptr] = True
    if np.all((wants.ids[1:] > wants.ids[:-1]) | begins[1:-1]):
        return (
            wants  # each job names its skills in increasing order, which spares a sort: 1 ms for 1,000 jobs
        )
    job = wants.owner()
    order = np.lexsort((wants.ids, job))
    again = np.flatnonzero((np.diff(wants.ids[order]) == 0) & (np.diff(job[order]) == 0))
    if again.size:
        place = order[again[0]]
        raise DataError(f"job {job[place]} wants the skill id {wants.ids[place]} twice: name it once")
    return wants


def _count_dtype(wants: IdSets) -> np.dtype[Any]:
    most = int(np.diff(wants.indptr).max(initial=0))
    if most > np.iinfo(np.uint16).max:
        raise DataError(f"a job wants {most} skills: more than {np.iinfo(np.uint16).max} are not counted")
    return np.dtype(np.uint8 if most <= np.iinfo(np.uint8).max else np.uint16)


def _part(wants: IdSets, jobs: slice) -> IdSets:
    indptr = wants.indptr[jobs.start : jobs.stop + 1]
    return IdSets(indptr - indptr[0], wants.ids[indptr[0] : indptr[-1]])


def _sum_in_order(weights: NDArray[np.float64]) -> float:
    # The last of the running sums: sum() of numpy adds in pairs, that of Python 3.12 mends its roundings.
    return float(np.cumsum(weights)[-1]) if weights.size else 0.0


def _share(fill: Any, n_jobs: int, n_threads: int) -> None:
    """Run ``fill`` on slices of the jobs, each in a thread."""
    n_slices = min(n_threads, n_jobs)
    if n_slices <= 1:
        fill(slice(0, n_jobs))
        return
    slices = [slice(n_jobs * k // n_slices, n_jobs * (k + 1) // n_slices) for k in range(n_slices)]
    with ThreadPoolExecutor(len(slices)) as pool:
        list(pool.map(fill, slices))
