"""Any transformers sequence classifier as a text model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ranker.errors import ModelError, UsageError
from ranker.text.attribution.extra import load
from ranker.text.attribution.loading import load_model, quiet
from ranker.text.attribution.models import Baseline, Tokens, Wrapped
from ranker.text.attribution.tokenizing import around, baseline_id, text_tokens

__all__ = ["SequenceClassifier", "check_embeddings_suffice", "context_length"]

# Classifiers are rarely trained on longer texts, and attention costs the square of the length.
MAX_TOKENS = 512


class SequenceClassifier:
    """A transformers model with a classification head: BERT's kind, Gemma's, any other.

    Parameters
    ----------
    source : str or Path
        A directory with ``config.json``, ``tokenizer.json`` and ``model.safetensors``, or a
        name on the Hugging Face hub.
    labels : sequence of str, optional
        Names of the outputs, in their order, where the model's own say nothing
        (``LABEL_0``) or an adapter does not bring any.
    max_tokens : int, optional
        Longest window, special tokens included. By default what the model can read, at
        most 512.

    Attributes
    ----------
    labels : tuple of str
        As given, else as the model's ``config.json`` names them.
    activation : {"softmax", "sigmoid"}
        Sigmoid where labels do not exclude each other, or there is but one.

    Raises
    ------
    UsageError
        If a library is not installed, the model gives no labels, or ``max_tokens`` is
        more than it can read.
    ModelError
        If the files cannot be read, hold no classification head, or the model reads more
        than its input embeddings.
    """

    def __init__(
        self, source: str | Path, *, labels: Sequence[str] | None = None, max_tokens: int | None = None
    ) -> None:
        self.name = str(source)
        options = {} if labels is None else {"num_labels": len(labels)}
        self.module, self.tokenizer = load_model(
            "AutoModelForSequenceClassification", source, "classification head", **options
        )
        config = self.module.config
        if config.problem_type == "regression":
            raise UsageError(f"{self.name} gives a number, not labels: only classifiers are explained")
        if getattr(config, "is_encoder_decoder", False):
            raise UsageError(f"{self.name} reads texts twice, in an encoder and a decoder: not supported")
        named = tuple(str(config.id2label[i]) for i in range(config.num_labels))
        self.labels = named if labels is None else tuple(labels)
        several = config.problem_type == "multi_label_classification" or config.num_labels == 1
        self.activation = "sigmoid" if several else "softmax"
        self.max_tokens = _window(self.name, max_tokens, context_length(self.module, self.tokenizer))
        if config.get_text_config().pad_token_id is None:
            # Decoders refuse batches without one; nothing is ever padded with it here.
            config.get_text_config().pad_token_id = 0
        self._before, self._after = around(self.tokenizer)
        check_embeddings_suffice(self)

    def tokens(self, text: str) -> Tokens:
        """See :class:`TextModel`."""
        return text_tokens(self.tokenizer, text)

    def wrap(self, ids: list[int]) -> Wrapped:
        """See :class:`TextModel`."""
        start = len(self._before)
        return Wrapped((*self._before, *ids, *self._after), tuple(range(start, start + len(ids))))

    def embed(self, ids: Any) -> Any:
        """See :class:`TextModel`."""
        return self.module.get_input_embeddings()(ids.to(self.module.device))

    def outputs(self, embeds: Any, mask: Any) -> Any:
        """Return the logits, (b, n_labels); see :class:`TextModel`."""
        torch = load("explaining a text", "torch")
        lengths = mask.sum(1).tolist()
        if min(lengths) == embeds.shape[1]:
            return self._logits(embeds, mask)
        # Decoders classify by the last position and cannot see in embeddings where a text ends:
        # rows that are filled up are read alone, without the filling.
        rows = [
            self._logits(embeds[i : i + 1, :n], mask[i : i + 1, :n]) for i, n in enumerate(map(int, lengths))
        ]
        return torch.cat(rows)

    def baseline_ids(self, how: Baseline) -> int | None:
        """See :class:`TextModel`."""
        return baseline_id(self.tokenizer, how)

    def _logits(self, embeds: Any, mask: Any) -> Any:
        return self.module(inputs_embeds=embeds, attention_mask=mask.to(embeds.device)).logits


def context_length(module: Any, tokenizer: Any) -> int | None:
    """Return how many tokens a model can read, special ones included; None where it does not say."""
    config = module.config.get_text_config()
    limits = [getattr(config, name, None) for name in ("max_position_embeddings", "n_positions")]
    limits.append(tokenizer.model_max_length)
    for name, part in module.named_modules():
        # RoBERTa's positions begin after the padding token's.
        if name.endswith("position_embeddings") and getattr(part, "padding_idx", None) is not None:
            limits.append(part.num_embeddings - part.padding_idx - 1)
    # A tokenizer without a limit says 1e30.
    known = [int(limit) for limit in limits if isinstance(limit, (int, float)) and 0 < limit < 1e9]
    return min(known, default=None)


def check_embeddings_suffice(model: Any) -> None:
    """Refuse a model that reads its ids by another way than the input embeddings.

    Raises
    ------
    ModelError
        If the output for the embeddings of some ids is not the output for the ids.
    """
    torch = load("explaining a text", "torch")
    ids = torch.tensor([model.wrap(list(model.tokens("Java developer, 8 years").ids)).ids])
    try:
        # Decoders warn, once, that they cannot see padding in embeddings; none is ever there.
        with torch.no_grad(), quiet(load("explaining a text", "transformers")):
            ids = ids.to(model.module.device)
            mask = torch.ones_like(ids)
            by_ids = model.module(input_ids=ids, attention_mask=mask).logits
            by_embeddings = model.module(inputs_embeds=model.embed(ids), attention_mask=mask).logits
    except (NotImplementedError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"{model.name} does not take input embeddings: {error}") from None
    if not torch.allclose(by_ids, by_embeddings, rtol=1e-3, atol=1e-4):
        raise ModelError(
            f"{model.name} reads its tokens by another way than their input embeddings, so that what a word "
            "holds in its output cannot be measured there: another model is needed"
        )


def _window(name: str, asked: int | None, limit: int | None) -> int:
    if asked is None:
        return MAX_TOKENS if limit is None else min(MAX_TOKENS, limit)
    if limit is not None and asked > limit:
        raise UsageError(f"{name} reads at most {limit} tokens: max_tokens {asked} is too many")
    return asked
