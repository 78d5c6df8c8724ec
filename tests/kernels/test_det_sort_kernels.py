"""Kernels of the deterministic re-rankers and of replayed raises against their plain twins."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_det import (
    det_const_sort_reference,
    det_selection_reference,
    pool_shares,
    raises_replayed_reference,
)

from ranker.kernels.det_sort import (
    CONSERVATIVE,
    GREEDY,
    RELAXED,
    det_const_sort_order,
    det_selection_order,
)
from ranker.kernels.raising import raised_from
from ranker.kernels.replaying import replay_raises

RULES = {"greedy": GREEDY, "cons": CONSERVATIVE, "relaxed": RELAXED}
N_GROUPS = 5
lists_of_codes = st.lists(st.lists(st.integers(-1, N_GROUPS - 1), max_size=25), max_size=4)
# A census that knows no pool: groups run out, and one of them may have no share at all.
census = st.lists(st.integers(0, 9), min_size=N_GROUPS, max_size=N_GROUPS).filter(any)


def indptr_of(lists):
    return np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)


def found_and_expected(kernel, twin, lists, counts, top_k):
    shares = [pool_shares(known(one)) if counts is None else census_shares(counts) for one in lists]
    table = np.array([[float(one.get(g, 0)) for g in range(N_GROUPS)] for one in shares])
    codes = np.array([code for one in lists for code in one], dtype=np.int64)
    indptr = indptr_of(lists)
    found, _, _ = kernel(codes, indptr, table.reshape(-1, N_GROUPS), top_k)
    expected = [
        start + position
        for start, one, share in zip(indptr, lists, shares, strict=False)
        for position in twin(known(one), share, top_k)
    ]
    return found.tolist(), expected


def known(codes):
    return [None if code < 0 else code for code in codes]


def census_shares(counts):
    return {group: Fraction(count, sum(counts)) for group, count in enumerate(counts)}


@pytest.mark.parametrize("rule", RULES)
@given(lists=lists_of_codes, counts=st.none() | census, top_k=st.integers(1, 30))
def test_selection_agrees_with_its_plain_twin(rule, lists, counts, top_k):
    found, expected = found_and_expected(
        lambda *columns: det_selection_order(*columns, RULES[rule]),
        lambda members, shares, k: det_selection_reference(members, shares, rule, k),
        lists,
        counts,
        top_k,
    )
    assert found == expected


@given(lists=lists_of_codes, counts=st.none() | census, top_k=st.integers(1, 30))
def test_constrained_sorting_agrees_with_its_plain_twin(lists, counts, top_k):
    found, expected = found_and_expected(det_const_sort_order, det_const_sort_reference, lists, counts, top_k)
    assert found == expected


@given(data=st.data())
def test_replayed_raises_agree_with_their_plain_twin(data):
    sizes = data.draw(st.lists(st.integers(0, 12), max_size=4))
    indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    order, moves = [], []
    for start, size in zip(indptr.tolist(), sizes, strict=False):
        order += data.draw(st.permutations(range(start, start + size)))
        for target in sorted(
            data.draw(st.sets(st.integers(start, start + size - 1) if size else st.nothing()))
        ):
            moves.append((data.draw(st.integers(target, start + size - 1)), target))
    source, target = (np.array([move[side] for move in moves], dtype=np.int64) for side in (0, 1))
    found = replay_raises(np.array(order, dtype=np.int64), source, target, indptr)
    assert found.tolist() == raises_replayed_reference(order, moves)


@given(order=st.integers(0, 40).flatmap(lambda n: st.permutations(range(n))))
def test_replaying_the_raises_of_an_order_leads_to_it(order):
    wanted, indptr = np.array(order, dtype=np.int64), np.array([0, len(order)])
    source = raised_from(wanted, indptr)
    target = np.flatnonzero(source != np.arange(len(order)))
    found = replay_raises(np.arange(len(order)), source[target], target, indptr)
    assert found.tolist() == order
