"""One change of a raw record, and what it costs this person."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from explain.strict_json import as_json
from ranker.errors import TaskError, did_you_mean

__all__ = ["Change", "Costs", "Prices", "check_costs"]

CostOf = Callable[[str, str, Any, Any], float]
Costs = Mapping[str, Any] | CostOf
OTHERS = "*"  # in a table of costs: every item that is not named
FOR = "for"  # in a table of costs: what differs for single candidates


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one raw field.

    Parameters
    ----------
    path : str
        The field, or the item of a list: ``candidate.skills[PyTorch]``.
    before, after : object
        Raw values; ``None`` before an item that is new. Of a post, its months.
    cost : float
        In the unit of the costs.
    words : str
        What to do, as the end of a sentence that begins with "you".
    """

    path: str
    before: Any
    after: Any
    cost: float
    words: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "path": self.path,
            "before": as_json(self.before),
            "after": as_json(self.after),
            "cost": self.cost,
        }


@dataclass(frozen=True, slots=True)
class Prices:
    """What changes cost one candidate.

    Parameters
    ----------
    candidate : str
        Label.
    costs : mapping or callable, optional
        ``{field: cost of a unit}``, ``{field: {item: cost, "*": cost of the others}}``, either
        also under ``{"for": {candidate: ...}}``, which comes first; or ``costs(candidate, field,
        before, after)``. Where nothing is said the action's own costs count.
    """

    candidate: str
    costs: Costs | None = None

    @property
    def any_shape(self) -> bool:
        """Whether costs may be anything: a callable's need not rise with distance."""
        return callable(self.costs)

    def of(
        self, path: str, before: Any, after: Any, *, item: str = "", units: float = 1.0, usual: float
    ) -> float:
        """Return the cost of one change; ``usual`` is the action's own cost of a unit."""
        if callable(self.costs):
            cost = float(self.costs(self.candidate, path, before, after))
        else:
            said = self._said(path, item)
            cost = (usual if said is None else said) * units
        if not (math.isfinite(cost) and cost >= 0):
            raise TaskError(
                f"the cost of changing {path} from {before!r} to {after!r} is {cost}: "
                "give a finite number from 0; what must not change needs no action"
            )
        return cost

    def _said(self, path: str, item: str) -> float | None:
        if self.costs is None or callable(self.costs):
            return None
        own = self.costs.get(FOR, {}).get(self.candidate, {})
        for table in (own, self.costs):
            entry = table.get(path)
            if isinstance(entry, Mapping):
                entry = entry.get(item, entry.get(OTHERS))
            if entry is not None:
                if isinstance(entry, bool) or not isinstance(entry, int | float):
                    raise TaskError(f"costs: {path} {item} = {entry!r}: give a number")
                return float(entry)
        return None


def check_costs(costs: Costs | None, paths: Collection[str]) -> None:
    """Refuse a table that names a field which no action changes: it would count for nothing, in silence.

    Raises
    ------
    TaskError
        Naming the field, and the one that was probably meant.
    """
    if costs is None or callable(costs):
        return
    for table in (costs, *costs.get(FOR, {}).values()):
        for path in table:
            if path != FOR and path not in paths:
                raise TaskError(f"costs: no action changes {path!r}{did_you_mean(path, paths)}")
