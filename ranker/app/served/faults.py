"""What is wrong with a request, by the place in its body."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Self

from ranker.errors import CandorError, DataError, did_you_mean

__all__ = [
    "BodyError", "Fault", "NotJsonError", "NotServedError", "at_field", "faults_of", "field_of", "worded",
]  # fmt: skip

SHOWN = 40  # characters of a key that a place repeats
MOST_GUESSED: Final = 20  # a body with more faults than these was written for something else
Place = tuple[int | str, ...]
# What a value would have to be, by pydantic's types of errors; in the words of JSON, not of Python.
RIGHT: Final = {
    "string_type": "a string",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "an object",
    "model_type": "an object",
    "list_type": "an array",
}
WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "too_short": "holds less than {min_length:,}",
    "too_long": "holds more than {max_length:,}: send fewer",
    "string_too_short": "is empty: write something",
    "string_too_long": "is longer than {max_length:,} characters: write it shorter",
    "greater_than_equal": "has to be {ge:,.16g} or more",
    "less_than_equal": "has to be {le:,.16g} or less",
    "finite_number": "has to be finite: leave it out otherwise",
    "literal_error": "has to be {expected}",
    "int_parsing": "has to be a whole number",
}
ID: Final = r"^[0-9a-f-]{36}$"
# What breaks a pattern, in words: whoever sent it has not read the pattern.
PATTERNS: Final = {
    r"\S": "holds blanks alone: write something",
    r"^[^\x00]+$": "holds the character NUL: take it out",
    r"^[^\x00]*$": "holds the character NUL: take it out",
    r"^\d{4}-\d\d-\d\d$": "is no day: write it as 2026-11-21",
    r"^[a-z]{1,20}$": "is no kind of entry: write one such as rank, in small letters",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Parameters
    ----------
    field : str
        Place in the body, such as ``candidates[3].skills``; ``""`` for the body as a whole.
    fault : str
        What is wrong there, and what to do.
    """

    field: str
    fault: str

    def __str__(self) -> str:
        return f"{self.field}: {self.fault}" if self.field else self.fault


class BodyError(DataError):
    """A request body cannot be answered.

    Parameters
    ----------
    faults : iterable of Fault
        At least one.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(map(str, self.faults)))

    @classmethod
    def of(cls, field: str, fault: str) -> Self:
        """Tell of a single fault."""
        return cls([Fault(field, fault)])


class NotJsonError(BodyError):
    """A request body is no JSON."""


class NotServedError(CandorError):
    """A request needs a model that this server does not have."""


@contextmanager
def at_field(field: str, *errors: type[CandorError]) -> Iterator[None]:
    """Say which place of the body an error of a lower layer is about."""
    try:
        yield
    except BodyError:
        raise
    except errors as error:
        raise BodyError.of(field, str(error)) from None


def field_of(steps: Iterable[int | str]) -> str:
    """Write the way to a place in a body: ``("candidates", 3, "skills")`` is ``candidates[3].skills``."""
    out = ""
    for step in steps:
        name = f"[{step}]" if isinstance(step, int) else str(step)[:SHOWN]
        out += name if isinstance(step, int) or not out else f".{name}"
    return out


def worded(error: Mapping[str, Any]) -> str:
    """Say what one of pydantic's errors found, to whoever sent the value.

    Parameters
    ----------
    error : mapping
        One of ``ValidationError.errors()``.

    Returns
    -------
    str
        To stand behind the name of the field; pydantic's own message for errors that have no words here.
    """
    kind, context = error["type"], error.get("ctx", {})
    if kind in RIGHT:
        return f"has to be {RIGHT[kind]}"
    if kind == "string_pattern_mismatch":
        if context["pattern"] == ID:
            return _no_id(str(error["input"]))
        if context["pattern"] in PATTERNS:
            return PATTERNS[context["pattern"]]
    if kind == "too_short" and context["min_length"] == 1:
        return "is empty: give at least one"
    if kind in WORDS:
        return WORDS[kind].format(**context)
    message = str(error["msg"])
    return message[:1].lower() + message[1:]


def faults_of(errors: Sequence[Mapping[str, Any]], body: Any, known: Iterable[str] = ()) -> list[Fault]:
    """Turn pydantic's errors into faults, each once, by their places in the body as it was sent.

    Where a value may be of several types, pydantic tells of each type what the value lacks to be it, and
    puts the type's name into the place: here the type that the value is of is told of alone, or, where it
    is of none, which ones it may be of.

    Parameters
    ----------
    errors : sequence of mapping
        As ``ValidationError.errors()`` gives them.
    body : JSON
        What was validated.
    known : iterable of str
        Fields of the body, for one that was meant.
    """
    names = tuple(known) if len(errors) <= MOST_GUESSED else ()
    walked = [(one, *_walked(one, body)) for one in errors]
    several: dict[Place, list[tuple[Mapping[str, Any], Place]]] = {}
    for one, place, choice in walked:
        if choice is not None:
            several.setdefault(choice, []).append((one, place))
    out = []
    for one, place, choice in walked:
        if choice is None:
            out.append(_fault(one, place, names))
            continue
        told = several.pop(choice, [])
        own = [(other, at) for other, at in told if other["type"] not in RIGHT or at != choice]
        out += [_fault(other, at, names) for other, at in own]
        if told and not own:
            right = dict.fromkeys(RIGHT[other["type"]] for other, _ in told)
            if "a number" in right:
                right.pop("a whole number", None)
            *more, last = right
            out.append(Fault(field_of(choice), f"has to be {', '.join(more)}{' or ' * bool(more)}{last}"))
    return list(dict.fromkeys(out))


def _walked(error: Mapping[str, Any], body: Any) -> tuple[Place, Place | None]:
    """Return where an error is in a body, and where on the way a value could be of several types, if anywhere."""
    place: Place = ()
    choice: Place | None = None
    steps = error["loc"]
    for step in steps:
        if _is_key(error, place):
            break
        there = (
            step in body if isinstance(body, Mapping) else isinstance(body, list) and isinstance(step, int)
        )
        if there:
            place, body = (*place, step), body[step]
        elif error["type"] == "missing":
            place = (*place, step)
        elif choice is None:  # the name of a type, which is no place
            choice = place
    return place, choice


def _is_key(error: Mapping[str, Any], place: Place) -> bool:
    """Tell whether it is the last key of a place that is at fault, not what stands there."""
    return error["loc"][-1:] == ("[key]",) and place[-1:] == (error["input"],)


def _fault(error: Mapping[str, Any], place: Place, names: tuple[str, ...]) -> Fault:
    said = worded(error)
    if _is_key(error, place):
        return Fault(field_of(place[:-1]), f"the key {str(place[-1])[:SHOWN]!r} {said}")
    if error["type"] == "extra_forbidden" and len(place) == 1 and names:
        said += did_you_mean(str(place[0])[:SHOWN], names)
    if not place:
        said = f"the body {said}"
    if error["type"] == "record":
        inner, colon, rest = said.partition(": ")
        if colon and " " not in inner:
            at = field_of(place)
            return Fault(f"{at}.{inner}" if at else inner, rest)
    return Fault(field_of(place), said)


def _no_id(text: str) -> str:
    if len(text) != 36:
        return f"is no id: an id has 36 characters, this has {len(text):,}: copy it as it was given"
    return "is no id: it holds others than 0 to 9, a to f and '-': copy it as it was given"
