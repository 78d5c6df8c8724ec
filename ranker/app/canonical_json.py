"""JSON as bytes, quickly: the same value gives the same bytes, and what JSON cannot say is refused.

Written by orjson: UTF-8, no white space, each double as the shortest digits that read back to it. What
orjson cannot write though JSON can (an integer past 64 bits, half a character, more than 254 levels) is
written by Python's ``json`` in ASCII instead, the whole value. A reader of JSON needs to know none of
this; who compares bytes has to write both by these functions. Needs the extra ``api``.
"""

import json
import secrets
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any, Final

from ranker.errors import DataError, UsageError

if find_spec("orjson") is None:
    raise UsageError("the service and its log need orjson: pip install 'candor-rank[api]'")

import orjson

__all__ = ["canonical_bytes", "canonical_each", "compact_bytes"]

# Types of Python's that orjson would write its own way go to json, which refuses them.
PLAIN: Final = (
    orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
)
SORTED: Final = PLAIN | orjson.OPT_SORT_KEYS

# Made once: json.dumps makes an encoder for each text.
_in_order = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_as_given = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def canonical_bytes(value: Any) -> bytes:
    """Write JSON in its canonical form: the members of objects sorted by name.

    Raises
    ------
    DataError
        If it is not JSON: NaN, an infinity, or a type that JSON has not.
    """
    return _written(value, SORTED, _in_order)


def canonical_each(values: Iterable[Any]) -> list[bytes]:
    """Write several values as :func:`canonical_bytes` does each, in a third of the time for small ones.

    Raises
    ------
    DataError
        As there.
    """
    some = list(values)
    if not some:
        return []
    # In one text: orjson takes longer to begin one than to write a record. Nobody can have written the mark.
    mark = secrets.token_hex(16)
    marked = [mark] * (2 * len(some) - 1)
    marked[::2] = some
    try:
        texts = orjson.dumps(marked, option=SORTED)[1:-1].split(f',"{mark}",'.encode())
    except TypeError:
        return list(map(canonical_bytes, some))
    return [
        canonical_bytes(value) if b"null" in text else text for value, text in zip(some, texts, strict=True)
    ]


def compact_bytes(value: Any) -> bytes:
    """Write JSON with the members of objects in the order that they have.

    Raises
    ------
    DataError
        As :func:`canonical_bytes`.
    """
    return _written(value, PLAIN, _as_given)


def _written(value: Any, options: int, slowly: Callable[[Any], str]) -> bytes:
    try:
        try:
            text = orjson.dumps(value, option=options)
        except TypeError:
            return slowly(value).encode("ascii")
        # orjson writes NaN as null; json says so. Reading back is how to tell at C's speed.
        if b"null" in text and orjson.loads(text) != value:
            slowly(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise DataError(f"what is to be recorded is not JSON: {error}") from None
    return text
