"""The path integrals of one text's windows, refined together until their pooled sum is right.

An integral along a path is the sum of those along its parts, and each part's error is known: its
amounts must sum to what the output moves by between its ends. So the part that is most off is halved,
again and again, where doubling the steps everywhere would waste most of them. On a tiny Gemma-shaped
classifier with a baseline of zeros, where a root mean square norm makes the output jump at the very start,
800 steps spread over the whole path miss the difference by 2.1 %, 450 placed so by 0.3 %.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.text.attribution.extra import load
from ranker.text.attribution.memory import rows_within
from ranker.text.attribution.models import Baseline, TextModel
from ranker.text.attribution.pooling import output_of

__all__ = ["Gradients", "Part", "Path", "refined", "window_path"]


@dataclass(frozen=True, slots=True)
class Path:
    """A straight line from the baseline's input embeddings to one window's, or a part of it.

    Parameters
    ----------
    start, end : Tensor of shape (1, n, d)
        They differ at the text's own tokens alone.
    own : list of int
        Positions of these.
    """

    start: Any
    end: Any
    own: list[int]


@dataclass(frozen=True, slots=True)
class Part:
    """An integrated path.

    Parameters
    ----------
    window : int
        Whose path it is part of.
    path : Path
    outputs : (float, float)
        Of the explained label, at both ends.
    amounts : ndarray of shape (n_own,)
        Integral of the slope in each own token's embedding.
    """

    window: int
    path: Path
    outputs: tuple[float, float]
    amounts: NDArray[np.float64]

    @property
    def error(self) -> float:
        """Sum of the amounts minus what the output moved by."""
        return float(self.amounts.sum()) - (self.outputs[1] - self.outputs[0])


def window_path(model: TextModel, ids: Sequence[int], baseline: Baseline) -> Path:
    """Return the path of one window, given its own tokens."""
    torch = load("explaining a text", "torch")
    wrapped = model.wrap(list(ids))
    own, token = list(wrapped.own), model.baseline_ids(baseline)
    with torch.no_grad():
        end = model.embed(torch.tensor([wrapped.ids], dtype=torch.long)).detach()
        start = end.clone()
        if own:
            start[:, own] = 0.0 if token is None else model.embed(torch.tensor([[token]])).detach()
    return Path(start, end, own)


@dataclass(slots=True)
class Gradients:
    """Integrates one output, within memory, and tells how far it is.

    Parameters
    ----------
    model : TextModel
    target : int
        Position of the output's label.
    memory_bytes : int
        Bound on the gradients that are computed at once.
    progress : callable, optional
        Told how many gradients are done, of how many are known to be needed.
    """

    model: TextModel
    target: int
    memory_bytes: int
    progress: Callable[[int, int], None] | None
    of: int = 0
    _done: int = 0
    _rows: dict[int, int] = field(default_factory=dict)

    def integrate(self, window: int, path: Path, outputs: tuple[float, float], steps: int) -> Part:
        """Integrate along one path, by Gauss-Legendre quadrature of ``steps`` points."""
        captum: Any = load("explaining a text", "captum.attr")
        length = path.end.shape[1]
        if length not in self._rows:
            self._rows[length] = rows_within(self.memory_bytes, self._outputs, path.end)
        found = captum.IntegratedGradients(self._counted).attribute(
            path.end,
            path.start,
            n_steps=steps,
            method="gausslegendre",
            internal_batch_size=min(self._rows[length], steps),
        )
        amounts = found[0, path.own].detach().double().sum(1).cpu().numpy()
        return Part(window, path, outputs, np.asarray(amounts))

    def halves(self, part: Part, steps: int) -> tuple[Part, Part]:
        """Integrate along both halves of a part."""
        torch = load("explaining a text", "torch")
        path = part.path
        with torch.no_grad():
            middle = (path.start + path.end) / 2
            output = float(self._outputs(middle)[0])
        first, second = (part.outputs[0], output), (output, part.outputs[1])
        return (
            self.integrate(part.window, Path(path.start, middle, path.own), first, steps),
            self.integrate(part.window, Path(middle, path.end, path.own), second, steps),
        )

    def _outputs(self, embeds: Any) -> Any:
        torch = load("explaining a text", "torch")
        mask = torch.ones(embeds.shape[:2], dtype=torch.long, device=embeds.device)
        return output_of(self.model, embeds, mask, self.target)

    def _counted(self, embeds: Any) -> Any:
        found = self._outputs(embeds)
        self._done += len(embeds)
        if self.progress is not None:
            self.progress(self._done, self.of)
        return found


def refined(
    gradients: Gradients,
    paths: Sequence[Path],
    outputs: Sequence[tuple[float, float]],
    weights: Sequence[float],
    *,
    bound: float,
    steps: int,
    max_steps: int,
) -> tuple[list[NDArray[np.float64]], int]:
    """Integrate windows' paths, and halve the part that is most off until the weighted sum is right.

    Parameters
    ----------
    gradients : Gradients
    paths, outputs, weights : sequence
        Of each window: path, output at both ends, weight in the pooled output.
    bound : float
        Largest error of the pooled sum.
    steps : int
        Points of the quadrature on each path, and then on each part.
    max_steps : int
        Most points of all parts of one path.

    Returns
    -------
    amounts : list of ndarray of shape (n_own,)
        Of each window's own tokens.
    steps : int
        Points of all parts, in the window that took most.
    """
    gradients.of += steps * len(paths)
    parts = [
        gradients.integrate(i, path, ends, steps)
        for i, (path, ends) in enumerate(zip(paths, outputs, strict=True))
    ]
    used = [steps] * len(paths)
    while abs(sum(weights[part.window] * part.error for part in parts)) > bound:
        left = [part for part in parts if used[part.window] + steps <= max_steps]
        if not left:
            break
        worst = max(left, key=lambda part: abs(weights[part.window] * part.error))
        gradients.of += 2 * steps
        used[worst.window] += steps
        parts = [part for part in parts if part is not worst] + list(gradients.halves(worst, steps))
    amounts = [np.zeros(len(path.own)) for path in paths]
    for part in parts:
        amounts[part.window] += part.amounts
    return amounts, max(used)
