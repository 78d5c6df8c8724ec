"""The deterministic re-rankers: their laws, what they say of themselves, and where other packages differ."""

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_det import (
    det_const_sort_reference,
    det_selection_reference,
    first_shortfall,
    pool_shares,
)

from fairness.groups import Groups
from fairness.rerank.det_cons import det_cons
from fairness.rerank.det_const_sort import det_const_sort
from fairness.rerank.det_greedy import det_greedy
from fairness.rerank.det_relaxed import det_relaxed
from ranker.errors import DataError, UnknownCandidateError
from ranker.ranking.ranking import Move, Ranking

TWINS = {
    det_greedy: lambda members, shares, top_k=None: det_selection_reference(members, shares, "greedy", top_k),
    det_cons: lambda members, shares, top_k=None: det_selection_reference(members, shares, "cons", top_k),
    det_relaxed: lambda members, shares, top_k=None: det_selection_reference(
        members, shares, "relaxed", top_k
    ),
    det_const_sort: det_const_sort_reference,
}
RERANKERS = pytest.mark.parametrize("rerank", TWINS, ids=lambda rerank: rerank.__name__)


def lists_ranked(*lists):
    """Ranking and groups from lists of groups by rank, one list a job; None is undisclosed."""
    job = [j for j, one in enumerate(lists) for _ in one]
    scores = [-float(place) for one in lists for place in range(len(one))]
    members = [group for one in lists for group in one]
    return Ranking.from_scores(scores, job=job), Groups.from_values(members, attribute="gender")


def members_of(ranking, groups):
    return [None if code < 0 else groups.labels[code] for code in ranking.aligned(groups.codes)]


LABELS = ["f", "m", "x", "y"]
lists_of_groups = st.lists(
    st.lists(st.sampled_from([*LABELS, None]), min_size=1, max_size=14), min_size=1, max_size=3
)
# With nobody undisclosed and all four present, so that a census can name them.
census = st.fixed_dictionaries({label: st.integers(0, 6) for label in LABELS}).filter(
    lambda counts: any(counts.values())
)
EVERYONE = list(LABELS)


@RERANKERS
@given(lists=lists_of_groups, top_k=st.none() | st.integers(1, 20), counts=st.none() | census)
def test_the_order_is_that_of_the_plain_twin(rerank, lists, top_k, counts):
    lists = [EVERYONE, *lists]
    ranking, groups = lists_ranked(*lists)
    found = rerank(ranking, groups, target="pool" if counts is None else counts, top_k=top_k)
    expected, start = [], 0
    for one in lists:
        if counts is None:
            shares = pool_shares(one)
        else:
            shares = {label: Fraction(count, sum(counts.values())) for label, count in counts.items()}
        expected += [start + position for position in TWINS[rerank](one, shares, top_k)]
        start += len(one)
    assert found.row.tolist() == ranking.row[expected].tolist()


@RERANKERS
@given(lists=lists_of_groups, top_k=st.none() | st.integers(1, 20), counts=st.none() | census)
def test_nobody_is_lost_doubled_or_overtaken_by_a_worse_member_of_their_own_group(
    rerank, lists, top_k, counts
):
    ranking, groups = lists_ranked(EVERYONE, *lists)
    found = rerank(ranking, groups, target="pool" if counts is None else counts, top_k=top_k)
    assert found.replay()
    before, after = members_of(ranking, groups), members_of(found, groups)
    for start, stop in zip(ranking.indptr[:-1], ranking.indptr[1:], strict=True):
        assert Counter(found.row[start:stop]) == Counter(ranking.row[start:stop])
        for label in LABELS:
            own = [
                row for row, one in zip(found.row[start:stop], after[start:stop], strict=True) if one == label
            ]
            assert own == [
                row
                for row, one in zip(ranking.row[start:stop], before[start:stop], strict=True)
                if one == label
            ]
        if top_k is not None:
            moved = set(found.row[start : start + top_k])
            rest = [row for row in found.row[start:stop] if row not in moved]
            known = [row for row in rest if groups.codes[row] >= 0]
            assert known == [row for row in ranking.row[start:stop] if row in known]


@RERANKERS
@given(lists=lists_of_groups, top_k=st.none() | st.integers(1, 20))
def test_the_undisclosed_keep_their_ranks_and_the_others_stand_as_they_would_without_them(
    rerank, lists, top_k
):
    lists = [EVERYONE, *lists]
    ranking, groups = lists_ranked(*lists)
    found = rerank(ranking, groups, top_k=top_k)
    hidden = ranking.aligned(groups.codes) < 0
    assert found.row[hidden].tolist() == ranking.row[hidden].tolist()
    for move in found.moves:
        whom = ranking.position_of(move.job, move.candidate)
        assert ("not disclosed" in move.reason) == hidden[whom]
    if top_k is None:
        without, of_them = lists_ranked(*[[one for one in each if one is not None] for each in lists])
        assert members_of(rerank(without, of_them), of_them) == [
            one for one in members_of(found, groups) if one is not None
        ]


