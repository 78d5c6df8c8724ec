"""Long texts in overlapping windows, and what each weighs when their outputs are pooled.

A text of ``n`` tokens is cut into the fewest windows of equal length that overlap by at least the
asked share, spread evenly from the first token to the last. The text's output is the mean of the
windows' outputs, each weighted by the number of tokens that no window before it holds: every token
counts once. The mean is linear, so that amounts summed with the same weights are complete for the
pooled output whenever they are complete for each window's.
"""

import math
from dataclasses import dataclass

from ranker.errors import UsageError
from ranker.text.attribution.models import TextModel

__all__ = ["Window", "cut_windows", "model_windows"]


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens ``start .. stop - 1`` of a text and the weight of what the model says of them.

    Parameters
    ----------
    start, stop : int
        Positions of tokens.
    weight : float
        Tokens that no window before holds, over all of the text's; weights sum to 1.
    """

    start: int
    stop: int
    weight: float


def cut_windows(n_tokens: int, size: int, overlap: float = 0.25) -> tuple[Window, ...]:
    """Cut ``n_tokens`` into windows.

    Parameters
    ----------
    n_tokens : int
        Of the text; none give one empty window.
    size : int
        Longest window in the text's own tokens, at least 1.
    overlap : float
        Least share of a window that the next one holds too, in [0, 1).

    Raises
    ------
    UsageError
        If ``size`` or ``overlap`` is out of range.
    """
    if size < 1:
        raise UsageError(f"a window of {size} tokens holds no text: give a larger max_tokens")
    if not 0 <= overlap < 1:
        raise UsageError(f"window_overlap {overlap:g} must be at least 0 and less than 1")
    if n_tokens <= size:
        return (Window(0, n_tokens, 1.0),)
    step = max(1, math.floor(size * (1 - overlap)))
    n_gaps = math.ceil((n_tokens - size) / step)
    starts = [round(i * (n_tokens - size) / n_gaps) for i in range(n_gaps + 1)]
    out, held = [], 0
    for start in starts:
        out.append(Window(start, start + size, (start + size - held) / n_tokens))
        held = start + size
    return tuple(out)


def model_windows(model: TextModel, n_tokens: int, overlap: float = 0.25) -> tuple[Window, ...]:
    """Cut ``n_tokens`` into windows that fit a model together with its special tokens or prompt.

    Raises
    ------
    UsageError
        If these leave no room, or ``overlap`` is out of range.
    """
    around = len(model.wrap([]).ids)
    if model.max_tokens <= around:
        raise UsageError(
            f"{model.name}: special tokens and prompt take {around} of {model.max_tokens} tokens, which "
            "leaves none for the text: shorten the prompt or raise max_tokens"
        )
    return cut_windows(n_tokens, model.max_tokens - around, overlap)
