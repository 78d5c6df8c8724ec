import json
import math
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from exposure_case import case_of, cases
from hypothesis import given
from hypothesis import strategies as st
from reference_exposure import (
    attention_reference,
    attention_shares_reference,
    awrf_reference,
    erbp_reference,
    favored_pairs_reference,
    generalized_entropy_reference,
    gini_reference,
    groups_of,
    individual_unfairness_reference,
    least_over_most_reference,
    mean,
    over,
    over_merit_reference,
    pool_shares_reference,
    relative_over_merit_reference,
    spread_reference,
)
from scipy.spatial.distance import jensenshannon

from fairness.groups import Groups
from fairness.metrics.arp import (
    arp,
    arp_per_job,
    favored_pair_representation,
    favored_pair_representation_per_job,
)
from fairness.metrics.awrf import attention_shares, attention_shares_per_job, awrf, awrf_per_job
from fairness.metrics.bootstrap import bootstrap_over_jobs
from fairness.metrics.erbp import (
    erbp,
    erbp_difference,
    erbp_difference_per_job,
    erbp_per_job,
    erbp_ratio,
    erbp_ratio_per_job,
)
from fairness.metrics.exposure import exposure, exposure_ratio
from fairness.metrics.exposure_to_clicks import (
    exposure_to_clicks,
    exposure_to_clicks_per_job,
    exposure_to_clicks_ratio,
    exposure_to_clicks_ratio_per_job,
    relative_exposure_to_clicks,
    relative_exposure_to_clicks_per_job,
)
from fairness.metrics.exposure_to_relevance import (
    exposure_to_relevance,
    exposure_to_relevance_per_job,
    exposure_to_relevance_ratio,
    exposure_to_relevance_ratio_per_job,
    relative_exposure_to_relevance,
    relative_exposure_to_relevance_per_job,
)
from fairness.metrics.individual_unfairness import (
    amortized_individual_unfairness,
    exposure_per_merit_inequality,
    exposure_per_merit_inequality_per_job,
    individual_unfairness,
    individual_unfairness_per_job,
)
from ranker.errors import DataError, UnknownCandidateError
from ranker.ranking.metrics.intervals import bootstrap_mean
from ranker.ranking.ranking import Move, Ranking

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
VECTORS = DATA / "test_vectors" / "vectors.json"

READERS = [
    {},
    {"top_k": 3},
    {"top_k": 50},
    {"browsing": "trec"},
    {"browsing": "rbp", "patience": 0.75},
    {"browsing": "rbp", "patience": 0.5, "top_k": 2},
]


@pytest.fixture(scope="module")
def notebook():
    if not VECTORS.is_file():
        pytest.skip(f"no test vectors at {VECTORS}: set CANDOR_DATA to the folder of test data")
    return json.loads(VECTORS.read_text(encoding="utf-8"))["fairranktune_notebook"]


def table(case, dicts):
    """Rows of a (n_jobs, n_groups) array from one dict of groups a job."""
    return [[one.get(label, math.nan) for label in case.groups.labels] for one in dicts]


def gets_of(case, kind, reader):
    jobs = case.jobs()
    attention = [attention_reference([0] * len(job), **reader) for job in jobs]
    if kind == "exposure":
        return attention
    return [
        [worth * merit for worth, (_, merit) in zip(one, job, strict=True)]
        for one, job in zip(attention, jobs, strict=True)
    ]


MERIT_METRICS = {
    "exposure": (
        exposure_to_relevance,
        exposure_to_relevance_per_job,
        exposure_to_relevance_ratio,
        exposure_to_relevance_ratio_per_job,
        relative_exposure_to_relevance,
        relative_exposure_to_relevance_per_job,
    ),
    "clicks": (
        exposure_to_clicks,
        exposure_to_clicks_per_job,
        exposure_to_clicks_ratio,
        exposure_to_clicks_ratio_per_job,
        relative_exposure_to_clicks,
        relative_exposure_to_clicks_per_job,
    ),
}


@pytest.mark.parametrize("kind", MERIT_METRICS)
@pytest.mark.parametrize("reader", READERS)
@given(case=cases())
def test_exposure_and_clicks_to_relevance_agree_with_their_plain_twin(kind, reader, case):
    means, per_job, ratio, ratio_per_job, relative, relative_per_job = MERIT_METRICS[kind]
    given_to = (case.ranking, case.groups, case.relevance)
    jobs, gets = case.jobs(), gets_of(case, kind, reader)
    values = [over_merit_reference(job, got) for job, got in zip(jobs, gets, strict=True)]
    np.testing.assert_allclose(per_job(*given_to, **reader), table(case, values), rtol=1e-12)
    expected = [mean(column) for column in zip(*table(case, values), strict=True)]
    np.testing.assert_allclose(means(*given_to, **reader), expected, rtol=1e-12)
    ratios = [least_over_most_reference(one) for one in values]
    np.testing.assert_allclose(ratio_per_job(*given_to, **reader), ratios, rtol=1e-12)
    np.testing.assert_allclose(ratio(*given_to, **reader), mean(ratios), rtol=1e-12)
    to_others = [relative_over_merit_reference(job, got) for job, got in zip(jobs, gets, strict=True)]
    np.testing.assert_allclose(relative_per_job(*given_to, **reader), table(case, to_others), rtol=1e-12)
    expected = [mean(column) for column in zip(*table(case, to_others), strict=True)]
    np.testing.assert_allclose(relative(*given_to, **reader), expected, rtol=1e-12)


