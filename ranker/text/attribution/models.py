"""What a text model must be able to do for its outputs to be attributed to words."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias, get_args

from ranker.errors import UsageError, did_you_mean

__all__ = ["BASELINES", "Baseline", "TextModel", "Tokens", "Wrapped", "check_baseline"]

Baseline: TypeAlias = Literal["mask", "pad", "empty"]
BASELINES: tuple[str, ...] = get_args(Baseline)
# A torch tensor: the type itself would import torch.
Tensor: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Tokens:
    """A whole text in a model's tokens, without special ones.

    Parameters
    ----------
    ids : tuple of int
        ``n`` ids in the model's vocabulary.
    spans : tuple of (int, int)
        Start and end of each in the text, in characters; empty where a token writes none.
    """

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Wrapped:
    """One window as the model reads it.

    Parameters
    ----------
    ids : tuple of int
        Special tokens and prompt included.
    own : tuple of int
        Positions in ``ids`` of the text's own tokens, in their order; all others stay as
        they are in the baseline.
    """

    ids: tuple[int, ...]
    own: tuple[int, ...]


class TextModel(Protocol):
    """A model whose outputs can be differentiated by its input embeddings.

    A model may also have

    - ``output(embeds, mask, target) -> (b,)``: one output alone, where that costs less than all;
    - ``activation``: ``"softmax"`` (assumed) or ``"sigmoid"``, what makes probabilities of outputs;
    - ``tokenizer``: names the baseline's token in results.
    """

    @property
    def name(self) -> str:
        """Which model, for people: a directory or a hub name."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What the outputs stand for, in their order."""

    @property
    def max_tokens(self) -> int:
        """Longest window in tokens, special ones and the prompt included."""

    def tokens(self, text: str) -> Tokens:
        """Cut the whole text, however long, into tokens, without special ones."""

    def wrap(self, ids: list[int]) -> Wrapped:
        """Put special tokens or a prompt around one window's own tokens (none: an empty text)."""

    def embed(self, ids: Tensor) -> Tensor:
        """Return the input embeddings of ids (b, n), as (b, n, d)."""

    def outputs(self, embeds: Tensor, mask: Tensor) -> Tensor:
        """Return logits, or log-probabilities of answers, (b, n_labels).

        Parameters
        ----------
        embeds : Tensor of shape (b, n, d)
            Differentiable.
        mask : Tensor of shape (b, n)
            1 where a row has a token, 0 where it is filled up at its end.
        """

    def baseline_ids(self, how: Baseline) -> int | None:
        """Return the id that replaces each of the text's tokens; None: a vector of zeros."""


def check_baseline(how: str) -> None:
    """Refuse a baseline that is not known.

    Raises
    ------
    UsageError
        If ``how`` is none of :data:`BASELINES`.
    """
    if how not in BASELINES:
        raise UsageError(f"baseline {how!r} is not known{did_you_mean(how, BASELINES)}")
