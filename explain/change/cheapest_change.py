"""The cheapest change of a raw record that brings a goal, and its check by the whole pipeline."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from explain.change.actions import Action, Option
from explain.change.answer import Alternative, Counterfactual
from explain.change.changes import Costs, Prices, check_costs
from explain.change.choices import Found
from explain.change.goal import Goal, Pool, goal_of
from explain.change.lists import AddItems
from explain.change.person import Person
from explain.change.raw_values import holds_lists
from explain.change.search import cheapest, highest
from explain.change.space import Space, edited, has_column, space_of
from explain.change.usual import check_actions, usual_actions
from ranker.errors import CandorError, DataError, UnknownCandidateError, UnknownJobError, did_you_mean
from ranker.features import FeatureSet
from ranker.ranking import Ranking
from ranker.records import Records, Requirement
from ranker.records.field import REFUSED, declared_field, entity_of
from ranker.records.ledger import Ledger
from ranker.scoring import AdditiveScorer

__all__ = ["counterfactual"]

SAME_SCORE = 1e-9


def counterfactual(
    scorer: AdditiveScorer,
    features: FeatureSet,
    records: Records,
    *,
    job: Any,
    candidate: Any,
    top_k: int | None = None,
    above: Any = None,
    score: float | None = None,
    actions: Sequence[Action] | None = None,
    costs: Costs | None = None,
    n_answers: int = 1,
    requirements: Sequence[Requirement] = (),
    table: pd.DataFrame | None = None,
) -> Counterfactual:
    """Find the cheapest change of a raw record that brings a goal, everyone else fixed.

    Ranks are those by score: what a re-ranker would make of the changed record is not looked at.

    Parameters
    ----------
    scorer : AdditiveScorer
        What scores.
    features : FeatureSet
        What makes its inputs.
    records : Records
        The pairs that are ranked.
    job, candidate : str or number
        Labels of the two.
    top_k : int, optional
        Goal: be among the first ``top_k``; or
    above : str or number, optional
        goal: be ranked above this candidate; or
    score : float, optional
        goal: have at least this score.
    actions : sequence of Action, optional
        What is allowed; by default :func:`~explain.change.usual.usual_actions`.
    costs : mapping or callable, optional
        What changes cost; see :class:`~explain.change.changes.Prices`.
    n_answers : int, default=1
        How many different answers to give, at most. Each leaves out some field of every
        answer before it, so that none holds another.
    requirements : sequence of Requirement
        What the changed record must still meet.
    table : DataFrame of shape (n, n_features), optional
        The features of ``records``.

    Returns
    -------
    Counterfactual
        Every answer has been written into a copy of the raw records and ranked.

    Raises
    ------
    UnknownJobError, UnknownCandidateError
        If there is no such pair.
    ProtectedFieldError
        If an action would touch a protected, sensitive or target field.
    TaskError
        If an action or a cost means nothing.
    DataError
        If not exactly one goal is given.

    References
    ----------
    Ustun, Spangher & Liu (2019), Actionable Recourse in Linear Classification, FAT*.
    """
    if n_answers < 1:
        raise DataError(f"n_answers is {n_answers}: ask for one or more")
    pairs, at = pool_rows(records, job, candidate)
    pool = pool_of(scorer, features, records, pairs, at, table)
    goal = goal_of(pool, top_k, above, score)
    if actions is None:
        actions = possible_actions(usual_actions(features), records)
    check_actions(actions, features, records)
    check_costs(costs, [action.path for action in actions])
    person = Person(
        records, int(pairs[at]), features, scorer, Prices(str(records.candidate[pairs[at]]), costs)
    )
    space = space_of(person, actions, requirements)
    found, possible = answers_in(space, goal, pool, n_answers)
    checked = tuple(check(person, space, one, pool, pairs, goal if possible else None) for one in found)
    return Counterfactual(
        job=pool.job,
        candidate=str(pool.candidates[at]),
        goal=goal.words,
        rank_before=pool.rank(),
        score_before=float(pool.scores[at]),
        pool_size=len(pairs),
        possible=possible,
        answers=checked,
    )


def pool_rows(records: Records, job: Any, candidate: Any) -> tuple[np.ndarray, int]:
    """Return the pairs of a job, and the candidate's position among them."""
    pairs = np.flatnonzero(records.job == str(job))
    if not pairs.size:
        raise UnknownJobError(
            f"no pair has a job {job!r}{did_you_mean(str(job), map(str, set(records.job)))}"
        )
    at = np.flatnonzero(records.candidate[pairs] == str(candidate))
    if not at.size:
        hint = did_you_mean(str(candidate), map(str, records.candidate[pairs]))
        raise UnknownCandidateError(f"job {job!r} has no candidate {candidate!r}{hint}")
    return pairs, int(at[0])


