import json
import re

import numpy as np
import pytest
from explanation_case import HOSTILE, case, reranked
from hypothesis import given, settings
from hypothesis import strategies as st

from explain import explain
from ranker.errors import DataError, UnknownCandidateError, UnknownJobError
from ranker.ranking import Ranking

KEYS = {
    "schema", "job", "candidate", "rank", "score", "intercept", "terms", "features", "fields", "moves",
    "pool_size", "tied", "reasons",
}  # fmt: skip
STEPS = st.lists(st.tuples(st.integers(1, 28), st.integers(1, 28)), max_size=6)


def test_terms_features_and_fields_each_sum_to_the_score_of_every_candidate():
    for job, candidate in case().pairs():
        e = case().explain(job, candidate)
        assert e.residual <= 1e-9
        for amounts in (e.terms, e.features, e.fields):
            assert abs(e.intercept + sum(amounts.values()) - e.score) <= 1e-9


def test_reasons_and_cells_hold_the_same_amounts_as_features_and_terms():
    for job, candidate in case().pairs():
        e = case().explain(job, candidate)
        assert {reason.name: reason.amount for reason in e.reasons} == e.features
        assert {cell.term: cell.amount for cell in e.cells} == e.terms
        for reason in e.reasons:
            assert sum(reason.shares.values()) == pytest.approx(reason.amount, abs=1e-9)
            assert set(reason.shares) <= set(reason.labels)


def test_the_strongest_reason_comes_first():
    e = case().explain("job-1", "applicant-twin")
    sizes = [abs(reason.relative) for reason in e.reasons]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0


def test_rank_pool_cutoff_and_neighbours_are_those_of_the_ranking():
    pool = case().ranking.of("job-2")
    for position, candidate in enumerate(pool.candidates):
        e = case().explain("job-2", candidate, top_k=5)
        assert (e.rank, e.rank_by_score, e.pool_size, e.in_top) == (
            position + 1,
            position + 1,
            28,
            position < 5,
        )
        assert e.score == pool.scores[position]
        assert e.cutoff_score == pool.scores[4]
        assert e.neighbours[0] == (pool.scores[position - 1] if position else None)
        assert e.neighbours[1] == (pool.scores[position + 1] if position < 27 else None)
        assert e.tied == (candidate in ("applicant-000", "applicant-twin"))


def test_a_pool_smaller_than_the_cutoff_has_no_cutoff_score():
    e = case().explain("job-lonely", "applicant-007")
    assert (e.rank, e.pool_size, e.cutoff_score, e.neighbours) == (1, 1, None, (None, None))


def test_a_given_table_changes_nothing():
    c = case()
    computed = explain(c.scorer, c.features, c.records, c.ranking, job="job-0", candidate="applicant-hostile")
    assert computed == c.explain("job-0", "applicant-hostile")


@settings(max_examples=12, deadline=None)
@given(STEPS)
def test_own_moves_and_shifts_lead_from_the_rank_by_score_to_the_rank(steps):
    c = case()
    moved = reranked(c.ranking, "job-3", steps)
    for candidate in c.ranking.of("job-3").candidates:
        e = c.explain("job-3", candidate, ranking=moved)
        assert e.rank_by_score == c.ranking.rank_of("job-3", candidate)
        assert e.rank == moved.rank_of("job-3", candidate)
        assert all(move.candidate == candidate for move in e.moves)
        assert all(move.candidate != candidate for move in e.shifts)
        own = sum(move.to_rank - move.from_rank for move in e.moves)
        shifted = sum(1 if move.to_rank < move.from_rank else -1 for move in e.shifts)
        assert e.rank == e.rank_by_score + own + shifted


def test_moves_of_another_job_are_not_told():
    moved = reranked(case().ranking, "job-3", [(5, 1)])
    e = case().explain("job-4", "applicant-twin", ranking=moved)
    assert e.moves == e.shifts == ()


