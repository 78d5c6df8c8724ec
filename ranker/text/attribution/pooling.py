"""Outputs of whole texts: the mean of their windows', weighted as :mod:`~.windows` says."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.text.attribution.extra import load
from ranker.text.attribution.models import TextModel
from ranker.text.attribution.windows import model_windows

__all__ = ["output_of", "pooled_outputs", "probabilities"]


def pooled_outputs(
    model: TextModel, texts: Sequence[str], *, window_overlap: float = 0.25, batch_tokens: int = 8192
) -> NDArray[np.float64]:
    """Return the outputs of whole texts, as :func:`~.gradients.attribute_text` pools them.

    Parameters
    ----------
    model : TextModel
    texts : sequence of str
        ``n`` of them; one without tokens is read as an empty window.
    window_overlap : float
        Least share of a window that the next one holds too, in [0, 1).
    batch_tokens : int
        Tokens read at once.

    Returns
    -------
    ndarray of shape (n, n_labels)
        Logits, or log-probabilities of answers.

    Raises
    ------
    UsageError
        If torch is not installed, or a window has no room for text.
    """
    torch = load("reading a text", "torch")
    out = np.zeros((len(texts), len(model.labels)))
    # Windows of one length stand together, so that none is filled up.
    by_length: dict[int, list[tuple[int, float, tuple[int, ...]]]] = defaultdict(list)
    for row, text in enumerate(texts):
        ids = model.tokens(text).ids
        for window in model_windows(model, len(ids), window_overlap):
            wrapped = model.wrap(list(ids[window.start : window.stop])).ids
            by_length[len(wrapped)].append((row, window.weight, wrapped))
    for length, rows in sorted(by_length.items()):
        at_once = max(1, batch_tokens // max(length, 1))
        for start in range(0, len(rows), at_once):
            part = rows[start : start + at_once]
            ids_of_part = torch.tensor([ids for _, _, ids in part])
            with torch.no_grad():
                found = model.outputs(model.embed(ids_of_part), torch.ones_like(ids_of_part))
            for (row, weight, _), values in zip(part, found.double().cpu().numpy(), strict=True):
                out[row] += weight * values
    return out


def probabilities(model: TextModel, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn outputs (..., n_labels) into probabilities: over the labels, or of each by itself."""
    if getattr(model, "activation", "softmax") == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-np.clip(outputs, -700, 700))))
    shifted = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def output_of(model: TextModel, embeds: Any, mask: Any, target: int) -> Any:
    """Return one output alone, (b,), by the model's own shorter way where it has one."""
    own = getattr(model, "output", None)
    return model.outputs(embeds, mask)[:, target] if own is None else own(embeds, mask, target)
