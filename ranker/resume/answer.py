"""The answer on one résumé: what machines read of it, and the paragraph for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from explain.words import clean, counted, listed, shortened
from ranker.features.feature import amount_text
from ranker.resume.cleaning import CleanResume
from ranker.resume.edits import Edit

__all__ = ["Answer", "Borderline", "FeatureSummary", "explanation"]

NAMED = 3  # missing skills that the paragraph names
LONGEST_ID = 80  # characters of an id that a heading shows


@dataclass(frozen=True, slots=True)
class FeatureSummary:
    """What the label rests on, in four numbers.

    Parameters
    ----------
    skill_match_ratio : float
        Share of the required skills that are there, in [0, 1].
    years_experience : float
        Years, as the model counts them.
    test_score : float or None
        Points in 0 .. 100, after cleaning.
    project_count : int
        Projects, after cleaning.
    """

    skill_match_ratio: float
    years_experience: float
    test_score: float | None
    project_count: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in FeatureSummary.__slots__}


@dataclass(frozen=True, slots=True)
class Borderline:
    """A test score a tenth lower or higher that would bring another label."""

    test_score: float
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the classifier says of one résumé.

    Parameters
    ----------
    resume : CleanResume
        The résumé after cleaning, with every change.
    place : str
        Where it was read.
    label : str
        ``Fit``, ``Partial Fit`` or ``Not Fit``.
    probabilities : dict of str to float
        By label, the lowest first; calibrated, they sum to 1.
    uncertain : bool
        Whether the greatest of them is below the model's bound, so that a person decides.
    matched, missing : tuple of str
        Required skills that are there and that are not, in the domain's order.
    summary : FeatureSummary
        The four numbers.
    score, intercept : float
        In score units (log odds).
    fields : dict of str to float
        What each raw field, or part of one, adds; with the intercept they sum to the score.
    strongest : tuple of (str, float, str)
        The three fields that move the score most: path, amount, sentence.
    standing : float or None
        Share of the reference sample of the same domain that scores lower.
    borderline : tuple of Borderline
        Labels that a test score a tenth lower or higher would bring, where another.
    edit : Edit or None
        The cheapest change found that reaches the next label; ``None`` where there is no higher one or no
        change that is considered reaches it.
    next_label : str or None
        What that label is; ``None`` for the highest.
    model : str
        The model's version.
    bound : float
        Below which the greatest probability is uncertain.
    """

    resume: CleanResume
    place: str
    label: str
    probabilities: Mapping[str, float]
    uncertain: bool
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    summary: FeatureSummary
    score: float
    intercept: float
    fields: Mapping[str, float]
    strongest: tuple[tuple[str, float, str], ...]
    standing: float | None
    borderline: tuple[Borderline, ...]
    edit: Edit | None
    next_label: str | None
    model: str
    bound: float

    @property
    def confidence(self) -> float:
        """Probability of the label."""
        return self.probabilities[self.label]

    def to_json(self) -> dict[str, Any]:
        """Return the whole answer as JSON."""
        return {
            "id": self.resume.id,
            "place": self.place,
            "domain": self.resume.preferred_domain,
            "label": self.label,
            "confidence": self.confidence,
            "uncertain": self.uncertain,
            "matched_skills": list(self.matched),
            "missing_skills": list(self.missing),
            "feature_summary": self.summary.to_json(),
            "explanation": explanation(self),
            "probabilities": dict(self.probabilities),
            "score": self.score,
            "intercept": self.intercept,
            "fields": dict(self.fields),
            "strongest": [
                {"field": field, "amount": amount, "sentence": sentence}
                for field, amount, sentence in self.strongest
            ],
            "standing": self.standing,
            "borderline": [{"test_score": b.test_score, "label": b.label} for b in self.borderline],
            "recommendation": None if self.edit is None else self.edit.to_json(self.next_label),
            "changes": [change.to_json() for change in self.resume.changes],
            "model": self.model,
        }

    def to_text(self) -> str:
        """Return the answer for a person, a paragraph and the strongest fields."""
        who = shortened(clean(self.resume.id or self.place), LONGEST_ID)
        lines = [f"{who}: {self.label} for {clean(self.resume.preferred_domain)}", ""]
        lines += [explanation(self), ""]
        lines += [f"- {sentence}" for _, _, sentence in self.strongest]
        if self.resume.changes:
            n = len(self.resume.changes)
            lines += ["", f"{counted(n, 'value')} of the record {'was' if n == 1 else 'were'} cleaned:"]
            lines += [
                f"- {c.path}: {clean(c.before)!r} "
                + (f"read as {clean(c.after)!r}" if c.after is not None else "left out")
                + f" ({c.rule})"
                for c in self.resume.changes
            ]
        return "\n".join([*lines, "", f"model {self.model[:12]}"])


def explanation(answer: Answer) -> str:
    """Write the paragraph: label, test score, skills, projects, experience, confidence, what would change it."""
    domain = clean(answer.resume.preferred_domain)
    sentences = [
        f"The résumé is labelled {answer.label} for {domain}, with a confidence of "
        f"{100 * answer.confidence:.0f} %.",
        _test_score(answer.summary.test_score),
        _skills(answer.matched, answer.missing),
        _projects_and_years(answer.summary),
    ]
    if answer.borderline:
        told = [
            f"at {amount_text(one.test_score)} points it would be {one.label}" for one in answer.borderline
        ]
        sentences.append(
            f"The label is borderline, as a test score 10 % lower or higher changes it: {listed(told)}."
        )
    if answer.uncertain:
        sentences.append(
            f"No label reaches a probability of {100 * answer.bound:.0f} %, so a person should decide."
        )
    sentences.append(_recommendation(answer))
    return " ".join(sentence for sentence in sentences if sentence)


def _test_score(points: float | None) -> str:
    return "There is no test score." if points is None else f"The test score is {amount_text(points)} of 100."


def _skills(matched: tuple[str, ...], missing: tuple[str, ...]) -> str:
    required = len(matched) + len(missing)
    if not required:
        return "The domain requires no skills."
    if required == 1:
        [skill] = matched or missing
        return f"The one required skill, {clean(skill)}, is {'there' if matched else 'missing'}."
    said = f"{len(matched)}/{required} required skills are there"
    if not missing:
        return f"{said}."
    named = [clean(skill) for skill in missing[:NAMED]]
    if more := len(missing) - len(named):
        named.append(counted(more, "other"))
    return f"{said}; {'missing is' if len(missing) == 1 else 'missing are'} {listed(named)}."


def _projects_and_years(summary: FeatureSummary) -> str:
    n, years = summary.project_count, summary.years_experience
    projects = counted(n, "project") if n else "no project"
    experience = f"{amount_text(years, 'years')} of experience" if years else "no experience in years"
    return f"It shows {projects} and {experience}."


def _recommendation(answer: Answer) -> str:
    if answer.next_label is None:
        return ""
    if answer.edit is None:
        return f"No change of skills, test score and projects that is considered would bring {answer.next_label}."
    what = "The least" if answer.edit.optimal else "One change"
    return f"{what} that would bring {answer.next_label}: {answer.edit.in_words()}."
