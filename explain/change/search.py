"""The cheapest choice of one option per block whose amounts reach a threshold, exactly.

Blocks are decided one after the other. What is kept of the partial choices is all that could
still become the answer: one is dropped if even its best completion falls short; if a bound on
what the rest costs, by Lagrange's multiplier, already exceeds an answer that is known; or if
another choice, alike in all that later blocks depend on, costs no more and adds no less. Nothing
else is dropped, so that the last one standing is the cheapest.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from explain.change.choices import Choices, Found

__all__ = ["cheapest", "highest"]

ROUNDING = 1e-11  # of the score: amounts are added in another order here than in the scorer
COST_ROUNDING = 1e-10  # relative
MOST_STATES = 4_000_000  # partial choices at once; 300 MB
MULTIPLIERS = np.geomspace(1e-2, 1e2, 9)  # prices of score, as multiples of all costs over all amounts
SWEEPS = 3  # over the blocks, for an answer to start from

_Table = tuple[tuple[int, ...], NDArray[np.float64]]


def cheapest(
    choices: Choices, threshold: float, *, strict: bool, apart_from: Sequence[frozenset[int]] = ()
) -> Found:
    """Find the cheapest choice that reaches a threshold.

    Parameters
    ----------
    choices : Choices
        What there is.
    threshold : float
        Score to be reached.
    strict : bool
        Whether it must be exceeded.
    apart_from : sequence of frozenset of int
        Sets of blocks, not all of which may be changed together.
    """
    walk = _Walk(choices, apart_from)
    walk.aim(threshold, strict)
    return walk.run()


def highest(choices: Choices) -> Found:
    """Find the highest score that can be reached at any cost."""
    free = Choices(tuple(np.zeros_like(costs) for costs in choices.costs), choices.parts, choices.intercept)
    walk = _Walk(free, ())
    best, score = walk.climb()
    return Found(best, float(choices.cost(best[np.newaxis])[0]), score, walk.proven, walk.n_states)


class _Walk:
    """One search; blocks are walked in ``order``, those of few options first."""

    def __init__(self, choices: Choices, apart_from: Sequence[frozenset[int]]) -> None:
        self.choices, self.apart_from = choices, tuple(apart_from)
        self.n_blocks = len(choices.costs)
        sizes = [costs.size for costs in choices.costs]
        self.order = sorted((b for b in range(self.n_blocks) if sizes[b] > 1), key=sizes.__getitem__)
        self.place = {block: place for place, block in enumerate(self.order)}
        self.n_states, self.proven = 0, True
        # Terms of the same blocks are added up at once: 28 of findhr's become 7.
        joined: dict[tuple[int, ...], NDArray[np.float64]] = {}
        for part in choices.parts:
            # A block of one option is decided already.
            blocks = tuple(block for block in part.blocks if sizes[block] > 1)
            amounts = np.reshape(part.amounts, [sizes[block] for block in blocks])
            joined[blocks] = joined[blocks] + amounts if blocks in joined else amounts
        self.fixed = choices.intercept + float(joined.pop((), np.float64(0.0)))
        self.links = [set(blocks) for blocks in joined if len(blocks) > 1]
        # For each block the tables that hold it, it last, and of these the ones that it completes.
        self.holding: list[list[_Table]] = [[] for _ in choices.costs]
        self.completed: list[list[_Table]] = [[] for _ in choices.costs]
        for blocks, amounts in joined.items():
            for axis, block in enumerate(blocks):
                others = blocks[:axis] + blocks[axis + 1 :]
                table = (others, np.ascontiguousarray(np.moveaxis(amounts, axis, -1)))
                self.holding[block].append(table)
                if block == max(blocks, key=self.place.__getitem__):
                    self.completed[block].append(table)
        self.optimistic = [
            sum((t.max(axis=tuple(range(t.ndim - 1))) for _, t in tables), np.zeros(costs.size))
            for tables, costs in zip(self.completed, choices.costs, strict=True)
        ]
        spans = sum(float(np.ptp(amounts)) for amounts in self.optimistic)
        dear = sum(float(costs.max()) for costs in choices.costs)
        self.multipliers = MULTIPLIERS * ((dear or 1.0) / (spans or 1.0))

    def aim(self, threshold: float, strict: bool) -> None:
        self.threshold, self.strict = threshold, strict
        self.slack = ROUNDING * max(1.0, abs(threshold))

    def added(self, block: int, states: NDArray[np.int64]) -> NDArray[np.float64]:
        """Add up what each option adds to each partial choice: (m, n_blocks) -> (m or 1, n_options)."""
        out = np.zeros((1, self.choices.costs[block].size))
        for others, table in self.completed[block]:
            out = out + table[tuple(states[:, b] for b in others)]
        return out

    def meets(self, scores: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which exact scores reach the threshold."""
        return scores > self.threshold if self.strict else scores >= self.threshold

    def allowed(self, choice: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which choices leave at least one block of each set unchanged."""
        out = np.ones(len(choice), dtype=bool)
        for blocks in self.apart_from:
            out &= ~np.all(choice[:, sorted(blocks)] > 0, axis=1)
        return out

    def guesses(self, multipliers: NDArray[np.float64]) -> NDArray[np.int64]:
        """Find choices that are good for some price of score, by changing one block at a time."""
        choice = np.zeros((multipliers.size, self.n_blocks), np.int64)
        free = np.isinf(multipliers)[:, np.newaxis]  # score at any price
        scale, weight = np.where(free, 1.0, multipliers[:, np.newaxis]), np.where(free, 0.0, 1.0)
        weighed = [weight * costs for costs in self.choices.costs]
        for _ in range(SWEEPS):
            before = choice.copy()
            for block in self.order:
                gain = np.zeros((1, self.choices.costs[block].size))
                for others, table in self.holding[block]:
                    gain = gain + table[tuple(choice[:, b] for b in others)]
                choice[:, block] = (weighed[block] - scale * gain).argmin(axis=1)
            if (before == choice).all():
                break
        return choice

    def run(self) -> Found:
        costs = self.choices.costs
        tried = self.guesses(np.append(self.multipliers, np.inf))
        guesses = np.concatenate([np.zeros((1, self.n_blocks), np.int64), tried])
        good = guesses[self.meets(self.choices.score(guesses)) & self.allowed(guesses)]
        best = good[np.argmin(self.choices.cost(good))] if len(good) else None
        cap = np.inf if best is None else float(self.choices.cost(best[np.newaxis])[0])
        bounds = self._bounds(cap)
        states = np.zeros((1, self.n_blocks), np.int64)
        cost, score = np.zeros(1), np.full(1, self.fixed)
        for depth, block in enumerate(self.order):
            keep = np.flatnonzero(costs[block] <= cap * (1 + COST_ROUNDING))
            added = self.added(block, states)[:, keep]
            cost = cost[:, np.newaxis] + costs[block][keep]
            score = score[:, np.newaxis] + added
            self.n_states += score.size
            alive = self._alive(cost, score, bounds[depth + 1], cap)
            at, option = np.nonzero(alive)
            cost, score = cost[at, option], score[at, option]
            states = states[at]
            states[:, block] = keep[option]
            kept = self._undominated(states, cost, score, depth)
            states, cost, score = states[kept], cost[kept], score[kept]
            if len(states) * costs[self.order[min(depth + 1, len(self.order) - 1)]].size > MOST_STATES:
                # The promising ones only: an answer that is found is one, but no longer proven the cheapest.
                room = MOST_STATES // costs[self.order[min(depth + 1, len(self.order) - 1)]].size
                best_first = np.argsort(self._bound(cost, score, bounds[depth + 1]), kind="stable")[
                    : max(room, 1)
                ]
                states, cost, score = states[best_first], cost[best_first], score[best_first]
                self.proven = False
        ends = states if best is None else np.concatenate([states, best[np.newaxis]])
        found = self._first(ends)
        if found is None:
            return Found(None, np.inf, np.nan, self.proven, self.n_states)
        one = found[np.newaxis]
        return Found(
            found,
            float(self.choices.cost(one)[0]),
            float(self.choices.score(one)[0]),
            self.proven,
            self.n_states,
        )

    def _first(self, states: NDArray[np.int64]) -> NDArray[np.int64] | None:
        """Return the cheapest that holds to the last bit; of equals the one that changes least, then the first."""
        if not len(states):
            return None
        states = states[self.meets(self.choices.score(states)) & self.allowed(states)]
        if not len(states):
            return None
        exact = self.choices.cost(states)
        near = states[exact <= exact.min() * (1 + COST_ROUNDING)]
        changed = (near > 0).sum(axis=1)
        return near[np.lexsort((*near.T[::-1], changed))[0]]

    def _bounds(self, cap: float) -> list[tuple[float, NDArray[np.float64], NDArray[np.float64]]]:
        """For each depth: most that the rest adds; multipliers; least of cost - multiplier x amount."""
        multipliers = self.multipliers
        least = np.zeros((len(self.order) + 1, multipliers.size))
        most = np.zeros(len(self.order) + 1)
        for depth in range(len(self.order) - 1, -1, -1):
            block = self.order[depth]
            fits = self.choices.costs[block] <= cap * (1 + COST_ROUNDING)
            amounts, costs = self.optimistic[block][fits], self.choices.costs[block][fits]
            most[depth] = most[depth + 1] + amounts.max()
            least[depth] = least[depth + 1] + (costs - multipliers[:, np.newaxis] * amounts).min(axis=1)
        # The multipliers that bind at the start bind nearly as well further on: five cost little to try.
        at_start = multipliers * (self.threshold - self.fixed) + least[0]
        chosen = np.unique(np.clip(np.argmax(at_start) + np.arange(-2, 3), 0, multipliers.size - 1))
        return [(most[d], multipliers[chosen], least[d][chosen]) for d in range(len(self.order) + 1)]

    def _bound(
        self,
        cost: NDArray[np.float64],
        score: NDArray[np.float64],
        bound: tuple[float, NDArray[np.float64], NDArray[np.float64]],
    ) -> NDArray[np.float64]:
        _, multipliers, least = bound
        short = self.threshold - score
        out = np.array(cost)
        for multiplier, rest in zip(multipliers, least, strict=True):
            np.maximum(out, cost + multiplier * short + rest, out=out)
        return out

    def _alive(
        self,
        cost: NDArray[np.float64],
        score: NDArray[np.float64],
        bound: tuple[float, NDArray[np.float64], NDArray[np.float64]],
        cap: float,
    ) -> NDArray[np.bool_]:
        alive = score + bound[0] >= self.threshold - self.slack
        if np.isfinite(cap):
            roomy = cap * (1 + COST_ROUNDING) + bound[1].max() * self.slack
            alive &= self._bound(cost, score, bound) <= roomy
        return alive

    def _undominated(
        self, states: NDArray[np.int64], cost: NDArray[np.float64], score: NDArray[np.float64], depth: int
    ) -> NDArray[np.int64]:
        """Drop what another, alike in all that is still to come, beats in cost and score."""
        if len(states) < 2:
            return np.arange(len(states))
        done, later = set(self.order[: depth + 1]), set(self.order[depth + 1 :])
        linked = sorted({b for link in self.links if link & later for b in link & done})
        keys = [(states[:, block], self.choices.costs[block].size) for block in linked]
        keys += [
            (np.all(states[:, sorted(blocks & done)] > 0, axis=1), 2)
            for blocks in self.apart_from
            if blocks & done
        ]
        group, n_groups = np.zeros(len(states), np.int64), 1
        for key, size in keys:
            if n_groups > MOST_STATES:
                found, group = np.unique(group, return_inverse=True)
                n_groups = found.size
            group, n_groups = group * size + key, n_groups * size
        # Within a group by cost, of equal costs the higher score first.
        order = np.lexsort((-score, cost, group))
        group, ahead = group[order], score[order]
        # Highest so far, group by group: places among all scores are whole numbers, exact in any group.
        sorted_scores = np.sort(ahead)
        place = np.searchsorted(sorted_scores, ahead)
        most = np.maximum.accumulate(place + group * len(order)) - group * len(order)
        before = np.full(len(order), -np.inf)
        same = group[1:] == group[:-1]
        before[1:][same] = sorted_scores[most[:-1]][same]
        return np.sort(order[ahead > before - self.slack])

    def climb(self) -> tuple[NDArray[np.int64], float]:
        """Walk towards the highest score."""
        guesses = self.guesses(np.array([np.inf]))
        base = np.zeros((1, self.n_blocks), np.int64)
        both = np.concatenate([base, guesses])
        # Anything as high as what is known already, then the highest of that.
        scores = self.choices.score(both)
        self.aim(float(scores.max()), False)
        most = np.zeros(len(self.order) + 1)
        for depth in range(len(self.order) - 1, -1, -1):
            most[depth] = most[depth + 1] + self.optimistic[self.order[depth]].max()
        states, score = base, np.full(1, self.fixed)
        for depth, block in enumerate(self.order):
            score = score[:, np.newaxis] + self.added(block, states)
            self.n_states += score.size
            at, option = np.nonzero(score + most[depth + 1] >= self.threshold - self.slack)
            score, states = score[at, option], states[at]
            states[:, block] = option
            kept = self._undominated(states, np.zeros(len(states)), score, depth)
            states, score = states[kept], score[kept]
        states = np.concatenate([both, states])
        scores = self.choices.score(states)
        return states[int(np.argmax(scores))], float(scores.max())
