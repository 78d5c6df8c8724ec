"""Integrated Gradients of a text model's output, refined until they add up."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.errors import ModelError, UsageError, did_you_mean
from ranker.text.attribution.extra import load
from ranker.text.attribution.integration import Gradients, refined, window_path
from ranker.text.attribution.models import Baseline, TextModel, check_baseline
from ranker.text.attribution.pooling import output_of, probabilities
from ranker.text.attribution.result import TextAttribution, TokenAmount
from ranker.text.attribution.windows import model_windows

__all__ = ["attribute_text", "target_of"]

# Of the difference, and of the output's units: what "adds up" means.
RELATIVE_BOUND, ABSOLUTE_BOUND = 0.01, 1e-3
# Larger batches are not faster: 128 tokens through MiniLM, 50 steps, one thread, take 3.4 s at 128, 256 and 512 MiB.
MEMORY_BYTES = 2**28


def attribute_text(
    model: TextModel,
    text: str,
    *,
    target: int | str | None = None,
    baseline: Baseline = "mask",
    steps: int = 50,
    max_steps: int = 800,
    window_overlap: float = 0.25,
    memory_bytes: int = MEMORY_BYTES,
    progress: Callable[[int, int], None] | None = None,
) -> TextAttribution:
    """Share one output of a text model among the text's tokens.

    Each window's output is followed along the straight path from the baseline's input embeddings
    to the text's, and each token gets the integral of the output's slope in its own
    embedding, by Gauss-Legendre quadrature. Special tokens and prompt are the same at both ends and
    get nothing. Windows are pooled as :mod:`~.windows` says. Where the amounts do not sum to the
    difference within 1 % of it (at least 0.001), the path's part that is most off is halved, with as
    many steps in each half, until they do.

    Parameters
    ----------
    model : TextModel
    text : str
        Of any length; one without tokens gets a result without amounts.
    target : int or str, optional
        Label to explain, or its position; by default the one with the highest output.
    baseline : {"mask", "pad", "empty"}
        What replaces each of the text's tokens: the mask token (the unknown one where
        there is none), the padding token, or a vector of zeros.
    steps, max_steps : int
        Gradients per window at first, and at most. Halving a part adds ``steps``.
    window_overlap : float
        Least share of a window that the next one holds too, in [0, 1).
    memory_bytes : int
        Bound on what gradients that are computed at once take, beyond the model; a
        single one is always computed.
    progress : callable, optional
        Told how many gradients are done, of how many; the latter grows where a part is halved.

    Returns
    -------
    TextAttribution
        Its ``reached`` says whether the amounts add up within ``bound``.

    Raises
    ------
    UsageError
        If a library is not installed, or target, baseline, steps or overlap do not fit.
    ModelError
        If the model's output for the text is not finite.

    References
    ----------
    Sundararajan, Taly & Yan (2017), Axiomatic Attribution for Deep Networks, ICML.
    Kokhlikyan et al. (2020), Captum, arXiv:2009.07896.
    """
    check_baseline(baseline)
    if not 1 <= steps <= max_steps:
        raise UsageError(f"steps {steps} must be at least 1 and at most max_steps {max_steps}")
    wanted = None if target is None else target_of(model.labels, target)
    tokens = model.tokens(text)
    windows = model_windows(model, len(tokens.ids), window_overlap)
    paths = [window_path(model, tokens.ids[w.start : w.stop], baseline) for w in windows]
    weights = np.array([w.weight for w in windows])
    of_windows = np.array([_outputs(model, path.end) for path in paths])
    outputs = weights @ of_windows
    chosen = int(np.argmax(outputs)) if wanted is None else wanted
    baselines = np.array([_output(model, path.start, chosen) for path in paths])
    output, baseline_output = float(outputs[chosen]), float(weights @ baselines)
    if not (np.isfinite(outputs).all() and np.isfinite(baseline_output)):
        raise ModelError(f"{model.name} gives no finite output for this text: there is nothing to explain")
    bound = max(RELATIVE_BOUND * abs(output - baseline_output), ABSOLUTE_BOUND)
    amounts, used = np.zeros(len(tokens.ids)), 0
    if tokens.ids:
        ends = list(zip(baselines.tolist(), of_windows[:, chosen].tolist(), strict=True))
        gradients = Gradients(model, chosen, memory_bytes, progress)
        found, used = refined(
            gradients, paths, ends, weights.tolist(), bound=bound, steps=steps, max_steps=max_steps
        )
        for window, part in zip(windows, found, strict=True):
            amounts[window.start : window.stop] += window.weight * part
    delta = float(amounts.sum() - (output - baseline_output))
    return TextAttribution(
        text=text,
        model=model.name,
        labels=tuple(model.labels),
        outputs=tuple(outputs.tolist()),
        probabilities=tuple(probabilities(model, outputs).tolist()),
        target=chosen,
        baseline=baseline,
        baseline_token=_written(model, baseline),
        output=output,
        baseline_output=baseline_output,
        tokens=tuple(
            TokenAmount(text[start:end], start, end, amount)
            for (start, end), amount in zip(tokens.spans, amounts.tolist(), strict=True)
        ),
        delta=delta,
        bound=bound,
        reached=abs(delta) <= bound,
        steps=used,
        windows=tuple(_span(text, tokens.spans[w.start : w.stop]) for w in windows),
    )


def target_of(labels: Sequence[str], target: int | str) -> int:
    """Return a label's position.

    Raises
    ------
    UsageError
        If there is no such label or position.
    """
    if isinstance(target, str):
        if target not in labels:
            raise UsageError(f"the model has no label {target!r}{did_you_mean(target, labels)}")
        return list(labels).index(target)
    if not 0 <= target < len(labels):
        raise UsageError(f"the model has no label {target}: it has {len(labels)}, counted from 0")
    return int(target)


def _outputs(model: TextModel, embeds: Any) -> NDArray[np.float64]:
    torch = load("explaining a text", "torch")
    with torch.no_grad():
        mask = torch.ones(embeds.shape[:2], dtype=torch.long, device=embeds.device)
        return np.asarray(model.outputs(embeds, mask)[0].double().cpu().numpy())


def _output(model: TextModel, embeds: Any, target: int) -> float:
    torch = load("explaining a text", "torch")
    with torch.no_grad():
        mask = torch.ones(embeds.shape[:2], dtype=torch.long, device=embeds.device)
        return float(output_of(model, embeds, mask, target)[0])


def _written(model: TextModel, baseline: Baseline) -> str:
    token, tokenizer = model.baseline_ids(baseline), getattr(model, "tokenizer", None)
    if token is None or tokenizer is None:
        return ""
    return str(tokenizer.convert_ids_to_tokens(token))


def _span(text: str, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return (spans[0][0], spans[-1][1]) if spans else (0, len(text))
