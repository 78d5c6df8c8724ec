"""Without a term: the figures of the ranking that the others alone would make, and nothing else."""

import math
import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from reference_proxies import figures_reference

from fairness._paired_draws import PairedDraws
from fairness._reduced import reduced
from fairness.causes import gap_causes
from fairness.effects import features_of_fields, term_effects
from fairness.groups import Groups
from fairness.metrics.exposure import exposure_ratio
from fairness.metrics.selection_rate import impact_ratio, selection_rate
from ranker import AdditiveScorer
from ranker.app.data import groups_of, load_records
from ranker.app.evaluation import gains_of
from ranker.app.task import read_task
from ranker.errors import DataError
from ranker.ranking.metrics.ndcg import ndcg, ndcg_per_job
from ranker.ranking.ranking import Ranking
from ranker.scoring.additive import Axis, Term
from ranker.scoring.ebm_ranker import EBMRanker
from tests.scoring.examples import rows, scorers, small_ebm, training_rows

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data are not at {DATA}: set CANDOR_DATA")
TASKS = Path(__file__).parents[2] / "benchmarks" / "tasks"
LABELS = ("f", "m", "x")

entries = st.lists(
    st.tuples(st.integers(-1, 2), st.sampled_from([0.0, 1.0, 2.0]), st.sampled_from([-1.0, 0.0, 0.5, 3.0])),
    min_size=1,
    max_size=7,
)
lists_of_entries = st.lists(entries, min_size=1, max_size=4)


def ranked(lists):
    """Ranking, groups and gains from lists of (group code, gain, score), in any order."""
    flat = [entry for one in lists for entry in one]
    job = [f"j{j}" for j, one in enumerate(lists) for _ in one]
    codes, gains, scores = (np.array(column) for column in zip(*flat, strict=True))
    ranking = Ranking.from_scores(scores, job=job, candidate=[f"c{i}" for i in range(len(flat))])
    return ranking, Groups("g", LABELS, codes.astype(np.int32)), gains


def plain(ranking, groups, gains, times, cuts, top_k):
    """Write every list with its copies out, and measure it by the plain twin."""
    out = []
    for start, stop in pairwise(ranking.indptr.tolist()):
        found = []
        for place in range(start, stop):
            row = ranking.row[place]
            code = groups.codes[row]
            entry = (None if code < 0 else LABELS[code], gains[row], ranking.scores[place])
            found += [entry] * int(times[row])
        out.append(found)
    return figures_reference(out, cuts, top_k, LABELS)


@given(lists_of_entries, st.integers(1, 9))
def test_resampled_candidates_are_lists_with_copies(lists, top_k):
    ranking, groups, gains = ranked(lists)
    draws = PairedDraws.of(ranking, groups, 5, np.random.default_rng(0))
    assert draws.unit == "candidates"
    found = draws.figures(ranking, groups, gains, cuts=(2, 10), top_k=top_k)
    for times, figures in zip(draws.times, found, strict=True):
        # As many of each group of each job as before, the undisclosed among them.
        for job in range(ranking.n_jobs):
            here = ranking.row[ranking.job_of == job]
            drawn = np.repeat(groups.codes[here], times[here])
            assert sorted(drawn) == sorted(groups.codes[here])
        assert_allclose(figures, plain(ranking, groups, gains, times, (2, 10), top_k), atol=1e-12)


@given(lists_of_entries, st.integers(1, 9), st.integers(0, 3))
def test_resampled_jobs_are_jobs_with_copies(lists, top_k, seed):
    ranking, groups, gains = ranked(lists)
    times = np.random.default_rng(seed).integers(0, 3, size=(3, ranking.n_jobs))
    found = PairedDraws("jobs", times).figures(ranking, groups, gains, cuts=(3,), top_k=top_k)
    for one, figures in zip(times, found, strict=True):
        if not one.any():
            assert np.isnan(figures).all()
            continue
        blocks = [
            [(None if (code := groups.codes[r]) < 0 else LABELS[code], gains[r], s) for r, s in job]
            for job, n in zip(_by_job(ranking), one, strict=True)
            for _ in range(n)
        ]
        assert_allclose(figures, figures_reference(blocks, (3,), top_k, LABELS), atol=1e-12)


def _by_job(ranking):
    for start, stop in pairwise(ranking.indptr.tolist()):
        yield list(zip(ranking.row[start:stop], ranking.scores[start:stop], strict=True))


