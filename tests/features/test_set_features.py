import pytest
from feature_examples import missing, records_of, steps, values, words

from ranker.features.sets import AnyOf, Count, Coverage, SameCategory
from ranker.records import Field

COVERAGE = Coverage(name="skills", has="candidate.skills", wants="job.skills")
WEIGHTED = Coverage(name="skills", has="candidate.skills", wants="job.skills", weights="job.weights")
ANY = AnyOf(name="skills", has="candidate.skills", wants="job.skills")
SAME = SameCategory(name="field", has="candidate.field", wants="job.field")
COUNT = Count(name="skills", field="candidate.skills")

HAS = [["SQL", "Python", "Go"], ["java"], [], None, ["SQL"], ["SQL"]]
WANTS = [["Python", "SQL", "R", "C"], ["Java"], ["R"], ["R"], [], None]


def skills(has=HAS, wants=WANTS, fields=(), **job):
    return records_of(fields, skills=has, job={"skills": wants, **job})


def test_coverage_is_the_share_of_the_wanted_items():
    assert values(COVERAGE, skills()) == [0.5, 1.0, 0.0, None, None, None]
    assert words(COVERAGE, skills()) == [
        "2 of 4",
        "1 of 1",
        "0 of 1",
        "not given; the job asks for 1",
        "the job asks for none",
        "the job asks for none",
    ]


def test_coverage_names_what_matches_in_the_candidates_words_and_what_is_missing_in_the_jobs():
    records = skills([["go", "SQL ", "python"]], [["Python", "R", "sql"]])
    assert COVERAGE.evidence(records, 0) == {"matched": ["python", "SQL"], "missing": ["R"]}
    assert ANY.evidence(skills([None], [["R"]]), 0) == {"matched": [], "missing": ["R"]}


@pytest.mark.parametrize(
    ("has", "wants", "share"),
    [
        (["PYTHON"], ["python"], 1.0),
        (["machine   learning"], ["Machine Learning"], 1.0),
        (["Ελλάς", "Straße"], ["ΕΛΛΆΣ", "STRASSE"], 1.0),
        (["Cafe\u0301"], ["Café"], 1.0),
        (["李", "王"], ["王", "張"], 0.5),
        (["SQL", "sql", " SQL "], ["SQL", "R"], 0.5),
        (["SQL"], ["SQL", "sql", "R"], 0.5),
        (["C"], ["C++"], 0.0),
    ],
)
def test_items_match_whatever_their_case_spaces_and_script_and_duplicates_count_once(has, wants, share):
    assert values(COVERAGE, skills([has], [wants])) == [share]


def test_lists_match_however_they_were_written():
    wants = '["Python", "SQL"]'
    for has in (["Python"], '["Python"]', "['Python']", "('Python',)", "Python"):
        assert values(COVERAGE, skills([has], [wants])) == [0.5]
    cut = [Field("candidate.skills", "skills", separator=";")]
    assert values(COVERAGE, skills(["Python; SQL"], [wants], cut)) == [1.0]


def test_weighted_coverage_is_the_matched_share_of_the_weight():
    weights = [{"Python": 3, "sql": 0}, {"java": 2}, {"R": 0}, {}, {}, {}]
    records = skills(weights=weights)
    # Python 3, SQL 0, R 1, C 1: three fifths.
    assert values(WEIGHTED, records) == [0.6, 1.0, None, None, None, None]
    assert words(WEIGHTED, records)[:3] == ["2 of 4, 60% by weight", "1 of 1, 100% by weight", "0 of 1"]
    assert WEIGHTED.sources == ("candidate.skills", "job.skills", "job.weights")


def test_an_item_without_a_weight_weighs_1_and_weights_that_cannot_be_read_count_as_none():
    records = skills([["SQL"]] * 3, [["SQL", "R"]] * 3, weights=[None, {"R": 3}, {"SQL": -1}])
    assert values(WEIGHTED, records) == [0.5, 0.25, 0.5]
    assert missing(records) == [("j2", "job.weights", "a weight that is no non-negative number")]


def test_any_of_asks_for_one_of_the_wanted_items():
    assert values(ANY, skills()) == [1.0, 1.0, 0.0, None, None, None]
    assert words(ANY, skills()) == [
        "Python, SQL",
        "java",
        "none of those asked for",
        "not given",
        "the job asks for none",
        "the job asks for none",
    ]


def test_same_category_compares_one_category_with_the_jobs_or_one_of_them():
    mine = ["Design", "design ", "Law", None, "", "Law"]
    theirs = ["design", ["Law", "DESIGN"], "Design", "Law", "Law", None]
    records = records_of(field=mine, job={"field": [[t] if isinstance(t, str) else t for t in theirs]})
    assert values(SAME, records) == [1.0, 1.0, 0.0, None, None, None]
    assert words(SAME, records) == [
        "Design, as the job states",
        "design, as the job states",
        "Law, not what the job states",
        "not given",
        "not given",
        "the job states none",
    ]


