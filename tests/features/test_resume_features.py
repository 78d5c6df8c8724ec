"""The kinds of features that résumés need: titles, evidence in projects, years, single skills, shares."""

from pathlib import Path

import numpy as np
import pytest
from feature_examples import missing, records_of, shapley_reference, steps, values, words
from hypothesis import given
from hypothesis import strategies as st

from ranker.app.task import parse_task
from ranker.errors import ProtectedFieldError, TaskError
from ranker.features import FeatureSet, evidence
from ranker.features.closeness import MOST_TITLES, ByWords, words_of
from ranker.features.evidence import ProjectEvidence
from ranker.features.has_item import HasItem
from ranker.features.maximum import maximum_shares
from ranker.features.share_of import ShareOf
from ranker.features.titles import TitleSimilarity
from ranker.features.years import Years
from ranker.records import Field, Usage

WORK = "candidate.work"
TITLES = TitleSimilarity(name="f", items=WORK, projects="candidate.projects", title="job.title")
EVIDENCE = ProjectEvidence(
    name="f", projects="candidate.projects", has="candidate.skills", wants="job.skills"
)
SUM = Years(name="f", items=WORK)
LONGEST = Years(name="f", items=WORK, measure="maximum")
WEIGHTED = Years(name="f", items=WORK, measure="weighted", title="job.title")
HAS = HasItem(name="f", field="candidate.skills", item="Python")
SHARE = ShareOf(name="f", field="candidate.score", whole=100)
KINDS = {
    "titles": TITLES,
    "titles of posts alone": TitleSimilarity(name="f", items=WORK, title="job.title"),
    "evidence": EVIDENCE,
    "years": SUM,
    "longest": LONGEST,
    "weighted years": WEIGHTED,
    "has item": HAS,
    "share": SHARE,
}


def posts(*held):
    return [{"title": title, "years": years} for title, years in held]


def close(text, title):
    return float(ByWords.of([text]).to(title)[0])


# --- closeness of titles -------------------------------------------------------------------------------------


