"""Bodies by which people say something about decisions."""

from typing import Annotated, Literal

from pydantic import Field as Pydantic
from pydantic import JsonValue

from ranker.app.served.bodies import Body, Label

__all__ = ["Correction", "ObjectionBody", "OutcomeBody", "OverrideBody", "ReviewBody"]

Text = Annotated[str, Pydantic(min_length=1, max_length=4_000, pattern=r"\S")]
DecisionId = Annotated[
    str, Pydantic(pattern=r"^[0-9a-f-]{36}$", description="As the header Decision-Id gave it.")
]
Record = Annotated[dict[str, JsonValue], Pydantic(max_length=200)]


class ReviewBody(Body):
    """What a reviewer says about a case of the queue."""

    review: DecisionId = Pydantic(description="Id of the case, as GET /reviews gives it.")
    label: Annotated[str, Pydantic(min_length=1, max_length=100, pattern=r"\S")] = Pydantic(
        description="Of a résumé Fit, Partial Fit or Not Fit; else a word such as upheld."
    )
    reason: Text


class Correction(Body):
    """What a record should have said; members that are not named stay as they were."""

    candidate: Record = Pydantic(
        default_factory=dict, description="Of the candidate's record, or the résumé."
    )
    application: Record = Pydantic(default_factory=dict, description="Of the application.")


class ObjectionBody(Body):
    """What a candidate has to say against a decision."""

    decision: DecisionId
    text: Text
    candidate: Label | None = Pydantic(
        default=None, description="Who objects; an applicant's key says it by itself."
    )
    correction: Correction | None = Pydantic(
        default=None, description="The record as it should read: the answer to it stands beside the old one."
    )


class OverrideBody(Body):
    """That a recruiter ranks a candidate otherwise than a decision did."""

    candidate: Label
    rank: Annotated[int, Pydantic(ge=1, le=1_000_000)] | None = Pydantic(
        description="The rank that is given; null for none at all."
    )
    reason: Text


class OutcomeBody(Body):
    """What became of a candidate."""

    candidate: Label
    outcome: Literal["interviewed", "hired", "left"]
    decision: DecisionId | None = Pydantic(default=None, description="The decision that came before it.")
    job: Label | None = None
    day: (
        Annotated[str, Pydantic(pattern=r"^\d{4}-\d\d-\d\d$", json_schema_extra={"format": "date"})] | None
    ) = None
