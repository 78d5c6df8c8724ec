"""What is sent: a small ranker, and bodies of as many candidates as a study wants."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import served_rank
from ranker.app.decisions.keys import create_key
from ranker.app.decisions.store import open_store

__all__ = ["Made", "cut", "key_for", "made"]


@dataclass(frozen=True, slots=True)
class Made:
    """A ranker, and bodies for its jobs.

    Parameters
    ----------
    model : Path
        The model directory.
    data : Path
        Where candidates and jobs lie.
    """

    model: Path
    data: Path

    def bodies(self, candidates: int = served_rank.POOL, **options: Any) -> list[bytes]:
        """Return a body for each job, each with other people.

        Parameters
        ----------
        candidates : int
            In each.
        **options
            Further members of the body.
        """
        whole = served_rank.bodies(self.data, options)
        return whole if candidates == served_rank.POOL else [cut(body, candidates) for body in whole]


def made(folder: Path, bags: int) -> Made:
    """Train a ranker of nine features, unless one lies in the folder already."""
    if not (folder / "model" / "manifest.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        served_rank.served_model(folder, bags)
    return Made(folder / "model", folder)


def cut(body: bytes, candidates: int) -> bytes:
    """Leave the first candidates of a body, with their applications."""
    told = json.loads(body)
    told["candidates"] = told["candidates"][:candidates]
    kept = {one["id"] for one in told["candidates"]}
    told["applications"] = [one for one in told["applications"] if one["candidate_id"] in kept]
    return json.dumps(told, ensure_ascii=False).encode()


def key_for(database: str, role: str = "recruiter", names: Sequence[str] = ("study",)) -> str:
    """Make a log ready, and a key for it."""
    with open_store(database) as store:
        return create_key(store, role, name=names[0]).secret
