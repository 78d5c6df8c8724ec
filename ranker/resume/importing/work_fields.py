"""The posts somebody held: titles and years, found by their dates."""

import re
from collections.abc import Iterator, Sequence

from ranker.resume.importing.dates import Period, period_in
from ranker.resume.importing.document import Line
from ranker.resume.importing.imported import Item
from ranker.resume.importing.titles import EDGES, names_work, title_in

LABELLED = re.compile(
    r"^(?:job\s+title|designation|position|role|title)\s*[:–-]\s*(?P<title>.+)$", re.IGNORECASE
)
SAME, NEAR, UNNAMED, UNDATED, NO_LENGTH = (
    "title and dates on one line",
    "title on the line beside the dates",
    "the first words beside dates: none of them names work",
    "a title without dates",
    "title and dates, but no length: ",
)
CONFIDENCE = {SAME: 0.9, NEAR: 0.75, UNNAMED: 0.4, UNDATED: 0.4}
LOST = 0.4  # what a length that cannot be told takes from a confidence


def work_items(lines: Sequence[Line], as_of: int | None, left_out: list[str]) -> Iterator[Item]:
    """Yield the posts in a section on experience.

    Each line with a period, that is no sentence below a bullet, is a post. Its title is the part of
    that line that names work; else the line above, then below, that does. A line that names work and
    has no period on it or beside it is a post of unknown length.

    Parameters
    ----------
    lines : sequence of Line
        The section's.
    as_of : int or None
        The month that "present" means.
    left_out : list of str
        Takes lines with dates for which no title was found.
    """
    periods = [_period(line, as_of) for line in lines]
    used: set[int] = set()
    found: list[tuple[int, Item]] = []
    for at, period in enumerate(periods):
        if period is not None:
            found += _dated(lines, periods, at, used, left_out)
    for at, line in enumerate(lines):
        if at in used or line.is_bullet or periods[at] is not None:
            continue
        title, sure = title_in(_unlabelled(line.text))
        if title and sure and _short(line.text):
            found.append((at, Item("work_experience", title, CONFIDENCE[UNDATED], UNDATED)))
    yield from (item for _, item in sorted(found, key=lambda pair: pair[0]))


def _dated(
    lines: Sequence[Line], periods: Sequence[Period | None], at: int, used: set[int], left_out: list[str]
) -> list[tuple[int, Item]]:
    """Return the post of a line with a period, if a title stands on it or beside it."""
    period = periods[at]
    assert period is not None
    text = lines[at].text
    rest = f"{text[: period.start]}\t{text[period.end :]}"
    title, sure = title_in(_unlabelled(rest.strip(EDGES)))
    rule = SAME if sure else UNNAMED
    if not sure:
        for beside in (at - 1, at + 1, at - 2):
            if beside == at - 2 and lines[at - 1].is_bullet:
                continue
            if not 0 <= beside < len(lines) or beside in used or periods[beside] or lines[beside].is_bullet:
                continue
            other, named = title_in(_unlabelled(lines[beside].text))
            if named and _short(lines[beside].text):
                title, rule = other, NEAR
                used.add(beside)
                break
    used.add(at)
    if not title and at and not (lines[at - 1].is_bullet or periods[at - 1]) and _short(lines[at - 1].text):
        title = title_in(lines[at - 1].text)[0]
        used.add(at - 1)
    if not title:
        left_out.append(text)
        return []
    confidence = CONFIDENCE[rule]
    if period.years is None:
        rule, confidence = NO_LENGTH + period.reason, round(confidence - LOST, 3) if rule != UNNAMED else 0.1
    return [(at, Item("work_experience", title, confidence, rule, period.years))]


def _period(line: Line, as_of: int | None) -> Period | None:
    """Return a line's period, unless the line is a sentence that only mentions one."""
    period = period_in(line.text, as_of)
    if period is None:
        return None
    rest = line.text[: period.start] + line.text[period.end :]
    is_sentence = len(rest.split()) > 14 or (line.is_bullet and not names_work(rest))
    return None if is_sentence else period


def _unlabelled(text: str) -> str:
    found = LABELLED.match(text)
    return found["title"] if found else text


def _short(text: str) -> bool:
    return len(text.split()) <= 12 and not text.endswith(".")
