"""Several constraints, other bounds, ratios, refits: what FairRanker does beside its one plain path."""

import numpy as np
import pandas as pd
import pytest

from fairness import FairnessConstraint, FairRanker, Groups
from fairness.certificate import Certificate
from fairness.metrics import measure_gap
from ranker import EBMRanker, Ranking
from ranker.errors import ConstraintError, DataError

EBM = {"objective": "centred", "outer_bags": 2, "interactions": 0}
GENDER = FairnessConstraint("exposure", attribute="gender", bound=0.08)
ORIGIN = FairnessConstraint("exposure", attribute="origin", bound=0.12)


def applications(seed=0, n_jobs=24, size=16):
    """Skill decides, and two proxies that say much of gender and of origin lower the label."""
    rng = np.random.default_rng(seed)
    n = n_jobs * size
    gender, origin = (
        rng.choice(["f", "m"], size=n),
        rng.choice(["here", "there", "far"], size=n, p=[0.4, 0.3, 0.3]),
    )
    X = pd.DataFrame({
        "skill": rng.normal(size=n),
        "career": 1.5 * (gender == "f") + rng.normal(scale=0.7, size=n),
        "accent": 1.2 * (origin == "far") + 0.6 * (origin == "there") + rng.normal(scale=0.5, size=n),
    })  # fmt: skip
    label = X["skill"] - 0.8 * X["career"] - 0.6 * X["accent"] + rng.normal(scale=0.4, size=n)
    grade = np.clip(np.floor(label + 3.0), 0, 4).to_numpy()
    return X, grade, np.repeat([f"job {j}" for j in range(n_jobs)], size), gender, origin


@pytest.fixture(scope="module")
def data():
    return applications()


def fit(constraint, data, groups, *, strategy="response", relevance=None, objective="centred", **given):
    X, grade, job, _, _ = data
    ranker = FairRanker(
        EBMRanker(**EBM | {"objective": objective}), constraint, strategy=strategy, max_iter=5
    )
    return ranker.fit(
        X, grade if relevance is None else relevance, job=job, sensitive_features=groups, **given
    )


def test_gap(fair, data, values, attribute, **measure):
    """Largest gap of the shipped scorer on the test part, measured from outside."""
    X, _, job, _, _ = data
    rows = fair.part_ == "test"
    ranking = Ranking.from_scores(fair.decision_function(X[rows]), job=job[rows])
    groups = Groups.from_values(values[rows], attribute=attribute)
    return measure_gap(ranking, groups, **measure).abs().max()


test_gap.__test__ = False


@pytest.fixture(scope="module")
def frame(data):
    return pd.DataFrame({"age": "any", "origin": data[4], "gender": data[3]})


@pytest.fixture(scope="module")
def both(data, frame):
    return fit([GENDER, ORIGIN], data, frame)


def test_several_constraints_are_kept_at_once_on_the_tune_part(both):
    chosen = both.frontier_[both.frontier_["chosen"]].iloc[0]
    assert both.multiplier_ > 0
    assert chosen["met"]
    assert chosen["gap: gender"] <= 0.08
    assert chosen["gap: origin"] <= 0.12
    first = both.frontier_.iloc[0]
    assert first["gap: gender"] > 0.08
    assert first["gap: origin"] > 0.12


def test_each_constraint_has_a_certificate_and_the_worst_stands_for_all(both, data):
    assert [c.constraint for c in both.certificates_] == [GENDER, ORIGIN]
    for certificate, values in zip(both.certificates_, data[3:], strict=True):
        attribute = certificate.constraint.attribute
        expected = test_gap(both, data, values, attribute, measure="exposure")
        assert certificate.measured == pytest.approx(expected, abs=1e-12)
    order = ["holds", "undecided", "fails"]
    worst = max(order.index(c.verdict) for c in both.certificates_)
    assert both.certificate_ in both.certificates_
    assert both.certificate_.verdict == order[worst]


def test_the_worst_certificate_is_the_one_with_the_worst_verdict_and_then_the_largest_miss():
    def certificate(measured, high):
        return Certificate(GENDER, measured, (measured, high), 0.95, "jobs", {}, {}, 5, 5, 0.0, True)

    holds, unsure, fails, worse = (
        certificate(*v) for v in [(0.01, 0.02), (0.09, 0.05), (0.09, 0.1), (0.3, 0.4)]
    )
    verdicts = [c.verdict for c in (holds, unsure, fails, worse)]
    assert verdicts == ["holds", "undecided", "fails", "fails"]
    assert sorted([worse, holds, fails, unsure], key=lambda c: c.severity) == [holds, unsure, fails, worse]


def test_groups_may_come_as_a_dict(both, data):
    again = fit([GENDER, ORIGIN], data, {"gender": data[3], "origin": data[4]})
    assert again.scorer_.to_json() == both.scorer_.to_json()
    assert again.certificates_ == both.certificates_


