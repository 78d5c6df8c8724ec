"""What answers look like, for the description of the service: every answer is checked by one of these in tests."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic import Field as Pydantic

__all__ = [
    "CardAnswer",
    "ClassifyAnswer",
    "ContrastAnswer",
    "CounterfactualAnswer",
    "ExplainAnswer",
    "RankAnswer",
    "TermsAnswer",
]

Amounts = dict[str, float]
Audience = Literal["candidate", "recruiter", "auditor", "developer"]
Probability = Annotated[float, Pydantic(ge=0, le=1)]
Rank = Annotated[int, Pydantic(ge=1)]


class Answer(BaseModel):
    """What every answer is: the model that gave it is named."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    model: str = Pydantic(description="SHA-256 of the model that answered, in hex.")


class Part(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class SetAside(Part):
    """A record that takes no part."""

    candidate: str | None = Pydantic(description="Whose it is, where it says.")
    reason: str


class Note(Part):
    """A value that was read otherwise than written."""

    candidate: str | None
    field: str
    reason: str


class Amount(Part):
    """What a score is the sum of: the intercept and, at each of three levels, the amounts."""

    intercept: float
    terms: Amounts
    features: Amounts
    fields: Amounts


class Ranked(Part):
    """One candidate of a ranking."""

    rank: Rank
    candidate: str
    score: float
    tied: bool = Pydantic(description="Whether another candidate has exactly this score.")
    score_deviation: float | None = Pydantic(default=None, description="Standard error of the score.")
    rank_low: Rank | None = Pydantic(default=None, description="Best plausible rank.")
    rank_high: Rank | None = Pydantic(default=None, description="Worst plausible rank.")
    p_top_k: Probability | None = Pydantic(default=None, description="Chance to be among the first k.")
    borderline: bool | None = Pydantic(
        default=None, description="Whether the interval reaches over the cut-off: a person should look."
    )
    label: str | None = Pydantic(default=None, description="What a classifier calls the résumé.")
    explanation: Amount | None = None


class Intervals(Part):
    """How intervals were made, or why there are none."""

    level: Probability
    draws: int
    held_out: Probability
    missing: str | None


class Pooled(Answer):
    """What answers on a pool have in common."""

    set_aside: list[SetAside]
    notes: list[Note]
    ignored: dict[str, list[str]] = Pydantic(description="Keys of the records that nothing reads.")


class RankAnswer(Pooled):
    """A ranking, best first."""

    job: str
    pool_size: int = Pydantic(ge=1, description="Candidates that were ranked.")
    ranking: list[Ranked]
    tie_rule: str
    intervals: Intervals


class ExplainAnswer(Pooled):
    """Why a candidate stands at a rank, for an audience."""

    job: str
    candidate: str
    audience: Audience
    text: str
    explanation: dict[str, JsonValue]


class ContrastAnswer(ExplainAnswer):
    """Why one candidate stands above another."""


class Change(Part):
    """One change of a record."""

    model_config = ConfigDict(extra="allow")

    path: str
    before: JsonValue
    after: JsonValue
    cost: float


class Alternative(Part):
    """One way to the goal."""

    rank_after: Rank
    score_after: float
    cost: float
    optimal: bool = Pydantic(description="Whether nothing cheaper does it; proven.")
    changes: list[Change]


class CounterfactualAnswer(Pooled):
    """What would bring a candidate among the first."""

    job: str
    candidate: str
    goal: str
    pool_size: int
    rank_before: Rank
    score_before: float
    possible: bool
    rank_after: Rank
    score_after: float
    cost: float
    optimal: bool
    changes: list[Change]
    alternatives: list[Alternative]
    text: str


class ClassifyAnswer(Answer):
    """A résumé's label, and what it rests on."""

    id: str
    place: str
    domain: str
    label: str
    confidence: Probability
    uncertain: bool = Pydantic(description="Whether a person should decide.")
    matched_skills: list[str]
    missing_skills: list[str]
    feature_summary: dict[str, float | None]
    explanation: str
    probabilities: dict[str, Probability]
    score: float
    intercept: float
    fields: Amounts
    strongest: list[dict[str, JsonValue]]
    standing: Probability | None
    borderline: list[dict[str, JsonValue]]
    recommendation: dict[str, JsonValue] | None
    changes: list[dict[str, JsonValue]]
    ignored: dict[str, list[str]]


class CardAnswer(Part):
    """What is served: one card for each model."""

    models: list[dict[str, Any]]
    endpoints: list[str]


class TermsAnswer(Part):
    """The shape functions of each model that is served; null where there is none of the kind."""

    ranker: dict[str, Any] | None
    classifier: dict[str, Any] | None
