"""Small words: numbers, lists and plurals as a sentence needs them."""

from collections.abc import Iterable
from math import floor, log10

__all__ = [
    "clean",
    "counted",
    "decimals_for",
    "duration",
    "first_up",
    "listed",
    "number",
    "shortened",
    "signed",
]

JOINERS = "\u200c\u200d"  # invisible, but Persian and emoji are misspelt without them


def clean(text: str) -> str:
    """Take out what could forge a line or steer a terminal: control, direction and half characters."""
    return "".join(c if c.isprintable() or c in JOINERS else " " for c in text)


def counted(n: int, one: str, many: str = "") -> str:
    """Say how many: "1 person", "3 people"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def listed(items: Iterable[str], last: str = "and") -> str:
    """Write a list: "a", "a and b", "a, b and c"."""
    *head, tail = items
    return f"{', '.join(head)} {last} {tail}" if head else tail


def first_up(text: str) -> str:
    """Write the first letter as a capital, the others as they are."""
    return text[:1].upper() + text[1:]


def shortened(text: str, length: int = 60) -> str:
    """Cut a long text."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def number(value: float, digits: int = 2) -> str:
    """Round a number; never "-0.00"."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text


def signed(value: float, digits: int = 2) -> str:
    """Round a number and write its sign, unless it is zero."""
    text = number(value, digits)
    return text if float(text) <= 0 else f"+{text}"


def decimals_for(largest: float) -> int:
    """Decimals for amounts up to ``largest``: two, or more where two would leave one digit or none."""
    return 2 if not 0 < largest < 0.1 else 1 - floor(log10(largest))


def duration(months: float) -> str:
    """Say months as years and months: "1 year 2 months"."""
    years, rest = divmod(round(months), 12)
    words = [counted(n, unit) for n, unit in ((years, "year"), (rest, "month")) if n]
    return " ".join(words) or "0 months"
