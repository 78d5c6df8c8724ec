"""Laws that hold for every public re-ranker, whatever its rule."""

import inspect
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rerank_case import DETERMINISTIC, RERANKERS, Case, asked, case_of, cases, reranked

import fairness.rerank
from fairness.rerank.det_cons import det_cons
from fairness.rerank.det_const_sort import det_const_sort
from fairness.rerank.det_greedy import det_greedy
from fairness.rerank.det_relaxed import det_relaxed
from fairness.rerank.exposure_policy import exposure_policy
from ranker.ranking.ranking import Move, Ranking

TOLD = "(reads gender at decision time)"
# Those who keep their order among themselves; a lottery promises that to nobody.
IN_LINE = {
    "fa_ir": [{"f"}, {"m", "x", None}],
    "hypergeometric_fa_ir": [{"f"}, {"m", "x", None}],
    "multigroup_fa_ir": [{"f"}, {"x"}, {"m", None}],
    **{name: [{"f"}, {"m"}, {"x"}, {None}] for name in DETERMINISTIC},
    "exposure_policy": [{None}],
}
# Those without lots, of whom the same can be asked twice.
BY_RULE = pytest.mark.parametrize("name", [name for name in RERANKERS if name != "exposure_policy"])
EVERY = pytest.mark.parametrize("name", RERANKERS)
# Rules that leave people whose group they do not know where they are; to FA*IR they are unprotected.
KEEPS_THE_UNDISCLOSED = (*DETERMINISTIC, "exposure_policy")
few = settings(max_examples=25)


def test_every_public_re_ranker_is_held_to_the_laws():
    public = {
        name
        for name in fairness.rerank.__all__
        if list(inspect.signature(getattr(fairness.rerank, name)).parameters)[:2] == ["ranking", "groups"]
    }
    assert public == set(RERANKERS)


@EVERY
@few
@given(case=cases(), data=st.data())
def test_nobody_is_lost_or_doubled_and_no_score_is_touched(name, case, data):
    options = data.draw(asked(name))
    before, after = case.ranking, reranked(name, case, **options)
    for start, stop in zip(before.indptr[:-1], before.indptr[1:], strict=True):
        assert Counter(after.row[start:stop].tolist()) == Counter(before.row[start:stop].tolist())
    score = dict(zip(before.row.tolist(), before.scores.tolist(), strict=True))
    assert after.scores.tolist() == [score[row] for row in after.row.tolist()]
    assert after.jobs.tolist() == before.jobs.tolist()
    assert after.indptr.tolist() == before.indptr.tolist()


@EVERY
@few
@given(case=cases(), data=st.data())
def test_moves_replay_to_the_order_and_each_raises_somebody_for_a_reason(name, case, data):
    options = data.draw(asked(name))
    after = reranked(name, case, **options)
    assert after.replay()
    assert (after.row.tolist() == case.ranking.row.tolist()) == (after.moves == ())
    for move in after.moves:
        assert move.rule == f"{name} {TOLD}"
        assert move.to_rank < move.from_rank
        assert move.reason.startswith(f"rank {move.to_rank} ")
        assert len(move.reason.split()) > 8


@EVERY
@few
@given(case=cases(), data=st.data())
def test_whoever_the_rule_treats_alike_stays_in_line(name, case, data):
    options = data.draw(asked(name))
    after = reranked(name, case, **options)
    for start, stop in zip(after.indptr[:-1], after.indptr[1:], strict=True):
        old, new = (
            list(zip(one.row[start:stop].tolist(), case.names(one)[start:stop], strict=True))
            for one in (case.ranking, after)
        )
        for alike in IN_LINE[name]:
            assert [row for row, member in new if member in alike] == [
                row for row, member in old if member in alike
            ]