def test_a_column_that_a_constraint_names_and_nobody_gave_is_refused(data, frame):
    with pytest.raises(ConstraintError, match="no column 'origin'"):
        fit([GENDER, ORIGIN], data, frame[["gender"]])
    with pytest.raises(ConstraintError, match="no 'origin'"):
        fit([GENDER, ORIGIN], data, {"gender": data[3]})
    with pytest.raises(ConstraintError, match="by name"):
        fit([GENDER, ORIGIN], data, data[3])


def test_two_measures_of_one_attribute_are_kept_at_once(data, frame):
    top = FairnessConstraint("selection_rate", attribute="gender", bound=0.5, kind="ratio", top_k=8)
    fair = fit([GENDER, top], data, frame)
    chosen = fair.frontier_[fair.frontier_["chosen"]].iloc[0]
    gaps = [chosen[name] for name in fair.frontier_.columns if name.startswith("gap: gender")]
    assert len(gaps) == len(fair.certificates_) == len(fair.group_multipliers_) == 2
    assert [c.chosen_on_tune for c in fair.certificates_] == gaps
    assert gaps[0] <= 0.08
    assert gaps[1] >= 0.5


def test_the_same_constraint_twice_is_refused(data, frame):
    looser = FairnessConstraint("exposure", attribute="gender", bound=0.3)
    with pytest.raises(ConstraintError, match="keep the tighter"):
        fit([GENDER, looser], data, frame)


def test_three_groups_have_a_table_each_and_two_share_one(both):
    assert list(both.group_scorers_) == [
        "gender: f against m",
        "origin: far",
        "origin: here",
        "origin: there",
    ]
    assert set(both.group_multipliers_) == set(both.group_scorers_)


@pytest.fixture(scope="module")
def alone(data):
    return fit(GENDER, data, data[3])


@pytest.mark.parametrize("bound", [0.02, 0.9])
def test_another_bound_gives_what_a_fresh_fit_gives(alone, data, bound):
    fresh = fit(FairnessConstraint("exposure", "gender", bound), data, data[3])
    other = alone.with_bound(bound)
    assert other.scorer_.to_json() == fresh.scorer_.to_json()
    assert other.multiplier_ == fresh.multiplier_
    assert other.certificates_ == fresh.certificates_
    pd.testing.assert_frame_equal(other.frontier_, fresh.frontier_)


def test_another_bound_leaves_the_ranker_that_was_asked_as_it_is(alone):
    before = alone.scorer_.to_json()
    loose = alone.with_bound(0.9)
    assert loose.multiplier_ == 0.0 < alone.multiplier_
    assert loose.constraint.bound == 0.9
    assert alone.scorer_.to_json() == before
    assert alone.certificate_.constraint == GENDER


def test_each_of_several_constraints_gets_its_own_bound(both):
    loose = both.with_bound(0.9, 0.8)
    assert [c.constraint.bound for c in loose.certificates_] == [0.9, 0.8]
    assert loose.multiplier_ == 0.0
    with pytest.raises(ConstraintError, match="1 bounds for 2 constraint"):
        both.with_bound(0.1)


def test_four_fifths_of_the_selection_rate_are_kept_among_the_first_ten(data):
    X, _, job, gender, _ = data
    four_fifths = FairnessConstraint("selection_rate", "gender", 0.8, kind="ratio", top_k=10)
    people = np.array([f"person {i}" for i in range(len(job))])  # labels, since lots decide between ties
    fair = fit(four_fifths, data, gender, candidate=people)
    rows = fair.part_ == "tune"

    def ratio(scorer):
        ranking = Ranking.from_scores(scorer.score(X[rows]), job=job[rows], candidate=people[rows])
        selected = np.isin(people[rows], ranking.candidates[ranking.in_top(10)])
        rates = [selected[gender[rows] == group].mean() for group in "fm"]
        return min(rates) / max(rates)

    assert ratio(fair.unconstrained_) < 0.8 <= ratio(fair.scorer_)
    assert fair.certificate_.chosen_on_tune == pytest.approx(ratio(fair.scorer_), abs=1e-9)
    assert fair.certificate_.constraint.kind == "ratio"


@pytest.fixture(scope="module")
def refitted(data):
    return fit(GENDER, data, data[3], strategy="refit")


def test_refitting_ships_one_ebm_whose_path_starts_at_the_unconstrained_model(refitted, alone, data):
    X = data[0]
    assert list(refitted.objectives_["way"]) == ["refitted"]
    assert refitted.unconstrained_.to_json() == alone.unconstrained_.to_json()
    assert refitted.scorer_at(0).to_json() == refitted.unconstrained_.to_json()
    assert refitted.frontier_["multiplier"].iloc[0] == 0.0
    assert refitted.scorer_at(refitted.multiplier_).to_json() == refitted.scorer_.to_json()
    np.testing.assert_array_equal(refitted.ebm_.predict(X), refitted.decision_function(X))


