"""The parts of a text that an amount is split over, called so that a person finds them."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ranker.text.attribution.result import TextAttribution, TokenAmount
from ranker.text.attribution.words import word_spans
from ranker.text.redaction import Redacted

__all__ = ["TextPart", "has_direction", "parts_of", "shares_of", "strongest_words"]

MOST_PARTS = 12  # named one by one; what the others hold is one part more
LONGEST = 60  # characters of a part's name
# A cosine that the text as a whole hardly moves says nothing about its words: to share a term in proportion
# to amounts that cancel would give each a large amount of rounding.
LEAST_MOVE, LEAST_SHARE = 1e-3, 0.05


@dataclass(frozen=True, slots=True)
class TextPart:
    """Some words of a text.

    Parameters
    ----------
    called : str
        ``"words 12-18: Spring Boot, microservices and AWS"``; words count from 1 in the text as written.
    amount : float
        What it holds in the cosine.
    n_tokens : int
    """

    called: str
    amount: float
    n_tokens: int


def parts_of(
    found: TextAttribution, redacted: Redacted, written: str, *, by: Literal["phrases", "words"]
) -> tuple[TextPart, ...]:
    """Name the strongest phrases or words, and all others together.

    Parameters
    ----------
    found : TextAttribution
        Of the redacted text.
    redacted : Redacted
        Which maps it to the written one.
    written : str
        The text as written, whose words are counted.
    by : {"phrases", "words"}

    Returns
    -------
    tuple of TextPart
        In the text's order, the others last; their amounts and tokens sum to the text's.
    """
    pieces = found.phrases() if by == "phrases" else found.words()
    n_tokens = _tokens_of(pieces, found.tokens)
    ranked = sorted(range(len(pieces)), key=lambda i: (-abs(pieces[i].amount), i))
    named = ranked if len(pieces) <= MOST_PARTS + 1 else ranked[:MOST_PARTS]
    words = word_spans(written)
    parts = [
        TextPart(_called(pieces[i], redacted, words), pieces[i].amount, n_tokens[i]) for i in sorted(named)
    ]
    if len(named) < len(pieces):
        others = ranked[len(named) :]
        parts.append(
            TextPart(
                f"the other {len(others)} {by}",
                sum(pieces[i].amount for i in others),
                sum(n_tokens[i] for i in others),
            )
        )
    return tuple(parts)


def has_direction(found: TextAttribution) -> bool:
    """Tell whether the text as a whole moves the output enough for its parts to share in proportion."""
    amounts = np.array([token.amount for token in found.tokens])
    return bool(abs(amounts.sum()) >= max(LEAST_MOVE, LEAST_SHARE * np.abs(amounts).sum()))


def shares_of(parts: tuple[TextPart, ...], total: float, found: TextAttribution) -> NDArray[np.float64]:
    """Share an amount in proportion to what parts hold, or by their tokens where these have no direction.

    Returns
    -------
    (n_parts,) float64 array
        Sums to ``total`` but for rounding; empty without parts.
    """
    if has_direction(found):
        sizes = np.array([part.amount for part in parts])
    else:
        sizes = np.array([part.n_tokens for part in parts], dtype=np.float64)
    return total * sizes / sizes.sum() if len(sizes) else sizes


def strongest_words(found: TextAttribution, most: int = MOST_PARTS) -> list[dict[str, Any]]:
    """Return the words that hold most in the cosine, either way, the strongest first; JSON."""
    words = [word for word in found.words() if any(letter.isalnum() for letter in word.text)]
    ranked = sorted(words, key=lambda word: (-abs(word.amount), word.start))[:most]
    return [{"word": _readable(word.text), "amount": word.amount} for word in ranked]


def _tokens_of(pieces: tuple[TokenAmount, ...], tokens: tuple[TokenAmount, ...]) -> list[int]:
    """Count the tokens of each piece; those between two belong to the one before."""
    starts, counts = [piece.start for piece in pieces], [0] * len(pieces)
    for token in tokens:
        counts[max(bisect_right(starts, token.start) - 1, 0)] += 1
    return counts


def _called(piece: TokenAmount, redacted: Redacted, words: tuple[tuple[int, int], ...]) -> str:
    start, end = redacted.span(piece.start, piece.end)
    first = bisect_right([stop for _, stop in words], start)
    last = bisect_left([begin for begin, _ in words], end) - 1
    numbers = f"word {first + 1}" if first >= last else f"words {first + 1}-{last + 1}"
    return f"{numbers}: {_readable(piece.text)}"


def _readable(text: str) -> str:
    """Write a part's text on one line, short, without brackets that could end a path."""
    # What was taken out leaves its comma behind; the stop of ".NET" stays.
    plain = re.sub(r"^[.,;:!? ]+ ", "", " ".join(text.translate(_PLAIN).split()))
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


_PLAIN = str.maketrans({"[": "(", "]": ")"})
