"""What training is told, and what the model directory says of it."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fairness.fair_ranker import ALONE, TOGETHER
from ranker.app.commands import run_evaluate, run_explain, run_train
from ranker.app.model import Model
from ranker.app.model_directory import file_hash
from ranker.app.objectives import objective_in_words, why_chosen
from ranker.app.report import audit_figures, audit_page
from ranker.app.task import read_task
from ranker.app.training import train
from ranker.errors import DataError, FitError, ModelError
from ranker.records.synthetic import generate
from ranker.scoring.objectives import CHOICES

MONOTONE = """
[training.monotone]
skills = "increasing"
gap = "decreasing"
"""
ORIGIN = """
[[fairness]]
measure = "mean_rank"
attribute = "candidate.origin"
bound = 0.7
kind = "ratio"
"""


def task_in(folder: Path, *, training: str, fairness: str | None = None) -> Path:
    """Write the small synthetic task with other [training] lines, and another constraint or none."""
    path = generate(folder, n_candidates=150, n_jobs=14, applications_per_job=20, seed=3)
    text = re.sub(r"\[(training|fairness)\][^\[]*", "", path.read_text(encoding="utf-8"))
    lines = f"\n[training]\nouter_bags = 2\ninteractions = 2\n{training}\n"
    path.write_text(text + lines + (fairness or ""), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """A model under two constraints, with two monotone shapes."""
    folder = tmp_path_factory.mktemp("twice")
    gender = """
