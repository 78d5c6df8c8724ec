"""The model's report, which a command makes once and the server shows."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["AuditFile", "make_in_background"]


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


def make_in_background(model: Path, folder: Path) -> tuple[AuditFile, subprocess.Popen[bytes]]:
    """Have another process make the report, at the lowest priority.

    Parameters
    ----------
    model : Path
        A ranker's directory; its task's files have to be where they were.
    folder : Path
        Where the report goes.

    Returns
    -------
    (AuditFile, Popen)
        The report to be, and the process, for whoever started it to end.
    """
    out = folder / "report.html"
    code = "import os, sys; os.nice(19) if hasattr(os, 'nice') else None; from ranker.app.cli import main; main()"
    # From a checkout that is not installed, too.
    paths = [str(Path(__file__).parents[3]), *filter(None, [os.environ.get("PYTHONPATH")])]
    errors = out.with_suffix(".errors").open("wb")
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", code, "audit", os.fspath(model), "--out", os.fspath(out)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
    finally:
        errors.close()
    return AuditFile(out), process


def note_failure(audit: AuditFile, process: subprocess.Popen[bytes]) -> None:
    """Wait for the process; where it failed, let what it said be found."""
    if process.wait() != 0 and audit.path is not None:
        errors = audit.path.with_suffix(".errors")
        told = _text(errors) or f"candor audit left with code {process.returncode}"
        audit.path.with_suffix(".failed").write_text(told, encoding="utf-8")


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None
