"""The audit of a bare table of counts: figures and page."""

from pathlib import Path
from typing import Any

import pandas as pd

from fairness.adverse_impact import SelectionCounts, impact_table
from ranker.app.model_directory import file_hash
from ranker.app.report.impact import impact_of
from ranker.app.report.origin import software
from ranker.app.report.page import frame, template
from ranker.app.report.rates import table_of
from ranker.app.report.sections import OF_COUNTS
from ranker.errors import DataError, did_you_mean
from ranker.ranking.labels import label_of
from ranker.records.ledger import Ledger
from ranker.records.readers import read_table
from ranker.records.values import is_missing

SCHEMA = "candor-counts-audit/1"
COLUMNS = ("group", "selected", "total")
TABLE_BY = ("position", "attribute")  # one table for each value of these, where the file has them
KINDS = ("selection", "scoring")


def counts_figures(path: Path, *, date: str | None = None) -> dict[str, Any]:
    """Work out rates, ratios, tests and shortfall from counts.

    Parameters
    ----------
    path : Path
        CSV, Parquet, JSON or JSON Lines with columns ``group``, ``selected`` and ``total``; perhaps
        ``attribute`` and ``position``, which make a table each, and ``kind``, "selection" (the default)
        or "scoring".
    date : str, optional
        Day of the audit.

    Returns
    -------
    dict
        Strict JSON: ``data``, ``rates``, ``impact``, ``in_words``, ``versions``.

    Raises
    ------
    DataError
        If a column is missing, or counts make no sense; the table is named. Rows that cannot be
        read are refused too: without them another group could have the highest rate.
    """
    ledger = Ledger()
    table = read_table(path, table="counts", ledger=ledger)
    if ledger.fates:
        fate = ledger.fates[0]
        raise DataError(f"{path}, {fate.row}: {fate.reason}; mend the row, the figures need every group")
    columns = [str(name) for name in table.columns]
    for name in COLUMNS:
        if name not in columns:
            raise DataError(f"{path} has no column {name!r}{did_you_mean(name, columns)}; it has {columns}")
    if not len(table):
        raise DataError(f"{path} names its columns and has no row: write one for each group")
    try:
        counts = {key: _counts(rows, key) for key, rows in _tables(table)}
    except DataError as error:
        raise type(error)(f"{path}: {error}") from None
    rates = [table_of(impact_table(one), None, name=name, label=name) for name, one in counts.items()]
    figures: dict[str, Any] = {
        "schema": SCHEMA,
        "date": date,
        "data": {
            "file": str(path),
            "sha256": file_hash(path),
            "rows": len(table),
            "tables": len(counts),
            "kinds": sorted({one.kind for one in counts.values()}),
            "cleaning": ledger.report().to_json()["counts"],
        },
        "rates": {"after": {"top_k": None, "scored": False, "tables": rates}},
        "impact": {"after": impact_of(counts)},
        "versions": software(),
    }
    return {**figures, "in_words": _in_words(rates)}


def counts_page(figures: dict[str, Any]) -> str:
    """Write the figures as one HTML page; the same figures give the same page, byte for byte."""
    return template("counts.html").render(
        f=figures, command=figures["command"], **frame(OF_COUNTS, figures, plots=False)
    )


def _tables(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    by = [name for name in TABLE_BY if name in table]
    if not by:
        return [("group", table)]
    names = [
        ", ".join("(none)" if is_missing(value) else label_of(value).strip() for value in row)
        for row in table[by].itertuples(index=False)
    ]
    keys = pd.Series(names, index=table.index)
    return [(key, table[keys == key]) for key in dict.fromkeys(names)]


def _counts(rows: pd.DataFrame, name: str) -> SelectionCounts:
    kinds = {KINDS[0] if is_missing(kind) else str(kind).strip().lower() for kind in rows.get("kind", [None])}
    if len(kinds) != 1 or not kinds <= {*KINDS}:
        raise DataError(
            f"counts by {name!r}: kind is {sorted(kinds)}; it is 'selection' or 'scoring' for a table"
        )
    scoring = kinds == {"scoring"}
    return SelectionCounts.from_frame(rows, attribute=name, kind="scoring" if scoring else "selection")


def _in_words(rates: list[dict[str, Any]]) -> str:
    said = [f"{len(rates)} table{'s' * (len(rates) != 1)} of counts."]
    for table in rates:
        if table["lowest"]:
            said.append(
                f"{table['label']}: the lowest rate, that of {table['lowest']['category']}, is "
                f"{table['lowest']['impact_ratio']:.3f} of the highest, that of {table['highest']}."
            )
    return " ".join(said[:6])
