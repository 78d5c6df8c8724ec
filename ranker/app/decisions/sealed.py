"""A decision made ready for the chain: all that can be hashed before the chain is locked."""

from dataclasses import dataclass
from typing import Any, Self

from ranker.app.decisions.documents import pack
from ranker.app.decisions.entries import NewDecision, ReviewWanted

__all__ = ["Sealed"]


@dataclass(frozen=True, slots=True)
class Sealed:
    """Rows to be.

    Parameters
    ----------
    entry : dict
        Columns of ``decisions`` but for number, id, time, previous and hash.
    bodies : tuple of (str, bytes)
        Packed documents: ``input``, ``answer``, ``people``, ``protected``.
    people : tuple of str
        Candidates concerned, each once.
    reviews : tuple of ReviewWanted
        What enters the queue with it.
    """

    entry: dict[str, Any]
    bodies: tuple[tuple[str, bytes], ...]
    people: tuple[str, ...]
    reviews: tuple[ReviewWanted, ...]

    @classmethod
    def of(cls, new: NewDecision) -> Self:
        """Take a decision apart into documents and hash them.

        Raises
        ------
        DataError
            If input, answer or protected fields are not JSON.
        """
        people = tuple(dict.fromkeys(new.people))
        told = {
            "input": pack(new.input, people, keep=new.keep_input),
            "answer": pack(new.answer, people),
            "people": pack({"people": _listed(people, new.reviews)}, people),
        }
        if new.protected:
            told["protected"] = pack({"people": new.protected}, tuple(new.protected))
        entry = {
            "kind": new.kind,
            "caller": new.caller,
            "role": new.role,
            "model": new.model,
            "request_id": new.request_id,
            "input_kept": new.keep_input,
            **{f"{name}_hash": hashed for name, (hashed, _) in told.items()},
        }
        bodies = tuple((name, body) for name, (_, body) in told.items())
        return cls({"protected_hash": None, **entry}, bodies, people, new.reviews)


def _listed(people: tuple[str, ...], reviews: tuple[ReviewWanted, ...]) -> list[dict[str, Any]]:
    """List people, each with the reasons why a person is to look at the case, if there are any.

    Hashed with the list they tell a verification which cases the queue has to hold; deleted with it.
    """
    reasons: dict[str, list[str]] = {}
    for one in reviews:
        reasons.setdefault(one.person, []).append(one.reason)
    return [
        {"id": person, "reviews": reasons[person]} if person in reasons else {"id": person}
        for person in people
    ]
