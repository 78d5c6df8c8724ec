"""The classifier: labels, exact attributions, recommendations, and batches that nothing kills."""

import json
from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pandas as pd
import pytest
from classifier_case import SETTINGS, raw, trained, written
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from ranker.errors import DataError, FitError
from ranker.features.has_item import HasItem
from ranker.records.ledger import Ledger
from ranker.records.resumes import RawResume
from ranker.records.splits import PARTS
from ranker.resume.answer import Answer, explanation
from ranker.resume.answering import answer_all
from ranker.resume.batch import answer_batch
from ranker.resume.classifier import Admitted, Refused
from ranker.resume.cleaning import Cleaner, CleanResume, Vocabulary
from ranker.resume.edits import MOST_PROJECTS, PROJECT_TITLES, Edit
from ranker.resume.labels import LABELS
from ranker.resume.missing_kinds import MOST_APART
from ranker.resume.pool import columns_at, scores_over
from ranker.resume.recommendation import recommend_by_trying
from ranker.resume.splitting import persons_of, stratified_parts
from ranker.resume.training import train_classifier
from ranker.scoring.additive import Term


@pytest.fixture(scope="module")
def classifier():
    return trained().classifier


@pytest.fixture(scope="module")
def answers(classifier):
    return answer_all(classifier, written()[1])


@pytest.fixture(scope="module")
def answered(answers):
    return [answer for answer in answers if isinstance(answer, Answer)]


@pytest.fixture(scope="module")
def good(classifier):
    """A record in the form of the document."""
    domain = next(iter(classifier.domains))
    return {
        "id": "good", "skills": list(classifier.domains[domain][:6]), "projects": ["churn prediction"],
        "work_experience": [{"title": "data analyst", "years": "2.5 yrs"}], "test_score": 66,
        "preferred_domain": domain,
    }  # fmt: skip


def test_every_resume_gets_an_answer_or_its_fault_in_order(answers):
    raws = written()[1]
    assert len(answers) == len(raws)
    for one, answer in zip(raws, answers, strict=True):
        assert answer.place == one.place
        assert isinstance(answer, Answer) or answer.error


def test_amounts_of_raw_fields_and_the_intercept_sum_to_the_score(answered):
    for answer in answered:
        assert answer.intercept + sum(answer.fields.values()) == pytest.approx(answer.score, abs=1e-9)


def test_amounts_are_of_what_the_record_says_not_of_what_cleaning_made_of_it(answered):
    for answer in answered:
        written_texts = {text for texts in answer.resume.sources.values() for text in texts}
        for path in answer.fields:
            if path.startswith("candidate.skills["):
                assert path.removeprefix("candidate.skills[").removesuffix("]") in written_texts


def test_probabilities_sum_to_one_and_the_confidence_is_the_labels(answered):
    for answer in answered:
        assert sum(answer.probabilities.values()) == pytest.approx(1.0, abs=1e-12)
        assert answer.confidence == answer.probabilities[answer.label]
        assert answer.uncertain == (max(answer.probabilities.values()) < 0.55)


def test_matched_and_missing_are_the_domains_skills(classifier, answered):
    for answer in answered:
        required = classifier.domains[answer.resume.preferred_domain]
        assert sorted((*answer.matched, *answer.missing)) == sorted(required)
        assert set(answer.matched) <= set(answer.resume.skills)
        assert answer.summary.skill_match_ratio == len(answer.matched) / len(required)


def test_labels_rise_with_the_score(classifier, answered):
    scores = np.array([answer.score for answer in answered])
    codes = np.array([LABELS.index(answer.label) for answer in answered])
    assert (np.diff(codes[np.argsort(scores)]) >= 0).all()
    assert set(codes.tolist()) == {0, 1, 2}


def test_a_name_or_a_gender_beside_the_fields_moves_nothing(classifier, good):
    plain, named = answer_all(
        classifier, [raw(good), raw({**good, "name": "Anna", "gender": "woman", "address": "Kiel"})]
    )
    assert plain.to_json() == named.to_json()


def rounded(answer):
    """An answer's object, numbers to nine decimals: sums of many rows differ in the last bit from those of few."""
    return json.loads(json.dumps(answer.to_json()), parse_float=lambda text: round(float(text), 9))


def test_an_answer_does_not_depend_on_who_else_is_answered(classifier, answers):
    by_threes = answer_batch(classifier, written()[1][:40], at_once=3)
    for one, among_all in zip(by_threes, answers[:40], strict=True):
        assert rounded(one) == rounded(among_all)


