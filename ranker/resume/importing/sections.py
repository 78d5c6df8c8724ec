"""The sections of a résumé, told by their headings."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ranker.resume.importing.document import Line

SKILLS, PROJECTS, EXPERIENCE, EDUCATION, OTHER, TOP = (
    "skills", "projects", "experience", "education", "other", "top"
)  # fmt: skip
HEADINGS = {
    SKILLS: (
        "skills", "skill", "skill set", "skillset", "skill details", "competencies", "competences", "expertise",
        "areas of expertise", "technologies", "proficiencies", "proficiency", "tools", "tech stack",
        "tools and technologies", "skills and tools", "skills and technologies", "skills and competencies",
        "skills and expertise", "skills and abilities", "skills summary", "summary of skills", "knowledge",
    ),
    PROJECTS: ("projects", "project", "project details", "project experience", "project work", "portfolio"),
    EXPERIENCE: (
        "experience", "employment", "employment history", "work history", "career history", "career",
        "work experience", "professional background", "employment record", "job history", "positions held",
        "internships", "internship", "company details", "experience summary", "career summary",
    ),
    EDUCATION: (
        "education", "education details", "academic background", "qualifications", "academics", "studies",
        "education and training", "educational qualification", "educational background", "degrees",
    ),
    OTHER: (
        "summary", "profile", "objective", "about me", "about", "contact", "contact details", "details",
        "information", "personal information", "references", "referees", "hobbies", "interests",
        "hobbies and interests", "volunteering", "volunteer work", "volunteer experience", "volunteer",
        "voluntary work", "voluntary experience", "community service", "activities", "awards", "honors",
        "honours", "honors and awards", "achievements", "accomplishments", "certifications", "certificates",
        "certification", "courses", "training", "trainings", "licenses", "licences", "publications",
        "languages", "memberships", "affiliations", "declaration", "strengths", "patents", "conferences",
        "test scores", "scores",
    ),
}  # fmt: skip
# Words that may stand before a heading and change nothing: "Selected academic projects".
BEFORE_WORDS = (
    "technical professional relevant key core selected academic personal my other additional work main major"
    " computer it soft hard career employment related previous recent notable software digital hands-on"
)
BEFORE = frozenset(BEFORE_WORDS.split())
KIND = {words: kind for kind, all_words in HEADINGS.items() for words in all_words}
INLINE = frozenset({"skills", "skill", "skill set", "skillset", "skill details", "competencies"})


@dataclass(slots=True)
class Section:
    """A heading and what stands below it.

    Parameters
    ----------
    kind : str
        What it is about; ``top`` is what stands above the first heading.
    heading : str
        As written.
    lines : list of Line
        Without the heading.
    """

    kind: str
    heading: str = ""
    lines: list[Line] = field(default_factory=list)


def sections_of(lines: Iterable[Line]) -> list[Section]:
    """Part lines into sections.

    A heading is a line without a bullet that says nothing but what a section is called, whatever its
    case, colon or number; "Skills: Python, SQL" is a heading with its first line. A line that the file
    itself marks as a heading, and whose words are not known, begins a section of another kind.

    Parameters
    ----------
    lines : iterable of Line
        A document's.

    Returns
    -------
    list of Section
        In order; the first is ``top``.
    """
    found = [Section(TOP)]
    for line in lines:
        kind = heading_kind(line.text) if not line.is_bullet or line.is_heading else ""
        rest = ""
        if not kind and not line.is_bullet and ":" in line.text:
            before, _, rest = line.text.partition(":")
            kind = SKILLS if _words(before) in INLINE else ""
        # Subheadings within experience or projects name employers and projects, not sections.
        if not kind and line.is_heading and found[-1].kind not in (EXPERIENCE, PROJECTS, TOP):
            kind = OTHER
        if kind:
            found.append(Section(kind, line.text if not rest else before.strip()))
            if rest.strip():
                found[-1].lines.append(Line(rest.strip()))
        else:
            found[-1].lines.append(line)
    return found


def heading_kind(text: str) -> str:
    """Return the kind of section that a heading begins, ``""`` where a text is none."""
    return KIND.get(_words(text), "") if len(text) <= 60 else ""


def _words(text: str) -> str:
    """Return a heading's own words: case, numbers, signs and words that change nothing taken off."""
    text = text.strip().casefold()
    if re.fullmatch(r"(?:\w ){3,}\w", text):  # s k i l l s
        text = text.replace(" ", "")
    words = re.sub(r"[^\w\s&-]", " ", text.replace("/", " and ").replace("&", " and ")).split()
    words = [word for word in words if not word.strip("-ivx").isdigit() and word.strip("-")]
    while len(words) > 1 and words[0] in BEFORE and " ".join(words) not in KIND:
        words = words[2:] if words[1] == "and" and len(words) > 2 else words[1:]
    return " ".join(words)
