"""The law of conservation at its lowest step: a feature's amount goes back to raw parts without residual."""

import numpy as np
import pytest
from feature_examples import LetterCounts, records_of, shapley_reference, steps
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.features import KINDS
from ranker.features.duration import Duration
from ranker.features.evidence import ProjectEvidence
from ranker.features.has_item import HasItem
from ranker.features.scalars import AtLeast, Category, Number, Ordinal
from ranker.features.sets import AnyOf, Count, Coverage, SameCategory
from ranker.features.share_of import ShareOf
from ranker.features.text_similarity import TextSimilarity
from ranker.features.titles import TitleSimilarity
from ranker.features.years import Years

SETS = {"has": "candidate.skills", "wants": "job.skills"}
FEATURES = {
    "number": Number(name="f", field="candidate.years", minimum=0, maximum=3),
    "category": Category(name="f", field="candidate.city"),
    "ordinal": Ordinal(name="f", field="candidate.city", order=("Rome", "oslo")),
    "count": Count(name="f", field="candidate.skills"),
    "coverage": Coverage(name="f", **SETS),
    "weighted coverage": Coverage(name="f", weights="job.weights", **SETS),
    "any_of": AnyOf(name="f", **SETS),
    "at_least": AtLeast(name="f", field="candidate.years", required="job.years"),
    "at_least, as a share": AtLeast(name="f", field="candidate.years", required="job.years", measure="share"),
    "duration": Duration(name="f", items="candidate.work", months="months", item="role"),
    "duration of wanted roles": Duration(
        name="f", items="candidate.work", months="months", item="role", only="job.roles"
    ),
    "same_category": SameCategory(name="f", has="candidate.city", wants="job.city"),
    "share_of": ShareOf(name="f", field="candidate.years", whole=4),
    "years": Years(name="f", items="candidate.work", years="months", item="role"),
    "title_similarity": TitleSimilarity(
        name="f", items="candidate.work", item="role", projects="candidate.skills", title="job.city"
    ),
    "project_evidence": ProjectEvidence(
        name="f", projects="candidate.skills", has="candidate.skills", wants="job.roles"
    ),
    "has_item": HasItem(name="f", field="candidate.skills", item="B"),
    "text_similarity": TextSimilarity(
        name="f", text="candidate.city", wants="job.city", encoder=LetterCounts()
    ),
}

maybe = st.one_of
items = st.sampled_from(["a", "B", "b", "Ü", "李", "c", " a", "d", "e", "f"])
lists = maybe(st.none(), st.lists(items, max_size=8))
cities = st.sampled_from([None, "", "Rome", "oslo", "Bern"])
numbers = st.sampled_from([None, "", "many", -1, 0, 1, 2.5, 4])
jobs_held = maybe(
    st.none(),
    st.lists(
        st.fixed_dictionaries({"role": items, "months": st.sampled_from([None, "?", 0, 1, 2, 2.5, 7])}),
        max_size=7,
    ),
)
weights = maybe(st.none(), st.dictionaries(items, st.sampled_from([0, 0.5, 1, 3]), max_size=4))
candidates = st.fixed_dictionaries({"years": numbers, "city": cities, "skills": lists, "work": jobs_held})
jobs = st.fixed_dictionaries(
    {"years": numbers, "city": cities, "skills": lists, "roles": lists, "weights": weights}
)
amounts = st.floats(-2, 2)


@st.composite
def step_functions(draw):
    """Draw a step function of numbers, missing ones and texts among its arguments."""
    cuts = sorted(draw(st.lists(st.floats(0.01, 12), max_size=6, unique=True)))
    of_number = steps(cuts, [draw(amounts) for _ in range(len(cuts) + 1)], draw(amounts))
    of_text = {city: draw(amounts) for city in (None, "Rome", "oslo", "Bern")}

    def amount_of(given_values):
        if np.asarray(given_values).dtype == object:
            return np.array([of_text[value] for value in given_values])
        return of_number(given_values)

    return amount_of


def single(candidate, job):
    return records_of(
        **{name: [value] for name, value in candidate.items()},
        job={name: [value] for name, value in job.items()},
    )


def test_every_kind_of_feature_is_tried():
    assert {type(feature) for feature in FEATURES.values()} == set(KINDS.values())


@pytest.mark.parametrize("feature", FEATURES.values(), ids=FEATURES)
@given(candidate=candidates, job=jobs, amount_of=step_functions())
def test_the_shares_of_a_features_parts_sum_to_its_amount(feature, candidate, job, amount_of):
    records = single(candidate, job)
    amount = float(amount_of(feature.compute(records))[0])
    shares = feature.attribute(records, 0, amount_of)
    assert abs(sum(shares.values()) - amount) <= 1e-9
    assert feature.subject in shares
    own = [path for path in feature.sources if path.startswith("candidate.")]
    assert all(path in own or path.startswith(tuple(f"{one}[" for one in own)) for path in shares)


