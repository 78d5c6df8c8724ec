"""The tasks on real data, in the small form of the study that measures them."""

import os
from pathlib import Path

import pytest

from benchmarks import real_tasks
from ranker.app.data import load_records
from ranker.app.task import read_task

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[2] / "shared" / "data")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data are not at {DATA}: set CANDOR_DATA")
TASKS = Path(real_tasks.__file__).parent / "tasks"


@needs_data
def test_the_quick_study_holds_its_laws(capsys):
    assert real_tasks.main(["--quick"]) == 0
    assert "findhr" in capsys.readouterr().out


@needs_data
@pytest.mark.parametrize("name", real_tasks.TASKS)
def test_every_real_task_reads_its_data_and_leaves_no_feature_constant(name):
    task = read_task(TASKS / f"{name}.toml")
    records = load_records(task, labelled=True)
    table = task.features.compute(records)
    for column in table:
        assert table[column].nunique(dropna=True) > 1, column
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
