import numpy as np
import pandas as pd
import pytest

from fairness import FairnessConstraint, FairRanker, Groups, _path
from fairness._parts import as_groups
from fairness.metrics import measure_gap
from ranker import EBMRanker, Ranking
from ranker.errors import ConstraintError, DataError, FitError
from ranker.scoring.mixture import combine

EBM = {"objective": "centred", "outer_bags": 3, "interactions": 1}


def applications(seed=0, n_jobs=36, size=30, gap=0.8):
    """Skill decides, and a proxy that says much of the group lowers the label."""
    rng = np.random.default_rng(seed)
    n = n_jobs * size
    group = rng.choice(["f", "m"], size=n, p=[0.4, 0.6])
    group = np.where(rng.random(n) < 0.05, "undisclosed", group)
    proxy = (group == "f") * 1.0 + rng.normal(scale=0.7, size=n)
    skill = rng.normal(size=n)
    label = skill - gap * proxy + rng.normal(scale=0.5, size=n)
    X = pd.DataFrame({"skill": skill, "proxy": proxy, "noise": rng.normal(size=n)})
    grade = np.clip(np.floor(label + 2.0), 0, 4)
    job = np.repeat([f"job {j}" for j in range(n_jobs)], size)
    return X, grade, job, group


@pytest.fixture(scope="module")
def data():
    return applications()


@pytest.fixture(scope="module")
def fair(data):
    X, grade, job, group = data
    constraint = FairnessConstraint("exposure", attribute="gender", bound=0.05)
    return FairRanker(EBMRanker(**EBM), constraint).fit(X, grade, job=job, sensitive_features=group)


def gaps(fair, scorer, data, part):
    X, _, job, group = data
    rows = fair.part_ == part
    ranking = Ranking.from_scores(scorer.score(X[rows]), job=job[rows])
    groups = Groups.from_values(group[rows], attribute="gender")
    return measure_gap(ranking, groups, measure="exposure").abs().max()


def test_the_gap_is_smaller_than_without_the_constraint(fair, data):
    for part in ("train", "tune", "test"):
        assert gaps(fair, fair.scorer_, data, part) < gaps(fair, fair.unconstrained_, data, part) / 2


def test_the_bound_is_kept_on_the_part_that_chose(fair, data):
    assert gaps(fair, fair.scorer_, data, "tune") <= 0.05
    assert fair.certificate_.met_on_tune


def test_the_certificate_measures_the_very_scorer_that_ships_on_the_test_part(fair, data):
    assert fair.certificate_.measured == pytest.approx(gaps(fair, fair.scorer_, data, "test"), abs=1e-12)
    low, high = fair.certificate_.interval
    assert low <= fair.certificate_.measured <= high


def test_changing_the_test_part_changes_no_choice(fair, data):
    X, grade, job, group = data
    changed = grade.copy()
    test = fair.part_ == "test"
    changed[test] = np.random.default_rng(1).permutation(grade[test])
    swapped = group.copy()
    swapped[test] = np.where(group[test] == "f", "m", "f")
    again = FairRanker(EBMRanker(**EBM), fair.constraint).fit(
        X, changed, job=job, sensitive_features=swapped, part=fair.part_
    )
    assert again.multiplier_ == fair.multiplier_
    assert again.scorer_.to_json() == fair.scorer_.to_json()


def test_what_ships_is_a_point_on_the_path_of_fairlearns_reductions(fair):
    row = fair.frontier_[fair.frontier_["chosen"]].iloc[0]
    assert row["multiplier"] == fair.multiplier_
    knots = {0.0: np.zeros(len(fair.group_multipliers_))}
    for position, mixture in fair.reduction_.groupby("position"):
        assert mixture["share"].sum() == pytest.approx(1.0)
        knots[position] = mixture["share"].to_numpy() @ mixture[list(fair.group_multipliers_)].to_numpy()
    assert max(knots) == 1.0
    if fair.multiplier_ > 1.0:
        expected = fair.multiplier_ * knots[1.0]
    else:
        left = max(k for k in knots if k <= fair.multiplier_)
        right = min(k for k in knots if k >= fair.multiplier_)
        way = 0.0 if right == left else (fair.multiplier_ - left) / (right - left)
        expected = (1 - way) * knots[left] + way * knots[right]
    np.testing.assert_allclose(list(fair.group_multipliers_.values()), expected, atol=1e-8)