@pytest.mark.parametrize("kind", MERIT_METRICS)
@given(case=cases())
def test_over_people_the_compared_jobs_are_taken_for_one(kind, case):
    means, _, ratio, _, relative, _ = MERIT_METRICS[kind]
    pooled = {label: [0.0, 0.0] for label in case.groups.labels}
    others = {label: [0.0, 0.0] for label in case.groups.labels}
    for job, gets in zip(case.jobs(), gets_of(case, kind, {}), strict=True):
        for (group, merit), got in zip(job, gets, strict=True):
            if group is None or len(groups_of(job)) < 2:
                continue
            pooled[group][0] += got
            pooled[group][1] += merit
            for other in set(groups_of(job)) - {group}:
                others[other][0] += got
                others[other][1] += merit
    given_to = (case.ranking, case.groups, case.relevance)
    expected = {label: over(*sums) for label, sums in pooled.items()}
    np.testing.assert_allclose(means(*given_to, over="people"), list(expected.values()), rtol=1e-12)
    np.testing.assert_allclose(
        ratio(*given_to, over="people"), least_over_most_reference(expected), rtol=1e-12
    )
    to_others = [over(expected[label], over(*sums)) for label, sums in others.items()]
    np.testing.assert_allclose(relative(*given_to, over="people"), to_others, rtol=1e-12)


def test_hand_computed_disparate_treatment_and_impact():
    # Exposures by rank: 1, .6309, .5, .4307; relevance as given.
    case = case_of(["m", "f", "m", "f"], relevance=[[2, 1, 0, 3]])
    second, fourth = 1 / math.log2(3), 1 / math.log2(5)
    given_to = (case.ranking, case.groups, case.relevance)
    women, men = (second + fourth) / 2 / 2.0, (1 + 0.5) / 2 / 1.0
    assert exposure_to_relevance(*given_to).to_dict() == pytest.approx({"f": women, "m": men})
    assert exposure_to_relevance_ratio(*given_to) == pytest.approx(women / men)
    assert relative_exposure_to_relevance(*given_to)["m"] == pytest.approx(men / women)
    clicked_women, clicked_men = (second * 1 + fourth * 3) / 2 / 2.0, (1 * 2 + 0.5 * 0) / 2 / 1.0
    assert exposure_to_clicks(*given_to).to_dict() == pytest.approx({"f": clicked_women, "m": clicked_men})
    assert exposure_to_clicks_ratio(*given_to) == pytest.approx(clicked_women / clicked_men)
    assert relative_exposure_to_clicks(*given_to)["f"] == pytest.approx(clicked_women / clicked_men)


def test_observed_clicks_are_taken_as_they_are_and_the_order_is_not_read():
    case = case_of(["m", "f", "m", "f"], relevance=[[2, 1, 0, 3]])
    clicks = np.array([4.0, 3.0, 2.0, 1.0])  # of rows, which stand in the opposite order of ranks
    values = exposure_to_clicks(case.ranking, case.groups, case.relevance, clicks=clicks)
    assert values.to_dict() == {"f": (2 + 4) / 2 / 2.0, "m": (1 + 3) / 2 / 1.0}
    turned = case.ranking.with_order(
        [1, 0, 2, 3], [Move("0", str(case.ranking.candidates[1]), 2, 1, rule="test", reason="first")]
    )
    again = exposure_to_clicks(turned, case.groups, case.relevance, clicks=clicks)
    assert again.to_dict() == values.to_dict()


def test_a_group_whose_members_merit_nothing_has_no_value_and_takes_no_part():
    case = case_of(["m", "f", "x"], ["f", "m"], relevance=[[1, 0, 1], [1, 1]])
    per_job = exposure_to_relevance_per_job(case.ranking, case.groups, case.relevance)
    assert np.isnan(per_job[0, 0])
    assert exposure_to_relevance_ratio_per_job(case.ranking, case.groups, case.relevance)[0] == pytest.approx(
        0.5
    )
    alone = case_of(["m", "f"], relevance=[[1, 0]])
    assert math.isnan(exposure_to_relevance_ratio(alone.ranking, alone.groups, alone.relevance))
    # Over people she has a value again: in the other job she merits something.
    assert exposure_to_relevance(case.ranking, case.groups, case.relevance, over="people")[
        "f"
    ] == pytest.approx(1 + 1 / math.log2(3))


def test_exposure_in_proportion_to_relevance_is_a_ratio_of_one():
    case = case_of(["m", "f", "m"], ["f", "m"], relevance=[[1, 1 / math.log2(3), 0.5], [1, 1 / math.log2(3)]])
    for over_what in ("jobs", "people"):
        ratio = exposure_to_relevance_ratio(case.ranking, case.groups, case.relevance, over=over_what)
        assert ratio == pytest.approx(1.0)


