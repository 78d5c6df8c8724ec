"""Inputs and answers as salted pieces, so that one person's can be deleted and the hash still stands.

A document about several people is taken apart: what belongs to one person (elements of lists of
candidates, members of objects named by candidates) is one piece, what is left is the frame. Each piece
has its own salt of 128 random bits::

    piece's hash    = sha256(salt || tab || canonical JSON of its people || tab || canonical JSON of it)
    document's hash = sha256(FORMAT, then each piece's hash, a line each)

Deleting a piece with its salt leaves its hash, which nobody can guess back.

A person's piece is ``{member of the document: [parts, in their order]}``, a part of an object being
``[name, value]``. In the frame stands for each such member whose part comes where, and what is nobody's::

    {"$piece": [number of the piece, or 0 for the next of the rest], "$rest": [...] or {...}}
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import Any, Final, Self

from ranker.app.canonical_json import canonical_bytes, canonical_each
from ranker.app.decisions.mentions import mentions

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["Document", "Piece", "pack", "vouched"]

FORMAT: Final = "candor-document/1"
MARK: Final = "$piece"
REST: Final = "$rest"
MARKS: Final = {MARK, REST}
GONE: Final = {"withdrawn": True}
NAMES: Final = ("candidate", "id", "candidate_id")  # keys that name a person where people are listed
SALT: Final = 16  # bytes
# 95 kB of a ranking: .14 ms for 19 kB, where zlib's quickest takes .43 for 23; level 3 takes the disk hardly less.
LEVEL: Final = 1
KEPT, UNKEPT, WITHDRAWN = "k", "u", "w"
ONLY_TEXTS: Final = {str}


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

    def names(self, person: str, known: Set[str] = frozenset()) -> bool:
        """Tell whether it is that person's, or says that person's id anywhere but within its owner's.

        Parameters
        ----------
        person : str
            The id.
        known : set of str
            Of all those whom the document names: keys of an object are ids where all of them are known.
        """
        if self.text is None:
            return False
        who = json.loads(self.who)
        if person in who:
            return True
        return mentions(json.loads(self.text), person, owners=who, known=known)


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
        told = json.loads(frame.text)
        if not rest:
            return told
        parts = [None if piece.text is None else json.loads(piece.text) for piece in rest]
        return {
            name: _filled(part, [own and iter(own.get(name, ())) for own in parts])
            if type(part) is dict and part.keys() == MARKS
            else part
            for name, part in told.items()
        }

    def holds(self, value: Mapping[str, Any]) -> bool:
        """Tell whether a value is the one that was hashed, where only hash and salt were kept."""
        [piece] = self.pieces
        text = canonical_bytes(value).decode()
        return piece.salt is not None and _piece_hash(piece.salt, "[]", text) == piece.hash

    def without(self, person: str) -> Self:
        """Delete what is that person's or names that person; where nothing but the hash is kept, its salt."""
        known = {person}.union(*(json.loads(piece.who) for piece in self.pieces))
        return type(self)(
            tuple(
                Piece(piece.hash)
                if piece.names(person, known) or (piece.salt and piece.text is None)
                else piece
                for piece in self.pieces
            )
        )

    def without_own(self, person: str) -> Self:
        """Delete what is that person's alone, and leave what is another's, whatever it says."""
        return type(self)(
            tuple(
                Piece(piece.hash) if piece.text is not None and person in json.loads(piece.who) else piece
                for piece in self.pieces
            )
        )

    def to_bytes(self) -> bytes:
        """Pack it for the database."""
        return _packed([piece.line().encode() for piece in self.pieces])

    @classmethod
    def from_bytes(cls, packed: bytes) -> Self:
        """Unpack it.

        Raises
        ------
        ValueError
            If it is not what was packed.
        """
        try:
            lines = zstd.decompress(packed).decode().split("\n")
        except (zstd.ZstdError, TypeError) as error:  # SQLite holds a text where bytes are due
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
    frame, taken = _taken_apart(value, people) if keep and len(people) > 1 else (value, {})
    text = canonical_bytes(frame)
    salts = os.urandom(SALT * (len(taken) + 1)).hex().encode()
    first, *others = [salts[start : start + 2 * SALT] for start in range(0, len(salts), 2 * SALT)]
    if not keep:
        hashed = _sha256(b"%b\t[]\t%b" % (first, text))
        return _hash_of([hashed]), _packed([b"u\t%b\t%b" % (hashed.encode(), first)])
    # Lines, not pieces: making a hundred of these takes a third of the time.
    ends = [b"%b\t%b\t%b" % (first, b"[]" if taken else canonical_bytes(list(people)), text)]
    texts = canonical_each(chain.from_iterable(taken.items()))
    ends += [b"%b\t[%b]\t%b" % line for line in zip(others, texts[::2], texts[1::2], strict=True)]
    return _hash_of([sha256(end).hexdigest() for end in ends]), _packed([b"k\t%b" % end for end in ends])


