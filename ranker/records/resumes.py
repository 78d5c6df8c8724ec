"""Résumés and domains as they are handed in: read from files, and the form of each one checked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any

from ranker.errors import SourceError, did_you_mean
from ranker.records.ledger import Ledger
from ranker.records.record_files import values_in
from ranker.records.values import is_missing, normal

__all__ = ["RESUME_KEYS", "RawResume", "fault_of", "read_domains", "read_resumes"]

RESUME_KEYS = ("id", "skills", "projects", "work_experience", "test_score", "preferred_domain")
SHOWN_KEYS = 3  # keys of a foreign object that a fault repeats
SHOWN = 40  # and characters of each


@dataclass(frozen=True, slots=True)
class RawResume:
    """A résumé as written, and where it stands.

    Parameters
    ----------
    place : str
        ``"resumes.jsonl, line 7"``, ``"resumes.json, row 7"`` or ``"folder/x.json"``.
    value : Mapping
        Its form has no fault (:func:`fault_of`); any key may be missing, and any text may say anything.
    """

    place: str
    value: Mapping[str, Any]


def read_resumes(path: Path, ledger: Ledger) -> list[RawResume]:
    """Read résumés from a file or a folder.

    Parameters
    ----------
    path : Path
        A ``.json`` file (one object, or a list of them), a ``.jsonl`` file (one object a line), or a
        folder of such files; folders inside it are not read.
    ledger : Ledger
        Takes the fate of every record that cannot be read or has not the form of a résumé (table
        ``"resume"``, its place and the fault), and the number read.

    Returns
    -------
    list of RawResume
        Those that have the form, in the order of files' names and of their lines.

    Raises
    ------
    SourceError
        If there is no such file, its kind is another, or the folder holds no such file. What is wrong
        inside a file is no error: it is set aside.
    """
    resumes = []
    n_read = 0
    for place, value, fault in values_in(Path(path), "resume", ledger):
        n_read += 1
        if fault := fault or fault_of(value):
            ledger.note("resume", place, "set_aside", fault)
        else:
            resumes.append(RawResume(place, value))
    ledger.read["resume"] = ledger.read.get("resume", 0) + n_read
    ledger.kept["resume"] = ledger.kept.get("resume", 0) + len(resumes)
    return resumes


def read_domains(path: Path, ledger: Ledger) -> dict[str, tuple[str, ...]]:
    """Read domains, ``{"domain": .., "required_skills": [..]}``, from a file or a folder.

    Parameters
    ----------
    path : Path
        As for :func:`read_resumes`.
    ledger : Ledger
        Takes the fate of every domain that is set aside (table ``"domain"``), and of blank skills.

    Returns
    -------
    dict of str to tuple of str
        Required skills of each domain, both as written but for spaces around them.

    Raises
    ------
    SourceError
        As for :func:`read_resumes`, and if no domain is left.
    """
    domains: dict[str, tuple[str, ...]] = {}
    places: dict[str, str] = {}
    n_read = 0
    first = ""
    for place, value, fault in values_in(Path(path), "domain", ledger):
        n_read += 1
        fault = fault or _fault_of_domain(value)
        if not fault and (earlier := places.get(normal(value["domain"]))):
            fault = f"the domain {value['domain'].strip()!r} is given already: {earlier}"
        if fault:
            ledger.note("domain", place, "set_aside", fault)
            first = first or f"; {place}: {fault}"
            continue
        for number, skill in enumerate(value["required_skills"]):
            if is_missing(skill):
                ledger.note(
                    "domain",
                    place,
                    "changed",
                    "a blank skill was taken out",
                    path=f"required_skills{_item(number)}",
                )
        skills = tuple(skill.strip() for skill in value["required_skills"] if not is_missing(skill))
        domains[value["domain"].strip()] = skills
        places[normal(value["domain"])] = place
    ledger.read["domain"] = ledger.read.get("domain", 0) + n_read
    ledger.kept["domain"] = ledger.kept.get("domain", 0) + len(domains)
    if not domains:
        raise SourceError(
            f"{path} holds no domain{first}; write a list of "
            '{"domain": "Data Science", "required_skills": ["Python", "SQL"]}'
        )
    return domains


def fault_of(value: Any) -> str:
    """Say where a record has not the form of a résumé.

    Parameters
    ----------
    value : object
        Any JSON value. Missing keys, ``null`` and NaN are no fault, nor are unknown keys beside known
        ones; a ``label``, where given, is a text.

    Returns
    -------
    str
        ``""``, or the first fault with its place:
        ``"work_experience[1].years: a list where a number or a text is due"``.
    """
    if not isinstance(value, Mapping):
        return f"{_kind(value)} where an object with the keys {', '.join(RESUME_KEYS)} is due"
    if value and not any(key in value for key in RESUME_KEYS):
        return _foreign(value)
    return (
        _fault_of_scalar(value.get("id"), "id", number=True)
        or _fault_of_texts(value.get("skills"), "skills")
        or _fault_of_texts(value.get("projects"), "projects")
        or _fault_of_posts(value.get("work_experience"))
        or _fault_of_scalar(value.get("test_score"), "test_score", number=True)
        or _fault_of_scalar(value.get("preferred_domain"), "preferred_domain")
        or _fault_of_scalar(value.get("label"), "label")
    )


def _foreign(value: Mapping[str, Any]) -> str:
    names = [str(key)[:SHOWN] for key in list(value)[:SHOWN_KEYS]]
    more = f" and {len(value) - SHOWN_KEYS} more" if len(value) > SHOWN_KEYS else ""
    hint = did_you_mean(names[0], RESUME_KEYS) or f"; a résumé's keys are {', '.join(RESUME_KEYS)}"
    return f"no key of a résumé, but {', '.join(map(repr, names))}{more}{hint}"


def _fault_of_texts(value: Any, place: str) -> str:
    if type(value) is list and set(map(type, value)) <= {str} and all(map(str.isascii, value)):
        return ""  # nearly all of them, without a call an item
    if is_missing(value) and not isinstance(value, str):
        return ""
    if not isinstance(value, list):
        return f"{place}: {_kind(value)} where a list of texts is due"
    for number, item in enumerate(value):
        if fault := _fault_of_scalar(item, f"{place}{_item(number)}"):
            return fault
    return ""


def _fault_of_posts(value: Any) -> str:
    place = "work_experience"
    if is_missing(value) and not isinstance(value, str):
        return ""
    if not isinstance(value, list):
        return f"{place}: {_kind(value)} where a list of objects with title and years is due"
    for number, post in enumerate(value):
        here = f"{place}{_item(number)}"
        if post is None:
            continue
        if not isinstance(post, Mapping):
            return f"{here}: {_kind(post)} where an object with title and years is due"
        if fault := (
            _fault_of_scalar(post.get("title"), f"{here}.title")
            or _fault_of_scalar(post.get("years"), f"{here}.years", number=True)
        ):
            return fault
    return ""


def _fault_of_scalar(value: Any, place: str, *, number: bool = False) -> str:
    """Check a text, or where ``number`` says so a number or a text; ``null`` and NaN pass."""
    if isinstance(value, str):
        return "" if value.isascii() or _whole(value) else f"{place}: a text that holds half a character"
    if is_missing(value):
        return ""
    if number and isinstance(value, (int, float)) and not isinstance(value, bool):
        return "" if _finite(value) else f"{place}: a number that is not finite"
    return f"{place}: {_kind(value)} where {'a number or a text' if number else 'a text'} is due"


def _fault_of_domain(value: Any) -> str:
    if not isinstance(value, Mapping):
        return f"{_kind(value)} where an object with domain and required_skills is due"
    for key in ("domain", "required_skills"):
        if not isinstance(value.get(key), str) and is_missing(value.get(key)):
            return f"{key!r} is missing{did_you_mean(key, [str(name)[:SHOWN] for name in value])}"
    if fault := (
        _fault_of_scalar(value["domain"], "domain")
        or _fault_of_texts(value["required_skills"], "required_skills")
    ):
        return fault
    if is_missing(value["domain"]):
        return "domain: a blank text where the domain's name is due"
    if all(map(is_missing, value["required_skills"])):
        return "required_skills: an empty list where at least one skill is due"
    return ""


def _item(number: int) -> str:
    return f"[{number}]"


def _kind(value: Any) -> str:
    """Name what a JSON value is."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    kinds: tuple[tuple[type | UnionType, str], ...] = (
        (int | float, "a number"),
        (str, "a text"),
        (list, "a list"),
        (Mapping, "an object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "something that is not JSON")


def _whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # a whole number beyond what a float can hold
        return False