def test_a_cell_is_where_the_value_falls():
    for candidate in case().ranking.of("job-1").candidates:
        e = case().explain("job-1", candidate)
        values = {reason.name: reason.value for reason in e.reasons}
        for cell in e.cells:
            for name, span in zip(cell.features, cell.spans, strict=True):
                value = values[name]
                if value is None:
                    assert span == "missing"
                elif isinstance(value, str):
                    assert span in (value, "unknown")
                else:
                    low, high = re.fullmatch(r"(?:(\S+) <= )?x(?: < (\S+))?", span).groups()
                    slack = 1e-5 * abs(value)  # spans are written with six digits
                    assert float(low or -np.inf) - slack <= value <= float(high or np.inf) + slack


def test_deviations_are_told_where_the_scorer_keeps_them():
    e = case().explain("job-1", "applicant-twin")
    assert set(e.deviations) == set(e.terms)
    assert max(e.deviations.values()) > 0


def test_every_explanation_is_strict_json():
    for job, candidate in case().pairs():
        document = case().explain(job, candidate).to_json()
        assert document.keys() >= KEYS
        assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_json_names_the_schema_and_the_whole_record_that_was_read():
    document = case().explain("job-0", "applicant-silent", promise="Promised.").to_json()
    assert document["schema"] == "candor-explanation/2"
    assert document["raw"]["candidate.skills"] is None
    assert document["raw"]["job.city"] == "Delft"
    assert document["values"]["skills"] is None
    assert document["promise"] == "Promised."
    assert document["moves"] == []


def test_protected_fields_are_named_and_none_is_read():
    e = case().explain("job-0", "applicant-twin")
    assert e.protected == {"candidate.gender": "gender", "candidate.origin": "origin"}
    assert e.sensitive == {"candidate.name": "name"}
    assert not {*e.protected, *e.sensitive} & set(e.sources)
    assert e.to_json()["protected"]["read_by_features"] == []


def test_entries_of_a_record_are_called_what_they_say():
    e = case().explain("job-0", "applicant-hostile")
    reasons = {reason.name: reason for reason in e.reasons}
    assert [label for label, _ in reasons["experience"].entries] == [f"{HOSTILE} (1 month)"]
    assert HOSTILE in dict(reasons["skills"].entries)
    assert reasons["skills"].labels["candidate.skills"] == "skills"


def test_a_value_that_could_not_be_read_is_kept_as_written():
    reasons = {reason.name: reason for reason in case().explain("job-0", "applicant-hostile").reasons}
    assert reasons["test"].unread == HOSTILE
    assert reasons["gap"].unread == ""
    silent = case().explain("job-0", "applicant-silent")
    assert all(reason.unread == "" for reason in silent.reasons)


def test_one_of_several_is_enough_for_any_of():
    for candidate in case().ranking.of("job-0").candidates:
        reason = {r.name: r for r in case().explain("job-0", candidate).reasons}["languages"]
        assert reason.missing == (() if reason.matched else ("Dutch", "German"))


def test_unknown_labels_are_refused_with_a_hint():
    with pytest.raises(UnknownJobError, match="did you mean 'job-1'"):
        case().explain("job1", "applicant-twin")
    with pytest.raises(UnknownCandidateError, match="did you mean 'applicant-twin'"):
        case().explain("job-1", "applicant-twn")


@pytest.mark.parametrize("top_k", [0, -3, 2.5, True])
def test_a_cutoff_that_means_nothing_is_refused(top_k):
    with pytest.raises(DataError, match="whole number from 1"):
        case().explain("job-1", "applicant-twin", top_k=top_k)


def test_other_records_than_those_ranked_are_refused():
    c = case()
    for others in (c.records.take(np.arange(3)), c.records.take(np.arange(len(c.records))[::-1])):
        with pytest.raises(DataError, match="the very records"):
            explain(c.scorer, c.features, others, c.ranking, job="job-1", candidate="applicant-twin")


def test_another_scorer_than_the_one_that_ranked_is_refused():
    c = case()
    pool = Ranking.from_scores(
        c.scorer.score(c.table) + 1.0, job=c.records.job, candidate=c.records.candidate
    )
    with pytest.raises(DataError, match="rank these records with this scorer first"):
        c.explain("job-1", "applicant-twin", ranking=pool)


def test_a_table_of_other_records_is_refused():
    c = case()
    with pytest.raises(DataError, match="one row for each"):
        explain(
            c.scorer, c.features, c.records, c.ranking,
            job="job-1", candidate="applicant-twin", table=c.table.iloc[:-1],
        )  # fmt: skip
