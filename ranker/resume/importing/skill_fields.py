"""The skills of a résumé: what stands in its list of skills, and what a vocabulary finds elsewhere."""

import re
from collections.abc import Iterable, Iterator

from ranker.resume.importing.document import Line
from ranker.resume.importing.imported import Item
from ranker.resume.importing.sections import EXPERIENCE, PROJECTS, SKILLS, Section
from ranker.resume.importing.skill_spotter import SkillSpotter

SEPARATOR = re.compile(r"[,;|•·\t\n]|\s[-–—]\s|\s/\s")
GROUP = re.compile(r"^[^:()]{1,40}:\s*(?=\S)")  # "Languages: Python, SQL"
_HOW = (
    r"(?:beginner|basics?|novice|elementary|intermediate|advanced|expert|proficient|fluent|native|familiar|good|"
    r"strong|excellent|exper?ience|level|in|of|less than|over|\d+(?:\.\d+)?\s*\+?\s*(?:years?|yrs?|months?|%|/\s*\d+))"
)
# Only where an item says nothing else, or at its end behind a number: "Visual Basic" is a skill.
LEVEL = re.compile(rf"{_HOW}(?:[\s:]+{_HOW})*", re.IGNORECASE)
GRADED = re.compile(rf"\s*[-–—:]\s*{_HOW}$", re.IGNORECASE)
TIME = re.compile(r"\s+\d+(?:\.\d+)?\s*\+?\s*(?:years?|yrs?|months?)\b.*$", re.IGNORECASE)
KNOWING = re.compile(
    r"^(?:(?:good|strong|excellent|advanced|basic|working|hands-on|proven|deep|solid)\s+)*"
    r"(?:knowledge|understanding|command|proficient|proficiency|experience|experienced|skilled|familiar|familiarity)"
    r"\s+(?:of|in|with)\s+",
    re.IGNORECASE,
)
LONGEST_ITEM = 5  # words; longer ones are sentences
LONGEST_MEAN = (
    3.5  # words an item of a list has on average; where they have more, the commas are a sentence's
)
EDGES = " \t:-–—*'\""
ADDRESS = re.compile(r"@\w|https?:|www\.")
LISTED = "listed as a skill"
KNOWN = "listed as a skill, and known to the vocabulary"
SENTENCE = "found by the vocabulary in a sentence among the skills"
ELSEWHERE = "found by the vocabulary in experience or projects"
CONFIDENCE = {KNOWN: 0.95, LISTED: 0.8, SENTENCE: 0.7, ELSEWHERE: 0.6}


def skill_items(
    sections: Iterable[Section], spotter: SkillSpotter | None, left_out: list[str]
) -> Iterator[Item]:
    """Yield the skills of a résumé, each once.

    Parameters
    ----------
    sections : iterable of Section
        The document's.
    spotter : SkillSpotter or None
        A vocabulary; without one only short items of a list of skills are taken.
    left_out : list of str
        Takes lines of the list of skills that were not understood.
    """
    seen: set[str] = set()
    sections = list(sections)
    elsewhere = (
        (span.text, ELSEWHERE)
        for section in sections
        if spotter and section.kind in (EXPERIENCE, PROJECTS)
        for line in section.lines
        for span in spotter.spans(line.text)
    )
    listed = (
        found
        for section in sections
        if section.kind == SKILLS
        for line in section.lines
        for found in _listed(line, spotter, left_out)
    )
    for found in (listed, elsewhere):
        for text, rule in found:
            if text.casefold() not in seen:
                seen.add(text.casefold())
                yield Item("skills", text, CONFIDENCE[rule], rule)


def _listed(line: Line, spotter: SkillSpotter | None, left_out: list[str]) -> Iterator[tuple[str, str]]:
    items = split_skills(line.text)
    n_words = sum(len(item.split()) for item in items)
    if len(items) > 1 and n_words > LONGEST_MEAN * len(items):
        items = [line.text]
    for text in items:
        if len(text.split()) <= LONGEST_ITEM:
            # "javascript react sql": names with nothing but spaces between them.
            spans = spotter.spans(text, listed=True) if spotter else []
            if len(spans) > 1 and sum(len(s.text.split()) for s in spans) == len(text.split()):
                yield from ((span.text, KNOWN) for span in spans)
            else:
                whole = len(spans) == 1 and spans[0].text.casefold() == text.casefold()
                yield text, KNOWN if whole else LISTED
        elif spotter and (spans := spotter.spans(text)):
            yield from ((span.text, SENTENCE) for span in spans)
        else:
            left_out.append(text)


def split_skills(text: str) -> list[str]:
    """Part a line of skills into its items.

    Brackets part items too, "Python (pandas, numpy)"; a group's name before a colon and words for how
    well somebody knows a skill are taken off; what holds an address is none.

    Parameters
    ----------
    text : str
        Such as ``"Languages: Python (5 years), C++; SQL"``.

    Returns
    -------
    list of str
        ``["Python", "C++", "SQL"]``.
    """
    parts = SEPARATOR.split(re.sub(r"[()\[\]{}]", ",", GROUP.sub("", text)))
    items = (part.strip(EDGES) for part in parts)
    items = (re.sub(r"^(?:and|or|&|etc)\b\.?\s*", "", item, flags=re.IGNORECASE) for item in items)
    items = (KNOWING.sub("", GRADED.sub("", TIME.sub("", item))).strip(EDGES) for item in items)
    items = (item[:-1] if item.endswith(".") else item for item in items)
    return [
        item
        for item in items
        if any(map(str.isalnum, item)) and not (ADDRESS.search(item) or LEVEL.fullmatch(item))
    ]
