"""The order of candidates by score, and what decides between equal scores."""

from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.segments import descending_order, segment_of

__all__ = ["RECORD_TIE_RULE", "TIE_RULE", "order_by_score", "tied_entries"]

TIE_RULE: Final = (
    "Equal scores are ordered by the 8-byte BLAKE2b digest of job and candidate, smallest first: "
    "a lot drawn from the two labels, which depends neither on the order of the input nor on any attribute."
)
RECORD_TIE_RULE: Final = (
    "Equal scores are ordered by the 8-byte BLAKE2b digest of job and record, protected and sensitive fields "
    "left out, smallest first: a lot drawn from what the rows say, which depends neither on the order of the "
    "input nor on any protected attribute."
)


def order_by_score(
    scores: NDArray[np.float64],
    indptr: NDArray[np.int64],
    jobs: NDArray[np.object_],
    candidates: NDArray[np.object_],
    lots: NDArray[np.object_] | None = None,
) -> NDArray[np.int64]:
    """Order each job by descending score, equal scores by `TIE_RULE`.

    Parameters
    ----------
    scores : ndarray of shape (n,)
        Scores, job by job; no NaN.
    indptr : ndarray of shape (n_jobs + 1,)
        Where each job begins and ends.
    jobs : ndarray of shape (n_jobs,)
        Job labels.
    candidates : ndarray of shape (n,)
        Candidate labels, no two alike within a job.
    lots : ndarray of shape (n,), optional
        What the lot is drawn from besides the job; the candidate labels by default.

    Returns
    -------
    ndarray of shape (n,)
        Positions in the given arrays, best first within each job.
    """
    order = descending_order(scores, indptr)
    same = _same_as_previous(scores[order], indptr)
    if not same.any():
        return order
    job_of = segment_of(indptr)
    places = np.flatnonzero(_in_a_run(same))
    entries = order[places]
    run_of = np.cumsum(~same)[places]
    # Only tied entries are hashed: a digest costs about a microsecond, a score nothing.
    digests = _digests(jobs[job_of[entries]], (candidates if lots is None else lots)[entries])
    if np.unique(digests).size < digests.size:
        # Copies of one record, or two of n entries with a chance of n**2 / 2**65: their labels then decide.
        by_label = np.argsort(candidates[entries], kind="stable")
        entries, digests, run_of = entries[by_label], digests[by_label], run_of[by_label]
    order[places] = entries[np.lexsort((digests, run_of))]
    return order


def tied_entries(scores: NDArray[np.float64], indptr: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Flag the entries that share their exact score with another of their job.

    Parameters
    ----------
    scores : ndarray of shape (n,)
        Scores, job by job, in any order within a job.
    indptr : ndarray of shape (n_jobs + 1,)
        Where each job begins and ends.

    Returns
    -------
    ndarray of shape (n,)
        Booleans.
    """
    order = descending_order(scores, indptr)
    tied = np.empty(scores.size, dtype=bool)
    tied[order] = _in_a_run(_same_as_previous(scores[order], indptr))
    return tied


def _same_as_previous(sorted_scores: NDArray[np.float64], indptr: NDArray[np.int64]) -> NDArray[np.bool_]:
    same = np.zeros(sorted_scores.size, dtype=bool)
    same[1:] = sorted_scores[1:] == sorted_scores[:-1]
    same[indptr[:-1][np.diff(indptr) > 0]] = False
    return same


def _in_a_run(same: NDArray[np.bool_]) -> NDArray[np.bool_]:
    run = same.copy()
    run[:-1] |= same[1:]
    return run


def _digests(jobs: NDArray[np.object_], candidates: NDArray[np.object_]) -> NDArray[np.uint64]:
    texts = (f"{job}\x1f{candidate}" for job, candidate in zip(jobs, candidates, strict=True))
    # surrogatepass: a label read from broken JSON may hold half a character, and must rank all the same.
    joined = b"".join(
        blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts
    )
    return np.frombuffer(joined, dtype=">u8").astype(np.uint64)
