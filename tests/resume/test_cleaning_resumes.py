import json
import math
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.resume.cleaning import Change, Cleaner, Vocabulary
from ranker.resume.cleaning.amounts import clean_score, clean_years
from ranker.resume.cleaning.projects import clean_project
from ranker.resume.cleaning.titles import TitleCleaner

DOMAINS = {
    "Data Science": ["Python", "SQL", "Machine Learning"],
    "Web Development": ["HTML", "CSS", "JavaScript"],
}
CLEANER = Cleaner(Vocabulary.from_domains(DOMAINS), titles=["data scientist", "web developer"])
GOOD = {
    "id": "r1",
    "skills": ["Python", "SQL"],
    "projects": ["Churn model"],
    "work_experience": [{"title": "Data Scientist", "years": 2}],
    "test_score": 70,
    "preferred_domain": "Data Science",
}


@dataclass
class Raw:
    """Stands for a record as it is read."""

    place: str
    value: Any


def raws(*values):
    return [Raw(f"resumes.jsonl, line {n}", value) for n, value in enumerate(values, 1)]


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("NLP Project 2", "nlp"),
        ("Image Classification using CNN Project", "image classification cnn"),
        ("The Project", ""),
        ("Project 2", ""),
        ("the using", ""),
        ("GAN", "gan"),
        ("LSTM and RNN", "lstm rnn"),
        ("C++ ray-tracer!", "c++ ray tracer"),
        ("Covid 19 dashboard", "covid 19 dashboard"),
        ("Project #3: chat bot", "chat bot"),
        ("Mini Project", ""),
        ("xy", ""),
        ("R", "r"),
        ("42", ""),
        ("", ""),
    ],
)
def test_a_project_s_title_keeps_what_it_says(title, clean):
    assert clean_project(title) == clean


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["the", "project", "2", "nlp", "using", "and", "3", "x"])).map(" ".join)
)
def test_a_clean_project_is_clean(title):
    assert clean_project(clean_project(title)) == clean_project(title)


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("Sr. Data Scientist", "data scientist"),
        ("DATA SCIENTIST II", "data scientist"),
        ("Lead Data Scientist - Berlin", "data scientist"),
        ("Data Scientist at Acme Ltd.", "data scientist"),
        ("Clinical data scientist", "data scientist"),
        ("data scientest", "data scientist"),
        ("Assistant to the data scientist", "assistant to the data scientist"),
        ("Senior Cook", "cook"),
        ("Senior", "senior"),
        ("", ""),
    ],
)
def test_job_titles_go_to_the_canonical_list_or_lose_their_rank(title, clean):
    assert TitleCleaner(["data scientist", "web developer"]).clean(title)[0] == clean


def test_without_a_list_titles_lose_their_rank_alone():
    assert TitleCleaner().clean("Sr. Data Scientist") == ("data scientist", "rank")
    assert TitleCleaner().clean("Data-Scientist") == ("data scientist", "spelling")


@pytest.mark.parametrize(
    ("value", "years"),
    [
        ("2.5 yrs", 2.5), ("N/A", 0), (-3, 0), ("-2 years", 0), ("18 months", 1.5), (4, 4), (2.5, 2.5), ("3", 3),
        ("2 years 6 months", 2.5), ("1,5 years", 1.5), ("5+ yrs", 5), ("3-5 years", 3), ("two years", 2),
        ("half a year", 0.5), ("52 weeks", 1), (None, 0), ("", 0), ("long", 0), (True, 0), (math.nan, 0),
        (math.inf, 0), (2019, 0), ([2], 0), (10**400, 0),
    ],
)  # fmt: skip
def test_years_are_read_in_any_unit_and_what_says_nothing_counts_as_none(value, years):
    found, rule = clean_years(value)
    assert found == years
    assert rule or value == years


