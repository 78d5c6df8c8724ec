"""How sure scores and ranks are: against plain twins, and the laws that hold whatever the bags say."""

import math
from dataclasses import replace
from hashlib import blake2b

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from benchmarks import rank_intervals
from ranker import AdditiveScorer, EBMRanker, Ranking
from ranker.errors import DataError, EmptyPoolError, ModelError, UnknownFieldError
from ranker.scoring import uncertainty
from ranker.scoring.additive import Axis, Term
from ranker.scoring.mixture import combine
from ranker.scoring.uncertainty import HELD_OUT, ORDER, bag_scores, rank_uncertainty, score_deviation
from tests.scoring.examples import hard_rows, rows, scorers, small_classifier, small_ebm, training_rows

INTERVAL = ["rank", "rank_low", "rank_high"]


def bag_scores_reference(scorer, X):
    """Each bag as a scorer of its own."""
    return np.array(
        [
            AdditiveScorer(
                scorer.axes, tuple(replace(t, scores=t.bagged[b]) for t in scorer.terms), float(intercept)
            ).score(X)
            for b, intercept in enumerate(scorer.bagged_intercept)
        ]
    )


def covariance_reference(scores_by_bag, weights, held_out, order):
    """Entry by entry, from the formula of the module."""
    weights = [w / sum(weights) for w in weights]
    kept, few = (1 - held_out) ** order, sum(w * w for w in weights)
    factor = (kept / (1 - kept) + few) / (1 - few)
    n = len(scores_by_bag[0])
    means = [sum(w * s[i] for w, s in zip(weights, scores_by_bag, strict=True)) for i in range(n)]
    return [
        [
            factor
            * sum(
                w * (s[i] - means[i]) * (s[j] - means[j]) for w, s in zip(weights, scores_by_bag, strict=True)
            )
            for j in range(n)
        ]
        for i in range(n)
    ]


def ranks_of_draw_reference(scores, job, candidates):
    """Rank one job's candidates by score, ties by the digest of job and candidate."""

    def lot(i):
        return blake2b(f"{job}\x1f{candidates[i]}".encode(), digest_size=8).digest()

    order = sorted(range(len(scores)), key=lambda i: (-scores[i], lot(i)))
    return [order.index(i) + 1 for i in range(len(scores))]


def rank_uncertainty_reference(scorer, X, job, candidates, *, top_k, level, n_draws, seed):
    """Intervals and chances, draw by draw in loops; jobs and candidates are texts."""
    scores, bags = scorer.score(X), bag_scores_reference(scorer, X)
    weights = scorer.bag_weights / scorer.bag_weights.sum()
    kept, few = (1 - HELD_OUT) ** ORDER, sum(weights**2)
    factor = (kept / (1 - kept) + few) / (1 - few)
    mean = sum(w * s for w, s in zip(weights, bags, strict=True))
    normals = np.random.default_rng(seed).standard_normal((n_draws, len(bags)))
    tail = math.floor(round(n_draws * (1 - level) / 2, 9))
    found = [None] * len(scores)
    for label in set(job):
        members = [i for i in range(len(scores)) if job[i] == label]
        names = [candidates[i] for i in members]
        drawn = []
        for z in normals:
            noise = [
                sum(z[b] * (bags[b][i] - mean[i]) * math.sqrt(factor * weights[b]) for b in range(len(bags)))
                for i in members
            ]
            moved = [scores[i] + e for i, e in zip(members, noise, strict=True)]
            drawn.append(ranks_of_draw_reference(moved, label, names))
        own = ranks_of_draw_reference([scores[i] for i in members], label, names)
        for place, i in enumerate(members):
            ranks = sorted(ranks[place] for ranks in drawn)
            found[i] = (
                own[place],
                min(own[place], ranks[tail]),
                max(own[place], ranks[n_draws - 1 - tail]),
                sum(rank <= top_k for rank in ranks) / n_draws,
            )
    return found


