"""What there is to say about a whole model."""

from dataclasses import dataclass
from typing import Any

from explain.field_comparison import FieldComparison
from explain.importance import Importance
from explain.leaning import Leaning
from explain.shapes import Shape
from explain.words import number
from ranker.app.model import Model

SCHEMA = "candor-model/1"


@dataclass(frozen=True, slots=True)
class Findings:
    """What there is to say about a model.

    Parameters
    ----------
    model : Model
        The model.
    shapes : tuple of Shape
        All its terms, or the one that was asked for.
    leaning : Leaning or None
        How far it leans on each field; ``None`` where one term alone was asked for.
    before : Importance or None
        What told candidates apart by the unconstrained scorer.
    job : Importance or None
        What mattered for the one job that was asked for.
    comparison : FieldComparison or None
        Of the fields that were to be compared.
    """

    model: Model
    shapes: tuple[Shape, ...]
    leaning: Leaning | None
    before: Importance | None
    job: Importance | None
    comparison: FieldComparison | None

    @property
    def headline(self) -> str:
        """What the scores lean on most, in a sentence."""
        if self.leaning is None:
            return ""
        fields = self.leaning.importance.fields
        if not fields or fields[0].share != fields[0].share:
            return "Within each job all candidates have the same score: the model tells nobody apart."
        first = fields[0]
        return (
            f"Most of all the score leans on {first.label}: {percent(first.share)} of the differences between "
            "the scores of candidates for one job (their variance) come from it."
        )

    def to_json(self) -> dict[str, Any]:
        """Return all but the tables of the terms as a strict JSON object."""
        return {
            "schema": SCHEMA,
            "task": self.model.task.name,
            "headline": self.headline,
            "terms": [
                {
                    "term": shape.term,
                    "label": shape.label,
                    "features": list(shape.change.features),
                    "importance": {"before": shape.importance_before, "after": shape.importance},
                    "correction": shape.change.size,
                }
                for shape in self.shapes
            ],
            "importance": None if self.leaning is None else self.leaning.importance.to_json(),
            "importance_before": None if self.before is None else self.before.to_json(),
            "leaning": None if self.leaning is None else self.leaning.to_json(),
            "job": None if self.job is None else self.job.to_json(),
            "comparison": None if self.comparison is None else self.comparison.to_json(),
        }


def percent(share: float) -> str:
    """Write a share in per cent; a dash where there is none."""
    return "–" if share != share else f"{number(100 * share, 0 if abs(share) >= 0.1 else 1)} %"
