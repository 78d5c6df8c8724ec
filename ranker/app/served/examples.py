"""Requests that the models served answer, one for each endpoint, for the description of the service."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ranker.app.resume_model import ResumeModel
from ranker.app.served.invented import invented, made_up
from ranker.app.task import Task
from ranker.errors import CandorError

if TYPE_CHECKING:
    from ranker.app.served.bodies import Bodies
    from ranker.app.served.served import Served

__all__ = ["examples_of"]


def examples_of(served: "Served", bodies: "Bodies") -> dict[str, dict[str, Any]]:
    """Make a body for each endpoint; every one of them was answered before it is shown.

    Parameters
    ----------
    served : Served
        The models; their tasks say what a record holds.
    bodies : Bodies
        What bodies may hold here.

    Returns
    -------
    dict of str to dict
        By endpoint. One is left out where no model answers it, or where nothing that can be made up is
        accepted (a limit below what an example needs, say).
    """
    from ranker.app.served.bodies import read_body

    found: dict[str, dict[str, Any]] = {}
    for endpoint, body in _tries(served):
        if endpoint in found:
            continue
        try:
            served.answer(endpoint, read_body(served.body_of(endpoint, bodies), body))
        except CandorError:
            continue
        found[endpoint] = body
    return found


def _tries(served: "Served") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield bodies by endpoint, those first that say most."""
    if served.classifier is not None:
        yield "classify", {"resume": _resumes(served.classifier)[0]}
        if served.ranker is None:
            yield "rank", _resume_pool(served.classifier)
    if served.ranker is not None:
        # Where what was filled in does not fit the task, a pool in which nothing is known still may.
        task = served.ranker.task
        for pool in (invented(task, served.ranker.scorer.axes), made_up(task)):
            yield from _of_a_pool(served, task, pool)


def _of_a_pool(served: "Served", task: Task, pool: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        ranking = served.rank({**pool, "intervals": False})["ranking"]
    except CandorError:
        return
    first, *others = [one["candidate"] for one in ranking]
    last = others[-1] if others else first
    yield "rank", {**pool, "top_k": 1, "explanations": False}
    yield "explain", {**pool, "candidate": last, "audience": "candidate", "top_k": 1}
    asked = {**pool, "candidate": last, "top_k": 1}
    yield from (("counterfactual", {**asked, **costs}) for costs in (_costs(task), {}))
    if others:
        yield "contrast", {**pool, "candidate": first, "against": last, "audience": "recruiter"}


def _costs(task: Task) -> Mapping[str, Any]:
    return {"costs": {task.actions[0].path: 2}} if task.actions else {}


def _resumes(model: ResumeModel) -> list[dict[str, Any]]:
    """Make up two résumés of one of the model's own domains, one of them with more of its skills."""
    domain, skills = next(iter(model.classifier.domains.items()))
    return [
        {
            "id": name,
            "skills": list(skills[:n]),
            "projects": [f"a project with {skill}" for skill in skills[:1]],
            "work_experience": [{"title": domain, "years": n}],
            "test_score": 60 + 5 * n,
            "preferred_domain": domain,
        }
        for name, n in (("r001", 3), ("r002", 1))
    ]


def _resume_pool(model: ResumeModel) -> dict[str, Any]:
    return {"domain": next(iter(model.classifier.domains)), "resumes": _resumes(model), "top_k": 1}
