"""What is swapped: any field's value, a person's name, a place; in the raw records."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.swaps.replacement import raw_values, replaced, rewritten
from fairness.swaps.spelling import OtherName
from ranker.errors import DataError
from ranker.records.field import entity_of
from ranker.records.records import Records
from ranker.records.values import normal

__all__ = ["CitySwap", "FieldSwap", "NameSwap", "Swap", "Swapped"]

MOST_GROUPS = 100  # each is scored once for everybody, and more say nothing that could be read


@dataclass(frozen=True, slots=True, eq=False)
class Swapped:
    """Records after a swap.

    Parameters
    ----------
    records : Records
        New ones, with the same pairs.
    changed : (rows,) bool array
        For each row of the entity's table, whether its value is another now.
    given : (rows,) object array of str
        The value that was given, ``None`` where nothing changed.
    touched : dict of str to int
        Path to the number of cells in which the name was found and replaced.
    """

    records: Records
    changed: NDArray[np.bool_]
    given: NDArray[np.object_]
    touched: Mapping[str, int]


class Swap(Protocol):
    """A way to give people other values.

    Attributes
    ----------
    path : str
        The field that is swapped.
    draws : bool
        Whether a value is drawn, so that drawing again gives another.
    """

    @property
    def path(self) -> str: ...  # noqa: D102

    @property
    def draws(self) -> bool: ...  # noqa: D102

    def groups(self, records: Records) -> Groups:
        """Return the group that each row of the entity's table has by its value, ``-1`` where by none."""
        ...

    def known(self, records: Records) -> NDArray[np.bool_]:
        """Flag the rows of the table that have a value which another can stand for, (rows,)."""
        ...

    def give(self, records: Records, target: NDArray[np.int64], rng: np.random.Generator) -> Swapped:
        """Give each row a value of the group ``target`` (a code of `groups`), ``-1`` to leave it."""
        ...


@dataclass(frozen=True, slots=True)
class FieldSwap:
    """Another value of a field, such as a protected one; each value is a group of its own.

    Parameters
    ----------
    path : str
        Any field with one value a row, ``candidate.gender``; those of jobs can be swapped for
        all at once only.
    values : tuple of str, optional
        Values to give; all that occur by default.
    """

    path: str
    values: tuple[str, ...] = ()
    draws: ClassVar[bool] = False

    def groups(self, records: Records) -> Groups:
        """Return each row's value; see :class:`Swap`.

        Raises
        ------
        UnknownFieldError
            If the table has no such column.
        DataError
            If fewer than two values are known, or more than can be read.
        """
        own, used = _own_texts(records, self.path)
        labels = self.values or tuple(sorted({text for text in own[used] if text is not None}))
        if not self.values and len(labels) == 1:
            raise DataError(
                f"everybody's {self.path!r} is {labels[0]!r}: name others to give, values = (...)"
            )
        return _coded(self.path, labels, own)

    def known(self, records: Records) -> NDArray[np.bool_]:
        """Flag the rows with a value; see :class:`Swap`."""
        return np.array([text is not None for text in _own_texts(records, self.path)[0]], dtype=bool)

    def give(self, records: Records, target: NDArray[np.int64], rng: np.random.Generator) -> Swapped:
        """Give values; see :class:`Swap`. A row that has the value already stays as it is."""
        groups = self.groups(records)
        own, _ = _own_texts(records, self.path)
        raw = raw_values(records, self.path)
        # As it is written where somebody has it: 1 stays a number.
        written: dict[str, Any] = {label: label for label in groups.labels}
        for text, value in zip(own[::-1], raw[::-1], strict=True):
            if text in written:
                written[text] = value
        changed = (target >= 0) & self.known(records) & (target != groups.codes)
        given = np.full(len(own), None, dtype=object)
        for row in np.flatnonzero(changed).tolist():
            given[row] = groups.labels[target[row]]
            raw[row] = written[given[row]]
        return Swapped(replaced(records, self.path, raw), changed, given, {})


