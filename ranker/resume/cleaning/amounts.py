"""Years and test scores, however they are written."""

import math
import re
from typing import Any

from ranker.records.values import MISSING_TEXTS

MOST_YEARS = 70.0  # in one job; what is more is a calendar year or an error
MOST_SCORE = 100.0
NOT_GIVEN = "not given"

_NUMBERS = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty
"""
_AS_DIGITS = {word: str(n) for n, word in enumerate(_NUMBERS.split())} | {"a": "1", "an": "1"}
_READ_AS = {False: "months read as years", True: "weeks or days read as years"}
_NUMBER = r"(?<![\d.])[-−–]?\s?\d+(?:[.,]\d+)?"
_PER_YEAR = {"y": 1.0, "m": 12.0, "w": 52.0, "d": 365.0}  # how many of a unit make a year
_UNIT = r"(years?|yrs?|y|months?|mths?|mos?|mon|m|weeks?|wks?|w|days?|d)\b\.?"
_PART = re.compile(rf"({_NUMBER})\s*\+?\s*{_UNIT}")
_RANGE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:-|–|to)\s*(\d+(?:[.,]\d+)?)")
_ALONE = re.compile(
    rf"[~<>≥≤=c.\s]*(?:about|over|around|more than|less than|at least|approx\.?)?\s*({_NUMBER})\s*\+?"
)
_OF = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:/|out of|of)\s*(\d+(?:[.,]\d+)?)")
_WITH_WORDS = re.compile(rf"[^\d]*?({_NUMBER})\s*(?:%|percent|per cent|points?|pts?|marks?)?[^\d]*")


def clean_years(value: Any) -> tuple[float, str]:
    """Read years of experience; what says nothing, or nothing possible, counts as 0.

    Returns
    -------
    (float, str)
        Years in [0, 70], and the rule that was applied, ``""`` where the value is one.

    Examples
    --------
    >>> clean_years("18 months")
    (1.5, 'months read as years')
    >>> clean_years("N/A")
    (0.0, 'not given counts as 0')
    """
    years, rule = _years(value)
    if math.isnan(years):
        return 0.0, rule
    if years < 0:
        return 0.0, "negative counts as 0"
    if years > MOST_YEARS:
        return 0.0, f"more than {MOST_YEARS:g} years counts as 0"
    return round(years, 4) + 0.0, rule


def clean_score(value: Any) -> tuple[float | None, str]:
    """Read a test score and clamp it to 0..100; ``None`` where none is given.

    Examples
    --------
    >>> clean_score(120)
    (100.0, 'clamped to 0..100')
    >>> clean_score("17/20")
    (85.0, 'read as a share of 100')
    """
    score, rule = _score(value)
    if math.isnan(score):
        return None, rule
    if not 0 <= score <= MOST_SCORE:
        return min(max(score, 0.0), MOST_SCORE), "clamped to 0..100"
    return round(score, 4) + 0.0, rule


def _plain(value: Any) -> tuple[float, str] | str:
    """Return a number with its rule, or the text that is to be read."""
    if value is None:
        return math.nan, NOT_GIVEN
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return math.nan, "not a number"
    if isinstance(value, str):
        text = " ".join(value.lower().split())[:100]
        return (math.nan, NOT_GIVEN) if text.strip(". ") in MISSING_TEXTS else text
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    return (number, "") if math.isfinite(number) else (math.nan, "not a finite number")


def _years(value: Any) -> tuple[float, str]:
    text = _plain(value)
    if not isinstance(text, str):
        number, rule = text
        return number, f"{rule} counts as 0" if rule else ""
    text = re.sub(r"\bhalf an?\b", "0.5", text)
    text = re.sub(r"[a-z]+", lambda word: _AS_DIGITS.get(word[0], word[0]), text)
    text = re.sub(r"(\d) (?:and|&) (?:1|a) half\b", r"\1.5", text)
    if found := _RANGE.search(text):  # "3-5 years": as many as are certain
        text = text[: found.start()] + found[1] + " " + text[found.end() :].lstrip("+")
    if parts := _PART.findall(text):
        total = sum(_number(number) / _PER_YEAR[unit[0]] for number, unit in parts)
        if any(_number(number) < 0 for number, _ in parts):
            total = -1.0
        units = {unit[0] for _, unit in parts}
        return total, "unit taken off" if units == {"y"} else _READ_AS[bool(units & {"w", "d"})]
    if found := _ALONE.fullmatch(text):
        return _number(found[1]), "read as a number"
    return math.nan, "not a number counts as 0"


def _score(value: Any) -> tuple[float, str]:
    text = _plain(value)
    if not isinstance(text, str):
        return text
    if found := _OF.search(text):
        whole = _number(found[2])
        if whole <= 0:
            return math.nan, "not a number"
        return 100.0 * _number(found[1]) / whole, "read as a share of 100"
    if found := _WITH_WORDS.fullmatch(text):
        return _number(found[1]), "read as a number"
    return math.nan, "not a number"


def _number(text: str) -> float:
    return float(re.sub(r"[−–]", "-", text).replace(" ", "").replace(",", "."))
