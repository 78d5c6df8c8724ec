"""Whether JSON names somebody: what has to go with a person whose data are deleted."""

import re
from collections.abc import Iterable, Iterator, Set
from json.encoder import encode_basestring_ascii
from typing import Any

from ranker.app.canonical_json import canonical_bytes

__all__ = ["mentions"]


def mentions(value: Any, person: str, *, owners: Iterable[str] = (), known: Set[str] = frozenset()) -> bool:
    """Tell whether a value says somebody's id, anywhere but within the id of whose it is.

    Parameters
    ----------
    value : JSON
        Parsed.
    person : str
        The id.
    owners : iterable of str
        Ids of those whose data it is.
    known : set of str
        Ids of people: keys of an object are ids where all of them are known.
    """
    said = "\n".join(_sayings(value, known))
    for owner in owners:
        if person in owner:  # "anna" does not name "anna (2)"
            said = said.replace(canonical_bytes(owner).decode()[1:-1], "")
    return _said(said, person)


def _sayings(value: Any, known: Set[str]) -> Iterator[str]:
    """Write all that may name somebody: values, and the keys of objects that are named by people.

    Other keys are ours or the record's, the outermost always: somebody who is called "id" is not named by
    everybody's record.
    """
    todo = list(value.values()) if type(value) is dict else [value]
    while todo:
        one = todo.pop()
        if type(one) is dict:
            if one.keys() <= known:
                todo += one
            todo += one.values()
        elif type(one) is list:
            todo += one
        else:
            yield canonical_bytes(one).decode()


def _said(text: str, person: str) -> bool:
    """Tell whether a text says an id: as a value or a name, and within sentences where it cannot be a count.

    A short number is looked for as a whole value only: "4 of 5 skills" does not name candidate 4.
    """
    # As it is written in UTF-8, and as in the ASCII of what UTF-8 cannot hold.
    written = {canonical_bytes(person).decode(), encode_basestring_ascii(person)}
    if any(one in text for one in written):
        return True
    if len(person) < 2 or (person.isdigit() and len(person) < 4):
        return False
    return any(re.search(rf"(?<![\w-]){re.escape(one[1:-1])}(?![\w-])", text) for one in written)
