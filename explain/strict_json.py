"""Values of any kind as strict JSON: no NaN, no infinity, no half characters."""

import math
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["as_json"]


def as_json(value: Any) -> Any:
    """Turn a value into what JSON can hold.

    Parameters
    ----------
    value : object
        A raw value as a table holds it, an amount, or a list or dict of them.

    Returns
    -------
    dict, list, str, bool, int, float or None
        ``None`` for numbers that are not finite and for pandas' missing values; the
        ``str`` of whatever JSON does not know, such as a date.
    """
    if type(value) is float:  # first, as tables hold little else
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        # A label read from broken JSON may hold half a character, which no UTF-8 file can.
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {as_json(str(key)): as_json(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return as_json(value.tolist())
    if isinstance(value, (list, tuple)):
        return [as_json(inner) for inner in value]
    if isinstance(value, np.generic):
        return as_json(value.item())
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None if value is pd.NA or value is pd.NaT else as_json(str(value))
