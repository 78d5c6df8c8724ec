"""Tokens merged to what people read: words, and the lines, bullets and clauses of a résumé."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

__all__ = ["TokenAmount", "merged", "phrase_spans", "word_spans"]

Span = tuple[int, int]

# Thai, Lao, Burmese, Khmer, kana, Han: written without spaces, so that each character is cut out
# and characters that share a token come together again in merged().
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_BREAKS = r"\s,;|/()\[\]{}<>\"“”„«»•●▪◦‣∙·–—、。,;!?:「」"
# By what ends a word and not by \w, which Devanagari's vowel signs are not part of.
_WORD = re.compile(f"[{_UNSPACED}]|[^{_BREAKS}{_UNSPACED}]+")
_BEFORE, _AFTER = "*'‘’`-_=~:!?+#", "*'‘’`-_=~:!?."

# A full stop ends a clause only after three letters, else "Sr. Developer" and "e.g. Java" would be cut.
_CLAUSE = re.compile(
    r"[\n\r\t\v\f]+|[•●▪◦‣∙·|]|(?<=\s)[*–—-](?=\s)|^[*–—-](?=\s)|[、。,;!?:]"
    r"|(?<=\w{3})\.(?=\s)|[,;:!?](?=\s)"
)


@dataclass(frozen=True, slots=True)
class TokenAmount:
    """A piece of a text and what it holds in an output.

    Parameters
    ----------
    text : str
        As written.
    start, end : int
        Where it stands, in characters. Tokens may share a place: the bytes of one letter.
    amount : float
        In the units of the output.
    """

    text: str
    start: int
    end: int
    amount: float


def word_spans(text: str) -> tuple[Span, ...]:
    """Cut a text into words: ``C++``, ``node.js`` and ``full-stack`` are one, ``CI/CD`` is two."""
    spans = []
    for found in _WORD.finditer(text):
        word = found.group().rstrip(_AFTER)
        start = found.start() + len(word) - len(word.lstrip(_BEFORE))
        if start < found.start() + len(word):
            spans.append((start, found.start() + len(word)))
    return tuple(spans)


def phrase_spans(text: str) -> tuple[Span, ...]:
    """Cut a text at line ends, bullets and the marks between clauses, which no phrase includes."""
    ends = [(found.start(), found.end()) for found in _CLAUSE.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    spans = (_trimmed(text, start, stop) for start, stop in zip(starts, stops, strict=True))
    # A bare number or mark between two cuts is no phrase of its own: it goes to the one before.
    return tuple((start, stop) for start, stop in spans if any(c.isalnum() for c in text[start:stop]))


def merged(text: str, tokens: Sequence[TokenAmount], spans: Iterable[Span]) -> tuple[TokenAmount, ...]:
    """Add tokens up over spans of the text.

    A token goes to the spans that it overlaps, which become one where they are several; a token
    between spans (punctuation, space, a token that writes nothing) goes to the span before it,
    at the start to the first. Nothing is lost: the amounts' sum stays the same.

    Parameters
    ----------
    text : str
    tokens : sequence of TokenAmount
        In the text's order.
    spans : iterable of (int, int)
        Disjoint, in the text's order.

    Returns
    -------
    tuple of TokenAmount
        Only spans that hold a token.
    """
    cuts = list(spans) or [_trimmed(text, 0, len(text))]
    starts = [start for start, _ in cuts]
    groups: list[tuple[int, int, float]] = []
    for token in tokens:
        first, last = _touched(cuts, starts, token)
        if groups and first <= groups[-1][1]:
            first, before, amount = groups.pop()
            groups.append((first, max(before, last), amount + token.amount))
        else:
            groups.append((first, last, token.amount))
    return tuple(
        TokenAmount(text[cuts[first][0] : cuts[last][1]], cuts[first][0], cuts[last][1], amount)
        for first, last, amount in groups
    )


def _touched(cuts: list[Span], starts: list[int], token: TokenAmount) -> tuple[int, int]:
    before = max(bisect_right(starts, token.start) - 1, 0)
    last = max(bisect_right(starts, max(token.end - 1, token.start)) - 1, 0)
    first = before if token.start < cuts[before][1] else min(before + 1, last)
    return first, last


def _trimmed(text: str, start: int, stop: int) -> Span:
    inside = text[start:stop]
    if not inside.strip():
        return start, stop
    return start + len(inside) - len(inside.lstrip()), start + len(inside.rstrip())
