"""The page of what would bring a candidate among the first: its form, and the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from explain.words import duration
from ranker.app.decisions.entries import Decision
from ranker.app.pages.visits import Visit
from ranker.app.served.bodies import MOST_ANSWERS, read_body
from ranker.app.served.faults import BodyError, Fault
from ranker.app.service.looking_back import POOL, found, pool_of
from ranker.app.service.problems import Problem
from ranker.app.service.recording import answer_recorded
from ranker.errors import DataError

if TYPE_CHECKING:
    from ranker.app.model import Model

__all__ = ["Step", "Way", "can_ask", "show_counterfactual", "standing_in", "ways_of"]

ENDPOINT: Final = "counterfactual"
RIGHT: Final = ("POST", "/counterfactual")
DEFAULT_TOP_K: Final = 10
PREFIX: Final = "cost:"  # of the names of its fields in the form
FIELDS: Final = {"top_k": "Among the first", "n_answers": "Ways to tell, at most"}  # as the form has them
ABSENT: Final = "not there"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the record.

    Parameters
    ----------
    label : str
        The field, as the model's task calls it; of a post, its name too.
    before, after : str
        As it is, and as it would have to be.
    cost : float
        In the unit of the costs.
    """

    label: str
    before: str
    after: str
    cost: float


@dataclass(frozen=True, slots=True)
class Way:
    """One set of changes, and where it leads.

    Parameters
    ----------
    steps : tuple of Step
        What to change.
    rank : int
        Where the changed record would stand.
    score, cost : float
        What it would score, and the sum of the steps' costs.
    optimal : bool
        Whether nothing cheaper does it; proven.
    """

    steps: tuple[Step, ...]
    rank: int
    score: float
    cost: float
    optimal: bool


def can_ask(visit: Visit, decision: Decision) -> bool:
    """Tell whether who looks may ask a decision what would bring another rank, and it can be told."""
    given = decision.input or {}
    return visit.may(*RIGHT) and visit.service.served.ranker is not None and "candidates" in given


def show_counterfactual(visit: Visit) -> Response:
    """Ask how far up, and tell what it would take; with ``top_k`` in the address it is worked out and recorded."""
    service = visit.service
    decision = found(service, visit.path["id"], visit.caller)
    person = visit.query.get("candidate", "").strip()
    if person not in decision.people:
        raise Problem("not-found", f"decision {decision.id} does not concern candidate {person!r}")
    given = pool_of(service, decision)
    if "candidates" not in given:
        raise Problem(
            "cannot-answer", "only what a ranker ranked can be asked what would bring a better rank"
        )
    service.served.digest_of(ENDPOINT)  # an absent ranker is told as the service tells it
    assert service.served.ranker is not None
    prices = _prices_of(service.served.ranker)
    told: dict[str, Any] = {"answer": None, "ways": (), "fault": ""}
    status = 200
    if "top_k" in visit.query:
        try:
            asked = _asked(visit.query, prices)
            body = {name: given[name] for name in POOL if name in given} | {"candidate": person, **asked}
            body = read_body(service.served.body_of(ENDPOINT, service.bodies), body)
            answer = answer_recorded(service, ENDPOINT, body, visit.caller, visit.request_id).answer
            told |= {"answer": answer, "ways": ways_of(answer, _labels(service.served.ranker))}
        except BodyError as error:
            told["fault"], status = _on_the_form(error, prices), 422
        except DataError as error:
            told["fault"], status = str(error), 422
    return visit.show(
        "counterfactual.html",
        status,
        decision=decision,
        person=person,
        standing=standing_in(decision, person),
        fields=FIELDS,
        size=len(given["candidates"]),
        top_k=visit.query.get("top_k") or str(given.get("top_k") or DEFAULT_TOP_K),
        n_answers=visit.query.get("n_answers", "1"),
        most_answers=MOST_ANSWERS,
        prices=[(PREFIX + path, label, visit.query.get(PREFIX + path, "")) for path, label in prices.items()],
        **told,
    )


