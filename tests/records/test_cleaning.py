import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.errors import EmptyPoolError, SourceError, did_you_mean
from ranker.records import Field, Requirement, join_records
from ranker.records.cleaning import Keys
from ranker.records.ledger import Ledger

KEYS = Keys("job", "candidate", "relevance")


def frame(*rows, columns=("candidate", "job", "relevance")):
    """Make a table as the readers do: raw values, rows counted from 1."""
    return pd.DataFrame(
        list(rows), columns=list(columns), index=pd.RangeIndex(1, len(rows) + 1), dtype=object
    )


def people(*labels, **columns):
    return pd.DataFrame({"id": list(labels), **columns}, dtype=object), "id"


def join(applications, keys=KEYS, **tables):
    ledger = Ledger()
    if applications is not None:
        ledger.read["application"] = len(applications)
    for entity in ("candidates", "jobs"):
        if entity in tables:
            ledger.read[entity[:-1]] = len(tables[entity][0])
    return join_records(applications, keys, ledger=ledger, **tables)


def fates(records, action="set_aside"):
    return [(f.table, f.row, f.reason) for f in records.report().fates if f.action == action]


def pairs(records):
    return list(zip(records.candidate, records.job, strict=True))


def test_pairs_stand_in_the_order_of_the_applications_and_find_their_rows():
    records = join(
        frame(("b", "y", 1), ("a", "x", 2), ("a", "y", 3)),
        candidates=people("a", "b", age=[30, 40]),
        jobs=people("x", "y", city=["Rome", "Oslo"]),
    )
    assert pairs(records) == [("b", "y"), ("a", "x"), ("a", "y")]
    assert records.relevance.tolist() == [1.0, 2.0, 3.0]
    assert records.at("candidate.age", "number").tolist() == [40.0, 30.0, 30.0]
    assert records.at("job.city", "text").tolist() == ["Oslo", "Rome", "Oslo"]
    assert records.at("application.relevance", "text").tolist() == ["1", "2", "3"]
    assert records.report().kept == {"candidate": 2, "job": 2, "application": 3}
    assert not records.report().fates


def test_labels_are_stripped_and_numbers_are_spelled_as_texts():
    records = join(
        frame((1, " x ", 1), ("2", "x", 0), (3.0, "x", 2)), candidates=people("1", 2, 3), jobs=people("x")
    )
    assert pairs(records) == [("1", "x"), ("2", "x"), ("3", "x")]


def test_a_repeated_key_is_set_aside_and_says_whether_the_relevance_is_the_same():
    records = join(frame(("a", "x", 1), ("b", "x", 0), ("a", "x", "1.0"), ("a", "x", 2)))
    assert pairs(records) == [("a", "x"), ("b", "x")]
    assert records.relevance.tolist() == [1.0, 0.0]
    name = "candidate a for job x"
    assert fates(records) == [
        ("application", name, "repeated (candidate, job) key, same relevance"),
        ("application", name, "repeated (candidate, job) key, other relevance; the first one counts"),
    ]


def test_an_unreadable_row_does_not_take_the_place_of_a_later_good_one():
    records = join(frame(("a", "x", "?"), ("a", "x", 2), ("b", "x", 1)))
    assert pairs(records) == [("a", "x"), ("b", "x")]
    assert records.relevance.tolist() == [2.0, 1.0]


def test_a_repeated_row_of_a_table_is_set_aside_and_says_whether_its_values_are_the_same():
    records = join(
        frame(("a", "x", 1), ("b", "x", 0)),
        candidates=people("a", "a", "a", "b", age=[30.0, 30.0, 31.0, math.nan], pay=[None, math.nan, "", 1]),
    )
    assert records.at("candidate.age", "number")[0] == 30.0
    assert fates(records) == [
        ("candidate", "a", "id repeated, all values equal"),
        ("candidate", "a", "id repeated with other values; the first one counts"),
    ]


def test_applications_of_unknown_jobs_and_candidates_are_set_aside_with_the_label():
    records = join(
        frame(("a", "x", 1), ("a", "zz", 1), ("qq", "x", 1)), candidates=people("a"), jobs=people("x")
    )
    assert pairs(records) == [("a", "x")]
    found = [(f.row, f.reason, f.before) for f in records.report().set_aside()]
    assert found == [
        ("candidate a for job zz", "unknown job", "zz"),
        ("candidate qq for job x", "unknown candidate", "qq"),
    ]


