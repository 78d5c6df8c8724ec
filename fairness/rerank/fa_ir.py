"""FA*IR: every prefix of the list holds as many protected candidates as chance would nearly always give it."""

from collections.abc import Collection
from typing import Literal

from fairness.groups import Groups
from fairness.rerank._deadlines import Protected, meet_tables
from fairness.rerank.minimum_tables import (
    AdjustedTable,
    adjusted_alpha,
    check_alpha,
    check_share,
    fail_probability,
    minimum_table,
)
from ranker.errors import ConstraintError
from ranker.ranking.checks import refuse_length
from ranker.ranking.ranking import Ranking

__all__ = ["fa_ir"]


def fa_ir(
    ranking: Ranking,
    groups: Groups,
    *,
    protected: str | Collection[str],
    p: Literal["pool"] | float = "pool",
    alpha: float = 0.1,
    top_k: int | None = None,
    adjust: bool = True,
) -> Ranking:
    """Raise protected candidates to the ranks where the FA*IR test would otherwise fail.

    The first ``i`` of a list pass if so few protected candidates, or fewer, stand among ``i``
    drawn by chance with share `p` in a fraction `alpha` of draws or more. At each rank the best
    candidate by score is taken, unless the list would then fail: then the best protected one.
    So within the protected and within all others the order stays, and nobody is raised whom no
    test needs.

    It reads groups at decision time: who a person is changes where that person stands. Placing
    people by a protected attribute at that moment is restricted in many places, also where it
    is meant to help; ask someone who knows the law that applies before you use it. It runs only
    where it is called, and every move names it.

    Parameters
    ----------
    ranking : Ranking
        Rankings of one or more jobs, ``n`` candidates in all; their order is taken as given,
        earlier moves included.
    groups : Groups
        Group of each row that the ranking was made from. Undisclosed members count as
        unprotected: they keep their place in line with all others.
    protected : str or collection of str
        Label of the protected group, or of several that count as one;
        `multigroup_fa_ir` tests several at once.
    p : "pool" or float, default="pool"
        Share of protected candidates that chance is taken to draw with: their share of each
        job's pool, undisclosed members included; or one number in (0, 1) for all jobs.
    alpha : float, default=0.1
        Probability with which a list drawn by chance may fail, in [1e-9, 1).
    top_k : int, optional
        Test only ranks ``1 .. top_k``; all by default. Whoever is left follows by score.
    adjust : bool, default=True
        Lower alpha for each rank's test so that all tests of a list together fail by chance
        with `alpha` at most (`adjusted_alpha`); otherwise each has `alpha` by itself, and a list
        drawn by chance fails far more often.

    Returns
    -------
    Ranking
        With one move for every candidate raised, and its reason. Jobs without a protected or
        without an unprotected candidate stay as they are. Where a job holds fewer protected
        candidates than the table asks for, all of them are placed in time and the ranks after the
        last go by score; the reason of the last move then says so.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    ConstraintError
        If a protected label is unknown, or `p` or `alpha` is out of range.
    DataError
        If `top_k` is no whole number from 1.

    Notes
    -----
    A list that passes has no more than a statistical test of prefix counts to say for it: not
    that scores are right, nor that anyone was treated equally.

    References
    ----------
    Zehlike, Bonchi, Castillo, Hajian, Megahed & Baeza-Yates (2017), FA*IR: A Fair Top-k Ranking
    Algorithm, CIKM, algorithm 2. The authors' program leaves rank k out when it works out the
    fail probability, so that its adjusted lists may fail more often than alpha; here it is exact.

    Examples
    --------
    >>> ranking = Ranking.from_scores([5.0, 4.0, 3.0, 2.0, 1.0], job=["a"] * 5)
    >>> groups = Groups.from_values(["m", "m", "m", "m", "f"], attribute="gender")
    >>> fair = fa_ir(ranking, groups, protected="f", p=0.5, adjust=False)
    >>> fair.candidates.tolist(), fair.moves[0].reason
    (['0', '1', '2', '4', '3'], 'rank 4 must hold a f: 1 of 4 required by FA*IR at alpha 0.1')
    """
    check_alpha(alpha)
    if p != "pool":
        if isinstance(p, str):
            raise ConstraintError(f"p={p!r} is no share: it is 'pool', or a number between 0 and 1")
        check_share(p)
    if top_k is not None:
        refuse_length(top_k)
    whom = Protected.of(ranking, groups, protected)
    tables: list[AdjustedTable | None] = []
    for begin, end in zip(ranking.indptr[:-1].tolist(), ranking.indptr[1:].tolist(), strict=True):
        share = whom.flags[begin:end].mean() if end > begin else 0.0
        if not 0 < share < 1:
            tables.append(None)
            continue
        wanted = float(share) if p == "pool" else float(p)
        k = end - begin if top_k is None else min(int(top_k), end - begin)
        tables.append(adjusted_alpha(k, wanted, alpha) if adjust else _unadjusted(k, wanted, alpha))
    rule = f"fa_ir (reads {groups.attribute} at decision time)"
    return meet_tables(ranking, whom, tables, rule=rule, told="FA*IR", alpha=alpha)


def _unadjusted(k: int, p: float, alpha: float) -> AdjustedTable:
    table = minimum_table(k, p, alpha)
    return AdjustedTable(alpha, table, fail_probability(table, p))
