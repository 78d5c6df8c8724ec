"""Could chance alone have made two rates differ so? Two tests, which may disagree and are both shown."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ranker.errors import DataError

__all__ = ["Significance", "boschloo", "compare_rates", "fisher_exact", "fisher_mid_p", "pooled_z"]


@dataclass(frozen=True, slots=True)
class Significance:
    """What the tests say of one group's rate against another's.

    Parameters
    ----------
    z, z_p : float
        Pooled two-proportion statistic, in standard deviations, negative where the group's
        rate is the lower one, and its two-sided p; NaN where nobody or everybody is selected.
    fisher_p : float
        Fisher's exact two-sided p.
    mid_p : float
        The same with half the weight of tables as probable as the one found.
    boschloo_p : float or None
        Boschloo's exact p; None where it was not asked for.
    level : float
        Below which a p counts as significant here, such as .05.
    """

    z: float
    z_p: float
    fisher_p: float
    mid_p: float
    boschloo_p: float | None
    level: float

    @property
    def agree(self) -> bool | None:
        """Whether Z and Fisher fall on the same side of the level; None where there is no Z."""
        if math.isnan(self.z_p):
            return None
        return (self.z_p < self.level) == (self.fisher_p < self.level)


def compare_rates(
    selected: int,
    total: int,
    other_selected: int,
    other_total: int,
    *,
    level: float = 0.05,
    with_boschloo: bool = False,
) -> Significance:
    """Test one group's selection rate against another's.

    The normal test is the one that regulators have long used; with few people its p is too
    small as often as not. Fisher's holds the number of selections fixed, as where a number
    of places is filled, and its p is rather too large; the mid-p lies between. That neither
    is significant does not show that rates are equal, least of all where numbers are small.

    Parameters
    ----------
    selected, total : int
        Of the group; `total` from 1.
    other_selected, other_total : int
        Of the group that it is compared with.
    level : float, default=.05
        Below which a p counts as significant.
    with_boschloo : bool, default=False
        Whether to work out Boschloo's p, which takes seconds for hundreds of people and
        minutes for thousands.

    Raises
    ------
    DataError
        If a group has nobody, or the level is no share.

    References
    ----------
    29 CFR 1607.4 D; Morris & Dunleavy, eds. (2017), Adverse Impact Analysis, Routledge.

    Examples
    --------
    >>> found = compare_rates(2, 10, 15, 25)
    >>> round(found.z, 3), round(found.z_p, 3), round(found.fisher_p, 3), found.agree
    (-2.139, 0.032, 0.06, False)
    """
    refuse_level(level)
    z, z_p = pooled_z(selected, total, other_selected, other_total)
    four = (selected, total, other_selected, other_total)
    return Significance(
        z=z,
        z_p=z_p,
        fisher_p=fisher_exact(*four),
        mid_p=fisher_mid_p(*four),
        boschloo_p=boschloo(*four) if with_boschloo else None,
        level=level,
    )


def pooled_z(selected: int, total: int, other_selected: int, other_total: int) -> tuple[float, float]:
    """Two-proportion Z with the pooled rate, without continuity correction, and its two-sided p.

    Parameters
    ----------
    selected, total, other_selected, other_total
        As in `compare_rates`.

    Returns
    -------
    tuple of float
        Standard deviations by which the first rate lies above the second, and p; NaN where
        nobody or everybody is selected.

    References
    ----------
    Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed.

    Examples
    --------
    >>> z, p = pooled_z(412, 797, 170, 390)
    >>> round(z, 3), round(p, 4)
    (2.623, 0.0087)
    """
    _refuse_nobody(total, other_total)
    everyone, chosen = total + other_total, selected + other_selected
    if chosen in (0, everyone):
        return math.nan, math.nan
    # One root of whole numbers: (p1 - p2) / sqrt(p q (1/n + 1/N)), brought to a common denominator.
    gap = selected * other_total - other_selected * total
    z = gap * math.sqrt(everyone / (total * other_total * chosen * (everyone - chosen)))
    return z, math.erfc(abs(z) / math.sqrt(2))


def fisher_exact(selected: int, total: int, other_selected: int, other_total: int) -> float:
    """Fisher's exact p, two-sided: the tables that are no more probable than the one found.

    Parameters
    ----------
    selected, total, other_selected, other_total
        As in `compare_rates`.

    Returns
    -------
    float
        In (0, 1]; 1 where nobody or everybody is selected.

    References
    ----------
    Fisher (1935), The Logic of Inductive Inference, JRSS 98; 29 CFR 1607.4 D.

    Examples
    --------
    >>> round(fisher_exact(12, 40, 48, 80), 4)
    0.0034
    """
    _refuse_nobody(total, other_total)
    table = [[selected, total - selected], [other_selected, other_total - other_selected]]
    return float(stats.fisher_exact(table).pvalue)


def fisher_mid_p(selected: int, total: int, other_selected: int, other_total: int) -> float:
    """Fisher's exact p with half the weight of the tables as probable as the one found.

    Parameters
    ----------
    selected, total, other_selected, other_total
        As in `compare_rates`.

    Returns
    -------
    float
        In (0, 1]; .5 where nobody or everybody is selected, since there is one table only.

    References
    ----------
    Lancaster (1961), Significance Tests in Discrete Distributions, JASA 56.

    Examples
    --------
    >>> round(fisher_mid_p(2, 10, 15, 25), 4)
    0.0437
    """
    _refuse_nobody(total, other_total)
    chosen = selected + other_selected
    law = stats.hypergeom(total + other_total, chosen, total)
    weights = law.pmf(np.arange(max(0, chosen - other_total), min(chosen, total) + 1))
    found = law.pmf(selected)
    # As scipy does for Fisher's p: probabilities that are equal but for rounding are equal.
    alike = np.isclose(weights, found, rtol=1e-7, atol=0.0)
    return float(weights[(weights < found) & ~alike].sum() + weights[alike].sum() / 2)


def boschloo(selected: int, total: int, other_selected: int, other_total: int) -> float:
    """Boschloo's exact p, two-sided: uniformly more powerful than Fisher's, at a price in time.

    Parameters
    ----------
    selected, total, other_selected, other_total
        As in `compare_rates`.

    Returns
    -------
    float
        In [0, 1]; 1 where nobody or everybody is selected.

    References
    ----------
    Boschloo (1970), Raised Conditional Level of Significance for the 2 x 2 Table, Statistica
    Neerlandica 24; scipy.stats.boschloo_exact works it out.
    """
    _refuse_nobody(total, other_total)
    if selected + other_selected in (0, total + other_total):
        return 1.0
    # scipy reads columns as groups.
    table = [[selected, other_selected], [total - selected, other_total - other_selected]]
    return min(1.0, float(stats.boschloo_exact(table).pvalue))


def refuse_level(level: float) -> None:
    """Refuse a level of significance, or of confidence, that is no share between 0 and 1."""
    if not 0 < level < 1:
        raise DataError(f"a level is between 0 and 1, such as .05; it is {level!r}")


def _refuse_nobody(total: int, other_total: int) -> None:
    if total < 1 or other_total < 1:
        raise DataError("a group of nobody has no rate to compare: leave it out")
