from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.errors import DataError, TaskError
from ranker.resume.labels import LABELS, LabelRules, label_of, rule_label

shares = st.sampled_from([0.0, 0.2, 0.39, 0.4, 0.41, 0.5, 0.69, 0.7, 0.74, 0.75, 0.76, 1.0]) | st.floats(0, 1)
counts = st.integers(0, 3)


@st.composite
def rule_sets(draw):
    """Thresholds that a task may state."""
    low, high = sorted(draw(st.lists(shares, min_size=2, max_size=2)))
    lower, higher = sorted(draw(st.lists(shares, min_size=2, max_size=2)))
    return LabelRules(high, higher, draw(counts), low, lower)


def as_written(ratio, score, projects):
    """The labels whose rule holds, as the document states the rules."""
    out = set()
    if ratio >= 0.70 and score >= 0.75 and projects >= 1:
        out.add("Fit")
    if 0.40 <= ratio < 0.70 or 0.50 <= score < 0.75:
        out.add("Partial Fit")
    if ratio < 0.40 or score < 0.50:
        out.add("Not Fit")
    return out


@given(shares, shares, counts)
def test_the_rules_as_written_decide_wherever_they_do_not_contradict_each_other(ratio, score, projects):
    named, label = as_written(ratio, score, projects), rule_label(ratio, score, projects)
    if len(named) == 1:
        assert {label} == named
    elif named:
        assert (named, label) == ({"Partial Fit", "Not Fit"}, "Not Fit")
    else:
        # Nothing was said of who has everything but a project.
        assert (projects, label) == (0, "Partial Fit")


@given(
    st.one_of(shares, st.sampled_from([nan, -1.0, 2.0, float("inf")])),
    st.one_of(shares, st.sampled_from([nan, None, -1.0, 2.0])),
    counts,
    rule_sets(),
)
def test_everybody_gets_one_of_the_three_labels(ratio, score, projects, rules):
    assert rule_label(ratio, score, projects, rules) in LABELS


@given(shares, shares, counts, shares, shares, counts, rule_sets())
def test_a_better_record_never_gets_a_lower_label(ratio, score, projects, more, higher, further, rules):
    before = rule_label(ratio, score, projects, rules)
    after = rule_label(max(ratio, more), max(score, higher), max(projects, further), rules)
    assert LABELS.index(after) >= LABELS.index(before)


@pytest.mark.parametrize(
    ("ratio", "score", "projects", "label"),
    [
        (0.70, 0.75, 1, "Fit"),
        (0.70, 0.75, 0, "Partial Fit"),  # the gap
        (0.69, 0.75, 1, "Partial Fit"),
        (0.70, 0.74, 1, "Partial Fit"),
        (0.40, 0.50, 0, "Partial Fit"),
        (0.39, 0.60, 2, "Not Fit"),  # the overlap, low on skills
        (0.50, 0.49, 2, "Not Fit"),  # the overlap, low on the test
        (0.39, 0.90, 2, "Not Fit"),
        (0.90, 0.49, 2, "Not Fit"),
        (nan, 0.90, 2, "Partial Fit"),
        (nan, 0.49, 2, "Not Fit"),
        (0.90, nan, 2, "Partial Fit"),
        (0.90, None, 2, "Partial Fit"),
        (0.39, None, 2, "Not Fit"),
        (nan, nan, 5, "Not Fit"),
    ],
)
def test_each_boundary_falls_where_the_table_says(ratio, score, projects, label):
    assert rule_label(ratio, score, projects) == label


def test_a_task_may_move_every_threshold():
    strict = LabelRules(fit_ratio=0.9, fit_score=0.9, min_projects=2, partial_ratio=0.8, partial_score=0.85)
    assert rule_label(0.9, 0.9, 2, strict) == "Fit"
    assert rule_label(0.9, 0.9, 1, strict) == "Partial Fit"
    assert rule_label(0.79, 0.9, 2, strict) == "Not Fit"
    assert rule_label(0.9, 0.84, 2, strict) == "Not Fit"
    assert rule_label(0.9, 0.9, 0, LabelRules(min_projects=0)) == "Fit"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"fit_ratio": 70}, r"fit_ratio is 70: give a share from 0 to 1"),
        ({"partial_score": nan}, "partial_score is nan: give a share"),
        ({"min_projects": -1}, "min_projects is -1: give a whole number from 0"),
        ({"fit_ratio": 0.3}, r"fit_ratio is 0.3, below partial_ratio, 0.4"),
        ({"partial_score": 0.8}, r"fit_score is 0.75, below partial_score, 0.8"),
    ],
)
def test_thresholds_that_mean_nothing_are_refused(wrong, message):
    with pytest.raises(TaskError, match=message):
        LabelRules(**wrong)


def test_a_person_may_write_a_label_in_any_case():
    assert [label_of(text) for text in ("fit", " PARTIAL  fit ", "Not Fit")] == [
        "Fit",
        "Partial Fit",
        "Not Fit",
    ]
    with pytest.raises(
        DataError, match="label 'Partialfit' is none of the three; did you mean 'Partial Fit'"
    ):
        label_of("Partialfit")