@dataclass(frozen=True, slots=True)
class _ListSwap:
    """Another name from a list; see the subclasses."""

    path: str
    listing: Mapping[str, str]
    texts: tuple[str, ...] = ()
    draws: ClassVar[bool] = True
    in_words: ClassVar[bool] = False

    def groups(self, records: Records) -> Groups:
        """Return the group that the list gives each row's name; see :class:`Swap`.

        Raises
        ------
        UnknownFieldError
            If the table has no such column.
        DataError
            If the list is empty, or names more groups than can be read.
        """
        group_of = {normal(name): group for name, group in self.listing.items()}
        own, _ = _own_texts(records, self.path)
        found = [None if text is None else group_of.get(normal(self._named(text))) for text in own]
        return _coded(self.path, tuple(sorted(set(group_of.values()))), found)

    def known(self, records: Records) -> NDArray[np.bool_]:
        """Flag the rows with a name, in the list or not; see :class:`Swap`."""
        return np.array([text is not None for text in _own_texts(records, self.path)[0]], dtype=bool)

    def give(self, records: Records, target: NDArray[np.int64], rng: np.random.Generator) -> Swapped:
        """Draw names; see :class:`Swap`. Nobody draws the own name unless the group has no other."""
        groups = self.groups(records)
        pools: list[list[str]] = [[] for _ in groups.labels]
        for name in sorted(self.listing):
            pools[groups.labels.index(self.listing[name])].append(name)
        own, _ = _own_texts(records, self.path)
        raw = raw_values(records, self.path)
        given = np.full(len(own), None, dtype=object)
        other: dict[int, OtherName] = {}
        # One number a row, also for those who need none: the draw of one does not hang on the others.
        draws = rng.random(len(own))
        for row in np.flatnonzero((target >= 0) & self.known(records)).tolist():
            before = " ".join(own[row].split())
            pool = [one for one in pools[target[row]] if normal(one) != normal(self._named(before))]
            if pool:
                given[row] = pool[int(draws[row] * len(pool))]
                raw[row] = self._whole(before, given[row])
                other[row] = OtherName(before, raw[row], self.in_words)
        out, touched = replaced(records, self.path, raw), {}
        for path, way in self._places().items():
            out, cells = rewritten(out, path, _teller(other, way))
            touched[path] = sum(cells)
        return Swapped(out, np.array([one is not None for one in given], dtype=bool), given, touched)

    def _places(self) -> dict[str, str]:
        return dict.fromkeys(self.texts, "in_text")

    def _named(self, value: str) -> str:
        return value

    def _whole(self, value: str, name: str) -> str:
        return name


@dataclass(frozen=True, slots=True)
class NameSwap(_ListSwap):
    """Another person's name, drawn from a list of names by group; also where texts repeat it.

    Parameters
    ----------
    path : str
        Field with the name.
    listing : dict of str to str
        Name to group, as `listed` and `listed_by_share` read it. Names are of the kind that
        the field holds: first names for a field of first names, full names for full names.
    texts : tuple of str
        Fields with free text, or lists and objects of it: the name is replaced wherever it
        stands as whole tokens, whatever its case, which is kept. A name that is a word as well
        ("Will", "Grace") is taken for the name.
    emails : tuple of str
        Fields with e-mail addresses: the name and its initials are replaced before the ``@``.
    part : {"whole", "first"}
        Whether the list holds what the field holds, or only its first word; the rest, a
        family name, then stays.

    Notes
    -----
    Of the own group, too, another name is drawn: what that moves is what names do beyond
    groups. Nicknames, pronouns, photographs, associations and schools that tell of a group
    are not swapped; a test of structured fields cannot vouch for them.
    """

    emails: tuple[str, ...] = ()
    part: str = "whole"
    in_words: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.part not in ("whole", "first"):
            raise DataError(f"part = {self.part!r}: a list holds 'whole' names or the 'first' word of them")

    def _places(self) -> dict[str, str]:
        return {**dict.fromkeys(self.texts, "in_text"), **dict.fromkeys(self.emails, "in_email")}

    def _named(self, value: str) -> str:
        return value if self.part == "whole" else value.split()[0]

    def _whole(self, value: str, name: str) -> str:
        return name if self.part == "whole" else " ".join([name, *value.split()[1:]])


@dataclass(frozen=True, slots=True)
class CitySwap(_ListSwap):
    """Another city, drawn from a list of cities by country or region; also where texts repeat it.

    Parameters
    ----------
    path : str
        Field with the city.
    listing : dict of str to str
        City to country, say, as `listed` reads it.
    texts : tuple of str
        Fields with free text, where the city is replaced as a whole.

    Notes
    -----
    Postcodes, provinces and distances stay as they are and no longer fit: a model that reads
    them next to the city is tested on records that nobody has. A feature may be meant to read
    the city (the same one as the job's): then ranks move, and the figures say by how much.
    """


def _teller(other: Mapping[int, OtherName], way: str) -> Any:
    def change(row: int, text: str) -> str:
        return getattr(other[row], way)(text) if row in other else text

    return change


def _own_texts(records: Records, path: str) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Each row's value as a text, ``None`` where it is not given, and the rows that pairs stand on."""
    if "[]" in path:
        raise DataError(f"{path!r} leads to several values a row: swap a field that has one")
    entity, location = entity_of(path), records.locate(path)
    table = records.tables[entity]
    keys = records.keys if table is records.tables["application"] else (table.index.name,)
    if not location.steps and location.column in keys:
        raise DataError(
            f"{path!r} is what rows are called by or learned from, which a swap would mix up: swap another field"
        )
    return records.values(path, "text"), np.unique(records.rows[entity])


def _coded(path: str, labels: tuple[str, ...], own: Any) -> Groups:
    if not labels:
        raise DataError(f"nobody has a value of {path!r} that could be given, or the list is empty")
    if len(labels) > MOST_GROUPS:
        raise DataError(
            f"{path!r} has {len(labels)} values or groups, and each is given to everybody: name at most "
            f"{MOST_GROUPS}, or bring a list by group"
        )
    code_of = {label: code for code, label in enumerate(labels)}
    return Groups(path, labels, np.array([code_of.get(text, -1) for text in own], dtype=np.int32))
