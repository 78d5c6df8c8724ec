"""What a person could do about a record: the kinds of actions, and what they lead to."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from explain.change.changes import Change
from explain.change.person import Person
from ranker.errors import TaskError

__all__ = ["Action", "Option"]

Edit = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """One way to change one raw value.

    Parameters
    ----------
    path : str
        The field.
    edit : callable
        From the raw value of the column to the new one.
    changes : tuple of Change
        What it does, told apart.
    """

    path: str
    edit: Edit
    changes: tuple[Change, ...]

    @property
    def cost(self) -> float:
        """Sum of the changes' costs."""
        return sum(change.cost for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(ABC):
    """What may be done to one raw field of a candidate or an application.

    Parameters
    ----------
    path : str
        The field.
    cost : float or None
        Of a unit: a step, an item, a month; each kind says what it is and what it costs by default.
    costs : dict of str to float
        Of single items or values, instead of ``cost``.
    """

    path: str
    cost: float | None = None
    costs: Mapping[str, float] = field(default_factory=dict)

    kind: ClassVar[str] = ""

    def __post_init__(self) -> None:
        if not self.path.startswith(("candidate.", "application.")):
            raise TaskError(
                f"action on {self.path!r}: only a candidate's or an application's fields can change; "
                "the job stays as it is"
            )
        for what, cost in (("cost", self.cost), *self.costs.items()):
            if cost is not None and not 0 <= cost < float("inf"):
                raise TaskError(f"action on {self.path!r}: {what} = {cost}: give a finite number from 0")

    @abstractmethod
    def options(self, person: Person) -> list[Option]:
        """List the ways to change the field, the cheapest for each thing that a feature could notice."""

    def price(
        self,
        person: Person,
        before: Any,
        after: Any,
        *,
        item: str = "",
        units: float = 1.0,
        default: float = 1.0,
    ) -> float:
        """Return what a change costs this person."""
        usual = self.costs.get(item, default if self.cost is None else self.cost)
        return person.prices.of(self.path, before, after, item=item, units=units, usual=usual)
