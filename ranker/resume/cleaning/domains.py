"""Domain labels, as the domains write them."""

from collections.abc import Iterable

from ranker.resume.cleaning.matcher import Matcher
from ranker.resume.cleaning.vocabulary import Vocabulary
from ranker.resume.cleaning.words import surface


class DomainNames:
    """Finds the label of a domain.

    Parameters
    ----------
    labels : iterable of str
        Labels as the domains write them.
    """

    def __init__(self, labels: Iterable[str]) -> None:
        self._labels: dict[str, str] = {}
        for label in labels:
            self._labels.setdefault(surface(label), label)
        known = [(key, ()) for key in self._labels if key]
        self._matcher = Matcher(Vocabulary.from_names(known)) if known else None

    def find(self, text: str) -> str:
        """Return the label that a text means; the text itself where it means none."""
        if not text or self._matcher is None or text in self._labels.values():
            return text
        match = self._matcher.match(text)
        known = len(match.names) == 1 and match.rule != "novel"
        return self._labels.get(match.names[0], text) if known else text
