"""Lists drawn by lot such that groups' exposure is fair in expectation: Singh & Joachims' linear program."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import codes_in_rank_order, divide
from fairness.rerank._birkhoff import birkhoff, filled
from fairness.rerank._exposure_program import Program
from fairness.rerank._moves import reordered
from ranker.errors import ConstraintError, DataError, did_you_mean
from ranker.kernels.segments import discounts, segment_sums
from ranker.ranking.checks import refuse_length
from ranker.ranking.ranking import Ranking

__all__ = ["MAX_CELLS", "ExposurePolicy", "Lottery", "exposure_policy"]

MAX_CELLS: Final = 250_000  # of one job: 500 candidates in 500 places, which take five seconds

Constraint = Literal["demographic_parity", "disparate_treatment", "disparate_impact"]

# What each constraint makes equal or proportional, as a draw's reason says it.
CONSTRAINTS: Final = {
    "demographic_parity": "equal mean exposure",
    "disparate_treatment": "mean exposure in proportion to mean relevance",
    "disparate_impact": "mean exposure times relevance in proportion to mean relevance",
}


@dataclass(frozen=True, slots=True, eq=False)
class Lottery:
    """One job's lists and their chances.

    Parameters
    ----------
    weights : ndarray of shape (n_lists,)
        Chance of each list, in descending order; they sum to 1.
    orders : ndarray of shape (n_lists, size), int64
        Positions in the job's order before, from 0, in the order of the list.
    """

    weights: NDArray[np.float64]
    orders: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ExposurePolicy:
    """Chances of each candidate to have each rank, and a lottery over lists that gives them.

    Make one with `exposure_policy`. What is fair of it is fair in expectation: a single list that
    is drawn need not be, and a candidate who is drawn low was unlucky, not judged otherwise.

    Parameters
    ----------
    ranking : Ranking
        The order before, ``n`` entries.
    attribute : str
        What the groups are groups of.
    constraint : str
        Which of the constraints holds.
    bound : float
        How far groups may be from it.
    top_k : int or None
        Deepest rank that has exposure; all have by default.
    codes : ndarray of shape (n,)
        Group of each entry of ``ranking``, -1 where undisclosed.
    labels : tuple of str
        Names of the groups.
    relevance : ndarray of shape (n,)
        Gain of each entry of ``ranking``.
    matrices : tuple of ndarrays of shape (size, depth)
        For each job, the chance of each of its entries to have each rank ``1 .. depth``, where
        ``depth`` is its size, or ``top_k`` if that is less. Columns sum to 1; rows do too where
        depth is size, and to 1 at most otherwise.
    decomposition : tuple of Lottery
        For each job, lists whose chances add up to the matrix.
    """

    ranking: Ranking
    attribute: str
    constraint: str
    bound: float
    top_k: int | None
    codes: NDArray[np.int64]
    labels: tuple[str, ...]
    relevance: NDArray[np.float64]
    matrices: tuple[NDArray[np.float64], ...]
    decomposition: tuple[Lottery, ...]

    def expected_exposure(self) -> NDArray[np.float64]:
        """Return the expected exposure of each entry of the order before, (n,), in [0, 1]."""
        return np.concatenate(
            [matrix @ discounts(np.arange(1, matrix.shape[1] + 1)) for matrix in self.matrices]
        )

    def kept_dcg(self) -> NDArray[np.float64]:
        """Share of the highest DCG that the expected list has, (n_jobs,); NaN where nobody is relevant.

        Gains are the relevance as given and ranks beyond `top_k` count nothing; the highest DCG is
        that of the order of relevance. Undisclosed members and jobs that are left as they are
        stand where they stood, which costs too if that is not their order by relevance.
        """
        indptr = self.ranking.indptr
        expected = segment_sums(self.expected_exposure() * self.relevance, indptr)
        highest = np.empty(len(self.matrices))
        for job, matrix in enumerate(self.matrices):
            depth = matrix.shape[1]
            best = np.sort(self.relevance[indptr[job] : indptr[job + 1]])[::-1][:depth]
            highest[job] = best @ discounts(np.arange(1, depth + 1))
        return divide(expected, np.where(highest > 0, highest, 0.0))

    def sample(self, rng: np.random.Generator) -> Ranking:
        """Draw one list for each job.

        Parameters
        ----------
        rng : numpy Generator
            Source of the lots; the same state draws the same lists.

        Returns
        -------
        Ranking
            With a move for everyone raised, whose reason names the policy and the list's chance.
        """
        indptr = self.ranking.indptr
        drawn = [int(rng.choice(len(one.weights), p=one.weights)) for one in self.decomposition]
        order = np.concatenate(
            [
                start + lottery.orders[at]
                for start, lottery, at in zip(indptr[:-1], self.decomposition, drawn, strict=True)
            ]
        )
        job_of, ranks = self.ranking.job_of, self.ranking.ranks
        chance = [f"{lottery.weights[at]:.3f}" for lottery, at in zip(self.decomposition, drawn, strict=True)]
        within = f" within {self.bound:g}" if self.bound else ""
        fair = f"gives groups by {self.attribute} {CONSTRAINTS[self.constraint]}{within} in expectation"

        def reason(place: int, position: int) -> str:
            rank, code = ranks[place], self.codes[position]
            if code < 0:
                return (
                    f"rank {rank} stays with its holder, whose {self.attribute} is not disclosed: "
                    "the policy moves nobody whose group it does not know"
                )
            return (
                f"rank {rank} goes to one of {self.labels[code]!r} by lot: the list was drawn with chance "
                f"{chance[job_of[place]]} from a policy that {fair} ({self.constraint})"
            )

        rule = f"exposure_policy (reads {self.attribute} at decision time)"
        return reordered(self.ranking, order, rule, reason)


def exposure_policy(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike,
    *,
    constraint: Constraint,
    bound: float = 0.0,
    top_k: int | None = None,
) -> ExposurePolicy:
    """Find the lottery over lists with the highest expected DCG whose groups have fair exposure.

    Exposure of rank ``r`` is ``1 / log2(1 + r)``. Of each job the groups' means are compared:

    - ``"demographic_parity"``: expected exposure is equal;
    - ``"disparate_treatment"``: expected exposure is in proportion to relevance;
    - ``"disparate_impact"``: expected exposure times relevance, which stands for clicks, is in
      proportion to relevance.

    It reads groups at decision time: who a person is changes where that person stands. Placing
    people by a protected attribute at that moment is restricted in many places, also where it
    is meant to help; so may be deciding by lot. Ask someone who knows the law that applies
    before you use it. It runs only where it is called, and every move names it.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members keep their ranks,
        with their exposure, and belong to no group: the policy places the others around them.
    relevance : array_like of shape (n_rows,)
        Gain of each row that the ranking was made from, such as an expected relevance or a
        score; from 0 for the two constraints that compare with it.
    constraint : {"demographic_parity", "disparate_treatment", "disparate_impact"}
        What must hold in expectation, within each job. Jobs with fewer than two disclosed
        groups have nobody to compare and stay as they are.
    bound : float, default=0.0
        In [0, 1): each group may be off a number common to all by this fraction of it; at 0
        groups are exactly equal.
    top_k : int, optional
        Ranks beyond it have no exposure, and go to whoever is left, in the order of the ranking;
        all ranks have exposure by default. It also keeps large pools solvable.

    Returns
    -------
    ExposurePolicy
        Tables of chances, the lists that make them up, and `ExposurePolicy.sample`.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code or no relevance.
    ConstraintError
        If the constraint is unknown, `bound` is out of range, a group has no relevance to compare
        its exposure with, or no list or lottery over lists meets the constraint.
    DataError
        If relevance is no finite number, or negative where exposure is compared with it; `top_k`
        is no whole number from 1; or a job has more than `MAX_CELLS` pairs of a disclosed
        candidate and a place.

    Notes
    -----
    Time grows faster than the number of pairs: 100 candidates in all their places take a tenth of a
    second of the processor, 200 half a second, 500 five, 10,000 candidates for 20 places ten. Equal exposure
    in expectation says nothing of a single list, nor whether the relevance is itself fair.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD, sections 3 and 4.

    Examples
    --------
    >>> ranking = Ranking.from_scores([0.9, 0.8, 0.7, 0.6], job=["a"] * 4)
    >>> groups = Groups.from_values(["m", "m", "f", "f"], attribute="gender")
    >>> policy = exposure_policy(
    ...     ranking, groups, [0.9, 0.8, 0.7, 0.6], constraint="demographic_parity"
    ... )
    >>> exposure = policy.expected_exposure()
    >>> bool(abs(exposure[:2].mean() - exposure[2:].mean()) < 1e-9), policy.kept_dcg().round(3)
    (True, array([0.972]))
    """
    if constraint not in CONSTRAINTS:
        raise ConstraintError(
            f"no constraint is called {constraint!r}{did_you_mean(str(constraint), CONSTRAINTS)}"
        )
    if not 0 <= bound < 1:
        raise ConstraintError(
            f"bound={bound!r}: give a fraction from 0, groups exactly equal, to less than 1"
        )
    if top_k is not None:
        refuse_length(top_k)
    codes = codes_in_rank_order(ranking, groups)
    gains = _gains(ranking, relevance, constraint)
    matrices, lotteries = [], []
    for job, (start, stop) in enumerate(
        zip(ranking.indptr[:-1].tolist(), ranking.indptr[1:].tolist(), strict=True)
    ):
        depth = stop - start if top_k is None else min(int(top_k), stop - start)
        own, mine = codes[start:stop], gains[start:stop]
        if len(np.unique(own[own >= 0])) < 2 or not (own[:depth] >= 0).any():
            matrices.append(np.eye(stop - start, depth))
            lotteries.append(Lottery(np.ones(1), np.arange(stop - start)[None, :]))
            continue
        matrix, lottery = _of_job(str(ranking.jobs[job]), own, mine, depth, constraint, float(bound), groups)
        matrices.append(matrix)
        lotteries.append(lottery)
    return ExposurePolicy(
        ranking=ranking,
        attribute=groups.attribute,
        constraint=constraint,
        bound=float(bound),
        top_k=top_k,
        codes=codes,
        labels=groups.labels,
        relevance=gains,
        matrices=tuple(matrices),
        decomposition=tuple(lotteries),
    )


def _gains(ranking: Ranking, relevance: ArrayLike, constraint: str) -> NDArray[np.float64]:
    given = ranking.aligned(relevance, what="relevance")
    try:
        gains = given.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"relevance must be numbers, one per row: {error}") from error
    bad = ~np.isfinite(gains)
    if constraint != "demographic_parity":
        bad |= gains < 0
    strays = np.flatnonzero(bad)
    if strays.size:
        first = strays[0]
        raise DataError(
            f"candidate {ranking.candidates[first]!r} of job {ranking.jobs[ranking.job_of[first]]!r} has the "
            f"relevance {gains[first]}: give finite numbers, and for {constraint} numbers from 0, such as "
            "an expected relevance"
        )
    return gains


def _of_job(
    job: str,
    codes: NDArray[np.int64],
    gains: NDArray[np.float64],
    depth: int,
    constraint: str,
    bound: float,
    groups: Groups,
) -> tuple[NDArray[np.float64], Lottery]:
    known = np.flatnonzero(codes >= 0)
    places = known[known < depth]  # those of the disclosed: the undisclosed keep theirs
    m, d = len(known), len(places)
    if m * d > MAX_CELLS:
        advice = f"give top_k={MAX_CELLS // m} or less" if m <= MAX_CELLS else "rank fewer of them first"
        raise DataError(
            f"job {job!r}: {m:,} disclosed candidates for {d:,} places make {m * d:,} chances, and at most "
            f"{MAX_CELLS:,} are solved for: {advice}"
        )
    present, own = np.unique(codes[known], return_inverse=True)
    merit = gains[known]
    claims = np.ones(len(present))
    if constraint != "demographic_parity":
        claims = np.bincount(own, merit) / np.bincount(own)
        if not (claims > 0).all():
            label = groups.labels[present[int(np.argmin(claims))]]
            raise ConstraintError(
                f"job {job!r}: {constraint} compares exposure with relevance, and nobody of {label!r} has any: "
                "constrain demographic_parity, or leave the job out"
            )
    program = Program(
        relevance=merit,
        worth=discounts(places + 1),
        codes=own,
        yields=merit if constraint == "disparate_impact" else np.ones(m),
        claims=claims / claims.mean(),
        bound=bound,
    )
    block = program.solve()
    if block is None:
        raise ConstraintError(
            f"job {job!r}: no lottery over its {m} disclosed candidates meets {constraint} by "
            f"{groups.attribute!r} within bound={bound:g}: relevance differs more between groups than "
            "exposure between ranks can; give a larger bound, or constrain demographic_parity"
            if constraint != "demographic_parity"
            else f"job {job!r}: no lottery over its {m} disclosed candidates meets {constraint} by "
            f"{groups.attribute!r} within bound={bound:g}; give a larger bound"
        )
    rows, columns, chances = filled(block)
    weights, column_of = birkhoff(rows, columns, chances, m)
    size = len(codes)
    matrix = np.zeros((size, depth))
    hidden = np.flatnonzero(codes[:depth] < 0)
    matrix[hidden, hidden] = 1.0
    inside = columns < d
    matrix[known[rows[inside]], places[columns[inside]]] = chances[inside]
    orders = np.tile(np.arange(size), (len(weights), 1))
    for order, column in zip(orders, column_of, strict=True):
        # Those with a place by their place, then the others as they stood.
        order[known] = known[np.argsort(np.where(column < d, column, d), kind="stable")]
    return matrix, Lottery(weights, orders)
