"""What there is to know about a served model, without a word about anybody."""

from typing import Any

from explain.strict_json import as_json
from ranker.app.model import Model
from ranker.app.resume_model import ResumeModel
from ranker.features import FeatureSet
from ranker.records import Usage
from ranker.resume.feature_table import RESUME_FIELDS
from ranker.scoring import AdditiveScorer

__all__ = ["classifier_card", "ranker_card", "terms_of"]


def ranker_card(model: Model, digest: str) -> dict[str, Any]:
    """Describe a ranker.

    Parameters
    ----------
    model : Model
        The ranker.
    digest : str
        Its SHA-256, in hex.
    """
    task = model.task
    return as_json(
        {
            "kind": "ranker",
            "name": task.name,
            "title": task.title,
            "digest": digest,
            "features": _features(task.features, model.scorer),
            "fields": [
                {"path": field.path, "label": field.label, "unit": field.unit, "usage": str(field.usage)}
                for field in task.features.fields.values()
            ],
            "protected": _by_usage(model, Usage.PROTECTED),
            "sensitive": _by_usage(model, Usage.SENSITIVE),
            "reads": {
                "job": "job" in task.sources,
                "candidates": "candidate" in task.sources,
                "candidate_id": task.sources["candidate"][1]
                if "candidate" in task.sources
                else task.keys.candidate,
                "job_id": task.sources["job"][1] if "job" in task.sources else task.keys.job,
                "application_candidate": task.keys.candidate,
                "application_job": task.keys.job,
            },
            "requirements": [
                {"name": one.name, "kind": one.kind, "reads": list(one.sources), "reason": one.reason}
                for one in task.requirements
            ],
            "scorer": _scorer(model.scorer),
            "certificate": model.certificate,
            "promise": model.promise,
            "labels": None,
            "training": model.facts["training"],
            "evaluation": model.evaluation,
            # Rows read, kept and set aside by reason; the fates themselves name people.
            "cleaning": {key: model.cleaning.get(key) for key in ("read", "kept", "counts")},
        }
    )


def classifier_card(model: ResumeModel) -> dict[str, Any]:
    """Describe a classifier of résumés."""
    one = model.classifier
    records = model.cleaning["records"]
    return as_json(
        {
            "kind": "classifier",
            "name": model.task.name,
            "title": model.task.title,
            "digest": one.version,
            "features": _features(one.features, one.scorer),
            "fields": [
                {"path": field.path, "label": field.label, "unit": field.unit, "usage": str(field.usage)}
                for field in RESUME_FIELDS.values()
            ],
            "protected": {},
            "sensitive": {},
            "reads": {"domains": {domain: list(skills) for domain, skills in one.domains.items()}},
            "requirements": [],
            "scorer": _scorer(one.scorer),
            "certificate": None,
            "promise": None,
            "labels": {**one.labels.to_json(), "uncertain_below": one.uncertain},
            "training": {"rows": len(model.parts)},
            "evaluation": model.evaluation,
            "cleaning": {key: records.get(key) for key in ("read", "kept", "counts")},
        }
    )


def terms_of(model: Model | ResumeModel) -> dict[str, Any]:
    """Return the shape functions: all tables of a model, with what their bins are called."""
    from explain.shapes import shape_functions, shapes_json

    if isinstance(model, Model):
        return shapes_json(
            shape_functions(model.scorer, model.task.features, unconstrained=model.unconstrained)
        )
    return shapes_json(shape_functions(model.classifier.scorer, model.classifier.features))


def _features(features: FeatureSet, scorer: AdditiveScorer) -> list[dict[str, Any]]:
    read = {scorer.feature_names[axis] for term in scorer.terms for axis in term.features}
    return [
        {
            "name": feature.name,
            "label": feature.label,
            "kind": type(feature).__name__,
            "column": feature.column,
            "sources": list(feature.sources),
            "split_rule": feature.split_rule,
            "counts": feature.name in read,
        }
        for feature in features
    ]


def _scorer(scorer: AdditiveScorer) -> dict[str, Any]:
    bags = scorer.bagged_intercept
    return {
        "intercept": scorer.intercept,
        "terms": list(scorer.term_names),
        "bags": 0 if bags is None else len(bags),
    }


def _by_usage(model: Model, usage: Usage) -> dict[str, str]:
    return {path: one.label for path, one in model.task.features.fields.items() if one.usage is usage}
