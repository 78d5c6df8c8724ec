"""Drafts: what is written beside its place, and takes it only when it is complete."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ranker.errors import SourceError

try:
    import fcntl
except ImportError:  # not a POSIX system: nothing tells a dead run's draft from a living one's
    fcntl = None  # type: ignore[assignment]

__all__ = ["draft_folder", "put_in_place"]


@contextmanager
def draft_folder(path: Path) -> Iterator[Path]:
    """Make a folder beside a file that is to be written, and remove it afterwards, whatever happens.

    Its name begins with a dot and ends in ``.tmp``, so that nothing in it passes for a result. It
    is locked while its run lives; folders of runs that died for the same file are removed first.

    Parameters
    ----------
    path : Path
        The file that is to be written.

    Yields
    ------
    Path
        An empty folder in the same file system, so that a file moves out of it in one step.

    Raises
    ------
    SourceError
        If nothing can be written there.
    """
    _remove_dead(path)
    folder = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    lock = -1
    try:
        try:
            folder.mkdir()
            lock = _locked(folder)
        except OSError as error:
            raise unwritable(path, error) from error
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock >= 0:
            os.close(lock)


def put_in_place(draft: Path, path: Path) -> None:
    """Let a complete draft take its place: on disk first, then under its name, then that name on disk."""
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)
    with suppress(OSError):  # a folder that cannot be opened, as on Windows, is synced by nobody
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def unwritable(path: Path, error: OSError) -> SourceError:
    """Say that a file cannot be written, and what to do."""
    return SourceError(
        f"cannot write {str(path)!r}: {error.strerror or error}; give a path in a folder that exists "
        "and may be written to"
    )


def _locked(folder: Path) -> int:
    """Lock a folder for as long as this process lives; return what to close."""
    if fcntl is None:
        return -1
    lock = os.open(folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def _remove_dead(path: Path) -> None:
    """Remove the draft folders of runs that were killed: nobody holds their locks any more."""
    if fcntl is None:
        return
    prefix = f".{path.name}."
    with suppress(OSError):
        for folder in path.parent.iterdir():
            if folder.name.startswith(prefix) and folder.suffix == ".tmp" and folder.is_dir():
                _remove_if_dead(folder)


def _remove_if_dead(folder: Path) -> None:
    with suppress(OSError):
        lock = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)
