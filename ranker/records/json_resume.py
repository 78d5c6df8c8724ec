"""JSON Resume 1.0, read into a résumé's own fields; what says who somebody is stays apart.

``work`` gives titles and years, ``skills`` their names and keywords, ``projects`` their names.
``basics.label`` is no title: it is what somebody calls themselves, without a date or an employer, and
would let a headline stand beside posts that were held. ``meta`` and ``$schema`` speak of the file, not
of a person. Everything else is left out, and said to be.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ranker.errors import UsageError
from ranker.records.ledger import Ledger
from ranker.records.resumes import RawResume
from ranker.records.values import Unreadable, as_month, is_missing

TABLE = "resume"
OWN = ("id", "test_score", "preferred_domain", "label")  # ours, where a file has them beside JSON Resume's
SILENT = frozenset({"$schema", "meta", "basics", "work", "skills", "projects", *OWN})
NO_FEATURE = {
    "volunteer": "voluntary work can tell of faith, origin or health: it is no feature",
    "interests": "interests can tell of faith, origin or sex: they are no feature",
    "references": "references are other people's data: they are neither a feature nor kept",
    "education": "a résumé here has no field for education",
}
NO_FIELD = "a résumé here has no such field"
APART = "says who somebody is: kept apart for audits, never a feature"
LABEL = "what somebody calls themselves, without dates, is no title that was held"
SUMMARY = "running text is no field"
WORK_READ = frozenset({"position", "startDate", "endDate"})


@dataclass(frozen=True, slots=True)
class Converted:
    """A résumé in the form that cleaning reads, and beside it whose it is.

    Parameters
    ----------
    resume : RawResume
        The résumé's own fields, and nothing of ``personal``.
    personal : Mapping
        Name, e-mail, place and the like, as written: for audits and for answering people.
    """

    resume: RawResume
    personal: Mapping[str, Any]


def is_json_resume(value: Any) -> bool:
    """Tell JSON Resume from the form that cleaning reads."""
    if not isinstance(value, Mapping) or "work_experience" in value:
        return False
    if isinstance(value.get("basics"), Mapping) or isinstance(value.get("work"), list):
        return True
    skills = value.get("skills")
    named = isinstance(skills, list) and any(isinstance(s, Mapping) and "name" in s for s in skills)
    return named or "resume" in str(value.get("$schema", ""))


def read_json_resume(
    value: Mapping[str, Any], place: str, ledger: Ledger, *, as_of: str | None = None
) -> Converted:
    """Read one JSON Resume object.

    Parameters
    ----------
    value : Mapping
        The object; any key may be absent or malformed.
    place : str
        Where it stood, such as ``"folder/x.json"``.
    ledger : Ledger
        Takes what was left out, and what could not be read.
    as_of : str, optional
        The month, such as ``"2026-01"``, to which work without an end is counted.

    Returns
    -------
    Converted
        Its id is the file's own ``id``, else drawn from its content, so that it names nobody.

    Raises
    ------
    UsageError
        If ``as_of`` is no month.

    References
    ----------
    JSON Resume schema 1.0.0, https://jsonresume.org/schema
    """
    month = month_of(as_of)
    reading = _Reading(place, ledger)
    resume: dict[str, Any] = {"id": resume_id(value)}
    resume["skills"] = list(_skills(value, reading))
    resume["projects"] = list(_projects(value, reading))
    resume["work_experience"] = list(_work(value, reading, month))
    resume |= {key: value[key] for key in OWN[1:] if key in value}
    for key in value:
        if key not in SILENT:
            reading.note("noted", NO_FEATURE.get(str(key), NO_FIELD), str(key))
    return Converted(RawResume(place, resume), _personal(value, reading))


def month_of(as_of: str | None) -> int | None:
    """Read the month that "ongoing" means, as a count of months.

    Raises
    ------
    UsageError
        If it is none.
    """
    if as_of is None:
        return None
    try:
        return as_month(as_of, None)
    except Unreadable as error:
        raise UsageError(f"as_of = {as_of!r}: {error}; write it as 2026-01") from None


def resume_id(value: Any) -> str:
    """Return an object's own id, else one drawn from its content: equal content, equal id."""
    own = value.get("id") if isinstance(value, Mapping) else None
    if isinstance(own, (str, int)) and not isinstance(own, bool) and str(own).strip():
        return str(own).strip()
    return content_id(json.dumps(value, sort_keys=True, default=str).encode())


def content_id(content: bytes) -> str:
    """Return an id that is drawn from bytes: file names often hold a person's name, this cannot."""
    return "cv-" + hashlib.sha256(content).hexdigest()[:12]


