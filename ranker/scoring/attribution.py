"""From scores back to raw fields, without residual.

``score = intercept + sum(terms) = intercept + sum(features) = intercept + sum(fields)``.
A term of one feature belongs to that feature. A term of several is shared equally among them, or is
shown unsplit. Equal shares are the Shapley split of a table whose mean over each feature is 0; interpret
0.7 does not take those means out of its interactions, so that here they are a convention. Each
feature then splits its amount over the raw parts that made its value, by the rule that it documents.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranker.errors import DataError, did_you_mean
from ranker.features import FeatureSet
from ranker.features.amounts import AmountOf, Split
from ranker.features.shares import WHOLE
from ranker.records import Records
from ranker.scoring.additive import AdditiveScorer, Term

__all__ = [
    "PAIRS",
    "Attribution",
    "attribute_pair",
    "attribute_pairs",
    "spread",
    "term_means",
    "whole_amounts",
]

Pairs = Literal["halved", "unsplit"]
PAIRS: Final[tuple[str, ...]] = ("halved", "unsplit")


@dataclass(frozen=True, slots=True)
class Attribution:
    """One pair's score, taken apart three times.

    Parameters
    ----------
    score, intercept : float
        In score units.
    terms, features, fields : dict of str to float
        Amounts by term name, feature name and field path; each sums to
        ``score - intercept``. Where interactions are unsplit, each stands among the
        features under its term's name, and among the fields under its fields' paths with
        `` & `` between them.
    shares : dict of str to dict of str to float
        For each feature, its split over field paths; sums to the feature's amount.
    rules : dict of str to str
        For each feature, how it was split: ``whole``, ``Shapley`` or ``Aumann-Shapley``.
    """

    score: float
    intercept: float
    terms: dict[str, float]
    features: dict[str, float]
    fields: dict[str, float]
    shares: dict[str, dict[str, float]]
    rules: dict[str, str]

    @property
    def residual(self) -> float:
        """Largest absolute difference between the score and any of its three sums."""
        sums = [sum(part.values()) for part in (self.terms, self.features, self.fields)]
        return max(abs(self.score - self.intercept - total) for total in sums)


def attribute_pair(
    scorer: AdditiveScorer,
    features: FeatureSet,
    records: Records,
    table: pd.DataFrame,
    pair: int,
    *,
    pairs: str = "halved",
) -> Attribution:
    """Take one pair's score apart.

    Parameters
    ----------
    scorer, features, records, table, pairs
        As for :func:`attribute_pairs`.
    pair : int
        Position of the pair.

    Returns
    -------
    Attribution
    """
    one = np.array([pair])
    return attribute_pairs(scorer, features, records.take(one), table.iloc[one], pairs=pairs)[0]


def attribute_pairs(
    scorer: AdditiveScorer,
    features: FeatureSet,
    records: Records,
    table: pd.DataFrame,
    *,
    pairs: str = "halved",
) -> list[Attribution]:
    """Take the scores of some pairs apart, such as those of a whole pool.

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
    pairs : {"halved", "unsplit"}
        Whether a term of several features is shared equally among them or stands by itself.

    Returns
    -------
    list of Attribution, n long

    Raises
    ------
    DataError
        If ``pairs`` is not known.
    """
    if pairs not in PAIRS:
        raise DataError(f"pairs {pairs!r} is not known{did_you_mean(str(pairs), PAIRS)}")
    scores, amounts, bins = scorer.score(table), scorer.contributions(table), scorer.bin(table)
    names = [scorer.feature_names.index(feature.name) for feature in features]
    splits: dict[str, list[Split]] = {}
    for feature, axis in zip(features, names, strict=True):
        splits[feature.name] = feature.split(records, _Amounts(scorer, axis, bins, len(table), pairs))
    for term, name, column in zip(scorer.terms, scorer.term_names, amounts.T, strict=True):
        if pairs == "unsplit" and len(term.features) > 1:
            path = _joint_path(scorer, term, features)
            splits[name] = [Split({path: amount}, WHOLE) for amount in column.tolist()]
    by_feature = _by_feature(scorer, amounts, pairs)
    out, term_names = [], scorer.term_names
    for pair, (score, row) in enumerate(zip(scores.tolist(), amounts.tolist(), strict=True)):
        fields: dict[str, float] = {}
        for found in splits.values():
            for path, amount in found[pair].shares.items():
                fields[path] = fields.get(path, 0.0) + amount
        out.append(
            Attribution(
                score=score,
                intercept=scorer.intercept,
                terms=dict(zip(term_names, row, strict=True)),
                features={name: float(column[pair]) for name, column in by_feature.items()},
                fields=fields,
                shares={name: found[pair].shares for name, found in splits.items()},
                rules={name: found[pair].rule for name, found in splits.items()},
            )
        )
    return out


def spread(
    scorer: AdditiveScorer, features: FeatureSet, amounts: NDArray[np.float64], *, pairs: str = "halved"
) -> Attribution:
    """Spread one amount a term, such as the mean over a population, over features and fields.

    Parameters
    ----------
    scorer, features, pairs
        As for :func:`attribute_pairs`.
    amounts : ndarray of shape (n_terms,)
        In score units.

    Returns
    -------
    Attribution
        Whose score is the intercept plus the amounts; a feature's amount goes to its subject.
    """
    row = np.asarray(amounts, dtype=np.float64)[None]
    by_feature = {name: float(column[0]) for name, column in _by_feature(scorer, row, pairs).items()}
    subjects = {feature.name: feature.subject for feature in features}
    for term, name in zip(scorer.terms, scorer.term_names, strict=True):
        if name not in subjects:
            subjects[name] = _joint_path(scorer, term, features)
    shares = {name: {subjects[name]: amount} for name, amount in by_feature.items()}
    fields: dict[str, float] = {}
    for name, amount in by_feature.items():
        fields[subjects[name]] = fields.get(subjects[name], 0.0) + amount
    terms = dict(zip(scorer.term_names, row[0].tolist(), strict=True))
    return Attribution(
        scorer.intercept + sum(terms.values()), scorer.intercept, terms, by_feature, fields, shares,
        dict.fromkeys(shares, WHOLE),
    )  # fmt: skip


def term_means(scorer: AdditiveScorer) -> NDArray[np.float64] | None:
    """Mean amount of each term over the rows of training, by their weight.

    Returns
    -------
    ndarray of shape (n_terms,) or None
        In score units; ``None`` where a term does not keep its training weights.
    """
    means = []
    for term in scorer.terms:
        if term.weights is None or not (whole := float(term.weights.sum())) > 0:
            return None
        mean = float((term.scores * term.weights).sum()) / whole
        # Tables are centred in training: what is left of that, such as 1e-18, is rounding and no mean.
        means.append(mean if abs(mean) > 1e-12 * float(np.abs(term.scores).max(initial=0.0)) else 0.0)
    return np.array(means)


def whole_amounts(scorer: AdditiveScorer, table: pd.DataFrame) -> Callable[[str], AmountOf]:
    """Return, by feature, what it holds in the score of a single row, interactions undivided, by its value.

    Two values' amounts differ by what the score differs, all other features as they are.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scored.
    table : DataFrame of shape (1, n_features)
        The row.
    """
    bins = scorer.bin(table)

    def of(name: str) -> AmountOf:
        return partial(_Amounts(scorer, scorer.feature_names.index(name), bins, 1, "whole").of, 0)

    return of


def _by_feature(
    scorer: AdditiveScorer, amounts: NDArray[np.float64], pairs: str
) -> dict[str, NDArray[np.float64]]:
    """Amount of each feature, and of each term that stays unsplit: (n, n_terms) -> (n,) by name."""
    out = {name: np.zeros(len(amounts)) for name in scorer.feature_names}
    for term, name, column in zip(scorer.terms, scorer.term_names, amounts.T, strict=True):
        if pairs == "unsplit" and len(term.features) > 1:
            out[name] = column
            continue
        for axis in term.features:
            out[scorer.feature_names[axis]] += column / len(term.features)
    return out


def _joint_path(scorer: AdditiveScorer, term: Term, features: FeatureSet) -> str:
    subjects = {feature.name: feature.subject for feature in features}
    return " & ".join(subjects[scorer.feature_names[axis]] for axis in term.features)


class _Amounts:
    """What one feature holds in the scores of ``n`` pairs; see :class:`ranker.features.amounts.Amounts`.

    ``pairs`` as for :func:`attribute_pairs`, or ``"whole"``, which does not divide a term of several
    features at all.
    """

    def __init__(
        self,
        scorer: AdditiveScorer,
        axis: int,
        bins: tuple[tuple[NDArray[np.int64], ...], ...],
        n: int,
        pairs: str,
    ) -> None:
        self.scorer, self.axis, self.n = scorer, axis, n
        self.terms: list[tuple[Term, tuple[NDArray[np.int64], ...], float]] = []
        for term, found in zip(scorer.terms, bins, strict=True):
            n_features = len(term.features)
            if axis in term.features and (n_features == 1 or pairs != "unsplit"):
                self.terms.append((term, found, 1.0 if pairs == "whole" else 1.0 / n_features))
        self.whole = np.zeros(self.n)
        for term, found, share in self.terms:
            self.whole += term.scores[found] * share

    def at(self, value: float) -> NDArray[np.float64]:
        """Were every pair's value this one, (n,)."""
        out = np.zeros(self.n)
        for (term, found, share), own in self._binned(np.array([value])):
            index = tuple(own if a == self.axis else f for a, f in zip(term.features, found, strict=True))
            out += term.scores[index] * share
        return out

    def of(self, pair: int, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Were one pair's value each of these, (m,) -> (m,)."""
        out = np.zeros(len(values))
        for (term, found, share), own in self._binned(values):
            index = tuple(
                own if a == self.axis else f[pair] for a, f in zip(term.features, found, strict=True)
            )
            out += term.scores[index] * share
        return out

    def _binned(
        self, values: NDArray[np.float64]
    ) -> Iterator[tuple[tuple[Term, tuple[NDArray[np.int64], ...], float], NDArray[np.int64]]]:
        axis, seen = self.scorer.axes[self.axis], {}
        values = np.asarray(values, dtype=np.float64 if axis.kind == "continuous" else object)
        for entry in self.terms:
            level = axis.level(len(entry[0].features))
            if level not in seen:
                seen[level] = axis.bin(values, level)
            yield entry, seen[level]
