"""DetConstSort and its kin on a large pool: ours against FairRankTune's and AIF360's, and what theirs gets wrong.

    python -m benchmarks.toolbox_parts.det_sort

Seconds are of the processor, for the call alone: ours from a Ranking to a Ranking with its moves and their
reasons, a peer's from its own table to its own result.
"""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.frontier_parts.environments import python_with
from benchmarks.frontier_parts.trials import Skipped
from benchmarks.toolbox_parts import shares
from fairness.groups import Groups
from fairness.rerank.det_cons import det_cons
from fairness.rerank.det_const_sort import det_const_sort
from fairness.rerank.det_greedy import det_greedy
from fairness.rerank.det_relaxed import det_relaxed
from ranker.ranking.ranking import Ranking

__all__ = ["OURS", "PEERS", "POOLS", "Pool", "ask_peer", "peers_python", "seconds_of_ours"]

SCRIPT = Path(__file__).with_name("det_sort_script.py")
OURS = {
    "Constrained": det_const_sort,
    "Greedy": det_greedy,
    "Conservative": det_cons,
    "Relaxed": det_relaxed,
}
PEERS = {"fairranktune": ("Constrained",), "aif360": tuple(OURS)}
FAIRRANKTUNE = f"FairRankTune=={shares.VERSION}"
REPEATS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """One job's candidates, best first.

    Parameters
    ----------
    scores : (n,) float64 array
        Descending, without ties.
    codes : (n,) int64 array
        Group of each, from 0.
    shares : tuple of float
        Share of each group that the list is to have.
    """

    scores: np.ndarray
    codes: np.ndarray
    shares: tuple[float, ...]

    @classmethod
    def drawn(cls, n: int, chances: tuple[float, ...], *, gap: float = 0.5, seed: int = 0) -> "Pool":
        """Draw a pool in which each group scores ``gap`` standard deviations above the one before."""
        rng = np.random.default_rng(seed)
        codes = rng.choice(len(chances), size=n, p=chances)
        scores = rng.normal(size=n) + gap * codes
        order = np.argsort(-scores)
        counts = np.bincount(codes, minlength=len(chances))
        return cls(scores[order], codes[order], tuple((counts / n).tolist()))

    def as_ranking(self) -> tuple[Ranking, Groups]:
        """Return it as our functions take it."""
        ranking = Ranking.from_scores(self.scores, job=np.zeros(len(self.scores), dtype=np.int64))
        return ranking, Groups.from_values([f"g{code}" for code in self.codes], attribute="group")


POOLS = {"2 groups, .50 each": (0.5, 0.5), "4 groups, .1 .2 .3 .4": (0.1, 0.2, 0.3, 0.4)}


def seconds_of_ours(pool: Pool, rule: str) -> tuple[float, list[int], int]:
    """Least seconds of a few calls, the rows in their new order, and the moves made."""
    ranking, groups = pool.as_ranking()
    rerank = OURS[rule]
    target = dict(zip(groups.labels, pool.shares, strict=True))
    rerank(ranking, groups, target=target)
    took = []
    for _ in range(REPEATS):
        start = time.process_time()
        found = rerank(ranking, groups, target=target)
        took.append(time.process_time() - start)
    return min(took), found.row.tolist(), len(found.moves)


def peers_python() -> Path:
    """Return the interpreter of an environment with both packages.

    FairRankTune's wheel names no requirements, so that it cannot be imported where nothing else
    has brought numpy and pandas: it goes into the environment of AIF360, which has.

    Raises
    ------
    Skipped
        If they cannot be installed.
    """
    python = python_with("aif360", "0.6.1")
    if subprocess.run([str(python), "-c", "import FairRankTune"], capture_output=True).returncode:
        command = [str(python), "-m", "pip", "install", "--quiet", FAIRRANKTUNE]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Skipped((done.stderr.strip().splitlines() or ["no reason given"])[-1])
    return python


def ask_peer(
    python: Path, package: str, pool: Pool, rule: str = "Constrained", *, top_k: int | None = None
) -> dict[str, Any]:
    """Return a peer's ``order`` and ``seconds``, or its ``error``; see det_sort_script.py."""
    given = {
        "package": package,
        "rule": rule,
        "scores": pool.scores.tolist(),
        "groups": pool.codes.tolist(),
        "shares": list(pool.shares),
        "top_k": len(pool.scores) if top_k is None else top_k,
    }
    done = subprocess.run([str(python), str(SCRIPT)], input=json.dumps(given), capture_output=True, text=True)
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no reason given"])[-1]}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main(n: int = 10_000) -> None:
    """Print one line for each pool, rule and package."""
    python = peers_python()
    for words, chances in POOLS.items():
        pool = Pool.drawn(n, chances)
        for rule in OURS:
            seconds, order, n_moves = seconds_of_ours(pool, rule)
            print(f"{n:,} candidates, {words}: {rule}: {seconds:.4f} s, {n_moves:,} moves")
            for package in (package for package, rules in PEERS.items() if rule in rules):
                answer = ask_peer(python, package, pool, rule)
                if "error" in answer:
                    print(f"    {package}: {answer['error']}")
                    continue
                same = (
                    "equal" if answer["order"] == order else f"{len(set(answer['order'])):,} different people"
                )
                print(
                    f"    {package}: {answer['seconds']:.3f} s, {answer['seconds'] / seconds:.0f} x, {same}"
                )


if __name__ == "__main__":
    main()
