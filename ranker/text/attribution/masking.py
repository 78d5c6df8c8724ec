"""A text of which any words can be taken away: each of their tokens gives way to the baseline's."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ranker.text.attribution.extra import load
from ranker.text.attribution.integration import window_path
from ranker.text.attribution.models import Baseline, TextModel, check_baseline
from ranker.text.attribution.windows import model_windows
from ranker.text.attribution.words import TokenAmount, merged, word_spans

__all__ = ["MaskableText", "Part"]

# Tokens read at once without gradients.
BATCH_TOKENS = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One window of a text.

    Parameters
    ----------
    weight : float
        In the mean over windows; weights sum to 1.
    written, masked : Tensor of shape (1, n, d)
        Input embeddings of the window, with its words and without any; both with special
        tokens and prompt.
    own : ndarray of int, (n_own,)
        Positions of the text's own tokens.
    word : ndarray of int, (n_own,)
        The word that each belongs to.
    """

    weight: float
    written: Any
    masked: Any
    own: NDArray[np.intp]
    word: NDArray[np.intp]

    def ones(self, n_rows: int = 1) -> Any:
        """Return an attention mask for ``n_rows`` copies of the window: nothing is filled up."""
        torch = load("explaining a text", "torch")
        return torch.ones((n_rows, self.written.shape[1]), dtype=torch.long, device=self.written.device)

    @property
    def at_once(self) -> int:
        """How many copies are read at once."""
        return max(1, BATCH_TOKENS // self.written.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class MaskableText:
    """A text in words and windows, as :func:`~.gradients.attribute_text` cuts it.

    Parameters
    ----------
    model : TextModel
    words : tuple of TokenAmount
        ``n_words``, those of :meth:`~.result.TextAttribution.words`; amounts are numbers of tokens.
    parts : tuple of Part
    """

    model: TextModel
    words: tuple[TokenAmount, ...]
    parts: tuple[Part, ...]

    @classmethod
    def of(
        cls, model: TextModel, text: str, *, baseline: Baseline = "mask", window_overlap: float = 0.25
    ) -> Self:
        """Cut a text.

        Raises
        ------
        UsageError
            If torch is not installed, or baseline or overlap do not fit.
        """
        check_baseline(baseline)
        tokens = model.tokens(text)
        counted = [TokenAmount(text[start:end], start, end, 1.0) for start, end in tokens.spans]
        words = merged(text, counted, word_spans(text)) if counted else ()
        # Tokens of a word stand together, so that counts are all it takes to tell whose is whose.
        word = np.repeat(np.arange(len(words)), [int(w.amount) for w in words])
        parts = []
        for window in model_windows(model, len(tokens.ids), window_overlap):
            here = slice(window.start, window.stop)
            path = window_path(model, tokens.ids[here], baseline)
            own = np.array(path.own, dtype=np.intp)
            parts.append(Part(window.weight, path.end, path.start, own, word[here]))
        return cls(model, words, tuple(parts))

    def outputs(self, kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the model's outputs for the text with only some of its words.

        Parameters
        ----------
        kept : ndarray of bool, (m, n_words)
            A row says which words stay.

        Returns
        -------
        ndarray of shape (m, n_labels)
            Pooled over windows.
        """
        torch = load("explaining a text", "torch")
        out = np.zeros((len(kept), len(self.model.labels)))
        for part in self.parts:
            # A window sees only its own words: rows that differ elsewhere are read once.
            rows, back = _distinct(kept[:, part.word])
            found = []
            for start in range(0, len(rows), part.at_once):
                some = torch.from_numpy(rows[start : start + part.at_once])
                stays = torch.ones((len(some), part.written.shape[1]), dtype=torch.bool)
                stays[:, part.own] = some
                stays = stays[:, :, None].to(part.written.device)
                with torch.no_grad():
                    embeds = torch.where(stays, part.written, part.masked)
                    read = self.model.outputs(embeds, part.ones(len(embeds)))
                found.append(read.double().cpu().numpy())
            out += part.weight * np.concatenate(found)[back]
        return out

    def with_amounts(self, amounts: NDArray[np.float64]) -> tuple[TokenAmount, ...]:
        """Return the words with other amounts, (n_words,)."""
        return tuple(
            TokenAmount(word.text, word.start, word.end, amount)
            for word, amount in zip(self.words, amounts.tolist(), strict=True)
        )


def _distinct(rows: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    if rows.shape[1] == 0:  # a window without words: all rows are the same
        return rows[:1], np.zeros(len(rows), dtype=np.intp)
    found, back = np.unique(rows, axis=0, return_inverse=True)
    return found, back.reshape(-1)
