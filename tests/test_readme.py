"""What the README says is true: its commands, its code, its task file."""

import re
import tomllib
from pathlib import Path

from ranker.app.cli import app
from ranker.app.resume_cli import resumes
from ranker.app.task import parse_task
from ranker.app.task_sections import AuditSection

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_continuous_integration_runs_the_test_command_of_the_readme():
    command = next(block.strip() for block in blocks("sh") if "pytest" in block)
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_python_examples_run(capsys):
    toolbox, training = blocks("python")
    exec(toolbox, {})
    assert "required by FA*IR" in capsys.readouterr().out
    exec(training.replace("EBMRanker()", "EBMRanker(outer_bags=2)"), {})
    out = capsys.readouterr().out
    assert "candidate" in out
    assert "Promised:" in out


def test_the_example_task_file_is_read():
    text, audit = blocks("toml")
    AuditSection.model_validate(tomllib.loads(audit)["audit"])
    task = parse_task(text, ROOT)
    assert task.features.names == ["skills", "experience"]
    assert task.constraint is not None


def test_every_command_stands_in_the_readme():
    for command in [*app.registered_commands, *resumes.registered_commands]:
        assert f"`candor {command.name or command.callback.__name__}" in README


def test_every_file_that_the_readme_links_to_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target
