import math
from functools import partial

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame
from hypothesis import given
from hypothesis import strategies as st

from fairness.groups import Groups
from fairness.metrics.compared_jobs import compared_jobs
from fairness.metrics.exposure import exposure
from fairness.metrics.mean_rank import mean_rank
from fairness.metrics.metric_frame import (
    mean_exposure,
    mean_normalised_rank,
    metric_frame,
    selected_share,
    selected_share_of_relevant,
    share_above_median,
)
from fairness.metrics.scoring_rate import scoring_counts, scoring_rate, scoring_rate_per_job
from fairness.metrics.selection_rate import selection_rate
from fairness.metrics.threshold_parity import demographic_parity_difference, true_positive_rate
from ranker.errors import DataError, UnknownCandidateError
from ranker.ranking.ranking import Ranking

entries = st.tuples(st.sampled_from(["f", "m", "žena", None]), st.sampled_from([0.0, 1.0, 2.0]))
lists_of_entries = st.lists(st.lists(entries, min_size=1, max_size=8), min_size=1, max_size=4)


def ranked(*lists):
    """Ranking, groups and relevance from lists of (group, relevance) by rank; scores are tied in pairs."""
    rows = [(job, -(place // 2), *entry) for job, one in enumerate(lists) for place, entry in enumerate(one)]
    job, scores, members, relevance = (list(column) for column in zip(*rows, strict=True))
    return (
        Ranking.from_scores(scores, job=job),
        Groups.from_values(members, attribute="gender"),
        np.array(relevance),
    )


def some_disclosed(lists):
    return any(group is not None for one in lists for group, _ in one)


@given(lists=lists_of_entries.filter(some_disclosed), top_k=st.integers(1, 10))
def test_rates_in_the_frame_are_the_rates_of_groups(lists, top_k):
    ranking, groups, relevance = ranked(*lists)
    by_group = metric_frame(ranking, groups, relevance, top_k=top_k).by_group
    assert by_group.index.tolist() == list(groups.labels)
    assert by_group["count"].tolist() == list(groups.counts().values())
    for name, expected in (
        ("selection_rate", selection_rate(ranking, groups, top_k=top_k)),
        ("scoring_rate", scoring_rate(ranking, groups)),
        ("true_positive_rate", true_positive_rate(ranking, groups, relevance, top_k=top_k)),
    ):
        np.testing.assert_allclose(by_group[name].to_numpy(dtype=float), expected.to_numpy(), rtol=1e-12)


@given(entries=st.lists(entries, min_size=2, max_size=10))
def test_for_one_job_exposure_and_mean_rank_are_those_of_groups(entries):
    ranking, groups, _ = ranked(entries)
    if len(groups.labels) >= 2:
        by_group = metric_frame(ranking, groups, top_k=3).by_group
        for name, metric in (("exposure", exposure), ("mean_rank", mean_rank)):
            expected = metric(ranking, groups).to_numpy()
            np.testing.assert_allclose(by_group[name].to_numpy(dtype=float), expected, rtol=1e-12)


@given(lists=lists_of_entries.filter(some_disclosed))
def test_values_by_job_weighted_by_pool_are_those_of_groups(lists):
    ranking, groups, _ = ranked(*lists)
    by_job = metric_frame(ranking, groups, top_k=3, by_job=True).by_group
    assert by_job.index.names == ["job", "gender"]
    kept = compared_jobs(ranking, groups)
    for name, metric in (("exposure", exposure), ("mean_rank", mean_rank)):
        for label, expected in metric(ranking, groups).items():
            values = by_job[name].xs(label, level="gender").reindex(ranking.jobs).to_numpy(dtype=float)
            here = kept & ~np.isnan(values)
            if here.any():
                assert np.average(values[here], weights=ranking.sizes[here]) == pytest.approx(expected)
            else:
                assert math.isnan(expected)


def test_over_jobs_of_different_sizes_the_means_are_not_the_same():
    # f stands first of two and last of twelve: two rows of equal weight in the frame, but for the metric the
    # longer list has six times the weight of the shorter one.
    first, last = 1.0, 1 / math.log2(13)
    ranking = Ranking.from_scores(-np.arange(14.0), job=[1] * 2 + [2] * 12)
    groups = Groups.from_values(["f", "m"] + ["m"] * 11 + ["f"], attribute="gender")
    assert metric_frame(ranking, groups, top_k=1).by_group["exposure"]["f"] == pytest.approx(
        (first + last) / 2
    )
    assert exposure(ranking, groups)["f"] == pytest.approx((2 * first + 12 * last) / 14)


def test_scoring_rates_of_each_job_are_those_of_its_own_median():
    rng = np.random.default_rng(2)
    ranking = Ranking.from_scores(
        rng.normal(size=90) + np.repeat([0, 5, 9], 30), job=np.repeat([1, 2, 3], 30)
    )
    groups = Groups.from_values(rng.choice(["f", "m"], 90), attribute="gender")
    frame = metric_frame(ranking, groups, top_k=3, by_job=True, median="job")
    by_job = frame.by_group["scoring_rate"].unstack().to_numpy(dtype=float)
    np.testing.assert_allclose(by_job, scoring_rate_per_job(ranking, groups), rtol=1e-12)


def test_the_frame_compares_as_fairlearn_does():
    rng = np.random.default_rng(3)
    ranking = Ranking.from_scores(rng.normal(size=80), job=rng.integers(0, 4, 80))
    groups = Groups.from_values(rng.choice(["f", "m", "x"], 80), attribute="gender")
    frame = metric_frame(ranking, groups, top_k=5)
    assert frame.difference()["selection_rate"] == pytest.approx(
        demographic_parity_difference(ranking, groups, top_k=5)
    )
    assert frame.ratio()["selection_rate"] < 1
    assert frame.overall["selection_rate"] == 20 / 80
    by_job = metric_frame(ranking, groups, top_k=5, by_job=True)
    for job in ranking.jobs:
        assert by_job.difference()["selection_rate"][job] == pytest.approx(
            demographic_parity_difference(ranking.of(job), groups, top_k=5)
        )


def test_undisclosed_rows_hold_their_ranks_and_are_not_in_the_frame():
    ranking = Ranking.from_scores([3.0, 2.0, 1.0], job=["a"] * 3)
    groups = Groups.from_values(["", "f", "m"], attribute="gender")
    frame = metric_frame(ranking, groups, top_k=2)
    assert frame.by_group["selection_rate"].to_dict() == {"f": 1.0, "m": 0.0}
    assert frame.by_group["mean_rank"].to_dict() == {"f": 0.5, "m": 0.0}
    assert frame.overall["count"] == 2
    assert "true_positive_rate" not in frame.by_group


def test_an_intersection_is_one_feature_of_the_frame():
    ranking = Ranking.from_scores([4.0, 3.0, 2.0, 1.0], job=["a"] * 4)
    crossed = Groups.from_values(list("ffmm"), attribute="gender").intersect(
        Groups.from_values(list("xyxy"), attribute="origin")
    )
    by_group = metric_frame(ranking, crossed, top_k=2).by_group
    assert by_group.index.name == "gender × origin"
    assert by_group["selection_rate"].tolist() == [1.0, 1.0, 0.0, 0.0]


def test_users_put_the_functions_into_frames_of_their_own():
    ranks, sizes = [1, 2, 3, 1, 2], [3, 3, 3, 2, 2]
    frame = MetricFrame(
        metrics={
            "exposure of two": partial(mean_exposure, top_k=2),
            "selected": selected_share,
            "relevant selected": selected_share_of_relevant,
            "normalised": mean_normalised_rank,
            "above": share_above_median,
        },
        y_true=[1, 0, 2, 0, 0],
        y_pred=ranks,
        sensitive_features=pd.Series(list("fmffm"), name="gender"),
        # As many places as each job has to give.
        sample_params={
            "selected": {"top_k": [2, 2, 2, 1, 1]},
            "relevant selected": {"top_k": [2, 2, 2, 1, 1]},
            "normalised": {"pool_size": sizes},
            "above": {"above_median": [True, False, False, True, False]},
        },
    )
    f, m = (frame.by_group.loc[label] for label in "fm")
    second = 1 / math.log2(3)
    assert [f["exposure of two"], m["exposure of two"]] == pytest.approx([2 / 3, second])
    assert [f["selected"], m["selected"]] == pytest.approx([2 / 3, 1 / 2])
    assert f["relevant selected"] == 1 / 2
    assert math.isnan(m["relevant selected"])
    assert [f["normalised"], m["normalised"]] == pytest.approx([2 / 3, 1 / 4])
    assert [f["above"], m["above"]] == pytest.approx([2 / 3, 0])


def test_functions_of_no_rows_have_no_value():
    assert math.isnan(mean_exposure([], []))
    assert math.isnan(selected_share([], [], top_k=1))
    assert math.isnan(selected_share_of_relevant([0], [1], top_k=1))
    assert math.isnan(mean_normalised_rank([], [], pool_size=[]))
    assert math.isnan(share_above_median([], [], above_median=[]))
    assert mean_normalised_rank([0], [1], pool_size=1) == 0.5


@pytest.mark.parametrize("ranks", [[0.5, 1.2], [0, 1], [1.0, 2.0]])
def test_what_is_no_rank_is_refused(ranks):
    with pytest.raises(DataError, match="y_pred must be ranks"):
        mean_exposure([0, 0], ranks)


def test_a_frame_of_nobody_is_refused():
    ranking = Ranking.from_scores([2.0, 1.0], job=["a", "a"])
    with pytest.raises(DataError, match="nobody to compare"):
        metric_frame(ranking, Groups.from_values(["", ""], attribute="gender"), top_k=1)
    groups = Groups.from_values(["f", "m"], attribute="gender")
    with pytest.raises(DataError, match="whole number from 1"):
        metric_frame(ranking, groups, top_k=0)
    with pytest.raises(UnknownCandidateError, match="1 given for the 2 rows"):
        metric_frame(ranking, groups, [1], top_k=1)
    assert scoring_counts(ranking, groups)["at_median"].sum() == 0
