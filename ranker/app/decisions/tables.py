"""The tables of the log, for SQLite and PostgreSQL alike.

``decisions`` is the chain: rows are added and never changed; triggers refuse anything else. They hold
hashes and no personal data. What may be deleted stands beside: ``inputs``, ``answers``, ``protected``
and ``lists`` (who is concerned) as documents by the decision's number, and ``people``, the index from a
person to decisions. ``head`` has one row, which whoever extends the chain locks. ``reviews``,
``objections``, ``overrides`` and ``outcomes`` repeat in columns what entries of the chain say, so that it
can be asked for. ``signed_out`` names sessions of the pages that are over.
"""

import json
from json.encoder import encode_basestring_ascii
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

__all__ = [
    "answers", "api_keys", "decisions", "documents", "escaped", "head", "inputs", "lists", "metadata", "models",
    "objections", "outcomes", "overrides", "people", "protected", "reviews", "signed_out",
]  # fmt: skip


def escaped(text: str) -> str:
    """Return a text as :class:`Ascii` writes it."""
    return encode_basestring_ascii(text)[1:-1]


class Ascii(TypeDecorator[str]):
    """Text with JSON's escapes: what PostgreSQL refuses (NUL) and UTF-8 cannot say (half a pair) fits in."""

    impl: type[String] = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Escape."""
        return None if value is None else escaped(value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        """Read back."""
        return None if value is None else json.loads(f'"{value}"')


class ShortAscii(Ascii):
    """The same, of a bounded length."""

    impl = String
    cache_ok = True


Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite's own row number is an INTEGER
Hash, Time, Id = String(64), String(27), ShortAscii(36)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

decisions = Table(
    "decisions",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False, unique=True),
    Column("time", Time, nullable=False),
    Column("kind", Ascii, nullable=False),
    Column("caller", Ascii, nullable=False),
    Column("role", Ascii, nullable=False),
    Column("model", Ascii, nullable=False),
    Column("request_id", Ascii, nullable=False),
    Column("input_kept", Boolean, nullable=False),
    Column("input_hash", Hash, nullable=False),
    Column("answer_hash", Hash, nullable=False),
    Column("people_hash", Hash, nullable=False),
    Column("protected_hash", Hash, nullable=True),
    Column("previous", Hash, nullable=False),
    Column("hash", Hash, nullable=False),
    Index("ix_decisions_kind", "kind", "number"),
    Index("ix_decisions_time", "time"),
)

head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Number, nullable=False),
    Column("hash", Hash, nullable=False),
    Column("genesis", Hash, nullable=False),
)


def _number(*, index: bool = False) -> Column[int]:
    return Column("number", Number, ForeignKey("decisions.number"), nullable=False, index=index)


def _documents(name: str) -> Table:
    key = Column("number", Number, ForeignKey("decisions.number"), primary_key=True, autoincrement=False)
    return Table(name, metadata, key, Column("body", LargeBinary, nullable=False))


inputs = _documents("inputs")
answers = _documents("answers")
lists = _documents("lists")
protected = _documents("protected")
documents = {"input": inputs, "answer": answers, "people": lists, "protected": protected}

people = Table(
    "people",
    metadata,
    Column("block", Number, primary_key=True, autoincrement=False),
    Column("person", Ascii, primary_key=True),
    Column("number", Number, ForeignKey("decisions.number"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Id, primary_key=True),
    Column("about", Number, ForeignKey("decisions.number"), nullable=False),
    Column("person", Ascii, nullable=False, index=True),
    Column("reason", String(20), nullable=False),
    Column("status", String(10), nullable=False),
    Column("created", Time, nullable=False),
    Column("label", Ascii),
    Column("why", Ascii),
    Column("reviewer", Ascii),
    Column("decided", Time),
    Column("number", Number, ForeignKey("decisions.number")),
    Index("ix_reviews_status", "status", "created", "id"),
    Index("ix_reviews_about", "about"),
)

objections = Table(
    "objections",
    metadata,
    Column("id", Id, primary_key=True),
    _number(),
    Column("about", Number, ForeignKey("decisions.number"), nullable=False),
    Column("person", Ascii, nullable=False, index=True),
    Column("review", Id, nullable=False),
    Column("result", Id),
)

overrides = Table(
    "overrides",
    metadata,
    Column("id", Id, primary_key=True),
    _number(),
    Column("about", Number, ForeignKey("decisions.number"), nullable=False),
    Column("person", Ascii, nullable=False, index=True),
    Column("rank_before", Integer),
    Column("rank_after", Integer),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", Id, primary_key=True),
    _number(),
    Column("about", Number, ForeignKey("decisions.number")),
    Column("person", Ascii, nullable=False, index=True),
    Column("job", Ascii),
    Column("outcome", String(20), nullable=False),
    Column("day", String(10)),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", ShortAscii(16), primary_key=True),
    Column("hash", Hash, nullable=False),
    Column("role", String(20), nullable=False),
    Column("name", Ascii, nullable=False),
    Column("person", Ascii, index=True),
    Column("created", Time, nullable=False),
    Column("revoked", Time),
)

models = Table(
    "models",
    metadata,
    Column("digest", Hash, primary_key=True),
    Column("files_hash", Hash, primary_key=True),
    _number(),
    Column("path", Ascii, nullable=False),
    Column("files", Text, nullable=False),
)

signed_out = Table(
    "signed_out",
    metadata,
    Column("session", Hash, primary_key=True),
    Column("until", Number, nullable=False),
)
