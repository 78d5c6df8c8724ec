"""Answering again with the model of the day, to the last bit."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ranker.app.decisions.chain import canonical
from ranker.app.decisions.errors import UnknownDecisionError
from ranker.app.decisions.store import Store
from ranker.errors import CandorError

__all__ = ["KINDS", "Replayed", "replay"]

KINDS: Final = ("classify", "rank", "explain", "counterfactual", "contrast")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it.

    Parameters
    ----------
    same : bool or None
        Whether both answers are the same to the last bit; ``None`` where it could not be tried.
    why : str
        What was found, or why it could not be tried.
    before, after : Mapping or None
        The answer in the log, and the one of today.
    """

    same: bool | None
    why: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in Replayed.__slots__}


def replay(store: Store, id: str, load: Callable[[str], Any]) -> Replayed:
    """Answer the input of a decision again.

    Parameters
    ----------
    store : Store
        The log.
    id : str
        The decision's id.
    load : callable
        Returns, for a model's digest, what answers: it has a method for each of :data:`KINDS`, which
        takes the input and returns the answer. May raise a ModelError.

    Raises
    ------
    UnknownDecisionError
        If there is no such decision.
    """
    decision = store.decision(id)
    if decision is None:
        raise UnknownDecisionError(f"the log holds no decision {id!r}: candor log show lists them")
    if decision.kind not in KINDS:
        return Replayed(None, f"a decision of kind {decision.kind!r} was made by a person, not by a model")
    if not decision.input_kept:
        return Replayed(None, "its input was not kept, by setting: only a salted hash of it", decision.answer)
    if not decision.complete or decision.input is None:
        return Replayed(
            None, "its input or answer, or a part of them, was deleted since (candor log forget, expire)",
            decision.answer,
        )  # fmt: skip
    try:
        after = getattr(load(decision.model), decision.kind)(decision.input)
    except CandorError as error:
        return Replayed(
            None, f"model {decision.model[:12]} does not answer it today: {error}", decision.answer
        )
    if canonical(decision.answer) == canonical(after):
        return Replayed(True, "the same answer, to the last bit", decision.answer, after)
    other = sorted(
        name for name in (decision.answer or {}).keys() | after.keys()
        if (decision.answer or {}).get(name) != after.get(name)
    )  # fmt: skip
    return Replayed(False, f"another answer: {', '.join(other)} differ", decision.answer, after)
