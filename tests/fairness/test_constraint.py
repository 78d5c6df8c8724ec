import json

import numpy as np
import pytest

from fairness import Certificate, FairnessConstraint
from fairness.certificate import certify
from fairness.groups import Groups
from ranker import Ranking
from ranker.errors import ConstraintError


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"measure": "exposur"}, "did you mean 'exposure'"),
        ({"kind": "absolute"}, "use 'difference' or 'ratio'"),
        ({"bound": -0.1}, "at least 0"),
        ({"bound": float("nan")}, "at least 0"),
        ({"bound": float("inf")}, "at least 0"),
        ({"bound": "0.1"}, "not a number"),
        ({"bound": 1.2, "kind": "ratio"}, "lies in \\(0, 1\\]"),
        ({"attribute": ""}, "needs an attribute"),
        ({"top_k": 0}, "whole number"),
        ({"measure": "selection_rate"}, "state one"),
        ({"measure": "mean_rank", "top_k": 5}, "leave top_k out"),
    ],
)
def test_a_constraint_that_means_nothing_is_refused(arguments, said):
    with pytest.raises(ConstraintError, match=said):
        FairnessConstraint(**{"measure": "exposure", "attribute": "gender", "bound": 0.1, **arguments})


def test_the_difference_bound_of_a_ratio_suffices_for_it():
    ratio = FairnessConstraint("exposure", "gender", 0.8, kind="ratio")
    least, most = 1 - ratio.difference_bound, 1 + ratio.difference_bound
    assert least / most == pytest.approx(0.8)


def test_a_bound_is_kept_on_its_own_side():
    difference = FairnessConstraint("exposure", "gender", 0.05)
    ratio = FairnessConstraint("exposure", "gender", 0.8, kind="ratio")
    assert difference.met_by(0.05)
    assert not difference.met_by(0.0501)
    assert ratio.met_by(0.8)
    assert not ratio.met_by(0.79)
    assert not difference.met_by(float("nan"))


def certificate(measured, interval, kind="difference", bound=0.05):
    constraint = FairnessConstraint("exposure", "gender", bound, kind=kind)
    return Certificate(
        constraint, measured, interval, 0.95, "jobs", {"f": -measured}, {"f": 3}, 4, 4, measured, True
    )


@pytest.mark.parametrize(
    ("measured", "interval", "kind", "bound", "verdict", "sure"),
    [
        (0.02, (0.01, 0.04), "difference", 0.05, "holds", True),
        (0.02, (0.01, 0.06), "difference", 0.05, "holds", False),
        (0.06, (0.04, 0.09), "difference", 0.05, "undecided", False),
        (0.10, (0.06, 0.20), "difference", 0.05, "fails", True),
        (0.90, (0.85, 0.95), "ratio", 0.8, "holds", True),
        (0.90, (0.75, 0.95), "ratio", 0.8, "holds", False),
        (0.70, (0.60, 0.79), "ratio", 0.8, "fails", True),
        (np.nan, (np.nan, np.nan), "difference", 0.05, "undecided", False),
    ],
)
def test_the_verdict_is_of_the_measured_value_and_the_interval_says_how_sure(
    measured, interval, kind, bound, verdict, sure
):
    given = certificate(measured, interval, kind, bound)
    assert (given.verdict, given.sure) == (verdict, sure)


def test_a_promise_that_is_kept_but_not_surely_says_what_is_not_ruled_out():
    assert "these data do not rule out 6.0%" in certificate(0.02, (0.01, 0.06), "difference", 0.05).in_words()
    assert "do not rule out" not in certificate(0.02, (0.01, 0.04), "difference", 0.05).in_words()


def test_a_certificate_is_strict_json():
    text = json.dumps(certificate(np.nan, (np.nan, np.nan)).to_json(), allow_nan=False)
    assert json.loads(text)["measured"] is None


def test_a_certificate_of_few_jobs_says_that_it_does_not_speak_of_others():
    ranking = Ranking.from_scores(np.arange(6.0), job=list("aaabbb"), candidate=list("uvwxyz"))
    groups = Groups.from_values(list("fmffmm"), attribute="gender")
    found = certify(
        FairnessConstraint("exposure", "gender", 0.05), ranking, groups, chosen_on_tune=0.0, met_on_tune=True
    )
    assert found.unit == "candidates"
    assert any("2 job(s) that hold two groups" in note and "other jobs" in note for note in found.notes)
