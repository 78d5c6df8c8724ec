"""Work out NDKL with FairRankTune, in the environment that has it.

    python fairranktune_script.py < IN.json > OUT.json

IN holds ``codes``, a list of the group of each candidate in rank order, and ``times``, how often to measure;
OUT holds ``ndkl``, ``cpu_seconds``, the median of one call's processor seconds, and ``versions``. What is
measured is the call alone: the DataFrame and the dict that it asks for are made before.
"""

import json
import sys
import time
from importlib.metadata import version
from statistics import median

import FairRankTune
import pandas as pd


def measured(codes, times):
    """Return NDKL and the processor seconds of each call."""
    ranking, group_of = pd.DataFrame({0: range(len(codes))}), dict(enumerate(codes))
    seconds = []
    for _ in range(times):
        start = time.process_time()
        value = FairRankTune.NDKL(ranking, group_of)
        seconds.append(time.process_time() - start)
    return float(value), seconds


if __name__ == "__main__":
    given = json.load(sys.stdin)
    ndkl, seconds = measured(given["codes"], given["times"])
    versions = {name: version(name) for name in ("fairranktune", "numpy", "pandas")}
    json.dump({"ndkl": ndkl, "cpu_seconds": median(seconds), "versions": versions}, sys.stdout)