[[fairness]]
measure = "exposure"
attribute = "candidate.gender"
bound = 0.05
strategy = "response"
"""
    task = task_in(folder, training=f'objective = "centred"\n{MONOTONE}', fairness=gender + ORIGIN)
    said = run_train(task, folder / "model")
    return folder / "model", said


@pytest.fixture(scope="module")
def freely(tmp_path_factory):
    """A model without a constraint, whose objective the data choose."""
    folder = tmp_path_factory.mktemp("freely")
    return folder / "model", run_train(task_in(folder, training=""), folder / "model")


def test_each_constraint_has_a_certificate_and_the_worst_stands_first(twice):
    model = Model.load(twice[0])
    attributes = [one["constraint"]["attribute"] for one in model.certificates]
    assert attributes == [["candidate.gender"], ["candidate.origin"]]
    single = {"constraint", "bound", "measured", "interval", "verdict", "sure", "in_words", "met_on_tune"}
    for one in model.certificates:
        assert single <= one.keys()
        assert "certificates" not in one
    assert {
        *single,
        "multiplier",
        "group_multipliers",
        "objective",
        "objectives",
        "way",
    } <= model.certificate.keys()
    severity = ["holds", "undecided", "fails"].index
    worst = max(severity(one["verdict"]) for one in model.certificates)
    assert severity(model.certificate["verdict"]) == worst
    assert any(all(one[k] == model.certificate[k] for k in one) for one in model.certificates)


def test_the_strategy_and_the_objective_are_those_of_the_task(twice):
    training = Model.load(twice[0]).facts["training"]
    assert (training["asked"], training["strategy"], training["way"]) == ("centred", "response", TOGETHER)
    assert [row["objective"] for row in training["objectives"]] == ["centred"]


def test_the_frontier_has_a_column_for_each_constraint(twice):
    frontier = Model.load(twice[0]).frontier
    assert list(frontier.columns) == [
        "multiplier", "ndcg", "ndcg_50", "gap: candidate.gender", "gap: candidate.origin",
        "exposure_ratio", "missed", "met", "accuracy_cost", "chosen",
    ]  # fmt: skip
    row = frontier[frontier["chosen"]].iloc[0]
    for one in Model.load(twice[0]).certificates:
        assert row[f"gap: {one['constraint']['attribute'][0]}"] == pytest.approx(one["chosen_on_tune"])


def test_figures_are_by_the_first_constraint_and_promises_are_all_of_them(twice):
    model = Model.load(twice[0])
    assert model.attributes == ("candidate.gender",)
    figures = audit_figures(model)
    assert figures["exposure"]["attribute"] == "candidate.gender"
    assert figures["certificates"] == model.certificates
    for one in model.certificates:
        assert one["in_words"] in figures["in_words"]
        assert one["in_words"] in twice[1].text
    row = model.rank(model.load_records()).to_frame().iloc[0]
    told = run_explain(twice[0], row["job"], row["candidate"], "auditor", "json", 10).machine
    assert told["promise"] == model.promise


def test_the_page_shows_every_certificate_and_every_frontier(twice):
    model = Model.load(twice[0])
    page = audit_page(model, audit_figures(model))
    for shown in (
        "Exposure by gender", "Mean rank ratio by origin", "Promise and measurement: mean rank ratio by origin",
        "Ratio, mean rank ratio by origin",
        'id="plot-frontier"', 'id="plot-frontier-1"', "the worst of 2 promises", "The constraints",
        "never falls as it grows", "never rises as it grows", "candidate.origin: ",
    ):  # fmt: skip
        assert shown in page, shown
    assert "which the constraint does not name" not in page


def test_monotone_shapes_are_kept_before_and_after(twice):
    model = Model.load(twice[0])
    for scorer in (model.unconstrained, model.scorer):
        terms = {scorer.feature_names[t.features[0]]: t for t in scorer.terms if len(t.features) == 1}
        assert (np.diff(terms["skills"].scores[1:-1]) >= 0).all()
        assert (np.diff(terms["gap"].scores[1:-1]) <= 0).all()
        for term in scorer.terms:
            assert len(term.features) == 1 or not {"skills", "gap"} & {
                scorer.feature_names[f] for f in term.features
            }


def test_settings_of_the_booster_reach_it(tmp_path):
    task = read_task(task_in(tmp_path, training='objective = "pointwise"\nmax_bins = 5\nlearning_rate = 0.1'))
    model = train(task)
    assert model.facts["training"]["objective"] == "pointwise"
    sizes = {len(term.scores) for term in model.scorer.terms if len(term.features) == 1}
    assert max(sizes) <= 9  # at most 5 bins, or 6 grades of a degree, and places for missing and unknown


def test_without_a_constraint_the_manifest_says_what_was_tried(freely):
    directory, said = freely
    manifest = json.loads((directory / "manifest.json").read_text(encoding="utf-8"))
    training = manifest["training"]
    assert training["asked"] == "auto"
    assert training["way"] is None
    assert [row["objective"] for row in training["objectives"]] == list(CHOICES)
    assert all(0 < row["quality"] <= 1 for row in training["objectives"])
    assert training["objective"] in CHOICES
    assert said.machine["objective"] == training["objective"]
    told = run_evaluate(directory)
    assert told.machine["objectives"] == training["objectives"]
    for text in (said.text, told.text):
        assert f"objective: {training['objective']}, " in text


def test_the_quality_that_is_told_is_that_of_the_tune_part(freely):
    directory, said = freely
    ndcg = said.machine["evaluation"]["tune"]["fair"]["ndcg"]
    quality = {row["objective"]: row["quality"] for row in said.machine["objectives"]}
    assert quality[said.machine["objective"]] == pytest.approx((ndcg["10"] + ndcg["50"]) / 2, abs=1e-6)
    page = audit_page(Model.load(directory), audit_figures(Model.load(directory)))
    assert f"{said.machine['objective']} (chosen)" in page


def test_the_test_part_has_no_say_without_a_constraint(tmp_path):
    task = task_in(tmp_path, training='objective = "centred"')
    first = train(read_task(task))
    jobs = set(first.parts.loc[first.parts["part"] == "test", "job"])
    applications = pd.read_csv(tmp_path / "applications.csv", dtype=str)
    other = applications["job"] if "job" in applications else applications["job_id"]
    applications.loc[other.isin(jobs), "relevance"] = "0"
    applications.to_csv(tmp_path / "applications.csv", index=False)
    assert train(read_task(task)).scorer.to_json() == first.scorer.to_json()


def test_equal_labels_in_the_train_part_leave_nothing_to_learn(tmp_path):
    task = task_in(tmp_path, training="")
    parts = train(read_task(task_in(tmp_path / "again", training='objective = "centred"'))).parts
    jobs = set(parts.loc[parts["part"] == "train", "job"])
    applications = pd.read_csv(tmp_path / "applications.csv", dtype=str)
    applications.loc[applications["job_id"].isin(jobs), "relevance"] = "1"
    applications.to_csv(tmp_path / "applications.csv", index=False)
    with pytest.raises(FitError, match="all equal"):
        train(read_task(task))


def rewritten(directory: Path, to: Path, name: str, change) -> Path:
    """Copy a model, change one of its JSON files, and make the manifest agree."""
    to.mkdir()
    for file in directory.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
    content = json.loads((to / name).read_text(encoding="utf-8"))
    change(content)
    (to / name).write_text(json.dumps(content), encoding="utf-8")
    manifest = json.loads((to / "manifest.json").read_text(encoding="utf-8"))
    if name != "manifest.json":
        manifest["files"][name] = file_hash(to / name)
        (to / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return to


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("certificate.json", lambda c: c["certificates"].pop(), "not about the 2 constraint"),
        ("certificate.json", lambda c: c.pop("certificates"), "'certificates' is missing"),
        ("manifest.json", lambda m: m.pop("training"), "'training' is missing"),
        ("manifest.json", lambda m: m["training"].pop("objective"), "does not say what was learned"),
        ("manifest.json", lambda m: m.update(training=[]), "holds a file that cannot be read as it should"),
    ],
)
def test_a_model_that_does_not_say_what_it_learned_or_promised_is_refused(
    twice, tmp_path, name, change, said
):
    with pytest.raises(ModelError, match=said):
        Model.load(rewritten(twice[0], tmp_path / "copy", name, change))


def tried(*rows, objective, way=TOGETHER, asked="auto"):
    """Describe a training by (objective, way, quality, met) of each try."""
    told = [dict(zip(("objective", "way", "quality", "met"), row, strict=True)) for row in rows]
    return {"objective": objective, "way": way, "asked": asked, "strategy": "auto", "objectives": told}


def test_why_an_objective_was_chosen_is_told_as_it_was():
    centred, blend = ("centred", TOGETHER, 0.95, True), ("blend", TOGETHER, 0.94, True)
    missed = ("pairwise", TOGETHER, 0.96, False)
    assert "as the task states" in why_chosen(tried(centred, objective="centred", asked="centred"))
    assert "beyond noise" in why_chosen(tried(centred, blend, missed, objective="centred"))
    kept = why_chosen(tried(centred, blend, missed, objective="blend"))
    assert "no other beats on the tune part beyond noise" in kept
    assert "(2 of 3)" in kept
    assert "noise" not in why_chosen(tried(centred, missed, objective="centred"))
    near = why_chosen(tried(missed, missed, objective="pairwise"))
    assert "of 2 tries the nearest" in near


def test_the_line_on_the_objective_names_each_objective_once_at_its_best():
    training = tried(
        ("centred", TOGETHER, 0.90, True),
        ("centred", ALONE, 0.95, False),
        ("pairwise", TOGETHER, None, False),
        ("pairwise", ALONE, 0.93, True),
        objective="pairwise",
        way=ALONE,
    )
    line = objective_in_words(training)
    assert line.startswith(f"objective: pairwise ({ALONE}), ")
    assert line.endswith("(mean of NDCG@10 and NDCG@50 0.930; centred 0.900)")


def test_the_synthetic_task_may_ask_for_fewer_bags(tmp_path):
    sizes = {"n_candidates": 20, "n_jobs": 3, "applications_per_job": 5}
    usual = read_task(generate(tmp_path / "usual", **sizes))
    fewer = read_task(generate(tmp_path / "fewer", **sizes, outer_bags=3))
    assert fewer.training == usual.training.model_copy(update={"outer_bags": 3})
    with pytest.raises(DataError, match="outer_bags is 0: give 1 or more"):
        generate(tmp_path / "none", **sizes, outer_bags=0)
