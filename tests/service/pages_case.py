"""Visits to the pages, signed in by the form as people are."""

import re
from html import unescape
from typing import Any

from api_case import Api


class Visitor:
    """Somebody with a browser's cookies.

    Parameters
    ----------
    api : Api
        The service.
    role : str or None
        Whose key is shown; nobody signs in with ``None``.
    """

    def __init__(self, api: Api, role: str | None = None) -> None:
        self.api = api
        self.client = api.client
        self.client.cookies.clear()
        if role is not None:
            answer = self.sign_in(api.keys[role])
            assert answer.status_code == 303, answer.text

    def sign_in(self, key: str, **more: str) -> Any:
        page = self.get("/sign-in")
        return self.post("/sign-in", {"before": hidden(page, "before"), "key": key, **more}, token=None)

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(f"/pages{path}", follow_redirects=False, **more)

    def post(self, path: str, form: dict[str, str], token: str | None = "own", **more: Any) -> Any:
        if token == "own":
            token = hidden(self.get("/model"), "token")
        told = form if token is None else {**form, "token": token}
        return self.client.post(f"/pages{path}", data=told, follow_redirects=False, **more)


def hidden(page: Any, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return found[1]


def heading(page: Any) -> str:
    return unescape(re.search("<h1>(.*?)</h1>", page.text)[1])
