"""Which files a model consisted of when it answered."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from ranker.app.decisions.chain import canonical
from ranker.app.decisions.entries import NewDecision
from ranker.app.decisions.store import Store
from ranker.app.decisions.tables import models
from ranker.errors import ModelError

__all__ = ["Registered", "file_hashes", "register_model", "registered_models"]


@dataclass(frozen=True, slots=True)
class Registered:
    """A model that was served.

    Parameters
    ----------
    digest : str
        What decisions name it by.
    number : int
        The entry that holds its files.
    path : Path
        Where it was.
    files : dict of str to str
        SHA-256 by file name, in hex.
    """

    digest: str
    number: int
    path: Path
    files: dict[str, str]


def register_model(store: Store, digest: str, directory: Path, *, caller: str = "server") -> None:
    """Write down which files a model consists of; done once for the same digest and files.

    Parameters
    ----------
    store : Store
        The log.
    digest : str
        What decisions will name it by.
    directory : Path
        The model directory.
    caller : str
        Who serves it.

    Raises
    ------
    ModelError
        If the directory cannot be read.
    """
    files = file_hashes(directory)
    files_hash = hashlib.sha256(canonical(files).encode()).hexdigest()
    known = select(models.c.number).where(models.c.digest == digest, models.c.files_hash == files_hash)
    with store.write() as book:
        if book.connection.execute(known).scalar() is not None:
            return
        recorded = book.append(
            NewDecision(
                kind="model", caller=caller, role="server", model=digest, request_id="",
                input={"digest": digest}, answer={"digest": digest, "files": files},
            )
        )  # fmt: skip
        row = {"digest": digest, "files_hash": files_hash, "path": str(directory.resolve())}
        told = {"number": recorded.number, "files": canonical(files)}
        book.connection.execute(insert(models), row | told)


def registered_models(store: Store) -> tuple[Registered, ...]:
    """Return the models that were served, in the order of their first day."""
    with store.read() as connection:
        rows = connection.execute(select(models).order_by(models.c.number)).mappings()
        return tuple(_registered(row) for row in rows)


def file_hashes(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a model directory: the manifest, and those that it names.

    Raises
    ------
    ModelError
        If one cannot be read.
    """
    from ranker.app.model_directory import MANIFEST, file_hash  # loads pandas, and the log does without

    try:
        named = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))["files"]
        return {name: file_hash(directory / name) for name in sorted([*named, MANIFEST])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{directory} cannot be read as a model directory: {error}") from None


def _registered(row: Any) -> Registered:
    try:
        files = json.loads(row["files"])
    except ValueError:  # told by a verification: they are not those of the entry
        files = {}
    return Registered(row["digest"], row["number"], Path(row["path"]), files)
