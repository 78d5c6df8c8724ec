"""Counts of persons, read from whatever a table holds."""

from fractions import Fraction
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from ranker.errors import DataError


def is_missing(value: object) -> bool:
    """Whether a cell of a table of counts is empty."""
    return value is None or value is pd.NA or value != value or (isinstance(value, str) and not value.strip())


def whole_persons(value: Any, what: str) -> int:
    """Read a count of persons, or raise DataError.

    Parameters
    ----------
    value : object
        A number, or a text of one; a fraction of a person is a sign of a count that was
        worked out from a rate.
    what : str
        What it is a count of, for the error message.
    """

    def refuse(why: str) -> NoReturn:
        raise DataError(f"{what} is {value!r}, {why}")

    if is_missing(value):
        raise DataError(f"{what} is missing: give a whole number, 0 for nobody")
    if isinstance(value, (bool, np.bool_)):
        refuse("a truth value: give the number of persons")
    try:
        number = Fraction(value.strip() if isinstance(value, str) else str(value))
    except (ValueError, ZeroDivisionError):
        refuse("which is no number: give a whole number of persons, without separators")
    if number.denominator != 1:
        refuse("and no part of a person: a count worked out from a rounded rate is not a count")
    if number < 0:
        refuse("and no fewer than nobody: give a whole number from 0")
    return int(number)
