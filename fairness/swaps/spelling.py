"""Where a person's name stands in texts and e-mail addresses, and the same with another name.

A name is replaced as whole tokens only: between letters or digits nothing is touched, so that
"Ada" leaves "Adaptive" alone. Hyphens, underscores, dots and slashes part tokens, as they do in
addresses of pages ("in/ada-okafor").
"""

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["OtherName", "folded"]

_EMAIL = r"(?P<local>[^\s@<>()\[\]\"',;:]+)@(?P<domain>[^\s@<>()\[\]\"',;:]+)"
_LETTERS = str.maketrans({"ı": "i", "İ": "I", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "ß": "ss",
                          "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "þ": "th", "Þ": "Th"})  # fmt: skip


def folded(text: str) -> str:
    """Return a text as addresses spell it: no accents, and lower case."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


@dataclass(frozen=True, slots=True)
class OtherName:
    """One person's name, or a place's, and the one that is written instead.

    Parameters
    ----------
    before, after : str
        The two names, not empty.
    in_words : bool, default=True
        Whether the first and the last word stand for the name alone, as a given name and a
        family name do; otherwise only the whole is replaced, as for places.
    """

    before: str
    after: str
    in_words: bool = True

    def in_text(self, text: str) -> str:
        """Return a text with the name replaced, e-mail addresses in it included; case is kept.

        Examples
        --------
        >>> OtherName("Ada Okafor", "Emma Visser").in_text("ADA (adaptive) wrote: a.okafor@x.org, Okafor's")
        "EMMA (adaptive) wrote: e.visser@x.org, Visser's"
        """
        new = self._forms()
        # Longest first, so that the whole name goes before its words.
        forms = "|".join(_spaced(form) for form in sorted(new, key=len, reverse=True))
        by_key = {_key(form): written for form, written in new.items()}

        def instead(found: re.Match[str]) -> str:
            if found["local"]:
                return self._local(found["local"]) + "@" + found["domain"]
            written = " ".join(found["name"].split())
            return _in_case_of(written, by_key.get(_key(written), found["name"]))

        pattern = rf"{_EMAIL}|(?<![^\W_])(?P<name>{forms})(?![^\W_])"
        composed = unicodedata.normalize("NFC", text)
        changed = re.sub(pattern, instead, composed, flags=re.IGNORECASE)
        return text if changed == composed else changed

    def in_email(self, address: str) -> str:
        """Return an e-mail address with the name replaced in what stands before the ``@``.

        Understood are the words of the name and their initials, parted by dots and the like or
        run together, and numbers behind them; what is spelt otherwise stays.

        Examples
        --------
        >>> OtherName("Ada Okafor", "Emma Visser").in_email("aokafor84@x.org")
        'evisser84@x.org'
        """
        local, at, domain = address.partition("@")
        return self._local(local) + at + domain

    def _forms(self) -> dict[str, str]:
        before, after = (unicodedata.normalize("NFC", name).split() for name in (self.before, self.after))
        new = {" ".join(before): " ".join(after)}
        if self.in_words:
            new.setdefault(before[0], after[0])
            if len(before) > 1 and len(after) > 1:
                new.setdefault(before[-1], after[-1])
        # Accents are lost in many texts, which speak of the same person.
        for form in list(new):
            new.setdefault(folded(form), new[form])
        return {form: written for form, written in new.items() if form}

    def _local(self, local: str) -> str:
        """Replace the name in what stands before an ``@``."""
        before, after = ([folded(word) for word in name.split()] for name in (self.before, self.after))
        if not self.in_words or not (before[0] and after[0]):
            return local
        parts = re.split(r"([^\w]+|_+|\d+)", local)
        first, other, forms = before[0], after[0], {before[0]: after[0]}
        if min(len(before), len(after)) > 1 and before[-1] and after[-1]:
            last, other_last = before[-1], after[-1]
            forms |= {
                last: other_last,
                first + last: other + other_last,
                last + first: other_last + other,
                first[0] + last: other[0] + other_last,
                last + first[0]: other_last + other[0],
                first + last[0]: other + other_last[0],
            }
            if last in map(folded, parts):
                # A letter alone is an initial only beside the family name.
                forms.setdefault(first[0], other[0])
        return "".join(
            _in_case_of(part, forms[key].capitalize()) if (key := folded(part)) in forms else part
            for part in parts
        )


def _key(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _spaced(form: str) -> str:
    return r"\s+".join(map(re.escape, form.split()))


def _in_case_of(written: str, new: str) -> str:
    """Write a name in the case of another: capitals, small letters, or as it stands in its list."""
    if written.isupper() and (len(written) > 1 or len(new) == 1):
        return new.upper()
    return new.lower() if written.islower() else new
