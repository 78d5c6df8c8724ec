"""Made-up requests that go through everything that real ones will."""

from typing import TYPE_CHECKING

from ranker.app.model import Model
from ranker.app.resume_model import ResumeModel
from ranker.app.served import resumes
from ranker.app.served.explanations import compared, told
from ranker.app.served.invented import made_up
from ranker.app.served.pools import PoolReader
from ranker.app.served.rankings import Scored, ranking_answer

if TYPE_CHECKING:
    from ranker.app.served.served import Served

__all__ = ["warm"]

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
    written = [{"id": name, "skills": list(skills[:1]), "preferred_domain": domain} for name in NAMES]
    resumes.classified(model, {"resume": written[0]})
    resumes.ranked(model, {"domain": domain, "resumes": written, "top_k": 1, "explanations": True})
