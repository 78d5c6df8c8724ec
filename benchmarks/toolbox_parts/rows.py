"""Rows of the toolbox's table: what each peer is asked to do as well, how fast ours is to be, and who agrees."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

import numpy as np

from benchmarks.frontier_parts.trials import Skipped
from benchmarks.toolbox_parts import det_sort, fa_ir, shares
from fairness.rerank.minimum_tables import hypergeometric_adjusted_alpha

__all__ = ["FULL", "QUICK", "Row", "Size", "all_rows", "prefixes_short"]

T = TypeVar("T")

CALLS_OF_PEERS: Final = 3  # the least seconds count, as of our own calls
STANDARD_ERRORS: Final = 4  # a right simulation is further off once in 16,000 times


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done.

    Parameters
    ----------
    n : int
        Candidates of the lists that are measured and sorted.
    k : int
        Places of the long FA*IR tables, and candidates of their pool.
    peers : bool
        Whether other packages are asked; if not, none is installed.
    """

    n: int
    k: int
    peers: bool


FULL: Final = Size(n=10_000, k=1_000, peers=True)
QUICK: Final = Size(n=500, k=50, peers=False)
LEFT_OUT: Final = "peers are left out of the small run"


@dataclass(frozen=True, slots=True)
class Row:
    """One piece of work, done by us and by a peer on the same input.

    Parameters
    ----------
    name, work : str
        Short, and in words.
    n : int
        Candidates, or places of a table.
    seconds : float
        Of the processor, ours, for one call.
    peer : str or None
        Package and version; None where ours stands alone.
    peer_seconds : float or None
        None where the peer was not asked, or could not be; `note` then says why.
    equal : bool or None
        Whether the results agree, in the sense of `agreement`.
    agreement : str
        Such as "the same order".
    note : str
        What else is to be known of the results, or why the peer's is missing.
    proof : str
        Where results differ, the figures that show the peer's to be wrong.
    most_seconds : float or None
        Target: ours is to take less.
    least_ratio : float or None
        Target: the peer is to take at least so many times as long.
    """

    name: str
    work: str
    n: int
    seconds: float
    peer: str | None = None
    peer_seconds: float | None = None
    equal: bool | None = None
    agreement: str = ""
    note: str = ""
    proof: str = ""
    most_seconds: float | None = None
    least_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        """The peer's seconds over ours."""
        return None if self.peer_seconds is None else self.peer_seconds / self.seconds

    @property
    def target(self) -> str:
        """The target in words; empty where there is none."""
        if self.most_seconds is not None:
            return f"under {self.most_seconds * 1e3:g} ms"
        return "" if self.least_ratio is None else f"at least {self.least_ratio:g} ×"

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none, or the peer is missing."""
        if self.most_seconds is not None:
            return self.seconds < self.most_seconds
        if self.least_ratio is None or self.ratio is None:
            return None
        return self.ratio >= self.least_ratio

    @property
    def in_order(self) -> bool:
        """Whether nothing is left to explain: each target is met, and a difference has its proof."""
        return bool(self.met or not self.target) and (self.equal is not False or bool(self.proof))

    def to_json(self) -> dict[str, Any]:
        """Return it as machines read it."""
        return {**asdict(self), "ratio": self.ratio, "target": self.target, "met": self.met, "threads": 1}


def all_rows(size: Size) -> Iterator[Row]:
    """Measure one row after the other."""
    yield _ndkl_row(size)
    yield from _table_rows(size)
    yield from _pool_rows(size)
    yield from _sorting_rows(size)


def _ndkl_row(size: Size) -> Row:
    n_groups, calls = 4, 100
    call = shares.ours(size.n, n_groups, seed=0)
    value = call()  # compiles, or reads what was compiled
    seconds = _least_seconds(call, calls)
    answer, why = _asked(size, lambda: shares.theirs(size.n, n_groups, seed=0))
    return Row(
        name="NDKL",
        work=f"NDKL of {size.n:,} candidates in {n_groups} groups",
        n=size.n,
        seconds=seconds,
        peer=f"FairRankTune {shares.VERSION}",
        peer_seconds=None if answer is None else answer["cpu_seconds"],
        equal=None if answer is None else bool(abs(value - answer["ndkl"]) <= 1e-9),
        agreement="within 1e-9",
        note=why,
        least_ratio=500 if size == FULL else None,
    )


def _table_rows(size: Size) -> Iterator[Row]:
    long_lists = fa_ir.tables_of_lists([{**case, "k": size.k} for case in fa_ir.LONG_LISTS])
    yield Row(
        name="FA*IR, long",
        work=f"adjusted FA*IR table of {size.k:,} places, the slowest of {len(long_lists)} settings",
        n=size.k,
        seconds=max(row["seconds"] for row in long_lists),
        most_seconds=0.05 if size == FULL else None,
    )
    package, version = fa_ir.FAIRSEARCH
    answers, why = _asked(
        size, lambda: [fa_ir.against_fairsearch(fa_ir.LISTS) for _ in range(CALLS_OF_PEERS)]
    )
    ours = fa_ir.tables_of_lists(fa_ir.LISTS) if answers is None else answers[0]
    for at, row in enumerate(ours):
        found: dict[str, Any] = {"note": why}
        if answers is not None:
            found = {
                "peer_seconds": min(answer[at]["peer_seconds"] for answer in answers),
                "equal": row["equal"],
                "note": "unadjusted tables are equal" if row["unadjusted_equal"] else "",
                "proof": _proof_of_tables(row),
            }
        yield Row(
            name="FA*IR",
            work=f"adjusted FA*IR table of {row['k']} places, p = {row['p']}, alpha = {row['alpha']}",
            n=row["k"],
            seconds=row["seconds"],
            peer=f"{package} {version}",
            agreement="the same adjusted table",
            **found,
        )


def _proof_of_tables(row: dict[str, Any]) -> str:
    """Say by how much the peer's table fails too often; empty where it does not, and so may be right."""
    if row["equal"] or row["peer_fail_probability"] <= row["alpha"]:
        return ""
    return (
        f"the peer's adjusted table fails with {row['peer_fail_probability']:.4f}, more than alpha, where it "
        f"says {row['peer_says']:.4f}; ours with {row['fail_probability']:.4f}"
    )


