"""Who has how many of a job's skills, for all people at once.

People's skills stand inverted: for each skill the list of the people who have it (its posting
list), and for the skills that many people have also a plane, a bit for each person. A tile is
4,096 people: 64 words of a plane, and their counts as the bytes of 8 x 64 words. Bit
``8 * b + k`` of a plane's word ``i`` belongs to byte ``b`` of the counts' word ``(k, i)``, so
that a shift and a mask add a skill to eight counts a word, and SIMD to several words at once.

Nothing is checked here: callers pass what the docstrings say. Counts have no unit.
"""

import numpy as np
from numpy.typing import NDArray

from ranker.kernels.compiled import kernel

__all__ = ["MOST_PLANES", "count_matches", "fill_planes", "fill_postings", "sum_matches", "take_sets"]

MOST_PLANES = 255  # whose counts surely fit a byte
TILE = 64  # words of a plane: the counts of a tile stay in the nearest cache

# Bit operations on 64-bit words want 64-bit operands throughout: numba promotes mixed ones.
ONE, BYTES = np.uint64(1), np.uint64(0x0101010101010101)


@kernel()
def fill_postings(
    indptr: NDArray[np.int64], ids: NDArray[np.int32], starts: NDArray[np.int64], people: NDArray[np.int32]
) -> int:
    """Turn skills by person into people by skill.

    Parameters
    ----------
    indptr, ids : (n_people + 1,), (n_ids,)
        Skills of person ``p``: ``ids[indptr[p]:indptr[p + 1]]``, each in 0 .. n_skills - 1.
    starts, people : (n_skills + 1,), (n_ids,)
        Filled: ``people[starts[s]:starts[s + 1]]`` have skill ``s``, in increasing order.

    Returns
    -------
    int
        A person who has a skill twice, -1 where nobody does.
    """
    n_skills = starts.size - 1
    starts[:] = 0
    for k in range(ids.size):
        starts[ids[k] + 1] += 1
    for skill in range(n_skills):
        starts[skill + 1] += starts[skill]
    to = starts[:-1].copy()
    for person in range(indptr.size - 1):
        for k in range(indptr[person], indptr[person + 1]):
            skill = ids[k]
            place = to[skill]
            if place > starts[skill] and people[place - 1] == person:
                return person
            people[place] = person
            to[skill] = place + 1
    return -1


