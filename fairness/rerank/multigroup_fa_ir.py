"""FA*IR for several protected groups at once: counts of each prefix tested together."""

from collections.abc import Collection, Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import codes_in_rank_order
from fairness.rerank._deadlines import known_labels
from fairness.rerank._moves import reordered
from fairness.rerank.minimum_tables import check_alpha
from fairness.rerank.multinomial_counts import check_shares, multinomial_adjusted_alpha, passing
from ranker.errors import ConstraintError
from ranker.ranking.checks import refuse_length
from ranker.ranking.ranking import Ranking

__all__ = ["multigroup_fa_ir"]


def multigroup_fa_ir(
    ranking: Ranking,
    groups: Groups,
    *,
    protected: Collection[str],
    p: Literal["pool"] | Mapping[str, float] = "pool",
    alpha: float = 0.1,
    top_k: int | None = None,
    adjust: bool = True,
) -> Ranking:
    """Raise members of protected groups to the ranks where the multinomial FA*IR test would fail.

    The first ``i`` of a list pass if the counts of all protected groups, or lower ones, come up
    together among ``i`` drawn by chance in a fraction `alpha` of draws or more:
    ``P(X_1 <= c_1, ..., X_G <= c_G) >= alpha``, multinomial.

    Several smallest combinations of counts may pass at a rank (the nodes of the paper's mtree).
    Which of them a list heads for is decided by score: at each rank the best candidate is taken
    after whom the list can still be filled so that every prefix passes, be it by another group's
    members. So nobody is raised whom no test needs, the order within each group stays, and
    among all lists that pass, this one has the best candidate at the first rank, then at the
    second, and so on. The paper's program fixes one way through the nodes beforehand, the most
    likely ones, and follows it whatever the scores bring; and where one more of a single group is
    not enough, it has no way on, where this one has looked ahead.

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
        Group of each row that the ranking was made from. Undisclosed members count as unprotected,
        like those of groups that `protected` does not name.
    protected : collection of str
        Labels of the protected groups, each of which counts for itself.
    p : "pool" or mapping of str to float, default="pool"
        Share of each protected group that chance is taken to draw with: that of each job's pool,
        undisclosed members included; or one number for each label, the same for all jobs, together
        below 1.
    alpha : float, default=0.1
        Probability with which a list drawn by chance may fail, in [1e-9, 1).
    top_k : int, optional
        Test only ranks ``1 .. top_k``; all by default. Work and memory grow with
        ``top_k ** (n_groups + 1)``.
    adjust : bool, default=True
        Lower alpha for each rank's test so that all of them together fail by chance with `alpha`
        at most (`multinomial_adjusted_alpha`).

    Returns
    -------
    Ranking
        With one move for every candidate raised, and its reason. A group without a member in a
        job is not tested there; jobs without any, or with members of protected groups only, stay
        as they are. A group whose members are all placed is asked for no more.

    Raises
    ------
    UnknownCandidateError
        If a ranked candidate has no group code.
    ConstraintError
        If a protected label is unknown, `p` or `alpha` is out of range, no list of a job's
        candidates passes at every rank, or the combinations of counts are too many.
    DataError
        If `top_k` is no whole number from 1.

    References
    ----------
    Zehlike, Sühr, Baeza-Yates, Bonchi, Castillo & Hajian (2022), Fair Top-k Ranking with multiple
    protected groups, Information Processing & Management 59(1).

    Examples
    --------
    >>> ranking = Ranking.from_scores([6.0, 5.0, 4.0, 3.0, 2.0, 1.0], job=["a"] * 6)
    >>> groups = Groups.from_values(["m", "m", "m", "m", "x", "f"], attribute="gender")
    >>> fair = multigroup_fa_ir(
    ...     ranking, groups, protected=["f", "x"], p={"f": 0.3, "x": 0.3}, adjust=False
    ... )
    >>> fair.candidates.tolist(), fair.moves[0].to_rank
    (['0', '1', '4', '2', '3', '5'], 3)
    """
    check_alpha(alpha)
    if top_k is not None:
        refuse_length(top_k)
    labels = known_labels(groups, [protected] if isinstance(protected, str) else protected)
    given = None if isinstance(p, str) else _given(p, labels)
    if isinstance(p, str) and p != "pool":
        raise ConstraintError(f"p={p!r} is no share: it is 'pool', or one share for each protected label")
    codes = codes_in_rank_order(ranking, groups)
    kinds = np.full(len(codes), -1, dtype=np.int64)
    for kind, label in enumerate(labels):
        kinds[codes == groups.labels.index(label)] = kind
    order = np.arange(len(ranking))
    reasons: dict[int, str] = {}
    for job in range(ranking.n_jobs):
        begin, end = int(ranking.indptr[job]), int(ranking.indptr[job + 1])
        plan = _Plan.of(kinds[begin:end], labels, given, alpha, top_k, adjust)
        if plan is not None:
            if not plan.good[(0,) * plan.good.ndim]:
                raise ConstraintError(
                    f"job {ranking.jobs[job]!r}: no list of its {end - begin} candidates passes multinomial "
                    f"FA*IR at every rank to {plan.k} with shares {plan.named_shares()} at level "
                    f"{plan.level:.3g}: ask for smaller shares or a smaller alpha, or protect fewer groups"
                )
            order[begin:end] = begin + plan.fill(begin, reasons)
    rule = f"multigroup_fa_ir (reads {groups.attribute} at decision time)"
    return reordered(ranking, order, rule, lambda place, position: reasons[place])


