"""Names, settings and data that moments take or refuse."""

import fairlearn.reductions
import numpy as np
import pytest

from fairness import moments
from fairness.moments import MOMENTS, RankingParity, TopKShareParity, moment_by_name
from ranker.errors import ConstraintError, DataError, FitError

OURS = [name for name in MOMENTS if name.islower()]
NEEDS = {"selection_rate": {"top_k": 3}}


def load(name, *, y=(0.0, 1.0, 2.0, 1.0), group=("a", "b", "a", "b"), job=(0, 0, 0, 0), **settings):
    moment = moment_by_name(name, **{**NEEDS.get(name, {}), **settings})
    y, group = np.asarray(y), np.array(group, dtype=object)
    moment.load_data(np.zeros((len(y), 1)), y, sensitive_features=group, job=job)
    return moment


def test_every_name_of_the_package_is_there():
    for name in moments.__all__:
        assert getattr(moments, name) is not None


@pytest.mark.parametrize("name", OURS)
def test_a_name_makes_a_moment_with_its_bound(name):
    moment = moment_by_name(name, difference_bound=0.25, **NEEDS.get(name, {}))
    assert isinstance(moment, MOMENTS[name])
    assert moment.eps == 0.25
    assert set(load(name, difference_bound=0.25).bound()) == {0.25}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("DemographicParity", "DemographicParity"),
        ("demographic_parity", "DemographicParity"),
        ("true_positive_rate_parity", "TruePositiveRateParity"),
        ("equalized_odds", "EqualizedOdds"),
        ("EqualizedOdds", "EqualizedOdds"),
    ],
)
def test_fairlearns_moments_go_by_their_own_names_and_in_snake_case(name, kind):
    assert type(moment_by_name(name, ratio_bound=0.8)) is getattr(fairlearn.reductions, kind)


def test_an_unknown_name_is_answered_with_the_one_meant():
    with pytest.raises(ConstraintError, match="no moment is called 'mean_rnak'; did you mean 'mean_rank'"):
        moment_by_name("mean_rnak")


def test_an_unknown_setting_is_answered_with_the_one_meant():
    with pytest.raises(
        ConstraintError, match="'mean_rank' takes no 'bound'; did you mean 'difference_bound'"
    ):
        moment_by_name("mean_rank", bound=0.1)
    with pytest.raises(ConstraintError, match="takes no 'top_k'"):
        moment_by_name("mean_rank", top_k=5)


def test_settings_that_fairlearn_refuses_are_refused_as_ours():
    with pytest.raises(ConstraintError, match=r"'DemographicParity'.*difference_bound and ratio_bound"):
        moment_by_name("DemographicParity", difference_bound=0.1, ratio_bound=0.8)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("bound", [-0.1, float("nan"), "0.1", True, None])
def test_a_bound_that_bounds_nothing_is_refused(name, bound):
    with pytest.raises(ConstraintError, match="bound"):
        moment_by_name(name, difference_bound=bound, **NEEDS.get(name, {}))


@pytest.mark.parametrize("name", ["exposure", "selection_rate", "top_k_share"])
@pytest.mark.parametrize("top_k", [0, -1, 2.5, True])
def test_a_cut_off_that_cuts_nothing_is_refused(name, top_k):
    with pytest.raises(ConstraintError, match=r"top_k .* must be a whole number from 1 on"):
        moment_by_name(name, top_k=top_k)


def test_cut_offs_are_sorted_and_each_counts_once():
    assert TopKShareParity(top_k=(10, 5, 10)).top_k == (5, 10)
    assert TopKShareParity(top_k=7).top_k == (7,)
    with pytest.raises(ConstraintError, match="names no cut-off"):
        TopKShareParity(top_k=())
    with pytest.raises(ConstraintError, match="top_k 0 must"):
        TopKShareParity(top_k=(5, 0))


def test_a_measure_means_what_it_means_in_a_constraint():
    with pytest.raises(ConstraintError, match="did you mean 'exposure'"):
        RankingParity("exposur")
    with pytest.raises(ConstraintError, match="selection_rate counts the first top_k"):
        moment_by_name("selection_rate")


@pytest.mark.parametrize("name", OURS)
def test_one_group_alone_is_nothing_to_compare(name):
    with pytest.raises(ConstraintError, match="two groups or more, and only 'a' is disclosed"):
        load(name, group=("a", "a", None, "a"))
    with pytest.raises(ConstraintError, match="no group is disclosed"):
        load(name, group=(None,) * 4)
    with pytest.raises(ConstraintError, match="'a' meets no other group in any job"):
        load(name, group=("a", "a", "b", "b"), job=(0, 0, 1, 1))


def test_negative_merit_is_refused_with_the_way_out():
    with pytest.raises(ConstraintError, match=r"row 1 is -1 \(1 are negative\).*shift the labels"):
        load("merit_exposure", y=(0.0, -1.0, 2.0, 1.0))


def test_a_pool_without_merit_is_refused():
    with pytest.raises(ConstraintError, match="where anybody has merit"):
        load("merit_exposure", y=np.zeros(4))


def test_a_group_that_is_never_better_has_no_opportunity_to_compare():
    with pytest.raises(ConstraintError, match=r"'b' .*with a member who has a better label than somebody"):
        load("pairwise_equal_opportunity", y=(1.0, 0.0, 2.0, 0.0))


@pytest.mark.parametrize("name", OURS)
def test_data_that_do_not_fit_together_are_refused(name):
    with pytest.raises(DataError, match="job has 3 rows and y 4"):
        load(name, job=(0, 0, 0))
    with pytest.raises(DataError, match="sensitive_features has 3 rows and y 4"):
        load(name, group=("a", "b", "a"))
    with pytest.raises(DataError, match="job label of row 2 is missing"):
        load(name, job=("x", "x", None, "x"))
    with pytest.raises(FitError, match="y of row 1 is nan"):
        load(name, y=(0.0, np.nan, 1.0, 2.0))
    with pytest.raises(FitError, match="no number"):
        load(name, y=np.array(["good", "bad", "good", "bad"]))


def test_scores_that_are_no_scores_are_refused():
    moment = load("mean_rank")
    with pytest.raises(DataError, match="3 scores for 4 rows"):
        moment.gamma(lambda X: np.zeros(3))
    with pytest.raises(DataError, match="row 2 the score nan"):
        moment.gamma(lambda X: np.array([0.0, 1.0, np.nan, 2.0]))
