"""Cleaned résumés as pairs with their domain, and what features, explanations and counterfactuals make of them."""

from functools import cache
from itertools import product

import numpy as np
import pytest

from explain import counterfactual, explain
from explain.change.lists import AddItems, Extend
from explain.change.nudges import sensitivity
from explain.change.usual import usual_actions
from explain.change.values import ChangeNumber
from ranker.errors import DataError, EmptyPoolError, TaskError
from ranker.features import FeatureSet
from ranker.ranking import Ranking
from ranker.records.ledger import Ledger
from ranker.resume.cleaning import Change, Cleaner, CleanResume, Vocabulary
from ranker.resume.feature_table import (
    RESUME_FIELDS,
    matched_and_missing,
    records_of,
    resume_features,
    written_of,
    written_shares,
)
from ranker.resume.labels import LABELS, rule_label
from ranker.scoring import EBMRanker
from ranker.scoring.attribution import attribute_pairs
from ranker.scoring.score_parts import ScoreParts

DOMAINS = {
    "data science": ["python", "sql", "machine learning", "statistics", "nlp"],
    "web development": ["javascript", "css", "sql", "react"],
    "anything": [],
}


def resume(who="a", domain="data science", **values):
    given = {
        "skills": (), "projects": (), "work_experience": (), "test_score": 50.0, "changes": (), "dropped": "",
        "sources": {},
    }  # fmt: skip
    return CleanResume(id=who, preferred_domain=domain, **given | values)


def values_of(*resumes, domains=None, **options):
    """Features of some résumés by name, ``None`` for missing."""
    table = FeatureSet(resume_features(**options), RESUME_FIELDS).compute(
        records_of(resumes, domains or DOMAINS)
    )
    return [
        {name: None if value != value else value for name, value in row.items()}
        for row in table.to_dict("records")
    ]


def test_the_documents_own_examples():
    twenty = {"d": [f"skill {number}" for number in range(20)]}
    eight = resume(domain="d", skills=tuple(twenty["d"][3:11]), test_score=88.0)
    [found] = values_of(eight, domains=twenty)
    assert found["skill_match_ratio"] == 0.4
    assert found["test_score_norm"] == 0.88


def test_every_feature_of_one_resume():
    one = resume(
        skills=("python", "sql", "css"), projects=("nlp", "image classification cnn"), test_score=92.0,
        work_experience=(("data scientist", 2.5), ("cook", 1.0)),
    )  # fmt: skip
    [found] = values_of(one, skills=["sql", "nlp"])
    assert found == {
        "skill_match_ratio": 0.4,
        "test_score_norm": 0.92,
        "project_count": 2.0,
        "years_experience": 3.5,
        "title_similarity": pytest.approx((2 + 1.25) / 4),
        "project_evidence": pytest.approx(1 / 3),
        "has nlp": 0.0,
        "has sql": 1.0,
    }
    assert matched_and_missing(records_of([one], DOMAINS), 0) == (
        ("python", "sql"),
        ("machine learning", "statistics", "nlp"),
    )


def test_an_empty_resume_and_a_domain_that_asks_for_nothing():
    [empty, unasked] = values_of(resume(test_score=None), resume(domain="anything", skills=("sql",)))
    assert empty == {
        "skill_match_ratio": 0.0, "test_score_norm": None, "project_count": 0.0, "years_experience": 0.0,
        "title_similarity": 0.0, "project_evidence": 0.0,
    }  # fmt: skip
    assert (unasked["skill_match_ratio"], unasked["project_evidence"]) == (None, None)
    assert matched_and_missing(records_of([resume(domain="anything")], DOMAINS), 0) == ((), ())


@pytest.mark.parametrize(
    ("measure", "expected"), [("sum", 3.5), ("maximum", 2.5), ("weighted", 2.5 * 0.8125)]
)
def test_years_of_several_posts_count_as_was_asked(measure, expected):
    [found] = values_of(resume(work_experience=(("data scientist", 2.5), ("cook", 1.0))), years=measure)
    assert found["years_experience"] == pytest.approx(expected)


def test_skills_that_get_a_feature_of_their_own_are_named_or_all_that_a_domain_requires():
    required = [feature.name for feature in resume_features(DOMAINS, skills="required")][6:]
    assert required == sorted({f"has {skill}" for skills in DOMAINS.values() for skill in skills})
    assert [f.name for f in resume_features(skills=["SQL", "sql", "Go"])][6:] == ["has Go", "has SQL"]
    with pytest.raises(TaskError, match="give the domains"):
        resume_features(skills="required")
    with pytest.raises(TaskError, match="skills = 'sql': give a list"):
        resume_features(DOMAINS, skills="sql")