@kernel()
def take_sets(
    indptr: NDArray[np.int64], ids: NDArray[np.int32], order: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Put sets in another order: (n + 1,), (n_ids,), positions (m,) -> (m + 1,) and the ids of those."""
    starts = np.zeros(order.size + 1, np.int64)
    for i in range(order.size):
        starts[i + 1] = starts[i] + indptr[order[i] + 1] - indptr[order[i]]
    taken = np.empty(starts[order.size], np.int32)
    for i in range(order.size):
        first = indptr[order[i]]
        for k in range(starts[i + 1] - starts[i]):
            taken[starts[i] + k] = ids[first + k]
    return starts, taken


@kernel()
def fill_planes(
    starts: NDArray[np.int64],
    people: NDArray[np.int32],
    skills: NDArray[np.int64],
    planes: NDArray[np.uint64],
) -> None:
    """Set in plane ``k`` the bits of the people who have skill ``skills[k]``.

    starts, people: as :func:`fill_postings` leaves them; skills: (n_planes,);
    planes: (n_planes, n_words), all 0, with 64 people a word.
    """
    for k in range(skills.size):
        for person in people[starts[skills[k]] : starts[skills[k] + 1]]:
            tile, place = person // (64 * TILE), person % (64 * TILE)
            size = min(TILE, planes.shape[1] - TILE * tile)  # the last tile may have fewer words
            word, shift = place // 8 % size, place // 8 // size
            planes[k, TILE * tile + word] |= ONE << np.uint64(8 * (place % 8) + shift)


@kernel()
def _set_bits(words: NDArray[np.uint64], counts: NDArray[np.uint64]) -> None:
    for k in range(8):
        part, shift = counts[k * words.size : (k + 1) * words.size], np.uint64(k)
        for i in range(words.size):
            part[i] = (words[i] >> shift) & BYTES


@kernel()
def _add_bits(words: NDArray[np.uint64], counts: NDArray[np.uint64]) -> None:
    for k in range(8):
        part, shift = counts[k * words.size : (k + 1) * words.size], np.uint64(k)
        for i in range(words.size):
            part[i] += (words[i] >> shift) & BYTES


@kernel()
def _copy(counts: NDArray[np.uint8], out: NDArray[np.unsignedinteger]) -> None:
    # Numba's own assignment of a slice moves byte by byte: 0.25 ns each, against 0.03 in this loop.
    for i in range(out.size):
        out[i] = counts[i]


@kernel()
def count_matches(
    want_indptr: NDArray[np.int64],
    want_ids: NDArray[np.int32],
    starts: NDArray[np.int64],
    people: NDArray[np.int32],
    slots: NDArray[np.int32],
    planes: NDArray[np.uint64],
    counts: NDArray[np.unsignedinteger],
) -> None:
    """Count for each job and person the wanted skills that the person has.

    Parameters
    ----------
    want_indptr, want_ids : (n_jobs + 1,), (n_wanted,)
        Skills of each job, none of them twice in a job; an id outside 0 .. n_skills - 1 is
        a skill that nobody has.
    starts, people : (n_skills + 1,), (n_ids,)
        Posting lists.
    slots : (n_skills,) int32
        Plane of a skill that has one, -1 of the others.
    planes : (n_planes, n_words) uint64
        As :func:`fill_planes` leaves them.
    counts : (n_jobs, n_people) uint8 or uint16
        Filled; uint8 where no job wants more than 255.
    """
    n_skills, n_people = starts.size - 1, counts.shape[1]
    n_planes, n_words = planes.shape
    used = np.empty(n_planes, np.int64)
    tile = np.empty(8 * TILE, np.uint64)
    for job in range(want_indptr.size - 1):
        row = counts[job]
        n_used = 0
        for k in range(want_indptr[job], want_indptr[job + 1]):
            skill = want_ids[k]
            if 0 <= skill < n_skills and slots[skill] >= 0:
                used[n_used] = slots[skill]
                n_used += 1
        if n_used == 0:
            row[:] = 0
        for start in range(0, n_words if n_used else 0, TILE):
            stop = min(start + TILE, n_words)
            sums = tile[: 8 * (stop - start)]
            _set_bits(planes[used[0], start:stop], sums)
            for k in range(1, n_used):
                _add_bits(planes[used[k], start:stop], sums)
            _copy(sums.view(np.uint8), row[64 * start : min(64 * stop, n_people)])
        for k in range(want_indptr[job], want_indptr[job + 1]):
            skill = want_ids[k]
            if 0 <= skill < n_skills and slots[skill] < 0:
                for person in people[starts[skill] : starts[skill + 1]]:
                    row[person] += 1


@kernel()
def sum_matches(
    want_indptr: NDArray[np.int64],
    want_ids: NDArray[np.int32],
    weights: NDArray[np.float64],
    starts: NDArray[np.int64],
    people: NDArray[np.int32],
    sums: NDArray[np.float64],
) -> None:
    """Sum for each job and person the weights of the wanted skills that the person has.

    As :func:`count_matches`; weights: (n_wanted,), sums: (n_jobs, n_people), filled, in the
    unit of the weights. Added in the order in which the job names its skills, starting from 0.
    """
    n_skills = starts.size - 1
    for job in range(want_indptr.size - 1):
        row = sums[job]
        row[:] = 0.0
        for k in range(want_indptr[job], want_indptr[job + 1]):
            skill, weight = want_ids[k], weights[k]
            if 0 <= skill < n_skills:
                for person in people[starts[skill] : starts[skill + 1]]:
                    row[person] += weight
