"""Re-rank with other packages, in the environment that has them; reads and writes JSON.

    python det_sort_script.py < IN.json > OUT.json

IN holds ``package`` ("fairranktune" or "aif360"), ``rule`` ("Greedy", "Conservative", "Relaxed" or
"Constrained"; fairranktune has the last alone), ``scores`` (n,) descending, ``groups`` (n,) from 0, ``shares``
(n_groups,) and ``top_k``; OUT holds ``order``, the rows in their new order, and ``seconds`` of the processor for
the call alone, or ``error``.
"""

import json
import sys
import time
from contextlib import redirect_stdout

import numpy as np
import pandas as pd


def fairranktune(given):
    """Return the call of DETCONSTSORT and the reader of its result."""
    from FairRankTune.Rankers import DETCONSTSORT

    n = len(given["scores"])
    frame, scores = pd.DataFrame(np.arange(n)), pd.DataFrame(given["scores"])
    group_of = dict(enumerate(given["groups"]))
    shares = dict(enumerate(given["shares"]))
    call = lambda: DETCONSTSORT(frame, group_of, scores, shares, given["top_k"])  # noqa: E731
    return call, lambda found: found[0][0].tolist()


def aif360(given):
    """Return the call of DeterministicReranking and the reader of its result."""
    from aif360.algorithms.postprocessing.deterministic_reranking import DeterministicReranking
    from aif360.datasets import RegressionDataset

    # It divides every column down to 0 .. 1: codes and rows are given as such, so that they can be told after.
    n, n_groups = len(given["scores"]), len(given["shares"])
    values = [code / (n_groups - 1) for code in range(n_groups)]
    table = pd.DataFrame({"row": np.arange(n) / (n - 1), "group": [values[code] for code in given["groups"]]})
    table["score"] = given["scores"]
    data = RegressionDataset(
        table, dep_var_name="score", protected_attribute_names=["group"], privileged_classes=[values[:1]]
    )
    groups = [{"group": value} for value in values]
    reranker = DeterministicReranking(unprivileged_groups=groups[1:], privileged_groups=groups[:1])
    # It goes through the unprivileged groups first.
    shares = [*given["shares"][1:], given["shares"][0]]

    def call():
        return reranker.fit_predict(data, given["top_k"], shares, rerank_type=given["rule"])

    def rows_of(found):
        row = found.features[:, found.feature_names.index("row")]
        return np.rint(row * (n - 1)).astype(int).tolist()

    return call, rows_of


def main():
    """Answer one question."""
    given = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):  # what a package prints while it is imported
        call, rows_of = {"fairranktune": fairranktune, "aif360": aif360}[given["package"]](given)
        start = time.process_time()
        try:
            found = call()
            answer = {"seconds": time.process_time() - start, "order": rows_of(found)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