def test_only_the_five_fields_reach_a_feature_and_nothing_learns_from_the_label_or_the_uncleaned():
    features = FeatureSet(resume_features(DOMAINS, skills="required", years="weighted"), RESUME_FIELDS)
    read = {path for feature in features for path in feature.sources}
    assert read == {
        "candidate.skills", "candidate.projects", "candidate.work_experience", "candidate.test_score",
        "job.required_skills", "job.domain",
    }  # fmt: skip


def test_each_resume_is_paired_with_its_domain_in_order_even_where_ids_repeat():
    resumes = [resume("a"), resume("b", domain=" Web  DEVELOPMENT"), resume("a", test_score=70.0)]
    records = records_of(resumes, DOMAINS)
    assert records.candidate.tolist() == ["a", "b", "a"]
    assert records.job.tolist() == ["data science", "web development", "data science"]
    assert records.at("candidate.test_score", "number").tolist() == [50.0, 50.0, 70.0]
    assert records.relevance is None


def test_labels_become_places_and_resumes_without_a_readable_one_are_set_aside_and_counted():
    ledger = Ledger()
    resumes = [
        resume("a"), resume("b"), resume("c"), resume("d", domain="web developement"),
        resume("e", dropped="no domain"), resume("f"),
    ]  # fmt: skip
    labels = {"a": "Fit", "b": "not  fit", "c": "Partially Fit", "d": "Fit", "e": "Fit"}
    records = records_of(resumes, DOMAINS, labels, ledger=ledger)
    assert records.candidate.tolist() == ["a", "b"]
    assert records.relevance.tolist() == [2.0, 0.0]
    assert [(fate.row, fate.reason) for fate in records.report().set_aside()] == [
        ("c", "label 'Partially Fit' is none of the three; did you mean 'Partial Fit'?"),
        ("d", "unknown domain 'web developement'; did you mean 'web development'?"),
        ("e", "no domain"),
        ("f", "no label"),
    ]
    assert (ledger.read["candidate"], ledger.kept["candidate"]) == (6, 2)


def test_nobody_left_and_two_domains_of_one_name_are_errors_that_say_so():
    with pytest.raises(EmptyPoolError, match="no résumé is left: a: unknown domain 'x'"):
        records_of([resume(domain="x")], DOMAINS)
    with pytest.raises(EmptyPoolError, match="none was given"):
        records_of([], DOMAINS)
    with pytest.raises(DataError, match="domains 'a b' and 'A  B' have one name: join them"):
        records_of([resume()], {"a b": [], "A  B": []})


# --- what was written ----------------------------------------------------------------------------------------

CHANGED = resume(
    skills=("pytorch", "sql", "python"),
    projects=("nlp", "chess"),
    work_experience=(("data scientist", 2.5),),
    test_score=100.0,
    sources={"pytorch": ("pyTorch DL", "PyTorch"), "sql": ("sql",), "python": ("pyhton",)},
    changes=(
        Change("skills[0]", "pyTorch DL", "pytorch", "contained token"),
        Change("projects[0]", "NLP Project 2", "nlp", "words of no weight"),
        Change("projects[2]", "Project", None, "empty"),
        Change("work_experience[0].title", "Sr. Data Scientist", "data scientist", "canonical title"),
        Change("work_experience[0].years", "2.5 yrs", "2.5", "unit"),
        Change("test_score", "120", "100", "clamped"),
    ),
)


def test_what_was_written_is_kept_for_every_part_that_reads_otherwise():
    assert written_of(records_of([CHANGED], DOMAINS), 0) == {
        "candidate.skills[pytorch]": ("pyTorch DL", "PyTorch"),
        "candidate.skills[python]": ("pyhton",),
        "candidate.projects[nlp]": ("NLP Project 2",),
        "candidate.work_experience[data scientist]": ("Sr. Data Scientist",),
        "candidate.test_score": ("120",),
    }


def test_what_was_written_is_found_behind_what_the_cleaner_makes_of_it():
    raw = {
        "id": "a",
        "skills": ["Python", "MACHINE LEARNING", "sql"],
        "projects": ["Project", "NLP Project 2", "chess"],
        "work_experience": [
            {"title": "data scientist", "years": 2}, 7, {"title": "Data Scientist", "years": "18 months"},
            {"title": "DATA SCIENTIST", "years": 1},
        ],
        "test_score": "-5",
        "preferred_domain": "Data Science",
    }  # fmt: skip
    one = Cleaner(Vocabulary.from_domains(DOMAINS)).clean(raw)
    assert written_of(records_of([one], DOMAINS), 0) == {
        "candidate.skills[python]": ("Python",),
        "candidate.skills[machine learning]": ("MACHINE LEARNING",),
        "candidate.projects[nlp]": ("NLP Project 2",),
        "candidate.work_experience[data scientist #2]": ("Data Scientist",),
        "candidate.work_experience[data scientist #3]": ("DATA SCIENTIST",),
        "candidate.test_score": ("-5",),
    }


