"""CSV, Parquet, JSON and JSON Lines files, read into tables of raw values."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ranker.errors import SourceError
from ranker.records.ledger import Ledger

LONGEST_LINE = 16 * 2**20  # bytes; one record of a person or a job is far below
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
        Bytes a line may have; a longer one of a JSON Lines file is set aside, a CSV or
        JSON file with one is refused.

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
    if not path.is_file():
        near = sorted(p.name for p in path.parent.glob("*" + path.suffix))[:5] if path.parent.is_dir() else []
        hint = f"; its folder holds {', '.join(near)}" if near else "; its folder does not exist or is empty"
        raise SourceError(f"the {table} file {path} does not exist{hint}")
    try:
        frame = _READERS[kind](path, table, ledger, longest_line)
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        raise SourceError(f"{path} cannot be read as {kind}: {str(error).splitlines()[0]}") from None
    if not frame.columns.size:
        raise SourceError(f"{path} is empty: it holds no column")
    return frame


def _frame(columns: dict[str, Any], numbers: Any) -> pd.DataFrame:
    data = {}
    for name, values in columns.items():
        column = np.empty(len(values), dtype=object)
        column[:] = values
        data[name] = column
    return pd.DataFrame(data, index=pd.Index(numbers, name="row"), dtype=object)


def _read_csv(path: Path, table: str, ledger: Ledger, longest_line: int) -> pd.DataFrame:
    with path.open("rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(longest_line + 1), b""), 1):
            if len(line) > longest_line:
                raise SourceError(
                    f"{path}, line {number} has more than {longest_line:,} bytes: a quote may be open there"
                )
    bad: list[tuple[int, str]] = []

    def set_aside(row: Any) -> str:
        bad.append(
            (row.number or 0, f"{row.actual_columns} values where {row.expected_columns} were expected")
        )
        return "skip"

    with path.open("rb") as file:
        head = file.readline()
    if not head.strip():
        raise SourceError(f"{path} is empty: it holds no header line")
    head.decode("utf-8-sig")
    # One block: a quoted value may hold line breaks, and a block must hold its rows whole.
    block = pa.csv.ReadOptions(block_size=min(path.stat().st_size + 1, 2**31 - 1), use_threads=False)
    parse = pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=set_aside)
    names = pa.csv.open_csv(path, read_options=block, parse_options=parse).schema.names
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise SourceError(f"{path} has more than one column named {repeated[0]!r}: rename one")
    bad.clear()
    convert = pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    read = pa.csv.read_csv(path, read_options=block, parse_options=parse, convert_options=convert)
    for number, reason in bad:
        ledger.note(table, f"line {number}", "set_aside", reason)
    ledger.read[table] = read.num_rows + len(bad)
    # Line numbers of the good rows: the bad ones, header = line 1, are skipped over.
    skipped = {number - 1 for number, _ in bad}
    numbers = [n for n in range(1, read.num_rows + len(bad) + 1) if n not in skipped][: read.num_rows]
    return _frame({name: read.column(name).to_pylist() for name in names}, numbers)


def _read_parquet(path: Path, table: str, ledger: Ledger, longest_line: int) -> pd.DataFrame:
    read = pa.parquet.read_table(path)
    ledger.read[table] = read.num_rows
    return _frame({n: read.column(n).to_pylist() for n in read.column_names}, range(1, read.num_rows + 1))


def _read_json(path: Path, table: str, ledger: Ledger, longest_line: int) -> pd.DataFrame:
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise SourceError(f"{path}, line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise SourceError(f"{path} is nested too deeply to be a list of records") from None
    if not isinstance(rows, list):
        raise SourceError(f"{path} holds no list: write a list of objects, or one object a line as .jsonl")
    return _objects(list(enumerate(rows, 1)), table, ledger)


def _read_jsonl(path: Path, table: str, ledger: Ledger, longest_line: int) -> pd.DataFrame:
    rows: list[tuple[int, Any]] = []
    number = n_bad = 0
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
                rows.append((number, json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))))
            except (ValueError, RecursionError) as error:
                reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else "a line that is not JSON"
                ledger.note(
                    table, f"line {number}", "set_aside", reason, before=line[:60].decode(errors="replace")
                )
                n_bad += 1
    frame = _objects(rows, table, ledger)
    ledger.read[table] += n_bad
    return frame


def _objects(rows: list[tuple[int, Any]], table: str, ledger: Ledger) -> pd.DataFrame:
    ledger.read[table] = len(rows)
    good = []
    for number, row in rows:
        if isinstance(row, dict):
            good.append((number, row))
        else:
            ledger.note(table, f"line {number}", "set_aside", "not an object", before=row)
    names = list(dict.fromkeys(name for _, row in good for name in row))
    columns = {name: [_plain(row.get(name)) for _, row in good] for name in names}
    return _frame(columns, [number for number, _ in good])


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value


_READERS = {"csv": _read_csv, "parquet": _read_parquet, "json": _read_json, "jsonl": _read_jsonl}
