"""hyperFA*IR: FA*IR for a pool that runs out, tested against draws without replacement."""

from collections.abc import Collection

from fairness.groups import Groups
from fairness.rerank._deadlines import Protected, meet_tables
from fairness.rerank.minimum_tables import (
    AdjustedTable,
    check_alpha,
    hypergeometric_adjusted_alpha,
    hypergeometric_fail_probability,
    hypergeometric_minimum_table,
)
from ranker.ranking.checks import refuse_length
from ranker.ranking.ranking import Ranking

__all__ = ["hypergeometric_fa_ir"]


def hypergeometric_fa_ir(
    ranking: Ranking,
    groups: Groups,
    *,
    protected: str | Collection[str],
    alpha: float = 0.1,
    top_k: int | None = None,
    adjust: bool = True,
) -> Ranking:
    """Raise protected candidates to the ranks where the test against the job's own pool would fail.

    As `fa_ir`, but chance draws from the candidates that there are, one after the other, so that
    whoever is drawn cannot be drawn again. The two differ where a list takes a good part of its
    pool: then counts vary less and the table is tighter. The pool is each job's, so there is no
    share to be given, and it always holds as many protected candidates as the table asks for.

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
        Group of each row that the ranking was made from. Undisclosed members count as unprotected.
    protected : str or collection of str
        Label of the protected group, or of several that count as one.
    alpha : float, default=0.1
        Probability with which a list drawn by chance may fail, in [1e-9, 1).
    top_k : int, optional
        Test only ranks ``1 .. top_k``; all by default.
    adjust : bool, default=True
        Lower alpha for each rank's test so that all of them together fail by chance with `alpha`
        at most; worked out exactly (`hypergeometric_adjusted_alpha`), not simulated.

    Returns
    -------
    Ranking
        With one move for every candidate raised, and its reason. Jobs without a protected or
        without an unprotected candidate stay as they are.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    ConstraintError
        If a protected label is unknown, or `alpha` is out of range.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    Cartier van Dissel, Martin-Gutierrez, Espín-Noboa, Jaramillo & Karimi (2025), hyperFA*IR: A
    Hypergeometric Approach to Fair Rankings with Finite Candidate Pool, FAccT.

    Examples
    --------
    >>> ranking = Ranking.from_scores([6.0, 5.0, 4.0, 3.0, 2.0, 1.0], job=["a"] * 6)
    >>> groups = Groups.from_values(["m", "m", "m", "f", "f", "f"], attribute="gender")
    >>> fair = hypergeometric_fa_ir(ranking, groups, protected="f", alpha=0.1, adjust=False)
    >>> fair.candidates.tolist(), fair.moves[0].to_rank
    (['0', '1', '3', '2', '4', '5'], 3)
    """
    check_alpha(alpha)
    if top_k is not None:
        refuse_length(top_k)
    whom = Protected.of(ranking, groups, protected)
    tables: list[AdjustedTable | None] = []
    for begin, end in zip(ranking.indptr[:-1].tolist(), ranking.indptr[1:].tolist(), strict=True):
        size, members = end - begin, int(whom.flags[begin:end].sum())
        if not 0 < members < size:
            tables.append(None)
            continue
        k = size if top_k is None else min(int(top_k), size)
        found = hypergeometric_adjusted_alpha if adjust else _unadjusted
        tables.append(found(k, size, members, alpha))
    rule = f"hypergeometric_fa_ir (reads {groups.attribute} at decision time)"
    return meet_tables(ranking, whom, tables, rule=rule, told="hypergeometric FA*IR", alpha=alpha)


def _unadjusted(k: int, n: int, n_protected: int, alpha: float) -> AdjustedTable:
    table = hypergeometric_minimum_table(k, n, n_protected, alpha)
    return AdjustedTable(alpha, table, hypergeometric_fail_probability(table, n, n_protected))