def test_a_count_is_the_number_of_distinct_items():
    records = records_of(skills=[["SQL", "sql", "R"], [], None, "['a']", [""], '["李", "王"]'])
    assert values(COUNT, records) == [2.0, 0.0, None, 1.0, 0.0, 2.0]
    assert words(COUNT, records) == ["2", "0", "not given", "1", "0", "2"]


def test_a_count_of_objects_counts_each_of_them():
    jobs = [[{"role": "Cook"}, {"role": "Cook"}], [], '[{"role": "Cook"}]']
    records = records_of(work=jobs)
    assert values(Count(name="n", field="candidate.work"), records) == [2.0, 0.0, 1.0]
    assert values(Count(name="n", field="candidate.work[].role"), records) == [1.0, 0.0, 1.0]


def test_a_text_in_a_column_of_lists_is_missing_and_counted_once():
    records = skills([["SQL"], "SQL and R", 5, "[SQL, R]", "", " "], [["SQL"]] * 6)
    for feature in (COVERAGE, ANY):
        assert values(feature, records) == [1.0, *[None] * 5]
    no_list = "no list where one was expected"
    broken = "a list or object that is neither JSON nor a Python literal"
    assert missing(records) == [
        ("c1", "candidate.skills", no_list),
        ("c2", "candidate.skills", no_list),
        ("c3", "candidate.skills", broken),
    ]
    assert values(COUNT, records) == [1.0, *[None] * 5]


def test_a_tuple_or_set_in_a_column_of_lists_is_a_list():
    records = skills(['["SQL"]', "('SQL', 'R')", "{'R', 'SQL'}"], [["SQL", "R"]] * 3)
    assert values(COVERAGE, records) == [0.5, 1.0, 1.0]
    assert not records.report().fates


def test_coverage_splits_equally_over_the_matched_items_in_the_candidates_words():
    amount_of = steps([0.1, 0.6], [-1.0, 0.0, 2.0], of_missing=7.0)
    records = skills([["sql", "Python"], ["Go"], None], [["Python", "SQL", "R"]] * 3)
    assert COVERAGE.attribute(records, 0, amount_of) == pytest.approx(
        {"candidate.skills": -1.0, "candidate.skills[Python]": 1.5, "candidate.skills[sql]": 1.5}
    )
    assert COVERAGE.attribute(records, 1, amount_of) == {"candidate.skills": -1.0}
    assert COVERAGE.attribute(records, 2, amount_of) == {"candidate.skills": 7.0}


def test_weighted_coverage_gives_an_item_without_weight_nothing():
    amount_of = steps([0.1, 0.9], [0.0, 1.0, 3.0])
    records = skills([["a", "b", "c"]], [["a", "b", "c"]], weights=[{"a": 1, "b": 3, "c": 0}])
    # a alone 1/4, b alone 3/4, both 1: each is worth 1 first and 2 last.
    assert WEIGHTED.attribute(records, 0, amount_of) == pytest.approx(
        {
            "candidate.skills": 0.0,
            "candidate.skills[a]": 1.5,
            "candidate.skills[b]": 1.5,
            "candidate.skills[c]": 0.0,
        }
    )


def test_any_of_splits_equally_over_the_matching_items():
    amount_of = steps([0.5], [-1.0, 1.0], of_missing=7.0)
    records = skills([["a", "b", "z"], ["z"], ["a"]], [["A", "B"], ["A"], None])
    assert ANY.attribute(records, 0, amount_of) == pytest.approx(
        {"candidate.skills": -1.0, "candidate.skills[a]": 1.0, "candidate.skills[b]": 1.0}
    )
    assert ANY.attribute(records, 1, amount_of) == {"candidate.skills": -1.0}
    assert ANY.attribute(records, 2, amount_of) == {"candidate.skills": 7.0}


def test_a_count_splits_equally_over_its_items():
    amount_of = steps([1.5], [-1.0, 1.0], of_missing=7.0)
    records = records_of(skills=[["a", "b"], [], None])
    assert COUNT.attribute(records, 0, amount_of) == pytest.approx(
        {"candidate.skills": -1.0, "candidate.skills[a]": 1.0, "candidate.skills[b]": 1.0}
    )
    assert COUNT.attribute(records, 1, amount_of) == {"candidate.skills": -1.0}
    assert COUNT.attribute(records, 2, amount_of) == {"candidate.skills": 7.0}


def test_the_same_category_is_the_candidates_alone():
    records = records_of(field=["Law"], job={"field": ["Law"]})
    assert SAME.attribute(records, 0, steps([0.5], [0.0, 1.0])) == {"candidate.field": 1.0}
