import json

import numpy as np
import pytest

from explain.posthoc import list_importance
from explain.posthoc.whole_list import _drawn_shares
from ranker.errors import DataError, ProtectedFieldError, UnknownJobError
from ranker.features.shares import shapley_shares
from tests.explain.explanation_case import case

JOB = "job-2"
FIELDS = ("candidate.test", "candidate.skills", "candidate.work")


def model(records):
    made = case()
    return made.scorer.score(made.features.compute(records))


def one_field(records):
    return np.nan_to_num(records.at("candidate.test", "number"))


def importance(predict=model, **options):
    options = {"job": JOB, "fields": FIELDS, "background": 3} | options
    return list_importance(predict, case().records, **options)


@pytest.mark.parametrize("measure", ["kendall_tau", "ndcg"])
def test_shares_sum_to_the_agreement_that_the_fields_bring(measure):
    found = importance(measure=measure)
    assert found.residual < 1e-12
    assert sum(found.fields.values()) == pytest.approx(found.score - found.intercept)
    assert 0.9 < found.score <= 1.0  # below 1 for tau, where two of the list have equal scores


def test_a_model_of_one_field_owes_its_whole_list_to_it():
    found = importance(one_field)
    assert found.fields == pytest.approx(
        {"candidate.test": found.score, "candidate.skills": 0.0, "candidate.work": 0.0}
    )
    assert found.intercept == 0.0  # all scores alike: no order, no agreement


def test_a_field_that_is_left_out_still_orders_the_list():
    assert importance(fields=("candidate.test",)).intercept > 0.1


def test_drawn_orders_sum_to_the_whole_and_come_near_the_shapley_values():
    weights = np.array([3.0, 2.0, 0.0, 1.0])

    def game(sets):
        return np.sqrt(sets @ weights)

    drawn = _drawn_shares(game, 4, 400, np.random.default_rng(1))
    assert drawn.sum() == pytest.approx(np.sqrt(6))
    assert drawn == pytest.approx(shapley_shares(game, 4), abs=0.1)
    assert drawn[2] == 0.0


def test_many_fields_are_sampled_and_it_says_so():
    found = importance(fields=None, n_permutations=2, background=1)
    assert len(found.fields) == 9
    assert "2 permutations" in found.method
    assert found.residual < 1e-12


def test_the_seed_decides_and_is_told():
    assert importance(random_state=4) == importance(random_state=4)
    assert importance(random_state=4).seed == 4


def test_its_json_is_strict_and_names_nobody():
    text = json.dumps(importance().to_json(), allow_nan=False)
    assert not [label for label in set(case().records.candidate) if label in text]
    assert {"schema", "job", "score", "intercept", "fields", "residual", "posthoc"} <= set(json.loads(text))


def test_a_model_that_reads_a_protected_field_is_refused_or_shown():
    def predict(records):
        return one_field(records) + 40.0 * (records.at("candidate.gender", "text") == "man")

    with pytest.raises(ProtectedFieldError, match=r"candidate\.gender"):
        importance(predict)
    assert importance(predict, protected="show").fields["candidate.gender"] > 0.1


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"measure": "tau"}, DataError, "did you mean 'kendall_tau'"),
        ({"background": 0}, DataError, "give 1 or more"),
        ({"job": "job-lonely"}, DataError, "a list of one has no order"),
        ({"job": "job-99"}, UnknownJobError, "no job 'job-99'"),
    ],
)
def test_what_means_nothing_is_refused(options, error, said):
    with pytest.raises(error, match=said):
        importance(**options)
