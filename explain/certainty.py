"""How sure a score and a rank are, from the bags of the scorer."""

from dataclasses import dataclass

import pandas as pd

from ranker.errors import ModelError
from ranker.ranking import Ranking
from ranker.ranking.ties import RECORD_TIE_RULE
from ranker.records import Records
from ranker.scoring import AdditiveScorer
from ranker.scoring.uncertainty import LEVEL, N_DRAWS, rank_uncertainty

__all__ = ["Certainty", "certainty_of"]


@dataclass(frozen=True, slots=True)
class Certainty:
    """How far a score and its rank could move, had training seen other data of the same kind.

    Parameters
    ----------
    deviation : float
        Standard error of the score, in score units.
    rank_low, rank_high : int
        Best and worst plausible rank by score.
    p_top_k : float
        Probability of a rank by score up to ``top_k``, in [0, 1].
    top_k : int
        The cut-off.
    level : float
        Share of the draws that the interval holds, in (0, 1).
    draws : int
        Draws that interval and probability come from.
    """

    deviation: float
    rank_low: int
    rank_high: int
    p_top_k: float
    top_k: int
    level: float = LEVEL
    draws: int = N_DRAWS

    @property
    def borderline(self) -> bool:
        """Whether the interval of the rank reaches over the cut-off."""
        return self.rank_low <= self.top_k < self.rank_high


def certainty_of(
    scorer: AdditiveScorer, pool: Ranking, position: int, records: Records, table: pd.DataFrame, top_k: int
) -> tuple[Certainty | None, str]:
    """Estimate it for one entry of a job's ranking.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scored.
    pool : Ranking
        Of one job.
    position : int
        Of the entry in ``pool``.
    records : Records
        The job's pairs, in the order of ``pool``.
    table : DataFrame of shape (n_pool, n_features)
        Their features, in that order.
    top_k : int
        The cut-off.

    Returns
    -------
    (Certainty or None, str)
        ``None`` and the reason where the scorer cannot tell.
    """
    lot = records.lots() if pool.tie_rule == RECORD_TIE_RULE else None
    try:
        found = rank_uncertainty(
            scorer, table, job=records.job, candidate=records.candidate, top_k=top_k, lot=lot
        ).iloc[position]
    except ModelError as error:
        return None, str(error)
    return Certainty(
        deviation=float(found["score_deviation"]),
        rank_low=int(found["rank_low"]),
        rank_high=int(found["rank_high"]),
        p_top_k=float(found["p_top_k"]),
        top_k=int(top_k),
    ), ""