@pytest.mark.parametrize(
    ("value", "score"),
    [
        (120, 100), (-5, 0), (88, 88), ("88", 88), ("88%", 88), ("88/100", 88), ("17/20", 85), ("17 out of 20", 85),
        ("Score: 77.5 points", 77.5), (0, 0), ("N/A", None), (None, None), ("good", None), (False, None), ({}, None),
        (math.nan, None), ("5/0", None),
    ],
)  # fmt: skip
def test_scores_are_read_and_clamped(value, score):
    assert clean_score(value)[0] == score


def test_a_clean_resume_has_no_changes_but_case():
    clean = CLEANER.clean(GOOD)
    assert clean.dropped == ""
    assert clean.skills == ("python", "sql")
    assert clean.work_experience == (("data scientist", 2.0),)
    assert {change.path for change in clean.changes} == {
        "skills[0]", "skills[1]", "projects[0]", "work_experience[0].title",
    }  # fmt: skip


def test_every_change_says_where_what_and_why():
    clean = CLEANER.clean(
        GOOD
        | {
            "skills": ["python 3", "Pyhton", None, "SQL"],
            "test_score": 120,
            "preferred_domain": " data-science",
        }
    )
    assert clean.skills == ("python", "sql")
    assert clean.sources == {"python": ("python 3", "Pyhton"), "sql": ("SQL",)}
    assert Change("skills[1]", "Pyhton", None, "stands before as 'python'") in clean.changes
    assert Change("skills[2]", "", None, "not given") in clean.changes
    assert Change("test_score", "120", "100", "clamped to 0..100") in clean.changes
    assert clean.preferred_domain == "Data Science"
    assert (
        Change("preferred_domain", "data-science", "Data Science", "as the domains write it") in clean.changes
    )


def test_one_text_in_place_of_a_list_is_cut_and_written_down():
    clean = CLEANER.clean(GOOD | {"skills": "Python, SQL (joins, views); cooking"})
    assert clean.skills == ("python", "sql", "cooking")
    assert Change("skills", "Python, SQL (joins, views); cooking", "Python; SQL (joins, views); cooking",
                  "several in one text") in clean.changes  # fmt: skip


def test_a_domain_nobody_knows_is_kept_as_written():
    assert CLEANER.clean(GOOD | {"preferred_domain": "Falconry"}).preferred_domain == "Falconry"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (
            {"skills": [], "projects": ["Project 2"], "test_score": "N/A"},
            "no skills, no projects and no test score",
        ),
        ({"preferred_domain": " "}, "no preferred domain"),
        ({"preferred_domain": None}, "no preferred domain"),
        ({"skills": [], "projects": []}, ""),
        ({"skills": [], "test_score": None}, ""),
    ],
)
def test_a_resume_is_dropped_only_where_it_says_nothing(fields, reason):
    assert CLEANER.clean(GOOD | fields).dropped == reason


def test_of_those_that_say_the_same_the_first_one_counts():
    again = GOOD | {"id": "r2", "skills": ["sql", "PYTHON"], "projects": ["churn MODEL"]}
    other = GOOD | {"id": "r3", "test_score": 71}
    cleaned = CLEANER.clean_all(raws(GOOD, again, other))
    assert [r.id for r in cleaned.resumes] == ["r1", "r3"]
    assert [r.dropped for r in cleaned.dropped] == ["same skills, projects and test score as 'r1'"]


def test_a_test_score_alone_is_nobody_s_own():
    bare = {"skills": [], "projects": []}
    cleaned = CLEANER.clean_all(raws(GOOD | bare | {"id": "a"}, GOOD | bare | {"id": "b"}))
    assert len(cleaned.resumes) == 2


def test_a_dropped_resume_takes_no_one_s_place():
    cleaned = CLEANER.clean_all(raws(GOOD | {"preferred_domain": ""}, GOOD))
    assert [r.id for r in cleaned.resumes] == ["r1"]


