"""How close texts such as titles are to one title: by their words, or by an encoder's vectors."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cdist

from ranker.errors import TaskError
from ranker.features.coded import offsets
from ranker.features.maximum import greatest_of_each
from ranker.kernels.pair_matching import sum_of_items
from ranker.records.values import normal
from ranker.text.encoder import Encoder

__all__ = ["ByEncoder", "ByWords", "Closeness", "check_encoder", "closeness_among", "words_of"]

# ".net", "c++", "c#" and "f#" are words; "c/c++" is two of them, "node.js" too.
WORD = re.compile(r"(?<![^\W_])\.?[^\W_]+[+#]*")
EMPTY = frozenset(
    {"a", "an", "and", "at", "for", "in", "of", "on", "or", "project", "the", "to", "using", "with"}
)
ALIKE_FROM = 0.6  # science, scientist .625; java, javascript .57; science, license .57
SHORTEST = 4  # letters of a word that may be like another one: c, c# and ml, nlp are not
DECIMALS = 3  # of a cosine: batches of another size change the seventh
MOST_TITLES = 64  # whose closeness is remembered; 40,000 texts take .3 MB each


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in their order, in the form that is compared."""
    return tuple(WORD.findall(normal(text)))


def _telling(text: str) -> tuple[str, ...]:
    """Return the distinct words that tell something; all of them where none does."""
    words = dict.fromkeys(words_of(text))
    return tuple(word for word in words if word not in EMPTY) or tuple(words)


def remembered(
    known: dict[str, NDArray[np.float64]], title: str, work_out: Callable[[], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Look a title up, or work it out and forget the oldest one."""
    if title not in known:
        found = work_out()
        if len(known) >= MOST_TITLES:
            known.pop(next(iter(known)), None)
        known[title] = found
        return found
    return known[title]


class Closeness(Protocol):
    """Knows how close each of some texts is to any title."""

    def to(self, title: str) -> NDArray[np.float64]:
        """Return the closeness of each text to a title, (n_texts,), in [0, 1]; 1 is the same words."""


@dataclass(frozen=True, slots=True, eq=False)
class ByWords:
    """Closeness by words: a soft Dice coefficient. Nothing is fitted.

    Every word of one side is worth what it shares with the most similar word of the other
    side; closeness is the mean of this over the words of both. Two words share their
    normalised indel similarity (twice the longest common subsequence over both lengths), and
    nothing below .6 or where one is shorter than four letters: such words must be equal.
    Words that tell nothing (and, the, of, project ...) and repetitions do not count.

    Parameters
    ----------
    vocabulary : tuple of str
        Distinct words of the texts.
    indptr : (n_texts + 1,) int64 array
    ids : (n_words,) int64 array
        Places in the vocabulary of the words of each text.

    References
    ----------
    Dice (1945), Measures of the amount of ecologic association between species.
    """

    vocabulary: tuple[str, ...]
    indptr: NDArray[np.int64]
    ids: NDArray[np.int64]
    _known: dict[str, NDArray[np.float64]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Take texts apart into words, once for all titles."""
        lists = [_telling(text) for text in texts]
        places: dict[str, int] = {}
        ids = [places.setdefault(word, len(places)) for word in chain.from_iterable(lists)]
        sizes = np.fromiter(map(len, lists), np.int64, len(lists))
        return cls(tuple(places), offsets(sizes), np.array(ids, np.int64))

    def to(self, title: str) -> NDArray[np.float64]:
        """See :class:`Closeness`."""
        return remembered(self._known, normal(title), lambda: self._to(title))

    def _to(self, title: str) -> NDArray[np.float64]:
        wanted, sizes = _telling(title), np.diff(self.indptr)
        if not wanted or not self.vocabulary:
            return np.zeros(len(sizes))
        # Words of the title x vocabulary; each word of a text takes its best one, and the reverse.
        shared = cdist(
            wanted, self.vocabulary, scorer=Indel.normalized_similarity,
            score_cutoff=ALIKE_FROM, dtype=np.float64,
        )  # fmt: skip
        short = np.array([len(word) < SHORTEST for word in self.vocabulary])
        for row, word in zip(shared, wanted, strict=True):
            row[(short | (len(word) < SHORTEST)) & (row < 1.0)] = 0.0
        from_texts = sum_of_items(self.indptr, np.ascontiguousarray(shared.max(axis=0)[self.ids]))
        from_title = np.zeros(len(sizes))
        for row in shared:
            from_title += greatest_of_each(self.indptr, row[self.ids])
        return (from_texts + from_title) / (sizes + len(wanted)) * (sizes > 0)


@dataclass(frozen=True, slots=True, eq=False)
class ByEncoder:
    """Closeness by an encoder: the cosine of two vectors, to three decimals, 0 where it is below.

    Parameters
    ----------
    encoder : Encoder
        Gives vectors of unit length.
    vectors : (n_texts, d) float32 array
        Of the texts.
    """

    encoder: Encoder
    vectors: NDArray[np.float32]
    _known: dict[str, NDArray[np.float64]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, texts: Sequence[str], encoder: Encoder) -> Self:
        """Encode texts, once for all titles."""
        return cls(encoder, encoder.encode(texts) if texts else np.zeros((0, 1), np.float32))

    def to(self, title: str) -> NDArray[np.float64]:
        """See :class:`Closeness`."""
        return remembered(self._known, title, lambda: self._to(title))

    def _to(self, title: str) -> NDArray[np.float64]:
        if not len(self.vectors):
            return np.zeros(0)
        cosines = np.asarray(self.vectors @ self.encoder.encode([title])[0], np.float64)
        return np.clip(np.round(cosines, DECIMALS), 0.0, 1.0)


def check_encoder(encoder: object) -> None:
    """Refuse what cannot encode texts.

    Raises
    ------
    TaskError
        If it is a text, as a task file might state it, or has no method ``encode``.
    """
    encodes = callable(getattr(encoder, "encode", None)) and not isinstance(encoder, str)
    if encoder is not None and not encodes:
        raise TaskError(
            f"encoder = {encoder!r}: it has no encode(texts); leave it out to compare titles by their words"
        )


def closeness_among(texts: Sequence[str], encoder: Encoder | None) -> Closeness:
    """Prepare texts, by words unless an encoder is given."""
    return ByWords.of(texts) if encoder is None else ByEncoder.of(texts, encoder)
