"""The model's report, which a command makes once and the server shows."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["AuditFile", "made_beside"]

STEP: Final = 0.25  # s between two looks whether the server listens
REACHED_AT: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # a server that listens everywhere


@dataclass(frozen=True, slots=True)
class AuditFile:
    """A report as ``candor audit`` writes it: a page, and its figures beside it.

    Parameters
    ----------
    path : Path or None
        The page or the figures; ``None`` where there is no report.
    """

    path: Path | None

    def page(self) -> str | None:
        """Return the page, where there is one."""
        return None if self.path is None else _text(self.path.with_suffix(".html"))

    def figures(self) -> Mapping[str, Any] | None:
        """Return the figures, where they are there and whole."""
        text = None if self.path is None else _text(self.path.with_suffix(".json"))
        try:
            found = None if text is None else json.loads(text)
        except ValueError:
            return None  # being written
        return found if isinstance(found, dict) else None

    def missing(self) -> str | None:
        """Say why there is none, ``None`` where there is one."""
        if self.figures() is not None:
            return None
        if self.path is None:
            return (
                "no report was made: candor audit MODEL/ --out FILE makes one of a ranker; name it by --audit"
            )
        failed = _text(self.path.with_suffix(".failed"))
        if failed:
            return f"the report could not be made: {failed.strip().splitlines()[-1]}"
        return "the report is being made: come again in a minute"


@contextmanager
def made_beside(model: Path, folder: Path, host: str, port: int) -> Iterator[AuditFile]:
    """Have another process make the report, at the lowest priority and once the server listens.

    A start, above all one after a fall, has the processor to itself; the report can wait.

    Parameters
    ----------
    model : Path
        A ranker's directory; its task's files have to be where they were.
    folder : Path
        Where the report goes.
    host, port : str, int
        Where the server will listen; at port 0, which the system chooses, nothing is waited for.

    Yields
    ------
    AuditFile
        The report to be; the process ends with the block.
    """
    out, stop = folder / "report.html", threading.Event()
    making = threading.Thread(target=_make, args=(model, out, (host, port), stop), daemon=True)
    making.start()
    try:
        yield AuditFile(out)
    finally:
        stop.set()
        making.join()


def _make(model: Path, out: Path, address: tuple[str, int], stop: threading.Event) -> None:
    while address[1] and not _listens(address):
        if stop.wait(STEP):
            return
    try:
        with _started(model, out) as process:
            while process.poll() is None:
                if stop.wait(STEP):
                    process.kill()
                    return
        if process.returncode == 0:
            return
        told = _text(out.with_suffix(".errors")) or f"candor audit left with code {process.returncode}"
    except OSError as error:
        told = f"candor audit could not be started: {error}"
    with suppress(OSError):
        out.with_suffix(".failed").write_text(told, encoding="utf-8")


def _listens(address: tuple[str, int]) -> bool:
    """Tell whether a worker is ready; before that none takes a connection."""
    host, port = address
    with suppress(OSError), socket.create_connection((REACHED_AT.get(host, host), port), timeout=STEP):
        return True
    return False


def _started(model: Path, out: Path) -> "subprocess.Popen[bytes]":
    code = "import os, sys; os.nice(19) if hasattr(os, 'nice') else None; from ranker.app.cli import main; main()"
    # From a checkout that is not installed, too.
    paths = [str(Path(__file__).parents[3]), *filter(None, [os.environ.get("PYTHONPATH")])]
    with out.with_suffix(".errors").open("wb") as errors:
        return subprocess.Popen(
            [sys.executable, "-c", code, "audit", os.fspath(model), "--out", os.fspath(out)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None