def pool_of(
    scorer: AdditiveScorer,
    features: FeatureSet,
    records: Records,
    pairs: np.ndarray,
    at: int,
    table: pd.DataFrame | None = None,
) -> Pool:
    """Score a job's candidates."""
    ranked = records.take(pairs)
    rows = features.compute(ranked) if table is None else table.iloc[pairs]
    return Pool(scorer.score(rows), records.candidate[pairs], str(records.job[pairs[at]]), at, ranked.lots())


def possible_actions(actions: Sequence[Action], records: Records) -> tuple[Action, ...]:
    """Leave out what the records have no room for, such as a second text where there are no lists."""
    return tuple(
        action
        for action in actions
        if has_column(records, action.path)
        and not (isinstance(action, AddItems) and not holds_lists(records, action.path))
    )


def answers_in(space: Space, goal: Goal, pool: Pool, n_answers: int = 1) -> tuple[list[Found], bool]:
    """Solve: the cheapest answers, or the cheapest way to the best rank that can be reached."""
    first = cheapest(space.choices, goal.threshold, strict=goal.strict)
    possible = first.choice is not None
    if not possible:
        best = highest(space.choices)
        goal = Goal.top(pool, pool.rank(best.score))
        if pool.rank(best.score) >= pool.rank():
            goal = Goal(-np.inf, False, "")  # nothing helps: change nothing
        first = cheapest(space.choices, goal.threshold, strict=goal.strict)
        if first.choice is None:
            raise CandorError(
                f"the best rank of candidate {pool.candidates[pool.at]!r} was lost: a fault to report"
            )
    found = [first]
    while possible and len(found) < n_answers and (changed := _changed(found[-1])):
        sets = [*(_changed(one) for one in found[:-1]), changed]
        other = cheapest(space.choices, goal.threshold, strict=goal.strict, apart_from=sets)
        if other.choice is None:
            break
        found.append(other)
    return found, possible


def _changed(found: Found) -> frozenset[int]:
    return frozenset() if found.choice is None else frozenset(np.flatnonzero(found.choice).tolist())


def check(
    person: Person, space: Space, found: Found, pool: Pool, pairs: np.ndarray, goal: Goal | None
) -> Alternative:
    """Write an answer into a copy of the raw records, rank the job anew, and compare with what was promised.

    Raises
    ------
    CandorError
        If the pipeline disagrees: a fault of this program.
    """
    assert found.choice is not None
    options = space.chosen(found.choice.tolist())
    changes = tuple(change for option in options for change in option.changes)
    ranking = ranked_anew(person, options, pairs)
    rank = ranking.rank_of(pool.job, pool.candidates[pool.at])
    score = float(ranking.scores[ranking.position_of(pool.job, pool.candidates[pool.at])])
    for option in options:
        if declared_field(option.path, person.features.fields).usage in REFUSED:
            raise CandorError(
                f"a change of {option.path!r} was found, which may not change: a fault to report"
            )
    reached = goal is None or goal.met(score)
    if abs(score - found.score) > SAME_SCORE * max(1.0, abs(score)) or not reached:
        raise CandorError(
            f"candidate {pool.candidates[pool.at]!r} of job {pool.job!r}: the changed record scores {score!r}, "
            f"rank {rank}, where {found.score!r} was worked out: a fault to report"
        )
    return Alternative(changes, found.cost, rank, score, found.proven)


def ranked_anew(person: Person, options: Sequence[Option], pairs: np.ndarray) -> Ranking:
    """Rank a job from raw records in which one row is changed; nothing that was read before is used."""
    records = changed_records(person.records, person.pair, options)
    pool = records.take(pairs)
    scores = person.scorer.score(person.features.compute(pool))
    return Ranking.from_scores(scores, job=pool.job, candidate=pool.candidate, lot=pool.lots())


def changed_records(records: Records, pair: int, options: Sequence[Option]) -> Records:
    """Return records of which one row was edited; the tables of the others are copies."""
    one = edited(records, pair, [tuple(options)], as_written=True)
    tables = dict(records.tables)
    copies: dict[int, pd.DataFrame] = {}
    for option in options:
        entity, column = entity_of(option.path), records.locate(option.path).column
        before = records.tables[entity]
        copy = copies.setdefault(id(before), before.copy())
        cells = copy[column].to_numpy(dtype=object, copy=True)
        cells[int(records.rows[entity][pair])] = one.tables[entity][column].iloc[0]
        copy[column] = pd.Series(cells, index=copy.index, dtype=object)
    for entity, table in records.tables.items():
        tables[entity] = copies.get(id(table), table)
    return Records(
        tables, records.rows, records.candidate, records.job, records.fields, None, Ledger(), records.keys
    )
