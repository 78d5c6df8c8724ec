"""Sections of a model's audit against plain loops; and the schema that says what all figures mean."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from audit_case import Page, candor, machine, one_objective, small_model, without_constraint, written

from ranker.app.audit_command import SCHEMA, SCHEMAS
from ranker.app.report import audit_figures, audit_page
from ranker.app.report.any_counts import counts_figures
from ranker.app.report.any_ranking import ranking_figures
from ranker.app.report.audited import SMALL_COUNT, Audited
from ranker.app.report.robustness import _stability, measure_drift, measure_robustness
from ranker.app.report.sections import OF_MODEL
from ranker.app.report.swapped import MOST_VALUES, swap_fields
from ranker.app.task import read_task
from ranker.app.training import train
from ranker.scoring.uncertainty import rank_uncertainty


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sections")
    model = small_model(folder, one_objective, n_jobs=16)
    model.save(folder / "model")
    task = folder / "second.toml"
    task.write_text(without_constraint(model.task.text), encoding="utf-8")
    second = train(read_task(task))
    figures = audit_figures(model, other=second, date="2026-11-21")
    return model, second, {**figures, "command": "candor audit"}, folder


@pytest.fixture(scope="module")
def of_test(audited):
    return Audited.of(audited[0])


# What stands in each section.


def test_no_protected_value_moves_a_rank(audited):
    swaps = audited[2]["swaps"]
    assert {row["path"] for row in swaps["fields"]} == {
        "candidate.name", "candidate.email", "candidate.birth_year", "candidate.gender", "candidate.origin",
    }  # fmt: skip
    for row in swaps["fields"]:
        assert row["reason"] is None
        assert row["unmoved"]
        assert row["moved"] == 0
        assert row["largest_score_change"] == 0.0
        assert row["changes"] > 0


def test_a_feature_that_reads_a_swapped_field_is_found_out(audited):
    # No task lets a feature read a protected field; here the field is declared so after training.
    model = audited[0]
    fields = dict(model.task.features.fields)
    fields["candidate.test_score"] = replace(fields["candidate.test_score"], usage="protected")
    task = replace(model.task, features=replace(model.task.features))
    object.__setattr__(task.features, "fields", fields)
    found = swap_fields(replace(Audited.of(model), model=replace(model, task=task)))
    row = next(row for row in found["fields"] if row["path"] == "candidate.test_score")
    assert not row["unmoved"]
    assert row["moved"] > 0
    assert row["largest_score_change"] > 0


def test_values_that_few_hold_are_counted_and_not_named(audited):
    _, _, figures, _ = audited
    rows = {row["path"]: row for row in figures["swaps"]["fields"]}
    email = rows["candidate.email"]["values"]
    assert email == [f"({MOST_VALUES} that fewer than {SMALL_COUNT} rows hold)"]
    assert set(rows["candidate.gender"]["values"]) == {"man", "woman"}
    assert "@example.org" not in json.dumps(figures["swaps"])


def test_borderline_people_are_those_whose_interval_reaches_over_the_cut_off(audited, of_test):
    found = measure_robustness(of_test, 5)
    records = of_test.records
    frame = rank_uncertainty(
        of_test.model.scorer, of_test.table, job=records.job, candidate=records.candidate, top_k=5,
        lot=records.lots(),
    )  # fmt: skip
    rows = frame.to_dict("records")
    assert found["borderline"] == sum(row["rank_low"] <= 5 < row["rank_high"] for row in rows)
    assert found["selected"] == sum(row["rank"] <= 5 for row in rows)
    assert found["selected_unsure"] == sum(
        row["rank"] <= 5 and row["p_top_k"] < found["level"] for row in rows
    )
    sizes = {job: int((records.job == job).sum()) for job in set(records.job)}
    widths = [
        (row["rank_high"] - row["rank_low"]) / (sizes[job] - 1)
        for row, job in zip(rows, records.job, strict=True)
    ]
    assert found["mean_width"] == pytest.approx(np.mean(widths))
    assert sum(one["pairs"] for one in found["by_group"].values()) <= found["pairs"]


def test_a_scorer_without_bags_says_that_ranks_cannot_be_firm_or_not(of_test):
    scorer = of_test.model.scorer
    bare = replace(
        scorer,
        terms=tuple(replace(term, bagged=None, deviations=None) for term in scorer.terms),
        bagged_intercept=None,
        bag_weights=None,
    )
    found = measure_robustness(replace(of_test, model=replace(of_test.model, scorer=bare)), 5)
    assert set(found) == {"reason"}
    assert "bag" in found["reason"]


def test_stability_is_the_plain_sum_over_bins():
    rng = np.random.default_rng(0)
    train_part, test_part = rng.normal(size=500), rng.normal(0.5, 1, size=200)
    cuts = np.quantile(train_part, np.arange(0.1, 1.0, 0.1))
    index = 0.0
    for bin_ in range(10):
        a, b = (np.mean(np.digitize(part, cuts) == bin_) for part in (train_part, test_part))
        index += (b - a) * np.log(b / a)
    # The bin of missing values is empty on both sides and adds nothing.
    assert _stability(pd.Series(train_part), pd.Series(test_part)) == pytest.approx(index)
    assert _stability(pd.Series(train_part), pd.Series(train_part)) == 0


@pytest.mark.parametrize(
    ("train_part", "test_part"),
    [([np.nan] * 4, [np.nan, 1.0]), ([1.0] * 4, [np.nan] * 2), (["a", None], [None, "never seen"])],
)
def test_stability_of_empty_columns_is_a_number(train_part, test_part):
    assert np.isfinite(_stability(pd.Series(train_part), pd.Series(test_part)))


def test_drift_is_measured_on_what_is_declared(audited, of_test):
    found = measure_drift(of_test)
    assert {row["name"] for row in found["features"]} == set(audited[0].scorer.feature_names)
    indices = [row["psi"] for row in found["features"]]
    assert indices == sorted(indices, reverse=True)
    assert found["relevant"]["test"] == np.mean(np.asarray(of_test.records.relevance, float) > 0)


def test_labels_are_counted_by_group_as_a_loop_counts_them(audited, of_test):
    labels = audited[2]["labels"]
    everyone = of_test.everyone
    relevance = np.asarray(everyone.relevance, float)
    for group, found in labels["by_group"].items():
        here = of_test.every.names() == group
        assert found["pairs"] == here.sum()
        assert found["positive"] == pytest.approx((relevance[here] > 0).mean())
        assert found["mean"] == pytest.approx(relevance[here].mean())
    assert labels["labelled"] == len(everyone)
    for one in labels["by_job"]:
        for row in one["jobs"]:
            # Only groups of 2 % or more stand there.
            assert sum(total for _, total in row["groups"].values()) <= sum(everyone.job == row["job"])


def test_effects_are_those_of_ranking_anew_without_the_field(audited):
    effects = audited[2]["effects"]
    after = audited[2]["ndcg"]["intervals"]["after"]
    for row in effects["fields"] + effects["terms"]:
        assert row["ndcg10"]["before"] == pytest.approx(after["10"]["value"])
        assert row["ndcg10"]["difference"] == pytest.approx(row["ndcg10"]["after"] - row["ndcg10"]["before"])


def test_the_strongest_stand_in_comes_first(audited):
    for found in audited[2]["proxies"]["attributes"].values():
        aucs = [row["auc"] for row in found["rows"]]
        assert aucs == sorted(aucs, reverse=True)
        assert all(0 <= auc <= 1 for auc in aucs)


def test_every_section_of_which_there_are_figures_is_on_the_page(audited):
    model, _, figures, _ = audited
    page = Page(audit_page(model, figures))
    assert page.sections() == [section.id for section in OF_MODEL]
    assert page.unbalanced == []
    links = {value.removeprefix("#") for value in page.values("href")}
    assert set(page.sections()) <= links


# The schema.


@pytest.fixture(scope="module")
def schema():
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def kinds(audited, tmp_path_factory):
    """Real figures of all three kinds, each as full and as empty as it comes."""
    _, second, full, _ = audited
    folder = tmp_path_factory.mktemp("kinds")
    rows = [
        {"job": i % 25, "candidate": i, "rank": 1 + i // 25, "score": -float(i), "relevance": i % 3}
        for i in range(250)
    ]
    people = [{"candidate": i, "sex": "FM"[i % 2], "race": "ABC"[i % 3], "name": i} for i in range(250)]
    ranked = ranking_figures(*written(folder, rows, people), top_k=5, date="2026-11-21")
    bare = ranking_figures(
        *written(folder, [{"candidate": 1, "rank": 1}], [{"candidate": 1, "sex": None}]), top_k=5
    )
    counts = folder / "counts.csv"
    counts.write_text(
        "attribute,group,selected,total\nsex,F,1,9\nsex,M,4,9\nage,young,0,3\n", encoding="utf-8"
    )
    return {
        "a model, compared": full,
        "a model without a constraint": {**audit_figures(second), "command": "c"},
        "a ranking": {**ranked, "command": "c"},
        "a ranking of one": {**bare, "command": "c"},
        "counts": {**counts_figures(counts), "command": "c"},
    }


def test_the_schema_is_one_and_holds_for_figures_of_all_kinds(schema, kinds):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for name, figures in kinds.items():
        faults = [
            f"{list(one.absolute_path)}: {one.message[:200]}"
            for error in validator.iter_errors(json.loads(json.dumps(figures)))
            for one in (error.context or [error])
        ]
        assert not faults, f"{name}: {faults[:5]}"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda f: f["data"].update(jobs=-1),
        lambda f: f["data"].update(more=1),
        lambda f: f.pop("rates"),
        lambda f: f.update(schema="candor-ranking-audit/0"),
        lambda f: f["rates"]["after"]["tables"][0]["rows"][0].update(rate=1.5),
        lambda f: f["measures"]["after"]["attributes"]["sex"]["overall"][0].update(value="0.8"),
    ],
)
def test_the_schema_refuses_what_no_audit_writes(schema, kinds, spoil):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    figures = json.loads(json.dumps(kinds["a ranking"]))
    spoil(figures)
    assert not jsonschema.Draft202012Validator(schema).is_valid(figures)


def test_every_top_level_key_is_described(schema, kinds):
    by_kind = {
        one["properties"]["schema"]["const"]: one["properties"]
        for one in (schema["$defs"][ref["$ref"].rpartition("/")[2]] for ref in schema["oneOf"])
    }
    assert tuple(by_kind) == SCHEMAS
    for name, figures in kinds.items():
        described = by_kind[figures["schema"]]
        assert set(figures) <= set(described), name
        assert all(one["description"].endswith(".") for one in described.values())


def test_nothing_but_the_top_level_is_open_and_every_reference_leads_somewhere(schema):
    tops = {id(schema["$defs"][ref["$ref"].rpartition("/")[2]]) for ref in schema["oneOf"]}

    def walk(node):
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            if "$ref" in node:
                assert node["$ref"].removeprefix("#/$defs/") in schema["$defs"]
            if node.get("type") == "object" and node is not schema:
                assert node["additionalProperties"] is not True or id(node) in tops
            for one in node.values():
                walk(one)

    walk(schema)
    assert "://" not in schema["$id"]


def test_the_command_prints_the_schema_and_asks_for_nothing_else(schema):
    code, out, err = candor("audit", "--schema")
    assert code == 0, err
    assert json.loads(out) == schema
    assert machine("audit", "--schema") == schema


def test_the_figures_beside_the_page_are_those_of_the_schema(audited, tmp_path):
    folder = audited[3]
    machine("audit", folder / "model", "--out", tmp_path / "report.html", "--date", "2026-11-21")
    beside = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert beside["schema"] == SCHEMAS[0]
    assert beside["date"] == "2026-11-21"
    assert "report" not in beside
