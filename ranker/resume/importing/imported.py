"""A résumé as it was read from a document: its fields, and how sure each of them is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ranker.records.resumes import RawResume

FIELDS = ("skills", "projects", "work_experience", "test_score", "preferred_domain")
TO_CHECK = 0.6  # an item below this is said to need a look
STATED = 1.0  # a file of fields states them, and a person who corrects them does


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a field.

    Parameters
    ----------
    field : str
        One of ``FIELDS``.
    value : str
        As written.
    confidence : float
        In [0, 1]: a rule's number that orders what to look at first, not a probability.
    rule : str
        Why it was taken for this field.
    years : float or None
        Of work: how long; ``None`` where not known.
    """

    field: str
    value: str
    confidence: float
    rule: str
    years: float | str | None = None


@dataclass(frozen=True, slots=True)
class ImportedResume:
    """A résumé that was read from a file.

    Parameters
    ----------
    resume : RawResume
        Its fields, as cleaning reads them.
    items : tuple of Item
        What each field was read from; empty for a file that states its fields.
    personal : Mapping
        Name, e-mail and the like, kept apart from the fields.
    left_out : tuple of str
        Lines that stand where a field was looked for, and were not understood.
    is_document : bool
        Whether it was read from running text by rules, and not from a file that states its fields.
    """

    resume: RawResume
    items: tuple[Item, ...] = ()
    personal: Mapping[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    is_document: bool = False

    @property
    def id(self) -> str:
        """The résumé's id."""
        return str(self.resume.value.get("id", ""))

    def confidence(self) -> dict[str, float]:
        """Return each field's confidence: the mean of its items', 0 where nothing was found."""
        if not self.is_document:
            return {
                name: STATED if self.resume.value.get(name) not in (None, "", []) else 0.0 for name in FIELDS
            }
        found: dict[str, list[float]] = {name: [] for name in FIELDS}
        for item in self.items:
            found[item.field].append(item.confidence)
        return {name: round(sum(sure) / len(sure), 3) if sure else 0.0 for name, sure in found.items()}

    def to_check(self) -> tuple[str, ...]:
        """Return the fields whose least sure item somebody should look at, and those that should not be empty.

        Projects, a score or a domain that are not there are no doubt; a file that states its fields has none.
        """
        if not self.is_document:
            return ()
        unsure = {item.field for item in self.items if item.confidence < TO_CHECK}
        given = {item.field for item in self.items}
        unsure |= {name for name in ("skills", "work_experience") if name not in given}
        return tuple(name for name in FIELDS if name in unsure)


def fields_of(id: str, items: Iterable[Item]) -> dict[str, Any]:
    """Put items together to the fields that cleaning reads."""
    resume: dict[str, Any] = {"id": id, "skills": [], "projects": [], "work_experience": []}
    for item in items:
        if item.field == "work_experience":
            post: dict[str, Any] = {"title": item.value}
            resume["work_experience"].append(post if item.years is None else {**post, "years": item.years})
        elif item.field in ("skills", "projects"):
            resume[item.field].append(item.value)
        else:
            resume[item.field] = item.value
    return resume
