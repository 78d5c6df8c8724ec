"""The parts that the benchmark of counterfactuals rests on, on a small task."""

import re

import numpy as np
import pytest

from benchmarks.counterfactual_parts.brute_force import beaten
from benchmarks.counterfactual_parts.cases import Setting, drawn
from benchmarks.counterfactual_parts.dice import cost_in_records, reach
from benchmarks.counterfactuals import solved, summary
from explain.change.cheapest_change import changed_records
from ranker.app.model import Model
from ranker.app.task import parse_task
from ranker.app.training import train
from ranker.records.synthetic import generate


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    path = generate(folder, n_candidates=120, n_jobs=8, applications_per_job=25, seed=3)
    text = path.read_text(encoding="utf-8").partition("[fairness]")[0]
    text = re.sub(r"interactions = \d+", 'objective = "centred"\ninteractions = 2\nouter_bags = 2', text)
    train(parse_task(text, folder)).save(folder / "model")
    model = Model.load(folder / "model")
    records = model.load_records()
    return drawn(Setting("small", model, records, model.task.features.compute(records)), 6)


@pytest.fixture(scope="module")
def answers(cases):
    return [solved(case) for case in cases]


def test_every_case_is_valid_clean_and_proven(answers):
    for answer in answers:
        row = answer["row"]
        assert row["valid"], row
        assert row["clean"]
        assert row["optimal"]


def test_brute_force_over_raw_records_finds_nothing_cheaper(cases, answers):
    tried = 0
    for case, answer in zip(cases, answers, strict=True):
        outcome = beaten(case, min(answer["row"]["cost"], 2.5), limit=20_000)
        assert outcome.cheaper is None
        tried += outcome.tried or 0
    assert tried > 100


def test_brute_force_finds_what_a_dear_answer_overlooks(cases, answers):
    # Had an answer been dearer than need be, the true one is among the records that are tried.
    place = int(np.argmin([answer["row"]["cost"] for answer in answers]))
    cost = answers[place]["row"]["cost"]
    assert beaten(cases[place], cost + 0.3, limit=50_000).cheaper == pytest.approx(cost)
    assert beaten(cases[place], cost + 0.3, limit=3).tried is None


def test_an_answer_in_features_costs_what_its_record_costs(cases, answers):
    for case, answer in zip(cases, answers, strict=True):
        space, found = answer["space"], answer["found"]
        options = space.chosen(found.choice.tolist())
        records = changed_records(case.person.records, case.person.pair, options)
        row = case.person.features.compute(records.take(np.array([case.person.pair]))).iloc[0]
        if not row.isna().any():
            assert cost_in_records(case, space, row.to_dict()) == pytest.approx(found.cost)


def test_features_that_no_record_has_have_no_cost(cases, answers):
    case, space = cases[0], answers[0]["space"]
    row = case.setting.table.iloc[case.person.pair].to_dict()
    assert cost_in_records(case, space, row | {"skills": -1.0}) is None
    assert "gap" not in reach(case, space)


def test_the_summary_counts_what_the_rows_say(answers):
    rows = [{**answer["row"], "brute_force": None, "beaten_by": None} for answer in answers]
    rows[0] |= {"brute_force": 7, "genetic": {"seconds": 1.0, "in_model": 0.5, "valid": True, "cost": 99.0}}
    out = summary(rows)
    assert (out["cases"], out["valid"], out["brute_force_cases"], out["brute_force_records"]) == (6, 6, 1, 7)
    assert out["genetic"]["ours_cheaper"] == 1
    assert out["genetic"]["ours_dearer"] == 0
    assert out["genetic"]["times_our_solving"] == pytest.approx(1 / rows[0]["solving"])
