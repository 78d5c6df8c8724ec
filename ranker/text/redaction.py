"""Texts without their person: names, pronouns, addresses and numbers taken out before anything reads them.

Rules, not understanding. Taken out are

- the person's own names, where they are given or stand in a line "Name: ...": whole, in parts, with
  initials, in any order and without their accents; one part alone only where it is capitalised;
- he, she, him, her, his, hers, himself, herself; Mr, Mrs, Ms, Miss, Sir, Madam; "father of two", "working
  mother", "maternity leave" and the like; lines that state gender, date of birth, age, marital status, nationality,
  religion, or a parent's name; "Married" and the like where it is a clause of its own;
- e-mail addresses, phone numbers, addresses of profiles, street addresses, and lines "Address: ...".

Not recognised, so a text may still tell who wrote it: names that nobody gave (of referees, of the person in
a title line), nicknames, pronouns and titles of other languages, towns, schools, clubs, native languages,
dates, gendered endings and manners of writing. A name that is a word as well ("Will", "Grace", the "Young" of
a company) takes the word with it where it is capitalised. What a swap of names still moves is measured in
benchmarks/text_redaction.py.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ranker.text.personal_words import NAME, TITLE, Found, personal_words

__all__ = ["NEUTRAL", "Redacted", "Redaction", "redact"]

# Nothing stands in the place of what was taken out: mask tokens moved MiniLM's vectors of 60 résumés with a
# person written into them by .20 (1 - cosine), plain removal by .06; what was left lay .19 and .01 from the
# résumé before (benchmarks/text_redaction.py). Texts that differ by the name alone become the same either way.
NEUTRAL = ""
_PARTICLES = frozenset(
    ("al", "ap", "bin", "binti", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "e", "el",
     "ibn", "la", "le", "of", "ter", "van", "von", "y", "zu")
)  # fmt: skip
_MONTHS = frozenset({"april", "august", "june", "may"})
_TITLES = frozenset({"dr", "jr", "miss", "mr", "mrs", "ms", "mx", "phd", "prof", "sr"})
_LETTERS = str.maketrans({"ı": "i", "ł": "l", "đ": "d", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"})


@dataclass(frozen=True, slots=True)
class Redaction:
    """One stretch that was taken out.

    Parameters
    ----------
    kind : str
        One of :data:`ranker.text.personal_words.KINDS`.
    start, end : int
        In the text as it was written, in characters.
    written : str
        What stood there.
    """

    kind: str
    start: int
    end: int
    written: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without what was taken out of it.

    Parameters
    ----------
    text : str
        As it may be read.
    taken : tuple of Redaction
        In the text's order, not overlapping.
    starts : tuple of int
        Where each stood in ``text``, in characters.
    neutral : str
        What stands there instead; nothing by default.
    """

    text: str
    taken: tuple[Redaction, ...]
    starts: tuple[int, ...]
    neutral: str

    @property
    def counts(self) -> dict[str, int]:
        """Redactions by kind, without what was written."""
        return dict(sorted(Counter(one.kind for one in self.taken).items()))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Map a stretch of ``text`` to the text as it was written; what a redaction touches covers it whole.

        Parameters
        ----------
        start, end : int
            In ``text``, in characters; ``start <= end``.

        Returns
        -------
        start, end : int
            In the written text, in characters.
        """
        first, inside = self._before(start)
        if inside is not None and start < end:
            first = inside.start
        if start == end:
            return first, first
        last, inside = self._before(end - 1)
        return first, inside.end if inside is not None else last + 1

    def _before(self, position: int) -> tuple[int, Redaction | None]:
        """Return where a character was written, and the redaction that it stands for, if it does."""
        n = bisect_right(self.starts, position)
        # Of redactions replaced by nothing several may stand at one place: the text goes on behind them all.
        if not n:
            return position, None
        one, start = self.taken[n - 1], self.starts[n - 1]
        if position < start + len(self.neutral):
            return one.start, one
        return one.end + position - start - len(self.neutral), None


def redact(text: str, *, names: Iterable[str] = (), neutral: str = NEUTRAL) -> Redacted:
    """Take out what tells of the person; see the module for what is, and for what is not.

    Parameters
    ----------
    text : str
        Any text; an empty one stays empty.
    names : iterable of str
        The person's own, as a record gives them; empty ones are left aside.
    neutral : str
        What stands in the place of each, nothing by default; one for a title and the name behind it.

    Returns
    -------
    Redacted

    Examples
    --------
    >>> redact("Ms. Ada Okafor (a.okafor@x.org) led 4. She codes.", names=["Ada Okafor"], neutral="_").text
    '_ (_) led 4. _ codes.'
    """
    found = list(personal_words(text))
    stated = [text[start:end] for start, end, kind in found if kind == NAME]
    found += own_names(text, [*names, *stated])
    out, taken, starts, at, length = [], [], [], 0, 0
    for start, end, kind in _joined(text, found):
        out.append(text[at:start])
        length += start - at
        starts.append(length)
        taken.append(Redaction(kind, start, end, text[start:end]))
        out.append(neutral)
        length += len(neutral)
        at = end
    return Redacted("".join([*out, text[at:]]), tuple(taken), tuple(starts), neutral)


def _joined(text: str, found: Iterable[Found]) -> Iterator[Found]:
    """Order stretches, and join those that overlap, and a title and the name behind it."""
    held: Found | None = None
    for start, end, kind in sorted(set(found), key=lambda one: (one[0], -one[1], one[2])):
        if held is None:
            held = (start, end, kind)
        elif start < held[1]:
            held = (held[0], max(end, held[1]), held[2])
        elif kind == NAME and held[2] in (NAME, TITLE) and not text[held[1] : start].strip(" ."):
            held = (held[0], end, NAME)
        else:
            yield held
            held = (start, end, kind)
    if held is not None:
        yield held


def own_names(text: str, names: Iterable[str]) -> Iterator[Found]:
    """Find a person's names in a text: runs of their words, particles and initials, in any order.

    Parameters
    ----------
    text : str
    names : iterable of str
        Full names, or parts of them.

    Yields
    ------
    start, end : int
        In characters.
    kind : str
        ``"name"``.
    """
    pattern = _pattern(names)
    if pattern is None:
        return
    folded, origins = _folded(text)
    for run in pattern.finditer(folded):
        start, end = origins[run.start()], origins[run.end() - 1] + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        end = start + len(_without_verb(text[start:end]))
        written = text[start:end]
        words = _words(written)
        # A lone word in small letters is more often a word ("will", "grace") than a name.
        is_word = len(words) == 1 and written == written.lower() != written.upper()
        if not is_word and not (_MONTHS.issuperset(words) and _is_date(text, start, end)):
            yield start, end, NAME


def _without_verb(run: str) -> str:
    """Leave the second word of "May may apply" to the sentence: small letters behind capitalised ones."""
    if run == run.lower() or run == run.upper():
        return run
    return re.sub(
        r"(?:[\s,]+[^\W\d_A-Z][^\s,]*)+$", lambda tail: tail[0] if tail[0] != tail[0].lower() else "", run
    )


def _is_date(text: str, start: int, end: int) -> bool:
    """Tell "May 2013" and "6th May" from a person called May."""
    return bool(
        re.match(r"[\s,.'’-]{0,3}\d", text[end : end + 4])
        or re.search(r"\d(?:st|nd|rd|th)?[\s,./-]{0,3}$", text[max(0, start - 8) : start])
    )


def _words(name: str) -> list[str]:
    words = re.split(r"[\s,.\-‐–_]+", _folded(name)[0])
    return [word.strip("'’\"()") for word in words if word.strip("'’\"()") and word not in _TITLES]


def _pattern(names: Iterable[str]) -> re.Pattern[str] | None:
    words, small_words = set[str](), set[str]()
    for name in names:
        parts = _words(name)
        for place, word in enumerate(parts):
            # "Le" is a family name where it stands last, "Al" a given one where it stands first: capitalised.
            inside = 0 < place < len(parts) - 1 or not re.search(rf"\b{re.escape(word.capitalize())}\b", name)
            (small_words if word in _PARTICLES and inside else words).add(word)
    whole = sorted((word for word in words if len(word) > 1), key=len, reverse=True)
    if not whole:
        return None
    # Scripts without spaces have no edges of words.
    full = "|".join(
        re.escape(word) if _runs_on(word) else rf"(?<![^\W_]){re.escape(word)}(?![^\W_])" for word in whole
    )
    small = "|".join(map(re.escape, sorted(small_words)))
    initials = "".join(sorted({re.escape(word[0]) for word in words | small_words}))
    around = rf"(?<![^\W_])(?:[{initials}]\.?{f'|{small}' if small else ''})(?![^\W_])"
    # Bounded, and each stretch of spaces read in one way only, so that no text makes the search long.
    between = r"(?:[ \t\u00a0]{0,4}[,\-‐–][ \t\u00a0]{0,4}|[ \t\u00a0]{1,4}|)"
    return re.compile(rf"(?:{around}{between}){{0,4}}(?:{full})(?:{between}(?:{full}|{around})){{0,8}}")


def _runs_on(word: str) -> bool:
    return any("\u3040" <= letter <= "\u30ff" or "\u3400" <= letter <= "\u9fff" for letter in word)


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text in small letters without accents, and the place of each of its letters in the text."""
    out, origins = [], []
    for place, letter in enumerate(text):
        plain = unicodedata.normalize("NFKD", letter.casefold().translate(_LETTERS))
        for one in plain:
            if not unicodedata.combining(one):
                out.append(one)
                origins.append(place)
    return "".join(out), origins
