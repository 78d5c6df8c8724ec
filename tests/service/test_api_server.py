"""The server as a process, and over a socket: how it starts, what it survives, how it stops."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.parse import urlsplit

import pytest
from api_case import api_fixture, listening, running  # noqa: F401
from served_case import pool_body, ranker_directory

from ranker.app.decisions import open_store
from ranker.app.decisions.keys import create_key
from ranker.app.decisions.verify import verify
from ranker.app.served import Served

WAIT = 120  # s; a machine may be busy with other things


def request(key: str, body: bytes) -> bytes:
    head = (
        f"POST /rank HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nConnection: close\r\n"
        f"Content-Length: {len(body)}\r\nAuthorization: Bearer {key}\r\n\r\n"
    )
    return head.encode() + body


def connect(url: str) -> socket.socket:
    found = urlsplit(url)
    return socket.create_connection((found.hostname, found.port), timeout=WAIT)


def read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


@pytest.fixture(scope="module", name="url")
def url_fixture(api):
    with listening(api) as url:
        yield url


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x16\x03\x01\x02\x00\x01",
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /rank HTTP/1.1\r\nHo",
    ],
    ids=["nothing", "TLS", "garbage", "another version", "half a header"],
)
def test_what_is_no_request_leaves_the_server_alive(api, url, sent):
    with connect(url) as connection:
        connection.sendall(sent)
    ask_again(api, url)


def test_requests_that_are_broken_off_leave_the_server_alive_and_no_entry(api, url):
    whole = request(api.keys["recruiter"], json.dumps(pool_body()).encode())
    before = api.store.head()
    for share in (0.1, 0.5, 0.9):
        with connect(url) as connection:
            connection.sendall(whole[: int(len(whole) * share)])
    ask_again(api, url)
    assert api.store.head().number == before.number + 1


def test_a_head_that_never_ends_is_closed(api, url):
    with connect(url) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\nX-Long: ")
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            pour(connection, 8 << 20)
    ask_again(api, url)


def test_a_head_that_is_not_sent_to_its_end_is_waited_for_only_so_long(api, url, monkeypatch):
    monkeypatch.setattr("ranker.app.service.connections.HEADER_SECONDS", 0.3)
    with connect(url) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        assert read_all(connection) == b"", "closed without an answer"
    ask_again(api, url)


def test_a_caller_who_left_keeps_no_place(tmp_path, monkeypatch):
    entered, leave = threading.Semaphore(0), threading.Event()
    card = Served.card

    def slow(self):
        entered.release()
        assert leave.wait(WAIT)
        return card(self)

    with running(tmp_path, in_flight=3, threads=1) as api, listening(api) as url:
        monkeypatch.setattr(Served, "card", slow)
        service = api.client.app.state.service
        head = f"GET /model HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {api.keys['recruiter']}\r\n\r\n"
        callers = [connect(url) for _ in range(3)]
        for caller in callers:
            caller.sendall(head.encode())
        assert entered.acquire(timeout=WAIT), "one is at work, two wait"
        for caller in callers:
            caller.close()
        until = time.monotonic() + WAIT
        while in_flight(service) and time.monotonic() < until:
            time.sleep(0.02)
        assert in_flight(service) == 0, "before the one at work has ended"
        leave.set()
        monkeypatch.undo()
        ask_again(api, url)
        assert not entered.acquire(blocking=False), "what had not begun was not begun"


def pour(connection, n_bytes):
    for _ in range(n_bytes // 65_536):
        connection.sendall(b"x" * 65_536)
        time.sleep(0.005)


def in_flight(service):
    return service.meters.in_flight._value.get()


def test_a_body_that_lies_about_its_size_is_refused(api, url):
    with connect(url) as connection:
        head = request(api.keys["recruiter"], b"").replace(
            b"Content-Length: 0", b"Content-Length: 99999999999"
        )
        connection.sendall(head)
        assert read_all(connection).startswith(b"HTTP/1.1 413 ")
    ask_again(api, url)


def ask_again(api, url: str) -> None:
    with connect(url) as connection:
        connection.sendall(request(api.keys["recruiter"], json.dumps(pool_body()).encode()))
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")


@pytest.fixture(name="process")
def process_fixture(tmp_path):
    """A server of its own; yields the process, its URL, the key of a recruiter and its log's URL."""
    database = f"sqlite:///{tmp_path / 'log.db'}"
    with open_store(database) as store:
        key = create_key(store, "recruiter", name="test").secret
    (tmp_path / "candor.toml").write_text("threads = 2\n", encoding="utf-8")
    code = "from ranker.app.service.serve_command import run_serve; run_serve()"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("CANDOR_")},
        "CANDOR_MODEL": str(ranker_directory()),
        "CANDOR_DATABASE": database,
        "CANDOR_PORT": "0",
        "CANDOR_AUDIT": str(tmp_path / "report.html"),
        "PYTHONPATH": os.getcwd(),
    }
    errors = tmp_path / "errors.txt"
    with errors.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=file,
        )
    try:
        until = time.monotonic() + WAIT
        while not (found := re.search(r"running on (http://\S+)", errors.read_text(encoding="utf-8"))):
            assert process.poll() is None, errors.read_text(encoding="utf-8")
            assert time.monotonic() < until
            time.sleep(0.05)
        yield process, found[1], key, database, errors
    finally:
        process.kill()
        process.wait(WAIT)


def test_a_server_that_is_told_to_stop_finishes_what_it_accepted(process):
    running, url, key, database, errors = process
    whole = request(key, json.dumps(pool_body()).encode())
    with connect(url) as connection:
        connection.sendall(whole[:-100])
        time.sleep(0.5)  # so that the head is read, and the request accepted
        running.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(whole[-100:])
        answer = read_all(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), answer
    assert running.wait(WAIT) == 0
    id = re.search(rb"decision-id: (\S+)", head)[1].decode()
    with open_store(database) as store:
        assert store.decision(id).answer == json.loads(body)
        assert verify(store).ok
    told = errors.read_text(encoding="utf-8")
    assert re.search(r"threads +2\n", told)
    assert key not in told
