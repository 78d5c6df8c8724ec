import math
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_ranking import average_precision_reference, ndcg_reference
from scipy.stats import kendalltau
from sklearn.metrics import average_precision_score, ndcg_score

from ranker.errors import DataError, UnknownCandidateError
from ranker.ranking.metrics import (
    average_precision,
    average_precision_per_job,
    bootstrap_mean,
    kendall_tau,
    kendall_tau_per_job,
    ndcg,
    ndcg_per_job,
    shift_gains,
)
from ranker.ranking.ranking import Move, Ranking

DATA = Path(os.environ.get("CANDOR_DATA", Path(__file__).parents[3] / "shared" / "data"))
TREC = DATA / "test_vectors" / "trec_eval"

METRICS = [ndcg, average_precision, kendall_tau]


@st.composite
def judged(draw):
    """Scores (tied now and then), job and relevance of some rows."""
    n = draw(st.integers(1, 30))
    column = lambda values: draw(st.lists(values, min_size=n, max_size=n))  # noqa: E731
    return (
        np.array(column(st.sampled_from([0.0, 1.0, 2.5, 7.0]))),
        column(st.sampled_from(["a", "b", "c"])),
        np.array(column(st.integers(0, 4)), dtype=float),
    )


def ranked(scores, job):
    return Ranking.from_scores(scores, job=job)


def lists_of(ranking, values):
    aligned = ranking.aligned(values).tolist()
    return [aligned[start:stop] for start, stop in zip(ranking.indptr[:-1], ranking.indptr[1:], strict=True)]


@given(rows=judged(), k=st.sampled_from([1, 3, 10, None]))
def test_ndcg_and_average_precision_agree_with_their_plain_twins(rows, k):
    scores, job, relevance = rows
    ranking = ranked(scores, job)
    lists = lists_of(ranking, relevance)
    np.testing.assert_allclose(
        ndcg_per_job(ranking, relevance, k=k), [ndcg_reference(one, k) for one in lists], rtol=1e-12
    )
    np.testing.assert_allclose(
        average_precision_per_job(ranking, relevance, k=k),
        [average_precision_reference([value > 0 for value in one], k) for one in lists],
        rtol=1e-12,
    )


@given(rows=judged(), k=st.sampled_from([1, 3, 10, None]), gain=st.sampled_from(["linear", "exponential"]))
def test_ndcg_lies_in_zero_to_one_and_is_one_for_the_order_of_relevance(rows, k, gain):
    scores, job, relevance = rows
    values = ndcg_per_job(ranked(scores, job), relevance, k=k, gain=gain)
    best = ndcg_per_job(ranked(relevance, job), relevance, k=k, gain=gain)
    known = ~np.isnan(values)
    assert ((values[known] >= 0) & (values[known] <= 1 + 1e-12)).all()
    np.testing.assert_allclose(best[known], 1.0, rtol=1e-12)
    assert np.array_equal(known, ~np.isnan(best))


@pytest.mark.parametrize("metric", METRICS)
@given(rows=judged(), shift=st.sampled_from([-3.0, 0.25, 50.0]))
def test_shifting_all_scores_changes_no_metric(metric, rows, shift):
    scores, job, relevance = rows
    before, after = (metric(ranked(s, job), relevance) for s in (scores, scores + shift))
    np.testing.assert_equal(after, before)


@pytest.mark.parametrize("metric", METRICS)
@given(rows=judged(), random=st.randoms(use_true_random=False))
def test_a_permutation_of_the_rows_changes_no_metric(metric, rows, random):
    scores, job, relevance = rows
    names = [f"c{i}" for i in range(len(job))]
    order = list(range(len(job)))
    random.shuffle(order)
    before = metric(Ranking.from_scores(scores, job=job, candidate=names), relevance)
    after = metric(
        Ranking.from_scores(scores[order], job=[job[i] for i in order], candidate=[names[i] for i in order]),
        relevance[order],
    )
    np.testing.assert_allclose(after, before, rtol=1e-12)


@pytest.mark.parametrize("k", [1, 5, 10, None])
def test_ndcg_agrees_with_scikit_learn_where_no_scores_are_tied(k):
    rng = np.random.default_rng(7)
    scores, relevance = rng.permutation(600).astype(float), rng.integers(0, 5, 600).astype(float)
    job = np.repeat(np.arange(12), 50)
    per_job = ndcg_per_job(ranked(scores, job), relevance, k=k)
    for j in range(12):
        mine = job == j
        assert per_job[j] == pytest.approx(ndcg_score([relevance[mine]], [scores[mine]], k=k), abs=1e-12)
        exponential = ndcg_score([2 ** relevance[mine] - 1], [scores[mine]], k=k)
        assert ndcg(
            ranked(scores[mine], job[mine]), relevance[mine], k=k, gain="exponential"
        ) == pytest.approx(exponential, abs=1e-12)
    assert ndcg(ranked(scores, job), relevance, k=k) == pytest.approx(per_job.mean(), abs=1e-15)


