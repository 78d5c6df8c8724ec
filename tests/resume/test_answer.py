"""The answer: what the paragraph says, in which words, and what machines read."""

import json

import pytest

from ranker.resume.answer import Answer, Borderline, FeatureSummary, explanation
from ranker.resume.cleaning import Change, CleanResume
from ranker.resume.edits import Edit
from ranker.resume.reasons import strongest_fields

SKILLS = ("python", "sql", "pandas", "numpy", "statistics", "git", "r", "tableau")
MISSING = ("docker", "spark", "airflow", "scala")
KEYS = {"label", "confidence", "matched_skills", "missing_skills", "feature_summary", "explanation", "fields"}


def resume(**given):
    values = dict(
        id="r1", skills=SKILLS, projects=("churn model", "sales dashboard"),
        work_experience=(("data analyst", 2.5),), test_score=88.0, preferred_domain="Data Science",
    )  # fmt: skip
    return CleanResume(**(values | given))


def answer(**given):
    values = dict(
        resume=resume(), place="r1.json", label="Partial Fit",
        probabilities={"Not Fit": 0.11, "Partial Fit": 0.81, "Fit": 0.08}, uncertain=False,
        matched=SKILLS, missing=MISSING, summary=FeatureSummary(8 / 12, 2.5, 88.0, 2),
        score=0.4, intercept=0.1, fields={"candidate.skills": 0.5, "candidate.test_score": -0.2},
        strongest=(), standing=0.5, borderline=(), edit=None, next_label="Fit", model="0" * 64, bound=0.55,
    )  # fmt: skip
    return Answer(**(values | given))


def test_the_paragraph_tells_score_skills_projects_experience_and_confidence():
    assert explanation(answer(edit=Edit(("docker",), 0, None, 88.0))) == (
        "The résumé is labelled Partial Fit for Data Science, with a confidence of 81 %. "
        "The test score is 88 of 100. "
        "8/12 required skills are there; missing are docker, spark, airflow and 1 other. "
        "It shows 2 projects and 2.5 years of experience. "
        "The least that would bring Fit: add docker."
    )


def test_one_and_none_are_said_as_one_says_them():
    said = explanation(
        answer(
            matched=(*SKILLS, *MISSING[1:]), missing=("docker",),
            summary=FeatureSummary(11 / 12, 1.0, None, 1), next_label=None,
        )
    )  # fmt: skip
    assert "There is no test score." in said
    assert "missing is docker." in said
    assert "It shows 1 project and 1 year of experience." in said
    nothing = explanation(answer(summary=FeatureSummary(8 / 12, 0.0, 88.0, 0)))
    assert "It shows no project and no experience in years." in nothing


def test_nothing_missing_is_not_listed_and_a_single_skill_is_no_fraction():
    assert "12/12 required skills are there." in explanation(answer(matched=SKILLS + MISSING, missing=()))
    assert "The one required skill, docker, is missing." in explanation(
        answer(matched=(), missing=("docker",))
    )
    assert "The one required skill, sql, is there." in explanation(answer(matched=("sql",), missing=()))


def test_a_label_that_a_tenth_of_the_test_score_flips_is_borderline():
    said = explanation(answer(borderline=(Borderline(79.2, "Not Fit"), Borderline(96.8, "Fit"))))
    assert (
        "The label is borderline, as a test score 10 % lower or higher changes it: "
        "at 79.2 points it would be Not Fit and at 96.8 points it would be Fit." in said
    )
    assert "borderline" not in explanation(answer())


def test_an_uncertain_answer_goes_to_a_person():
    said = explanation(answer(probabilities={"Not Fit": 0.2, "Partial Fit": 0.5, "Fit": 0.3}, uncertain=True))
    assert "No label reaches a probability of 55 %, so a person should decide." in said


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (
            Edit(("docker", "spark"), 1, 93.0, 88.0),
            "add docker and spark, add 1 project and raise the test score from 88 to 93",
        ),
        (Edit((), 2, None, 88.0), "add 2 projects"),
        (Edit((), 0, 60.0, None), "take the test and reach 60 points"),
    ],
)
def test_a_recommendation_is_one_clause(edit, words):
    assert edit.in_words() == words
    assert explanation(answer(edit=edit)).endswith(f"The least that would bring Fit: {words}.")


def test_a_change_costs_one_a_skill_one_a_project_and_a_tenth_a_point():
    assert Edit(("docker", "spark"), 1, 93.0, 88.0).cost == pytest.approx(3.5)
    assert Edit((), 0, 60.0, None).cost == pytest.approx(6.0)


