"""FA*IR re-rankers: laws, plain twins, brute force over every order, and the peers."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_fa_ir import (
    best_order_reference,
    binomial_tail,
    fa_ir_reference,
    fraction,
    multinomial_tail,
    pool_tail,
    table_reference,
)

from fairness.groups import Groups
from fairness.rerank.fa_ir import fa_ir
from fairness.rerank.hypergeometric_fa_ir import hypergeometric_fa_ir
from fairness.rerank.minimum_tables import adjusted_alpha, hypergeometric_adjusted_alpha, minimum_table
from fairness.rerank.multigroup_fa_ir import multigroup_fa_ir
from fairness.rerank.multinomial_counts import multinomial_adjusted_alpha
from ranker.errors import ConstraintError, DataError, UnknownCandidateError
from ranker.ranking.ranking import Ranking

members = st.sampled_from(["f", "m", "x", None])
lists_of_groups = st.lists(st.lists(members, min_size=1, max_size=25), min_size=1, max_size=4)
shares = st.sampled_from([0.1, 0.25, 0.4, 0.5, 0.7, 0.95])
alphas = st.sampled_from([0.01, 0.1, 0.15, 0.5])
cuts = st.sampled_from([None, 1, 3, 10, 100])


def ranked(*lists):
    """Ranking and groups from lists of groups by rank, one list a job; None is undisclosed."""
    job = [j for j, one in enumerate(lists) for _ in one]
    scores = [-float(place) for one in lists for place in range(len(one))]
    everyone = [group for one in lists for group in one]
    # A member of each group in a job of their own, so that every label exists.
    job += ["all"] * 3
    scores += [3.0, 2.0, 1.0]
    return Ranking.from_scores(scores, job=job), Groups.from_values([*everyone, "f", "m", "x"], attribute="g")


def jobs_of(ranking, groups):
    """Of each job: the groups by rank, and the rows by rank."""
    names = groups.names()
    for begin, end in zip(ranking.indptr[:-1], ranking.indptr[1:], strict=True):
        rows = ranking.row[begin:end]
        yield [names[row] for row in rows], rows.tolist()


RERANKERS = {
    "fa_ir": lambda ranking, groups, **options: fa_ir(ranking, groups, protected="f", **options),
    "two labels as one": lambda ranking, groups, **options: fa_ir(
        ranking, groups, protected=["x", "f"], **options
    ),
    "hypergeometric": lambda ranking, groups, **options: hypergeometric_fa_ir(
        ranking, groups, protected="f", **options
    ),
    "multigroup": lambda ranking, groups, **options: multigroup_fa_ir(
        ranking, groups, protected=["f", "x"], **options
    ),
}


@pytest.mark.parametrize("name", RERANKERS)
@given(lists=lists_of_groups, alpha=alphas, top_k=cuts, adjust=st.booleans())
def test_laws_of_every_fa_ir(name, lists, alpha, top_k, adjust):
    """Permutation, order within groups kept, only the protected raised, each move told."""
    ranking, groups = ranked(*lists)
    try:
        fair = RERANKERS[name](ranking, groups, alpha=alpha, top_k=top_k, adjust=adjust)
    except ConstraintError as refusal:
        assert name == "multigroup" and "no list of its" in str(refusal)  # noqa: PT018, PT017
        return
    protected = {"fa_ir": {"f"}, "hypergeometric": {"f"}}.get(name, {"f", "x"})
    assert fair.replay()
    for (_, old), (_, new) in zip(jobs_of(ranking, groups), jobs_of(fair, groups), strict=True):
        assert sorted(old) == sorted(new)
        kinds = [{"f"}, {"x"}] if name == "multigroup" else [protected]
        kinds.append({"f", "m", "x", None} - protected)
        for kind in kinds:
            mine = [row for row in old if groups.names()[row] in kind]
            assert [row for row in new if groups.names()[row] in kind] == mine
        for row in set(old) - {row for row in old if groups.names()[row] in protected}:
            assert new.index(row) >= old.index(row)  # nobody unprotected moves up
    names = dict(zip(fair.candidates.tolist(), groups.names()[fair.row].tolist(), strict=True))
    for move in fair.moves:
        assert move.to_rank < move.from_rank
        assert names[move.candidate] in protected
        assert move.reason.startswith(f"rank {move.to_rank} must hold a ")
        assert "(reads g at decision time)" in move.rule
    # Once more changes nothing: what passes is left alone.
    assert RERANKERS[name](fair, groups, alpha=alpha, top_k=top_k, adjust=adjust).moves == fair.moves


@given(lists=lists_of_groups, p=shares, alpha=alphas, top_k=cuts, adjust=st.booleans())
def test_fa_ir_is_the_loop_of_the_paper(lists, p, alpha, top_k, adjust):
    ranking, groups = ranked(*lists)
    fair = fa_ir(ranking, groups, protected="f", p=p, alpha=alpha, top_k=top_k, adjust=adjust)
    for (labels, old), (_, new) in zip(jobs_of(ranking, groups), jobs_of(fair, groups), strict=True):
        k = min(top_k or len(old), len(old))
        table = (adjusted_alpha(k, p, alpha).table if adjust else minimum_table(k, p, alpha)).tolist()
        assert new == [old[at] for at in fa_ir_reference([label == "f" for label in labels], table)]


@given(
    lists=st.lists(st.lists(members, min_size=6, max_size=25), min_size=2, max_size=4),
    alpha=alphas,
    top_k=cuts,
    adjust=st.booleans(),
)
def test_a_pool_is_the_same_loop_with_its_own_table(lists, alpha, top_k, adjust):
    # The worst order there is, so that every place of a table is felt.
    lists = [sorted(one, key=lambda label: label == "f") for one in lists]
    ranking, groups = ranked(*lists)
    fair = hypergeometric_fa_ir(ranking, groups, protected="f", alpha=alpha, top_k=top_k, adjust=adjust)
    for (labels, old), (_, new) in zip(jobs_of(ranking, groups), jobs_of(fair, groups), strict=True):
        n, flags = len(old), [label == "f" for label in labels]
        k, level = min(top_k or n, n), alpha
        if adjust:
            level = hypergeometric_adjusted_alpha(k, n, sum(flags), alpha).alpha * (1 - 1e-12)
        table = table_reference(k, pool_tail(n, sum(flags)), fraction(level))
        assert new == [old[at] for at in fa_ir_reference(flags, table)]


@given(lists=lists_of_groups, p=shares, alpha=alphas)
def test_every_prefix_meets_the_table_while_protected_members_remain(lists, p, alpha):
    ranking, groups = ranked(*lists)
    fair = fa_ir(ranking, groups, protected="f", p=p, alpha=alpha)
    for labels, _ in jobs_of(fair, groups):
        if not 0 < labels.count("f") < len(labels):
            continue
        held = np.cumsum([label == "f" for label in labels])
        table = adjusted_alpha(len(labels), p, alpha).table
        assert (held >= np.minimum(table, labels.count("f"))).all()


@given(lists=lists_of_groups, alpha=alphas)
def test_a_pool_always_holds_what_its_own_table_asks(lists, alpha):
    ranking, groups = ranked(*lists)
    fair = hypergeometric_fa_ir(ranking, groups, protected="f", alpha=alpha)
    for labels, _ in jobs_of(fair, groups):
        n, n_protected = len(labels), labels.count("f")
        held = np.cumsum([label == "f" for label in labels])
        assert (held >= hypergeometric_adjusted_alpha(n, n, n_protected, alpha).table).all()


@given(st.lists(st.sampled_from(["f", "m"]), min_size=2, max_size=8), shares, alphas)
def test_fa_ir_is_the_best_of_all_orders_that_pass(labels, p, alpha):
    ranking, groups = ranked(labels)
    kinds = [0 if label == "f" else -1 for label in labels]
    n, have = len(kinds), kinds.count(0)
    if not 0 < have < n:
        assert fa_ir(ranking, groups, protected="f", p=p, alpha=alpha).moves == ()
        return
    for fair, tail in (
        (
            fa_ir(ranking, groups, protected="f", p=p, alpha=alpha, adjust=False),
            binomial_tail(fraction(p)),
        ),
        (
            hypergeometric_fa_ir(ranking, groups, protected="f", alpha=alpha, adjust=False),
            pool_tail(n, have),
        ),
    ):
        table = table_reference(n, tail, fraction(alpha))
        best = best_order_reference(kinds, lambda i, c, t=table: c[0] >= min(t[i - 1], have))
        assert next(jobs_of(fair, groups))[1] == best


@given(
    st.lists(st.sampled_from(["f", "m", "x"]), min_size=2, max_size=7),
    st.sampled_from([{"f": 0.3, "x": 0.3}, {"f": 0.5, "x": 0.25}, {"f": 0.1, "x": 0.2}]),
    st.sampled_from([0.05, 0.1, 0.2]),
    st.booleans(),
)
def test_several_groups_get_the_best_of_all_orders_that_pass(labels, p, alpha, adjust):
    ranking, groups = ranked(labels)
    kind_of = {label: kind for kind, label in enumerate(label for label in "fx" if label in labels)}
    kinds = [kind_of.get(label, -1) for label in labels]
    options = {"protected": ["f", "x"], "p": p, "alpha": alpha, "adjust": adjust}
    if not kind_of or -1 not in kinds:
        assert multigroup_fa_ir(ranking.of(0), groups, **options).moves == ()
        return
    asked = tuple(p[label] for label in kind_of)
    level = alpha
    if adjust:
        level = multinomial_adjusted_alpha(len(labels), asked, alpha).alpha
    limit = fraction(level) * (1 - Fraction(1, 10**11))
    known = {}

    def passes(i, counts):
        # Whoever has placed all members is asked for no more.
        bounds = tuple(None if c == kinds.count(kind) else c for kind, c in enumerate(counts))
        if (i, bounds) not in known:
            known[i, bounds] = multinomial_tail(bounds, i, tuple(map(fraction, asked))) >= limit
        return known[i, bounds]

    best = best_order_reference(kinds, passes)
    if best is None:
        with pytest.raises(ConstraintError, match=r"job '0': no list of its \d candidates passes"):
            multigroup_fa_ir(ranking.of(0), groups, **options)
    else:
        fair = multigroup_fa_ir(ranking.of(0), groups, **options)
        assert next(jobs_of(fair, groups))[1] == best


@given(lists=lists_of_groups, p=shares, alpha=alphas, top_k=cuts)
def test_one_group_of_several_is_plain_fa_ir(lists, p, alpha, top_k):
    ranking, groups = ranked(*lists)
    one = fa_ir(ranking, groups, protected="f", p=p, alpha=alpha, top_k=top_k)
    several = multigroup_fa_ir(ranking, groups, protected=["f"], p={"f": p}, alpha=alpha, top_k=top_k)
    assert several.candidates.tolist() == one.candidates.tolist()


def test_a_reason_says_what_is_required_and_at_which_alpha():
    ranking, groups = ranked(["m"] * 6 + ["f"] * 4)
    plain = fa_ir(ranking, groups, protected="f", p=0.5, adjust=False)
    assert [(move.to_rank, move.reason) for move in plain.moves[:2]] == [
        (4, "rank 4 must hold a f: 1 of 4 required by FA*IR at alpha 0.1"),
        (7, "rank 7 must hold a f: 2 of 7 required by FA*IR at alpha 0.1"),
    ]
    adjusted = fa_ir(ranking, groups, protected="f", p=0.5)
    # .0625 is the chance of none in four, or .5 ** 4.
    assert adjusted.moves[0].reason == (
        "rank 5 must hold a f: 1 of 5 required by FA*IR at alpha 0.1, adjusted 0.0625 for each rank's test"
    )
    assert plain.moves[0].rule == "fa_ir (reads g at decision time)"


def test_a_pool_with_too_few_is_filled_until_they_run_out_and_says_so():
    ranking, groups = ranked(["m"] * 18 + ["f"] * 2)
    fair = fa_ir(ranking, groups, protected="f", p=0.9, adjust=False)
    first, last = fair.moves
    assert (first.to_rank, last.to_rank) == (2, 3)
    assert "no more" not in first.reason
    needed = int(minimum_table(20, 0.9, 0.1)[-1])
    assert last.reason.endswith(f"; the pool holds no more, where {needed} of 20 are required")
    assert needed > 2


def test_several_groups_are_raised_in_turn_with_the_better_scored_first():
    ranking, groups = ranked(["m"] * 12 + ["x", "f", "f", "x"])
    fair = multigroup_fa_ir(ranking, groups, protected=["f", "x"], p={"f": 0.3, "x": 0.3})
    first, second = fair.moves[:2]
    assert [first.candidate, second.candidate] == ["12", "13"]
    level = multinomial_adjusted_alpha(16, (0.3, 0.3), 0.1).alpha
    assert first.reason == (
        f"rank {first.to_rank} must hold a x: with 0 f, 0 x the first {first.to_rank}, or a later rank, would "
        f"fail multinomial FA*IR at alpha 0.1, adjusted {level:.3g} for each rank's test"
    )
    assert "must hold a f: with 0 f, 1 x the first" in second.reason


def test_several_groups_look_ahead_where_one_more_of_a_group_is_not_enough():
    """Of shares .3, .3, .3 nobody protected at rank 1 passes: .1. But then rank 2 fails with any one of them.

    One has a chance of .1 ** 2 + 2 * .3 * .1 = .07 < .1; two of a group have .07 + .3 ** 2 = .16.
    So one of them must stand at rank 1 already.
    """
    groups = Groups.from_values([*"mmxxxyyff"], attribute="g")
    ranking = Ranking.from_scores(-np.arange(9.0), job=["a"] * 9)
    p = {"f": 0.3, "x": 0.3, "y": 0.3}
    fair = multigroup_fa_ir(ranking, groups, protected=list(p), p=p, adjust=False, top_k=2)
    assert fair.candidates.tolist() == ["2", "3", "0", "1", "4", "5", "6", "7", "8"]
    assert "or a later rank, would fail" in fair.moves[0].reason


def test_undisclosed_members_count_as_unprotected():
    ranking, groups = ranked([None] * 6 + ["f"] * 4)
    twin, others = ranked(["m"] * 6 + ["f"] * 4)
    with_them = fa_ir(ranking, groups, protected="f")
    assert with_them.candidates.tolist() == fa_ir(twin, others, protected="f").candidates.tolist()
    assert with_them.moves


@pytest.mark.parametrize("labels", [["f"], ["m"], [None], ["f", "f"], ["m", None, "x"]])
def test_a_job_with_nobody_to_raise_or_nobody_to_pass_stays_as_it_is(labels):
    ranking, groups = ranked(labels)
    alone = ranking.of(0)
    for fair in (
        fa_ir(alone, groups, protected="f", p=0.9),
        hypergeometric_fa_ir(alone, groups, protected="f"),
        multigroup_fa_ir(alone, groups, protected=["f"]),
    ):
        assert fair.moves == ()
        assert fair.candidates.tolist() == alone.candidates.tolist()


def test_ties_keep_the_order_of_the_ranking():
    groups = Groups.from_values(["m"] * 7 + ["f"] * 3, attribute="gender")
    ranking = Ranking.from_scores([1.0] * 10, job=["a"] * 10, candidate=list("abcdefghij"))
    fair = fa_ir(ranking, groups, protected="f", p=0.6, adjust=False)
    flags = [groups.names()[row] == "f" for row in ranking.row]
    expected = fa_ir_reference(flags, minimum_table(10, 0.6, 0.1).tolist())
    assert fair.candidates.tolist() == ranking.candidates[expected].tolist()


def test_an_order_moved_before_is_what_is_re_ranked():
    ranking, groups = ranked(["m"] * 6 + ["f"] * 4)
    once = fa_ir(ranking, groups, protected="f", p=0.3)
    twice = hypergeometric_fa_ir(once, groups, protected="f", alpha=0.5)
    assert twice.moves[: len(once.moves)] == once.moves
    assert twice.replay()


def test_an_intersection_can_be_protected():
    gender = Groups.from_values(["m"] * 8 + ["f"] * 2, attribute="gender")
    origin = Groups.from_values(["a"] * 8 + ["b"] * 2, attribute="origin")
    ranking = Ranking.from_scores(-np.arange(10.0), job=["j"] * 10)
    fair = fa_ir(ranking, gender.intersect(origin), protected="f × b", p=0.5)
    assert {move.candidate for move in fair.moves} == {"8", "9"}
    assert "gender × origin" in fair.moves[0].rule


@given(st.lists(st.booleans(), min_size=2, max_size=40), st.sampled_from([0.3, 0.5, 0.8]))
def test_fa_ir_orders_as_fairsearch_does(flags, p):
    peer = pytest.importorskip("fairsearchcore.re_ranker", reason="fairsearchcore 1.0.4 is not installed")
    from fairsearchcore.models import FairScoreDoc

    n = len(flags)
    people = [FairScoreDoc(str(at), float(n - at), flag) for at, flag in enumerate(flags)]
    table = minimum_table(n, p, 0.1)
    ours, others = (
        [one for one in people if one.is_protected],
        [one for one in people if not one.is_protected],
    )
    theirs = [one.id for one in peer.fair_top_k(n, ours, others, table.tolist())]
    ranking = Ranking.from_scores([one.score for one in people], job=["a"] * n)
    groups = Groups.from_values([*("f" if flag else "m" for flag in flags)], attribute="g")
    if all(flags) or not any(flags):
        assert theirs == [str(at) for at in range(n)]
    else:
        fair = fa_ir(ranking, groups, protected="f", p=p, adjust=False)
        assert fair.candidates.tolist() == theirs


@given(st.lists(st.booleans(), min_size=2, max_size=30), st.sampled_from([0.02, 0.1, 0.3]))
def test_a_finite_pool_is_ordered_as_hyperfair_does(flags, alpha):
    peer = pytest.importorskip("hyperfair.mc_algo", reason="hyperfair 0.1.3 is not installed")
    n = len(flags)
    if all(flags) or not any(flags):
        return
    _, theirs = peer.re_rank(np.array(flags, dtype=int), np.arange(n), alpha, n)
    ranking = Ranking.from_scores(-np.arange(float(n)), job=["a"] * n)
    groups = Groups.from_values([*("f" if flag else "m" for flag in flags)], attribute="g")
    fair = hypergeometric_fa_ir(ranking, groups, protected="f", alpha=alpha, adjust=False)
    assert fair.row.tolist() == theirs.tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"protected": "femal"}, "no group 'femal' to protect"),
        ({"protected": []}, "nobody to protect"),
        ({"protected": "f", "alpha": 0}, "alpha=0 is no significance"),
        ({"protected": "f", "p": 1.5}, "p=1.5 is no share"),
        ({"protected": "f", "p": "census"}, "p='census' is no share"),
    ],
)
def test_what_means_nothing_is_refused(options, message):
    ranking, groups = ranked(["m", "f"])
    with pytest.raises(ConstraintError, match=message):
        fa_ir(ranking, groups, **options)


def test_several_groups_refuse_shares_of_others_and_impossible_demands():
    ranking, groups = ranked(["m"] + ["x", "f"] * 20)
    with pytest.raises(ConstraintError, match="give one share for each protected label"):
        multigroup_fa_ir(ranking, groups, protected=["f", "x"], p={"f": 0.2})
    with pytest.raises(ConstraintError, match="leave a share to everyone else"):
        multigroup_fa_ir(ranking, groups, protected=["f", "x"], p={"f": 0.5, "x": 0.5})
    with pytest.raises(ConstraintError, match="'pool', or one share"):
        multigroup_fa_ir(ranking, groups, protected=["f", "x"], p="census")
    p = {"f": 0.4995, "x": 0.4995}
    with pytest.raises(
        ConstraintError, match=r"passes multinomial FA\*IR at every rank to 30 .*protect fewer"
    ):
        multigroup_fa_ir(ranking, groups, protected=["f", "x"], p=p, alpha=0.5, top_k=30, adjust=False)


def test_top_k_and_groups_of_other_rows_are_refused():
    ranking, groups = ranked(["m", "f"])
    for rerank in RERANKERS.values():
        with pytest.raises(DataError, match="whole number from 1"):
            rerank(ranking, groups, top_k=0)
        with pytest.raises(UnknownCandidateError):
            rerank(ranking, Groups.from_values(["f", "x"], attribute="g"))