def test_ids_stay_unique_and_a_missing_one_is_the_place():
    cleaned = CLEANER.clean_all(raws(GOOD, GOOD | {"test_score": 1}, GOOD | {"id": None, "test_score": 2}))
    assert [r.id for r in cleaned.resumes] == ["r1", "resumes.jsonl, line 3"]
    assert cleaned.dropped[0].dropped == "id 'r1' was given before, at resumes.jsonl, line 1"


def test_the_report_accounts_for_every_resume_in_words_and_as_json():
    cleaned = CLEANER.clean_all(
        raws(GOOD, GOOD | {"id": "r2"}, GOOD | {"id": "r3", "skills": ["Falconry"]}, 7)
    )
    report = cleaned.report.to_json()
    assert report["read"] == 4 == report["kept"] + sum(report["dropped"].values())
    assert report["novel"] == {"falconry": 1}
    assert json.loads(json.dumps(report)) == report
    lines = cleaned.report.lines()
    assert lines[0] == "4 résumés read, 2 kept"
    assert "dropped: 1 x same skills, projects and test score as one before" in lines
    assert lines[-1] == "skills outside the vocabulary: falconry (1)"
    shown = sum(row["n"] for row in report["changes"])
    assert shown == sum(len(r.changes) for r in (*cleaned.resumes, *cleaned.dropped))


def test_cleaning_many_is_cleaning_each():
    many = raws(
        *(GOOD | {"id": f"r{n}", "test_score": n, "skills": ["pyhton", f"skill {n}"]} for n in range(9))
    )
    cleaned = CLEANER.clean_all(many)
    fresh = Cleaner(Vocabulary.from_domains(DOMAINS), titles=["data scientist", "web developer"])
    assert list(cleaned.resumes) == [fresh.clean(raw.value) for raw in many]


def test_required_skills_are_written_as_the_candidates_are():
    required = CLEANER.required({"Data Science": ["SQL", "Pyhton", "python"], "X": []})
    assert required == {"Data Science": ("sql", "python"), "X": ()}


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
SAID = st.sampled_from(
    [
        "Python",
        "pyhton",
        "SQL 2019",
        "html/css",
        "python, sql",
        "x (y, z)",
        "N/A",
        "c#",
        "Machine-Learning",
        " ",
        "R & D",
    ]
) | st.text(max_size=25)
JOBS = st.fixed_dictionaries(
    {"title": SAID | ANY, "years": ANY | st.sampled_from(["2 yrs", "-1", "6 months"])}
)
RESUMES = st.fixed_dictionaries(
    {},
    optional={
        "id": ANY,
        "skills": st.lists(SAID, max_size=5) | ANY,
        "projects": st.lists(SAID, max_size=4) | ANY,
        "work_experience": st.lists(JOBS, max_size=3) | ANY,
        "test_score": ANY | st.sampled_from(["88%", "7/8", "120"]),
        "preferred_domain": st.sampled_from(["Data Science", "data science", "Cooking"]) | ANY,
    },
)


@given(RESUMES)
def test_cleaning_what_is_clean_changes_nothing(raw):
    once = CLEANER.clean(raw)
    twice = CLEANER.clean(once.to_raw())
    assert twice.changes == ()
    assert twice.to_raw() == once.to_raw()
    assert twice.dropped == once.dropped


@given(st.lists(RESUMES | ANY, max_size=5))
def test_no_input_kills_a_batch_and_none_is_lost(values):
    cleaned = CLEANER.clean_all(raws(*values))
    assert len(cleaned.resumes) + len(cleaned.dropped) == len(values) == cleaned.report.read
    assert len({r.id for r in cleaned.resumes}) == len(cleaned.resumes)
    for resume in (*cleaned.resumes, *cleaned.dropped):
        assert resume.test_score is None or 0 <= resume.test_score <= 100
        assert all(0 <= years <= 70 for _, years in resume.work_experience)
        assert set(resume.sources) == set(resume.skills)
        json.dumps(resume.to_json())
