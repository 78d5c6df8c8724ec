"""Ranking metrics inside Fairlearn's MetricFrame.

Its metrics take the rows of one group and give a number, so only what is a mean over rows
fits in: an exposure, a rate, a normalised rank. The functions here have the signature that
MetricFrame calls, ``(y_true, y_pred, **sample_params)``; ``y_pred`` is the rank, from 1.
What is the same for all rows, such as ``top_k``, is bound by ``functools.partial`` or given as
a column among the ``sample_params``, where it may differ from job to job.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import codes_in_rank_order, worth_of_places
from fairness.metrics.scoring_rate import Median, above_median
from ranker.errors import DataError
from ranker.ranking.metrics._relevance import relevance_in_rank_order
from ranker.ranking.ranking import Ranking

if TYPE_CHECKING:
    from fairlearn.metrics import MetricFrame

__all__ = [
    "mean_exposure",
    "mean_normalised_rank",
    "metric_frame",
    "selected_share",
    "selected_share_of_relevant",
    "share_above_median",
]


def metric_frame(
    ranking: Ranking,
    groups: Groups,
    relevance: ArrayLike | None = None,
    *,
    top_k: int,
    by_job: bool = False,
    median: Median = "sample",
) -> "MetricFrame":
    """Build a MetricFrame of a ranking's rows.

    ``by_group`` is a mean over all rows of a group, whatever their job. That is what
    `selection_rate`, `true_positive_rate` and `scoring_rate` are, so these agree. It is not
    what `exposure` and `mean_rank` are, which average within each job, then over jobs
    weighted by pool size, and leave out jobs with a single group: they agree for one job, and
    with `by_job` for each; over several jobs a group that applies where pools are small looks
    more exposed here than there.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from. Rows of undisclosed group are not in
        the frame, nor in its ``overall``; the ranks that they hold stay taken.
    relevance : array_like of shape (n_rows,), optional
        Relevance of each row that the ranking was made from; above 0 is relevant. Adds the
        true positive rate.
    top_k : int
        Ranks ``1 .. top_k`` of each job are selected. Exposure is of all ranks.
    by_job : bool, default=False
        Make the job a control feature, named ``job``: the frame then has a row per job and group,
        and its ``difference()`` and ``ratio()`` a value per job.
    median : {"sample", "job"}, default="sample"
        Of which scores the scoring rate's median is, as in `scoring_rate`.

    Returns
    -------
    fairlearn.metrics.MetricFrame
        With the metrics ``count``, ``exposure``, ``selection_rate``, ``mean_rank``,
        ``scoring_rate`` and, given relevance, ``true_positive_rate``; NaN where a group has no
        row that counts.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code or no relevance.
    DataError
        If relevance is not finite or not one per row, `top_k` is no whole number from 1,
        `median` is unknown, or nobody's group is disclosed.

    References
    ----------
    Weerts et al. (2023), Fairlearn: Assessing and Improving Fairness of AI Systems, JMLR 24.

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a", "a", "a", "a"])
    >>> groups = Groups.from_values(["m", "m", "f", "m"], attribute="gender")
    >>> frame = metric_frame(ranking, groups, top_k=3)
    >>> frame.by_group["selection_rate"].round(4).to_dict()
    {'f': 1.0, 'm': 0.6667}
    """
    # Imported here: fairlearn.metrics takes a second, and no other metric needs it.
    from fairlearn.metrics import MetricFrame, count

    ranking.in_top(top_k)  # refuses what is no whole number from 1
    codes = codes_in_rank_order(ranking, groups)
    known = codes >= 0
    if not known.any():
        raise DataError(
            f"no ranked candidate has a known group by {groups.attribute!r}: there is nobody to compare"
        )
    metrics: dict[str, Any] = {
        "count": count,
        "exposure": mean_exposure,
        "selection_rate": partial(selected_share, top_k=top_k),
        "mean_rank": mean_normalised_rank,
        "scoring_rate": share_above_median,
    }
    columns = {
        "mean_rank": {"pool_size": ranking.sizes[ranking.job_of][known]},
        "scoring_rate": {"above_median": above_median(ranking, median=median)[known]},
    }
    relevant = np.zeros(codes.size, dtype=np.int64)
    if relevance is not None:
        relevant = (relevance_in_rank_order(ranking, relevance) > 0).astype(np.int64)
        metrics["true_positive_rate"] = partial(selected_share_of_relevant, top_k=top_k)
    names = np.array(groups.labels, dtype=object)[codes[known]]
    jobs = pd.Series(ranking.jobs[ranking.job_of][known], name="job")
    return MetricFrame(
        metrics=metrics,
        y_true=relevant[known],
        y_pred=ranking.ranks[known],
        sensitive_features=pd.Series(names, name=groups.attribute),
        control_features=jobs if by_job else None,
        sample_params=columns,
    )


def mean_exposure(y_true: ArrayLike, y_pred: ArrayLike, *, top_k: ArrayLike | None = None) -> float:
    """Mean of ``1 / log2(1 + rank)``.

    Parameters
    ----------
    y_true : array_like of shape (n,)
        Not read.
    y_pred : array_like of shape (n,)
        Ranks from 1.
    top_k : int or array_like of shape (n,), optional
        Ranks beyond it have no exposure; all have by default.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN without rows.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.

    Examples
    --------
    >>> mean_exposure([0, 0], [1, 3])
    0.75
    """
    ranks = _ranks(y_pred)
    worth = worth_of_places(ranks, ranks, "exposure", None)
    return _mean(worth if top_k is None else np.where(ranks <= np.asarray(top_k), worth, 0.0))


def selected_share(y_true: ArrayLike, y_pred: ArrayLike, *, top_k: ArrayLike) -> float:
    """Share of rows at ranks ``1 .. top_k``.

    Parameters
    ----------
    y_true : array_like of shape (n,)
        Not read.
    y_pred : array_like of shape (n,)
        Ranks from 1.
    top_k : int or array_like of shape (n,)
        Places that the row's job selects.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN without rows.

    References
    ----------
    6 RCNY 5-300 (New York City Local Law 144), "selection rate".

    Examples
    --------
    >>> selected_share([0, 0], [1, 3], top_k=2)
    0.5
    """
    return _mean(_ranks(y_pred) <= np.asarray(top_k))


def selected_share_of_relevant(y_true: ArrayLike, y_pred: ArrayLike, *, top_k: ArrayLike) -> float:
    """Share of relevant rows at ranks ``1 .. top_k``: the true positive rate.

    Parameters
    ----------
    y_true : array_like of shape (n,)
        Relevance; above 0 is relevant.
    y_pred : array_like of shape (n,)
        Ranks from 1.
    top_k : int or array_like of shape (n,)
        Places that the row's job selects.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN where no row is relevant.

    References
    ----------
    Hardt, Price & Srebro (2016), Equality of Opportunity in Supervised Learning, NeurIPS.

    Examples
    --------
    >>> selected_share_of_relevant([1, 0, 1], [1, 2, 3], top_k=2)
    0.5
    """
    return _mean((_ranks(y_pred) <= np.asarray(top_k))[np.asarray(y_true) > 0])


def mean_normalised_rank(y_true: ArrayLike, y_pred: ArrayLike, *, pool_size: ArrayLike) -> float:
    """Mean of ``(size - rank) / (size - 1)``: the share of the job's others who stand below.

    Parameters
    ----------
    y_true : array_like of shape (n,)
        Not read.
    y_pred : array_like of shape (n,)
        Ranks from 1.
    pool_size : int or array_like of shape (n,)
        Candidates of the row's job, of whatever group; who is alone counts .5.

    Returns
    -------
    float
        In [0, 1], dimensionless: 1 at the top; NaN without rows.

    References
    ----------
    Narasimhan et al. (2020), Pairwise Fairness for Ranking and Regression, AAAI.

    Examples
    --------
    >>> mean_normalised_rank([0, 0], [1, 2], pool_size=[3, 3])
    0.75
    """
    ranks = _ranks(y_pred)
    sizes = np.broadcast_to(np.asarray(pool_size, dtype=np.int64), ranks.shape)
    return _mean(worth_of_places(ranks, sizes, "mean_rank", None))


def share_above_median(y_true: ArrayLike, y_pred: ArrayLike, *, above_median: ArrayLike) -> float:
    """Share of rows whose score is above the median: the scoring rate.

    Parameters
    ----------
    y_true, y_pred : array_like of shape (n,)
        Not read.
    above_median : array_like of shape (n,)
        Flags, such as `fairness.metrics.scoring_rate.above_median` gives for all rows at
        once: the rows of one group do not know the median of everybody.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN without rows.

    References
    ----------
    6 RCNY 5-300 (New York City Local Law 144), "scoring rate".

    Examples
    --------
    >>> share_above_median([0, 0], [1, 2], above_median=[True, False])
    0.5
    """
    return _mean(np.asarray(above_median, dtype=bool))


def _ranks(y_pred: ArrayLike) -> NDArray[np.int64]:
    ranks = np.asarray(y_pred)
    if ranks.size and (ranks.dtype.kind not in "iu" or ranks.min() < 1):
        raise DataError(
            "y_pred must be ranks, whole numbers from 1: give ranking.ranks, not scores or choices"
        )
    return ranks.astype(np.int64)


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if values.size else float("nan")
