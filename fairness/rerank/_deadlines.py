"""Re-rank by minimum tables: the j-th protected candidate stands no later than the table asks for j."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairness.groups import Groups
from fairness.metrics._position_values import codes_in_rank_order
from fairness.rerank._moves import reordered
from fairness.rerank.minimum_tables import AdjustedTable
from ranker.errors import ConstraintError, did_you_mean
from ranker.ranking.ranking import Ranking


@dataclass(frozen=True, slots=True)
class Protected:
    """Whom a rule protects, of one ranking.

    Parameters
    ----------
    labels : tuple of str
        Groups, in the order of the groups' labels.
    flags : ndarray of shape (n,), bool
        Whether each ranked entry belongs to one of them; undisclosed members do not.
    """

    labels: tuple[str, ...]
    flags: NDArray[np.bool_]

    @classmethod
    def of(cls, ranking: Ranking, groups: Groups, protected: str | Collection[str]) -> "Protected":
        """Find the members of one group or several, or raise ConstraintError."""
        labels = known_labels(groups, [protected] if isinstance(protected, str) else protected)
        codes = codes_in_rank_order(ranking, groups)
        return cls(labels, np.isin(codes, [groups.labels.index(label) for label in labels]))

    @property
    def name(self) -> str:
        """Name a member in a sentence: ``"woman"``, or ``"member of 'f' or 'x'"``."""
        if len(self.labels) == 1:
            return self.labels[0]
        return "member of " + " or ".join(repr(label) for label in self.labels)


def known_labels(groups: Groups, labels: Iterable[str]) -> tuple[str, ...]:
    """Return labels in the order of the groups', or raise ConstraintError for an unknown one or none."""
    wanted = list(labels)
    for label in wanted:
        if label not in groups.labels:
            hint = did_you_mean(str(label), groups.labels)
            raise ConstraintError(f"{groups.attribute!r} has no group {label!r} to protect{hint}")
    if not wanted:
        raise ConstraintError(f"nobody to protect: name a group by {groups.attribute!r}")
    return tuple(label for label in groups.labels if label in wanted)


def meet_tables(
    ranking: Ranking,
    protected: Protected,
    tables: list[AdjustedTable | None],
    *,
    rule: str,
    told: str,
    alpha: float,
) -> Ranking:
    """Re-rank each job by its table, as little as that takes; a job whose table is None stays as it is.

    The order is that of the scores but for the places where a table asks for one more protected
    candidate than the scores would bring. When the protected candidates of a job run out, its
    table asks for no more.

    Parameters
    ----------
    ranking : Ranking
        The order before, ``n`` entries.
    protected : Protected
        Whom the tables count.
    tables : list of AdjustedTable or None
        One for each job; tables rise by 1 at most from place to place and may be shorter than the job.
    rule : str
        Name of the re-ranker, for the moves.
    told : str
        Name of the criterion, for the reasons.
    alpha : float
        Significance that was asked for, for the reasons.
    """
    order = np.arange(len(ranking))
    for job, asked in enumerate(tables):
        if asked is not None:
            begin, end = ranking.indptr[job], ranking.indptr[job + 1]
            order[begin:end] = begin + _order_by_deadlines(protected.flags[begin:end], asked.table)
    job_of, start = ranking.job_of, ranking.indptr
    members = np.diff(np.concatenate(([0], np.cumsum(protected.flags)))[start]).tolist()

    def reason(place: int, position: int) -> str:
        job = int(job_of[place])
        rank = place - int(start[job]) + 1
        asked = tables[job]
        assert asked is not None  # a job without a table keeps its order and has no moves
        needed = int(asked.table[rank - 1])
        adjusted = "" if asked.alpha == alpha else f", adjusted {asked.alpha:.3g} for each rank's test"
        text = (
            f"rank {rank} must hold a {protected.name}: {needed} of {rank} required by {told} "
            f"at alpha {alpha:g}{adjusted}"
        )
        short = int(asked.table[-1])
        if needed == members[job] < short:
            text += f"; the pool holds no more, where {short} of {len(asked.table)} are required"
        return text

    return reordered(ranking, order, rule, reason)


def _order_by_deadlines(protected: NDArray[np.bool_], table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions in the old order of one job, in the new one: (size,) -> (size,).

    The j-th protected candidate goes where the scores put him or her, or where the table first
    asks for j, whichever comes first: both rise with j, so no two get the same place. This is the
    order that the paper's loop builds place by place.
    """
    own = np.flatnonzero(protected)
    deadlines = np.searchsorted(table, np.arange(1, own.size + 1))
    places = np.minimum(own, np.where(deadlines < table.size, deadlines, own))
    order = np.empty(protected.size, dtype=np.int64)
    taken = np.zeros(protected.size, dtype=bool)
    taken[places] = True
    order[places] = own
    order[~taken] = np.flatnonzero(~protected)
    return order
