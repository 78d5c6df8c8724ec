"""``[actions."candidate.skills"]``: what a person may change, when asked what would bring a better rank."""

from collections.abc import Mapping
from dataclasses import MISSING
from dataclasses import fields as dataclass_fields
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, Strict, ValidationError, create_model

from explain.change.actions import Action
from explain.change.lists import AddItems, Extend
from explain.change.usual import check_actions
from explain.change.values import ChangeNumber, RaiseOrdinal, SetCategory
from ranker.app.task_sections import STRICT, explain_fault
from ranker.errors import CandorError, TaskError, did_you_mean
from ranker.features import FeatureSet

__all__ = ["KINDS", "parse_actions"]

KINDS: dict[str, type[Action]] = {
    kind.kind: kind for kind in (ChangeNumber, SetCategory, RaiseOrdinal, AddItems, Extend)
}


def parse_actions(
    sections: Mapping[str, Mapping[str, Any]], features: FeatureSet
) -> tuple[Action, ...] | None:
    """Read the sections of all actions.

    Parameters
    ----------
    sections : dict of str to dict
        By the path of the field.
    features : FeatureSet
        What reads the record.

    Returns
    -------
    tuple of Action, or None
        ``None`` where the task states none: the usual ones are then allowed. Where it states
        any, nothing else is.

    Raises
    ------
    TaskError
        Naming the place, the fault, and what was probably meant.
    ProtectedFieldError
        If an action would change a protected, sensitive or target field.
    """
    if not sections:
        return None
    actions = tuple(_action(path, given) for path, given in sections.items())
    for action in actions:
        try:
            check_actions([action], features)
        except CandorError as error:
            raise type(error)(f'[actions."{action.path}"]: {error}') from None
    return actions


def _action(path: str, given: Mapping[str, Any]) -> Action:
    place = f'[actions."{path}"]'
    kind = given.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        said = "'kind' is missing" if kind is None else f"kind {kind!r} is not known"
        raise TaskError(f"{place}: {said}{did_you_mean(str(kind or ''), KINDS)}")
    values = {key: value for key, value in given.items() if key != "kind"}
    model = _model_of(KINDS[kind])
    try:
        read = model.model_validate(values)
    except ValidationError as error:
        raise TaskError(f"{place}: {explain_fault(error, model, values)}") from None
    try:
        return KINDS[kind](path=path, **{key: getattr(read, key) for key in read.model_fields_set})
    except TaskError as error:
        raise TaskError(f"{place}: {error}") from None


def _model_of(kind: type[Action]) -> type[BaseModel]:
    """Turn a kind's parameters into a strict model, so that a task cannot misspell them."""
    parameters: dict[str, Any] = {}
    for field in dataclass_fields(kind):
        if field.name == "path":
            continue
        required = field.default is MISSING and field.default_factory is MISSING
        parameters[field.name] = (_loose(field.type), ... if required else None)
    return create_model(kind.__name__, __config__=STRICT, **parameters)


def _loose(kind: Any) -> Any:
    """Accept what TOML writes: lists for tuples, whole numbers for numbers."""
    if kind is float:
        return Annotated[float, Strict(False)]
    if get_origin(kind) is tuple:
        return Annotated[kind, Strict(False)]
    if isinstance(kind, UnionType):
        members = [_loose(member) for member in get_args(kind)]
        out = members[0]
        for member in members[1:]:
            out = out | member
        return out
    if get_origin(kind) is Mapping:
        return dict[str, float]
    return kind
