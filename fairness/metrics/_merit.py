"""What groups get over what they merit: the sums behind disparate treatment and disparate impact."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._over_jobs import least_over_most_per_job, mean_of_groups, present_in_compared
from fairness.metrics._position_values import (
    codes_in_rank_order,
    divide,
    least_over_most,
    sums_by_group,
)
from ranker.errors import DataError, did_you_mean
from ranker.ranking.metrics._relevance import mean_over_jobs
from ranker.ranking.ranking import Ranking

Over = Literal["jobs", "people"]


@dataclass(frozen=True, slots=True, eq=False)
class OverMerit:
    """Sums of what each group of a job gets and merits; members cancel out of the ratio of means.

    Parameters
    ----------
    gets : ndarray of shape (n_jobs, n_groups)
        Exposure or clicks, summed over the group's members.
    merits : ndarray of shape (n_jobs, n_groups)
        Their relevance, summed; 0 or more.
    present : ndarray of shape (n_jobs, n_groups)
        Whether the group has members in the job, and the job two groups.
    """

    gets: NDArray[np.float64]
    merits: NDArray[np.float64]
    present: NDArray[np.bool_]

    @classmethod
    def of(
        cls, ranking: Ranking, groups: Groups, gets: NDArray[np.float64], merits: NDArray[np.float64]
    ) -> "OverMerit":
        """Sum by job and group what entries get and merit, (n,) each, in rank order."""
        codes = codes_in_rank_order(ranking, groups)
        present = present_in_compared(ranking, groups)
        return cls(
            gets=np.where(present, sums_by_group(ranking, codes, len(groups.labels), gets), 0.0),
            merits=np.where(present, sums_by_group(ranking, codes, len(groups.labels), merits), 0.0),
            present=present,
        )

    def per_job(self) -> NDArray[np.float64]:
        """Divide what groups get by what they merit, (n_jobs, n_groups); NaN where that is nothing."""
        return divide(self.gets, self.merits)

    def means(self, over: Over) -> NDArray[np.float64]:
        """Mean of that over jobs, or the ratio of the sums over all jobs, (n_groups,)."""
        _refuse_over(over)
        if over == "jobs":
            return mean_of_groups(self.per_job())
        return divide(self.gets.sum(axis=0), self.merits.sum(axis=0))

    def ratio(self, over: Over) -> float:
        """Least over most of the groups: mean over jobs, or of the sums over all jobs."""
        _refuse_over(over)
        if over == "jobs":
            return mean_over_jobs(least_over_most_per_job(self.per_job()))
        return least_over_most(self.means(over))

    def relative_per_job(self) -> NDArray[np.float64]:
        """Divide that of a group by that of the others together, (n_jobs, n_groups)."""
        return divide(self.per_job(), divide(*self._others()))

    def relative(self, over: Over) -> NDArray[np.float64]:
        """Mean of that over jobs, or of the sums over all jobs where the group is present, (n_groups,)."""
        _refuse_over(over)
        if over == "jobs":
            return mean_of_groups(self.relative_per_job())
        gets, merits = self._others()
        # Others count where the group is: who applies where is not to open a gap.
        others = divide(
            np.where(self.present, gets, 0.0).sum(axis=0), np.where(self.present, merits, 0.0).sum(axis=0)
        )
        return divide(self.means(over), others)

    def _others(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return (
            self.gets.sum(axis=1, keepdims=True) - self.gets,
            self.merits.sum(axis=1, keepdims=True) - self.merits,
        )


def _refuse_over(over: str) -> None:
    if over not in ("jobs", "people"):
        raise DataError(f"no mean is taken over {over!r}{did_you_mean(str(over), ('jobs', 'people'))}")
