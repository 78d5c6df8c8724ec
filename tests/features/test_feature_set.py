import numpy as np
import pytest
from feature_examples import records_of

from ranker.errors import ProtectedFieldError, TaskError
from ranker.features import KINDS, FeatureSet
from ranker.features.duration import Duration
from ranker.features.evidence import ProjectEvidence
from ranker.features.has_item import HasItem
from ranker.features.scalars import AtLeast, Category, Number, Ordinal
from ranker.features.sets import AnyOf, Count, Coverage, SameCategory
from ranker.features.share_of import ShareOf
from ranker.features.text_similarity import TextSimilarity
from ranker.features.titles import TitleSimilarity
from ranker.features.years import Years
from ranker.records import Field, Usage

SECRET, FREE = "candidate.education.gender", "job.free"
READERS = [
    Number(name="f", field=SECRET),
    Category(name="f", field=SECRET),
    Ordinal(name="f", field=SECRET, order=("a",)),
    Count(name="f", field=SECRET),
    Coverage(name="f", has=SECRET, wants=FREE),
    Coverage(name="f", has=FREE, wants=SECRET),
    Coverage(name="f", has=FREE, wants=FREE, weights=SECRET),
    AnyOf(name="f", has=FREE, wants=SECRET),
    AtLeast(name="f", field=SECRET, required=FREE),
    AtLeast(name="f", field=FREE, required=SECRET),
    Duration(name="f", items=SECRET, months="m"),
    Duration(name="f", items=FREE, months="m", item="role", only=SECRET),
    SameCategory(name="f", has=FREE, wants=SECRET),
    ShareOf(name="f", field=SECRET),
    Years(name="f", items=SECRET),
    Years(name="f", items=FREE, measure="weighted", title=SECRET),
    TitleSimilarity(name="f", items=SECRET, title=FREE),
    TitleSimilarity(name="f", items=FREE, projects=SECRET, title="job.name"),
    TitleSimilarity(name="f", items=FREE, title=SECRET),
    ProjectEvidence(name="f", projects=SECRET, has="job.a", wants="job.b"),
    ProjectEvidence(name="f", projects=FREE, has=SECRET, wants="job.b"),
    ProjectEvidence(name="f", projects=FREE, has="job.a", wants=SECRET),
    HasItem(name="f", field=SECRET, item="x"),
    TextSimilarity(name="f", text=SECRET, wants=FREE),
    TextSimilarity(name="f", text="candidate.text", names=SECRET, wants=FREE),
    TextSimilarity(name="f", text="candidate.text", wants=SECRET),
]


def declare(usage, path=SECRET):
    return {path: Field(path, "gender", usage=usage)}


@pytest.mark.parametrize("usage", [Usage.PROTECTED, Usage.SENSITIVE, Usage.TARGET])
@pytest.mark.parametrize("feature", READERS, ids=lambda f: f"{type(f).__name__} {f.sources.index(SECRET)}")
def test_no_kind_of_feature_may_read_a_field_that_must_not_reach_a_score(feature, usage):
    with pytest.raises(ProtectedFieldError) as caught:
        FeatureSet((feature,), declare(usage))
    assert f"feature 'f' reads {SECRET!r}, which the task marks {usage}" in str(caught.value)


def test_every_kind_of_feature_is_tried():
    assert {type(feature) for feature in READERS} == set(KINDS.values())


@pytest.mark.parametrize(
    "path", ["candidate.education", "candidate.education[]", "candidate.education[].gender"]
)
def test_an_ancestor_and_another_spelling_are_refused_too_and_the_field_is_named(path):
    with pytest.raises(ProtectedFieldError) as caught:
        FeatureSet((Category(name="f", field=path),), declare(Usage.PROTECTED))
    assert path in str(caught.value)
    assert "which the task marks protected" in str(caught.value)
    if not path.endswith("gender"):
        assert f"which holds {SECRET!r}" in str(caught.value)


@pytest.mark.parametrize("usage", [Usage.DEFAULT, Usage.OPTIONAL])
def test_other_fields_may_be_read(usage):
    assert len(FeatureSet((Category(name="f", field=SECRET),), declare(usage))) == 1


def test_a_sibling_of_a_protected_field_may_be_read():
    FeatureSet((Category(name="f", field="candidate.education.degree"),), declare(Usage.PROTECTED))


def test_names_must_differ_and_there_must_be_a_feature():
    one = Number(name="years", field="candidate.years")
    with pytest.raises(TaskError, match="two features are named 'years': rename one"):
        FeatureSet((one, one), {})
    with pytest.raises(TaskError, match=r"at least one feature: write a \[\[features\]\] section"):
        FeatureSet((), {})


def test_the_table_has_a_column_for_each_feature_numbers_as_floats_and_texts_as_objects():
    features = FeatureSet(
        (
            Number(name="years", field="candidate.years"),
            Category(name="city", field="candidate.city"),
            Coverage(name="skills", has="candidate.skills", wants="job.skills"),
        ),
        {},
    )
    records = records_of(
        years=[1, None], city=["Zürich", ""], skills=[["SQL"], None], job={"skills": [["SQL", "R"], ["R"]]}
    )
    table = features.compute(records)
    assert features.names == list(table.columns) == ["years", "city", "skills"]
    assert [str(dtype) for dtype in table.dtypes] == ["float64", "object", "float64"]
    assert table["city"].tolist() == ["Zürich", None]
    assert np.array_equal(table["years"], [1.0, np.nan], equal_nan=True)
    assert np.array_equal(table["skills"], [0.5, np.nan], equal_nan=True)


def test_a_pair_has_the_same_features_alone_and_among_others():
    features = FeatureSet(
        (
            Number(name="years", field="candidate.years", maximum=5),
            Count(name="n", field="candidate.skills"),
            AtLeast(name="enough", field="candidate.years", required="job.years"),
        ),
        {},
    )
    years, skills, least = [1, 9, None, 4], [["a"], [], None, ["b", "c"]], [2, 2, 2, None]
    records = records_of(years=years, skills=skills, job={"years": least})
    whole = features.compute(records)
    for pair in range(len(records)):
        alone = features.compute(records.take(np.array([pair])))
        assert np.array_equal(alone.to_numpy()[0], whole.to_numpy()[pair], equal_nan=True)
