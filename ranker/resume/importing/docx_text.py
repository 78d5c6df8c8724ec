"""The text of a DOCX file, by python-docx: paragraphs, tables, text boxes."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from ranker.errors import UsageError
from ranker.records.values import Unreadable
from ranker.resume.importing.document import Document, Line, joined, line_of
from ranker.resume.importing.pdf_text import INSTALL

LARGEST_UNPACKED = 100 * 2**20  # bytes
MOST_PARTS = 2_000
LARGEST_XML = 8 * 2**20  # bytes of one part of text, which becomes a tree some twenty times as large


def read_docx(data: bytes) -> Document:
    """Read the text of a DOCX file: its body in order, then its text boxes.

    Headers and footers are not read: they hold names and addresses.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    Document

    Raises
    ------
    Unreadable
        If it is broken, no Word document, or too large when unpacked.
    UsageError
        If python-docx is not installed.
    """
    try:
        import docx
    except ImportError:
        raise UsageError(f"DOCX files are read by python-docx, which is not installed: {INSTALL}") from None
    _check_zip(data)
    try:
        document = docx.Document(BytesIO(data))
        lines = joined(_lines(document))
        boxes = joined(_boxes(document.element.body))
        pictures = len(document.inline_shapes)
    except Exception as error:
        # Of a part that is not there KeyError, of XML lxml's own errors, of parts that mislead many more.
        raise Unreadable(f"a broken DOCX file ({type(error).__name__}): save it anew") from None
    remarks = (f"{pictures} pictures",) if pictures else ()
    return Document(lines + boxes, remarks)


def _check_zip(data: bytes) -> None:
    """Refuse what would not be a document, or would fill the memory when unpacked."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError):
        raise Unreadable("a broken DOCX file (its zip archive is damaged): save it anew") from None
    if "word/document.xml" not in {part.filename for part in parts}:
        raise Unreadable("a zip archive that is no Word document: give the files in it one by one")
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("encrypted with a password: save a copy without one")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST_UNPACKED or len(parts) > MOST_PARTS:
        raise Unreadable(f"{len(parts)} parts of {unpacked:,} bytes when unpacked, which no résumé needs")
    if any(part.file_size > LARGEST_XML for part in parts if part.filename.endswith((".xml", ".rels"))):
        raise Unreadable(f"more than {LARGEST_XML:,} bytes of text, which is no résumé")


def _lines(container: Any) -> Iterator[Line]:
    for block in container.iter_inner_content():
        if hasattr(block, "rows"):
            yield from _table(block)
        else:
            yield from _paragraph(block)


def _paragraph(block: Any) -> Iterator[Line]:
    style = block.style.name if block.style is not None else ""
    properties = block._p.pPr
    is_bullet = style.startswith("List") or (properties is not None and properties.numPr is not None)
    # A line break within a paragraph parts lines as well.
    for number, text in enumerate(block.text.splitlines()):
        line = line_of(text, is_bullet=is_bullet and number == 0, is_heading=style.startswith("Heading"))
        if line.text:
            yield line


def _table(table: Any) -> Iterator[Line]:
    """Yield a table's lines: a row of single lines is one, its cells parted by tabs."""
    for row in table.rows:
        # A merged cell comes once for each column that it spans.
        cells = list({id(cell._tc): cell for cell in row.cells}.values())
        found = [list(_lines(cell)) for cell in cells]
        if all(len(lines) <= 1 for lines in found):
            row_text = "\t".join(lines[0].text for lines in found if lines)
            if row_text:
                yield line_of(row_text)
        else:
            for lines in found:
                yield from lines


def _boxes(body: Any) -> Iterator[Line]:
    """Yield the text of text boxes, of which Word writes each twice: once for older readers."""
    from docx.oxml.ns import qn

    fallback = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
    for box in body.iter(qn("w:txbxContent")):
        if any(above.tag == fallback for above in box.iterancestors()):
            continue
        for paragraph in box.iter(qn("w:p")):
            line = line_of("".join(text.text or "" for text in paragraph.iter(qn("w:t"))))
            if line.text:
                yield line
