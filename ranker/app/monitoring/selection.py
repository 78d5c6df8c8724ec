"""How a group fared in one ranking, as one number that is comparable from pool to pool."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from fairness.groups import UNDISCLOSED_TEXTS

__all__ = ["disclosed", "gap_name", "plain_name", "selection_gaps"]

SILENT: Final = frozenset(UNDISCLOSED_TEXTS)


def selection_gaps(groups: Sequence[str | None], top_k: int) -> dict[str, float]:
    """Return each group's selection rate less the pool's.

    Parameters
    ----------
    groups : sequence of str or None, n long
        Group of each candidate from rank 1 on; ``None`` where undisclosed.
    top_k : int
        How many are selected.

    Returns
    -------
    dict of str to float
        In [-1, 1]; empty where all are selected, or fewer than two groups are there: then nothing can differ.

    Examples
    --------
    >>> selection_gaps(["m", "f", "m", "m"], 2)
    {'f': 0.5, 'm': -0.16666666666666669}
    """
    known = Counter(group for group in groups if group is not None)
    if len(groups) <= top_k or len(known) < 2:
        return {}
    selected = Counter(group for group in groups[:top_k] if group is not None)
    return {group: selected[group] / known[group] - top_k / len(groups) for group in sorted(known)}


def gap_name(attribute: str, group: str) -> str:
    """Name the column."""
    return f"selection of {attribute} = {group}"


def plain_name(path: str) -> str:
    """Return an attribute's name without its table: requests name it so."""
    table, dot, rest = path.partition(".")
    return rest if dot and table in ("candidate", "application") else path


def disclosed(value: object) -> str | None:
    """Return a group as text; ``None`` where nothing was said."""
    text = "" if value is None else str(value).strip()
    return None if text.casefold() in SILENT else text
