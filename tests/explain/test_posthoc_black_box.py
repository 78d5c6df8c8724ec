from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from explain import render
from explain.posthoc import Attributions, KernelShap, LocalRidge, explain_black_box, explain_feature, reads
from explain.posthoc.entries import Entries
from explain.posthoc.raw_fields import RawFields, kept_fields, open_fields
from ranker.errors import DataError, ProtectedFieldError, UnknownCandidateError, UnknownJobError
from ranker.features.shares import shapley_shares
from ranker.records import Field, Usage
from tests.explain.explanation_case import case

JOB, WHO = "job-0", "applicant-007"
FIELDS = ("candidate.test", "candidate.skills", "candidate.work")


@dataclass(frozen=True, slots=True)
class Means:
    """An explainer as a user may write one: all that a score has beyond the mean goes to the first column."""

    predict: object
    background: pd.DataFrame
    random_state: int = 0

    def explain(self, X):
        scores, base = self.predict(X), float(np.mean(self.predict(self.background)))
        amounts = np.zeros(X.shape)
        amounts[:, 0] = scores - base
        return Attributions(scores, np.full(len(X), base), amounts, "by hand", "a mean")


def model(records):
    """The white box, used as if nothing were known of it."""
    made = case()
    return made.scorer.score(made.features.compute(records))


def test_score(records):
    return np.nan_to_num(records.at("candidate.test", "number"), nan=40.0) / 10


test_score.__test__ = False


def woman_pays(records):
    return test_score(records) - (records.at("candidate.gender", "text") == "woman")


def someone(job=JOB):
    records = case().records
    return str(records.candidate[records.job == job][3])


def kernel(predict=model, **options):
    pytest.importorskip("shap")
    options = {"job": JOB, "candidate": someone(), "fields": FIELDS, "background": 12} | options
    return explain_black_box(predict, case().records, **options)


def ridge(predict=model, **options):
    options = {"job": JOB, "candidate": someone(), "background": 12} | options
    return explain_black_box(predict, case().records, explainer=partial(LocalRidge, n_samples=200), **options)


def test_kernel_shap_sums_to_the_score():
    found = kernel()
    assert found.residual < 1e-9
    assert sum(found.fields.values()) == pytest.approx(found.score - found.intercept, abs=1e-9)
    assert found.score == case().explain(JOB, someone()).score


def test_kernel_shap_equals_shapley_values_by_enumeration():
    found, records, rng = kernel(), case().records, np.random.default_rng(0)
    pair = int(np.flatnonzero((records.job == JOB) & (records.candidate == someone()))[0])
    drawn, raw = rng.choice(len(records), 12, replace=False), RawFields(records, FIELDS)

    def game(sets):
        worth = []
        for kept in sets:
            cells = raw.table.iloc[drawn].copy()
            for path, stays in zip(FIELDS, kept, strict=True):
                if stays:
                    cells[path] = pd.Series(
                        [raw.table[path].iloc[pair]] * 12, dtype=object, index=cells.index
                    )
            worth.append(model(raw.records(cells, pair)).mean())
        return np.array(worth)

    expected = dict(zip(FIELDS, shapley_shares(game, 3), strict=True))
    assert found.fields == pytest.approx(expected, abs=1e-9)


def test_a_local_line_says_what_it_leaves_unexplained():
    found = ridge()
    left = found.score - found.intercept - sum(found.fields.values())
    assert found.residual == pytest.approx(abs(left))
    assert found.residual > 1e-6
    assert found.to_json()["residual"] == found.residual


def test_an_explanation_names_its_method_its_background_and_its_seed():
    found = ridge(random_state=3)
    told = found.to_json()["posthoc"]
    assert told["method"] == "local ridge regression (LIME) over 9 columns, 200 drawn rows"
    assert "12 of the 169 applications given, drawn with seed 3" in told["background"]
    assert told["seed"] == 3


def test_a_field_that_the_model_does_not_read_gets_nothing():
    assert kernel(test_score).fields["candidate.work"] == pytest.approx(0.0, abs=1e-9)


def test_a_linear_model_gets_its_coefficient_times_the_distance_from_the_mean():
    records = case().records
    found = kernel(test_score, background=1000)
    mean = test_score(records).mean()
    assert found.intercept == pytest.approx(mean)
    assert found.fields["candidate.test"] == pytest.approx(found.score - mean)


