"""Every raw record that costs less than an answer, written out and ranked: none may reach the goal.

Nothing here knows of bins, cuts or likeness: each skill, each whole number and each month is tried.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.counterfactual_parts.cases import Case
from explain.change.actions import Action
from explain.change.lists import AddItems, Extend
from explain.change.values import ChangeNumber, RaiseOrdinal
from ranker.features.duration import Duration
from ranker.features.sets import SetFeature
from ranker.records import Records
from ranker.records.ledger import Ledger
from ranker.records.values import decode, is_missing, normal

SAME = 1e-9  # of costs
AS_OF = "2026-01"
Edit = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What brute force found.

    Parameters
    ----------
    tried : int or None
        Raw records; ``None`` where they were too many.
    cheaper : float or None
        Least cost of one that reaches the goal and costs less than the answer.
    """

    tried: int | None
    cheaper: float | None


def beaten(case: Case, cost: float, limit: int) -> Outcome:
    """Try every record that costs less than an answer; all of them where there was none (infinite cost)."""
    lists = [sorted(edits_of(case, action), key=lambda edit: edit[0]) for action in _actions(case)]
    found = list(_within(lists, cost - SAME, limit + 1))
    if len(found) > limit:
        return Outcome(None, None)
    records = written(case, [edits for _, edits in found])
    features = case.setting.model.task.features
    scores = case.setting.model.scorer.score(features.compute(records))
    good = scores > case.goal.threshold if case.goal.strict else scores >= case.goal.threshold
    good &= [requirements_hold(case, records, row) for row in range(len(found))] if good.any() else good
    costs = np.array([one for one, _ in found])
    return Outcome(len(found), float(costs[good].min()) if good.any() else None)


def requirements_hold(case: Case, records: Records, row: int) -> bool:
    """Tell whether a changed record would still be ranked."""
    one = records.take(np.array([row]))
    return all(bool(requirement.met(one)[0]) for requirement in case.setting.model.task.requirements)


def _actions(case: Case) -> tuple[Action, ...]:
    return case.setting.model.task.actions or ()


def _within(
    lists: list[list[tuple[float, str, Edit]]], budget: float, most: int
) -> Iterator[tuple[float, list[tuple[str, Edit]]]]:
    """Yield combinations of one edit or none of each list that cost less than a budget, ``most`` at most."""
    stack: list[tuple[int, float, list[tuple[str, Edit]]]] = [(0, 0.0, [])]
    n = 0
    while stack and n < most:
        depth, cost, done = stack.pop()
        if depth == len(lists):
            n += 1
            yield cost, done
            continue
        stack.append((depth + 1, cost, done))
        for price, column, edit in lists[depth]:
            if cost + price >= budget:
                break
            stack.append((depth + 1, cost + price, [*done, (column, edit)]))


def edits_of(case: Case, action: Action) -> list[tuple[float, str, Edit]]:
    """List (cost, column, edit) of one action."""
    records, pair = case.setting.records, case.person.pair
    column, _, steps = action.path.partition(".")[2].partition("[]")[0].partition(".")
    raw = _opened(records.tables["candidate"][column].iloc[records.rows["candidate"][pair]])
    if isinstance(action, ChangeNumber):
        now = raw if isinstance(raw, int | float) else _number(raw)
        if now is None or np.isnan(now):
            return []
        values = [v for v in range(int(np.floor(now)) + 1, int(action.maximum or 0) + 1) if v > now]
        return [(float(action.cost or 0) * (v - now), column, _put(v)) for v in values]
    if isinstance(action, RaiseOrdinal):
        here = raw.get(steps) if isinstance(raw, dict) else None
        if here not in action.order:
            return []
        place = action.order.index(here)
        return [
            (float(action.cost or 0) * (n - place), column, _put_in(steps, action.order[n]))
            for n in range(place + 1, len(action.order))
        ]
    if isinstance(action, AddItems):
        return _additions(case, action, column, raw)
    if isinstance(action, Extend):
        return _months(case, action, column, raw)
    raise TypeError(type(action).__name__)


