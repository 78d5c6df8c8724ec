"""DetGreedy: the best candidate at each place, within least and highest counts of each group."""

from functools import partial

from fairness.groups import Groups
from fairness.metrics._targets import Target
from fairness.rerank._det import det_reordered
from ranker.kernels.det_sort import GREEDY, det_selection_order
from ranker.ranking.ranking import Ranking

__all__ = ["det_greedy"]


def det_greedy(
    ranking: Ranking, groups: Groups, *, target: Target = "pool", top_k: int | None = None
) -> Ranking:
    """Fill places from the top: a group below its least count first, else the best candidate that fits.

    Of the first ``k`` a group with share ``p`` must hold ``floor(k p)`` at least and may hold
    ``ceil(k p)`` at most. Where groups are below their least count, the best of their members
    takes the place; otherwise the best member of a group that may have one more.

    It reads groups at decision time: who a person is changes where that person stands. Placing
    people by a protected attribute at that moment is restricted in many places, also where it
    is meant to help; ask someone who knows the law that applies before you use it. It runs only
    where it is called, and every move names it.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all; their order, earlier moves
        included, says who is better.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members keep their ranks:
        the rule moves nobody whose group it does not know, and counts ``k`` without them.
    target : "pool" or mapping of str to float, default="pool"
        Share that each group should have of the disclosed: that of each job's pool, or one
        amount for each label, brought to sum 1. A share below 1e-9 counts as none.
    top_k : int, optional
        Fill only ranks ``1 .. top_k`` by the rule; all by default. Whoever is left follows in
        the order of the ranking.

    Returns
    -------
    Ranking
        With a move and its reason for everyone raised. Each group keeps its own order. A group
        that runs out asks for nothing more; where no group that may have one more has a member,
        the best candidate left takes the place.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If the target lacks a group, names an unknown one or holds no proper amounts, or `top_k`
        is no whole number from 1.

    Notes
    -----
    With up to three groups every least count is met while members last; with four or more
    several may come due at one place, and one then comes late: `det_const_sort` never is.
    Counts of prefixes say nothing of whether scores are right or anyone was treated equally.

    References
    ----------
    Geyik, Ambler & Kenthapadi (2019), Fairness-Aware Ranking in Search & Recommendation Systems
    with Application to LinkedIn Talent Search, KDD, algorithm 1.

    Examples
    --------
    >>> ranking = Ranking.from_scores([5.0, 4.0, 3.0, 2.0, 1.0], job=["a"] * 5)
    >>> groups = Groups.from_values(["m", "m", "m", "f", "f"], attribute="gender")
    >>> fair = det_greedy(ranking, groups, target={"f": 1, "m": 1})
    >>> fair.candidates.tolist()
    ['0', '3', '1', '4', '2']
    >>> fair.moves[0].reason
    "rank 2 goes to one of 'f': 1 of the first 2 is required by DetGreedy at a share of .500"
    """
    order = partial(det_selection_order, rule=GREEDY)
    return det_reordered(ranking, groups, target, top_k, name="det_greedy", paper="DetGreedy", order=order)
