"""The application: models, log and routes put together."""

import asyncio
import gc
import logging
import os
import random
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ranker.app.decisions.models import register_model
from ranker.app.decisions.retention import expire
from ranker.app.decisions.store import Store, open_store
from ranker.app.monitoring.board import Board
from ranker.app.monitoring.watching import Watcher
from ranker.app.pages.routes import page_routes
from ranker.app.served import Served
from ranker.app.served.bodies import bodies_for
from ranker.app.service import problems, routes_decisions, routes_health, routes_model, routes_reviews
from ranker.app.service.admission import Admission
from ranker.app.service.audits import AuditFile
from ranker.app.service.callers import KeyRing, caller_of
from ranker.app.service.description import describe
from ranker.app.service.forms import ObjectionBody, OutcomeBody, OverrideBody, ReviewBody
from ranker.app.service.meters import FOLDER, Meters
from ranker.app.service.observed import Observed
from ranker.app.service.rates import Rates
from ranker.app.service.routes_answers import routes_for
from ranker.app.service.settings import ServiceSettings
from ranker.app.service.state import Service
from ranker.errors import CandorError, UsageError

__all__ = ["create_app"]

log = logging.getLogger("candor.service")

DAY: Final = timedelta(days=1)
FORMS: Final = (ReviewBody, ObjectionBody, OverrideBody, OutcomeBody)
DESCRIPTION: Final = (
    "Ranks candidates for jobs and labels résumés with glass-box models, and says why. Every answer is "
    "recorded in a log of decisions before it is sent; the header Decision-Id names its entry. Of a key that "
    "stands twice in an object the last one counts."
)


def create_app(
    settings: ServiceSettings,
    *,
    served: Served | None = None,
    store: Store | None = None,
    chance: Callable[[], float] = random.random,
) -> FastAPI:
    """Make the application of one worker.

    Parameters
    ----------
    settings : ServiceSettings
        What the server was told.
    served : Served, optional
        The models; read from the settings' directories by default.
    store : Store, optional
        The log; opened at the settings' URL, and closed at the end, by default.
    chance : callable
        Draws from [0, 1), for the cases that are put before a person by chance.

    Raises
    ------
    CandorError
        If a model cannot be read, or the log cannot be opened.
    """
    own_store = store is None
    if served is None:
        if settings.model is None:
            raise UsageError(
                "no model is named: candor serve MODEL/, or CANDOR_MODEL, or model in candor.toml"
            )
        served = Served.load(settings.model, settings.classifier)
    store = open_store(settings.database) if store is None else store
    service = _service(settings, served, store, chance)
    app = FastAPI(
        title="Candor",
        description=DESCRIPTION,
        version=_version(),
        docs_url=None,  # its page is fetched from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(caller_of)],  # so that no route can be forgotten
        lifespan=_lifespan(service, own_store),
    )
    app.state.service = service
    for router in (
        routes_for(served, service.bodies),
        routes_model.router,
        routes_decisions.router,
        routes_reviews.router,
        routes_health.router,
    ):
        app.include_router(router)
    app.router.routes.extend(page_routes(service))
    app.add_exception_handler(problems.Problem, problems.tell_problem)
    app.add_exception_handler(HTTPException, problems.tell_http_error)
    app.add_exception_handler(RequestValidationError, problems.tell_parameters)
    app.add_middleware(
        Admission,
        meters=service.meters,
        in_flight=settings.in_flight,
        seconds=settings.request_seconds,
        retry_after=settings.retry_after,
    )
    app.add_middleware(Observed, meters=service.meters, log_access=settings.access_log)
    _describe_once(app, service)
    return app


def _service(settings: ServiceSettings, served: Served, store: Store, chance: Callable[[], float]) -> Service:
    meters = Meters()
    for kind, digest in served.digests.items():
        meters.model.labels(kind, digest).set(1)
    return Service(
        settings=settings,
        served=served,
        store=store,
        bodies=bodies_for(settings.limits),
        keys=KeyRing(store, settings.key_seconds),
        rates=Rates(settings),
        meters=meters,
        audit=AuditFile(settings.audit),
        pool=ThreadPoolExecutor(settings.threads, "answers"),
        chance=chance,
        watcher=_watcher(settings, served, store, meters),
    )


def _watcher(settings: ServiceSettings, served: Served, store: Store, meters: Meters) -> Watcher | None:
    if not settings.watch:
        return None
    models = {"ranker": served.ranker, "classifier": served.classifier}
    folder = os.environ.get(FOLDER)
    watcher = Watcher(
        store,
        {kind: model for kind, model in models.items() if model is not None},
        board=None if folder is None else Board(Path(folder)),
    )
    meters.more.append(watcher.metrics)
    return watcher


def _lifespan(service: Service, own_store: bool) -> Callable[[FastAPI], Any]:
    """Make what happens before the first request and after the last."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.run(lambda: _ready(service))
        keeper = asyncio.create_task(_expire_daily(service))
        if service.watcher is not None:
            service.watcher.start()
        try:
            yield
        finally:
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper
            if service.watcher is not None:
                await asyncio.to_thread(service.watcher.stop)
            service.pool.shutdown(wait=True)
            gc.unfreeze()
            if own_store:
                service.store.close()

    return lifespan


def _ready(service: Service) -> None:
    """Say in the log which files the models consist of, and answer made-up requests once."""
    settings, served = service.settings, service.served
    for kind, digest in served.digests.items():
        directory = settings.model if kind == "ranker" or settings.classifier is None else settings.classifier
        if directory is not None:
            register_model(service.store, digest, directory)
    served.warm()
    # What is here now stays until the end. A collection that looks through all of it takes .2 s, and every
    # request waits for it; frozen, it is not looked at.
    gc.collect()
    gc.freeze()


async def _expire_daily(service: Service) -> None:
    """Delete what is older than the settings let stand; several workers do it one after the other."""
    if service.settings.retention_days is None:
        return
    while True:
        before = datetime.now(UTC) - service.settings.retention_days * DAY
        try:
            await service.run(partial(expire, service.store, before.isoformat(), caller="server"))
        except (problems.Problem, CandorError) as error:
            log.error("what is older than %s was not deleted: %s", before.date(), error)
        await asyncio.sleep(DAY.total_seconds())


def _describe_once(app: FastAPI, service: Service) -> None:
    """Let the application describe the bodies, which its routes parse by themselves."""
    answered = [
        service.served.body_of(endpoint, service.bodies)
        for endpoint in ("classify", "rank", "explain", "counterfactual", "contrast")
    ]

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app, [*answered, *FORMS])
        return app.openapi_schema

    described: Any = app
    described.openapi = openapi  # as FastAPI's own pages on extending it say


def _version() -> str:
    try:
        return version("candor-rank")
    except PackageNotFoundError:
        return "0"
