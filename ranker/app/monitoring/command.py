"""The command ``candor monitor``."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ranker.app.progress import shown
from ranker.app.result import Result
from ranker.errors import DataError, SourceError, UsageError

if TYPE_CHECKING:
    from ranker.app.monitoring.fairness_over_time import Weeks
    from ranker.app.monitoring.observing import Observer
    from ranker.app.monitoring.stream import Alert, ColumnState, Monitor

__all__ = ["Watched", "run_monitor"]

PAGES: Final = (".html", ".htm")
POINTS: Final = 200  # of a line of the page


@dataclass(slots=True)
class Watched:
    """A log held against a model's training.

    Parameters
    ----------
    title : str
        Of the model's task.
    digest : str
        The model's.
    database : str
        Where the log is, without a password.
    monitor : Monitor
        After the last answer.
    observer : Observer
        What read the entries.
    weeks : Weeks
        How groups fared.
    alerts : list of Alert
        All of them.
    history : list of (int, dict of str to float)
        PSI of each column at some answers.
    """

    title: str
    digest: str
    database: str
    monitor: "Monitor"
    observer: "Observer"
    weeks: "Weeks"
    n_entries: int = 0
    alerts: list["Alert"] = field(default_factory=list)
    history: list[tuple[int, dict[str, float]]] = field(default_factory=list)

    @property
    def states(self) -> tuple["ColumnState", ...]:
        """How each column stands, those that drift first, then by PSI."""
        order = {"drift": 0, "look": 1, "steady": 2, "too few": 3}
        return tuple(
            sorted(
                self.monitor.states(),
                key=lambda one: (order[one.verdict], -(one.psi.value if one.psi else 0.0)),
            )
        )

    def in_words(self) -> str:
        """Say the finding in a sentence."""
        n, states = self.monitor.n, self.states
        if not n:
            return (
                f"The log holds no ranking or classification by this model ({self.digest[:12]}) to look at."
            )
        drifting = [one.label for one in states if one.verdict == "drift"]
        told = f"{n:,} answer(s) looked at, {len(states)} columns: "
        if drifting:
            told += f"{', '.join(drifting)} drift{'s' if len(drifting) == 1 else ''} from what training saw"
        elif all(one.verdict == "too few" for one in states):
            least = min(self.monitor.thresholds.windows)
            told += f"too few to say anything, as {least} are compared at least"
        else:
            told += "none drifts from what training saw"
        return f"{told}; {len(self.alerts):,} alarm(s) in all."

    def left_out(self) -> str:
        """Say what was not looked at, and why; empty where all was."""
        parts = []
        if self.monitor.n_repeats:
            parts.append(f"{self.monitor.n_repeats:,} that ask again what had just been asked")
        if self.observer.n_unread:
            parts.append(
                f"{self.observer.n_unread:,} whose data are deleted, were not kept or cannot be read"
            )
        said = f"Left out: {'; '.join(parts)}." if parts else ""
        if self.observer.n_scores_only:
            said += f" Of {self.observer.n_scores_only:,} the input was not kept: the answer's own numbers alone count."
        if self.weeks.n_cut:
            said += (
                f" {self.weeks.n_cut:,} ranking(s) show too few of their pool to count selection by group."
            )
        return said.strip()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "in_words": self.in_words(),
            "model": self.digest,
            "database": self.database,
            "training": self.observer.snapshot.origin,
            "entries": self.n_entries,
            "answers": self.monitor.n,
            "left_out": {
                "repeats": self.monitor.n_repeats,
                "unread": self.observer.n_unread,
                "scores_only": self.observer.n_scores_only,
                "rankings_cut": self.weeks.n_cut,
            },
            "drifting": [one.column for one in self.states if one.verdict == "drift"],
            "columns": [one.to_json() for one in self.states],
            "alerts": [one.to_json() for one in self.alerts],
            "weeks": [one.to_json() for one in self.weeks.all()],
            "thresholds": self.monitor.thresholds.in_words(),
        }


def run_monitor(
    directory: Path, database: str, *, out: Path | None = None, last: int | None = None
) -> Result:
    """Hold the answers in a log against what their model was trained on.

    Parameters
    ----------
    directory : Path
        A model directory, of a ranker or a classifier.
    database : str
        The log: ``sqlite:///FILE`` or ``postgresql://USER@HOST/DATABASE``.
    out : Path, optional
        A page (``.html``) to write.
    last : int, optional
        Only the latest so many rankings and classifications; all by default.

    Raises
    ------
    UsageError
        If a library is missing, or there is no such log.
    ModelError
        If the model cannot be read, or there is nothing of its training to compare with.
    StoreUnavailable
        If the log cannot be opened.
    """
    if out is not None and out.suffix.lower() not in PAGES:
        raise DataError(f"{out}: name a page that ends in .html")
    _refuse_absent(database)
    with shown("reading the log") as tell:
        watched = _watch(directory, database, last, tell)
    from ranker.app.monitoring.telling import findings_text

    lines = [findings_text(watched)]
    if out is not None:
        from ranker.app.monitoring.page import monitoring_page

        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(monitoring_page(watched), encoding="utf-8", newline="\n")
        except OSError as error:
            raise SourceError(f"cannot write {str(out)!r}: {error.strerror or error}") from error
        lines.append(f"page: {out}")
    return Result("\n\n".join(lines), {**watched.to_json(), "out": None if out is None else str(out)})


def _refuse_absent(database: str) -> None:
    """Refuse a file that is not there: opening it would make an empty log of a misspelled name."""
    prefix = "sqlite:///"
    path = database.removeprefix(prefix).partition("?")[0]
    if database.startswith(prefix) and path and not Path(path).is_file():
        raise UsageError(
            f"there is no log {path}: name the one that candor serve writes (its setting 'database')"
        )


def _watch(directory: Path, database: str, last: int | None, tell: Any) -> Watched:
    from ranker.app.decisions.store import open_store
    from ranker.app.monitoring.fairness_over_time import Weeks
    from ranker.app.monitoring.observing import Observer
    from ranker.app.monitoring.reading import count, newest, number_from_end, read
    from ranker.app.monitoring.snapshot import load_any, snapshot_of
    from ranker.app.monitoring.stream import Monitor
    from ranker.app.resume_model import ResumeModel

    model = load_any(directory)
    snapshot = snapshot_of(model)
    monitor, observer = Monitor(snapshot), Observer(model, snapshot)
    best = model.classifier.labels.labels[-1] if isinstance(model, ResumeModel) else ""
    weeks = Weeks(top_k=snapshot.top_k, label=best)
    with open_store(database) as store:
        found = Watched(model.task.title, observer.digest, store.place, monitor, observer, weeks)
        after = 0 if last is None else number_from_end(store, observer.digest, last)
        until = newest(store)
        total = count(store, observer.digest, after=after, until=until)
        step = max(total // POINTS, monitor.thresholds.every)
        for entry in read(store, observer.digest, after=after, until=until):
            weeks.take(entry)
            if (observation := observer.observe(entry)) is not None:
                found.alerts += monitor.see(observation)
            found.n_entries += 1
            if found.n_entries % step == 0:
                tell(found.n_entries, total)
                psi = {one.column: one.psi.value for one in monitor.states() if one.psi is not None}
                found.history.append((entry.number, psi))
    return found
