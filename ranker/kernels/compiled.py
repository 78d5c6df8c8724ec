"""How kernels are compiled, and how their machine code is kept between processes.

Numba keeps what it has compiled beside the source, or in the user's cache where that is not
writable (``NUMBA_CACHE_DIR`` names another place). Two things are mended here. Its index of a
kernel is read, extended and written without a lock, so that two processes compiling different
signatures at once may file one's code under the other's name. And it looks for changes in the
kernel's own file only, not in those of the kernels that it calls.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from numba import njit

try:
    import fcntl
except ImportError:  # no POSIX: numba's own care must do
    fcntl = None  # type: ignore[assignment]

__all__ = ["kernel"]

_told = False


def kernel(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function at its first call; the machine code is kept for the processes to come.

    Parameters
    ----------
    **options
        Of ``numba.njit``, such as ``fastmath``; ``nogil`` and ``cache`` are set.

    Returns
    -------
    callable
        A decorator; what it returns is numba's dispatcher, so kernels can call kernels.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        dispatcher = njit(**{"nogil": True, "cache": True, **options})(function)
        dispatcher._cache._cache_file._source_stamp = _sources()
        dispatcher._cache = _Kept(dispatcher._cache)
        return dispatcher

    return decorate


@cache
def _sources() -> str:
    """Digest of all kernels: machine code of other ones is not used."""
    digest = blake2b(digest_size=16)
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class _Kept:
    """Numba's cache of one kernel, written under a lock; the first miss of a process is told."""

    def __init__(self, cache: Any) -> None:
        self._of_numba = cache

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of_numba, name)

    def load_overload(self, signature: Any, target: Any) -> Any:
        found = self._of_numba.load_overload(signature, target)
        if found is None:
            _tell()
        return found

    def save_overload(self, signature: Any, data: Any) -> None:
        with _alone(Path(self._of_numba.cache_path)):
            self._of_numba.save_overload(signature, data)


def _tell() -> None:
    global _told
    if not _told and not os.environ.get("CANDOR_QUIET"):
        print("candor: compiling kernels, once for this machine and version", file=sys.stderr, flush=True)
    _told = True


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder of machine code, if there can be one."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        file = (folder / "candor.lock").open("a")
    except OSError:
        file = None  # read-only: numba will not write there either
    try:
        if file is not None and fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        if file is not None:
            file.close()
