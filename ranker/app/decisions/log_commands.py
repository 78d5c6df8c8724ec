"""What ``candor log`` does: a text for people and an object for machines."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ranker.app.decisions.backup import backup, restore
from ranker.app.decisions.chain import as_text
from ranker.app.decisions.entries import Decision
from ranker.app.decisions.errors import UnknownDecisionError
from ranker.app.decisions.models import registered_models
from ranker.app.decisions.replay import replay
from ranker.app.decisions.retention import Forgotten, expire, forget
from ranker.app.decisions.store import open_store
from ranker.app.decisions.verify import verify
from ranker.app.result import Result
from ranker.app.resume_kind import is_resume_model
from ranker.errors import ModelError

__all__ = [
    "run_backup", "run_expire", "run_forget", "run_head", "run_list", "run_replay", "run_restore", "run_show",
    "run_verify",
]  # fmt: skip

TOLD = 20  # faults in words


def run_verify(database: str, *, models: Sequence[Path], anchor: str | None) -> Result:
    """Check the chain, the documents and the model files."""
    anchor = anchor and anchor.rpartition(":")[2].strip().lower()
    with open_store(database, new=False) as store:
        found = verify(store, models={digest_of(path): path for path in models} or None, anchor=anchor)
    if found.ok:
        lines = [f"{found.n:,} decisions verified; the chain ends in {found.head}"]
        if anchor is None:
            lines.append(
                "without --anchor, entries that were cut off together with the head, or a chain written anew, "
                "would not show"
            )
    else:
        lines = [f"{len(found.faults)} fault(s) in {found.n:,} decisions:"]
        lines += [f"  {fault.number}: {fault.what}" for fault in found.faults[:TOLD]]
        if len(found.faults) > TOLD:
            lines.append(f"  and {len(found.faults) - TOLD:,} more: --json lists them")
    return Result("\n".join([*lines, *(f"note: {note}" for note in found.notes)]), found.to_json())


def run_head(database: str) -> Result:
    """Tell where the chain ends."""
    with open_store(database, new=False) as store:
        last, genesis = store.head(), store.genesis()
    machine = {"number": last.number if last else 0, "hash": last.hash if last else genesis}
    return Result(f"{machine['number']}:{machine['hash']}", machine | {"time": last.time if last else None})


def run_show(database: str, id: str) -> Result:
    """Show one decision."""
    with open_store(database, new=False) as store:
        found = store.decision(id)
    if found is None:
        raise UnknownDecisionError(f"the log holds no decision {id!r}: candor log show lists them")
    machine = found.to_json()
    return Result(json.dumps(machine, indent=1, ensure_ascii=False), machine)


def run_list(database: str, *, kind: str | None, person: str | None, after: int | None, limit: int) -> Result:
    """List decisions, a line each."""
    with open_store(database, new=False) as store:
        found = store.decisions(after=after, limit=limit, kind=kind, person=person)
    lines = [_line(one) for one in found] or ["the log holds no such decision"]
    rows = [{k: v for k, v in one.to_json().items() if k not in ("input", "answer")} for one in found]
    return Result("\n".join(lines), {"decisions": rows})


def run_replay(database: str, id: str, *, models: Sequence[Path]) -> Result:
    """Answer again, and compare."""
    with open_store(database, new=False) as store:
        places = {one.digest: one.path for one in registered_models(store)}
        places |= {digest_of(path): path for path in models}
        found = replay(store, id, lambda digest: _answerer(places, digest))
    return Result(f"{id}: {found.why}", {"id": id, **found.to_json()})


def run_forget(database: str, person: str, why: str) -> Result:
    """Delete one person's data."""
    with open_store(database, new=False) as store:
        done = forget(store, person, why=why)
    if done == Forgotten():
        return Result("the log holds nothing of that person", done.to_json())
    return Result(f"deleted: {_counted(done)}; the hashes stay, and the chain verifies", done.to_json())


def run_expire(database: str, days: int) -> Result:
    """Delete what is older than some days."""
    before = as_text(datetime.now(UTC) - timedelta(days=days))
    with open_store(database, new=False) as store:
        done = expire(store, before)
    machine = {"older_than": before, **done.to_json()}
    if done == Forgotten():
        return Result(f"the log holds no data from before {before}", machine)
    return Result(f"deleted, from before {before}: {_counted(done)}; the hashes stay", machine)


def run_backup(database: str, out: Path) -> Result:
    """Write the log to a file."""
    with open_store(database, new=False) as store:
        counts = backup(store, out)
    return Result(
        f"{counts['decisions']:,} decisions and what stands beside them: {out}",
        {"out": str(out), "rows": counts},
    )


def run_restore(database: str, source: Path) -> Result:
    """Fill an empty log, and verify it."""
    with open_store(database) as store:
        counts = restore(store, source)
        found = verify(store, models={})
    said = "they verify" if found.ok else f"they do NOT verify: {found.faults[0].what}"
    machine: dict[str, Any] = {"rows": counts, "verified": found.to_json()}
    return Result(f"{counts['decisions']:,} decisions restored from {source}; {said}", machine)


def digest_of(directory: Path) -> str:
    """Return what decisions call the model of a directory.

    Raises
    ------
    ModelError
        If it is no model directory.
    """
    if is_resume_model(directory):
        # Only what was written down: an altered directory is to be told by verify, not refused here.
        told = json.loads((directory / "classifier.json").read_text(encoding="utf-8"))
        return str(told["version"])
    from ranker.app.model import Model

    return Model.load(directory).digest


def _answerer(places: dict[str, Path], digest: str) -> Any:
    if digest not in places:
        raise ModelError("its directory is not known: give it by --model")
    directory = places[digest]
    from ranker.app.served import Served

    served = Served.load(directory)
    if digest_of(directory) != digest:
        raise ModelError(f"{directory} holds model {digest_of(directory)[:12]} now: give its own by --model")
    return served


def _line(one: Decision) -> str:
    about = f"{len(one.people)} people" if len(one.people) != 1 else one.people[0]
    return f"{one.number:>8}  {one.time}  {one.id}  {one.kind:<14} {one.caller:<14} {about}"


def _counted(done: Forgotten) -> str:
    return ", ".join(f"{n:,} {name}" for name, n in done.to_json().items() if n)