@pytest.mark.parametrize("blank", [None, "", "  ", math.nan, ["a"]])
def test_rows_without_an_id_are_set_aside(blank):
    records = join(
        frame((blank, "x", 1), ("a", blank, 1), ("a", "x", 1)),
        candidates=people("a", blank),
        jobs=people("x", blank),
    )
    assert pairs(records) == [("a", "x")]
    assert Counter(fates(records)) == Counter(
        [
            ("candidate", "row 1", "no id"),
            ("job", "row 1", "no id"),
            ("application", "row 1", "no candidate is named"),
            ("application", "row 2", "no job is named"),
        ]
    )


def test_who_takes_no_part_is_noted_and_told_from_who_was_set_aside():
    records = join(
        frame(("a", "x", 1), ("b", "y", "?")),
        candidates=people("a", "b", "c"),
        jobs=people("x", "y", "z"),
    )
    assert fates(records, "noted") == [
        ("candidate", "b", "a candidate whose applications are all set aside"),
        ("candidate", "c", "a candidate without application"),
        ("job", "y", "a job whose applications are all set aside"),
        ("job", "z", "a job without candidates"),
    ]
    assert records.report().kept == {"candidate": 1, "job": 1, "application": 1}


@pytest.mark.parametrize(
    ("kind", "raw", "reason"),
    [
        ("graded", "good", "not a number"),
        ("graded", "", "not given"),
        ("graded", None, "not given"),
        ("graded", math.nan, "not given"),
        ("graded", "nan", "not given"),
        ("graded", "inf", "not a finite number"),
        ("graded", -math.inf, "not a finite number"),
        ("graded", -1, "a grade below 0; call it relevance_kind = 'real'"),
        ("graded", [1], "not a number"),
        ("real", "high", "not a number"),
        ("real", math.inf, "not a finite number"),
        ("rank", "first", "not a number"),
        ("binary", "perhaps", "not 0 or 1, yes or no"),
        ("binary", 2, "not 0 or 1, yes or no"),
        ("binary", "", "not given"),
        ("binary", math.nan, "not given"),
        ("binary", ["yes"], "a list or object where one value was expected"),
    ],
)
def test_a_relevance_that_cannot_be_read_sets_the_pair_aside(kind, raw, reason):
    keys = Keys("job", "candidate", "relevance", kind)
    records = join(frame(("a", "x", 1), ("b", "x", raw)), keys)
    assert pairs(records) == [("a", "x")]
    assert fates(records) == [("application", "candidate b for job x", f"relevance 'relevance': {reason}")]


@pytest.mark.parametrize(
    ("kind", "raw", "read"),
    [
        ("graded", ["0", 2, "3.5"], [0.0, 2.0, 3.5]),
        ("real", ["-1", 2, "3.5"], [-1.0, 2.0, 3.5]),
        ("rank", ["1", 2, 3.0], [-1.0, -2.0, -3.0]),
        ("binary", ["yes", "No", "TRUE"], [1.0, 0.0, 1.0]),
        ("binary", [1, 0.0, False], [1.0, 0.0, 0.0]),
    ],
)
def test_relevance_is_read_by_its_kind_and_higher_is_better(kind, raw, read):
    rows = [(label, "x", value) for label, value in zip("abc", raw, strict=True)]
    records = join(frame(*rows), Keys("job", "candidate", "relevance", kind))
    assert records.relevance.tolist() == read


HIRED = Keys("job", "candidate", "relevance", "binary", ("Hired", "3"))


@pytest.mark.parametrize(
    ("raw", "read"),
    [(" hired ", 1.0), ("HIRED", 1.0), (3, 1.0), (3.0, 1.0), ("offer", 0.0), (0, 0.0), (False, 0.0)],
)
def test_the_named_texts_count_as_one_and_every_other_one_as_nought(raw, read):
    records = join(frame(("a", "x", "Hired"), ("b", "x", raw)), HIRED)
    assert records.relevance.tolist() == [1.0, read]


@pytest.mark.parametrize("raw", [None, "", "  ", math.nan, "n/a", "None", "pending"])
def test_a_text_that_means_not_given_is_no_nought(raw):
    fields = {"application.relevance": Field("application.relevance", "outcome", missing=("pending",))}
    records = join(frame(("a", "x", "Hired"), ("b", "x", raw)), HIRED, fields=fields)
    assert pairs(records) == [("a", "x")]
    assert fates(records) == [
        ("application", "candidate b for job x", "relevance 'relevance': not given"),
    ]