@given(case=cases(), factor=st.sampled_from([0.25, 3.0]))
def test_the_unit_of_relevance_moves_no_ratio(case, factor):
    for ratio in (exposure_to_relevance_ratio, exposure_to_clicks_ratio):
        before = ratio(case.ranking, case.groups, case.relevance)
        after = ratio(case.ranking, case.groups, case.relevance * factor)
        np.testing.assert_allclose(after, before, rtol=1e-12)
    np.testing.assert_allclose(
        individual_unfairness(case.ranking, case.relevance * factor),
        individual_unfairness(case.ranking, case.relevance),
        rtol=1e-9,
        atol=1e-12,
    )


TARGETS = ["pool", {"f": 1, "m": 2, "nobody": 0, "žena": 1}, {"f": 0.2, "m": 0.0, "nobody": 0.3, "žena": 0.5}]


@pytest.mark.parametrize("target", TARGETS, ids=["pool", "counts", "shares"])
@pytest.mark.parametrize(
    ("distance", "base"), [("total_variation", 2), ("jensen_shannon", 2), ("jensen_shannon", math.e)]
)
@given(reader=st.sampled_from(READERS), case=cases())
def test_awrf_agrees_with_its_plain_twin(reader, target, distance, base, case):
    expected = []
    for job in case.jobs():
        shares = attention_shares_reference(job, attention_reference([0] * len(job), **reader))
        wanted = (
            pool_shares_reference(job)
            if target == "pool"
            else {label: amount / sum(target.values()) for label, amount in target.items()}
        )
        judged = shares and sum(share > 0 for share in wanted.values()) >= 2
        expected.append(awrf_reference(shares, wanted, distance, base) if judged else math.nan)
    options = {"target": target, "distance": distance, "base": base, **reader}
    values = awrf_per_job(case.ranking, case.groups, **options)
    np.testing.assert_allclose(values, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(awrf(case.ranking, case.groups, **options), mean(expected), rtol=1e-12)
    assert ((values[~np.isnan(values)] >= -1e-12) & (values[~np.isnan(values)] <= 1)).all()


@pytest.mark.parametrize("reader", READERS)
@given(case=cases())
def test_attention_shares_agree_with_their_plain_twin_and_sum_to_one(reader, case):
    shares = [
        attention_shares_reference(job, attention_reference([0] * len(job), **reader)) for job in case.jobs()
    ]
    per_job = attention_shares_per_job(case.ranking, case.groups, **reader)
    rows = [[one.get(label, 0.0 if one else math.nan) for label in case.groups.labels] for one in shares]
    np.testing.assert_allclose(per_job, rows, rtol=1e-12)
    means = attention_shares(case.ranking, case.groups, **reader)
    np.testing.assert_allclose(means, [mean(column) for column in zip(*rows, strict=True)], rtol=1e-12)
    assert math.isnan(means.sum(skipna=False)) or means.sum() == pytest.approx(1.0)


@given(case=cases(), counts=st.tuples(*[st.integers(1, 5)] * 4))
def test_awrf_is_the_formula_of_the_trec_track(case, counts):
    """1 - JSD (natural logarithm) of discounted alignments, discount 1 / log2(max(rank, 2)); everyone disclosed."""
    codes = np.where(case.groups.codes < 0, 0, case.groups.codes)
    groups = Groups("gender", case.groups.labels, codes.astype(np.int32))
    wanted = np.array(counts) / sum(counts)
    values = awrf_per_job(
        case.ranking,
        groups,
        target=dict(zip(groups.labels, counts, strict=True)),
        browsing="trec",
        base=math.e,
    )
    for job, value in enumerate(values):
        members = codes[case.ranking.row[case.ranking.job_of == job]]
        discount = np.reciprocal(np.log2(np.maximum(np.arange(1, len(members) + 1), 2)))
        aligned = np.eye(len(groups.labels))[members]
        shares = (aligned * discount[:, None]).sum(axis=0) / discount.sum()
        assert value == pytest.approx(1 - jensenshannon(shares, wanted) ** 2, abs=1e-9)


def test_two_groups_on_target_have_an_awrf_of_one():
    # Ranks 1 and 3 have 1.5 of 2.13 in attention by log discount.
    case = case_of(["m", "f", "m"])
    target = {"m": 1.5, "f": 1 / math.log2(3)}
    for distance in ("total_variation", "jensen_shannon"):
        assert awrf(case.ranking, case.groups, target=target, distance=distance) == pytest.approx(1.0)
    share = 1.5 / (1.5 + 1 / math.log2(3))
    by_paper = awrf(case.ranking, case.groups, distance="total_variation")
    assert by_paper == pytest.approx(1 - abs(share - 2 / 3))


def test_opposite_distributions_have_an_awrf_of_zero_by_base_two():
    case = case_of(["m", "m"])
    groups = Groups("gender", ("f", "m", "x"), np.array([1, 1], dtype=np.int32))
    target = {"f": 1, "m": 0, "x": 1}
    assert awrf(case.ranking, groups, target=target) == pytest.approx(0.0)
    assert awrf(case.ranking, groups, target=target, base=math.e) == pytest.approx(1 - math.log(2))
    assert awrf(case.ranking, groups, target=target, distance="total_variation") == pytest.approx(0.0)


def test_undisclosed_members_take_up_attention_but_no_share():
    case = case_of([None, "m", "f"])
    second, third = 1 / math.log2(3), 0.5
    shares = attention_shares(case.ranking, case.groups)
    assert shares.to_dict() == pytest.approx({"f": third / (second + third), "m": second / (second + third)})
    assert math.isnan(awrf(case.ranking, case.groups, top_k=1))


@pytest.mark.parametrize("top_k", [None, 3, 50])
@pytest.mark.parametrize("patience", [0.1, 0.75])
@given(case=cases())
def test_erbp_agrees_with_its_plain_twin(patience, top_k, case):
    expected = [erbp_reference(job, patience, top_k) for job in case.jobs()]
    options = {"patience": patience, "top_k": top_k}
    given_to = (case.ranking, case.groups)
    np.testing.assert_allclose(erbp_per_job(*given_to, **options), table(case, expected), rtol=1e-12)
    np.testing.assert_allclose(
        erbp(*given_to, **options),
        [mean(column) for column in zip(*table(case, expected), strict=True)],
        rtol=1e-12,
    )
    for per_job, overall, twin in (
        (erbp_difference_per_job, erbp_difference, spread_reference),
        (erbp_ratio_per_job, erbp_ratio, least_over_most_reference),
    ):
        values = [twin(one) for one in expected]
        np.testing.assert_allclose(per_job(*given_to, **options), values, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(overall(*given_to, **options), mean(values), rtol=1e-12, atol=1e-15)


@given(case=cases())
def test_favored_pairs_and_arp_agree_with_their_plain_twin(case):
    expected = [favored_pairs_reference(job) for job in case.jobs()]
    given_to = (case.ranking, case.groups)
    np.testing.assert_allclose(
        favored_pair_representation_per_job(*given_to), table(case, expected), rtol=1e-12
    )
    np.testing.assert_allclose(
        favored_pair_representation(*given_to),
        [mean(column) for column in zip(*table(case, expected), strict=True)],
        rtol=1e-12,
    )
    spreads = [spread_reference(one) for one in expected]
    np.testing.assert_allclose(arp_per_job(*given_to), spreads, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(arp(*given_to), mean(spreads), rtol=1e-12, atol=1e-15)


def test_two_groups_win_all_their_pairs_between_them():
    case = case_of(["m", "f", None, "f", "m", "m"], ["f", "m"])
    shares = favored_pair_representation_per_job(case.ranking, case.groups)
    assert shares.sum(axis=1).tolist() == pytest.approx([1.0, 1.0])
    assert arp_per_job(case.ranking, case.groups).tolist() == pytest.approx([abs(2 / 6 - 4 / 6), 1.0])


@pytest.mark.parametrize("reader", READERS)
@given(case=cases())
def test_individual_unfairness_agrees_with_its_plain_twin(reader, case):
    # Every candidate has one row: four people share them, so that they apply to several jobs.
    person = lambda name: f"p{int(name[1:]) % 4}"  # noqa: E731
    expected, owed, n_counted = [], {}, 0
    labels = case.split(case.ranking.candidates)
    for job, names in zip(case.jobs(), labels, strict=True):
        attention = attention_reference([0] * len(job), **reader)
        merit = [relevance for _, relevance in job]
        expected.append(individual_unfairness_reference(attention, merit))
        if sum(merit):
            n_counted += 1
            for name, a, r in zip(names, attention, merit, strict=True):
                owed[person(name)] = owed.get(person(name), 0.0) + a / sum(attention) - r / sum(merit)
    values = individual_unfairness_per_job(case.ranking, case.relevance, **reader)
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        individual_unfairness(case.ranking, case.relevance, **reader), mean(expected), rtol=1e-9, atol=1e-12
    )
    persons = np.array([person(name) for name in case.ranking.candidates], dtype=object)
    shared = Ranking(
        case.ranking.jobs,
        case.ranking.indptr,
        persons,
        case.ranking.scores,
        case.ranking.row,
        n_rows=case.ranking.n_rows,
    )
    amortized = amortized_individual_unfairness(shared, case.relevance, **reader)
    total = over(sum(abs(value) for value in owed.values()), n_counted)
    np.testing.assert_allclose(amortized, total, rtol=1e-9, atol=1e-12)
    assert math.isnan(amortized) or amortized <= mean(expected) + 1e-12
    assert math.isnan(amortized) or 0 <= amortized <= 2 + 1e-12


def test_what_one_job_denies_another_may_give_back():
    ranking = Ranking.from_scores(
        [2.0, 1.0, 1.0, 2.0], job=["a", "a", "b", "b"], candidate=["x", "y", "x", "y"]
    )
    share = 1 / (1 + 1 / math.log2(3))
    assert individual_unfairness(ranking, [1, 1, 1, 1]) == pytest.approx(2 * (share - 0.5))
    assert amortized_individual_unfairness(ranking, [1, 1, 1, 1]) == pytest.approx(0.0, abs=1e-15)


def test_attention_in_proportion_to_relevance_is_no_unfairness():
    ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a"] * 3)
    assert individual_unfairness(ranking, [4, 2, 1], browsing="rbp", patience=0.5) == pytest.approx(
        0, abs=1e-15
    )
    assert exposure_per_merit_inequality(ranking, [4, 2, 1], browsing="rbp", patience=0.5) == pytest.approx(0)
    # Turned round, with shares 4, 2 and 1 of 7: the ends differ by 3/7 each.
    turned = individual_unfairness(ranking, [1, 2, 4], browsing="rbp", patience=0.5)
    assert turned == pytest.approx(6 / 7)


@pytest.mark.parametrize("reader", READERS)
@given(case=cases())
def test_inequality_of_exposure_per_merit_agrees_with_its_plain_twin(reader, case):
    benefits = []
    for job in case.jobs():
        attention = attention_reference([0] * len(job), **reader)
        benefits.append([a / merit for a, (_, merit) in zip(attention, job, strict=True) if merit > 0])
    values = exposure_per_merit_inequality_per_job(case.ranking, case.relevance, **reader)
    expected = [gini_reference(one) for one in benefits]
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        exposure_per_merit_inequality(case.ranking, case.relevance, **reader), mean(expected), atol=1e-12
    )
    for alpha in (-1.0, 0.0, 0.5, 1.0, 2.0):
        if alpha < 0 and any(0 in one for one in benefits):
            continue  # the twin divides by 0 there
        values = exposure_per_merit_inequality_per_job(
            case.ranking, case.relevance, index="generalized_entropy", alpha=alpha, **reader
        )
        expected = [generalized_entropy_reference(one, alpha) for one in benefits]
        np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12)


