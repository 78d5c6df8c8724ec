"""Adjusted tables of FA*IR: ours, exact, against fairsearchcore's, and pools' against hyperfair's simulation.

    python -m benchmarks.toolbox_parts.fa_ir

Seconds are of the processor, for the call alone, after a first call that compiles ours; nothing is kept
between calls.
"""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.frontier_parts.environments import python_with
from fairness.rerank import minimum_tables
from fairness.rerank.minimum_tables import (
    AdjustedTable,
    adjusted_alpha,
    fail_probability,
    hypergeometric_adjusted_alpha,
    hypergeometric_fail_probability,
    hypergeometric_minimum_table,
    minimum_table,
)

__all__ = ["LISTS", "POOLS", "against_fairsearch", "against_hyperfair", "seconds_of", "tables_of_lists"]

FAIRSEARCH, HYPERFAIR = ("fairsearchcore", "1.0.4"), ("hyperfair", "0.1.3")
HERE = Path(__file__).parent
REPEATS = 5

LISTS = [
    {"k": 10, "p": 0.5, "alpha": 0.1},
    {"k": 20, "p": 0.25, "alpha": 0.1},
    {"k": 100, "p": 0.5, "alpha": 0.1},
    {"k": 100, "p": 0.3, "alpha": 0.05},
]
LONG_LISTS = [{"k": 1000, "p": p, "alpha": alpha} for p in (0.05, 0.2, 0.5, 0.9) for alpha in (0.05, 0.1)]
POOLS = [
    {"k": 100, "n": 1000, "n_protected": 500, "alpha": 0.1},
    {"k": 1000, "n": 1000, "n_protected": 500, "alpha": 0.1},
]
DRAWS = (1_000, 10_000)  # hyperfair's defaults, of the adjustment and of its test
SEEDS = (0, 1, 2)


def seconds_of(work: Callable[[], AdjustedTable]) -> tuple[float, AdjustedTable]:
    """Least seconds of a few calls that find nothing kept, and the result."""
    work()
    took = []
    for _ in range(REPEATS):
        minimum_tables._search.cache_clear()
        start = time.process_time()
        found = work()
        took.append(time.process_time() - start)
    return min(took), found


def tables_of_lists(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Adjust tables of endless pools: ``alpha``, ``fail_probability`` and ``seconds`` of each."""
    rows = []
    for case in cases:
        seconds, found = seconds_of(lambda case=case: adjusted_alpha(**case))
        rows.append(
            {
                **case,
                "adjusted": found.alpha,
                "fail_probability": found.fail_probability,
                "seconds": seconds,
                "table": found.table.tolist(),
            }
        )
    return rows


def against_fairsearch(cases: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Ours beside fairsearchcore's, with the exact fail probability of both adjusted tables.

    Raises
    ------
    Skipped
        If the package cannot be installed.
    """
    cases = LISTS if cases is None else cases
    theirs = _asked(FAIRSEARCH, "fairsearch_script.py", cases)
    rows = []
    for row, peer, case in zip(tables_of_lists(cases), theirs, cases, strict=True):
        row |= {
            "unadjusted_equal": peer["unadjusted"] == minimum_table(**case).tolist(),
            "equal": peer["adjusted"] == row.pop("table"),
            "peer_adjusted": peer["alpha"],
            "peer_says": peer["fail_probability"],
            "peer_fail_probability": fail_probability(peer["adjusted"], case["p"]),
            "peer_seconds": peer["seconds"],
            "ratio": peer["seconds"] / row["seconds"],
        }
        rows.append(row)
    return rows


def against_hyperfair(cases: list[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Ours beside hyperfair's simulation, for several numbers of simulated lists and seeds.

    Raises
    ------
    Skipped
        If the package cannot be installed.
    """
    rows = []
    for case in POOLS if cases is None else cases:
        seconds, found = seconds_of(lambda case=case: hypergeometric_adjusted_alpha(**case))
        n, n_protected = case["n"], case["n_protected"]
        whole = hypergeometric_fail_probability(hypergeometric_minimum_table(**case), n, n_protected)
        for n_exp in DRAWS:
            peer = _asked(
                HYPERFAIR, "hyperfair_script.py", [{**case, "n_exp": n_exp, "seed": seed} for seed in SEEDS]
            )
            took = sorted(one["seconds"] for one in peer)[len(peer) // 2]
            rows.append(
                {
                    **case,
                    "adjusted": found.alpha,
                    "unadjusted_fail_probability": whole,
                    "seconds": seconds,
                    "simulated_lists": n_exp,
                    "peer_adjusted": [one["alpha"] for one in peer],
                    "peer_unadjusted_fail_probability": [one["fail_probability"] for one in peer],
                    "peer_seconds": took,
                    "ratio": took / seconds,
                }
            )
    return rows


def _asked(package: tuple[str, str], script: str, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [str(python_with(*package)), str(HERE / script)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{package[0]}: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def main() -> None:
    """Print one line for each case."""
    for row in tables_of_lists(LONG_LISTS):
        print(
            f"k={row['k']} p={row['p']} alpha={row['alpha']}: adjusted {row['adjusted']:.5f}, fails with "
            f"{row['fail_probability']:.6f}; {row['seconds'] * 1e3:.2f} ms"
        )
    for row in against_fairsearch():
        print(
            f"k={row['k']} p={row['p']} alpha={row['alpha']}: adjusted {row['adjusted']:.5f}, fails with "
            f"{row['fail_probability']:.4f}; {row['seconds'] * 1e3:.3f} ms | fairsearchcore "
            f"{row['peer_adjusted']:.5f}, says {row['peer_says']:.4f}, fails with "
            f"{row['peer_fail_probability']:.4f}; {row['peer_seconds'] * 1e3:.0f} ms, {row['ratio']:.0f} x; "
            f"unadjusted tables {'equal' if row['unadjusted_equal'] else 'differ'}, "
            f"adjusted ones {'equal' if row['equal'] else 'differ'}"
        )
    for row in against_hyperfair():
        simulated = ", ".join(f"{alpha:.5f}" for alpha in row["peer_adjusted"])
        print(
            f"k={row['k']} n={row['n']} half protected, alpha={row['alpha']}: exactly {row['adjusted']:.5f}; "
            f"{row['seconds'] * 1e3:.2f} ms | hyperfair, {row['simulated_lists']:,} lists: {simulated}; "
            f"{row['peer_seconds']:.2f} s, {row['ratio']:.0f} x"
        )


if __name__ == "__main__":
    main()