@given(lists_of_entries, st.integers(1, 9))
def test_everyone_drawn_once_gives_the_public_metrics(lists, top_k):
    ranking, groups, gains = ranked(lists)
    once = PairedDraws("jobs", np.ones((1, ranking.n_jobs), dtype=np.int64))
    [found] = once.figures(ranking, groups, gains, cuts=(2, 10), top_k=top_k)
    public = [
        *(ndcg(ranking, gains, k=cut) for cut in (2, 10)),
        exposure_ratio(ranking, groups),
        impact_ratio(ranking, groups, top_k=top_k),
        *selection_rate(ranking, groups, top_k=top_k),
    ]
    assert_allclose(found[: len(public)], public, atol=1e-12)


def test_from_20_compared_jobs_on_jobs_are_drawn():
    pair = [(0, 1.0, 1.0), (1, 0.0, 0.0)]
    for n_jobs, unit in ((19, "candidates"), (20, "jobs")):
        ranking, groups, _ = ranked([pair] * n_jobs)
        draws = PairedDraws.of(ranking, groups, 4, np.random.default_rng(0))
        assert draws.unit == unit
        assert (draws.times.sum(axis=1) == (n_jobs if unit == "jobs" else 2 * n_jobs)).all()


@st.composite
def settings(draw):
    """A random scorer with rows, jobs, groups and relevance."""
    scorer, table = draw(scorers()), draw(rows())
    n = len(table)
    job = draw(st.lists(st.sampled_from("uv"), min_size=n, max_size=n))
    codes = draw(st.lists(st.integers(-1, 2), min_size=n, max_size=n))
    relevance = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    return scorer, table, np.array(job, dtype=object), Groups("g", LABELS, np.int32(codes)), relevance


def zeroed(scorer, t):
    """The definition: the same scorer with one table full of zeros."""
    terms = list(scorer.terms)
    terms[t] = replace(terms[t], scores=np.zeros(terms[t].scores.shape))
    return replace(scorer, terms=tuple(terms))


@given(settings())
def test_a_dropped_term_is_a_table_of_zeros_bit_for_bit(setting):
    scorer, table, job, groups, relevance = setting
    if not len(table):
        return
    found = term_effects(
        scorer, table, groups, relevance, job=job, way="dropped", cuts=(2,), top_k=2, n_resamples=2
    )
    assert [effect.name for effect in found] == list(scorer.term_names)
    for t, effect in enumerate(found):
        scores = zeroed(scorer, t).score(table)
        assert_array_equal(reduced(scorer, terms=[effect.name], way="dropped").score(table), scores)
        ranking = Ranking.from_scores(scores, job=job)
        for change, value in (
            (effect.change("ndcg@2"), ndcg(ranking, relevance, k=2)),
            (effect.change("exposure_ratio"), exposure_ratio(ranking, groups)),
            (effect.change("impact_ratio@2"), impact_ratio(ranking, groups, top_k=2)),
            *(
                (effect.change("selection_rate@2", label), rate)
                for label, rate in selection_rate(ranking, groups, top_k=2).items()
            ),
        ):
            assert change.after == value or (math.isnan(change.after) and math.isnan(value))


@given(settings())
def test_without_a_term_a_score_gap_shrinks_by_exactly_what_came_through_it(setting):
    scorer, table, job, groups, relevance = setting
    if not len(table):
        return
    causes = {split.first: split for split in gap_causes(scorer, table, groups, job=job)}
    for way in ("flattened", "dropped"):
        for effect in term_effects(scorer, table, groups, relevance, job=job, way=way, n_resamples=2):
            for label in groups.labels:
                change = effect.change("score_gap", label)
                if label in causes:
                    assert change.before == pytest.approx(causes[label].total, abs=1e-9)
                    assert change.difference == pytest.approx(-causes[label].terms[effect.name], abs=1e-9)
                else:
                    assert math.isnan(change.before)


@given(settings())
def test_flattened_or_dropped_a_term_leaves_the_same_order(setting):
    scorer, table, job, _, _ = setting
    if not len(table):
        return
    for name in scorer.term_names:
        flat, gone = (reduced(scorer, terms=[name], way=way).score(table) for way in ("flattened", "dropped"))
        constant = flat - gone
        assert_allclose(constant, constant[0], atol=1e-12)
        one, other = (np.round(scores, 9) for scores in (flat - constant[0], gone))
        assert_array_equal(Ranking.from_scores(one, job=job).row, Ranking.from_scores(other, job=job).row)


def test_flattened_is_the_mean_over_training_rows():
    axis = Axis("a", "continuous", (np.array([1.0]),))
    scorer = AdditiveScorer(
        (axis,), (Term((0,), np.array([9.0, 1.0, 4.0, 9.0]), np.array([0, 2.0, 1.0, 0])),), 0.5
    )
    assert reduced(scorer, terms=["a"]).score(pd.DataFrame({"a": [0.0, 5.0]})).tolist() == [2.5, 2.5]
    unweighted = replace(scorer, terms=(replace(scorer.terms[0], weights=None),))
    assert reduced(unweighted, features=["a"]).terms[0].scores.tolist() == [5.75] * 4


