"""What a request for a ranking costs: the processor's milliseconds by stage, beside a bare endpoint.

    python -m benchmarks.service_rank_cpu           # two minutes; writes results/service_rank_cpu.json
    python -m benchmarks.service_rank_cpu --quick   # half a minute; nothing is written

The model and the bodies are those of :mod:`benchmarks.served_rank`: nine features, 100 candidates, about
90 kB. *Requests* go through the whole application as ASGI, without a socket: the key, the limits, the log in
SQLite (each answer is on disk before it is sent). The *bare* endpoint is a FastAPI application that parses
the same body into a pydantic model and returns it; *bare, untyped* takes it as a ``dict``. Services and bare
endpoints are asked in turn, in the same process. Time is of the process, all threads together, medians and
lower quartiles over all bodies and rounds: what other programs do to the clock is not counted, what they do
to the caches is.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel, JsonValue

from benchmarks.served_rank import POOL, bodies, served_model
from benchmarks.speed.machine import describe, pinned
from ranker.app.decisions import NewDecision, Store, create_key, open_store
from ranker.app.decisions.sealed import Sealed
from ranker.app.served import Served
from ranker.app.served.bodies import RankBody, read_body
from ranker.app.served.served import answer_bytes
from ranker.app.service.api import create_app
from ranker.app.service.settings import read_settings

RESULTS = Path(__file__).parent / "results"
ROUNDS = 15
MODES: dict[str, dict[str, bool]] = {
    "as it comes": {},
    "intervals": {"intervals": True},
    "explanations": {"explanations": True},
}
Figures = dict[str, float]


class Typed(BaseModel):
    """A ranking's body, as a FastAPI application without ours would declare it."""

    job: dict[str, JsonValue]
    candidates: list[dict[str, JsonValue]]
    applications: list[dict[str, JsonValue]] | None = None
    intervals: bool | None = None
    explanations: bool = False


def bare() -> FastAPI:
    """Make an application that returns what it is sent."""
    app = FastAPI()

    @app.post("/rank")
    async def typed(body: Typed) -> Typed:
        return body

    @app.post("/untyped")
    async def untyped(body: dict[str, Any]) -> dict[str, Any]:
        return body

    return app


async def ask(app: Any, path: str, key: str, body: bytes) -> bytes:
    """Send a request to an application, as a server would."""
    sent = iter([{"type": "http.request", "body": body, "more_body": False}])
    parts: list[bytes] = []
    status = 0

    async def receive() -> Any:
        return next(sent, None) or await asyncio.Event().wait()

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)
        parts.append(message.get("body", b""))

    headers = {"content-type": "application/json", "content-length": str(len(body)), "host": "here"}
    headers["authorization"] = f"Bearer {key}"
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "state": {},
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2),
    }  # fmt: skip
    await app(scope, receive, send)
    text = b"".join(parts)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}: {text[:300]!r}")
    return text


def figures(spent: list[float]) -> Figures:
    """Median and lower quartile, in milliseconds."""
    ms = 1e3 * np.array(spent)
    return {
        "median": round(float(np.median(ms)), 2),
        "quartile": round(float(np.quantile(ms, 0.25)), 2),
    }


def stages(served: Served, store: Store, sent: list[bytes], rounds: int) -> dict[str, Figures]:
    """Take a request's work apart."""
    spent: dict[str, list[float]] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        start = time.process_time()
        found = work()
        spent.setdefault(name, []).append(time.process_time() - start)
        return found

    for _ in range(rounds):
        for raw in sent:
            body = timed("read", partial(read_body, RankBody, raw))
            answer = timed("rank", partial(served.rank, body))
            people = timed("people", partial(served.people, "rank", body))
            new = NewDecision(
                kind="rank", caller="key", role="recruiter", model=served.digest, request_id="r",
                input=body, answer=answer, people=people,
            )  # fmt: skip
            timed("seal", partial(Sealed.of, new))
            timed("record, sealed", partial(store.record, new))
            timed("write", partial(answer_bytes, answer))
    return {name: figures(times[len(sent) :]) for name, times in spent.items()}


async def requests(app: FastAPI, key: str, sent: list[bytes], rounds: int) -> dict[str, Figures]:
    """Ask the service and the bare endpoints in turn."""
    asked: dict[str, tuple[Any, str]] = {
        "service": (app, "/rank"),
        "bare": (plain := bare(), "/rank"),
        "bare, untyped": (plain, "/untyped"),
    }
    spent: dict[str, list[float]] = {name: [] for name in asked}
    async with app.router.lifespan_context(app):
        for number in range(rounds + 1):
            for raw in sent:
                for name, (application, path) in asked.items():
                    start = time.process_time()
                    await ask(application, path, key, raw)
                    if number:
                        spent[name].append(time.process_time() - start)
    return {name: figures(times) for name, times in spent.items()}


def measure(served: Served, folder: Path, options: dict[str, bool], rounds: int) -> dict[str, Any]:
    """Measure one kind of request, on a log of its own."""
    sent = bodies(folder, options)
    with tempfile.TemporaryDirectory(dir=folder) as name, open_store(f"sqlite:///{name}/log.db") as store:
        key = create_key(store, "recruiter", name="benchmark").secret
        settings = read_settings(rate_recruiter="1000000/second", access_log=False)
        app = create_app(settings, served=served, store=store, chance=lambda: 1.0)
        whole = asyncio.run(requests(app, key, sent, rounds))
        return {"requests": whole, "stages": stages(served, store, sent, rounds + 1)}


def main(arguments: list[str] | None = None) -> int:
    """Measure, tell, and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service_rank_cpu", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two bags, two rounds; nothing is written")
    quick = parser.parse_args(arguments).quick
    with tempfile.TemporaryDirectory() as name, pinned(1):
        served = served_model(Path(name), 2 if quick else 14)
        rows = {
            mode: measure(served, Path(name), options, 2 if quick else ROUNDS)
            for mode, options in MODES.items()
        }
    for mode, row in rows.items():
        ratio = row["requests"]["service"]["median"] / row["requests"]["bare"]["median"]
        row["times_bare"] = round(ratio, 2)
        print(f"{mode}: {ratio:.1f} times the bare endpoint")
        for name, found in {**row["requests"], **row["stages"]}.items():
            print(f"  {name:<16}{found['median']:>8.2f}{found['quartile']:>8.2f}")
    print(f"milliseconds of the processor for {POOL} candidates: median, lower quartile")
    if not quick:
        told = {"machine": describe(), "pool": POOL, "rounds": ROUNDS, "rows": rows}
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        (RESULTS / "service_rank_cpu.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