def test_amounts_go_on_to_the_texts_that_were_written_and_sum_to_the_same():
    shares = {
        "candidate.skills": 0.5, "candidate.skills[pytorch]": 1.0, "candidate.skills[sql]": -0.25,
        "candidate.projects[nlp]": 2.0, "candidate.test_score": 3.0,
    }  # fmt: skip
    written = written_shares(shares, records_of([CHANGED], DOMAINS), 0)
    assert written == {
        "candidate.skills": 0.5, "candidate.skills[pyTorch DL]": 0.5, "candidate.skills[PyTorch]": 0.5,
        "candidate.skills[sql]": -0.25, "candidate.projects[NLP Project 2]": 2.0, "candidate.test_score": 3.0,
    }  # fmt: skip
    assert sum(written.values()) == sum(shares.values())


# --- a trained scorer over them ------------------------------------------------------------------------------


@cache
def trained():
    """A small pool, its features and a scorer; labels by rule."""
    rng = np.random.default_rng(3)
    titles, extra = (
        ["data scientist", "cook", "web developer", "nurse"],
        ["nlp chatbot", "chess", "react shop"],
    )
    resumes = []
    for number in range(240):
        domain = ["data science", "web development"][number % 2]
        pool = [*DOMAINS["data science"], *DOMAINS["web development"]]
        held = tuple(
            (str(rng.choice(titles)), float(rng.integers(0, 80)) / 10) for _ in range(rng.integers(0, 4))
        )
        resumes.append(
            resume(
                f"r{number}", domain, work_experience=held,
                skills=tuple(dict.fromkeys(str(s) for s in rng.choice(pool, rng.integers(0, 8)))),
                projects=tuple(dict.fromkeys(str(p) for p in rng.choice(extra, rng.integers(0, 4)))),
                test_score=None if number % 17 == 0 else float(np.clip(rng.normal(65, 20), 0, 100).round(1)),
            )
        )  # fmt: skip
    features = FeatureSet(resume_features(skills=["sql"], years="weighted"), RESUME_FIELDS)
    records = records_of(resumes, DOMAINS)
    table = features.compute(records)
    labels = [
        LABELS.index(rule_label(*row))
        for row in table[["skill_match_ratio", "test_score_norm", "project_count"]].itertuples(index=False)
    ]
    relevance = np.array(labels) + table["title_similarity"].round() + table["project_evidence"].fillna(0)
    model = EBMRanker(outer_bags=2, interactions=2, n_threads=1).fit(
        table, relevance + np.minimum(table["years_experience"], 5) / 4, job=records.job
    )
    return records, features, table, model.scorer_


def test_every_score_goes_back_to_raw_fields_without_residual():
    records, features, table, scorer = trained()
    parts = ScoreParts.down_to_fields(scorer, features, records, table)
    sums = np.asarray(parts.amounts.sum(axis=1)).ravel() + scorer.intercept
    assert np.abs(sums - scorer.score(table)).max() <= 1e-9
    assert set(parts.fields) <= {
        f"candidate.{name}" for name in ("skills", "projects", "work_experience", "test_score")
    }
    for pair in range(0, 240, 40):
        one = records.take(np.array([pair]))
        [alone] = attribute_pairs(scorer, features, one, table.iloc[[pair]])
        row = parts.amounts[[pair]].toarray()[0]
        found = {path: amount for path, amount in zip(parts.items, row, strict=True) if amount}
        assert found == pytest.approx({p: a for p, a in alone.fields.items() if a}, abs=1e-9)
        assert alone.residual <= 1e-9


def test_an_explanation_speaks_of_each_feature():
    records, features, table, scorer = trained()
    ranking = ranked()
    found = explain(scorer, features, records, ranking, job="data science", candidate="r2", table=table)
    assert {reason.kind for reason in found.reasons} >= {
        "coverage", "count", "share_of", "years", "title_similarity", "project_evidence", "has_item",
    }  # fmt: skip


def ranked():
    records, _, table, scorer = trained()
    return Ranking.from_scores(scorer.score(table), job=records.job, candidate=records.candidate)


def test_whatever_a_resume_lets_grow_is_allowed_by_default_and_years_stay():
    _, features, _, _ = trained()
    actions = {action.path: type(action) for action in usual_actions(features)}
    assert actions == {
        "candidate.skills": AddItems, "candidate.projects": AddItems, "candidate.test_score": ChangeNumber,
    }  # fmt: skip


