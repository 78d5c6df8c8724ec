"""The watch over a stream of answers: small, of fixed size, and made again from the log at any time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ranker.app.monitoring.columns import Column, Value
from ranker.app.monitoring.drift import MOST_SKEWED, Measured, kolmogorov_smirnov, mean_shift, stability
from ranker.app.monitoring.snapshot import Snapshot
from ranker.app.monitoring.thresholds import TESTS, Thresholds
from ranker.errors import UsageError

__all__ = ["Alert", "ColumnState", "Monitor", "Observation"]

REMEMBERED: Final = 5  # latest questions that are known again: whoever asks once more adds nothing
NAMES: Final = {"mean": "mean", "ks": "Kolmogorov-Smirnov", "psi": "PSI", "adwin": "ADWIN"}


@dataclass(frozen=True, slots=True)
class Observation:
    """What one answer shows.

    Parameters
    ----------
    number : int
        The decision's place in the log.
    time : str
        UTC, ISO 8601.
    key : int or None
        Hash of the records that were asked about, by which the same question is known again.
    values : mapping of str to float, str or None
        By column: a number or a text, ``None`` where it is missing. Columns that the answer says nothing of
        are left out.
    """

    number: int
    time: str
    key: int | None
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Alert:
    """A column that began to drift, and by which test it was found.

    Parameters
    ----------
    column, label : str
        The column, for machines and for people.
    test : str
        ``mean``, ``ks``, ``psi`` or ``adwin``.
    number, time
        Of the decision at which it was found.
    n : int
        Answers seen until then.
    window : int
        Answers that were compared with the training part; of ADWIN, those since the change.
    value, p : float or None
        As :class:`~ranker.app.monitoring.drift.Measured`; of ADWIN the new mean less the old one, in standard
        deviations of the training part, and no p.
    """

    column: str
    label: str
    test: str
    number: int
    time: str
    n: int
    window: int
    value: float
    p: float | None

    def in_words(self) -> str:
        """Say it for people."""
        if self.test == "adwin":
            return (
                f"{self.label}: changed within the stream about {self.window:,} answers before decision "
                f"{self.number:,}, by {self.value:+.2f} standard deviations (ADWIN)"
            )
        unit = " standard deviations" if self.test == "mean" else ""
        return (
            f"{self.label}: the latest {self.window:,} answers differ from the training part: {NAMES[self.test]} "
            f"{self.value:{'+' if unit else ''}.2f}{unit}, p {self.p:.1g}, at decision {self.number:,}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in Alert.__slots__} | {"in_words": self.in_words()}


@dataclass(frozen=True, slots=True)
class ColumnState:
    """How a column stands now.

    Parameters
    ----------
    column, label : str
        The column.
    n : int
        Answers that said something of it.
    window : int
        The latest answers that the measures are about; 0 until there are enough.
    psi, ks, mean : Measured or None
        ``None`` where there is too little, or the test does not suit the column.
    drifting : tuple of str
        Tests whose alarm holds.
    verdict : str
        ``drift``, ``look`` (PSI above .1, and not by chance), ``steady``, or ``too few``.
    """

    column: str
    label: str
    n: int
    window: int
    psi: Measured | None
    ks: Measured | None
    mean: Measured | None
    drifting: tuple[str, ...]
    verdict: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        measures = {name: getattr(self, name) for name in ("psi", "ks", "mean")}
        return {
            "column": self.column,
            "label": self.label,
            "n": self.n,
            "window": self.window,
            **{name: None if one is None else one.value for name, one in measures.items()},
            **{f"{name}_p": None if one is None else one.p for name, one in measures.items()},
            "drifting": list(self.drifting),
            "verdict": self.verdict,
        }


class _Watch:
    """One column's latest values, and the alarms that hold."""

    __slots__ = (
        "adwin",
        "codes",
        "column",
        "drifting",
        "high",
        "levels",
        "low",
        "n",
        "scores",
        "since",
        "told",
    )

    def __init__(self, column: Column, thresholds: Thresholds, n_columns: int) -> None:
        size = max(thresholds.windows)
        self.column = column
        self.low, self.high, self.scores = (np.zeros(size) for _ in range(3))
        self.codes: NDArray[np.int64] = np.zeros(size, dtype=np.int64)
        self.n = 0
        self.drifting: dict[str, int] = {}  # test -> answers seen when its alarm was last heard
        self.levels = {
            (test, w): thresholds.level(test, n_columns, w) for test in TESTS for w in thresholds.windows
        }
        self.adwin = None
        if abs(column.skewness) <= MOST_SKEWED:
            self.adwin = adwin(thresholds.adwin_delta(n_columns), thresholds.adwin_clock)

    def take(self, value: Value) -> float:
        place = self.column.place(value)
        at = self.n % len(self.low)
        self.low[at], self.high[at], self.codes[at], self.scores[at] = place
        self.n += 1
        return place.score

    def measure(self, test: str, window: int) -> Measured | None:
        rows = np.arange(self.n - window, self.n) % len(self.low)
        if test == "ks":
            return kolmogorov_smirnov(self.low[rows], self.high[rows], self.column)
        if test == "psi":
            return stability(self.codes[rows], self.column)
        return mean_shift(self.scores[rows], self.column)


