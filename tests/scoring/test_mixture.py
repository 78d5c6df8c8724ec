from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from ranker import AdditiveScorer
from ranker.errors import DataError
from ranker.scoring.additive import Axis, Term
from ranker.scoring.mixture import combine
from tests.scoring.examples import assert_same_scorer, hard_rows, rows, scorers, small_ebm

WEIGHTS = st.floats(-3, 3, width=16)


def weighted_sum(weights, members, X):
    return sum((w * s.score(X) for w, s in zip(weights, members, strict=True)), np.zeros(len(X)))


def retarget(scorer, rng):
    """The same tables with other numbers, as a second target on the same bins and bags gives them."""
    terms = []
    for term in scorer.terms:
        bagged = rng.normal(size=term.bagged.shape)
        terms.append(replace(term, scores=bagged.mean(axis=0), bagged=bagged, deviations=bagged.std(axis=0)))
    bagged_intercept = rng.normal(size=scorer.bagged_intercept.shape)
    return replace(
        scorer,
        terms=tuple(terms),
        intercept=float(bagged_intercept.mean()),
        bagged_intercept=bagged_intercept,
    )


@settings(deadline=None)
@given(st.lists(st.tuples(WEIGHTS, scorers()), min_size=1, max_size=3), rows())
def test_a_mixture_scores_the_weighted_sum(members, X):
    weights, members = zip(*members, strict=True)
    mixture = combine(weights, members)
    assert_allclose(mixture.score(X), weighted_sum(weights, members, X), rtol=0, atol=1e-12)


@settings(deadline=None)
@given(st.lists(st.tuples(WEIGHTS, scorers()), min_size=2, max_size=3), rows())
def test_a_mixture_is_an_ebm_too(members, X):
    weights, members = zip(*members, strict=True)
    mixture = combine(weights, members)
    assert_same_scorer(AdditiveScorer.from_json(mixture.to_json()), mixture)
    columns = {name: X[name] for name in mixture.feature_names}
    if len(X):
        assert_array_equal(mixture.to_ebm().predict(pd.DataFrame(columns)), mixture.score(X))


@settings(deadline=None)
@given(scorers(), st.tuples(WEIGHTS, WEIGHTS), st.integers(0, 9), rows())
def test_members_on_the_same_bins_keep_their_bags(scorer, weights, seed, X):
    members = [scorer, retarget(scorer, np.random.default_rng(seed))]
    mixture = combine(weights, members)
    assert mixture.bag_weights.tolist() == [1.0, 1.0]
    parts = [sum(w * s.bagged_intercept for w, s in zip(weights, members, strict=True))]
    assert_allclose(mixture.bagged_intercept, parts[0], rtol=0, atol=1e-12)
    for term in mixture.terms:
        assert_allclose(term.scores, term.bagged.mean(axis=0), rtol=0, atol=1e-12)
        assert_allclose(term.deviations, term.bagged.std(axis=0), rtol=0, atol=1e-12)


def test_deviations_are_those_of_interpret():
    scorer = AdditiveScorer.from_ebm(small_ebm())
    mixture = combine([0.5, 0.5], [scorer, scorer])
    for found, term in zip(mixture.terms, scorer.terms, strict=True):
        assert_allclose(found.bagged, term.bagged, rtol=0, atol=1e-15)
        assert_allclose(found.deviations, term.deviations, rtol=0, atol=1e-14)


def test_deviations_weigh_the_bags():
    axis = Axis("a", "continuous", (np.empty(0),))
    bagged = np.array([[0.0, 0.0, 0.0], [1.0, 4.0, 0.0]])
    scorer = AdditiveScorer(
        (axis,), (Term((0,), bagged.mean(axis=0), bagged=bagged),), 0.0, np.zeros(2), np.array([3.0, 1.0])
    )
    [term] = combine([1.0, 1.0], [scorer, scorer]).terms
    assert_allclose(term.deviations, 2 * np.sqrt(3) / 4 * np.array([1.0, 4.0, 0.0]))


def test_two_ebms_on_other_rows_are_summed_over_the_union_of_their_cuts():
    members = [AdditiveScorer.from_ebm(small_ebm(seed)) for seed in (0, 1)]
    mixture = combine([1.0, -0.5], members)
    assert len(mixture.axes[0].levels[0]) > max(len(member.axes[0].levels[0]) for member in members)
    for member in members:
        X = hard_rows(member)
        expected = weighted_sum([1.0, -0.5], members, X)
        assert_allclose(mixture.score(X), expected, rtol=0, atol=1e-12)
        assert_array_equal(mixture.to_ebm().predict(X), mixture.score(X))
    assert mixture.bagged_intercept is None
    assert all(term.bagged is None and term.deviations is None for term in mixture.terms)
    mixture.to_ebm().explain_global()


