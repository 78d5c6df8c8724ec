"""All that a person could do, as the scorer sees it: blocks of options, and what each adds to the score.

A block is a column of the record, or several that one feature reads together: within it every
combination of the actions' options is written into a copy of the record and computed by the
features themselves. Of the options that fall into the same bins the cheapest is kept; that is
exact, since terms are step functions of bins.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from explain.change.actions import Action, Option
from explain.change.choices import Choices, Part
from explain.change.person import Person
from ranker.errors import DataError, TaskError
from ranker.records import Records, Requirement
from ranker.records.field import ENTITIES, entity_of
from ranker.records.ledger import Ledger
from ranker.records.values import Unreadable, decode

__all__ = ["Space", "edited", "has_column", "space_of"]

MOST_OPTIONS = 65_536  # of one block; 1 s of reading raw values
Column = tuple[int, str]  # which table, and its column


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """What can be chosen.

    Parameters
    ----------
    choices : Choices
        Costs and amounts of the options of each block; option 0 changes nothing.
    options : tuple of tuple of tuple of Option
        For each block and each of its options, what is done; empty for option 0.
    n_tried : int
        Raw records that were computed.
    """

    choices: Choices
    options: tuple[tuple[tuple[Option, ...], ...], ...]
    n_tried: int

    def chosen(self, choice: Sequence[int]) -> tuple[Option, ...]:
        """Return all that a choice, an option of each block, does."""
        return tuple(one for block, at in zip(self.options, choice, strict=True) for one in block[at])


def space_of(person: Person, actions: Sequence[Action], requirements: Sequence[Requirement] = ()) -> Space:
    """Work out what each action could lead to.

    Parameters
    ----------
    person : Person
        Whose record it is.
    actions : sequence of Action
        What is allowed.
    requirements : sequence of Requirement
        What must still be met after a change, if it is met before.
    """
    blocks = _blocks(person, actions)
    tried: list[list[tuple[Option, ...]]] = [_combined(person, block) for block in blocks]
    rows: list[tuple[Option, ...]] = [(), *(combined for block in tried for combined in block)]
    records = edited(person.records, person.pair, rows)
    table = person.features.compute(records)
    _check_base(person, table)
    kept = np.ones(len(rows), dtype=bool)
    for requirement in requirements:
        met = requirement.met(records)
        kept &= met | ~met[0]
    bins = [np.stack(found) for found in person.scorer.bin(table)]
    starts = np.cumsum([1, *map(len, tried)])
    reads = [_reads(person, block) for block in blocks]
    places: list[np.ndarray] = []
    for number, block in enumerate(tried):
        at = np.arange(starts[number], starts[number] + len(block))
        costs = np.array([sum(one.cost for one in rows[row]) for row in at])
        places.append(
            _cheapest(np.concatenate([[0], at[kept[at]]]), np.concatenate([[0.0], costs[kept[at]]]), bins)
        )
    owner = {name: number for number, names in enumerate(reads) for name in names}
    parts = tuple(
        _part(
            term.scores, found, [owner.get(person.scorer.feature_names[f], -1) for f in term.features], places
        )
        for term, found in zip(person.scorer.terms, bins, strict=True)
    )
    prices = tuple(
        np.array([sum(one.cost for one in rows[row]) for row in at], dtype=np.float64) for at in places
    )
    options = tuple(tuple(rows[row] for row in at) for at in places)
    return Space(Choices(prices, parts, float(person.scorer.intercept)), options, len(rows))


def edited(
    records: Records, pair: int, rows: Sequence[tuple[Option, ...]], *, as_written: bool = False
) -> Records:
    """Return one pair again and again, each time with some options written into its raw record.

    Parameters
    ----------
    records : Records
        All pairs.
    pair : int
        Position of the one.
    rows : sequence of tuple of Option
        What is done in each of the ``m`` copies.
    as_written : bool, default=False
        Whether lists that were written as texts are written as texts again; they read the
        same, and take longer.

    Returns
    -------
    Records of ``m`` pairs
    """
    n = len(rows)
    edits: dict[Column, dict[int, list[Any]]] = {}
    columns: dict[str, Column] = {}
    for row, options in enumerate(rows):
        for option in options:
            if option.path not in columns:
                table = records.tables[entity_of(option.path)]
                columns[option.path] = (id(table), records.locate(option.path).column)
            edits.setdefault(columns[option.path], {}).setdefault(row, []).append(option.edit)
    tables: dict[str, pd.DataFrame] = {}
    made: dict[int, pd.DataFrame] = {}
    positions: dict[str, np.ndarray] = {}
    for entity in ENTITIES:
        table = records.tables[entity]
        one = table.iloc[[int(records.rows[entity][pair])]]
        changed = {column: found for (which, column), found in edits.items() if which == id(table)}
        if changed and id(table) not in made:
            made[id(table)] = _copies(one, changed, n, as_written)
        tables[entity] = made.get(id(table), one)
        positions[entity] = np.arange(n) if id(table) in made else np.zeros(n, np.int64)
    return Records(
        tables=tables,
        rows=positions,
        candidate=np.repeat(records.candidate[pair : pair + 1], n),
        job=np.repeat(records.job[pair : pair + 1], n),
        fields=records.fields,
        relevance=None,
        ledger=Ledger(),
        keys=records.keys,
    )


def _copies(
    one: pd.DataFrame, changed: Mapping[str, Mapping[int, list[Any]]], n: int, as_written: bool
) -> pd.DataFrame:
    copies = one.iloc[np.zeros(n, np.int64)].copy()
    for column, edits in changed.items():
        value = one[column].iloc[0]
        if not as_written and isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
            with suppress(Unreadable):
                value = decode(value)
        values = np.empty(n, dtype=object)
        for row in range(n):
            values[row] = value
        for row, steps in edits.items():
            for edit in steps:
                values[row] = edit(values[row])
        copies[column] = pd.Series(values, index=copies.index, dtype=object)
    return copies


def _blocks(person: Person, actions: Sequence[Action]) -> list[list[Action]]:
    """Put actions together that lead to one column, or to columns that one feature reads."""
    columns = {id(action): _column(person, action.path) for action in actions}
    blocks: list[tuple[set[Column], list[Action]]] = []
    groups = [{columns[id(action)]} for action in actions]
    for feature in person.features:
        groups.append({_column(person, path) for path in feature.sources} & set(columns.values()))
    for group in groups:
        if group:
            met = [block for block in blocks if block[0] & group]
            blocks = [block for block in blocks if not block[0] & group]
            blocks.append((group.union(*(block[0] for block in met)), []))
    for joined, inside in blocks:
        inside.extend(action for action in actions if columns[id(action)] in joined)
    return [inside for _, inside in blocks]


def _column(person: Person, path: str) -> Column:
    entity = entity_of(path)
    if not has_column(person.records, path):
        return (id(person.records.tables[entity]), path)
    return (id(person.records.tables[entity]), person.records.locate(path).column)


def has_column(records: Records, path: str) -> bool:
    """Tell whether a path's column is there; that of an optional field may be absent."""
    rest = path.partition(".")[2]
    columns = records.tables[entity_of(path)].columns
    return any(rest == c or rest.startswith((f"{c}.", f"{c}[")) for c in columns)


