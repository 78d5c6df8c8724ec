"""Two versions of a model on the same people: who moves, and through which raw fields."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics import exposure_ratio, impact_ratio
from ranker.app.data import parts_from
from ranker.app.evaluation import gains_of, number
from ranker.app.model import Model, rank_records
from ranker.app.report.audited import Audited, label_of_field, withheld_groups
from ranker.app.report.series import ROUNDING
from ranker.errors import DataError
from ranker.ranking import Ranking
from ranker.ranking.metrics import ndcg
from ranker.records import Records
from ranker.scoring.score_parts import ScoreParts

MOST_MOVERS = 10
MOST_REASONS = 3


def compare_versions(audited: Audited, other: Model, *, top_k: int) -> dict[str, Any]:
    """Rank the test part by another version too, and say who moves and why.

    Only pairs that both versions' files hold are ranked, by both. Scores of two versions need not
    be in one unit; a candidate's standing is therefore the score less the mean of the job's, over
    their standard deviation, and a field's part in a move is the change of its part in that. These
    parts sum to the change of the standing, with no residual; the rank follows from it and from
    what the others' standing became.

    Parameters
    ----------
    audited : Audited
        The audited model and its test part.
    other : Model
        The version that it is compared with.
    top_k : int
        Length of the top of the list that people enter or leave.

    Returns
    -------
    dict
        Strict JSON; ranks of ``first`` are the audited model's, of ``second`` the other's. Of each
        of ``movers`` the ``fields`` with the largest parts and ``other_fields``, the sum of the rest.

    Raises
    ------
    DataError
        If the two have fewer than two pairs in common.
    """
    theirs = other.load_records(labelled=True)
    mine, yours = _in_common(audited.records, theirs)
    if len(mine) < 2:
        raise DataError(
            f"the other model's files hold {len(mine)} pair(s) of the test part of {audited.model.task.name!r}: "
            "versions are compared on the same candidates and jobs"
        )
    one = _Version.of(audited.model, audited.records.take(mine))
    two = _Version.of(other, theirs.take(yours))
    gains = gains_of(one.records)
    groups = None if audited.groups is None else audited.groups.take(mine)
    seen = parts_from(other.parts, two.records)
    change = two.ranks - one.ranks
    return {
        "first": _identity(audited.model),
        "second": _identity(other),
        "pairs": len(mine),
        "pairs_left_out": len(audited.records) - len(mine),
        "jobs": one.ranking.n_jobs,
        "top_k": top_k,
        "second_learned_from": int(np.isin(seen, ("train", "tune")).sum()),
        "moved": int((change != 0).sum()),
        "mean_places": float(np.abs(change).mean()),
        "most_places": int(np.abs(change).max()),
        "entered": int(((one.ranks > top_k) & (two.ranks <= top_k)).sum()),
        "left": int(((one.ranks <= top_k) & (two.ranks > top_k)).sum()),
        "ndcg": {str(k): [number(ndcg(v.ranking, gains, k=k)) for v in (one, two)] for k in (10, 50)},
        "exposure_ratio": _of_groups(one, two, groups, lambda r, g: exposure_ratio(r, g)),
        "impact_ratio": _of_groups(one, two, groups, lambda r, g: impact_ratio(r, g, top_k=top_k)),
        "by_group": None if groups is None else _by_group(change, one.ranks, two.ranks, groups, top_k),
        **_reasons(one, two, change, lambda path: _label(path, audited.model, other)),
    }


class _Version:
    """A model's ranking of the pairs in common, and what each field adds to each standing."""

    def __init__(self, records: Records, ranking: Ranking, parts: ScoreParts) -> None:
        self.records, self.ranking = records, ranking
        self.ranks = np.empty(len(records), dtype=np.int64)
        self.ranks[ranking.row] = ranking.ranks
        job = np.unique(records.job, return_inverse=True)[1]
        size = np.bincount(job)
        by_field: dict[str, NDArray[np.float64]] = {}
        if parts.amounts is not None:
            columns = parts.amounts.tocsc()
            for column, field in enumerate(parts.fields):
                amount = columns[:, [column]].toarray()[:, 0]
                by_field[field] = by_field.get(field, np.zeros(len(records))) + amount
        mean = np.bincount(job, parts.scores) / size
        spread = np.sqrt(np.bincount(job, (parts.scores - mean[job]) ** 2) / size)
        # Of a job whose scores are all equal everybody's standing is 0: a deviation that rounding
        # alone leaves would make it anything.
        scale = np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > ROUNDING)[job]
        self.standing = (parts.scores - mean[job]) * scale
        self.fields = {
            field: (amount - (np.bincount(job, amount) / size)[job]) * scale
            for field, amount in by_field.items()
        }

    @classmethod
    def of(cls, model: Model, records: Records) -> "_Version":
        table = model.task.features.compute(records)
        ranking = rank_records(model.scorer, table, records)
        return cls(
            records, ranking, ScoreParts.down_to_fields(model.scorer, model.task.features, records, table)
        )