def test_a_relevant_candidate_without_exposure_is_infinite_by_mean_logarithmic_deviation():
    ranking = Ranking.from_scores([2.0, 1.0], job=["a", "a"])
    for alpha in (0.0, -1.0):
        value = exposure_per_merit_inequality(
            ranking, [1, 1], index="generalized_entropy", alpha=alpha, top_k=1
        )
        assert value == math.inf


# What a lottery gives

ONE = Ranking.from_scores([3.0, 2.0, 1.0], job=["a"] * 3, candidate=["x", "y", "z"])
OTHER = Ranking.from_scores([1.0, 2.0, 3.0], job=["a"] * 3, candidate=["x", "y", "z"])
SEXES = Groups.from_values(["m", "f", "f"], attribute="gender")

BY_POLICY = [
    lambda **kw: exposure_to_relevance(ONE, SEXES, [1, 2, 3], **kw).tolist(),
    lambda **kw: exposure_to_clicks(ONE, SEXES, [1, 2, 3], **kw).tolist(),
    lambda **kw: attention_shares(ONE, SEXES, **kw).tolist(),
    lambda **kw: individual_unfairness(ONE, [1, 2, 3], **kw),
    lambda **kw: amortized_individual_unfairness(ONE, [1, 2, 3], **kw),
    lambda **kw: exposure_per_merit_inequality(ONE, [1, 2, 3], **kw),
]


