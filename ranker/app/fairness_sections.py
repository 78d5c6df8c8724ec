"""The sections of a task file that speak of groups: what training must meet, and what is reported."""

from typing import Any

from fairness.constraint import FairnessConstraint
from ranker.app.task_sections import AuditSection, FairnessSection
from ranker.errors import ConstraintError, TaskError, did_you_mean
from ranker.records import Field, Usage


def check_audit(given: AuditSection, fields: dict[str, Field]) -> AuditSection:
    """Refuse categories that are not declared protected: a report would call a mere field a sex or race."""
    for key in ("sex", "race"):
        path = getattr(given, key)
        if path is not None and (path not in fields or fields[path].usage is not Usage.PROTECTED):
            protected = [name for name, field in fields.items() if field.usage is Usage.PROTECTED]
            raise TaskError(
                f"[audit]: {key} = {path!r} is not declared protected: write "
                f'[fields."{path}"] with usage = "protected"{did_you_mean(path, protected)}'
            )
    return given


def _place_of_constraint(given: list[FairnessSection], number: int) -> str:
    return "[fairness]" if len(given) == 1 else f"[[fairness]] {number}"


def parse_constraints(
    given: list[FairnessSection], fields: dict[str, Field]
) -> tuple[FairnessConstraint, ...]:
    """Return all constraints of a task, none of them twice."""
    found: list[FairnessConstraint] = []
    for number, section in enumerate(given, 1):
        place = _place_of_constraint(given, number)
        one = _constraint(section, fields, place)
        for earlier, other in enumerate(found, 1):
            if _subject(other) == _subject(one):
                raise TaskError(
                    f"{place}: [[fairness]] {earlier} bounds the {one.measure} of {' × '.join(one.attributes)} too: "
                    "keep the tighter of the two and delete the other"
                )
        found.append(one)
    return tuple(found)


def _subject(constraint: FairnessConstraint) -> tuple[Any, ...]:
    """Return what a constraint bounds, however tightly; the order of crossed attributes does not matter."""
    return set(constraint.attributes), constraint.measure, constraint.kind, constraint.top_k


def _constraint(given: FairnessSection, fields: dict[str, Field], place: str) -> FairnessConstraint:
    paths = [given.attribute] if isinstance(given.attribute, str) else given.attribute
    protected = [path for path, field in fields.items() if field.usage is Usage.PROTECTED]
    for path in paths:
        if path not in protected:
            raise TaskError(
                f"{place} attribute {path!r} is not declared protected: write "
                f'[fields."{path}"] with usage = "protected"{did_you_mean(path, protected)}'
            )
    if repeated := next((path for path in paths if paths.count(path) > 1), None):
        raise TaskError(f"{place}: attribute names {repeated!r} twice: name each once")
    attribute = paths[0] if len(paths) == 1 else tuple(paths)
    try:
        return FairnessConstraint(given.measure, attribute, float(given.bound), given.kind, given.top_k)
    except ConstraintError as error:
        raise ConstraintError(f"{place}: {error}") from None


def common_strategy(given: list[FairnessSection]) -> str:
    """Return the one strategy that all constraints are met by."""
    stated = {section.strategy: number for number, section in enumerate(given, 1) if section.strategy}
    if len(stated) > 1:
        (one, first), (other, second) = list(stated.items())[:2]
        raise TaskError(
            f"[[fairness]] {second}: strategy = {other!r}, and [[fairness]] {first} says {one!r}: constraints are "
            "met together, so state one strategy, once"
        )
    return next(iter(stated), "auto")
