"""A text as the cleaner compares it: its surface, its words, its compact form and its signs."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LONGEST = 300  # characters; what is longer names no skill, title or project, and is cut there

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")
_TYPED = str.maketrans(dict.fromkeys("‐‑‒–—―−﹘﹣－", "-") | dict.fromkeys("’‘‛´`", "'"))
# What stands around a text and is no part of it. + and # end names (C++, C#), a dot begins some (.NET).
_BEFORE = " -*•·,;:!?\"'/\\|_~=<>^&@%$#+)]}"
_AFTER = " -*•·,;:!?\"'/\\|_~=<>^&@%$.([{"
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_NUMBER, _DOTTED = r"v?\d+(?:\.\d+)+", r"\.net\b"
_SHARP = r"(?<![^\W_])[^\W\d_]{1,2}#(?![^\W\d_])"
_WORD = re.compile(rf"{_NUMBER}|{_DOTTED}|{_SHARP}|[^\W_]+(?:\+\+)?")
_SIGN = re.compile(rf"\d+|\+\+|{_SHARP}|{_DOTTED}")


def listed(text: str) -> frozenset[str]:
    """Return the words of a list that is written as one text."""
    return frozenset(text.split())


@lru_cache(maxsize=100_000)
def surface(text: str) -> str:
    """Return a text in one case, characters composed, spaces single, punctuation around it taken off.

    Applying it again changes nothing.
    """
    text, before = text[:LONGEST], None
    while text != before:
        before = text
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text.casefold()).translate(_TYPED)
        text = _trimmed(_SPACE.sub(" ", text.lower())[:LONGEST])
    return text


def _trimmed(text: str) -> str:
    text = text.lstrip(_BEFORE).rstrip(_AFTER)
    if text.startswith(".") and not text[1:2].isalnum():
        return text[1:]
    for opening, closing in _CLOSING.items():
        if text.endswith(closing) and opening not in text:
            return text[:-1]
        if text.startswith(opening) and (closing not in text or text.find(closing) == len(text) - 1):
            return text[1:].removesuffix(closing)
    return text


@lru_cache(maxsize=100_000)
def words_of(text: str) -> tuple[str, ...]:
    """Cut a surface into words; ``c++``, ``c#``, ``.net`` and ``3.9`` are one word each, apostrophes none.

    Examples
    --------
    >>> words_of("c++ / asp.net, python 3.9")
    ('c++', 'asp', '.net', 'python', '3.9')
    """
    return tuple(_WORD.findall(text.replace("'", "")))


def singular(word: str) -> str:
    """Take off a plural's s: ``databases`` and ``database`` compare as one; ``css`` and ``analysis`` stay."""
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] not in "sui+" else word


def stem(word: str) -> str:
    """Cut an English word to what its forms share: ``perform``, ``performing``, ``performed``; never below 4 letters.

    Examples
    --------
    >>> stem("planning"), stem("plans"), stem("use"), stem("marketing")
    ('plan', 'plan', 'use', 'market')
    """
    word = singular(word)
    for ending in ("ing", "ed", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            return word[:-1] if word[-1] == word[-2] and word[-1] not in "sl" else word
    return word


def compact(words: Iterable[str]) -> str:
    """Join words without spaces, so that ``data-base``, ``data base`` and ``database`` are one."""
    return "".join(words)


def signs(text: str) -> tuple[str, ...]:
    """Return what no typing error adds or takes away: digits, and what tells C, C++ and C# apart."""
    return tuple(_SIGN.findall(text))