@pytest.mark.parametrize("lacking", ["bag_weights", "bagged_intercept", "bagged"])
def test_bags_are_left_out_where_one_member_has_none_or_weighs_them_otherwise(lacking):
    scorer = AdditiveScorer.from_ebm(small_ebm())
    if lacking == "bagged":
        others = [replace(scorer, terms=(replace(scorer.terms[0], bagged=None), *scorer.terms[1:]))]
    else:
        others = [replace(scorer, **{lacking: None})]
    if lacking == "bag_weights":
        others += [replace(scorer, bag_weights=np.ones(3))]
    for other in others:
        for members in ([scorer, other], [other, scorer]):
            mixture = combine([1, 1], members)
            assert mixture.bag_weights is None
            assert mixture.bagged_intercept is None
            assert all(term.bagged is None and term.deviations is None for term in mixture.terms)


def test_one_member_of_weight_one_stays_as_it_is():
    a, b = (AdditiveScorer.from_ebm(small_ebm(seed)) for seed in (0, 1))
    for mixture in (combine([1], [a]), combine([1, 0], [a, b]), combine([0.0, 1.0], [b, a])):
        assert_same_scorer(mixture, a)


def test_members_of_weight_zero_alone_make_a_scorer_that_is_zero():
    a, b = (AdditiveScorer.from_ebm(small_ebm(seed)) for seed in (0, 1))
    zero = combine([0, 0], [a, b])
    assert zero.term_names == a.term_names
    assert not zero.score(hard_rows(a, n=50)).any()


A = Axis(
    "a", "continuous", (np.array([1.0, 3.0]), np.array([2.0])), (0.0, 4.0), np.array([0, 5.0, 5.0, 0]), 9
)
C = Axis("c", "nominal", ({"p": 1, "q": 2},), histogram=np.array([0, 6.0, 4.0, 0]), n_unique=2)


def test_a_pair_in_the_other_order_is_turned():
    one = AdditiveScorer((A, C), (Term((0, 1), np.arange(16.0).reshape(4, 4)),), 0.0)
    other = AdditiveScorer((C, A), (Term((0, 1), 10 * np.arange(16.0).reshape(4, 4)),), 0.0)
    mixture = combine([1, 1], [one, other])
    assert mixture.term_names == ("a & c",)
    table = np.arange(16.0).reshape(4, 4)
    assert_array_equal(mixture.terms[0].scores, table + 10 * table.T)


def test_the_weights_of_a_turned_pair_are_turned():
    weights = np.arange(16.0).reshape(4, 4)
    one = AdditiveScorer((A, C), (Term((0, 1), np.zeros((4, 4))),), 0.0)
    other = AdditiveScorer((A, C), (Term((1, 0), np.zeros((4, 4)), weights),), 0.0)
    assert_array_equal(combine([1, 1], [one, other]).terms[0].weights, weights.T)


def test_a_member_with_one_level_uses_it_for_pairs_too():
    single = Axis("a", "continuous", (np.array([2.0, 5.0]),))
    one = AdditiveScorer((A, C), (Term((0, 1), np.zeros((4, 4))), Term((0,), np.zeros(5))), 0.0)
    other = AdditiveScorer((single, C), (Term((0, 1), np.zeros((5, 4))),), 0.0)
    first, second = combine([1, 1], [one, other]).axes[0].levels
    assert first.tolist() == [1.0, 3.0]
    assert second.tolist() == [2.0, 5.0]


def test_a_level_that_no_term_of_a_member_reads_adds_no_cuts():
    single = Axis("a", "continuous", (np.array([0.5]),))
    one = AdditiveScorer((A, C), (Term((0, 1), np.zeros((4, 4))), Term((0,), np.zeros(5))), 0.0)
    other = AdditiveScorer((single, C), (Term((0,), np.zeros(4)),), 0.0)
    first, second = combine([1, 1], [one, other]).axes[0].levels
    assert first.tolist() == [0.5, 1.0, 3.0]
    assert second.tolist() == [2.0]


