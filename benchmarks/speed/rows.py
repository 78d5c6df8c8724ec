"""All rows of the speed table, and what is watched as pools grow."""

from benchmarks.speed import matching, pairs, pools, scoring, segments
from benchmarks.speed.growth import Grows
from benchmarks.speed.row import Case, Row

__all__ = ["GROWS", "ROWS"]

ROWS: tuple[Row, ...] = (
    *scoring.ROWS,
    *matching.ROWS,
    *pairs.ROWS,
    *segments.ROWS,
    *pools.ROWS,
)
CANDIDATES = (100_000, 1_000_000, 10_000_000)


def _of_row(name: str) -> Grows:
    """Make a row's work grow, which is stated for a million."""
    (row,) = (row for row in ROWS if row.name == name)

    def prepare(n: int) -> Case:
        case = row.prepare(n / 1_000_000, 1)
        return Case(case.ours, {}, case.n)

    return prepare


GROWS = {
    "score, float64": (_of_row("score-float64"), CANDIDATES),
    "count the skills in common, 1 job": (_of_row("match 1 job x 1M people"), CANDIDATES),
    **pools.GROWS,
}
