"""The same records with another group, or another name, and whether any rank moves."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fairness.swaps import FieldSwap, scored_by, swap_test
from ranker.app.report.audited import SMALL_COUNT, Audited, label_of_field
from ranker.app.report.people import MANY
from ranker.errors import DataError
from ranker.records import Usage
from ranker.records.field import entity_of
from ranker.records.values import is_missing

MOST_VALUES = 3  # of a field with many values, such as a name: the commonest are given to everybody


def swap_fields(audited: Audited) -> dict[str, Any] | None:
    """Swap each protected and sensitive field of people on the test part, and rank anew.

    Returns
    -------
    dict or None
        Strict JSON: ``fields``: what each swap moved, or the ``reason`` why it could not be made.
        Values that fewer than 5 rows hold, such as e-mail addresses, are counted and not named.
        None where the task declares no such field.
    """
    model = audited.model
    declared = [
        path
        for path, field in model.task.features.fields.items()
        if field.usage in (Usage.PROTECTED, Usage.SENSITIVE)
    ]
    if not declared:
        return None
    predict = scored_by(model.scorer, model.task.features)
    found = []
    for path in declared:
        row: dict[str, Any] = {"path": path, "label": label_of_field(model, path)}
        try:
            swap = FieldSwap(path, _values(audited, path))
            design = "all" if entity_of(path) == "job" else "one"
            result = swap_test(audited.records, predict, swap, design=design, top_k=audited.top_k)
        except DataError as error:
            found.append({**row, "reason": str(error)})
            continue
        found.append(
            {
                **row,
                "reason": None,
                "design": design,
                "values": _named(result.labels, _counted(audited, path)),
                "changes": result.n_changes,
                "moved": result.n_moved,
                "unmoved": bool(result.unmoved),
                "largest_score_change": result.largest_score_change,
                "missing": result.n_missing,
                "in_words": result.in_words(),
            }
        )
    return {"pairs": len(audited.records), "jobs": audited.rankings["after"].n_jobs, "fields": found}


def _values(audited: Audited, path: str) -> tuple[str, ...]:
    """Return the values to give: all, or of many the commonest; none where that is for the swap to find."""
    counts = _counted(audited, path)
    if len(counts) <= MANY:
        return ()
    return tuple(sorted(counts, key=lambda text: (-counts[text], text))[:MOST_VALUES])


def _counted(audited: Audited, path: str) -> Counter[str]:
    return Counter(str(value) for value in audited.records.at(path, "text") if not is_missing(value))


def _named(values: Sequence[str], counts: Counter[str]) -> list[str]:
    """Name the values that do not tell of single persons, and count the others."""
    common = [value for value in values if counts[value] >= SMALL_COUNT]
    rare = len(values) - len(common)
    return [*common, *([f"({rare} that fewer than {SMALL_COUNT} rows hold)"] if rare else [])]
