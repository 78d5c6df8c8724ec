"""The difference between two groups' mean scores, split over terms and over raw fields."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.groups import Groups
from ranker.errors import DataError, did_you_mean
from ranker.features import FeatureSet
from ranker.ranking.labels import as_labels
from ranker.records import Records
from ranker.scoring.additive import AdditiveScorer
from ranker.scoring.score_parts import ScoreParts

__all__ = ["GapSplit", "GapWeights", "gap_by_field", "gap_split"]


@dataclass(frozen=True, slots=True)
class GapSplit:
    """By how much one group's mean score lies above another's, taken apart.

    Parameters
    ----------
    attribute, first, second : str
        What the groups are groups of, and the two that are compared.
    total : float
        Mean score of ``first`` less that of ``second``, measured on the scores, in score
        units; NaN where no job holds both.
    terms, features : dict of str to float
        Amounts by term and by feature, in score units; each sums to ``total``.
    fields, items : dict of str to float, or None
        Amounts by raw field, and by the items of a field where a feature's rule tells them
        apart; each sums to ``total``. None where no records were given.
    n_jobs, n_jobs_left_out : int
        Jobs that hold both groups, and those that do not.
    """

    attribute: str
    first: str
    second: str
    total: float
    terms: dict[str, float]
    features: dict[str, float]
    fields: dict[str, float] | None
    items: dict[str, float] | None
    n_jobs: int
    n_jobs_left_out: int

    @property
    def residual(self) -> float:
        """Largest absolute difference between the total and any of the sums; NaN where there is no total."""
        parts = [part for part in (self.terms, self.features, self.fields, self.items) if part is not None]
        return max(abs(self.total - sum(part.values())) for part in parts)


def gap_split(
    scorer: AdditiveScorer, table: Any, *, job: Any, groups: Groups, first: str, second: str
) -> GapSplit:
    """Split the difference between two groups' mean scores over terms and features.

    Within a job the difference is that of the members' means; over jobs it is the mean
    weighted by pool size (undisclosed members included, as in the exposure metrics).
    Only jobs that hold both groups count, so that who applies where makes no difference;
    members of other groups and undisclosed ones count in no mean.

    Scores are sums, and differences of means of sums are sums: nothing is left over. A
    term of several features is shared equally among them.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scored.
    table : DataFrame, Arrow table or ndarray of ``n`` rows
        Features, as the scorer reads them.
    job : (n,) array_like
        Job of each row.
    groups : Groups
        Group of each row, ``-1`` where undisclosed.
    first, second : str
        The group that is measured, and the one that it is measured against.

    Returns
    -------
    GapSplit
        In score units, positive where ``first`` scores higher; NaN where no job holds both.
        It is about scores, of which ranks are made, not about ranks; and says through
        what a difference comes, not whether it is deserved.

    Raises
    ------
    DataError
        If lengths differ, a group is unknown or compared with itself, or a column is missing.

    Examples
    --------
    >>> split = gap_split(scorer, X, job=job, groups=groups, first="woman", second="man")
    >>> round(split.total, 3), max(split.terms, key=lambda term: -split.terms[term])
    (-0.192, 'gap')
    """
    weights = GapWeights.of(job, groups, first, second)
    _same_length(table, weights)
    return weights.split(ScoreParts.of(scorer, table))


def gap_by_field(
    scorer: AdditiveScorer,
    features: FeatureSet,
    records: Records,
    table: pd.DataFrame,
    groups: Groups,
    first: str,
    second: str,
) -> GapSplit:
    """Split the difference between two groups' mean scores over raw fields and their items.

    The difference is that of :func:`gap_split`; each row's score goes back to raw fields as
    ``ranker.scoring.attribution`` takes it apart, and the parts are averaged like scores.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scored.
    features : FeatureSet
        What made its inputs.
    records : Records
        The ``n`` pairs; their jobs are the jobs.
    table : DataFrame of shape (n, n_features)
        Their features, as :meth:`FeatureSet.compute` gives them.
    groups, first, second
        As in `gap_split`.

    Returns
    -------
    GapSplit
        With ``fields`` and ``items``. An item that few people have tells of them: leave
        it out of what others read.

    Raises
    ------
    DataError
        As in `gap_split`; and if the scorer reads what no feature of the set makes.
    """
    weights = GapWeights.of(records.job, groups, first, second)
    _same_length(table, weights)
    rows = np.flatnonzero(weights.values)
    parts = ScoreParts.down_to_fields(scorer, features, records.take(rows), table.iloc[rows])
    return weights.of_rows(rows).split(parts)


@dataclass(frozen=True, slots=True, eq=False)
class GapWeights:
    """The weights whose product with scores is the difference of two groups' mean scores.

    Parameters
    ----------
    attribute, first, second : str
        What the groups are groups of, and the two that are compared.
    values : (n,) float64 array
        Dimensionless; those of ``first`` sum to 1 and those of ``second`` to -1, others are
        0; all are 0 where no job holds both.
    n_jobs, n_jobs_left_out : int
        Jobs that hold both groups, and those that do not.
    """

    attribute: str
    first: str
    second: str
    values: NDArray[np.float64]
    n_jobs: int
    n_jobs_left_out: int

    @classmethod
    def of(cls, job: Any, groups: Groups, first: str, second: str) -> Self:
        """Weigh rows as :func:`gap_split` says, which also says what is raised."""
        code = np.unique(as_labels(job, what="job"), return_inverse=True)[1]
        if len(code) != len(groups):
            raise DataError(f"groups have {len(groups)} rows and job {len(code)}: give one a row")
        for label in (first, second):
            if label not in groups.labels:
                hint = did_you_mean(str(label), groups.labels)
                raise DataError(f"{groups.attribute!r} has no group {label!r}{hint}")
        if first == second:
            raise DataError(
                f"group {first!r} is compared with itself: name two groups of {groups.attribute!r}"
            )
        size = np.bincount(code)
        members = [groups.codes == groups.labels.index(label) for label in (first, second)]
        counts = [np.bincount(code[inside], minlength=len(size)) for inside in members]
        both = (counts[0] > 0) & (counts[1] > 0)
        share = np.where(both, size, 0) / max(int(size[both].sum()), 1)
        values = np.zeros(len(code))
        for sign, inside, count in zip((1.0, -1.0), members, counts, strict=True):
            values[inside] = sign * (share / np.maximum(count, 1))[code[inside]]
        return cls(groups.attribute, first, second, values, int(both.sum()), int((~both).sum()))

    def of_rows(self, rows: NDArray[np.int64]) -> "GapWeights":
        """Keep the weights of some rows; all others must be 0."""
        return replace(self, values=self.values[rows])

    def split(self, parts: ScoreParts) -> GapSplit:
        """Sum what the scores of these ``n`` rows are made of."""
        # Where no job holds both, every amount is unknown, not 0.
        unknown = 0.0 if self.n_jobs else np.nan

        def named(names: tuple[str, ...], amounts: NDArray[np.float64]) -> dict[str, float]:
            return dict(zip(names, (amounts + unknown).tolist(), strict=True))

        fields: dict[str, float] | None = None
        items: dict[str, float] | None = None
        if parts.amounts is not None:
            fields, items = {}, named(parts.items, parts.amounts.T @ self.values)
            for amount, field in zip(items.values(), parts.fields, strict=True):
                fields[field] = fields.get(field, 0.0) + amount
        return GapSplit(
            attribute=self.attribute,
            first=self.first,
            second=self.second,
            total=float(self.values @ parts.scores + unknown),
            terms=named(parts.term_names, self.values @ parts.terms),
            features=named(parts.feature_names, self.values @ parts.features),
            fields=fields,
            items=items,
            n_jobs=self.n_jobs,
            n_jobs_left_out=self.n_jobs_left_out,
        )


def _same_length(table: Any, weights: GapWeights) -> None:
    if len(table) != len(weights.values):
        raise DataError(f"table has {len(table)} rows and job {len(weights.values)}: give one a row")
