import math

import numpy as np
import pytest
from exposure_case import case_of, cases
from hypothesis import given
from hypothesis import strategies as st
from reference_exposure import attention_reference, groups_of, mean, sums_reference, target_reference

from fairness.groups import Groups
from fairness.metrics.bootstrap import bootstrap_over_jobs
from fairness.metrics.expected_exposure import (
    expected_exposure,
    expected_exposure_disparity,
    expected_exposure_disparity_per_job,
    expected_exposure_loss,
    expected_exposure_loss_per_job,
    expected_exposure_relevance,
    expected_exposure_relevance_per_job,
    target_exposure,
)
from ranker.errors import DataError, UnknownCandidateError
from ranker.ranking.metrics.intervals import bootstrap_mean
from ranker.ranking.ranking import Ranking

READERS = [
    {},
    {"top_k": 2},
    {"browsing": "trec"},
    {"browsing": "rbp", "patience": 0.5},
    {"browsing": "gerr", "patience": 0.8, "stopping": 0.5},
    {"browsing": "gerr", "patience": 1.0, "stopping": {0: 0.0, 1: 0.25, 3: 1.0}},
    {"browsing": "gerr", "patience": 0.8, "stopping": {0: 0.1, 1: 0.25, 3: 0.9}, "top_k": 3},
]

PER_JOB = {
    expected_exposure_loss: expected_exposure_loss_per_job,
    expected_exposure_disparity: expected_exposure_disparity_per_job,
    expected_exposure_relevance: expected_exposure_relevance_per_job,
}

small_cases = cases(max_size=6)


def exposures_of(case, reader):
    """Exposure and target of each candidate, job by job, from the plain twins."""
    merits = [[merit for _, merit in job] for job in case.jobs()]
    return [attention_reference(one, **reader) for one in merits], [
        target_reference(one, **reader) for one in merits
    ]


def sums_of(given, wanted):
    pairs = list(zip(given, wanted, strict=True))
    return (
        sum((one - other) ** 2 for one, other in pairs),
        sum(one**2 for one in given),
        sum(one * other for one, other in pairs),
    )