# Least counts hold as long as members last, so a group may run out; for DetGreedy with up to three groups.
FEASIBLE = {det_greedy: 3, det_cons: 6, det_relaxed: 6, det_const_sort: 6}


@RERANKERS
@given(data=st.data())
def test_every_prefix_holds_what_its_groups_are_owed(rerank, data):
    n_groups = data.draw(st.integers(1, FEASIBLE[rerank]))
    labels = [f"g{code}" for code in range(n_groups)]
    counts = {label: data.draw(st.integers(0, 7)) for label in labels}
    counts["g0"] += 1
    members = data.draw(st.lists(st.sampled_from(labels), max_size=30)) + labels
    members = data.draw(st.permutations(members))
    shares = {label: Fraction(count, sum(counts.values())) for label, count in counts.items()}
    ranking, groups = lists_ranked(members)
    found = rerank(ranking, groups, target=counts)
    assert first_shortfall(members, found.row.tolist(), shares) is None


@pytest.mark.parametrize("rerank", [det_greedy, det_cons, det_relaxed])
@given(data=st.data())
def test_no_prefix_holds_more_than_the_highest_count_while_nobody_runs_out(rerank, data):
    n_groups = data.draw(st.integers(1, FEASIBLE[rerank]))
    counts = {f"g{code}": data.draw(st.integers(1, 5)) for code in range(n_groups)}
    members = data.draw(st.permutations([label for label, count in counts.items() for _ in range(2 * count)]))
    ranking, groups = lists_ranked(members)
    after = members_of(rerank(ranking, groups), groups)
    for k in range(1, len(after) + 1):
        for label, count in counts.items():
            assert after[:k].count(label) <= math.ceil(k * Fraction(count, sum(counts.values())))


def test_det_greedy_may_come_late_with_four_groups_where_the_others_do_not():
    # Sixths: 2, 1, 1, 2. By scores g1 and g2 lead and take the first two places, as their highest counts of 1
    # allow; at the third both g0 and g3 must have one, and only one can.
    members = ["g1", "g2"] + ["g0", "g3"] * 4 + ["g1", "g2"] * 3
    shares = {"g0": Fraction(2, 6), "g1": Fraction(1, 6), "g2": Fraction(1, 6), "g3": Fraction(2, 6)}
    ranking, groups = lists_ranked(members)
    target = {label: float(share) for label, share in shares.items()}
    late = {
        rerank: first_shortfall(members, rerank(ranking, groups, target=target).row.tolist(), shares)
        for rerank in TWINS
    }
    assert late == {det_greedy: 3, det_cons: None, det_relaxed: None, det_const_sort: None}


@RERANKERS
def test_a_list_that_already_meets_its_counts_in_order_of_merit_is_left_alone(rerank):
    ranking, groups = lists_ranked(["f", "m"] * 6, ["m"] * 3, ["f"], [None, None])
    assert rerank(ranking, groups).moves == ()


def test_hand_computed_orders():
    # m m m m f f, half each: f at every second place; DetConstSort lets m0 before f0 of the first two.
    ranking, groups = lists_ranked(["m", "m", "m", "m", "f", "f"])
    half = {"f": 1, "m": 1}
    assert det_greedy(ranking, groups, target=half).row.tolist() == [0, 4, 1, 5, 2, 3]
    assert det_const_sort(ranking, groups, target=half).row.tolist() == [0, 4, 1, 5, 2, 3]
    # A third f: by DetGreedy none is asked for until the third place; DetCons gives m, whose second is due by 3.
    third = {"f": 1, "m": 2}
    assert det_greedy(ranking, groups, target=third).row.tolist() == [0, 1, 4, 2, 3, 5]
    assert det_cons(ranking, groups, target=third).row.tolist() == [0, 1, 4, 2, 3, 5]
    # Two of five f: DetGreedy takes the best, f; DetCons m, of whom 1 is due by 1.67, by DetRelaxed by 2.
    ranking, groups = lists_ranked(["f", "f", "m", "m", "m"])
    fifths = {"f": 2, "m": 3}
    assert det_greedy(ranking, groups, target=fifths).row.tolist() == [0, 2, 1, 3, 4]
    assert det_cons(ranking, groups, target=fifths).row.tolist() == [2, 0, 3, 1, 4]
    assert det_relaxed(ranking, groups, target=fifths).row.tolist() == [2, 0, 3, 1, 4]


