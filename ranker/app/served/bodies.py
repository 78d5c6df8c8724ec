"""Request bodies: strict, nothing unknown in them, and no larger than the limits say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    ValidationError,
    WrapValidator,
    create_model,
)
from pydantic import Field as Pydantic
from pydantic_core import PydanticCustomError, from_json

from ranker.app.served.faults import BodyError, NotJsonError, faults_of
from ranker.app.served.limits import LIMITS, Limits, are_faultless, fault_in

__all__ = [
    "Bodies",
    "ClassifyBody",
    "ContrastBody",
    "CounterfactualBody",
    "ExplainBody",
    "RankBody",
    "RankResumesBody",
    "bodies_for",
    "plain",
    "read_body",
]

MOST_ANSWERS = 3  # sets of changes that a counterfactual may be asked for
MOST_COSTS = 200
LONGEST_LABEL = 200

Label = Annotated[str, Pydantic(min_length=1, max_length=LONGEST_LABEL, pattern=r"^[^\x00]+$")]
Audience = Literal["candidate", "recruiter", "auditor", "developer"]
Cost = Annotated[float, Pydantic(ge=0, le=1e9)]
Costs = Annotated[
    dict[Label, Cost | Annotated[dict[Label, Cost], Pydantic(max_length=MOST_COSTS)]],
    Pydantic(max_length=MOST_COSTS),
]
Value = Annotated[str, Pydantic(max_length=LONGEST_LABEL, pattern=r"^[^\x00]*$")] | int | float | bool | None
Groups = dict[Label, Annotated[dict[Label, Value], Pydantic(max_length=50)]]


class Body(BaseModel):
    """What every body is: strict, and without keys that nobody knows."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def _told(kind: Any, description: str, **default: Any) -> tuple[Any, Any]:
    return kind, Pydantic(description=description, **default)


EXPLANATIONS = _told(bool, "Whether to tell what each term, feature and raw field adds.", default=False)
# 500 draws take as long as all the rest, and without a cut-off nobody is borderline to it.
INTERVALS = _told(
    bool | None,
    "Whether to tell how far each rank could move; where it is not said, with `top_k` alone.",
    default=None,
)
WHO = _told(Label, "The candidate's id.")
AGAINST = _told(Label | None, "The other one's id; who stands at the cut-off without it.", default=None)
AUDIENCE = _told(Audience, "Whom it is told; a candidate is told nothing about others.", default="candidate")
OF_A_CONTRAST = _told(
    Audience, "Whom it is told; a candidate may be compared with the cut-off alone.", default="recruiter"
)
COSTS = _told(Costs, "What a change costs, by field, or by field and item.", default_factory=dict)
N_ANSWERS = _told(Annotated[int, Pydantic(ge=1, le=MOST_ANSWERS)], "Most ways to tell.", default=1)


@dataclass(frozen=True, slots=True)
class Bodies:
    """The bodies of all endpoints, under the same limits.

    Parameters
    ----------
    limits : Limits
        What they may hold.
    classify, rank, explain, counterfactual, contrast : type of Body
        By endpoint.
    rank_resumes : type of Body
        Of ``rank`` where a classifier alone is served.
    """

    limits: Limits
    classify: type[Body]
    rank: type[Body]
    explain: type[Body]
    counterfactual: type[Body]
    contrast: type[Body]
    rank_resumes: type[Body]


