"""The watch beside a running server: one worker follows the log, to which all of them write."""

import logging
import threading
from collections.abc import Mapping
from typing import Any, Final

from ranker.app.decisions.store import Store
from ranker.app.model import Model
from ranker.app.monitoring.board import Board
from ranker.app.monitoring.metrics import metrics_text
from ranker.app.monitoring.observing import Observer
from ranker.app.monitoring.reading import count, newest, number_from_end, read
from ranker.app.monitoring.snapshot import snapshot_of
from ranker.app.monitoring.stream import Monitor
from ranker.app.monitoring.thresholds import Thresholds
from ranker.app.resume_model import ResumeModel
from ranker.errors import CandorError

__all__ = ["Watcher"]

log = logging.getLogger("candor.service")

EVERY: Final = 5.0  # seconds between two looks at the log
SETTLED: Final = 2.0  # s after the start: river loads scikit-learn, for which no first request is to wait
MOST: Final = 100  # answers of one look: some 3 ms each, so that a watch takes a tenth of a processor at most
BEHIND: Final = 2_000  # answers of before the start that are looked at, so that a restart forgets no alarm


class Watcher:
    """Follows the log in a thread of its own.

    Parameters
    ----------
    store : Store
        The log.
    models : mapping of str to Model or ResumeModel
        By kind: ``ranker``, ``classifier``.
    thresholds : Thresholds, optional
        When to call it drift.
    every : float
        Seconds between two looks.
    most : int
        Answers of one look, for each model; where more come the watch falls behind, and says by how many.
    board : Board, optional
        Where several workers serve: one of them follows, and tells the others.

    """

    def __init__(
        self,
        store: Store,
        models: Mapping[str, Model | ResumeModel],
        *,
        thresholds: Thresholds | None = None,
        every: float = EVERY,
        most: int = MOST,
        board: Board | None = None,
    ) -> None:
        self._store, self._models = store, dict(models)
        self._thresholds = thresholds or Thresholds()
        self._every, self._most, self._board = every, most, board
        self._follows = board is None
        self._watched: dict[str, tuple[Observer, Monitor]] = {}
        self._after: dict[str, int] = {}
        self._behind: dict[str, int] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._skipped: dict[str, str] = {}

    def start(self) -> None:
        """Begin to follow; returns at once, and nothing that goes wrong reaches who answers."""
        self._thread = threading.Thread(target=self._follow, name="drift", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; waits for the answer that is being looked at."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if self._board is not None:
            self._board.close()

    def open(self) -> None:
        """Read the snapshots, and find where in the log to begin."""
        for kind, model in self._models.items():
            if kind in self._watched or kind in self._skipped:
                continue
            try:
                snapshot = snapshot_of(model)
                watched = Observer(model, snapshot), Monitor(snapshot, self._thresholds)
            except CandorError as error:
                self._skipped[kind] = str(error)
                log.warning("the %s is not watched for drift: %s", kind, error)
                continue
            self._after[kind] = number_from_end(self._store, watched[0].digest, BEHIND)
            with self._lock:
                self._watched[kind] = watched

    def look(self) -> int:
        """Look at what the log has that was not seen yet, up to the limit of one look.

        Returns
        -------
        int
            Answers looked at.

        Raises
        ------
        StoreUnavailable
            If the database is lost; what was seen stays.
        """
        n = 0
        for kind, (observer, monitor) in list(self._watched.items()):
            until = newest(self._store)
            for entry in read(
                self._store, observer.digest, after=self._after[kind], until=until, most=self._most
            ):
                observation = observer.observe(entry)
                if observation is not None:
                    with self._lock:
                        alerts = monitor.see(observation)
                    for alert in alerts:
                        log.warning("drift of the %s: %s", kind, alert.in_words())
                self._after[kind] = entry.number
                n += 1
                if self._stop.is_set():
                    return n
            behind = count(self._store, observer.digest, after=self._after[kind], until=until)
            with self._lock:
                self._behind[kind] = behind
        return n

    def metrics(self) -> bytes:
        """Write what ``/metrics`` tells of drift; takes a millisecond or two."""
        if self._board is not None and not self._follows:
            return self._board.metrics()
        with self._lock:
            return metrics_text({kind: one for kind, (_, one) in self._watched.items()}, dict(self._behind))

    def state(self) -> dict[str, Any]:
        """Return how all columns stand, as JSON, for pages: by kind of model."""
        return dict(self._told()["models"])

    @property
    def skipped(self) -> dict[str, str]:
        """Models that cannot be watched, by kind, and why."""
        return dict(self._told()["skipped"])

    def _told(self) -> dict[str, Any]:
        if self._board is not None and not self._follows:
            return {"models": {}, "skipped": {}, **self._board.state()}
        with self._lock:
            models = {
                kind: {
                    "n": monitor.n,
                    "behind": self._behind.get(kind, 0),
                    "origin": observer.snapshot.origin,
                    "columns": [one.to_json() for one in monitor.states()],
                    "alerts": [one.to_json() for one in monitor.alerts],
                }
                for kind, (observer, monitor) in self._watched.items()
            }
            return {"models": models, "skipped": dict(self._skipped)}

    def _end(self, why: str) -> None:
        """Say that nothing is followed any more, and let another worker try."""
        with self._lock:
            self._watched.clear()
            self._skipped = dict.fromkeys(self._models, why)
        if self._board is not None:
            self._board.tell(self.metrics(), self._told())
            self._board.close()

    def _follow(self) -> None:
        opened = False
        self._stop.wait(min(self._every, SETTLED))
        while not self._stop.is_set():
            try:
                if self._board is None or self._board.lead():
                    if not opened:
                        self.open()
                        opened = self._follows = True
                    self.look()
                    if self._board is not None:
                        self._board.tell(self.metrics(), self._told())
            except CandorError as error:  # a lost database: the answers are refused meanwhile, too
                log.error("the watch for drift waits: %s", error)
            except Exception as error:
                log.error("the watch for drift ended: unforeseen %s", type(error).__name__)
                self._end(f"the watch ended: unforeseen {type(error).__name__}")
                return
            self._stop.wait(self._every)
