"""The watch over a stream of answers: small, of fixed size, and made again from the log at any time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ranker.app.monitoring.column_watch import WINDOWED, Found, Watch
from ranker.app.monitoring.columns import Value
from ranker.app.monitoring.snapshot import Snapshot
from ranker.app.monitoring.thresholds import Thresholds
from ranker.app.monitoring.told import Alert, ColumnState, Observation

__all__ = ["Alert", "ColumnState", "Monitor", "Observation"]

REMEMBERED: Final = 5  # latest questions that are known again: whoever asks once more adds nothing


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
    _watches: dict[str, Watch] = field(init=False, repr=False)
    _seen: dict[int, None] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        columns = self.snapshot.columns
        adjusted = {one.name: one for one in self.snapshot.adjusted}
        n_walks = sum(one.suits_mean for one in columns) + len(adjusted)
        self._watches = {
            one.name: Watch(
                one, adjusted.get(one.name), self.thresholds, n_columns=len(columns), n_walks=n_walks
            )
            for one in columns
        }

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
        watches = {name: self._watches[name] for name in observation.values if name in self._watches}
        scores = {name: watch.take(observation.values[name]) for name, watch in watches.items()}
        others = [self._scores(one) for one in observation.others]
        found = []
        for watch in watches.values():
            heard = bool(watch.drifting)
            alarm = watch.look(scores, others)
            if alarm is not None and not heard:
                found.append(_alert(watch, alarm, observation))
        self.n_alerts += len(found)
        self.alerts = (self.alerts + found)[-100:] if found else self.alerts
        return tuple(found)

    def states(self) -> tuple[ColumnState, ...]:
        """Tell how each column stands, in the snapshot's order."""
        return tuple(watch.state() for watch in self._watches.values())

    def _scores(self, values: Mapping[str, Value]) -> dict[str, float]:
        return {
            name: self._watches[name].column.place(value).score
            for name, value in values.items()
            if name in self._watches
        }


def _alert(watch: Watch, alarm: Found, observation: Observation) -> Alert:
    test, window, measured = alarm
    p = measured.p if test in WINDOWED else None
    column = watch.column
    return Alert(
        column.name,
        column.label,
        test,
        observation.number,
        observation.time,
        watch.n,
        window,
        measured.value,
        p,
    )
