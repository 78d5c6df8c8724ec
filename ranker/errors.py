"""Every error that Candor raises on purpose, as one tree.

::

    CandorError
    ├── TaskError                 a task file says something that cannot be done
    ├── UsageError                a command was given what does not belong together
    ├── DataError                 what was read does not fit what was promised
    │   ├── SourceError           a file is missing, unreadable or of another format
    │   ├── UnknownFieldError     a path names no column
    │   ├── UnknownJobError       a job was asked for that no record holds
    │   ├── UnknownCandidateError a candidate was asked for that no record holds
    │   └── EmptyPoolError        nobody is left to rank
    ├── ProtectedFieldError       a protected, sensitive or target field would reach a score
    ├── FitError                  training cannot proceed with this data
    ├── ConstraintError           a fairness constraint that means nothing, or nothing measurable
    └── ModelError                a model directory is foreign, incomplete or altered

A message says what is wrong, where, and what to do about it. The command line
prints the message alone and leaves with the class's ``exit_code``.
"""

from collections.abc import Iterable

from rapidfuzz import fuzz, process

__all__ = [
    "CandorError",
    "ConstraintError",
    "DataError",
    "EmptyPoolError",
    "FitError",
    "ModelError",
    "ProtectedFieldError",
    "SourceError",
    "TaskError",
    "UnknownCandidateError",
    "UnknownFieldError",
    "UnknownJobError",
    "UsageError",
    "did_you_mean",
]


class CandorError(Exception):
    """The root: catch this to catch all of them."""

    exit_code = 1


class TaskError(CandorError):
    """A task file says something that cannot be done."""

    exit_code = 2


class UsageError(CandorError):
    """A command was given what does not belong together, or lacks what does."""

    exit_code = 2


class DataError(CandorError, ValueError):
    """What was read does not fit what was promised."""

    exit_code = 3


class SourceError(DataError):
    """A file is missing, unreadable or of another format."""


class UnknownFieldError(DataError):
    """A path names no column."""


class UnknownJobError(DataError):
    """A job was asked for that no record holds."""


class UnknownCandidateError(DataError):
    """A candidate was asked for that no record holds."""


class EmptyPoolError(DataError):
    """Nobody is left to rank."""


class ProtectedFieldError(CandorError, ValueError):
    """A protected, sensitive or target field would reach a score."""

    exit_code = 4


class FitError(CandorError, ValueError):
    """Training cannot proceed with this data."""

    exit_code = 5


class ConstraintError(CandorError, ValueError):
    """A fairness constraint that means nothing, or nothing measurable."""

    exit_code = 6


class ModelError(CandorError):
    """A model directory is foreign, incomplete or altered."""

    exit_code = 7


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Say which known name a wrong one resembles.

    Parameters
    ----------
    wrong : str
        The name as written.
    known : iterable of str
        The names that would have been right.

    Returns
    -------
    str
        ``"; did you mean 'skills'?"``, or the known names where none is close
        and they are few, or ``""``.
    """
    known = sorted(set(known))
    # As a whole first: a name that the wrong one happens to contain is often not the one that was meant.
    found = process.extractOne(wrong, known, scorer=fuzz.ratio, score_cutoff=80)
    if not found:  # nor is a letter that a long one contains
        alike = [name for name in known if 3 * len(name) > len(wrong)]
        found = process.extractOne(wrong, alike, scorer=fuzz.WRatio, score_cutoff=60)
    if found:
        return f"; did you mean {found[0]!r}?"
    if 0 < len(known) <= 16:
        return "; known are " + ", ".join(repr(name) for name in known)
    return ""
