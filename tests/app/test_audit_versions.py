"""``candor audit --compare``: who moves between two versions of a model, and through which raw fields."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from audit_case import Page, candor, machine, one_objective, small_model, small_task, without_constraint

from fairness.metrics import exposure_ratio
from ranker.app.model import Model
from ranker.app.report import audit_figures, audit_page
from ranker.app.report.audited import Audited
from ranker.app.report.versions import MOST_MOVERS, MOST_REASONS, compare_versions
from ranker.app.task import read_task
from ranker.app.training import train
from ranker.errors import DataError
from ranker.scoring import AdditiveScorer
from ranker.scoring.score_parts import ScoreParts


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    """A model with a constraint, and one trained on the same files without it."""
    folder = tmp_path_factory.mktemp("versions")
    first = small_model(folder, one_objective, n_jobs=16)
    first.save(folder / "first")
    task = folder / "unconstrained.toml"
    task.write_text(without_constraint(first.task.text), encoding="utf-8")
    second = train(read_task(task))
    second.save(folder / "second")
    return first, second, folder


@pytest.fixture(scope="module")
def found(versions):
    first, second, _ = versions
    return compare_versions(Audited.of(first), second, top_k=5)


def standing(model, audited):
    """The definition: the score less its job's mean, over its job's standard deviation, job by job."""
    scores = model.scorer.score(audited.table)
    out = np.zeros(len(scores))
    for job in set(audited.records.job):
        here = audited.records.job == job
        out[here] = (scores[here] - scores[here].mean()) / scores[here].std()
    return out


def ranks_of(model, audited):
    ranking = model.rank(audited.records, audited.table)
    return np.array(
        [
            ranking.rank_of(job, candidate)
            for job, candidate in zip(audited.records.job, audited.records.candidate, strict=True)
        ]
    )


def test_moves_are_counted_as_a_plain_loop_counts_them(versions, found):
    first, second, _ = versions
    audited = Audited.of(first)
    one, two = ranks_of(first, audited), ranks_of(second, audited)
    assert found["pairs"] == len(one)
    assert found["moved"] == sum(one != two) > 0
    assert found["mean_places"] == pytest.approx(np.mean(np.abs(one - two)))
    assert found["most_places"] == max(abs(one - two))
    assert found["entered"] == sum((one > 5) & (two <= 5))
    assert found["left"] == sum((one <= 5) & (two > 5))
    assert found["entered"] == found["left"]  # the top holds as many as before


def test_field_amounts_of_a_mover_sum_to_the_change_of_standing(versions, found):
    first, second, _ = versions
    audited = Audited.of(first)
    change = standing(second, audited) - standing(first, audited)
    row_of = {
        pair: row for row, pair in enumerate(zip(audited.records.job, audited.records.candidate, strict=True))
    }
    assert 0 < len(found["movers"]) <= MOST_MOVERS
    for mover in found["movers"]:
        told = sum(part["amount"] for part in mover["fields"]) + mover["other_fields"]
        direct = change[row_of[mover["job"], mover["candidate"]]]
        assert told == pytest.approx(direct, abs=1e-9)
        assert mover["standing_change"] == pytest.approx(direct, abs=1e-9)
        assert len(mover["fields"]) == MOST_REASONS
    assert found["residual"] < 1e-9


def test_each_amount_is_the_change_of_that_field_alone(versions, found):
    first, second, _ = versions
    audited = Audited.of(first)
    mover = found["movers"][0]
    here = audited.records.job == mover["job"]
    row = int(np.flatnonzero(here & (audited.records.candidate == mover["candidate"]))[0])
    for part in mover["fields"]:
        of_models = []
        for model in (first, second):
            parts = ScoreParts.down_to_fields(
                model.scorer, model.task.features, audited.records, audited.table
            )
            columns = [i for i, path in enumerate(parts.fields) if path == part["path"]]
            amount = parts.amounts.toarray()[:, columns].sum(axis=1)
            of_models.append((amount[row] - amount[here].mean()) / parts.scores[here].std())
        assert part["amount"] == pytest.approx(of_models[1] - of_models[0], abs=1e-9)


def test_those_who_move_furthest_stand_first(found):
    places = [abs(mover["rank_second"] - mover["rank_first"]) for mover in found["movers"]]
    assert places == sorted(places, reverse=True)
    assert places[0] == found["most_places"]


def test_both_are_measured_on_the_same_people(versions, found):
    first, second, _ = versions
    audited = Audited.of(first)
    for place, model in enumerate((first, second)):
        ranking = model.rank(audited.records, audited.table)
        assert found["exposure_ratio"][place] == pytest.approx(exposure_ratio(ranking, audited.groups))
    assert found["second_learned_from"] == 0  # the same seed gives the same parts
    groups = found["by_group"].values()
    assert sum(row["up"] + row["down"] for row in groups) <= found["moved"]


def test_the_same_model_moves_nobody(versions):
    first, _, folder = versions
    found = compare_versions(Audited.of(first), Model.load(folder / "first"), top_k=5)
    assert found["moved"] == found["most_places"] == found["entered"] == found["left"] == 0
    assert found["movers"] == []
    assert found["residual"] < 1e-9
    assert all(row["mean_absolute"] == 0 for row in found["fields"])


def test_the_unit_of_a_score_moves_nobody_either(versions):
    first, _, _ = versions
    written = json.loads(json.dumps(first.scorer.to_json()))
    twice = replace(first, scorer=scaled(first.scorer, 2.0))
    assert twice.scorer.to_json() != written
    found = compare_versions(Audited.of(first), twice, top_k=5)
    assert found["moved"] == 0
    assert max(row["mean_absolute"] for row in found["fields"]) < 1e-9


def scaled(scorer, by):
    """The same scorer in another unit."""
    terms = tuple(replace(term, scores=term.scores * by) for term in scorer.terms)
    return replace(scorer, terms=terms, intercept=scorer.intercept * by)


def test_where_all_scores_are_equal_nobody_stands_anywhere(versions):
    # Rounding leaves deviations of 1e-17 that, divided by themselves, would be standings of any size.
    first, _, _ = versions
    flat = replace(first, scorer=replace(scaled(first.scorer, 0.0), intercept=0.1))
    assert isinstance(flat.scorer, AdditiveScorer)
    found = compare_versions(Audited.of(flat), flat, top_k=5)
    assert found["residual"] == 0
    one = compare_versions(Audited.of(first), flat, top_k=5)
    audited = Audited.of(first)
    change = -standing(first, audited)
    row_of = {p: i for i, p in enumerate(zip(audited.records.job, audited.records.candidate, strict=True))}
    for mover in one["movers"]:
        assert mover["standing_change"] == pytest.approx(
            change[row_of[mover["job"], mover["candidate"]]], abs=1e-9
        )


def test_files_of_other_people_are_refused(versions, tmp_path):
    _, _, folder = versions
    task = small_task(tmp_path, lambda text: one_objective(without_constraint(text)))
    people = task.parent / "candidates.jsonl"
    rows = [json.loads(line) for line in people.read_text(encoding="utf-8").splitlines()]
    people.write_text("\n".join(json.dumps({**row, "id": f"x{row['id']}"}) for row in rows), encoding="utf-8")
    applications = pd.read_csv(task.parent / "applications.csv", dtype=str)
    applications["candidate_id"] = "x" + applications["candidate_id"]
    applications.to_csv(task.parent / "applications.csv", index=False)
    other = train(read_task(task))
    with pytest.raises(DataError, match="versions are compared on the same candidates and jobs"):
        compare_versions(Audited.of(versions[0]), other, top_k=5)
    other.save(tmp_path / "model")
    code, _, err = candor(
        "audit", folder / "first", "--compare", tmp_path / "model", "--out", tmp_path / "r.html"
    )
    assert code == 3
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "r.html").exists()


def test_the_command_compares_and_the_page_says_who_moves(versions):
    _, _, folder = versions
    out = folder / "report.html"
    said = machine("audit", folder / "first", "--compare", folder / "second", "--out", out)
    assert "--compare" in said["command"]
    assert said["versions_compared"]["moved"] > 0
    page = Page(out.read_text(encoding="utf-8"))
    assert "moved" in page.sections()
    assert page.unbalanced == []
    assert said["versions_compared"]["movers"][0]["candidate"] in page.text["td"]


def test_without_another_version_nothing_is_compared(versions):
    first = versions[0]
    figures = audit_figures(first)
    assert figures["versions_compared"] is None
    assert "moved" not in Page(audit_page(first, figures)).sections()