def _in_common(mine: Records, theirs: Records) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the pairs that both hold: positions in one and in the other."""
    index = pd.MultiIndex.from_arrays([theirs.job, theirs.candidate])
    found = index.get_indexer(pd.MultiIndex.from_arrays([mine.job, mine.candidate]))
    rows = np.flatnonzero(found >= 0)
    return rows, found[rows]


def _identity(model: Model) -> dict[str, Any]:
    return {"task": model.task.name, "title": model.task.title, "digest": model.digest}


def _of_groups(
    one: _Version, two: _Version, groups: Groups | None, measure: Any
) -> list[float | None] | None:
    return None if groups is None else [number(measure(v.ranking, groups)) for v in (one, two)]


def _by_group(
    change: NDArray[np.int64],
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    groups: Groups,
    top_k: int,
) -> dict[str, dict[str, Any]]:
    """Sum up the moves of each group that is large enough not to tell of single persons."""
    out = {}
    withheld = withheld_groups(groups)
    for code, label in enumerate(groups.labels):
        here = groups.codes == code
        if here.any() and label not in withheld:
            out[label] = {
                "pairs": int(here.sum()),
                "mean_change": float(change[here].mean()),
                "up": int((change[here] < 0).sum()),
                "down": int((change[here] > 0).sum()),
                "entered": int(((before > top_k) & (after <= top_k))[here].sum()),
                "left": int(((before <= top_k) & (after > top_k))[here].sum()),
            }
    return out


def _reasons(one: _Version, two: _Version, change: NDArray[np.int64], label: Any) -> dict[str, Any]:
    """Return the strongest movers with the fields that moved them, and each field's part over all pairs."""
    none = np.zeros(len(change))
    paths = sorted({*one.fields, *two.fields})
    parts = {path: two.fields.get(path, none) - one.fields.get(path, none) for path in paths}
    total = two.standing - one.standing
    residual = float(np.abs(total - sum(parts.values(), none)).max())
    order = np.lexsort((one.records.candidate, one.records.job, -np.abs(change)))
    movers = []
    for row in order[:MOST_MOVERS].tolist():
        if change[row] == 0:
            break
        strongest = sorted(paths, key=lambda path: (-abs(parts[path][row]), path))[:MOST_REASONS]
        movers.append(
            {
                "job": str(one.records.job[row]),
                "candidate": str(one.records.candidate[row]),
                "rank_first": int(one.ranks[row]),
                "rank_second": int(two.ranks[row]),
                "standing_change": float(total[row]),
                "fields": [
                    {"path": path, "label": label(path), "amount": float(parts[path][row])}
                    for path in strongest
                ],
                "other_fields": float(total[row] - sum(parts[path][row] for path in strongest)),
            }
        )
    overall = [
        {"path": path, "label": label(path), "mean_absolute": float(np.abs(parts[path]).mean())}
        for path in sorted(paths, key=lambda path: (-np.abs(parts[path]).mean(), path))
    ]
    return {"movers": movers, "fields": overall, "residual": residual}


def _label(path: str, *models: Model) -> str:
    for model in models:
        if path in model.task.features.fields:
            return label_of_field(model, path)
    return label_of_field(models[0], path)
