"""What the deterministic re-rankers share: who is chosen for each place, and why, in a sentence."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import codes_in_rank_order
from fairness.metrics._targets import Target, target_shares
from fairness.rerank._moves import reordered
from ranker.kernels.det_sort import ALLOWED, REQUIRED
from ranker.ranking.checks import refuse_length
from ranker.ranking.ranking import Ranking

Columns = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
Order = Callable[[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], int], Columns]

SHARE_SLACK: Final = 1e-9  # as the kernels count


def det_reordered(
    ranking: Ranking,
    groups: Groups,
    target: Target,
    top_k: int | None,
    *,
    name: str,
    paper: str,
    order: Order,
) -> Ranking:
    """Re-rank by one of the algorithms.

    Parameters
    ----------
    ranking, groups, target, top_k
        As of `fairness.rerank.det_greedy`.
    name, paper : str
        What the function and what its paper call the algorithm.
    order : callable
        Kernel: ``order(codes, indptr, shares, top_k)`` gives the order, why, and by when.

    Raises
    ------
    UnknownCandidateError, DataError
        As `fairness.rerank.det_greedy` says.
    """
    if top_k is not None:
        refuse_length(top_k)
    # A job without a disclosed member has no shares, and nobody to move.
    shares = np.nan_to_num(target_shares(ranking, groups, target))
    codes = codes_in_rank_order(ranking, groups)
    deepest = int(ranking.sizes.max(initial=0))
    if top_k is not None:
        deepest = min(deepest, int(top_k))
    places, why, due = order(codes, ranking.indptr, shares, deepest)
    rule = f"{name} (reads {groups.attribute} at decision time)"
    return reordered(ranking, places, rule, _reason(ranking, groups, shares, codes, why, due, paper))


def _reason(
    ranking: Ranking,
    groups: Groups,
    shares: NDArray[np.float64],
    codes: NDArray[np.int64],
    why: NDArray[np.int64],
    due: NDArray[np.int64],
    paper: str,
) -> Callable[[int, int], str]:
    # The undisclosed keep their places: who is known is known by place as well as by position.
    known = np.concatenate([[0], np.cumsum(codes >= 0)])
    n_known = np.diff(known[ranking.indptr])
    # Lists: of numpy's numbers, 6,000 sentences take 8 ms more.
    job_at, rank_at = ranking.job_of.tolist(), ranking.ranks.tolist()
    code_at, why_at, due_at = codes.tolist(), why.tolist(), due.tolist()
    whose = [
        f" whose {groups.attribute} is known" if hidden else ""
        for hidden in (n_known < ranking.sizes).tolist()
    ]
    share_of, last, before = shares.tolist(), n_known.tolist(), known[ranking.indptr].tolist()
    label = [repr(one) for one in groups.labels]
    at_a_share = [[f"by {paper} at a share of {_written(share)}" for share in row] for row in share_of]

    def reason(place: int, position: int) -> str:
        code, job, rank = code_at[position], job_at[place], rank_at[place]
        if code < 0:
            return (
                f"rank {rank} stays with its holder, whose {groups.attribute} is not disclosed: "
                f"{paper} moves nobody whose group it does not know"
            )
        if why_at[place] == ALLOWED:
            k = int(known[place + 1]) - before[job]
            return (
                f"rank {rank} goes to one of {label[code]}: the groups of those passed over hold all that "
                f"{paper} lets them hold of the first {k}{whose[job]}"
            )
        by = due_at[place]
        if why_at[place] != REQUIRED and by > last[job]:
            return (
                f"rank {rank} goes to one of {label[code]}: it is next in turn {at_a_share[job][code]}, "
                "since another group has too few candidates for its own"
            )
        least = int(by * share_of[job][code] + SHARE_SLACK)
        return (
            f"rank {rank} goes to one of {label[code]}: {least} of the first {by}{whose[job]} "
            f"{'is' if least == 1 else 'are'} required {at_a_share[job][code]}"
        )

    return reason


def _written(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")