def test_the_same_seed_gives_the_same_answer_and_leaves_numpys_generator_alone():
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    assert kernel(random_state=5).fields == kernel(random_state=5).fields
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_without_fields_named_all_that_is_open_to_a_score_is_explained():
    assert set(ridge().fields) == set(open_fields(case().records))
    assert not {"candidate.id", "candidate.name", "candidate.gender", "candidate.origin"} & set(
        ridge().fields
    )


def test_mixed_records_keep_the_job_and_what_is_not_explained():
    seen = []

    def spy(records):
        seen.append(records)
        return test_score(records)

    found = ridge(spy, fields=("candidate.test", "candidate.skills"))
    own = case().records
    pair = int(np.flatnonzero((own.job == JOB) & (own.candidate == found.candidate))[0])
    explained = seen[2 + len(kept_fields(own)) :]  # after the pool, twice, and one call for each search
    assert explained
    for records in explained:
        assert set(records.job) == {JOB}
        assert records.relevance is None
        for path in ("candidate.gender", "candidate.name", "candidate.work", "job.skills"):
            assert all(records.raw(path, n) == own.raw(path, pair) for n in range(len(records)))


def test_reading_mixed_records_counts_nothing_in_the_cleaning_report():
    made = case()
    before = made.records.report().to_json()
    ridge()
    assert made.records.report().to_json() == before


def test_a_model_that_reads_a_protected_field_is_refused():
    with pytest.raises(ProtectedFieldError, match=r"reads 'candidate\.gender'.*protected='show'"):
        ridge(woman_pays)


def test_what_a_model_makes_of_a_protected_field_is_shown_to_an_audit():
    woman = next(
        label for label, job in zip(case().records.candidate, case().records.job, strict=True)
        if job == JOB and case().records.tables["candidate"].set_index("id").loc[label, "gender"] == "woman"
    )  # fmt: skip
    found = kernel(woman_pays, candidate=woman, fields=("candidate.test",), protected="show")
    assert found.fields["candidate.gender"] < 0
    assert found.to_json()["protected"]["read_by_features"] == ["candidate.gender"]
    assert "candidate.gender" in render(found, audience="auditor")
    for form in ("text", "html", "json"):
        with pytest.raises(ProtectedFieldError, match=r"reads candidate\.gender.*to an auditor"):
            render(found, audience="candidate", format=form)


def test_a_protected_field_that_is_not_read_stays_out_of_an_audit():
    assert "candidate.gender" not in ridge(protected="show").fields


def test_a_protected_field_cannot_be_asked_for():
    with pytest.raises(ProtectedFieldError, match=r"fields names 'candidate\.origin'"):
        ridge(fields=("candidate.test", "candidate.origin"))


def test_a_column_with_a_protected_field_inside_is_refused_for_what_it_is():
    records = case().records
    inside = Field("candidate.skills.gender", "gender", usage=Usage.PROTECTED)
    records = replace(records, fields=records.fields | {inside.path: inside}, _read={})
    with pytest.raises(ProtectedFieldError, match="inside that column: give it a column of its own"):
        explain_black_box(model, records, job=JOB, candidate=someone(), explainer=LocalRidge)


def test_a_search_tells_what_a_model_reads():
    records = case().records
    assert reads(woman_pays, records, "candidate.gender", job=JOB)
    assert not reads(test_score, records, "candidate.gender", job=JOB)


def test_entries_of_a_list_get_what_the_feature_knows_that_they_bring():
    made = case()
    skills = next(feature for feature in made.features if feature.name == "skills")

    def covered(records):
        return np.nan_to_num(skills.compute(records))  # somebody of the pool gives no list at all

    found = kernel(covered, parts="entries", fields=("candidate.skills",))
    known = explain_feature(made.features, made.records, name="skills", job=JOB, candidate=someone())
    earned = {path: share for path, share in found.fields.items() if abs(share) > 1e-9}
    expected = {path: share for path, share in known.fields.items() if abs(share) > 1e-9}
    assert earned == pytest.approx(expected, abs=1e-9)
    assert found.intercept == 0.0


def test_a_record_put_together_from_its_entries_scores_as_it_did():
    records = case().records
    raw = RawFields(records, open_fields(records))
    scores = model(records)
    for pair in range(0, len(records), 7):
        entries = Entries.of(raw, pair)
        assert model(raw.records(entries.cells(entries.own()), pair))[0] == scores[pair]


