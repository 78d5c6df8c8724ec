"""The toolbox's benchmark: what it measures without peers, and what it makes of what they answer."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_det import first_shortfall

from benchmarks import toolbox
from benchmarks.frontier_parts.trials import Skipped
from benchmarks.toolbox_parts import det_sort, fa_ir, rows, shares
from benchmarks.toolbox_parts.rows import Row, Size, all_rows, prefixes_short

SMALL = Size(n=60, k=20, peers=True)
BENCH_KEYS = {"name", "peer", "seconds", "peer_seconds", "ratio", "threads", "equal"}


def asked_for_a_peer(*_, **__):
    raise AssertionError("the small run asked for a peer")


def test_the_small_run_asks_no_peer_and_writes_nothing(monkeypatch, tmp_path, capsys):
    for module, name in ((shares, "theirs"), (fa_ir, "_asked"), (det_sort, "peers_python")):
        monkeypatch.setattr(module, name, asked_for_a_peer)
    assert toolbox.main(["--quick", "--json", "--out", str(tmp_path / "toolbox.json")]) == 0
    assert not list(tmp_path.iterdir())
    found = json.loads(capsys.readouterr().out)["rows"]
    assert {row["name"] for row in found} == {"NDKL", "FA*IR, long", "FA*IR", "FA*IR, pool", "DetConstSort"}
    for row in found:
        assert set(row) >= BENCH_KEYS | {"work", "target", "n", "met"}
        assert row["peer_seconds"] is row["ratio"] is row["equal"] is None
        assert row["note"] == ("" if row["peer"] is None else rows.LEFT_OUT)


def sorted_as(order_of):
    """Answer in place of a peer, with an order made of the pool's."""
    return lambda python, package, pool: {"seconds": 1.0, "order": order_of(package, pool)}


@pytest.fixture
def peers(monkeypatch):
    """Peers that answer at once: NDKL rightly, fairsearch with a table that fails too often."""

    def ndkl(n, n_groups, seed):
        return {"ndkl": shares.ours(n, n_groups, seed)(), "cpu_seconds": 1.0}

    def adjusted(package, script, cases):
        if package is fa_ir.FAIRSEARCH:
            # As at k = 10: the unadjusted table, which fails more often than alpha.
            plain = [fa_ir.minimum_table(**case).tolist() for case in cases]
            return [
                {"unadjusted": table, "adjusted": table, "alpha": 0.1, "fail_probability": 0.05, "seconds": 1}
                for table in plain
            ]
        chance = fa_ir.hypergeometric_fail_probability
        return [
            {
                "alpha": 0.02,
                "fail_probability": chance(
                    fa_ir.hypergeometric_minimum_table(
                        **{name: case[name] for name in ("k", "n", "n_protected", "alpha")}
                    ),
                    case["n"],
                    case["n_protected"],
                )
                # All lists of the larger simulation are a tenth off, which no chance explains.
                + (0.1 if case["n_exp"] == fa_ir.DRAWS[1] else 0),
                "seconds": 1.0,
            }
            for case in cases
        ]

    def order(package, pool):
        right = det_sort.seconds_of_ours(pool, "Constrained")[1]
        return right if package == "aif360" else sorted(right)  # by score, whatever the counts ask for

    monkeypatch.setattr(shares, "theirs", ndkl)
    monkeypatch.setattr(fa_ir, "_asked", adjusted)
    monkeypatch.setattr(det_sort, "peers_python", lambda: "python")
    monkeypatch.setattr(det_sort, "ask_peer", sorted_as(order))