def line(bagged, weights=None):
    """Score candidates 0, 1, 2, ... by a number of their own in each bag."""
    bagged = np.asarray(bagged, float)
    weights = np.ones(len(bagged)) if weights is None else np.asarray(weights, float)
    table = np.zeros((len(bagged), bagged.shape[1] + 2))
    table[:, 1:-1] = bagged
    cuts = np.arange(bagged.shape[1] - 1) + 0.5
    term = Term((0,), np.average(table, axis=0, weights=weights), None, None, table)
    axis = Axis("who", "continuous", (cuts,))
    return AdditiveScorer((axis,), (term,), 0.0, np.zeros(len(bagged)), weights)


@st.composite
def pools(draw):
    """Give a scorer, rows of one to three jobs with copies among them, and labels."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    kinds = draw(st.integers(1, 8))
    n_bags = draw(st.integers(2, 5))
    # Whole numbers now and then: scores that tie without being the same person's.
    bagged = rng.normal(size=(n_bags, kinds)) if draw(st.booleans()) else rng.integers(0, 3, (n_bags, kinds))
    scorer = line(bagged, draw(st.sampled_from([None, rng.random(n_bags) + 0.1])))
    who = draw(st.lists(st.integers(0, kinds - 1), min_size=1, max_size=14))
    job = draw(st.lists(st.sampled_from("abc"), min_size=len(who), max_size=len(who)))
    X = pd.DataFrame({"who": np.array(who, float)})
    return scorer, X, np.array(job, object), np.array([f"p{i}" for i in range(len(who))], object)


@settings(deadline=None)
@given(scorers(), rows())
def test_the_mean_over_bags_is_the_score(scorer, X):
    assert_allclose(bag_scores(scorer, X).mean(axis=0), scorer.score(X), rtol=0, atol=1e-9)


@pytest.mark.parametrize("ebm", [small_ebm, small_classifier])
def test_the_weighted_mean_over_an_ebms_bags_is_its_score(ebm):
    scorer = AdditiveScorer.from_ebm(ebm())
    X = hard_rows(scorer)
    mean = np.average(bag_scores(scorer, X), axis=0, weights=scorer.bag_weights)
    assert_allclose(mean, scorer.score(X), rtol=0, atol=1e-9)


def test_a_bag_scores_as_a_scorer_of_its_tables_would():
    scorer = AdditiveScorer.from_ebm(small_ebm())
    X = hard_rows(scorer)
    assert_array_equal(bag_scores(scorer, X), bag_scores_reference(scorer, X))


@pytest.mark.parametrize("chunk", [1, 7, 100])
def test_chunks_change_nothing(monkeypatch, chunk):
    scorer = AdditiveScorer.from_ebm(small_ebm())
    X = training_rows(60)[0]
    job = np.repeat(["a", "b"], 30)
    bags, whole = bag_scores(scorer, X), rank_uncertainty(scorer, X, job=job, top_k=3, n_draws=50)
    monkeypatch.setattr(uncertainty, "CHUNK", chunk)
    assert_array_equal(bag_scores(scorer, pa.Table.from_pandas(X)), bags)
    pd.testing.assert_frame_equal(rank_uncertainty(scorer, X, job=job, top_k=3, n_draws=50), whole)


def test_at_order_one_a_mean_has_its_textbook_standard_error():
    """Of 40 numbers, all 780 bags that leave two out: the delete-2 jackknife is s / sqrt(n), exactly."""
    values = np.random.default_rng(0).normal(size=40)
    bags = [[(values.sum() - values[i] - values[j]) / 38, 0.0] for i in range(40) for j in range(i + 1, 40)]
    found = score_deviation(line(bags), pd.DataFrame({"who": [0.0, 1.0]}), held_out=2 / 40, order=1)
    # Of 780 bags the formula sees a sample, as it must: hence the two corrections by 1 / n_bags.
    by_hand = values.std(ddof=1) / math.sqrt(40) * math.sqrt((1 + 1 / 19 / 780) / (1 - 1 / 780))
    assert found == pytest.approx([by_hand, 0.0], rel=1e-12)


@settings(deadline=None)
@given(pools(), st.floats(0.05, 0.9), st.floats(1, 5))
def test_deviations_agree_with_the_plain_formula(pool, held_out, order):
    scorer, X, _, _ = pool
    expected = covariance_reference(bag_scores_reference(scorer, X), scorer.bag_weights, held_out, order)
    found = score_deviation(scorer, X, held_out=held_out, order=order)
    assert_allclose(found**2, np.diag(expected), rtol=1e-9, atol=1e-12)


def test_draws_have_the_covariance_of_the_formula():
    scorer = line(np.random.default_rng(3).normal(size=(6, 4)), [1, 2, 3, 1, 1, 2])
    X = pd.DataFrame({"who": np.arange(4.0)})
    root = uncertainty._root(scorer, X, 0.2, 2.0)
    expected = covariance_reference(bag_scores_reference(scorer, X), scorer.bag_weights, 0.2, 2.0)
    assert_allclose(root.T @ root, expected, rtol=1e-9)


def test_a_bag_that_weighs_twice_counts_as_two():
    """In the mean and in the spread; the correction for few bags is by weight, too."""
    X = pd.DataFrame({"who": [0.0, 1.0]})
    once = line([[0.0, 1.0], [0.0, 1.0], [3.0, 5.0]])
    twice = line([[0.0, 1.0], [3.0, 5.0]], [2, 1])
    assert_allclose(once.score(X), twice.score(X), atol=1e-12)
    kept = 0.85**ORDER / (1 - 0.85**ORDER)
    spread = np.array([2.0, 32 / 9])
    assert_allclose(score_deviation(once, X) ** 2, spread * (kept + 1 / 3) / (1 - 1 / 3), atol=1e-12)
    assert_allclose(score_deviation(twice, X) ** 2, spread * (kept + 5 / 9) / (1 - 5 / 9), atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(pools(), st.integers(1, 6), st.sampled_from([0.5, 0.9]), st.integers(1, 41), st.integers(0, 3))
def test_intervals_agree_with_the_plain_twin(pool, top_k, level, n_draws, seed):
    scorer, X, job, candidate = pool
    found = rank_uncertainty(
        scorer, X, job=job, candidate=candidate, top_k=top_k, level=level, n_draws=n_draws, random_state=seed
    )
    expected = rank_uncertainty_reference(
        scorer, X, job, candidate, top_k=top_k, level=level, n_draws=n_draws, seed=seed
    )
    assert list(found[[*INTERVAL, "p_top_k"]].itertuples(index=False, name=None)) == expected


@settings(deadline=None)
@given(pools(), st.integers(1, 20))
def test_a_rank_lies_in_its_interval_and_the_chances_fill_the_list(pool, top_k):
    scorer, X, job, candidate = pool
    found = rank_uncertainty(scorer, X, job=job, candidate=candidate, top_k=top_k, n_draws=40)
    size = found.groupby("job")["job"].transform("size")
    assert (found["rank_low"] >= 1).all()
    assert (found["rank_low"] <= found["rank"]).all()
    assert (found["rank"] <= found["rank_high"]).all()
    assert (found["rank_high"] <= size).all()
    for _, members in found.groupby("job"):
        assert members["p_top_k"].sum() == pytest.approx(min(top_k, len(members)), abs=1e-12)
    ranking = Ranking.from_scores(scorer.score(X), job=job, candidate=candidate)
    assert_array_equal(found["rank"].to_numpy()[ranking.row], ranking.ranks)


@settings(deadline=None)
@given(pools(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_other_jobs_change_nothing(pool, random):
    scorer, X, job, candidate = pool

    def asked(at):
        at = np.asarray(at)
        return rank_uncertainty(
            scorer, X.iloc[at], job=job[at], candidate=candidate[at], top_k=2, n_draws=30
        ).set_index("candidate")

    whole = asked(range(len(X)))
    order = random.sample(range(len(X)), len(X))
    pd.testing.assert_frame_equal(asked(order).loc[candidate], whole)
    alone = asked(np.flatnonzero(job == job[0]))
    pd.testing.assert_frame_equal(alone, whole[whole["job"] == job[0]])


@pytest.mark.parametrize("n", [2, 3, 9, 17, 33])
def test_copies_of_a_person_are_as_far_apart_in_every_draw_as_their_lots(n):
    scorer = AdditiveScorer.from_ebm(small_ebm())
    X = pd.concat([training_rows(5)[0].iloc[[3]]] * n + [training_rows(40)[0]], ignore_index=True)
    found = rank_uncertainty(scorer, X, job=["j"] * len(X), top_k=20)[:n].sort_values("rank")
    assert (found[INTERVAL].diff().iloc[1:] == 1).all(axis=None)
    assert (found["p_top_k"].diff().iloc[1:] <= 0).all()
    assert found["score_deviation"].nunique() == 1


def test_ties_are_broken_by_what_the_lots_are_drawn_from():
    scorer, X = line([[1.0, 2.0], [2.0, 1.0]]), pd.DataFrame({"who": [0.0] * 6})
    lot = [f"record {i}" for i in range(6)]
    ranking = Ranking.from_scores(np.zeros(6), job=["j"] * 6, candidate=list("uvwxyz"), lot=lot)
    found = rank_uncertainty(scorer, X, job=["j"] * 6, candidate=list("uvwxyz"), lot=lot)
    for name in INTERVAL:
        assert_array_equal(found[name].to_numpy()[ranking.row], np.arange(1, 7))


def test_bags_that_agree_leave_no_doubt():
    found = rank_uncertainty(
        line([[1.0, 3.0, 2.0]] * 4), pd.DataFrame({"who": [0.0, 1.0, 2.0]}), job=["j"] * 3, top_k=1
    )
    assert found[INTERVAL].to_numpy().tolist() == [[3, 3, 3], [1, 1, 1], [2, 2, 2]]
    assert found["p_top_k"].tolist() == [0, 1, 0]
    assert found["score_deviation"].tolist() == [0, 0, 0]


def test_what_moves_a_whole_job_moves_no_rank():
    """All scores go up and down together: uncertain scores, certain ranks."""
    bags = np.array([1.0, 3.0, 2.0]) + np.random.default_rng(0).normal(0, 10, (8, 1))
    found = rank_uncertainty(line(bags), pd.DataFrame({"who": [0.0, 1.0, 2.0]}), job=["j"] * 3)
    assert (found["score_deviation"] > 5).all()
    assert_array_equal(found["rank_low"], found["rank_high"])


def test_a_pool_of_one_is_sure_of_its_rank():
    found = rank_uncertainty(line([[1.0], [5.0]]), pd.DataFrame({"who": [0.0]}), job=["j"], top_k=3)
    assert found[[*INTERVAL, "p_top_k"]].iloc[0].tolist() == [1, 1, 1, 1]


def test_two_who_cannot_be_told_apart_have_even_chances():
    """Equal means, opposite bags: whoever leads, each is first in about half of the draws."""
    found = rank_uncertainty(
        line([[1.0, -1.0], [-1.0, 1.0]]), pd.DataFrame({"who": [0.0, 1.0]}), job=["j"] * 2, top_k=1
    )
    assert found["p_top_k"].tolist() == pytest.approx([0.5, 0.5], abs=4 * 0.5 / math.sqrt(500))
    assert found[["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 2], [1, 2]]


def test_the_seed_decides_the_draws():
    scorer = AdditiveScorer.from_ebm(small_ebm())
    X = training_rows(40)[0]
    one, same, other = (
        rank_uncertainty(scorer, X, job=["j"] * 40, top_k=9, random_state=seed) for seed in (0, 0, 1)
    )
    pd.testing.assert_frame_equal(one, same)
    assert not one["p_top_k"].equals(other["p_top_k"])


def test_the_share_held_out_is_that_of_the_ranker():
    assert EBMRanker().validation_size == HELD_OUT


def test_more_data_held_out_or_a_higher_order_makes_bags_say_less_of_what_training_sets_do():
    scorer, X = line([[0.0, 1.0], [1.0, 5.0]]), pd.DataFrame({"who": [0.0, 1.0]})
    base = score_deviation(scorer, X)
    assert (score_deviation(scorer, X, held_out=0.3) < base).all()
    assert (score_deviation(scorer, X, order=1) > base).all()


def test_one_bag_has_no_spread():
    alone, X = line([[1.0, 2.0]]), pd.DataFrame({"who": [0.0, 1.0]})
    assert bag_scores(alone, X).shape == (1, 2)
    for scorer in (alone, line([[1.0, 2.0], [3.0, 4.0]], [1, 0])):
        with pytest.raises(ModelError, match="train with outer_bags of 2 or more"):
            score_deviation(scorer, X)
        with pytest.raises(ModelError, match="one bag has no spread"):
            rank_uncertainty(scorer, X, job=["j", "j"])


def test_a_mixture_whose_bins_were_split_says_that_its_bags_are_gone():
    mixture = combine([0.5, 0.5], [line(np.eye(3)), line(np.eye(2))])
    X = pd.DataFrame({"who": [0.0, 1.0]})
    for ask in (bag_scores, score_deviation):
        with pytest.raises(ModelError, match=r"keeps no bags.*train its members on one design"):
            ask(mixture, X)
    with pytest.raises(ModelError, match="keeps no bags"):
        rank_uncertainty(mixture, X, job=["j", "j"])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"level": 1.0}, "level is 1.0"),
        ({"level": math.nan}, "level is nan"),
        ({"held_out": 0.0}, "held_out is 0.0"),
        ({"held_out": 15}, "held_out is 15"),
        ({"order": 0.5}, "order is 0.5"),
        ({"order": math.inf}, "order is inf"),
        ({"n_draws": 0}, "n_draws is 0"),
        ({"top_k": 0}, "the top of a list cannot be 0 long"),
        ({"job": ["j"]}, "2 scores but 1 job labels"),
        ({"candidate": ["x", "x"]}, "occurs 2 times in job"),
    ],
)
def test_a_question_that_means_nothing_is_refused(wrong, message):
    given_ = {"job": ["j", "j"], **wrong}
    with pytest.raises(DataError, match=message):
        rank_uncertainty(line([[1.0, 2.0], [2.0, 3.0]]), pd.DataFrame({"who": [0.0, 1.0]}), **given_)


def test_rows_that_are_missing_or_misnamed_are_refused():
    scorer = line([[1.0, 2.0], [2.0, 3.0]])
    with pytest.raises(EmptyPoolError):
        rank_uncertainty(scorer, pd.DataFrame({"who": np.empty(0)}), job=[])
    with pytest.raises(UnknownFieldError, match="who"):
        bag_scores(scorer, pd.DataFrame({"whom": [0.0]}))


def test_the_study_of_coverage_counts_every_candidate_of_every_fit():
    (setting,) = rank_intervals.QUICK
    row = rank_intervals.study(setting)
    n = setting.fits * setting.test_jobs * setting.pool
    for found in row["orders"]:
        for reference in ("average_model", "truth"):
            bins = found[reference]["top_k"]
            assert sum(b["candidates"] for b in bins) == n
            for b, share in [(b, b[name]) for b in bins for name in ("said", "were")]:
                assert 0 <= share <= 1, b
            said = sum(b["candidates"] * b["said"] for b in bins)
            were = sum(b["candidates"] * b["were"] for b in bins)
            assert said == pytest.approx(setting.fits * setting.test_jobs * rank_intervals.TOP_K)
            assert were == pytest.approx(said)
    jackknife, shipped = row["orders"]
    assert jackknife["rank_interval_width"] > shipped["rank_interval_width"]
    assert rank_intervals.lines(row)


def test_a_row_alone_deviates_as_it_does_among_others():
    rng = np.random.default_rng(0)
    axis = Axis("a", "continuous", (np.arange(40.0),))
    bagged = rng.normal(size=(14, 43))
    scorer = AdditiveScorer((axis,), (Term((0,), bagged.mean(axis=0), bagged=bagged),), 0.0, np.zeros(14))
    X = pd.DataFrame({"a": np.arange(40.0)})
    alone = [score_deviation(scorer, X.iloc[[row]])[0] for row in range(40)]
    assert_array_equal(score_deviation(scorer, X), alone)
