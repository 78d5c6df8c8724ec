"""What one answer shows, and what is told of a column: words and JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ranker.app.monitoring.columns import Value
from ranker.app.monitoring.drift import Measured

__all__ = ["Alert", "ColumnState", "Observation"]

NAMES: Final = {"ks": "Kolmogorov-Smirnov", "psi": "PSI"}


@dataclass(frozen=True, slots=True)
class Observation:
    """What one answer shows.

    Parameters
    ----------
    number : int
        The decision's place in the log.
    time : str
        UTC, ISO 8601.
    key : int or None
        Hash of the records that were asked about, by which the same question is known again.
    values : mapping of str to float, str or None
        By column: a number or a text, ``None`` where it is missing. Columns that the answer says nothing of
        are left out.
    others : tuple of mapping
        As ``values``, of further candidates for the same job, in the order in which they were drawn: the walks
        take the mean of them all.
    """

    number: int
    time: str
    key: int | None
    values: Mapping[str, Value]
    others: tuple[Mapping[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """A column that began to drift, and by which test it was found.

    Parameters
    ----------
    column, label : str
        The column, for machines and for people.
    test : str
        ``mean`` or ``adjusted`` (cumulative sums), ``ks``, ``psi`` or ``adwin``.
    number, time
        Of the decision at which it was found.
    n : int
        Answers seen until then.
    window : int
        Answers that were compared with the training part; of ADWIN and the cumulative sums, those since the
        change.
    value, p : float or None
        As :class:`~ranker.app.monitoring.drift.Measured`; of a cumulative sum the mean since the change, of ADWIN
        the new mean less the old one, in standard deviations of the training part; neither has a p.
    """

    column: str
    label: str
    test: str
    number: int
    time: str
    n: int
    window: int
    value: float
    p: float | None

    def in_words(self) -> str:
        """Say it for people."""
        if self.test == "adwin":
            return (
                f"{self.label}: changed within the stream about {self.window:,} answers before decision "
                f"{self.number:,}, by {self.value:+.2f} standard deviations (ADWIN)"
            )
        if self.test in ("mean", "adjusted"):
            beside = ", beside what the other features foretell" if self.test == "adjusted" else ""
            return (
                f"{self.label}: the latest {self.window:,} answers lie {self.value:+.2f} standard deviations from the "
                f"training part{beside} (cumulative sum), at decision {self.number:,}"
            )
        return (
            f"{self.label}: the latest {self.window:,} answers differ from the training part: {NAMES[self.test]} "
            f"{self.value:.2f}, p {self.p:.1g}, at decision {self.number:,}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in Alert.__slots__} | {"in_words": self.in_words()}


@dataclass(frozen=True, slots=True)
class ColumnState:
    """How a column stands now.

    Parameters
    ----------
    column, label : str
        The column.
    n : int
        Answers that said something of it.
    window : int
        The latest answers that the measures are about; 0 until there are enough.
    psi, ks, mean : Measured or None
        ``None`` where there is too little, or the test does not suit the column.
    drifting : tuple of str
        Tests whose alarm holds.
    verdict : str
        ``drift``, ``look`` (PSI above .1, and not by chance), ``steady``, or ``too few``.
    """

    column: str
    label: str
    n: int
    window: int
    psi: Measured | None
    ks: Measured | None
    mean: Measured | None
    drifting: tuple[str, ...]
    verdict: str

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        measures = {name: getattr(self, name) for name in ("psi", "ks", "mean")}
        return {
            "column": self.column,
            "label": self.label,
            "n": self.n,
            "window": self.window,
            **{name: None if one is None else one.value for name, one in measures.items()},
            **{f"{name}_p": None if one is None else one.p for name, one in measures.items()},
            "drifting": list(self.drifting),
            "verdict": self.verdict,
        }
