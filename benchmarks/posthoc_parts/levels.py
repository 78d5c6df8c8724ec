"""The exact answer at each level that a post-hoc method speaks at, keyed alike."""

import re

import numpy as np

from benchmarks.posthoc_parts.setting import Setting
from explain.posthoc.raw_fields import RawFields
from ranker.records import Records
from ranker.records.values import normal
from ranker.scoring.attribution import Attribution, attribute_pairs

REPEATED = re.compile(r" #\d+$")
ITEM_NAMES = ("role", "degree")
Amounts = dict[str, float]


def exact(setting: Setting, records: Records) -> list[Attribution]:
    """Take the scores of some pairs apart, features included."""
    table = setting.task.features.compute(records)
    return attribute_pairs(setting.scorer, setting.task.features, records, table)


def exact_arrays(setting: Setting, records: Records, level: str) -> np.ndarray:
    """Exact amounts of some pairs at a level without entries, features included: (n, features or columns).

    A term of two features is halved between them, and a feature goes to the column of its subject.
    """
    scorer = setting.scorer
    to_feature = np.zeros((len(scorer.terms), len(scorer.axes)))
    for number, term in enumerate(scorer.terms):
        to_feature[number, list(term.features)] = 1 / len(term.features)
    if level == "columns":
        subjects = [by_column(records, {feature.subject: 1.0}) for feature in setting.task.features]
        columns = sorted({column for one in subjects for column in one})
        to_feature = to_feature @ np.array([[one.get(column, 0.0) for column in columns] for one in subjects])
    return scorer.contributions(setting.task.features.compute(records)) @ to_feature


def exact_against_background(setting: Setting, pair: int) -> tuple[Amounts, Amounts]:
    """Exact amounts of whole columns and of features, less the background's mean for the same job.

    For a model without interactions these are the Shapley values that the methods estimate; with
    them, both are conventions, and they differ.
    """
    own = exact(setting, setting.records.take(np.array([pair])))[0]
    others = exact(setting, setting.for_job_of(pair, setting.background))
    return (
        _less(by_column(setting.records, own.fields), [by_column(setting.records, o.fields) for o in others]),
        _less(own.features, [o.features for o in others]),
    )


def _less(own: Amounts, others: list[Amounts]) -> Amounts:
    names = {name for one in (own, *others) for name in one}
    return {n: own.get(n, 0.0) - float(np.mean([o.get(n, 0.0) for o in others])) for n in sorted(names)}


def by_column(records: Records, fields: Amounts) -> Amounts:
    """Sum amounts of paths over the whole column that each lies in."""
    out: Amounts = {}
    for path, amount in fields.items():
        at = records.locate(path.partition("[")[0])
        column = f"{at.entity}.{at.column}"
        out[column] = out.get(column, 0.0) + amount
    return out


def by_entry(setting: Setting, pair: int, fields: Amounts) -> Amounts:
    """Sum amounts of entries by column and name: a post is ``[2]`` to one method, its role to another.

    What belongs to no entry, as the exact answer has it for what an empty list would give, is left out.
    """
    out: Amounts = {}
    for path, amount in fields.items():
        if not path.endswith("]") or path.endswith("[]"):
            continue
        column, name = path.partition("[")[0], REPEATED.sub("", path[path.rindex("[") + 1 : -1])
        if name.isdigit():
            name = _name_of(setting, pair, column, int(name))
        key = f"{column}[{normal(name)}]"
        out[key] = out.get(key, 0.0) + amount
    return out


def _name_of(setting: Setting, pair: int, column: str, number: int) -> str:
    cell = RawFields(setting.records.take(np.array([pair])), (column,)).table[column].iloc[0]
    item = setting.records.memo.open(cell)[number - 1]
    return str(next((item[key] for key in ITEM_NAMES if item.get(key)), number))
