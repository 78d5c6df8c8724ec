"""What the studies of the service make of what they are told; servers as processes run in the studies alone."""

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from api_case import api_fixture, listening  # noqa: F401
from log_case import ranking
from served_case import pool_body

from benchmarks import service_breakage, service_contract, service_load, service_memory
from benchmarks.service_parts import wrk
from benchmarks.service_parts.against_log import compare
from benchmarks.service_parts.burst import burst
from benchmarks.service_parts.clients import Received, asking, fingerprint
from benchmarks.service_parts.hostile import CASES, hostile
from benchmarks.service_parts.pools import cut
from benchmarks.service_parts.processes import cpu_seconds, family, free_port, kill_all
from benchmarks.service_parts.results import table
from benchmarks.service_parts.server import Server, complaints
from ranker.app.decisions import open_store

TOLD = {
    "requests": 50, "seconds": 2.0, "bytes": 9, "p50_ms": 1.0, "p90_ms": 2.0, "p99_ms": 3.0, "max_ms": 4.0,
    "connect": 0, "read": 1, "write": 0, "status": 10, "timeout": 2,
}  # fmt: skip


@pytest.fixture(name="log")
def log_fixture(tmp_path, sqlite_template):
    with open_store(f"sqlite:///{tmp_path / 'log.db'}") as store:
        yield store


def received(store, n):
    out = []
    for _ in range(n):
        new = ranking()
        entry = store.record(new)
        out.append(Received(entry.id, entry.hash, fingerprint(new.answer), 0.0))
    return out


def test_answers_that_stand_in_the_log_are_found_whole(log):
    told = received(log, 3)
    found = compare(log, told[:2])
    assert found.whole
    assert (found.answered, found.lost, found.different, found.unheard, found.entries) == (2, 0, 0, 1, 3)


def test_answers_that_the_log_does_not_hold_or_holds_otherwise_are_counted(log):
    told = received(log, 3)
    told = [replace(told[0], id="gone"), replace(told[1], answer="0" * 64), replace(told[2], hash="0" * 64)]
    found = compare(log, told)
    assert not found.whole
    assert (found.lost, found.different, found.unheard) == (1, 2, 1)


def test_clients_and_a_burst_hear_what_the_log_holds(api):
    bodies = [cut(json.dumps(pool_body(job)).encode(), 4) for job in range(2)]
    before = api.store.head().number
    with listening(api) as url:
        port = int(url.rpartition(":")[2])
        with asking(port, api.keys["recruiter"], bodies, 2) as clients:
            while clients.statuses.total() < 6:
                time.sleep(0.01)
        found = asyncio.run(burst(port, api.keys["recruiter"], bodies, 5))
        wrong = asyncio.run(burst(port, "nobody's", bodies, 2))
    assert not clients.strange
    assert found.statuses == {200: 5}
    assert (wrong.statuses, wrong.refused, wrong.other) == ({401: 2}, 0, 2)
    compared = compare(api.store, clients.received)
    assert compared.lost == compared.different == 0
    assert api.store.head().number == before + len(clients.received) + 5


def test_requests_that_nobody_answers_are_lost():
    found = asyncio.run(burst(free_port(), "", [b"{}"], 3))
    assert (found.sent, found.lost, found.statuses) == (3, 3, {})


@pytest.mark.parametrize(
    "reply", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"]
)
def test_half_an_answer_is_a_lost_one(reply):
    async def serve():
        async def answer(reader, writer):
            await reader.readuntil(b"{}")
            writer.write(reply)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            return await burst(server.sockets[0].getsockname()[1], "", [b"{}"], 2)

    assert asyncio.run(serve()).lost == 2


SOME = (
    "lists 100,000 deep",
    "NaN",
    "what is not UTF-8",
    "no key",
    "a client that goes away half-way",
    "noise",
)


def test_what_no_library_sends_is_told_a_fault_and_leaves_the_server_alive(api, tmp_path):
    with listening(api) as url:
        server = Server((), tmp_path, int(url.rpartition(":")[2]))
        body = json.dumps(pool_body()).encode()
        found = hostile(server, api.keys["recruiter"], body, [one for one in CASES if one.name in SOME])
    assert len(found) == len(SOME) + 1
    assert all(one.good for one in found), found


