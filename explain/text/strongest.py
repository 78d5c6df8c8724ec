"""Which words of a text weigh most, each counted over all its places."""

from collections.abc import Iterable
from dataclasses import dataclass

from explain.words import clean, counted
from ranker.text.attribution.words import TokenAmount

__all__ = ["Strongest", "WordSum", "strongest_words"]


@dataclass(frozen=True, slots=True)
class WordSum:
    """A word and what it holds at all its places together.

    Parameters
    ----------
    word : str
        As first written; "Java" and "java" are one word.
    amount : float
        Sum over its places, in the units of the output.
    count : int
        How many places.
    """

    word: str
    amount: float
    count: int

    @property
    def label(self) -> str:
        """The word, and how often it stands there where that is more than once."""
        seen = self.word if clean(self.word).strip() else "(invisible)"
        return seen if self.count == 1 else f"{seen} ×{self.count}"


@dataclass(frozen=True, slots=True)
class Strongest:
    """The strongest words, and all others as one sum.

    Parameters
    ----------
    words : tuple of WordSum
        From the largest absolute amount to the smallest; equal ones in the text's order.
    others : WordSum or None
        All other words, told as "12 other words"; none where there are no others.
    """

    words: tuple[WordSum, ...]
    others: WordSum | None

    @property
    def largest(self) -> float:
        """The largest absolute amount of one word."""
        return max((abs(row.amount) for row in self.words), default=0.0)


def strongest_words(words: Iterable[TokenAmount], n: int) -> Strongest:
    """Pick the ``n`` strongest words; amounts of words and others sum to those of all.

    Parameters
    ----------
    words : iterable of TokenAmount
        In the text's order.
    n : int
        How many, at least 1.
    """
    found: dict[str, WordSum] = {}
    for word in words:
        key = word.text.casefold()
        known = found.get(key, WordSum(word.text, 0.0, 0))
        found[key] = WordSum(known.word, known.amount + word.amount, known.count + 1)
    ordered = sorted(found.values(), key=lambda row: -abs(row.amount))
    rest = ordered[n:]
    if not rest:
        return Strongest(tuple(ordered), None)
    others = WordSum(counted(len(rest), "other word"), sum(row.amount for row in rest), 1)
    return Strongest(tuple(ordered[:n]), others)
