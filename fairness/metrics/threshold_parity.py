"""Demographic parity and equal opportunity where the top ``k`` of every job are selected."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fairness.groups import Groups
from fairness.metrics._over_jobs import spread_per_job
from fairness.metrics._position_values import by_label, codes_in_rank_order, divide, sums_by_group
from fairness.metrics.selection_rate import UNDISCLOSED
from ranker.ranking.metrics._relevance import relevance_in_rank_order
from ranker.ranking.ranking import Ranking

__all__ = [
    "demographic_parity_difference",
    "demographic_parity_difference_per_job",
    "equal_opportunity_difference",
    "equal_opportunity_difference_per_job",
    "true_positive_counts",
    "true_positive_rate",
]


def demographic_parity_difference(ranking: Ranking, groups: Groups, *, top_k: int) -> float:
    """Highest selection rate of a group less the lowest, pooled over all jobs.

    People are pooled, as in `selection_rate`, as the law does and as Fairlearn does. The
    mean of the jobs' differences is another figure, and a larger one: chance alone opens a
    difference in a short list (`demographic_parity_difference_per_job`).

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members take up ranks
        but belong to no group.
    top_k : int
        Ranks ``1 .. top_k`` of each job are selected.

    Returns
    -------
    float
        In [0, 1], dimensionless, 0 where rates are equal; NaN where fewer than two groups
        have candidates.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    Agarwal et al. (2018), A Reductions Approach to Fair Classification, ICML: demographic
    parity; the difference is that of ``fairlearn.metrics.demographic_parity_difference``.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f", "m"], attribute="gender")
    >>> round(demographic_parity_difference(ranking, groups, top_k=3), 4)
    0.3333
    """
    selected, candidates = _selected(ranking, groups, None, top_k)
    return _pooled_spread(selected, candidates)


def demographic_parity_difference_per_job(
    ranking: Ranking, groups: Groups, *, top_k: int
) -> NDArray[np.float64]:
    """Demographic parity difference of each job, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking, groups, top_k
        As in `demographic_parity_difference`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1]; NaN for jobs with fewer than two disclosed groups.

    Raises
    ------
    UnknownCandidateError, DataError
        As `demographic_parity_difference` does.
    """
    return spread_per_job(divide(*_selected(ranking, groups, None, top_k)))


def true_positive_rate(ranking: Ranking, groups: Groups, relevance: ArrayLike, *, top_k: int) -> pd.Series:
    """Share of each group's relevant candidates who are selected, pooled over all jobs.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from.
    relevance : array_like of shape (n_rows,)
        Relevance of each row that the ranking was made from; above 0 is relevant. Where it
        comes from past decisions, their bias is in this rate too, and cannot be seen in it.
    top_k : int
        Ranks ``1 .. top_k`` of each job are selected.

    Returns
    -------
    Series
        Label to relevant and selected / relevant in [0, 1], dimensionless; NaN for a group
        without a relevant candidate, where Fairlearn 0.15 writes 0.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code or no relevance.
    DataError
        If relevance is not finite or not one per row, or `top_k` is no whole number from 1.

    References
    ----------
    Hardt, Price & Srebro (2016), Equality of Opportunity in Supervised Learning, NeurIPS.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f", "m"], attribute="gender")
    >>> true_positive_rate(ranking, groups, [1, 0, 1, 1], top_k=2).to_dict()
    {'f': 0.0, 'm': 0.5}
    """
    selected, relevant = _selected(ranking, groups, relevance, top_k)
    return by_label(groups, divide(selected.sum(axis=0), relevant.sum(axis=0)), "true_positive_rate")


def true_positive_counts(
    ranking: Ranking, groups: Groups, relevance: ArrayLike, *, top_k: int
) -> pd.DataFrame:
    """Count relevant candidates of each group and those of them who are selected.

    Parameters
    ----------
    ranking, groups, relevance, top_k
        As in `true_positive_rate`.

    Returns
    -------
    DataFrame
        Columns ``relevant``, ``selected`` (relevant persons) and ``true_positive_rate``
        (share, NaN where nobody is relevant); one row per group and, where anyone relevant
        is undisclosed, a last row ``"(undisclosed)"``.

    Raises
    ------
    UnknownCandidateError, DataError
        As `true_positive_rate` does.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f", "m"], attribute="gender")
    >>> true_positive_counts(ranking, groups, [1, 0, 1, 1], top_k=2)["relevant"].to_dict()
    {'f': 1, 'm': 2}
    """
    selected, relevant = (sums.sum(axis=0).tolist() for sums in _selected(ranking, groups, relevance, top_k))
    counted = relevance_in_rank_order(ranking, relevance) > 0
    labels = list(groups.labels)
    if undisclosed := counted.sum() - sum(relevant):
        labels.append(UNDISCLOSED)
        relevant.append(undisclosed)
        selected.append((counted & ranking.in_top(top_k)).sum() - sum(selected))
    index = pd.Index(labels, name=groups.attribute, dtype=object)
    frame = pd.DataFrame({"relevant": relevant, "selected": selected}, index=index).astype("int64")
    frame["true_positive_rate"] = frame["selected"] / frame["relevant"]
    return frame


def equal_opportunity_difference(
    ranking: Ranking, groups: Groups, relevance: ArrayLike, *, top_k: int
) -> float:
    """Highest true positive rate of a group less the lowest, pooled over all jobs.

    Parameters
    ----------
    ranking, groups, relevance, top_k
        As in `true_positive_rate`.

    Returns
    -------
    float
        In [0, 1], dimensionless, 0 where rates are equal; NaN where fewer than two groups
        have a relevant candidate. Groups without one are left out, where Fairlearn 0.15
        takes their rate to be 0.

    Raises
    ------
    UnknownCandidateError, DataError
        As `true_positive_rate` does.

    References
    ----------
    Hardt, Price & Srebro (2016), Equality of Opportunity in Supervised Learning, NeurIPS;
    the difference is that of ``fairlearn.metrics.equal_opportunity_difference``.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f", "m"], attribute="gender")
    >>> equal_opportunity_difference(ranking, groups, [1, 0, 1, 1], top_k=2)
    0.5
    """
    selected, relevant = _selected(ranking, groups, relevance, top_k)
    return _pooled_spread(selected, relevant)


def equal_opportunity_difference_per_job(
    ranking: Ranking, groups: Groups, relevance: ArrayLike, *, top_k: int
) -> NDArray[np.float64]:
    """Equal opportunity difference of each job, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking, groups, relevance, top_k
        As in `true_positive_rate`.

    Returns
    -------
    ndarray of shape (n_jobs,)
        In [0, 1]; NaN for jobs where fewer than two groups have a relevant candidate.

    Raises
    ------
    UnknownCandidateError, DataError
        As `true_positive_rate` does.
    """
    return spread_per_job(divide(*_selected(ranking, groups, relevance, top_k)))


def _selected(
    ranking: Ranking, groups: Groups, relevance: ArrayLike | None, top_k: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count selected and all persons, of the relevant ones where these are given: (n_jobs, n_groups) each."""
    codes, in_top = codes_in_rank_order(ranking, groups), ranking.in_top(top_k)
    counted = np.ones(codes.size, dtype=bool)
    if relevance is not None:
        counted = relevance_in_rank_order(ranking, relevance) > 0
    selected, everybody = (
        sums_by_group(ranking, codes, len(groups.labels), flags.astype(np.float64))
        for flags in (counted & in_top, counted)
    )
    return selected, everybody


def _pooled_spread(selected: NDArray[np.float64], everybody: NDArray[np.float64]) -> float:
    """Highest rate less the lowest, of the persons of all jobs: (n_jobs, n_groups) twice -> float."""
    rates = divide(selected.sum(axis=0, keepdims=True), everybody.sum(axis=0, keepdims=True))
    return float(spread_per_job(rates)[0])
