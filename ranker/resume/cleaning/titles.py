"""Job titles, mapped to a canonical list where one is given."""

import re
from collections.abc import Iterable

from ranker.resume.cleaning.general_words import RANKS
from ranker.resume.cleaning.matcher import Match, Matcher
from ranker.resume.cleaning.names import TITLES
from ranker.resume.cleaning.vocabulary import Vocabulary
from ranker.resume.cleaning.words import surface, words_of
from ranker.text.encoder import Encoder

# What follows says where, for whom or how, not what: "Data Analyst - Berlin", "Nurse at St. Mary's".
_FOLLOWS = re.compile(r"\s(?:at|@|for)\s|[|•;:,]|\s[-–]\s|[-–]\s|\s[-–]")
_BRACKETS = re.compile(r"[(\[{][^)\]}]*(?:[)\]}]|$)")


class TitleCleaner:
    """Job titles without their rank, as the canonical list writes them.

    Parameters
    ----------
    titles : Vocabulary or iterable of str, optional
        Canonical titles; without them titles only lose case, punctuation and rank.
    encoder : Encoder, optional
        For titles that are close in meaning.
    """

    def __init__(
        self, titles: Vocabulary | Iterable[str] | None = None, *, encoder: Encoder | None = None
    ) -> None:
        vocabulary = titles if isinstance(titles, Vocabulary) or titles is None else _listed(titles)
        self._matcher = None if vocabulary is None else Matcher(vocabulary, TITLES, encoder=encoder)
        self._known = set(vocabulary.aliases) if vocabulary else set()
        self._bare: dict[str, str] = {}

    def clean(self, title: str) -> tuple[str, str]:
        """Return the title and the rule: one of the matcher's, or ``rank`` where only a rank was taken off."""
        key = surface(title)
        if not key or key in self._known:
            return key, "exact"
        bare = self.bare(key)
        if self._matcher is None:
            return bare, "spelling" if _letters(bare) == _letters(key) else "rank"
        match: Match = self._matcher.match(key)
        if match.rule in ("novel", "embedding", "typing error", "list") and bare != key:
            match = self._matcher.match(bare)
        if match.rule in ("novel", "list"):
            return bare, "spelling" if _letters(bare) == _letters(key) else "rank"
        return match.names[0], match.rule

    def learn(self, titles: Iterable[str]) -> None:
        """Look many titles up at once."""
        if self._matcher is not None:
            keys = [key for key in dict.fromkeys(map(surface, titles)) if key and key not in self._known]
            self._matcher.learn(keys)
            self._matcher.learn(map(self.bare, keys))

    def bare(self, key: str) -> str:
        """Return a surface without brackets, rank, place and employer."""
        if (found := self._bare.get(key)) is None:
            if len(self._bare) > 500_000:
                self._bare.clear()
            found = self._bare[key] = _bare(key)
        return found


def _listed(titles: Iterable[str]) -> Vocabulary:
    return Vocabulary.from_names((title, ()) for title in titles)


def _letters(text: str) -> str:
    return "".join(words_of(text))


def _bare(key: str) -> str:
    """Apply once; every part is only taken off where a title is left."""
    before = None
    while key != before:
        before = key
        outside = surface(_BRACKETS.sub(" ", key))
        key = outside or key
        first = [part for part in map(surface, _FOLLOWS.split(key)) if part]
        key = next((p for p in first if not set(words_of(p)) <= RANKS), key)
        words = words_of(key)
        key = " ".join([w for w in words if w not in RANKS] or words) or key
    return key