def test_copies_are_all_answered(classifier, good):
    assert len({answer.score for answer in answer_all(classifier, [raw(good), raw(good)])}) == 1


def test_a_recommendation_reaches_the_next_label_when_the_changed_record_is_classified(classifier, answered):
    raws = {one.place: one for one in written()[1]}
    told = [answer for answer in answered if answer.edit is not None]
    assert told
    for answer in told:
        assert answer.edit.verified
    changed = [raw(answer.edit.of_record(raws[answer.place].value)) for answer in told]
    for before, after in zip(told, answer_all(classifier, changed), strict=True):
        assert LABELS.index(after.label) > LABELS.index(before.label)


def test_the_highest_label_needs_no_recommendation(answered):
    for answer in answered:
        if answer.label == LABELS[-1]:
            assert (answer.edit, answer.next_label) == (None, None)


def subsets(items):
    return chain.from_iterable(combinations(items, n) for n in range(len(items) + 1))


def cheapest_by_hand(classifier, one: Admitted, missing, code):
    """Every set of skills, every number of projects, every whole point: the least that reaches the label."""
    before = one.resume.test_score
    edits = [
        Edit(skills, n_projects, points, before)
        for skills in subsets(missing)
        for n_projects in range(MOST_PROJECTS + 1)
        for points in (None, *(float(p) for p in range(1, 101) if before is None or p > before))
    ]
    changed: list[CleanResume] = [
        replace(
            one.resume,
            skills=(*one.resume.skills, *edit.skills),
            projects=(*one.resume.projects, *PROJECT_TITLES[: edit.projects]),
            test_score=before if edit.test_score is None else edit.test_score,
        )
        for edit in edits
    ]
    codes = classifier.labels.predict(classifier.scorer.score(classifier.pool(changed).table))
    costs = [edit.cost for edit, reached in zip(edits, codes, strict=True) if reached > code]
    return min(costs, default=None)


def test_no_cheaper_change_does_it(classifier, answered):
    raws = {one.place: one for one in written()[1]}
    few = [a for a in answered if a.label != LABELS[-1] and 1 <= len(a.missing) <= 4][:6]
    assert few
    for answer in few:
        code = LABELS.index(answer.label)
        one = Admitted(raws[answer.place], answer.resume)
        least = cheapest_by_hand(classifier, one, answer.missing, code)
        assert (answer.edit and answer.edit.cost) == pytest.approx(least)
        tried = recommend_by_trying(classifier, one, code)
        assert (tried and tried.cost) == pytest.approx(least)


def test_features_of_a_single_skill_are_searched_like_the_others():
    one = trained(replace(SETTINGS, skills=("Python", "SQL"))).classifier
    assert "has python" in one.features.names
    few = [
        answer
        for answer in answer_all(one, written()[1][:150])
        if isinstance(answer, Answer) and answer.label != LABELS[-1] and 1 <= len(answer.missing) <= 4
    ][:4]
    raws = {given.place: given for given in written()[1]}
    for answer in few:
        code = LABELS.index(answer.label)
        least = cheapest_by_hand(one, Admitted(raws[answer.place], answer.resume), answer.missing, code)
        assert (answer.edit and answer.edit.cost) == pytest.approx(least)


def with_a_feature_for_every_skill():
    """Return a classifier that tells all skills of one domain apart, and résumés of that domain."""
    domain, skills = next(iter(written()[0].items()))
    settings = replace(SETTINGS, skills=skills, outer_bags=1, interactions=0)
    return trained(settings).classifier, [
        r for r in written()[1] if r.value.get("preferred_domain") == domain
    ]


def test_a_feature_for_every_required_skill_leaves_the_search_short_and_the_least_the_least():
    one, some = with_a_feature_for_every_skill()
    found = [a for a in answer_all(one, some) if isinstance(a, Answer) and a.edit is not None]
    # Every set of so many skills would be 2 to the power of their number.
    assert max(len(answer.missing) for answer in found) > 12
    assert all(answer.edit.optimal and answer.edit.verified for answer in found)
    few = [a for a in found if MOST_APART < len(a.missing) < 10 and 1 < len(a.edit.skills) < len(a.missing)][
        :8
    ]
    assert few
    for answer in few:
        fewer = [
            replace(answer.edit, skills=s) for s in combinations(answer.missing, len(answer.edit.skills) - 1)
        ]
        pool = one.pool([edit.of_clean(answer.resume) for edit in fewer])
        reached = one.labels.predict(one.scorer.score(pool.table))
        assert (reached <= LABELS.index(answer.label)).all()


