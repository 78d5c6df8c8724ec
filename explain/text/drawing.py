"""Where things stand in a bar plot of words, as an inline SVG needs it."""

from dataclasses import dataclass

from explain.text.strongest import Strongest
from explain.words import shortened

__all__ = ["BarRow", "WordPlot", "word_plot"]

# In the plot's own units, which are pixels where it is shown as wide as it is drawn: a telephone's width.
WIDTH, ROW, TOP = 420, 22, 6
LABEL_END, BARS_START, BARS_END = 148, 156, 352
LONGEST = 20


@dataclass(frozen=True, slots=True)
class BarRow:
    """One bar with its word.

    Parameters
    ----------
    label : str
    amount : float
        In the units of the output.
    y, x, width : float
        Its top, left end and width; 0 wide where the amount is told and not drawn.
    """

    label: str
    amount: float
    y: float
    x: float
    width: float

    @property
    def side(self) -> str:
        """``raises`` or ``lowers``."""
        return "lowers" if self.amount < 0 else "raises"


@dataclass(frozen=True, slots=True)
class WordPlot:
    """Bars to the right raise the output, bars to the left lower it; all to one scale.

    Parameters
    ----------
    rows : tuple of BarRow
    zero, height : float
        Where amounts of zero stand, and how high the plot is.
    """

    rows: tuple[BarRow, ...]
    zero: float
    height: float
    width: int = WIDTH
    label_end: int = LABEL_END


def word_plot(strongest: Strongest) -> WordPlot:
    """Lay out the strongest words; the sum of all others is written below them and not drawn."""
    amounts = [word.amount for word in strongest.words]
    least, most = min([0.0, *amounts]), max([0.0, *amounts])
    # Nothing to draw where every amount is zero: any scale will do.
    scale = (BARS_END - BARS_START) / ((most - least) or 1.0)
    zero = BARS_START - least * scale
    rows = [
        BarRow(
            shortened(word.label, LONGEST),
            word.amount,
            TOP + ROW * i,
            zero + min(word.amount, 0.0) * scale,
            abs(word.amount) * scale,
        )
        for i, word in enumerate(strongest.words)
    ]
    if strongest.others:
        # Hundreds of words together would dwarf each of the strongest.
        rows.append(BarRow(strongest.others.word, strongest.others.amount, TOP + ROW * len(rows), zero, 0.0))
    return WordPlot(tuple(rows), zero, 2 * TOP + ROW * len(rows))
