import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.errors import ProtectedFieldError, UnknownFieldError
from ranker.records import Field, Usage
from ranker.records.field import REFUSED, Location, declared_field, entity_of, locate, refuse_protected


def fields(**usages):
    """Declare fields; ``__`` stands for the dot, ``__each__`` for ``[].``."""
    paths = {name.replace("__each__", "[].").replace("__", "."): usage for name, usage in usages.items()}
    return {path: Field(path, path.rpartition(".")[2], usage=Usage(usage)) for path, usage in paths.items()}


@pytest.mark.parametrize(
    ("path", "columns", "expected"),
    [
        ("candidate.skills", ["skills"], Location("candidate", "skills", ())),
        ("job.skills", ["id", "skills"], Location("job", "skills", ())),
        ("application.test_score", ["test_score"], Location("application", "test_score", ())),
        ("candidate.education.degree", ["education"], Location("candidate", "education", ("degree",))),
        ("candidate.work[].months", ["work"], Location("candidate", "work", ("[]", "months"))),
        ("candidate.work[]", ["work"], Location("candidate", "work", ("[]",))),
        ("candidate.a[].b[].c", ["a"], Location("candidate", "a", ("[]", "b", "[]", "c"))),
        ("candidate.größe in cm", ["größe in cm"], Location("candidate", "größe in cm", ())),
    ],
)
def test_a_path_leads_to_a_column_and_the_steps_inside_its_values(path, columns, expected):
    assert locate(path, columns) == expected


def test_the_longest_column_name_that_fits_wins_because_names_may_hold_dots():
    columns = ["work", "work.last", "work.last.pay"]
    assert locate("candidate.work.last.pay", columns) == Location("candidate", "work.last.pay", ())
    assert locate("candidate.work.last.role", columns) == Location("candidate", "work.last", ("role",))
    assert locate("candidate.work.first", columns) == Location("candidate", "work", ("first",))


def test_a_column_whose_name_merely_begins_alike_does_not_fit():
    with pytest.raises(UnknownFieldError):
        locate("candidate.skillset", ["skill", "skills"])


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("candidate.skils", "the candidate table has no column 'skils'; did you mean 'skills'?"),
        ("candidate.skils[].name", "no column 'skils'; did you mean 'skills'?"),
        ("candidate.xyzzy", "known are 'age', 'skills'"),
    ],
)
def test_an_unknown_column_is_named_with_the_one_that_was_meant(path, hint):
    with pytest.raises(UnknownFieldError) as caught:
        locate(path, ["age", "skills"])
    assert hint in str(caught.value)


@pytest.mark.parametrize("path", ["skills", "candidat.skills", "candidate", "candidate.", "", ".skills"])
def test_a_path_must_begin_with_an_entity_and_name_a_column(path):
    with pytest.raises(UnknownFieldError, match=r"must start with 'candidate\.', 'job\.' or 'application\.'"):
        entity_of(path)


def test_a_misspelt_entity_is_met_with_the_right_one():
    with pytest.raises(UnknownFieldError, match="did you mean 'candidate'"):
        entity_of("candidat.skills")


def test_a_field_inherits_usage_separator_and_missing_texts_from_its_nearest_ancestor():
    declared = {
        "candidate.profile": Field("candidate.profile", "profile", usage=Usage.SENSITIVE),
        "candidate.profile.tags": Field("candidate.profile.tags", "tags", "", Usage.DEFAULT, ";", ("?",)),
    }
    assert declared_field("candidate.profile.age", declared).usage is Usage.SENSITIVE
    below = declared_field("candidate.profile.tags[].last_used", declared)
    assert (below.usage, below.separator, below.missing) == (Usage.DEFAULT, ";", ("?",))
    assert below.label == "last used"


def test_a_field_that_nobody_declared_is_a_default_field_labelled_by_its_last_word():
    found = declared_field("candidate.work[].last_role", {})
    assert (found.label, found.usage) == ("last role", Usage.DEFAULT)


def test_a_longer_name_is_not_a_descendant():
    declared = fields(candidate__age="protected")
    assert declared_field("candidate.age_of_degree", declared).usage is Usage.DEFAULT
    refuse_protected("candidate.age_of_degree", declared, reader="feature 'x'")


@pytest.mark.parametrize("usage", sorted(REFUSED))
@pytest.mark.parametrize(
    "path",
    [
        "candidate.education.gender",
        "candidate.education.gender.first",
        "candidate.education.gender[]",
        "candidate.education[].gender",
        "candidate.education",
        "candidate.education[]",
    ],
)
def test_a_field_that_may_not_reach_a_score_is_refused_with_its_parts_and_with_what_holds_it(usage, path):
    with pytest.raises(ProtectedFieldError) as caught:
        refuse_protected(path, fields(candidate__education__gender=usage), reader="feature 'x'")
    assert f"feature 'x' reads {path!r}" in str(caught.value)
    assert f"which the task marks {usage}" in str(caught.value)


def test_an_ancestor_is_refused_with_the_name_of_the_field_inside():
    declared = fields(candidate__work__each__pay="sensitive")
    with pytest.raises(
        ProtectedFieldError, match=r"'candidate\.work', which holds 'candidate\.work\[\]\.pay'"
    ):
        refuse_protected("candidate.work", declared, reader="feature 'x'")


def test_the_other_parts_of_an_object_may_be_read():
    declared = fields(candidate__education__each__gender="protected")
    refuse_protected("candidate.education[].degree", declared, reader="feature 'x'")


def test_a_part_of_a_protected_object_can_be_declared_free():
    declared = fields(candidate__person="protected", candidate__person__skills="default")
    refuse_protected("candidate.person.skills", declared, reader="feature 'x'")
    with pytest.raises(ProtectedFieldError):
        refuse_protected("candidate.person.age", declared, reader="feature 'x'")


words = st.text("abc_", min_size=1, max_size=4)


@given(words, st.lists(st.tuples(words, st.booleans()), max_size=3))
def test_walking_up_from_a_path_always_comes_to_its_column(column, steps):
    path = f"candidate.{column}" + "".join(f"{'[]' * each}.{name}" for name, each in steps)
    found = locate(path, [column])
    assert (found.entity, found.column) == ("candidate", column)
    assert [step for step in found.steps if step != "[]"] == [name for name, _ in steps]
