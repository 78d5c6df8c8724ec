"""Dates and durations within a line: "Jan 2019 – Present", "05/2018 to 12/2019", "2 years 3 months"."""

import re
from dataclasses import dataclass

from ranker.records.json_resume import years_between
from ranker.records.values import ONGOING, Unreadable

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?:\d{1,2}(?:st|nd|rd|th)?\s+)?"
_DATE = (
    rf"(?:{_DAY}{_MONTH},?\s*[’']?(?:\d{{4}}|\d{{2}})(?!\d)"
    r"|\d{1,2}[/.](?:19|20)\d{2}(?!\d)|(?:19|20)\d{2}[-/.](?:0[1-9]|1[0-2])(?!\d)(?:-\d{2})?|(?<!\d)(?:19|20)\d{2}(?!\d))"
)
_NOW = r"(?:till\s+date|till\s+now|to\s+date|present|current|currently|ongoing|now|today)\b"
_TILL_NOW = r"(?:till|to)\s+(?:date|now)\b"
RANGE = re.compile(
    rf"[(\[]?\s*(?:from\s+)?(?P<start>{_DATE})\s*(?:(?:-+|–|—|\bto\b|\btill\b|\buntil\b|~)\s*(?P<end>{_DATE}|{_NOW})"
    rf"|{_TILL_NOW})\s*[)\]]?",
    re.IGNORECASE,
)
SINCE = re.compile(rf"[(\[]?\s*\bsince\s+(?P<start>{_DATE})\s*[)\]]?", re.IGNORECASE)
LENGTH = re.compile(
    r"[(\[]?\s*(?:(?P<years>\d{1,2}(?:\.\d+)?)\s*\+?\s*(?:years?|yrs?)\b\.?)?"
    r"\s*(?:and|,)?\s*(?:(?P<months>\d{1,3})\s*(?:months?|mos?)\b\.?)?\s*[)\]]?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Period:
    """How long something lasted, and where in its line that stands.

    Parameters
    ----------
    years : float or None
        ``None`` where the reason says why there is no length.
    reason : str
        ``""``, or why.
    start, end : int
        Where it stands in the line, in characters.
    """

    years: float | None
    reason: str
    start: int
    end: int


def period_in(text: str, as_of: int | None) -> Period | None:
    """Find the first period in a line: two dates, "since" a date, or a length.

    Parameters
    ----------
    text : str
        A line.
    as_of : int or None
        The month that "present" means, as a count of months.

    Returns
    -------
    Period or None
        ``None`` where the line holds none; one date alone is none.
    """
    if found := RANGE.search(text) or SINCE.search(text):
        end = found.groupdict().get("end")
        ongoing = end is None or _plain(end) in ONGOING or re.fullmatch(_NOW, end, re.IGNORECASE)
        try:
            years = years_between(_plain(found["start"]), None if ongoing else _plain(end or ""), as_of)
        except Unreadable as error:
            return Period(None, str(error), found.start(), found.end())
        return Period(years, "", found.start(), found.end())
    for found in LENGTH.finditer(text):
        if found["years"] or found["months"]:
            years = float(found["years"] or 0) + int(found["months"] or 0) / 12
            return Period(years, "", found.start(), found.end())
    return None


def _plain(date: str) -> str:
    """Write a date as :func:`ranker.records.values.as_month` reads it."""
    date = re.sub(r"\s+", " ", date.strip().lower()).replace(",", " ").replace("’", "'")
    if found := re.fullmatch(rf"{_DAY}({_MONTH})\s*'?(\d{{4}}|\d{{2}})", date):
        year = found[2] if len(found[2]) == 4 else f"{'20' if int(found[2]) < 70 else '19'}{found[2]}"
        return f"{found[1][:3]} {year}"
    if found := re.fullmatch(r"(\d{1,2})[/.](\d{4})", date):
        return f"{found[1]}/{found[2]}"
    if found := re.fullmatch(r"(\d{4})[-/.](\d{2})(?:-\d{2})?", date):
        return f"{found[1]}-{found[2]}"
    return date
