"""CSV, Parquet, JSON and JSON Lines files, read into tables of raw values."""

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ranker.errors import SourceError, did_you_mean
from ranker.records.ledger import Ledger

LONGEST_LINE = 16 * 2**20  # bytes; one record of a person or a job is far below
HALF = "\\ud"  # how JSON escapes begin that may be half of a character
FORMATS = {".csv": "csv", ".parquet": "parquet", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def read_table(path: Path, *, table: str, ledger: Ledger, longest_line: int = LONGEST_LINE) -> pd.DataFrame:
    """Read one file into a table of raw values.

    Parameters
    ----------
    path : Path
        A ``.csv`` (UTF-8, with a header), ``.parquet``, ``.json`` (a list of objects) or
        ``.jsonl`` file.
    table : str
        ``candidate``, ``job`` or ``application``: what its rows are.
    ledger : Ledger
        Takes the fate of rows that cannot be read.
    longest_line : int
        Bytes a line may have; a longer one of a JSON Lines file is set aside, a CSV file
        with one is refused.

    Returns
    -------
    DataFrame
        Object columns; the values of a CSV file are texts. The index counts the rows of
        the file from 1, so that a fate can name them.

    Raises
    ------
    SourceError
        If the file is missing, empty, of unknown kind or cannot be read.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise SourceError(
            f"{path}: files of kind {path.suffix!r} are not read; use one of {', '.join(FORMATS)}"
        )
    try:
        if not path.is_file():
            raise SourceError(f"the {table} file {path} does not exist{_near(path)}")
        frame = _READERS[kind](path, table, ledger, longest_line)
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path} cannot be read as {kind}: {str(error).splitlines()[0]}") from None
    if not frame.columns.size:
        first = next((f"; {f.row}: {f.reason}" for f in ledger.fates if f.table == table), "")
        raise SourceError(
            f"{path} is empty: none of its {ledger.read.get(table, 0)} rows has a column{first}"
        )
    return frame


def _near(path: Path) -> str:
    """Say which files could have been meant by one that does not exist."""
    if not path.parent.is_dir():
        return f"; there is no folder {path.parent} either"
    near = [p.name for p in path.parent.iterdir() if p.suffix.lower() in FORMATS and p.is_file()]
    return did_you_mean(path.name, near) or f"; its folder holds {len(near)} files of data"


def _refuse_repeated(names: list[str], path: Path) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise SourceError(f"{path} has more than one column named {repeated[0]!r}: rename one")


def _frame(columns: dict[str, Any], numbers: Any) -> pd.DataFrame:
    data = {}
    for name, values in columns.items():
        column = np.empty(len(values), dtype=object)
        column[:] = values
        data[name] = column
    return pd.DataFrame(data, index=pd.Index(numbers, name="row"), dtype=object)


def _read_csv(path: Path, table: str, ledger: Ledger, longest_line: int) -> pd.DataFrame:
    n_lines = _check_lines(path, longest_line)
    bad: list[Any] = []

    def source() -> Any:
        # pyarrow does not read a header that no line break ends.
        return path if n_lines else pa.BufferReader(path.read_bytes() + b"\n")

    def set_aside(row: Any) -> str:
        bad.append(row)
        return "skip"

    # One block: a quoted value may hold line breaks, and a block must hold its rows whole.
    block = pa.csv.ReadOptions(block_size=min(path.stat().st_size + 1, 2**31 - 1), use_threads=False)
    parse = pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=set_aside)
    names = pa.csv.open_csv(source(), read_options=block, parse_options=parse).schema.names
    _refuse_repeated(names, path)
    bad.clear()
    convert = pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    read = pa.csv.read_csv(source(), read_options=block, parse_options=parse, convert_options=convert)
    lines = _lines_of(path, bad)
    if open_at := _open_quote(path, read, n_lines, bad, lines):
        raise SourceError(f"{path}, line {open_at}: a quote is opened there and never closed")
    for row, line in zip(bad, lines, strict=True):
        reason = f"{row.actual_columns} values where {row.expected_columns} were expected"
        # Not the line itself: it may hold what is protected.
        ledger.note(table, f"line {line}", "set_aside", reason)
    ledger.read[table] = read.num_rows + len(bad)
    # pyarrow counts the header as row 1; the good rows' numbers step over the bad ones.
    skipped = {row.number - 1 for row in bad}
    numbers = [n for n in range(1, read.num_rows + len(bad) + 1) if n not in skipped][: read.num_rows]
    return _frame({name: read.column(name).to_pylist() for name in names}, numbers)


def _check_lines(path: Path, longest_line: int) -> int:
    """Count the line breaks of a CSV file; refuse what is too long, not UTF-8 or without a header."""
    n_lines = 0
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(longest_line + 1), b""), 1):
            if len(line) > longest_line:
                raise SourceError(
                    f"{path}, line {number} has more than {longest_line:,} bytes: a quote may be open there"
                )
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise SourceError(
                    f"{path}, line {number} is not UTF-8 (byte {error.start}): save it as UTF-8"
                ) from None
            if number == 1 and not line.strip():
                break
            n_lines += line.endswith(b"\n")
        else:
            if file.tell():
                return n_lines
    raise SourceError(f"{path} is empty, or its first line is: that line must hold the column names")


def _open_quote(path: Path, read: pa.Table, n_lines: int, bad: list[Any], lines: list[int]) -> int | None:
    """Return the line of a quote that swallowed the rest of the file, for want of a closing one."""
    if bad and bad[-1].number == read.num_rows + len(bad) + 1:
        text = bad[-1].text
        return lines[-1] if "\n" in text and text.count('"') % 2 else None
    last = read.column(read.num_columns - 1)[-1].as_py() if read.num_rows else ""
    if "\n" not in last:
        return None
    with path.open("rb") as file:
        file.seek(-min(path.stat().st_size, 80), 2)
        closed = file.read().rstrip().endswith(b'"')
    return None if closed else n_lines - last.count("\n") + 1


def _lines_of(path: Path, rows: list[Any]) -> list[int]:
    """Find the lines on which rows begin: pyarrow counts rows, which may hold line breaks."""
    data = path.read_bytes() if rows else b""
    lines, position, line = [], 0, 1
    for row in rows:
        found = re.compile(rb"^%b\r?$" % re.escape(row.text.encode()), re.MULTILINE).search(data, position)
        start = found.start() if found else position
        line += data.count(b"\n", position, start)
        lines.append(line)
        position = start
        # The next row is another one, even where it reads the same.
        if found and (step := data.find(b"\n", found.end())) >= 0:
            line += data.count(b"\n", start, step + 1)
            position = step + 1
    return lines


def _read_parquet(path: Path, table: str, ledger: Ledger, longest_line: int) -> pd.DataFrame:
    _refuse_repeated(pa.parquet.read_schema(path).names, path)
    read = pa.parquet.read_table(path)
    ledger.read[table] = read.num_rows
    return _frame({n: read.column(n).to_pylist() for n in read.column_names}, range(1, read.num_rows + 1))


def _read_json(path: Path, table: str, ledger: Ledger, longest_line: int) -> pd.DataFrame:
    text = path.read_text(encoding="utf-8-sig")
    try:
        rows = json.loads(text)
    except json.JSONDecodeError as error:
        raise SourceError(f"{path}, line {error.lineno}, column {error.colno}: {error.msg}") from None
    except ValueError:
        raise SourceError(f"{path} holds a number of thousands of digits") from None
    except RecursionError:
        raise SourceError(f"{path} is nested too deeply to be a list of records") from None
    if not isinstance(rows, list):
        raise SourceError(f"{path} holds no list: write a list of objects, or one object a line as .jsonl")
    numbered = [(f"row {number}", row) for number, row in enumerate(rows, 1)]
    return _objects(numbered, table, ledger, half=HALF in text.lower())


def _read_jsonl(path: Path, table: str, ledger: Ledger, longest_line: int) -> pd.DataFrame:
    rows: list[tuple[str, Any]] = []
    number = n_bad = 0
    half = False
    with path.open("rb") as file:
        while line := file.readline(longest_line + 1):
            number += 1
            if len(line) > longest_line:
                while not line.endswith(b"\n") and (line := file.readline(longest_line)):
                    pass
                ledger.note(
                    table, f"line {number}", "set_aside", f"a line of more than {longest_line:,} bytes"
                )
                n_bad += 1
                continue
            if not line.strip():
                continue
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                rows.append((f"line {number}", json.loads(text)))
                half = half or HALF in text.lower()
            except (ValueError, RecursionError) as error:
                reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else "a line that is not JSON"
                ledger.note(table, f"line {number}", "set_aside", reason)
                n_bad += 1
    frame = _objects(rows, table, ledger, half=half)
    ledger.read[table] += n_bad
    return frame


def _objects(rows: list[tuple[str, Any]], table: str, ledger: Ledger, *, half: bool) -> pd.DataFrame:
    """Make a table of objects; ``half`` tells that some text may hold half a surrogate pair."""
    ledger.read[table] = len(rows)
    good = []
    for place, row in rows:
        if not isinstance(row, dict):
            ledger.note(table, place, "set_aside", "not an object")
        elif half and not _writable(row):
            ledger.note(table, place, "set_aside", "a text that holds half a character")
        else:
            good.append((int(place.split()[1]), row))
    names = list(dict.fromkeys(name for _, row in good for name in row))
    columns = {name: [_plain(row.get(name)) for _, row in good] for name in names}
    return _frame(columns, [number for number, _ in good])


def _writable(row: dict[str, Any]) -> bool:
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


_READERS = {"csv": _read_csv, "parquet": _read_parquet, "json": _read_json, "jsonl": _read_jsonl}
