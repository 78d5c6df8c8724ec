import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_ranking import (
    descending_order_reference,
    discounts_reference,
    ranks_in_segments_reference,
    segment_of_reference,
    segment_sums_reference,
)

from ranker.kernels import segments

TWINS = {
    segments.segment_of: segment_of_reference,
    segments.ranks_in_segments: ranks_in_segments_reference,
}
TWINS_WITH_VALUES = {
    segments.descending_order: descending_order_reference,
    segments.segment_sums: segment_sums_reference,
}

sizes = st.lists(st.integers(0, 6), min_size=1, max_size=6)


def indptr_of(sizes):
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)


@pytest.mark.parametrize(("kernel", "twin"), TWINS.items())
@given(sizes=sizes)
def test_segment_kernel_agrees_with_its_plain_twin(kernel, twin, sizes):
    indptr = indptr_of(sizes)
    assert kernel(indptr).tolist() == twin(indptr.tolist())
    assert kernel(indptr).dtype == np.int64


@pytest.mark.parametrize(("kernel", "twin"), TWINS_WITH_VALUES.items())
@given(sizes=sizes, data=st.data())
def test_segment_kernel_with_values_agrees_with_its_plain_twin(kernel, twin, sizes, data):
    indptr = indptr_of(sizes)
    # Whole numbers, few of them: sums are exact, and ties show whether the order is stable.
    values = data.draw(
        st.lists(st.sampled_from([-2.0, -0.0, 0.0, 1.0, 5.0]), min_size=sum(sizes), max_size=sum(sizes))
    )
    assert kernel(np.array(values, dtype=float), indptr).tolist() == twin(values, indptr.tolist())


def test_discounts_agree_with_their_plain_twin():
    ranks = np.arange(1, 2000)
    np.testing.assert_allclose(segments.discounts(ranks), discounts_reference(ranks), rtol=1e-15)
    assert segments.discounts(np.array([1, 3])).tolist() == [1.0, 0.5]


def test_infinite_scores_sort_as_numbers_do():
    scores = np.array([0.0, -np.inf, np.inf])
    assert segments.descending_order(scores, np.array([0, 3])).tolist() == [2, 0, 1]