def test_peers_are_held_against_ours_and_a_difference_is_told_with_its_proof(peers):
    found = {(row.name, row.peer, row.n): row for row in all_rows(SMALL)}
    right = found["NDKL", "FairRankTune 0.0.7", 60]
    assert right.equal
    assert right.ratio == pytest.approx(1 / right.seconds)
    wrong = found["FA*IR", "fairsearchcore 1.0.4", 10]
    assert not wrong.equal
    assert wrong.note == "unadjusted tables are equal"
    assert "more than alpha, where it says 0.0500; ours with 0.0752" in wrong.proof
    assert wrong.in_order
    few, many = (found["FA*IR, pool", f"hyperfair 0.1.3, {lists} lists", 20] for lists in ("1,000", "10,000"))
    assert few.equal
    assert few.in_order
    assert not many.equal
    assert not many.in_order  # a simulation that is off proves nothing
    assert found["DetConstSort", "AIF360 0.6.1", 60].equal
    by_score = found["DetConstSort", "FairRankTune 0.0.7", 60]
    assert not by_score.equal
    assert by_score.proof.endswith("of its prefixes; ours in none")


def test_a_peer_that_fails_or_cannot_be_had_leaves_a_row_that_says_so(peers, monkeypatch):
    def no_such_package(*_, **__):
        raise Skipped("pip install failed: no route to the index")

    monkeypatch.setattr(shares, "theirs", no_such_package)
    monkeypatch.setattr(det_sort, "ask_peer", lambda *_: {"error": "IndexError: list index out of range"})
    found = {row.name: row for row in all_rows(SMALL)}
    assert found["NDKL"].note == "not measured: pip install failed: no route to the index"
    assert found["DetConstSort"].note == "the peer fails: IndexError: list index out of range"
    assert found["NDKL"].ratio is found["NDKL"].equal is found["DetConstSort"].ratio is None


def row(**changed):
    given = {"name": "NDKL", "work": "NDKL of some", "n": 5, "seconds": 0.01, "peer": "peer 1", "equal": True}
    return Row(**{**given, "agreement": "within 1e-9", **changed})


@pytest.mark.parametrize(
    ("rows_found", "told", "code"),
    [
        ([row(peer_seconds=0.2, least_ratio=20)], "at least 20 ×: met", 0),
        ([row(peer_seconds=0.19, least_ratio=20)], "at least 20 ×: **missed**", 1),
        ([row(least_ratio=20, equal=None, note="not measured: why")], "at least 20 ×: **not measured**", 1),
        ([row(most_seconds=0.05)], "under 50 ms: met", 0),
        ([row(most_seconds=0.01)], "under 10 ms: **missed**", 1),
        ([row(peer_seconds=1.0, equal=False)], "**differ**: within 1e-9", 1),
        ([row(peer_seconds=1.0, equal=False, note="unproven")], "| unproven |", 1),
        ([row(equal=False, note="a", proof="the peer's fails")], "| a; the peer's fails |", 0),
    ],
)
def test_what_is_missed_or_differs_is_written_down_and_makes_the_exit_code(
    rows_found, told, code, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(toolbox, "all_rows", lambda size: rows_found)
    monkeypatch.setattr(toolbox, "describe", lambda: {"processor": "Z80", "libraries": {"numpy": "2.0"}})
    out = tmp_path / "results" / "toolbox.json"
    assert toolbox.main(["--out", str(out)]) == code
    assert told in capsys.readouterr().out
    written = json.loads(out.read_text("utf-8"))
    assert written["machine"]["processor"] == "Z80"
    assert [one["met"] for one in written["rows"]] == [rows_found[0].met]
    assert told in out.with_suffix(".md").read_text("utf-8")


@given(members=st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_prefixes_that_hold_too_few_agree_with_the_plain_twin(members):
    members = np.unique(members, return_inverse=True)[1].tolist()
    owed = {group: Fraction(members.count(group), len(members)) for group in set(members)}
    n_short = prefixes_short(np.array(members))
    by_hand = sum(
        any(members[:k].count(group) < int(k * share) for group, share in owed.items())
        for k in range(1, len(members) + 1)
    )
    assert n_short == by_hand
    assert (n_short == 0) == (first_shortfall(members, range(len(members)), owed) is None)