def test_where_a_pair_has_a_part_in_it_the_change_is_not_called_the_least():
    one, some = with_a_feature_for_every_skill()
    names = [axis.name for axis in one.scorer.axes]
    own = {names.index(feature.name): one.scorer.axes[names.index(feature.name)] for feature in one.features
           if isinstance(feature, HasItem)}  # fmt: skip
    other = names.index("project_count")
    pairs = [
        Term(
            tuple(sorted((at, other))),
            np.zeros([one.scorer.axes[k].n_bins(one.scorer.axes[k].level(2)) for k in sorted((at, other))]),
        )
        for at in own
    ]
    paired = replace(one, scorer=replace(one.scorer, terms=(*one.scorer.terms, *pairs)))
    said = set()
    for plain, told in zip(answer_all(one, some), answer_all(paired, some), strict=True):
        if isinstance(told, Answer) and told.edit is not None:
            assert told.edit.cost == pytest.approx(plain.edit.cost)
            assert told.edit.verified
            assert told.edit.optimal == (len(told.missing) <= MOST_APART)
            said.add((told.edit.optimal, "One change that would bring" in explanation(told)))
    assert (False, True) in said


def test_borderline_is_what_a_tenth_of_the_test_score_would_bring(classifier, answered):
    for answer in answered:
        given_score = answer.resume.test_score
        if given_score is None:
            assert answer.borderline == ()
            continue
        moved = [min(given_score * factor, 100.0) for factor in (0.9, 1.1)]
        pool = classifier.pool([replace(answer.resume, test_score=points) for points in moved])
        codes = classifier.labels.predict(classifier.scorer.score(pool.table))
        expected = [(p, LABELS[c]) for p, c in zip(moved, codes, strict=True) if LABELS[c] != answer.label]
        assert [(one.test_score, one.label) for one in answer.borderline] == expected


def test_scores_over_other_values_are_the_scorers_own(classifier, answered):
    pool = classifier.pool([answer.resume for answer in answered[:20]])
    points = np.array([0.0, 33.0, 71.5, 100.0])
    columns = columns_at(classifier.features, classifier.domains, points)
    over = scores_over(classifier.scorer, pool.table, columns)
    for at in range(len(points)):
        table = pool.table.assign(**{name: values[at] for name, values in columns.items()})
        np.testing.assert_allclose(over[:, at], classifier.scorer.score(table), rtol=0, atol=1e-9)


def test_the_version_tells_one_model_from_another(classifier):
    again = replace(classifier)
    assert again.version == classifier.version
    assert replace(classifier, uncertain=0.6).version != classifier.version


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"preferred_domain": "Alchemy"}, "preferred_domain: 'Alchemy' is no domain of this model"),
        ({"preferred_domain": None}, "no preferred domain"),
        ({"skills": [], "projects": [], "test_score": None}, "no skills, no projects and no test score"),
        ({"work_experience": [{"years": [3]}]}, "work_experience[0].years: a list where"),
    ],
)
def test_what_cannot_be_answered_is_told_with_its_fault(classifier, good, change, fault):
    first, refused, last = answer_all(
        classifier, [raw(good), raw({**good, **change}, "r.json, row 2"), raw(good)]
    )
    assert isinstance(first, Answer)
    assert isinstance(last, Answer)
    assert isinstance(refused, Refused)
    assert refused.to_json().keys() == {"id", "place", "error"}
    assert (refused.id, refused.place) == ("good", "r.json, row 2")
    assert refused.error.startswith(fault)


def test_what_nobody_foresaw_is_the_fault_of_one_resume_alone(classifier, good, monkeypatch):
    clean = classifier.cleaner.clean

    def explosive(value):
        if value.get("id") == "bomb":
            raise RuntimeError("boom")
        return clean(value)

    monkeypatch.setattr(classifier.cleaner, "clean", explosive)
    first, bomb, last = answer_batch(classifier, [raw(good), raw({**good, "id": "bomb"}), raw(good)])
    assert isinstance(first, Answer)
    assert isinstance(last, Answer)
    assert bomb == Refused("bomb", "r.json", "unforeseen RuntimeError: boom")


