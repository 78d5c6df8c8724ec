"""``candor bench``: the measurements of a checkout, in a process of their own."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ranker.errors import SourceError

ROOT = Path(__file__).parents[2]


def run_benchmarks(*, quick: bool, only: Sequence[str], as_json: bool, root: Path = ROOT) -> int:
    """Run ``python -m benchmarks`` there; returns its exit code.

    Raises
    ------
    SourceError
        If the package is installed without its benchmarks.
    """
    if not (root / "benchmarks" / "__main__.py").is_file():
        raise SourceError(
            "candor bench needs a checkout of the repository: benchmarks are no part of the package. "
            'Clone it, install it with pip install -e ".[bench]", and call candor bench again'
        )
    command = [sys.executable, "-m", "benchmarks"]
    command += ["--quick"] if quick else []
    command += ["--json"] if as_json else []
    command += ["--only", *only] if only else []
    return subprocess.run(command, cwd=root, check=False).returncode
