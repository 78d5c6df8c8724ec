"""A job and two people made up for a task: values that its features read and its requirements accept."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from ranker.app.task import Task
from ranker.features import Feature
from ranker.features.duration import Duration
from ranker.features.evidence import ProjectEvidence
from ranker.features.has_item import HasItem
from ranker.features.scalars import AtLeast, Category, Number, Ordinal
from ranker.features.sets import Count, SameCategory, SetFeature
from ranker.features.share_of import ShareOf
from ranker.features.text_similarity import TextSimilarity
from ranker.features.titles import TitleSimilarity
from ranker.features.years import Years
from ranker.records import Requirement
from ranker.records.field import entity_of
from ranker.scoring.additive import Axis

__all__ = ["invented", "made_up"]

NAMES: Final = ("c001", "c002")
JOB: Final = "j001"
# What a task does not tell by itself. No vocabulary is kept with a ranker, so these may be new to it.
SOME, FEWER, WANTED = ["Python", "SQL"], ["Java"], ["Python", "SQL", "Spark"]
LANGUAGES: Final = (["English", "Dutch"], ["English"], ["English", "Dutch"])
TITLE, TEXT, OTHER_TEXT = "Data engineer", "Built data pipelines in Python.", "Kept a shop's books."
Value = tuple[str, Any, Any]  # a path, and what stands there in the first and in the second record


def made_up(task: Task) -> dict[str, Any]:
    """Make a body of two candidates and a job, with nothing in the columns that are read."""
    records = _Records(task)
    for path in _read_by(task):
        records.put(path, None, None)
    return records.body()


def invented(task: Task, axes: Sequence[Axis] = ()) -> dict[str, Any]:
    """Make a body of two candidates who meet what is required, one of them the better on most features.

    Parameters
    ----------
    task : Task
        Says what is read.
    axes : sequence of Axis
        Of its scorer: which numbers and categories training met.

    Returns
    -------
    dict
        With ``job``, ``candidates`` and perhaps ``applications``, as
        :class:`ranker.app.served.bodies.RankBody` has them. What nothing is known of is null.
    """
    records, axis_of = _Records(task), {axis.name: axis for axis in axes}
    for requirement in task.requirements:
        for value in _meeting(requirement):
            records.put(*value)
    # What is only counted last: another feature may read more of the same items.
    for feature in sorted(task.features, key=lambda one: isinstance(one, Count)):
        for value in _values(feature, axis_of.get(feature.name)):
            records.put(*value)
    for path in _read_by(task):
        records.put(path, None, None)
    return records.body()


def _read_by(task: Task) -> tuple[str, ...]:
    readers = (*task.requirements, *task.features)
    return tuple(dict.fromkeys(path for one in readers for path in one.sources))


class _Records:
    """Two people's records and their job's, being filled; what was put first stays."""

    def __init__(self, task: Task) -> None:
        keys, own = task.keys, {entity: key for entity, (_, key) in task.sources.items()}
        self.flat = "candidate" not in task.sources  # candidates and their applications are one table
        self.job: dict[str, Any] = _named(own.get("job") if "job" in own else keys.job, JOB)
        self.people = [_named(keys.candidate if self.flat else own["candidate"], name) for name in NAMES]
        self.applications = self.people if self.flat else [_named(keys.candidate, name) for name in NAMES]

    def put(self, path: str, first: Any, second: Any) -> None:
        """Write a value into both people's records, or into the job's, which takes the first."""
        rest = path.partition(".")[2]
        steps = [step for step in rest.replace("[]", ".[]").split(".") if step]
        rows = {"job": [self.job], "candidate": self.people}.get(entity_of(path), self.applications)
        for row, value in zip(rows, (first, second), strict=False):
            row.update(_merged(row, _nested(steps, value)))

    def body(self) -> dict[str, Any]:
        """Lay them out as a request has them."""
        told: dict[str, Any] = {"job": self.job, "candidates": self.people}
        return told if self.flat else {**told, "applications": self.applications}


def _named(key: str | None, name: str) -> dict[str, Any]:
    return {} if key is None else {key: name}


def _nested(steps: list[str], value: Any) -> Any:
    """Wrap a value in what a path's steps go through."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if step != "[]":
        return {step: None if value is None and rest else _nested(rest, value)}
    items = value if isinstance(value, list) else [value]
    return [_nested(rest, item) for item in items]


