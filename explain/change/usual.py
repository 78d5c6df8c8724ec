"""The actions that are allowed where nobody has said what is, and the check of those that are stated."""

from collections.abc import Iterable

from explain.change.actions import Action
from explain.change.lists import AddItems, Extend
from explain.change.values import ChangeNumber, RaiseOrdinal
from ranker.errors import TaskError, did_you_mean
from ranker.features import Feature, FeatureSet
from ranker.features.duration import Duration
from ranker.features.evidence import ProjectEvidence
from ranker.features.has_item import HasItem
from ranker.features.scalars import AtLeast, Number, Ordinal
from ranker.features.sets import AnyOf, Count, Coverage
from ranker.features.share_of import ShareOf
from ranker.records import Records
from ranker.records.field import ENTITIES, REFUSED, declared_field, entity_of, refuse_protected

__all__ = ["check_actions", "usual_actions"]

UNNAMED = 3  # entries that may be added to a list of which only the number counts


def usual_actions(features: FeatureSet) -> tuple[Action, ...]:
    """Return one action for each field of candidate or application that a feature reads.

    A record grows: numbers go up, places in an order are raised, lists gain what the job asks
    for, present posts last longer. Years that stand without dates stay as they are: nothing says
    which post is still held. Which categories a person could change, only the task can say.
    """
    found: dict[str, Action] = {}
    posts = {feature.items for feature in features if isinstance(feature, Duration)}
    for path in posts:
        found[path] = Extend(path=path)
    # A list that is compared comes before the same list that is counted.
    for feature in sorted(features, key=lambda one: isinstance(one, Count)):
        for path, action in _usual(feature):
            # Whoever begins a post adds its name: the posts' action has both.
            if path not in found and path.partition("[]")[0] not in posts:
                found[path] = action
    allowed = (path for path in found if declared_field(path, features.fields).usage not in REFUSED)
    return tuple(found[path] for path in allowed if not path.startswith("job."))


def _usual(feature: Feature) -> list[tuple[str, Action]]:
    if isinstance(feature, Number | ShareOf):
        path = feature.field
        return [] if path.startswith("job.") else [(path, ChangeNumber(path=path))]
    if isinstance(feature, AtLeast) and not feature.field.startswith("job."):
        path = feature.field
        return [
            (path, RaiseOrdinal(path=path, order=feature.order) if feature.order else ChangeNumber(path=path))
        ]
    if isinstance(feature, Ordinal) and not feature.field.startswith("job."):
        return [(feature.field, RaiseOrdinal(path=feature.field, order=feature.order))]
    if isinstance(feature, Coverage | AnyOf | ProjectEvidence) and not feature.has.startswith("job."):
        return [(feature.has, AddItems(path=feature.has))]
    if isinstance(feature, HasItem) and not feature.field.startswith("job."):
        return [(feature.field, AddItems(path=feature.field))]
    if isinstance(feature, Count) and not feature.field.startswith("job."):
        return [(feature.field, AddItems(path=feature.field, unnamed=UNNAMED))]
    return []


def check_actions(actions: Iterable[Action], features: FeatureSet, records: Records | None = None) -> None:
    """Refuse an action on a field that may not be touched, or that nothing reads.

    Raises
    ------
    ProtectedFieldError
        If it is protected, sensitive or a target, by whichever of its names.
    TaskError
        If no feature reads it, or two actions are stated for it.
    """
    read = {path for feature in features for path in feature.sources}
    seen: set[str] = set()
    for action in actions:
        entity, _, rest = action.path.partition(".")
        same = [entity]
        if records is not None:  # in a flat table a column has a name for each entity
            same = [e for e in ENTITIES if records.tables[e] is records.tables[entity_of(action.path)]]
        for name in same:
            refuse_protected(f"{name}.{rest}", features.fields, reader=f"action on {action.path!r}")
        if action.path not in read and not any(path.startswith(action.path + "[") for path in read):
            raise TaskError(
                f"action on {action.path!r}: no feature reads it, so that no change of it moves a rank"
                f"{did_you_mean(action.path, read)}"
            )
        if action.path in seen:
            raise TaskError(f"two actions are stated for {action.path!r}: state one")
        seen.add(action.path)