def test_average_precision_agrees_with_scikit_learn_where_no_scores_are_tied():
    rng = np.random.default_rng(8)
    scores, relevance = rng.permutation(60).astype(float), rng.integers(0, 2, 60)
    assert average_precision(ranked(scores, np.zeros(60)), relevance) == pytest.approx(
        average_precision_score(relevance, scores), abs=1e-12
    )


def test_kendall_tau_is_scipys_tau_b_of_scores_where_no_scores_are_tied():
    rng = np.random.default_rng(9)
    scores, relevance = rng.permutation(60).astype(float), rng.integers(0, 4, 60)
    expected = kendalltau(scores, relevance).statistic
    assert kendall_tau(ranked(scores, np.zeros(60)), relevance) == pytest.approx(expected, abs=1e-12)


def test_hand_computed_values():
    ranking = ranked([3.0, 2.0, 1.0], ["a"] * 3)
    # Gains 1, 0, 2 at ranks 1, 2, 3 against 2, 1, 0.
    ideal = 2 + 1 / math.log2(3)
    assert ndcg(ranking, [1, 0, 2]) == pytest.approx((1 + 2 / 2) / ideal)
    assert ndcg(ranking, [1, 0, 2], gain="exponential") == pytest.approx((1 + 3 / 2) / (3 + 1 / math.log2(3)))
    assert ndcg(ranking, [1, 0, 2], k=1) == 0.5
    assert average_precision(ranking, [1, 0, 2]) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(ranking, [1, 0, 2], k=2) == 0.5
    assert kendall_tau(ranking, [1, 0, 2]) == pytest.approx(-1 / 3)


def test_metrics_read_the_order_after_moves_not_the_scores():
    ranking = ranked([3.0, 2.0, 1.0], ["a"] * 3)
    moved = ranking.with_order([2, 0, 1], [Move("a", "2", 3, 1, rule="test", reason="best first")])
    assert ndcg(moved, [0, 0, 1]) == average_precision(moved, [0, 0, 1]) == 1.0
    assert kendall_tau(moved, [1, 0, 2]) == 1.0


def test_a_ranking_of_part_of_the_jobs_reads_the_relevance_of_all_rows():
    ranking = ranked([1.0, 2.0, 3.0, 4.0], ["b", "a", "b", "a"])
    assert ndcg(ranking.of("b"), [1, 0, 0, 5]) == pytest.approx(1 / math.log2(3))


def test_jobs_where_nobody_is_relevant_are_left_out_and_can_be_counted():
    ranking = ranked([2.0, 1.0, 2.0, 1.0], ["a", "a", "b", "b"])
    relevance = [0, 0, 0, 1]
    assert np.isnan(ndcg_per_job(ranking, relevance)).tolist() == [True, False]
    assert ndcg(ranking, relevance) == pytest.approx(1 / math.log2(3))
    assert average_precision(ranking, relevance) == 0.5
    assert np.isnan(kendall_tau_per_job(ranking, relevance)).tolist() == [True, False]
    assert kendall_tau(ranking, relevance) == -1.0


@pytest.mark.parametrize("metric", METRICS)
def test_a_metric_without_any_job_to_judge_is_nan(metric):
    assert math.isnan(metric(ranked([2.0, 1.0], ["a", "b"]), [0, 0]))


def test_one_relevant_candidate_alone_is_ranked_perfectly():
    ranking = ranked([0.3], ["a"])
    assert ndcg(ranking, [2]) == average_precision(ranking, [True]) == 1.0
    assert math.isnan(kendall_tau(ranking, [2]))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("relevance", "error", "message"),
    [
        ([1, np.nan, 0], DataError, r"relevance of row 1 is nan \(1 such in all\)"),
        ([1, np.inf, 0], DataError, "relevance of row 1 is inf"),
        ([1, 0], UnknownCandidateError, "relevance: 2 given for the 3 rows"),
        ([1, 0, 0, 0], DataError, "relevance: 4 given for the 3 rows"),
        (["good", "bad", "bad"], DataError, "relevance must be numbers"),
    ],
)
def test_relevance_that_cannot_be_read_is_refused(metric, relevance, error, message):
    with pytest.raises(error, match=message):
        metric(ranked([3.0, 2.0, 1.0], ["a"] * 3), relevance)


