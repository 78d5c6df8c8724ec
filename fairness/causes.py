"""Where every group's difference in score comes from: all of it, over terms, features and raw fields."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from fairness.change_gaps import GapSplit, GapWeights
from fairness.groups import Groups
from fairness.metrics.exposure import exposure_gap
from ranker.errors import DataError, did_you_mean
from ranker.features import FeatureSet
from ranker.ranking.ranking import Ranking
from ranker.records import Records
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.score_parts import ScoreParts

__all__ = ["REST", "GapCauses", "best_served", "gap_causes", "gap_weights", "of_one_and_rest"]

REST: Final = "(all others)"

Level = Literal["terms", "features", "fields", "items"]


@dataclass(frozen=True, slots=True)
class GapCauses:
    """The score gap of each group, split without residual.

    Parameters
    ----------
    attribute : str
        What the groups are groups of.
    against : str
        What each is compared with: a group, or ``"(all others)"``.
    splits : tuple of GapSplit
        One for each other group that shares a job with it, the lowest score first.
    left_out : tuple of str
        Groups that share no job with it.
    """

    attribute: str
    against: str
    splits: tuple[GapSplit, ...]
    left_out: tuple[str, ...]

    def __iter__(self) -> Iterator[GapSplit]:
        return iter(self.splits)

    @property
    def residual(self) -> float:
        """Largest absolute difference between a gap and a sum of its parts, in score units; 0 where none is."""
        return max((split.residual for split in self.splits), default=0.0)

    def to_frame(self, over: Level = "fields") -> pd.DataFrame:
        """Return a row for each group and part, what lowers its score most first.

        Parameters
        ----------
        over : {"terms", "features", "fields", "items"}
            Which of the sums.

        Returns
        -------
        DataFrame
            Columns ``group``, ``part``, ``amount`` and ``total`` in score units; the amounts of a group
            sum to its total.

        Raises
        ------
        DataError
            If there is no such sum: fields and items need records.
        """
        rows = []
        for split in self.splits:
            amounts: dict[str, float] | None = {
                "terms": split.terms, "features": split.features, "fields": split.fields, "items": split.items
            }.get(over)  # fmt: skip
            if amounts is None:
                known = ("terms", "features", "fields", "items")
                hint = "give gap_causes records and features" if over in known else did_you_mean(over, known)
                raise DataError(f"the gaps are not split over {over!r}: {hint.removeprefix('; ')}")
            rows += [
                (split.first, part, amount, split.total)
                for part, amount in sorted(amounts.items(), key=lambda one: (one[1], one[0]))
            ]
        return pd.DataFrame(rows, columns=["group", "part", "amount", "total"])


def gap_causes(
    scorer: AdditiveScorer,
    table: Any,
    groups: Groups,
    *,
    job: Any = None,
    against: str = "rest",
    features: FeatureSet | None = None,
    records: Records | None = None,
) -> GapCauses:
    """Split every group's difference in mean score over terms and features, and over raw fields.

    The difference, and how jobs weigh, is that of ``fairness.change_gaps.gap_split``: of means
    within jobs that hold both sides, weighted by pool size.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scored.
    table : DataFrame, Arrow table or ndarray of ``n`` rows
        Features, as the scorer reads them.
    groups : Groups
        Group of each row, ``-1`` where undisclosed.
    job : (n,) array_like, optional
        Job of each row; that of ``records`` by default.
    against : str, default="rest"
        What each group is compared with: ``"rest"``, all other disclosed members of its jobs;
        ``"best_served"``, the group with the most exposure (`best_served`); or the label of a
        group, which goes first where one is called like that.
    features : FeatureSet, optional
        What made the table.
    records : Records, optional
        The ``n`` pairs; with ``features``, gaps are split over raw fields and items too.

    Returns
    -------
    GapCauses
        In score units, negative where the group scores lower. It says through what a difference
        comes, not whether that is deserved; and is of scores, not of ranks: see
        :func:`fairness.effects.term_effects` for those.

    Raises
    ------
    DataError
        If lengths differ, a group is unknown, or neither job nor records are given.

    Examples
    --------
    >>> causes = gap_causes(scorer, X, groups, job=job)
    >>> causes.to_frame("terms").iloc[0].to_dict()
    {'group': 'woman', 'part': 'gap', 'amount': -0.181, 'total': -0.192}
    """
    if records is not None and job is None:
        job = records.job
    if job is None:
        raise DataError(
            "gaps are measured within jobs: give job, one a row, all alike where there is one list"
        )
    if len(table) != len(groups):
        raise DataError(f"table has {len(table)} rows and groups {len(groups)}: give one a row")
    if against not in ("rest", "best_served", *groups.labels):
        hint = did_you_mean(against, ("rest", "best_served", *groups.labels))
        raise DataError(f"groups by {groups.attribute!r} cannot be compared with {against!r}{hint}")
    if against == "best_served" and against not in groups.labels:
        lots = None if records is None else records.lots()
        candidate = None if records is None else records.candidate
        ranking = Ranking.from_scores(scorer.score(table), job=job, candidate=candidate, lot=lots)
        best = best_served(ranking, groups)
        if best is None:
            return GapCauses(groups.attribute, against, (), groups.labels)
        against = best
    if features is None or records is None:
        parts = ScoreParts.of(scorer, table)
    else:
        parts = ScoreParts.down_to_fields(scorer, features, records, table)
    weights = gap_weights(job, groups, against)
    splits = [one.split(parts) for one in weights.values() if one.n_jobs]
    splits.sort(key=lambda split: (split.total, split.first))
    left_out = tuple(label for label, one in weights.items() if not one.n_jobs)
    whom = against if against in groups.labels else REST
    return GapCauses(groups.attribute, whom, tuple(splits), left_out)


def gap_weights(job: Any, groups: Groups, against: str) -> dict[str, GapWeights]:
    """Weigh rows so that sums over them are each group's gap to all others (``"rest"``) or to one group."""
    if against in groups.labels:
        return {
            label: GapWeights.of(job, groups, label, against) for label in groups.labels if label != against
        }
    return {label: GapWeights.of(job, of_one_and_rest(groups, label), label, REST) for label in groups.labels}


def of_one_and_rest(groups: Groups, label: str) -> Groups:
    """Return two groups, one of them and all other disclosed members; codes 0 and 1."""
    code = np.where(groups.codes < 0, -1, groups.codes != groups.labels.index(label)).astype(np.int32)
    return Groups(groups.attribute, (label, REST), code)


def best_served(ranking: Ranking, groups: Groups) -> str | None:
    """Return the group with the most exposure against its pools; small groups only where no other is.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs.
    groups : Groups
        Group of each row that the ranking was made from.

    Returns
    -------
    str or None
        None where no job holds two groups.
    """
    served = exposure_gap(ranking, groups).dropna()
    large = served[[label in groups.large() for label in served.index]]
    served = large if len(large) else served
    return str(served.idxmax()) if len(served) else None
