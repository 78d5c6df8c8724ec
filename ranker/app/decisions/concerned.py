"""Who is concerned by which decision: the table ``people``, and how it is asked.

Its rows stand in blocks of a few decisions each, by name within a block. In the order of names alone every
answer about a hundred people would write to a hundred places of the whole table, more of them the longer
the log: after 2,000 rankings that took three quarters of the time of recording one. In blocks it writes
to the table's end. Asked for a person, each block is looked into once, some microseconds each.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, delete, literal, select

from ranker.app.decisions.tables import escaped, head, people

__all__ = ["BLOCK", "block_of", "forget_person", "numbers_of", "of_decisions", "rows_of"]

BLOCK: Final = 16  # decisions
AT_ONCE: Final = 500


def block_of(number: int) -> int:
    """Return the block that a decision stands in."""
    return number // BLOCK


def rows_of(number: int, concerned: Iterable[str]) -> Iterator[tuple[int, str, int]]:
    """Return the rows of a decision."""
    block = block_of(number)
    return ((block, escaped(person), number) for person in concerned)


def numbers_of(person: str) -> Select[Any]:
    """Select the numbers of the decisions that concern somebody."""
    blocks = select(literal(0).label("block")).cte("blocks", recursive=True)
    last = select(head.c.number // BLOCK).scalar_subquery()
    blocks = blocks.union_all(select(blocks.c.block + 1).where(blocks.c.block < last))
    return (
        select(people.c.number)
        .join(blocks, people.c.block == blocks.c.block)
        .where(people.c.person == person)
    )


def of_decisions(numbers: Iterable[int]) -> Any:
    """Return the condition that rows are of some decisions."""
    some = list(numbers)
    return people.c.block.in_({block_of(number) for number in some}) & people.c.number.in_(some)


def forget_person(connection: Connection, person: str, numbers: Sequence[int]) -> None:
    """Delete a person's rows.

    Parameters
    ----------
    connection : Connection
        In a transaction that writes.
    person : str
        Who.
    numbers : sequence of int
        Of all decisions that concern the person, as :func:`numbers_of` selects them.
    """
    for start in range(0, len(numbers), AT_ONCE):
        of = of_decisions(numbers[start : start + AT_ONCE])
        connection.execute(delete(people).where(of, people.c.person == person))
