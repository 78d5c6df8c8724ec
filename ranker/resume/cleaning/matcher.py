"""The cascade that maps a text to canonical names, in a fixed order of evidence."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ranker.resume.cleaning.names import SKILLS, NameIndex, Wording, Words
from ranker.resume.cleaning.typing_errors import TypingErrors
from ranker.resume.cleaning.vocabulary import Vocabulary
from ranker.resume.cleaning.words import signs, surface, words_of
from ranker.text.encoder import Encoder

RULES = (
    "exact",
    "spelling",
    "alias",
    "abbreviation",
    "list",
    "contained",
    "embedding",
    "typing error",
    "novel",
)
COSINE = 0.8  # java ~ javascript .40, sales ~ marketing .65, pyTorch DL ~ pytorch .88
REMEMBERED = 500_000  # texts; a service that runs for months forgets them all and starts anew
CHUNK = 512


@dataclass(frozen=True, slots=True)
class Match:
    """What a text was mapped to.

    Parameters
    ----------
    names : tuple of str
        Canonical names, several where the text lists them; the surface itself where it
        is novel; none where the text says nothing.
    rule : str
        One of ``RULES``.
    """

    names: tuple[str, ...]
    rule: str


class Matcher:
    """Maps texts to the names of a vocabulary.

    The order of evidence: exact; other spelling; alias; general abbreviation; a list of
    names; a name among words that add nothing; closest in meaning (with an encoder, from
    a cosine of .8); typing error; else novel. A later rule is only asked where no
    earlier one answers, and one that finds two names answers neither.

    Parameters
    ----------
    vocabulary : Vocabulary
        Canonical names and aliases.
    wording : Wording
        How the texts are worded.
    encoder : Encoder, optional
        For the rule on meaning.
    """

    def __init__(
        self, vocabulary: Vocabulary, wording: Wording = SKILLS, *, encoder: Encoder | None = None
    ) -> None:
        self.index = NameIndex(vocabulary, wording)
        self._errors = TypingErrors(self.index.labels)
        self._encoder = encoder
        self._vectors: np.ndarray | None = None
        self._found: dict[str, Match] = {}

    def match(self, text: str) -> Match:
        """Map one text."""
        key = surface(text)
        if (found := self._found.get(key)) is None:
            self.learn([text])
            found = self._found[key]
        return found

    def knows(self, text: str) -> bool:
        """Tell whether a text as a whole is a name of the vocabulary."""
        return self.index.named(words_of(surface(text))) is not None

    def learn(self, texts: Iterable[str]) -> None:
        """Map many texts at once, which :meth:`match` then remembers."""
        if len(self._found) > REMEMBERED:
            self._found.clear()
        open_: list[str] = []
        for key in dict.fromkeys(map(surface, texts)):
            if key in self._found:
                continue
            if not key:
                self._found[key] = Match((), "novel")
            elif sure := self.index.find(key):
                self._found[key] = Match(*sure)
            else:
                open_.append(key)
        open_ = self._by_meaning(open_)
        for key, name in zip(open_, self._mistyped(open_), strict=True):
            self._found[key] = Match((key,), "novel") if name is None else Match((name,), "typing error")

    def _mistyped(self, keys: list[str]) -> list[str | None]:
        whole: list[Words] = [words_of(key) for key in keys]
        found = self._errors.find(whole)
        left = [i for i, name in enumerate(found) if name is None and self.index.core(whole[i]) != whole[i]]
        for i, name in zip(left, self._errors.find([self.index.core(whole[i]) for i in left]), strict=True):
            if name is not None and not self.index.versions_differ(whole[i], name):
                found[i] = name
        return found

    def _by_meaning(self, keys: list[str]) -> list[str]:
        """Map what is close in meaning; return the rest."""
        if self._encoder is None:
            return keys
        rest: list[str] = []
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            for key, (name, cosine, label) in zip(part, self._closest(part, self._encoder), strict=True):
                if cosine >= COSINE and signs(key) == signs(label):
                    self._found[key] = Match((name,), "embedding")
                else:
                    rest.append(key)
        return rest

    def _closest(self, texts: list[str], encoder: Encoder) -> list[tuple[str, float, str]]:
        """Return for each text the name closest in meaning, the cosine, and the spelling it was closest to."""
        labels = self.index.labels
        if self._vectors is None:
            self._vectors = encoder.encode([" ".join(words) for words, _ in labels])
        cosines = encoder.encode(texts) @ self._vectors.T
        return [
            (labels[i][1], float(cosines[row, i]), " ".join(labels[i][0]))
            for row, i in enumerate(cosines.argmax(axis=1).tolist())
        ]
