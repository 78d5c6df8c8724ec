"""What groups of names do to a figure: contrasts, their intervals, and tests that shuffle names.

The unit is the name (all names of one first name together, all templates and places averaged), so that
ten thousand texts about forty people count as forty people. A name has several attributes: groups of one
are compared among units that share all others, women's names of one race with women's of another.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from fairness.swaps.text_templates import Variant

__all__ = ["Comparison", "Units", "mean_interval"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
# Sums of shuffled numbers differ in their last bits from sums of the same numbers in another order.
NEAR = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Units:
    """Variants that count together.

    Parameters
    ----------
    keys : tuple of str
        ``U`` of them.
    of : (n,) int64 array
        Unit of each variant.
    groups : tuple of dict
        Attributes of each unit.
    """

    keys: tuple[str, ...]
    of: Codes
    groups: tuple[dict[str, str], ...]

    @classmethod
    def among(cls, variants: Sequence[Variant]) -> "Units":
        """Put variants together that share a unit and all groups."""
        places: dict[tuple[str, tuple[tuple[str, str], ...]], int] = {}
        of = [
            places.setdefault((one.key, tuple(sorted(one.groups.items()))), len(places)) for one in variants
        ]
        return cls(
            tuple(key for key, _ in places),
            np.array(of, dtype=np.int64),
            tuple(dict(groups) for _, groups in places),
        )

    def means(self, values: Floats) -> Floats:
        """Average over each unit's variants: (..., n, m) in, (..., U, m) out."""
        share = np.zeros((len(self.keys), len(self.of)))
        share[self.of, np.arange(len(self.of))] = 1.0
        share /= share.sum(axis=1, keepdims=True)
        return np.asarray(np.einsum("un,...nm->...um", share, values))

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes that any unit has, sorted."""
        return tuple(sorted({attribute for groups in self.groups for attribute in groups}))


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Groups of one attribute, compared within strata of the others.

    Parameters
    ----------
    attribute : str
    labels : tuple of str
        Groups that are compared with another one somewhere.
    rows : (C,) int64 array
        Units compared: those whose group is known, in a stratum with two groups or more.
    codes, strata : (C,) int64 array
        Group and stratum of each.
    n_unknown, n_alone : int
        Units without a group, and units whose stratum holds no other group.
    """

    attribute: str
    labels: tuple[str, ...]
    rows: Codes
    codes: Codes
    strata: Codes
    n_unknown: int
    n_alone: int

    @classmethod
    def of(cls, units: Units, attribute: str) -> "Comparison":
        """Find what can be compared."""
        known = [row for row, groups in enumerate(units.groups) if attribute in groups]
        others = [tuple(sorted(i for i in units.groups[row].items() if i[0] != attribute)) for row in known]
        kinds: dict[Any, set[str]] = {}
        for row, other in zip(known, others, strict=True):
            kinds.setdefault(other, set()).add(units.groups[row][attribute])
        kept = [(row, other) for row, other in zip(known, others, strict=True) if len(kinds[other]) > 1]
        labels = tuple(sorted({units.groups[row][attribute] for row, _ in kept}))
        strata = {other: code for code, other in enumerate(dict.fromkeys(other for _, other in kept))}
        return cls(
            attribute,
            labels,
            np.array([row for row, _ in kept], dtype=np.int64),
            np.array([labels.index(units.groups[row][attribute]) for row, _ in kept], dtype=np.int64),
            np.array([strata[other] for _, other in kept], dtype=np.int64),
            len(units.groups) - len(known),
            len(known) - len(kept),
        )

    def contrast(self, code: int) -> tuple[Floats, Floats]:
        """Return what turns units' figures into one group's difference from the others, and the group's part.

        Returns
        -------
        contrast : (C,) float64 array
            The difference is ``contrast @ figures``: within each stratum the group's mean less
            that of the others, strata weighted by ``n_in * n_out / n``. It is the coefficient of
            the group's indicator in a least-squares fit with a level for each stratum.
        centred : (C,) float64 array
            That indicator, less its mean in each stratum.
        """
        centred = self._centred((self.codes == code).astype(np.float64))
        return centred / (centred @ centred), centred

    def differences(self, code: int, figures: Floats, level: float) -> tuple[Floats, Floats, Floats]:
        """Return one group's differences from the others, with Student's intervals over units.

        Parameters
        ----------
        code : int
            Group.
        figures : (C, m) float64 array
            Of the compared units.
        level : float
            Of the intervals.

        Returns
        -------
        difference, low, high : (m,) float64 array
            In the figures' unit; ends are NaN where no unit is left to tell how names vary.

        References
        ----------
        Frisch & Waugh (1933), Partial Time Regressions as Compared with Individual Trends, Econometrica 1.
        """
        contrast, centred = self.contrast(code)
        difference = contrast @ figures
        rest = self._centred(figures) - centred[:, None] * difference
        freedom = len(self.rows) - int(self.strata.max()) - 2
        if freedom < 1:
            gone = np.full(difference.shape, np.nan)
            return difference, gone, gone
        error = np.sqrt((rest**2).sum(axis=0) / freedom / (centred @ centred))
        half = student.ppf((1 + level) / 2, freedom) * error
        return difference, difference - half, difference + half

    def p_values(self, figures: Floats, n_permutations: int, rng: np.random.Generator) -> Floats:
        """Tell how often groups lie as far apart as they do when they are shuffled within each stratum.

        Parameters
        ----------
        figures : (C, m) float64 array
            Of the compared units.
        n_permutations : int
        rng : numpy Generator

        Returns
        -------
        (m,) float64 array
            Share of shuffles, the given order among them, in which groups' sums of squares are as
            large or larger; 1 for a figure that is the same for all.

        References
        ----------
        Phipson & Smyth (2010), Permutation P-values Should Never Be Zero, SAGMB 9; Good (2005),
        Permutation, Parametric and Bootstrap Tests of Hypotheses, section 7.3 on strata.
        """
        centred = self._centred(figures)
        # So that what is told apart from rounding does not hang on the figure's size.
        scale = np.abs(centred).max(axis=0)
        centred = centred / np.where(scale > 1e-12, scale, np.inf)
        shuffled = np.empty((n_permutations, len(self.codes)), dtype=np.int64)
        for stratum in range(int(self.strata.max()) + 1):
            here = np.flatnonzero(self.strata == stratum)
            shuffled[:, here] = rng.permuted(np.tile(self.codes[here], (n_permutations, 1)), axis=1)
        as_far = self._apart(shuffled, centred) >= self._apart(self.codes[None], centred) - NEAR
        return np.asarray((1 + as_far.sum(axis=0)) / (1 + n_permutations))

    def least_p(self, n_permutations: int) -> float:
        """Return the smallest p that these groups could get, however far they lie apart."""
        sizes = np.zeros((len(self.labels), int(self.strata.max()) + 1), dtype=int)
        np.add.at(sizes, (self.codes, self.strata), 1)
        ways = sum(
            math.lgamma(column.sum() + 1) - sum(math.lgamma(n + 1) for n in column.tolist())
            for column in sizes.T
        )
        # Groups of the same sizes may change places as a whole, and lie as far apart.
        same = sum(math.lgamma(n + 1) for n in Counter(map(tuple, sizes.tolist())).values())
        return float(max(math.exp(min(same - ways, 0.0)), 1 / (1 + n_permutations)))

    def _apart(self, codes: Codes, centred: Floats) -> Floats:
        total = np.zeros((len(codes), centred.shape[1]))
        for code in range(len(self.labels)):
            total += ((codes == code) @ centred) ** 2 / max(int((self.codes == code).sum()), 1)
        return total

    def _centred(self, figures: Floats) -> Floats:
        """Subtract each stratum's mean."""
        out = figures.astype(np.float64, copy=True)
        for stratum in range(int(self.strata.max()) + 1):
            here = self.strata == stratum
            out[here] -= out[here].mean(axis=0)
        return out


def mean_interval(values: Floats, level: float) -> tuple[float, float, float]:
    """Return the mean of independent values, with Student's interval; NaN ends for fewer than two."""
    mean = float(values.mean()) if values.size else math.nan
    if values.size < 2:
        return mean, math.nan, math.nan
    half = float(student.ppf((1 + level) / 2, values.size - 1) * values.std(ddof=1) / math.sqrt(values.size))
    return mean, mean - half, mean + half
