"""What a server answers with: one ranker, one classifier, or both."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from ranker.app.canonical_json import compact_bytes
from ranker.app.model import Model
from ranker.app.resume_kind import is_resume_model
from ranker.app.resume_model import ResumeModel
from ranker.app.served import resumes
from ranker.app.served.bodies import Bodies, Body
from ranker.app.served.cards import classifier_card, ranker_card, terms_of
from ranker.app.served.explanations import changed, compared, explained, told
from ranker.app.served.faults import NotServedError
from ranker.app.served.pools import Pool, PoolReader
from ranker.app.served.rankings import Scored, ranking_answer
from ranker.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from explain import Contrast, Explanation

__all__ = ["ENDPOINTS", "Served", "answer_bytes"]

ENDPOINTS: Final = ("classify", "rank", "explain", "counterfactual", "contrast")
OF_A_RANKER: Final = ("explain", "counterfactual", "contrast")


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """The models of a server, and what they answer.

    Bodies are as :func:`ranker.app.served.bodies.read_body` gives them; answers are JSON, and depend on
    nothing but the body and the model: the same two give the same bytes (:func:`answer_bytes`).

    Parameters
    ----------
    ranker : Model or None
        Ranks and explains.
    classifier : ResumeModel or None
        Labels résumés, and ranks them where there is no ranker.

    Raises
    ------
    UsageError
        If there is neither.
    """

    ranker: Model | None
    classifier: ResumeModel | None
    digests: Mapping[str, str] = field(init=False)
    _readers: Mapping[str, PoolReader] = field(init=False, repr=False)
    _made: dict[str, Any] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        digests = {}
        if self.ranker is not None:
            digests["ranker"] = self.ranker.digest
        if self.classifier is not None:
            digests["classifier"] = self.classifier.classifier.version
        if not digests:
            raise UsageError("a server needs a model: give the directory of a ranker, a classifier, or both")
        object.__setattr__(self, "digests", digests)
        readers = {} if self.ranker is None else {"ranker": PoolReader(self.ranker.task)}
        object.__setattr__(self, "_readers", readers)

    @classmethod
    def load(cls, directory: Path, classifier_directory: Path | None = None) -> Self:
        """Read one or two model directories.

        Parameters
        ----------
        directory : Path
            Of a ranker or of a classifier.
        classifier_directory : Path, optional
            Of a classifier, beside a ranker.

        Raises
        ------
        ModelError
            If a directory is foreign, incomplete or altered.
        UsageError
            If both are classifiers.
        """
        if is_resume_model(directory):
            if classifier_directory is not None:
                raise UsageError(
                    f"{directory} and {classifier_directory} both label résumés: serve one of them, or a "
                    "ranker and one of them"
                )
            return cls(None, ResumeModel.load(directory))
        classifier = None if classifier_directory is None else ResumeModel.load(classifier_directory)
        return cls(Model.load(directory), classifier)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Which of :data:`ENDPOINTS` can be answered."""
        return tuple(name for name in ENDPOINTS if self._kind(name) in self.digests)

    @property
    def digest(self) -> str:
        """Digest of the ranker, of the classifier where it is alone."""
        return next(iter(self.digests.values()))

    def digest_of(self, endpoint: str) -> str:
        """Return the digest of the model that answers an endpoint.

        Raises
        ------
        NotServedError
            If this server has none.
        """
        self._refuse_absent(endpoint)
        return self.digests[self._kind(endpoint)]

    def body_of(self, endpoint: str, bodies: Bodies) -> type[Body]:
        """Return the body that an endpoint takes here, out of those under some limits."""
        if endpoint == "rank" and self.ranker is None:
            return bodies.rank_resumes
        found: type[Body] = getattr(bodies, endpoint)
        return found

    def answer(self, endpoint: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a request by the name of its endpoint, as a replay does.

        Raises
        ------
        NotServedError
            If the server has no model for it, or there is no such endpoint.
        CandorError
            As the endpoint's own method.
        """
        self._refuse_absent(endpoint)
        answer: Callable[[Mapping[str, Any]], dict[str, Any]] = getattr(self, endpoint)
        return answer(body)

    def people(self, endpoint: str, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the label of everybody whom a request's records are about, ranked or not."""
        if self._kind(endpoint) == "classifier":
            return resumes.resumes_of(body)
        self._the_ranker(endpoint)
        return self._readers["ranker"].people(body)

    def classify(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Label one résumé.

        Parameters
        ----------
        body : mapping
            As ``ClassifyBody``.

        Returns
        -------
        dict
            As :class:`ranker.app.served.answers.ClassifyAnswer` describes it.

        Raises
        ------
        BodyError
            If the record has not the form of a résumé, or cleaning leaves nothing to answer on.
        """
        return self._answer("classifier", resumes.classified(self._the_classifier("classify"), body))

    def rank(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Rank a pool for a job, or the résumés of a domain where a classifier alone is served.

        Parameters
        ----------
        body : mapping
            As ``RankBody``, or ``RankResumesBody``.

        Returns
        -------
        dict
            As :class:`ranker.app.served.answers.RankAnswer` describes it.

        Raises
        ------
        BodyError
            If a protected field is among the records, or what ranking needs is not.
        EmptyPoolError
            If nobody is left.
        """
        if self.ranker is None:
            return self._answer("classifier", resumes.ranked(self._the_classifier("rank"), body))
        pool, scored = self._ranked("rank", body)
        ranking = ranking_answer(
            scored,
            top_k=body.get("top_k"),
            intervals=body.get("intervals"),
            explanations=body.get("explanations", False),
        )
        return self._answer("ranker", {"job": pool.job, **ranking, **_about(pool)})

    def explain(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Explain one candidate's rank; as ``ExplainBody`` in, as ``ExplainAnswer`` out.

        Raises
        ------
        BodyError
            As :meth:`rank`; and if the candidate is not among those ranked, with the reason.
        """
        pool, found = self.explained(body)
        return self._told(pool, found, body, body.get("audience", "candidate"))

    def contrast(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Hold one candidate against another; as ``ContrastBody`` in, as ``ContrastAnswer`` out.

        Raises
        ------
        BodyError
            As :meth:`explain`; and if a candidate asks about another by name.
        """
        pool, found = self.contrasted(body)
        return self._told(pool, found, body, body.get("audience", "recruiter"))

    def counterfactual(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Tell what would bring a candidate among the first; as ``CounterfactualBody`` in.

        Returns
        -------
        dict
            As :class:`ranker.app.served.answers.CounterfactualAnswer` describes it; nothing about others.

        Raises
        ------
        BodyError
            As :meth:`explain`; and if a cost is for what nobody may change.
        """
        model = self._the_ranker("counterfactual")
        pool = self._read("counterfactual", body)
        found = changed(model, pool, body)
        about = _about_one(pool, body["candidate"])
        return self._answer("ranker", {**found.to_json(), "text": found.to_text(), **about})

    def explained(self, body: Mapping[str, Any]) -> tuple[Pool, "Explanation"]:
        """Return what :meth:`explain` tells before it is written, for pages."""
        pool, scored = self._ranked("explain", body)
        return pool, explained(self._the_ranker("explain"), pool, scored, body)

    def contrasted(self, body: Mapping[str, Any]) -> tuple[Pool, "Contrast"]:
        """Return what :meth:`contrast` tells before it is written, for pages."""
        pool, scored = self._ranked("contrast", body)
        return pool, compared(self._the_ranker("contrast"), pool, scored, body)

    def terms(self) -> dict[str, Any]:
        """Return the shape functions of each model; made once."""
        if "terms" not in self._made:
            models = {"ranker": self.ranker, "classifier": self.classifier}
            self._made["terms"] = {
                kind: None if model is None else {"model": self.digests[kind], **terms_of(model)}
                for kind, model in models.items()
            }
        found: dict[str, Any] = self._made["terms"]
        return found

    def card(self) -> dict[str, Any]:
        """Return what there is to know about each model; nothing about anybody."""
        if "card" not in self._made:
            models = []
            if self.ranker is not None:
                models.append(ranker_card(self.ranker, self.digests["ranker"]))
            if self.classifier is not None:
                models.append(classifier_card(self.classifier))
            self._made["card"] = {"models": models, "endpoints": list(self.endpoints)}
        found: dict[str, Any] = self._made["card"]
        return found

    def warm(self) -> None:
        """Answer made-up requests, so that nobody's waits for a kernel to be compiled or a library to be read."""
        from ranker.app.served.warming import warm

        warm(self)

    def _kind(self, endpoint: str) -> str:
        """Name the kind of model that answers an endpoint."""
        if endpoint in OF_A_RANKER or (endpoint == "rank" and self.ranker is not None):
            return "ranker"
        return "classifier" if endpoint in ENDPOINTS else ""

    def _refuse_absent(self, endpoint: str) -> None:
        if endpoint not in ENDPOINTS:
            raise NotServedError(f"there is no {endpoint!r} here{did_you_mean(endpoint, self.endpoints)}")
        if (kind := self._kind(endpoint)) not in self.digests:
            raise NotServedError(f"this server has no {kind}, which {endpoint!r} needs")

    def _the_ranker(self, endpoint: str) -> Model:
        if self.ranker is None:
            raise NotServedError(f"this server has no ranker, which {endpoint!r} needs")
        return self.ranker

    def _the_classifier(self, endpoint: str) -> ResumeModel:
        if self.classifier is None:
            raise NotServedError(f"this server has no classifier, which {endpoint!r} needs")
        return self.classifier

    def _read(self, endpoint: str, body: Mapping[str, Any]) -> Pool:
        self._the_ranker(endpoint)
        return self._readers["ranker"].read(body)

    def _ranked(self, endpoint: str, body: Mapping[str, Any]) -> tuple[Pool, Scored]:
        model, pool = self._the_ranker(endpoint), self._read(endpoint, body)
        return pool, Scored.of(model.scorer, model.task.features, pool.records)

    def _told(
        self, pool: Pool, found: "Explanation | Contrast", body: Mapping[str, Any], audience: str
    ) -> dict[str, Any]:
        about = _about_one(pool, body["candidate"]) if audience == "candidate" else _about(pool)
        who = {"job": pool.job, "candidate": body["candidate"]}
        return self._answer("ranker", {**who, **told(found, audience), **about})

    def _answer(self, kind: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        return {"model": self.digests[kind], **answer}


def _about(pool: Pool) -> dict[str, Any]:
    """Tell what became of the request's records."""
    ignored = {name: list(columns) for name, columns in pool.ignored.items()}
    return {"set_aside": pool.set_aside(), "notes": pool.notes(), "ignored": ignored}


def _about_one(pool: Pool, candidate: str) -> dict[str, Any]:
    """Tell it of one candidate, and of the job, to whom nobody else's record is told."""
    about = _about(pool)
    notes = [one for one in about["notes"] if one["candidate"] in (candidate, None)]
    return {"set_aside": [], "notes": notes, "ignored": about["ignored"]}


def answer_bytes(answer: Mapping[str, Any]) -> bytes:
    """Write an answer as it is sent: JSON in UTF-8, without spaces, keys in the order of the answer."""
    return compact_bytes(answer)
