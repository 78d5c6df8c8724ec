"""Typing errors: which name was meant, by edits that its length allows; short names allow none."""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, JaroWinkler

from ranker.resume.cleaning.general_words import NAMES_APART, WORDS
from ranker.resume.cleaning.names import Words
from ranker.resume.cleaning.words import compact, signs

# Who is looked at: one edit in a name of four letters leaves 75 of token_sort_ratio, or .85 of Jaro-Winkler.
TOKEN_SORT_RATIO, JARO_WINKLER = 75.0, 0.85
LONGEST, CHUNK = 80, 512  # characters of a text with a typing error; texts compared at once
SHORT = 5


def edits_allowed(letters: int) -> int:
    """Return how many edits a word may be away: 0 up to 3 letters, 1 up to 9, 2 from there on.

    At 3 letters one edit is another name (ETL, ELT; CSS, SCSS; SQL, SQS), at 8 two are (Romanist, botanist).
    """
    return 0 if letters <= 3 else 1 if letters <= 9 else 2


class TypingErrors:
    """Finds the one name that a text is a mistyped form of.

    Parameters
    ----------
    labels : sequence of (tuple of str, str)
        Words of each spelling of a name, and the name.
    """

    def __init__(self, labels: Sequence[tuple[Words, str]]) -> None:
        self._labels = list(labels)
        self._sorted = [" ".join(sorted(words)) for words, _ in labels]
        self._joined = [compact(words) for words, _ in labels]
        self._known = set(chain.from_iterable(words for words, _ in labels)) | NAMES_APART | set(WORDS)

    def find(self, texts: Sequence[Words]) -> list[str | None]:
        """Return the name each of the texts is a mistyped form of; ``None`` where there is none, or two."""
        out: list[str | None] = [None] * len(texts)
        wanted = [i for i, words in enumerate(texts) if self._may_be_mistyped(words)]
        for start in range(0, len(wanted), CHUNK):
            rows = wanted[start : start + CHUNK]
            for row, near in zip(rows, self._near([texts[i] for i in rows]), strict=True):
                out[row] = self._nearest(texts[row], near)
        return out

    def _may_be_mistyped(self, words: Words) -> bool:
        whole = compact(words)
        return 3 < len(whole) <= LONGEST and not (len(words) == 1 and words[0] in self._known)

    def _near(self, texts: list[Words]) -> Iterator[np.ndarray]:
        ordered, joined = [" ".join(sorted(words)) for words in texts], [compact(words) for words in texts]
        by_words = process.cdist(
            ordered, self._sorted, scorer=fuzz.ratio, score_cutoff=TOKEN_SORT_RATIO, dtype=np.uint8
        )
        by_letters = process.cdist(
            joined, self._joined, scorer=JaroWinkler.similarity, score_cutoff=JARO_WINKLER, dtype=np.float32
        )
        for words_row, letters_row in zip(by_words, by_letters, strict=True):
            yield np.flatnonzero((words_row > 0) | (letters_row > 0))

    def _nearest(self, words: Words, near: np.ndarray) -> str | None:
        best, names = 99, set[str]()
        for i in near.tolist():
            label, name = self._labels[i]
            edits = self._edits(words, label)
            if edits is not None and edits <= best:
                names = {name} if edits < best else names | {name}
                best = edits
        return names.pop() if len(names) == 1 else None

    def _edits(self, words: Words, label: Words) -> int | None:
        """Count the edits between a text and a spelling; ``None`` where they are too many to be errors."""
        if signs(" ".join(words)) != signs(" ".join(label)):
            return None
        if len(words) != len(label):
            return _edits_of_whole(words, label)
        counts = [self._edits_of_words(a, b) for a, b in ((words, label), (sorted(words), sorted(label)))]
        return min((c for c in counts if c is not None), default=None)

    def _edits_of_words(self, words: Sequence[str], label: Sequence[str]) -> int | None:
        total = 0
        for word, meant in zip(words, label, strict=True):
            if word == meant:
                continue
            if word in self._known:  # a word of its own is no mistyped other one
                return None
            edits = _edits_of_word(word, meant)
            if edits is None:
                return None
            total += edits
        return total if total <= 2 else None


def _edits_of_whole(words: Words, label: Words) -> int | None:
    """Compare texts whose spaces stand elsewhere; words of few letters would vanish in the rest (RM engineer)."""
    word, meant = compact(words), compact(label)
    if min(map(len, (*words, *label))) <= 3 or len(meant) < 8:
        return None
    edits = OSA.distance(word, meant, score_cutoff=1)
    return edits if edits <= 1 else None


def _edits_of_word(word: str, meant: str) -> int | None:
    allowed = edits_allowed(min(len(word), len(meant)) if len(meant) > SHORT else len(meant))
    edits = OSA.distance(word, meant, score_cutoff=allowed) if allowed else 1
    if edits > allowed:
        return None
    if len(meant) <= SHORT and word[0] != meant[0] and len(word) >= len(meant) and word[:2] != meant[1::-1]:
        return None  # hash, bash, dash: the first letter of a short name is seldom the wrong one
    return edits
