"""Lists of names or places that a user brings: each under one group."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ranker.errors import DataError, did_you_mean

__all__ = ["listed", "listed_by_share"]


def listed(table: pd.DataFrame, *, name: str = "name", group: str = "group") -> dict[str, str]:
    """Read which group each name stands for.

    Parameters
    ----------
    table : DataFrame
        One row a name.
    name, group : str
        Columns.

    Returns
    -------
    dict
        Name to group. A name that stands under several groups tells none of them and is left
        out, as is a row without either; ``len(table) - len(listed(table))`` says how many.

    Raises
    ------
    DataError
        If a column is missing, or no name is left.

    Examples
    --------
    >>> listed(pd.DataFrame({"name": ["Ada", "Kim", "Kim"], "group": ["f", "f", "m"]}))
    {'Ada': 'f'}
    """
    _refuse_absent(table, (name, group))
    groups: dict[str, set[str]] = {}
    for one, of in table[[name, group]].dropna().itertuples(index=False, name=None):
        groups.setdefault(str(one).strip(), set()).add(str(of).strip())
    return _refuse_empty({one: min(found) for one, found in groups.items() if one and len(found) == 1})


def listed_by_share(
    table: pd.DataFrame, shares: Mapping[str, str], *, name: str = "name", at_least: float = 0.5
) -> dict[str, str]:
    """Give each name the group that enough people see in it, or that enough of its bearers belong to.

    Parameters
    ----------
    table : DataFrame
        One row a name, with a share for each group.
    shares : dict of str to str
        Group to the column with its share in [0, 1].
    name : str
        Column with the names.
    at_least : float
        Least share, in (.5, 1] or .5 itself; names that no group reaches it with are left out.

    Returns
    -------
    dict
        Name to group.

    Raises
    ------
    DataError
        If a column is missing, ``at_least`` could give a name two groups, or no name is left.

    Notes
    -----
    A share is one of the people asked, or of those on record: what another reader takes a name
    for may differ. A higher bar leaves fewer and more telling names.

    References
    ----------
    Crabtree et al. (2023), Validated Names for Experimental Studies on Race and Ethnicity,
    Scientific Data 10.

    Examples
    --------
    >>> table = pd.DataFrame({"name": ["Ada", "Kim"], "p_female": [0.99, 0.55], "p_male": [0.01, 0.45]})
    >>> listed_by_share(table, {"f": "p_female", "m": "p_male"}, at_least=0.9)
    {'Ada': 'f'}
    """
    if not 0.5 <= at_least <= 1:
        raise DataError(
            f"at_least = {at_least}: give a share from .5 to 1, so that a name has one group at most"
        )
    _refuse_absent(table, (name, *shares.values()))
    values = table[list(shares.values())].to_numpy(dtype=np.float64)
    found = np.where(np.isnan(values), -1.0, values)
    # Of two groups with half each neither is what the name stands for.
    clear = (found.max(axis=1) >= at_least) & ((found == found.max(axis=1, keepdims=True)).sum(axis=1) == 1)
    labels = np.array(list(shares), dtype=object)[found.argmax(axis=1)]
    return listed(pd.DataFrame({"name": table[name].to_numpy(dtype=object)[clear], "group": labels[clear]}))


def _refuse_absent(table: pd.DataFrame, columns: tuple[str, ...]) -> None:
    for column in columns:
        if column not in table.columns:
            raise DataError(
                f"the list has no column {column!r}{did_you_mean(column, map(str, table.columns))}"
            )


def _refuse_empty(names: dict[str, str]) -> dict[str, str]:
    if not names:
        raise DataError("no name in the list stands for one group: check the columns and the least share")
    return names
