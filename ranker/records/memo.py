"""What was worked out of raw texts, so that it is worked out once for each distinct one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ranker.records.values import Unreadable, decode, normal, plain_literals

SHORT = 40  # characters of a text whose form is remembered from one data set to the next
AT_ONCE = 64  # texts: one that is no plain literal sends so many to be read one by one


# Pools of one server name the same few thousand skills and places: a look-up takes a tenth of the work.
_form_of = lru_cache(maxsize=8192)(normal)


class Forms(dict[str, str]):
    """The form in which a text is compared; see :func:`~ranker.records.values.normal`."""

    def __missing__(self, text: str) -> str:
        self[text] = form = _form_of(text) if len(text) <= SHORT else normal(text)
        return form


class Codes(dict[str, int]):
    """A whole number from 0 for each text, the same for texts that compare as equal."""

    def __init__(self, forms: Forms) -> None:
        super().__init__()
        self._forms = forms
        self._of_form: dict[str, int] = {}

    def __missing__(self, text: str) -> int:
        self[text] = code = self._of_form.setdefault(self._forms[text], len(self._of_form))
        return code

    @property
    def n_codes(self) -> int:
        """Number of codes given so far: codes are 0 .. n_codes - 1."""
        return len(self._of_form)


@dataclass(frozen=True, slots=True, eq=False)
class Memo:
    """Of one data set.

    Parameters
    ----------
    forms : Forms
    codes : Codes
    opened : dict of str to object
        Lists and objects by the text that they were written as; ``Unreadable`` where that is neither.
    """

    forms: Forms = field(default_factory=Forms)
    codes: Codes = field(init=False)
    opened: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", Codes(self.forms))

    def open_all(self, values: Iterable[Any]) -> None:
        """Decode raw values for :meth:`open`, several at once where they are plain Python literals."""
        new = [
            value
            for value in dict.fromkeys(value for value in values if type(value) is str)
            if value[:1] in ("[", "{") and value[-1] in "]}" and value not in self.opened
        ]
        for start in range(0, len(new), AT_ONCE):
            texts = new[start : start + AT_ONCE]
            if (found := plain_literals(texts)) is not None:
                self.opened.update(zip(texts, found, strict=True))

    def open(self, value: Any) -> Any:
        """Decode a raw value once; what comes back is shared, and must not be written to."""
        if type(value) is not str:
            return decode(value)
        found = self.opened.get(value)
        if found is None:
            try:
                found = decode(value)
            except Unreadable as error:
                found = error
            if found is not value:  # a text that is no list stays itself
                self.opened[value] = found
        if isinstance(found, Unreadable):
            raise Unreadable(str(found))
        return found
