"""What a person may change to reach the next label, and what each change costs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from explain.words import clean, counted, listed
from ranker.features.feature import amount_text
from ranker.resume.cleaning import CleanResume

__all__ = ["MOST_PROJECTS", "POINT_COST", "PROJECT_COST", "PROJECT_TITLES", "SKILL_COST", "Edit"]

# A convention: a skill is about as much work as a project, and both as ten points of the test.
SKILL_COST: Final = 1.0
PROJECT_COST: Final = 1.0
POINT_COST: Final = 0.1
# Titles of added projects. They name no skill and no domain, so that a project helps by being one.
PROJECT_TITLES: Final = ("portfolio one", "portfolio two", "portfolio three")
MOST_PROJECTS: Final = len(PROJECT_TITLES)


@dataclass(frozen=True, slots=True)
class Edit:
    """One set of changes of a résumé.

    Parameters
    ----------
    skills : tuple of str
        Missing required skills to add, canonical, in the domain's order.
    projects : int
        Projects to add, at most :data:`MOST_PROJECTS`.
    test_score : float or None
        Whole points to reach, above those that are there; ``None`` leaves the score alone.
    before : float or None
        The test score that is there.
    verified : bool
        Whether the changed record was cleaned, computed and scored anew and got the label.
    optimal : bool
        Whether no cheaper one of those that are considered gets it.
    """

    skills: tuple[str, ...] = ()
    projects: int = 0
    test_score: float | None = None
    before: float | None = None
    verified: bool = False
    optimal: bool = True

    @property
    def cost(self) -> float:
        """One for each skill and project, and one for ten points; without a score, for all of its points."""
        points = 0.0 if self.test_score is None else self.test_score - (self.before or 0.0)
        return SKILL_COST * len(self.skills) + PROJECT_COST * self.projects + POINT_COST * points

    def in_words(self) -> str:
        """Say what to do, as the end of "the least is to ..." without its "to"."""
        parts = []
        if self.skills:
            parts.append(f"add {listed(clean(skill) for skill in self.skills)}")
        if self.projects:
            parts.append(f"add {counted(self.projects, 'project')}")
        if self.test_score is not None:
            points = amount_text(self.test_score)
            if self.before is None:
                parts.append(f"take the test and reach {points} points")
            else:
                parts.append(f"raise the test score from {amount_text(self.before)} to {points}")
        return listed(parts) if parts else "nothing"

    def to_json(self, label: str | None) -> dict[str, Any]:
        """Return it as JSON; ``label`` is what it reaches."""
        return {
            "label": label,
            "add_skills": list(self.skills),
            "add_projects": self.projects,
            "test_score": self.test_score,
            "cost": self.cost,
            "verified": self.verified,
            "optimal": self.optimal,
            "in_words": self.in_words(),
        }

    def of_record(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return a raw record with the changes made."""
        record = dict(raw)
        if self.skills:
            record["skills"] = [*(raw.get("skills") or ()), *self.skills]
        if self.projects:
            record["projects"] = [*(raw.get("projects") or ()), *PROJECT_TITLES[: self.projects]]
        if self.test_score is not None:
            record["test_score"] = self.test_score
        return record

    def of_clean(self, resume: CleanResume) -> CleanResume:
        """Return a cleaned résumé with the changes made."""
        return replace(
            resume,
            skills=(*resume.skills, *self.skills),
            projects=(*resume.projects, *PROJECT_TITLES[: self.projects]),
            test_score=resume.test_score if self.test_score is None else self.test_score,
        )
