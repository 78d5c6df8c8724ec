"""Several constraints at once, such as one for each of several attributes."""

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from fairlearn.reductions import ClassificationMoment

from fairness.moments._inputs import checked_labels, in_order
from fairness.moments.base import ParityMoment
from fairness.moments.objective import DiscountedGain
from ranker.errors import ConstraintError, DataError


class StackedMoments(ClassificationMoment):
    """All of several moments, each with its own sensitive feature.

    The rows are those of the moments, one after the other, under one level more at the
    front: the attribute's name, or the moment's position where names are missing or not
    unique. Moments with fewer levels than others have ``""`` for the levels that they lack.

    Parameters
    ----------
    moments : iterable of ClassificationMoment
        Ours, or fairlearn's, which need 0/1 labels and know no undisclosed members; each
        is copied.

    Attributes
    ----------
    moments : tuple of ClassificationMoment
        In order; loaded with data once the stack is.

    Raises
    ------
    ConstraintError
        If there is none, or something is no moment.

    Examples
    --------
    >>> both = StackedMoments([ExposureParity(), MeanRankParity()])  # doctest: +SKIP
    >>> both.load_data(X, y, sensitive_features=people[["gender", "origin"]], job=job)  # doctest: +SKIP
    """

    short_name = "StackedMoments"

    def __init__(self, moments: Iterable[ClassificationMoment]) -> None:
        super().__init__()
        self.moments = tuple(copy.deepcopy(moment) for moment in moments)
        if not self.moments:
            raise ConstraintError("a stack needs a moment, such as StackedMoments([ExposureParity()])")
        for at, moment in enumerate(self.moments):
            if isinstance(moment, StackedMoments) or not isinstance(moment, ClassificationMoment):
                raise ConstraintError(
                    f"entry {at} of the stack is a {type(moment).__name__}: give single moments, "
                    "such as those that moment_by_name returns"
                )

    def load_data(self, X: Any, y: Any, *, sensitive_features: Any, job: Any) -> None:
        """Take the training rows in.

        Parameters
        ----------
        X, y, job
            As for :meth:`ParityMoment.load_data`.
        sensitive_features : DataFrame or (n, n_moments) array, or list of n_moments (n,) arrays
            One column a moment, in order; name a column twice to hold it to two moments.

        Raises
        ------
        DataError
            If there is not one column a moment.
        """
        names, columns = _columns(sensitive_features, len(self.moments))
        super().load_data(X, checked_labels(y))
        for moment, column in zip(self.moments, columns, strict=True):
            if isinstance(moment, ParityMoment):
                moment.load_data(X, y, sensitive_features=column, job=job)
            else:
                moment.load_data(X, y, sensitive_features=pd.Series(column))
        self._index = _under(names, [moment.index for moment in self.moments])
        self.pos_basis, self.neg_basis = self._basis("pos_basis"), self._basis("neg_basis")
        present = [np.asarray(moment.neg_basis_present, dtype=bool) for moment in self.moments]
        self.neg_basis_present = pd.Series(np.concatenate(present))
        self.default_objective_lambda_vec = None

    def _basis(self, name: str) -> pd.DataFrame:
        """Put the bases of the moments on a diagonal."""
        blocks = [getattr(moment, name).reindex(moment.index).to_numpy() for moment in self.moments]
        heights, widths = np.array([block.shape for block in blocks]).T
        out = np.zeros((heights.sum(), widths.sum()))
        for block, bottom, right in zip(blocks, heights.cumsum(), widths.cumsum(), strict=True):
            out[bottom - block.shape[0] : bottom, right - block.shape[1] : right] = block
        return pd.DataFrame(out, index=self.index)

    def _each(self, lambda_vec: pd.Series) -> Iterator[tuple[ClassificationMoment, pd.Series]]:
        """Yield each moment with its multipliers, under its own index."""
        values, start = in_order(lambda_vec, self.index), 0
        for moment in self.moments:
            stop = start + len(moment.index)
            yield moment, pd.Series(values[start:stop], index=moment.index)
            start = stop

    def _stack(self, parts: Iterable[pd.Series]) -> pd.Series:
        """Put one series a moment under the index of the stack."""
        pairs = zip(self.moments, parts, strict=True)
        return pd.Series(
            np.concatenate([in_order(part, moment.index) for moment, part in pairs]), index=self.index
        )

    @property
    def index(self) -> pd.MultiIndex:
        """Rows of all constraints, the attribute or position of the moment first."""
        return self._index

    def gamma(self, predictor: Callable) -> pd.Series:
        """Return the gaps of each moment; the predictor is asked once."""
        scores = predictor(self.X)
        return self._stack(moment.gamma(lambda _: scores) for moment in self.moments)

    def bound(self) -> pd.Series:
        """Return the bound of each row."""
        return self._stack(moment.bound() for moment in self.moments)

    def project_lambda(self, lambda_vec: pd.Series) -> pd.Series:
        """Let each moment project its own multipliers."""
        return self._stack(moment.project_lambda(part) for moment, part in self._each(lambda_vec))

    def signed_weights(self, lambda_vec: pd.Series) -> pd.Series:
        """Return what raising each candidate would bring to all constraints together, (n,)."""
        parts = [moment.signed_weights(part).to_numpy() for moment, part in self._each(lambda_vec)]
        return pd.Series(np.sum(parts, axis=0), index=self.tags.index)

    def default_objective(self) -> DiscountedGain:
        """Return the objective that belongs to rankings."""
        return DiscountedGain()


def _columns(features: Any, n_moments: int) -> tuple[list[Any], list[np.ndarray]]:
    """Read one column a moment, with the names that their rows go under."""
    names: list[Any] = list(range(n_moments))
    if isinstance(features, (list, tuple)):
        columns = [np.asarray(column, dtype=object) for column in features]
    else:
        table = features if isinstance(features, pd.DataFrame) else pd.DataFrame(np.asarray(features))
        columns = [table.iloc[:, at].to_numpy(dtype=object) for at in range(table.shape[1])]
        if isinstance(features, pd.DataFrame) and table.columns.is_unique:
            names = [str(name) for name in table.columns]
    if len(columns) != n_moments:
        raise DataError(
            f"sensitive_features has {len(columns)} columns for {n_moments} moments: give one column a moment, "
            "in the order of the moments"
        )
    return names, columns


def _under(names: list[Any], indexes: list[pd.MultiIndex]) -> pd.MultiIndex:
    """Put the indexes one after the other under names; ``""`` stands for levels that one lacks."""
    longest = max(indexes, key=lambda index: index.nlevels)
    rows = [
        (name, *[""] * (longest.nlevels - index.nlevels), *row)
        for name, index in zip(names, indexes, strict=True)
        for row in index
    ]
    return pd.MultiIndex.from_tuples(rows, names=["attribute", *longest.names])