@pytest.mark.parametrize("metric", BY_POLICY)
def test_a_lottery_is_measured_by_the_mean_of_its_orders(metric):
    second = 1 / math.log2(3)
    as_exposure = [0.75, second, 0.75]
    assert metric(policy=[ONE, OTHER]) == pytest.approx(metric(policy=as_exposure))
    assert metric(policy=ONE) == pytest.approx(metric())
    assert metric(policy=[ONE]) == pytest.approx(metric())
    assert metric(policy=[ONE, ONE, OTHER, OTHER]) == pytest.approx(metric(policy=(OTHER, ONE)))
    assert metric(policy=OTHER) != pytest.approx(metric())


def test_a_policy_of_other_rows_is_refused():
    shorter = Ranking.from_scores([2.0, 1.0], job=["a", "a"], candidate=["x", "y"])
    elsewhere = Ranking.from_scores([3.0, 2.0, 1.0], job=["a", "a", "b"], candidate=["x", "y", "z"])
    for policy, message in (
        ([ONE, shorter], "ranking 2 of the policy is of 2 rows"),
        (elsewhere, "does not rank candidate 'z' for job 'a'"),
        ([ONE, 1.0], "item 2 of the policy is a float"),
        ([], "holds no ranking"),
        (np.eye(3), r"not an array of shape \(3, 3\)"),
        ([0.5, -1.0, 0.2], "'y' has the expected exposure -1.0"),
        (["x", "y", "z"], "one expected exposure per row"),
    ):
        with pytest.raises(DataError, match=message):
            attention_shares(ONE, SEXES, policy=policy)
    with pytest.raises(UnknownCandidateError, match="policy: 2 given for the 3 rows"):
        attention_shares(ONE, SEXES, policy=[0.5, 0.5])


# Laws

