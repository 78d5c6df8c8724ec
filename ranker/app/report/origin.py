"""What a model was made from: files, cleaning, parts, features, software."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ranker.app.model import Model
from ranker.app.model_directory import file_hash
from ranker.app.report.audited import Audited, label_of_field
from ranker.features import KINDS
from ranker.records.field import declared_field
from ranker.records.splits import PARTS

SOFTWARE = ("candor-rank", "interpret-core", "fairlearn", "numpy")
SECTIONS = {"candidate": "candidates", "job": "jobs", "application": "applications"}


def sources_of(model: Model) -> dict[str, Any]:
    """Return each file as the task names it, its hash in training, and the rows read and kept."""
    written = tomllib.loads(model.task.text)
    out = {}
    for entity, source in model.facts["sources"].items():
        path = model.task.sources[entity][0]
        out[entity] = {
            "file": written[SECTIONS[entity]]["path"],
            "sha256": source["sha256"],
            "unchanged": path.is_file() and file_hash(path) == source["sha256"],
            "read": model.cleaning["read"].get(entity, 0),
            "kept": model.cleaning["kept"].get(entity, 0),
        }
    return out


def split_of(audited: Audited) -> dict[str, Any]:
    """Return how the pairs were shared out, and how many of them the files still hold."""
    frame, split = audited.model.parts, audited.model.task.split
    jobs_in = [set(frame.loc[frame["part"] == part, "job"]) for part in PARTS]
    whole_jobs = sum(map(len, jobs_in)) == len(set.union(*jobs_in))
    return {
        "by": "job" if whole_jobs else "candidate",
        "seed": split.seed,
        "asked": {"by": split.by, "tune": split.tune, "test": split.test},
        "parts": {
            part: {
                "pairs": len(rows),
                "jobs": rows["job"].nunique(),
                "candidates": rows["candidate"].nunique(),
            }
            for part in PARTS
            for rows in [frame[frame["part"] == part]]
        },
        "pairs_found": int((audited.parts != "").sum()),
    }


def inputs_of(model: Model) -> dict[str, Any]:
    """Return what the score reads: each feature, its fields, and what these may be used for."""
    fields = model.task.features.fields
    kind_of = {cls: kind for kind, cls in KINDS.items()}

    def source(path: str) -> dict[str, str]:
        usage = declared_field(path, fields).usage
        return {"path": path, "label": label_of_field(model, path), "usage": str(usage)}

    features = [
        {
            "name": feature.name,
            "label": feature.label,
            "kind": kind_of[type(feature)],
            "subject": feature.subject,
            "sources": [source(path) for path in feature.sources],
        }
        for feature in model.task.features
    ]
    requirements = [
        {"name": rule.name, "sources": [source(path) for path in rule.sources]}
        for rule in model.task.requirements
    ]
    return {
        "features": features,
        "requirements": requirements,
        "scorer_reads_these_only": list(model.scorer.feature_names) == model.task.features.names,
        "kept_out": [
            {"path": path, "label": field.label, "usage": str(field.usage)}
            for path, field in fields.items()
            if field.usage in ("protected", "sensitive", "target")
        ],
    }


def software() -> dict[str, str]:
    """Return the versions that this audit ran with."""
    out = {}
    for name in SOFTWARE:
        try:
            out[name] = version(name)
        except PackageNotFoundError:
            out[name] = "not installed, run from its source"
    return out
