"""Balancing labels, of training rows alone: fewer of the many, more of the few, or weights."""

from collections.abc import Hashable, Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranker.errors import DataError, UsageError, did_you_mean

__all__ = ["HOW", "balanced", "class_weights"]

HOW: Final = ("none", "under", "over", "weights", "hybrid")


def class_weights(labels: Iterable[Hashable]) -> dict[Any, float]:
    """Weigh each class so that all of them weigh the same: total / (classes x count).

    Parameters
    ----------
    labels : iterable
        One label a row.

    Returns
    -------
    dict of label to float
        In the order in which labels first occur; the mean weight of a row is 1.

    Raises
    ------
    DataError
        If there is no label.

    Examples
    --------
    >>> class_weights(["Not Fit"] * 1000 + ["Partial Fit"] * 300 + ["Fit"] * 200)["Not Fit"]
    0.5
    """
    counts: dict[Any, int] = {}
    for label in labels:
        counts[label] = counts.get(label, 0) + 1
    if not counts:
        raise DataError("there are no labels to weigh: give one a row")
    total = sum(counts.values())
    return {label: total / (len(counts) * count) for label, count in counts.items()}


def balanced(codes: Any, how: str, *, random_state: int = 0) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Choose training rows, and weigh them, so that labels are balanced.

    Give it rows of the training part alone: a tune or test part that is balanced tells of people
    who never come.

    Parameters
    ----------
    codes : (n,) array
        Label of each training row.
    how : {"none", "under", "over", "weights", "hybrid"}
        Leave all as it is; draw from each class as many rows as the rarest has; repeat rows of each
        class, at random, until it has as many as the commonest; weigh rows by
        :func:`class_weights`; or bring every class to the mean count, the larger ones by leaving
        rows out and the smaller by repeating them.
    random_state : int
        Seed of what is drawn.

    Returns
    -------
    rows : (m,) int64 array
        Positions in ``codes``, ascending. Repeated rows are copies of one person: give
        ``OrdinalEBM.fit`` the candidate of each, so that no bag trains on one copy and stops by
        the other.
    weights : (m,) float64 array
        1 but for "weights".

    Raises
    ------
    DataError
        If there is no row, or ``how`` is none of these.
    UsageError
        If "under", "over" or "hybrid" is asked for without imbalanced-learn.
    """
    codes = np.asarray(codes)
    if codes.ndim != 1 or not len(codes):
        raise DataError(f"codes have shape {codes.shape}: give the label of one row or more")
    if how not in HOW:
        raise DataError(f"balancing {how!r} is not known{did_you_mean(str(how), HOW)}")
    values, code, counts = np.unique(codes, return_inverse=True, return_counts=True)
    rows = np.arange(len(codes), dtype=np.int64)
    if how == "weights":
        weight = class_weights(code.tolist())
        return rows, np.array([weight[k] for k in range(len(values))])[code]
    if how != "none" and len(values) > 1:
        aim = {"under": counts.min(), "over": counts.max(), "hybrid": round(counts.mean())}[how]
        rows = _sampled(rows, code, np.minimum(counts, aim), over=False, random_state=random_state)
        rows = _sampled(rows, code[rows], np.full(len(counts), aim), over=True, random_state=random_state)
    return rows, np.ones(len(rows))


def _sampled(
    rows: NDArray[np.int64], code: NDArray[np.int64], counts: Any, *, over: bool, random_state: int
) -> NDArray[np.int64]:
    """Leave rows out, or repeat them, until each class has its count."""
    try:
        from imblearn.over_sampling import RandomOverSampler
        from imblearn.under_sampling import RandomUnderSampler
    except ImportError as error:
        raise UsageError(
            f"leaving rows out and repeating them needs imbalanced-learn ({error}): "
            "pip install 'candor-rank[resume]', or balance by 'weights'"
        ) from None
    kind = RandomOverSampler if over else RandomUnderSampler
    sampler = kind(sampling_strategy=dict(enumerate(map(int, counts))), random_state=random_state)
    sampler.fit_resample(rows[:, np.newaxis], code)
    return np.sort(rows[sampler.sample_indices_])