TEXTS = st.text(max_size=12) | st.sampled_from(
    ["python", "Pyhton 3", "\x00", "120", "N/A", "-5", "٣", "ﬁ", "\ud800"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
POSTS = st.lists(st.fixed_dictionaries({}, optional={"title": VALUES, "years": VALUES}), max_size=3)


def loose(value):
    return value | VALUES


RESUMES = st.fixed_dictionaries(
    {},
    optional={
        "id": loose(TEXTS),
        "skills": loose(st.lists(loose(TEXTS), max_size=6)),
        "projects": loose(st.lists(loose(TEXTS), max_size=4)),
        "work_experience": loose(POSTS),
        "test_score": loose(st.floats(-1e3, 1e3)),
        "preferred_domain": loose(st.sampled_from(["Data Science", "Nursing", "* Software Engineering"])),
    },
)


@examples(max_examples=60)
@given(records=st.lists(RESUMES | VALUES, max_size=5))
def test_no_record_kills_a_batch(classifier, good, records):
    raws = [RawResume(f"x.jsonl, line {n}", value) for n, value in enumerate([*records, good], 1)]
    answers = list(answer_batch(classifier, raws))
    assert [answer.place for answer in answers] == [one.place for one in raws]
    assert isinstance(answers[-1], Answer)
    for answer in answers:
        machine = json.loads(json.dumps(answer.to_json(), allow_nan=False))
        if isinstance(answer, Refused):
            assert machine["error"]
            assert not machine["error"].startswith("unforeseen")
        else:
            assert answer.intercept + sum(answer.fields.values()) == pytest.approx(answer.score, abs=1e-9)


def test_parts_are_stratified_and_nobody_stands_in_two():
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1, 2], [600, 300, 100])
    person = np.arange(1000)
    person[rng.choice(1000, 200, replace=False)] = rng.choice(1000, 200)
    parts = stratified_parts(codes, person, tune=0.15, test=0.15, seed=42)
    for who in np.unique(person):
        assert len(set(parts[person == who])) == 1
    for code in range(3):
        shares = [np.mean(parts[codes == code] == part) for part in PARTS]
        assert shares == pytest.approx([0.7, 0.15, 0.15], abs=0.06)
    assert (parts == stratified_parts(codes, person, tune=0.15, test=0.15, seed=42)).all()
    assert (parts != stratified_parts(codes, person, tune=0.15, test=0.15, seed=43)).any()


def test_resumes_of_one_id_or_of_the_same_contents_are_one_persons():
    def one(id_, skills, projects):
        return CleanResume(id_, skills, projects, (), None, "d")

    found = persons_of(
        [
            one("a", ("x", "y"), ("p",)),
            one("b", ("y", "x"), ("p",)),  # what a says, in another order
            one("b", ("z",), ("q",)),  # and b again
            one("c", ("x", "y"), ()),
            one("d", ("x", "y"), ()),  # without projects two may well say the same
        ]
    )
    assert found[0] == found[1] == found[2]
    assert len({found[0], found[3], found[4]}) == 3


@pytest.mark.parametrize(("tune", "test"), [(0.0, 0.2), (0.5, 0.5), (0.2, -0.1)])
def test_shares_that_leave_no_training_part_are_refused(tune, test):
    with pytest.raises(FitError, match="each must be above 0"):
        stratified_parts(np.array([0, 1]), np.array([0, 1]), tune=tune, test=test, seed=0)


def test_training_tells_what_it_set_aside_and_reports_every_part():
    domains, raws = written()
    ledger = Ledger()
    result = train_classifier(raws, domains, Cleaner(Vocabulary.from_domains(domains)), SETTINGS, ledger)
    assert len(result.parts) + len(ledger.report().set_aside()) == len(raws)
    for part in PARTS:
        assert result.evaluation[part]["n"] == (result.parts["part"] == part).sum()
        assert 0.5 < result.evaluation[part]["accuracy"] <= 1.0
        assert result.evaluation[part]["calibration_before"].keys() >= {"ece", "reliability"}
    reference = result.classifier.reference
    assert isinstance(reference, pd.DataFrame)
    assert set(reference["label"]) == set(LABELS)
    assert "id" not in reference


def test_without_a_label_there_is_nothing_to_learn():
    domains, raws = written()
    cleaner = Cleaner(Vocabulary.from_domains(domains))
    with pytest.raises(DataError, match="label: none is given"):
        train_classifier(raws[:50], domains, cleaner, SETTINGS, Ledger(), labels={})


def test_a_label_that_nobody_has_is_named():
    domains, raws = written()
    cleaner = Cleaner(Vocabulary.from_domains(domains))
    labels = {str(one.value["id"]): "Fit" for one in raws if "id" in one.value}
    with pytest.raises(FitError, match="'Not Fit'"):
        train_classifier(raws, domains, cleaner, SETTINGS, Ledger(), labels=labels)
