"""Other ways to say which words matter, to be held against Integrated Gradients.

All of them explain the same number as :func:`~.gradients.attribute_text`, one label's output pooled
over the same windows, and share it among the same words. None of them adds up to it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.linear_model import Ridge

from ranker.errors import UsageError
from ranker.text.attribution.extra import load
from ranker.text.attribution.masking import MaskableText, Part
from ranker.text.attribution.pooling import output_of
from ranker.text.attribution.words import TokenAmount

__all__ = ["attention", "gradient_times_input", "lime", "occlusion"]

# The defaults of the library lime 0.2 for texts.
KERNEL_WIDTH, RIDGE = 25.0, 1.0


def occlusion(text: MaskableText, target: int) -> tuple[TokenAmount, ...]:
    """Give each word what the output loses when that word alone is replaced by the baseline.

    Parameters
    ----------
    text : MaskableText
    target : int
        Position of the label.

    Returns
    -------
    tuple of TokenAmount
        One per word, in the units of the output.

    References
    ----------
    Zeiler & Fergus (2014), Visualizing and Understanding Convolutional Networks, ECCV; captum's
    FeatureAblation.
    """
    torch: Any = load("explaining a text", "torch")
    captum: Any = load("explaining a text", "captum.attr")
    amounts = np.zeros(len(text.words))
    for part in text.parts:
        if not len(part.own):
            continue
        # Special tokens and prompt form one more feature, which its baseline leaves as it is.
        inside, number = np.unique(part.word, return_inverse=True)
        feature = torch.full((1, part.written.shape[1], 1), len(inside))
        feature[0, part.own, 0] = torch.from_numpy(number)
        found = captum.FeatureAblation(_forward(text, target, part)).attribute(
            part.written,
            part.masked,
            feature_mask=feature.to(part.written.device),
            perturbations_per_eval=part.at_once,
        )
        # Every number of a word's embeddings is given the whole word's amount.
        _, first = np.unique(number, return_index=True)
        amounts[inside] += part.weight * found[0, part.own[first], 0].double().cpu().numpy()
    return text.with_amounts(amounts)


def gradient_times_input(text: MaskableText, target: int) -> tuple[TokenAmount, ...]:
    """Give each word its tokens' embeddings times the output's slope in them, at the text itself.

    Parameters, returns: as for :func:`occlusion`.

    References
    ----------
    Shrikumar et al. (2016), Not Just a Black Box, arXiv:1605.01713; captum's InputXGradient.
    """
    captum: Any = load("explaining a text", "captum.attr")
    amounts = np.zeros(len(text.words))
    for part in text.parts:
        at = part.written.clone().requires_grad_(True)
        found = captum.InputXGradient(_forward(text, target, part)).attribute(at)
        tokens = found[0, part.own].double().sum(1).detach().cpu().numpy()
        np.add.at(amounts, part.word, part.weight * tokens)
    return text.with_amounts(amounts)


def attention(text: MaskableText, target: int) -> tuple[TokenAmount, ...]:
    """Give each word the attention that its tokens get; it has no sign and knows of no label.

    The mean over layers and heads, from all positions; from the last one in decoders, whose
    earlier positions cannot see what follows them.

    Parameters, returns: as for :func:`occlusion`, in shares of the attention.

    Raises
    ------
    UsageError
        If the model is no transformer that gives its attention.

    References
    ----------
    Jain & Wallace (2019), Attention is not Explanation, NAACL.
    """
    torch: Any = load("explaining a text", "torch")
    module: Any = getattr(text.model, "module", None)
    if module is None:
        module = getattr(getattr(text.model, "encoder", None), "module", None)
    if not hasattr(module, "config"):
        raise UsageError(f"{text.model.name} is no transformer: it has no attention to show")
    amounts = np.zeros(len(text.words))
    with _eager(module), torch.no_grad():
        for part in text.parts:
            found = module(
                inputs_embeds=part.written, attention_mask=part.ones(), output_attentions=True
            ).attentions
            if not found or found[0] is None:
                raise UsageError(f"{text.model.name} does not give its attention")
            matrix = torch.stack([layer[0].double().mean(0) for layer in found]).mean(0).cpu().numpy()
            gets = matrix.mean(0) if np.triu(matrix, 1).any() else matrix[-1]
            np.add.at(amounts, part.word, part.weight * gets[part.own])
    return text.with_amounts(amounts)


def lime(
    text: MaskableText, target: int, *, n_samples: int = 1000, random_state: int = 0
) -> tuple[TokenAmount, ...]:
    """Give each word its weight in a linear model of the output near the text.

    Texts with a random part of the words replaced by the baseline are read, each weighted by how like
    the whole text it is, and a ridge regression on which words stayed is fitted to the outputs.

    Parameters
    ----------
    text : MaskableText
    target : int
        Position of the label.
    n_samples : int
        Texts read, the whole one among them; at least 2.
    random_state : int

    Returns
    -------
    tuple of TokenAmount
        One per word, in the units of the output.

    Raises
    ------
    UsageError
        If ``n_samples`` is less than 2.

    References
    ----------
    Ribeiro, Singh & Guestrin (2016), "Why Should I Trust You?", KDD. Sampling, kernel and ridge as
    in the authors' library, without a choice of few words.
    """
    if n_samples < 2:
        raise UsageError(f"n_samples {n_samples} must be at least 2: a line needs two points")
    n_words = len(text.words)
    if not n_words:
        return ()
    rng = np.random.default_rng(random_state)
    kept = np.ones((n_samples, n_words), dtype=bool)
    for row in kept[1:]:
        row[rng.choice(n_words, rng.integers(1, n_words + 1), replace=False)] = False
    # The cosine of a row and the whole text's ones is the root of the share that stays.
    distance = 100 * (1 - np.sqrt(kept.mean(1)))
    weight = np.sqrt(np.exp(-((distance / KERNEL_WIDTH) ** 2)))
    line = Ridge(alpha=RIDGE).fit(kept.astype(float), text.outputs(kept)[:, target], sample_weight=weight)
    return text.with_amounts(np.asarray(line.coef_, dtype=float))


def _forward(text: MaskableText, target: int, part: Part) -> Any:
    return lambda embeds: output_of(text.model, embeds, part.ones(len(embeds)), target)


@contextmanager
def _eager(module: Any) -> Iterator[None]:
    """Let a model compute its attention step by step: the fast ways never hold the matrix."""
    usual = getattr(module.config, "_attn_implementation", None)
    if not hasattr(module, "set_attn_implementation"):  # transformers before 4.53 do so when asked for it
        yield
        return
    module.set_attn_implementation("eager")
    try:
        yield
    finally:
        module.set_attn_implementation(usual)