@dataclass(slots=True)
class Monitor:
    """Looks at each answer once and says when a column leaves what training saw.

    Parameters
    ----------
    snapshot : Snapshot
        What training saw.
    thresholds : Thresholds
        When to call it drift.

    Attributes
    ----------
    n, n_repeats : int
        Answers seen, and those left out as the same had been asked just before.
    alerts : list of Alert
        The latest hundred.
    n_alerts : int
        All.

    Raises
    ------
    UsageError
        If river is not installed.
    """

    snapshot: Snapshot
    thresholds: Thresholds = field(default_factory=Thresholds)
    n: int = 0
    n_repeats: int = 0
    n_alerts: int = 0
    last: int = 0
    alerts: list[Alert] = field(default_factory=list)
    _watches: dict[str, _Watch] = field(init=False, repr=False)
    _seen: dict[int, None] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        columns = self.snapshot.columns
        self._watches = {one.name: _Watch(one, self.thresholds, len(columns)) for one in columns}

    def see(self, observation: Observation) -> tuple[Alert, ...]:
        """Take in one answer.

        Returns
        -------
        tuple of Alert
            Columns that begin to drift with it; one that drifts already is not told again.
        """
        self.last = max(self.last, observation.number)
        if observation.key is not None:
            if observation.key in self._seen:
                self.n_repeats += 1
                return ()
            self._seen[observation.key] = None
            if len(self._seen) > REMEMBERED:
                del self._seen[next(iter(self._seen))]
        self.n += 1
        found = []
        for name, value in observation.values.items():
            if (watch := self._watches.get(name)) is not None:
                heard = watch.drifting.copy()
                alert = self._look(watch, value, observation)
                if alert is not None and not heard:
                    found.append(alert)
        self.n_alerts += len(found)
        self.alerts = (self.alerts + found)[-100:] if found else self.alerts
        return tuple(found)

    def states(self) -> tuple[ColumnState, ...]:
        """Tell how each column stands, in the snapshot's order."""
        return tuple(self._state(watch) for watch in self._watches.values())

    def _look(self, watch: _Watch, value: Value, observation: Observation) -> Alert | None:
        score = watch.take(value)
        found = None
        if watch.adwin is not None:
            found = _heard_by_adwin(watch, watch.adwin, score)
        if watch.n % self.thresholds.every == 0:
            for test in ("mean", "ks", "psi"):
                found = self._hear(watch, test) or found
        for test in [
            t for t, at in watch.drifting.items() if t == "adwin" and at <= watch.n - len(watch.low)
        ]:
            del watch.drifting[test]
        if found is None:
            return None
        test, window, measured = found
        p = None if test == "adwin" else measured.p
        column = watch.column
        return Alert(
            column.name, column.label, test, observation.number, observation.time, watch.n, window,
            measured.value, p,
        )  # fmt: skip

    def _hear(self, watch: _Watch, test: str) -> tuple[str, int, Measured] | None:
        """Look at all windows of one test; return the first that is an alarm."""
        found, quiet = None, True
        for window in self.thresholds.windows:
            if window > watch.n:
                break
            measured = watch.measure(test, window)
            if measured is None:
                return None
            quiet = quiet and measured.p > self.thresholds.clears
            large = test != "psi" or measured.value >= self.thresholds.psi_alarm
            if found is None and large and measured.p < watch.levels[test, window]:
                found = (test, window, measured)
        if found is not None:
            watch.drifting[test] = watch.n
        elif quiet:
            watch.drifting.pop(test, None)
        return found

    def _state(self, watch: _Watch) -> ColumnState:
        full = [window for window in self.thresholds.windows if window <= watch.n]
        column, window = watch.column, max(full, default=0)
        psi, ks, mean = (watch.measure(test, window) if full else None for test in ("psi", "ks", "mean"))
        verdict = "steady" if full else "too few"
        if psi is not None and psi.value >= self.thresholds.psi_look and psi.p < self.thresholds.clears:
            verdict = "look"
        verdict = "drift" if watch.drifting else verdict
        drifting = tuple(sorted(watch.drifting))
        return ColumnState(column.name, column.label, watch.n, window, psi, ks, mean, drifting, verdict)


def _heard_by_adwin(watch: _Watch, detector: Any, score: float) -> tuple[str, int, Measured] | None:
    before, width = detector.estimation, detector.width
    detector.update(score)
    if not detector.drift_detected:
        return None
    watch.drifting["adwin"] = watch.n
    # ADWIN drops what came before the change; what it keeps has the new mean.
    kept, mean = int(detector.width), float(detector.estimation)
    old = (before * width + score - mean * kept) / max(width + 1 - kept, 1)
    return "adwin", kept, Measured(mean - old, float("nan"))


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
