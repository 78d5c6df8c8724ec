"""What an audit measures: the test part, ranked before and after fair training."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from fairness.groups import SMALL_SHARE, Groups
from ranker.app.data import groups_of, parts_from
from ranker.app.evaluation import gains_of
from ranker.app.model import Model, rank_records
from ranker.app.report.series import ROUNDING
from ranker.errors import DataError
from ranker.ranking import Ranking
from ranker.records import Records
from ranker.records.field import declared_field
from ranker.records.splits import PARTS
from ranker.scoring import AdditiveScorer

SMALL_COUNT = 5  # below it a group's mean says much about each of its members


@dataclass(frozen=True, slots=True, eq=False)
class Audited:
    """A model, the pairs that it was trained on, and its test part.

    Parameters
    ----------
    model : Model
        The model.
    everyone : Records
        All ``n`` labelled pairs of the task.
    parts : (n,) object array
        Part of each pair, ``""`` for pairs that training did not see.
    records : Records
        The ``m`` pairs of the test part; the fields below are theirs.
    table : DataFrame of shape (m, n_features)
        Their features.
    gains : (m,) float64 array
        Their relevance, not negative.
    every : Groups or None
        Groups of all ``n`` pairs by the reported attribute; None where none is declared protected.
    groups : Groups or None
        Those of the test part, the same attribute.
    small : tuple of str
        Those of the groups with less than 2 % of the train part, which the constraint and
        ``candor evaluate`` leave out of comparisons.
    rankings : dict of str to Ranking
        ``before`` by the unconstrained scorer, ``after`` by the one that ships.
    """

    model: Model
    everyone: Records
    parts: np.ndarray
    records: Records
    table: pd.DataFrame
    gains: np.ndarray
    every: Groups | None
    groups: Groups | None
    small: tuple[str, ...]
    rankings: dict[str, Ranking]

    @classmethod
    def of(cls, model: Model) -> Self:
        """Read the task's files and rank the test part twice.

        Raises
        ------
        DataError
            If the files no longer hold the pairs of training.
        """
        everyone = model.load_records(labelled=True)
        parts = parts_from(model.parts, everyone)
        if not all((parts == part).any() for part in PARTS):
            raise DataError(
                f"the files of task {model.task.name!r} no longer hold the pairs that the model was trained "
                "on: restore them, or train anew"
            )
        rows = np.flatnonzero(parts == "test")
        records = everyone.take(rows)
        table = model.task.features.compute(records)
        rankings = {name: rank_records(scorer, table, records) for name, scorer in scorers_of(model).items()}
        every = groups_of(everyone, model.attributes) if model.attributes else None
        groups = None if every is None else every.take(rows)
        large = () if every is None else every.take(parts == "train").large()
        small = () if groups is None else tuple(g for g, n in groups.counts().items() if n and g not in large)
        # Gains of all pairs first, as in training: a negative label counts from its job's lowest of all.
        return cls(
            model, everyone, parts, records, table, gains_of(everyone)[rows], every, groups, small, rankings
        )

    @property
    def top_k(self) -> int:
        """How many of each list count as selected."""
        return self.model.task.audit.top_k

    @property
    def unchanged(self) -> bool:
        """Whether both scorers rank the test part alike, by scores that are equal up to rounding."""
        before, after = self.rankings["before"], self.rankings["after"]
        same_order = np.array_equal(before.row, after.row)
        return bool(same_order and np.allclose(before.scores, after.scores, rtol=0.0, atol=ROUNDING))


def scorers_of(model: Model) -> dict[str, AdditiveScorer]:
    """Return the two scorers of a model, by what the page calls them."""
    return {"before": model.unconstrained, "after": model.scorer}


def label_of_field(model: Model, path: str) -> str:
    """Name a field in words."""
    return declared_field(path, model.task.features.fields).label


def label_of_attributes(model: Model) -> str:
    """Name the reported attribute in words, or its parts where it is an intersection."""
    return " × ".join(label_of_field(model, path) for path in model.attributes)


def small_groups(groups: Groups) -> list[str]:
    """Return the groups with fewer than 5 rows or under 2 % of all, those without a row left out."""
    least = max(SMALL_COUNT, SMALL_SHARE * len(groups))
    return [label for label, n in groups.counts().items() if 0 < n < least]


def withheld_groups(groups: Groups) -> list[str]:
    """Return the groups with so few rows that a mean over them would tell of single persons."""
    return [label for label, n in groups.counts().items() if 0 < n < SMALL_COUNT]