METRICS = {
    "exposure_to_relevance": exposure_to_relevance_ratio,
    "exposure_to_clicks": exposure_to_clicks_ratio,
    "awrf": lambda r, g, _: awrf(r, g),
    "erbp": lambda r, g, _: erbp_difference(r, g, patience=0.8),
    "arp": lambda r, g, _: arp(r, g),
    "individual_unfairness": lambda r, g, rel: individual_unfairness(r, rel),
    "amortized": lambda r, g, rel: amortized_individual_unfairness(r, rel),
    "inequality": lambda r, g, rel: exposure_per_merit_inequality(r, rel),
}


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
@given(case=cases(), random=st.randoms(use_true_random=False))
def test_a_permutation_of_the_input_rows_changes_nothing(metric, case, random):
    order = list(range(len(case.ranking)))
    random.shuffle(order)
    row, ranking = case.ranking.row, case.ranking
    scores, job, names = (
        np.empty(row.size),
        np.empty(row.size, dtype=object),
        np.empty(row.size, dtype=object),
    )
    scores[row], job[row], names[row] = ranking.scores, ranking.jobs[ranking.job_of], ranking.candidates
    again = Ranking.from_scores(scores[order], job=job[order], candidate=names[order])
    np.testing.assert_allclose(
        metric(again, case.groups.take(order), case.relevance[order]),
        metric(ranking, case.groups, case.relevance),
        rtol=1e-9,
        atol=1e-12,
    )


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_metrics_read_the_order_after_moves(metric):
    case = case_of(["m", "m", "f", "f"], relevance=[[3, 2, 1, 2]])
    last = str(case.ranking.candidates[3])
    moved = case.ranking.with_order([3, 0, 1, 2], [Move("0", last, 4, 1, rule="test", reason="first")])
    afresh = case_of(["f", "m", "m", "f"], relevance=[[2, 3, 2, 1]])
    assert metric(moved, case.groups, case.relevance) == pytest.approx(
        metric(afresh.ranking, afresh.groups, afresh.relevance)
    )
    assert metric(moved, case.groups, case.relevance) != pytest.approx(
        metric(case.ranking, case.groups, case.relevance)
    )


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_one_job_of_many_is_measured_with_the_values_of_all_rows(metric):
    case = case_of(["m", "f"], ["f", "m", "f"], relevance=[[1, 2], [3, 1, 1]])
    alone = case_of(["f", "m", "f"], relevance=[[3, 1, 1]])
    assert metric(case.ranking.of(1), case.groups, case.relevance) == pytest.approx(
        metric(alone.ranking, alone.groups, alone.relevance)
    )


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("lists", [[["f"]], [["f", "f"], ["m"]], [[None, None]], [["f", None]]])
def test_without_two_groups_in_a_job_groups_are_not_compared(name, lists):
    case = case_of(*lists, relevance=[[1] * len(one) for one in lists])
    value = METRICS[name](case.ranking, case.groups, case.relevance)
    assert math.isnan(value) == (
        name in ("exposure_to_relevance", "exposure_to_clicks", "awrf", "erbp", "arp")
    )


@pytest.mark.parametrize("name", METRICS)
def test_a_single_job_has_an_interval_over_candidates(name):
    rng = np.random.default_rng(1)
    case = case_of(rng.choice(["f", "m"], 30).tolist(), relevance=[rng.integers(1, 4, 30).tolist()])
    statistic = lambda ranking, groups: METRICS[name](ranking, groups, case.relevance)  # noqa: E731
    interval = bootstrap_over_jobs(case.ranking, case.groups, statistic, n_resamples=60)
    assert interval.unit == "candidates"
    assert 0 <= interval.low < interval.high <= 2


PER_JOB = {
    "exposure_to_relevance": (exposure_to_relevance_ratio, exposure_to_relevance_ratio_per_job),
    "exposure_to_clicks": (exposure_to_clicks_ratio, exposure_to_clicks_ratio_per_job),
    "awrf": (METRICS["awrf"], lambda r, g, _: awrf_per_job(r, g)),
    "erbp": (METRICS["erbp"], lambda r, g, _: erbp_difference_per_job(r, g, patience=0.8)),
    "arp": (METRICS["arp"], lambda r, g, _: arp_per_job(r, g)),
    "individual_unfairness": (
        METRICS["individual_unfairness"],
        lambda r, g, rel: individual_unfairness_per_job(r, rel),
    ),
    "inequality": (METRICS["inequality"], lambda r, g, rel: exposure_per_merit_inequality_per_job(r, rel)),
}


@pytest.mark.parametrize("name", PER_JOB)
def test_many_jobs_have_an_interval_around_their_mean(name):
    rng = np.random.default_rng(2)
    lists = [rng.permutation(["f", "m", "f", "m", None]).tolist() for _ in range(25)]
    case = case_of(*lists, relevance=[rng.integers(1, 4, 5).tolist() for _ in lists])
    metric, per_job = PER_JOB[name]
    value = metric(case.ranking, case.groups, case.relevance)
    low, high = bootstrap_mean(per_job(case.ranking, case.groups, case.relevance), n_resamples=200)
    assert low < value < high
    by_jobs = bootstrap_over_jobs(
        case.ranking, case.groups, lambda r, g: metric(r, g, case.relevance), n_resamples=200
    )
    assert by_jobs.unit == "jobs"
    assert by_jobs.low < value < by_jobs.high


def test_an_intersection_of_two_attributes_is_measured_like_any_groups():
    case = case_of(["f", "m", "f", "m"], relevance=[[1, 1, 2, 1]])
    origin = Groups.from_values(["x", "y", "y", "x"], attribute="origin")
    crossed = case.groups.intersect(origin)
    assert favored_pair_representation(case.ranking, crossed).index.tolist() == [
        "f × x",
        "f × y",
        "m × x",
        "m × y",
    ]
    # One each, in the order of the list f x, m y, f y, m x: they win 3, 2, 1 and 0 of 3 pairs.
    assert favored_pair_representation(case.ranking, crossed).to_dict() == pytest.approx(
        {"f × x": 1.0, "m × y": 2 / 3, "f × y": 1 / 3, "m × x": 0.0}
    )


