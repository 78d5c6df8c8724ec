"""The watch over one column: its latest values, its walks, and the alarms that hold."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranker.app.monitoring.adjusted import Adjusted
from ranker.app.monitoring.columns import Column, Value
from ranker.app.monitoring.cusum import Cusum, Design, Steps, limit_for
from ranker.app.monitoring.drift import Measured, kolmogorov_smirnov, mean_shift, stability
from ranker.app.monitoring.thresholds import Thresholds
from ranker.app.monitoring.told import ColumnState
from ranker.errors import UsageError

__all__ = ["WINDOWED", "Found", "Watch", "adwin"]

WINDOWED: Final = ("ks", "psi")
Found = tuple[str, int, Measured]  # test, answers that it is about, what they show
NAN: Final = float("nan")


class Watch:
    """One column's latest values, and the alarms that hold.

    Parameters
    ----------
    column : Column
        What training saw of it.
    adjusted : Adjusted or None
        What the other features do not foretell of it, where they foretell some.
    thresholds : Thresholds
        When to call it drift.
    n_columns, n_walks : int
        Of all columns together: among them the false alarms are shared.

    Raises
    ------
    UsageError
        If river is not installed.
    """

    __slots__ = (
        "adjusted", "adwin", "codes", "column", "drifting", "high", "levels", "low", "n", "scores",
        "stepped", "thresholds", "walks",
    )  # fmt: skip

    def __init__(
        self,
        column: Column,
        adjusted: Adjusted | None,
        thresholds: Thresholds,
        *,
        n_columns: int,
        n_walks: int,
    ) -> None:
        size = max(thresholds.windows)
        self.column, self.adjusted, self.thresholds = column, adjusted, thresholds
        self.low, self.high, self.scores = (np.zeros(size) for _ in range(3))
        self.codes: NDArray[np.int64] = np.zeros(size, dtype=np.int64)
        self.n = 0
        self.drifting: dict[str, int] = {}  # test -> answers seen when its alarm was last heard
        self.levels = {
            (test, w): thresholds.level(test, n_columns, w) for test in WINDOWED for w in thresholds.windows
        }
        self.walks: dict[str, tuple[Cusum, Cusum]] = {}
        self.stepped: dict[str, Column] = {}  # by which a walk's steps are scored
        self.adwin = None
        if column.suits_mean:
            self.stepped["mean"], self.walks["mean"] = _walks(column, thresholds, n_walks)
            self.adwin = adwin(thresholds.adwin_delta(n_columns), thresholds.adwin_clock)
        if adjusted is not None:
            self.stepped["adjusted"], self.walks["adjusted"] = _walks(adjusted.rest, thresholds, n_walks)

    def take(self, value: Value) -> float:
        """Keep a value; return its normal score."""
        place = self.column.place(value)
        at = self.n % len(self.low)
        self.low[at], self.high[at], self.codes[at], self.scores[at] = place
        self.n += 1
        return place.score

    def look(self, scores: Mapping[str, float], others: Sequence[Mapping[str, float]] = ()) -> Found | None:
        """Hear all tests after a value; return one that is an alarm.

        Parameters
        ----------
        scores : mapping of str to float
            Normal scores of the answer by column, this one's among them.
        others : sequence of mapping
            The same of further candidates for the answer's job.
        """
        found = None
        score = scores[self.column.name]
        if self.adwin is not None:
            found = self._hear_adwin(self.adwin, score)
        if self.n % self.thresholds.every == 0:
            for test in WINDOWED:
                found = self._hear(test) or found
        for test, walks in self.walks.items():
            if (step := self._step(test, (scores, *others))) is not None:
                found = self._climb(test, walks, *step) or found
        if self.drifting.get("adwin", self.n) <= self.n - len(self.low):
            del self.drifting["adwin"]
        return found

    def measure(self, test: str, window: int) -> Measured | None:
        """Measure the latest answers; ``None`` where the test does not suit the column."""
        rows = np.arange(self.n - window, self.n) % len(self.low)
        if test == "ks":
            return kolmogorov_smirnov(self.low[rows], self.high[rows], self.column)
        if test == "psi":
            return stability(self.codes[rows], self.column)
        return mean_shift(self.scores[rows], self.column)

    def state(self) -> ColumnState:
        """Tell how the column stands."""
        full = [window for window in self.thresholds.windows if window <= self.n]
        column, window = self.column, max(full, default=0)
        psi, ks, mean = (self.measure(test, window) if full else None for test in ("psi", "ks", "mean"))
        verdict = "steady" if full else "too few"
        if psi is not None and psi.value >= self.thresholds.psi_look and psi.p < self.thresholds.clears:
            verdict = "look"
        verdict = "drift" if self.drifting else verdict
        drifting = tuple(sorted(self.drifting))
        return ColumnState(column.name, column.label, self.n, window, psi, ks, mean, drifting, verdict)

    def _step(self, test: str, answer: Sequence[Mapping[str, float]]) -> tuple[float, float] | None:
        """Return the mean of an answer's scores, and its deviation; ``None`` where it says nothing."""
        column = self.stepped[test]
        if test == "mean" or self.adjusted is None:
            told = (one.get(column.name) for one in answer)
        else:
            told = (self.adjusted.score(one) for one in answer)
        found = list(islice((score for score in told if score is not None), column.drawn))
        return (sum(found) / len(found), column.deviation_of(len(found))) if found else None

    def _climb(self, test: str, walks: tuple[Cusum, Cusum], score: float, deviation: float) -> Found | None:
        rises = [rise for walk in walks if (rise := walk.take(score, deviation)) is not None]
        if any(walk.holds for walk in walks):
            self.drifting[test] = self.n
        else:
            self.drifting.pop(test, None)
        return (test, rises[0].n, Measured(rises[0].mean, NAN)) if rises else None

    def _hear(self, test: str) -> Found | None:
        """Look at all windows of one test; return the first that is an alarm."""
        found, quiet = None, True
        for window in self.thresholds.windows:
            if window > self.n:
                break
            measured = self.measure(test, window)
            if measured is None:
                return None
            quiet = quiet and measured.p > self.thresholds.clears
            large = test != "psi" or measured.value >= self.thresholds.psi_alarm
            if found is None and large and measured.p < self.levels[test, window]:
                found = (test, window, measured)
        if found is not None:
            self.drifting[test] = self.n
        elif quiet:
            self.drifting.pop(test, None)
        return found

    def _hear_adwin(self, detector: Any, score: float) -> Found | None:
        before, width = detector.estimation, detector.width
        detector.update(score)
        if not detector.drift_detected:
            return None
        self.drifting["adwin"] = self.n
        # ADWIN drops what came before the change; what it keeps has the new mean.
        kept, mean = int(detector.width), float(detector.estimation)
        old = (before * width + score - mean * kept) / max(width + 1 - kept, 1)
        return "adwin", kept, Measured(mean - old, NAN)


