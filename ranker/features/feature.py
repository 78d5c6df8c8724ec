"""What every feature can do: compute itself, split an amount back, say its value."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ranker.features.amounts import AmountOf, Amounts, OneFunction, Split
from ranker.features.shares import WHOLE
from ranker.records.records import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature(ABC):
    """One engineered feature (FEDD) of (candidate, job) pairs.

    Parameters
    ----------
    name : str
        Column name, unique within a feature set.
    label : str
        Its name in words; the name where it is left empty.
    """

    name: str
    label: str = ""

    column: ClassVar[str] = "continuous"
    split_rule: ClassVar[str] = "the whole amount goes to the field"

    def __post_init__(self) -> None:
        if not self.label:
            object.__setattr__(self, "label", self.name.replace("_", " "))

    @property
    @abstractmethod
    def sources(self) -> tuple[str, ...]:
        """Paths of the raw fields that the feature reads."""

    @property
    def subject(self) -> str:
        """Path of the field that carries what no single part of it earned.

        The candidate's side; the job's fields are held constant.
        """
        return self.sources[0]

    @abstractmethod
    def compute(self, records: Records) -> np.ndarray:
        """Return the feature of all ``n`` pairs: float64 with NaN for missing, or texts with ``None``."""

    @abstractmethod
    def describe(self, records: Records, pair: int) -> str:
        """Say one pair's value in words, such as ``"4 of 5"``."""

    def split(self, records: Records, amounts: Amounts) -> list[Split]:
        """Split what each pair's value holds in its score over the raw parts that made the value.

        A feature of several parts writes this method; :meth:`attribute` is the same for one pair.

        Parameters
        ----------
        records : Records
            The ``n`` pairs.
        amounts : Amounts
            What the feature holds in their scores.

        Returns
        -------
        list of Split, n long
            The shares of each sum to its ``amounts.whole``.
        """
        return [Split({self.subject: amount}, WHOLE) for amount in amounts.whole.tolist()]

    def attribute(self, records: Records, pair: int, amount_of: AmountOf) -> dict[str, float]:
        """Split an amount over the raw parts that made one pair's value.

        Parameters
        ----------
        records : Records
            The pairs.
        pair : int
            Position of the pair.
        amount_of : callable
            The amount in the score as a function of the feature's value, (m,) -> (m,).

        Returns
        -------
        dict of str to float
            Path of each part and its share; they sum to ``amount_of(value)``.
        """
        one = records.take(np.array([pair]))
        return self.split(one, OneFunction(self.compute(one), amount_of))[0].shares

    def gains(self, records: Records, pair: int, amount_of: AmountOf) -> dict[str, float]:
        """Tell what each thing that the job asks for and the candidate lacks would have brought.

        Parameters
        ----------
        records, pair
            As for :meth:`attribute`.
        amount_of : callable
            The amount in the score as a function of the feature's value, (m,) -> (m,), with
            the whole of every interaction.

        Returns
        -------
        dict of str to float
            In the job's words, what the score would gain were this one there and all else as it
            is, in score units; other features that read the same field are not counted.
        """
        return {}

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return what the value rests on, such as the items matched and missing; JSON."""
        return {}


def numbered(paths: list[str]) -> list[str]:
    """Make repeated paths distinct: ``work[Cook]``, ``work[Cook #2]``."""
    out: dict[str, None] = {}
    for path in paths:
        number, name = 1, path
        while name in out:
            number += 1
            name = f"{path[:-1]} #{number}]"
        out[name] = None
    return list(out)


def amount_text(value: float, unit: str = "") -> str:
    """Write a number for people: no trailing zeros, its unit behind it."""
    if np.isnan(value):
        return "not given"
    text = f"{value:.2g}" if 0 < abs(value) < 0.1 else f"{value:,.2f}".rstrip("0").rstrip(".")
    if text == "1" and unit.endswith("s") and not unit.endswith(("ss", "us")):
        unit = unit[:-1]  # units are written in the plural: "months", "points"
    return f"{text} {unit}".strip()
