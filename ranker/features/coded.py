"""Lists of texts as sets of whole numbers, which kernels compare; texts that compare as equal have one number."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.pair_matching import count_of_pairs
from ranker.records.field import entity_of
from ranker.records.records import Records

__all__ = ["CodedSets", "coded_sets", "coded_texts", "matches", "offsets"]


@dataclass(frozen=True, slots=True, eq=False)
class CodedSets:
    """A set for each row of a field's table; that of row ``r`` is ``ids[indptr[r]:indptr[r + 1]]``.

    Parameters
    ----------
    indptr : (n_rows + 1,) int64 array
    ids : (n_ids,) int32 array
        As ``records.memo.codes`` gives them, in the order of the items.
    given : (n_rows,) bool array
        Whether there is a list at all: an empty one is given.
    """

    indptr: NDArray[np.int64]
    ids: NDArray[np.int32]
    given: NDArray[np.bool_]

    def sizes(self) -> NDArray[np.int64]:
        """Items of each row, (n_rows,)."""
        return np.diff(self.indptr)


def offsets(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of several runs begins and ends: (n,) -> (n + 1,)."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


def coded_sets(records: Records, path: str) -> CodedSets:
    """Return for each row of a field's table its items; worked out once."""

    def code(values: np.ndarray, note: Callable[..., None]) -> CodedSets:
        lists = values.tolist()
        given = np.array([v is not None for v in lists], dtype=bool)
        filled = [v or () for v in lists]
        sizes = np.fromiter(map(len, filled), np.int64, len(filled))
        texts = chain.from_iterable(filled)
        ids = np.fromiter(map(records.memo.codes.__getitem__, texts), np.int32, int(sizes.sum()))
        return CodedSets(offsets(sizes), ids, given)

    found: CodedSets = records.derived(path, "texts", "coded", code)
    return found


def coded_texts(records: Records, path: str) -> CodedSets:
    """Return for each row of a field's table its one text as a set of one; worked out once."""

    def code(values: np.ndarray, note: Callable[..., None]) -> CodedSets:
        texts = values.tolist()
        given = np.array([v is not None for v in texts], dtype=bool)
        codes = records.memo.codes
        ids = np.array([codes[v] for v in texts if v is not None], dtype=np.int32)
        return CodedSets(offsets(given.astype(np.int64)), ids, given)

    found: CodedSets = records.derived(path, "text", "coded", code)
    return found


def matches(
    records: Records, has: CodedSets, has_path: str, wants: CodedSets, wants_path: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count for each pair the wanted items that the candidate has, and the wanted ones: two (n,) arrays.

    The second is 0 also where the candidate's list is not given: there is nothing to compare then.
    """
    has_rows, want_rows = records.rows[entity_of(has_path)], records.rows[entity_of(wants_path)]
    found = count_of_pairs(
        has.indptr, has.ids, has_rows, wants.indptr, wants.ids, want_rows, records.memo.codes.n_codes
    )
    return found, np.where(has.given[has_rows], wants.sizes()[want_rows], 0)
