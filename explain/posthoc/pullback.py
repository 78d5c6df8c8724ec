"""From an amount on a feature to amounts on the raw fields behind it."""

import numpy as np

from ranker.features import Feature
from ranker.records import Records

__all__ = ["RULE", "pull_back"]

RULE = "the explainer's amount counts as earned evenly between a value of 0 and the candidate's"


def pull_back(feature: Feature, records: Records, pair: int, amount: float) -> dict[str, float]:
    """Split what an explainer gave a feature over the raw parts that made its value.

    An explainer says what a feature's value brought, not what other values would have.
    Between 0 and the value the amount is taken to grow in proportion, so each part earns by
    its share of the value: a matched skill as much as another, a long post more than a short
    one. Where the value is missing, 0 or a text, the field itself takes the amount.

    Parameters
    ----------
    feature : Feature
        Whose amount it is.
    records : Records
        The pairs.
    pair : int
        Position of the pair.
    amount : float
        In score units.

    Returns
    -------
    dict of str to float
        Path of each part and its share; they sum to ``amount``.
    """
    value = feature.compute(records.take(np.array([pair])))[0]
    even = feature.column == "continuous" and np.isfinite(value) and value != 0

    def amount_of(values: np.ndarray) -> np.ndarray:
        if not even:
            return np.full(len(values), amount)
        # A part alone may make a value that is missing; it then earns nothing.
        return np.nan_to_num(amount * np.asarray(values, dtype=np.float64) / float(value))

    return feature.attribute(records, pair, amount_of)
