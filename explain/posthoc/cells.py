"""Tables of any kind as whole numbers, so that rows can be mixed cell by cell."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from explain.posthoc.explainer import Predict

__all__ = ["Cells"]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Distinct values of each column; a cell is the position of its value.

    Equal values get equal numbers, whatever they are (lists and missing ones included), so an
    explainer sees which cells of two rows do not differ.

    Parameters
    ----------
    columns : tuple of str
        Names of the ``m`` columns.
    values : tuple of arrays
        Distinct values of each, in its own type.
    codes : (n, m) int64 array
        Of the table that it was made from.
    """

    columns: tuple[str, ...]
    values: tuple[NDArray, ...]
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, table: pd.DataFrame) -> "Cells":
        """Give each cell of a table its number."""
        values, codes = [], np.empty(table.shape, np.int64)
        for number, name in enumerate(table.columns):
            column = table[name].to_numpy()
            if column.dtype == object:
                # Lists and dicts cannot be hashed; what they look like can.
                code_of: dict[str, int] = {}
                looks = [f"{type(value).__name__} {value!r}" for value in column.tolist()]
                codes[:, number] = [code_of.setdefault(look, len(code_of)) for look in looks]
                _, first = np.unique(codes[:, number], return_index=True)
                values.append(column[first])
            else:
                found, codes[:, number] = np.unique(column, return_inverse=True)
                values.append(found)
        return cls(tuple(map(str, table.columns)), tuple(values), codes)

    def table(self, codes: NDArray[np.int64]) -> pd.DataFrame:
        """Write codes, (k, m), as the values that they stand for."""
        return pd.DataFrame(
            {
                name: pd.Series(values[codes[:, number]], dtype=values.dtype)
                for number, (name, values) in enumerate(zip(self.columns, self.values, strict=True))
            }
        )

    def predict(self, predict: Predict, codes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the score of each coded row, (k,); equal rows are scored once."""
        distinct, back = np.unique(codes, axis=0, return_inverse=True)
        scores = np.asarray(predict(self.table(distinct)), dtype=np.float64)
        return scores[back.reshape(-1)]
