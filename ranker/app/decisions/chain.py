r"""The chain: each entry's hash takes in the one before, so that no row is changed or removed unseen.

Canonical JSON, here and in documents: UTF-8, members sorted by name, no white space, each double as the
shortest digits that read back to it, no NaN or infinity (:mod:`ranker.app.canonical_json`, which also
says what is written for the few values that UTF-8 or 64 bits cannot hold). An entry's hash is::

    sha256(previous hash || newline || canonical JSON of [fields in the order of FIELDS])

The hashes of input, answer, people and protected fields in it are salted (see
:mod:`ranker.app.decisions.documents`) and their salts stand with the data: once a person's data are
deleted with their salts, the chain still verifies and its hashes tell nothing, not even to who guesses
right.

What the chain cannot show by itself is that it was rewritten from some entry to the end, or cut off at
the end together with the head's row: for that a head hash has to be kept elsewhere (``candor log head``)
and given to ``candor log verify --anchor``.
"""

import hashlib
import os
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from ranker.app.canonical_json import canonical_bytes

__all__ = ["FIELDS", "FORMAT", "as_text", "canonical", "entry_hash", "new_id", "utc_now"]

FORMAT: Final = "candor-decision/1"
FIELDS: Final = (
    "number", "id", "time", "kind", "caller", "role", "model", "request_id",
    "input_kept", "input_hash", "answer_hash", "people_hash", "protected_hash",
)  # fmt: skip


def canonical(value: Any) -> str:
    """Return JSON in its canonical form; see :func:`~ranker.app.canonical_json.canonical_bytes`.

    Raises
    ------
    DataError
        If it is not JSON: NaN, an infinity, or a type that JSON has not.
    """
    return canonical_bytes(value).decode()


def entry_hash(previous: str, entry: Mapping[str, Any] | RowMapping) -> str:
    """Return the hash of an entry that follows the one whose hash is ``previous``, in hex."""
    told = canonical_bytes([FORMAT, *[entry[name] for name in FIELDS]])
    return hashlib.sha256(b"%b\n%b" % (previous.encode(), told)).hexdigest()


def new_id() -> str:
    """Return a UUID of version 7: 48 bits of time in milliseconds, then chance.

    References
    ----------
    RFC 9562, section 5.7; ``uuid.uuid7`` comes with Python 3.14.
    """
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    return str(uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62))


def utc_now() -> str:
    """Return the time as the log writes it."""
    return as_text(datetime.now(UTC))


def as_text(moment: datetime) -> str:
    """Write a time, which knows its zone, as UTC; texts of this form sort as times do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
