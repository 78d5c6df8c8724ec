"""What a command has to say."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """A text for people and an object for machines."""

    text: str
    machine: dict[str, Any]
