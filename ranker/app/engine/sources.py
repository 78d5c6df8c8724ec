"""Applications in batches: a Parquet file, a folder of them, or a CSV file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ranker.app.engine.columns import ROW
from ranker.errors import SourceError
from ranker.records.ledger import Ledger

BLOCK = 16 * 2**20  # bytes of a CSV file that are read at a time; no row may be longer
READ = 2**17  # rows of a Parquet file that are decoded at a time


@dataclass(frozen=True, slots=True)
class Applications:
    """Where applications are read from, more than once and never all at a time.

    Parameters
    ----------
    path : Path
        What was named.
    files : tuple of Path
        The file, or the folder's files by name.
    schema : Schema
        Their columns; all texts for CSV.
    n_rows : int
        How many they are; for CSV, the number of lines, which is no less.
    """

    path: Path
    files: tuple[Path, ...]
    schema: pa.Schema
    n_rows: int

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of files."""
        return self.path.is_dir()

    @property
    def is_csv(self) -> bool:
        """Whether it is a CSV file."""
        return self.path.suffix.lower() == ".csv"

    def batches(self, columns: list[str], ledger: Ledger | None = None) -> Iterator[pa.Table]:
        """Read some columns, in the order of the files, with each row's number in a column `ROW`.

        A row of a CSV file that has too few or too many values is set aside in the ledger.
        """
        number = 1
        try:
            for table in self._csv(columns, ledger) if self.is_csv else self._parquet(columns):
                if ROW in table.column_names:
                    yield table
                    continue
                numbers = np.arange(number, number + table.num_rows)
                number += table.num_rows
                yield table.append_column(ROW, pa.array(numbers))
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self.path, error) from None

    def _parquet(self, columns: list[str]) -> Iterator[pa.Table]:
        for path in self.files:
            with pa.parquet.ParquetFile(path) as file:
                # One row group after the other: threads or a read-ahead would hold several in memory.
                for batch in file.iter_batches(READ, columns=columns, use_threads=False):
                    yield pa.Table.from_batches([batch]).select(columns).cast(_part(self.schema, columns))

    def _csv(self, columns: list[str], ledger: Ledger | None) -> Iterator[pa.Table]:
        bad: list[Any] = []

        def set_aside(row: Any) -> str:
            bad.append(row)
            return "skip"

        texts = dict.fromkeys(self.schema.names, pa.string())
        convert = pa.csv.ConvertOptions(
            column_types=texts, strings_can_be_null=False, include_columns=columns
        )
        number = 1
        with _open_csv(self.path, set_aside, convert) as reader:
            for batch in reader:
                # Bad rows keep their numbers; pyarrow counts the header as row 1. It reads ahead: some of
                # those that it has told of may lie behind this batch.
                numbers = np.arange(number, number + batch.num_rows + len(bad))
                numbers = numbers[~np.isin(numbers, [row.number - 1 for row in bad])][: batch.num_rows]
                number = int(numbers[-1]) + 1 if len(numbers) else number
                yield pa.Table.from_batches([batch]).append_column(ROW, pa.array(numbers))
        if ledger is not None:
            for row in bad:
                reason = f"{row.actual_columns} values where {row.expected_columns} were expected"
                ledger.note("application", f"line {row.number}", "set_aside", reason)


def open_applications(path: Path) -> Applications | None:
    """Look at a file or folder of applications; ``None`` if it can only be read at once, as JSON.

    Raises
    ------
    SourceError
        If it is not there, cannot be read, or the files of a folder do not fit together.
    """
    try:
        if path.is_dir():
            return _folder(path)
        if not path.is_file():
            return None  # whoever reads it at once says what is wrong
        if path.suffix.lower() == ".parquet":
            schema = pa.parquet.read_schema(path).remove_metadata()
            return Applications(path, (path,), schema, pa.parquet.read_metadata(path).num_rows)
        if path.suffix.lower() == ".csv" and path.stat().st_size:
            return _csv_file(path)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, error) from None
    return None


def _folder(path: Path) -> Applications:
    files = tuple(sorted(path.glob("*.parquet")))
    if not files:
        raise SourceError(f"the folder {path} holds no .parquet file: name one that does, or a single file")
    first = pa.parquet.read_schema(files[0]).remove_metadata()
    for file in files[1:]:
        _check_fit(first, pa.parquet.read_schema(file), files[0], file)
    return Applications(path, files, first, sum(pa.parquet.read_metadata(file).num_rows for file in files))


def _check_fit(first: pa.Schema, other: pa.Schema, one: Path, file: Path) -> None:
    """Refuse a file whose columns are not those of the folder's first file; their order may differ."""
    lost = sorted(set(first.names) ^ set(other.names))
    if lost:
        has, lacks = (one, file) if lost[0] in first.names else (file, one)
        raise SourceError(
            f"{lacks} has no column {lost[0]!r}, and {has.name} beside it has: files of one folder are one table"
        )
    for name in first.names:
        if first.field(name).type != other.field(name).type:
            raise SourceError(
                f"{file}: column {name!r} is {other.field(name).type}, and in {one.name} beside it "
                f"{first.field(name).type}: files of one folder are one table"
            )


def _csv_file(path: Path) -> Applications:
    n_lines, last = 0, b"\n"
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            n_lines += block.count(b"\n")
            last = block[-1:]
    with _open_csv(path, lambda row: "skip", None) as reader:
        names = reader.schema.names
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise SourceError(f"{path} has more than one column named {repeated[0]!r}: rename one")
    schema = pa.schema([(name, pa.string()) for name in names])
    return Applications(path, (path,), schema, max(0, n_lines - (last == b"\n")))


def _open_csv(path: Path, set_aside: Any, convert: Any) -> Any:
    return pa.csv.open_csv(
        path,
        read_options=pa.csv.ReadOptions(block_size=BLOCK, use_threads=False),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=set_aside),
        convert_options=convert,
    )


def _part(schema: pa.Schema, columns: list[str]) -> pa.Schema:
    return pa.schema([schema.field(name) for name in columns])


def _unreadable(path: Path, error: Exception) -> SourceError:
    kind = "csv" if path.suffix.lower() == ".csv" else "parquet"
    return SourceError(f"{path} cannot be read as {kind}: {str(error).splitlines()[0]}")