def test_repeated_and_nameless_entries_have_a_column_each():
    records = case().records
    table = records.tables["candidate"].copy()
    table["skills"] = pd.Series([["SQL", "SQL"]] * len(table), dtype=object, index=table.index)
    records = replace(records, tables=records.tables | {"candidate": table}, _read={})
    raw = RawFields(records, ("candidate.skills", "candidate.work"))
    pair = next(n for n in range(len(records)) if len(raw.table["candidate.work"].iloc[n] or ()) > 1)
    names = list(Entries.of(raw, pair).own().columns)
    assert names[:4] == [
        "candidate.skills[SQL]",
        "candidate.skills[SQL #2]",
        "candidate.work[1]",
        "candidate.work[2]",
    ]


def test_an_empty_list_has_no_entry_and_brings_nothing():
    records = case().records
    who = next(
        label for label, work, job in zip(
            records.candidate, RawFields(records, ("candidate.work",)).table["candidate.work"], records.job, strict=True
        ) if job == JOB and isinstance(work, list) and not work
    )  # fmt: skip
    assert ridge(candidate=who, parts="entries").fields["candidate.work"] == 0.0


def test_a_user_can_bring_a_method_of_their_own():
    found = explain_black_box(
        test_score, case().records, job=JOB, candidate=someone(), fields=FIELDS, explainer=Means
    )
    assert found.method == "by hand"
    assert found.fields["candidate.test"] == pytest.approx(found.score - found.intercept)


@pytest.mark.parametrize("audience", ["candidate", "recruiter", "auditor", "developer"])
@pytest.mark.parametrize("form", ["text", "html", "json"])
def test_every_audience_can_read_it(audience, form):
    assert someone() in render(ridge(), audience=audience, format=form)


def test_the_candidate_is_told_of_nobody_else():
    made, found = case(), ridge(parts="entries")
    for form in ("text", "json"):
        told = render(found, audience="candidate", format=form)
        for other in set(made.records.candidate) - {found.candidate}:
            assert other not in told


def test_a_pool_of_one_is_explained_against_other_pools():
    found = ridge(job="job-lonely", candidate="applicant-007")
    assert (found.rank, found.pool_size) == (1, 1)
    assert any(abs(amount) > 1e-6 for amount in found.fields.values())


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"job": "job-99"}, UnknownJobError, "no job 'job-99'"),
        ({"candidate": "nobody"}, UnknownCandidateError, "no candidate 'nobody'"),
        ({"fields": ("job.skills",)}, DataError, "the same for everyone"),
        ({"fields": ("candidate.work[].months",)}, DataError, r"name the column, 'candidate\.work'"),
        ({"fields": ()}, DataError, "no raw field is left"),
        ({"parts": "entry"}, DataError, "did you mean 'entries'"),
        ({"background": 0}, DataError, "at least one row"),
        ({"protected": "hide"}, DataError, "protected = 'hide'"),
        ({"top_k": 0}, DataError, "0"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, error, said):
    with pytest.raises(error, match=said):
        ridge(**options)


def test_a_model_that_gives_too_few_scores_is_refused():
    with pytest.raises(DataError, match=r"scores of shape \(1,\) for 28 candidates"):
        ridge(lambda records: np.zeros(1))


def test_methods_refuse_an_empty_background_and_too_few_rows():
    empty = pd.DataFrame({"a": []})
    for make in (KernelShap, LocalRidge):
        with pytest.raises(DataError, match="background is empty"):
            make(len, empty)
    with pytest.raises(DataError, match="at least 2 rows"):
        LocalRidge(len, pd.DataFrame({"a": [1]}), n_samples=1)


def test_kernel_shap_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "shap", None)
    with pytest.raises(DataError, match=r"candor-rank\[posthoc\]"):
        KernelShap(lambda X: np.zeros(len(X)), pd.DataFrame({"a": [1.0]})).explain(pd.DataFrame({"a": [2.0]}))


def test_missing_values_and_texts_are_mixed_like_numbers():
    pytest.importorskip("shap")
    background = pd.DataFrame({"x": [1.0, np.nan, 3.0], "t": pd.Series(["a", None, "b"], dtype=object)})

    def predict(table):
        return np.nan_to_num(table["x"].to_numpy()) + (table["t"] == "a").to_numpy()

    found = KernelShap(predict, background).explain(background.iloc[[1, 0]])
    assert found.residual == pytest.approx([0, 0], abs=1e-9)
    assert found.amounts == pytest.approx(np.array([[-4 / 3, -1 / 3], [-1 / 3, 2 / 3]]))
