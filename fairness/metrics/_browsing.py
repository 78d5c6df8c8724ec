"""How readers go down a list: the attention that each rank gets, under a model of browsing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranker.errors import DataError, did_you_mean
from ranker.kernels.segments import descending_order, discounts
from ranker.ranking.checks import refuse_length
from ranker.ranking.metrics._relevance import as_relevance, relevance_in_rank_order
from ranker.ranking.ranking import Ranking

BrowsingByRank = Literal["log", "trec", "rbp"]
Browsing = Literal["log", "trec", "rbp", "gerr"]
Stopping = float | Mapping[float, float]
# A lottery over orders: one order, orders drawn from it, or each row's expected exposure under it.
Policy = Ranking | Sequence[Ranking] | ArrayLike

_WITH_PATIENCE: Final = ("rbp", "gerr")


@dataclass(frozen=True, slots=True)
class Reader:
    """A model of browsing, with its numbers.

    Parameters
    ----------
    browsing : {"log", "trec", "rbp", "gerr"}
        Attention of rank ``r``: ``1 / log2(1 + r)``, as exposure is everywhere here;
        ``1 / log2(max(r, 2))``, as the TREC Fair Ranking track of 2021 and 2022 had it;
        ``patience ** (r - 1)`` (Moffat & Zobel 2008, without their factor ``1 - patience``),
        whose shares are those of a geometric distribution; or that times the chance that
        nobody further up made the reader stop (Chapelle et al. 2009, as generalised by Diaz
        et al. 2020).
    patience : float, optional
        Chance that a reader goes on to the next rank: above 0, below 1 ("gerr": 1 at most).
    stopping : float or mapping of float to float, optional
        "gerr" alone: the chance that a reader stops at whom he or she finds relevant; one
        for all relevances above 0, or one for each relevance that occurs.
    top_k : int, optional
        Ranks beyond it get no attention.
    """

    browsing: Browsing
    patience: float | None = None
    stopping: Stopping | None = None
    top_k: int | None = None

    def __post_init__(self) -> None:
        known = get_args(Browsing)
        if self.browsing not in known:
            hint = did_you_mean(str(self.browsing), known)
            raise DataError(f"no model of browsing is called {self.browsing!r}{hint}")
        if self.browsing in _WITH_PATIENCE:
            _refuse_patience(self.browsing, self.patience)
        elif self.patience is not None:
            raise DataError(f"browsing={self.browsing!r} knows no patience: leave it out, or browse by 'rbp'")
        if self.browsing == "gerr":
            _refuse_stopping(self.stopping)
        elif self.stopping is not None:
            raise DataError(f"browsing={self.browsing!r} stops at nobody: leave stopping out, or use 'gerr'")
        if self.top_k is not None:
            refuse_length(self.top_k)

    @property
    def reads_relevance(self) -> bool:
        """Whether attention depends on who stands further up."""
        return self.browsing == "gerr"

    def attention(
        self, ranks: NDArray[np.int64], indptr: NDArray[np.int64], relevance: NDArray[np.float64] | None
    ) -> NDArray[np.float64]:
        """Attention of each place, (n,), dimensionless, in [0, 1].

        Parameters
        ----------
        ranks : (n,) int array
            From 1 within each job.
        indptr : (n_jobs + 1,) int array
            Where each job begins and ends.
        relevance : (n,) float array or None
            Of whoever stands there; only "gerr" reads it.

        Raises
        ------
        DataError
            If the model reads relevance and there is none, or none of a relevance's stopping.
        """
        if self.browsing == "log":
            worth = discounts(ranks)
        elif self.browsing == "trec":
            worth = discounts(np.maximum(ranks - 1, 1))
        else:
            assert self.patience is not None
            worth = np.power(self.patience, ranks - 1.0, dtype=np.float64)
        if self.reads_relevance:
            if relevance is None:
                raise DataError("browsing='gerr' stops at relevant candidates: give their relevance")
            worth *= _reached(self._stops(relevance), indptr)
        return worth if self.top_k is None else np.where(ranks <= self.top_k, worth, 0.0)

    def target(self, ranking: Ranking, relevance: NDArray[np.float64]) -> NDArray[np.float64]:
        """Attention that everyone would get if equal relevance drew lots, (n,) in rank order.

        Relevance decides who stands above whom; equals share the places that fall to them.
        That is exact: equals stop a reader equally, so no lot among them changes a place's attention.

        Parameters
        ----------
        ranking : Ranking
            Whose jobs are meant, ``n`` candidates in all.
        relevance : (n,) float array
            In rank order.
        """
        best = descending_order(relevance, ranking.indptr)
        sorted_relevance = relevance[best]
        worth = self.attention(ranking.ranks, ranking.indptr, sorted_relevance)
        first = np.ones(len(ranking), dtype=bool)
        first[1:] = sorted_relevance[1:] != sorted_relevance[:-1]
        first[ranking.indptr[:-1][ranking.sizes > 0]] = True
        starts = np.flatnonzero(first)
        n_equal = np.diff(starts, append=len(ranking))
        out = np.empty(len(ranking))
        out[best] = np.repeat(np.add.reduceat(worth, starts) / n_equal, n_equal)
        return out

    def _stops(self, relevance: NDArray[np.float64]) -> NDArray[np.float64]:
        assert self.stopping is not None
        if not isinstance(self.stopping, Mapping):
            return np.where(relevance > 0, float(self.stopping), 0.0)
        found, grade_of = np.unique(relevance, return_inverse=True)
        for grade in found.tolist():
            if grade not in self.stopping:
                raise DataError(
                    f"stopping has no chance for relevance {grade:g}: give one for each that occurs, "
                    "0 for those at whom nobody stops"
                )
        return np.array([float(self.stopping[grade]) for grade in found.tolist()])[grade_of]


def reader_by_rank(browsing: BrowsingByRank, patience: float | None, top_k: int | None) -> Reader:
    """Make a model of browsing where the rank alone decides."""
    if browsing == "gerr":
        raise DataError(
            "browsing='gerr' depends on who stands further up, which only expected exposure takes in: "
            "use 'log', 'trec' or 'rbp'"
        )
    return Reader(browsing, patience, None, top_k)


def expected_attention(
    ranking: Ranking, policy: Policy | None, reader: Reader, relevance: ArrayLike | None
) -> NDArray[np.float64]:
    """Mean attention of each entry over the orders that a policy gives, (n,), in rank order.

    Parameters
    ----------
    ranking : Ranking
        Whose entries and jobs are meant; also the policy if none is given.
    policy : Ranking, sequence of Ranking, array_like of shape (n_rows,), or None
        One order, orders drawn from a lottery, or expected attention as it is.
    reader : Reader
        The model of browsing; without effect on attention that is given.
    relevance : array_like of shape (n_rows,) or None
        Of the original rows.

    Raises
    ------
    DataError
        If an order is of other rows or puts them into other jobs, or an attention that is
        given is negative or not finite, or there is no order at all.
    """
    if policy is None:
        return _of_order(ranking, reader, relevance)
    orders = _orders_of(ranking, policy)
    if orders is not None:
        total = np.zeros(ranking.n_rows)
        for order in orders:
            total[order.row] += _of_order(order, reader, relevance)
        return total[ranking.row] / len(orders)
    try:
        given = np.asarray(policy, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"a policy is rankings, or one expected exposure per row: {error}") from error
    if given.ndim != 1:
        raise DataError(
            f"a policy is rankings, or one expected exposure per row, not an array of shape {given.shape}: "
            "multiply the chances of places by what the places are worth first"
        )
    values = ranking.aligned(given, what="policy").astype(np.float64)
    strange = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if strange.size:
        raise DataError(
            f"policy: candidate {ranking.candidates[strange[0]]!r} has the expected exposure "
            f"{values[strange[0]]}: give finite numbers of 0 or more"
        )
    return values


def relevance_from_zero(ranking: Ranking, relevance: ArrayLike) -> NDArray[np.float64]:
    """Relevance of each ranked entry, (n,), all 0 or more, or raise DataError."""
    values = relevance_in_rank_order(ranking, relevance)
    lowest = values.min(initial=0.0)
    if lowest < 0:
        raise DataError(
            f"relevance goes down to {lowest}: nothing is proportional to a negative merit; "
            "bring the lowest of each job to 0 with ranker.ranking.metrics.shift_gains(relevance, job)"
        )
    return values


def _of_order(order: Ranking, reader: Reader, relevance: ArrayLike | None) -> NDArray[np.float64]:
    by_rank = None
    if reader.reads_relevance and relevance is not None:
        by_rank = relevance_in_rank_order(order, as_relevance(relevance))
    return reader.attention(order.ranks, order.indptr, by_rank)


def _orders_of(ranking: Ranking, policy: Any) -> list[Ranking] | None:
    """Return the orders of a policy, all of the same rows; None where it is expected attention."""
    if isinstance(policy, Ranking):
        policy = [policy]
    if not isinstance(policy, Sequence) or isinstance(policy, str):
        return None
    if not policy:
        raise DataError("the policy holds no ranking: give one at least")
    if not any(isinstance(one, Ranking) for one in policy):
        return None
    jobs = _job_of_rows(ranking)
    for number, order in enumerate(policy, start=1):
        _refuse_other_rows(ranking, jobs, order, number)
    return list(policy)


def _job_of_rows(ranking: Ranking) -> NDArray[np.object_]:
    jobs = np.full(ranking.n_rows, None, dtype=object)
    jobs[ranking.row] = ranking.jobs[ranking.job_of]
    return jobs


def _refuse_other_rows(ranking: Ranking, jobs: NDArray[np.object_], order: Any, number: int) -> None:
    if not isinstance(order, Ranking):
        raise DataError(f"item {number} of the policy is a {type(order).__name__}, the others are rankings")
    if order.n_rows != ranking.n_rows:
        raise DataError(
            f"ranking {number} of the policy is of {order.n_rows} rows, the one that is judged of "
            f"{ranking.n_rows}: rank the same rows each time"
        )
    astray = np.flatnonzero(_job_of_rows(order)[ranking.row] != jobs[ranking.row])
    if astray.size:
        raise DataError(
            f"ranking {number} of the policy does not rank candidate {ranking.candidates[astray[0]]!r} for "
            f"job {jobs[ranking.row[astray[0]]]!r}: rank the same rows for the same jobs each time"
        )


def _reached(stops: NDArray[np.float64], indptr: NDArray[np.int64]) -> NDArray[np.float64]:
    """Chance that nobody further up made the reader stop: (n,) -> (n,)."""
    out = np.ones(stops.size)
    for start, stop in pairwise(indptr.tolist()):
        # By products, not by sums of logarithms: a reader may be sure to stop.
        out[start + 1 : stop] = np.cumprod(1.0 - stops[start : max(stop - 1, start)])
    return out


def _refuse_patience(browsing: str, patience: float | None) -> None:
    if patience is None:
        raise DataError(
            f"browsing={browsing!r} needs patience: say how likely a reader is to go on to the next rank"
        )
    if not (0 < patience < 1 or (patience == 1 and browsing == "gerr")):
        raise DataError(f"patience cannot be {patience!r}: it is a chance, above 0 and below 1, such as .9")


def _refuse_stopping(stopping: Stopping | None) -> None:
    if stopping is None:
        raise DataError(
            "browsing='gerr' needs stopping: say how likely a reader is to stop at a relevant candidate"
        )
    for chance in stopping.values() if isinstance(stopping, Mapping) else (stopping,):
        if not 0 <= chance <= 1:
            raise DataError(f"stopping cannot be {chance!r}: it is a chance from 0 to 1")
