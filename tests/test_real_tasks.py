"""The tasks on real data, in the small form of the study that measures them."""

import dataclasses
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import real_tasks
from ranker.app.data import load_records
from ranker.app.task import read_task

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[2] / "shared" / "data")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data are not at {DATA}: set CANDOR_DATA")
TASKS = Path(real_tasks.__file__).parent / "tasks"
ALL = sorted(path.stem for path in TASKS.glob("*.toml"))
CONSTANT = {"lightgbm_rank": 83}  # columns of its published file that hold one value throughout


@needs_data
def test_the_quick_study_holds_its_laws(capsys):
    assert real_tasks.main(["--quick"]) == 0
    assert "findhr" in capsys.readouterr().out


@needs_data
@pytest.mark.parametrize("name", ALL)
def test_every_real_task_reads_its_data_and_leaves_no_feature_constant_unsaid(name):
    task = read_task(TASKS / f"{name}.toml")
    records = load_records(task, labelled=True)
    table = task.features.compute(records)
    constant = [column for column in table if table[column].nunique(dropna=True) < 2]
    assert len(constant) == CONSTANT.get(name, 0), constant
    assert len(np.unique(records.relevance)) > 1
    report = records.report()
    assert report.read["application"] == len(records) + sum(
        fate.table == "application" for fate in report.set_aside()
    )


@needs_data
def test_findhr_reports_its_repeated_applications_and_reads_no_protected_field():
    task = read_task(TASKS / "findhr.toml")
    records = load_records(task, labelled=True)
    reasons = [fate.reason for fate in records.report().set_aside()]
    assert sum("repeated (candidate, job) key" in reason for reason in reasons) == 212
    sources = {path for feature in task.features for path in feature.sources}
    for word in ("gender", "foreign"):
        assert not any(word in path for path in sources)
        assert sum(word in path for path in task.features.fields) == 2


@needs_data
def test_compas_is_one_list_and_learns_from_those_who_were_not_charged_again():
    task = read_task(TASKS / "compas.toml")
    records = load_records(task, labelled=True)
    assert (set(records.job), len(records)) == ({"all"}, 7214)
    assert records.relevance.tolist() == (records.at("application.two_year_recid", "number") == 0).tolist()
    sources = {path for feature in task.features for path in feature.sources}
    assert not any(word in path for path in sources for word in ("recid", "score", "race", "sex", "age_cat"))


@needs_data
def test_adult_has_a_job_for_those_without_occupation_and_learns_from_the_higher_income():
    task = read_task(TASKS / "adult.toml")
    records = load_records(task, labelled=True)
    assert len(set(records.job)) == 15
    assert (records.job == "?").sum() == 1843
    assert records.relevance.sum() == 7841
    sources = {path for feature in task.features for path in feature.sources}
    assert not any(word in path for path in sources for word in ("sex", "race", "relationship", "marital"))


@needs_data
@pytest.mark.parametrize(("name", "every"), [("adult", 10), ("compas", 1), ("lightgbm_rank", 3)])
def test_what_is_one_list_or_has_numbered_features_trains_and_keeps_the_sum(name, every, tmp_path):
    task = read_task(TASKS / f"{name}.toml")
    path, key = task.sources["application"]
    if every > 1:
        path, whole = tmp_path / path.name, path
        pd.read_parquet(whole).iloc[::every].to_parquet(path)
    few = task.training.model_copy(update={"outer_bags": 1, "interactions": 0})
    task = dataclasses.replace(task, training=few, sources={"application": (path, key)})
    row = real_tasks.study(task, candidates=20)
    assert row["largest_residual"] <= 1e-9
    assert row["largest_top_10"] <= 10
    assert (row["certificate"] is None) == (name == "lightgbm_rank")
