from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from explain import render
from explain.posthoc import Attributions, KernelShap, TreeShap, explain_feature, explain_gray_box
from explain.posthoc.pullback import pull_back
from ranker.errors import DataError
from tests.explain.explanation_case import case

JOB = "job-1"
NUMBERS = ["skills", "test", "experience", "degree", "languages", "same_city", "projects", "gap"]


@dataclass(frozen=True, slots=True)
class Linear:
    """An explainer as a user may write one: of a linear model of numbers, NaN counting as 0."""

    weights: dict[str, float]
    scale: float = 1.0
    drop: int = 0

    def predict(self, X: Any) -> Any:
        return self._parts(X).sum(axis=1)

    def explain(self, X: Any) -> Attributions:
        parts = self._parts(X)
        amounts = parts[:, self.drop :]
        return Attributions(self.scale * parts.sum(axis=1), np.zeros(len(X)), amounts, "linear", "zero")

    def _parts(self, X: Any) -> Any:
        return np.stack(
            [
                np.nan_to_num(X[name].to_numpy(dtype=float)) * self.weights.get(name, 0.0)
                if name in NUMBERS
                else np.zeros(len(X))
                for name in X.columns
            ],
            axis=1,
        )


def trees():
    package = pytest.importorskip("lightgbm")
    made = case()
    table = made.table.assign(contract=made.table["contract"].astype("category"))
    model = package.LGBMRegressor(n_estimators=20, num_leaves=7, min_child_samples=5, n_jobs=1, verbose=-1)
    model.fit(table[NUMBERS], made.records.relevance)
    return model


@dataclass(frozen=True, slots=True)
class NumbersOnly:
    """TreeSHAP of a model that reads some of the features; the others get nothing."""

    inner: TreeShap

    def predict(self, X: Any) -> Any:
        return self.inner.predict(X[NUMBERS])

    def explain(self, X: Any) -> Attributions:
        found = self.inner.explain(X[NUMBERS])
        amounts = np.zeros(X.shape)
        amounts[:, [X.columns.get_loc(name) for name in NUMBERS]] = found.amounts
        return Attributions(found.scores, found.base, amounts, found.method, found.background)


def explained(explainer, candidate=None, job=JOB):
    made = case()
    who = candidate or str(made.records.candidate[made.records.job == job][0])
    return explain_gray_box(explainer, made.features, made.records, job=job, candidate=who)


def test_tree_shap_sums_to_the_raw_score():
    found = TreeShap(trees()).explain(case().table[NUMBERS])
    assert np.abs(found.residual).max() < 1e-9


def test_tree_shap_equals_the_package_shap():
    shap = pytest.importorskip("shap")
    model, X = trees(), case().table[NUMBERS]
    theirs = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent").shap_values(X)
    assert TreeShap(model).explain(X).amounts == pytest.approx(theirs, abs=1e-9)


def test_amounts_pulled_back_sum_as_the_explainers_do_for_every_candidate():
    explainer, made = NumbersOnly(TreeShap(trees())), case()
    for candidate in made.records.candidate[made.records.job == JOB]:
        found = explained(explainer, str(candidate))
        assert sum(found.fields.values()) == pytest.approx(sum(found.features.values()), abs=1e-9)
        assert found.residual < 1e-9
        for reason in found.reasons:
            assert sum(reason.shares.values()) == pytest.approx(reason.amount, abs=1e-9)


def test_the_explainers_own_residual_is_stated():
    class Half(Linear):
        def explain(self, X):
            found = Linear.explain(self, X)
            return Attributions(found.scores, found.base, found.amounts / 2, found.method, found.background)

    found = explained(Half({"test": 1.0, "skills": 3.0}))
    assert found.residual == pytest.approx(found.score / 2)


def test_a_linear_model_is_pulled_back_exactly():
    made = case()
    found = explained(Linear({"skills": 2.0}))
    known = explain_feature(made.features, made.records, name="skills", job=JOB, candidate=found.candidate)
    assert {p: found.fields[p] for p in known.fields} == pytest.approx(
        {p: 2 * a for p, a in known.fields.items()}
    )


def test_a_long_post_earns_more_than_a_short_one():
    made = case()
    posts = next(feature for feature in made.features if feature.name == "experience")
    pair = next(n for n in range(len(made.records)) if len(posts.evidence(made.records, n)["items"]) > 1)
    shares = pull_back(posts, made.records, pair, 6.0)
    months = [item["months"] for item in posts.evidence(made.records, pair)["items"]]
    entries = [share for path, share in shares.items() if path != posts.subject]
    assert entries == pytest.approx([6.0 * m / sum(months) for m in months])
    assert shares[posts.subject] == pytest.approx(0.0, abs=1e-12)


def test_every_feature_of_every_pair_passes_on_what_it_was_given():
    made = case()
    for feature in made.features:
        for pair in range(len(made.records)):
            shares = pull_back(feature, made.records, pair, -1.7)
            assert sum(shares.values()) == pytest.approx(-1.7, abs=1e-9), feature.name


def test_kernel_shap_over_features_is_a_gray_box_too():
    pytest.importorskip("shap")
    made = case()
    found = explained(KernelShap(made.scorer.score, made.table.iloc[::20]))
    assert found.residual < 1e-9
    assert found.score == made.explain(JOB, found.candidate).score
    assert found.rank == made.explain(JOB, found.candidate).rank


def test_no_protected_field_is_in_it():
    found = explained(Linear({"test": 1.0}))
    kept = {"candidate.gender", "candidate.origin", "candidate.name"}
    assert not kept & {*found.fields, *found.raw, *found.sources}


@pytest.mark.parametrize("audience", ["candidate", "recruiter", "auditor", "developer"])
def test_every_audience_can_read_it(audience):
    assert render(explained(Linear({"test": 1.0})), audience=audience)


def test_an_explainer_of_other_columns_is_refused():
    with pytest.raises(DataError, match=r"amounts of shape \(1, 8\) for 1 row of 9 features"):
        explained(Linear({"test": 1.0}, drop=1))


def test_an_explainer_of_another_score_than_it_predicts_is_refused():
    with pytest.raises(DataError, match=r"predicts .* and explains"):
        explained(Linear({"test": 1.0}, scale=2.0))


@pytest.mark.parametrize("name", NUMBERS)
def test_a_feature_alone_is_the_sum_of_its_raw_fields(name):
    made, told = case(), 0
    for pair in range(0, len(made.records), 5):
        value = made.table[name].iloc[pair]
        if np.isnan(value):
            continue
        job, who = made.records.job[pair], made.records.candidate[pair]
        found = explain_feature(made.features, made.records, name=name, job=job, candidate=who)
        assert (found.score, found.intercept) == (value, 0.0)
        assert found.residual < 1e-9
        told += 1
    assert told


def test_a_feature_alone_gives_the_rank_that_it_would_give():
    made = case()
    values = made.table["test"][made.records.job == JOB].to_numpy()
    best = str(made.records.candidate[made.records.job == JOB][np.nanargmax(values)])
    assert explain_feature(made.features, made.records, name="test", job=JOB, candidate=best).rank == 1


@pytest.mark.parametrize(
    ("name", "candidate", "said"),
    [
        ("tset", None, "did you mean 'test'"),
        ("contract", None, "is a text"),
        ("skills", "applicant-silent", "not given for candidate 'applicant-silent'"),
    ],
)
def test_a_feature_without_a_number_is_refused(name, candidate, said):
    made = case()
    who = candidate or str(made.records.candidate[made.records.job == JOB][0])
    with pytest.raises(DataError, match=said):
        explain_feature(made.features, made.records, name=name, job=JOB, candidate=who)