def _prices_of(model: "Model") -> dict[str, str]:
    """Return the fields that a candidate may change, and what the form calls them."""
    from explain.change.usual import usual_actions

    actions = usual_actions(model.task.features) if model.task.actions is None else model.task.actions
    labels = _labels(model)
    named = {one.path: labels.get(one.path, one.path) for one in actions}
    return {path: label[:1].upper() + label[1:] for path, label in named.items()}


def standing_in(decision: Decision, person: str) -> str:
    """Say where a candidate stands, as far as a decision tells it; ``""`` where it does not.

    Parameters
    ----------
    decision : Decision
        The decision that is asked what would change it.
    person : str
        A candidate of it.
    """
    answer = decision.answer or {}
    if "ranking" not in answer:
        return ""
    size, job = answer["pool_size"], answer["job"]
    for one in answer["ranking"]:
        if one.get("candidate") == person:
            return f"{person} is at rank {one['rank']} of {size} for {job}."
    reasons = [one["reason"] for one in answer["set_aside"] if one.get("candidate") == person]
    if reasons:
        return f"{person} was set aside for {job} and has no rank: {'; '.join(reasons)}."
    first = len(answer["ranking"])
    return f"{person} is below rank {first} of {size} for {job}; the ranking tells the first {first} alone."


def ways_of(answer: Mapping[str, Any], labels: Mapping[str, str]) -> tuple[Way, ...]:
    """Lay out the answer, the cheapest way first; none where nothing has to change, or nothing would help.

    Parameters
    ----------
    answer : mapping
        As :class:`ranker.app.served.answers.CounterfactualAnswer` describes it.
    labels : mapping of str to str
        What fields are called, by their paths.
    """
    return tuple(
        Way(
            tuple(_step(change, labels) for change in one["changes"]),
            one["rank_after"],
            one["score_after"],
            one["cost"],
            one["optimal"],
        )
        for one in (answer, *answer["alternatives"])
        if one["changes"]
    )


def _step(change: Mapping[str, Any], labels: Mapping[str, str]) -> Step:
    path, bracket, rest = change["path"].partition("[")
    item = rest.removesuffix("]")
    before, after = change["before"], change["after"]
    label = labels.get(path, path)
    if not bracket:
        return Step(label, _said(before), _said(after), change["cost"])
    if isinstance(after, str):
        return Step(label, ABSENT, after, change["cost"])
    # Of a post it is the months that change.
    return Step(
        f"{label}: {item}", ABSENT if before is None else duration(before), duration(after), change["cost"]
    )


def _said(value: Any) -> str:
    match value:
        case None:
            return "not given"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
    return str(value)


def _asked(query: Mapping[str, str], prices: Mapping[str, str]) -> dict[str, Any]:
    """Read the form.

    Raises
    ------
    BodyError
        If a number is none; ranges are the body's own.
    """
    asked: dict[str, Any] = {}
    for name, words in FIELDS.items():
        if text := query.get(name, "").strip():
            if not (text.isascii() and text.isdigit()):
                raise BodyError.of(words, f"{text!r} is no whole number from 1")
            asked[name] = int(text[:20])
    costs = {}
    for path, label in prices.items():
        if text := query.get(PREFIX + path, "").strip():
            try:
                costs[path] = float(text)
            except ValueError:
                raise BodyError.of(label, f"{text!r} is no number: write a cost such as 2.5") from None
    return asked | ({"costs": costs} if costs else {})


def _on_the_form(error: BodyError, prices: Mapping[str, str]) -> str:
    """Say what is wrong by the names that the form has for its fields."""
    known = FIELDS | {f"costs.{path}": label for path, label in prices.items()}
    return "; ".join(str(Fault(known.get(one.field, one.field), one.fault)) for one in error.faults)


def _labels(model: "Model") -> dict[str, str]:
    return {path: one.label for path, one in model.task.features.fields.items()}