def _additions(case: Case, action: AddItems, column: str, raw: Any) -> list[tuple[float, str, Edit]]:
    key = action.path.partition("[].")[2]
    present = [] if is_missing(raw) else [item.get(key) if key else item for item in raw]
    has = {normal(str(item)) for item in present if item}
    names = {normal(text): text for text in _wanted(case, action.path) if normal(text) not in has}
    names |= {f"x{n}": f"x{n}" for n in range(action.unnamed)}
    items = list(names.values())
    most = len(items) if action.most is None else action.most
    cost = 1.0 if action.cost is None else action.cost
    return [
        (
            cost * n,
            column,
            _put([*([] if is_missing(raw) else raw), *({key: i} if key else i for i in added)]),
        )
        for n in range(1, most + 1)
        for added in combinations(items, n)
    ]


def _months(case: Case, action: Extend, column: str, raw: Any) -> list[tuple[float, str, Edit]]:
    reader = next(f for f in case.person.features if isinstance(f, Duration) and f.items == action.path)
    posts = [] if is_missing(raw) else list(raw)
    roles = dict.fromkeys(_wanted(case, action.path)) or {"x": None}
    out = []
    for months in range(1, action.most + 1):
        lists = []
        for n, post in enumerate(posts):
            if "Ongoing" in post.values():
                if reader.months is not None:
                    longer = {**post, reader.months: float(post[reader.months]) + months}
                else:
                    longer = {**post, str(reader.end): _later(months)}
                lists.append([*posts[:n], longer, *posts[n + 1 :]])
        for role in roles:
            if reader.months is not None:
                post = {str(reader.item): role, reader.months: months}
            else:
                post = {str(reader.item): role, str(reader.start): AS_OF, str(reader.end): _later(months)}
            lists.append([*posts, post])
        out += [(months / 12, column, _put(new)) for new in lists]
    return out


def _wanted(case: Case, path: str) -> list[str]:
    """Return what the job asks for of a list, by all features that compare it."""
    records, pair = case.setting.records, case.person.pair
    found: list[str] = []
    for feature in case.person.features:
        if isinstance(feature, SetFeature) and feature.has.partition("[]")[0] == path.partition("[]")[0]:
            found += records.cell(feature.wants, "texts", pair) or ()
        if isinstance(feature, Duration) and feature.items == path and feature.only:
            found += records.cell(feature.only, "texts", pair) or ()
    return found


def _later(months: int) -> str:
    year, month = (int(part) for part in AS_OF.split("-"))
    count = 12 * year + month - 1 + months
    return f"{count // 12}-{count % 12 + 1:02d}"


def _opened(value: Any) -> Any:
    return decode(value) if isinstance(value, str) and value[:1] in "[{" else value


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _put(new: Any) -> Edit:
    return lambda cell: new


def _put_in(key: str, new: Any) -> Edit:
    return lambda cell: {**_opened(cell), key: new}


def written(case: Case, rows: list[list[tuple[str, Edit]]]) -> Records:
    """Write edits into copies of a record, one copy for each row."""
    records, pair = case.setting.records, case.person.pair
    tables = {
        entity: table.iloc[[int(records.rows[entity][pair])]] for entity, table in records.tables.items()
    }
    one, n = tables["candidate"], len(rows)
    copies = {name: np.empty(n, dtype=object) for name in {name for edits in rows for name, _ in edits}}
    for name, cells in copies.items():
        cells[:] = [_opened(one[name].iloc[0])] * n
    for row, edits in enumerate(rows):
        for name, edit in edits:
            copies[name][row] = edit(copies[name][row])
    frame = one.iloc[np.zeros(n, np.int64)].copy()
    for name, cells in copies.items():
        frame[name] = pd.Series(cells, index=frame.index, dtype=object)
    tables["candidate"] = frame
    at = {entity: np.arange(n) if entity == "candidate" else np.zeros(n, np.int64) for entity in tables}
    return Records(
        tables, at, np.repeat(records.candidate[pair], n), np.repeat(records.job[pair], n), records.fields,
        None, Ledger(), records.keys,
    )  # fmt: skip
