"""From a score back to raw fields, without residual.

``score = intercept + sum(terms) = intercept + sum(features) = intercept + sum(fields)``.
A term of one feature belongs to that feature, a term of two is halved between them (its
Shapley split); each feature then splits its amount over the raw parts that made its
value, by the rule that it documents.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ranker.features import FeatureSet
from ranker.records import Records
from ranker.scoring.additive import AdditiveScorer


@dataclass(frozen=True, slots=True)
class Attribution:
    """One pair's score, taken apart three times.

    Parameters
    ----------
    score, intercept : float
        In score units.
    terms, features, fields : dict of str to float
        Amounts by term name, feature name and field path; each sums to
        ``score - intercept``.
    shares : dict of str to dict of str to float
        For each feature, its split over field paths; sums to the feature's amount.
    """

    score: float
    intercept: float
    terms: dict[str, float]
    features: dict[str, float]
    fields: dict[str, float]
    shares: dict[str, dict[str, float]]

    @property
    def residual(self) -> float:
        """Largest absolute difference between the score and any of its three sums."""
        sums = [sum(part.values()) for part in (self.terms, self.features, self.fields)]
        return max(abs(self.score - self.intercept - total) for total in sums)


def attribute_pair(
    scorer: AdditiveScorer, features: FeatureSet, records: Records, table: pd.DataFrame, pair: int
) -> Attribution:
    """Take one pair's score apart.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scored.
    features : FeatureSet
        What made its inputs.
    records : Records
        The ``n`` pairs.
    table : DataFrame of shape (n, n_features)
        Their features, as :meth:`FeatureSet.compute` gives them.
    pair : int
        Position of the pair.

    Returns
    -------
    Attribution
    """
    row = table.iloc[[pair]]
    score = float(scorer.score(row)[0])
    amounts = scorer.contributions(row)[0]
    terms = dict(zip(scorer.term_names, amounts.tolist(), strict=True))
    by_feature = dict.fromkeys(scorer.feature_names, 0.0)
    for term, amount in zip(scorer.terms, amounts.tolist(), strict=True):
        for axis in term.features:
            by_feature[scorer.feature_names[axis]] += amount / len(term.features)
    shares: dict[str, dict[str, float]] = {}
    fields: dict[str, float] = {}
    for feature in features:
        shape = _Shape(scorer, feature.name, row)
        shares[feature.name] = feature.attribute(records.take(np.array([pair])), 0, shape)
        for path, amount in shares[feature.name].items():
            fields[path] = fields.get(path, 0.0) + amount
    return Attribution(score, scorer.intercept, terms, by_feature, fields, shares)


class _Shape:
    """The amount that one feature holds in the score, as a function of its value; the others stay."""

    def __init__(self, scorer: AdditiveScorer, name: str, row: pd.DataFrame) -> None:
        axis = scorer.feature_names.index(name)
        self.scorer, self.axis = scorer, axis
        self.terms = [term for term in scorer.terms if axis in term.features]
        self.nominal = scorer.axes[axis].kind != "continuous"
        self.at = {}
        for other in {a for term in self.terms for a in term.features} - {axis}:
            value = row[scorer.feature_names[other]].to_numpy()
            self.at[other] = value

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return the amount at each value, (m,) -> (m,)."""
        values = np.asarray(values, dtype=object if self.nominal else np.float64)
        out = np.zeros(len(values))
        for term in self.terms:
            index = []
            for a in term.features:
                axis = self.scorer.axes[a]
                level = axis.level(len(term.features))
                given = values if a == self.axis else np.repeat(self.at[a], len(values))
                index.append(axis.bin(given, level))
            out += term.scores[tuple(index)] / len(term.features)
        return out
