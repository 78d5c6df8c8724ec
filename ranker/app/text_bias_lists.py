"""Templates, names and places for ``candor text bias``, from files that a user brings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from fairness.swaps.lists import listed, listed_by_share
from fairness.swaps.text_templates import Template, Variant, draw_variants, misspelt_slot
from ranker.errors import DataError, SourceError
from ranker.records.ledger import Ledger
from ranker.records.readers import read_table
from ranker.records.values import is_missing

__all__ = ["RACE", "SEX", "people", "places_of", "read_templates"]

RACE, SEX, PLACE = "race", "sex", "country"
TABLE: Final = "template"
TEXT_COLUMNS: Final = ("template", "text", "resume")
TITLE_COLUMNS: Final = ("title", "label", "category", "id")
PERCEIVED: Final = 0.5  # of the people asked
BORNE: Final = 0.9  # of the bearers on record
OTHER: Final = "other"  # not one group of people
FREQUENT: Final = 500  # first names that are drawn from where no list of whole names is given
LEAST_COUNTRIES: Final = 2


def read_templates(path: Path, ledger: Ledger) -> tuple[Template, ...]:
    """Read templates: a text file is one; of a table each row.

    Parameters
    ----------
    path : Path
        ``.txt``, or ``.csv``, ``.parquet``, ``.json``, ``.jsonl`` with a column ``template``, ``text``
        or ``resume`` and perhaps one of titles (``title``, ``label``, ``category`` or ``id``).
    ledger : Ledger
        Takes rows that are set aside: blank, or without a slot.

    Raises
    ------
    SourceError
        If it cannot be read, or no template is left.
    DataError
        If a slot is misspelt.
    """
    if path.suffix.lower() == ".txt":
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise SourceError(f"cannot read {str(path)!r} as UTF-8 text: {reason}") from None
        ledger.read[TABLE], ledger.kept[TABLE] = 1, 1
        return (Template(text, path.stem),)
    frame = read_table(path, table=TABLE, ledger=ledger)
    column = _first_column(frame, TEXT_COLUMNS)
    if column is None:
        raise SourceError(f"{path} has no column {' or '.join(map(repr, TEXT_COLUMNS))} that holds templates")
    title = _first_column(frame, TITLE_COLUMNS)
    found = []
    for row, values in frame.iterrows():
        text = values[column]
        if not isinstance(text, str) or not text.strip():
            ledger.note(TABLE, f"row {row}", "set_aside", "blank", path=column)
        elif "{name}" not in text and "{place}" not in text and misspelt_slot(text) is None:
            ledger.note(TABLE, f"row {row}", "set_aside", "without {name} or {place}", path=column)
        else:
            given = None if title is None or is_missing(values[title]) else str(values[title]).strip()
            found.append(Template(text, given or f"row {row}"))
    ledger.kept[TABLE] = len(found)
    if not found:
        raise SourceError(f"{path}: none of {len(frame)} rows is a text with {{name}} or {{place}}")
    return tuple(found)


def people(
    names: Path | None, sexes: Path | None, n: int, *, seed: int, without: Sequence[Variant] = ()
) -> tuple[Variant, ...]:
    """Draw names, as many of each perceived race, or of each sex where no races are given.

    Parameters
    ----------
    names : Path, optional
        A table with ``name`` (whole names) and shares of each race, ``white_pct`` and so on; or with
        ``name`` and ``group``.
    sexes : Path, optional
        A table with first names, ``name``, and the share of women, ``p_female``.
    n : int
        How many in all; fewer where a group runs out.
    seed : int
    without : sequence of Variant
        Not drawn again.

    Returns
    -------
    tuple of Variant
        With attributes "race" and "sex" as far as lists tell; the unit is the first name.

    Raises
    ------
    SourceError, DataError
        If a file cannot be read, lacks its columns, or gives fewer than two groups.
    """
    women = None if sexes is None else _table(sexes)
    sex = {} if women is None or sexes is None else _sexes(women, sexes)
    if names is None:
        if women is None:
            return ()
        frequent = _most_borne(women)
        pool, by = [Variant(one, {SEX: sex[one]}) for one in frequent if one in sex], SEX
    else:
        by = RACE
        pool = [
            Variant(
                one,
                {RACE: race, **({SEX: sex[one.split()[0]]} if one.split()[0] in sex else {})},
                unit=one.split()[0].casefold(),
            )
            for one, race in _races(_table(names), names).items()
        ]
    taken = {one.text for one in without}
    pool = [one for one in pool if one.text not in taken]
    if len({one.groups[by] for one in pool}) < 2:
        raise DataError(f"{names or sexes} tells of fewer than two groups of names: nothing can be compared")
    return draw_variants(pool, n, by=by, random_state=seed)


def places_of(path: Path | None, n: int, *, seed: int) -> tuple[Variant, ...]:
    """Draw cities, two or more of each of the countries that the list has most of.

    Parameters
    ----------
    path : Path, optional
        A table with ``name`` and ``country``, or ``name`` and ``group``.
    n : int
        How many in all, of ``n // 2`` countries.
    seed : int

    Raises
    ------
    SourceError, DataError
        If the file cannot be read, lacks its columns, or has fewer than two countries.
    """
    if path is None:
        return ()
    table = _table(path)
    column = PLACE if PLACE in table.columns else "group"
    try:
        found = listed(table, group=column)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    sizes = Counter(found.values())
    largest = sorted(sizes, key=lambda group: (-sizes[group], group))[: max(n // 2, LEAST_COUNTRIES)]
    if len(largest) < LEAST_COUNTRIES:
        raise DataError(f"{path} tells of one country: nothing can be compared")
    pool = [Variant(one, {PLACE: group}) for one, group in found.items() if group in largest]
    return draw_variants(pool, n, by=PLACE, random_state=seed)


def _table(path: Path) -> pd.DataFrame:
    # Rows that cannot be read name nobody: a list with fewer names is still a list.
    return read_table(path, table="list", ledger=Ledger())


def _races(table: pd.DataFrame, path: Path) -> dict[str, str]:
    shares = {str(name)[: -len("_pct")]: str(name) for name in table.columns if str(name).endswith("_pct")}
    shares.pop(OTHER, None)
    try:
        if not shares:
            return listed(table)
        return listed_by_share(_numbers(table, shares), shares, at_least=PERCEIVED)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _sexes(table: pd.DataFrame, path: Path) -> dict[str, str]:
    if "p_female" not in table.columns:
        raise DataError(f"{path} has no column 'p_female', the share of women among a first name's bearers")
    shares = _numbers(table, {"women": "p_female"})
    both = shares.assign(p_male=1 - shares["p_female"])
    try:
        return listed_by_share(both, {"women": "p_female", "men": "p_male"}, at_least=BORNE)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


def _most_borne(table: pd.DataFrame) -> list[str]:
    if "n" not in table.columns:
        return [str(one) for one in table["name"].dropna()]
    order = pd.to_numeric(table["n"], errors="coerce").sort_values(ascending=False, kind="stable").index
    return [str(one) for one in table.loc[order, "name"].dropna()[:FREQUENT]]


def _numbers(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    read: dict[str, Any] = {
        column: pd.to_numeric(table[column], errors="coerce").astype(float) for column in columns.values()
    }
    return table.assign(**read)


def _first_column(frame: pd.DataFrame, usual: Sequence[str]) -> str | None:
    there = {str(name).strip().casefold(): str(name) for name in frame.columns}
    return next((there[name] for name in usual if name in there), None)
