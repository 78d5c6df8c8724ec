"""The projects of a résumé: their names."""

import re
from collections.abc import Iterator, Sequence

from ranker.resume.importing.dates import period_in
from ranker.resume.importing.document import Line
from ranker.resume.importing.imported import Item
from ranker.resume.importing.titles import EDGES

NOT_A_NAME = re.compile(
    r"^(?:technolog(?:y|ies)|tech(?:nical)? stack|tools?|environment|role|duration|team size|description|client|"
    r"responsibilit(?:y|ies)|link|url|github|languages?|skills?|platform|operating system|database)\b[^:–-]{0,20}[:–-]",
    re.IGNORECASE,
)
LABELLED = re.compile(r"^project(?:\s+(?:name|title|#?\d+))*\s*[:–-]\s*(?P<name>.+)$", re.IGNORECASE)
CUT = re.compile(r"\s*(?::|\||\t|\s[-–—]\s).*$", re.DOTALL)
YEAR = re.compile(r"\s*[(,]\s*(?:19|20)\d{2}\s*\)?$")
ADDRESS = re.compile(r"\(?\b(?:https?://|www\.|github\.com)\S*\)?", re.IGNORECASE)
NAMED, TITLED, BARE, BULLET, LONG = (
    'called "Project"',
    "a short line above bullets among the projects",
    "a short line among the projects, where no bullets tell names from descriptions",
    "the beginning of a bullet among the projects",
    "a long line among the projects",
)
CONFIDENCE = {NAMED: 0.9, TITLED: 0.8, BARE: 0.5, BULLET: 0.6, LONG: 0.3}
LONGEST = 10  # words of a name


def project_items(lines: Sequence[Line], left_out: list[str]) -> Iterator[Item]:
    """Yield the projects in a section on them.

    Short lines without a bullet are names, and bullets below them say what was done; where every line
    has a bullet, each is a project, and its name is what stands before a colon, a bar or a dash.
    Dates and addresses are taken out.

    Parameters
    ----------
    lines : sequence of Line
        The section's.
    left_out : list of str
        Takes lines that are too long for a name and have nothing that ends one.
    """
    titled = any(not line.is_bullet and _is_short(line.text) for line in lines)
    short = TITLED if any(line.is_bullet for line in lines) else BARE
    for line in lines:
        if NOT_A_NAME.match(line.text) or (titled and line.is_bullet and not LABELLED.match(line.text)):
            continue
        text = ADDRESS.sub(" ", line.text)
        if period := period_in(text, None):
            text = f"{text[: period.start]}\t{text[period.end :]}"
        if found := LABELLED.match(text.strip(EDGES)):
            name, rule = CUT.sub("", found["name"]), NAMED
        else:
            name = CUT.sub("", text.strip(EDGES.replace(")", "")))
            rule = BULLET if line.is_bullet else short if _is_short(line.text) else LONG
        name = YEAR.sub("", name.strip(EDGES.replace(")", ""))).strip(EDGES)
        if not any(map(str.isalpha, name)):
            continue
        if len(name.split()) > LONGEST:
            left_out.append(line.text)
        elif not (rule == LONG and titled):
            yield Item("projects", name, CONFIDENCE[rule], rule)
        else:
            left_out.append(line.text)


def _is_short(text: str) -> bool:
    return len(CUT.sub("", text).split()) <= LONGEST and not text.endswith(".")
