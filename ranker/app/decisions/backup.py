"""The whole log as one file, written while the service runs, and read into an empty database.

The file is gzip; each line is a JSON value: first what the file is, then a row a line as
``[table, {column: value}]``. It fits either kind of database, so it also moves a log from one to the other.
"""

import base64
import gzip
import json
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import CompileError, IntegrityError, OperationalError, StatementError

from ranker.app.decisions.concerned import block_of
from ranker.app.decisions.engine import OWNER_ALONE
from ranker.app.decisions.migrations import REVISION
from ranker.app.decisions.store import Store
from ranker.app.decisions.tables import decisions, head, metadata
from ranker.errors import DataError, SourceError
from ranker.ranking.drafts import draft_folder, put_in_place, unwritable

__all__ = ["backup", "restore"]

FORMAT: Final = "candor-log-backup"
# Versions whose tables are among today's, with today's columns: rows of them fit as they are.
READ: Final = ("0001", "0002", REVISION)
AT_ONCE: Final = 500


def backup(store: Store, path: Path) -> dict[str, int]:
    """Write all tables as they are at one moment.

    Parameters
    ----------
    store : Store
        The log.
    path : Path
        The file; it appears whole or not at all. A new one its owner alone may read.

    Returns
    -------
    dict of str to int
        Rows by table.

    Raises
    ------
    SourceError
        If the file cannot be written.
    """
    counts: dict[str, int] = {}
    try:
        with draft_folder(path) as folder, store.snapshot() as connection:
            draft = folder / path.name
            with (
                open(draft, "xb", opener=_private) as raw,
                gzip.open(raw, "wt", encoding="ascii", compresslevel=1) as file,
            ):
                end = connection.execute(select(head)).mappings().one()
                _line(file, {"format": FORMAT, "tables": REVISION, "head": dict(end)})
                for table in metadata.sorted_tables:
                    counts[table.name] = 0
                    query = select(table).execution_options(yield_per=AT_ONCE)
                    for row in connection.execute(query).mappings():
                        _line(file, [table.name, {name: _told(value) for name, value in row.items()}])
                        counts[table.name] += 1
            if path.exists():  # whoever may read the backup that it replaces is left as it was
                draft.chmod(stat.S_IMODE(path.stat().st_mode))
            put_in_place(draft, path)
    except OSError as error:
        raise unwritable(path, error) from error
    return counts


def restore(store: Store, path: Path) -> dict[str, int]:
    """Fill an empty log from a file, whole or not at all.

    Parameters
    ----------
    store : Store
        The log; nothing may have been decided in it.
    path : Path
        What :func:`backup` wrote.

    Returns
    -------
    dict of str to int
        Rows by table.

    Raises
    ------
    SourceError
        If there is no such file, or it is no backup, or broken off.
    DataError
        If the log is not empty.
    """
    counts = {table.name: 0 for table in metadata.sorted_tables}
    with store.write() as book:
        if book.number or book.connection.execute(select(func.count()).select_from(decisions)).scalar():
            raise DataError(
                f"the log at {store.place} holds {book.number} decisions: restore into an empty one"
            )
        try:
            with gzip.open(path, "rt", encoding="ascii") as file:
                first = _read(path, file.readline())
                if not isinstance(first, dict) or first.get("format") != FORMAT:
                    raise SourceError(f"{path} is no backup of a log")
                if first["tables"] not in READ:
                    raise SourceError(
                        f"{path} has tables of version {first['tables']}, this Candor writes {REVISION}: restore "
                        "it with the Candor that wrote it"
                    )
                for name, rows in _batches(path, file):
                    _fill(book.connection, name, rows)
                    counts[name] += len(rows)
        except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
            raise SourceError(f"{path} cannot be read: {error}") from None
        except (IntegrityError, StatementError, CompileError, KeyError, TypeError, ValueError) as error:
            if isinstance(error, OperationalError | SourceError):
                raise
            raise SourceError(f"{path} is not whole, or was altered: its rows do not fit together") from None
        if counts["decisions"] != first["head"]["number"] or counts["head"] != 1:
            raise SourceError(
                f"{path} is not whole: it holds {counts['decisions']} of {first['head']['number']} decisions"
            )
    return counts


def _batches(path: Path, file: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    name, rows = "", list[dict[str, Any]]()
    for line in file:
        table, row = _read(path, line)
        if rows and (table != name or len(rows) >= AT_ONCE):
            yield name, rows
            rows = []
        name = table
        rows.append(row)
    if rows:
        yield name, rows


def _fill(connection: Connection, name: str, rows: list[dict[str, Any]]) -> None:
    table = metadata.tables[name]
    packed = [column.name for column in table.columns if column.name == "body"]
    for row in rows:
        row.update({column: base64.b64decode(row[column]) for column in packed})
    if name == "people":  # older backups have no blocks
        rows = [row | {"block": block_of(row["number"])} for row in rows]
    if name == "head":  # an empty log has this one already
        [row] = rows
        connection.execute(update(head).values(**row))
    else:
        connection.execute(insert(table), rows)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, OWNER_ALONE)


def _line(file: Any, value: Any) -> None:
    file.write(json.dumps(value, allow_nan=False) + "\n")


def _read(path: Path, line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        raise SourceError(f"{path} is no backup of a log, or was altered") from None


def _told(value: Any) -> Any:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