def _pool_rows(size: Size) -> Iterator[Row]:
    package, version = fa_ir.HYPERFAIR
    whole = {"k": size.k, "n": size.k, "n_protected": size.k // 2, "alpha": 0.1}
    cases = fa_ir.POOLS if size == FULL else [whole]
    answers, why = _asked(size, lambda: fa_ir.against_hyperfair(cases))
    ours = answers or [
        {**case, "seconds": fa_ir.seconds_of(lambda case=case: hypergeometric_adjusted_alpha(**case))[0]}
        for case in cases
    ]
    for row in ours:
        found: dict[str, Any] = {"peer": f"{package} {version}", "note": why}
        if answers:
            alphas = ", ".join(f"{alpha:.5f}" for alpha in row["peer_adjusted"])
            found = {
                "peer": f"{package} {version}, {row['simulated_lists']:,} lists",
                "peer_seconds": row["peer_seconds"],
                "equal": _simulates(row),
                "agreement": f"simulated fail probabilities within {STANDARD_ERRORS} standard errors of the exact",
                "note": f"simulated from three seeds {alphas}; exactly {row['adjusted']:.5f}",
            }
        yield Row(
            name="FA*IR, pool",
            work=f"adjusted alpha of {row['k']:,} places from a pool of {row['n']:,}, half of it protected",
            n=row["k"],
            seconds=row["seconds"],
            most_seconds=0.2 if size == FULL and row["k"] == row["n"] else None,
            **found,
        )


def _simulates(row: dict[str, Any]) -> bool:
    exact = row["unadjusted_fail_probability"]
    error = math.sqrt(exact * (1 - exact) / row["simulated_lists"])
    return all(
        abs(chance - exact) <= STANDARD_ERRORS * error for chance in row["peer_unadjusted_fail_probability"]
    )


def _sorting_rows(size: Size) -> Iterator[Row]:
    python, missing = _asked(size, det_sort.peers_python)
    versions = {"fairranktune": det_sort.FAIRRANKTUNE.replace("==", " "), "aif360": "AIF360 0.6.1"}
    for words, chances in det_sort.POOLS.items():
        pool = det_sort.Pool.drawn(size.n, chances)
        seconds, order, _ = det_sort.seconds_of_ours(pool, "Constrained")
        for package, named in versions.items():
            found: dict[str, Any] = {"note": missing}
            if python is not None:
                found = _sorted_by_peer(
                    [det_sort.ask_peer(python, package, pool) for _ in range(CALLS_OF_PEERS)], pool, order
                )
            yield Row(
                name="DetConstSort",
                work=f"DetConstSort of {size.n:,} candidates, {words}; ours with the reasons of its moves",
                n=size.n,
                seconds=seconds,
                peer=named,
                agreement="the same order",
                least_ratio=20 if size == FULL else None,
                **found,
            )


def _sorted_by_peer(answers: list[dict[str, Any]], pool: det_sort.Pool, order: list[int]) -> dict[str, Any]:
    errors = [answer["error"] for answer in answers if "error" in answer]
    if errors:
        return {"note": f"the peer fails: {errors[0]}"}
    theirs = answers[0]["order"]
    proof = ""
    if theirs != order:
        short, of_ours = (prefixes_short(pool.codes[rows]) for rows in (theirs, order))
        if short and not of_ours:
            proof = f"the peer's order holds too few of a group in {short:,} of its prefixes; ours in none"
    return {
        "peer_seconds": min(answer["seconds"] for answer in answers),
        "equal": theirs == order,
        "proof": proof,
    }


def prefixes_short(codes: np.ndarray) -> int:
    """Count the prefixes of a list that hold fewer of a group than ``floor(k * its share of the list)``.

    Parameters
    ----------
    codes : (n,) int array
        Group of each, best first, from 0.
    """
    held = np.cumsum(codes[:, None] == np.arange(codes.max() + 1), axis=0)
    k = np.arange(1, len(codes) + 1)[:, None]
    return int((held < k * held[-1] // len(codes)).any(axis=1).sum())  # in whole numbers


def _least_seconds(call: Callable[[], object], calls: int, times: int = 7) -> float:
    """Processor seconds of one call: the least of some turns of many, since one is too short for the clock."""
    took = []
    for _ in range(times):
        start = time.process_time()
        for _ in range(calls):
            call()
        took.append((time.process_time() - start) / calls)
    return min(took)


def _asked(size: Size, ask: Callable[[], T]) -> tuple[T | None, str]:
    """Return a peer's answer, or None and why there is none."""
    if not size.peers:
        return None, LEFT_OUT
    try:
        return ask(), ""
    except Skipped as why:
        return None, f"not measured: {why}"
