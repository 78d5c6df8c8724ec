"""The candidates or the jobs of a run, held compactly; rows become Python values when a batch needs them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
from numpy.typing import NDArray

from ranker.app.engine.columns import frame_of, label_or_none, labels_of, list_marks
from ranker.errors import SourceError, did_you_mean
from ranker.records import read_table
from ranker.records.ledger import Ledger
from ranker.records.values import is_missing


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """All candidates, or all jobs.

    Parameters
    ----------
    key : str
        The key column.
    labels : (n,) Array of large_string
        Labels, each once.
    values : Table or DataFrame of n rows
        The columns that are needed. A Parquet or CSV file stays an Arrow table: 98 bytes for a
        number, a text, a list of 4.5 texts and the label, where Python objects take 530. Values of
        JSON, which may be anything, stay Python objects.
    always : (m,) int64 array
        Rows that belong into every part, because they tell how a column is to be read; see
        `list_marks`.
    """

    key: str
    labels: pa.Array
    values: pa.Table | pd.DataFrame
    always: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def rows_named(self, labels: pa.Array) -> NDArray[np.int64]:
        """Find the rows of some labels, sorted, each once; labels that are not known have none."""
        found = pc.index_in(labels, value_set=self.labels).drop_null().to_numpy(zero_copy_only=False)
        return np.unique(found.astype(np.int64))

    def frame(self, rows: NDArray[np.int64]) -> pd.DataFrame:
        """Return some rows as raw values, the key column holding the labels."""
        labels = self.labels.take(pa.array(rows)).to_numpy(zero_copy_only=False)
        if isinstance(self.values, pd.DataFrame):
            frame = self.values.iloc[rows].reset_index(drop=True)
        else:
            frame = frame_of(self.values.take(pa.array(rows)))
        frame[self.key] = labels
        return frame


def read_pool(
    path: Path, key: str, entity: str, needed: Callable[[list[str]], list[str]], ledger: Ledger
) -> Pool:
    """Read candidates or jobs; rows without a label, or with one that stood before, are set aside.

    Parameters
    ----------
    path : Path
        As for `read_table`.
    key : str
        The key column.
    entity : str
        ``candidate`` or ``job``.
    needed : callable
        Takes the columns that the file has; returns those to keep besides the key.
    ledger : Ledger
        Takes the fates.

    Raises
    ------
    SourceError
        If the file cannot be read, or has no key column.
    """
    whole = _read(path, entity, ledger)
    names = list(map(str, whole.columns)) if isinstance(whole, pd.DataFrame) else whole.column_names
    if key not in names:
        raise SourceError(f"the {entity} table has no column {key!r}{did_you_mean(key, names)}")
    if isinstance(whole, pd.DataFrame):
        numbers = whole.index.to_numpy()
        labels = pa.array([label_or_none(value) for value in whole[key]], pa.large_string())
    else:
        numbers = np.arange(1, whole.num_rows + 1)
        labels = labels_of(whole.column(key)).combine_chunks()
    kept = _first_of_each(whole, labels, numbers, key, entity, ledger)
    columns = needed(names)
    if isinstance(whole, pd.DataFrame):
        values: pa.Table | pd.DataFrame = whole[columns].iloc[kept]
        always = [_first_list(values[name]) for name in columns]
        if path.suffix.lower() == ".csv":
            values = pa.table({name: pa.array(values[name], pa.string()) for name in columns})
    else:
        values = whole.select(columns)
        values = values if len(kept) == whole.num_rows else values.take(pa.array(kept))
        marks = list_marks(values, columns)
        always = [pc.index(values.column(name), text).as_py() for name, text in marks.items()]
    found = np.array([row for row in always if row is not None], dtype=np.int64)
    if isinstance(values, pa.Table) and not columns:  # a table without columns forgets how long it is
        values = pd.DataFrame(index=range(len(kept)))
    return Pool(key, labels.take(pa.array(kept)), values, np.unique(found))


def _read(path: Path, entity: str, ledger: Ledger) -> pa.Table | pd.DataFrame:
    if path.suffix.lower() != ".parquet" or not path.is_file():
        return read_table(path, table=entity, ledger=ledger)
    try:
        names = pa.parquet.read_schema(path).names
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise SourceError(f"{path} has more than one column named {repeated[0]!r}: rename one")
        whole = pa.parquet.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{path} cannot be read as parquet: {str(error).splitlines()[0]}") from None
    ledger.read[entity] = whole.num_rows
    return whole


def _first_list(column: pd.Series) -> int | None:
    marks = (
        isinstance(value, list | tuple) or (isinstance(value, str) and value.lstrip().startswith("["))
        for value in column
    )
    return next((row for row, mark in enumerate(marks) if mark), None)


def _first_of_each(
    whole: pa.Table | pd.DataFrame,
    labels: pa.Array,
    numbers: NDArray[np.int64],
    key: str,
    entity: str,
    ledger: Ledger,
) -> NDArray[np.int64]:
    """Return the first row of each label, and say what becomes of the others, as `join_records` does."""
    codes, _ = pd.factorize(labels.to_numpy(zero_copy_only=False))
    keep = (codes >= 0) & ~pd.Series(codes).duplicated().to_numpy()
    kept = np.flatnonzero(keep)  # codes count labels in the order in which they come: kept[code] is the first
    for row in np.flatnonzero(~keep):
        if codes[row] < 0:
            ledger.note(entity, f"row {numbers[row]}", "set_aside", f"no {key}")
            continue
        pair = zip(_values(whole, int(row)), _values(whole, int(kept[codes[row]])), strict=True)
        same = all(a == b or (is_missing(a) and is_missing(b)) for a, b in pair)
        reason = "repeated, all values equal" if same else "repeated with other values; the first one counts"
        ledger.note(entity, labels[int(row)].as_py(), "set_aside", f"{key} {reason}")
    return kept


def _values(whole: pa.Table | pd.DataFrame, row: int) -> list[object]:
    if isinstance(whole, pd.DataFrame):
        return whole.iloc[row].tolist()
    return [column[row].as_py() for column in whole.columns]
