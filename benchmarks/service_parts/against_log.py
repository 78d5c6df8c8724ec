"""What clients were told, held against the log."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.service_parts.clients import Received, fingerprint
from ranker.app.decisions.entries import Decision
from ranker.app.decisions.store import Store
from ranker.app.decisions.verify import verify

__all__ = ["Compared", "compare", "entries"]

AT_ONCE = 200
ANSWERS = ("classify", "rank", "explain", "counterfactual", "contrast")
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found.

    Parameters
    ----------
    answered : int
        Decisions that clients received.
    lost : int
        Of these, those that the log does not hold.
    different : int
        Of these, those that it holds with another hash or another answer.
    unheard : int
        Answers in the log that no client received.
    entries : int
        In the log, keys and models included.
    verified : bool
        Whether the chain and all that hangs on it is whole.
    faults : tuple of str
        What is not, the first few.
    """

    answered: int
    lost: int
    different: int
    unheard: int
    entries: int
    verified: bool
    faults: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing was lost, changed or half-written."""
        return self.verified and not self.lost and not self.different


def compare(store: Store, received: Iterable[Received], *, anchor: str | None = None) -> Compared:
    """Hold answers against the log: each by its id, its place in the chain and its values."""
    wanted = {one.id: one for one in received}
    n, different, unheard, n_entries = len(wanted), 0, 0, 0
    for entry in entries(store):
        n_entries += 1
        one = wanted.pop(entry.id, None)
        if one is None:
            unheard += entry.kind in ANSWERS
        elif entry.hash != one.hash or entry.answer is None or fingerprint(entry.answer) != one.answer:
            different += 1
    checked = verify(store, anchor=anchor)
    told = tuple(f"{fault.number}: {fault.what}" for fault in checked.faults[:SHOWN])
    return Compared(n, len(wanted), different, unheard, n_entries, checked.ok, told)


def entries(store: Store) -> Iterator[Decision]:
    """Yield the whole log, some of it at a time."""
    after = 0
    while found := store.decisions(after=after, limit=AT_ONCE):
        yield from found
        after = found[-1].number