def _merged(old: Any, new: Any) -> Any:
    """Add to what is there what is not."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**new, **old, **{key: _merged(old[key], new[key]) for key in old.keys() & new.keys()}}
    if isinstance(old, list) and isinstance(new, list) and all(isinstance(one, dict) for one in old + new):
        longer = old if len(old) >= len(new) else new
        return [_merged(a, b) for a, b in zip(old, new, strict=False)] + longer[min(len(old), len(new)) :]
    return new if old is None else old


def _meeting(requirement: Requirement) -> Iterator[Value]:
    """Yield what meets a requirement."""
    field, required = requirement.field, requirement.required
    if requirement.kind in ("equals", "one_of"):
        yield field, requirement.values[0], requirement.values[0]
    elif requirement.kind == "present":
        yield field, "given", "given"
    elif requirement.kind == "at_least":
        least = 1 if requirement.minimum is None else requirement.minimum
        yield field, least, least
        if required is not None:
            yield required, least, least
    elif required is not None:
        yield field, SOME, SOME
        yield required, SOME[:1], SOME[:1]


def _values(feature: Feature, axis: Axis | None) -> Iterator[Value]:
    """Yield values that a feature tells apart; none for a kind that is not known here."""
    match feature:
        case Number():
            yield feature.field, *_numbers(axis, feature.minimum, feature.maximum)
        case ShareOf():
            yield feature.field, feature.whole * 3 / 4, feature.whole / 2
        case Category():
            known = list(axis.levels[0]) if axis is not None and axis.levels else ["one", "other"]
            yield feature.field, str(known[0]), str(known[-1])
        case Ordinal():
            yield feature.field, feature.order[-1], feature.order[len(feature.order) // 2]
        case AtLeast(order=()):
            yield feature.field, 3, 1
            yield feature.required, 2, 2
        case AtLeast():
            middle = feature.order[len(feature.order) // 2]
            yield feature.field, feature.order[-1], middle
            yield feature.required, middle, middle
        case SameCategory():
            yield feature.has, "Ghent", "Antwerp"
            yield feature.wants, "Ghent", "Ghent"
        case SetFeature():
            some, fewer, wanted = LANGUAGES if "language" in feature.has.lower() else (SOME, FEWER, WANTED)
            yield feature.has, some, fewer
            yield feature.wants, wanted, wanted
        case Count():
            yield feature.field, ["sales forecast", "churn prediction"], ["sales forecast"]
        case HasItem():
            yield feature.field, [feature.item], []
        case TextSimilarity():
            yield feature.text, TEXT, OTHER_TEXT
            yield feature.wants, TEXT, TEXT
        case ProjectEvidence():
            yield feature.projects, ["data pipelines in Python"], ["a web shop"]
            yield feature.has, SOME, FEWER
            yield feature.wants, WANTED, WANTED
        case TitleSimilarity():
            yield feature.items, [{feature.item: TITLE}], [{feature.item: "Cook"}]
            yield feature.title, TITLE, TITLE
        case Years():
            longer, shorter = ([{feature.item: TITLE, feature.years: years}] for years in (4, 1))
            yield feature.items, longer, shorter
            if feature.title is not None:
                yield feature.title, TITLE, TITLE
        case Duration():
            yield feature.items, [_post(feature, 48)], [_post(feature, 12)]


def _post(feature: Duration, months: int) -> dict[str, Any]:
    post: dict[str, Any] = {} if feature.item is None else {feature.item: TITLE}
    if feature.months is not None:
        return {**post, feature.months: months}
    dates = {feature.start: "2020-01", feature.end: f"{2020 + months // 12}-01"}
    return {**post, **{name: date for name, date in dates.items() if name is not None}}


def _numbers(axis: Axis | None, least: float | None, most: float | None) -> tuple[float, float]:
    """Return two numbers that training met, within what the feature takes."""
    cuts = list(axis.levels[0]) if axis is not None and axis.levels else []
    found = (cuts[len(cuts) * 3 // 4], cuts[len(cuts) // 4]) if cuts else (2.0, 1.0)

    def shown(value: float) -> float:
        value = math.floor(value) if abs(value) >= 10 else round(float(value), 2)
        return float(
            min(max(value, -math.inf if least is None else least), math.inf if most is None else most)
        )

    return shown(found[0]), shown(found[1])
