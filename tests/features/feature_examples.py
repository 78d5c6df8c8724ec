"""Small records for features, and plain twins of what splits promise."""

from itertools import permutations

import numpy as np
import pandas as pd

from ranker.records import join_records
from ranker.records.cleaning import Keys


class LetterCounts:
    """An encoder for tests: texts alike by the letters that they hold."""

    def encode(self, texts):
        counts = np.array([[text.lower().count(letter) + 0.1 for letter in "abcelort"] for text in texts])
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)


def records_of(fields=(), *, job=None, **candidate):
    """Pair the first candidate with the first job, the second with the second, and so on.

    Parameters
    ----------
    fields : iterable of Field
        Declared fields.
    job, **candidate : dict of str to list
        Columns of raw values.
    """
    n = len(next(iter([*candidate.values(), *(job or {}).values()])))
    people, jobs = [f"c{i}" for i in range(n)], [f"j{i}" for i in range(n)]
    return join_records(
        pd.DataFrame({"candidate": people, "job": jobs}, dtype=object),
        Keys("job", "candidate"),
        candidates=(table(people, candidate), "id"),
        jobs=(table(jobs, job or {}), "id"),
        fields={field.path: field for field in fields},
    )


def table(labels, columns):
    data = {"id": labels}
    for name, values in columns.items():
        data[name] = np.empty(len(values), dtype=object)
        data[name][:] = values
    return pd.DataFrame(data, dtype=object)


def values(feature, records):
    """Return a feature's values as a list with ``None`` for missing."""
    return [None if v is None or v != v else v for v in feature.compute(records).tolist()]


def words(feature, records):
    return [feature.describe(records, pair) for pair in range(len(records))]


def missing(records):
    """Return what was counted as missing: row, field, reason."""
    return [(f.row, f.field, f.reason) for f in records.report().fates if f.action == "missing"]


def steps(cuts, amounts, of_missing=0.0):
    """Make a step function of numbers: ``amounts[i]`` from the i-th cut on, ``amounts[0]`` below."""

    def amount_of(given):
        given = np.asarray(given, dtype=np.float64)
        found = np.asarray(amounts, dtype=np.float64)[np.searchsorted(cuts, given, side="right")]
        return np.where(np.isnan(given), of_missing, found)

    return amount_of


def shapley_reference(game, n_parts):
    """Average each part's contribution over all orders of arrival; ``game`` takes a set of parts."""
    known = {}

    def worth(present):
        if present not in known:
            known[present] = game(present)
        return known[present]

    shares, n_orders = [0.0] * n_parts, 0
    for order in permutations(range(n_parts)):
        n_orders += 1
        present = frozenset()
        for part in order:
            shares[part] += worth(present | {part}) - worth(present)
            present |= {part}
    return [share / n_orders for share in shares]
