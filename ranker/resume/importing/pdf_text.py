"""The text of a PDF file, by pypdf."""

import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from ranker.errors import UsageError
from ranker.records.values import Unreadable
from ranker.resume.importing.document import Document, lines_of

MOST_PAGES = 40
LARGEST_PAGE = 4 * 2**20  # bytes of drawing on one page, unpacked; a page of text has 50,000
MOST_UNKNOWN = 20  # signs that stand as "(cid:7)"
INSTALL = "pip install 'candor-rank[import]'"


def read_pdf(data: bytes) -> Document:
    """Read the text of a PDF file, in the order in which it was written.

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
        If it is encrypted, broken or too large.
    UsageError
        If pypdf is not installed.
    """
    try:
        import pypdf
        from pypdf.errors import DependencyError
    except ImportError:
        raise UsageError(f"PDF files are read by pypdf, which is not installed: {INSTALL}") from None
    with _remarks() as remarks:
        try:
            reader = pypdf.PdfReader(BytesIO(data))
            # Files that may be read but not printed or changed are encrypted with no password.
            if reader.is_encrypted and not reader.decrypt(""):
                raise Unreadable("encrypted with a password: save a copy without one")
            texts = list(_pages(reader))
        except Unreadable:
            raise
        except DependencyError:
            raise UsageError(f"this PDF file is encrypted and needs cryptography: {INSTALL}") from None
        except RecursionError:
            raise Unreadable("a PDF file that is nested too deeply") from None
        except Exception as error:
            # pypdf's documentation: "broken PDF files might cause other Exceptions".
            raise Unreadable(f"a broken PDF file ({type(error).__name__}): print it to PDF anew") from None
    text = "\n".join(texts)
    check_signs(text)
    remarked = (f"the PDF is not as it should be in {len(remarks)} places",) if remarks else ()
    return Document(lines_of(text), remarked)


def _pages(reader: Any) -> Iterator[str]:
    n_pages = len(reader.pages)
    if n_pages > MOST_PAGES:
        raise Unreadable(f"{n_pages} pages: more than {MOST_PAGES}, which is no résumé")
    for number, page in enumerate(reader.pages, 1):
        contents = page.get_contents()
        if contents is not None and len(contents.get_data()) > LARGEST_PAGE:
            raise Unreadable(f"page {number} holds more than {LARGEST_PAGE:,} bytes of drawing")
        # "plain" keeps columns apart where they were written one after the other; "layout" mixes their lines.
        yield page.extract_text()


def check_signs(text: str) -> None:
    """Refuse text whose fonts do not say which letters their signs are; a few icons are no harm."""
    odd = sum(unicodedata.category(sign) in ("Co", "Cn", "Cs") or sign == "�" for sign in text)
    if (odd and 5 * odd > sum(map(str.isalpha, text))) or text.count("(cid:") > MOST_UNKNOWN:
        raise Unreadable("signs of a font that does not say which letters they are: save the PDF anew")


@contextmanager
def _remarks() -> Iterator[list[str]]:
    """Collect what pypdf would write to stderr about a file."""
    found: list[str] = []

    class _Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    logger, collector = logging.getLogger("pypdf"), _Collector(logging.WARNING)
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(collector)
    try:
        yield found
    finally:
        logger.removeHandler(collector)
        logger.propagate = propagate
