"""Made-up requests that go through everything that real ones will."""

from typing import TYPE_CHECKING, Any

from ranker.app.model import Model
from ranker.app.resume_model import ResumeModel
from ranker.app.served import resumes
from ranker.app.served.explanations import compared, told
from ranker.app.served.plans import readers_of, table_of
from ranker.app.served.pools import PoolReader
from ranker.app.served.rankings import Scored, ranking_answer
from ranker.app.task import Task
from ranker.records.field import entity_of

if TYPE_CHECKING:
    from ranker.app.served.served import Served

__all__ = ["made_up", "warm"]

NAMES = ("somebody", "another")


def warm(served: "Served") -> None:
    """Compile kernels, read libraries, lay scorers out.

    Parameters
    ----------
    served : Served
        What is about to answer.
    """
    if served.ranker is not None:
        _warm_ranker(served.ranker)
    if served.classifier is not None:
        _warm_classifier(served.classifier)
    served.terms()
    served.card()


def _warm_ranker(model: Model) -> None:
    # Nobody made up meets a requirement, so none is asked for.
    pool = PoolReader(model.task).read(made_up(model.task), requirements=())
    scored = Scored.of(model.scorer, model.task.features, pool.records)
    ranking_answer(scored, top_k=1, intervals=True, explanations=True)
    one, other = pool.records.candidate.tolist()
    told(compared(model, pool, scored, {"candidate": one, "against": other}), "recruiter")


def _warm_classifier(model: ResumeModel) -> None:
    domain, skills = next(iter(model.classifier.domains.items()))
    made_up = [{"id": name, "skills": list(skills[:1]), "preferred_domain": domain} for name in NAMES]
    resumes.classified(model, {"resume": made_up[0]})
    resumes.ranked(model, {"domain": domain, "resumes": made_up, "top_k": 1, "explanations": True})


def made_up(task: Task) -> dict[str, Any]:
    """Make a body of two candidates and a job, with nothing in the columns that are read."""
    keys = task.keys
    columns: dict[str, dict[str, Any]] = {"candidate": {}, "job": {}, "application": {}}
    for path in readers_of(task):
        rest = path.partition(".")[2]
        columns[table_of(task, entity_of(path))][rest.replace("[", ".").partition(".")[0]] = None

    def named(table: str, key: str | None, name: str) -> dict[str, Any]:
        return columns[table] | ({} if key is None else {key: name})

    job_key = task.sources["job"][1] if "job" in task.sources else keys.job
    job = named("job", job_key, "a job")
    applications = [named("application", keys.candidate, name) for name in NAMES]
    if "candidate" not in task.sources:
        return {"job": job, "candidates": applications}
    key = task.sources["candidate"][1]
    return {
        "job": job,
        "candidates": [named("candidate", key, name) for name in NAMES],
        "applications": applications,
    }
