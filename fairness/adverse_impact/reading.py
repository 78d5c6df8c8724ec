"""Counts from a file."""

from pathlib import Path
from typing import Literal

from fairness.adverse_impact.counts import SelectionCounts
from ranker.errors import DataError
from ranker.records.ledger import Ledger
from ranker.records.readers import read_table

__all__ = ["read_counts"]


def read_counts(
    path: str | Path,
    *,
    attribute: str | None = None,
    group: str = "group",
    selected: str = "selected",
    total: str = "total",
    kind: Literal["selection", "scoring"] = "selection",
) -> SelectionCounts:
    """Read a file of counts, one row per group.

    Parameters
    ----------
    path : str or Path
        A ``.csv`` (UTF-8, with a header), ``.parquet``, ``.json`` or ``.jsonl`` file.
    attribute, group, selected, total, kind
        As in `SelectionCounts.from_frame`.

    Raises
    ------
    SourceError
        If the file is missing or cannot be read.
    UnknownFieldError
        If a column is missing.
    DataError
        If a row cannot be read or makes no sense: in a table of groups none can be set aside.
    """
    ledger = Ledger()
    frame = read_table(Path(path), table="counts", ledger=ledger)
    if ledger.fates:
        fate = ledger.fates[0]
        raise DataError(f"{path}, {fate.row}: {fate.reason}; mend the row, the figures need every group")
    try:
        return SelectionCounts.from_frame(
            frame, attribute=attribute, group=group, selected=selected, total=total, kind=kind
        )
    except DataError as error:
        raise type(error)(f"{path}: {error}") from None
