"""Expected exposure of an order, or of a lottery over orders, against what equal relevance asks for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fairness.groups import Groups
from fairness.metrics._browsing import Browsing, Policy, Reader, Stopping, expected_attention
from fairness.metrics._over_jobs import wanted_shares
from fairness.metrics._position_values import codes_in_rank_order, sums_by_group
from fairness.metrics._targets import Target
from fairness.metrics.compared_jobs import compared_jobs
from ranker.errors import DataError
from ranker.kernels.segments import segment_sums
from ranker.ranking.metrics._relevance import mean_over_jobs, relevance_in_rank_order
from ranker.ranking.ranking import Ranking

__all__ = [
    "expected_exposure",
    "expected_exposure_disparity",
    "expected_exposure_disparity_per_job",
    "expected_exposure_loss",
    "expected_exposure_loss_per_job",
    "expected_exposure_relevance",
    "expected_exposure_relevance_per_job",
    "target_exposure",
]


def expected_exposure_loss(
    ranking: Ranking,
    relevance: ArrayLike | None = None,
    *,
    groups: Groups | None = None,
    target: Target | None = None,
    policy: Policy | None = None,
    browsing: Browsing = "log",
    patience: float | None = None,
    stopping: Stopping | None = None,
    top_k: int | None = None,
) -> float:
    """Squared distance of expected exposure from its target, mean over jobs (EE-L).

    Equal expected exposure asks that equals in relevance have the same exposure, and that
    the more relevant stand first. No single order can give it where two are equal: the loss
    of one order is then above 0, that of a lottery over orders need not be.
    ``EE-L = EE-D - 2 EE-R +`` the sum of the squared target, job by job.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    relevance : array_like of shape (n_rows,), optional
        Relevance of each row, any finite number; equal numbers are equals. Needed unless
        `target` is given.
    groups : Groups, optional
        With groups, exposures are summed over the members of each group of a job before they
        are compared; undisclosed members belong to none. By default every candidate is
        compared with his or her own target.
    target : "pool" or mapping of str to float, optional
        With groups: the share of the disclosed members' exposure that each is to have, whatever
        their relevance, as the TREC Fair Ranking track of 2021 had it.
    policy : Ranking, sequence of Ranking, or array_like of shape (n_rows,), optional
        The lottery: orders drawn from it, or each row's expected exposure, which is taken as
        it is. The ranking then only says who stands in which job; its own order by default.
    browsing : {"log", "trec", "rbp", "gerr"}, default="log"
        Exposure of rank ``r``: ``1 / log2(1 + r)``; ``1 / log2(max(r, 2))``;
        ``patience ** (r - 1)``; or that times the chance that nobody further up made the
        reader stop.
    patience : float, optional
        For "rbp" and "gerr": chance that a reader goes on to the next rank.
    stopping : float or mapping of float to float, optional
        For "gerr": chance that a reader stops at a relevant candidate; one for all relevances
        above 0, or one for each relevance.
    top_k : int, optional
        Ranks beyond it have no exposure, in the target either.

    Returns
    -------
    float
        0 or more, in squared exposure: it grows with the pool, so only values of the same jobs
        can be compared. With groups, jobs where fewer than two of them (or of the target's
        shares above 0) are found are left out; NaN where that leaves none.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no relevance or no group code.
    DataError
        If relevance is missing or not finite, a policy is of other rows, or an option is
        unknown, out of its range or out of place.

    References
    ----------
    Diaz, Mitra, Ekstrand, Biega & Carterette (2020), Evaluating Stochastic Rankings with
    Expected Exposure, CIKM.
    Ekstrand, McDonald, Raj & Johnson (2022), Overview of the TREC 2021 Fair Ranking Track:
    the target as a distribution over groups.

    Examples
    --------
    >>> one = Ranking.from_scores([2.0, 1.0], job=["a", "a"])
    >>> other = Ranking.from_scores([1.0, 2.0], job=["a", "a"])
    >>> round(expected_exposure_loss(one, [1, 1], browsing="rbp", patience=0.5), 4)
    0.125
    >>> expected_exposure_loss(one, [1, 1], policy=[one, other], browsing="rbp", patience=0.5)
    0.0
    """
    return mean_over_jobs(
        expected_exposure_loss_per_job(
            ranking,
            relevance,
            groups=groups,
            target=target,
            policy=policy,
            browsing=browsing,
            patience=patience,
            stopping=stopping,
            top_k=top_k,
        )
    )


def expected_exposure_loss_per_job(
    ranking: Ranking,
    relevance: ArrayLike | None = None,
    *,
    groups: Groups | None = None,
    target: Target | None = None,
    policy: Policy | None = None,
    browsing: Browsing = "log",
    patience: float | None = None,
    stopping: Stopping | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """EE-L of each job.

    Parameters
    ----------
    ranking, relevance, groups, target, policy, browsing, patience, stopping, top_k
        As in `expected_exposure_loss`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        0 or more, in the order of ``ranking.jobs``; NaN for the jobs that are left out.

    Raises
    ------
    UnknownCandidateError, DataError
        As `expected_exposure_loss` does.
    """
    reader = Reader(browsing, patience, stopping, top_k)
    return _Exposures.of(ranking, relevance, groups, target, policy, reader).loss()


def expected_exposure_disparity(
    ranking: Ranking,
    relevance: ArrayLike | None = None,
    *,
    groups: Groups | None = None,
    target: Target | None = None,
    policy: Policy | None = None,
    browsing: Browsing = "log",
    patience: float | None = None,
    stopping: Stopping | None = None,
    top_k: int | None = None,
) -> float:
    """Sum of squared expected exposures, mean over jobs (EE-D).

    How unequally exposure is spread, whatever the relevance: most for a single order, least
    where everybody has the same.

    Parameters
    ----------
    ranking, groups, target, policy, browsing, patience, stopping, top_k
        As in `expected_exposure_loss`; the target only says which jobs count.
    relevance : array_like of shape (n_rows,), optional
        Only "gerr" reads it.

    Returns
    -------
    float
        0 or more, in squared exposure, to be compared on the same jobs alone.

    Raises
    ------
    UnknownCandidateError, DataError
        As `expected_exposure_loss` does.

    References
    ----------
    Diaz et al. (2020), Evaluating Stochastic Rankings with Expected Exposure, CIKM.

    Examples
    --------
    >>> ranking = Ranking.from_scores([2.0, 1.0], job=["a", "a"])
    >>> expected_exposure_disparity(ranking, browsing="rbp", patience=0.5)
    1.25
    """
    return mean_over_jobs(
        expected_exposure_disparity_per_job(
            ranking,
            relevance,
            groups=groups,
            target=target,
            policy=policy,
            browsing=browsing,
            patience=patience,
            stopping=stopping,
            top_k=top_k,
        )
    )


def expected_exposure_disparity_per_job(
    ranking: Ranking,
    relevance: ArrayLike | None = None,
    *,
    groups: Groups | None = None,
    target: Target | None = None,
    policy: Policy | None = None,
    browsing: Browsing = "log",
    patience: float | None = None,
    stopping: Stopping | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """EE-D of each job.

    Parameters
    ----------
    ranking, relevance, groups, target, policy, browsing, patience, stopping, top_k
        As in `expected_exposure_disparity`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        0 or more, in the order of ``ranking.jobs``; NaN for the jobs that are left out.

    Raises
    ------
    UnknownCandidateError, DataError
        As `expected_exposure_disparity` does.
    """
    reader = Reader(browsing, patience, stopping, top_k)
    found = _Exposures.of(ranking, relevance, groups, target, policy, reader, needs_target=False)
    return found.disparity()


def expected_exposure_relevance(
    ranking: Ranking,
    relevance: ArrayLike | None = None,
    *,
    groups: Groups | None = None,
    target: Target | None = None,
    policy: Policy | None = None,
    browsing: Browsing = "log",
    patience: float | None = None,
    stopping: Stopping | None = None,
    top_k: int | None = None,
) -> float:
    """Sum of expected exposures times their targets, mean over jobs (EE-R).

    How much of the exposure goes where the target wants it: the paper trades it off against
    EE-D. Without the factor 2 that some implementations put into it.

    Parameters
    ----------
    ranking, relevance, groups, target, policy, browsing, patience, stopping, top_k
        As in `expected_exposure_loss`.

    Returns
    -------
    float
        0 or more, in squared exposure, to be compared on the same jobs alone.

    Raises
    ------
    UnknownCandidateError, DataError
        As `expected_exposure_loss` does.

    References
    ----------
    Diaz et al. (2020), Evaluating Stochastic Rankings with Expected Exposure, CIKM.

    Examples
    --------
    >>> ranking = Ranking.from_scores([2.0, 1.0], job=["a", "a"])
    >>> expected_exposure_relevance(ranking, [1, 1], browsing="rbp", patience=0.5)
    1.125
    """
    return mean_over_jobs(
        expected_exposure_relevance_per_job(
            ranking,
            relevance,
            groups=groups,
            target=target,
            policy=policy,
            browsing=browsing,
            patience=patience,
            stopping=stopping,
            top_k=top_k,
        )
    )


def expected_exposure_relevance_per_job(
    ranking: Ranking,
    relevance: ArrayLike | None = None,
    *,
    groups: Groups | None = None,
    target: Target | None = None,
    policy: Policy | None = None,
    browsing: Browsing = "log",
    patience: float | None = None,
    stopping: Stopping | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """EE-R of each job.

    Parameters
    ----------
    ranking, relevance, groups, target, policy, browsing, patience, stopping, top_k
        As in `expected_exposure_loss`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        0 or more, in the order of ``ranking.jobs``; NaN for the jobs that are left out.

    Raises
    ------
    UnknownCandidateError, DataError
        As `expected_exposure_loss` does.
    """
    reader = Reader(browsing, patience, stopping, top_k)
    return _Exposures.of(ranking, relevance, groups, target, policy, reader).relevance()


def expected_exposure(
    ranking: Ranking,
    relevance: ArrayLike | None = None,
    *,
    policy: Policy | None = None,
    browsing: Browsing = "log",
    patience: float | None = None,
    stopping: Stopping | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """Exposure that each candidate gets on average over the orders of a policy.

    Parameters
    ----------
    ranking, policy, browsing, patience, stopping, top_k
        As in `expected_exposure_loss`.
    relevance : array_like of shape (n_rows,), optional
        Only "gerr" reads it.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1], dimensionless, in the order of the ranking.

    Raises
    ------
    UnknownCandidateError, DataError
        As `expected_exposure_loss` does.

    References
    ----------
    Diaz et al. (2020), Evaluating Stochastic Rankings with Expected Exposure, CIKM.

    Examples
    --------
    >>> one = Ranking.from_scores([2.0, 1.0], job=["a", "a"])
    >>> other = Ranking.from_scores([1.0, 2.0], job=["a", "a"])
    >>> expected_exposure(one, policy=[one, other], browsing="rbp", patience=0.5).tolist()
    [0.75, 0.75]
    """
    reader = Reader(browsing, patience, stopping, top_k)
    return expected_attention(ranking, policy, reader, relevance)


def target_exposure(
    ranking: Ranking,
    relevance: ArrayLike,
    *,
    browsing: Browsing = "log",
    patience: float | None = None,
    stopping: Stopping | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """Exposure that each candidate would get if the most relevant stood first and equals drew lots.

    Exact: equals share the places that fall to them, on average over all their orders.

    Parameters
    ----------
    ranking, relevance, browsing, patience, stopping, top_k
        As in `expected_exposure_loss`; of the ranking only the jobs are read.

    Returns
    -------
    ndarray of shape (n,)
        In [0, 1], dimensionless, in the order of the ranking.

    Raises
    ------
    UnknownCandidateError, DataError
        As `expected_exposure_loss` does.

    References
    ----------
    Diaz et al. (2020), Evaluating Stochastic Rankings with Expected Exposure, CIKM.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> target_exposure(ranking, [0, 1, 1], browsing="rbp", patience=0.5).tolist()
    [0.25, 0.75, 0.75]
    """
    reader = Reader(browsing, patience, stopping, top_k)
    return reader.target(ranking, relevance_in_rank_order(ranking, relevance))


@dataclass(frozen=True, slots=True, eq=False)
class _Exposures:
    """Exposures that are compared with targets, and how to sum them per job.

    Parameters
    ----------
    given, wanted : ndarray
        Both of shape (n,), in rank order, or (n_jobs, n_groups); dimensionless. ``wanted`` is
        NaN where it is not needed.
    indptr : ndarray of shape (n_jobs + 1,), or None
        Where jobs begin and end; None for groups.
    judged : ndarray of shape (n_jobs,)
        Which jobs count.
    """

    given: NDArray[np.float64]
    wanted: NDArray[np.float64]
    indptr: NDArray[np.int64] | None
    judged: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        ranking: Ranking,
        relevance: ArrayLike | None,
        groups: Groups | None,
        target: Target | None,
        policy: Policy | None,
        reader: Reader,
        *,
        needs_target: bool = True,
    ) -> "_Exposures":
        given = expected_attention(ranking, policy, reader, relevance)
        wanted = np.full(len(ranking), np.nan)
        if target is not None and groups is None:
            raise DataError("a target says what groups should have: give groups, or leave it out")
        if target is None and needs_target:
            if relevance is None:
                raise DataError("no relevance says who should be exposed: give it, or groups and a target")
            wanted = reader.target(ranking, relevance_in_rank_order(ranking, relevance))
        if groups is None:
            return cls(given, wanted, ranking.indptr, np.ones(ranking.n_jobs, dtype=bool))
        codes = codes_in_rank_order(ranking, groups)
        of_groups = sums_by_group(ranking, codes, len(groups.labels), given)
        if target is None:
            wanted_by_groups = sums_by_group(ranking, codes, len(groups.labels), wanted)
            return cls(of_groups, wanted_by_groups, None, compared_jobs(ranking, groups))
        shares, judged = wanted_shares(ranking, groups, target)
        return cls(of_groups, shares * of_groups.sum(axis=1, keepdims=True), None, judged)

    def loss(self) -> NDArray[np.float64]:
        """Sum of squared differences of each job, (n_jobs,)."""
        return self._summed((self.given - self.wanted) ** 2)

    def disparity(self) -> NDArray[np.float64]:
        """Sum of squared exposures of each job, (n_jobs,)."""
        return self._summed(self.given**2)

    def relevance(self) -> NDArray[np.float64]:
        """Sum of exposures times targets of each job, (n_jobs,)."""
        return self._summed(self.given * self.wanted)

    def _summed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = values.sum(axis=1) if self.indptr is None else segment_sums(values, self.indptr)
        return np.where(self.judged, sums, np.nan)
