"""Actions on one value: a number, a category, a place in an order."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from explain.change.actions import Action, Option
from explain.change.changes import Change
from explain.change.person import Person
from explain.change.raw_values import replaced, written_like
from ranker.errors import TaskError
from ranker.features.feature import amount_text
from ranker.features.scalars import AtLeast, Number
from ranker.features.share_of import ShareOf
from ranker.records.values import normal

__all__ = ["ChangeNumber", "RaiseOrdinal", "SetCategory"]

MOST_VALUES = 4096  # of a number whose steps are all looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeNumber(Action):
    """Change a number; a unit costs 1 / the standard deviation among all records by default.

    Parameters
    ----------
    minimum, maximum : float or None
        The range; that of all records by default.
    direction : {"up", "down", "both"}
        Up by default: what has been does not become less.
    step : float or None
        Values are whole multiples of it; by default 1, .1, .01 or .001 as the records have it,
        else any number.
    """

    minimum: float | None = None
    maximum: float | None = None
    direction: Literal["up", "down", "both"] = "up"
    step: float | None = None

    kind: ClassVar[str] = "change"

    def __post_init__(self) -> None:
        Action.__post_init__(self)
        if self.direction not in ("up", "down", "both"):
            raise TaskError(f"action on {self.path!r}: direction {self.direction!r} is not up, down or both")
        if self.step is not None and not 0 < self.step < float("inf"):
            raise TaskError(f"action on {self.path!r}: step = {self.step}: give a number above 0")

    def options(self, person: Person) -> list[Option]:
        """Return the nearest value on each side of every cut; none where the number is not given."""
        now = float(person.records.cell(self.path, "number", person.pair))
        if np.isnan(now):
            return []
        spread = person.spread(self.path)
        step = spread.step if self.step is None else self.step
        low = min(now, spread.low) if self.minimum is None else self.minimum
        high = max(now, spread.high) if self.maximum is None else self.maximum
        low = now if self.direction == "up" else low
        high = now if self.direction == "down" else high
        values = self._values(person, now, low, high, step)
        steps = person.records.locate(self.path).steps
        declared = person.records.field(self.path)
        out = []
        for value in values:
            new = int(value) if value == int(value) and step is not None and step == int(step) else value
            cost = self.price(person, now, new, units=abs(value - now), default=1.0 / spread.deviation)
            # A gap comes down, a score goes up: the verb follows the direction.
            verb = "raise" if value > now else "lower"
            ends = (amount_text(end, declared.unit) for end in (now, value))
            words = f"{verb} {declared.label} from {' to '.join(ends)}"
            change = Change(self.path, now, new, cost, words)
            out.append(Option(self.path, _setter(steps, new), (change,)))
        return out

    def _values(self, person: Person, now: float, low: float, high: float, step: float | None) -> list[float]:
        readers = person.readers(self.path)
        kinds = Number | AtLeast | ShareOf
        plain = all(isinstance(feature, kinds) for feature in readers) and not person.prices.any_shape
        if step is not None and (not plain or (high - low) / step <= 64):
            if (high - low) / step > MOST_VALUES:
                raise TaskError(
                    f"action on {self.path!r}: {low} to {high} in steps of {step} are more than {MOST_VALUES:,} "
                    "values: state a narrower range or a larger step"
                )
            numbers = np.arange(np.floor(low / step), np.ceil(high / step) + 1)
            values = numbers * step
        else:
            cuts = np.unique([cut for feature in readers for cut in self._cuts(person, feature)])
            if step is None:
                values = np.concatenate([cuts, np.nextafter(cuts, -np.inf), [low, high]])
            else:
                near = np.floor(np.concatenate([cuts, [low, high]]) / step)
                values = np.concatenate([near - 1, near, near + 1, near + 2]) * step
        # 3 * .1 is .30000000000000004: numbers are meant as they are written.
        values = np.unique(values if step is None else np.round(values, 9))
        inside = values[(values >= low) & (values <= high) & (values != now) & np.isfinite(values)]
        return [float(value) for value in inside]

    def _cuts(self, person: Person, feature: Any) -> list[float]:
        axis = person.scorer.axes[person.scorer.feature_names.index(feature.name)]
        cuts = [float(cut) for level in axis.levels if not isinstance(level, dict) for cut in level]
        if isinstance(feature, Number):
            return cuts
        if isinstance(feature, ShareOf):
            # Up to two roundings lie between the number and its share: one of the three reaches the cut.
            near = np.array(cuts) * feature.whole
            above = np.nextafter(near, np.inf)
            return [*near.tolist(), *above.tolist(), *np.nextafter(above, np.inf).tolist()]
        if feature.field != self.path or feature.order:
            return []
        required = float(person.records.cell(feature.required, "number", person.pair))
        if np.isnan(required):
            return []
        return [required, *(cut * required for cut in cuts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCategory(Action):
    """Set a text to one of some values; each costs 1 by default."""

    values: tuple[str, ...]

    kind: ClassVar[str] = "set"

    def __post_init__(self) -> None:
        Action.__post_init__(self)
        if not self.values:
            raise TaskError(f"action on {self.path!r}: values is empty: list the texts that are allowed")

    def options(self, person: Person) -> list[Option]:
        """Return each value but the present one."""
        now = person.records.cell(self.path, "text", person.pair)
        label = person.records.field(self.path).label
        out = []
        for value in self.values:
            if now is None or value.strip() != now:
                cost = self.price(person, now, value, item=value)
                said = f"change {label} " + (f"from {now} to {value}" if now else f"to {value}")
                change = Change(self.path, now, value, cost, said)
                out.append(
                    Option(
                        self.path,
                        _setter(person.records.locate(self.path).steps, value),
                        (change,),
                    )
                )
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseOrdinal(Action):
    """Raise a text in a stated order, the lowest first; a step costs 1 by default.

    A cost of a single value is that of all the way there. Where the record gives no value,
    or none of the order, nothing is raised.
    """

    order: tuple[str, ...]

    kind: ClassVar[str] = "raise"

    def options(self, person: Person) -> list[Option]:
        """Return each higher value."""
        now = person.records.cell(self.path, "text", person.pair)
        places = [normal(text) for text in self.order]
        if now is None or normal(now) not in places:
            return []
        here, label = places.index(normal(now)), person.records.field(self.path).label
        steps = person.records.locate(self.path).steps
        out = []
        for place in range(here + 1, len(self.order)):
            value = self.order[place]
            units = 1.0 if value in self.costs else float(place - here)
            cost = self.price(person, now, value, item=value, units=units)
            change = Change(self.path, now, value, cost, f"raise {label} from {now} to {value}")
            out.append(Option(self.path, _setter(steps, value), (change,)))
        return out


def _setter(steps: tuple[str, ...], new: Any) -> Any:
    def edit(value: Any) -> Any:
        return written_like(value, replaced(value, steps, new), None)

    return edit
