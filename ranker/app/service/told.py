"""What the service's own answers look like, for its description; those of the models stand beside the models."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, JsonValue
from pydantic import Field as Pydantic

__all__ = [
    "AuditTold",
    "DecisionTold",
    "DecisionsTold",
    "HealthTold",
    "ObjectionTold",
    "RecordedTold",
    "ReviewTold",
    "ReviewsTold",
]

Number = Annotated[int, Pydantic(ge=1)]


class Told(BaseModel):
    """What all of them are."""

    model_config = ConfigDict(extra="forbid")


class RecordedTold(Told):
    """Where something stands in the log."""

    id: str
    number: Number
    hash: str
    time: str


class Entry(Told):
    """An entry of the log, without what was asked and answered."""

    id: str
    number: Number
    time: str
    hash: str
    kind: str
    caller: str
    role: str
    model: str
    request_id: str
    people: list[str]
    input_kept: bool
    corrects: str | None = Pydantic(
        description="The decision that it was made beside, with one record corrected; its role says by whom."
    )


class DecisionTold(Entry):
    """An entry of the log; protected fields are never part of it."""

    previous: str
    complete: bool = Pydantic(description="Whether input and answer are here to the last piece.")
    input: dict[str, JsonValue] | None
    answer: dict[str, JsonValue] | None


class DecisionsTold(Told):
    """Entries of the log, in its order."""

    decisions: list[Entry]
    next: Number | None = Pydantic(description="What to give as `after` for the next ones; null at the end.")


class ReviewTold(Told):
    """A case of the queue."""

    id: str
    decision: str
    kind: str
    person: str
    reason: str
    status: str
    created: str
    label: str | None
    why: str | None
    reviewer: str | None
    decided: str | None
    filed_by: list[str] = Pydantic(
        description="Roles of those who objected or corrected: applicant, or recruiter for one. Else empty."
    )


class ReviewsTold(Told):
    """Cases of the queue, those that came first at the front."""

    reviews: list[ReviewTold]
    next: str | None = Pydantic(description="What to give as `after` for the next ones; null at the end.")


class Standing(Told):
    """What a decision says of one candidate."""

    decision: str
    rank: Number | None = None
    score: float | None = None
    label: str | None = None
    set_aside: str | None = Pydantic(default=None, description="Why the candidate takes no part.")


class ObjectionTold(Told):
    """What became of an objection."""

    id: str
    review: str = Pydantic(description="Its case in the queue.")
    before: Standing | None = None
    after: Standing | None = Pydantic(
        default=None, description="With the corrected record; stands beside the old one, and decides nothing."
    )
    note: str | None = Pydantic(default=None, description="Why there is no answer to the correction.")


class GroupTold(Told):
    """What happened to the people of one group."""

    attribute: str
    group: str
    people: int
    raised: int = Pydantic(description="Overrides that gave a better rank.")
    lowered: int
    removed: int
    interviewed: int
    hired: int
    left: int
    reviewed: int
    objected: int


class AuditTold(Told):
    """The model's report, and what the log counts by group."""

    report: dict[str, Any] | None
    missing: str | None = Pydantic(description="Why there is no report.")
    groups: list[GroupTold] = Pydantic(description="What people did with decisions, by group.")


class HealthTold(Told):
    """How the server is."""

    status: Literal["alive", "ready"]
