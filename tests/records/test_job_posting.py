import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.records.job_posting import is_job_posting, linked_data, read_job_postings
from ranker.records.ledger import Ledger
from ranker.records.resumes import read_domains

POSTING = {
    "@context": "https://schema.org",
    "@type": "JobPosting",
    "title": "Data Scientist",
    "skills": "Python, SQL",
}


def read(value):
    ledger = Ledger()
    return read_job_postings(value, "x.json", ledger), ledger


def skills(stated):
    return read({**POSTING, "skills": stated})[0][0].required_skills


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("Python, SQL; statistics", ("Python", "SQL", "statistics")),
        ("Python, SQL, and R", ("Python", "SQL", "R")),
        ("research and development", ("research and development",)),
        ("<ul><li>Python</li><li>C++ &amp; C#</li></ul>", ("Python", "C++ & C#")),
        ("- Python\n- SQL\n", ("Python", "SQL")),
        (["Python", "python", {"@type": "DefinedTerm", "name": "SQL", "termCode": "x"}], ("Python", "SQL")),
        ([{"@value": "Kubernetes"}], ("Kubernetes",)),
    ],
)
def test_skills_are_read_in_every_form_the_standard_allows(stated, expected):
    assert skills(stated) == expected


@pytest.mark.parametrize(
    "value",
    [
        POSTING,
        [POSTING],
        {"@context": "https://schema.org", "@graph": [{"@type": "WebSite"}, POSTING]},
        {"@type": "WebPage", "mainEntity": POSTING},
        {**POSTING, "@type": ["Thing", "http://schema.org/JobPosting"]},
        {**POSTING, "@type": "schema:JobPosting"},
    ],
)
def test_a_posting_is_found_wherever_json_ld_puts_it(value):
    assert is_job_posting(value)
    assert [p.to_json() for p in read(value)[0]] == [
        {"domain": "Data Scientist", "required_skills": ["Python", "SQL"]}
    ]


@pytest.mark.parametrize("value", [None, 3, "JobPosting", {"@type": "Person"}, {"title": "x", "skills": "y"}])
def test_other_things_are_no_posting(value):
    assert not is_job_posting(value)
    assert read(value)[0] == []


def test_an_occupation_gives_the_title_and_skills_that_a_posting_lacks():
    occupation = {"@type": "Occupation", "name": "Statistician", "skills": ["R", "SAS"]}
    (posting,), _ = read({"@type": "JobPosting", "relevantOccupation": occupation})
    assert (posting.domain, posting.required_skills) == ("Statistician", ("R", "SAS"))


def test_running_text_is_kept_for_a_vocabulary_and_said_to_need_one():
    (posting,), ledger = read({**POSTING, "skills": None, "qualifications": "<p>You know Python.</p>"})
    assert posting.required_skills == ()
    assert posting.text == "You know Python."
    assert [(fate.action, fate.field) for fate in ledger.fates] == [("noted", "skills")]


@pytest.mark.parametrize(
    ("change", "reason"), [({"title": ""}, "without a title"), ({"skills": []}, "without skills")]
)
def test_a_posting_that_says_too_little_is_set_aside(change, reason):
    postings, ledger = read({**POSTING, **change})
    assert postings == []
    assert ledger.fates[0].action == "set_aside"
    assert reason in ledger.fates[0].reason


def test_the_json_ld_of_a_page_is_found_and_broken_scripts_are_passed_over():
    page = """<html><script>var a = "<JobPosting>";</script>
    <script type="application/ld+json">{"@type": "Organization",}</script>
    <SCRIPT TYPE="application/ld+json; charset=utf-8">
    {"@type": "JobPosting", "title": "Cook", "skills": "soup"}</SCRIPT>
    </html>"""
    (value,) = linked_data(page)
    assert read(value)[0][0].to_json() == {"domain": "Cook", "required_skills": ["soup"]}


def test_what_is_read_is_a_domain_as_cleaning_reads_domains(tmp_path):
    path = tmp_path / "domains.json"
    path.write_text(json.dumps([p.to_json() for p in read(POSTING)[0]]))
    assert read_domains(path, Ledger()) == {"Data Scientist": ("Python", "SQL")}


def test_nesting_without_end_is_not_followed():
    value = POSTING
    for _ in range(100):
        value = {"@graph": [value]}
    assert not is_job_posting(value)


@given(
    st.dictionaries(
        st.sampled_from(["title", "skills", "description", "relevantOccupation", "@graph", "name"]),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(st.sampled_from(["name", "@value", "skills", "@type"]), inner)
            ),
        ),
    )
)
def test_no_posting_whatever_it_holds_is_lost_or_ends_the_reading(value):
    postings, ledger = read({**value, "@type": "JobPosting"})
    assert len(postings) + sum(fate.action == "set_aside" for fate in ledger.fates) == 1
    assert all(skill.strip() and len(p.domain) > 0 for p in postings for skill in p.required_skills)
