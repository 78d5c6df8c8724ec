"""The terms of a scorer as flat arrays, as kernels read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ranker.scoring.binned_pool import Layout

if TYPE_CHECKING:
    from ranker.scoring.additive import AdditiveScorer

__all__ = ["Program"]

HALF_ULP = 2.0**-24  # of float32, relative


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Terms of a scorer over the codes of a layout; see ``kernels.tables.add_terms``.

    Parameters
    ----------
    axes : ndarray of shape (n_parts,), int64
        Axis of each part; a part is a feature of a term.
    read : tuple of int
        The same, each axis once, in order.
    steps : tuple of ndarray
        ``firsts``, ``maps``, ``map_starts`` and ``table_starts`` of the kernel.
    runs : ndarray of shape (n_terms,), int64
        Of the kernel.
    tables : dict of dtype to (ndarray of shape (1,), ndarray of shape (n_cells,))
        Intercept and tables in the score's unit, as float64 and as float32.
    error : float
        Greatest difference, in the score's unit, between a float32 score and the float64 one:
        with u = 2**-24 and m terms, (m + 1) u / (1 - (m + 1) u) times the intercept's and all
        tables' greatest amounts, and 1e-6 of that on top for what float64 rounds.

    References
    ----------
    Higham (2002), Accuracy and Stability of Numerical Algorithms, 2nd edition, section 4.2.
    """

    axes: NDArray[np.int64]
    read: tuple[int, ...]
    steps: tuple[NDArray[Any], ...]
    runs: NDArray[np.int64]
    tables: dict[np.dtype[Any], tuple[NDArray[Any], NDArray[Any]]]
    error: float

    @property
    def n_terms(self) -> int:
        """Number of terms."""
        return self.runs.size

    @classmethod
    def of(cls, scorer: "AdditiveScorer", layout: Layout) -> Self:
        """Flatten a scorer's terms."""
        tables: list[NDArray[np.float64]] = []
        maps: list[NDArray[np.int64]] = []
        for term in scorer.terms:
            own = [layout.binning(f).bins(scorer.axes[f].level(len(term.features))) for f in term.features]
            if len(own) == 1:
                # Spread over the union: one look-up instead of two.
                tables.append(np.asarray(term.scores[own[0]], np.float64))
                maps.append(np.empty(0, np.int64))
            else:
                tables.append(np.ravel(term.scores).astype(np.float64, copy=False))
                strides = np.cumprod((1, *term.scores.shape[:0:-1]))[::-1]
                maps += [bins * stride for bins, stride in zip(own, strides, strict=True)]
        axes = [f for term in scorer.terms for f in term.features]
        with np.errstate(over="ignore", under="ignore"):
            flat = np.concatenate([np.empty(0), *tables])
            both: dict[np.dtype[Any], tuple[NDArray[Any], NDArray[Any]]] = {
                np.dtype(dtype): (np.array([scorer.intercept]).astype(dtype), flat.astype(dtype))
                for dtype in ("f8", "f4")
            }
        greatest = abs(scorer.intercept) + sum(float(np.abs(table).max()) for table in tables)
        share = (len(tables) + 1) * HALF_ULP
        return cls(
            np.array(axes, np.int64),
            tuple(sorted(set(axes))),
            (
                _starts([len(term.features) for term in scorer.terms]),
                np.concatenate([np.empty(0, np.int64), *maps]).astype(np.uint32),
                _starts([len(one) for one in maps]),
                _starts([len(table) for table in tables]),
            ),
            _runs([[layout.rows[f] for f in term.features] for term in scorer.terms]),
            both,
            share / (1 - share) * greatest * (1 + 1e-6),
        )


def _starts(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.array(lengths, np.int64))]).astype(np.int64)


def _runs(rows: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """1 or 2 where four terms of one feature follow, all narrow or all wide."""
    kinds = [0 if len(own) > 1 else 1 if own[0] >= 0 else 2 for own in rows]
    four = [
        kinds[t] if len(kinds) >= t + 4 and len({*kinds[t : t + 4]}) == 1 else 0 for t in range(len(kinds))
    ]
    return np.array(four, np.int64)