def test_the_collapse_equals_the_weighted_sum_of_its_tables(fair, data):
    X = data[0]
    tables = [fair.unconstrained_, *fair.group_scorers_.values()]
    weights = [1.0, *fair.group_multipliers_.values()]
    expected = sum(w * table.score(X) for w, table in zip(weights, tables, strict=True))
    np.testing.assert_allclose(fair.scorer_.score(X), expected, atol=1e-12)


def test_multiplier_zero_is_the_unconstrained_model_bit_for_bit(fair, data):
    tables = [fair.unconstrained_, *fair.group_scorers_.values()]
    zero = combine([1.0] + [0.0] * len(fair.group_scorers_), tables)
    assert zero.to_json() == fair.unconstrained_.to_json()
    alone = EBMRanker(**EBM)
    train = fair.part_ == "train"
    X, grade, job, _ = data
    alone.fit(X[train], grade[train], job=job[train])
    assert alone.scorer_.to_json() == fair.unconstrained_.to_json()


def test_no_group_is_needed_to_score_and_swapping_one_changes_nothing(fair, data):
    X, _, _, group = data
    assert "gender" not in fair.feature_names_in_
    with_column = X.assign(gender=group)
    swapped = X.assign(gender=group[::-1])
    np.testing.assert_array_equal(fair.decision_function(with_column), fair.decision_function(swapped))


def test_the_ebm_that_ships_is_the_scorer(fair, data):
    X = data[0]
    np.testing.assert_array_equal(fair.ebm_.predict(X), fair.decision_function(X))
    assert fair.ebm_.explain_global().data()["names"][0] == "skill"
    fair.ebm_.explain_local(X.head(3))


def test_the_ranking_is_made_from_the_scores(fair, data):
    X, _, job, _ = data
    ranking = fair.rank(X, job=job)
    assert ranking.n_jobs == 36
    assert len(ranking) == len(X)


def test_the_frontier_has_a_row_for_each_multiplier(fair):
    path = fair.frontier_
    assert path["multiplier"].iloc[0] == 0.0
    assert path["multiplier"].is_monotonic_increasing
    assert path["accuracy_cost"].iloc[0] == 0.0
    assert path["chosen"].sum() == 1
    first_kept = path.index[path["met"]][0]
    assert path["chosen"].iloc[first_kept]


def test_the_same_seed_gives_the_same_model(fair, data):
    X, grade, job, group = data
    again = FairRanker(EBMRanker(**EBM), fair.constraint).fit(X, grade, job=job, sensitive_features=group)
    assert again.scorer_.to_json() == fair.scorer_.to_json()
    pd.testing.assert_frame_equal(again.frontier_, fair.frontier_)


def test_a_bound_that_cannot_be_met_is_said_with_the_nearest():
    X, grade, job, group = applications(n_jobs=24, size=12)
    constraint = FairnessConstraint("selection_rate", attribute="gender", bound=0.0, top_k=3)
    fair = FairRanker(EBMRanker(**EBM), constraint).fit(X, grade, job=job, sensitive_features=group)
    assert not fair.certificate_.met_on_tune
    nearest = fair.frontier_["gap"].min()
    assert fair.certificate_.chosen_on_tune == nearest
    assert "No multiplier met the bound" in fair.certificate_.in_words()


def test_a_constraint_that_is_kept_already_ships_the_unconstrained_model():
    X, grade, job, _ = applications(n_jobs=24, size=12)
    coin = np.random.default_rng(5).choice(["heads", "tails"], size=len(job))
    constraint = FairnessConstraint("exposure", attribute="coin", bound=0.5)
    fair = FairRanker(EBMRanker(**EBM), constraint).fit(X, grade, job=job, sensitive_features=coin)
    assert fair.multiplier_ == 0.0
    assert fair.scorer_.to_json() == fair.unconstrained_.to_json()


def test_a_ratio_is_measured_as_a_ratio(data):
    X, grade, job, group = data
    constraint = FairnessConstraint("exposure", attribute="gender", bound=0.9, kind="ratio")
    fair = FairRanker(EBMRanker(**EBM), constraint).fit(X, grade, job=job, sensitive_features=group)
    assert fair.certificate_.chosen_on_tune >= 0.9
    assert 0.0 < fair.certificate_.measured <= 1.0


def test_several_attributes_are_crossed(data):
    X, grade, job, group = data
    origin = np.random.default_rng(2).choice(["here", "there"], size=len(job))
    constraint = FairnessConstraint("exposure", attribute=("gender", "origin"), bound=0.2)
    columns = pd.DataFrame({"origin": origin, "gender": group})
    fair = FairRanker(EBMRanker(**EBM), constraint).fit(X, grade, job=job, sensitive_features=columns)
    assert set(fair.group_scorers_) == {"f × here", "f × there", "m × here", "m × there"}


