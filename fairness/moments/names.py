"""Moments by the name that a task file or a command line can hold."""

import inspect
import re
from types import MappingProxyType
from typing import Any, Final

from fairlearn.reductions import (
    ClassificationMoment,
    DemographicParity,
    EqualizedOdds,
    ErrorRateParity,
    FalsePositiveRateParity,
    TruePositiveRateParity,
)

from fairness.moments.mean_score import MeanScoreParity
from fairness.moments.merit import MeritExposure
from fairness.moments.pairwise import PairwiseEqualOpportunity
from fairness.moments.ranking_parity import ExposureParity, MeanRankParity, SelectionRateParity
from fairness.moments.top_k_share import TopKShareParity
from ranker.errors import ConstraintError, did_you_mean

# Ours compare candidates within jobs; fairlearn's compare 0/1 labels over all rows.
MOMENTS: Final = MappingProxyType(
    {
        "exposure": ExposureParity,
        "mean_rank": MeanRankParity,
        "selection_rate": SelectionRateParity,
        "mean_score": MeanScoreParity,
        "pairwise_equal_opportunity": PairwiseEqualOpportunity,
        "top_k_share": TopKShareParity,
        "merit_exposure": MeritExposure,
        "DemographicParity": DemographicParity,
        "TruePositiveRateParity": TruePositiveRateParity,
        "FalsePositiveRateParity": FalsePositiveRateParity,
        "EqualizedOdds": EqualizedOdds,
        "ErrorRateParity": ErrorRateParity,
    }
)


def moment_by_name(name: str, **settings: Any) -> ClassificationMoment:
    """Make a moment from its name.

    Parameters
    ----------
    name : str
        A key of :data:`MOMENTS`; fairlearn's also in snake_case, as ``"demographic_parity"``.
    **settings
        What the moment takes, such as ``difference_bound=0.05``.

    Returns
    -------
    ClassificationMoment
        Without data, as fairlearn's reductions want it.

    Raises
    ------
    ConstraintError
        If the name or a setting is not known, or a setting means nothing.

    Examples
    --------
    >>> moment_by_name("exposure", top_k=10).short_name
    'ExposureParity'
    """
    known = {_snake(key): kind for key, kind in MOMENTS.items()}
    kind = MOMENTS.get(name) or known.get(name)
    if kind is None:
        raise ConstraintError(f"no moment is called {name!r}{did_you_mean(str(name), MOMENTS)}")
    takes = inspect.signature(kind).parameters
    for setting in settings:
        if setting not in takes:
            raise ConstraintError(f"moment {name!r} takes no {setting!r}{did_you_mean(setting, takes)}")
    try:
        return kind(**settings)
    except ConstraintError:
        raise
    except ValueError as error:  # fairlearn's own refusals
        raise ConstraintError(f"moment {name!r}: {error}") from error


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
