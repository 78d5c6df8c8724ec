"""Candidates of one job are alike: what rows of jobs are worth, and how far means of several candidates lie apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import fdtri

from ranker.errors import ModelError

__all__ = ["GRID", "MOST_DRAWN", "PoolMeans", "pool_means", "worth"]

# Candidates of a request. Where a tenth of the variance is the job's, the mean of 10 has a deviation of .44, of 20
# of .38, of all of .32.
MOST_DRAWN: Final = 10
GRID: Final = np.linspace(-1.5, 1.5, 31)  # tilts; between them psi(t) / t is as good as straight
DOUBT: Final = 0.05  # chance that the jobs of training differ less than jobs do by what is reckoned with
DIGITS: Final = 9  # the same snapshot on any machine


@dataclass(frozen=True, slots=True, eq=False)
class PoolMeans:
    """How the mean normal score of several candidates of one job varies from job to job.

    Parameters
    ----------
    n : int
        Candidates that are drawn of a request, at least 2.
    alike : float
        Share of the variance that lies between jobs, in [0, 1]: the upper end of what the training part allows.
    worth : float
        Independent scores of single candidates that the training part is worth, by ``alike``.
    growth : (n_tilts,) tuple of float
        Of the mean of ``n``, in its standard deviations: ``psi(t) / t`` at :data:`GRID`, of its cumulant
        generating function ``psi``.
    """

    n: int
    alike: float
    worth: float
    growth: tuple[float, ...]

    def deviation(self, n: int) -> float:
        """Return the standard deviation of the mean of ``n`` candidates of one job, in that of one candidate.

        References
        ----------
        Kish (1965), Survey Sampling, chapter 5: the variance is ``(1 + (n - 1) alike) / n`` of one's.
        """
        return float(np.sqrt((1 + (n - 1) * self.alike) / n))

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"n": self.n, "alike": self.alike, "worth": self.worth, "growth": list(self.growth)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Read it back.

        Raises
        ------
        ModelError
            If its parts do not fit together.
        """
        n, alike, growth = int(told["n"]), float(told["alike"]), tuple(map(float, told["growth"]))
        if (
            n < 2
            or not 0 <= alike <= 1
            or not told["worth"] > 0
            or len(growth) != GRID.size
            or not np.isfinite(growth).all()
        ):
            raise ModelError("the snapshot's pools are not what training writes of them: train anew")
        return cls(n, alike, float(told["worth"]), growth)


def pool_means(scores: NDArray[np.float64], job: NDArray[Any]) -> PoolMeans | None:
    """Describe how means of several candidates of one job vary; ``None`` where the jobs do not tell.

    Parameters
    ----------
    scores : (n,) array
        Normal scores of the training rows.
    job : (n,) array
        Of each row.

    Returns
    -------
    PoolMeans or None
        ``None`` where there is one job only, or most have a single candidate.

    References
    ----------
    Thomas & Hultquist (1978), Interval estimation for the unbalanced case of the one-way random effects model,
    Annals of Statistics 6: unweighted means and the harmonic mean of the sizes, so that jobs count alike. Means
    of jobs with tails, as where a few jobs ask for nothing and all of their candidates stand together, have
    fewer degrees of freedom: Box & Andersen (1955), JRSS B 17.
    """
    _, code, sizes = np.unique(job.astype(str), return_inverse=True, return_counts=True)
    n_jobs, n_drawn = sizes.size, min(MOST_DRAWN, int(np.median(sizes)))
    if n_jobs < 2 or n_drawn < 2:
        return None
    means = np.bincount(code, scores) / sizes
    away = means - means.mean()
    variance = float(away @ away) / (n_jobs - 1)
    within = float(((scores - means[code]) ** 2).sum()) / (code.size - n_jobs)
    usual = n_jobs / float((1 / sizes).sum())
    if not within > 0 or not variance > 0:
        alike = 1.0 if variance > 0 else 0.0
    else:
        tails = max(float((away**4).mean()) / float((away**2).mean()) ** 2 - 3, 0.0)
        freedom = (n_jobs - 1) / (1 + tails / 2)
        ratio = usual * variance / within / fdtri(freedom, code.size - n_jobs, DOUBT)
        alike = float(np.clip((ratio - 1) / (ratio - 1 + usual), 0.0, 1.0))
    rows = n_jobs / (alike + (1 - alike) / usual)
    return PoolMeans(
        n_drawn, round(alike, DIGITS), round(rows, DIGITS), _growth(scores, code, sizes, n_drawn)
    )


def _growth(
    scores: NDArray[np.float64], code: NDArray[np.int64], sizes: NDArray[np.int64], n: int
) -> tuple[float, ...]:
    """Return ``psi(t) / t`` of a mean of ``n`` draws with replacement from a job, jobs at random, standardised."""
    means = np.bincount(code, scores) / sizes
    spread = np.bincount(code, (scores - means[code]) ** 2) / sizes
    deviation = float(np.sqrt(means.var() + spread.mean() / n))
    if not deviation > 0:
        return (0.0,) * GRID.size
    steps = (scores - means.mean()) / (n * deviation)
    found = []
    for tilt in GRID.tolist():
        of_job = n * np.log(np.bincount(code, np.exp(tilt * steps)) / sizes)
        found.append(round(float(np.log(np.exp(of_job).mean())) / tilt, DIGITS) if abs(tilt) > 1e-9 else 0.0)
    return tuple(found)


def worth(keys: NDArray[Any], cluster: NDArray[Any]) -> float:
    """Return how many independent rows the rows of a cluster sample are worth.

    With ``J`` clusters of sizes ``m`` that count alike, and a share ``r`` of the variance between them, the
    variance of the mean is ``(r + (1 - r) mean(1 / m)) / J`` of one row's.

    Parameters
    ----------
    keys : (n,) array
        What the rows are ranked by.
    cluster : (n,) array
        Of each row.

    References
    ----------
    Kish (1965), Survey Sampling, chapter 5; ``r`` by the analysis of variance, on ranks.
    """
    _, code, sizes = np.unique(cluster.astype(str), return_inverse=True, return_counts=True)
    n_clusters, n = len(sizes), len(code)
    if n_clusters == n:
        return float(n)
    _, ranks = np.unique(keys, return_inverse=True)
    ranks = ranks.astype(np.float64)
    if n_clusters < 2 or np.ptp(ranks) == 0:
        return float(n_clusters)
    means = np.bincount(code, ranks) / sizes
    between = float((sizes * (means - ranks.mean()) ** 2).sum()) / (n_clusters - 1)
    within = float(((ranks - means[code]) ** 2).sum()) / (n - n_clusters)
    usual = (n - float((sizes**2).sum()) / n) / (n_clusters - 1)
    spread = between + (usual - 1) * within
    alike = min(max((between - within) / spread, 0.0), 1.0) if spread > 0 else 1.0
    return n_clusters / (alike + (1 - alike) * float((1 / sizes).mean()))
