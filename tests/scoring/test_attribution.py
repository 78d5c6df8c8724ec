"""The law of conservation from scores to fields, and the axioms that an attribution may be asked to hold."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from examples import rows, scorers
from hypothesis import assume, given
from hypothesis import strategies as st

from ranker import AdditiveScorer
from ranker.errors import DataError
from ranker.features import FeatureSet
from ranker.features.scalars import Category, Number
from ranker.records import join_records
from ranker.records.cleaning import Keys
from ranker.scoring.additive import Axis, Term
from ranker.scoring.attribution import (
    PAIRS,
    attribute_pair,
    attribute_pairs,
    spread,
    term_means,
    whole_amounts,
)

NUMBERS, TEXTS = ("a", "b"), ("c", "d")
FEATURES = FeatureSet(
    (
        *(Number(name=name, field=f"application.{name}") for name in NUMBERS),
        *(Category(name=name, field=f"application.{name}") for name in TEXTS),
    ),
    {},
)
pairs_ways = st.sampled_from(PAIRS)


def pool_of(frame):
    """Records of flat rows, and their features."""
    frame = frame[~frame[list(NUMBERS)].isin([np.inf, -np.inf]).any(axis=1)]
    numbered = frame.assign(who=[f"p{i}" for i in range(len(frame))]).astype(object)
    records = join_records(numbered, Keys(candidate="who"))
    return records, FEATURES.compute(records)


def several(frame):
    assume(len(frame[~frame[list(NUMBERS)].isin([np.inf, -np.inf]).any(axis=1)]))
    return pool_of(frame)


@given(scorers(), rows(), pairs_ways)
def test_scores_walk_back_to_terms_features_and_fields_without_residual(scorer, frame, pairs):
    records, table = several(frame)
    found = attribute_pairs(scorer, FEATURES, records, table, pairs=pairs)
    assert [one.score for one in found] == scorer.score(table).tolist()
    for one in found:
        assert one.residual <= 1e-9
        for name, shares in one.shares.items():
            assert sum(shares.values()) == pytest.approx(one.features[name], abs=1e-9)


@given(scorers(), rows(), pairs_ways)
def test_a_pool_is_taken_apart_as_each_of_its_pairs_is(scorer, frame, pairs):
    records, table = several(frame)
    found = attribute_pairs(scorer, FEATURES, records, table, pairs=pairs)
    assert found == [
        attribute_pair(scorer, FEATURES, records, table, pair, pairs=pairs) for pair in range(len(table))
    ]


@given(scorers(), rows())
def test_unsplit_terms_stand_by_themselves_and_halved_ones_do_not(scorer, frame):
    records, table = several(frame)
    joint = {n for n, term in zip(scorer.term_names, scorer.terms, strict=True) if len(term.features) > 1}
    halved, unsplit = (attribute_pair(scorer, FEATURES, records, table, 0, pairs=pairs) for pairs in PAIRS)
    assert not joint & halved.features.keys()
    assert joint <= unsplit.features.keys()
    for name in joint:
        assert unsplit.features[name] == unsplit.terms[name]
    for axis, name in enumerate(scorer.feature_names):
        parts = [
            halved.terms[term_name] / len(term.features)
            for term_name, term in zip(scorer.term_names, scorer.terms, strict=True)
            if axis in term.features and len(term.features) > 1
        ]
        assert halved.features[name] - unsplit.features[name] == pytest.approx(sum(parts), abs=1e-9)


def test_an_unknown_way_with_interactions_is_refused_with_a_hint():
    scorer = symmetric_scorer()
    records, table = pool_of(FRAME)
    with pytest.raises(DataError, match="did you mean 'halved'"):
        attribute_pairs(scorer, FEATURES, records, table, pairs="halfed")


@given(scorers(), rows())
def test_whole_amounts_differ_by_what_the_score_differs(scorer, frame):
    _, table = several(frame)
    row = table.iloc[[0]]
    for name in NUMBERS:
        amount_of = whole_amounts(scorer, row)(name)
        before, after = amount_of(np.array([row[name].iloc[0], 2.0]))
        changed = row.assign(**{name: 2.0})
        assert after - before == pytest.approx(scorer.score(changed)[0] - scorer.score(row)[0], abs=1e-9)


@given(scorers(), pairs_ways)
def test_means_are_weighted_by_training_and_spread_without_residual(scorer, pairs):
    known = all(term.weights.sum() > 0 for term in scorer.terms)
    means = term_means(scorer)
    assert (means is not None) == known
    if means is None:
        return
    expected = [np.average(term.scores, weights=term.weights) for term in scorer.terms]
    assert means == pytest.approx(expected, abs=1e-9)
    base = spread(scorer, FEATURES, means, pairs=pairs)
    assert base.residual <= 1e-9
    assert base.score == pytest.approx(scorer.intercept + sum(expected), abs=1e-9)


def test_no_mean_is_taken_where_a_term_keeps_no_weights():
    scorer = symmetric_scorer()
    assert term_means(scorer) is not None
    bare = replace(scorer, terms=(*scorer.terms[1:], replace(scorer.terms[0], weights=None)))
    assert term_means(bare) is None


# Sundararajan, Taly & Yan (2017), Axiomatic Attribution for Deep Networks: what Integrated Gradients is
# the one path method for. An additive scorer holds them all exactly, against any baseline.

FRAME = pd.DataFrame({"a": [1.0, -2.0], "b": [1.0, 3.0], "c": ["p", None], "d": ["p", "q"]}).astype(
    {"c": object, "d": object}
)


def symmetric_scorer():
    """One in which ``a`` and ``b`` play the same part, as do ``c`` and ``d``."""
    rng = np.random.default_rng(3)
    cuts, texts = np.array([-1.0, 0.0, 2.0]), {"p": 1, "q": 2}
    axes = (
        *(Axis(n, "continuous", (cuts,)) for n in NUMBERS),
        *(Axis(n, "nominal", (texts,)) for n in TEXTS),
    )
    number, text = rng.normal(size=6), rng.normal(size=4)
    pair = rng.normal(size=(6, 6))
    terms = [
        Term((0,), number), Term((1,), number), Term((2,), text), Term((3,), text), Term((0, 1), pair + pair.T),
    ]  # fmt: skip
    return AdditiveScorer(axes, tuple(replace(t, weights=np.ones(t.scores.shape)) for t in terms), 0.5)


def relative(scorer, records, table, pair=0):
    """Fields' amounts against the mean over training."""
    own = attribute_pair(scorer, FEATURES, records, table, pair).fields
    base = spread(scorer, FEATURES, term_means(scorer)).fields
    return {path: own[path] - base[path] for path in own}