def vouched(packed: bytes | None, due: str | None, *, whole: bool = True) -> Any:
    """Return what a document says, where it is the one that the chain holds; ``None`` otherwise.

    Whoever may write to the database may put any other document there, and a verification is not to fall
    over what that one does not say.

    Parameters
    ----------
    packed : bytes or None
        The document, if it is there.
    due : str or None
        Its hash in the chain.
    whole : bool
        Whether nothing of it may be deleted.
    """
    try:
        document = None if packed is None else Document.from_bytes(packed)
    except ValueError:
        return None
    if document is None or document.hash != due or (whole and not document.complete):
        return None
    return document.value()


def _piece_hash(salt: str, who: str, text: str) -> str:
    return _sha256(f"{salt}\t{who}\t{text}".encode())


def _hash_of(pieces: Sequence[str]) -> str:
    return _sha256("\n".join([FORMAT, *pieces]).encode())


def _packed(lines: Sequence[bytes]) -> bytes:
    return zstd.compress(b"\n".join(lines), LEVEL)


def _sha256(text: bytes) -> str:
    return sha256(text).hexdigest()


def _taken_apart(
    value: Mapping[str, Any], people: Sequence[str]
) -> tuple[Mapping[str, Any], dict[str, dict[str, list[Any]]]]:
    """Take out of a value's members what is somebody's, by person; marks say where it was."""
    known = set(people)
    taken: dict[str, dict[str, list[Any]]] = {}
    number: dict[str, int] = {}  # of each person's piece; the frame is the one before the first

    def take(name: str, owners: Sequence[str | None], parts: Sequence[Any]) -> list[int]:
        places = []
        for who, part in zip(owners, parts, strict=True):
            if who is None or who not in known:
                places.append(0)
                continue
            if who not in taken:
                taken[who], number[who] = {}, len(taken) + 1
            taken[who].setdefault(name, []).append(part)
            places.append(number[who])
        return places

    frame: dict[str, Any] = {}
    for name, part in value.items():
        # By most of its keys: somebody who is called "id" is not whom a job's record is about.
        if isinstance(part, dict) and 2 * len(own := [key for key in part if key in known]) > len(part):
            # With its name: what is left when the piece is deleted must not say whose it was.
            places = take(name, own, [[key, part[key]] for key in own])
            frame[name] = {MARK: places, REST: {key: one for key, one in part.items() if key not in known}}
        elif isinstance(part, list | tuple) and (owners := _owners(part, known)):
            places = take(name, owners, part)
            frame[name] = {
                MARK: places,
                REST: [one for one, place in zip(part, places, strict=True) if not place],
            }
        elif isinstance(part, dict) and part.keys() == MARKS:
            return value, {}  # somebody's own data look like our marks
        else:
            frame[name] = part
    return (frame, taken) if taken else (value, {})


def _filled(marked: dict[str, Any], parts: Sequence[Iterator[Any] | None]) -> Any:
    """Put parts where marks say; ``None`` for the parts of a piece that was deleted."""
    rest = marked[REST]
    if isinstance(rest, dict):
        own = [parts[place - 1] for place in marked[MARK]]
        return rest | dict(next(one) for one in own if one is not None)
    others, found = iter(rest), []
    for place in marked[MARK]:
        one = parts[place - 1] if place else others
        found.append(GONE if one is None else next(one))
    return found


def _owners(rows: Sequence[Any], known: set[str]) -> list[str | None] | None:
    """Tell whose each row is, by the key that names a person in most of them; ``None`` where none does."""
    objects = [row for row in rows if type(row) is dict]
    if not objects:
        return None
    for name in NAMES:
        if _who(objects[0], name) not in known:
            continue
        named = [row.get(name) for row in objects]
        if not ONLY_TEXTS.issuperset(map(type, named)):
            named = [_who(row, name) for row in objects]
        if known.issuperset(named):
            return named if len(named) == len(rows) else [_who(row, name) for row in rows]
    counts = Counter(key for row in objects for key in row if _who(row, key) in known)
    return [_who(row, counts.most_common(1)[0][0]) for row in rows] if counts else None


def _who(row: Any, key: str) -> str | None:
    given = row.get(key) if type(row) is dict else None
    return str(given) if type(given) in (str, int) else None
