"""What a form of a page sends."""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from ranker.app.service.problems import Problem
from ranker.app.service.settings import ServiceSettings

__all__ = ["form_of"]

MOST_BYTES: Final = 256 << 10
MOST_FIELDS: Final = 500
TYPE: Final = "application/x-www-form-urlencoded"


async def form_of(request: Request, settings: ServiceSettings) -> Mapping[str, str]:
    """Read a form; of several fields with one name the last counts.

    Raises
    ------
    Problem
        400, 408, 413 or 415.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != TYPE:
        raise Problem("media-type", "a page's form is sent as the page sends it")
    parts, size = [], 0
    try:
        async with asyncio.timeout(settings.body_seconds):
            async for part in request.stream():
                size += len(part)
                if size > min(MOST_BYTES, settings.body_bytes):
                    raise Problem("too-large", "the form is too long: say it in fewer words")
                parts.append(part)
    except TimeoutError:
        raise Problem("slow", f"the form did not arrive within {settings.body_seconds:g} s") from None
    try:
        text = b"".join(parts).decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Problem("unreadable", "the form cannot be read: go back, and send it once more") from None
