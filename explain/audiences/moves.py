"""A re-ranker's moves, in full; not for the candidate, since they name others."""

from collections.abc import Iterable

from explain.explanation import Explanation
from explain.page import Block, Item, Items
from ranker.ranking import Move

__all__ = ["list_of_moves", "move_items"]


def move_items(e: Explanation) -> tuple[Block, ...]:
    """List a re-ranker's moves of the candidate, and of others past the candidate."""
    if not e.moves and not e.shifts:
        return ()
    told = f"By score alone: rank {e.rank_by_score}. After the moves: rank {e.rank}."
    return told, list_of_moves((*e.moves, *e.shifts))


def list_of_moves(moves: Iterable[Move]) -> Items:
    """List moves with whom they moved, from where to where, and why."""
    return Items(
        tuple(
            Item(f"{m.rule}: {m.candidate} from rank {m.from_rank} to rank {m.to_rank}. {m.reason}")
            for m in moves
        )
    )
