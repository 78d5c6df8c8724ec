from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from explain.change import search
from explain.change.choices import Choices, Part
from explain.change.search import cheapest, highest


def drawn(seed, *, n_blocks=4, most=5, n_pairs=3, whole=False):
    """Draw a problem; with whole amounts and costs there are ties."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, most + 1, n_blocks)
    draw = (
        (lambda shape: rng.integers(-2, 4, shape).astype(float)) if whole else (lambda s: rng.normal(size=s))
    )
    costs = []
    for size in sizes:
        cost = np.concatenate([[0.0], rng.integers(0, 4, size - 1) if whole else rng.random(size - 1) * 3])
        costs.append(cost.astype(float))
    parts = [Part((block,), draw(size)) for block, size in enumerate(sizes)]
    for _ in range(n_pairs):
        one, other = sorted(rng.choice(n_blocks, 2, replace=False).tolist())
        parts.append(Part((one, other), draw((sizes[one], sizes[other])) / 2))
    parts.append(Part((), np.float64(rng.normal())))
    if n_blocks > 2:
        parts.append(Part((0, 1, 2), draw(tuple(sizes[:3])) / 2))
    return Choices(tuple(costs), tuple(parts), float(rng.normal()))


def everything(choices):
    return np.array(list(product(*(range(costs.size) for costs in choices.costs))))


def least(choices, threshold, strict, apart_from=()):
    """The plain twin: look at every choice."""
    best = np.inf
    for choice in everything(choices):
        if any(all(choice[block] > 0 for block in blocks) for blocks in apart_from):
            continue
        score = choices.score(choice[np.newaxis])[0]
        if score > threshold or (score == threshold and not strict):
            best = min(best, choices.cost(choice[np.newaxis])[0])
    return best


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1), st.booleans(), st.booleans())
def test_the_answer_costs_what_looking_at_every_choice_says(seed, share, strict, whole):
    choices = drawn(seed, whole=whole)
    scores = choices.score(everything(choices))
    threshold = float(np.quantile(scores, share, method="nearest"))  # a score that occurs: ties matter
    found = cheapest(choices, threshold, strict=strict)
    expected = least(choices, threshold, strict)
    if found.choice is None:
        assert expected == np.inf
        return
    assert found.cost == pytest.approx(expected, abs=1e-9)
    assert found.score > threshold if strict else found.score >= threshold
    assert found.proven


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sets(st.integers(0, 3), min_size=1, max_size=3))
def test_blocks_that_may_not_change_together_do_not(seed, blocks):
    choices = drawn(seed)
    threshold = float(np.median(choices.score(everything(choices))))
    found = cheapest(choices, threshold, strict=False, apart_from=[frozenset(blocks)])
    expected = least(choices, threshold, False, [blocks])
    assert (found.cost if found.choice is not None else np.inf) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_the_highest_score_is_that_of_looking_at_every_choice(seed, whole):
    choices = drawn(seed, whole=whole)
    found = highest(choices)
    assert found.score == choices.score(everything(choices)).max()
    assert choices.score(found.choice[np.newaxis])[0] == found.score


@pytest.mark.parametrize("seed", range(8))
def test_an_integer_program_of_the_same_question_finds_the_same_cost(seed):
    choices = drawn(seed, n_blocks=6, most=7, n_pairs=0)
    choices = Choices(choices.costs, tuple(p for p in choices.parts if len(p.blocks) < 2), choices.intercept)
    amounts = [np.zeros(costs.size) for costs in choices.costs]
    fixed = choices.intercept
    for part in choices.parts:
        if part.blocks:
            amounts[part.blocks[0]] = amounts[part.blocks[0]] + part.amounts
        else:
            fixed += float(part.amounts)
    threshold = fixed + 0.7 * sum(amount.max() for amount in amounts)
    flat, cost = np.concatenate(amounts), np.concatenate(choices.costs)
    one_each = np.zeros((len(amounts), flat.size))
    starts = np.cumsum([0, *(amount.size for amount in amounts)])
    for block in range(len(amounts)):
        one_each[block, starts[block] : starts[block + 1]] = 1
    solved = milp(
        cost, integrality=np.ones(flat.size), bounds=Bounds(0, 1),
        constraints=[LinearConstraint(one_each, 1, 1), LinearConstraint(flat, threshold - fixed, np.inf)],
    )  # fmt: skip
    assert cheapest(choices, threshold, strict=False).cost == pytest.approx(solved.fun, abs=1e-6)


def test_a_threshold_that_holds_already_costs_nothing():
    choices = drawn(3)
    base = float(choices.score(np.zeros((1, 4), int))[0])
    found = cheapest(choices, base, strict=False)
    assert found.cost == 0
    assert not found.choice.any()


def test_a_threshold_out_of_reach_has_no_answer():
    choices = drawn(3)
    found = cheapest(choices, highest(choices).score, strict=True)
    assert found.choice is None
    assert found.cost == np.inf


def test_of_equal_costs_the_answer_changes_least():
    costs = (np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([0.0, 2.0]))
    parts = tuple(Part((b,), np.array([0.0, gain])) for b, gain in enumerate((1.0, 1.0, 2.0)))
    found = cheapest(Choices(costs, parts, 0.0), 2.0, strict=False)
    assert found.choice.tolist() == [0, 0, 1]


def test_a_search_that_has_no_room_says_that_its_answer_is_not_proven(monkeypatch):
    choices = drawn(11, n_blocks=5, most=9, n_pairs=8)
    threshold = float(np.quantile(choices.score(everything(choices)), 0.98))
    whole = cheapest(choices, threshold, strict=False)
    monkeypatch.setattr(search, "MOST_STATES", 12)
    found = cheapest(choices, threshold, strict=False)
    assert whole.proven
    assert not found.proven
    assert found.choice is not None
    assert found.score >= threshold
    assert found.cost >= whole.cost


def test_the_score_of_a_choice_is_added_in_the_order_of_the_parts():
    choices = drawn(5)
    choice = everything(choices)[7:8]
    expected = choices.intercept
    for part in choices.parts:
        expected += float(part.amounts[tuple(choice[0, block] for block in part.blocks)])
    assert choices.score(choice)[0] == expected
