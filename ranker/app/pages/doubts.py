"""When a label is uncertain, in the model's own number."""

from typing import Final

from ranker.app.report.wording import percent
from ranker.app.service.state import Service

__all__ = ["bound_of", "percent_below"]

MOST_DIGITS: Final = 6


def bound_of(service: Service, digest: str) -> float | None:
    """Return the share that a label's probability has to reach, of the classifier that gave it.

    Parameters
    ----------
    service : Service
        The worker.
    digest : str
        Of the model that gave the label.

    Returns
    -------
    float or None
        In (0, 1]; ``None`` where this server has another classifier by now, or none.
    """
    one = service.served.classifier
    if one is None or service.served.digests["classifier"] != digest:
        return None
    return float(one.classifier.uncertain)


def percent_below(value: float, bound: float | None) -> str:
    """Write a share in per cent, with as many decimals as it takes to be seen below a bound that it is below."""
    for digits in range(MOST_DIGITS):
        if bound is None or value >= bound or round(100 * value, digits) < round(100 * bound, 9):
            return percent(value, digits)
    return percent(value, MOST_DIGITS)
