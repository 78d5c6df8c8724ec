"""Simulate adjusted alphas of finite pools with hyperfair, in the environment that has it; JSON in and out.

    python hyperfair_script.py < GIVEN > FOUND

GIVEN is a list of ``{"k", "n", "n_protected", "alpha", "n_exp", "seed"}``; FOUND has for each the adjusted
``alpha``, the ``fail_probability`` at the unadjusted one, and the ``seconds`` of the processor.
"""

import json
import os
import sys
import time

os.environ.setdefault("MPLBACKEND", "Agg")

from hyperfair.mc_algo import compute_adjusted_alpha


def adjust(k, n, n_protected, alpha, n_exp, seed):
    """Return what the package finds, as JSON has it."""
    start = time.process_time()
    # Its default is one cache for all calls of a process: with one of its own, a call pays for itself.
    found, _ = compute_adjusted_alpha(n, n_protected, alpha, k=k, n_exp=n_exp, seed=seed, cache={})
    seconds = time.process_time() - start
    return {
        "alpha": float(found[k]["adjusted alpha"]),
        "fail_probability": float(found[k]["p fail alpha"]),
        "seconds": seconds,
    }


if __name__ == "__main__":
    json.dump([adjust(**case) for case in json.load(sys.stdin)], sys.stdout)
