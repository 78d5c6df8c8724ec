import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from reference_ranking import shared_worth_reference

from ranker.kernels.places import shared_worth


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([-np.inf, -1.0, -0.0, 0.0, 2.0, np.inf])), max_size=25
    )
)
def test_shared_worth_agrees_with_its_plain_twin(entries):
    segment = np.array([at for at, _ in entries], dtype=np.int64)
    scores = np.array([score for _, score in entries], dtype=np.float64)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(segment, minlength=4))]).astype(np.int64)
    worth = np.arange(len(entries), 0.0, -1.0)
    expected = shared_worth_reference(scores.tolist(), segment.tolist(), indptr.tolist(), worth.tolist())
    found = shared_worth(np.argsort(-scores), scores, segment, indptr, worth)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
