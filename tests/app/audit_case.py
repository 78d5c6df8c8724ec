"""What the tests of ``candor audit`` share: a small model, small files, and a reader of pages."""

import json
import re
from html.parser import HTMLParser

import pandas as pd
from typer.testing import CliRunner

from ranker.app.cli import app
from ranker.app.task import read_task
from ranker.app.training import train
from ranker.records.synthetic import generate

VOID = {"meta", "img", "br", "wbr", "hr", "link", "input", "base"}


class Page(HTMLParser):
    """Elements of a page: ids, links, attributes that load, and whether every tag is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.unbalanced = [], [], []
        self.text = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data):
        if self.open:
            self.text.setdefault(self.open[-1], []).append(data)

    def values(self, attribute):
        return [given[attribute] for _, given in self.tags if attribute in given]

    def sections(self):
        return [given["id"] for tag, given in self.tags if tag == "section"]


def candor(*arguments):
    """Run a command; return its exit code, what it said, and what it complained of."""
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def machine(*arguments):
    code, out, err = candor(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def small_task(directory, edit=lambda text: text, **sizes):
    """Write a synthetic task that trains in seconds; ``edit`` changes its text."""
    sizes = {"n_candidates": 120, "n_jobs": 12, "applications_per_job": 20, **sizes}
    task = generate(directory, **sizes)
    text = re.sub(r"\[training\][^\[]*", "", task.read_text(encoding="utf-8"))
    text += "\n[training]\nouter_bags = 2\ninteractions = 2\n"
    task.write_text(edit(text), encoding="utf-8")
    return task


def small_model(directory, edit=lambda text: text, **sizes):
    return train(read_task(small_task(directory, edit, **sizes)))


def one_objective(text):
    """Train in one way, which takes a fifth of the time."""
    return text.replace("[training]", '[training]\nobjective = "pairwise"')


def without_constraint(text):
    return re.sub(r"\[fairness\][^\[]*", "", text)


def written(folder, ranking, groups, *, ending="csv"):
    """Write a ranking and groups in one of the formats; return the two paths."""
    out = []
    for name, rows in (("ranking", ranking), ("groups", groups)):
        path = folder / f"{name}.{ending}"
        frame = pd.DataFrame(rows)
        if ending == "csv":
            frame.to_csv(path, index=False)
        elif ending == "parquet":
            frame.to_parquet(path, index=False)
        else:
            frame.to_json(path, orient="records", lines=ending == "jsonl")
        out.append(path)
    return out