def test_a_category_that_a_member_has_not_seen_takes_its_unknown_value():
    wider = replace(C, levels=({"q": 1, "r": 2},))
    one = AdditiveScorer((C,), (Term((0,), np.array([0.0, 1.0, 2.0, 5.0])),), 0.0)
    other = AdditiveScorer((wider,), (Term((0,), np.array([0.0, 10.0, 20.0, 50.0])),), 0.0)
    mixture = combine([1, 1], [one, other])
    assert mixture.axes[0].levels[0] == {"p": 1, "q": 2, "r": 3}
    assert mixture.terms[0].scores.tolist() == [0.0, 51.0, 12.0, 25.0, 55.0]
    X = pd.DataFrame({"c": ["p", "q", "r", "s", None]})
    assert mixture.score(X).tolist() == [51.0, 12.0, 25.0, 55.0, 0.0]


def test_terms_stand_in_interprets_order_and_a_lacking_one_is_zero():
    one = AdditiveScorer((A, C), (Term((1, 0), np.ones((4, 4))), Term((1,), np.ones(4))), 1.0)
    other = AdditiveScorer((A, C), (Term((0,), np.ones(5)),), 2.0)
    mixture = combine([1, 2], [one, other])
    assert mixture.term_names == ("a", "c", "c & a")
    assert [term.scores[1].max() for term in mixture.terms] == [2.0, 1.0, 1.0]
    assert mixture.intercept == 5.0


def test_the_weight_of_a_split_bin_is_shared_equally():
    finer = replace(A, levels=(np.array([1.0, 2.0, 3.0]),))
    one = AdditiveScorer((A,), (Term((0,), np.zeros(5), np.array([1.0, 4.0, 6.0, 8.0, 0.0])),), 0.0)
    other = AdditiveScorer((finer,), (Term((0,), np.zeros(6), np.ones(6)),), 0.0)
    mixture = combine([1, 1], [one, other])
    assert mixture.terms[0].weights.tolist() == [1.0, 4.0, 3.0, 3.0, 8.0, 0.0]
    assert combine([1, 1], [other, one]).terms[0].weights.tolist() == [1.0] * 6


def test_training_facts_are_the_first_members_and_bounds_span_all():
    wide = replace(A, bounds=(-1.0, 3.0), n_unique=12)
    other_c = replace(C, levels=({"q": 1, "r": 2},))
    axis, categories = combine(
        [1, 1],
        [AdditiveScorer((A, C), (), 0.0), AdditiveScorer((wide, other_c), (Term((1,), np.ones(4)),), 0.0)],
    ).axes
    assert (axis.bounds, axis.n_unique, axis.histogram) == ((-1.0, 4.0), 12, None)
    assert categories.levels[0] == {"q": 1, "r": 2}
    same = combine([1, 1], [AdditiveScorer((A, C), (), 0.0)] * 2).axes
    assert_array_equal(same[0].histogram, A.histogram)
    assert_array_equal(same[1].histogram, C.histogram)


def test_a_feature_that_only_a_later_member_reads_takes_its_bins():
    unread = AdditiveScorer((replace(A, levels=()),), (), 1.0)
    reading = AdditiveScorer((A,), (Term((0,), np.arange(5.0)),), 0.0)
    mixture = combine([1, 1], [unread, reading])
    assert [level.tolist() for level in mixture.axes[0].levels] == [[1.0, 3.0], [2.0]]
    assert mixture.score(np.array([[2.0]])).tolist() == [3.0]
    assert combine([1, 1], [unread, unread]).axes[0].levels == ()


@pytest.mark.parametrize(
    ("weights", "members", "message"),
    [
        ([], [], "0 weights for 0 scorers: give one weight per scorer, and one at least"),
        ([1.0], [(A,), (A,)], "1 weights for 2 scorers: give one weight per scorer"),
        ([1.0, np.nan], [(A,), (A,)], r"weights\[1\] is nan: weights must be finite"),
        (
            [1.0, 0.0],
            [(A, C), (A,)],
            r"scorers\[0\] has a feature 'c' that scorers\[1\] lacks: train the members",
        ),
        ([1.0, 1.0], [(A,), (A, C)], r"scorers\[1\] has a feature 'c' that scorers\[0\] lacks"),
        (
            [1.0, 1.0],
            [(C,), (replace(C, kind="ordinal"),)],
            r"feature 'c' is nominal in scorers\[0\] and ordinal in scorers\[1\]: train the members",
        ),
    ],
)
def test_what_cannot_be_summed_is_refused(weights, members, message):
    with pytest.raises(DataError, match=message):
        combine(weights, [AdditiveScorer(axes, (), 0.0) for axes in members])
