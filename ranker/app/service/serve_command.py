"""The command ``candor serve``."""

import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ranker.app.result import Result
from ranker.errors import CandorError, UsageError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ranker.app.service.settings import ServiceSettings

__all__ = ["run_serve", "worker"]

NEEDED = (
    "fastapi",
    "uvicorn",
    "sqlalchemy",
    "alembic",
    "limits",
    "prometheus_client",
    "pydantic_settings",
    "httptools",
)


def run_serve(
    model: Path | None = None,
    classifier: Path | None = None,
    *,
    show_settings: bool = False,
    **given: Any,
) -> Result:
    """Serve one or two models until told to stop; requests that were accepted are finished.

    Parameters
    ----------
    model, classifier : Path, optional
        Model directories; by default those of the environment or of ``candor.toml``.
    show_settings : bool
        Return the settings instead.
    **given
        Other settings of :class:`~ranker.app.service.settings.ServiceSettings`, such as ``database``,
        ``host``, ``port``, ``workers`` and ``audit``; those that are ``None`` are left to the environment
        and the file.

    Raises
    ------
    UsageError
        If a library is missing, a setting is at fault, or the address is taken.
    CandorError
        If a model cannot be read, or the log cannot be opened.
    """
    settings = _settings({"model": model, "classifier": classifier, **given})
    if show_settings:
        return Result(settings.summary(), settings.shown())
    if settings.model is None:
        raise UsageError("no model is named: candor serve MODEL/, or CANDOR_MODEL, or model in candor.toml")
    # Tables are brought up to date once, before several workers would try; a log that cannot be opened is
    # told here, not by each of them.
    from ranker.app.decisions.store import open_store

    open_store(settings.database).close()
    typer.echo(f"candor serves {settings.model}\n{settings.summary()}", err=True)
    folder = Path(tempfile.mkdtemp(prefix="candor-serve-"))
    try:
        _serve(settings, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Result("stopped", {"stopped": True})


def _settings(given: dict[str, Any]) -> "ServiceSettings":
    try:
        for library in NEEDED:
            import_module(library)
        from ranker.app.service.settings import read_settings
    except ImportError as error:
        raise UsageError(f"candor serve needs {error.name}: pip install 'candor-rank[api]'") from None
    return read_settings(**given)


def _serve(settings: "ServiceSettings", folder: Path) -> None:
    """Run uvicorn, with the report being made beside it where none is named."""
    from ranker.app.service.audits import make_in_background, note_failure

    process = None
    if settings.audit is None and settings.model is not None and _ranks(settings.model):
        report, process = make_in_background(settings.model, folder)
        settings = settings.model_copy(update={"audit": report.path})
        threading.Thread(target=note_failure, args=(report, process), daemon=True).start()
    try:
        _run(settings, folder)
    finally:
        if process is not None:
            process.kill()


def _ranks(model: Path) -> bool:
    from ranker.app.resume_kind import is_resume_model

    return not is_resume_model(model)


def _run(settings: "ServiceSettings", folder: Path) -> None:
    if settings.workers > 1:
        # Read by the library when it is imported, in each worker: counts of all are put together there.
        counts = folder / "counts"
        counts.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from ranker.app.service.connections import BoundedHeaders

    config = uvicorn.Config(
        partial(worker, settings),
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        log_config=_logging(settings.log_level),
        access_log=False,  # ours says no address and no query
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies or None,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        # A worker that compiles its kernels answers no ping for a while, and is not to be killed for it.
        timeout_worker_healthcheck=60,
        http=BoundedHeaders,
        ws="none",
        lifespan="on",
    )
    # A server with one worker raises the signal that stopped it once more when it has stopped, which would
    # end this process before it has cleared up behind itself.
    before = {one: signal.signal(one, lambda *_: None) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        if settings.workers == 1:
            uvicorn.Server(config).run()
        else:
            Multiprocess(config, sockets=[config.bind_socket()]).run()
    except SystemExit as error:
        if error.code:
            raise UsageError(
                f"the server could not start at {settings.host}:{settings.port}; the reason stands above"
            ) from None
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def worker(settings: "ServiceSettings") -> "FastAPI":
    """Make the application in a worker's own process; what keeps it from starting is one line."""
    from ranker.app.service.api import create_app

    try:
        return create_app(settings)
    except CandorError as error:
        logging.getLogger("candor.service").error("%s", error)
        sys.exit(3)  # uvicorn's own code for a start that failed: it tries no other worker


def _logging(level: str) -> dict[str, Any]:
    """Let a line be a line: time, who says it, what; requests as JSON alone."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
            "bare": {"format": "%(message)s"},
        },
        "handlers": {
            "plain": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"},
            "bare": {"class": "logging.StreamHandler", "formatter": "bare", "stream": "ext://sys.stdout"},
        },
        "loggers": {
            "uvicorn": {"handlers": ["plain"], "level": level.upper(), "propagate": False},
            "candor": {"handlers": ["plain"], "level": level.upper(), "propagate": False},
            "candor.access": {"handlers": ["bare"], "level": "INFO", "propagate": False},
        },
    }
