"""Which names a vocabulary knows a text by, without guessing: spelling, aliases, abbreviations, parts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ranker.resume.cleaning.general_words import (
    KINDS,
    LEVELS,
    MAKERS,
    NOT_THE_PART,
    OF_LANGUAGES,
    PHRASES,
    RANKS,
    SAME,
    WORDS,
)
from ranker.resume.cleaning.vocabulary import Vocabulary
from ranker.resume.cleaning.words import compact, listed, singular, stem, surface, words_of

MOST_WORDS = 12  # of a text that is searched for names inside it
SMALL = listed("a an the and of for in on to with by")  # words that names are told apart without
_VERSION = re.compile(r"v?(\d{1,2}(\.\d+|\.x)*|(19|20)\d\d)")  # a standard's number, such as 9001, is none
MOST_NARROWER = 2  # words before a title that make it narrower
_GLUED = re.compile(r"([^\W\d_]{2,}(?:\+\+|#)?)(?:v?\d[\d.]*|\.?js|lang)$")
_OF_CORES = MAKERS | {"programming", "language", "framework", "library", "scripting", "js", "platform"}
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """How texts of a kind are worded.

    Parameters
    ----------
    idle : frozenset of str
        Words that may stand beside a name and change nothing.
    heads : bool
        A name of two words or more may have any words before it that make it narrower
        ("clinical data manager" is a data manager).
    tools : bool
        Names may be followed by a version or by what kind of tool it is.
    """

    idle: frozenset[str]
    heads: bool = False
    tools: bool = False


SKILLS = Wording(LEVELS | KINDS | MAKERS, tools=True)
TITLES = Wording(RANKS | {"the", "a", "an", "of", "and", "in", "for", "at"}, heads=True)
# A title that begins with one of these names somebody else than the rest of it does.
NOT_THE_HEAD = listed(
    "assistant asst deputy vice associate student former ex aspiring volunteer aide helper to non pre"
)


class NameIndex:
    """Names of a vocabulary by every spelling that says the same.

    Parameters
    ----------
    vocabulary : Vocabulary
        Canonical names and aliases.
    wording : Wording
        How the texts are worded.
    """

    def __init__(self, vocabulary: Vocabulary, wording: Wording = SKILLS) -> None:
        self.wording = wording
        names = vocabulary.canonical
        self._canonical = {name: name for name in names}
        self._spelled = _only((compact(words_of(n)), n) for n in names)
        self._alias = _only(
            (compact(words_of(other)), name)
            for name, others in vocabulary.aliases.items()
            for other in others
        )
        self._plain = _only((_plain(words_of(n)), n) for n in names)
        self._plain_alias = _only(
            (_plain(words_of(other)), name) for name, others in vocabulary.aliases.items() for other in others
        )
        self._forms = _only((_stems(words), name) for words, name in _spellings(vocabulary))
        self._short = self._abbreviations(vocabulary) if wording.tools else {}
        self._initials = _only((initials, n) for n in names if len(initials := _initials(words_of(n))) >= 3)
        self._core = (
            _only((core, n) for n in names if (core := self._core_of(words_of(n)))) if wording.tools else {}
        )
        self.labels = self._labels(vocabulary)
        self._words = {word for words, _ in self.labels for word in words}

    def named(self, words: Words) -> tuple[str, str] | None:
        """Return the canonical name that words spell, with the rule that knows it; ``None`` where none does."""
        whole = compact(words)
        if not whole:
            return None
        if name := self._spelled.get(whole):
            return name, "spelling"
        if name := self._alias.get(whole):
            return name, "alias"
        if name := self._short.get(whole):
            return name, "abbreviation"
        plain = _plain(words)
        if name := self._plain.get(plain) or self._plain_alias.get(plain):
            return name, "spelling" if plain in self._plain else "alias"
        if name := self._core.get(whole):
            return name, "contained"
        if self.wording.tools and len(words) > 1 and (name := self._forms.get(_stems(words))):
            return name, "spelling"
        return None

    def find(self, text: str) -> tuple[Words, str] | None:
        """Return the names that a surface surely stands for and the rule; ``None`` where it takes a guess."""
        if name := self._canonical.get(text):
            return (name,), "exact"
        words = words_of(text)
        if found := self.named(words):
            return (found[0],), found[1]
        if name := self._by_initials(words):
            return (name,), "abbreviation"
        if len(words) > 1 and (pieces := self._pieces(text)):
            return pieces, "list"
        outside = surface(re.sub(r"[(\[{].*?[)\]}]", " ", text)) if re.search(r"[(\[{]", text) else ""
        if outside and (found := self.named(words_of(outside))):
            return (found[0],), "contained"
        if name := self.inside(words) or (outside and self.inside(words_of(outside))):
            return (name,), "contained"
        return None

    def inside(self, words: Words) -> str | None:
        """Return the longest name among words of which the others add nothing; ``None`` where two are as long."""
        words = self._unglued(words)
        if len(words) > MOST_WORDS or any(part in " ".join(words) for part in NOT_THE_PART):
            return None
        for length in range(len(words), 0, -1):
            found = set()
            for start in range(len(words) - length + 1):
                span = words[start : start + length]
                known = self.named(span)
                if (
                    known
                    and self._rest_is_idle(words, start, length, known[1])
                    and not (known[1] == "contained" and self.versions_differ(words, known[0]))
                ):
                    found.add(known[0])
            if found:
                return found.pop() if len(found) == 1 else None
        return None

    def core(self, words: Words) -> Words:
        """Return words without those that add nothing; all of them where nothing would be left."""
        return tuple(w for w in self._unglued(words) if not self._is_idle(w)) or words

    def _rest_is_idle(self, words: Words, start: int, length: int, rule: str) -> bool:
        before, after = words[:start], words[start + length :]
        # A longer title is seldom one of the other names ("services manager"): right in 94 of 280 on ESCO, O*NET
        # and JobBERT, against 198 of 362 for what is found without them.
        narrower = self.wording.heads and length > 1 and rule == "spelling" and len(before) <= MOST_NARROWER
        if narrower and not NOT_THE_HEAD & set(before):
            before = ()
        rest = _without_phrases(before) + _without_phrases(after)
        whole = compact(words[start : start + length])
        if len(whole) <= 2 and whole.isalnum() and self.wording.tools:
            return all(w in OF_LANGUAGES or _VERSION.fullmatch(w) for w in rest)
        return all(self._is_idle(w) for w in rest)

    @staticmethod
    def versions_differ(words: Words, name: str) -> bool:
        """Tell whether both a text and a name that it holds without its version state one."""
        return all(any(_VERSION.fullmatch(w) for w in said) for said in (words, words_of(name)))

    def _is_idle(self, word: str) -> bool:
        return word in self.wording.idle or bool(self.wording.tools and _VERSION.fullmatch(word))

    def _unglued(self, words: Words) -> Words:
        """Cut a version or "js" off a word that is a name without it: ``python3``, ``reactjs``."""
        if not self.wording.tools:
            return words
        out = []
        for word in words:
            cut = _GLUED.match(word)
            apart = cut and word not in self._words and (cut[1] in self._words or self.named((cut[1],)))
            out.append(cut[1] if cut and apart else word)
        return tuple(out)

    def _pieces(self, text: str) -> Words:
        """Return the names of a text that lists nothing but names: ``html/css``, ``C and C++``."""
        parts = [p for p in re.split(r"[,;/&|()\[\]]|\s\+\s|\s-\s|\band\b|\bor\b", text) if p.strip()]
        if len(parts) < 2:
            return ()
        words = [self._unglued(words_of(surface(part))) for part in parts]
        found = [self.named(w) for w in words if w]
        return tuple(dict.fromkeys(f[0] for f in found if f)) if len(found) > 1 and all(found) else ()

    def _by_initials(self, words: Words) -> str | None:
        """Read ``gbm`` as the one name of three words or more with these initials, and the reverse."""
        if len(words) == 1 and len(words[0]) >= 3:
            return self._initials.get(words[0])
        if len(words) >= 3 and (name := self._spelled.get(_initials(words))) and len(name) >= 3:
            return name
        return None

    def _abbreviations(self, vocabulary: Vocabulary) -> dict[str, str]:
        """Lead every spelling of a row of general abbreviations to the one name that the vocabulary has of it."""
        known = self._spelled | self._alias
        found = []
        for row in SAME:
            keys = [compact(words_of(text)) for text in row]
            held = {known[k] for k in keys if k in known} | {
                self._plain[p] for p in (_plain(words_of(t)) for t in row) if p in self._plain
            }
            if len(held) == 1:
                name = held.pop()
                found += [(key, name) for key in keys if key not in known]
        return _only(found)

    def _core_of(self, words: Words) -> str:
        core = tuple(w for w in words if w not in _OF_CORES and not _VERSION.fullmatch(w))
        if len(core) == len(words) and len(words) == 1 and (cut := _GLUED.match(words[0])):
            core = (cut[1],)
        whole = compact(core)
        idle = all(w in self.wording.idle for w in core)
        return "" if idle or core == words or whole in self._spelled or len(whole) < 3 else whole

    def _labels(self, vocabulary: Vocabulary) -> tuple[tuple[Words, str], ...]:
        """Return everything that a name may be guessed from: (words, name)."""
        pairs: dict[Words, str] = {}
        for name in vocabulary.canonical:
            pairs.setdefault(words_of(name), name)
        for name, others in vocabulary.aliases.items():
            for other in others:
                if compact(words_of(other)) in self._alias:
                    pairs.setdefault(words_of(other), name)
        for core, name in self._core.items():
            pairs.setdefault((core,), name)
        return tuple((words, name) for words, name in pairs.items() if words)


def _only(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Keep the keys that lead to one name alone."""
    found: dict[str, set[str]] = {}
    for key, name in pairs:
        found.setdefault(key, set()).add(name)
    return {key: next(iter(names)) for key, names in found.items() if key and len(names) == 1}


def _plain(words: Words) -> str:
    """Join words written out, singular, without the small ones between them."""
    full = [part for word in words for part in _written_out(word).split()]
    return compact(singular(w) for w in full if w not in SMALL)


def _written_out(word: str) -> str:
    return WORDS.get(word) or WORDS.get(singular(word), word)


def _stems(words: Words) -> str:
    """Join the stems of two words or more, in whatever order, without the small ones."""
    return " ".join(sorted(stem(w) for w in words if w not in SMALL)) if len(words) > 1 else ""


def _spellings(vocabulary: Vocabulary) -> Iterable[tuple[Words, str]]:
    for name, others in vocabulary.aliases.items():
        yield words_of(name), name
        for other in others:
            yield words_of(other), name


def _initials(words: Sequence[str]) -> str:
    return "".join(w[0] for w in words if w not in SMALL)


def _without_phrases(words: Words) -> Words:
    for phrase in PHRASES:
        n = len(phrase)
        for i in range(len(words) - n + 1):
            if tuple(WORDS.get(w, w) for w in words[i : i + n]) == phrase:
                return _without_phrases(words[:i] + words[i + n :])
    return words