def _walks(column: Column, thresholds: Thresholds, n_walks: int) -> tuple[Column, tuple[Cusum, Cusum]]:
    """Make the walks that find higher values, and lower ones; return them after the column that they follow.

    It is the one without pools where its walk finds a smaller shift: of few jobs, say 30, too little is known of
    how far the means of several candidates lie apart.
    """
    chance = thresholds.walk_chance(n_walks) / 2

    def design(one: Column, *, upwards: bool) -> Design:
        steps = Steps.of(one, upwards=upwards)
        return limit_for(steps, chance, thresholds.horizon, thresholds.deadline)

    up, alone = design(column, upwards=True), replace(column, pools=None)
    if column.pools is not None:
        single = design(alone, upwards=True)
        if _finds(single, thresholds) < _finds(up, thresholds) * column.deviation_of(column.drawn):
            column, up = alone, single
    return column, (Cusum(up, 1), Cusum(design(column, upwards=False), -1))


def _finds(design: Design, thresholds: Thresholds) -> float:
    """Return the smallest shift that is found by the deadline, in deviations of a step."""
    return design.slack + design.limit / thresholds.deadline


def adwin(delta: float, clock: int) -> Any:
    """Make river's ADWIN.

    Parameters
    ----------
    delta : float
        Bound on a false alarm at one look.
    clock : int
        Values between looks.

    Raises
    ------
    UsageError
        If river is not installed.
    """
    try:
        from river.drift import ADWIN
    except ImportError as error:
        name = error.name or "river"
        raise UsageError(f"monitoring needs {name}: pip install 'candor-rank[monitor]'") from None
    # Means of fewer than 30 are not normal enough for the levels that many looks ask for.
    return ADWIN(delta=delta, clock=clock, min_window_length=30, grace_period=60)
