"""An attribution for the terminal: a line, a short list, and how exact it is."""

from explain.page import Bar, Block, Page, Row, Table
from explain.text.sentences import amount, how_exact, verdict
from explain.text.strongest import strongest_words
from explain.words import shortened
from ranker.text.attribution.result import TextAttribution

__all__ = ["attribution_page"]

N_WORDS = 10
LONGEST = 32


def attribution_page(attribution: TextAttribution) -> Page:
    """Return the strongest words as a short page."""
    found = strongest_words(attribution.words(), N_WORDS)
    rows = [
        Row(
            (
                shortened(word.label, LONGEST),
                amount(attribution, word.amount),
                Bar(word.amount, found.largest),
            )
        )
        for word in found.words
    ]
    if found.others:
        # Hundreds of words together would dwarf each of the strongest: their sum is told and not drawn.
        rows.append(
            Row((found.others.word, amount(attribution, found.others.amount), Bar(0.0, found.largest)))
        )
    blocks: list[Block] = []
    if rows:
        blocks.append(Table(("word", "amount", ""), tuple(rows), right=(1,)))
    blocks.append(how_exact(attribution))
    return Page(f"{attribution.label}, word by word", (verdict(attribution), *blocks), ())
