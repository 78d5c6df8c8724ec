"""A re-ranker's moves, in full; not for the candidate, since they name others."""

from explain.explanation import Explanation
from explain.page import Block, Item, Items

__all__ = ["move_items"]


def move_items(e: Explanation) -> tuple[Block, ...]:
    """List a re-ranker's moves of the candidate, and of others past the candidate."""
    if not e.moves and not e.shifts:
        return ()
    items = [
        Item(f"{m.rule}: {m.candidate} from rank {m.from_rank} to rank {m.to_rank}. {m.reason}")
        for m in (*e.moves, *e.shifts)
    ]
    return f"By score alone: rank {e.rank_by_score}. After the moves: rank {e.rank}.", Items(tuple(items))
