"""What is wrong with a request, by the place in its body."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

from ranker.errors import CandorError, DataError

__all__ = ["BodyError", "Fault", "NotJsonError", "NotServedError", "at_field", "field_of"]

SHOWN = 40  # characters of a key that a place repeats


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
