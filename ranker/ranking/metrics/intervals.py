"""Intervals for means over jobs."""

import numpy as np
from numpy.typing import ArrayLike

from ranker.errors import DataError
from ranker.ranking.labels import as_array

__all__ = ["bootstrap_mean", "check_resampling", "percentile_interval"]


def bootstrap_mean(
    per_job_values: ArrayLike,
    *,
    n_resamples: int = 1000,
    level: float = 0.95,
    random_state: int | np.random.Generator | None = 0,
) -> tuple[float, float]:
    """Percentile interval of a mean over jobs, by resampling jobs with replacement.

    Parameters
    ----------
    per_job_values : array_like of shape (n_jobs,)
        A metric per job, such as `ndcg_per_job` gives; NaN entries are left out, as they
        are of the mean.
    n_resamples : int, default=1000
        Resamples to draw.
    level : float, default=0.95
        Share of resampled means inside the interval, between 0 and 1.
    random_state : int, numpy Generator or None, default=0
        Seed of the resampling; None draws a fresh one.

    Returns
    -------
    low, high : float
        In the unit of the values; NaN where fewer than two jobs have a value, since one
        job does not tell how jobs differ.

    Raises
    ------
    DataError
        If `level` is not between 0 and 1, or `n_resamples` is below 1.

    References
    ----------
    Efron & Tibshirani (1993), An Introduction to the Bootstrap, chapter 13.

    Examples
    --------
    >>> low, high = bootstrap_mean([0.5, 0.7, 0.9, float("nan")])
    >>> 0.5 <= low < 0.7 < high <= 0.9
    True
    """
    check_resampling(n_resamples, level)
    values = as_array(per_job_values, what="per_job_values").astype(np.float64)
    values = values[~np.isnan(values)]
    if values.size < 2:
        return float("nan"), float("nan")
    rng = np.random.default_rng(random_state)
    means = np.array([values[rng.integers(values.size, size=values.size)].mean() for _ in range(n_resamples)])
    return percentile_interval(means, level=level)


def check_resampling(n_resamples: int, level: float) -> None:
    """Refuse a bootstrap that gives no interval.

    Parameters
    ----------
    n_resamples : int
        Resamples asked for.
    level : float
        Share of the statistics asked for inside the interval.

    Raises
    ------
    DataError
        If `level` is not between 0 and 1, or `n_resamples` is below 1.
    """
    if not 0 < level < 1:
        raise DataError(
            f"the level of an interval cannot be {level}: give a share between 0 and 1, such as .95"
        )
    if n_resamples < 1:
        raise DataError(f"{n_resamples} resamples give no interval: draw at least 1, better 1000")


def percentile_interval(resampled: ArrayLike, *, level: float) -> tuple[float, float]:
    """Percentiles that leave equal shares of resampled statistics below and above.

    Parameters
    ----------
    resampled : array_like of shape (n_resamples,)
        A statistic of each resample; NaN entries are left out.
    level : float
        Share of the statistics inside the interval, between 0 and 1.

    Returns
    -------
    low, high : float
        NaN where no resample has a value.
    """
    values = np.asarray(resampled, dtype=np.float64)
    values = values[~np.isnan(values)]
    if not values.size:
        return float("nan"), float("nan")
    low, high = np.quantile(values, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)
