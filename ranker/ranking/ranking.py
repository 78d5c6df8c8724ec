"""Rankings: who stands where for each job, by which score, and moved by which rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ranker.errors import (
    DataError,
    EmptyPoolError,
    UnknownCandidateError,
    UnknownJobError,
    did_you_mean,
)
from ranker.kernels.segments import ranks_in_segments, segment_of
from ranker.ranking.checks import as_scores, job_codes, refuse_length, refuse_nan, refuse_repeats
from ranker.ranking.labels import as_array, as_labels, label_of
from ranker.ranking.raises import raises_replayed
from ranker.ranking.ties import RECORD_TIE_RULE, TIE_RULE, order_by_score, tied_entries

__all__ = ["Move", "Ranking"]


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a re-ranker: a candidate goes from one rank to another, those between shift by one.

    Parameters
    ----------
    job, candidate : str
        Labels of the two.
    from_rank, to_rank : int
        Ranks from 1, as they stand when the move is made, after all moves before it.
    rule : str
        The re-ranking rule that asked for the move.
    reason : str
        Why it did, in a sentence for people.
    """

    job: str
    candidate: str
    from_rank: int
    to_rank: int
    rule: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ranking:
    """Candidates of one or more jobs in rank order; immutable.

    Make one with `from_scores`. Jobs are segments: job ``j`` holds the entries
    ``indptr[j]:indptr[j + 1]``, best first. The order of each job is its scores sorted,
    ties by `tie_rule`, then `moves` replayed; nothing else.

    Parameters
    ----------
    jobs : ndarray of shape (n_jobs,)
        Job labels (``str``), numeric ones first by value, then texts: an order that does
        not depend on that of the input.
    indptr : ndarray of shape (n_jobs + 1,), int64
        Where each job begins and ends.
    candidates : ndarray of shape (n,)
        Candidate labels (``str``) in rank order.
    scores : ndarray of shape (n,), float64
        Scores of the model in rank order, in the model's unit; untouched by moves.
    row : ndarray of shape (n,), int64
        Position of each entry in the arrays that the ranking was made from.
    moves : tuple of Move, default=()
        What re-rankers did, in the order in which they did it.
    tie_rule : str, optional
        The rule between equal scores, as a sentence.
    n_rows : int, optional
        Length of the arrays that the ranking was made from; one more than the largest
        `row` by default.
    """

    jobs: NDArray[np.object_]
    indptr: NDArray[np.int64]
    candidates: NDArray[np.object_]
    scores: NDArray[np.float64]
    row: NDArray[np.int64]
    moves: tuple[Move, ...] = ()
    tie_rule: str = TIE_RULE
    n_rows: int = -1

    def __post_init__(self) -> None:
        for name in ("jobs", "indptr", "candidates", "scores", "row"):
            array = getattr(self, name)
            if array.flags.writeable:
                # Copied, so that whoever holds the original can neither write through it nor finds it locked.
                array = array.copy()
                array.flags.writeable = False
                object.__setattr__(self, name, array)
        if self.n_rows < 0:
            object.__setattr__(self, "n_rows", int(self.row.max(initial=-1)) + 1)

    @classmethod
    def from_scores(cls, scores: ArrayLike, *, job: Any, candidate: Any = None, lot: Any = None) -> "Ranking":
        """Rank candidates by descending score within each job.

        Parameters
        ----------
        scores : array_like of shape (n,)
            One score per row, higher is better; infinities are allowed, NaN is not.
        job : array_like of shape (n,)
            Job of each row. Labels are ``str`` of what is given; whole numbers lose a
            trailing ``.0``, so ``12``, ``12.0`` and ``"12"`` are the same job.
        candidate : array_like of shape (n,), optional
            Candidate of each row. By default rows are called ``"0"``, ``"1"``, ...: the
            tie rule then knows nothing but the row, and the order of equal scores depends
            on the order of the input.
        lot : array_like of shape (n,), optional
            What each row's lot between equal scores is drawn from besides the job, such as
            the unprotected part of its record; the candidate's label by default.

        Returns
        -------
        Ranking
            The order depends on scores and labels alone: exactly equal scores are ordered by
            `ranker.ranking.ties.TIE_RULE`, or by `RECORD_TIE_RULE` where lots are given.

        Raises
        ------
        DataError
            If lengths differ, a score is NaN or no number, a label is missing, or a
            candidate occurs twice in a job.
        EmptyPoolError
            If there are no rows.

        Examples
        --------
        >>> ranking = Ranking.from_scores([0.2, 0.9, 0.4], job=["a", "a", "b"], candidate=["x", "y", "x"])
        >>> ranking.candidates.tolist()
        ['y', 'x', 'x']
        >>> ranking.rank_of("a", "x")
        2
        """
        values = as_scores(scores)
        n = values.size
        codes, jobs = job_codes(job)
        candidate_labels = as_labels(np.arange(n) if candidate is None else candidate, what="candidate")
        lots = None if lot is None else as_labels(lot, what="lot")
        for what, labels in (("job", codes), ("candidate", candidate_labels), ("lot", lots)):
            if labels is None:
                continue
            if labels.size != n:
                raise DataError(f"{n} scores but {labels.size} {what} labels: give one of each per row")
        if n == 0:
            raise EmptyPoolError(
                "no candidate to rank: 0 rows were given; check what was filtered out before"
            )
        refuse_nan(values, codes, jobs, candidate_labels)
        if candidate is not None:
            refuse_repeats(codes, jobs, candidate_labels)
        indptr = np.concatenate(([0], np.cumsum(np.bincount(codes, minlength=jobs.size)))).astype(np.int64)
        # Of 16 bits numpy sorts by counting: 1,000,000 rows in 8 ms instead of 60.
        by_job = np.argsort(codes.astype(np.min_scalar_type(jobs.size)), kind="stable")
        row = by_job[
            order_by_score(
                values[by_job], indptr, jobs, candidate_labels[by_job], None if lots is None else lots[by_job]
            )
        ]
        rule = TIE_RULE if lots is None else RECORD_TIE_RULE
        return cls(jobs, indptr, candidate_labels[row], values[row], row.astype(np.int64), (), rule, n)

    def __repr__(self) -> str:
        return f"Ranking({self.n_jobs} jobs, {len(self)} candidates, {len(self.moves)} moves)"

    def __len__(self) -> int:
        return self.row.size

    @property
    def n_jobs(self) -> int:
        """Number of jobs."""
        return self.jobs.size

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Candidates of each job, (n_jobs,)."""
        return np.diff(self.indptr)

    @property
    def job_of(self) -> NDArray[np.int64]:
        """Position in `jobs` of each entry's job, (n,)."""
        return segment_of(self.indptr)

    @property
    def ranks(self) -> NDArray[np.int64]:
        """Rank of each entry within its job, from 1, (n,): always a permutation of 1 .. size."""
        return ranks_in_segments(self.indptr)

    @property
    def tied(self) -> NDArray[np.bool_]:
        """Whether each entry shares its exact score with another of its job, (n,)."""
        return tied_entries(self.scores, self.indptr)

    def in_top(self, k: int) -> NDArray[np.bool_]:
        """Flag the entries at ranks 1 .. k of their job.

        Parameters
        ----------
        k : int
            Length of the top of the list, from 1.

        Returns
        -------
        ndarray of shape (n,)
            True for exactly ``min(k, size)`` entries of each job, whatever the ties.

        Raises
        ------
        DataError
            If `k` is not a whole number from 1.
        """
        refuse_length(k)
        return self.ranks <= k

    def aligned(self, values: ArrayLike, *, what: str = "values") -> NDArray[Any]:
        """Put values of the original rows in the order of this ranking.

        Parameters
        ----------
        values : array_like of shape (n_rows,)
            One value per row of the arrays that the ranking was made from.
        what : str, default="values"
            What the values are, for the error message.

        Returns
        -------
        ndarray of shape (n,)
            ``values[row]``.

        Raises
        ------
        UnknownCandidateError
            If there are too few values; names a candidate without one.
        DataError
            If there are too many.
        """
        array = as_array(values, what=what)
        if array.size < self.n_rows:
            without = np.flatnonzero(self.row >= array.size)
            whom = f": candidate {self.candidates[without[0]]!r} has none" if without.size else ""
            raise UnknownCandidateError(
                f"{what}: {array.size} given for the {self.n_rows} rows that were ranked{whom}; "
                "give one per row, in the order of the scores"
            )
        if array.size > self.n_rows:
            raise DataError(
                f"{what}: {array.size} given for the {self.n_rows} rows that were ranked; "
                "leave out the rows that were left out of the ranking"
            )
        return array[self.row]

    def of(self, job: object) -> "Ranking":
        """Take one job.

        Parameters
        ----------
        job : str or number
            Its label.

        Returns
        -------
        Ranking
            Of that job alone; `row` still points into the arrays of the whole.

        Raises
        ------
        UnknownJobError
            If the ranking holds no such job.
        """
        label, start, stop = self._segment(job)
        part = slice(start, stop)
        return Ranking(
            jobs=self.jobs[self.jobs == label],
            indptr=np.array([0, stop - start], dtype=np.int64),
            candidates=self.candidates[part],
            scores=self.scores[part],
            row=self.row[part],
            moves=tuple(move for move in self.moves if move.job == label),
            tie_rule=self.tie_rule,
            n_rows=self.n_rows,
        )

    def position_of(self, job: object, candidate: object) -> int:
        """Find a candidate of a job in the arrays of this ranking.

        Parameters
        ----------
        job, candidate : str or number
            Labels of the two.

        Returns
        -------
        int
            Position from 0, such that ``scores[position]`` is the candidate's score.

        Raises
        ------
        UnknownJobError
            If the ranking holds no such job.
        UnknownCandidateError
            If the job holds no such candidate.
        """
        job_label, start, stop = self._segment(job)
        label = label_of(candidate)
        found = np.flatnonzero(self.candidates[start:stop] == label)
        if not found.size:
            hint = did_you_mean(label, self.candidates[start:stop])
            raise UnknownCandidateError(f"job {job_label!r} ranks no candidate {label!r}{hint}")
        return start + int(found[0])

    def rank_of(self, job: object, candidate: object) -> int:
        """Rank of a candidate for a job.

        Parameters
        ----------
        job, candidate : str or number
            Labels of the two.

        Returns
        -------
        int
            From 1, the best.

        Raises
        ------
        UnknownJobError
            If the ranking holds no such job.
        UnknownCandidateError
            If the job holds no such candidate.
        """
        return self.position_of(job, candidate) - self._segment(job)[1] + 1

    def with_order(self, order: ArrayLike, moves: Iterable[Move]) -> "Ranking":
        """Re-rank: another order within jobs, with the moves that lead to it.

        Parameters
        ----------
        order : array_like of shape (n,), int
            Positions in this ranking, in the new rank order, job by job.
        moves : iterable of Move
            Steps from this order to the new one, one after the other.

        Returns
        -------
        Ranking
            A new one, with these moves after those already made.

        Raises
        ------
        DataError
            If `order` is not a permutation within each job, or the moves do not lead to it:
            a rank that no move explains could not be explained to anyone.

        Examples
        --------
        >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=[7, 7, 7], candidate=["x", "y", "z"])
        >>> up = Move("7", "z", from_rank=3, to_rank=1, rule="example", reason="z goes first")
        >>> ranking.with_order([2, 0, 1], [up]).candidates.tolist()
        ['z', 'x', 'y']
        """
        positions = as_array(order, what="order")
        if positions.size != len(self):
            raise DataError(f"order holds {positions.size} positions for {len(self)} ranked entries")
        if not np.array_equal(np.sort(positions), np.arange(len(self))):
            raise DataError(f"order is no permutation: it must hold each of 0 .. {len(self) - 1} once")
        positions = positions.astype(np.int64)
        strays = np.flatnonzero(self.job_of[positions] != self.job_of)
        if strays.size:
            entry = positions[strays[0]]
            raise DataError(
                f"order takes candidate {self.candidates[entry]!r} out of job "
                f"{self.jobs[self.job_of[entry]]!r}: re-rank within each job"
            )
        moves = tuple(moves)
        differs = np.flatnonzero(self._replayed(np.arange(len(self)), moves) != positions)
        if differs.size:
            place = differs[0]
            raise DataError(
                f"job {self.jobs[self.job_of[place]]!r}: the {len(moves)} moves do not lead to "
                f"{self.candidates[positions[place]]!r} at rank {self.ranks[place]}; "
                "record every change of order as a Move, in the order in which they are made"
            )
        return Ranking(
            jobs=self.jobs,
            indptr=self.indptr,
            candidates=self.candidates[positions],
            scores=self.scores[positions],
            row=self.row[positions],
            moves=self.moves + moves,
            tie_rule=self.tie_rule,
            n_rows=self.n_rows,
        )

    def replay(self) -> bool:
        """Check the law: the order is the scores sorted, ties by rule, then the moves replayed.

        Returns
        -------
        bool
            False if the scores and moves give another order, or a move does not fit.
        """
        start = order_by_score(self.scores, self.indptr, self.jobs, self.candidates)
        try:
            order = self._replayed(start, self.moves)
        except DataError:
            return False
        return bool(np.array_equal(order, np.arange(len(self))))

    def to_frame(self) -> pd.DataFrame:
        """Write the ranking as a table, jobs in order, best first.

        Returns
        -------
        DataFrame
            Columns ``job``, ``rank`` (from 1), ``candidate``, ``score``, ``tied``, and,
            only where there are moves, ``moved``: the reasons of a candidate's own moves,
            empty for those who were only shifted.
        """
        frame = pd.DataFrame(
            {
                "job": self.jobs[self.job_of],
                "rank": self.ranks,
                "candidate": self.candidates,
                "score": self.scores,
                "tied": self.tied,
            }
        )
        if self.moves:
            reasons: dict[tuple[str, str], list[str]] = {}
            for move in self.moves:
                reasons.setdefault((move.job, move.candidate), []).append(move.reason)
            whom = zip(frame["job"], frame["candidate"], strict=True)
            frame["moved"] = ["; ".join(reasons.get(one, ())) for one in whom]
        return frame

    def _segment(self, job: object) -> tuple[str, int, int]:
        label = label_of(job)
        found = np.flatnonzero(self.jobs == label)
        if not found.size:
            hint = did_you_mean(label, self.jobs)
            raise UnknownJobError(f"no job {label!r} among the {self.n_jobs} ranked{hint}")
        return label, int(self.indptr[found[0]]), int(self.indptr[found[0] + 1])

    def _replayed(self, start: NDArray[np.int64], moves: tuple[Move, ...]) -> NDArray[np.int64]:
        raised = raises_replayed(start, moves, self.jobs, self.indptr, self.candidates)
        if raised is not None:
            return raised
        order = start.copy()
        segments = {label: j for j, label in enumerate(self.jobs)}
        for move in moves:
            if move.job not in segments:
                raise DataError(f"a move names the unranked job {move.job!r}: {move}")
            begin, end = self.indptr[segments[move.job]], self.indptr[segments[move.job] + 1]
            if not (1 <= move.from_rank <= end - begin and 1 <= move.to_rank <= end - begin):
                raise DataError(f"a move leaves ranks 1 .. {end - begin} of job {move.job!r}: {move}")
            source, target = begin + move.from_rank - 1, begin + move.to_rank - 1
            entry = order[source]
            if self.candidates[entry] != move.candidate:
                raise DataError(
                    f"job {move.job!r}: rank {move.from_rank} is held by {self.candidates[entry]!r} when "
                    f"{move.candidate!r} is to move from it; ranks count after the moves before"
                )
            if target < source:
                order[target + 1 : source + 1] = order[target:source].copy()
            else:
                order[source:target] = order[source + 1 : target + 1].copy()
            order[target] = entry
        return order
