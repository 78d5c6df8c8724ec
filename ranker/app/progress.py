"""A progress bar on standard error, moved by what training says it is doing."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def shown(what: str, unit: str = "rows") -> Iterator[Callable[[int, int], None]]:
    """Show the messages of the ``candor`` loggers as the steps of a running job.

    Nothing is shown where standard error is no terminal, so that logs stay clean.

    Yields
    ------
    callable
        Tells how many rows, or what else the `unit` says, are done, of how many; until it is
        called the end is not known.
    """
    console = Console(stderr=True)
    logger = logging.getLogger("candor")
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        job = progress.add_task(what, total=None)

        class Steps(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                progress.update(job, description=f"{what}: {record.getMessage()}")

        def tell(done: int, of: int) -> None:
            progress.update(job, completed=done, total=of, description=f"{what}: {done:,} of {of:,} {unit}")

        handler, level = Steps(), logger.level
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        try:
            yield tell
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