def test_rounding_up_is_what_lets_det_relaxed_follow_scores():
    # Shares .5, .45, .05: a's first is due by 2, b's by 2.22 and so by the third; .4 and .35 make 2.5 and 2.86.
    ranking, groups = lists_ranked(["b", "a", "c", "a", "b", "c"])
    target = {"a": 40, "b": 35, "c": 25}
    assert members_of(det_cons(ranking, groups, target=target), groups)[0] == "a"
    assert members_of(det_relaxed(ranking, groups, target=target), groups)[0] == "b"


def test_each_move_names_its_rule_and_its_reason():
    ranking, groups = lists_ranked(["m", "m", "m", "f", "f"])
    for rerank, paper in ((det_greedy, "DetGreedy"), (det_const_sort, "DetConstSort")):
        first, second = rerank(ranking, groups, target={"f": 0.5, "m": 0.5}).moves
        assert first == Move(
            job="0",
            candidate="3",
            from_rank=4,
            to_rank=2,
            rule=f"{rerank.__name__} (reads gender at decision time)",
            reason=f"rank 2 goes to one of 'f': 1 of the first 2 is required by {paper} at a share of .500",
        )
        assert second.reason == (
            f"rank 4 goes to one of 'f': 2 of the first 4 are required by {paper} at a share of .500"
        )


def test_a_reason_counts_those_whose_group_is_known():
    ranking, groups = lists_ranked(["m", "m", None, "f", "f"])
    found = det_greedy(ranking, groups, target={"f": 1, "m": 1})
    assert members_of(found, groups) == ["m", "f", None, "m", "f"]
    raised, stays = found.moves
    assert raised.reason == (
        "rank 2 goes to one of 'f': 1 of the first 2 whose gender is known is required by DetGreedy "
        "at a share of .500"
    )
    assert (stays.candidate, stays.from_rank, stays.to_rank) == ("2", 4, 3)
    assert stays.reason == (
        "rank 3 stays with its holder, whose gender is not disclosed: "
        "DetGreedy moves nobody whose group it does not know"
    )


def test_reasons_where_the_best_may_not_have_one_more_and_where_a_group_runs_out():
    ranking, groups = lists_ranked(["f", "f", "m", "m", "x", "x"])
    moved = det_greedy(ranking, groups, target={"f": 1, "m": 1, "x": 1})
    assert moved.moves[0].reason == (
        "rank 2 goes to one of 'm': the groups of those passed over hold all that DetGreedy lets them hold "
        "of the first 2"
    )
    # One f for half of the places: the second a is due by place 8 of 7, the second b by 9.
    ranking, groups = lists_ranked(["f", "b", "b", "b", "a", "a", "a"])
    found = det_cons(ranking, groups, target={"a": 26, "b": 24, "f": 50})
    assert members_of(found, groups) == ["f", "a", "b", "a", "b", "b", "a"]
    assert [move.reason for move in found.moves] == [
        "rank 2 goes to one of 'a': 1 of the first 4 is required by DetCons at a share of .260",
        "rank 4 goes to one of 'a': it is next in turn by DetCons at a share of .260, "
        "since another group has too few candidates for its own",
    ]


@RERANKERS
def test_a_group_that_runs_out_leaves_its_places_to_the_others(rerank):
    ranking, groups = lists_ranked(["m"] * 5 + ["x"] * 4 + ["f"])
    after = members_of(rerank(ranking, groups, target={"f": 8, "m": 1, "x": 1}), groups)
    assert Counter(after) == {"m": 5, "x": 4, "f": 1}
    assert "f" in after[:2]


@RERANKERS
def test_groups_without_a_share_come_last(rerank):
    ranking, groups = lists_ranked(["m", "f", "m", "f", "m"])
    assert members_of(rerank(ranking, groups, target={"f": 1, "m": 0}), groups) == ["f", "f", "m", "m", "m"]


@RERANKERS
def test_re_ranking_goes_on_from_earlier_moves(rerank):
    ranking, groups = lists_ranked(["m", "m", "f", "f"])
    up = Move("0", "3", 4, 3, rule="test", reason="first")
    found = rerank(ranking.with_order([0, 1, 3, 2], [up]), groups)
    assert found.row.tolist() == [0, 3, 1, 2]
    assert found.moves[0] == up
    assert found.replay()


