"""Write rankings as files that people and programs open."""

import json
import math
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import pandas as pd

from ranker.errors import DataError, SourceError

__all__ = ["write_ranking"]

# What spreadsheets take for the beginning of a formula (OWASP, CSV Injection).
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def write_ranking(ranking_frame: pd.DataFrame, path: str | Path) -> None:
    """Write a table of ranked candidates, in the format that the file name ends in.

    The file appears whole or not at all: a temporary file beside it takes its place
    once it is complete. Numbers read back as they were, to the last bit.

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
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise DataError(
            f"cannot tell the format of {path.name!r} from its ending {path.suffix!r}: "
            f"end it in one of {', '.join(_WRITERS)}"
        )
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with draft.open("xb") as file:
            write(ranking_frame, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise SourceError(
            f"cannot write {str(path)!r}: {error.strerror or error}; give a path in a folder that exists "
            "and may be written to"
        ) from error
    except UnicodeEncodeError as error:
        raise DataError(
            f"a text holds half a character ({error.object[error.start : error.end]!r}) and cannot be "
            "written as UTF-8: repair it where it was read"
        ) from error
    finally:
        with suppress(OSError):  # where nothing could be written there is nothing to remove
            draft.unlink(missing_ok=True)


def _write_csv(frame: pd.DataFrame, file: BinaryIO) -> None:
    safe = frame.rename(columns=_disarmed)
    for place, (_, column) in enumerate(safe.items()):
        if not pd.api.types.is_numeric_dtype(column.dtype):
            safe.isetitem(place, column.map(_disarmed).array)
    file.write(safe.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))


def _disarmed(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


def _write_parquet(frame: pd.DataFrame, file: BinaryIO) -> None:
    frame.to_parquet(file, index=False)


def _write_jsonl(frame: pd.DataFrame, file: BinaryIO) -> None:
    file.writelines(f"{line}\n".encode() for line in _json_lines(frame))


def _write_json(frame: pd.DataFrame, file: BinaryIO) -> None:
    file.write(("[\n" + ",\n".join(_json_lines(frame)) + "\n]\n").encode())


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


_WRITERS: Final[dict[str, Callable[[pd.DataFrame, BinaryIO], None]]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".jsonl": _write_jsonl,
    ".json": _write_json,
}