def test_a_text_that_means_not_given_elsewhere_counts_where_it_is_named():
    keys = Keys("job", "candidate", "relevance", "binary", ("none",))
    assert join(frame(("a", "x", "None"), ("b", "x", "2 charges")), keys).relevance.tolist() == [1.0, 0.0]


def test_named_texts_that_no_row_holds_are_refused_or_noted():
    with pytest.raises(
        SourceError, match="no row holds that in the relevance column 'relevance'; did you mean 'hired'"
    ):
        join(frame(("a", "x", "hired"), ("b", "x", "no")), replace(HIRED, positive=("hierd",)))
    records = join(frame(("a", "x", "hired"), ("b", "x", "no")), HIRED)
    assert fates(records, "noted") == [
        ("application", "", "relevance 'relevance': no row holds '3' (positive)")
    ]


def test_without_a_job_column_all_rows_are_one_list():
    records = join(frame(("a", "x", 2), ("b", "y", 1), ("a", "z", 1)), replace(KEYS, job=None))
    assert pairs(records) == [("a", "all"), ("b", "all")]
    assert records.keys == ("candidate", "relevance")
    assert pairs(join(frame(("a", "x", 2), ("b", "y", 1)), Keys())) == [("1", "all"), ("2", "all")]
    assert pairs(join(None, Keys(), candidates=people("a", "b"))) == [("a", "all"), ("b", "all")]


def test_without_a_relevance_column_every_pair_is_kept():
    records = join(frame(("a", "x", "?"), ("b", "x", None)), Keys("job", "candidate"))
    assert len(records) == 2
    assert records.relevance is None


def test_in_one_flat_table_all_entities_share_the_columns_and_row_numbers_name_the_candidates():
    table = frame(("x", 3, "Rome"), ("x", 4, "Oslo"), columns=("job", "age", "city"))
    records = join(table, Keys("job"))
    assert pairs(records) == [("1", "x"), ("2", "x")]
    for entity in ("candidate", "job", "application"):
        assert records.at(f"{entity}.age", "number").tolist() == [3.0, 4.0]
    assert records.report().kept == {"candidate": 2, "job": 1, "application": 2}


def test_without_applications_everybody_is_paired_with_every_job():
    tables = {"candidates": people("a", "b"), "jobs": people("x", "y", "z")}
    for keys in (KEYS, Keys("job"), Keys("id_j", "id_c", "score")):
        records = join(None, keys, **tables)
        assert pairs(records) == [(c, j) for j in "xyz" for c in "ab"]
        assert records.relevance is None
        assert records.report().read["application"] == 6


@pytest.mark.parametrize("lacking", ["candidate", "job"])
def test_without_applications_both_tables_are_needed(lacking):
    tables = {"candidates": people("a"), "jobs": people("x")}
    del tables[lacking + "s"]
    with pytest.raises(SourceError, match=f"a table of {lacking}s is needed"):
        join(None, **tables)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (Keys("jobs", "candidate"), "the application table has no column 'jobs'; did you mean 'job'?"),
        (Keys("job", "cand"), "the application table has no column 'cand'; did you mean 'candidate'?"),
        (Keys("job", "candidate", "relevanc"), "no column 'relevanc'; did you mean 'relevance'?"),
    ],
)
def test_a_key_column_that_is_not_there_is_named_with_the_one_that_was_meant(keys, said):
    with pytest.raises(SourceError) as caught:
        join(frame(("a", "x", 1)), keys)
    assert said in str(caught.value)


def test_a_table_without_its_key_column_is_named():
    table, _ = people("a")
    with pytest.raises(SourceError, match="the candidate table has no column 'idd'; did you mean 'id'"):
        join(frame(("a", "x", 1)), candidates=(table, "idd"))


@pytest.mark.parametrize(
    ("applications", "said"),
    [
        (frame(), "application: 0 rows read, 0 take part"),
        (frame(("a", "q", 1), ("b", "x", 1)), "set aside: 1 x application: unknown job"),
        (frame(("b", "x", 1)), "set aside: 1 x application: unknown candidate"),
        (frame((None, "x", 1)), "set aside: 1 x application: no candidate is named"),
        (frame(("a", "x", "?")), "set aside: 1 x application: relevance 'relevance': not a number"),
    ],
)
def test_an_empty_pool_says_why_nobody_is_left(applications, said):
    with pytest.raises(EmptyPoolError) as caught:
        join(applications, candidates=people("a"), jobs=people("x"))
    assert "nobody is left to rank" in str(caught.value)
    assert said in str(caught.value)


