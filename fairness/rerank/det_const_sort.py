"""DetConstSort: candidates in the order in which groups need them, sorted as far as counts allow."""

from fairness.groups import Groups
from fairness.metrics._targets import Target
from fairness.rerank._det import det_reordered
from ranker.kernels.det_sort import det_const_sort_order
from ranker.ranking.ranking import Ranking

__all__ = ["det_const_sort"]


def det_const_sort(
    ranking: Ranking, groups: Groups, *, target: Target = "pool", top_k: int | None = None
) -> Ranking:
    """Take members as least counts rise, and let better ones pass while every least count still holds.

    Of the first ``k`` a group with share ``p`` must hold ``floor(k p)`` at least. Wherever that
    rises, the group's best member not yet taken joins the end of the list, and passes those
    before it who are worse and would not come later than their own group needs them.

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
        that runs out asks for nothing more, and the others come in the order of their shares;
        members of groups without a share come last, by the order of the ranking.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    DataError
        If the target lacks a group, names an unknown one or holds no proper amounts, or `top_k`
        is no whole number from 1.

    Notes
    -----
    Every least count is met at every prefix while members last, for any number of groups; no
    highest count is kept. The list is not the nearest one that meets the counts, nor the best.
    Counts of prefixes say nothing of whether scores are right or anyone was treated equally.
    Whoever is passed falls to rank ``k`` at most, ``k`` the prefix that requires a member there:
    with ``k + 1``, as one package has it, least counts break.

    References
    ----------
    Geyik, Ambler & Kenthapadi (2019), Fairness-Aware Ranking in Search & Recommendation Systems
    with Application to LinkedIn Talent Search, KDD, algorithm 3.

    Examples
    --------
    >>> ranking = Ranking.from_scores([5.0, 4.0, 3.0, 2.0, 1.0], job=["a"] * 5)
    >>> groups = Groups.from_values(["m", "m", "m", "f", "f"], attribute="gender")
    >>> fair = det_const_sort(ranking, groups, target={"f": 1, "m": 1})
    >>> fair.candidates.tolist()
    ['0', '3', '1', '4', '2']
    >>> fair.moves[0].reason
    "rank 2 goes to one of 'f': 1 of the first 2 is required by DetConstSort at a share of .500"
    """
    return det_reordered(
        ranking,
        groups,
        target,
        top_k,
        name="det_const_sort",
        paper="DetConstSort",
        order=det_const_sort_order,
    )