@given(scorers(), rows())
def test_completeness_amounts_sum_to_the_score_less_the_baselines(scorer, frame):
    records, table = several(frame)
    assume(term_means(scorer) is not None)
    base = spread(scorer, FEATURES, term_means(scorer)).score
    for pair, score in enumerate(scorer.score(table)):
        assert sum(relative(scorer, records, table, pair).values()) == pytest.approx(score - base, abs=1e-9)


@given(scorers(), rows(), st.sampled_from("abcd"))
def test_dummy_a_field_on_which_the_score_does_not_depend_gets_nothing(scorer, frame, name):
    records, table = several(frame)
    axis = scorer.feature_names.index(name)
    deaf = replace(scorer, terms=tuple(term for term in scorer.terms if axis not in term.features))
    for one in attribute_pairs(deaf, FEATURES, records, table):
        assert one.fields[f"application.{name}"] == 0.0


def test_symmetry_fields_that_play_the_same_part_and_are_equal_get_the_same():
    records, table = pool_of(FRAME)
    found = relative(symmetric_scorer(), records, table)
    assert found["application.a"] == pytest.approx(found["application.b"], abs=1e-12)
    assert found["application.c"] == found["application.d"]
    assert found["application.a"] != 0


@given(scorers(), rows(), st.floats(-3, 3), st.integers(0, 9))
def test_linearity_amounts_of_a_weighted_sum_are_the_weighted_sum_of_amounts(scorer, frame, weight, seed):
    records, table = several(frame)
    rng = np.random.default_rng(seed)
    other = replace(
        scorer, terms=tuple(replace(term, scores=rng.normal(size=term.scores.shape)) for term in scorer.terms)
    )
    both = replace(
        scorer,
        terms=tuple(
            replace(one, scores=one.scores + weight * two.scores)
            for one, two in zip(scorer.terms, other.terms, strict=True)
        ),
    )
    one, two, summed = (attribute_pair(s, FEATURES, records, table, 0).fields for s in (scorer, other, both))
    for path, amount in summed.items():
        assert amount == pytest.approx(one[path] + weight * two[path], abs=1e-9)


@given(scorers(), rows(), st.integers(-7, 7))
def test_implementation_invariance_the_same_function_otherwise_written_gets_the_same(scorer, frame, cut):
    """Terms in another order, pairs turned over, and a cut that changes nothing."""
    records, table = several(frame)
    turned = tuple(term.turned(range(len(term.features))[::-1]) for term in scorer.terms[::-1])
    other = idle_cut(replace(scorer, terms=turned), scorer.feature_names.index("a"), cut + 0.5)
    one, two = (attribute_pair(s, FEATURES, records, table, 0) for s in (scorer, other))
    assert two.score == pytest.approx(one.score, abs=1e-9)
    for path, amount in one.fields.items():
        assert two.fields[path] == pytest.approx(amount, abs=1e-9)


def idle_cut(scorer, axis, cut):
    """Cut a bin of a number in two that hold the same."""
    old = scorer.axes[axis]
    levels = tuple(np.sort(np.append(level, cut)) for level in old.levels)
    terms = []
    for term in scorer.terms:
        if axis in term.features:
            position, level = term.features.index(axis), old.levels[old.level(len(term.features))]
            split = int(np.searchsorted(level, cut)) + 1
            take = np.insert(np.arange(term.scores.shape[position]), split, split)
            term = Term(term.features, term.scores.take(take, axis=position))
        terms.append(term)
    axes = tuple(replace(a, levels=levels) if a is old else a for a in scorer.axes)
    return replace(scorer, axes=axes, terms=tuple(terms), bagged_intercept=None, bag_weights=None)
