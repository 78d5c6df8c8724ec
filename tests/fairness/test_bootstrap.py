import numpy as np
import pytest

from fairness.groups import Groups
from fairness.metrics import MeasureStatistic, bootstrap_over_jobs, exposure_ratio
from ranker.errors import DataError
from ranker.ranking.metrics import ndcg
from ranker.ranking.ranking import Ranking

STATISTICS = [
    MeasureStatistic(measure, kind, top_k)
    for measure, top_k in [("exposure", None), ("exposure", 3), ("selection_rate", 3), ("mean_rank", None)]
    for kind in ("ratio", "difference")
]


def sample(n_jobs, size, seed=0):
    """Rankings where groups f and m differ by luck alone, and one in ten is undisclosed."""
    rng = np.random.default_rng(seed)
    n = n_jobs * size
    ranking = Ranking.from_scores(rng.normal(size=n), job=np.repeat(np.arange(n_jobs), size))
    return ranking, Groups.from_values(rng.choice(["f", "m", ""], n, p=[0.4, 0.5, 0.1]), attribute="gender")


@pytest.mark.parametrize("statistic", STATISTICS, ids=str)
@pytest.mark.parametrize(("n_jobs", "unit"), [(30, "jobs"), (4, "candidates")])
def test_the_short_way_gives_what_resampled_rankings_give(statistic, n_jobs, unit):
    ranking, groups = sample(n_jobs, size=12)
    short = bootstrap_over_jobs(ranking, groups, statistic, n_resamples=40)
    long = bootstrap_over_jobs(ranking, groups, lambda r, g: statistic(r, g), n_resamples=40)
    assert (short.unit, long.unit) == (unit, unit)
    assert short[:2] == pytest.approx(long[:2], rel=1e-9)
    assert short.low < short.high


def test_jobs_are_resampled_only_where_twenty_can_be_compared():
    for n_jobs, unit in ((19, "candidates"), (20, "jobs")):
        ranking, _ = sample(n_jobs, size=6)
        groups = Groups.from_values(["f", "m", "m"] * (2 * n_jobs), attribute="gender")
        assert bootstrap_over_jobs(ranking, groups, STATISTICS[0], n_resamples=2).unit == unit
    in_one_job = Groups.from_values(["f"] + ["m"] * 119, attribute="gender")
    assert bootstrap_over_jobs(ranking, in_one_job, STATISTICS[0], n_resamples=2).unit == "candidates"


def test_resampled_candidates_keep_jobs_groups_and_order():
    ranking, groups = sample(3, size=20)
    members = ranking.aligned(groups.codes)
    seen = []

    def look(resampled, given):
        codes = resampled.aligned(given.codes)
        seen.append(resampled.row.tolist())
        for j in range(3):
            mine = slice(ranking.indptr[j], ranking.indptr[j + 1])
            assert sorted(codes[mine]) == sorted(members[mine])
            assert (np.diff(resampled.scores[mine]) <= 0).all()
            assert set(resampled.candidates[mine]) <= set(ranking.candidates[mine])
        return 0.0

    bootstrap_over_jobs(ranking, groups, look, n_resamples=20)
    assert len({tuple(rows) for rows in seen}) == 20


def test_resampled_jobs_keep_their_candidates_whole():
    ranking, groups = sample(25, size=5)
    whole = {tuple(ranking.of(job).candidates) for job in ranking.jobs}
    times = []

    def look(resampled, given):
        lists = [tuple(resampled.candidates[5 * j : 5 * j + 5]) for j in range(resampled.n_jobs)]
        assert set(lists) <= whole
        times.append(len(set(lists)))
        return 0.0

    bootstrap_over_jobs(ranking, groups, look, n_resamples=20)
    # Of 25 jobs drawn with replacement about 1 - 1/e are different ones.
    assert 13 < np.mean(times) < 19


def test_any_statistic_of_a_ranking_can_be_resampled():
    ranking, groups = sample(30, size=8)
    relevance = np.random.default_rng(1).integers(0, 3, len(ranking))
    low, high, _ = bootstrap_over_jobs(ranking, groups, lambda r, g: ndcg(r, relevance), n_resamples=50)
    assert low < ndcg(ranking, relevance) < high


def test_the_interval_covers_parity_as_often_as_it_says():
    covered = 0
    for seed in range(100):
        ranking, groups = sample(40, size=10, seed=seed)
        f_over_m = lambda r, g: float(np.divide(*_exposures(r, g)))  # noqa: E731
        low, high, unit = bootstrap_over_jobs(ranking, groups, f_over_m, n_resamples=60, level=0.9)
        covered += low <= 1 <= high
    assert unit == "jobs"
    # 90 expected; 100 trials of .9 fall below 79 once in a thousand times, and few resamples widen that.
    assert 78 <= covered <= 99


def _exposures(ranking, groups):
    codes, values = ranking.aligned(groups.codes), 1 / np.log2(1 + ranking.ranks)
    return values[codes == 0].mean(), values[codes == 1].mean()


def test_a_group_of_one_never_vanishes():
    ranking = Ranking.from_scores(np.arange(6.0), job=["a"] * 6)
    groups = Groups.from_values(["m", "m", "x", "m", None, "m"], attribute="gender")
    low, high, _ = bootstrap_over_jobs(ranking, groups, exposure_ratio, n_resamples=50)
    assert 0 < low <= high <= 1


def test_the_same_seed_gives_the_same_interval_and_a_wider_level_a_wider_one():
    ranking, groups = sample(30, size=8)
    once, again = (bootstrap_over_jobs(ranking, groups, STATISTICS[0]) for _ in range(2))
    assert once == again
    assert bootstrap_over_jobs(ranking, groups, STATISTICS[0], random_state=1) != once
    wide = bootstrap_over_jobs(ranking, groups, STATISTICS[0], level=0.99)
    assert wide.low < once.low < once.high < wide.high


@pytest.mark.parametrize("statistic", [STATISTICS[0], exposure_ratio])
def test_nothing_to_compare_has_no_interval(statistic):
    ranking = Ranking.from_scores([1.0, 2.0], job=["a", "b"])
    groups = Groups.from_values(["m", "f"], attribute="gender")
    low, high, unit = bootstrap_over_jobs(ranking, groups, statistic, n_resamples=5)
    assert np.isnan([low, high]).all()
    assert unit == "candidates"


def test_an_interval_that_means_nothing_is_refused():
    ranking, groups = sample(2, size=3)
    with pytest.raises(DataError, match="share between 0 and 1"):
        bootstrap_over_jobs(ranking, groups, exposure_ratio, level=95)
    with pytest.raises(DataError, match="draw at least 1"):
        bootstrap_over_jobs(ranking, groups, exposure_ratio, n_resamples=0)
