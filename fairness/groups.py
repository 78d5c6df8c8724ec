"""Groups of people by one protected attribute, or by several at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ranker.errors import DataError
from ranker.ranking.labels import as_array, label_of

__all__ = ["SMALL_SHARE", "UNDISCLOSED_TEXTS", "Groups"]

SMALL_SHARE: Final = 0.02  # 6 RCNY 5-301 lets a bias audit leave smaller categories out of its ratios

UNDISCLOSED_TEXTS: Final = ("", "unknown", "undisclosed", "prefer not to say", "n/a", "na", "none", "nan")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Groups:
    """Group of each input row; immutable.

    Parameters
    ----------
    attribute : str
        What the groups are groups of, such as ``"gender"``; ``"gender × race"`` for an
        intersection.
    labels : tuple of str
        Names of the groups, sorted.
    codes : ndarray of shape (n,), int32
        Position in `labels` of each row's group, ``-1`` where undisclosed; in the order
        of the rows that a ranking is made from, not in rank order.
    """

    attribute: str
    labels: tuple[str, ...]
    codes: NDArray[np.int32]

    def __post_init__(self) -> None:
        if self.codes.flags.writeable:
            codes = self.codes.copy()
            codes.flags.writeable = False
            object.__setattr__(self, "codes", codes)

    @classmethod
    def from_values(
        cls, values: Any, *, attribute: str, undisclosed: Iterable[str] = UNDISCLOSED_TEXTS
    ) -> "Groups":
        """Read groups from a column.

        Parameters
        ----------
        values : array_like of shape (n,)
            One value per row: texts, numbers or booleans. Space around a text does not
            count; case does, ``"Female"`` and ``"female"`` are two groups.
        attribute : str
            What the groups are groups of.
        undisclosed : iterable of str, optional
            Texts, in any case, that say that a person did not say; None, NaN and NA always do.

        Returns
        -------
        Groups
            Of all values found; one group, or none, is no error here.

        Raises
        ------
        DataError
            If there is not one value per row.

        Examples
        --------
        >>> groups = Groups.from_values(["f", "m", None, "f", "Unknown"], attribute="gender")
        >>> groups.counts(), groups.n_undisclosed
        ({'f': 2, 'm': 1}, 2)
        """
        array = as_array(values, what=f"values of {attribute!r}")
        codes, found = pd.factorize(array)
        silent = {text.strip().casefold() for text in undisclosed}
        texts = [label_of(value).strip() for value in found]
        labels = sorted({text for text in texts if text.casefold() not in silent})
        code_of = {label: code for code, label in enumerate(labels)}
        # One place more, at -1, for the missing values that factorize codes as -1.
        new_codes = np.array([*(code_of.get(text, -1) for text in texts), -1], dtype=np.int32)
        return cls(attribute, tuple(labels), new_codes[codes])

    def __repr__(self) -> str:
        return f"Groups({self.attribute!r}, {self.counts()}, {self.n_undisclosed} undisclosed)"

    def __len__(self) -> int:
        return self.codes.size

    @property
    def n_undisclosed(self) -> int:
        """Rows whose group is undisclosed."""
        return int((self.codes < 0).sum())

    def counts(self) -> dict[str, int]:
        """Count the rows of each group.

        Returns
        -------
        dict
            Label to number of rows, in the order of `labels`; undisclosed rows are not in it.
        """
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.labels))
        return dict(zip(self.labels, counts.tolist(), strict=True))

    def intersect(self, other: "Groups") -> "Groups":
        """Cross two attributes.

        Parameters
        ----------
        other : Groups
            Of the same rows, by another attribute.

        Returns
        -------
        Groups
            Labelled ``"a × b"``, of the combinations that occur; a row that does not
            disclose both is undisclosed.

        Raises
        ------
        DataError
            If the two are not of the same length.

        Examples
        --------
        >>> gender = Groups.from_values(["f", "m", "f"], attribute="gender")
        >>> origin = Groups.from_values(["x", "x", ""], attribute="origin")
        >>> gender.intersect(origin).counts()
        {'f × x': 1, 'm × x': 1}
        """
        if len(self) != len(other):
            raise DataError(
                f"{self.attribute!r} has {len(self)} rows and {other.attribute!r} {len(other)}: "
                "only groups of the same rows can be crossed"
            )
        both = (self.codes >= 0) & (other.codes >= 0)
        pairs = self.codes[both].astype(np.int64) * len(other.labels) + other.codes[both]
        found, pair_of = np.unique(pairs, return_inverse=True)
        names = [
            f"{self.labels[pair // len(other.labels)]} × {other.labels[pair % len(other.labels)]}"
            for pair in found
        ]
        # Sorted as texts, which need not be the order of the pairs: "a b × c" comes before "a × c".
        labels = sorted(names)
        codes = np.full(len(self), -1, dtype=np.int32)
        codes[both] = np.array([labels.index(name) for name in names], dtype=np.int32)[pair_of]
        return Groups(f"{self.attribute} × {other.attribute}", tuple(labels), codes)

    def large(self, *, min_share: float = SMALL_SHARE) -> tuple[str, ...]:
        """Name the groups that are large enough to be compared.

        Parameters
        ----------
        min_share : float, default=0.02
            Least share of all rows, undisclosed ones among them.

        Returns
        -------
        tuple of str
            Labels of groups with that share, and with two members at least.
        """
        least = max(2.0, min_share * len(self))
        return tuple(label for label, count in self.counts().items() if count >= least)

    def only(self, labels: Iterable[str]) -> "Groups":
        """Keep some groups; members of the others count as undisclosed.

        Parameters
        ----------
        labels : iterable of str
            Groups to keep.
        """
        wanted = set(labels)
        kept = [label for label in self.labels if label in wanted]
        code_of = {label: code for code, label in enumerate(kept)}
        codes = np.array([*(code_of.get(label, -1) for label in self.labels), -1], dtype=np.int32)
        return Groups(self.attribute, tuple(kept), codes[self.codes])

    def names(self) -> NDArray[np.object_]:
        """Name each row's group, shape (n,); None where undisclosed."""
        return np.array([*self.labels, None], dtype=object)[self.codes]

    def take(self, rows: ArrayLike) -> "Groups":
        """Take some rows, such as those of one part of a split.

        Parameters
        ----------
        rows : array_like of int or of bool
            Positions of the rows, or one flag per row.

        Returns
        -------
        Groups
            With all the labels, also of groups without a row among those taken, so that
            codes mean the same in every part.
        """
        chosen = np.asarray(rows)
        # An empty list becomes an array of floats.
        return Groups(
            self.attribute, self.labels, self.codes[chosen if chosen.size else chosen.astype(np.int64)]
        )
