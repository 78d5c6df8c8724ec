"""Pairwise accuracy between groups: how often the more relevant of two candidates stands above the other."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fairness.groups import Groups
from fairness.metrics._pairs import Over, count_frame, over_jobs, pairs_of_groups
from ranker.ranking.ranking import Ranking

__all__ = [
    "pairwise_accuracy",
    "pairwise_accuracy_difference",
    "pairwise_accuracy_per_job",
    "pairwise_counts",
]


def pairwise_accuracy(
    ranking: Ranking, groups: Groups, relevance: ArrayLike, *, over: Over = "pairs"
) -> pd.DataFrame:
    """Share of pairs of two groups, the one's member more relevant, that the ranking orders rightly.

    A pair is two candidates of one job of whom one has the higher relevance; it is right
    where that one stands above. Ranks have no ties, so the order that the ranking gave to
    equal scores is judged like any other, and a pair is right or wrong, never half. Pairs
    of equal relevance are no pairs here.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Pairs with an undisclosed member
        are left out.
    relevance : array_like of shape (n_rows,)
        Relevance of each row that the ranking was made from, any finite number.
    over : {"pairs", "jobs"}, default="pairs"
        The share of all pairs, of whatever job, as the papers have it: a chance over pairs,
        so that a job with many counts for many. Or the mean of the jobs' shares, over the
        jobs that have a pair of the two groups: jobs with a single pair then weigh as much
        as those with thousands.

    Returns
    -------
    DataFrame
        Row: the group of the more relevant one; column: of the other. In [0, 1],
        dimensionless; .5 is what a lot would do. The diagonal is the accuracy within a group.
        NaN where there is no such pair; `pairwise_counts` gives the counts.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code or no relevance.
    DataError
        If relevance is not finite or not one per row, or `over` is unknown.

    References
    ----------
    Beutel et al. (2019), Fairness in Recommendation Ranking through Pairwise Comparisons,
    KDD: intra-group and inter-group pairwise accuracy.
    Narasimhan et al. (2020), Pairwise Fairness for Ranking and Regression, AAAI: the
    accuracy A of an ordered pair of groups.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m", "f"], attribute="gender")
    >>> pairwise_accuracy(ranking, groups, [1, 1, 0, 2]).round(4).loc["f"].to_dict()
    {'f': 0.0, 'm': 0.3333}
    """
    return _table(groups, over_jobs(pairs_of_groups(ranking, groups, relevance), over))


def pairwise_accuracy_per_job(ranking: Ranking, groups: Groups, relevance: ArrayLike) -> NDArray[np.float64]:
    """Pairwise accuracy of each job, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking, groups, relevance
        As in `pairwise_accuracy`.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups, n_groups)
        In the order of ``groups.labels``, the more relevant group first; NaN where a job has
        no such pair.

    Raises
    ------
    UnknownCandidateError, DataError
        As `pairwise_accuracy` does.
    """
    return pairs_of_groups(ranking, groups, relevance).per_job()


def pairwise_accuracy_difference(
    ranking: Ranking, groups: Groups, relevance: ArrayLike, *, over: Over = "pairs"
) -> float:
    """Largest difference between the accuracies of two groups against each other.

    For two groups, how often a more relevant member of the one is put above the other,
    less how often the other way round; 0 is cross-group equal opportunity.

    Parameters
    ----------
    ranking, groups, relevance, over
        As in `pairwise_accuracy`.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN where no two groups have pairs in both directions.

    Raises
    ------
    UnknownCandidateError, DataError
        As `pairwise_accuracy` does.

    References
    ----------
    Narasimhan et al. (2020), Pairwise Fairness for Ranking and Regression, AAAI:
    cross-group equal opportunity.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m", "f"], attribute="gender")
    >>> round(pairwise_accuracy_difference(ranking, groups, [2, 1, 0, 3]), 4)
    0.6667
    """
    accuracy = over_jobs(pairs_of_groups(ranking, groups, relevance), over)
    apart = np.abs(accuracy - accuracy.T)[np.triu_indices(len(groups.labels), 1)]
    return float(apart[~np.isnan(apart)].max(initial=0.0)) if not np.isnan(apart).all() else float("nan")


def pairwise_counts(ranking: Ranking, groups: Groups, relevance: ArrayLike) -> pd.DataFrame:
    """Count the pairs behind `pairwise_accuracy`, over all jobs.

    Parameters
    ----------
    ranking, groups, relevance
        As in `pairwise_accuracy`.

    Returns
    -------
    DataFrame
        One row per ordered pair of groups, index ``more_relevant`` and ``less_relevant``;
        columns ``jobs`` (that have such a pair), ``pairs``, ``right`` and
        ``pairwise_accuracy`` (share, NaN without a pair). Exact counts. Pairs share
        candidates, so there is less evidence in a thousand pairs than in a thousand persons.

    Raises
    ------
    UnknownCandidateError, DataError
        As `pairwise_accuracy` does.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m", "f"], attribute="gender")
    >>> pairwise_counts(ranking, groups, [1, 1, 0, 2]).loc[("f", "m"), ["pairs", "right"]].to_list()
    [3, 1]
    """
    names = ("more_relevant", "less_relevant")
    index = pd.MultiIndex.from_product([groups.labels, groups.labels], names=names)
    return count_frame(pairs_of_groups(ranking, groups, relevance), index, "pairwise_accuracy")


def _table(groups: Groups, values: NDArray[np.float64]) -> pd.DataFrame:
    labels = pd.Index(groups.labels, dtype=object)
    return pd.DataFrame(values, index=labels.rename("more_relevant"), columns=labels.rename("less_relevant"))
