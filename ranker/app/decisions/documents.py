"""Inputs and answers as salted pieces, so that one person's can be deleted and the hash still stands.

A document about several people is taken apart: what belongs to one person (an element of a list of
candidates, a member of an object named by candidates) is a piece of its own, what is left is the frame.
Each piece has its own salt of 128 random bits::

    piece's hash    = sha256(salt || tab || canonical JSON of its people || tab || canonical JSON of it)
    document's hash = sha256(FORMAT, then each piece's hash, a line each)

Deleting a piece with its salt leaves its hash, which nobody can guess back.
"""

import hashlib
import json
import os
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import Any, Final, Self

from ranker.app.decisions.chain import canonical

__all__ = ["Document", "Piece", "pack"]

FORMAT: Final = "candor-document/1"
MARK: Final = "$piece"
REST: Final = "$rest"
GONE: Final = {"withdrawn": True}
NAMES: Final = ("candidate", "id", "candidate_id")  # keys that name a person where people are listed
SALT: Final = 16  # bytes
# Level 1 makes a ninth of 28 kB in 0.2 ms; higher levels take the disk hardly less.
LEVEL: Final = 1
KEPT, UNKEPT, WITHDRAWN = "k", "u", "w"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a document that is kept or deleted as one.

    Parameters
    ----------
    hash : str
        In hex.
    who : str
        Ids of those whose data it holds, as canonical JSON; ``"[]"`` for a frame.
    salt, text : str or None
        ``None`` once deleted; a text is ``None`` from the start where it was not to be kept.
    """

    hash: str
    who: str = "[]"
    salt: str | None = None
    text: str | None = None

    def line(self) -> str:
        """Write it as a line; canonical JSON holds neither tab nor newline."""
        if self.salt is None:
            return f"{WITHDRAWN}\t{self.hash}"
        if self.text is None:
            return f"{UNKEPT}\t{self.hash}\t{self.salt}"
        return f"{KEPT}\t{self.salt}\t{self.who}\t{self.text}"

    @classmethod
    def read(cls, line: str) -> Self:
        """Read a line back; a kept piece is hashed anew.

        Raises
        ------
        ValueError
            If it is no such line.
        """
        form, first, *rest = line.split("\t")
        if form == KEPT:
            who, text = rest
            return cls(_piece_hash(first, who, text), who, first, text)
        if form == UNKEPT:
            [salt] = rest
            return cls(first, salt=salt)
        if form != WITHDRAWN or rest:
            raise ValueError(f"no piece: {line[:20]!r}")
        return cls(first)

    def names(self, person: str) -> bool:
        """Tell whether it is that person's, or says that person's id anywhere."""
        return self.text is not None and (person in json.loads(self.who) or _mentions(self.text, person))


@dataclass(frozen=True, slots=True)
class Document:
    """An input, an answer, or whatever else is hashed and may be deleted.

    Parameters
    ----------
    pieces : tuple of Piece
        The frame, then what was taken out of it, in the order of its marks.
    """

    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, value: Mapping[str, Any], people: Sequence[str] = (), *, keep: bool = True) -> Self:
        """Take a value apart by the people in it; see :func:`pack`."""
        return cls.from_bytes(pack(value, people, keep=keep)[1])

    @property
    def hash(self) -> str:
        """What the chain holds of it, in hex."""
        return _hash_of([piece.hash for piece in self.pieces])

    @property
    def complete(self) -> bool:
        """Whether all of its text is here."""
        return all(piece.text is not None for piece in self.pieces)

    @property
    def withdrawn(self) -> bool:
        """Whether anything of it was deleted."""
        return any(piece.salt is None for piece in self.pieces)

    def value(self) -> Any:
        """Put it together again.

        Returns
        -------
        JSON or None
            ``None`` where the frame is not here. In place of a deleted element of a list stands
            ``{"withdrawn": true}``; a deleted member of an object is left out with its name.
        """
        frame, *rest = self.pieces
        if frame.text is None:
            return None
        if not rest:
            return json.loads(frame.text)
        parts = [GONE if piece.text is None else json.loads(piece.text) for piece in rest]

        def filled(one: dict[str, Any]) -> Any:
            if one.keys() == {MARK}:
                return parts[one[MARK]]
            if one.keys() == {MARK, REST}:
                return one[REST] | dict(parts[k] for k in one[MARK] if parts[k] is not GONE)
            return one

        return json.loads(frame.text, object_hook=filled)

    def holds(self, value: Mapping[str, Any]) -> bool:
        """Tell whether a value is the one that was hashed, where only hash and salt were kept."""
        [piece] = self.pieces
        return piece.salt is not None and _piece_hash(piece.salt, "[]", canonical(value)) == piece.hash

    def without(self, person: str) -> Self:
        """Delete what is that person's or names that person; where nothing but the hash is kept, its salt."""
        return type(self)(
            tuple(
                Piece(piece.hash) if piece.names(person) or (piece.salt and piece.text is None) else piece
                for piece in self.pieces
            )
        )

    def to_bytes(self) -> bytes:
        """Pack it for the database."""
        return _packed([piece.line() for piece in self.pieces])

    @classmethod
    def from_bytes(cls, packed: bytes) -> Self:
        """Unpack it.

        Raises
        ------
        ValueError
            If it is not what was packed.
        """
        try:
            lines = zlib.decompress(packed).decode("ascii").split("\n")
        except zlib.error as error:
            raise ValueError(str(error)) from None
        return cls(tuple(Piece.read(line) for line in lines))


