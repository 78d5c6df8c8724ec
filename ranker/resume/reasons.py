"""The fields that move a score most, each as a sentence in the words of the raw record."""

from collections.abc import Mapping, Sequence
from typing import Final

from explain import words
from explain.words import counted, first_up, listed, number, shortened
from ranker.features.feature import amount_text
from ranker.resume.cleaning import CleanResume

__all__ = ["STRONGEST", "strongest_fields"]

STRONGEST: Final = 3
QUOTED: Final = 2  # raw values that a sentence repeats
PLURAL: Final = {"skills", "projects"}


def strongest_fields(
    resume: CleanResume, amounts: Mapping[str, float], matched: Sequence[str], n_required: int
) -> tuple[tuple[str, float, str], ...]:
    """Say what the fields that move a score most do to it.

    Parameters
    ----------
    resume : CleanResume
        The résumé, with every change that cleaning made.
    amounts : mapping of str to float
        What each raw field adds, its parts summed, in score units.
    matched : sequence of str
        Required skills that are there.
    n_required : int
        How many there are.

    Returns
    -------
    tuple of (path, amount, sentence)
        At most three, the largest amount first, whatever its sign; ties by path.
    """
    order = sorted(amounts.items(), key=lambda item: (-abs(item[1]), item[0]))[:STRONGEST]
    return tuple(
        (path, amount, _sentence(path, amount, resume, matched, n_required)) for path, amount in order
    )


def _sentence(path: str, amount: float, resume: CleanResume, matched: Sequence[str], n_required: int) -> str:
    name = path.partition(".")[2]
    several = name in PLURAL
    subject = {
        "skills": f"the skills ({len(matched)} of the {n_required} required{_written_skills(resume, matched)})",
        "projects": f"the projects ({_projects(resume)})",
        "work_experience": f"the work experience ({_experience(resume)})",
        "test_score": f"the test score ({_test_score(resume)})",
    }.get(name, f"the field {path}")
    if float(number(amount)) == 0:
        return f"{first_up(subject)} {'leave' if several else 'leaves'} the score as it is."
    verb = ("raise" if amount > 0 else "lower") + ("" if several else "s")
    return f"{first_up(subject)} {verb} the score by {number(abs(amount))}."


def _written_skills(resume: CleanResume, matched: Sequence[str]) -> str:
    told = []
    for skill in matched:
        texts = [text for text in resume.sources.get(skill, ()) if text.strip().lower() != skill]
        if texts:
            told.append(f"{clean(skill)} is written {_quoted(texts[0])}")
    return f"; {_first(told, ' likewise')}" if told else ""


def _projects(resume: CleanResume) -> str:
    if not resume.projects:
        return "none" + _written(resume, "projects[")
    named = [clean(shortened(project, 40)) for project in resume.projects[:QUOTED]]
    if more := len(resume.projects) - len(named):
        named.append(f"{more} more")
    return f"{len(resume.projects)}: {listed(named)}{_written(resume, 'projects[')}"


def _experience(resume: CleanResume) -> str:
    if not resume.work_experience:
        return "none" + _written(resume, "work_experience[")
    years = amount_text(sum(years for _, years in resume.work_experience), "years")
    posts = f" in {counted(len(resume.work_experience), 'post')}"
    return f"{years}{posts}{_written(resume, 'work_experience[')}"


def _test_score(resume: CleanResume) -> str:
    if resume.test_score is None:
        return "not given" + _written(resume, "test_score")
    return f"{amount_text(resume.test_score)} of 100{_written(resume, 'test_score')}"


def _written(resume: CleanResume, begin: str) -> str:
    """Repeat what was written where cleaning changed more than case and spaces."""
    texts = [
        _quoted(change.before)
        for change in resume.changes
        if change.path.startswith(begin) and change.before.strip().lower() != change.after
    ]
    return f", written {_first(texts)}" if texts else ""


def _first(told: Sequence[str], how: str = "") -> str:
    """List the first few, and say how many more there are."""
    more = [counted(len(told) - QUOTED, "other") + how] if len(told) > QUOTED else []
    return listed([*told[:QUOTED], *more])


def clean(text: str) -> str:
    """Take out what could steer a terminal; nearly every text is returned as it is, at a tenth of the time."""
    return text if text.isprintable() else words.clean(text)


def _quoted(text: str) -> str:
    return f"“{clean(shortened(text, 40))}”"
