"""What is handed to the log, and what it hands back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Decision", "NewDecision", "Recorded", "ReviewWanted"]


@dataclass(frozen=True, slots=True)
class ReviewWanted:
    """That a person should look at a decision.

    Parameters
    ----------
    person : str
        The candidate whom it is about.
    reason : str
        ``uncertain``, ``borderline``, ``sampled``, ``objection`` or ``correction``.
    """

    person: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """An answer that is about to be given, or an act of a person, as the log takes it.

    Parameters
    ----------
    kind : str
        ``classify``, ``rank``, ``explain``, ``counterfactual``, ``contrast``, ``override``, ``review``, ...
    caller : str
        Id of the key that asked.
    role : str
        Its role.
    model : str
        Digest of the model that answered; ``""`` where none did.
    request_id : str
        The request's.
    input, answer : Mapping
        JSON, without NaN; the answer as it is sent.
    people : tuple of str
        Ids of all candidates whose data stand in input or answer: who is not named here is not found when
        that person's data are to be deleted.
    keep_input : bool
        Whether the input is kept, or only its salted hash and the salt.
    protected : Mapping, optional
        Protected fields by candidate, ``{id: {field: value}}``: kept apart, for the audit alone.
    reviews : tuple of ReviewWanted
        What enters the review queue in the same transaction.
    """

    kind: str
    caller: str
    role: str
    model: str
    request_id: str
    input: Mapping[str, Any]
    answer: Mapping[str, Any]
    people: tuple[str, ...] = ()
    keep_input: bool = True
    protected: Mapping[str, Any] | None = None
    reviews: tuple[ReviewWanted, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the log made of it.

    Parameters
    ----------
    id : str
        A UUID of version 7, which begins with the time.
    number : int
        Place in the chain, from 1.
    hash : str
        Hash of the chain up to here, in hex.
    time : str
        UTC, ISO 8601 with microseconds.
    """

    id: str
    number: int
    hash: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision as it stands in the log; protected fields are read by ``Store.protected`` alone.

    Parameters
    ----------
    id, number, hash, time
        As in :class:`Recorded`.
    kind, caller, role, model, request_id
        As in :class:`NewDecision`.
    previous : str
        Hash of the chain up to the one before.
    input, answer : Mapping or None
        ``None`` where it was not kept or is deleted; what was deleted of one person of several reads
        ``{"withdrawn": true}``.
    people : tuple of str
        Candidates concerned whose data have not been deleted.
    complete : bool
        Whether input and answer are here to the last piece.
    input_kept : bool
        Whether the input was to be kept.
    """

    id: str
    number: int
    hash: str
    time: str
    previous: str
    kind: str
    caller: str
    role: str
    model: str
    request_id: str
    input: Mapping[str, Any] | None
    answer: Mapping[str, Any] | None
    people: tuple[str, ...]
    complete: bool
    input_kept: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        told = {name: getattr(self, name) for name in Decision.__slots__}
        return {**told, "people": list(self.people)}
