"""From a document's text to the fields of a résumé, by stated rules."""

import re
from dataclasses import dataclass
from typing import Any

from ranker.records.resumes import RawResume
from ranker.resume.importing.document import Document, Line
from ranker.resume.importing.imported import FIELDS, STATED, ImportedResume, Item, fields_of
from ranker.resume.importing.project_fields import project_items
from ranker.resume.importing.sections import EXPERIENCE, PROJECTS, TOP, sections_of
from ranker.resume.importing.skill_fields import skill_items
from ranker.resume.importing.skill_spotter import SkillSpotter
from ranker.resume.importing.work_fields import work_items

SCORE = re.compile(
    r"^(?:overall\s+)?(?:(?:aptitude|assessment|coding|entrance|technical|skills?)\s+)?test\s+(?:score|result)s?\s*[:=–-]?"
    r"\s*(?P<score>-?\d{1,4}(?:[.,]\d+)?\s*%?)(?:\s*(?:/|out of)\s*100)?\s*$",
    re.IGNORECASE,
)
DOMAIN = re.compile(
    r"^(?:preferred\s+(?:domain|field|position|role)|desired\s+(?:position|role)|applying\s+for|position\s+applied\s+for"
    r"|domain)\s*[:–-]\s*(?P<domain>.{2,60})$",
    re.IGNORECASE,
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.])\+?\d[\d ()./-]{7,18}\d(?!\w)")
PRONOUNS = re.compile(r"\b(?:she/her|he/him|they/them)\w*(?:/\w+)?", re.IGNORECASE)
NAME_WORDS = range(1, 6)
SCORE_RULE, DOMAIN_RULE, ASKED_RULE = (
    'a line that says "test score"',
    "a line that names the position or domain wished for",
    "stated by whoever imported",
)
SCORE_CONFIDENCE, DOMAIN_CONFIDENCE = 0.9, 0.7


@dataclass(frozen=True, slots=True)
class Reading:
    """How documents are read.

    Parameters
    ----------
    as_of : int or None
        The month that "present" means, as a count of months.
    spotter : SkillSpotter or None
        A vocabulary of skills.
    domain : str
        The domain of documents that name none, ``""`` if not known.
    """

    as_of: int | None = None
    spotter: SkillSpotter | None = None
    domain: str = ""


def read_fields(document: Document, id: str, place: str, reading: Reading) -> ImportedResume:
    """Read the fields of a résumé from its text.

    Only sections on skills, projects and experience are read for those fields, and a line that names a
    test score or a domain wherever it stands. What says who somebody is goes to ``personal``; all that
    stands above the first heading is looked at for that alone.

    Parameters
    ----------
    document : Document
        Its text.
    id, place : str
        What to call it, and where it stood.
    reading : Reading
        How to read it.

    Returns
    -------
    ImportedResume
    """
    left_out: list[str] = []
    items: list[Item] = []
    stated = [item for line in document.lines if (item := _stated(line.text))]
    lines = [line for line in document.lines if not _stated(line.text)]
    sections = sections_of(lines)
    items += skill_items(sections, reading.spotter, left_out)
    for section in sections:
        if section.kind == PROJECTS:
            items += project_items(section.lines, left_out)
        elif section.kind == EXPERIENCE:
            items += work_items(section.lines, reading.as_of, left_out)
    items += list({item.field: item for item in reversed(stated)}.values())[::-1]
    if reading.domain and not any(item.field == "preferred_domain" for item in items):
        items.append(Item("preferred_domain", reading.domain, STATED, ASKED_RULE))
    personal = _personal(document, sections[0].lines if sections[0].kind == TOP else [])
    private = {str(found).casefold() for found in personal.values()}
    items = [item for item in items if item.value.casefold() not in private]
    items.sort(key=lambda item: FIELDS.index(item.field))
    resume = RawResume(place, fields_of(id, items))
    return ImportedResume(resume, tuple(items), personal, tuple(left_out), is_document=True)


def _stated(text: str) -> Item | None:
    """Return the score or domain that a line states by name."""
    if found := SCORE.match(text):
        return Item("test_score", found["score"].replace(" ", ""), SCORE_CONFIDENCE, SCORE_RULE)
    if found := DOMAIN.match(text):
        return Item("preferred_domain", found["domain"].strip(), DOMAIN_CONFIDENCE, DOMAIN_RULE)
    return None


def _personal(document: Document, top: list[Line]) -> dict[str, Any]:
    """Return who a résumé says that somebody is; the name is the first line, where that looks like one."""
    text = "\n".join(line.text for line in document.lines)
    found = {
        key: match[0].strip()
        for key, pattern in (("email", EMAIL), ("phone", PHONE), ("pronouns", PRONOUNS))
        if (match := pattern.search(text))
    }
    first = PRONOUNS.sub("", top[0].text).strip(" ()\t,|-") if top else ""
    first = re.split(r"\t|[|,•·]|\s[-–—]\s", first)[0].strip()
    words = first.split()
    if (
        len(words) in NAME_WORDS
        and not re.search(r"[\d@:]", first)
        and first.casefold() not in ("resume", "cv")
    ):
        found = {"name": first, **found}
    return found
