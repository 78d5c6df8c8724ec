"""How a server starts: what it does without, who waits for whom, and who takes the place of a fallen worker."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from served_case import classifier_directory, pool_body, ranker_directory

from ranker.app.decisions import open_store
from ranker.app.decisions.keys import create_key
from ranker.app.service.audits import made_beside

ROOT = Path(__file__).parents[2]
WAIT = 120  # s; a machine may be busy with other things

# Each takes a noticeable part of a start, or of a worker's memory, and who needs it can wait for it.
NEVER_IN_A_WORKER = {
    "sklearn": "training, and river",
    "interpret": "training",
    "fairlearn": "training under constraints",
    "joblib": "training",
    "scipy.stats": "figures of the report",
    "scipy.optimize": "calibration, when a classifier is trained",
    "scipy.sparse.csgraph": "sharing people out over the parts of a task",
    "plotly": "drawings of the report",
    "alembic": "making the tables of a log",
    "river": "the watch for drift, a moment after the start",
    "fairness.metrics": "the report",
    "ranker.scoring.ebm_ranker": "training",
    "torch": "texts",
    "matplotlib": "nothing here",
}
NEVER_IN_THE_SUPERVISOR = {
    "numpy": "workers",
    "pandas": "workers",
    "numba": "workers",
    "pyarrow": "workers",
    "fastapi": "workers",
    "prometheus_client": "workers",
    "jinja2": "workers",
    "alembic": "making the tables of a log",
    "ranker.app.model": "workers",
}

WORKER = """
import asyncio, json, sys
import ranker.app.service.loaded
from pathlib import Path
from ranker.app.service.api import create_app
from ranker.app.service.settings import ServiceSettings

ranker, classifier, database, body = sys.argv[1:]
app = create_app(ServiceSettings(_env_file=None, model=ranker, classifier=classifier, database=database))

async def serve():
    async with app.router.lifespan_context(app):
        answer = app.state.service.served.rank(json.loads(Path(body).read_text(encoding="utf-8")))
        print(json.dumps([len(answer["ranking"]), sorted(sys.modules)]))

asyncio.run(serve())
"""

SUPERVISOR = """
import json, sys
from uvicorn.supervisors import Multiprocess
Multiprocess.run = lambda self: print(json.dumps([self.processes_num, sorted(sys.modules)]))
from ranker.app.cli import main
sys.argv[1:1] = ["serve"]
main()
"""


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CANDOR_")}
    return {**kept, "PYTHONPATH": str(ROOT), **more}


def told_by(code: str, *arguments: object, folder: Path) -> list:
    """What a process of its own prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(next(line for line in done.stdout.splitlines() if line.startswith("[")))


def log_at(folder: Path) -> tuple[str, str]:
    """The URL of a log in a folder, its tables made, and a recruiter's key."""
    url = f"sqlite:///{folder / 'log.db'}"
    with open_store(url) as store:
        return url, create_key(store, "recruiter", name="test").secret


@pytest.fixture(scope="module")
def in_a_worker(tmp_path_factory):
    """Modules of a worker that is ready, and has ranked with explanations."""
    folder = tmp_path_factory.mktemp("worker")
    (folder / "body.json").write_text(json.dumps(pool_body(explanations=True)), encoding="utf-8")
    arguments = ranker_directory(), classifier_directory(), log_at(folder)[0], folder / "body.json"
    ranked, modules = told_by(WORKER, *arguments, folder=folder)
    assert ranked > 1
    return set(modules)


@pytest.fixture(scope="module")
def in_the_supervisor(tmp_path_factory):
    """Modules of the process that starts workers, when it is about to."""
    folder = tmp_path_factory.mktemp("supervisor")
    (folder / "report.html").touch()
    options = ["--database", log_at(folder)[0], "--port", "0", "--workers", "2"]
    workers, modules = told_by(
        SUPERVISOR, ranker_directory(), *options, "--audit", folder / "report.html", folder=folder
    )
    assert workers == 2
    return set(modules)


@pytest.mark.parametrize("name", NEVER_IN_A_WORKER)
def test_a_worker_that_answers_has_not_loaded_what_answering_does_without(name, in_a_worker):
    assert {"numpy", "ranker.app.served.served"} <= in_a_worker
    assert name not in in_a_worker, (
        f"only {NEVER_IN_A_WORKER[name]} needs it; python -X importtime says who asks"
    )


