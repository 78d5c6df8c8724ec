"""Which groups meet in which job: the one rule of what is compared with what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from ranker.errors import ConstraintError


@dataclass(frozen=True, slots=True, eq=False)
class Pools:
    """The jobs' pools and the groups in them.

    Parameters
    ----------
    job : (n,) int64 array
        Job code of each row.
    labels : tuple of str
        The groups.
    member : (n_groups, n) bool array
        Who belongs to which group; nobody undisclosed belongs to any.
    counts : (n_groups, n_jobs) int64 array
        Members.
    sizes : (n_jobs,) int64 array
        Candidates, undisclosed ones included.
    """

    job: np.ndarray
    labels: tuple[str, ...]
    member: np.ndarray
    counts: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, group: np.ndarray, labels: Sequence[str], job: np.ndarray) -> Self:
        """Count who is where: (n,) group labels, None where undisclosed, and (n,) job codes."""
        if len(labels) < 2:
            found = f"only {labels[0]!r} is" if len(labels) else "no group is"
            raise ConstraintError(
                f"a constraint compares two groups or more, and {found} disclosed in the train part: "
                "nothing to compare"
            )
        n_jobs = int(job.max()) + 1
        member = np.array([group == label for label in labels])
        counts = np.array([np.bincount(job[m], minlength=n_jobs) for m in member])
        return cls(job, tuple(labels), member, counts, np.bincount(job, minlength=n_jobs))

    @property
    def compared(self) -> np.ndarray:
        """Whether a group is compared in a job, (n_groups, n_jobs): it and another one stand there."""
        return (self.counts > 0) & ((self.counts > 0).sum(axis=0) >= 2)

    def sum_by_job(self, values: np.ndarray) -> np.ndarray:
        """Sum values over each pool: (n,) -> (n_jobs,)."""
        return np.bincount(self.job, weights=values, minlength=len(self.sizes))

    def mean_by_job(self, values: np.ndarray) -> np.ndarray:
        """Average values over each pool: (n,) -> (n_jobs,)."""
        return self.sum_by_job(values) / self.sizes

    def shares(self, amounts: np.ndarray, *, lacking: str = "") -> np.ndarray:
        """Weigh the jobs where a group is compared by amounts, to a sum of 1 for each group.

        Parameters
        ----------
        amounts : (n_jobs,) or (n_groups, n_jobs) array
            Pool sizes, say, 0 or more; 0 leaves a job out.
        lacking : str
            What else a group that has no such job may lack, for the error message.

        Returns
        -------
        (n_groups, n_jobs) float64 array

        Raises
        ------
        ConstraintError
            If a group is compared in no job.
        """
        kept = np.where(self.compared, amounts, 0.0)
        total = kept.sum(axis=1, keepdims=True)
        for label, alone in zip(self.labels, total[:, 0] == 0, strict=True):
            if alone:
                raise ConstraintError(
                    f"group {label!r} meets no other group in any job of the train part{lacking}: "
                    "nothing to compare; count its members as undisclosed, or bring jobs where groups meet"
                )
        return kept / total

    def contrasts(self, weights: np.ndarray) -> np.ndarray:
        """Turn weights of jobs into coefficients: (n_groups, n_jobs) -> (n_groups, n) float64.

        Row g times any values is the weighted sum over jobs of the members' mean less the
        pool's; so it sums to 0 within each job.
        """
        share = self.member / np.maximum(self.counts, 1)[:, self.job]
        return weights[:, self.job] * (share - 1.0 / self.sizes[self.job])