def common_subsequence(a, b):
    """Length of the longest common subsequence, by the textbook's table."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


def word_share(a, b):
    if a == b:
        return 1.0
    share = 2 * common_subsequence(a, b) / (len(a) + len(b))
    return share if min(len(a), len(b)) >= 4 and share >= 0.6 else 0.0


def closeness_reference(text, title):
    empty = {"a", "an", "and", "at", "for", "in", "of", "on", "or", "project", "the", "to", "using", "with"}
    sides = []
    for one in (text, title):
        found = set(words_of(one))
        sides.append((found - empty) or found)
    a, b = sides
    if not a or not b:
        return 0.0
    from_a = sum(max(word_share(x, y) for y in b) for x in a)
    from_b = sum(max(word_share(x, y) for x in a) for y in b)
    return (from_a + from_b) / (len(a) + len(b))


title_texts = st.lists(
    st.one_of(
        st.sampled_from(["data", "science", "scientist", "java", "javascript", "c", "c++", "c#", "the"]),
        st.sampled_from(["Engineer", "engineering", "ML", "nlp", ".NET", "Ärztin", "李"]),
        st.text("aeinst", max_size=7),
    ),
    max_size=5,
).map(" ".join)


@given(st.lists(title_texts, max_size=6), title_texts)
def test_closeness_of_many_texts_is_what_the_definition_gives_for_each(texts, title):
    expected = [closeness_reference(text, title) for text in texts]
    assert ByWords.of(texts).to(title).tolist() == pytest.approx(expected, abs=1e-12)


@given(title_texts, title_texts)
def test_closeness_is_symmetric_and_between_0_and_1_and_1_for_the_same_words(a, b):
    assert close(a, b) == pytest.approx(close(b, a), abs=1e-12)
    assert 0.0 <= close(a, b) <= 1.0 + 1e-12
    if words_of(a):
        assert close(a, f" {a.upper()} ") == 1.0


@pytest.mark.parametrize(
    ("text", "title", "expected"),
    [
        ("Data Scientist", "data science", (1 + 1 + 0.625 + 0.625) / 4),
        ("sales", "marketing", 0.0),
        ("java developer", "javascript developer", 0.5),
        ("C developer", "C++ developer", 0.5),
        ("c# developer", "c++ developer", 0.5),
        ("c++ developer", "C++ developer", 1.0),
        (".NET developer", "net developer", 0.5),
        ("the science of data", "Data and Science project", 1.0),
        ("", "data science", 0.0),
        ("???", "!", 0.0),
    ],
)
def test_words_that_look_alike_and_mean_something_else_do_not_count_as_alike(text, title, expected):
    assert close(text, title) == pytest.approx(expected)


def test_a_title_that_was_asked_for_long_ago_is_worked_out_again():
    texts = ByWords.of(["data scientist", "cook"])
    first = texts.to("data science").copy()
    for number in range(MOST_TITLES + 3):
        texts.to(f"title number {number}")
    assert np.array_equal(texts.to("data science"), first)


# --- title_similarity ----------------------------------------------------------------------------------------


def test_the_closest_of_posts_and_projects_counts():
    records = records_of(
        work=[
            posts(("Cook", 3), ("Data Scientist", 1)),
            posts(("Cook", 1)),
            [],
            None,
            None,
            posts(("Cook", 1)),
        ],
        projects=[["a cookbook"], ["data science blog"], [], None, ["data science"], ["chess"]],
        job={"title": ["data science", "Data Science", "data science", "x", "data science", None]},
    )
    expected = [(2 + 1.25) / 4, 0.8, 0.0, None, 1.0, None]
    assert values(TITLES, records) == [None if v is None else pytest.approx(v) for v in expected]
    assert words(TITLES, records) == [
        "Data Scientist is 81% like data science",
        "data science blog is 80% like Data Science",
        "nothing like data science",
        "not given",
        "data science is 100% like data science",
        "the job has no title",
    ]
    compared = TITLES.evidence(records, 0)["compared"]
    assert [part["path"] for part in compared] == [
        "candidate.work[Cook]",
        "candidate.work[Data Scientist]",
        "candidate.projects[a cookbook]",
    ]


def test_two_posts_of_one_title_share_what_it_brings():
    records = records_of(
        work=[posts(("Data Scientist", 3), ("Data Scientist", 1))],
        projects=[[]],
        job={"title": ["data scientist"]},
    )
    shares = TITLES.attribute(records, 0, steps([0.5], [1.0, 3.0]))
    assert shares == {WORK: 1.0, f"{WORK}[Data Scientist]": 1.0, f"{WORK}[Data Scientist #2]": 1.0}


class Letters:
    """An encoder of a kind: how often each of some letters stands in a text."""

    def encode(self, texts):
        counts = np.array([[text.lower().count(letter) + 1e-9 for letter in "abcde"] for text in texts])
        return (counts / np.linalg.norm(counts, axis=1, keepdims=True)).astype(np.float32)


def test_an_encoder_compares_titles_where_one_is_given():
    feature = TitleSimilarity(
        name="f", items=WORK, projects="candidate.projects", title="job.title", encoder=Letters()
    )
    records = records_of(
        work=[posts(("aab", 1)), posts(("c", 1)), []],
        projects=[["c"], ["ab"], []],
        job={"title": ["ab", "ab", "ab"]},
    )
    assert values(feature, records) == [pytest.approx(3 / np.sqrt(10), abs=6e-4), 1.0, 0.0]
    assert values(TITLES, records) == [0.0, 1.0, 0.0]  # by words "aab" is not "ab"
    with pytest.raises(TaskError, match=r"encoder = 'mini': it has no encode\(texts\)"):
        TitleSimilarity(name="f", items=WORK, title="job.title", encoder="mini")
    with pytest.raises(TaskError, match="compare titles by their words"):
        Years(name="f", items=WORK, measure="weighted", title="job.title", encoder=3)


def test_a_job_is_compared_with_its_own_title_among_many_jobs():
    titles = ["cook", "nurse", None, "driver"] * 5
    work = [posts((held, 1)) for held in ["nurse", "nurse", "cook", "Driver", "cook"] * 4]
    records = records_of(work=work, projects=[None] * 20, job={"title": titles})
    expected = [
        None if title is None else closeness_reference(held[0]["title"], title)
        for held, title in zip(work, titles, strict=True)
    ]
    assert values(TITLES, records) == [None if v is None else pytest.approx(v) for v in expected]


# --- project_evidence ----------------------------------------------------------------------------------------


def test_evidence_is_the_share_of_missing_skills_that_a_project_mentions():
    records = records_of(
        skills=[["SQL"], ["SQL", "nlp"], [], None, ["SQL", "Machine Learning", "NLP", "C"], ["sql"]],
        projects=[["nlp chatbot", "Machine Learning for NLP"], [], ["c++ compiler"], ["sql"], ["nlp"], None],
        job={"skills": [["SQL", "NLP", "machine learning", "C"]] * 5 + [["R"]]},
    )
    assert values(EVIDENCE, records) == [pytest.approx(2 / 3), 0.0, 0.0, 0.25, None, None]
    assert words(EVIDENCE, records) == [
        "2 of 3 missing ones: NLP, machine learning",
        "0 of 2 missing ones",
        "0 of 4 missing ones",
        "1 of 4 missing ones: SQL",
        "none is missing",
        "not given",
    ]
    assert EVIDENCE.evidence(records, 0) == {
        "mentioned": {
            "NLP": ["nlp chatbot", "Machine Learning for NLP"],
            "machine learning": ["Machine Learning for NLP"],
        }
    }


@pytest.mark.parametrize(
    ("project", "skill", "mentioned"),
    [
        ("image classification cnn", "CNN", True),
        ("javascript game", "java", False),
        ("C++ compiler", "C", False),
        ("c/c++ compiler", "C++", True),
        ("c# game", "C++", False),
        ("asp .NET shop", ".net", True),
        ("machine for learning", "machine learning", False),
        ("deep machine learning", "Machine  Learning", True),
        ("", "r", False),
    ],
)
def test_a_project_mentions_a_skill_whose_words_stand_in_it_one_after_the_other(project, skill, mentioned):
    records = records_of(skills=[[]], projects=[[project, "x"]], job={"skills": [[skill]]})
    assert values(EVIDENCE, records) == [float(mentioned)]


def test_what_jobs_want_is_taken_apart_once_however_many_pairs_are_told(monkeypatch):
    records = records_of(
        skills=[["SQL"]] * 3, projects=[["a python game"]] * 3, job={"skills": [["Python", "SQL"]] * 3}
    )
    asked = []
    taken_apart = evidence._phrases
    monkeypatch.setattr(evidence, "_phrases", lambda items: asked.append(items) or taken_apart(items))
    values(EVIDENCE, records)
    for pair in range(3):
        assert EVIDENCE.describe(records, pair) == "1 of 1 missing ones: Python"
    assert len(asked) == 1


def test_a_job_that_wants_nothing_has_no_evidence_to_speak_of():
    records = records_of(skills=[["a"], None], projects=[["a"], ["a"]], job={"skills": [[], None]})
    assert values(EVIDENCE, records) == [None, None]
    assert words(EVIDENCE, records) == ["the job asks for none"] * 2


def test_where_more_than_twelve_projects_mention_something_the_amount_stays_whole_and_says_so():
    projects = [f"sql {number}" for number in range(13)]
    records = records_of(skills=[[]], projects=[projects], job={"skills": [["SQL", "R"]]})
    assert EVIDENCE.attribute(records, 0, steps([0.4], [0.0, 2.0])) == {"candidate.projects": 2.0}
    assert "more than 12 projects" in EVIDENCE.split_rule


def test_skills_and_projects_may_stand_in_other_tables():
    flat = ProjectEvidence(name="f", projects="candidate.projects", has="job.had", wants="job.skills")
    records = records_of(
        projects=[["sql"], ["r"]], job={"had": [["R"], ["R"]], "skills": [["SQL", "R"], ["SQL", "R"]]}
    )
    assert values(flat, records) == [1.0, 0.0]


# --- years ---------------------------------------------------------------------------------------------------


HELD = [
    posts(("Data Scientist", 2.5), ("cook", "4")),
    [],
    None,
    posts(("nurse", None), ("nurse", "many"), ("nurse", -2)),
    posts(("data science", 0.1), ("data science", 0.2), ("x", -1)),
]
YEARS = {"work": HELD, "job": {"title": ["data science"] * 5}}


def test_years_are_summed_or_the_longest_or_counted_by_closeness():
    records = records_of(**YEARS)
    assert values(SUM, records) == [6.5, 0.0, None, None, 0.3]
    assert values(LONGEST, records) == [4.0, 0.0, None, None, 0.2]
    assert values(WEIGHTED, records) == [pytest.approx(2.5 * 0.8125), 0.0, None, None, 0.3]
    assert words(SUM, records) == ["6.5 years", "0 years", "not given", "not given", "0.3 years"]
    assert words(LONGEST, records)[0] == "4 years in one post"
    assert words(WEIGHTED, records)[0] == "2.03 years, counted by closeness to the job"
    assert SUM.evidence(records, 0)["items"][1] == {"name": "cook", "years": 4.0}
    assert WEIGHTED.evidence(records, 0)["items"][1] == {"name": "cook", "years": 4.0, "counted": 0.0}


def test_years_that_cannot_be_read_are_counted_and_left_out():
    records = records_of(**YEARS)
    SUM.compute(records)
    assert missing(records) == [
        ("c3", WORK, "a post's years: not given"),
        ("c3", WORK, "a post's years: not a number"),
        ("c3", WORK, "a post's years: below 0"),
        ("c4", WORK, "a post's years: below 0"),
    ]


def test_years_by_closeness_are_missing_where_the_job_has_no_title():
    records = records_of(work=[posts(("cook", 2))], job={"title": [None]})
    assert values(WEIGHTED, records) == [None]
    assert words(WEIGHTED, records) == ["the job has no title"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"measure": "mean"}, "measure 'mean' is not known; did you mean"),
        ({"measure": "weighted"}, "state title, the path of it"),
        ({"title": "job.title"}, "no title with another measure"),
    ],
)
def test_a_measure_that_means_nothing_is_refused(wrong, message):
    with pytest.raises(TaskError, match=message):
        Years(name="f", items=WORK, **wrong)


# --- has_item, share_of --------------------------------------------------------------------------------------


def test_a_list_holds_an_item_or_not():
    records = records_of(skills=[["SQL", "PYTHON "], ["SQL"], [], None])
    assert values(HAS, records) == [1.0, 0.0, 0.0, None]
    assert words(HAS, records) == ["yes", "no", "no", "not given"]
    shares = HAS.attribute(records, 0, steps([0.5], [1.0, 4.0]))
    assert shares == {"candidate.skills": 1.0, "candidate.skills[PYTHON]": 3.0}
    assert HAS.attribute(records, 1, steps([0.5], [1.0, 4.0])) == {"candidate.skills": 1.0}
    assert (HAS.evidence(records, 0), HAS.evidence(records, 1)) == ({"found": "PYTHON"}, {})
    with pytest.raises(TaskError, match="item is empty"):
        HasItem(name="f", field="candidate.skills", item=" ")


def test_a_number_is_a_share_of_its_whole():
    points = [Field("candidate.score", "test score", unit="points")]
    records = records_of(points, score=[88, "88", 120, -5, None, "many"])
    assert values(SHARE, records) == [0.88, 0.88, 1.0, 0.0, None, None]
    assert words(SHARE, records) == [
        "88 of 100 points", "88 of 100 points", "100 of 100 points (written: 120)",
        "0 of 100 points (written: -5)", "not given", "not given",
    ]  # fmt: skip
    assert SHARE.evidence(records, 2) == {"written": 120.0, "used": 100.0, "minimum": 0.0, "maximum": 100}
    clamped = [f.reason for f in records.report().fates if f.action == "changed"]
    assert clamped == ["clamped to 100", "clamped to 0"]
    with pytest.raises(TaskError, match="whole is 0: give a finite number above 0"):
        ShareOf(name="f", field="candidate.score", whole=0)


# --- laws of all of them -------------------------------------------------------------------------------------


names = st.sampled_from(["Data Scientist", "data science", "cook", "Cook", "", "nurse #2", "李", "sql"])
held = st.lists(
    st.fixed_dictionaries({"title": names, "years": st.sampled_from([None, "?", 0, 0.1, 0.2, 2, 7])}),
    max_size=6,
)
texts = st.lists(names, max_size=6)
candidates = st.fixed_dictionaries(
    {
        "work": st.none() | held,
        "projects": st.none() | texts,
        "skills": st.none() | st.lists(st.sampled_from(["python", "SQL", "sql", "cook"]), max_size=4),
        "score": st.sampled_from([None, "", "x", -3, 0, 50, 88.5, 130]),
    }
)
jobs = st.fixed_dictionaries({"title": st.none() | names, "skills": st.none() | texts})
amounts = st.floats(-2, 2)


@st.composite
def step_functions(draw):
    cuts = sorted(
        draw(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 2.5]), max_size=5, unique=True))
    )
    return steps(cuts, [draw(amounts) for _ in range(len(cuts) + 1)], draw(amounts))


def single(candidate, job):
    return records_of(
        **{name: [value] for name, value in candidate.items()},
        job={name: [value] for name, value in job.items()},
    )


@pytest.mark.parametrize("feature", KINDS.values(), ids=KINDS)
@given(candidate=candidates, job=jobs, amount_of=step_functions())
def test_the_shares_sum_to_the_amount_and_fall_on_the_candidates_fields(feature, candidate, job, amount_of):
    records = single(candidate, job)
    amount = float(amount_of(feature.compute(records))[0])
    shares = feature.attribute(records, 0, amount_of)
    own = [path for path in feature.sources if path.startswith("candidate.")]
    assert abs(sum(shares.values()) - amount) <= 1e-9
    assert feature.subject in shares
    assert all(path in own or path.startswith(tuple(f"{one}[" for one in own)) for path in shares)
    assert feature.describe(records, 0)


PARTS = {"titles": ("work", "projects"), "evidence": ("projects",), "years": ("work",), "longest": ("work",)}
PARTS |= {"weighted years": ("work",), "has item": ("skills",)}


@pytest.mark.parametrize("kind", PARTS)
@given(data=st.data(), amount_of=step_functions())
def test_each_parts_share_is_its_shapley_value_with_the_feature_computed_anew_for_every_set(
    kind, data, amount_of
):
    feature = KINDS[kind]
    years = st.sampled_from([0, 0.1, 0.2, 2])
    some = st.lists(st.sampled_from(["data science", "cook", "sql", "Data"]), max_size=3, unique=True)
    candidate = {
        "work": posts(*((title, data.draw(years)) for title in data.draw(some))),
        "projects": data.draw(some),
        "skills": data.draw(st.lists(st.sampled_from(["Python", "cook"]), max_size=2, unique=True)),
    }
    job = {"title": "data science", "skills": data.draw(some)}
    entries = [(field, item) for field in PARTS[kind] for item in candidate[field]]

    def worth(present):
        kept = {field: list(candidate[field]) for field in candidate}
        for field in PARTS[kind]:
            kept[field] = [item for n, (at, item) in enumerate(entries) if at == field and n in present]
        return float(amount_of(feature.compute(single(kept, job)))[0])

    shares = feature.attribute(single(candidate, job), 0, amount_of)
    labels = [item["title"] if isinstance(item, dict) else item for _, item in entries]
    found = [
        shares.get(f"candidate.{field}[{label}]", 0.0)
        for (field, _), label in zip(entries, labels, strict=True)
    ]
    assert found == pytest.approx(shapley_reference(worth, len(entries)), abs=1e-9)
    assert shares[feature.subject] == pytest.approx(worth(frozenset()), abs=1e-9)


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.5, 1.0]), min_size=1, max_size=6), step_functions())
def test_shares_of_the_greatest_are_its_shapley_values(sizes, amount_of):
    def worth(present):
        return float(amount_of(np.array([max((sizes[part] for part in present), default=0.0)]))[0])

    found = maximum_shares(amount_of, np.array(sizes))
    assert found.tolist() == pytest.approx(shapley_reference(worth, len(sizes)), abs=1e-9)


@pytest.mark.parametrize("feature", KINDS.values(), ids=KINDS)
@given(st.lists(st.tuples(candidates, jobs), min_size=1, max_size=6))
def test_a_pair_has_the_same_value_alone_and_among_others(feature, pairs):
    people, wanted = zip(*pairs, strict=True)
    records = records_of(
        **{name: [one[name] for one in people] for name in people[0]},
        job={name: [one[name] for one in wanted] for name in wanted[0]},
    )
    whole = feature.compute(records)
    for pair, (candidate, job) in enumerate(pairs):
        alone = feature.compute(records.take(np.array([pair])))
        assert np.array_equal(alone, whole[[pair]], equal_nan=True)
        # Lists that hold nothing but one another's shape read the same on their own.
        if all(value is None or isinstance(value, list) for value in [*candidate.values(), job["skills"]]):
            assert np.array_equal(feature.compute(single(candidate, job)), whole[[pair]], equal_nan=True)


@pytest.mark.parametrize("feature", KINDS.values(), ids=KINDS)
def test_none_of_them_may_read_a_field_that_must_not_reach_a_score(feature):
    for path in feature.sources:
        with pytest.raises(ProtectedFieldError, match="which the task marks protected"):
            FeatureSet((feature,), {path: Field(path, "x", usage=Usage.PROTECTED)})


def test_a_task_file_states_them():
    task = parse_task(
        """
        name = "cv"
        [applications]
        path = "a.csv"
        job = "job"
        candidate = "candidate"
        [[features]]
        name = "titles"
        kind = "title_similarity"
        items = "candidate.work"
        projects = "candidate.projects"
        title = "job.title"
        [[features]]
        name = "evidence"
        kind = "project_evidence"
        projects = "candidate.projects"
        has = "candidate.skills"
        wants = "job.skills"
        [[features]]
        name = "years"
        kind = "years"
        items = "candidate.work"
        measure = "weighted"
        title = "job.title"
        [[features]]
        name = "python"
        kind = "has_item"
        field = "candidate.skills"
        item = "Python"
        [[features]]
        name = "score"
        kind = "share_of"
        field = "candidate.score"
        whole = 100.0
        """,
        Path(),
    )
    kinds = [TitleSimilarity, ProjectEvidence, Years, HasItem, ShareOf]
    assert [type(feature) for feature in task.features] == kinds
    with pytest.raises(TaskError, match="'mean'"):
        parse_task(task.text.replace('"weighted"', '"mean"'), Path())