def test_where_no_change_is_enough_the_paragraph_says_so_and_the_highest_label_needs_none():
    assert "No change of skills, test score and projects" in explanation(answer(edit=None))
    assert "No change" not in explanation(answer(next_label=None))


def test_the_object_has_the_keys_that_machines_read_and_is_strict_json():
    machine = answer(edit=Edit(("docker",), 0, None, 88.0)).to_json()
    assert machine.keys() >= KEYS
    assert machine["feature_summary"] == {
        "skill_match_ratio": 8 / 12, "years_experience": 2.5, "test_score": 88.0, "project_count": 2,
    }  # fmt: skip
    assert machine["confidence"] == 0.81
    assert machine["recommendation"]["add_skills"] == ["docker"]
    assert json.loads(json.dumps(machine, allow_nan=False)) == machine


def test_an_edit_of_a_record_adds_and_leaves_the_rest_alone():
    raw = {"id": "r1", "skills": ["Python"], "test_score": "88", "label": "Fit"}
    changed = Edit(("docker",), 1, 93.0, 88.0).of_record(raw)
    assert changed["skills"] == ["Python", "docker"]
    assert len(changed["projects"]) == 1
    assert (changed["id"], changed["test_score"], changed["label"]) == ("r1", 93.0, "Fit")
    assert raw == {"id": "r1", "skills": ["Python"], "test_score": "88", "label": "Fit"}


def test_the_strongest_fields_are_told_in_the_words_of_the_raw_record():
    one = resume(
        test_score=100.0,
        changes=(Change("test_score", "120", "100", "clamped to 0..100"),),
        sources={"python": ("Pyhton 3",), "sql": ("SQL",)},
    )
    amounts = {
        "candidate.skills": 0.5, "candidate.test_score": -1.25, "candidate.projects": 0.0,
        "candidate.work_experience": 0.001,
    }  # fmt: skip
    told = strongest_fields(one, amounts, ("python", "sql"), 12)
    assert [path for path, _, _ in told] == [
        "candidate.test_score", "candidate.skills", "candidate.work_experience",
    ]  # fmt: skip
    assert [sentence for *_, sentence in told] == [
        "The test score (100 of 100, written “120”) lowers the score by 1.25.",
        "The skills (2 of the 12 required; python is written “Pyhton 3”) raise the score by 0.50.",
        "The work experience (2.5 years in 1 post) leaves the score as it is.",
    ]


def test_what_cleaning_changed_is_quoted_unless_it_is_but_case_and_of_many_the_rest_is_counted():
    one = resume(
        work_experience=(("data analyst", 1.0), ("data scientist", 1.5)),
        changes=(
            Change("work_experience[0].title", " Data Analyst", "data analyst", "title"),
            Change("work_experience[0].years", "12 months", "1", "months read as years"),
            Change("work_experience[1].title", "Sr. Data Scientist", "data scientist", "rank"),
            Change("work_experience[1].years", "1.5 yrs", "1.5", "unit taken off"),
            Change("work_experience[2]", "7", None, "no job"),
        ),
    )
    [(_, _, sentence)] = strongest_fields(one, {"candidate.work_experience": 1.0}, (), 1)
    assert sentence == (
        "The work experience (2.5 years in 2 posts, written “12 months”, “Sr. Data Scientist” and 2 others) "
        "raises the score by 1.00."
    )


def test_the_heading_names_the_place_where_there_is_no_id_and_counts_one_value_as_one():
    change = Change("test_score", "120", "88", "clamped to 0..100")
    told = answer(resume=resume(id="", changes=(change,)), place="cvs/a.json").to_text()
    assert told.startswith("cvs/a.json: Partial Fit for Data Science\n")
    assert "\n1 value of the record was cleaned:\n" in told
    long = answer(resume=resume(id="i" * 10_000, changes=(change, change))).to_text()
    assert len(long.splitlines()[0]) < 120
    assert "\n2 values of the record were cleaned:\n" in long


def test_texts_that_steer_a_terminal_are_told_without_their_power():
    one = resume(sources={"python": ("py\x1b[31mthon",)})
    [(_, _, sentence)] = strongest_fields(one, {"candidate.skills": 1.0}, ("python",), 1)
    assert "\x1b" not in sentence
    assert "\x1b" not in explanation(answer(missing=("do\x1bcker",)))
