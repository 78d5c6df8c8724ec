"""What was found of how well sources predict groups."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

import pandas as pd

__all__ = ["Kind", "Proxy", "ProxyTable"]

Kind = Literal["feature", "term", "field", "score", "all features"]


@dataclass(frozen=True, slots=True)
class Proxy:
    """How well one source tells one group from the rest.

    Parameters
    ----------
    attribute : str
        What the groups are groups of.
    group : str or None
        The group that is told from all other disclosed ones; None for the mean over groups.
    kind : {"feature", "term", "field", "score", "all features"}
        What the source is.
    name : str
        Name of the feature or the term, path of the field; the kind itself for the other two.
    auc : float
        Held-out area under the ROC curve: .5 for what says nothing, 1 for what says all. NaN
        where too few people stand on either side.
    low, high : float
        Its interval.
    rows, members, people : int
        Rows with a disclosed group; those of the group; and how many people the rows are of.
        ``members`` is ``rows`` for the mean over groups.
    columns : int
        How many numbers the source was read as: 1 where only a direction is learned, 0 where
        nothing occurs often enough to be read.
    """

    attribute: str
    group: str | None
    kind: Kind
    name: str
    auc: float
    low: float
    high: float
    rows: int
    members: int
    people: int
    columns: int


@dataclass(frozen=True, slots=True)
class ProxyTable:
    """How well each source predicts each protected attribute, the strongest first.

    Parameters
    ----------
    entries : tuple of Proxy
        By falling AUC; those that could not be measured last.
    level : float
        Of the intervals.
    n_folds, random_state : int
        Folds, and the seed of the lot that people are dealt out by.
    within_jobs : bool
        Whether only candidates of the same job were compared.
    people_left_out : int
        People whom the lot left out to bound the cost.
    """

    entries: tuple[Proxy, ...]
    level: float
    n_folds: int
    random_state: int
    within_jobs: bool
    people_left_out: int

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Proxy]:
        return iter(self.entries)

    def to_frame(self) -> pd.DataFrame:
        """Return a row for each entry, with its columns by the names of :class:`Proxy`."""
        names = [field.name for field in fields(Proxy)]
        rows = [[getattr(entry, name) for name in names] for entry in self.entries]
        return pd.DataFrame(rows, columns=names)

    def of(self, attribute: str, *, kind: Kind | None = None, group: str | None = None) -> "ProxyTable":
        """Keep what was found of one attribute: by default of the mean over its groups, of sources of all kinds.

        Parameters
        ----------
        attribute : str
            What the groups are groups of.
        kind : str, optional
            Only sources of this kind.
        group : str, optional
            One group against the rest, instead of the mean.
        """
        kept = tuple(
            entry
            for entry in self.entries
            if entry.attribute == attribute and entry.group == group and kind in (None, entry.kind)
        )
        return ProxyTable(
            kept, self.level, self.n_folds, self.random_state, self.within_jobs, self.people_left_out
        )
