"""A cleaned résumé, and every change that made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Change:
    """One change to a raw value.

    Parameters
    ----------
    path : str
        Where it stood, counted from 0: ``skills[3]``, ``work_experience[0].years``.
    before : str
        The value as written.
    after : str or None
        What it was changed to, several values joined by ``"; "``; ``None`` where it was
        taken out.
    rule : str
        Why.
    """

    path: str
    before: str
    after: str | None
    rule: str

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON."""
        return {"path": self.path, "before": self.before, "after": self.after, "rule": self.rule}


@dataclass(frozen=True, slots=True)
class CleanResume:
    """A résumé after cleaning.

    Parameters
    ----------
    id : str
        As written, spaces around taken off.
    skills : tuple of str
        Canonical names, and novel skills as their surface; each once.
    projects : tuple of str
        What titles of projects say, each once.
    work_experience : tuple of (str, float)
        Job titles, canonical where they are known, with years >= 0.
    test_score : float or None
        In [0, 100]; ``None`` where none is given.
    preferred_domain : str
        Label of a domain as the domains write it, or as the résumé does where it is unknown.
    changes : tuple of Change
        In the order of the fields.
    dropped : str
        ``""`` if kept, else the reason.
    sources : mapping of str to tuple of str
        Each skill, and the raw texts it came from.
    """

    id: str
    skills: tuple[str, ...]
    projects: tuple[str, ...]
    work_experience: tuple[tuple[str, float], ...]
    test_score: float | None
    preferred_domain: str
    changes: tuple[Change, ...] = ()
    dropped: str = ""
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_raw(self) -> dict[str, Any]:
        """Return the résumé in the form it was read in; cleaning that again changes nothing."""
        return {
            "id": self.id,
            "skills": list(self.skills),
            "projects": list(self.projects),
            "work_experience": [{"title": title, "years": years} for title, years in self.work_experience],
            "test_score": self.test_score,
            "preferred_domain": self.preferred_domain,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the résumé, its changes and the reason it was dropped for, as JSON."""
        return self.to_raw() | {
            "changes": [change.to_json() for change in self.changes],
            "dropped": self.dropped,
            "sources": {skill: list(texts) for skill, texts in self.sources.items()},
        }
