"""Swap tests: other names, cities or protected values in the raw records, and who moves."""

from fairness.swaps.kinds import CitySwap, FieldSwap, NameSwap, Swap
from fairness.swaps.lists import listed, listed_by_share
from fairness.swaps.replacement import replaced
from fairness.swaps.result import SwapResult
from fairness.swaps.swap_test import scored_by, swap_test

__all__ = [
    "CitySwap",
    "FieldSwap",
    "NameSwap",
    "Swap",
    "SwapResult",
    "listed",
    "listed_by_share",
    "replaced",
    "scored_by",
    "swap_test",
]
