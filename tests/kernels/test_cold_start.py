"""Fresh processes: what an import changes, what compiling says, and caches that several processes fill."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUMS = """
import numpy as np
from ranker.kernels.pools import push
from ranker.kernels.places import shared_worth
sums, places = np.array([[1.0, 3.0, 2.0]]), np.zeros((1, 3), np.int64)
held, n_held = np.zeros((1, 3)), np.zeros(1, np.int64)
push(sums, 0, np.zeros(1, np.int64), np.array([1.5]), n_held, held, places)
print(n_held[0], places[0, :2].tolist())
"""
THREADS = """
import os
import numba
from threadpoolctl import threadpool_info
before = numba.get_num_threads()
import ranker, fairness, explain, ranker.scoring, ranker.ranking, ranker.app.model, ranker.app.commands
import numpy, sklearn.utils.parallel
pools = {pool["num_threads"] for pool in threadpool_info()}
print(numba.get_num_threads() == before, pools <= {os.cpu_count(), len(os.sched_getaffinity(0))},
      [name for name in os.environ if name.endswith("_NUM_THREADS")])
"""


def started(code, **environment):
    environment = {
        name: value
        for name, value in {**os.environ, **environment}.items()
        if not name.endswith("_NUM_THREADS") and name != "CANDOR_QUIET"
    }
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_compiling_is_told_the_first_time_and_only_then(tmp_path):
    first = started(SUMS, NUMBA_CACHE_DIR=str(tmp_path)).communicate()
    second = started(SUMS, NUMBA_CACHE_DIR=str(tmp_path)).communicate()
    assert first == ("2 [1, 2]\n", "candor: compiling kernels, once for this machine and version\n")
    assert second == ("2 [1, 2]\n", "")


def test_code_of_another_version_of_the_kernels_is_compiled_anew(tmp_path):
    started(SUMS, NUMBA_CACHE_DIR=str(tmp_path)).communicate()
    other = "import ranker.kernels.compiled as c; c._sources = lambda: 'others'\n" + SUMS
    said, told = started(other, NUMBA_CACHE_DIR=str(tmp_path)).communicate()
    assert (said, "compiling" in told) == ("2 [1, 2]\n", True)


def test_processes_that_compile_at_once_do_not_harm_each_other(tmp_path):
    running = [started(SUMS, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(4)]
    assert [process.communicate()[0] for process in running] == ["2 [1, 2]\n"] * 4
    assert started(SUMS, NUMBA_CACHE_DIR=str(tmp_path)).communicate() == ("2 [1, 2]\n", "")


def test_kernels_run_where_no_cache_can_be_written(tmp_path):
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    nowhere.chmod(0o500)
    said, _ = started(SUMS, NUMBA_CACHE_DIR=str(nowhere / "deeper")).communicate()
    assert said == "2 [1, 2]\n"


def test_an_import_changes_no_setting_of_threads():
    said, errors = started(THREADS).communicate()
    assert said == "True True []\n", errors
