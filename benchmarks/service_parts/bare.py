"""The peer: FastAPI endpoints that take the same body and do nothing with it.

    python -m benchmarks.service_parts.bare ANSWER.json --port 8000 --workers 2

``POST /echo`` parses the body into the same model as ``candor serve`` does, and returns it. ``POST
/answer`` parses it as well and returns bytes that lie ready, the answer of ``candor serve`` to such a body:
what a server cannot do without that reads and writes as much. uvicorn is set up as ``candor serve`` does it.
"""

import argparse
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Response

from ranker.app.served.bodies import RankBody

__all__ = ["make"]


def make(answer: bytes) -> FastAPI:
    """Make the application."""
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.post("/echo")
    async def echo(body: RankBody) -> RankBody:  # type: ignore[valid-type]
        return body

    @app.post("/answer")
    async def ready(body: RankBody) -> Response:  # type: ignore[valid-type]
        return Response(answer, media_type="application/json")

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    return app


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("answer", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    config = uvicorn.Config(
        partial(make, given.answer.read_bytes()),
        factory=True,
        port=given.port,
        workers=given.workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_worker_healthcheck=60,
        ws="none",
        lifespan="on",
    )
    if given.workers == 1:
        uvicorn.Server(config).run()
    else:
        from uvicorn.supervisors import Multiprocess

        Multiprocess(config, sockets=[config.bind_socket()]).run()


if __name__ == "__main__":
    main()