def test_a_pool_that_a_requirement_empties_says_so():
    requirement = Requirement("licence", "present", "candidate.licence", reason="drivers need one")
    with pytest.raises(EmptyPoolError, match="requirement 'licence' not met: drivers need one"):
        join(
            frame(("a", "x", 1)),
            candidates=people("a", licence=[""]),
            jobs=people("x"),
            requirements=[requirement],
        )


def test_a_report_repeats_no_more_of_a_nested_value_than_the_part_that_was_asked_for():
    profiles = [{"age": "old", "gender": "f"}, "f, old", '[{"gender": "f"}]', {"age": 30}]
    records = join(
        frame(*[(c, "x", 1) for c in "abcd"]), candidates=people(*"abcd", profile=profiles, years=["f"] * 4)
    )
    assert records.at("candidate.profile.age", "number")[3] == 30.0
    found = [(f.row, f.reason, f.before) for f in records.report().fates]
    assert found == [
        ("a", "not a number", "old"),
        ("b", "no object with a key 'age' where one was expected", ""),
        ("c", "no object with a key 'age' where one was expected", ""),
    ]
    assert [records.raw("candidate.profile.age", pair) for pair in range(4)] == ["old", None, None, 30]
    assert records.raw("candidate.years", 0) == "f"


labels = st.sampled_from(["a", "b", "c", "", None, "unknown"])
relevances = st.sampled_from([0, 1, "2", "?", None, math.nan, math.inf, -1])


@given(
    st.lists(st.tuples(labels, labels, relevances), max_size=10),
    st.lists(labels, max_size=5),
    st.lists(labels, max_size=5),
    st.booleans(),
    st.booleans(),
)
def test_every_row_that_is_read_is_kept_set_aside_or_noted_and_the_counts_add_up(
    applications, candidates, jobs, with_tables, demanding
):
    tables = {"candidates": people(*candidates), "jobs": people(*jobs)} if with_tables else {}
    requirements = (
        [Requirement("c", "one_of", "application.relevance", values=("1", "2"))] if demanding else []
    )
    ledger = Ledger(read={"application": len(applications)})
    if with_tables:
        ledger.read |= {"candidate": len(candidates), "job": len(jobs)}
    try:
        records = join_records(frame(*applications), KEYS, **tables, requirements=requirements, ledger=ledger)
    except EmptyPoolError:
        records = None
    report = ledger.report()
    fate_of = Counter((f.table, f.action) for f in report.fates)
    for table, n_read in report.read.items():
        gone = fate_of[table, "set_aside"] + fate_of[table, "noted"]
        assert n_read == report.kept[table] + gone, table
    assert fate_of["application", "noted"] == 0
    assert report.kept["application"] == (0 if records is None else len(records))
    if records is not None:
        assert len(set(pairs(records))) == len(records)
        assert np.isfinite(records.relevance).all()


def test_a_report_counts_shortens_and_tells_in_words():
    records = join(frame(("a", "x", 1), ("b", "x", "?" * 200), ("c", "x", "?"), ("a", "x", 1)))
    report = records.report()
    assert report.lines() == [
        "application: 4 rows read, 1 take part",
        "set aside: 2 x application: relevance 'relevance': not a number",
        "set aside: 1 x application: repeated (candidate, job) key, same relevance",
    ]
    assert report.set_aside()[0].before == "?" * 80 + "…"
    written = report.to_json()
    assert written["counts"][0]["rows"] == 2
    assert written["fates"][-1] == {
        "table": "application",
        "row": "candidate a for job x",
        "action": "set_aside",
        "reason": "repeated (candidate, job) key, same relevance",
    }


@pytest.mark.parametrize(
    ("wrong", "known", "said"),
    [
        ("nothere", ["n", "id", "skill_match"], "; known are 'id', 'n', 'skill_match'"),
        ("idd", ["id", "city"], "; did you mean 'id'?"),
        ("skil_match", ["n", "skill_match"], "; did you mean 'skill_match'?"),
    ],
)
def test_a_name_of_a_letter_is_meant_only_where_it_is_almost_written(wrong, known, said):
    assert did_you_mean(wrong, known) == said
