"""An answer to "how firm is this place": for machines, and for the person in plain words."""

from dataclasses import dataclass
from typing import Any

from explain.words import clean, counted, first_up, listed
from ranker.features.feature import amount_text

__all__ = ["Nudge", "Sensitivity"]

UNSURE = (0.05, 0.95)  # a chance of the first k between these is no firm place, inside or outside


@dataclass(frozen=True, slots=True)
class Nudge:
    """One number, lowered and raised.

    Parameters
    ----------
    path, label, unit : str
        The field, its name in words, its unit.
    value : float
        The number.
    values : (float, float)
        Lowered and raised.
    ranks : (int, int)
        Rank with each, all others as they are.
    flips : bool
        Whether either changes membership in the first k.
    """

    path: str
    label: str
    unit: str
    value: float
    values: tuple[float, float]
    ranks: tuple[int, int]
    flips: bool


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How firm a candidate's place is.

    Parameters
    ----------
    job, candidate : str
        Labels.
    rank, pool_size : int
        As the score alone ranks the pool.
    top_k : int
        Length of the list.
    change : float
        Share by which numbers were lowered and raised.
    nudges : tuple of Nudge
        One for each number in the record.
    rank_interval : (int, int) or None
        Plausible ranks, by the bags; see :func:`~ranker.scoring.uncertainty.rank_uncertainty`.
        ``None`` where the scorer keeps no bags.
    p_top_k : float or None
        Chance of the first k, by the bags.
    """

    job: str
    candidate: str
    rank: int
    pool_size: int
    top_k: int
    change: float
    nudges: tuple[Nudge, ...]
    rank_interval: tuple[int, int] | None
    p_top_k: float | None

    @property
    def in_top(self) -> bool:
        """Whether the rank is among the first k."""
        return self.rank <= self.top_k

    @property
    def flipping(self) -> tuple[Nudge, ...]:
        """The numbers of which a little more or less changes membership in the first k."""
        return tuple(nudge for nudge in self.nudges if nudge.flips)

    @property
    def borderline(self) -> bool:
        """Whether a number flips membership, or the chance of the first k is neither small nor large."""
        unsure = self.p_top_k is not None and UNSURE[0] < self.p_top_k < UNSURE[1]
        return bool(self.flipping) or unsure

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON; it holds nothing about any other person."""
        return {
            "job": self.job,
            "candidate": self.candidate,
            "rank": self.rank,
            "pool_size": self.pool_size,
            "top_k": self.top_k,
            "in_top": self.in_top,
            "change": self.change,
            "borderline": self.borderline,
            "rank_interval": None if self.rank_interval is None else list(self.rank_interval),
            "p_top_k": self.p_top_k,
            "fields": [
                {
                    "path": nudge.path,
                    "value": nudge.value,
                    "lowered": {"value": nudge.values[0], "rank": nudge.ranks[0]},
                    "raised": {"value": nudge.values[1], "rank": nudge.ranks[1]},
                    "flips": nudge.flips,
                }
                for nudge in self.nudges
            ],
        }

    def to_text(self) -> str:
        """Say it to the candidate, in full sentences."""
        lines = [
            f"For job {self.job} you ({self.candidate}) are at rank {self.rank} of {self.pool_size:,}, "
            f"{'inside' if self.in_top else 'outside'} the first {self.top_k:,}."
        ]
        percent = f"{self.change:.0%}"
        for nudge in self.nudges:
            low, high = (amount_text(value, nudge.unit) for value in nudge.values)
            said = (
                f"- {first_up(nudge.label)}: with {low} ({percent} less) you would be at rank {nudge.ranks[0]}, "
                f"with {high} ({percent} more) at rank {nudge.ranks[1]}."
            )
            lines.append(said + (" That decides whether you are inside." if nudge.flips else ""))
        if not self.nudges:
            lines.append("Your record holds no number that is looked at.")
        if self.rank_interval is not None and self.p_top_k is not None:
            lines.append(
                f"Had the ranking learned from other data of the same kind, your rank would probably be between "
                f"{self.rank_interval[0]} and {self.rank_interval[1]}; you would be inside with a chance of "
                f"{self.p_top_k:.0%}."
            )
        lines.append(self._verdict())
        return "\n".join(clean(line) for line in lines)

    def _verdict(self) -> str:
        if not self.borderline:
            return "Your place is firm: none of this decides whether you are inside."
        if self.flipping:
            many = counted(len(self.flipping), "number") + (
                " decides" if len(self.flipping) == 1 else " decide"
            )
            names = listed(nudge.label for nudge in self.flipping)
            return f"This is a borderline case: a small change of {many} it ({names}). A person should look at it."
        return (
            "This is a borderline case: the data do not say firmly on which side of the line you belong. "
            "A person should look at it."
        )
