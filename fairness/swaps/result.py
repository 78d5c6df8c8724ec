"""Who moved when a value was swapped, how far, and by group."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.metrics.bootstrap import MIN_JOBS
from fairness.swaps.intervals import clustered_intervals
from ranker.errors import DataError
from ranker.ranking.metrics.intervals import check_resampling

__all__ = ["SwapResult"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SwapResult:
    """What a swap did to scores and ranks.

    Ranks count from 1, the best: a rank change below 0 is a move up the list.

    Parameters
    ----------
    path : str
        The field that was swapped.
    design : {"one", "all"}
        One person at a time among unchanged others, or everybody at once.
    labels : tuple of str
        Groups whose values were given.
    top_k : int or None
        Length of the top that people enter or leave.
    n_pairs, n_jobs : int
        Pairs and jobs tested.
    n_missing : int
        Pairs without a value, never swapped.
    n_unlisted : int
        Pairs whose value is of none of the groups; swapped all the same.
    n_unchanged : int
        Pairs with a value whose record no draw changed: there was no other value to give.
    n_lots_changed : int
        Times that a swapped pair would draw another lot between equal scores, because the field
        is not declared protected or sensitive. Ranks here are of the lots before the swap.
    n_others_moved : int
        Times that somebody moved who was not swapped; always 0 in the design "one", where only
        the swapped are looked at.
    touched : dict of str to int
        Texts and e-mail addresses in which the name was found, by path, over all draws.
    changes : DataFrame
        One row for each swapped pair and draw: ``job``, ``candidate``, ``before`` (group,
        None where of none), ``after``, ``given`` (the value), ``draw``, ``score_before``,
        ``score_after``, ``rank_before``, ``rank_after``.
    """

    path: str
    design: str
    labels: tuple[str, ...]
    top_k: int | None
    n_pairs: int
    n_jobs: int
    n_missing: int
    n_unlisted: int
    n_unchanged: int
    n_lots_changed: int
    n_others_moved: int
    touched: Mapping[str, int]
    changes: pd.DataFrame

    def __repr__(self) -> str:
        return f"SwapResult({self.path!r}, {self.n_changes} changes, {self.n_moved} moved)"

    @property
    def n_changes(self) -> int:
        """Swapped pairs, counted once a draw."""
        return len(self.changes)

    @property
    def n_moved(self) -> int:
        """Changes that moved the swapped person."""
        return int((self._rank_change() != 0).sum())

    @property
    def largest_score_change(self) -> float:
        """Largest absolute change of a score, in its unit; exactly 0 where no score changed a bit."""
        return float(np.abs(self._score_change()).max())

    @property
    def unmoved(self) -> bool:
        """Whether no score changed and nobody moved, the swapped or others."""
        return self.n_moved == 0 and self.n_others_moved == 0 and self.largest_score_change == 0.0

    def overall(self) -> pd.Series:
        """Return the figures of all changes together; see :meth:`by_group`, without intervals.

        Also ``max_abs_rank_change`` and ``max_abs_score_change``.
        """
        measured = self._measured()
        figures = {name: float(column.mean()) for name, column in measured.items() if name not in TOP_COUNTS}
        figures |= {name: int(measured[name].sum()) for name in TOP_COUNTS if name in measured}
        largest = {
            "max_abs_rank_change": int(np.abs(self._rank_change()).max()),
            "max_abs_score_change": self.largest_score_change,
        }
        return pd.Series({"n": self.n_changes, **figures, **largest}, dtype=object, name=self.path)

    def by_group(
        self, *, n_resamples: int = 1000, level: float = 0.95, random_state: int | None = 0
    ) -> pd.DataFrame:
        """Return figures for each group whose values were given.

        Returns
        -------
        DataFrame, one row a group
            ``n`` changes, mean ``rank_change`` with ``low`` and ``high``, ``abs_rank_change``,
            ``share_moved``, mean ``score_change``; with `top_k` how often somebody ``entered``
            and ``left`` the top. NaN for a group that was given to nobody.

        Notes
        -----
        Intervals are percentiles of a bootstrap over jobs, or over candidates where fewer than
        20 jobs hold a change (`unit` says which). Names are taken as drawn: how another list
        would have moved people is not in them.

        Raises
        ------
        DataError
            If ``level`` is not between 0 and 1, or ``n_resamples`` is below 1.
        """
        return self._by(["after"], [(label,) for label in self.labels], n_resamples, level, random_state)

    def by_pair(
        self, *, n_resamples: int = 1000, level: float = 0.95, random_state: int | None = 0
    ) -> pd.DataFrame:
        """Return the figures of :meth:`by_group` for each group before and each group after."""
        found = self.changes[["before", "after"]].drop_duplicates().itertuples(index=False, name=None)
        order = sorted(found, key=lambda pair: (str(pair[0] or ""), pair[1]))
        return self._by(["before", "after"], order, n_resamples, level, random_state)

    def between_groups(
        self, *, n_resamples: int = 1000, level: float = 0.95, random_state: int | None = 0
    ) -> pd.DataFrame:
        """Compare two groups' values on the same person, in the same place, on the same draw.

        Returns
        -------
        DataFrame, one row for each two groups
            ``n`` comparisons; mean ``rank_difference``, the rank with a value of ``first`` less
            that with one of ``second`` (above 0: ``first`` stands further down), with ``low``
            and ``high``; ``share_first_lower`` and ``share_second_lower`` of the comparisons.

        Notes
        -----
        The clearest figure of a correspondence test: who the person is plays no part in it.

        Raises
        ------
        DataError
            For the design "all", where nobody's others stay the same; and as `by_group`.
        """
        if self.design != "one":
            raise DataError(
                "swapped all at once, each person meets other rivals with each value: compare groups in "
                "the design 'one'"
            )
        check_resampling(n_resamples, level)
        keys = ["job", "candidate", "draw"]
        ranks = self.changes.pivot(index=keys, columns="after", values="rank_after").reindex(
            columns=list(self.labels)
        )
        own = self.changes.drop_duplicates(keys).set_index(keys).loc[ranks.index]
        for label in self.labels:
            # Nobody is given what they have: with it they stand where they stood.
            ranks[label] = ranks[label].where(
                ranks[label].notna() | (own["before"] != label).to_numpy(), own["rank_before"]
            )
        unit = self._units(ranks.index.get_level_values("job"), ranks.index.get_level_values("candidate"))
        rows = []
        for at, first in enumerate(self.labels):
            for second in self.labels[at + 1 :]:
                difference = (ranks[first] - ranks[second]).to_numpy(dtype=np.float64)
                kept = ~np.isnan(difference)
                ends = clustered_intervals(
                    difference[kept],
                    np.zeros(kept.sum(), int),
                    1,
                    unit[kept],
                    n_resamples,
                    level,
                    random_state,
                )[0]
                known = difference[kept]
                mean = [
                    float(part.mean()) if known.size else np.nan for part in (known, known > 0, known < 0)
                ]
                rows.append((first, second, known.size, mean[0], *ends, *mean[1:]))
        columns = ["n", "rank_difference", "low", "high", "share_first_lower", "share_second_lower"]
        return pd.DataFrame(rows, columns=["first", "second", *columns]).set_index(["first", "second"])

    @property
    def unit(self) -> str:
        """What intervals resample: ``"jobs"`` from 20 jobs on, else ``"candidates"``."""
        return "jobs" if self.changes["job"].nunique() >= MIN_JOBS else "candidates"

    def in_words(self) -> str:
        """Say in a few sentences what was swapped, what moved, and what that cannot say."""
        how = "one person at a time" if self.design == "one" else "for everybody at once"
        said = (
            f"{self.path} was swapped {how}: {self.n_changes:,} changes over {self.n_pairs:,} pairs of "
            f"{self.n_jobs:,} jobs."
        )
        if self.unmoved:
            said += " No score changed by a single bit and nobody moved."
        else:
            change = self._rank_change()
            said += (
                f" {self.n_moved:,} changes moved the person ({self.n_moved / self.n_changes:.1%}), by "
                f"{np.abs(change).mean():.2f} ranks on average and {np.abs(change).max():,} at most."
            )
            if self.n_others_moved:
                said += f" {self.n_others_moved:,} times somebody moved who was not swapped."
        for number, why in (
            (self.n_missing, "pairs have no value and were not swapped"),
            (self.n_unchanged, "pairs have the only value there was to give"),
            (
                self.n_lots_changed,
                "times the lot between equal scores would be another: declare the field protected or sensitive",
            ),
        ):
            if number:
                said += f" {number:,} {why}."
        return said + " What stands in for the value in other fields was not swapped."

    def to_json(self) -> dict[str, Any]:
        """Return the figures, without the single changes."""

        def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
            flat = table.reset_index().astype(object)
            return [
                dict(zip(map(str, flat.columns), row, strict=True))
                for row in flat.where(flat.notna(), None).itertuples(index=False, name=None)
            ]

        names = ("path", "design", "top_k", "n_pairs", "n_jobs", "n_missing", "n_unlisted", "n_unchanged",
                 "n_lots_changed", "n_others_moved", "n_changes", "n_moved", "unmoved", "unit")  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "labels": list(self.labels),
            "touched": dict(self.touched),
            "overall": self.overall().to_dict(),
            "by_group": rows(self.by_group()),
            "between_groups": rows(self.between_groups()) if self.design == "one" else None,
            "in_words": self.in_words(),
        }

    def _rank_change(self) -> NDArray[np.int64]:
        return (self.changes["rank_after"] - self.changes["rank_before"]).to_numpy(dtype=np.int64)

    def _score_change(self) -> NDArray[np.float64]:
        before, after = (self.changes[name].to_numpy() for name in ("score_before", "score_after"))
        # Two infinite scores of one sign differ by nothing.
        return np.subtract(after, before, out=np.zeros(len(before)), where=after != before)

    def _measured(self) -> dict[str, NDArray[Any]]:
        change = self._rank_change()
        measured: dict[str, NDArray[Any]] = {
            "rank_change": change,
            "abs_rank_change": np.abs(change),
            "share_moved": change != 0,
            "score_change": self._score_change(),
        }
        if self.top_k is not None:
            was, now = (
                (self.changes[name] <= self.top_k).to_numpy() for name in ("rank_before", "rank_after")
            )
            measured |= {"entered": now & ~was, "left": was & ~now}
        return measured

    def _by(
        self,
        names: list[str],
        order: list[tuple[Any, ...]],
        n_resamples: int,
        level: float,
        random_state: int | None,
    ) -> pd.DataFrame:
        check_resampling(n_resamples, level)
        code_of = {key: code for code, key in enumerate(order)}
        codes = np.array([code_of[key] for key in self.changes[names].itertuples(index=False, name=None)])
        n = np.bincount(codes, minlength=len(order))
        table: dict[str, Any] = {"n": n}
        measured = self._measured()
        ends = clustered_intervals(
            measured["rank_change"], codes, len(order),
            self._units(self.changes["job"], self.changes["candidate"]), n_resamples, level, random_state,
        )  # fmt: skip
        for name, values in measured.items():
            sums = np.bincount(codes, weights=values.astype(np.float64), minlength=len(order))
            table[name] = (
                sums.astype(np.int64)
                if name in TOP_COUNTS
                else np.divide(sums, n, out=np.full(len(order), np.nan), where=n > 0)
            )
            if name == "rank_change":
                table["low"], table["high"] = zip(*ends, strict=True)
        index = (
            pd.Index([key[0] for key in order], name=names[0], dtype=object)
            if len(names) == 1
            else pd.MultiIndex.from_tuples(order, names=names)
        )
        return pd.DataFrame(table, index=index)

    def _units(self, job: Any, candidate: Any) -> NDArray[np.int64]:
        return pd.factorize(np.asarray(job if self.unit == "jobs" else candidate, dtype=object))[0]


TOP_COUNTS = ("entered", "left")
