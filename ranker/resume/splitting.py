"""Stratified parts: each label is shared out in the same proportion, and nobody stands in two parts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ranker.errors import FitError
from ranker.records.splits import PARTS
from ranker.resume.cleaning import CleanResume

__all__ = ["persons_of", "stratified_parts"]


def persons_of(resumes: Sequence[CleanResume]) -> NDArray[np.int64]:
    """Return one number a person, (n,): résumés of the same id, or of the same contents, are one person's.

    Contents are skills and projects, where there are both: who takes a test again is the same
    person. Ties run in chains: A like B and B like C makes one person of all three.
    """
    ids: dict[str, int] = {}
    contents: dict[object, int] = {}
    rows, columns = [], []
    for row, resume in enumerate(resumes):
        rows.append(row)
        columns.append(ids.setdefault(resume.id, len(ids)))
    for row, resume in enumerate(resumes):
        if resume.skills and resume.projects:
            content = (frozenset(resume.skills), frozenset(resume.projects))
            rows.append(row)
            columns.append(len(ids) + contents.setdefault(content, len(contents)))
    from scipy.sparse import coo_array  # slow to load, and whoever answers shares nothing out
    from scipy.sparse.csgraph import connected_components

    n, size = len(resumes), len(resumes) + len(ids) + len(contents)
    links = coo_array((np.ones(len(rows)), (rows, np.array(columns, dtype=np.int64) + n)), shape=(size, size))
    _, component = connected_components(links, directed=False)
    return np.unique(component[:n], return_inverse=True)[1].astype(np.int64)


def stratified_parts(
    codes: NDArray[np.int64], person: NDArray[np.int64], *, tune: float, test: float, seed: int
) -> NDArray[np.object_]:
    """Share résumés out over train, tune and test, each label in the same proportion.

    Parameters
    ----------
    codes : (n,) int array
        Label of each résumé.
    person : (n,) int array
        Whose it is: all of a person's résumés go to one part, counted under the first one's label.
    tune, test : float
        Shares, each above 0, together below 1.
    seed : int
        The parts depend on it and on the order of the résumés.

    Returns
    -------
    (n,) object array of {"train", "tune", "test"}

    Raises
    ------
    FitError
        If the shares or the data leave a part empty.
    """
    if tune <= 0 or test <= 0 or tune + test >= 1:
        raise FitError(f"[split] tune = {tune} and test = {test}: each must be above 0 and their sum below 1")
    rng = np.random.default_rng(seed)
    _, first, unit = np.unique(person, return_index=True, return_inverse=True)
    label = codes[first]
    part = np.full(len(first), "train", dtype=object)
    for code in np.unique(codes):
        members = np.flatnonzero(label == code)
        members = members[rng.permutation(len(members))]
        n_test, n_tune = round(len(members) * test), round(len(members) * tune)
        part[members[:n_test]] = "test"
        part[members[n_test : n_test + n_tune]] = "tune"
    parts = part[unit]
    for name in PARTS:
        if not (parts == name).any():
            raise FitError(
                f"{len(codes)} résumés leave the part {name!r} empty: bring more or change [split]"
            )
    return parts
