"""Metrics by the name of their measure, as fairness constraints ask for them."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from fairness.groups import Groups
from fairness.metrics._position_values import by_label, compare, job_sums, weigh
from ranker.errors import ConstraintError, did_you_mean
from ranker.ranking.ranking import Ranking

__all__ = ["MeasureStatistic", "measure_gap", "measure_ratio"]


def measure_gap(ranking: Ranking, groups: Groups, *, measure: str, top_k: int | None = None) -> pd.Series:
    """Value of each group over that of the pools it stands in, less 1.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from.
    measure : {"exposure", "selection_rate", "mean_rank"}
        What is measured: `exposure_gap`, `selection_gap` or `mean_rank_gap`.
    top_k : int, optional
        Length of the top of the list: optional for exposure, needed for the selection rate,
        without meaning for the mean rank.

    Returns
    -------
    Series
        Label to relative gap, from -1, dimensionless; NaN for a group that no compared job holds.

    Raises
    ------
    ConstraintError
        If the measure is unknown, or `top_k` is missing or out of place.
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD.
    """
    gaps = job_sums(ranking, groups, measure, top_k).by_pool_size().gaps()
    return by_label(groups, gaps, f"{measure}_gap")


def measure_ratio(ranking: Ranking, groups: Groups, *, measure: str, top_k: int | None = None) -> float:
    """Lowest value of a group over the highest.

    Parameters
    ----------
    ranking, groups, measure, top_k
        As in `measure_gap`: the ratio is `exposure_ratio`, `impact_ratio` (of rates pooled
        over all jobs, as the law has it) or that of mean normalised ranks.

    Returns
    -------
    float
        In [0, 1], dimensionless; NaN where there are no two groups to compare.

    Raises
    ------
    ConstraintError
        If the measure is unknown, or `top_k` is missing or out of place.
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    Singh & Joachims (2018), Fairness of Exposure in Rankings, KDD; 6 RCNY 5-300.
    """
    return MeasureStatistic(measure, "ratio", top_k)(ranking, groups)


@dataclass(frozen=True, slots=True)
class MeasureStatistic:
    """One number for how far groups are apart; `bootstrap_over_jobs` knows a short way for it.

    Parameters
    ----------
    measure : {"exposure", "selection_rate", "mean_rank"}
        What is measured.
    kind : {"difference", "ratio"}
        The largest absolute `measure_gap` of a group, or `measure_ratio`.
    top_k : int, optional
        As in `measure_gap`.

    Raises
    ------
    ConstraintError
        If the kind is unknown.

    Examples
    --------
    >>> ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "a"])
    >>> groups = Groups.from_values(["m", "f", "m"], attribute="gender")
    >>> round(MeasureStatistic("exposure", "difference")(ranking, groups), 4)
    0.1118
    """

    measure: str
    kind: Literal["difference", "ratio"]
    top_k: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("difference", "ratio"):
            hint = did_you_mean(str(self.kind), ("difference", "ratio"))
            raise ConstraintError(f"groups cannot be compared by {self.kind!r}{hint}")

    def __call__(self, ranking: Ranking, groups: Groups) -> float:
        """Measure a ranking.

        Parameters
        ----------
        ranking : Ranking
            Rankings of one or more jobs, ``n`` candidates in all.
        groups : Groups
            Group of each row that the ranking was made from.

        Returns
        -------
        float
            Dimensionless; NaN where there are no two groups to compare.

        Raises
        ------
        ConstraintError, UnknownCandidateError, DataError
            As `measure_gap` does.
        """
        of_jobs = job_sums(ranking, groups, self.measure, self.top_k)
        return compare(weigh(of_jobs, self.measure, self.kind), self.kind)
