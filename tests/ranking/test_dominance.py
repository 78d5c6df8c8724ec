import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from reference_moments import lower_before_reference

from ranker.kernels.dominance import lower_before


@given(st.lists(st.lists(st.integers(0, 12), max_size=20), max_size=5))
def test_counting_what_is_lower_agrees_with_its_plain_twin(segments):
    keys = np.array([key for segment in segments for key in segment], dtype=np.int64)
    indptr = np.cumsum([0, *(len(segment) for segment in segments)])
    counts = lower_before(keys, indptr)
    assert counts.dtype == np.int64
    assert counts.tolist() == lower_before_reference(keys.tolist(), indptr.tolist())


def test_large_keys_are_told_apart_by_their_lowest_bit_too():
    keys = np.array([2**40, 2**40 + 1, 2**40], dtype=np.int64)
    assert lower_before(keys, np.array([0, 3])).tolist() == [0, 1, 0]