@EVERY
@few
@given(case=cases(), data=st.data())
def test_the_undisclosed_stay_in_and_no_move_is_for_their_sake(name, case, data):
    options = data.draw(asked(name))
    after = reranked(name, case, **options)
    hidden = [member is None for member in case.names()]
    assert sum(member is None for member in case.names(after)) == sum(hidden)
    if name in KEEPS_THE_UNDISCLOSED:
        assert after.row[hidden].tolist() == case.ranking.row[hidden].tolist()
    member_of = dict(zip(case.ranking.candidates.tolist(), case.names(), strict=True))
    for move in after.moves:
        if member_of[move.candidate] is None:
            assert name in KEEPS_THE_UNDISCLOSED
            assert "not disclosed" in move.reason


@BY_RULE
@few
@given(case=cases(), data=st.data())
def test_each_job_is_re_ranked_as_if_it_were_alone(name, case, data):
    options = data.draw(asked(name))
    after = reranked(name, case, **options)
    for job in case.ranking.jobs:
        alone = reranked(name, Case(case.ranking.of(job), case.groups), **options)
        assert alone.row.tolist() == after.of(job).row.tolist()
        assert alone.moves == after.of(job).moves


@few
@given(case=cases(max_size=8), options=asked("exposure_policy"))
def test_each_jobs_lottery_is_what_it_would_be_alone(case, options):
    relevance = np.linspace(2.0, 1.0, case.ranking.n_rows)

    def lotteries(ranking):
        asked_for = {"constraint": "demographic_parity", **options}
        return exposure_policy(ranking, case.groups, relevance, **asked_for).decomposition

    together = lotteries(case.ranking)
    for job, lottery in zip(case.ranking.jobs, together, strict=True):
        (alone,) = lotteries(case.ranking.of(job))
        assert alone.weights.tolist() == lottery.weights.tolist()
        assert alone.orders.tolist() == lottery.orders.tolist()


@BY_RULE
@given(case=cases(), data=st.data())
def test_a_ranking_that_is_fair_already_is_left_alone(name, case, data):
    options = data.draw(asked(name))
    fair = reranked(name, case, **options)
    again = RERANKERS[name](fair, case.groups, **options)
    assert again.row.tolist() == fair.row.tolist()
    assert again.moves == fair.moves


@EVERY
@pytest.mark.parametrize(
    "lists",
    [
        [["f"]],
        [["m"]],
        [[None]],
        [["f"], ["m"], [None], ["x"]],
        [["f"] * 6],
        [["m"] * 6],
        [[None] * 4],
        [["f", None, "f", None, "f"], ["m", "m", None]],
    ],
    ids=str,
)
def test_there_is_nothing_to_do_for_one_candidate_or_one_group(name, lists):
    case = case_of(*lists)
    assert RERANKERS[name](case.ranking, case.groups).moves == ()


@EVERY
@few
@given(case=cases(), data=st.data())
def test_it_goes_on_from_the_order_that_it_finds_whatever_the_scores(name, case, data):
    """Somebody was raised before: the rule judges that order, and the earlier move stays told."""
    start, stop = case.ranking.indptr[:2].tolist()
    at = data.draw(st.integers(start, stop - 1))
    order = [at, *(place for place in range(len(case.ranking)) if place != at)]
    moves = []
    if at > start:
        whom = case.ranking.candidates[at]
        moves = [Move(str(case.ranking.jobs[0]), whom, at + 1, 1, rule="test", reason="first")]
    before = case.ranking.with_order(order, moves)
    options = data.draw(asked(name))
    after = reranked(name, Case(before, case.groups), **options)
    assert after.moves[: len(moves)] == tuple(moves)
    assert after.replay()
    flat = Ranking.from_scores(-np.argsort(before.row).astype(float), job=job_of_rows(before))
    assert after.row.tolist() == reranked(name, Case(flat, case.groups), **options).row.tolist()


def job_of_rows(ranking):
    """Job of each row that a ranking was made from."""
    return ranking.jobs[ranking.job_of[np.argsort(ranking.row)]]


# --- Where a group runs out ---------------------------------------------------------------------------