@pytest.mark.parametrize("name", NEVER_IN_THE_SUPERVISOR)
def test_the_process_that_starts_workers_leaves_to_them_what_they_load(name, in_the_supervisor):
    assert {"uvicorn", "sqlalchemy"} <= in_the_supervisor
    assert name not in in_the_supervisor, f"needed by {NEVER_IN_THE_SUPERVISOR[name]}"


@pytest.fixture(name="two_workers")
def two_workers_fixture(tmp_path):
    """A server of two workers; yields the process, its port and a recruiter's key."""
    url, key = log_at(tmp_path)
    errors = tmp_path / "errors.txt"
    command = [sys.executable, "-m", "ranker.app.cli", "serve", str(ranker_directory())]
    options = ["--database", url, "--port", "0", "--workers", "2", "--audit", str(tmp_path / "report.html")]
    with errors.open("wb") as file:
        running = subprocess.Popen(
            [*command, *options],
            cwd=tmp_path,
            env=environment(CANDOR_WATCH="false"),
            stdout=subprocess.DEVNULL,
            stderr=file,
        )
    family: tuple[int, ...] = ()
    try:
        until = time.monotonic() + WAIT
        while len(re.findall("startup complete", errors.read_text(encoding="utf-8"))) < 2:
            assert running.poll() is None, errors.read_text(encoding="utf-8")
            assert time.monotonic() < until
            time.sleep(0.05)
        family = descendants(running.pid)
        port = int(re.search(r"running on http://\S+:(\d+)", errors.read_text(encoding="utf-8"))[1])
        yield running, port, key
    finally:
        for pid in (*family, *descendants(running.pid), running.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        running.wait(WAIT)


def descendants(pid: int) -> tuple[int, ...]:
    found = [pid]
    for one in found:
        try:
            found += map(int, Path(f"/proc/{one}/task/{one}/children").read_text(encoding="ascii").split())
        except OSError:
            continue
    return tuple(found[1:])


def ranks(port: int, key: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT)
    head = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    connection.request("POST", "/rank", json.dumps(pool_body()), head)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_a_worker_that_was_killed_is_replaced_and_all_of_them_stop_when_told_to(two_workers):
    running, port, key = two_workers
    before = descendants(running.pid)
    victim = max(before)  # workers are the youngest
    os.kill(victim, signal.SIGKILL)
    until = time.monotonic() + WAIT
    while not (new := set(descendants(running.pid)) - set(before)):
        assert time.monotonic() < until, "nobody took its place"
        time.sleep(0.05)
    assert [ranks(port, key) for _ in range(4)] == [200] * 4
    running.send_signal(signal.SIGTERM)
    assert running.wait(WAIT) == 0
    while left := [pid for pid in {*before, *new} if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < until, f"{left} did not stop"
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_workers_stop_when_their_supervisor_was_killed_so_that_a_new_one_finds_the_port_free(two_workers):
    running, port, key = two_workers
    family = descendants(running.pid)
    assert ranks(port, key) == 200
    running.kill()
    running.wait(WAIT)
    until = time.monotonic() + WAIT
    while left := [pid for pid in family if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < until, f"{left} go on alone"
        time.sleep(0.05)
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


def test_a_server_whose_workers_cannot_start_says_so_by_its_exit_code(tmp_path):
    url, _ = log_at(tmp_path)
    command = [sys.executable, "-m", "ranker.app.cli", "serve", str(tmp_path / "nothing")]
    options = ["--database", url, "--port", "0", "--workers", "2", "--audit", str(tmp_path / "report.html")]
    done = subprocess.run(
        [*command, *options],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT,
    )
    assert done.returncode == 2
    assert "there is no model directory" in done.stderr
    assert "could not start" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_report_is_not_begun_before_the_server_listens(tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))  # bound, and not yet listening
        port = listener.getsockname()[1]
        with made_beside(tmp_path / "no model", tmp_path, "127.0.0.1", port) as report:
            time.sleep(1)
            assert list(tmp_path.iterdir()) == []
            assert "being made" in report.missing()
            listener.listen()
            until = time.monotonic() + WAIT
            while "could not be made" not in report.missing():
                assert time.monotonic() < until
                time.sleep(0.05)
    assert "there is no model directory" in report.missing()


def test_a_report_that_is_being_made_ends_with_the_server(tmp_path):
    with made_beside(ranker_directory(), tmp_path, "127.0.0.1", 0):
        until = time.monotonic() + WAIT
        while not list(tmp_path.glob("*.errors")):
            assert time.monotonic() < until
            time.sleep(0.05)
    assert not list(tmp_path.glob("*.html"))
    assert not list(tmp_path.glob("*.failed")), "it did not fail: it was ended"
