"""From Arrow columns to the raw values and labels that records are made of."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ranker.records.values import Unreadable, as_text

# What Python strips; Arrow's own notion of white space differs in a few control characters.
SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
ROW = "__candor_row"  # the column that carries each row's number in its file, from 1


def frame_of(table: pa.Table, numbers: NDArray[np.int64] | None = None) -> pd.DataFrame:
    """Turn a table into raw values, as `ranker.records.readers` does.

    Parameters
    ----------
    table : pa.Table
        Columns of any type.
    numbers : (n,) int64 array, optional
        Numbers of the rows in their file, which become the index; counted from 1 by default.

    Returns
    -------
    DataFrame
        Object columns of Python values, ``None`` where null.
    """
    counted = np.arange(1, table.num_rows + 1) if numbers is None else numbers
    columns = {name: python_values(table.column(name)) for name in table.column_names}
    return pd.DataFrame(columns, index=pd.Index(counted, name="row"), dtype=object)


def python_values(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """Return a column as Python values, (n,) object: what ``to_pylist`` gives."""
    return np.fromiter(column.to_pylist(), dtype=object, count=len(column))


@contextmanager
def without_collector() -> Iterator[None]:
    """Spare Python's garbage collector: raw values are trees, which are freed without it.

    A million lists of texts are made in .34 s, and in 2.2 s with the collector going through all of
    them again and again.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def labels_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the labels that a key column holds, (n,) large_string: what `as_text` makes of each value."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_integer(kind):
        return column.cast(pa.large_string())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        text = pc.utf8_trim(column.cast(pa.large_string()), SPACES)
        return pc.if_else(pc.equal(pc.binary_length(text), 0), pa.scalar(None, pa.large_string()), text)
    return pa.chunked_array(
        [pa.array([label_or_none(value) for value in column.to_pylist()], pa.large_string())]
    )


def label_or_none(value: object) -> str | None:
    """Read one label; what can be none is ``None``."""
    try:
        return as_text(value)
    except Unreadable:
        return None


def list_marks(table: pa.Table, columns: list[str]) -> dict[str, str]:
    """Find in each column of texts one that begins with a bracket, as a list written as text does.

    Whether a column holds lists is told by all of its values; a part of the rows may hold no
    list, and must be read as the whole is.

    Returns
    -------
    dict of str to str
        The first such text of each column that has one.
    """
    found: dict[str, str] = {}
    for name in text_columns(table.schema, columns):
        column = table.column(name)
        place = pc.index(pc.starts_with(pc.utf8_ltrim(column, SPACES), "["), True).as_py()
        if place >= 0:
            found[name] = column[place].as_py()
    return found


def text_columns(schema: pa.Schema, columns: list[str]) -> list[str]:
    """Return those of some columns that hold texts."""
    kinds = {name: schema.field(name).type for name in columns}
    return [
        name for name, kind in kinds.items() if pa.types.is_string(kind) or pa.types.is_large_string(kind)
    ]
