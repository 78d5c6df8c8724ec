"""What the title of a project says, without the words that every title has."""

import re

from ranker.resume.cleaning.general_words import IMPORTANT
from ranker.resume.cleaning.words import listed, surface, words_of

OUT = frozenset({"and", "the", "project", "projects", "using"})
# Alone, or only among each other, they name no project.
NOTHING = listed(
    "mini major minor final year capstone academic college university school semester personal hobby side group "
    "team individual course coursework class thesis demo test sample example untitled unnamed new my misc various "
    "other others several none na n a an of for in on with at to is it no nil null tbd todo xxx etc"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


def clean_project(title: str) -> str:
    """Return a title in lower case without punctuation, "and", "the", "project", "using"; ``""`` if empty.

    Numbers go where they count projects. A single short word is no title unless it is
    one of the important ones (NLP, CNN, R ...). Applying it again changes nothing.

    Examples
    --------
    >>> clean_project("Image Classification using CNN Project")
    'image classification cnn'
    >>> clean_project("NLP Project 2")
    'nlp'
    >>> clean_project("Project 2")
    ''
    """
    words, before = list(words_of(surface(title))), None
    while words != before:
        before = words
        words = [
            word
            for i, word in enumerate(before)
            if word not in OUT and not (_NUMBER.fullmatch(word) and (i > 0 and before[i - 1] in OUT))
        ]
    if all(w in NOTHING or _NUMBER.fullmatch(w) for w in words):
        return ""
    if len(words) == 1 and len(words[0]) <= 2 and words[0] not in IMPORTANT:
        return ""
    return " ".join(words)