def test_a_feature_is_silenced_in_its_interactions_and_the_other_speaks_on():
    axes = tuple(Axis(name, "continuous", (np.array([1.0]),)) for name in "ab")
    pair = np.array([[0, 0, 0, 0], [0, 1.0, 2.0, 0], [0, 3.0, 6.0, 0], [0, 0, 0, 0]])
    weights = np.array([[0, 0, 0, 0], [0, 1.0, 1.0, 0], [0, 3.0, 1.0, 0], [0, 0, 0, 0]])
    scorer = AdditiveScorer(axes, (Term((0, 1), pair, weights),), 0.0)
    table = pd.DataFrame({"a": [0.0, 2.0, 0.0, 2.0], "b": [0.0, 0.0, 2.0, 2.0]})
    without_a = reduced(scorer, features=["a"])
    assert without_a.score(table).tolist() == [2.5, 2.5, 4.0, 4.0]
    assert reduced(scorer, features=["a", "b"]).score(table).tolist() == [18 / 6] * 4
    assert reduced(scorer, features=["b"], way="dropped").score(table).tolist() == [0.0] * 4
    assert scorer.terms[0].scores is pair


def test_a_silenced_feature_of_an_ebm_may_take_any_value_and_only_flattening_keeps_what_its_pairs_say_of_others():
    scorer, (X, _) = AdditiveScorer.from_ebm(small_ebm()), training_rows()
    other = X.assign(years=X["years"].to_numpy()[::-1])
    flat, gone = (reduced(scorer, features=["years"], way=way) for way in ("flattened", "dropped"))
    for silent in (flat, gone):
        assert_array_equal(silent.score(X), silent.score(other))
    # interpret does not purify interactions: the means along one feature depend on the other.
    assert np.ptp(flat.score(X) - gone.score(X)) > 0.1 * np.std(gone.score(X))


AB = tuple(Axis(name, "continuous", (np.array([0.5]),)) for name in "ab")
BY_A_AND_B = AdditiveScorer(
    AB, tuple(Term((i,), np.array([0.0, 0.0, amount, 0.0])) for i, amount in enumerate((2.0, 1.0))), 0.0
)


def biased(n_jobs, seed=0):
    """Women have ``a`` half as often; ``b`` is independent; relevance is ``b``."""
    rng = np.random.default_rng(seed)
    n = 20 * n_jobs
    code = rng.integers(2, size=n)
    table = pd.DataFrame({"a": rng.random(n) < np.where(code == 0, 0.3, 0.6), "b": rng.random(n) < 0.5})
    groups = Groups("gender", ("woman", "man"), code.astype(np.int32))
    return table.astype(float), groups, table["b"].astype(float), np.repeat(np.arange(n_jobs), 20)


@pytest.mark.parametrize("n_jobs", [8, 40])
def test_without_the_stand_in_the_gap_closes_and_quality_rises(n_jobs):
    table, groups, relevance, job = biased(n_jobs)
    found = term_effects(
        BY_A_AND_B, table, groups, relevance, job=job, sets={"both": ["a", "b"]}, n_resamples=300
    )
    assert found.unit == ("jobs" if n_jobs >= 20 else "candidates")
    a, b = found.of("a"), found.of("b")
    for change in (a.change("exposure_ratio"), a.change("ndcg@10"), a.change("score_gap", "woman")):
        assert 0 < change.low < change.difference < change.high
    assert a.change("score_gap", "man").high < 0
    assert a.change("ndcg@10").after == 1.0
    assert b.change("ndcg@10").high < 0
    assert a.terms == ("a",)
    both = found.of("both")
    assert both.terms == ("a", "b")
    # Nobody is told apart: the lot decides.
    assert both.change("score_gap", "woman").after == pytest.approx(0, abs=1e-12)


def test_what_adds_the_same_to_everybody_changes_nothing_and_says_so_without_doubt():
    table, groups, relevance, job = biased(6)
    table["a"] = 1.0
    effect = term_effects(BY_A_AND_B, table, groups, relevance, job=job, n_resamples=50).of("a")
    for change in effect.changes:
        assert abs(change.difference) < 1e-12
        assert -1e-12 < change.low <= change.high < 1e-12


