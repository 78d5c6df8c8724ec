"""Answers on one candidate of a pool: why this rank, why not another's, and what would change it."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ranker.app.model import Model
from ranker.app.served.faults import BodyError, at_field
from ranker.app.served.pools import Pool
from ranker.app.served.rankings import Scored
from ranker.errors import DataError, ProtectedFieldError, TaskError

if TYPE_CHECKING:
    from explain import Contrast, Explanation
    from explain.change.answer import Counterfactual

__all__ = ["changed", "compared", "explained", "told"]

DEFAULT_TOP_K = 10


def explained(model: Model, pool: Pool, scored: Scored, body: Mapping[str, Any]) -> "Explanation":
    """Explain one candidate's rank.

    Parameters
    ----------
    model : Model
        The ranker.
    pool : Pool
        The request's records.
    scored : Scored
        The same, ranked.
    body : mapping
        With ``candidate``, and perhaps ``top_k`` and ``audience``.

    Raises
    ------
    BodyError
        If the candidate is not among those ranked; says why, where it was set aside.
    """
    return _one(model, pool, scored, body, body["candidate"], "candidate", body.get("audience", "candidate"))


def compared(model: Model, pool: Pool, scored: Scored, body: Mapping[str, Any]) -> "Contrast":
    """Hold one candidate against another, or against who stands at the cut-off.

    Parameters
    ----------
    model, pool, scored
        As for :func:`explained`.
    body : mapping
        With ``candidate``, and perhaps ``against``, ``top_k`` and ``audience``.

    Raises
    ------
    BodyError
        As :func:`explained`; and if a candidate asks about another by name, or all are inside of the cut-off.
    """
    from explain import contrast
    from explain.against import rival_at_cutoff

    audience, against = body.get("audience", "recruiter"), body.get("against")
    if against is not None and audience == "candidate":
        raise BodyError.of(
            "against",
            "a candidate is told nothing about another one: leave it out, or ask for another audience",
        )
    one = _one(model, pool, scored, body, body["candidate"], "candidate", audience)
    if against is None:
        with at_field("top_k", DataError):
            against = rival_at_cutoff(
                scored.ranking, job=pool.job, candidate=body["candidate"], top_k=_top_k(body)
            )
    other = _one(model, pool, scored, body, against, "against", audience)
    with at_field("against", DataError):
        return contrast(one, other)


def changed(model: Model, pool: Pool, body: Mapping[str, Any]) -> "Counterfactual":
    """Find the cheapest change of one candidate's record that brings it among the first.

    Parameters
    ----------
    model, pool
        As for :func:`explained`.
    body : mapping
        With ``candidate``, and perhaps ``top_k``, ``costs`` and ``n_answers``.

    Raises
    ------
    BodyError
        As :func:`explained`; and if a cost is for what nobody may change.
    """
    from explain import counterfactual

    _refuse_unknown(pool, body["candidate"], "candidate")
    costs = body.get("costs") or None
    # Without costs the same errors are the model's own, and no fault of the request.
    with at_field("costs", *((TaskError, ProtectedFieldError) if costs else ())):
        return counterfactual(
            model.scorer, model.task.features, pool.records,
            job=pool.job, candidate=body["candidate"], top_k=_top_k(body), actions=model.task.actions,
            costs=costs, n_answers=body.get("n_answers", 1), requirements=model.task.requirements,
        )  # fmt: skip


def told(found: "Explanation | Contrast", audience: str) -> dict[str, Any]:
    """Write an explanation or a contrast for an audience: its text, and the object for machines."""
    from explain import render

    # For machines, too, a candidate's answer holds nothing about others.
    return {
        "audience": audience,
        "text": render(found, audience=audience, format="text"),
        "explanation": json.loads(render(found, audience=audience, format="json")),
    }


def _one(
    model: Model,
    pool: Pool,
    scored: Scored,
    body: Mapping[str, Any],
    candidate: str,
    field: str,
    audience: str,
) -> "Explanation":
    from explain import explain

    _refuse_unknown(pool, candidate, field)
    return explain(
        model.scorer, model.task.features, pool.records, scored.ranking,
        job=pool.job, candidate=candidate, top_k=_top_k(body), table=scored.table, promise=model.promise,
        certainty=audience != "candidate",
    )  # fmt: skip


def _top_k(body: Mapping[str, Any]) -> int:
    return int(body.get("top_k", DEFAULT_TOP_K))


def _refuse_unknown(pool: Pool, candidate: str, field: str) -> None:
    """Tell who was set aside why, and of others that there is nobody of that name."""
    if (pool.records.candidate == candidate).any():
        return
    reasons = [one["reason"] for one in pool.set_aside() if one["candidate"] == candidate]
    said = (
        f"was set aside and is not ranked: {'; '.join(reasons)}" if reasons else "is none of the candidates"
    )
    raise BodyError.of(field, f"{candidate!r} {said}")
