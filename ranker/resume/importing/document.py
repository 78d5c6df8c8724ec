"""The text of a document, line by line, whatever kind of file it came from."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ranker.records.values import Unreadable

LARGEST_FILE = 20 * 2**20  # bytes; résumés with photographs stay below 10 MB
LONGEST_TEXT = 200_000  # characters; a long academic résumé has 60,000
LEAST_LETTERS = 40  # fewer in a whole document are a stamp on a picture, not a résumé
FULL_LINE = 60  # characters, from which on a line may have ended at the page's edge
LONGEST_LINE = 2_000  # characters of one line that are looked at
# Behind the plain ones: the code that Windows' fonts keep for it, and bullets of Symbol and Wingdings, as Word prints.
BULLET = re.compile(
    r"^\s*(?:[•●▪■◦○‣⁃∙·➢➤►▶✓✔❖◆*\x7f\uf0b7\uf0a7\uf0a8\uf076\uf0d8\uf0e0\uf0fc]+|[-–—](?=\s)|o(?=\s+[A-Z])"
    r"|\d{1,2}[.)](?=\s))\s*"
)
LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
# Not NFKC, which would write Java™ as JavaTM.
PLAIN = str.maketrans({**LIGATURES, "\xa0": " ", "\u202f": " ", "\u2009": " ", "\xad": None, "\u200b": None})
GOES_ON = re.compile(r"(?:[,;&/–-]|\b(?:and|or|of|the|a|an|with|using|for|to|in|on|by|from|as|at))$", re.I)
MAGIC = {b"%PDF-": "pdf", b"PK\x03\x04": "zip", b"\xd0\xcf\x11\xe0": "old", b"{\\rtf": "rtf"}
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # how a Word file with a password is marked


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document.

    Parameters
    ----------
    text : str
        Without its bullet, its spaces single; tabs are kept, they part columns.
    is_bullet : bool
        Whether it began with a bullet or a number.
    is_heading : bool
        Whether the file itself says that it is a heading.
    """

    text: str
    is_bullet: bool = False
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A document's text.

    Parameters
    ----------
    lines : tuple of Line
        Without empty ones, in the order of reading.
    remarks : tuple of str
        What the file holds that was not read.
    """

    lines: tuple[Line, ...]
    remarks: tuple[str, ...] = ()


def read_document(path: Path) -> Document:
    """Read a PDF, DOCX or plain text file.

    Parameters
    ----------
    path : Path
        The file; what kind it is, its first bytes say, not its name.

    Returns
    -------
    Document

    Raises
    ------
    Unreadable
        With the reason and what to do, where it holds no text that can be read.
    UsageError
        If the library that reads this kind is not installed.
    OSError
        If the file cannot be opened.
    """
    size = path.stat().st_size
    if size == 0:
        raise Unreadable("an empty file")
    if size > LARGEST_FILE:
        raise Unreadable(f"{size:,} bytes: more than {LARGEST_FILE:,}, which no résumé needs")
    data = path.read_bytes()
    kind = next((kind for magic, kind in MAGIC.items() if magic in data[: 1024 if kind == "pdf" else 8]), "")
    if kind == "pdf":
        from ranker.resume.importing.pdf_text import read_pdf

        return checked(read_pdf(data))
    if kind == "zip":
        from ranker.resume.importing.docx_text import read_docx

        return checked(read_docx(data))
    if kind == "old" and ENCRYPTED in data:
        raise Unreadable("encrypted with a password: save a copy without one")
    if kind:
        raise Unreadable(f"{'an old Word' if kind == 'old' else 'an RTF'} file: save it as DOCX or PDF")
    try:
        return checked(Document(lines_of(data.decode("utf-8-sig"))))
    except UnicodeDecodeError as error:
        raise Unreadable(f"neither PDF nor DOCX, and no UTF-8 text (byte {error.start})") from None


def lines_of(text: str) -> tuple[Line, ...]:
    """Part a text into lines, and join again what only the width of a page had parted.

    Raises
    ------
    Unreadable
        If it is longer than any résumé.
    """
    if len(text) > LONGEST_TEXT:
        raise Unreadable(f"{len(text):,} characters: more than {LONGEST_TEXT:,}, which is no résumé")
    return joined(line for line in map(line_of, text.splitlines()) if line.text)


def line_of(text: str, *, is_bullet: bool = False, is_heading: bool = False) -> Line:
    """Make one line: bullet taken off, spaces single, three or more of them a tab."""
    text = text.translate(PLAIN)[:LONGEST_LINE]
    found = BULLET.match(text)
    text = "".join(c for c in (text[found.end() :] if found else text) if c == "\t" or c.isprintable())
    text = re.sub(r" *\t[ \t]*| {3,}", "\t", text.strip())
    return Line(re.sub(r" {2,}", " ", text), is_bullet or bool(found), is_heading)


def joined(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Join a line to the one before where that one plainly goes on.

    A line goes on the one before where it has no bullet, that one is no heading, and either that
    one ends in a comma, a dash or a word such as "and", or it begins with a small letter below a bullet
    or a full line.
    """
    out: list[Line] = []
    for line in lines:
        before = out[-1] if out else None
        # A bullet that stands on a line of its own belongs to what follows it.
        if before is not None and not before.text:
            out[-1] = replace(line, is_bullet=True)
        elif (
            before is not None
            and not (line.is_bullet or line.is_heading or before.is_heading)
            and (
                GOES_ON.search(before.text)
                or (line.text[:1].islower() and (before.is_bullet or len(before.text) >= FULL_LINE))
            )
        ):
            out[-1] = replace(before, text=f"{before.text} {line.text}"[:LONGEST_LINE])
        elif line.text or line.is_bullet:
            out.append(line)
    return tuple(line for line in out if line.text)


def checked(document: Document) -> Document:
    """Return a document if there is text in it that a person could read.

    Raises
    ------
    Unreadable
        If it holds next to no letters.
    """
    letters = sum(sum(map(str.isalpha, line.text)) for line in document.lines)
    if letters < LEAST_LETTERS:
        raise Unreadable(
            f"{letters} letters of text: probably a scan, which needs text recognition (OCR) first"
        )
    return document