def rank_of_changed(who, **changed):
    """Rank of a changed résumé among the others, all read anew."""
    records, features, _, scorer = trained()
    pair = records.candidate.tolist().index(who)
    table = records.tables["candidate"]
    people = []
    for number in np.flatnonzero(records.job == records.job[pair]):
        row = table.iloc[number]
        given = {name: row[name] for name in ("skills", "projects", "test_score")}
        given["work_experience"] = tuple((post["title"], post["years"]) for post in row["work_experience"])
        given |= changed if number == pair else {}
        given["skills"], given["projects"] = tuple(given["skills"]), tuple(given["projects"])
        people.append(resume(str(records.candidate[number]), records.job[number], **given))
    pool = records_of(people, DOMAINS)
    scores = scorer.score(features.compute(pool))
    return Ranking.from_scores(scores, job=pool.job, candidate=pool.candidate).rank_of(pool.job[0], who)


@pytest.mark.parametrize("place", [8, 30, 60, 100])
def test_a_counterfactual_reaches_its_goal_and_no_cheaper_edit_of_the_record_does(place):
    records, features, table, scorer = trained()
    who = str(ranked().of("data science").candidates[place])
    actions = [
        AddItems(path="candidate.skills"),
        AddItems(path="candidate.projects", unnamed=1),
        ChangeNumber(path="candidate.test_score", minimum=0, maximum=100, step=10, cost=0.1),
    ]
    found = counterfactual(
        scorer, features, records, job="data science", candidate=who, top_k=5, actions=actions, table=table
    )
    pair = records.candidate.tolist().index(who)
    row = records.tables["candidate"].iloc[pair]
    assert found.optimal
    assert (found.rank_after <= 5) == found.possible
    missing = matched_and_missing(records, pair)[1]
    now = row["test_score"]
    points = [now] if now is None else [now, *(p for p in range(0, 101, 10) if p > now)]
    tried = 0
    for picked, project, score in product(
        product([0, 1], repeat=len(missing)), [(), ("a new entry",)], points
    ):
        added = [skill for skill, pick in zip(missing, picked, strict=True) if pick]
        cost = len(added) + len(project) + (0 if now is None else 0.1 * (score - now))
        if found.possible and cost >= found.cost - 1e-9:
            continue
        rank = rank_of_changed(
            who, skills=[*row["skills"], *added], projects=[*row["projects"], *project], test_score=score
        )
        assert rank > 5
        tried += 1
    assert tried or found.cost == 0 or not found.possible


def test_a_new_project_is_told_apart_by_its_closeness_and_by_the_skills_that_it_mentions():
    records, features, table, scorer = trained()
    who = str(ranked().of("data science").candidates[80])
    named = AddItems(path="candidate.projects", items=("data science", "nlp", "chess", "poker"))
    found = counterfactual(
        scorer, features, records, job="data science", candidate=who, top_k=1, actions=[named], table=table
    )
    pair = records.candidate.tolist().index(who)
    now = records.tables["candidate"]["projects"].iloc[pair]
    ranks = []
    for picks in product([0, 1], repeat=len(named.items)):
        added = [project for project, pick in zip(named.items, picks, strict=True) if pick]
        ranks.append(rank_of_changed(who, projects=[*now, *added]))
    assert found.rank_after == min(ranks)


def test_years_that_stand_without_dates_cannot_be_extended_and_the_refusal_says_why():
    records, features, table, scorer = trained()
    with pytest.raises(TaskError, match="do not say which post is still held: leave the action out"):
        counterfactual(
            scorer, features, records, job="data science", candidate="r2", top_k=1, table=table,
            actions=[Extend(path="candidate.work_experience")],
        )  # fmt: skip


def test_sensitivity_moves_the_test_score_and_the_years():
    records, features, table, scorer = trained()
    pair = next(
        n for n in range(0, 240, 2)
        if records.cell("candidate.test_score", "number", n) > 0
        and sum(post["years"] for post in records.tables["candidate"]["work_experience"].iloc[n])
    )  # fmt: skip
    who = records.candidate[pair]
    found = sensitivity(scorer, features, records, job="data science", candidate=who, table=table)
    moved = {nudge.path: nudge for nudge in found.nudges}
    assert set(moved) == {"candidate.test_score", "candidate.work_experience"}
    assert moved["candidate.work_experience"].unit == "years"
    row = records.tables["candidate"].iloc[pair]
    for at, factor in enumerate((0.9, 1.1)):
        posts = tuple((post["title"], post["years"] * factor) for post in row["work_experience"])
        assert moved["candidate.test_score"].ranks[at] == rank_of_changed(
            who, test_score=row["test_score"] * factor
        )
        assert moved["candidate.work_experience"].ranks[at] == rank_of_changed(who, work_experience=posts)
