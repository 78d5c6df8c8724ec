"""An answer to "what would have to change": for machines, and for the person in plain words."""

from dataclasses import dataclass
from typing import Any

from explain.change.changes import Change
from explain.words import clean, first_up, listed, number

__all__ = ["Alternative", "Counterfactual"]

LEAST = "Nothing that costs less does it"
LEAST_APART = "Of the ways that leave out something of each answer above, none costs less"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One set of changes, checked by ranking the changed record.

    Parameters
    ----------
    changes : tuple of Change
        What to change.
    cost : float
        Sum of their costs.
    rank, score : int, float
        What the whole pipeline gives the changed record.
    optimal : bool
        Whether no cheaper set of the allowed changes does it; proven. Of a second answer: none
        that leaves out something of each answer before it.
    """

    changes: tuple[Change, ...]
    cost: float
    rank: int
    score: float
    optimal: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "rank_after": self.rank,
            "score_after": self.score,
            "cost": self.cost,
            "optimal": self.optimal,
            "changes": [change.to_json() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The cheapest change of a record that brings a goal, all other records as they are.

    Parameters
    ----------
    job, candidate : str
        Labels.
    goal : str
        As the end of "You would ...".
    rank_before, score_before : int, float
        As the score alone ranks the pool.
    pool_size : int
        Candidates of the job.
    possible : bool
        Whether the allowed actions bring it.
    answers : tuple of Alternative
        The cheapest first; one at least. Where the goal is not possible, the cheapest way to
        the best rank that is.
    """

    job: str
    candidate: str
    goal: str
    rank_before: int
    score_before: float
    pool_size: int
    possible: bool
    answers: tuple[Alternative, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the cheapest answer changes."""
        return self.answers[0].changes

    @property
    def cost(self) -> float:
        """What the cheapest answer costs."""
        return self.answers[0].cost

    @property
    def optimal(self) -> bool:
        """Whether the first answer is proven the cheapest."""
        return self.answers[0].optimal

    @property
    def rank_after(self) -> int:
        """Rank of the changed record."""
        return self.answers[0].rank

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON; it holds nothing about any other person."""
        return {
            "job": self.job,
            "candidate": self.candidate,
            "goal": self.goal,
            "pool_size": self.pool_size,
            "rank_before": self.rank_before,
            "score_before": self.score_before,
            "possible": self.possible,
            **self.answers[0].to_json(),
            "alternatives": [answer.to_json() for answer in self.answers[1:]],
        }

    def to_text(self) -> str:
        """Say it to the candidate, in full sentences and without a word about anybody else."""
        lines = [
            f"For job {self.job} you ({self.candidate}) are at rank {self.rank_before} of {self.pool_size:,}; "
            "rank 1 is the best."
        ]
        first = self.answers[0]
        if self.possible and not first.changes:
            lines.append(f"Nothing has to change for you to {self.goal}.")
        elif self.possible:
            lines += [f"You would {self.goal} if you did this:", *_steps(first), _outcome(first, LEAST)]
        else:
            lines.append(f"No change that is counted as possible here would let you {self.goal}.")
            if first.changes:
                lines += [
                    "The best rank that such changes can bring comes from these:",
                    *_steps(first),
                    _outcome(first, LEAST),
                ]
            else:
                lines.append("None of these changes would bring you a better rank either.")
        for answer in self.answers[1:]:
            lines += ["Instead, you could do this:", *_steps(answer), _outcome(answer, LEAST_APART)]
        lines.append(
            "This holds if everything else stays as it is, other applications too. It is what the ranking would "
            "do with a record that truly says so; it is no promise that it will."
        )
        return "\n".join(clean(line) for line in lines)


def _steps(answer: Alternative) -> list[str]:
    """Say each change; what is added to one list is said together."""
    lines: dict[str, list[str]] = {}
    for change in answer.changes:
        start = f"add {change.after} "
        added = change.before is None and change.words.startswith(start)
        lines.setdefault(change.words.removeprefix(start) if added else change.words, []).extend(
            [str(change.after)] if added else []
        )
    return [
        f"- {first_up(f'add {listed(items)} {words}' if items else words)}." for words, items in lines.items()
    ]


def _outcome(answer: Alternative, least: str) -> str:
    which = least if answer.optimal else "There may be a way that takes less"
    return f"You would then be at rank {answer.rank}. {which}. The cost is counted as {number(answer.cost)}."