def test_refitting_keeps_the_bound_too(refitted, data):
    assert refitted.certificate_.met_on_tune
    assert refitted.multiplier_ > 0
    expected = test_gap(refitted, data, data[3], "gender", measure="exposure")
    assert refitted.certificate_.measured == pytest.approx(expected, abs=1e-12)


def test_auto_refits_nothing_where_a_sum_of_tables_keeps_the_bound(alone, data):
    auto = fit(GENDER, data, data[3], strategy="auto")
    assert auto.objectives_["met"].any()
    assert "refitted" not in set(auto.objectives_["way"])
    assert auto.scorer_.to_json() == alone.scorer_.to_json()


def test_auto_refits_where_no_sum_keeps_the_bound_and_shows_both(data):
    hopeless = FairnessConstraint("selection_rate", "gender", 0.0, top_k=3)
    small = tuple(part[: 16 * 12] for part in data)
    auto = fit(hopeless, small, small[3], strategy="auto")
    ways = list(auto.objectives_["way"])
    assert len(ways) == 2
    assert ways[1] == "refitted"
    assert not auto.objectives_["met"].iloc[0]
    nearest = auto.objectives_["missed"].min()
    shipped = auto.frontier_[auto.frontier_["chosen"]].iloc[0]
    assert shipped["missed"] == nearest
    response = fit(hopeless, small, small[3])
    assert len(response.objectives_) == 1


@pytest.mark.parametrize("strategy", ["automatic", "refits", None])
def test_an_unknown_strategy_is_refused(data, strategy):
    with pytest.raises(ConstraintError, match="strategy"):
        fit(GENDER, data, data[3], strategy=strategy)


@pytest.mark.parametrize("none", [[], ()])
def test_no_constraint_is_refused(data, none):
    with pytest.raises(ConstraintError, match="no constraint"):
        fit(none, data, data[3])


def test_mean_ranks_weigh_all_places_alike_and_exposure_the_top(alone, data):
    fair = fit(FairnessConstraint("mean_rank", "gender", 0.05), data, data[3])
    relevance = [term.weights for term in fair.unconstrained_.terms]
    flat = [term.weights for term in fair.group_scorers_["f against m"].terms]
    heavy = [term.weights for term in alone.group_scorers_["f against m"].terms]
    for plain, same, other in zip(relevance, flat, heavy, strict=True):
        np.testing.assert_array_equal(same, plain)
        assert other.sum() == pytest.approx(plain.sum())
        assert np.abs(other - plain).max() > 1
    assert fair.certificate_.met_on_tune


def test_test_labels_and_test_groups_change_no_choice_of_auto():
    data = applications(n_jobs=7, size=20)
    _, grade, _, gender, _ = data
    # By candidates, so that jobs stand in every part.
    part = np.tile(["train"] * 11 + ["tune"] * 5 + ["test"] * 4, 7)
    test = part == "test"
    one = fit(GENDER, data, gender, objective="auto", part=part)
    labels = np.where(test, -3.0 - grade, grade)
    swapped = np.where(test, np.where(gender == "f", "m", "f"), gender)
    swapped[np.flatnonzero(test)[:3]] = "x"
    other = fit(GENDER, data, swapped, objective="auto", relevance=labels, part=part)
    assert other.objective_ == one.objective_
    assert other.multiplier_ == one.multiplier_
    assert other.scorer_.to_json() == one.scorer_.to_json()
    pd.testing.assert_frame_equal(other.objectives_, one.objectives_)
    pd.testing.assert_frame_equal(other.frontier_, one.frontier_)
    assert other.certificate_.by_group != one.certificate_.by_group


@pytest.mark.parametrize("weight", [np.nan, -1.0])
def test_a_weight_that_is_none_is_refused(data, weight):
    weights = np.full(len(data[1]), 1.0)
    weights[::7] = weight
    with pytest.raises(DataError, match="sample_weight must hold"):
        fit(GENDER, data, data[3], sample_weight=weights)


def test_rows_of_weight_zero_train_nothing(alone, data):
    _, grade, _, gender, _ = data
    some = (alone.part_ == "train") & (np.random.default_rng(1).random(len(grade)) < 0.2)
    weight = np.where(some, 0.0, 1.0)
    nonsense = np.where(some, 4.0 - grade, grade)
    one, other = (
        fit(GENDER, data, gender, relevance=labels, part=alone.part_, sample_weight=weight)
        for labels in (grade, nonsense)
    )
    assert other.scorer_.to_json() == one.scorer_.to_json()
    assert other.unconstrained_.to_json() != alone.unconstrained_.to_json()
