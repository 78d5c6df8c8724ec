"""Attention of individuals against their relevance; no groups are needed."""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fairness.metrics._browsing import (
    BrowsingByRank,
    Policy,
    expected_attention,
    reader_by_rank,
    relevance_from_zero,
)
from fairness.metrics._position_values import divide
from ranker.errors import DataError, did_you_mean
from ranker.kernels.segments import segment_sums
from ranker.ranking.metrics._relevance import mean_over_jobs
from ranker.ranking.ranking import Ranking

__all__ = [
    "amortized_individual_unfairness",
    "exposure_per_merit_inequality",
    "exposure_per_merit_inequality_per_job",
    "individual_unfairness",
    "individual_unfairness_per_job",
]

Index = Literal["gini", "generalized_entropy"]


def individual_unfairness(
    ranking: Ranking,
    relevance: ArrayLike,
    *,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> float:
    """Sum over candidates of ``|share of attention - share of relevance|``, mean over jobs.

    Attention and relevance are brought to sum 1 within a job, so that a difference is of
    like with like. A single order cannot bring it to 0 unless relevance falls as attention
    does; several orders of the same candidates can, on average (`policy`), or several
    jobs that the same candidates apply to (`amortized_individual_unfairness`).

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    relevance : array_like of shape (n_rows,)
        Merit of each row, 0 or more.
    policy : Ranking, sequence of Ranking, or array_like of shape (n_rows,), optional
        Orders of the same rows over which attention is averaged, or each row's expected
        attention. The ranking then only says who stands in which job.
    browsing : {"log", "trec", "rbp"}, default="log"
        Attention of rank ``r``: ``1 / log2(1 + r)``, ``1 / log2(max(r, 2))`` or
        ``patience ** (r - 1)``.
    patience : float, optional
        For "rbp": chance that a reader goes on to the next rank.
    top_k : int, optional
        Ranks beyond it get no attention; all do by default.

    Returns
    -------
    float
        In [0, 2], dimensionless; half of it is the share of attention that would have to
        change hands. Jobs where nobody is relevant are left out; NaN where that leaves none.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no relevance.
    DataError
        If relevance is negative or not finite, a policy is of other rows, or an option is
        unknown or out of its range.

    References
    ----------
    Biega, Gummadi & Weikum (2018), Equity of Attention: Amortizing Individual Fairness in
    Rankings, SIGIR.

    Examples
    --------
    >>> ranking = Ranking.from_scores([2.0, 1.0], job=["a", "a"])
    >>> round(individual_unfairness(ranking, [1, 1], browsing="rbp", patience=0.5), 4)
    0.3333
    """
    return mean_over_jobs(
        individual_unfairness_per_job(
            ranking, relevance, policy=policy, browsing=browsing, patience=patience, top_k=top_k
        )
    )


def individual_unfairness_per_job(
    ranking: Ranking,
    relevance: ArrayLike,
    *,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """Individual unfairness of each job.

    Parameters
    ----------
    ranking, relevance, policy, browsing, patience, top_k
        As in `individual_unfairness`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 2], in the order of ``ranking.jobs``; NaN for jobs where nobody is relevant.

    Raises
    ------
    UnknownCandidateError, DataError
        As `individual_unfairness` does.
    """
    attention, merit = _shares(ranking, relevance, policy, browsing, patience, top_k)
    return segment_sums(np.abs(attention - merit), ranking.indptr)


def amortized_individual_unfairness(
    ranking: Ranking,
    relevance: ArrayLike,
    *,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> float:
    """Individual unfairness once attention and relevance have added up over a candidate's jobs.

    Candidates are the same person where they have the same label. What one list denies a
    person another may give back: never above `individual_unfairness`, and equal to it
    where everybody applies to one job.

    Parameters
    ----------
    ranking, relevance, policy, browsing, patience, top_k
        As in `individual_unfairness`.

    Returns
    -------
    float
        In [0, 2], dimensionless: the paper's sum over candidates, divided by the number of
        jobs that count, which are those where somebody is relevant and somebody gets attention.
        NaN where there is none.

    Raises
    ------
    UnknownCandidateError, DataError
        As `individual_unfairness` does.

    References
    ----------
    Biega, Gummadi & Weikum (2018), Equity of Attention: Amortizing Individual Fairness in
    Rankings, SIGIR.

    Examples
    --------
    >>> ranking = Ranking.from_scores(
    ...     [2.0, 1.0, 1.0, 2.0], job=["a", "a", "b", "b"], candidate=["x", "y", "x", "y"])
    >>> amortized_individual_unfairness(ranking, [1, 1, 1, 1])
    0.0
    """
    attention, merit = _shares(ranking, relevance, policy, browsing, patience, top_k)
    counted = ~np.isnan(attention + merit)
    codes, persons = pd.factorize(ranking.candidates[counted])
    owed = np.bincount(codes, weights=(attention - merit)[counted], minlength=len(persons))
    n_counted = np.unique(ranking.job_of[counted]).size
    return float(np.abs(owed).sum() / n_counted) if n_counted else float("nan")


def exposure_per_merit_inequality(
    ranking: Ranking,
    relevance: ArrayLike,
    *,
    index: Index = "gini",
    alpha: float = 2.0,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> float:
    """Inequality of exposure per unit of relevance between individuals, mean over jobs.

    Candidates of relevance 0 merit no share and are left out, though they take up ranks.

    Parameters
    ----------
    ranking, relevance, policy, browsing, patience, top_k
        As in `individual_unfairness`.
    index : {"gini", "generalized_entropy"}, default="gini"
        The Gini index: half the mean difference between two of them over their mean. Or the
        generalised entropy index.
    alpha : float, default=2
        Of the generalised entropy: 2 is half the squared coefficient of variation, 1 Theil's
        index, 0 the mean logarithmic deviation, which is infinite where a relevant
        candidate has no exposure. Higher values look more at those who have most.

    Returns
    -------
    float
        Dimensionless, 0 where all have exposure in proportion to relevance; Gini below 1.
        Jobs where nobody is relevant, or nobody relevant is exposed, are left out; NaN where
        that leaves none. A job with one relevant candidate is 0.

    Raises
    ------
    UnknownCandidateError, DataError
        As `individual_unfairness` does, or if `index` is unknown.

    References
    ----------
    Speicher et al. (2018), A Unified Approach to Quantifying Algorithmic Unfairness: Measuring
    Individual & Group Unfairness via Inequality Indices, KDD: generalised entropy of benefits.
    Do & Usunier (2022), Optimizing Generalized Gini Indices for Fairness in Rankings, SIGIR:
    Gini of exposures.

    Examples
    --------
    >>> ranking = Ranking.from_scores([2.0, 1.0], job=["a", "a"])
    >>> round(exposure_per_merit_inequality(ranking, [1, 1], browsing="rbp", patience=0.5), 4)
    0.1667
    """
    return mean_over_jobs(
        exposure_per_merit_inequality_per_job(
            ranking,
            relevance,
            index=index,
            alpha=alpha,
            policy=policy,
            browsing=browsing,
            patience=patience,
            top_k=top_k,
        )
    )


def exposure_per_merit_inequality_per_job(
    ranking: Ranking,
    relevance: ArrayLike,
    *,
    index: Index = "gini",
    alpha: float = 2.0,
    policy: Policy | None = None,
    browsing: BrowsingByRank = "log",
    patience: float | None = None,
    top_k: int | None = None,
) -> NDArray[np.float64]:
    """Inequality of exposure per unit of relevance between the individuals of each job.

    Parameters
    ----------
    ranking, relevance, index, alpha, policy, browsing, patience, top_k
        As in `exposure_per_merit_inequality`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        0 or more, in the order of ``ranking.jobs``; NaN for jobs where nobody is relevant, or
        nobody relevant is exposed.

    Raises
    ------
    UnknownCandidateError, DataError
        As `exposure_per_merit_inequality` does.
    """
    if index not in ("gini", "generalized_entropy"):
        hint = did_you_mean(str(index), ("gini", "generalized_entropy"))
        raise DataError(f"no index of inequality is called {index!r}{hint}")
    merit = relevance_from_zero(ranking, relevance)
    reader = reader_by_rank(browsing, patience, top_k)
    exposure = expected_attention(ranking, policy, reader, None)
    relevant = merit > 0
    job = ranking.job_of[relevant]
    benefit = exposure[relevant] / merit[relevant]
    if index == "gini":
        return _gini(benefit, job, ranking.n_jobs)
    return _generalized_entropy(benefit, job, ranking.n_jobs, alpha)


def _shares(
    ranking: Ranking,
    relevance: ArrayLike,
    policy: Policy | None,
    browsing: BrowsingByRank,
    patience: float | None,
    top_k: int | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of a job's attention and of its relevance, (n,) each, in rank order; NaN where there is none."""
    merit = relevance_from_zero(ranking, relevance)
    reader = reader_by_rank(browsing, patience, top_k)
    attention = expected_attention(ranking, policy, reader, None)
    of_entry = ranking.job_of
    return (
        divide(attention, segment_sums(attention, ranking.indptr)[of_entry]),
        divide(merit, segment_sums(merit, ranking.indptr)[of_entry]),
    )


def _gini(benefit: NDArray[np.float64], job: NDArray[np.int64], n_jobs: int) -> NDArray[np.float64]:
    """Gini index of the benefits of each job, (m,), (m,) -> (n_jobs,)."""
    order = np.lexsort((benefit, job))
    counts = np.bincount(job, minlength=n_jobs)
    start = np.concatenate(([0], np.cumsum(counts)[:-1]))
    place = np.arange(1, job.size + 1) - start[job]  # job is in order already
    weights = 2.0 * place - counts[job] - 1.0
    above = _sums(weights * benefit[order], job, n_jobs)
    total = _sums(benefit, job, n_jobs)
    return np.clip(divide(above, counts * total), 0.0, None)


def _generalized_entropy(
    benefit: NDArray[np.float64], job: NDArray[np.int64], n_jobs: int, alpha: float
) -> NDArray[np.float64]:
    """Generalised entropy index of the benefits of each job, (m,), (m,) -> (n_jobs,)."""
    counts = np.bincount(job, minlength=n_jobs).astype(np.float64)
    mean = divide(_sums(benefit, job, n_jobs), counts)
    over_mean = divide(benefit, mean[job])
    # A benefit of 0: its logarithm is wanted as -inf, and 0 times it as 0, without a warning.
    logarithm = np.log(over_mean, out=np.full(over_mean.shape, -np.inf), where=over_mean > 0)
    if alpha == 0:
        terms = -logarithm
    elif alpha == 1:
        terms = over_mean * np.where(over_mean > 0, logarithm, 0.0)
    else:
        powers = np.exp(alpha * logarithm) if alpha < 0 else over_mean**alpha
        terms = (powers - 1.0) / (alpha * (alpha - 1.0))
    terms = np.where(np.isnan(over_mean), np.nan, terms)
    return np.where(mean > 0, divide(_sums(terms, job, n_jobs), counts), np.nan)


def _sums(values: NDArray[np.float64], job: NDArray[np.int64], n_jobs: int) -> NDArray[np.float64]:
    return np.bincount(job, weights=values, minlength=n_jobs).astype(np.float64)
