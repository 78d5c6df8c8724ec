"""A service in this process, with a key of every role, on a log of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the service needs the extra api")
pytest.importorskip("httpx2", reason="Starlette's TestClient speaks with httpx2")

from served_case import make_served, pool_body
from starlette.testclient import TestClient

from ranker.app.decisions import Store, open_store
from ranker.app.decisions.keys import create_key
from ranker.app.service.api import create_app
from ranker.app.service.roles import ROLES
from ranker.app.service.settings import ServiceSettings

OFTEN = {f"rate_{role}": "100000/second" for role in (*ROLES, "unknown")}

_pool = make_served().rank(pool_body())
PERSON = _pool["ranking"][3]["candidate"]  # whom the applicant's key is bound to
OTHER = _pool["ranking"][1]["candidate"]
SET_ASIDE = _pool["set_aside"][0]["candidate"]  # has no work permit


class Api:
    """A client that says by whom it asks.

    Parameters
    ----------
    client : TestClient
        Speaks with the application.
    store : Store
        Its log.
    """

    def __init__(self, client: TestClient, store: Store) -> None:
        self.client = client
        self.store = store
        self.keys = {
            role: create_key(store, role, name=role, person=PERSON if role == "applicant" else None).secret
            for role in ROLES
        }

    def ask(self, method: str, path: str, role: str | None = "recruiter", **more: Any) -> Any:
        headers = dict(more.pop("headers", {}))
        if role is not None:
            headers["Authorization"] = f"Bearer {self.keys[role]}"
        return self.client.request(method, path, headers=headers, **more)

    def send(self, path: str, body: bytes, role: str | None = "recruiter", **headers: str) -> Any:
        headers = {"Content-Type": "application/json", **headers}
        return self.ask("POST", path, role, content=body, headers=headers)

    def ranked(self, **more: Any) -> Any:
        answer = self.ask("POST", "/rank", json=pool_body(**more))
        assert answer.status_code == 200, answer.text
        return answer


@contextmanager
def running(folder: Path, *, chance: float = 1.0, store: Any = None, **settings: Any) -> Iterator[Api]:
    """Run a service; nothing is drawn by chance unless the test says so."""
    own = open_store(f"sqlite:///{folder / 'log.db'}") if store is None else store
    told = ServiceSettings(_env_file=None, **{**OFTEN, "watch": False, **settings})
    app = create_app(told, served=make_served(), store=own, chance=lambda: chance)
    with TestClient(app) as client:
        yield Api(client, own)
    own.close()


def problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    """Check that an answer is a problem of a kind, whole; return it."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), (
        answer.text
    )
    told = answer.json()
    assert told["type"] == f"urn:candor:problem:{kind}", told
    assert told["status"] == status
    assert told["instance"] == f"urn:candor:request:{answer.headers['x-request-id']}"
    assert told["detail"]
    return told


@pytest.fixture(scope="session", name="api")
def api_fixture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with running(tmp_path_factory.mktemp("api")) as api:
        yield api


@contextmanager
def listening(api: Api) -> Iterator[str]:
    """Let the application of a running service be asked over a socket; yields its URL."""
    import uvicorn

    from ranker.app.service.connections import BoundedHeaders

    config = uvicorn.Config(
        api.client.app, port=0, lifespan="off", log_config=None, ws="none", http=BoundedHeaders
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        for _ in range(1_000):
            if server.started:
                break
            time.sleep(0.01)
        assert server.started
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
