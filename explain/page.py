"""A page before it is text or HTML: sections of paragraphs, items and tables."""

from dataclasses import dataclass

__all__ = ["Bar", "Block", "Item", "Items", "Page", "Row", "Section", "Table"]


@dataclass(frozen=True, slots=True)
class Bar:
    """An amount to be drawn.

    Parameters
    ----------
    amount, largest : float
        The amount, and the largest absolute one beside it; in the same unit.
    """

    amount: float
    largest: float

    @property
    def share(self) -> float:
        """Length, in [0, 1]."""
        return min(abs(self.amount) / self.largest, 1.0) if self.largest > 0 else 0.0

    @property
    def side(self) -> str:
        """``for`` or ``against``."""
        return "against" if self.amount < 0 else "for"


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list: a sentence or two, notes below it, a bar where there is room to draw."""

    text: str
    notes: tuple[str, ...] = ()
    bar: Bar | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    entries: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, and notes below it."""

    cells: tuple[str | Bar, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the columns in ``right`` hold numbers and are set to the right."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    right: tuple[int, ...] = ()

    @property
    def has_bars(self) -> bool:
        """Whether a cell is to be drawn."""
        return any(isinstance(cell, Bar) for row in self.rows for cell in row.cells)


Block = str | Items | Table


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it; a plain ``str`` is a paragraph."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A title, an opening, sections."""

    title: str
    lead: tuple[Block, ...]
    sections: tuple[Section, ...]
