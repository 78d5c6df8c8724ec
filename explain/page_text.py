"""A page as plain text of at most 96 columns."""

from itertools import zip_longest
from textwrap import wrap

from explain.page import Bar, Block, Page, Row, Table
from explain.words import clean

__all__ = ["as_text"]

WIDTH = 96
READING_WIDTH = 80  # of sentences; tables may take the full width
HALF_BAR = 8  # columns on each side of zero
NARROWEST = 10  # columns of text that a squeezed table leaves each column


def as_text(page: Page) -> str:
    """Write a page as text: no control characters but line breaks, whatever the record holds."""
    parts = [_heading(page.title, "="), *map(_block, page.lead)]
    for section in page.sections:
        blocks = [_block(block) for block in section.blocks]
        parts.append("\n".join([_heading(section.title, "-"), "\n\n".join(blocks)]))
    return "\n\n".join(parts)


def _heading(title: str, line: str) -> str:
    lines = _wrapped(title, READING_WIDTH)
    return "\n".join([*lines, line * max(map(len, lines))])


def _block(block: Block) -> str:
    if isinstance(block, str):
        return "\n".join(_wrapped(block, READING_WIDTH))
    if isinstance(block, Table):
        return _table(block)
    lines = []
    for item in block.entries:
        first, *rest = _wrapped(item.text, READING_WIDTH - 2)
        lines += [f"- {first}", *(f"  {line}" for line in rest)]
        for note in item.notes:
            lines += [f"  {line}" for line in _wrapped(note, READING_WIDTH - 2)]
    return "\n".join(lines)


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(clean(text), width, break_on_hyphens=False) or [""]


def _table(table: Table) -> str:
    rows = [[_cell(cell) for cell in row.cells] for row in table.rows]
    bars = {i for row in table.rows for i, cell in enumerate(row.cells) if isinstance(cell, Bar)}
    heads = [_bar_head() if i in bars else clean(head) for i, head in enumerate(table.heads)]
    widths = _widths([heads, *rows], fixed={*bars, *table.right})
    lines = _lines(heads, widths, table) if any(heads) else []
    if lines:
        lines.append("  ".join("-" * width for width in widths))
    for row, cells in zip(table.rows, rows, strict=True):
        lines += [*_lines(cells, widths, table), *_notes(row)]
    return "\n".join(lines)


def _widths(rows: list[list[str]], fixed: set[int]) -> list[int]:
    """Widths of the columns: the widest text gives way until the table fits."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    loose = [i for i in range(len(widths)) if i not in fixed]
    while loose and sum(widths) + 2 * (len(widths) - 1) > WIDTH:
        widest = max(loose, key=lambda i: widths[i])
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _lines(cells: list[str], widths: list[int], table: Table) -> list[str]:
    columns = [
        # A bar is blanks and blocks: wrapping would eat the blanks.
        [cell] if len(cell) <= width else wrap(cell, width, break_on_hyphens=False) or [""]
        for cell, width in zip(cells, widths, strict=True)
    ]
    lines = []
    for parts in zip_longest(*columns, fillvalue=""):
        padded = [
            part.rjust(width) if i in table.right else part.ljust(width)
            for i, (part, width) in enumerate(zip(parts, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return lines


def _notes(row: Row) -> list[str]:
    return [f"    {line}" for note in row.notes for line in _wrapped(note, WIDTH - 4)]


def _cell(cell: str | Bar) -> str:
    if isinstance(cell, str):
        return clean(cell)
    length = round(cell.share * HALF_BAR)
    blocks = "█" * (length or (cell.share > 0.005))  # what prints as nothing shows nothing
    if cell.side == "against":
        return f"{blocks:>{HALF_BAR}}│{'':{HALF_BAR}}"
    return f"{'':{HALF_BAR}}│{blocks:<{HALF_BAR}}"


def _bar_head() -> str:
    return f"{'against':>{HALF_BAR}}│{'for':<{HALF_BAR}}"
