"""schema.org JobPosting, as JSON-LD, read into domains and the skills that they require."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any

from ranker.records.ledger import Ledger
from ranker.records.values import is_missing

TABLE = "domain"
DEEPEST = 20  # levels of nesting within which a posting is looked for; pages have three or four
SEPARATORS = re.compile(r"[,;\n•·|]+")
TAGS = re.compile(r"<[^<>]{0,300}>")
# Each can hold requirements in running text; which words of it are skills, only a vocabulary can tell.
RUNNING = (
    "qualifications", "experienceRequirements", "educationRequirements", "responsibilities", "description"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class JobPosting:
    """What a posting says that a résumé can be held against.

    Parameters
    ----------
    place : str
        Where it stood.
    domain : str
        Its title.
    required_skills : tuple of str
        As written, repetitions taken out.
    text : str
        Its running text, without markup: a vocabulary may find more skills in it.
    """

    place: str
    domain: str
    required_skills: tuple[str, ...]
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the domain as cleaning reads it."""
        return {"domain": self.domain, "required_skills": list(self.required_skills)}


def is_job_posting(value: Any) -> bool:
    """Tell whether an object is a JobPosting, or holds some."""
    return next(_postings(value, 0), None) is not None


def read_job_postings(value: Any, place: str, ledger: Ledger) -> list[JobPosting]:
    """Read every JobPosting in a JSON-LD value: an object, a list, or an ``@graph``.

    Parameters
    ----------
    value : object
        Decoded JSON.
    place : str
        Where it stood, such as ``"jobs/x.json"``.
    ledger : Ledger
        Takes postings that are set aside, and what of the others was not read.

    Returns
    -------
    list of JobPosting
        Postings with a title and at least one skill, or running text in which skills may be found.

    References
    ----------
    https://schema.org/JobPosting
    """
    read = []
    for number, posting in enumerate(_postings(value, 0), 1):
        where = place if number == 1 else f"{place}, posting {number}"
        title = _first_text(posting, "title", "name")
        occupation = posting.get("relevantOccupation")
        occupations = [o for o in _listed(occupation) if isinstance(o, Mapping)]
        title = title or next((t for o in occupations if (t := _first_text(o, "name"))), "")
        if not title:
            ledger.note(TABLE, where, "set_aside", "a posting without a title")
            continue
        stated = [posting, *occupations]
        skills = _unrepeated(s for o in stated for item in _listed(o.get("skills")) for s in _skills(item))
        running = "\n".join(t for key in RUNNING for item in _listed(posting.get(key)) for t in _texts(item))
        if not skills and not running:
            reason = "a posting without skills, and without text to look for them in"
            ledger.note(TABLE, where, "set_aside", reason)
            continue
        if not skills:
            ledger.note(
                TABLE, where, "noted", "no skills of its own: only running text, which needs a vocabulary",
                path="skills",
            )  # fmt: skip
        read.append(JobPosting(where, title, skills, running))
    return read


def linked_data(page: str) -> list[Any]:
    """Return the JSON-LD values of an HTML page, in which most postings stand; broken ones are left out."""
    scripts = _Scripts()
    scripts.feed(page)
    scripts.close()
    found = []
    for script in scripts.texts:
        try:
            found.append(json.loads(script))
        except (ValueError, RecursionError):
            continue
    return found


class _Scripts(HTMLParser):
    """Collects the texts of ``<script type="application/ld+json">``."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a text."""
        kind = (dict(attrs).get("type") or "").partition(";")[0].strip().lower()
        self._inside = tag == "script" and kind == "application/ld+json"
        if self._inside:
            self.texts.append("")

    def handle_data(self, data: str) -> None:
        """Go on with a text."""
        if self._inside:
            self.texts[-1] += data

    def handle_endtag(self, tag: str) -> None:
        """End a text."""
        self._inside = False


def _postings(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _postings(item, depth + 1)
    elif isinstance(value, Mapping):
        if any(_bare(kind) == "JobPosting" for kind in _listed(value.get("@type"))):
            yield value
            return
        for key in ("@graph", "mainEntity", "itemListElement", "item"):
            yield from _postings(value.get(key), depth + 1)


def _bare(kind: Any) -> str:
    """Return a type without its address: ``https://schema.org/JobPosting``, ``schema:JobPosting``."""
    return re.split(r"[/:#]", kind)[-1] if isinstance(kind, str) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if is_missing(value) else [value]


def _first_text(item: Mapping[str, Any], *keys: str) -> str:
    return next((text for key in keys for text in _texts(item.get(key)) if text), "")


def _texts(value: Any) -> list[str]:
    """Return the texts of a value: itself, its ``@value``, or the name and description of an object."""
    if isinstance(value, str):
        text = _plain(value)
        return [text] if text else []
    if isinstance(value, Mapping):
        keys = ("@value", "name", "description")
        return [t for key in keys if isinstance(value.get(key), str) for t in _texts(value[key])]
    return []


def _skills(value: Any) -> Iterator[str]:
    """Yield skills: a DefinedTerm's name is one, a text is cut at its commas, bullets and lines.

    A final "and" without a comma before it is not cut: "research and development" is one skill.
    """
    if isinstance(value, Mapping):
        yield from (text for text in _texts(value)[:1] if text)
    elif isinstance(value, str):
        for part in SEPARATORS.split(_plain(value)):
            text = re.sub(r"^(?:and|or|&)\s+", "", part.strip(" \t.-–*"), flags=re.IGNORECASE)
            if text:
                yield text


def _plain(text: str) -> str:
    """Take markup out of a text; what stood in separate elements stands on separate lines."""
    lines = unescape(TAGS.sub("\n", text)).replace("\xa0", " ").split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def _unrepeated(texts: Iterator[str]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for text in texts:
        seen.setdefault(text.casefold(), text)
    return tuple(seen.values())
