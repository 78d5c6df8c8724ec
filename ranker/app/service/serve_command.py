"""The command ``candor serve``."""

import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
from functools import partial
from importlib.util import find_spec
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
    # Found, not imported: what the workers load, this process does without.
    for library in NEEDED:
        if find_spec(library) is None:
            raise UsageError(f"candor serve needs {library}: pip install 'candor-rank[api]'")
    try:
        from ranker.app.service.settings import read_settings
    except ImportError as error:
        raise UsageError(f"candor serve needs {error.name}: pip install 'candor-rank[api]'") from None
    return read_settings(**given)


def _serve(settings: "ServiceSettings", folder: Path) -> None:
    """Run uvicorn, with the report being made beside it where none is named."""
    from ranker.app.resume_kind import is_resume_model
    from ranker.app.service.audits import made_beside

    if settings.audit is not None or settings.model is None or is_resume_model(settings.model):
        _run(settings, folder)
        return
    with made_beside(settings.model, folder, settings.host, settings.port) as report:
        _run(settings.model_copy(update={"audit": report.path}), folder)


def _run(settings: "ServiceSettings", folder: Path) -> None:
    if settings.workers > 1:
        # Read by the library when it is imported, in each worker: counts of all are put together there.
        counts = folder / "counts"
        counts.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)
    import uvicorn
    from uvicorn.config import STARTUP_FAILURE
    from uvicorn.supervisors import Multiprocess

    from ranker.app.service.connections import BoundedHeaders

    if settings.workers > 1:
        _fork_workers()
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
            supervisor = Multiprocess(config, sockets=[config.bind_socket()])
            supervisor.run()
            if any(one.exitcode == STARTUP_FAILURE for one in supervisor.processes):
                sys.exit(STARTUP_FAILURE)
    except SystemExit as error:
        if error.code:
            raise UsageError(
                f"the server could not start at {settings.host}:{settings.port}; the reason stands above"
            ) from None
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _fork_workers() -> None:
    """Load libraries once for all workers, where the system can fork; elsewhere each of them does so itself.

    The process that workers are forked off has imported :mod:`ranker.app.service.loaded` and started no thread
    of its own, opened no database and read no model. A worker that died is replaced as quickly.
    """
    import multiprocessing

    from uvicorn import _subprocess

    # uvicorn has no setting for it; where it no longer keeps its context there, workers start as it sees fit.
    # The process is reached by a socket in the temporary folder, whose name the system limits to 107 bytes.
    short = len(os.fsencode(tempfile.gettempdir())) < 70
    if sys.platform == "linux" and short and hasattr(_subprocess, "spawn"):
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["ranker.app.service.loaded"])
        spawning: Any = _subprocess
        spawning.spawn = context


def worker(settings: "ServiceSettings") -> "FastAPI":
    """Make the application in a worker's own process; what keeps it from starting is one line."""
    from ranker.app.service import loaded  # noqa: F401 - where it was not forked with all of it

    _end_with_supervisor()
    try:
        from ranker.app.service.api import create_app

        return create_app(settings)
    except CandorError as error:
        logging.getLogger("candor.service").error("%s", error)
        sys.exit(3)  # uvicorn's own code for a start that failed: it tries no other worker


def _end_with_supervisor() -> None:
    """Stop when the supervisor was killed: nobody would replace a worker, and a new start found the port taken."""
    import multiprocessing

    supervisor = multiprocessing.parent_process()
    if supervisor is None:  # one worker alone, which is nobody's
        return

    def wait() -> None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)  # as the supervisor would have: what was accepted is finished

    threading.Thread(target=wait, name="supervisor", daemon=True).start()


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
