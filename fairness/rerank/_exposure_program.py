"""The linear program over tables of chances that maximises DCG under a constraint on groups' exposure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, vstack

INFEASIBLE = 2  # scipy's status


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """One job's program, of ``m`` candidates and ``d <= m`` places.

    Parameters
    ----------
    relevance : ndarray of shape (m,)
        Gain of each candidate.
    worth : ndarray of shape (d,)
        Exposure of each place.
    codes : ndarray of shape (m,)
        Group of each candidate, from 0, every one present.
    yields : ndarray of shape (m,)
        What a candidate makes of a unit of exposure, in the constraint.
    claims : ndarray of shape (n_groups,)
        What the groups' mean yields are to be in proportion to, above 0.
    bound : float
        Each group's mean over its claim lies within a factor ``1 - bound`` .. ``1 + bound`` of one
        number common to all.
    """

    relevance: NDArray[np.float64]
    worth: NDArray[np.float64]
    codes: NDArray[np.int64]
    yields: NDArray[np.float64]
    claims: NDArray[np.float64]
    bound: float

    @property
    def attainable(self) -> bool:
        """Whether groups can have exposure as claimed at all; told where yields are all 1, else True.

        Groups can have mean exposures exactly if, taken from the most exposed, their sums never exceed
        those of the best places and end at the sum of all (Rado 1952): a program of a few rows, where the
        large one may take a minute to find that it has no solution.
        """
        if (self.yields != 1).any():
            return True
        order = np.argsort(-self.claims, kind="stable")
        n_members, claims = np.bincount(self.codes)[order], self.claims[order]
        n_groups = len(order)
        best = np.zeros(len(self.codes) + 1)
        best[1 : len(self.worth) + 1] = self.worth
        most = np.cumsum(best)[np.cumsum(n_members)]
        # Unknowns: mean exposures, in the order of the claims, and the number common to all.
        sums = np.column_stack([np.tril(np.ones((n_groups, n_groups))) * n_members, np.zeros(n_groups)])
        falling = np.column_stack([np.diff(np.eye(n_groups), axis=0), np.zeros(n_groups - 1)])
        low = np.column_stack([-np.eye(n_groups), (1 - self.bound) * claims])
        high = np.column_stack([np.eye(n_groups), -(1 + self.bound) * claims])
        found = linprog(
            np.zeros(n_groups + 1),
            A_ub=np.vstack([sums[:-1], falling, low, high]),
            b_ub=np.concatenate([most[:-1], np.zeros(3 * n_groups - 1)]),
            A_eq=sums[-1:],
            b_eq=most[-1:],
            bounds=(0, None),
            method="highs-ds",
        )
        return bool(found.status != INFEASIBLE)

    def solve(self) -> NDArray[np.float64] | None:
        """Return the chance of each candidate to have each place, (m, d); None where there is no such table.

        Raises
        ------
        RuntimeError
            If the solver gives up.
        """
        if not self.attainable:
            return None
        m, d = len(self.relevance), len(self.worth)
        cell = np.arange(m * d)
        row, column = cell // d, cell % d
        value = self.yields[row] * self.worth[column]
        n_members = np.bincount(self.codes)
        of_group = csr_array(
            (value / (n_members * self.claims)[self.codes[row]], (self.codes[row], cell)),
            shape=(len(n_members), m * d),
        )
        ones = np.ones(m * d)
        of_rows = csr_array((ones, (row, cell)), shape=(m, m * d))
        of_columns = csr_array((ones, (column, cell)), shape=(d, m * d))
        # One more variable than cells: the number that is common to all groups.
        equal = [_with(of_columns, 0.0)]
        equal_to = [np.ones(d)]
        at_most, at_most_to = [], []
        if m == d:
            equal.append(_with(of_rows, 0.0))
            equal_to.append(np.ones(m))
        else:
            at_most.append(_with(of_rows, 0.0))
            at_most_to.append(np.ones(m))
        if self.bound == 0:
            equal.append(_with(of_group, -1.0))
            equal_to.append(np.zeros(len(n_members)))
        else:
            at_most += [_with(of_group, -(1 + self.bound)), _with(-of_group, 1 - self.bound)]
            at_most_to += [np.zeros(len(n_members))] * 2
        # Divided by the largest, so that the solver's tolerances mean the same in any unit.
        gain = self.relevance[row] * self.worth[column] / max(np.abs(self.relevance).max(), 1e-300)
        # Interior points with a crossover to a corner: 7 times as fast as the simplex at 200 candidates.
        for method in ("highs-ipm", "highs-ds"):
            found = linprog(
                np.append(-gain, 0.0),
                A_ub=vstack(at_most).tocsr() if at_most else None,
                b_ub=np.concatenate(at_most_to) if at_most else None,
                A_eq=vstack(equal).tocsr(),
                b_eq=np.concatenate(equal_to),
                bounds=(0, None),
                method=method,
            )
            if found.status == 0:
                return np.clip(found.x[:-1].reshape(m, d), 0.0, 1.0)
        if found.status == INFEASIBLE:
            return None
        raise RuntimeError(f"HiGHS gave up: {found.message}")


def _with(table: csr_array, common: float) -> csr_array:
    return hstack([table, csr_array(np.full((table.shape[0], 1), common))])
