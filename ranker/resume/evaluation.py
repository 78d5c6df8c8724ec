"""How well labels are given, and how far stated probabilities hold."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranker.errors import DataError

__all__ = ["N_BINS", "UNCERTAIN", "classification_report", "ece", "perfect_ece", "reliability"]

N_BINS: Final = 15
UNCERTAIN: Final = 0.55  # where no label has more, a person decides
N_DRAWS: Final = 200

Array = NDArray[np.float64]


def classification_report(
    y: Any,
    codes: Any,
    proba: Any,
    labels: Sequence[str],
    *,
    uncertain: float = UNCERTAIN,
    n_draws: int = N_DRAWS,
) -> dict[str, Any]:
    """Hold given labels, and their probabilities, against the true ones.

    Confidence is the probability of the label that is given.

    Parameters
    ----------
    y : (n,) int array
        True labels, positions in ``labels``.
    codes : (n,) int array
        Labels that were given.
    proba : (n, K) array
        Probability of each label; rows sum to 1.
    labels : sequence of str, K of them
        Lowest first.
    uncertain : float
        Rows whose greatest probability is below it go to a person.
    n_draws : int
        Simulations of ``ece_if_perfect``.

    Returns
    -------
    dict
        JSON. ``n``; ``accuracy``; ``macro`` and ``weighted`` {precision, recall, f1}; ``labels``
        {label: {precision, recall, f1, support}}; ``confusion`` (rows true, columns given, in the
        order of ``labels``); ``log_loss``; ``ece`` (15 bins of equal mass) and ``ece_if_perfect``
        {mean, p95}; ``reliability`` (:func:`reliability`); ``histogram`` {edges, counts} of
        confidence in twentieths; ``uncertain`` {below, count, share}.
        A precision without a given label, a recall without a true one, and an F1 without either
        is 0. A label that is neither true nor given counts in no mean.

    Raises
    ------
    DataError
        If shapes do not fit, there is no row, or a row of ``proba`` does not sum to 1.
    """
    true, given, chance = _checked(y, codes, proba, len(labels))
    n = len(true)
    confusion = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(confusion, (true, given), 1)
    hits, support, said = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    scores = {
        "precision": hits / np.maximum(said, 1),
        "recall": hits / np.maximum(support, 1),
        "f1": 2.0 * hits / np.maximum(support + said, 1),
    }
    occurs = support + said > 0
    confidence = chance[np.arange(n), given]
    right = true == given
    perfect = perfect_ece(chance, given, n_draws=n_draws)
    edges = np.linspace(0.0, 1.0, 21)
    unsure = int((chance.max(axis=1) < uncertain).sum())
    return {
        "n": n,
        "accuracy": float(right.mean()),
        "macro": {name: float(values[occurs].mean()) for name, values in scores.items()},
        "weighted": {name: float(values @ support / n) for name, values in scores.items()},
        "labels": {
            str(label): {**{name: float(v[k]) for name, v in scores.items()}, "support": int(support[k])}
            for k, label in enumerate(labels)
        },
        "confusion": confusion.tolist(),
        "log_loss": float(-np.log(np.maximum(chance[np.arange(n), true], 1e-15)).mean()),
        "ece": ece(confidence, right),
        "ece_if_perfect": {
            "mean": float(perfect.mean()) if n_draws else None,
            "p95": float(np.quantile(perfect, 0.95)) if n_draws else None,
        },
        "reliability": reliability(confidence, right),
        "histogram": {
            "edges": [round(float(edge), 2) for edge in edges],
            "counts": np.histogram(confidence, edges)[0].tolist(),
        },
        "uncertain": {"below": uncertain, "count": unsure, "share": unsure / n},
    }


def ece(confidence: Array, right: NDArray[np.bool_], *, n_bins: int = N_BINS) -> float:
    """Measure the expected calibration error: how far accuracy is from confidence, in bins of equal mass.

    Parameters
    ----------
    confidence : (n,) array
        Probability that was stated, in [0, 1].
    right : (n,) bool array
        Whether what was stated came true.
    n_bins : int
        Bins are cut at quantiles of confidence. Equal confidences stay together, so that the order
        of rows does not matter; bins are then as equal as that allows.

    References
    ----------
    Nguyen & O'Connor (2015), Posterior calibration and exploratory analysis for NLP models, EMNLP.
    """
    place, count = _bins(confidence, n_bins)
    gap = np.bincount(place, weights=confidence - right, minlength=len(count))
    return float(np.abs(gap).sum() / len(confidence))


def perfect_ece(
    proba: Array, codes: NDArray[np.int64], *, n_draws: int = N_DRAWS, random_state: int = 0
) -> Array:
    """Simulate the ECE that these predictions would have if every probability were true.

    Even then it is above 0: counted shares scatter around probabilities.

    Parameters
    ----------
    proba : (n, K) array
        Probabilities.
    codes : (n,) int array
        Labels that are given.
    n_draws : int
        Simulations.
    random_state : int
        Seed.

    Returns
    -------
    (n_draws,) float64 array
    """
    confidence = proba[np.arange(len(codes)), codes]
    place, count = _bins(confidence, N_BINS)
    stated = np.bincount(place, weights=confidence, minlength=len(count))
    rng, found = np.random.default_rng(random_state), np.empty(n_draws)
    for draw in range(n_draws):
        right = rng.random(len(codes)) < confidence
        hits = np.bincount(place, weights=right, minlength=len(count))
        found[draw] = np.abs(stated - hits).sum() / len(codes)
    return found


def reliability(
    confidence: Array, right: NDArray[np.bool_], *, n_bins: int = N_BINS
) -> list[dict[str, float]]:
    """Mean confidence and accuracy of each bin of :func:`ece`, from the least confident on.

    Returns
    -------
    list of {"confidence", "accuracy", "count"}
    """
    place, count = _bins(confidence, n_bins)
    stated = np.bincount(place, weights=confidence, minlength=len(count)) / count
    hits = np.bincount(place, weights=right, minlength=len(count)) / count
    rows = zip(stated.tolist(), hits.tolist(), count.tolist(), strict=True)
    return [{"confidence": said, "accuracy": share, "count": n} for said, share, n in rows]


def _bins(confidence: Array, n_bins: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Bin of each row, (n,), and rows of each bin; no bin is empty."""
    cuts = np.quantile(confidence, np.arange(1, n_bins) / n_bins, method="inverted_cdf")
    place = np.unique(np.searchsorted(np.unique(cuts), confidence), return_inverse=True)[1]
    return place, np.bincount(place)


def _checked(
    y: Any, codes: Any, proba: Any, n_labels: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    true, given, chance = np.asarray(y), np.asarray(codes), np.asarray(proba, dtype=np.float64)
    n = len(true)
    if not n:
        raise DataError("there is no row to evaluate: give labelled rows")
    if true.shape != (n,) or given.shape != (n,) or chance.shape != (n, n_labels):
        raise DataError(
            f"y has shape {true.shape}, codes {given.shape} and proba {chance.shape}: with {n_labels} labels "
            f"({n},), ({n},) and ({n}, {n_labels}) belong together"
        )
    for name, array in (("y", true), ("codes", given)):
        bad = np.flatnonzero(~np.isin(array, np.arange(n_labels)))
        if len(bad):
            raise DataError(f"{name} of row {bad[0]} is {array.tolist()[bad[0]]!r}: give 0 to {n_labels - 1}")
    bad = np.flatnonzero(~(np.all(chance >= 0, axis=1) & (np.abs(chance.sum(axis=1) - 1) < 1e-6)))
    if len(bad):
        raise DataError(f"proba of row {bad[0]} is {chance[bad[0]].tolist()}: give chances that sum to 1")
    return true.astype(np.int64), given.astype(np.int64), chance
