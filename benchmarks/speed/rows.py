"""All rows of the speed table, and what is watched as pools grow."""

from benchmarks.speed import matching, pairs, pools, scoring, segments
from benchmarks.speed.row import Row

__all__ = ["GROWS", "ROWS"]

ROWS: tuple[Row, ...] = (
    *scoring.ROWS,
    *matching.ROWS,
    *pairs.ROWS,
    *segments.ROWS,
    *pools.ROWS,
)
GROWS = {**pools.GROWS}
