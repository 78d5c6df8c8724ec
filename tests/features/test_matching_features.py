"""Features that compare lists work on ids; their plain twins here work on texts, pair by pair."""

import math

import numpy as np
import pandas as pd
import pytest
from feature_examples import table
from hypothesis import given
from hypothesis import strategies as st

from ranker.features.coded import coded_sets, coded_texts
from ranker.features.duration import Duration
from ranker.features.sets import AnyOf, Count, Coverage, SameCategory, item_sets
from ranker.records import join_records
from ranker.records.cleaning import Keys
from ranker.records.field import entity_of
from ranker.records.values import normal

# Texts that compare as equal though written differently, and some that do not.
TEXTS = st.sampled_from(
    ["SQL", "sql ", "S Q L", "Python", "PYTHON", "R", "Straße", "STRASSE", "Cafe\u0301", "Café"]
)
LISTS = st.one_of(st.none(), st.lists(TEXTS, max_size=5), st.just("not a list ["))
WEIGHTS = st.one_of(st.none(), st.dictionaries(TEXTS, st.floats(0, 10) | st.integers(0, 3), max_size=5))
MONTHS = st.floats(0, 99) | st.integers(-1, 99) | st.just("x")
ROLES = TEXTS | st.none() | st.just(7)
ITEMS = st.none() | st.lists(st.fixed_dictionaries({"role": ROLES, "months": MONTHS}), max_size=4)


def twin_of_coverage(records, feature):
    has, wants = at(records, feature.has), at(records, feature.wants)
    weights = records.at(feature.weights, "weights") if feature.weights else [{}] * len(records)
    out = []
    for h, w, sizes in zip(has, wants, weights, strict=True):
        if h is None or not w:
            out.append(math.nan)
            continue
        whole = found = 0.0
        for key in w:
            size = (sizes or {}).get(key, 1.0)
            whole += size
            found += size if key in h else 0.0
        out.append(found / whole if whole else math.nan)
    return out


def twin_of_any_of(records, feature):
    has, wants = at(records, feature.has), at(records, feature.wants)
    return [
        math.nan if h is None or not w else float(bool(h.keys() & w.keys()))
        for h, w in zip(has, wants, strict=True)
    ]


def twin_of_same_category(records, feature):
    has, wants = records.at(feature.has, "text"), at(records, feature.wants)
    return [
        math.nan if h is None or not w else float(normal(h) in w) for h, w in zip(has, wants, strict=True)
    ]


def twin_of_count(records, feature):
    return [math.nan if found is None else float(len(found)) for found in records.at(feature.field, "names")]


def twin_of_duration(records, feature):
    wanted = at(records, feature.only) if feature.only else [None] * len(records)
    out = []
    for parts, only in zip(feature._lists(records)[records.rows["candidate"]], wanted, strict=True):
        total = 0.0
        for name, months in parts or ():
            if feature.only is None or normal(name) in (only or {}):
                total += months
        out.append(math.nan if parts is None else total)
    return out


def at(records, path):
    return item_sets(records, path)[records.rows[entity_of(path)]]


SIDES = {"has": "candidate.skills", "wants": "job.skills"}
TWINS = {
    "coverage": (Coverage(name="f", **SIDES), twin_of_coverage),
    "weights of the job": (Coverage(name="f", **SIDES, weights="job.weights"), twin_of_coverage),
    "weights of the candidate": (Coverage(name="f", **SIDES, weights="candidate.weights"), twin_of_coverage),
    "weights of the application": (
        Coverage(name="f", **SIDES, weights="application.weights"),
        twin_of_coverage,
    ),
    "turned round": (Coverage(name="f", has="job.skills", wants="candidate.skills"), twin_of_coverage),
    "with itself": (Coverage(name="f", has="candidate.skills", wants="candidate.skills"), twin_of_coverage),
    "any of": (AnyOf(name="f", **SIDES), twin_of_any_of),
    "same category": (
        SameCategory(name="f", has="candidate.field", wants="job.skills"),
        twin_of_same_category,
    ),
    "count": (Count(name="f", field="candidate.skills"), twin_of_count),
    "duration": (Duration(name="f", items="candidate.work", months="months", item="role"), twin_of_duration),
    "duration of wanted roles": (
        Duration(name="f", items="candidate.work", months="months", item="role", only="job.skills"),
        twin_of_duration,
    ),
}


