"""The posts that a person held, row by row, with their names and years."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranker.features.closeness import Closeness, closeness_among
from ranker.features.coded import offsets
from ranker.features.feature import numbered
from ranker.records.field import entity_of
from ranker.records.records import Records
from ranker.records.values import Unreadable, as_number, as_text
from ranker.text.encoder import Encoder

__all__ = ["Entries", "closeness_of", "closeness_to_titles", "entries_of", "posts_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Entries of lists; those of row ``r`` are ``indptr[r] .. indptr[r + 1]``.

    Parameters
    ----------
    indptr : (n_rows + 1,) int64 array
    given : (n_rows,) bool array
        Whether there is a list at all, and one that could be read.
    paths : tuple of str, n_entries long
        ``candidate.work_experience[data scientist]``; distinct within a row.
    years : (n_entries,) float64 array
        Of each; 0 for entries that have none.
    text : (n_entries,) int64 array
        Place of each entry's text among ``texts``.
    texts : tuple of str
        Distinct texts; ``""`` for an entry without one.
    """

    indptr: NDArray[np.int64]
    given: NDArray[np.bool_]
    paths: tuple[str, ...]
    years: NDArray[np.float64]
    text: NDArray[np.int64]
    texts: tuple[str, ...]

    def of_rows(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Gather the entries of some rows, (m,): where each row's begin, (m + 1,), and the entries."""
        sizes = np.diff(self.indptr)[rows]
        starts = offsets(sizes)
        return starts, np.arange(starts[-1]) + np.repeat(self.indptr[rows] - starts[:-1], sizes)


def posts_of(records: Records, path: str, *, item: str | None, years: str | None = None) -> Entries:
    """Read the posts in a list of objects, for each row of its table; worked out once.

    Parameters
    ----------
    records : Records
        The pairs.
    path : str
        Of the list.
    item : str or None
        Key of a post's name.
    years : str, optional
        Key of its years; one without a number from 0 up is counted and left out, and a list
        none of whose posts has one is not given.
    """

    def read(values: np.ndarray, note: Callable[[int, str, str], None]) -> Entries:
        rows: list[list[tuple[str, str, float]]] = []
        given = np.zeros(len(values), dtype=bool)
        for position, posts in enumerate(values):
            kept = []
            names = [_name(post, item) for post in posts or ()]
            called = numbered([f"{path}[{name or n}]" for n, name in enumerate(names, 1)])
            for post, name, place in zip(posts or (), names, called, strict=True):
                try:
                    kept.append((place, name, 0.0 if years is None else _years(post.get(years))))
                except Unreadable as error:
                    note(position, "missing", f"a post's years: {error}")
            given[position] = posts is not None and (bool(kept) or not posts)
            rows.append(kept)
        return _entries(rows, given)

    found: Entries = records.derived(path, "items", repr(("posts", item, years)), read)
    return found


def entries_of(records: Records, path: str) -> Entries:
    """Read the texts of a list, for each row of its table; worked out once."""

    def read(values: np.ndarray, note: Callable[..., None]) -> Entries:
        rows = [[(f"{path}[{text}]", text, 0.0) for text in texts or ()] for texts in values.tolist()]
        return _entries(rows, np.array([texts is not None for texts in values.tolist()], dtype=bool))

    found: Entries = records.derived(path, "texts", "entries", read)
    return found


def closeness_of(
    records: Records, path: str, kind: str, entries: Entries, encoder: Encoder | None
) -> Closeness:
    """Prepare the texts of entries, which were read of ``path`` as ``kind``; worked out once."""

    def prepare(values: np.ndarray, note: Callable[..., None]) -> Closeness:
        return closeness_among(entries.texts, encoder)

    # Both stay alive as long as what is worked out of them, so that their ids name nothing else.
    found: Closeness = records.derived(path, kind, f"closeness {id(entries)} {id(encoder)}", prepare)
    return found


def closeness_to_titles(
    records: Records, path: str, kind: str, entries: Entries, title: str, encoder: Encoder | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Compare the entries of each of ``n`` pairs with its job's title.

    Returns
    -------
    starts : (n + 1,) int64 array
    at : (m,) int64 array
        The entries of pair ``i`` are ``at[starts[i]:starts[i + 1]]``.
    close : (m,) float64 array
        Their closeness, in [0, 1]; 0 where the job has no title.
    """
    starts, at = entries.of_rows(records.rows[entity_of(path)])
    close = np.zeros(len(at))
    if not len(at):
        return starts, at, close
    texts, codes = closeness_of(records, path, kind, entries, encoder), dict[str | None, int]()
    titles = [codes.setdefault(text, len(codes)) for text in records.at(title, "text").tolist()]
    of_entry = np.repeat(np.array(titles), np.diff(starts))
    order = np.argsort(of_entry, kind="stable")
    ends = np.searchsorted(of_entry[order], np.arange(len(codes) + 1))
    for text, code in codes.items():
        if text is not None:
            some = order[ends[code] : ends[code + 1]]
            close[some] = texts.to(text)[entries.text[at[some]]]
    return starts, at, close


def _entries(rows: list[list[tuple[str, str, float]]], given: NDArray[np.bool_]) -> Entries:
    flat = [entry for row in rows for entry in row]
    places: dict[str, int] = {}
    text = np.array([places.setdefault(name, len(places)) for _, name, _ in flat], np.int64)
    sizes = np.fromiter(map(len, rows), np.int64, len(rows))
    years = np.array([amount for *_, amount in flat], np.float64)
    return Entries(offsets(sizes), given, tuple(path for path, *_ in flat), years, text, tuple(places))


def _name(post: dict[str, Any], item: str | None) -> str:
    try:
        return (as_text(post.get(item)) or "") if item else ""
    except Unreadable:
        return ""


def _years(value: Any) -> float:
    years = as_number(value)
    if np.isnan(years):
        raise Unreadable("not given")
    if years < 0:
        raise Unreadable("below 0")
    return years
