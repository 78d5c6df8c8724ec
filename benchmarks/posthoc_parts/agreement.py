"""How far two splits of a score agree."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import kendalltau

# Decimals, of the largest amount: many entries bring exactly the same, which drawing would put in an order.
EQUAL = 2
NOTHING = 1e-6  # of the largest amount: smaller ones have no sign


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one candidate's two splits.

    Parameters
    ----------
    tau : float
        Kendall's tau-b between the amounts, to a hundredth of the largest exact one; NaN where
        all are equal, or there is one.
    signs : float
        Share of the amounts that are not nothing in the exact answer and have its sign; NaN
        where all are nothing.
    distance : float
        Largest absolute difference over the largest exact amount.
    """

    tau: float
    signs: float
    distance: float

    @classmethod
    def of(cls, said: dict[str, float], exact: dict[str, float]) -> "Agreement":
        """Compare; a part that only one of them names has 0 in the other."""
        names = sorted({*said, *exact})
        one = np.array([said.get(name, 0.0) for name in names])
        other = np.array([exact.get(name, 0.0) for name in names])
        largest = np.abs(other).max(initial=0.0)
        if largest == 0:
            return cls(np.nan, np.nan, np.nan)
        some = np.abs(other) > NOTHING * largest
        tau = kendalltau(*(np.round(part / largest, EQUAL) for part in (one, other))).statistic
        return cls(
            tau=float(tau),
            signs=float((np.sign(one) == np.sign(other))[some].mean()),
            distance=float(np.abs(one - other).max() / largest),
        )