def pool(draw, n_people, n_jobs):
    """Draw people and jobs, each person applying for any of the jobs, in any order."""

    def column(kind, n):
        return draw(st.lists(kind, min_size=n, max_size=n))

    people, jobs = [f"c{i}" for i in range(n_people)], [f"j{i}" for i in range(n_jobs)]
    pairs = [(c, j) for c in people for j in jobs]
    pairs = draw(st.lists(st.sampled_from(pairs), unique=True, min_size=1, max_size=len(pairs)))
    applications = table(
        [c for c, _ in pairs], {"job": [j for _, j in pairs], "weights": column(WEIGHTS, len(pairs))}
    )
    candidates = {
        "skills": column(LISTS, n_people),
        "weights": column(WEIGHTS, n_people),
        "field": column(TEXTS | st.none(), n_people),
        "work": column(ITEMS, n_people),
    }
    return join_records(
        applications,
        Keys("job", "id"),
        candidates=(table(people, candidates), "id"),
        jobs=(table(jobs, {"skills": column(LISTS, n_jobs), "weights": column(WEIGHTS, n_jobs)}), "id"),
    )


@pytest.mark.parametrize("name", TWINS)
@given(data=st.data(), n_people=st.integers(1, 6), n_jobs=st.integers(1, 4))
def test_a_feature_agrees_with_its_plain_twin_to_the_last_bit(name, data, n_people, n_jobs):
    feature, twin = TWINS[name]
    records = pool(data.draw, n_people, n_jobs)
    found = feature.compute(records)
    np.testing.assert_array_equal(found, np.array(twin(records, feature), dtype=float))
    # Every pair by itself, as explanations ask for them.
    alone = [feature.compute(records.take(np.array([i])))[0] for i in range(len(records))]
    np.testing.assert_array_equal(found, alone)


def test_texts_that_compare_as_equal_have_one_code_on_both_sides():
    records = join_records(
        pd.DataFrame({"c": ["x", "y", "z"], "j": ["j"] * 3}, dtype=object),
        Keys("j", "c"),
        candidates=(
            table(["x", "y", "z"], {"skills": [["SQL", "R"], None, []], "field": ["r ", None, "sql"]}),
            "id",
        ),
        jobs=(table(["j"], {"skills": [["sql", "Go"]]}), "id"),
    )
    sql, r = coded_sets(records, "candidate.skills").ids.tolist()
    assert coded_sets(records, "job.skills").ids[0] == sql
    assert coded_texts(records, "candidate.field").ids.tolist() == [r, sql]
    assert coded_sets(records, "candidate.skills").given.tolist() == [True, False, True]
    assert coded_sets(records, "candidate.skills").sizes().tolist() == [2, 0, 0]
    assert coded_texts(records, "candidate.field").given.tolist() == [True, False, True]
    assert records.memo.codes.n_codes == 3


def test_what_was_coded_for_all_pairs_is_not_coded_again_for_some():
    records = join_records(
        pd.DataFrame({"c": ["x", "y"], "j": ["j"] * 2}, dtype=object),
        Keys("j", "c"),
        candidates=(table(["x", "y"], {"skills": [["SQL"], ["R"]]}), "id"),
        jobs=(table(["j"], {"skills": [["sql"]]}), "id"),
    )
    assert coded_sets(records, "candidate.skills") is coded_sets(
        records.take(np.array([1])), "candidate.skills"
    )
