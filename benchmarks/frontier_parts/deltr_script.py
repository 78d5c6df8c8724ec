"""Train DELTR models with fairsearchdeltr, in the environment that has it; reads and writes .npz files.

    python deltr_script.py IN.npz OUT.npz LIMIT

IN holds ``features`` (n, n_features; the last is 1 for the protected), ``relevance`` (n,), ``job`` (n,) and
``gammas``; OUT holds ``weights`` (n_gammas, n_features). Ends at once with a message if all would take more
than LIMIT seconds.
"""

import sys
import time

import numpy as np
from fairsearchdeltr import trainer

ITERATIONS, STEP, PENALTY, START = 3000, 0.001, 0.001, 0.01  # the package's defaults
PROBE = 10  # iterations that tell how long all will take

# The package finds its arrays by their printed text, which costs it most of its time: which array
# it is does as well, since they all live as long as the look-up.
trainer.str = lambda array: str(id(array))


class OnceAJob(np.ndarray):
    """Job of each row, that yields each job once when it is iterated over.

    The package goes through its list of jobs row by row, so that a job of 1,000 people is computed
    1,000 times an iteration and counts 1,000 times. Its paper sums over jobs, and so does this.
    """

    def __iter__(self):
        """Yield each job once."""
        return iter(np.unique(np.asarray(self)))


def train(features, relevance, job, gamma, iterations=ITERATIONS):
    """Return the weights of one model."""
    np.random.seed(0)  # noqa: NPY002 - the package draws its start from here
    # By rows, a gradient would be larger by the length of a list: the step makes up for that.
    step = STEP * len(job) / len(np.unique(job))
    model = trainer.Trainer(features.shape[1] - 1, gamma, iterations, step, PENALTY, START)
    weights, _ = model.train_nn(job.view(OnceAJob), features, relevance.reshape(-1, 1))
    return weights


if __name__ == "__main__":
    given, limit = np.load(sys.argv[1]), float(sys.argv[3])
    data, gammas = (given["features"], given["relevance"], given["job"]), given["gammas"]
    start = time.process_time()
    train(*data, 1.0, iterations=PROBE)
    expected = (time.process_time() - start) / PROBE * ITERATIONS * len(gammas)
    if expected > limit:
        sys.exit(f"it would take {expected:.0f} s a split, more than {limit:.0f}")
    np.savez(sys.argv[2], weights=np.array([train(*data, float(gamma)) for gamma in gammas]))
