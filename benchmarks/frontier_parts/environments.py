"""Environments of their own for packages that need not fit in with ours."""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.frontier_parts.trials import Skipped

FOLDER = Path(__file__).parents[1] / ".environments"


def python_with(package: str, version: str) -> Path:
    """Return the interpreter of an environment that holds a package; made when it is first asked for.

    Raises
    ------
    Skipped
        If the package cannot be installed.
    """
    home = FOLDER / f"{package}-{version}"
    python = home / "bin" / "python"
    if not python.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / ".gitignore").write_text("*\n", "utf-8")
        # Made aside and moved, so that two processes cannot meet in a half-made one.
        new = Path(tempfile.mkdtemp(dir=FOLDER))
        _run([sys.executable, "-m", "venv", str(new)])
        _run([str(new / "bin" / "python"), "-m", "pip", "install", "--quiet", f"{package}=={version}"])
        try:
            new.rename(home)
        except OSError:
            if not python.exists():
                raise
    return python


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Skipped(f"{' '.join(command[-3:])} failed: {last}")