@pytest.mark.parametrize("metric", [exposure_to_relevance, exposure_to_clicks])
def test_what_cannot_be_measured_is_refused(metric):
    case = case_of(["m", "f"], relevance=[[1, 2]])
    with pytest.raises(DataError, match=r"relevance goes down to -1\.0.*shift_gains"):
        metric(case.ranking, case.groups, [-1, 2])
    with pytest.raises(UnknownCandidateError, match="relevance: 1 given for the 2 rows"):
        metric(case.ranking, case.groups, [1])
    with pytest.raises(UnknownCandidateError, match="groups by 'gender': 1 given"):
        metric(case.ranking, Groups.from_values(["m"], attribute="gender"), [1, 2])
    with pytest.raises(DataError, match="did you mean 'people'"):
        metric(case.ranking, case.groups, [1, 2], over="peoples")
    with pytest.raises(DataError, match="whole number from 1"):
        metric(case.ranking, case.groups, [1, 2], top_k=0)
    with pytest.raises(DataError, match="no model of browsing is called 'rpb'; did you mean 'rbp'"):
        metric(case.ranking, case.groups, [1, 2], browsing="rpb")
    with pytest.raises(DataError, match="needs patience"):
        metric(case.ranking, case.groups, [1, 2], browsing="rbp")
    with pytest.raises(DataError, match="knows no patience"):
        metric(case.ranking, case.groups, [1, 2], patience=0.5)
    with pytest.raises(DataError, match="which only expected exposure takes in"):
        metric(case.ranking, case.groups, [1, 2], browsing="gerr", patience=0.5)


def test_options_that_mean_nothing_are_refused():
    case = case_of(["m", "f"], relevance=[[1, 2]])
    with pytest.raises(DataError, match="leave policy, browsing and top_k out"):
        exposure_to_clicks(case.ranking, case.groups, [1, 2], clicks=[1, 0], top_k=1)
    with pytest.raises(DataError, match=r"clicks of candidate '0' are -1\.0"):
        exposure_to_clicks(case.ranking, case.groups, [1, 2], clicks=[-1, 0])
    with pytest.raises(DataError, match="clicks must be numbers"):
        exposure_to_clicks(case.ranking, case.groups, [1, 2], clicks=["a", "b"])
    with pytest.raises(DataError, match="did you mean 'jensen_shannon'"):
        awrf(case.ranking, case.groups, distance="jensen")
    with pytest.raises(DataError, match=r"base cannot be 1\.0"):
        awrf(case.ranking, case.groups, base=1.0)
    with pytest.raises(DataError, match="the target has no share for 'f'"):
        awrf(case.ranking, case.groups, target={"m": 1})
    for patience in (0.0, 1.0, 1.5, math.nan):
        with pytest.raises(DataError, match="patience cannot be"):
            erbp(case.ranking, case.groups, patience=patience)
    with pytest.raises(DataError, match="did you mean 'gini'"):
        exposure_per_merit_inequality(case.ranking, [1, 2], index="ginni")


# Values that others print, and where they are wrong


def of_notebook(notebook):
    return case_of(notebook["ranking"])


def test_exposures_are_those_that_fairranktune_prints(notebook):
    case = of_notebook(notebook)
    means = exposure(case.ranking, case.groups)
    assert means.to_dict() == pytest.approx(notebook["EXP_avg"], rel=1e-14)
    assert means.max() - means.min() == pytest.approx(notebook["EXP_MaxMinDiff"], rel=1e-14)
    assert exposure_ratio(case.ranking, case.groups) == pytest.approx(notebook["EXP_MinMaxRatio"], rel=1e-14)


def test_erbp_is_what_fairranktune_prints(notebook):
    case = of_notebook(notebook)
    values = erbp(case.ranking, case.groups, patience=0.75)
    assert values.to_dict() == pytest.approx(notebook["ERBP_decay0.75_avg"], rel=1e-14)


def test_favored_pairs_are_what_fairranktune_prints_under_arp(notebook):
    case = case_of(["M"] * 6 + ["W", "M", "W", "W"])
    printed = notebook["ARP_ranking_M6_W_M_W_W"]
    assert favored_pair_representation(case.ranking, case.groups).to_dict() == pytest.approx(
        printed, rel=1e-14
    )
    assert arp(case.ranking, case.groups) == pytest.approx(printed["M"] - printed["W"], rel=1e-14)


def test_what_fairranktune_prints_as_awrf_is_mean_attention_and_no_distance_from_a_target(notebook):
    case, printed = of_notebook(notebook), notebook["AWRF_p0.1_avg"]
    # Right under its own name: mean geometric attention in per cent (Ghosh et al. 2021), which is ERBP's.
    as_attention = 100 * erbp(case.ranking, case.groups, patience=1 - 0.1)
    assert as_attention.to_dict() == pytest.approx(printed, rel=1e-9)
    # Not AWRF: that is one number in [0, 1]. From the printed means, times the sizes, come the
    # groups' shares of attention, and from these the paper's distance.
    totals = {"M": 7 * printed["M"], "W": 3 * printed["W"]}
    share = totals["M"] / (totals["M"] + totals["W"])
    by_paper = awrf(case.ranking, case.groups, browsing="rbp", patience=0.9, distance="total_variation")
    assert by_paper == pytest.approx(1 - abs(share - 0.7), rel=1e-9)
    assert min(printed.values()) > 1 >= by_paper
    # And no target enters it: the paper's value moves with the target, and is 1 where it is met.
    met = {"M": share, "W": 1 - share}
    assert awrf(case.ranking, case.groups, target=met, browsing="rbp", patience=0.9) == pytest.approx(1.0)