def without(candidate, field, present):
    """Keep some items of a candidate's list."""
    return candidate | {field: [item for n, item in enumerate(candidate[field]) if n in present]}


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("count", "skills"),
        ("coverage", "skills"),
        ("weighted coverage", "skills"),
        ("any_of", "skills"),
        ("duration", "work"),
        ("duration of wanted roles", "work"),
    ],
)
@given(data=st.data(), amount_of=step_functions())
def test_each_items_share_is_its_shapley_value_with_the_feature_computed_anew_for_every_set(
    kind, field, data, amount_of
):
    feature = FEATURES[kind]
    names = data.draw(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True))
    months = data.draw(st.lists(st.integers(0, 5), min_size=len(names), max_size=len(names)))
    candidate = {
        "skills": names,
        "work": [{"role": role, "months": n} for role, n in zip(names, months, strict=True)],
    }
    some = data.draw(st.lists(st.sampled_from("ABCDEF"), min_size=1, max_size=6, unique=True))
    weight = data.draw(st.dictionaries(st.sampled_from("ABCDEF"), st.sampled_from([0, 1, 2, 4])))
    job = {"skills": some, "roles": some, "weights": weight}

    def worth(present):
        return float(amount_of(feature.compute(single(without(candidate, field, present), job)))[0])

    expected = shapley_reference(worth, len(names))
    shares = feature.attribute(single(candidate, job), 0, amount_of)
    found = [shares.get(f"candidate.{field}[{name}]", 0.0) for name in names]
    assert found == pytest.approx(expected, abs=1e-9)
    assert shares[f"candidate.{field}"] == pytest.approx(worth(frozenset()), abs=1e-9)


GAINS = {
    "coverage": "skills",
    "weighted coverage": "skills",
    "any_of": "skills",
    "same_category": "city",
    "at_least": "years",
    "at_least, as a share": "years",
}


def weighs_nothing(feature, records):
    """Whether every wanted item weighs 0, so that there is no share to speak of."""
    weights = getattr(feature, "weights", None)
    return weights is not None and not any(feature._weights(records, 0).values())


@pytest.mark.parametrize("kind", GAINS)
@given(candidate=candidates, job=jobs, amount_of=step_functions())
def test_a_missing_thing_would_have_brought_what_the_record_with_it_holds_more(
    kind, candidate, job, amount_of
):
    feature, field = FEATURES[kind], GAINS[kind]
    records = single(candidate, job)
    before = float(amount_of(feature.compute(records))[0])
    missing = feature.evidence(records, 0).get("missing", [])
    found = feature.gains(records, 0, amount_of)
    if field == "skills":
        given_items = candidate["skills"] or []
        for item, gain in found.items():
            after = feature.compute(single(candidate | {"skills": [*given_items, item]}, job))
            assert gain == pytest.approx(float(amount_of(after)[0]) - before, abs=1e-9)
        assert set(found) <= set(missing)
        enough = kind == "any_of" and feature.matched(records, 0)
        assert len(found) == (0 if enough else len(missing)) or weighs_nothing(feature, records)
    elif found:
        wanted = job[field]
        after = feature.compute(single(candidate | {field: wanted}, job))
        assert list(found.values()) == [pytest.approx(float(amount_of(after)[0]) - before, abs=1e-9)]
    else:
        value = feature.compute(records)[0]
        assert value == 1.0 or job[field] in (None, "", "many")


@pytest.mark.parametrize("kind", ["weighted coverage", "duration"])
@settings(max_examples=5)
@given(data=st.data(), amount_of=step_functions())
def test_shares_of_eight_items_are_exact_too(kind, data, amount_of):
    names = list("abcdefgh")
    sizes = data.draw(st.lists(st.integers(0, 5), min_size=8, max_size=8))
    items = [{"role": role, "months": n} for role, n in zip(names, sizes, strict=True)]
    job = {"skills": names, "roles": names, "weights": dict(zip(names, sizes, strict=True))}
    field = "skills" if kind == "weighted coverage" else "work"
    candidate = {"skills": names, "work": items}

    def worth(present):
        return float(amount_of(FEATURES[kind].compute(single(without(candidate, field, present), job)))[0])

    shares = FEATURES[kind].attribute(single(candidate, job), 0, amount_of)
    found = [shares.get(f"candidate.{field}[{name}]", 0.0) for name in names]
    assert found == pytest.approx(shapley_reference(worth, 8), abs=1e-9)
