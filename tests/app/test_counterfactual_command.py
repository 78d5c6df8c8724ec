"""``candor counterfactual`` and ``candor sensitivity``, and what a task says of actions."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from explain.change.lists import AddItems, Extend
from explain.change.values import ChangeNumber, RaiseOrdinal, SetCategory
from ranker.app.cli import app
from ranker.app.counterfactual_command import read_costs, share_of
from ranker.app.model import Model
from ranker.app.task import parse_task
from ranker.errors import DataError, ProtectedFieldError, SourceError, TaskError
from ranker.records.synthetic import generate

ACTIONS = """
[actions."candidate.skills"]
kind = "add"
costs = { SQL = 2 }
[actions."candidate.test_score"]
kind = "change"
maximum = 100
step = 1
cost = 0.1
[actions."candidate.work_experience"]
kind = "extend"
most = 12
new = false
[actions."candidate.education.degree"]
kind = "raise"
order = ["none", "secondary", "vocational", "bachelor", "master", "doctorate"]
[actions."candidate.city"]
kind = "set"
values = ["Delft"]
"""


@pytest.fixture(scope="module")
def task_text(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("data")
    path = generate(folder, n_candidates=120, n_jobs=12, applications_per_job=20, seed=7)
    text = path.read_text(encoding="utf-8").partition("[fairness]")[0]
    text = re.sub(r"# What a person may change.*?(?=\[\[requirements)", "", text, flags=re.DOTALL)
    text = re.sub(r"interactions = \d+", 'objective = "centred"\ninteractions = 1\nouter_bags = 2', text)
    return re.sub(r'path = "([^"]+)"', lambda m: f'path = "{(folder / m[1]).as_posix()}"', text)


@pytest.fixture(scope="module")
def model(task_text, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    task = folder / "task.toml"
    task.write_text(task_text + ACTIONS, encoding="utf-8")
    code, _, err = candor("train", task, "--out", folder / "model")
    assert code == 0, err
    return folder / "model"


def candor(*arguments) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def outsider(model) -> tuple[str, str]:
    """Somebody outside the first three."""
    loaded = Model.load(model)
    pool = loaded.rank(loaded.load_records()).of("j001")
    return "j001", str(pool.candidates[5])


def test_the_command_prints_what_machines_read(model, outsider):
    job, candidate = outsider
    code, out, err = candor(
        "counterfactual",
        model,
        "--job",
        job,
        "--candidate",
        candidate,
        "--top-k",
        3,
        "--diverse",
        2,
        "--json",
    )
    assert code == 0, err
    said = json.loads(out)
    assert (said["job"], said["candidate"], said["rank_before"]) == (job, candidate, 6)
    assert said["possible"]
    assert said["rank_after"] <= 3
    allowed = tuple(re.findall(r'actions\."([^"]+)"', ACTIONS))
    assert all(change["path"].startswith(allowed) for change in said["changes"])


def test_the_command_speaks_in_sentences(model, outsider):
    code, out, _ = candor("counterfactual", model, "--job", outsider[0], "--candidate", outsider[1])
    assert code == 0
    assert "You would be among the first 10" in out or "Nothing has to change for you to be among" in out


def test_costs_from_a_file_count(model, outsider, tmp_path):
    costs = tmp_path / "costs.toml"
    costs.write_text(
        "\n".join(
            f'"{path}" = 1000' for path in re.findall(r'actions\."([^"]+)"', ACTIONS) if "test" not in path
        ),
        encoding="utf-8",
    )
    _, out, _ = candor(
        "counterfactual", model, "--job", outsider[0], "--candidate", outsider[1],
        "--top-k", 5, "--costs", costs, "--json",
    )  # fmt: skip
    said = json.loads(out)
    dear = [change for change in said["changes"] if change["path"] != "candidate.test_score"]
    assert said["cost"] >= 1000 * len(dear)


def test_more_than_one_goal_is_refused(model, outsider):
    code, _, err = candor(
        "counterfactual", model, "--job", outsider[0], "--candidate", outsider[1], "--top-k", 3, "--score", 1
    )
    assert code == 3
    assert "one goal is needed" in err


def test_an_unknown_candidate_is_told_as_such(model):
    code, _, err = candor("counterfactual", model, "--job", "j001", "--candidate", "nobody")
    assert code == 3
    assert "has no candidate 'nobody'" in err
    code, _, err = candor("sensitivity", model, "--job", "j999", "--candidate", "nobody")
    assert code == 3
    assert "no pair has a job 'j999'" in err


def test_sensitivity_tells_how_firm_a_rank_is(model, outsider):
    code, out, err = candor(
        "sensitivity",
        model,
        "--job",
        outsider[0],
        "--candidate",
        outsider[1],
        "--change",
        "20%",
        "--top-k",
        5,
        "--json",
    )
    assert code == 0, err
    said = json.loads(out)
    assert (said["rank"], said["change"], said["in_top"]) == (6, 0.2, False)
    assert {"borderline", "rank_interval", "p_top_k", "fields"} <= said.keys()


def test_a_task_states_its_actions(task_text):
    task = parse_task(task_text + ACTIONS, Path())
    assert [type(action) for action in task.actions] == [
        AddItems, ChangeNumber, Extend, RaiseOrdinal, SetCategory
    ]  # fmt: skip
    assert task.actions[0].costs == {"SQL": 2}
    assert parse_task(task_text, Path()).actions is None


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ('[actions."candidate.skills"]\nkind = "ad"', "kind 'ad' is not known; did you mean 'add'"),
        ('[actions."candidate.skills"]\ncost = 1', "'kind' is missing"),
        ('[actions."candidate.skills"]\nkind = "add"\ncosst = 1', "'costs?' is not a key|did you mean 'cost"),
        ('[actions."candidate.city"]\nkind = "set"', "'values' is missing"),
        ('[actions."candidate.skills"]\nkind = "add"\ncost = -1', "give a finite number from 0"),
        ('[actions."candidate.skils"]\nkind = "add"', "did you mean 'candidate.skills'"),
        ('[actions."job.city"]\nkind = "set"\nvalues = ["Delft"]', "the job stays as it is"),
    ],
)
def test_a_mistaken_action_is_told_with_its_place(task_text, section, says):
    with pytest.raises(TaskError, match=says) as caught:
        parse_task(task_text + section, Path())
    assert '[actions."' in str(caught.value)


@pytest.mark.parametrize("path", ["candidate.gender", "candidate.name", "application.relevance"])
def test_an_action_on_what_may_not_change_is_refused(task_text, path):
    with pytest.raises(ProtectedFieldError, match=re.escape(path)):
        parse_task(f'{task_text}[actions."{path}"]\nkind = "set"\nvalues = ["x"]', Path())


@pytest.mark.parametrize(("text", "share"), [("10%", 0.1), ("0.25", 0.25), (" 5 % ", 0.05)])
def test_a_share_is_read_as_people_write_it(text, share):
    assert share_of(text) == share


def test_a_share_that_is_none_is_refused():
    with pytest.raises(DataError, match="write a share"):
        share_of("ten")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("costs.json", "{", "neither JSON nor TOML"),
        ("costs.json", "[1]", "holds no table"),
        ("costs.toml", '"candidate.skills" = "dear"', "give a number"),
        ("costs.toml", "[for]\nc1 = 3", "costs for each candidate"),
    ],
)
def test_a_table_of_costs_that_cannot_be_read_is_told(tmp_path, name, text, says):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=says):
        read_costs(tmp_path / name)
    with pytest.raises(SourceError, match="cannot be read"):
        read_costs(tmp_path / "none.toml")