def test_a_tiny_group_is_ranked_and_left_out_and_said(data):
    X, grade, job, group = data
    group = group.copy()
    group[[3, 100, 500]] = "x"
    constraint = FairnessConstraint("exposure", attribute="gender", bound=0.1)
    fair = FairRanker(EBMRanker(**EBM), constraint).fit(X, grade, job=job, sensitive_features=group)
    assert set(fair.group_scorers_) == {"f against m"}
    assert any("'x'" in note for note in fair.certificate_.notes)
    assert any("undisclosed" in note for note in fair.certificate_.notes)


def test_one_group_is_no_comparison(data):
    X, grade, job, _ = data
    with pytest.raises(ConstraintError, match="compares at least two"):
        FairRanker(EBMRanker(**EBM), FairnessConstraint("exposure", "gender", 0.1)).fit(
            X, grade, job=job, sensitive_features=["f"] * len(job)
        )


def test_parts_must_be_whole(data):
    X, grade, job, group = data
    ranker = FairRanker(EBMRanker(**EBM), FairnessConstraint("exposure", "gender", 0.1))
    with pytest.raises(DataError, match="none is 'tune'"):
        ranker.fit(X, grade, job=job, sensitive_features=group, part=["train", "test"] * (len(job) // 2))
    with pytest.raises(DataError, match="found 'dev'"):
        ranker.fit(X, grade, job=job, sensitive_features=group, part=["dev"] * len(job))


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"relevance": ["good"] * 4}, FitError, "no number"),
        ({"relevance": [1.0, 2.0]}, DataError, "one label a row"),
        ({"relevance": [1.0, np.nan, 2.0, 3.0]}, FitError, "row 1 is nan"),
        ({"job": ["a", None, "b", "b"]}, DataError, "job"),
        ({"candidate": ["p", "p", "q", "r"]}, DataError, "p"),
        ({"candidate": ["p"]}, DataError, "candidate"),
        ({"X": [[1.0], [2.0], [3.0], [4.0]]}, DataError, "X is of type list"),
        ({"X": pd.DataFrame({"a": [1.0]})}, DataError, "X has 1 rows and job 4"),
        ({"sample_weight": [1.0]}, DataError, "sample_weight has 1 rows"),
        ({"sensitive_features": ["f"]}, DataError, "sensitive_features has 1 rows"),
    ],
)
def test_what_cannot_be_fitted_is_refused_before_anything_is(change, error, said):
    given = {
        "X": pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}), "relevance": [1.0, 2.0, 3.0, 4.0],
        "job": ["a", "a", "b", "b"], "sensitive_features": ["f", "m", "f", "m"], **change,
    }  # fmt: skip
    ranker = FairRanker(EBMRanker(**EBM), FairnessConstraint("exposure", "gender", 0.1))
    with pytest.raises(error, match=said):
        ranker.fit(given.pop("X"), given.pop("relevance"), **given)


def test_people_who_stand_in_several_parts_are_counted(data):
    X, grade, job, group = data
    person = np.tile(np.arange(len(job) // 2), 2).astype(str)
    constraint = FairnessConstraint("exposure", attribute="gender", bound=0.1)
    fair = FairRanker(EBMRanker(**EBM), constraint).fit(
        X, grade, job=job, candidate=person, sensitive_features=group
    )
    assert any("how new jobs are ranked, not new people" in note for note in fair.certificate_.notes)


def test_groups_are_read_by_the_constraints_names():
    constraint = FairnessConstraint("exposure", attribute=("a", "b"), bound=0.1)
    frame = pd.DataFrame({"b": ["x", "y"], "a": ["1", "2"]})
    assert as_groups(frame, constraint).labels == ("1 × x", "2 × y")
    with pytest.raises(ConstraintError, match="names 2 attribute"):
        as_groups(["x", "y"], constraint)


def test_a_position_that_was_walked_before_is_not_searched_again(fair, monkeypatch):
    path = fair._paths[fair.objective_, fair.way_]
    walked = path.multipliers([0.0, 0.37, 1.5])
    np.testing.assert_array_equal(path._walk([0.0, 0.37, 1.5]), walked)
    monkeypatch.setattr(_path, "GridSearch", None)
    np.testing.assert_array_equal(path.multipliers([1.5, 0.37]), walked[[2, 1]])
