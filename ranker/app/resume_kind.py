"""Whether a task or a model is about résumés, told at a glance and without loading what they need."""

import tomllib
from pathlib import Path
from typing import Final

__all__ = ["CLASSIFIER", "is_resume_model", "is_resume_task"]

CLASSIFIER: Final = "classifier.json"  # the file that only the directory of a classifier has


def is_resume_task(path: Path) -> bool:
    """Tell whether a task file has a section ``[resumes]``; what cannot be read has none."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False
    return "resumes" in raw


def is_resume_model(directory: Path) -> bool:
    """Tell whether a directory holds a classifier of résumés; its files are checked when it is loaded."""
    return (directory / CLASSIFIER).is_file()
