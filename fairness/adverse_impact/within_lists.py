"""A test of equal rates that compares people with those of their own list."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from fairness.groups import Groups
from fairness.metrics._position_values import codes_in_rank_order
from ranker.ranking.ranking import Ranking

__all__ = ["WithinLists", "mantel_haenszel"]


@dataclass(frozen=True, slots=True)
class WithinLists:
    """What a test within lists found.

    Parameters
    ----------
    selected, expected : float
        Persons of the group who were selected, and who would be were each list's selected drawn by
        lot among the members of both groups.
    z, p : float
        The difference in standard deviations, and its two-sided p; NaN where no list tells the two
        groups apart.
    n_jobs : int
        Lists that hold both groups, some selected and some not.
    """

    selected: float
    expected: float
    z: float
    p: float
    n_jobs: int


def mantel_haenszel(
    ranking: Ranking, groups: Groups, *, group: str, reference: str, top_k: int
) -> WithinLists:
    """Test whether two groups are selected alike within each list.

    Rates pooled over lists also differ where a group applies to longer lists, of which fewer are
    selected; within lists that cancels out. People who stand on several lists are still counted as if
    they were several, so that p is too small where scores follow the person.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs.
    groups : Groups
        Of each row that the ranking was made from.
    group, reference : str
        The two that are compared.
    top_k : int
        Ranks ``1 .. top_k`` of each job are selected.

    Returns
    -------
    WithinLists
        Without continuity correction.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    Mantel & Haenszel (1959), Statistical aspects of the analysis of data from retrospective studies of
    disease, JNCI 22(4).

    Examples
    --------
    >>> ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a"] * 4)
    >>> groups = Groups.from_values(["m", "m", "f", "f"], attribute="sex")
    >>> round(mantel_haenszel(ranking, groups, group="f", reference="m", top_k=2).z, 3)
    -1.732
    """
    codes = codes_in_rank_order(ranking, groups)
    chosen = ranking.in_top(top_k)
    mine, theirs = (codes == groups.labels.index(label) for label in (group, reference))

    def count(flags: np.ndarray) -> np.ndarray:
        return np.bincount(ranking.job_of[flags], minlength=ranking.n_jobs).astype(np.float64)

    own, others = count(mine), count(theirs)
    picked, all_picked = count(mine & chosen), count((mine | theirs) & chosen)
    total = own + others
    told = (own > 0) & (others > 0) & (all_picked > 0) & (all_picked < total)
    own, others, picked, all_picked, total = (a[told] for a in (own, others, picked, all_picked, total))
    expected = own * all_picked / total
    variance = float((expected * others * (total - all_picked) / (total * (total - 1))).sum())
    apart = float((picked - expected).sum())
    z = apart / math.sqrt(variance) if variance > 0 else math.nan
    p = float(2 * norm.sf(abs(z))) if variance > 0 else math.nan
    return WithinLists(float(picked.sum()), float(expected.sum()), z, p, int(told.sum()))
