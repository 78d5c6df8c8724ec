"""What a feature says beyond the others: the part of it that they do not foretell, where shifts show sooner.

The test score of who knows the required skills is higher as a rule. A shift of the test score alone is small beside
its spread, yet larger beside what is left of the spread among people of equal skills: by a factor of
``1 / sqrt(1 - R2)``. Each feature that the others foretell in part is therefore watched twice, as it is and less
what they foretell; the first finds shifts of several features together, the second of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from ranker.app.monitoring.columns import Column, Value, column_of
from ranker.errors import ModelError

__all__ = ["Adjusted", "adjusted_columns"]

LEAST, MOST = 0.1, 0.9  # of R2: less gains nothing, and what is left of more is rounding and mistakes
WORTH: Final = (
    100  # independent rows for each weight, so that their errors are small beside the rest's spread
)
ROWS: Final = 20_000
DIGITS: Final = 6  # equal remainders stay ties, on any machine


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """A feature's normal score less what the others' foretell of it.

    Parameters
    ----------
    name : str
        The feature.
    weights : tuple of (str, float)
        Of the other features' normal scores.
    rest : Column
        What training saw of the remainder.

    References
    ----------
    Hawkins (1991), Multivariate quality control based on regression-adjusted variables, Technometrics 33.
    """

    name: str
    weights: tuple[tuple[str, float], ...]
    rest: Column

    def score(self, scores: Mapping[str, float]) -> float | None:
        """Return the remainder's normal score; ``None`` where an answer says nothing of a column.

        Parameters
        ----------
        scores : mapping of str to float
            Normal scores of one answer by column.
        """
        if self.name not in scores or any(name not in scores for name, _ in self.weights):
            return None
        foretold = sum(weight * scores[name] for name, weight in self.weights)
        return self.rest.place(round(scores[self.name] - foretold, DIGITS)).score

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"name": self.name, "weights": dict(self.weights), "rest": self.rest.to_json()}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Read it back.

        Raises
        ------
        ModelError
            If its parts do not fit together.
        """
        weights = tuple((str(name), float(weight)) for name, weight in told["weights"].items())
        if not all(np.isfinite(weight) for _, weight in weights):
            raise ModelError(f"the snapshot's weights for {told['name']!r} are no numbers: train anew")
        return cls(str(told["name"]), weights, Column.from_json(told["rest"]))


def adjusted_columns(
    columns: Sequence[Column],
    values: Mapping[str, Sequence[Value]],
    *,
    clusters: Sequence[NDArray[Any]] = (),
) -> tuple[Adjusted, ...]:
    """Find the features that the others foretell in part.

    Parameters
    ----------
    columns : sequence of Column
        The features.
    values : mapping of str to sequence, n long
        By column, the training rows that the columns describe.
    clusters : sequence of (n,) arrays
        As for :func:`~ranker.app.monitoring.columns.column_of`.

    Returns
    -------
    tuple of Adjusted
        None where there are too few rows to learn weights from.
    """
    suited = [one for one in columns if one.suits_mean]
    if len(suited) < 2 or min(one.effective for one in suited) < WORTH * (len(suited) - 1):
        return ()
    n = len(values[suited[0].name])
    rows = np.unique(np.linspace(0, n - 1, min(n, ROWS)).astype(np.int64))
    scores = np.column_stack([_scores(one, values[one.name], rows) for one in suited])
    correlation = np.corrcoef(scores, rowvar=False)
    # The inverse holds every regression at once; the ridge keeps it finite where two features are one.
    inverse = np.linalg.inv(correlation + 1e-6 * np.eye(len(suited)))
    found = []
    for place, column in enumerate(suited):
        if not LEAST <= 1 - 1 / inverse[place, place] <= MOST:
            continue
        weights = np.round(-inverse[place] / inverse[place, place], DIGITS)
        weights[place] = 0.0
        rest = np.round(scores[:, place] - scores @ weights, DIGITS)
        some = tuple(one[rows] for one in clusters)
        named = tuple((one.name, float(w)) for one, w in zip(suited, weights, strict=True) if w)
        found.append(
            Adjusted(column.name, named, column_of(column.name, column.label, rest.tolist(), clusters=some))
        )
    return tuple(found)


def _scores(column: Column, values: Sequence[Value], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the normal scores of some values; each is placed once, as most stand there often."""
    known: dict[Value, float] = {}
    out = np.empty(rows.size)
    for place, row in enumerate(rows.tolist()):
        value = values[row]
        if value not in known:
            known[value] = column.place(value).score
        out[place] = known[value]
    return out