def test_the_interval_over_jobs_is_that_of_the_paired_differences():
    table, groups, relevance, job = biased(40)
    relevance += np.random.default_rng(1).random(len(relevance))
    change = term_effects(BY_A_AND_B, table, groups, relevance, job=job).of("a").change("ndcg@10")
    before, after = (
        ndcg_per_job(Ranking.from_scores(scorer.score(table), job=job), relevance)
        for scorer in (BY_A_AND_B, zeroed(BY_A_AND_B, 0))
    )
    apart = after - before
    reach = 1.96 * apart.std() / 40**0.5
    assert change.difference == pytest.approx(apart.mean(), abs=1e-12)
    assert change.high - change.low == pytest.approx(2 * reach, rel=0.15)
    # Unpaired it would be wider.
    assert change.high - change.low < 3.92 * ((before.var() + after.var()) / 40) ** 0.5


def test_one_candidate_one_group_and_nobody_relevant_have_figures_that_are_unknown():
    table = pd.DataFrame({"a": [1.0], "b": [0.0]})
    groups = Groups("g", ("f", "m"), np.array([0], dtype=np.int32))
    found = term_effects(BY_A_AND_B, table, groups, [0.0], job=["j"], n_resamples=3)
    assert math.isnan(found.of("a").change("ndcg@10").before)
    assert math.isnan(found.of("a").change("exposure_ratio").low)
    assert found.of("a").change("selection_rate@10", "f").before == 1.0
    assert math.isnan(found.of("a").change("selection_rate@10", "m").after)


def test_the_table_has_a_row_for_each_effect_measure_and_group():
    table, groups, relevance, job = biased(3)
    frame = term_effects(
        BY_A_AND_B, table, groups, relevance, job=job, sets={"s": ["a"]}, n_resamples=5
    ).to_frame()
    assert len(frame) == 3 * (4 + 2 * 2)
    assert_allclose(frame["difference"], frame["after"] - frame["before"])
    assert frame["name"].unique().tolist() == ["s", "a", "b"]


def test_what_is_not_there_cannot_be_silenced():
    table, groups, relevance, job = biased(2)
    with pytest.raises(DataError, match="no term 'aa'"):
        reduced(BY_A_AND_B, terms=["aa"])
    with pytest.raises(DataError, match="no feature 'c'"):
        term_effects(BY_A_AND_B, table, groups, relevance, job=job, sets={"s": ["c"]})
    with pytest.raises(DataError, match="cannot be 'drop'; did you mean 'dropped'"):
        reduced(BY_A_AND_B, terms=["a"], way="drop")
    with pytest.raises(DataError, match=r"write \['a'\]"):
        term_effects(BY_A_AND_B, table, groups, relevance, job=job, sets={"s": "a"})
    found = term_effects(BY_A_AND_B, table, groups, relevance, job=job, n_resamples=2)
    with pytest.raises(DataError, match="no effect of 'c'"):
        found.of("c")
    with pytest.raises(DataError, match="'ndcg@5' of None was not measured"):
        found.of("a").change("ndcg@5")


@needs_data
@pytest.mark.parametrize(
    ("name", "attribute"), [("findhr", "candidate.gender_c"), ("law_school", "candidate.race")]
)
def test_on_real_tasks_effects_are_those_of_ranking_anew(name, attribute):
    task = read_task(TASKS / f"{name}.toml")
    records = load_records(task, labelled=True)
    table, gains, groups = task.features.compute(records), gains_of(records), groups_of(records, (attribute,))
    some = np.arange(0, len(records), 1 if name == "findhr" else 10)
    records, table, gains, groups = records.take(some), table.iloc[some], gains[some], groups.take(some)
    kinds = [feature.column for feature in task.features]
    ranker = EBMRanker("pointwise", outer_bags=1, interactions=1, feature_types=kinds)
    scorer = ranker.fit(table, gains, job=records.job, candidate=records.candidate).scorer_
    found = term_effects(
        scorer,
        table,
        groups,
        gains,
        job=records.job,
        candidate=records.candidate,
        lot=records.lots(),
        sets=features_of_fields(task.features),
        n_resamples=20,
    )
    causes = gap_causes(scorer, table, groups, features=task.features, records=records)
    assert causes.residual <= 1e-9
    for effect in found:
        silent = reduced(scorer, terms=effect.terms, way="dropped").score(table)
        ranking = Ranking.from_scores(
            silent, job=records.job, candidate=records.candidate, lot=records.lots()
        )
        if effect.kind == "term":
            assert effect.change("ndcg@50").after == pytest.approx(ndcg(ranking, gains, k=50), abs=1e-9)
            for split in causes:
                change = effect.change("score_gap", split.first)
                assert change.difference == pytest.approx(-split.terms[effect.name], abs=1e-9)
    assert {effect.name for effect in found if effect.kind == "set"} == set(features_of_fields(task.features))
