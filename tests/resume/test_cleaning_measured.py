import pytest

from benchmarks.resume_cleaning import DATA, PRECISION, RECALL, cases, compared, generated
from ranker.resume.cleaning.words import compact, words_of

UNSEEN = 77  # a seed that neither the cleaner's making nor the published figures used


@pytest.fixture(scope="module")
def figures():
    return generated(UNSEEN, 400)


def test_skills_of_dirty_resumes_are_mapped_to_the_true_ones(figures):
    assert figures["all"]["with_skill"] > 2000
    for part in ("all", "dirty"):
        assert figures[part]["precision"] >= PRECISION
        assert figures[part]["recall"] >= RECALL


@pytest.mark.parametrize("field", ["years", "test_score", "projects", "title", "preferred_domain"])
def test_other_dirty_values_are_read_as_what_was_meant(figures, field):
    right, n = figures["fields"][field]
    assert n > 50
    assert right >= 0.97 * n


@pytest.fixture(scope="module")
def names():
    if not (DATA / "esco").is_dir() or not (DATA / "onet").is_dir():
        pytest.skip(f"ESCO and O*NET are not in {DATA}")
    return cases(200)


def test_no_query_of_the_comparison_stands_in_its_table(names):
    held_out = [case for case in names if not case[0].startswith("JobBERT")]
    assert len(held_out) == 6
    for _, table, queries, _ in held_out:
        known = {compact(words_of(name)) for name in table.canonical}
        assert queries
        assert not known & {compact(words_of(text)) for text, _ in queries}
    for _, table, queries, _ in held_out:
        for text, right in queries:
            assert not any(text in table.aliases.get(name, ()) for name in right)


def test_what_the_cascade_answers_is_right_more_often_than_what_a_closest_spelling_answers(names):
    skills = compared(names[0], None)["methods"]
    assert skills["cascade, no encoder"]["precision"] > skills["fuzzy only, token_sort_ratio"]["precision"]
    stages = skills["cascade, no encoder"]["stages"]
    assert sum(stage["right"] for stage in stages.values()) == round(
        skills["cascade, no encoder"]["accuracy_at_1"] * 200
    )
