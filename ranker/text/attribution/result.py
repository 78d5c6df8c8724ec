"""What each token of a text holds in a model's output, and how exactly that is known."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ranker.text.attribution.words import TokenAmount, merged, phrase_spans, word_spans

__all__ = ["TextAttribution", "TokenAmount"]


@dataclass(frozen=True, slots=True)
class TextAttribution:
    """One output of a text model, taken apart by Integrated Gradients.

    Parameters
    ----------
    text : str
        As it was given.
    model : str
        Which model.
    labels : tuple of str
        ``n_labels`` of them.
    outputs, probabilities : tuple of float
        ``n_labels`` each, pooled over windows; logits, or log-probabilities of answers.
    target : int
        Position of the label that was explained.
    baseline : {"mask", "pad", "empty"}
        What the text was compared with.
    baseline_token : str
        The token that replaced each of the text's; ``""`` where it was a vector of zeros.
    output, baseline_output : float
        Of the target, for the text and for its baseline, in the units of ``outputs``.
    tokens : tuple of TokenAmount
        In the text's order; amounts in the units of ``outputs``.
    delta : float
        Sum of the amounts minus :attr:`difference`: 0 were the integral exact.
    bound : float
        Largest ``|delta|`` taken for exact: 1 % of the difference, at least 0.001.
    reached : bool
        Whether ``|delta| <= bound``. Where not, amounts are approximate, and it must be said.
    steps : int
        Gradients that the amounts are made of, in the window that took most; 0 for a text
        without tokens.
    windows : tuple of (int, int)
        Start and end of each window in the text, in characters.
    """

    text: str
    model: str
    labels: tuple[str, ...]
    outputs: tuple[float, ...]
    probabilities: tuple[float, ...]
    target: int
    baseline: str
    baseline_token: str
    output: float
    baseline_output: float
    tokens: tuple[TokenAmount, ...]
    delta: float
    bound: float
    reached: bool
    steps: int
    windows: tuple[tuple[int, int], ...]

    @property
    def label(self) -> str:
        """The label that was explained."""
        return self.labels[self.target]

    @property
    def difference(self) -> float:
        """What the text moved the output by, against its baseline: what the amounts sum to."""
        return self.output - self.baseline_output

    def words(self) -> tuple[TokenAmount, ...]:
        """Merge tokens to words, in the text's order; the amounts' sum stays the same."""
        return merged(self.text, self.tokens, word_spans(self.text))

    def phrases(self) -> tuple[TokenAmount, ...]:
        """Merge tokens to lines, bullets and clauses, in the text's order; the sum stays the same."""
        return merged(self.text, self.tokens, phrase_spans(self.text))

    def to_json(self) -> dict[str, Any]:
        """Return what machines read: all of the above with words and phrases, without the text's copy."""
        return {
            "text": self.text,
            "model": self.model,
            "label": self.label,
            "target": self.target,
            "labels": list(self.labels),
            "outputs": list(self.outputs),
            "probabilities": list(self.probabilities),
            "output": self.output,
            "baseline": self.baseline,
            "baseline_token": self.baseline_token,
            "baseline_output": self.baseline_output,
            "difference": self.difference,
            "delta": self.delta,
            "bound": self.bound,
            "reached": self.reached,
            "steps": self.steps,
            "windows": [list(window) for window in self.windows],
            "tokens": _as_json(self.tokens),
            "words": _as_json(self.words()),
            "phrases": _as_json(self.phrases()),
        }


def _as_json(amounts: Iterable[TokenAmount]) -> list[dict[str, Any]]:
    return [asdict(amount) for amount in amounts]