@cache
def bodies_for(limits: Limits = LIMITS) -> Bodies:
    """Make the bodies that hold no more than some limits; their JSON schemas say so, too.

    Parameters
    ----------
    limits : Limits
        What a body may hold.
    """
    record = Annotated[dict[str, Any], AfterValidator(partial(_checked, limits=limits))]
    quickly = WrapValidator(partial(_checked_together, limits=limits))
    records = Annotated[list[record], Pydantic(min_length=1, max_length=limits.candidates), quickly]
    some = Annotated[list[record], Pydantic(max_length=limits.candidates), quickly] | None
    length = Annotated[int, Pydantic(ge=1, le=limits.candidates)]
    groups = Annotated[Groups, Pydantic(max_length=limits.candidates)]
    job = _told(record, "The job's record, as the model's task reads it.", default_factory=dict)
    pool: dict[str, Any] = {
        "job": job,
        "candidates": _told(records, "One record for each candidate, its id among them."),
        "applications": _told(
            some,
            "One record for each application, where the model reads what only an application tells; "
            "without any, every candidate applies.",
            default=None,
        ),
    }
    protected = _told(
        groups,
        "Protected fields by candidate, for the audit alone: stored apart, never read by a model.",
        default_factory=dict,
    )
    first_k = _told(
        length | None, "Give only the first k, and each one's chance to be among them.", default=None
    )
    cut_off = _told(length, "The cut-off that a rank is compared with.", default=10)
    lists = {"top_k": first_k, "explanations": EXPLANATIONS, "intervals": INTERVALS, "protected": protected}
    return Bodies(
        limits,
        classify=_body(
            "ClassifyBody",
            "One résumé to label.",
            {"resume": _told(record, "The résumé."), "protected": protected},
        ),
        rank=_body("RankBody", "A job and the pool to rank for it.", pool | lists),
        explain=_body(
            "ExplainBody",
            "A pool, and whose rank in it is to be explained.",
            {**pool, "candidate": WHO, "top_k": cut_off, "audience": AUDIENCE},
        ),
        counterfactual=_body(
            "CounterfactualBody",
            "A pool, and who in it asks what would bring a better rank.",
            {
                **pool,
                "candidate": WHO,
                "top_k": _told(length, "The goal: to be among the first k.", default=10),
                "costs": COSTS,
                "n_answers": N_ANSWERS,
            },
        ),
        contrast=_body(
            "ContrastBody",
            "A pool, and which two in it are to be compared.",
            {
                **pool,
                "candidate": WHO,
                "against": AGAINST,
                "top_k": cut_off,
                "audience": OF_A_CONTRAST,
            },
        ),
        rank_resumes=_body(
            "RankResumesBody",
            "A domain and the résumés to rank for it.",
            {
                "domain": _told(Label, "A domain of the model."),
                "resumes": _told(records, "The résumés."),
                **lists,
            },
        ),
    )


def _body(name: str, doc: str, fields: Mapping[str, Any]) -> type[Body]:
    made: type[Body] = create_model(name, __base__=Body, __module__=__name__, __doc__=doc, **dict(fields))
    return made


def _checked(record: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Refuse a record that is past a limit; the message begins with the place in the record."""
    if fault := fault_in(record, limits):
        raise PydanticCustomError("record", "{fault}", {"fault": str(fault)})
    return record


def _checked_together(value: Any, one_by_one: Callable[[Any], Any], limits: Limits) -> Any:
    """Let a list of records pass that surely has no fault; any other is checked one by one, for the faults."""
    return value if are_faultless(value, limits) else one_by_one(value)


def plain(body: BaseModel) -> dict[str, Any]:
    """Return what was given in a body, as JSON; what was left out stays out, so that nothing is made up.

    A quick ``model_dump(exclude_unset=True)``: the fields hold JSON already.
    """
    return {name: getattr(body, name) for name in type(body).model_fields if name in body.model_fields_set}


def read_body(model: type[BaseModel], body: bytes | str | Mapping[str, Any]) -> dict[str, Any]:
    """Read and check a body.

    Parameters
    ----------
    model : type of BaseModel
        One of :func:`bodies_for`'s.
    body : bytes, str or mapping
        JSON as it came, or parsed.

    Returns
    -------
    dict
        As :func:`plain` gives it.

    Raises
    ------
    NotJsonError
        If it is no JSON.
    BodyError
        With every fault and its place.
    """
    # Two steps take half the time of model_validate_json, which makes values of its own in between.
    try:
        value = dict(body) if isinstance(body, Mapping) else from_json(body)
    except ValueError as error:
        raise NotJsonError.of("", f"invalid JSON: {error}") from None
    try:
        read = model.model_validate(value)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        raise BodyError(faults_of(errors, value, known=model.model_fields)) from None
    return plain(read)


_DEFAULT = bodies_for()
ClassifyBody = _DEFAULT.classify
RankBody = _DEFAULT.rank
ExplainBody = _DEFAULT.explain
CounterfactualBody = _DEFAULT.counterfactual
ContrastBody = _DEFAULT.contrast
RankResumesBody = _DEFAULT.rank_resumes
