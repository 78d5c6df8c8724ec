"""Write rankings as files that people and programs open, at once or table by table."""

import json
import math
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Self

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from ranker.errors import DataError
from ranker.ranking.drafts import draft_folder, put_in_place, unwritable

__all__ = ["RankingFile", "check_ending", "write_ranking"]

# What spreadsheets take for the beginning of a formula (OWASP, CSV Injection).
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def write_ranking(ranking_frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table of ranked candidates, in the format that the file name ends in.

    The file appears whole or not at all: a draft beside it takes its place once it is
    complete. Numbers read back as they were, to the last bit.

    Parameters
    ----------
    ranking_frame : DataFrame
        As `Ranking.to_frame` makes it; its index is not written.
    path : str or Path
        Ends in one of

        - ``.csv``: UTF-8 with a byte order mark, by which Excel knows it. A text that
          begins with ``=``, ``+``, ``-``, ``@``, tab or carriage return, in a cell or
          column name, is prefixed with ``'``: spreadsheets would execute it otherwise.
        - ``.parquet``: Apache Parquet.
        - ``.jsonl``: one JSON object a line, UTF-8.
        - ``.json``: one JSON array of objects, UTF-8. In both JSON forms NaN is ``null``
          and infinities, for which JSON has no number, are ``"Infinity"`` and ``"-Infinity"``.

    Raises
    ------
    DataError
        If the ending is not one of these, or a text cannot be written as UTF-8.
    SourceError
        If the file cannot be written where it should stand.

    References
    ----------
    OWASP, CSV Injection, https://owasp.org/www-community/attacks/CSV_Injection.
    """
    path = Path(path)
    check_ending(path)
    with draft_folder(path) as folder:
        draft = folder / path.name
        with RankingFile(draft, path) as file:
            file.add(ranking_frame)
        try:
            put_in_place(draft, path)
        except OSError as error:
            raise unwritable(path, error) from error


def check_ending(path: Path) -> None:
    """Refuse a file name whose ending tells no format; see `write_ranking` for those that do.

    Raises
    ------
    DataError
        Naming the endings that are known.
    """
    if path.suffix.lower() not in _WRITERS:
        raise DataError(
            f"cannot tell the format of {path.name!r} from its ending {path.suffix!r}: "
            f"end it in one of {', '.join(_WRITERS)}"
        )


class RankingFile:
    """A file of ranked candidates that is written table by table, the same as if written at once.

    Parameters
    ----------
    draft : Path
        The file to write; its ending tells the format, as for `write_ranking`.
    path : Path, optional
        What the file is to become, for error messages; ``draft`` by default.

    Raises
    ------
    SourceError
        If the file cannot be written.
    """

    def __init__(self, draft: Path, path: Path | None = None) -> None:
        check_ending(draft)
        self._path = path or draft
        try:
            self._file: BinaryIO = draft.open("xb")
        except OSError as error:
            raise unwritable(self._path, error) from error
        self._part: _Part = _WRITERS[draft.suffix.lower()](self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        try:
            if kind is None:
                self._part.end()
                self._file.flush()
            else:
                self._part.abandon()
        except OSError as error:
            raise unwritable(self._path, error) from error
        finally:
            with suppress(OSError):  # a full disk, which was told already
                self._file.close()

    def add(self, frame: pd.DataFrame) -> None:
        """Write a table's rows behind those before; its columns are the first one's.

        Raises
        ------
        DataError
            If a text cannot be written as UTF-8.
        SourceError
            If the file cannot be written.
        """
        try:
            self._part.add(frame)
        except OSError as error:
            raise unwritable(self._path, error) from error
        except UnicodeEncodeError as error:
            raise DataError(
                f"a text holds half a character ({error.object[error.start : error.end]!r}) and cannot be "
                "written as UTF-8: repair it where it was read"
            ) from error


class _Part:
    """One format: what is written for each table, and at the end."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.first = file, True

    def add(self, frame: pd.DataFrame) -> None:
        self.write(frame)
        self.first = False

    def write(self, frame: pd.DataFrame) -> None:
        raise NotImplementedError

    def end(self) -> None:
        pass

    def abandon(self) -> None:
        pass


class _Csv(_Part):
    def write(self, frame: pd.DataFrame) -> None:
        safe = frame.rename(columns=_disarmed)
        for place, (_, column) in enumerate(safe.items()):
            if not pd.api.types.is_numeric_dtype(column.dtype):
                safe.isetitem(place, column.map(_disarmed).array)
        text = safe.to_csv(index=False, header=self.first, lineterminator="\n")
        self.file.write(text.encode("utf-8-sig" if self.first else "utf-8"))


def _disarmed(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


class _Parquet(_Part):
    writer: "pa.parquet.ParquetWriter | None" = None

    def write(self, frame: pd.DataFrame) -> None:
        if self.writer is None:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            self.writer = pa.parquet.ParquetWriter(self.file, table.schema)
        else:
            # The first table's schema: a batch without a value would find another type.
            table = pa.Table.from_pandas(frame, schema=self.writer.schema, preserve_index=False)
        self.writer.write_table(table)

    def end(self) -> None:
        if self.writer is not None:
            self.writer.close()

    def abandon(self) -> None:
        if self.writer is not None:
            self.writer.is_open = False  # else it writes its footer when it is collected


class _Jsonl(_Part):
    def write(self, frame: pd.DataFrame) -> None:
        self.file.writelines(f"{line}\n".encode() for line in _json_lines(frame))


class _Json(_Part):
    empty = True

    def write(self, frame: pd.DataFrame) -> None:
        if self.first:
            self.file.write(b"[\n")
        if lines := _json_lines(frame):
            self.file.write(("" if self.empty else ",\n").encode() + ",\n".join(lines).encode())
            self.empty = False

    def end(self) -> None:
        self.file.write(b"[\n\n]\n" if self.first else b"\n]\n")


def _json_lines(frame: pd.DataFrame) -> list[str]:
    # json writes floats by repr, which round-trips; DataFrame.to_json stops at 15 digits.
    names = [str(name) for name in frame.columns]
    columns = [[_json_value(cell) for cell in frame[name].tolist()] for name in frame.columns]
    return [
        json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False, allow_nan=False, default=str)
        for cells in zip(*columns, strict=True)
    ]


def _json_value(cell: Any) -> Any:
    if isinstance(cell, float) and math.isinf(cell):
        return "Infinity" if cell > 0 else "-Infinity"
    return None if pd.api.types.is_scalar(cell) and pd.isna(cell) else cell


_WRITERS: Final[dict[str, Callable[[BinaryIO], _Part]]] = {
    ".csv": _Csv,
    ".parquet": _Parquet,
    ".jsonl": _Jsonl,
    ".json": _Json,
}
