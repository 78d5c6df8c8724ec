"""Intervals of means whose values come in clusters: several draws of one person, several people of one job."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.ranking.metrics.intervals import percentile_interval

__all__ = ["clustered_intervals"]


def clustered_intervals(
    values: NDArray[Any],
    codes: NDArray[np.int64],
    n_codes: int,
    unit: NDArray[np.int64],
    n_resamples: int,
    level: float,
    random_state: int | None,
) -> list[tuple[float, float]]:
    """Percentile interval of each group's mean, whole units drawn with replacement.

    Parameters
    ----------
    values : (n,) array of numbers
        What is averaged.
    codes : (n,) int64 array
        Group of each value, 0 .. n_codes - 1.
    n_codes : int
        Groups.
    unit : (n,) int64 array
        Whose value it is: a person's, a job's.
    n_resamples, level, random_state
        As in `ranker.ranking.metrics.bootstrap_mean`.

    Returns
    -------
    list of (low, high)
        One for each group, in the unit of the values; NaN where there are fewer than two units.

    References
    ----------
    Davison & Hinkley (1997), Bootstrap Methods and their Application, section 3.8.
    """
    units, unit = np.unique(unit, return_inverse=True)
    if units.size < 2:
        return [(np.nan, np.nan)] * n_codes
    cell = unit * n_codes + codes
    sums, counts = (
        np.bincount(cell, weights=weights, minlength=units.size * n_codes).reshape(units.size, n_codes)
        for weights in (values.astype(np.float64), None)
    )
    rng = np.random.default_rng(random_state)
    # Of a mean of changes a unit counts as often as it has changes: the sums of both are resampled.
    means = np.full((n_resamples, n_codes), np.nan)
    for row in means:
        times = np.bincount(rng.integers(units.size, size=units.size), minlength=units.size)
        total = times @ counts
        np.divide(times @ sums, total, out=row, where=total > 0)
    return [percentile_interval(column, level=level) for column in means.T]
