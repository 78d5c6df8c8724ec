"""The callback rates of the audit of 2004, with tests and with intervals that know which résumés went to one ad."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import fisher_exact, hypergeom, norm

# Bertrand & Mullainathan (2004), Table 1, per cent called back.
PUBLISHED = {
    "white": 9.65, "black": 6.45, "white f": 9.89, "black f": 6.63, "white m": 8.87, "black m": 5.83,
}  # fmt: skip
AD, CALLED = "job_ad_id", "received_callback"


def rates_by(
    table: pd.DataFrame, columns: Sequence[str], *, n_resamples: int, seed: int = 0
) -> list[dict[str, Any]]:
    """Count the callback rate of each cell, in per cent, with a 95 % interval over ads.

    Parameters
    ----------
    table : DataFrame
        One row a résumé.
    columns : sequence of str
        Whose values make the cells.
    n_resamples : int
        Times that ads are drawn with replacement, each with all its résumés.
    """
    code, cells = pd.factorize(pd.MultiIndex.from_frame(table[list(columns)]), sort=True)
    sent, called = _by_ad(table, code, len(cells))
    rate = 100 * called.sum(axis=0) / sent.sum(axis=0)

    def resampled(times: NDArray[np.int64]) -> NDArray[np.float64]:
        n = times @ sent
        return np.divide(100.0 * (times @ called), n, out=np.full(n.shape, np.nan), where=n > 0)

    ends = _interval(resampled, len(sent), n_resamples, seed)
    return [
        {
            **dict(zip(columns, cell, strict=True)),
            "sent": int(sent[:, at].sum()),
            "called": int(called[:, at].sum()),
            "rate": float(rate[at]),
            "interval": [float(end) for end in ends[:, at]],
        }
        for at, cell in enumerate(cells)
    ]


def compared(table: pd.DataFrame, *, n_resamples: int, seed: int = 0) -> dict[str, Any]:
    """Compare the rates of White and Black names: ratio, difference, and three tests.

    Z (pooled) and Fisher's exact test take every résumé for a draw of its own. Those of one ad
    are not: the exact test within ads compares each ad's résumés with each other only, as names
    were assigned, and the intervals draw whole ads.
    """
    black = (table["race"] == "black").to_numpy().astype(int)
    sent, called = _by_ad(table, black, 2)
    n, hits = sent.sum(axis=0), called.sum(axis=0)
    rates = hits / n

    def resampled(times: NDArray[np.int64]) -> NDArray[np.float64]:
        white, other = (times @ called) / (times @ sent)
        return np.array([white / other if other else np.nan, 100 * (white - other)])

    (low_ratio, low), (high_ratio, high) = _interval(resampled, len(sent), n_resamples, seed)
    pooled = hits.sum() / n.sum()
    z = (rates[0] - rates[1]) / np.sqrt(pooled * (1 - pooled) * (1 / n).sum())
    return {
        "ratio": float(rates[0] / rates[1]),
        "ratio_interval": [float(low_ratio), float(high_ratio)],
        "difference": float(100 * (rates[0] - rates[1])),
        "difference_interval": [float(low), float(high)],
        "impact_ratio": float(rates[1] / rates[0]),
        "z": float(z),
        "z_p": float(2 * norm.sf(abs(z))),
        "fisher_p": float(fisher_exact([hits, n - hits]).pvalue),
        "within_ads_p": within_ads(sent, called),
    }


def within_ads(sent: NDArray[np.int64], called: NDArray[np.int64]) -> float:
    """Exact two-sided p of the callbacks in one column, names shuffled within each ad.

    Parameters
    ----------
    sent, called : (n_ads, 2) int64 arrays
        Résumés and callbacks of each ad.

    Returns
    -------
    float
        Chance of a total that is no likelier than the one seen. Given an ad's callbacks, those of
        one group are hypergeometric; totals over ads are their convolution.

    References
    ----------
    Agresti (2013), Categorical Data Analysis, section 7.3.5 (exact conditional tests).
    """
    chances = np.ones(1)
    for (first, second), (hits, others) in zip(sent.tolist(), called.tolist(), strict=True):
        both = hits + others
        of_ad = hypergeom.pmf(np.arange(both + 1), first + second, second, both)
        # An ad that calls nobody, or everybody, says nothing of names.
        chances = np.convolve(chances, of_ad)
    seen = chances[int(called[:, 1].sum())]
    return float(chances[chances <= seen * (1 + 1e-9)].sum())


def _by_ad(
    table: pd.DataFrame, code: NDArray[np.int64], n_cells: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Résumés sent and called back, by ad and cell."""
    ad = pd.factorize(table[AD])[0]
    shape = (int(ad.max()) + 1, n_cells)
    sent, called = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    np.add.at(sent, (ad, code), 1)
    np.add.at(called, (ad, code), table[CALLED].to_numpy())
    return sent, called


def _interval(
    statistic: Callable[[NDArray[np.int64]], NDArray[np.float64]], n_ads: int, n_resamples: int, seed: int
) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    drawn = [
        statistic(np.bincount(rng.integers(n_ads, size=n_ads), minlength=n_ads)) for _ in range(n_resamples)
    ]
    return np.nanquantile(drawn, (0.025, 0.975), axis=0)
