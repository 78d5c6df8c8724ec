"""What any transformers tokenizer is asked for here: tokens with spans, what stands around, baselines."""

from typing import Any

from ranker.errors import ModelError, UsageError
from ranker.text.attribution.models import Baseline, Tokens, check_baseline

__all__ = ["around", "baseline_id", "text_tokens"]


def text_tokens(tokenizer: Any, text: str) -> Tokens:
    """Cut a whole text into tokens, without special ones and without a limit.

    Special tokens that the text itself writes out (``[SEP]``, ``</s>``) are read as text:
    a résumé must not be able to end its own window.

    Raises
    ------
    ModelError
        If the tokenizer cannot say where its tokens stand.
    """
    if not getattr(tokenizer, "is_fast", False):
        raise ModelError(
            f"the tokenizer {type(tokenizer).__name__} does not say where its tokens stand in the text: "
            "the model's directory needs a tokenizer.json"
        )
    # verbose: a text longer than one window is meant to be.
    found = tokenizer(
        text,
        add_special_tokens=False,
        return_offsets_mapping=True,
        split_special_tokens=True,
        truncation=False,
        verbose=False,
    )
    spans = tuple((int(start), int(end)) for start, end in found["offset_mapping"])
    return Tokens(tuple(int(i) for i in found["input_ids"]), spans)


def around(tokenizer: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the special tokens that the tokenizer puts before and after a text."""
    bare = list(tokenizer("a", add_special_tokens=False)["input_ids"])
    full = list(tokenizer("a", add_special_tokens=True)["input_ids"])
    for start in range(len(full) - len(bare) + 1):
        if full[start : start + len(bare)] == bare:
            return tuple(full[:start]), tuple(full[start + len(bare) :])
    raise ModelError(
        f"the tokenizer {type(tokenizer).__name__} cuts a text otherwise when special tokens stand around it: "
        "its tokens cannot be told apart"
    )


def baseline_id(tokenizer: Any, how: Baseline) -> int | None:
    """Return the token that stands for "no word here"; None for a vector of zeros.

    ``mask`` falls back to the unknown token, then to the padding token, where a model was not
    trained with a mask (decoders are not); the result names the token that was used.

    Raises
    ------
    UsageError
        If ``how`` is not known or the tokenizer has no such token.
    """
    check_baseline(how)
    if how == "empty":
        return None
    kinds = ("mask", "unk", "pad") if how == "mask" else ("pad",)
    for kind in kinds:
        found = getattr(tokenizer, f"{kind}_token_id", None)
        if found is not None:
            return int(found)
    raise UsageError(f"the model's tokenizer has no {' or '.join(kinds)} token: take the baseline 'empty'")
