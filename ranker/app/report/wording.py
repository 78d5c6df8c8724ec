"""Figures as people read them: rounded, signed, with a real minus; a dash where there is none."""

import re

from markupsafe import Markup

NOTHING = "–"


def three(value: float | None) -> str:
    """Write a figure with three decimals."""
    if value is None:
        return NOTHING
    text = f"{value:.3f}"
    return text.lstrip("-") if float(text) == 0 else _minus(text)


def signed(value: float | None, digits: int = 4) -> str:
    """Write an amount with its sign; zero has none."""
    if value is None:
        return NOTHING
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else _minus(text)


def percent(value: float | None, digits: int = 1) -> str:
    """Write a share in per cent."""
    if value is None:
        return NOTHING
    text = f"{100 * value:.{digits}f}"
    return f"{text.lstrip('-') if float(text) == 0 else _minus(text)} %"


def signed_percent(value: float | None) -> str:
    """Write a relative difference in per cent, with its sign."""
    return NOTHING if value is None else f"{signed(100 * value, 1)} %"


def count(value: int | None) -> str:
    """Write a whole number, thousands apart."""
    return NOTHING if value is None else f"{value:,}".replace(",", "\u202f")


def between(interval: list[float | None]) -> str:
    """Write an interval."""
    low, high = interval
    return NOTHING if low is None or high is None else f"{three(low)} to {three(high)}"


def between_percent(interval: list[float | None]) -> str:
    """Write an interval of shares in per cent."""
    low, high = interval
    return NOTHING if low is None or high is None else f"{percent(low)[:-2]} to {percent(high)}"


def factor(value: float | None) -> str:
    """Write a multiplier; what rounding left of zero is zero."""
    if value is None:
        return NOTHING
    return "0" if abs(value) < 1e-12 else _minus(f"{value:.4g}")


def breakable(path: str) -> Markup:
    """Write a field path so that a narrow column breaks it between its words."""
    return Markup("<wbr>").join(re.split(r"(?<=[._])", path))


def _minus(text: str) -> str:
    return text.replace("-", "\u2212")
