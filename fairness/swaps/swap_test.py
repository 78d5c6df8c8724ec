"""Swap a value in raw records, score anew, and see who moves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.swaps.kinds import Swap, Swapped
from fairness.swaps.ranks import Pools, scores_from
from fairness.swaps.result import SwapResult
from ranker.errors import DataError, EmptyPoolError, did_you_mean
from ranker.features import FeatureSet
from ranker.ranking.checks import refuse_length
from ranker.records.field import entity_of
from ranker.records.records import Records
from ranker.scoring.additive import AdditiveScorer

__all__ = ["Predict", "scored_by", "swap_test"]

DESIGNS = ("one", "all")
N_CHECKED = 3  # people who are also swapped alone, to see that their scores hang on nobody else's record
NEAR = 1e-9  # relative to the largest score: sums of other libraries may round by the place in an array

Predict = Callable[[Records], Any]


def scored_by(scorer: AdditiveScorer, features: FeatureSet) -> Predict:
    """Return the predict function of a model: features computed anew from the records, then scored.

    Parameters
    ----------
    scorer : AdditiveScorer
        Such as ``EBMRanker.scorer_``.
    features : FeatureSet
        What makes its inputs.

    Examples
    --------
    >>> result = swap_test(records, scored_by(scorer, features), FieldSwap("candidate.gender"))
    >>> result.unmoved
    True
    """
    return lambda records: scorer.score(features.compute(records))


def swap_test(
    records: Records,
    predict: Predict,
    swap: Swap,
    *,
    design: str = "one",
    top_k: int | None = None,
    n_swaps: int = 3,
    together: bool = True,
    random_state: int | np.random.Generator | None = 0,
) -> SwapResult:
    """Give people another name, city or value of a field, and see how their ranks change.

    Parameters
    ----------
    records : Records
        ``n`` pairs of candidates and jobs; they stay as they are.
    predict : callable
        ``predict(records) -> (n,)`` scores, higher is better: this project's models by
        `scored_by`, or any other.
    swap : Swap
        `FieldSwap`, `NameSwap` or `CitySwap`.
    design : {"one", "all"}, default="one"
        ``one``, a correspondence test: each person in turn is given a value of each group, all
        others stay as they are; who stands in several jobs is swapped in all of them. ``all``:
        everybody at once is given a value of the next group, then of the one after it, and
        so on; those without a group one by lot.
    top_k : int, optional
        Count who enters and leaves ranks ``1 .. top_k``.
    n_swaps : int, default=3
        Draws from each group, for swaps that draw; a field's values are given once.
    together : bool, default=True
        Score everybody's variants in one call, which is right where a pair's score depends on
        its own record alone; three people are also swapped alone, and a difference is refused.
        False calls ``predict`` once for each person, group and draw.
    random_state : int, numpy Generator or None, default=0
        Seed of names drawn and of people checked.

    Returns
    -------
    SwapResult

    Raises
    ------
    UnknownFieldError
        If the records have no such field.
    DataError
        If nobody has a value, the swap leaves every record as it is, a field of jobs is to be
        swapped for one person, ``predict`` gives no number, or its scores depend on the rest
        of the pool while all variants are to be scored together.

    Notes
    -----
    A model that reads no protected field, such as one that a FeatureSet feeds, must keep every
    score to the last bit: ``result.unmoved``. That is about the swapped field and where it
    is repeated, not about stand-ins in other fields.

    Ranks follow the rule of `ranker.ranking.ties` with the lots drawn before the swap, so that
    a rank changes by the score alone; `SwapResult.n_lots_changed` counts lots that would change.

    References
    ----------
    Bertrand & Mullainathan (2004), Are Emily and Greg More Employable than Lakisha and Jamal?,
    American Economic Review 94 (correspondence tests). Garg et al. (2019), Counterfactual
    Fairness in Text Classification through Robustness, AIES.

    Examples
    --------
    >>> swap = NameSwap("candidate.name", {"Emily Walsh": "white", "Lakisha Jones": "black"})
    >>> result = swap_test(records, predict, swap, top_k=10)
    >>> result.between_groups()["rank_difference"].to_dict()
    {('black', 'white'): 1.75}
    """
    if design not in DESIGNS:
        raise DataError(f"no design is called {design!r}{did_you_mean(str(design), DESIGNS)}")
    if top_k is not None:
        refuse_length(top_k)
    if n_swaps < 1:
        raise DataError(f"{n_swaps} draws swap nothing: draw at least 1 name from each group")
    if not len(records):
        raise EmptyPoolError("no pair to swap anything in: 0 were given")
    if design == "one" and entity_of(swap.path) == "job":
        raise DataError(
            f"{swap.path!r} is one value for a whole pool: swap it for all at once, design = 'all'"
        )
    run = _Run(records, predict, swap, swap.groups(records), together, np.random.default_rng(random_state))
    if not run.known.any():
        raise DataError(f"nobody has a value of {swap.path!r}: there is nothing to swap")
    for draw in range(n_swaps if swap.draws else 1):
        (run.one_by_one if design == "one" else run.all_at_once)(draw)
    if not run.found:
        raise DataError(
            f"the swap leaves every record as it is: the {int(run.known.sum())} pairs with a value of "
            f"{swap.path!r} have the only one there is to give"
        )
    own = run.groups.codes[run.rows]
    return SwapResult(
        path=swap.path,
        design=design,
        labels=run.groups.labels,
        top_k=top_k,
        n_pairs=len(records),
        n_jobs=run.pools.n_jobs,
        n_missing=int((~run.known).sum()),
        n_unlisted=int((run.known & (own < 0)).sum()),
        n_unchanged=int((run.known & ~run.ever).sum()),
        n_lots_changed=run.n_lots_changed,
        n_others_moved=run.n_others_moved,
        touched=run.touched,
        changes=pd.concat(run.found, ignore_index=True),
    )


@dataclass(slots=True)
class _Run:
    """One test under way; arrays are per pair where nothing else is said."""

    records: Records
    predict: Predict
    swap: Swap
    groups: Groups  # of the rows of the table
    together: bool
    rng: np.random.Generator
    pools: Pools = field(init=False)
    rows: NDArray[np.int64] = field(init=False)  # of the table, of each pair
    known: NDArray[np.bool_] = field(init=False)
    ever: NDArray[np.bool_] = field(init=False)  # whether any draw has changed it
    n_lots_changed: int = 0
    n_others_moved: int = 0
    touched: dict[str, int] = field(default_factory=dict)
    found: list[pd.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pools = Pools(self.records, scores_from(self.predict, self.records))
        self.rows = self.records.rows[entity_of(self.swap.path)]
        self.known = self.swap.known(self.records)[self.rows]
        self.ever = np.zeros(len(self.records), dtype=bool)

    def one_by_one(self, draw: int) -> None:
        """Give everybody a value of each group in turn, and rank each among unchanged others."""
        for code in range(len(self.groups.labels)):
            target = np.full(len(self.groups), code)
            # The draws of one person alone must be those of the person among all.
            seed = int(self.rng.integers(2**63))
            swapped = self.swap.give(self.records, target, np.random.default_rng(seed))
            changed = self._counted(swapped)
            if not changed.any():
                continue
            if self.together:
                scores = scores_from(self.predict, swapped.records)
                self._check_alone(scores, changed, target, seed)
                ranks = self.pools.ranks_one_by_one(scores)
            else:
                scores, ranks = self._alone(changed, target, seed)
            self._keep(swapped, target, changed, scores, ranks, draw)

    def all_at_once(self, draw: int) -> None:
        """Give everybody a value of another group, the next one first, and rank all anew."""
        n_groups = len(self.groups.labels)
        own = self.groups.codes.astype(np.int64)
        for step in range(1, n_groups) if n_groups > 1 else (0,):
            by_lot = self.rng.integers(n_groups, size=len(own))
            target = np.where(own >= 0, (own + step) % n_groups, by_lot)
            swapped = self.swap.give(self.records, target, self.rng)
            changed = self._counted(swapped)
            if changed.any():
                scores = scores_from(self.predict, swapped.records)
                ranks = self.pools.ranks_of(scores)
                self.n_others_moved += int((ranks != self.pools.ranks)[~changed].sum())
                self._keep(swapped, target, changed, scores, ranks, draw)

    def _counted(self, swapped: Swapped) -> NDArray[np.bool_]:
        """Flag the pairs whose record has changed, and count what changed with it."""
        changed = swapped.changed[self.rows]
        self.ever |= changed
        if (lots := swapped.records.lots()) is not None and self.pools.lots is not None:
            self.n_lots_changed += int((lots != self.pools.lots)[changed].sum())
        for path, cells in swapped.touched.items():
            self.touched[path] = self.touched.get(path, 0) + cells
        return changed

    def _keep(
        self,
        swapped: Swapped,
        target: NDArray[np.int64],
        changed: NDArray[np.bool_],
        scores: NDArray[np.float64],
        ranks: NDArray[np.int64],
        draw: int,
    ) -> None:
        rows = self.rows[changed]
        names = np.array([*self.groups.labels, None], dtype=object)
        self.found.append(
            pd.DataFrame(
                {
                    "job": pd.Series(self.records.job[changed], dtype=object),
                    "candidate": pd.Series(self.records.candidate[changed], dtype=object),
                    "before": pd.Series(names[self.groups.codes[rows]], dtype=object),
                    "after": pd.Series(names[target[rows]], dtype=object),
                    "given": pd.Series(swapped.given[rows], dtype=object),
                    "draw": draw,
                    "score_before": self.pools.scores[changed],
                    "score_after": scores[changed],
                    "rank_before": self.pools.ranks[changed],
                    "rank_after": ranks[changed],
                }
            )
        )

    def _swapped_alone(self, row: int, target: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
        only = np.full(len(target), -1)
        only[row] = target[row]
        swapped = self.swap.give(self.records, only, np.random.default_rng(seed))
        return scores_from(self.predict, swapped.records)

    def _alone(
        self, changed: NDArray[np.bool_], target: NDArray[np.int64], seed: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Call predict for each person who changes; scores and ranks of that person's own pairs."""
        scores, ranks = self.pools.scores.copy(), self.pools.ranks.copy()
        for row in np.unique(self.rows[changed]).tolist():
            found, own = self._swapped_alone(row, target, seed), self.rows == row
            scores[own], ranks[own] = found[own], self.pools.ranks_of(found)[own]
        return scores, ranks

    def _check_alone(
        self,
        scores: NDArray[np.float64],
        changed: NDArray[np.bool_],
        target: NDArray[np.int64],
        seed: int,
    ) -> None:
        """Refuse to rank one by one by scores of all together where these are others."""
        rows = np.unique(self.rows[changed])
        finite = np.abs(self.pools.scores[np.isfinite(self.pools.scores)])
        near = NEAR * float(finite.max(initial=0.0))
        for row in np.random.default_rng(seed).permutation(rows)[:N_CHECKED].tolist():
            alone, own = self._swapped_alone(row, target, seed), self.rows == row
            expected = np.where(own, scores, self.pools.scores)
            if not np.allclose(alone, expected, rtol=0.0, atol=near):
                whom = self.records.candidate[own][0]
                raise DataError(
                    f"predict scores pairs otherwise when candidate {whom!r} alone is swapped than among all: "
                    "it reads the rest of the pool, or differs from call to call; fix its seed, or pass "
                    "together=False, one call a person"
                )