class _Plan:
    """One job's test and the best list that passes it."""

    def __init__(
        self,
        kinds: NDArray[np.int64],
        labels: list[str],
        shares: tuple[float, ...],
        k: int,
        alpha: float,
        adjust: bool,
    ) -> None:
        self.kinds, self.labels, self.shares, self.k, self.alpha = kinds, labels, shares, k, alpha
        self.level = multinomial_adjusted_alpha(k, shares, alpha).alpha if adjust else alpha
        members = np.bincount(kinds[kinds >= 0], minlength=len(labels)).tolist()
        self.good = passing(k, shares, members, self.level)

    @classmethod
    def of(
        cls,
        kinds: NDArray[np.int64],
        labels: tuple[str, ...],
        given: dict[str, float] | None,
        alpha: float,
        top_k: int | None,
        adjust: bool,
    ) -> "_Plan | None":
        """Plan for a job's candidates, by kind of each from the top, -1 for the unprotected; or None."""
        counts = np.bincount(kinds[kinds >= 0], minlength=len(labels))
        present = np.flatnonzero(counts)
        if not present.size or counts.sum() == kinds.size:
            return None
        names = [labels[kind] for kind in present]
        pool = tuple((counts[present] / kinds.size).tolist())
        shares = pool if given is None else tuple(given[name] for name in names)
        new = np.append(np.searchsorted(present, np.arange(len(labels))), -1)[kinds]
        k = kinds.size if top_k is None else min(int(top_k), kinds.size)
        return cls(new, names, shares, k, alpha, adjust)

    def named_shares(self) -> dict[str, float]:
        """Shares by label, for people."""
        return {label: round(share, 4) for label, share in zip(self.labels, self.shares, strict=True)}

    def fill(self, begin: int, reasons: dict[int, str]) -> NDArray[np.int64]:
        """Positions in the old order of the job, in the new one; says why for each place that asks."""
        kinds = (*range(len(self.labels)), -1)
        queues = [np.flatnonzero(self.kinds == kind).tolist() for kind in kinds]
        taken = [0] * len(kinds)
        order: list[int] = []
        for place in range(self.k):
            heads = sorted(
                (queue[at], kind)
                for kind, (queue, at) in enumerate(zip(queues, taken, strict=True))
                if at < len(queue)
            )
            position, kind = next(head for head in heads if self._leads_on(place + 1, taken, head[1]))
            if position != heads[0][0]:
                reasons[begin + place] = self._reason(place + 1, kind, taken)
            taken[kind] += 1
            order.append(position)
        placed = np.zeros(self.kinds.size, dtype=bool)
        placed[order] = True
        return np.concatenate((np.array(order, dtype=np.int64), np.flatnonzero(~placed)))

    def _leads_on(self, rank: int, taken: list[int], kind: int) -> bool:
        """Whether the list can still be filled if a member of a kind goes next, to this rank."""
        counts = (
            min(count + (other == kind), size - 1)
            for other, (count, size) in enumerate(zip(taken[:-1], self.good.shape[1:], strict=True))
        )
        return bool(self.good[(rank, *counts)])

    def _reason(self, rank: int, kind: int, taken: list[int]) -> str:
        before = ", ".join(f"{count} {label}" for label, count in zip(self.labels, taken[:-1], strict=True))
        adjusted = "" if self.level == self.alpha else f", adjusted {self.level:.3g} for each rank's test"
        return (
            f"rank {rank} must hold a {self.labels[kind]}: with {before} the first {rank}, or a later rank, "
            f"would fail multinomial FA*IR at alpha {self.alpha:g}{adjusted}"
        )


def _given(p: Mapping[str, float], labels: tuple[str, ...]) -> dict[str, float]:
    if set(p) != set(labels):
        raise ConstraintError(
            f"p has shares of {sorted(map(str, p))}, but protected names {sorted(labels)}: "
            "give one share for each protected label"
        )
    shares = {label: float(p[label]) for label in labels}
    check_shares(tuple(shares.values()))
    return shares
