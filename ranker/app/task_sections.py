"""The sections of a task file, and what is said of one that is not as it should be."""

import re
from typing import Annotated, Any, Literal, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic import Field as Pydantic
from pydantic_core import PydanticCustomError

from fairness.strategies import STRATEGIES
from ranker.errors import did_you_mean
from ranker.scoring.objectives import OBJECTIVES

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def _one_of(choices: tuple[str, ...]) -> AfterValidator:
    """Check a word against the choices of whoever it is passed on to, as a literal would."""

    def check(word: str) -> str:
        if word not in choices:
            expected = ", ".join(map(repr, choices))
            raise PydanticCustomError("literal_error", "input should be {expected}", {"expected": expected})
        return word

    return AfterValidator(check)


class _Section(BaseModel):
    model_config = STRICT


class EntitySource(_Section):
    """``[candidates]`` or ``[jobs]``: a file and its key column."""

    path: str
    id: str


class ApplicationSource(_Section):
    """``[applications]``: a file with one row for each (candidate, job) pair.

    Without ``job`` all rows are one list. ``positive`` are the texts of a binary relevance
    that count as 1.
    """

    path: str
    job: str | None = None
    candidate: str | None = None
    relevance: str | None = None
    relevance_kind: Literal["graded", "binary", "real", "rank"] = "graded"
    positive: list[str] | None = None


class FieldSection(_Section):
    """``[fields."candidate.gender"]``: what a raw field is called and may be used for."""

    label: str | None = None
    unit: str = ""
    usage: Literal["default", "optional", "protected", "sensitive", "target"] = "default"
    separator: str | None = None
    missing: list[str] = []


class RequirementSection(_Section):
    """``[[requirements]]``: what a candidate must meet to be ranked for a job."""

    name: str
    kind: Literal["equals", "one_of", "at_least", "present", "covers"]
    field: str
    required: str | None = None
    value: str | None = None
    values: list[str] = []
    minimum: float | None = None
    reason: str = ""


class SplitSection(_Section):
    """``[split]``: how the data are shared out over train, tune and test."""

    by: Literal["auto", "job", "candidate"] = "auto"
    tune: float = Pydantic(default=0.2, gt=0, lt=1)
    test: float = Pydantic(default=0.2, gt=0, lt=1)
    seed: int = Pydantic(default=0, ge=0)


class FairnessSection(_Section):
    """``[fairness]``: a constraint that training must meet; ``[[fairness]]`` where there are several.

    ``strategy`` is how training meets all of them; see :class:`fairness.FairRanker`.
    """

    measure: str
    attribute: str | list[str]
    bound: float
    kind: str = "difference"
    top_k: int | None = None
    strategy: Annotated[str, _one_of(STRATEGIES)] | None = None


class TrainingSection(_Section):
    """``[training]``: what is learned, and settings of the booster.

    ``monotone`` says of a feature that its shape must not fall ("increasing") or not rise
    ("decreasing"); for the others see :class:`ranker.EBMRanker`.
    """

    objective: Annotated[str, _one_of(OBJECTIVES)] = "auto"
    monotone: dict[str, Literal["increasing", "decreasing"]] = {}
    learning_rate: float = Pydantic(default=0.04, gt=0, le=1)
    max_bins: int = Pydantic(default=1024, ge=3)
    outer_bags: int = Pydantic(default=14, ge=1)
    interactions: (
        Annotated[int, Pydantic(ge=0)]
        | Annotated[float, Pydantic(gt=0, lt=1)]
        | Annotated[str, Pydantic(pattern=r"^\d+(\.\d+)?x$")]
    ) = "5x"
    random_state: int = Pydantic(default=0, ge=0)


class AuditSection(_Section):
    """``[audit]``: what a report says of a model's use, and by what it compares.

    ``sex`` and ``race`` are the paths of the categories that bias audits are published by;
    ``top_k`` is how many of a list count as selected.
    """

    purpose: str = ""
    responsible: str = ""
    window: Annotated[list[str], Pydantic(max_length=2)] = []
    sex: str | None = None
    race: str | None = None
    top_k: int = Pydantic(default=10, ge=1)


def _in_a_list(given: Any) -> Any:
    return [given] if isinstance(given, dict) else given


class TaskSections(_Section):
    """The whole file."""

    name: str = Pydantic(min_length=1)
    title: str = ""
    candidates: EntitySource | None = None
    jobs: EntitySource | None = None
    applications: ApplicationSource
    fields: dict[str, FieldSection] = {}
    features: list[dict[str, Any]]
    requirements: list[RequirementSection] = []
    actions: dict[str, dict[str, Any]] = {}
    split: SplitSection = SplitSection()
    fairness: Annotated[list[FairnessSection], BeforeValidator(_in_a_list)] = []
    training: TrainingSection = TrainingSection()
    audit: AuditSection = AuditSection()


def explain_fault(error: ValidationError, model: type[BaseModel], raw: dict[str, Any]) -> str:
    """Say every fault with its place and, for a word that is not known, the one that was meant."""
    lines = []
    for fault in error.errors():
        steps = fault["loc"]
        if model is TaskSections and steps[0] == "fairness" and isinstance(raw.get("fairness"), dict):
            steps = (steps[0], *steps[2:])  # written as one table, read as a list of one
        place, known = _follow(model, steps)
        word = str(fault["loc"][-1])
        if fault["type"] == "extra_forbidden":
            said = f"{word!r} is not a key here{did_you_mean(word, known)}"
        elif fault["type"] == "missing":
            said = f"{word!r} is missing"
        elif fault["type"] == "literal_error":
            choices = re.findall(r"'([^']*)'", fault["ctx"]["expected"])
            said = f"{word} = {fault['input']!r} is not known{did_you_mean(str(fault['input']), choices)}"
        else:
            key = next((str(step) for step in reversed(fault["loc"]) if step in known), word)
            said = f"{key} = {fault['input']!r}: {fault['msg'].lower()}"
        lines.append(f"{place}: {said}" if place else said)
    return "; ".join(dict.fromkeys(lines))


def _follow(model: type[BaseModel], location: tuple[int | str, ...]) -> tuple[str, list[str]]:
    """Name the section that a fault lies in, and the keys that are known there."""
    place, known = ("top level" if model is TaskSections else ""), list(model.model_fields)
    inside: Any = model
    for step in location[:-1]:
        if isinstance(step, int):
            place = f"[{place}] {step + 1}"
            continue
        if isinstance(inside, type) and issubclass(inside, BaseModel) and step in inside.model_fields:
            annotation = inside.model_fields[step].annotation
            sections = [a for a in (annotation, *getattr(annotation, "__args__", ())) if _is_section(a)]
            if not sections:
                if get_origin(annotation) is dict:
                    place = f"{place[:-1]}.{step}]"
                break
            inside, known = sections[0], list(sections[0].model_fields)
            place = f"[{step}]"
        else:
            place = f'{place[:-1]}."{step}"]' if place.endswith("]") else place
    return place, known


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
