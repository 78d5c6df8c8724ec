"""Skills of a vocabulary, found in running text."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ranker.resume.cleaning.vocabulary import Vocabulary

TOKEN = re.compile(r"\.?\w+(?:[.'’-]\w+)*(?:\+\+|#|\+(?!\w))?", re.UNICODE)
QUALIFIER = re.compile(r"\s*\(([^()]*)\)\s*$")
# Names of skills that are words of everyday English too: in running text they count with a capital only.
EVERYDAY_WORDS = (
    "access act assembly chef basic c d dart director elm excel express flow go hive julia less maya"
    " make move office outlook pages pig processing project publisher puppet r ruby rust salt scheme"
    " scratch shell sketch spark spring stata stage swift teams unity vagrant word works writer notion"
    " impact"
)
EVERYDAY = frozenset(EVERYDAY_WORDS.split())
LONGEST_PLURAL_ROOT = 3  # letters: "css" and "aws" are no plurals


@dataclass(frozen=True, slots=True)
class Span:
    """A skill in a text.

    Parameters
    ----------
    start, end : int
        Where it stands, in characters.
    text : str
        As written.
    skill : str
        The vocabulary's name for it.
    """

    start: int
    end: int
    text: str
    skill: str


class SkillSpotter:
    """Finds the names of a vocabulary in running text, the longest first.

    Names and text are compared token by token, whatever their case; a plural s counts for nothing. A
    name in brackets behind another, as in "Java (computer programming)", may be absent. Names of one
    or two letters, and those that are everyday words, such as "Go" and "Excel", must have a capital in the text.

    Parameters
    ----------
    names : iterable of str
        The vocabulary's own names.
    aliases : Mapping of str to str, optional
        Other names, and the vocabulary's own name of each; a name itself is stronger than an alias.
    """

    def __init__(self, names: Iterable[str], aliases: Mapping[str, str] | None = None) -> None:
        self._skills: dict[tuple[str, ...], str] = {}
        names = list(names)
        bare = {QUALIFIER.sub("", name): name for name in reversed(names) if QUALIFIER.search(name)}
        for known in ({name: name for name in names}, bare, aliases or {}):
            for name, skill in known.items():
                if key := tuple(_form(token[0]) for token in TOKEN.finditer(name)):
                    self._skills.setdefault(key, skill)
        self._longest: dict[str, int] = {}  # by first token: how many tokens its longest name has
        for key in self._skills:
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    @classmethod
    def of(cls, vocabulary: Vocabulary) -> "SkillSpotter":
        """Make one of a vocabulary's names and of all their aliases."""
        return cls(
            vocabulary.canonical,
            {other: name for name, others in vocabulary.aliases.items() for other in others},
        )

    def __len__(self) -> int:
        return len(self._skills)

    def spans(self, text: str, *, listed: bool = False) -> list[Span]:
        """Find skills in a text, from its beginning; they do not overlap.

        Parameters
        ----------
        text : str
            Any text.
        listed : bool
            Whether it is a list of skills, in which everyday words need no capital.
        """
        tokens = list(TOKEN.finditer(text))
        forms = [_form(token[0]) for token in tokens]
        found, at = [], 0
        while at < len(forms):
            for n in range(min(self._longest.get(forms[at], 0), len(forms) - at), 0, -1):
                skill = self._skills.get(tuple(forms[at : at + n]))
                if skill is None or not (listed or _plainly_a_name(tokens[at : at + n])):
                    continue
                start, end = tokens[at].start(), tokens[at + n - 1].end()
                # What commas or full stops part is not one name.
                if re.search(r"[,;:|•\n]|\. ", text[start:end]):
                    continue
                found.append(Span(start, end, text[start:end], skill))
                at += n
                break
            else:
                at += 1
        return found

    def skills_in(self, text: str, *, listed: bool = False) -> tuple[str, ...]:
        """Return the vocabulary's names of skills in a text, each once, in order."""
        return tuple(dict.fromkeys(span.skill for span in self.spans(text, listed=listed)))


def _form(token: str) -> str:
    """Return the form in which tokens are compared."""
    token = token.casefold().replace("’", "'").removesuffix("'s")
    if (
        len(token) > LONGEST_PLURAL_ROOT
        and token.endswith("s")
        and not token.endswith(("ss", "us", "is", ".js"))
    ):
        return token[:-1]
    return token


def _plainly_a_name(tokens: list[re.Match[str]]) -> bool:
    if len(tokens) > 1:
        return True
    token = tokens[0][0]
    return token[:1].isupper() or not (len(token) <= 2 or token.casefold() in EVERYDAY)
