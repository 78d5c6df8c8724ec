"""What reviewers said, as training reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ranker.app.decisions.store import Store, bodies, open_store
from ranker.app.decisions.tables import decisions, reviews

if TYPE_CHECKING:
    from ranker.records.resumes import RawResume

__all__ = ["ReviewedLabel", "ReviewedLabels", "read_reviews", "reviewed_labels"]


@dataclass(frozen=True, slots=True)
class ReviewedLabel:
    """A résumé that a person labelled.

    Parameters
    ----------
    person : str
        The candidate.
    label : str
        Fit, Partial Fit or Not Fit.
    resume : Mapping
        As it was sent.
    decision : str
        Id of the decision that it was reviewed after.
    """

    person: str
    label: str
    resume: Mapping[str, Any]
    decision: str


@dataclass(frozen=True, slots=True)
class ReviewedLabels:
    """All of them.

    Parameters
    ----------
    labels : tuple of ReviewedLabel
        The last word on each candidate, in the order of the reviews.
    n_without_resume : int
        Reviews whose résumé was not kept, or is deleted: nothing can be learned from these.
    """

    labels: tuple[ReviewedLabel, ...]
    n_without_resume: int

    def as_raws(self) -> "dict[str, RawResume]":
        """Return each résumé by its id, with the reviewer's label for its own."""
        from ranker.records.resumes import RawResume

        return {
            one.person: RawResume(
                f"decision {one.decision}", {**one.resume, "id": one.person, "label": one.label}
            )
            for one in self.labels
        }

    def in_words(self) -> str:
        """Say how many are learned, and of how many that is not possible."""
        told = f"reviewers: {len(self.labels):,} labelled résumé(s) learned"
        if self.n_without_resume:
            told += (
                f"; of {self.n_without_resume:,} more the log holds no résumé (not kept, or deleted since)"
            )
        return told


def read_reviews(database: str) -> ReviewedLabels:
    """Return the labels in the log of a URL; see :func:`reviewed_labels`."""
    with open_store(database, new=False) as store:
        return reviewed_labels(store)


def reviewed_labels(store: Store) -> ReviewedLabels:
    """Return the labels that reviewers gave to classified résumés.

    Parameters
    ----------
    store : Store
        The log.
    """
    joined = reviews.join(decisions, decisions.c.number == reviews.c.about)
    query = (
        select(reviews.c.about, reviews.c.person, reviews.c.label, decisions.c.id)
        .select_from(joined)
        .where(reviews.c.status == "decided", decisions.c.kind == "classify")
        .order_by(reviews.c.number)
    )
    last: dict[str, ReviewedLabel] = {}
    n_without = 0
    with store.read() as connection:
        for about, person, label, decision in connection.execute(query).all():
            found = bodies(connection, "input", [about]).get(about)
            told = None if found is None else found.value()
            resume = told.get("resume") if told else None
            if not isinstance(resume, dict):
                n_without += 1
                continue
            last.pop(person, None)
            last[person] = ReviewedLabel(person, label, resume, decision)
    return ReviewedLabels(tuple(last.values()), n_without)
