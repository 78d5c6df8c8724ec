"""A ranking as a page lays it out: bars, plausible ranks, and what a person should look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Bar", "Laid", "Row", "lay_out"]

WIDTH: Final = 100.0  # of a drawing, in its own units


@dataclass(frozen=True, slots=True)
class Bar:
    """A score from where everyone starts, and how far it could be off; in the drawing's units.

    Parameters
    ----------
    zero, end : float
        Where the bar begins, and where it ends.
    low, high : float
        A standard error below the score, and above it; the score itself where there is none.
    """

    zero: float
    end: float
    low: float
    high: float

    @property
    def start(self) -> float:
        """Its left end."""
        return min(self.zero, self.end)

    @property
    def length(self) -> float:
        """From its left end to its right one."""
        return abs(self.end - self.zero)


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate.

    Parameters
    ----------
    told : mapping
        As the answer has it.
    bar : Bar
        Of the score.
    flags : tuple of (str, str)
        What to look at: the name of its style, and its words.
    """

    told: Mapping[str, Any]
    bar: Bar
    flags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Laid:
    """A ranking.

    Parameters
    ----------
    rows : tuple of Row
        Best first.
    n_deleted : int
        Candidates of the ranking whose data have been deleted since.
    has_intervals, has_labels : bool
        Whether the answer tells how far ranks could move; whether it labels.
    """

    rows: tuple[Row, ...]
    n_deleted: int
    has_intervals: bool
    has_labels: bool


def lay_out(answer: Mapping[str, Any], cut: int | None) -> Laid:
    """Lay out the answer to a request for a ranking.

    Parameters
    ----------
    answer : mapping
        As :class:`ranker.app.served.answers.RankAnswer` describes it; people whose data were deleted are
        ``{"withdrawn": true}`` in it.
    cut : int or None
        The cut-off that plausible ranks are compared with.
    """
    there = [one for one in answer["ranking"] if "rank" in one]
    ends = [value for one in there for value in _ends(one)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    scale = WIDTH / (high - low) if high > low else 0.0
    rows = tuple(
        Row(one, _bar(one, low, scale), tuple(_flags(one, cut, answer["pool_size"]))) for one in there
    )
    return Laid(
        rows,
        len(answer["ranking"]) - len(there),
        any(one.get("rank_low") is not None for one in there),
        any(one.get("label") is not None for one in there),
    )


def _ends(one: Mapping[str, Any]) -> tuple[float, float]:
    apart = one.get("score_deviation") or 0.0
    return one["score"] - apart, one["score"] + apart


def _bar(one: Mapping[str, Any], low: float, scale: float) -> Bar:
    places = [round((value - low) * scale, 2) for value in (0.0, one["score"], *_ends(one))]
    return Bar(*places)


def _flags(one: Mapping[str, Any], cut: int | None, n: int) -> list[tuple[str, str]]:
    flags = []
    if one["tied"]:
        flags.append(("tied", "tied"))
    first, last = one.get("rank_low"), one.get("rank_high")
    if first is not None and last is not None:
        if cut is not None and first <= cut < last:
            flags.append(("borderline", "borderline"))
        if 2 * (last - first + 1) > n > 2:
            flags.append(("uncertain", "uncertain"))
    return flags