def _reads(person: Person, block: Sequence[Action]) -> list[str]:
    columns = {_column(person, action.path) for action in block}
    return [
        feature.name
        for feature in person.features
        if columns & {_column(person, path) for path in feature.sources}
    ]


def _combined(person: Person, block: Sequence[Action]) -> list[tuple[Option, ...]]:
    """Return every combination of the options of a block's actions, but for doing nothing."""
    lists = [action.options(person) if has_column(person.records, action.path) else [] for action in block]
    n = 1
    for options in lists:
        n *= len(options) + 1
    if n > MOST_OPTIONS:
        names = ", ".join(repr(action.path) for action in block)
        raise TaskError(
            f"actions on {names}: a feature reads them together, and they make {n:,} combinations, more than "
            f"{MOST_OPTIONS:,}: allow fewer items, a narrower range or a larger step"
        )
    picks = product(*[[None, *options] for options in lists])
    combined = [tuple(one for one in pick if one is not None) for pick in picks]
    return [pick for pick in combined if pick]


def _check_base(person: Person, table: pd.DataFrame) -> None:
    """Make sure that the record reads the same alone as among all others."""
    whole = person.features.compute(person.records.take(np.array([person.pair])))
    for name in whole.columns:
        alone, among = table[name].iloc[0], whole[name].iloc[0]
        if alone != among and not (pd.isna(alone) and pd.isna(among)):
            raise DataError(
                f"feature {name!r} is {among!r} for candidate {person.records.candidate[person.pair]!r} and "
                f"{alone!r} when the record is read with lists in its column: write lists in all rows, or in none"
            )


def _cheapest(rows: np.ndarray, costs: np.ndarray, bins: Sequence[np.ndarray]) -> np.ndarray:
    """Keep the cheapest of the rows that fall into the same bins; the first, which changes nothing, stays."""
    where = np.concatenate([found[:, rows] for found in bins], axis=0).T
    order = np.lexsort((np.arange(rows.size), costs))
    _, first = np.unique(where[order], axis=0, return_index=True)
    kept = np.sort(order[first])
    return rows[kept] if 0 in kept else np.concatenate([rows[:1], rows[kept]])


def _part(scores: np.ndarray, bins: np.ndarray, owners: Sequence[int], places: Sequence[np.ndarray]) -> Part:
    """Tabulate a term over the options of the blocks that it depends on."""
    blocks = tuple(sorted({owner for owner in owners if owner >= 0}))
    index = []
    for axis, owner in enumerate(owners):
        if owner < 0:
            index.append(bins[axis, 0])
            continue
        shape = [1] * len(blocks)
        shape[blocks.index(owner)] = -1
        index.append(bins[axis, places[owner]].reshape(shape))
    return Part(blocks, np.asarray(scores[tuple(index)], dtype=np.float64))
