"""Kernels that work segment by segment against their plain twins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_segments import (
    group_sums_reference,
    ndcg_in_order_reference,
    ndcg_of_scores_reference,
    order_reference,
    top_k_reference,
)

from ranker.kernels.descending import descending_order, score_of, sort_key
from ranker.kernels.discounted_gains import ndcg_in_order, ndcg_of_scores
from ranker.kernels.group_sums import group_counts, group_sums
from ranker.kernels.top_k import top_k

NEXT = float(np.nextafter(1.0, 2.0))
# Ties, signed zeros, infinities, missing ones, and neighbours that differ in the last bit.
SCORES = st.one_of(
    st.floats(-2, 2), st.sampled_from([0.0, -0.0, 1.0, NEXT, -1.0, -NEXT, np.inf, -np.inf, np.nan])
)
GAINS = st.one_of(st.sampled_from([0.0, 0.0, 1.0, 2.0, 4.0]), st.floats(0, 9))
SIZES = st.lists(st.integers(0, 60), max_size=4)


def indptr_of(sizes):
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


@st.composite
def ragged(draw, *columns):
    sizes = draw(SIZES)
    n = sum(sizes)
    return (*(draw(st.lists(column, min_size=n, max_size=n)) for column in columns), indptr_of(sizes))


def as_floats(*columns):
    return tuple(np.array(column, dtype=np.float64) for column in columns)


@given(ragged(SCORES))
def test_the_order_of_ragged_segments_agrees_with_its_plain_twin(case):
    scores, indptr = case
    found = descending_order(np.array(scores, dtype=np.float64), indptr)
    assert found.dtype == np.int64
    assert found.tolist() == order_reference(scores, indptr)


@given(SCORES, SCORES)
def test_a_sort_key_orders_as_its_score_does_and_leads_back_to_it(one, other):
    assert np.isnan(one) or score_of(sort_key(one)) == one
    if not np.isnan(one) and not np.isnan(other):
        assert (sort_key(one) < sort_key(other)) == (one > other)
    assert sort_key(one) <= sort_key(np.nan)


@given(ragged(SCORES, st.integers(-2, 2)), st.integers(0, 70))
def test_the_top_is_the_head_of_a_stable_sort(case, k):
    scores, ties, indptr = case
    (array,) = as_floats(scores)
    for given_ties, key in ((None, None), (np.array(ties, dtype=np.int64), ties)):
        top, top_indptr = top_k(array, indptr, k, ties=given_ties)
        expected, ends = top_k_reference(scores, indptr, k, key)
        assert top.tolist() == expected
        assert top_indptr.tolist() == ends


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("k", [1, 7, 40, 300, 2999, 3000])
@pytest.mark.parametrize("n_values", [1, 3, 50, 10**9])
def test_the_top_of_long_lists_is_the_head_of_a_stable_sort(dtype, k, n_values):
    rng = np.random.default_rng(k)
    scores = (rng.integers(-n_values, n_values, 7_100) / 8).astype(dtype)
    scores[::97] = np.nan
    ties = rng.integers(0, 9, scores.size)
    indptr = np.array([0, 3_000, 3_000, 7_037, 7_100])
    for given_ties, key in ((None, None), (ties, ties.tolist())):
        top, _ = top_k(scores, indptr, k, ties=given_ties)
        assert top.tolist() == top_k_reference(scores.tolist(), indptr, k, key)[0]


def test_the_order_of_long_lists_tells_neighbouring_floats_apart():
    # Keys of these differ only in the bits that make room for the places: many runs, some ties in them.
    rng = np.random.default_rng(0)
    scores = 1.0 + rng.integers(0, 2_000, 5_000) * np.finfo(float).eps
    indptr = np.array([0, 4_000, 4_010, 5_000])
    assert descending_order(scores, indptr).tolist() == order_reference(scores.tolist(), indptr)
    top, _ = top_k(scores, indptr, 20)
    assert top.tolist() == top_k_reference(scores.tolist(), indptr, 20)[0]


@given(ragged(SCORES, GAINS), st.integers(1, 70))
def test_ndcg_of_ragged_lists_agrees_with_its_plain_twin(case, k):
    scores, gains, indptr = case
    found = ndcg_of_scores(*as_floats(scores, gains), indptr, k)
    np.testing.assert_allclose(found, ndcg_of_scores_reference(scores, gains, indptr, k), rtol=1e-12)
    in_order = ndcg_in_order(*as_floats(gains), indptr, 1 / np.log2(2 + np.arange(k)))
    np.testing.assert_allclose(in_order, ndcg_in_order_reference(gains, indptr, k), rtol=1e-12)


def test_neither_the_threads_nor_the_layout_of_an_array_change_a_result():
    rng = np.random.default_rng(0)
    indptr = indptr_of([50, 0, 1, 400, 12, 90])
    table = rng.normal(size=(553, 2))
    scores, gains = table[:, 0], rng.integers(0, 4, 553).astype(np.float64)[::-1]
    copies = scores.copy(), gains.copy()
    np.testing.assert_array_equal(descending_order(scores, indptr), descending_order(copies[0], indptr))
    for n_threads in (1, 2, 3):
        found = ndcg_of_scores(scores, gains, indptr, 10, n_threads=n_threads)
        np.testing.assert_array_equal(found, ndcg_of_scores(*copies, indptr, 10))
        top, _ = top_k(scores, indptr, 10, n_threads=n_threads)
        np.testing.assert_array_equal(top, top_k(copies[0], indptr, 10)[0])


@given(ragged(st.integers(-9, 9).map(float), st.integers(-1, 3)))
def test_sums_and_counts_of_groups_agree_with_their_plain_twin(case):
    values, codes, indptr = case
    array = np.array(codes, dtype=np.int64)
    sums, counts = group_sums(*as_floats(values), array, indptr, 4), group_counts(array, indptr, 4)
    assert sums.tolist() == group_sums_reference(values, codes, indptr, 4)
    assert counts.tolist() == group_sums_reference([1] * len(codes), codes, indptr, 4)


def test_a_better_neighbour_far_down_a_list_of_ties_is_not_missed():
    # The last bit of a score makes room for its place: only the whole list shows that one is better.
    scores, gains = np.ones(60), np.zeros(60)
    scores[55], gains[55] = NEXT, 1.0
    assert ndcg_of_scores(scores, gains, indptr_of([60]), 4).tolist() == [1.0]
