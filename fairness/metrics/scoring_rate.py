"""Scoring rates of groups, and impact ratios of rates: Local Law 144's figures for systems that score."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import by_label, codes_in_rank_order, divide, sums_by_group
from fairness.metrics.selection_rate import UNDISCLOSED
from ranker.errors import DataError, did_you_mean
from ranker.kernels.segments import descending_order
from ranker.ranking.checks import as_scores
from ranker.ranking.ranking import Ranking

__all__ = ["above_median", "impact_ratios", "scoring_counts", "scoring_rate", "scoring_rate_per_job"]

Median = Literal["sample", "job"]


def scoring_rate(scores: Ranking | ArrayLike, groups: Groups, *, median: Median = "sample") -> pd.Series:
    """Share of each group whose score is above the median score.

    Strictly above: who stands at the median does not count as above it. The median is of
    everybody who was scored, undisclosed members included, since the rule takes it of the
    full sample. Where many share the median score, far fewer than half are above it, and a
    group's rate can turn on how its ties fall: `scoring_counts` reports how many stand there.

    Parameters
    ----------
    scores : Ranking or array_like of shape (n,)
        A ranking, whose scores are read and whose moves are not: this is a figure about
        scores. Or one score per row of `groups`, in the same order; higher is better.
    groups : Groups
        Group of each row.
    median : {"sample", "job"}, default="sample"
        One median of all scores, as the rule has it; or each job's own, pooled over jobs,
        where scores of different jobs are not on one scale. The second needs a ranking.

    Returns
    -------
    Series
        Label to above / members in [0, 1], dimensionless; NaN for a group without members.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If a score is NaN or no number, scores and groups differ in length, `median` is
        unknown, or is "job" without a ranking.

    References
    ----------
    6 RCNY 5-300 (New York City Local Law 144), "scoring rate".

    Examples
    --------
    >>> groups = Groups.from_values(["f", "m", "f", "m"], attribute="gender")
    >>> scoring_rate([1.0, 2.0, 3.0, 4.0], groups).to_dict()
    {'f': 0.5, 'm': 0.5}
    """
    above, _, codes = _placed(scores, groups, median)
    n_above, members = _persons(codes, above, groups), _persons(codes, np.ones_like(above), groups)
    # The last place is that of the undisclosed.
    return by_label(groups, divide(n_above, members)[:-1], "scoring_rate")


def scoring_rate_per_job(ranking: Ranking, groups: Groups) -> NDArray[np.float64]:
    """Scoring rate of each job against its own median, in the order of ``ranking.jobs``.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all.
    groups : Groups
        Group of each row that the ranking was made from.

    Returns
    -------
    ndarray of shape (n_jobs, n_groups)
        In the order of ``groups.labels``; NaN where a job holds nobody of the group.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    """
    above, _, codes = _placed(ranking, groups, "job")
    n_groups = len(groups.labels)
    members = sums_by_group(ranking, codes, n_groups, None)
    return divide(sums_by_group(ranking, codes, n_groups, above.astype(np.float64)), members)


def scoring_counts(scores: Ranking | ArrayLike, groups: Groups, *, median: Median = "sample") -> pd.DataFrame:
    """Count candidates of each group, those above the median score and those at it.

    Parameters
    ----------
    scores, groups, median
        As in `scoring_rate`.

    Returns
    -------
    DataFrame
        Columns ``candidates``, ``above_median``, ``at_median`` (persons) and
        ``scoring_rate`` (share, NaN where nobody was scored); one row per group and, where
        anyone's group is undisclosed, a last row ``"(undisclosed)"``, so that the columns
        add up to everyone.

    Raises
    ------
    UnknownCandidateError, DataError
        As `scoring_rate` does.

    References
    ----------
    6 RCNY 5-301 (New York City Local Law 144): candidates of unknown category are counted.

    Examples
    --------
    >>> groups = Groups.from_values(["f", "m", "", "f"], attribute="gender")
    >>> scoring_counts([1.0, 2.0, 2.0, 3.0], groups)["at_median"].to_dict()
    {'f': 0, 'm': 1, '(undisclosed)': 1}
    """
    above, at_median, codes = _placed(scores, groups, median)
    columns = {
        "candidates": _persons(codes, np.ones_like(above), groups),
        "above_median": _persons(codes, above, groups),
        "at_median": _persons(codes, at_median, groups),
    }
    index = pd.Index([*groups.labels, UNDISCLOSED], name=groups.attribute, dtype=object)
    frame = pd.DataFrame(columns, index=index).astype("int64")
    frame["scoring_rate"] = frame["above_median"] / frame["candidates"]
    return frame if frame.loc[UNDISCLOSED, "candidates"] else frame.drop(index=UNDISCLOSED)


def above_median(scores: Ranking | ArrayLike, *, median: Median = "sample") -> NDArray[np.bool_]:
    """Flag the scores that are strictly above the median.

    Parameters
    ----------
    scores, median
        As in `scoring_rate`.

    Returns
    -------
    ndarray of shape (n,)
        In the order of the scores, which of a ranking is rank order; at most half are True.

    Raises
    ------
    DataError
        As `scoring_rate` does.

    Examples
    --------
    >>> above_median([1.0, 2.0, 2.0, 3.0]).tolist()
    [False, False, False, True]
    """
    return _above_and_at(scores, median)[0]


def impact_ratios(
    rates: pd.Series | Mapping[str, float],
    *,
    candidates: pd.Series | Mapping[str, float] | None = None,
    min_share: float = 0.0,
) -> pd.Series:
    """Rate of each group over the highest rate of a group.

    Parameters
    ----------
    rates : Series or mapping of str to float
        Selection or scoring rates: of `selection_rate`, `scoring_rate`, or the column of
        `selection_counts` or `scoring_counts`. A row ``"(undisclosed)"`` is no group and has
        no ratio.
    candidates : Series or mapping of str to float, optional
        Persons behind each rate, the undisclosed among them; needed for `min_share`.
    min_share : float, default=0
        Groups with a smaller share of all candidates are left out: they have no ratio and
        their rate is not the highest. 6 RCNY 5-301 allows .02 (`fairness.groups.SMALL_SHARE`).

    Returns
    -------
    Series
        Label to ratio in [0, 1], dimensionless, in the order of `rates`; every label is
        there. NaN for a group without rate or left out, and for all where fewer than two
        groups can be compared or the highest rate is 0. The rule sets no ratio that passes.

    Raises
    ------
    DataError
        If a rate is not in [0, 1], or `min_share` is no share or comes without the
        candidates of every rate.

    References
    ----------
    6 RCNY 5-300 (New York City Local Law 144), "impact ratio".

    Examples
    --------
    >>> impact_ratios({"f": 0.3, "m": 0.5}).to_dict()
    {'f': 0.6, 'm': 1.0}
    """
    given = pd.Series(rates, dtype=np.float64)
    strange = given[(given < 0) | (given > 1)]
    if strange.size:
        raise DataError(f"the rate of {strange.index[0]!r} is {strange.iloc[0]}: give shares between 0 and 1")
    compared = given.notna() & (given.index != UNDISCLOSED)
    if not 0 <= min_share < 1:
        raise DataError(f"min_share={min_share} is no share: give one from 0 to below 1, such as .02")
    if min_share > 0:
        persons = pd.Series(candidates if candidates is not None else {}, dtype=np.float64)
        lacking = given.index.difference(persons.index)
        if lacking.size:
            raise DataError(
                f"min_share={min_share} needs the number of candidates of {lacking[0]!r}: give candidates, "
                "one for each rate and for the undisclosed"
            )
        compared &= persons.reindex(given.index) >= min_share * persons.sum()
    highest = given[compared].max()
    ratios = given.where(compared) / highest if compared.sum() >= 2 and highest > 0 else given * np.nan
    return ratios.rename("impact_ratio")


def _persons(codes: NDArray[np.int64], counted: NDArray[np.bool_], groups: Groups) -> NDArray[np.float64]:
    """Count who is counted by group, the undisclosed last: (n,), (n,) -> (n_groups + 1,)."""
    # Code -1 comes first in the count.
    counts = np.bincount(codes[counted] + 1, minlength=len(groups.labels) + 1)
    return np.roll(counts, -1).astype(np.float64)


def _placed(
    scores: Ranking | ArrayLike, groups: Groups, median: str
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.int64]]:
    """Flag who is above and who at the median, with group codes, each (n,) in the order of the scores."""
    above, at_median = _above_and_at(scores, median)
    if isinstance(scores, Ranking):
        return above, at_median, codes_in_rank_order(scores, groups)
    if len(groups) != above.size:
        raise DataError(
            f"{above.size} scores but {len(groups)} groups by {groups.attribute!r}: give one of each per row"
        )
    return above, at_median, groups.codes.astype(np.int64)


def _above_and_at(scores: Ranking | ArrayLike, median: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    if median not in ("sample", "job"):
        raise DataError(f"no median is called {median!r}{did_you_mean(str(median), ('sample', 'job'))}")
    if isinstance(scores, Ranking):
        values, indptr = scores.scores, scores.indptr
    elif median == "job":
        raise DataError(
            "the median of each job needs to know who applied where: give a Ranking, or median='sample'"
        )
    else:
        values = as_scores(scores)
        missing = np.flatnonzero(np.isnan(values))
        if missing.size:
            raise DataError(
                f"the score of row {missing[0]} is NaN ({missing.size} NaN in all): "
                "leave rows without a score out, of the groups too, and report how many they are"
            )
    if median == "sample":
        indptr = np.array([0, values.size], dtype=np.int64)
    # A median is the mean of the two middle scores, and everything above the lower one of them is above the
    # mean: compared with it nothing is rounded, and infinite scores do no harm.
    sizes = np.diff(indptr)
    held = np.flatnonzero(sizes)
    in_order = values[descending_order(values, indptr)]
    upper, lower = np.full((2, sizes.size), np.nan)
    upper[held] = in_order[indptr[held] + (sizes[held] - 1) // 2]
    lower[held] = in_order[indptr[held] + sizes[held] // 2]
    upper, lower = np.repeat(upper, sizes), np.repeat(lower, sizes)
    return values > lower, (values == lower) & (upper == lower)
