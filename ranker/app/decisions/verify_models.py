"""Whether model directories still hold the files that answered."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select

from ranker.app.decisions.documents import Document
from ranker.app.decisions.models import Registered, file_hashes, registered_models
from ranker.app.decisions.store import Store
from ranker.app.decisions.tables import answers, decisions
from ranker.errors import ModelError

__all__ = ["check_models"]


def check_models(store: Store, models: Mapping[str, Path] | None) -> tuple[list[tuple[int, str]], list[str]]:
    """Hold files against what was written down when they were served.

    Parameters
    ----------
    store : Store
        The log.
    models : mapping of str to Path or None
        Directories by digest; ``None`` takes each where it was served from.

    Returns
    -------
    (faults, notes)
        Faults as the number of the entry that holds the model's files, and what is wrong; notes on
        models that cannot be checked.
    """
    known = registered_models(store)
    faults = [(one.number, "its row in the table models was changed") for one in _altered(store, known)]
    faults += [(number, "its row in the table models was removed") for number in _without_row(store, known)]
    notes: list[str] = []
    if models is None:
        places: dict[str, Path] = {one.digest: one.path for one in known}
    else:
        places = dict(models)
    for digest, path in places.items():
        same = [one for one in known if one.digest == digest]
        if not same:
            notes.append(f"model {digest[:12]} was never served: {path} is not checked")
            continue
        try:
            files = file_hashes(path)
        except ModelError:
            if models is None and not path.exists():
                notes.append(f"model {digest[:12]} is no longer at {path}: give its directory by --model")
            else:
                faults.append((same[-1].number, f"model {digest[:12]}: {path} is no whole model directory"))
            continue
        if any(files == one.files for one in same):
            continue
        later = next((one for one in known if one.files == files), None)
        if models is None and later is not None:
            notes.append(
                f"model {digest[:12]} gave way to {later.digest[:12]} at {path}: give its directory by --model"
            )
            continue
        faults.append((same[-1].number, _swapped(digest, path, files, same[-1])))
    return faults, notes


def _swapped(digest: str, path: Path, files: Mapping[str, str], due: Registered) -> str:
    other = sorted(name for name in files.keys() | due.files.keys() if files.get(name) != due.files.get(name))
    return f"model {digest[:12]}: {', '.join(other)} in {path} is not the file that answered: it was swapped or altered"


def _altered(store: Store, known: tuple[Registered, ...]) -> list[Registered]:
    """Find rows that do not say what their entries say."""
    with store.read() as connection:
        query = select(answers).where(answers.c.number.in_([one.number for one in known]))
        packed = {number: body for number, body in connection.execute(query)}
    return [one for one in known if _differs(packed.get(one.number), one)]


def _without_row(store: Store, known: tuple[Registered, ...]) -> list[int]:
    """Find entries whose row is gone: without it no file would be held against them."""
    with store.read() as connection:
        made = connection.execute(select(decisions.c.number).where(decisions.c.kind == "model")).scalars()
        return sorted(set(made) - {one.number for one in known})


def _differs(packed: bytes | None, one: Registered) -> bool:
    try:
        return packed is None or Document.from_bytes(packed).value() != {
            "digest": one.digest,
            "files": one.files,
        }
    except ValueError:
        return True
