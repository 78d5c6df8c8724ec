"""Equal opportunity over pairs: how often the more relevant of two stands above, by that one's group."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fairness.groups import Groups
from fairness.metrics._pairs import Over, count_frame, over_jobs, pairs_with_anybody
from fairness.metrics._position_values import by_label
from ranker.ranking.ranking import Ranking

__all__ = [
    "pairwise_equal_opportunity",
    "pairwise_equal_opportunity_counts",
    "pairwise_equal_opportunity_difference",
    "pairwise_equal_opportunity_per_job",
]


def pairwise_equal_opportunity(
    ranking: Ranking, groups: Groups, relevance: ArrayLike, *, over: Over = "pairs"
) -> pd.Series:
    """Share of pairs with a more relevant member of a group, whoever the other is, that are ordered rightly.

    The other may be of any group, the same one or none that is known: an undisclosed
    candidate is somebody to be ranked above all the same.

    Parameters
    ----------
    ranking, groups, relevance, over
        As in `pairwise_accuracy`, but for the undisclosed.

    Returns
    -------
    Series
        Label to accuracy in [0, 1], dimensionless: the chance that a member stands above a
        less relevant candidate of the same job. NaN for a group without such a pair;
        `pairwise_equal_opportunity_counts` gives the counts.

    Raises
    ------
    UnknownCandidateError, DataError
        As `pairwise_accuracy` does.

    References
    ----------
    Narasimhan et al. (2020), Pairwise Fairness for Ranking and Regression, AAAI: marginal
    equal opportunity, of which Beutel et al. (2019) is the form for clicks.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m", "f"], attribute="gender")
    >>> pairwise_equal_opportunity(ranking, groups, [1, 1, 0, 2]).to_dict()
    {'f': 0.25, 'm': 1.0}
    """
    found = over_jobs(pairs_with_anybody(ranking, groups, relevance), over)
    return by_label(groups, found, "pairwise_equal_opportunity")


def pairwise_equal_opportunity_per_job(
    ranking: Ranking, groups: Groups, relevance: ArrayLike
) -> NDArray[np.float64]:
    """Pairwise equal opportunity of each job, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking, groups, relevance
        As in `pairwise_equal_opportunity`.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups)
        In the order of ``groups.labels``; NaN where a job has no pair of the group.

    Raises
    ------
    UnknownCandidateError, DataError
        As `pairwise_accuracy` does.
    """
    return pairs_with_anybody(ranking, groups, relevance).per_job()


def pairwise_equal_opportunity_difference(
    ranking: Ranking, groups: Groups, relevance: ArrayLike, *, over: Over = "pairs"
) -> float:
    """Highest accuracy of `pairwise_equal_opportunity` less the lowest.

    Parameters
    ----------
    ranking, groups, relevance, over
        As in `pairwise_equal_opportunity`.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN where fewer than two groups have a pair.

    Raises
    ------
    UnknownCandidateError, DataError
        As `pairwise_accuracy` does.

    References
    ----------
    Narasimhan et al. (2020), Pairwise Fairness for Ranking and Regression, AAAI.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m", "f"], attribute="gender")
    >>> pairwise_equal_opportunity_difference(ranking, groups, [1, 1, 0, 2])
    0.75
    """
    found = over_jobs(pairs_with_anybody(ranking, groups, relevance), over)
    known = found[~np.isnan(found)]
    return float(known.max() - known.min()) if known.size >= 2 else float("nan")


def pairwise_equal_opportunity_counts(ranking: Ranking, groups: Groups, relevance: ArrayLike) -> pd.DataFrame:
    """Count the pairs behind `pairwise_equal_opportunity`, over all jobs.

    Parameters
    ----------
    ranking, groups, relevance
        As in `pairwise_equal_opportunity`.

    Returns
    -------
    DataFrame
        One row per group, of the more relevant one; columns ``jobs`` (that have such a
        pair), ``pairs``, ``right`` and ``pairwise_equal_opportunity`` (share, NaN without a pair).

    Raises
    ------
    UnknownCandidateError, DataError
        As `pairwise_accuracy` does.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m", "f"], attribute="gender")
    >>> pairwise_equal_opportunity_counts(ranking, groups, [1, 1, 0, 2])["pairs"].to_dict()
    {'f': 4, 'm': 1}
    """
    index = pd.Index(groups.labels, name=groups.attribute, dtype=object)
    found = pairs_with_anybody(ranking, groups, relevance)
    return count_frame(found, index, "pairwise_equal_opportunity")