def test_ndcg_refuses_what_has_no_meaning():
    ranking = ranked([3.0, 2.0], ["a", "a"])
    with pytest.raises(DataError, match="shift_gains"):
        ndcg(ranking, [-0.5, 1.0])
    with pytest.raises(DataError, match="did you mean 'exponential'"):
        ndcg(ranking, [1, 0], gain="exponentiel")
    with pytest.raises(DataError, match="use gain='linear'"):
        ndcg(ranking, [2000, 0], gain="exponential")
    with pytest.raises(DataError, match="whole number from 1"):
        ndcg(ranking, [1, 0], k=0)
    with pytest.raises(DataError, match="whole number from 1"):
        average_precision(ranking, [1, 0], k=-2)


def test_shifted_gains_start_at_zero_in_every_job():
    shifted = shift_gains([-1.5, 0.5, 2.0, -3.0], ["a", "b", "a", 7])
    assert shifted.tolist() == [0.0, 0.0, 3.5, 0.0]
    with pytest.raises(DataError, match="2 relevances but 1 job labels"):
        shift_gains([1.0, 2.0], ["a"])
    with pytest.raises(DataError, match="relevance of row 0 is nan"):
        shift_gains([np.nan], ["a"])


def test_the_interval_of_a_mean_covers_it_as_often_as_it_says():
    rng = np.random.default_rng(3)
    covered = 0
    for trial in range(200):
        low, high = bootstrap_mean(
            rng.normal(0.5, 0.1, size=60), n_resamples=200, level=0.9, random_state=trial
        )
        covered += low <= 0.5 <= high
    # 180 expected; 200 trials of .9 fall below 164 once in a thousand times.
    assert 164 <= covered <= 196


def test_the_interval_of_a_mean_leaves_out_nan_and_is_reproducible():
    values = np.array([0.2, np.nan, 0.4, 0.9])
    assert (
        bootstrap_mean(values) == bootstrap_mean(values[[0, 2, 3]]) == bootstrap_mean(values, random_state=0)
    )
    assert bootstrap_mean(values) == bootstrap_mean(values, random_state=np.random.default_rng(0))
    wide, narrow = bootstrap_mean(values, level=0.99), bootstrap_mean(values, level=0.5)
    assert wide[0] < narrow[0] < 0.5 < narrow[1] < wide[1]


@pytest.mark.parametrize("values", [[], [0.5], [0.5, np.nan]])
def test_one_job_has_no_interval(values):
    assert np.isnan(bootstrap_mean(values)).all()


def test_an_interval_without_level_or_resamples_is_refused():
    for level in (0, 1, 95):
        with pytest.raises(DataError, match="share between 0 and 1"):
            bootstrap_mean([0.5, 0.6], level=level)
    with pytest.raises(DataError, match="draw at least 1"):
        bootstrap_mean([0.5, 0.6], n_resamples=0)


@pytest.fixture(scope="module")
def trec():
    """The run and judgements that trec_eval ships, ranked as it ranks them, and its figures."""
    if not TREC.is_dir():
        pytest.skip(f"no trec_eval vectors at {TREC}: set CANDOR_DATA to the folder of test data")
    grades = {(topic, document): float(grade) for topic, _, document, grade in trec_lines("qrels.test")}
    # trec_eval puts the later document name first where scores are equal.
    run = sorted(trec_lines("results.test"), key=lambda line: (float(line[4]), line[2]), reverse=True)
    rows = [(topic, document) for topic, _, document, *_ in run]
    scores = [-float(place) for place in range(len(rows))]
    # Judged documents that the run never found count in the ideal order, and come last.
    unfound = sorted(set(grades) - set(rows))
    rows, scores = rows + unfound, scores + [-np.inf] * len(unfound)
    ranking = Ranking.from_scores(scores, job=[row[0] for row in rows], candidate=[row[1] for row in rows])
    figures = {(measure, topic): value for measure, topic, value in trec_lines("out.test.aq")}
    return ranking, [grades.get(row, 0.0) for row in rows], figures


def trec_lines(name):
    return [line.split() for line in (TREC / name).read_text().splitlines()]


@pytest.mark.parametrize("k", [5, 10, 15, 20, 30, 100, 200, 500])
def test_ndcg_and_average_precision_agree_with_trec_eval(trec, k):
    ranking, relevance, figures = trec
    ndcgs = ndcg_per_job(ranking, relevance, k=k)
    precisions = average_precision_per_job(ranking, relevance, k=k)
    for j, topic in enumerate(ranking.jobs):
        assert ndcgs[j] == pytest.approx(float(figures[f"ndcg_cut_{k}", topic]), abs=5e-5)
        assert precisions[j] == pytest.approx(float(figures[f"map_cut_{k}", topic]), abs=5e-5)
