"""The exposure program: against all orderings, by its constraints, and as a lottery."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from fairness.groups import Groups
from fairness.rerank._birkhoff import birkhoff, filled
from fairness.rerank.exposure_policy import CONSTRAINTS, MAX_CELLS, exposure_policy
from ranker.errors import ConstraintError, DataError, UnknownCandidateError
from ranker.ranking.ranking import Ranking

few = settings(max_examples=20)


def ranked(relevance, members, job=None):
    """Rank by relevance; ties as they come by the rule."""
    job = ["a"] * len(relevance) if job is None else job
    return Ranking.from_scores(relevance, job=job), Groups.from_values(members, attribute="gender")


def worth(rank, top_k):
    return 1 / np.log2(1 + rank) if top_k is None or rank <= top_k else 0.0


def best_by_all_orderings(relevance, members, constraint, bound, top_k):
    """Highest expected DCG of a lottery over every ordering, and None where no lottery is fair."""
    n, labels = len(relevance), sorted(set(members))
    lists = list(permutations(range(n)))
    exposure = np.array([[worth(one.index(i) + 1, top_k) for one in lists] for i in range(n)])
    relevance = np.array(relevance)
    rows = []
    for label in labels:
        own = [i for i in range(n) if members[i] == label]
        claim = 1.0 if constraint == "demographic_parity" else relevance[own].mean()
        got = exposure[own]
        if constraint == "disparate_impact":
            got = got * relevance[own][:, None]
        rows.append(got.mean(axis=0) / claim)
    rows = np.array(rows)
    common = np.ones((len(labels), 1))
    found = linprog(
        np.append(-(relevance @ exposure), 0),
        A_ub=np.vstack([np.hstack([rows, -(1 + bound) * common]), np.hstack([-rows, (1 - bound) * common])]),
        b_ub=np.zeros(2 * len(labels)),
        A_eq=np.append(np.ones(len(lists)), 0)[None, :],
        b_eq=[1],
        method="highs-ds",
    )
    return None if found.status == 2 else -found.fun


def expected_dcg(policy):
    return float(policy.expected_exposure() @ policy.relevance)


def assert_is_a_lottery(policy):
    sizes = policy.ranking.sizes
    for size, matrix, lottery in zip(sizes, policy.matrices, policy.decomposition, strict=True):
        depth = matrix.shape[1]
        assert matrix.shape[0] == size
        assert (matrix >= 0).all()
        np.testing.assert_allclose(matrix.sum(axis=0), 1, atol=1e-9)
        if depth == size:
            np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-9)
        else:
            assert (matrix.sum(axis=1) <= 1 + 1e-9).all()
        assert lottery.weights.sum() == pytest.approx(1, abs=1e-12)
        assert (lottery.weights > 0).all()
        rebuilt = np.zeros_like(matrix)
        for weight, order in zip(lottery.weights, lottery.orders, strict=True):
            assert sorted(order) == list(range(size))
            rebuilt[order[:depth], np.arange(depth)] += weight
        np.testing.assert_allclose(rebuilt, matrix, atol=1e-9)


def group_values(policy):
    """What each constraint compares, over its claim: one row a job, NaN where a group is absent."""
    exposure, out = policy.expected_exposure(), []
    for start, stop in zip(policy.ranking.indptr[:-1], policy.ranking.indptr[1:], strict=True):
        row = []
        for code in range(len(policy.labels)):
            own = start + np.flatnonzero(policy.codes[start:stop] == code)
            if not len(own):
                row.append(np.nan)
                continue
            relevance = policy.relevance[own]
            got = exposure[own] * (relevance if policy.constraint == "disparate_impact" else 1)
            claim = 1 if policy.constraint == "demographic_parity" else relevance.mean()
            row.append(got.mean() / claim)
        out.append(row)
    return np.array(out)


small_pools = st.integers(2, 5).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(1, 8).map(lambda amount: amount / 4), min_size=n, max_size=n),
        st.lists(st.sampled_from(["f", "m", "x"]), min_size=n, max_size=n).filter(
            lambda one: len(set(one)) > 1
        ),
    )
)


@few
@pytest.mark.parametrize("constraint", CONSTRAINTS)
@given(pool=small_pools, bound=st.sampled_from([0.0, 0.1, 0.5]), top_k=st.sampled_from([None, 1, 2, 4]))
def test_no_lottery_over_all_orderings_is_better_or_fair_where_we_refuse(constraint, pool, bound, top_k):
    relevance, members = pool
    best = best_by_all_orderings(relevance, members, constraint, bound, top_k)
    ranking, groups = ranked(relevance, members)
    if best is None:
        with pytest.raises(ConstraintError, match=f"no lottery .* meets {constraint} by 'gender'"):
            exposure_policy(ranking, groups, relevance, constraint=constraint, bound=bound, top_k=top_k)
        return
    policy = exposure_policy(ranking, groups, relevance, constraint=constraint, bound=bound, top_k=top_k)
    assert policy.matrices[0].shape == (len(relevance), min(top_k or len(relevance), len(relevance)))
    assert expected_dcg(policy) == pytest.approx(best, rel=1e-6)
    assert_is_a_lottery(policy)
    values = group_values(policy)[0]
    values = values[~np.isnan(values)]
    middle = (values.min() / (1 - bound) + values.max() / (1 + bound)) / 2
    assert (values >= (1 - bound) * middle - 1e-6).all()
    assert (values <= (1 + bound) * middle + 1e-6).all()


big_lists = st.lists(
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["f", "m", "x", None])), min_size=1, max_size=12),
    min_size=1,
    max_size=3,
)


@few
@given(lists=big_lists, top_k=st.none() | st.integers(1, 15), seed=st.integers(0, 3))
def test_jobs_ties_and_the_undisclosed_make_lotteries_that_can_be_drawn(lists, top_k, seed):
    job = [j for j, one in enumerate(lists) for _ in one]
    relevance = [float(amount) for one in lists for amount, _ in one]
    members = [member for one in lists for _, member in one]
    ranking, groups = ranked(relevance, members, job)
    policy = exposure_policy(ranking, groups, relevance, constraint="demographic_parity", top_k=top_k)
    assert_is_a_lottery(policy)
    for row, sizes in zip(group_values(policy), ranking.sizes, strict=True):
        values = row[~np.isnan(row)]
        if len(values) > 1:
            np.testing.assert_allclose(values, values[0], atol=1e-7)
        assert sizes >= len(values)
    assert ((policy.kept_dcg() <= 1 + 1e-9) | np.isnan(policy.kept_dcg())).all()
    drawn = policy.sample(np.random.default_rng(seed))
    assert drawn.replay()
    assert sorted(drawn.row) == sorted(ranking.row)
    hidden = np.flatnonzero(policy.codes < 0)
    assert drawn.row[hidden].tolist() == ranking.row[hidden].tolist()
    assert all(move.rule == "exposure_policy (reads gender at decision time)" for move in drawn.moves)


def test_draws_come_as_often_as_their_chance_says():
    ranking, groups = ranked([4.0, 3.0, 2.0, 1.0], ["m", "m", "f", "f"])
    policy = exposure_policy(ranking, groups, [4.0, 3.0, 2.0, 1.0], constraint="demographic_parity")
    rng = np.random.default_rng(0)
    seen = np.zeros((4, 4))
    n_draws = 400
    for _ in range(n_draws):
        seen[policy.sample(rng).row, np.arange(4)] += 1
    # Five standard deviations of a share of 400 draws.
    np.testing.assert_allclose(seen / n_draws, policy.matrices[0], atol=5 * 0.5 / np.sqrt(n_draws))
    same = [policy.sample(np.random.default_rng(7)).row.tolist() for _ in range(2)]
    assert same[0] == same[1]


def test_hand_computed_policy_of_two():
    # Ranks are worth 1 and .6309: only an even lot gives both groups .8155.
    ranking, groups = ranked([3.0, 1.0], ["m", "f"])
    policy = exposure_policy(ranking, groups, [3.0, 1.0], constraint="demographic_parity")
    np.testing.assert_allclose(policy.matrices[0], 0.5, atol=1e-12)
    np.testing.assert_allclose(policy.expected_exposure(), (1 + 1 / np.log2(3)) / 2)
    assert policy.kept_dcg()[0] == pytest.approx(4 * (1 + 1 / np.log2(3)) / 2 / (3 + 1 / np.log2(3)))
    reasons = {move.reason for seed in range(10) for move in policy.sample(np.random.default_rng(seed)).moves}
    assert reasons == {
        "rank 1 goes to one of 'f' by lot: the list was drawn with chance 0.500 from a policy that gives groups "
        "by gender equal mean exposure in expectation (demographic_parity)"
    }


def test_exposure_cannot_differ_as_much_as_relevance_may():
    # Exposure of the two ranks stands at 1.58 : 1 at most.
    ranking, groups = ranked([3.0, 1.0], ["m", "f"])
    with pytest.raises(
        ConstraintError, match="meets disparate_treatment by 'gender' within bound=0: relevance diff"
    ):
        exposure_policy(ranking, groups, [3.0, 1.0], constraint="disparate_treatment")
    policy = exposure_policy(ranking, groups, [1.5, 1.0], constraint="disparate_treatment")
    first, second = policy.expected_exposure()
    assert first / second == pytest.approx(1.5)
    loose = exposure_policy(ranking, groups, [3.0, 1.0], constraint="disparate_treatment", bound=0.4)
    first, second = loose.expected_exposure()
    assert (first / 3.0) / (second / 1.0) >= 0.6 / 1.4 - 1e-9


def test_jobs_with_nobody_to_compare_stay_as_they_are():
    ranking, groups = ranked(
        [2.0, 1.0, 2.0, 1.0, 1.0], ["f", "f", "m", None, None], job=["a", "a", "b", "b", "c"]
    )
    policy = exposure_policy(ranking, groups, [0.0, 1.0, 0.0, 0.0, 0.0], constraint="disparate_treatment")
    assert policy.sample(np.random.default_rng(0)).moves == ()
    assert [matrix.tolist() for matrix in policy.matrices] == [np.eye(2).tolist()] * 2 + [[[1.0]]]
    assert np.isnan(policy.kept_dcg()).tolist() == [False, True, True]
    alone, nobody = ranked([1.0], [None])
    assert exposure_policy(alone, nobody, [1.0], constraint="disparate_impact").sample(
        np.random.default_rng(0)
    ).row.tolist() == [0]


def test_a_top_held_by_the_undisclosed_alone_stays_as_it_is():
    ranking, groups = ranked([3.0, 2.0, 1.0], [None, "m", "f"])
    policy = exposure_policy(ranking, groups, [3.0, 2.0, 1.0], constraint="demographic_parity", top_k=1)
    assert policy.matrices[0].tolist() == [[1.0], [0.0], [0.0]]
    assert policy.sample(np.random.default_rng(0)).moves == ()


def test_beyond_the_top_everyone_left_keeps_the_order():
    relevance = np.arange(12, 0, -1.0)
    ranking, groups = ranked(relevance, ["m"] * 6 + ["f"] * 6)
    policy = exposure_policy(ranking, groups, relevance, constraint="demographic_parity", top_k=3)
    for order in policy.decomposition[0].orders:
        assert (np.diff(order[3:]) > 0).all()


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"constraint": "demografic_parity"}, ConstraintError, "did you mean 'demographic_parity'"),
        ({"bound": 1.0}, ConstraintError, r"bound=1.0: give a fraction from 0"),
        ({"bound": float("nan")}, ConstraintError, "bound=nan"),
        ({"top_k": 0}, DataError, "whole number from 1"),
        ({"relevance": [1.0]}, UnknownCandidateError, "relevance: 1 given for the 2 rows"),
        ({"relevance": ["good", "bad"]}, DataError, "relevance must be numbers"),
        ({"relevance": [1.0, np.nan]}, DataError, "candidate '1' of job 'a' has the relevance nan"),
        ({"relevance": [1.0, -1.0], "constraint": "disparate_impact"}, DataError, "numbers from 0"),
        (
            {"relevance": [1.0, 0.0], "constraint": "disparate_treatment"},
            ConstraintError,
            "job 'a': disparate_treatment compares exposure with relevance, and nobody of 'f' has any",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(changed, error, message):
    ranking, groups = ranked([2.0, 1.0], ["m", "f"])
    asked = {"relevance": [2.0, 1.0], "constraint": "demographic_parity", **changed}
    with pytest.raises(error, match=message):
        exposure_policy(ranking, groups, asked.pop("relevance"), **asked)


def test_a_pool_too_large_to_solve_is_refused_with_what_would_do():
    n = int(MAX_CELLS**0.5) + 1
    relevance = np.arange(n, 0, -1.0)
    ranking, groups = ranked(relevance, ["m", "f"] * (n // 2) + ["m"] * (n % 2))
    with pytest.raises(
        DataError, match=f"at most 250,000 are solved for: give top_k={MAX_CELLS // n} or less"
    ):
        exposure_policy(ranking, groups, relevance, constraint="demographic_parity")


@few
@given(n=st.integers(1, 8), d=st.integers(1, 8), n_lists=st.integers(1, 6), seed=st.integers(0, 9))
def test_any_mixture_of_lists_is_taken_apart_again(n, d, n_lists, seed):
    d = min(n, d)
    rng = np.random.default_rng(seed)
    block = np.zeros((n, d))
    for weight in rng.dirichlet(np.ones(n_lists)):
        block[rng.permutation(n)[:d], np.arange(d)] += weight
    rows, columns, chances = filled(block)
    assert np.bincount(rows, chances, n) == pytest.approx(np.ones(n), abs=1e-12)
    assert np.bincount(columns, chances, n) == pytest.approx(np.ones(n), abs=1e-12)
    weights, places = birkhoff(rows, columns, chances, n)
    assert len(weights) <= len(chances)
    rebuilt = np.zeros((n, n))
    for weight, place in zip(weights, places, strict=True):
        assert sorted(place) == list(range(n))
        rebuilt[np.arange(n), place] += weight
    np.testing.assert_allclose(rebuilt[:, :d], block, atol=1e-9)