def peer_frames(case, values=None):
    """A ranking of one job as the peer takes it: items in one column, their groups in a dict."""
    frt = pytest.importorskip("FairRankTune", reason="FairRankTune is not installed")
    items = case.ranking.candidates.tolist()
    names = case.ranking.aligned(case.groups.names()).tolist()
    frames = [pd.DataFrame(items)] + [pd.DataFrame(case.ranking.aligned(one)) for one in values or ()]
    return frt.Metrics, frames, dict(zip(items, names, strict=True))


PEER_CASE = case_of(
    ["m", "f", "x", "m", "f", "m", "x", "f"], relevance=[[1.0, 0.5, 0.25, 1.0, 0.75, 0.0, 0.5, 1.0]]
)


def test_a_single_list_is_measured_as_fairranktune_does():
    case = PEER_CASE
    clicks = np.linspace(0.1, 0.8, 8)
    metrics, (items, merits, ctr), members = peer_frames(case, [case.relevance, clicks])
    given_to = (case.ranking, case.groups)
    ratio, groups = metrics.EXPU(items, members, merits, "MinMaxRatio")
    assert exposure_to_relevance(*given_to, case.relevance).to_dict() == pytest.approx(groups)
    assert exposure_to_relevance_ratio(*given_to, case.relevance) == pytest.approx(ratio)
    ratio, groups = metrics.EXPRU(items, members, merits, ctr, "MinMaxRatio")
    assert exposure_to_clicks(*given_to, case.relevance, clicks=clicks).to_dict() == pytest.approx(groups)
    assert exposure_to_clicks_ratio(*given_to, case.relevance, clicks=clicks) == pytest.approx(ratio)
    difference, groups = metrics.ERBP(items, members, 0.6, "MaxMinDiff")
    assert erbp(*given_to, patience=0.6).to_dict() == pytest.approx(groups)
    assert erbp_difference(*given_to, patience=0.6) == pytest.approx(difference)
    ratio, groups = metrics.AWRF(items, members, 0.4, "MinMaxRatio")
    assert (100 * erbp(*given_to, patience=0.6)).to_dict() == pytest.approx(groups)
    assert erbp_ratio(*given_to, patience=0.6) == pytest.approx(ratio)
    difference, groups = metrics.ARP(items, members, "MaxMinDiff")
    assert favored_pair_representation(*given_to).to_dict() == pytest.approx(groups)
    assert arp(*given_to) == pytest.approx(difference)
    # Its ERBR is exposure to relevance by RBP, times the factor that RBP has in that paper.
    _, groups = metrics.ERBR(items, members, merits, 0.6, "MaxMinDiff")
    by_rbp = exposure_to_relevance(*given_to, case.relevance, browsing="rbp", patience=0.6)
    assert (0.4 * by_rbp).to_dict() == pytest.approx(groups)


def test_fairranktune_adds_lists_up_where_the_mean_is_meant():
    metrics, (items,), members = peer_frames(PEER_CASE)
    twice = pd.concat([items, items], axis=1, ignore_index=True)
    for metric, options in ((metrics.ARP, ()), (metrics.EXP, ()), (metrics.ERBP, (0.6,))):
        _, once = metric(items, members, *options, "MaxMinDiff")
        _, doubled = metric(twice, members, *options, "MaxMinDiff")
        # The same list twice is no fairer and no less fair than once.
        assert doubled == pytest.approx({group: 2 * value for group, value in once.items()})
    # A share of pairs above 1 is none.
    first = pd.DataFrame(["p", "q"])
    _, shares = metrics.ARP(
        pd.concat([first, first], axis=1, ignore_index=True), {"p": 1, "q": 2}, "MaxMinDiff"
    )
    assert shares[1] == 2.0


def test_fairranktune_reads_one_list_alone_for_amortized_attention():
    metrics, _, _ = peer_frames(PEER_CASE)
    lists = pd.DataFrame({0: ["x", "y"], 1: ["y", "x"]})
    merits = pd.DataFrame({0: [0.5, 0.5], 1: [0.5, 0.5]})
    # Two lists that turn the order round give both the same attention: the amortized value is 0.
    ranking = Ranking.from_scores(
        [2.0, 1.0, 1.0, 2.0], job=["a", "a", "b", "b"], candidate=["x", "y", "x", "y"]
    )
    assert amortized_individual_unfairness(ranking, [0.5] * 4) == pytest.approx(0.0, abs=1e-15)
    assert metrics.IAA(lists, merits) == metrics.IAA(lists[[0]], merits[[0]]) > 0.5
    # And without shares its value depends on the unit of relevance.
    assert metrics.IAA(lists, merits / 2) != pytest.approx(metrics.IAA(lists, merits))