def assert_all_three(case, expected, options):
    for (metric, per_job), values in zip(PER_JOB.items(), zip(*expected, strict=True), strict=True):
        found = per_job(case.ranking, case.relevance, **options)
        np.testing.assert_allclose(found, values, rtol=1e-9, atol=1e-12)
        overall = metric(case.ranking, case.relevance, **options)
        np.testing.assert_allclose(overall, mean(values), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("reader", READERS)
@given(case=small_cases)
def test_targets_are_the_mean_over_all_orders_of_equals(reader, case):
    given, wanted = exposures_of(case, reader)
    found = target_exposure(case.ranking, case.relevance, **reader)
    np.testing.assert_allclose(found, np.concatenate(wanted), rtol=1e-9, atol=1e-15)
    found = expected_exposure(case.ranking, case.relevance, **reader)
    np.testing.assert_allclose(found, np.concatenate(given), rtol=1e-9, atol=1e-15)


@given(n_of_grade=st.lists(st.integers(1, 6), min_size=1, max_size=4), patience=st.floats(0.05, 0.95))
def test_rank_biased_targets_are_the_closed_form_of_the_paper(n_of_grade, patience):
    """Grade by grade (p^b - p^(b + m)) / (m (1 - p)), b above, m equals."""
    relevance = [grade for grade, m in enumerate(n_of_grade) for _ in range(m)]
    ranking = Ranking.from_scores(np.arange(float(len(relevance))), job=["a"] * len(relevance))
    found = dict(
        zip(
            ranking.aligned(relevance).tolist(),
            target_exposure(ranking, relevance, browsing="rbp", patience=patience),
            strict=True,
        )
    )
    above = 0
    for grade, m in reversed(list(enumerate(n_of_grade))):
        closed = (patience**above - patience ** (above + m)) / (m * (1 - patience))
        assert found[grade] == pytest.approx(closed, rel=1e-9)
        above += m


@given(m=st.integers(1, 6), rest=st.integers(1, 6), patience=st.floats(0.05, 0.95), stop=st.floats(0.05, 1.0))
def test_targets_of_a_reader_who_stops_are_the_closed_form_of_the_paper(m, rest, patience, stop):
    """Of m relevant ones a geometric series in p (1 - s); of the rest one in p, after (1 - s)^m."""
    relevance = [1] * m + [0] * rest
    ranking = Ranking.from_scores(np.arange(float(m + rest)), job=["a"] * (m + rest))
    options = {"browsing": "gerr", "patience": patience, "stopping": stop}
    found = target_exposure(ranking, relevance, **options)[np.argsort(ranking.row)]
    both = patience * (1 - stop)
    np.testing.assert_allclose(found[:m], (1 - both**m) / (m * (1 - both)), rtol=1e-9)
    tail = (1 - stop) ** m * (patience**m - patience ** (m + rest)) / (rest * (1 - patience))
    np.testing.assert_allclose(found[m:], tail, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("reader", READERS)
@given(case=small_cases)
def test_expected_exposure_of_individuals_agrees_with_its_plain_twin(reader, case):
    given, wanted = exposures_of(case, reader)
    expected = [sums_of(one, other) for one, other in zip(given, wanted, strict=True)]
    assert_all_three(case, expected, reader)


@pytest.mark.parametrize("reader", READERS)
@given(case=small_cases)
def test_expected_exposure_of_groups_agrees_with_its_plain_twin(reader, case):
    expected = []
    for job, *exposures in zip(case.jobs(), *exposures_of(case, reader), strict=True):
        sums = [list(sums_reference(job, values).values()) for values in exposures]
        expected.append(sums_of(*sums) if len(groups_of(job)) >= 2 else (math.nan,) * 3)
    assert_all_three(case, expected, {"groups": case.groups, **reader})


TARGET = {"f": 2, "m": 1, "nobody": 1, "žena": 0}


@pytest.mark.parametrize("target", ["pool", TARGET], ids=["pool", "given"])
@given(case=small_cases)
def test_expected_exposure_of_groups_with_a_target_is_the_formula_of_the_trec_track(target, case):
    """Exposure summed per group, discount 1 / log2(max(rank, 2)), against shares of all that was given out."""
    expected = []
    for job in case.jobs():
        sums = sums_reference(job, attention_reference([0] * len(job), "trec"))
        labels = case.groups.labels
        counts = {label: [one for one, _ in job].count(label) for label in labels}
        shares = counts if target == "pool" else target
        if not groups_of(job) or sum(share > 0 for share in shares.values()) < 2:
            expected.append((math.nan,) * 3)
            continue
        wanted = [shares[label] / sum(shares.values()) * sum(sums.values()) for label in labels]
        expected.append(sums_of([sums.get(label, 0.0) for label in labels], wanted))
    assert_all_three(case, expected, {"groups": case.groups, "target": target, "browsing": "trec"})


@pytest.mark.parametrize("by_groups", [False, True])
@pytest.mark.parametrize("reader", READERS)
@given(case=cases())
def test_the_loss_is_disparity_less_twice_relevance_and_what_no_order_changes(by_groups, reader, case):
    options = {"groups": case.groups, **reader} if by_groups else reader
    loss, disparity, relevance = (
        per_job(case.ranking, case.relevance, **options) for per_job in PER_JOB.values()
    )
    # The target's own loss is 0, so its disparity is the sum of its squares: no order changes it.
    wanted = np.zeros(case.ranking.n_rows)
    wanted[case.ranking.row] = target_exposure(case.ranking, case.relevance, **reader)
    squared_target = expected_exposure_disparity_per_job(
        case.ranking, case.relevance, policy=wanted, **options
    )
    np.testing.assert_allclose(loss, disparity - 2 * relevance + squared_target, rtol=1e-9, atol=1e-12)
    at_target = expected_exposure_loss_per_job(case.ranking, case.relevance, policy=wanted, **options)
    np.testing.assert_allclose(at_target, np.where(np.isnan(loss), np.nan, 0.0), atol=1e-24)
    assert not (loss < 0).any()


def test_hand_computed_expected_exposure():
    # Relevance 0, 1, 1 by rank; RBP with patience 1/2 gives 1, 1/2, 1/4; equals share (1 + 1/2) / 2.
    case = case_of(["m", "f", "m"], relevance=[[0, 1, 1]])
    options = {"browsing": "rbp", "patience": 0.5}
    given_to = (case.ranking, case.relevance)
    assert target_exposure(*given_to, **options).tolist() == [0.25, 0.75, 0.75]
    assert expected_exposure_disparity(*given_to, **options) == 1 + 1 / 4 + 1 / 16
    assert expected_exposure_relevance(*given_to, **options) == 0.25 + 0.375 + 0.1875
    assert expected_exposure_loss(*given_to, **options) == 0.75**2 + 0.25**2 + 0.5**2
    # Groups: f has 1/2 and should have 3/4, m has 5/4 and should have 1.
    by_groups = {"groups": case.groups, **options}
    assert expected_exposure_loss(*given_to, **by_groups) == 0.25**2 + 0.25**2
    assert expected_exposure_disparity(*given_to, **by_groups) == 0.25 + 25 / 16
    assert expected_exposure_relevance(*given_to, **by_groups) == 0.375 + 1.25


def test_a_reader_who_stops_at_the_relevant_leaves_less_for_those_below():
    # Patience 1/2, stopping 1/2 at relevance above 0: 1, then 1/2 * 1/2, then 1/4 * 1/2.
    case = case_of(["m", "f", "m"], relevance=[[1, 0, 1]])
    options = {"browsing": "gerr", "patience": 0.5, "stopping": 0.5}
    assert expected_exposure(case.ranking, case.relevance, **options).tolist() == [1.0, 0.25, 0.125]
    # The target puts both relevant ones first: (1 + 1/4) / 2 each, and 1/4 * 1/4 for the other.
    assert target_exposure(case.ranking, case.relevance, **options).tolist() == [0.625, 1 / 16, 0.625]
    sure = target_exposure(case.ranking, case.relevance, browsing="gerr", patience=1.0, stopping=1.0)
    assert sure.tolist() == [0.5, 0.0, 0.5]


@given(case=small_cases, n_samples=st.integers(1, 4), seed=st.integers(0, 99))
def test_a_lottery_is_the_mean_of_its_orders(case, n_samples, seed):
    ranking = case.ranking
    rng = np.random.default_rng(seed)
    job, names = np.empty(len(ranking), dtype=object), np.empty(len(ranking), dtype=object)
    job[ranking.row], names[ranking.row] = ranking.jobs[ranking.job_of], ranking.candidates
    samples = [
        Ranking.from_scores(rng.permutation(len(ranking)).astype(float), job=job, candidate=names)
        for _ in range(n_samples)
    ]
    reader = {"browsing": "gerr", "patience": 0.8, "stopping": 0.5}
    exposure_of = np.zeros(len(ranking))
    for one in samples:
        merits = one.aligned(case.relevance)
        for start, stop in zip(one.indptr[:-1], one.indptr[1:], strict=True):
            worth = attention_reference(merits[start:stop].tolist(), **reader)
            exposure_of[one.row[start:stop]] += np.array(worth) / n_samples
    np.testing.assert_allclose(
        expected_exposure(ranking, case.relevance, policy=samples, **reader),
        exposure_of[ranking.row],
        rtol=1e-12,
    )
    for metric in PER_JOB:
        np.testing.assert_allclose(
            metric(ranking, case.relevance, policy=samples, **reader),
            metric(ranking, case.relevance, policy=exposure_of, **reader),
            rtol=1e-12,
            atol=1e-15,
        )


def test_a_fair_lottery_among_equals_loses_nothing_where_any_single_order_does():
    one = Ranking.from_scores([3.0, 2.0, 1.0], job=["a"] * 3, candidate=["x", "y", "z"])
    other = Ranking.from_scores([2.0, 3.0, 1.0], job=["a"] * 3, candidate=["x", "y", "z"])
    relevance = [1, 1, 0]
    assert expected_exposure_loss(one, relevance) > 0.05
    assert expected_exposure_loss(other, relevance) == pytest.approx(expected_exposure_loss(one, relevance))
    assert expected_exposure_loss(one, relevance, policy=[one, other]) == pytest.approx(0.0, abs=1e-30)
    assert expected_exposure_disparity(one, policy=[one, other]) < expected_exposure_disparity(one)


@given(case=cases(), random=st.randoms(use_true_random=False))
def test_a_permutation_of_the_input_rows_changes_nothing(case, random):
    order = list(range(len(case.ranking)))
    random.shuffle(order)
    ranking, row = case.ranking, case.ranking.row
    scores, job, names = (
        np.empty(row.size),
        np.empty(row.size, dtype=object),
        np.empty(row.size, dtype=object),
    )
    scores[row], job[row], names[row] = ranking.scores, ranking.jobs[ranking.job_of], ranking.candidates
    again = Ranking.from_scores(scores[order], job=job[order], candidate=names[order])
    for metric in PER_JOB:
        for by_groups in (False, True):
            before = metric(ranking, case.relevance, groups=case.groups if by_groups else None)
            groups = case.groups.take(order) if by_groups else None
            after = metric(again, case.relevance[order], groups=groups)
            np.testing.assert_allclose(after, before, rtol=1e-12, atol=1e-15)


def test_a_single_job_and_many_jobs_have_intervals():
    rng = np.random.default_rng(3)
    single = case_of(rng.choice(["f", "m"], 30).tolist(), relevance=[rng.integers(0, 3, 30).tolist()])
    lists = [rng.permutation(["f", "m", "f", "m"]).tolist() for _ in range(25)]
    many = case_of(*lists, relevance=[rng.integers(0, 3, 4).tolist() for _ in lists])
    for metric, per_job in PER_JOB.items():
        statistic = lambda r, g, metric=metric: metric(r, single.relevance, groups=g)  # noqa: E731
        interval = bootstrap_over_jobs(single.ranking, single.groups, statistic, n_resamples=60)
        assert interval.unit == "candidates"
        assert 0 <= interval.low < interval.high
        statistic = lambda r, g, metric=metric: metric(r, many.relevance)  # noqa: E731
        by_jobs = bootstrap_over_jobs(many.ranking, many.groups, statistic, n_resamples=100)
        value = metric(many.ranking, many.relevance)
        low, high = bootstrap_mean(per_job(many.ranking, many.relevance), n_resamples=100)
        if metric is expected_exposure_disparity:
            # Lists of one length have one disparity: the interval is a point.
            assert low == pytest.approx(value) == pytest.approx(high)
        else:
            assert by_jobs.unit == "jobs"
            assert by_jobs.low < value < by_jobs.high
            assert low < value < high


def test_one_candidate_has_what_he_or_she_should_have():
    ranking = Ranking.from_scores([1.0], job=["a"])
    assert expected_exposure_loss(ranking, [5]) == 0.0
    assert expected_exposure_loss(ranking, [-2.5]) == 0.0
    groups = Groups.from_values(["f"], attribute="gender")
    assert math.isnan(expected_exposure_loss(ranking, [5], groups=groups))
    assert math.isnan(expected_exposure_disparity(ranking, groups=groups))
    nobody = Groups.from_values([None], attribute="gender")
    assert math.isnan(expected_exposure_loss(ranking, groups=nobody, target="pool"))


def test_what_means_nothing_is_refused():
    case = case_of(["m", "f"], relevance=[[1, 2]])
    ranking = case.ranking
    with pytest.raises(DataError, match="no relevance says who should be exposed"):
        expected_exposure_loss(ranking)
    with pytest.raises(DataError, match="give groups, or leave it out"):
        expected_exposure_loss(ranking, target="pool")
    with pytest.raises(DataError, match="needs stopping"):
        expected_exposure_loss(ranking, [1, 2], browsing="gerr", patience=0.5)
    with pytest.raises(DataError, match="stops at nobody"):
        expected_exposure_loss(ranking, [1, 2], stopping=0.5)
    with pytest.raises(DataError, match=r"stopping cannot be 1\.5"):
        expected_exposure_loss(ranking, [1, 2], browsing="gerr", patience=0.5, stopping={1: 1.5})
    with pytest.raises(DataError, match="no chance for relevance 2"):
        expected_exposure_loss(ranking, [1, 2], browsing="gerr", patience=0.5, stopping={1: 0.5})
    with pytest.raises(DataError, match="give their relevance"):
        expected_exposure_disparity(ranking, browsing="gerr", patience=0.5, stopping=0.5)
    with pytest.raises(DataError, match=r"patience cannot be 1\.0"):
        expected_exposure_disparity(ranking, browsing="rbp", patience=1.0)
    with pytest.raises(DataError, match="relevance of row 0 is nan"):
        expected_exposure_loss(ranking, [math.nan, 1])
    with pytest.raises(UnknownCandidateError, match="relevance: 1 given for the 2 rows"):
        expected_exposure_loss(ranking, [1])
    with pytest.raises(DataError, match="the target names 'n'"):
        expected_exposure_loss(ranking, groups=case.groups, target={"n": 1, "m": 1})