@RERANKERS
def test_shares_are_counted_as_fractions_and_not_as_floats(rerank):
    # 100 * .29 is 28.999999999999996 in floats.
    members = ["m"] * 71 + ["f"] * 29
    ranking, groups = lists_ranked(members)
    found = members_of(rerank(ranking, groups, target={"f": 0.29, "m": 0.71}), groups)
    assert [found[:k].count("f") >= 29 * k // 100 for k in range(1, 101)] == [True] * 100
    assert found[99] == "f"


@RERANKERS
@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"target": {"f": 1}}, DataError, "no share for 'm'"),
        ({"target": {"f": 1, "m": 1, "men": 1}}, DataError, "names 'men', which is no group by 'gender'"),
        ({"target": "census"}, DataError, "no target is called 'census'"),
        ({"top_k": 0}, DataError, "whole number from 1"),
        (
            {"groups": Groups.from_values(["f"], attribute="gender")},
            UnknownCandidateError,
            "1 given for the 2",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(rerank, changed, error, message):
    ranking, groups = lists_ranked(["f", "m"])
    with pytest.raises(error, match=message):
        rerank(**{"ranking": ranking, "groups": groups, **changed})


def pool_of(n, chances, seed):
    rng = np.random.default_rng(seed)
    codes = rng.choice(len(chances), size=n, p=chances)
    codes[: len(chances)] = range(len(chances))
    scores = np.sort(rng.normal(size=n))[::-1]
    groups = Groups.from_values([f"g{code}" for code in codes], attribute="group")
    return Ranking.from_scores(scores, job=["a"] * n), groups, codes, scores


@pytest.mark.parametrize("chances", [(0.5, 0.5), (0.1, 0.2, 0.3, 0.4)])
@pytest.mark.parametrize("seed", range(5))
def test_constrained_sorting_agrees_with_aif360(chances, seed):
    algorithm = pytest.importorskip("aif360.algorithms.postprocessing.deterministic_reranking")
    datasets = pytest.importorskip("aif360.datasets")
    n, values = 60, [code / (len(chances) - 1) for code in range(len(chances))]
    ranking, groups, codes, scores = pool_of(n, chances, seed)
    table = pd.DataFrame({"row": np.arange(n) / (n - 1), "group": np.array(values)[codes], "score": scores})
    data = datasets.RegressionDataset(
        table, dep_var_name="score", protected_attribute_names=["group"], privileged_classes=[values[:1]]
    )
    shares = np.bincount(codes) / n
    theirs = algorithm.DeterministicReranking(
        unprivileged_groups=[{"group": value} for value in values[1:]],
        privileged_groups=[{"group": values[0]}],
    ).fit_predict(data, n, [*shares[1:], shares[0]], rerank_type="Constrained")
    rows = np.rint(theirs.features[:, theirs.feature_names.index("row")] * (n - 1)).astype(int)
    assert det_const_sort(ranking, groups).row.tolist() == rows.tolist()


def const_sort_with_slack(members, shares, *, slack):
    """DetConstSort of a whole list, where whoever is passed falls to rank k + slack at most."""
    queues = {group: [at for at, one in enumerate(members) if one == group] for group in shares}
    counts, placed, latest, k = dict.fromkeys(queues, 0), [], [], 0
    while len(placed) < len(members):
        k += 1
        due = [
            group
            for group in queues
            if counts[group] < min(math.floor(k * shares[group]), len(queues[group]))
        ]
        for group in sorted(due, key=lambda group: queues[group][counts[group]]):
            placed.append(queues[group][counts[group]])
            latest.append(k)
            counts[group] += 1
            at = len(placed) - 1
            while at > 0 and latest[at - 1] + slack >= at + 1 and placed[at - 1] > placed[at]:
                placed[at - 1 : at + 1] = placed[at], placed[at - 1]
                latest[at - 1 : at + 1] = latest[at], latest[at - 1]
                at -= 1
    return placed


WORSE_FIRST = ["m", "m", "f", "f"]  # half each: 1 of the first 2 and 2 of the first 4 must be f


def test_falling_one_rank_further_breaks_least_counts():
    shares = {"f": Fraction(1, 2), "m": Fraction(1, 2)}
    assert const_sort_with_slack(WORSE_FIRST, shares, slack=0) == [0, 2, 1, 3]
    assert const_sort_with_slack(WORSE_FIRST, shares, slack=1) == [0, 1, 2, 3]
    assert first_shortfall(WORSE_FIRST, [0, 1, 2, 3], shares) == 2
    ranking, groups = lists_ranked(WORSE_FIRST)
    assert det_const_sort(ranking, groups).row.tolist() == [0, 2, 1, 3]


def test_fairranktune_lets_candidates_fall_one_rank_too_far():
    rankers = pytest.importorskip("FairRankTune.Rankers")
    given = pd.DataFrame(np.arange(4)), dict(enumerate(WORSE_FIRST)), pd.DataFrame([4.0, 3.0, 2.0, 1.0])
    theirs = rankers.DETCONSTSORT(*given, {"f": 0.5, "m": 0.5}, 4)[0][0].tolist()
    assert theirs == [0, 1, 2, 3]