def years_between(start: Any, end: Any, as_of: int | None) -> float:
    """Return the years between two months; January to March is 2 months, as everywhere here.

    Parameters
    ----------
    start, end : object
        Months or dates as :func:`ranker.records.values.as_month` reads them; an end that is not
        given means ongoing.
    as_of : int or None
        The month that ongoing means, as a count of months.

    Returns
    -------
    float
        Years, months / 12, never negative.

    Raises
    ------
    Unreadable
        With the reason, where the two give no length.
    """
    first = as_month(start, as_of)
    if first is None:
        raise Unreadable("no start")
    ongoing = is_missing(end)
    last = as_of if ongoing else as_month(end, as_of)
    if last is None:
        raise Unreadable("no end, and no as_of, the month that ongoing means")
    if last < first:
        raise Unreadable("it starts after as_of" if ongoing else "it ends before it starts")
    return (last - first) / 12


@dataclass(frozen=True, slots=True)
class _Reading:
    """Where notes of one résumé go; they never repeat what was written, which may be personal."""

    place: str
    ledger: Ledger

    def note(self, action: str, reason: str, path: str) -> None:
        self.ledger.note(TABLE, self.place, action, reason, path=path)

    def items(self, value: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any]]:
        """Yield a list's items that are objects or texts, with their paths."""
        found = value.get(key)
        if found is None:
            return
        if not isinstance(found, list):
            self.note("missing", "no list where one is due", key)
            return
        for number, item in enumerate(found):
            if isinstance(item, (Mapping, str)):
                yield f"{key}[{number}]", item
            else:
                self.note("missing", "neither an object nor a text", f"{key}[{number}]")

    def text(self, item: Any, key: str, path: str) -> str:
        """Return one text of an object, stripped; ``""`` where there is none."""
        found = item.get(key)
        if isinstance(found, str):
            return found.strip()
        if found is not None:
            self.note("missing", "no text where one is due", f"{path}.{key}")
        return ""


def _skills(value: Mapping[str, Any], reading: _Reading) -> Iterator[str]:
    """Yield names and keywords: a name is often a heading, which cleaning tells by its vocabulary."""
    for path, item in reading.items(value, "skills"):
        if isinstance(item, str):
            found = [item.strip()]
        else:
            found = [reading.text(item, "name", path)]
            keywords = {"keywords": item.get("keywords")}
            for place, keyword in reading.items(keywords, "keywords"):
                if isinstance(keyword, str):
                    found.append(keyword.strip())
                else:
                    reading.note("missing", "no text where one is due", f"{path}.{place}")
            if item.get("level"):
                reading.note(
                    "noted", "how well somebody knows a skill is their own word for it", "skills[].level"
                )
        yield from (text for text in found if text)


def _projects(value: Mapping[str, Any], reading: _Reading) -> Iterator[str]:
    for path, item in reading.items(value, "projects"):
        name = item.strip() if isinstance(item, str) else reading.text(item, "name", path)
        if name:
            yield name
        else:
            reading.note("missing", "a project without a name", path)
        if isinstance(item, Mapping) and set(item) - {"name"}:
            reading.note("noted", "of a project only its name is read", "projects[]")


def _work(value: Mapping[str, Any], reading: _Reading, as_of: int | None) -> Iterator[dict[str, Any]]:
    for path, item in reading.items(value, "work"):
        if isinstance(item, str):
            reading.note("missing", "a text where an object with position and dates is due", path)
            continue
        post: dict[str, Any] = {"title": reading.text(item, "position", path)}
        if not post["title"]:
            reading.note("missing", "no position: its years count, under no title", f"{path}.position")
        start, end = (reading.text(item, key, path) for key in ("startDate", "endDate"))
        try:
            post["years"] = years_between(start, end, as_of)
            if any(date.isdigit() for date in (start, end)):
                reading.note("noted", "a year without a month counts from its January", path)
        except Unreadable as error:
            reading.note("missing", f"no years: {error}", path)
        if set(item) - WORK_READ:
            reading.note("noted", "of work only position, startDate and endDate are read", "work[]")
        yield post


def _personal(value: Mapping[str, Any], reading: _Reading) -> dict[str, Any]:
    basics = value.get("basics")
    if not isinstance(basics, Mapping):
        if basics is not None:
            reading.note("missing", "no object where one is due", "basics")
        return {}
    for key, reason in (("label", LABEL), ("summary", SUMMARY)):
        if basics.get(key):
            reading.note("noted", reason, f"basics.{key}")
    apart = {str(key): found for key, found in basics.items() if key not in ("label", "summary")}
    for key in apart:
        reading.note("noted", APART, f"basics.{key}")
    return apart
