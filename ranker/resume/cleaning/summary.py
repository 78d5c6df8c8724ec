"""What cleaning did to a set of résumés, in words and as JSON."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ranker.resume.cleaning.cleaned import CleanResume

SHOWN = 10  # novel skills that the report in words names
_PLACE = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class CleaningSummary:
    """Counts of what was read, kept, dropped and changed.

    Parameters
    ----------
    read, kept : int
        Résumés.
    dropped : mapping of str to int
        Reason, and résumés dropped for it.
    changes : mapping of (str, str) to int
        Field and rule, and changes made by it, most frequent first.
    novel : mapping of str to int
        Skills outside the vocabulary, and kept résumés that name them, most frequent first.
    """

    read: int
    kept: int
    dropped: Mapping[str, int]
    changes: Mapping[tuple[str, str], int]
    novel: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """Return the counts as JSON."""
        return {
            "read": self.read,
            "kept": self.kept,
            "dropped": dict(self.dropped),
            "changes": [{"field": f, "rule": rule, "n": n} for (f, rule), n in self.changes.items()],
            "novel": dict(self.novel),
        }

    def lines(self) -> list[str]:
        """Return the counts in words, a line each."""
        lines = [f"{self.read} résumés read, {self.kept} kept"]
        lines += [f"dropped: {n} x {reason}" for reason, n in self.dropped.items()]
        lines += [f"changed: {n} x {field}: {rule}" for (field, rule), n in self.changes.items()]
        if self.novel:
            named = ", ".join(f"{skill} ({n})" for skill, n in list(self.novel.items())[:SHOWN])
            more = len(self.novel) - SHOWN
            lines.append(
                f"skills outside the vocabulary: {named}" + (f" and {more} more" if more > 0 else "")
            )
        return lines


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A set of résumés after cleaning.

    Parameters
    ----------
    resumes : tuple of CleanResume
        Those kept, in the order of reading; their ids differ.
    dropped : tuple of CleanResume
        The others, each with its reason.
    report : CleaningSummary
        Counts.
    """

    resumes: tuple[CleanResume, ...]
    dropped: tuple[CleanResume, ...]
    report: CleaningSummary


def summarise(
    kept: Sequence[CleanResume], dropped: Sequence[CleanResume], known: Iterable[str]
) -> CleaningSummary:
    """Count what was done; a reason that names one résumé or value is counted without the name."""
    changes = Counter(
        (_PLACE.sub("", change.path), _kind(change.rule))
        for resume in (*kept, *dropped)
        for change in resume.changes
    )
    vocabulary = set(known)
    novel = Counter(skill for resume in kept for skill in resume.skills if skill not in vocabulary)
    return CleaningSummary(
        len(kept) + len(dropped),
        len(kept),
        _frequent_first(Counter(_kind(resume.dropped) for resume in dropped)),
        _frequent_first(changes),
        _frequent_first(novel),
    )


def _kind(reason: str) -> str:
    if reason.startswith("same skills"):
        return "same skills, projects and test score as one before"
    if reason.startswith("id "):
        return "its id was given before"
    return "stands before" if reason.startswith("stands before") else reason


def _frequent_first(counter: Counter[Any]) -> dict[Any, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))