MORE_THAN_THERE_ARE = {
    "fa_ir": {"p": 0.9},
    "hypergeometric_fa_ir": {},
    "multigroup_fa_ir": {"p": {"f": 0.6, "x": 0.3}},
    **{name: {"target": {"f": 8, "m": 1, "x": 1}} for name in DETERMINISTIC},
    "exposure_policy": {},
}


@EVERY
@few
@given(
    members=st.lists(st.sampled_from(["m", "m", "m", "x", None]), min_size=1, max_size=30),
    n_f=st.integers(0, 3),
)
def test_a_group_that_runs_out_makes_neither_an_error_nor_a_double(name, members, n_f):
    case = case_of([*members, *["f"] * n_f])
    after = RERANKERS[name](case.ranking, case.groups, **MORE_THAN_THERE_ARE[name])
    assert sorted(after.row.tolist()) == list(range(len(members) + n_f))
    assert after.replay()


def unlike_pool(n=60, seed=0):
    """A pool in which the groups' sizes and scores differ."""
    rng = np.random.default_rng(seed)
    members = rng.choice(["f", "m", "x"], size=n, p=[0.15, 0.6, 0.25])
    order = np.argsort(-(rng.normal(size=n) - (members == "f")), kind="stable")
    return members[order].tolist()


@EVERY
@pytest.mark.parametrize("seed", range(3))
def test_all_slots_of_sixty_go_to_different_people(name, seed):
    case = case_of(unlike_pool(seed=seed))
    for options in ({}, MORE_THAN_THERE_ARE[name], {"top_k": 20}):
        after = RERANKERS[name](case.ranking, case.groups, **options)
        assert len(set(after.candidates.tolist())) == 60


# AIF360's names of the four deterministic rules.
AIF360 = {
    "Greedy": det_greedy,
    "Conservative": det_cons,
    "Relaxed": det_relaxed,
    "Constrained": det_const_sort,
}


def scores_by_aif360(case, shares, rule, top_k):
    """Scores in the order of the peer's list; all are different, so they say who is who."""
    peer = pytest.importorskip("aif360.algorithms.postprocessing.deterministic_reranking")
    datasets = pytest.importorskip("aif360.datasets")
    values = {label: code / (len(shares) - 1) for code, label in enumerate(shares)}
    table = pd.DataFrame({"group": [values[one] for one in case.names()], "score": case.ranking.scores})
    data = datasets.RegressionDataset(
        table, dep_var_name="score", protected_attribute_names=["group"], privileged_classes=[[0.0]]
    )
    first, *others = values.values()
    reranker = peer.DeterministicReranking(
        unprivileged_groups=[{"group": value} for value in others], privileged_groups=[{"group": first}]
    )
    own, *rest = shares.values()
    return reranker.fit_predict(data, top_k, [*rest, own], rerank_type=rule).labels.ravel().tolist()


@pytest.mark.parametrize("rule", ["Greedy", "Conservative", "Relaxed"])
def test_aif360_gives_58_of_60_slots_to_people_who_have_one_already(rule):
    """It counts whom it places to the group at that place of a shorter list, not to the candidate's own."""
    case = case_of(["m"] * 100 + ["f"] * 100)
    theirs = scores_by_aif360(case, {"f": 0.5, "m": 0.5}, rule, top_k=60)
    assert (len(theirs), len(set(theirs))) == (60, 2)
    ours = AIF360[rule](case.ranking, case.groups, target={"f": 1, "m": 1, "x": 0}, top_k=60)
    assert len(set(ours.scores[:60].tolist())) == 60


@pytest.mark.parametrize("rule", AIF360)
def test_aif360_has_an_index_error_where_a_group_runs_out(rule):
    case = case_of(["m"] * 57 + ["f"] * 3)
    with pytest.raises(IndexError):
        scores_by_aif360(case, {"f": 0.5, "m": 0.5}, rule, top_k=60)
    after = AIF360[rule](case.ranking, case.groups, target={"f": 1, "m": 1, "x": 0}, top_k=60)
    assert sorted(after.row.tolist()) == list(range(60))
    assert case.names(after)[:6].count("f") == 3