def test_a_run_of_wrk_is_read():
    found = wrk.told(f"Running\nTOLD {json.dumps(TOLD)}\n", 0.5)
    assert (found.per_second, found.refused, found.lost, found.cpu_ms) == (20.0, 10, 3, 10.0)
    with pytest.raises(RuntimeError, match="did not say"):
        wrk.told("unable to connect", 0.0)


def test_a_subject_is_held_against_the_peer_of_its_own_round():
    def run(requests, cpu):
        return wrk.told(f"TOLD {json.dumps({**TOLD, 'requests': requests, 'status': 0})}", cpu)

    found = {
        (service_load.PEER, 1): [run(100, 1.0), run(400, 4.0), run(200, 2.0)],
        ("candor", 1): [run(50, 1.0), run(100, 4.0), run(150, 2.0)],
    }
    peer, ours = service_load.summarised(found)
    assert (peer.share, peer.cpu_share) == (1.0, 1.0)
    assert (ours.per_second, ours.share, ours.cpu_share) == (50.0, 0.5, 0.5)


def test_memory_grows_by_the_slope_after_the_warm_up():
    looks = [service_memory.Look(n * 1_000, 50 if n < 3 else 100 + 0.5 * n, 1.0) for n in range(11)]
    assert service_memory.growth(looks[:1] + looks[3:]) == pytest.approx(50)
    assert service_memory.growth(looks[:3]) is None


def test_every_request_of_the_load_can_name_other_people():
    body = cut(json.dumps(pool_body()).encode(), 3)
    told = json.loads(service_memory.named_anew(body))
    names = {one["id"] for one in told["candidates"]}
    assert (
        names
        == {row["candidate_id"] for row in told["applications"]}
        == {f"id-00000000-{i}" for i in range(3)}
    )


def test_what_schemathesis_says_is_read():
    first = "____ POST /rank ____\n1. Test Case ID: x\n\n- Server error\n\n"
    said = first + "____ GET /model ____\n- Undocumented\n- Undocumented\n"
    assert service_contract.failures_in(said) == ("POST /rank: Server error", "GET /model: Undocumented")
    assert service_contract.cases_in("  2,345 generated, 2,345 passed") == 2_345


def test_a_file_is_moved_away_and_back_and_a_disk_is_filled_and_emptied(tmp_path):
    path = tmp_path / "log.db"
    path.write_text("kept")
    back = service_breakage.moved(path)()
    assert not path.exists()
    back()
    assert path.read_text() == "kept"


def test_a_refusal_with_another_status_or_a_lost_answer_is_not_as_it_should_be(log):
    whole = compare(log, received(log, 1))
    good = service_breakage.Broke("it", {200: 5}, {503: 5}, {200: 5}, 0.1, 0, (), whole)
    assert good.good
    for change in (
        {"during": {500: 5}},
        {"during": {200: 5}},
        {"after": {503: 5}},
        {"cut_off": 1},
        {"strange": ("x",)},
    ):
        assert not replace(good, **change).good
    assert not replace(good, compared=replace(whole, lost=1)).good


def test_a_family_of_processes_is_found_counted_and_ended():
    child = "print(1, flush=True); import time; time.sleep(60)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        parent.stdout.read(1)
        pids = family(parent.pid)
        assert len(pids) == 2
        assert cpu_seconds(pids) > 0
        kill_all(pids)
        parent.wait(20)
    assert cpu_seconds([pids[0]]) == 0
    assert family(os.getpid())[0] == os.getpid()


def test_errors_that_nobody_wants_to_see_are_picked_from_a_log():
    said = (
        "12:00 INFO all is well\n"
        'Traceback (most recent call last):\n  File "/a/b.py", line 7, in c\n    d\nKeyError: 1\n'
        "12:01 request a: unforeseen KeyError at b:1\n"
    )
    assert complaints(said) == ("12:01 request a: unforeseen KeyError at b:1", "KeyError: 1 at b.py:7")


def test_a_table_sets_numbers_right_and_says_what_is_absent():
    laid = table(["name", "n"], [["a", 1_000], ["b", None], ["c", 2.5]])
    assert laid.splitlines()[1:] == ["| --- | ---: |", "| a | 1,000 |", "| b | - |", "| c | 2.50 |"]
