from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_matching import counts_reference, coverage_reference

from ranker.errors import DataError
from ranker.features.matching import IdSets, SkillIndex
from ranker.kernels.matching import MOST_PLANES, take_sets

N_SKILLS = 40
SKILL_SETS = st.lists(st.lists(st.integers(0, N_SKILLS - 1), unique=True, max_size=12), max_size=30)
# Skills that nobody has, and ids beyond the vocabulary on both sides.
WANTED = st.lists(st.lists(st.integers(-2, N_SKILLS + 3), unique=True, max_size=9), max_size=6)
WEIGHTS = st.one_of(st.integers(0, 9).map(float), st.floats(0, 1e6))


def flat(lists, dtype=np.int64):
    """Return lists as (indptr, ids)."""
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in lists], dtype=np.int64)]).astype(np.int64)
    return indptr, np.array([x for one in lists for x in one], dtype=dtype)


def index_of(people, n_skills=N_SKILLS):
    return SkillIndex.of(*flat(people), n_skills=n_skills)


def many(n_people, n_skills=300, seed=0):
    """Draw people whose common skills stand in planes, and whose rare ones do not."""
    rng = np.random.default_rng(seed)
    share = 1 / (1.0 + np.arange(n_skills))
    return [np.flatnonzero(rng.random(n_skills) < share).tolist() for _ in range(n_people)]


@given(SKILL_SETS, WANTED)
def test_counts_are_those_of_sets(people, jobs):
    counts = index_of(people).counts(*flat(jobs))
    assert counts.dtype == np.uint8
    assert counts.shape == (len(jobs), len(people))
    assert counts.tolist() == counts_reference(people, jobs)


# Around the ends of a word, of a tile, and one beyond.
@pytest.mark.parametrize("n_people", [1, 7, 8, 9, 63, 64, 65, 4095, 4096, 4097, 8200])
def test_counts_of_common_and_rare_skills_are_those_of_sets_for_any_number_of_people(n_people):
    people = many(n_people)
    index = index_of(people, 300)
    jobs = [[0, 1, 2, 250], [299], [], list(range(20)), [5, 500, -1], list(range(0, 300, 7))]
    assert index.counts(*flat(jobs)).tolist() == counts_reference(people, jobs)


def test_common_skills_stand_in_planes_and_rare_ones_do_not():
    index = index_of(many(500), 300)
    assert index.slots[0] >= 0
    assert index.slots[299] == -1
    crowd = index_of([list(range(300))] * 3, 300)
    assert crowd.planes.shape == (MOST_PLANES, 1)
    assert (crowd.slots >= 0).sum() == MOST_PLANES
    assert crowd.counts(*flat([list(range(300))])).tolist() == [[300, 300, 300]]


@given(SKILL_SETS, st.data())
def test_weighted_coverage_is_that_of_the_plain_twin_to_the_last_bit(people, data):
    jobs = data.draw(WANTED)
    weights = [data.draw(st.lists(WEIGHTS, min_size=len(one), max_size=len(one))) for one in jobs]
    found = index_of(people).coverage(*flat(jobs), flat(weights, np.float64)[1])
    wanted = np.array(coverage_reference(people, jobs, weights), dtype=float).reshape(found.shape)
    np.testing.assert_array_equal(found, wanted)
    assert np.all(np.isnan(found) | (found <= 1))


@given(SKILL_SETS, WANTED)
def test_coverage_is_the_share_of_what_a_job_wants_and_missing_where_it_wants_nothing(people, jobs):
    found = index_of(people).coverage(*flat(jobs))
    ones = [[1.0] * len(one) for one in jobs]
    wanted = np.array(coverage_reference(people, jobs, ones), dtype=float).reshape(found.shape)
    np.testing.assert_array_equal(found, wanted)


def test_who_has_everything_has_a_coverage_of_exactly_1_whatever_the_weights():
    weights = [0.1, 0.2, 0.7, 1 / 3, 1e-9]
    assert index_of([[4, 3, 2, 1, 0]]).coverage(*flat([[3, 0, 4, 1, 2]]), weights).tolist() == [[1.0]]


def test_a_job_may_want_more_skills_than_a_byte_counts():
    people = [list(range(1000)), list(range(0, 1000, 2)), []]
    index = index_of(people, 1000)
    counts = index.counts(*flat([list(range(256)), list(range(1000)), [3]]))
    assert counts.dtype == np.uint16
    assert counts.tolist() == [[256, 128, 0], [1000, 500, 0], [1, 0, 0]]
    assert index.counts(*flat([list(range(255))])).tolist() == [[255, 128, 0]]


