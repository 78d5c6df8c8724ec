"""One feature's part in a score: what it was, what it brought, and what it rests on."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["PAIR", "Cell", "Reason"]

ONE_IS_ENOUGH = ("any_of", "same_category")
PAIR = "interaction"  # kind of the reason that an unsplit term of several features makes


@dataclass(frozen=True, slots=True)
class Reason:
    """One feature: what it was for this candidate and job, and what it brought.

    Parameters
    ----------
    name, label, kind : str
        Column name, name in words, and kind in the task file.
    words : str
        The value in words, such as "3 of 5".
    value : float, str or None
        The value itself; ``None`` where it is missing.
    amount : float
        What it adds to the score, in score units.
    evidence : dict
        What the value rests on, such as the items matched and missing; JSON.
    shares : dict of str to float
        The amount, split over field paths; sums to ``amount``.
    labels : dict of str to str
        Names in words of the paths in ``shares``, ``base`` and ``sources``.
    sources : tuple of str
        Paths of the raw fields that the feature reads.
    subject : str
        The path that carries what no single entry earned.
    split_rule : str
        How amounts of this feature are split.
    unread : str
        What the record says where it could not be read, else empty.
    base : dict of str to float
        What the baseline holds instead, by field path, in score units.
    split : str
        How this amount was split: ``whole``, ``Shapley`` or ``Aumann-Shapley``.
    gains : dict of str to float
        What each missing thing that the job asks for would have brought, in score units: the score's
        change were it there, through this feature alone and with the whole of its interactions.
    """

    name: str
    label: str
    kind: str
    words: str
    value: float | str | None
    amount: float
    evidence: dict[str, Any]
    shares: dict[str, float]
    labels: dict[str, str]
    sources: tuple[str, ...]
    subject: str
    split_rule: str
    unread: str = ""
    base: dict[str, float] = field(default_factory=dict)
    split: str = "whole"
    gains: dict[str, float] = field(default_factory=dict)

    @property
    def relative(self) -> float:
        """The amount less the baseline's, in score units."""
        return self.amount - sum(self.base.values())

    @property
    def one_is_enough(self) -> bool:
        """Whether one of several things asked for is as good as all."""
        return self.kind in ONE_IS_ENOUGH

    @property
    def matched(self) -> tuple[str, ...]:
        """What the job asks for and the candidate has, in the candidate's words."""
        return tuple(self.evidence.get("matched", ()))

    @property
    def missing(self) -> tuple[str, ...]:
        """What the job asks for and the candidate lacks, in the job's words.

        Empty where one of several is enough and is there.
        """
        if self.matched and self.one_is_enough:
            return ()
        return tuple(self.evidence.get("missing", ()))

    @property
    def rest(self) -> float:
        """What no single entry earned, less the baseline's, in score units."""
        return self.shares.get(self.subject, 0.0) - self.base.get(self.subject, 0.0)

    @property
    def entries(self) -> tuple[tuple[str, float], ...]:
        """Label and share of each single entry of the record, less the baseline's."""
        paths = [p for p in {**self.shares, **self.base} if p not in self.sources and p != self.subject]
        return tuple((self.labels[p], self.shares.get(p, 0.0) - self.base.get(p, 0.0)) for p in paths)


@dataclass(frozen=True, slots=True)
class Cell:
    """Where the candidate falls in one term's table.

    Parameters
    ----------
    term : str
        Name of the term.
    features : tuple of str
        The features that it reads.
    bins : tuple of int
        Position along each axis of the table.
    spans : tuple of str
        What each position stands for: "2 <= x < 5", a category, "missing" or "unknown".
    amount : float
        What stands there, in score units.
    deviation : float or None
        Standard deviation of ``amount`` over the bags, in score units.
    """

    term: str
    features: tuple[str, ...]
    bins: tuple[int, ...]
    spans: tuple[str, ...]
    amount: float
    deviation: float | None
