"""The page of drift, and of how groups fare from week to week."""

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from ranker.app.pages.visits import Visit
from ranker.app.resume_model import ResumeModel
from ranker.app.service.state import Service
from ranker.errors import CandorError

if TYPE_CHECKING:
    from ranker.app.monitoring.fairness_over_time import Week

__all__ = ["show_monitoring"]

ANSWERS: Final = 500  # that the weeks are counted from: a page is waited for, candor monitor reads them all
MOST_WEEKS: Final = 12
MOST_ALERTS: Final = 10
VERDICTS: Final = {
    "drift": "drifts from what training saw",
    "look": "deserves a look",
    "steady": "as in training",
    "too few": "too few answers to say",
}


def show_monitoring(visit: Visit) -> Response:
    """Show how the latest answers compare with the training part, and how groups fared."""
    watcher = visit.service.watcher
    return visit.show(
        "monitoring.html",
        states={} if watcher is None else watcher.state(),
        skipped={} if watcher is None else watcher.skipped,
        watched=watcher is not None,
        weeks=_weeks(visit.service),
        answers=ANSWERS,
        newest=MOST_ALERTS,
        verdicts=VERDICTS,
    )


def _weeks(service: Service) -> "dict[str, tuple[Week, ...]]":
    """Count the latest answers of each model by week and group; those that cannot be counted are left out."""
    try:
        from ranker.app.monitoring.fairness_over_time import Weeks
        from ranker.app.monitoring.reading import newest, number_from_end, read
        from ranker.app.monitoring.snapshot import snapshot_of
    except ImportError:  # the extra monitor is not there; the page says how to get it
        return {}
    found: dict[str, tuple[Week, ...]] = {}
    models: dict[str, Any] = {"ranker": service.served.ranker, "classifier": service.served.classifier}
    for kind, model in models.items():
        if model is None:
            continue
        try:
            top_k = snapshot_of(model).top_k
        except CandorError:
            continue
        best = model.classifier.labels.labels[-1] if isinstance(model, ResumeModel) else ""
        weeks, digest, store = Weeks(top_k=top_k, label=best), service.served.digests[kind], service.store
        for entry in read(store, digest, after=number_from_end(store, digest, ANSWERS), until=newest(store)):
            weeks.take(entry)
        found[kind] = tuple(weeks.all()[-MOST_WEEKS:])
    return found