@pytest.mark.parametrize("n_threads", [2, 3, 50])
def test_threads_change_nothing(n_threads):
    people, jobs = many(300), many(20, seed=1)
    index = index_of(people, 300)
    weights = np.random.default_rng(0).random(flat(jobs)[1].size)
    np.testing.assert_array_equal(index.counts(*flat(jobs), n_threads=n_threads), index.counts(*flat(jobs)))
    np.testing.assert_array_equal(
        index.coverage(*flat(jobs), weights, n_threads=n_threads), index.coverage(*flat(jobs), weights)
    )


@pytest.mark.parametrize("size", [1, 700, 10**6])
def test_blocks_are_the_counts_in_parts_of_bounded_size(size):
    people, jobs = many(300), many(7, seed=1)
    index = index_of(people, 300)
    found = np.full((len(jobs), len(people)), 255, np.uint8)
    for part, block in index.count_blocks(*flat(jobs), size=size):
        assert block.size <= max(size, len(people))
        found[part] = block
    np.testing.assert_array_equal(found, index.counts(*flat(jobs)))


def test_counts_are_written_where_the_caller_wants_them_whatever_stood_there():
    people, jobs = many(100), [[0, 1, 299], [299], []]
    index = index_of(people, 300)
    out = np.full((5, 100), 7, np.uint8)
    assert index.counts(*flat(jobs), out=out[1:4]).base is out
    assert out[1:4].tolist() == counts_reference(people, jobs)
    assert set(out[[0, 4]].ravel().tolist()) == {7}
    for wrong in (out, out.T[:3], np.empty((3, 100), np.int64), np.empty((3, 200), np.uint8)[:, ::2]):
        with pytest.raises(DataError, match="C-contiguous"):
            index.counts(*flat(jobs), out=wrong)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.uint32, np.int64, np.uint64])
def test_ids_may_have_any_whole_number_dtype_and_any_layout(dtype):
    people, jobs = many(30, 100), many(4, 100, seed=1)
    (starts, ids), (want_starts, wanted) = flat(people, dtype), flat(jobs, dtype)
    index = SkillIndex.of(np.repeat(starts, 2)[::2], np.repeat(ids, 3)[::3], n_skills=100)
    counts = index.counts(np.repeat(want_starts, 2)[::2], np.repeat(wanted, 2)[::2])
    assert counts.tolist() == counts_reference(people, jobs)


def test_nobody_and_no_skills_are_no_fault():
    assert index_of([], 0).counts(*flat([[1, 2]])).shape == (1, 0)
    assert index_of([[], []], 0).counts(*flat([[1, 2], []])).tolist() == [[0, 0], [0, 0]]
    assert index_of([[0]]).counts(*flat([])).shape == (0, 1)
    assert list(index_of([[0]]).count_blocks(*flat([]))) == []


@pytest.mark.parametrize(
    ("indptr", "ids", "said"),
    [
        ([0, 2], [3, 3], "person 0 has a skill id twice"),
        ([0, 0, 1], [N_SKILLS], "person 1 has the skill id 40, outside 0 .. 39"),
        ([0, 1], [-1], "person 0 has the skill id -1"),
        ([0, 2], [1], "must rise from 0 to the number of ids, 1"),
        ([0, 2, 1], [1], "must rise"),
        ([1, 1], [1], "must rise"),
        ([], [], "must rise"),
        ([0, 1], [1.5], "whole numbers"),
        ([0, 1], [[1]], "one-dimensional"),
        ([0, 1], [2**40], "does not fit 32 bits"),
        ([0, 1], [-(2**32) + 1], "does not fit 32 bits"),
    ],
)
def test_people_that_cannot_be_are_refused_with_their_place(indptr, ids, said):
    with pytest.raises(DataError, match=said):
        SkillIndex.of(indptr, ids, n_skills=N_SKILLS)


def test_jobs_that_cannot_be_are_refused_with_their_place():
    index = index_of([[0]])
    with pytest.raises(DataError, match="job 1 wants the skill id 5 twice"):
        index.counts([0, 1, 3], [5, 5, 5])
    for weights in ([1.0], [1.0, -1.0], [1.0, np.nan], [1.0, np.inf]):
        with pytest.raises(DataError, match="2 finite numbers from 0"):
            index.coverage([0, 2], [0, 1], weights)
    with pytest.raises(DataError, match="a job wants 70000 skills"):
        index.counts([0, 70_000], np.arange(70_000))


def test_the_owner_of_an_id_is_its_set():
    sets = IdSets.checked([0, 2, 2, 3], [7, 8, 9], what="sets")
    assert sets.n_sets == 3
    assert sets.owner().tolist() == [0, 0, 2]


@given(sets=SKILL_SETS, data=st.data())
def test_sets_in_another_order_are_the_same_sets(sets, data):
    order = data.draw(st.lists(st.integers(0, len(sets) - 1), max_size=9)) if sets else []
    indptr, ids = flat(sets, np.int32)
    starts, taken = take_sets(indptr, ids, np.array(order, np.int64))
    assert [taken[a:b].tolist() for a, b in pairwise(starts)] == [sets[place] for place in order]