def pack(value: Mapping[str, Any], people: Sequence[str] = (), *, keep: bool = True) -> tuple[str, bytes]:
    """Take a value apart by the people in it, hash and pack it, all at once as each answer waits for it.

    Parameters
    ----------
    value : Mapping
        JSON.
    people : sequence of str
        Ids of those whom it is about.
    keep : bool
        Whether its text is kept, or its hash and salt alone.

    Returns
    -------
    (str, bytes)
        The document's hash, and what :meth:`Document.from_bytes` unpacks.

    Raises
    ------
    DataError
        If it is not JSON.
    """
    frame, taken, n_marks = _taken_apart(value, people) if keep and len(people) > 1 else (value, [], 0)
    text = canonical(frame)
    if taken and text.count(f'"{MARK}"') != n_marks:  # somebody's own data look like our marks
        text, taken = canonical(value), []
    salts = os.urandom(SALT * (len(taken) + 1)).hex()
    salt = [salts[start : start + 2 * SALT] for start in range(0, len(salts), 2 * SALT)]
    if not keep:
        first = _piece_hash(salt[0], "[]", text)
        return _hash_of([first]), _packed([f"{UNKEPT}\t{first}\t{salt[0]}"])
    # Lines, not pieces: making 400 of these takes a third of the time.
    ends = [f"{salt[0]}\t{_list_of(() if taken else people)}\t{text}"]
    ends += [
        f"{one}\t{_list_of((who,))}\t{canonical(v)}" for (who, v), one in zip(taken, salt[1:], strict=True)
    ]
    return _hash_of([_sha256(end) for end in ends]), _packed([f"{KEPT}\t{end}" for end in ends])


def _list_of(people: Sequence[str]) -> str:
    return f"[{','.join(map(encode_basestring_ascii, people))}]"  # canonical, at a tenth of the time


def _piece_hash(salt: str, who: str, text: str) -> str:
    return _sha256(f"{salt}\t{who}\t{text}")


def _hash_of(pieces: Sequence[str]) -> str:
    return _sha256("\n".join([FORMAT, *pieces]))


def _packed(lines: Sequence[str]) -> bytes:
    return zlib.compress("\n".join(lines).encode("ascii"), LEVEL)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _taken_apart(
    value: Mapping[str, Any], people: Sequence[str]
) -> tuple[dict[str, Any], list[tuple[str, Any]], int]:
    """Take out of a value's members what is somebody's; marks, which are counted, say where it was."""
    known, taken, n_marks = set(people), list[tuple[str, Any]](), 0

    def mark(who: str | None, part: Any) -> Any:
        if who is None or who not in known:
            return part
        taken.append((who, part))
        return {MARK: len(taken) - 1}

    frame: dict[str, Any] = {}
    for name, part in value.items():
        before = len(taken)
        if isinstance(part, dict) and (own := [key for key in part if key in known]):
            # With its name: what is left when the piece is deleted must not say whose it was.
            taken.extend((key, [key, part[key]]) for key in own)
            rest = {key: one for key, one in part.items() if key not in known}
            frame[name] = {MARK: list(range(before, len(taken))), REST: rest}
            n_marks += 1
        elif isinstance(part, list | tuple) and (key := _key_of(part, known)):
            frame[name] = [mark(_who(one, key), one) for one in part]
            n_marks += len(taken) - before
        else:
            frame[name] = part
    return frame, taken, n_marks


def _key_of(rows: Sequence[Any], known: set[str]) -> str | None:
    """Find the key that names a person in most of the rows."""
    objects = [row for row in rows if isinstance(row, dict)]
    for name in NAMES:
        if objects and all(_who(row, name) in known for row in objects):
            return name
    counts = Counter(key for row in objects for key in row if _who(row, key) in known)
    return counts.most_common(1)[0][0] if counts else None


def _who(row: Any, key: str) -> str | None:
    given = row.get(key) if type(row) is dict else None
    return str(given) if type(given) in (str, int) else None


def _mentions(text: str, person: str) -> bool:
    """Tell whether a text says an id: as a value or a name, and within sentences where it cannot be a count.

    A short number is looked for as a whole value only: "4 of 5 skills" does not name candidate 4.
    """
    written = canonical(person)
    if written in text:
        return True
    if len(person) < 2 or (person.isdigit() and len(person) < 4):
        return False
    return re.search(rf"(?<![\w-]){re.escape(written[1:-1])}(?![\w-])", text) is not None
