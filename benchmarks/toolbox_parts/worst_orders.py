"""How far orders that keep each group together are from the worst of all orders, in lists small enough to compare.

It is what `fairness.metrics.rkl` and `rnd` fall back on where all orders are too many to search.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairness.metrics._prefixes import DIFFERENCE, DIVERGENCE
from ranker.kernels.prefixes import worst_order, worst_order_of_blocks

LONGEST = {2: 300, 3: 120, 4: 50, 5: 35}  # members of a list, by number of groups
MIN_CUTS = 6
KINDS = ("pool", "undisclosed", "census")


@dataclass(slots=True)
class Shortfall:
    """Lists compared, those whose worst order keeps no groups together, and by how much it is worse at most."""

    lists: int = 0
    short: int = 0
    most: float = 0.0

    def add(self, worst: float, found: float) -> None:
        """Count one list."""
        self.lists += 1
        if worst > found + 1e-9:
            self.short += 1
            self.most = max(self.most, worst / found - 1)


def shortfalls(*, seconds: float = 90.0, seed: int = 0) -> dict[str, Shortfall]:
    """Compare random lists for so many processor seconds: rKL by kind and groups, rND of two groups by kind."""
    rng = np.random.default_rng(seed)
    out: dict[str, Shortfall] = {}
    end = time.process_time() + seconds
    while time.process_time() < end:
        n_groups, step, kind = int(rng.integers(2, 6)), int(rng.integers(2, 11)), str(rng.choice(KINDS))
        n = int(rng.integers(2 * step + 1, LONGEST[n_groups] + 1))
        cuts = np.sort(rng.choice(np.arange(1, n), n_groups - 1, replace=False))
        sizes = np.sort(np.diff(cuts, prepend=0, append=n))
        desired = rng.dirichlet(np.ones(n_groups)) if kind == "census" else sizes / n
        weights = _weights(n, step, rng.random() * 0.6 if kind == "undisclosed" else 0.0, rng)
        if (weights > 0).sum() < MIN_CUTS:
            continue
        name = f"{'two groups' if n_groups == 2 else 'three to five groups'}, {kind}"
        worst = worst_order(sizes, desired, weights, DIVERGENCE)
        out.setdefault(f"rKL, {name}", Shortfall()).add(worst, worst_order_of_blocks(sizes, desired, weights))
        if n_groups == 2:
            worst = worst_order(sizes, desired, weights, DIFFERENCE)
            at = np.flatnonzero(weights)
            shares = np.stack((at.clip(max=sizes[0]), (at - sizes[1]).clip(min=0))) / at
            found = float((np.abs(shares - desired[0]) @ weights[at]).max())
            out.setdefault(f"rND, {name}", Shortfall()).add(worst, found)
    return out


def _weights(n: int, step: int, hidden: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Weights of the cut points by disclosed members above them, with a share of hidden members between."""
    ranks = np.cumsum(rng.geometric(1 - hidden, n))  # of the disclosed members
    cuts = np.arange(step, ranks[-1] + 1, step)
    known = np.searchsorted(ranks, cuts, side="right")
    weights = np.zeros(n + 1)
    np.add.at(weights, known, 1 / np.log2(cuts))
    weights[0] = 0.0
    return weights


if __name__ == "__main__":
    for name, found in sorted(shortfalls().items()):
        print(f"{name}: {found.short} of {found.lists}, by {found.most:.2%} at most")
