"""Three parts of every task: train fits, tune chooses, test is touched once."""

import hashlib

import numpy as np

from ranker.errors import FitError
from ranker.records.records import Records

PARTS = ("train", "tune", "test")
FEW_JOBS = 10  # below this, whole jobs are too few to share out


def split_parts(
    records: Records, *, by: str = "auto", tune: float = 0.2, test: float = 0.2, seed: int = 0
) -> np.ndarray:
    """Give each pair its part; see :func:`share_out`.

    A person is a candidate's label; labels whose records are exact copies of each other
    are one person.

    Returns
    -------
    (n,) object array of {"train", "tune", "test"}
    """
    return share_out(records.job, _persons(records), by=by, tune=tune, test=test, seed=seed)


def share_out(
    job: np.ndarray,
    person: np.ndarray,
    *,
    by: str = "auto",
    tune: float = 0.2,
    test: float = 0.2,
    seed: int = 0,
) -> np.ndarray:
    """Share pairs out over the parts.

    Parameters
    ----------
    job, person : (n,) arrays
        Labels of each pair's job and person.
    by : {"auto", "job", "candidate"}
        ``job`` gives whole jobs to a part: the question asked is how a new job will be
        ranked, and a person may stand in several parts with different jobs.
        ``candidate`` shares out the people of each job: a person stands in one part
        only. ``auto`` is ``job`` from 10 jobs on.
    tune, test : float
        Shares, each above 0, together below 1.
    seed : int
        The parts depend on the seed and on labels, not on the order of rows.

    Returns
    -------
    (n,) object array of {"train", "tune", "test"}

    Raises
    ------
    FitError
        If the shares or the data leave a part empty.
    """
    if tune <= 0 or test <= 0 or tune + test >= 1:
        raise FitError(f"tune = {tune} and test = {test}: each must be above 0 and their sum below 1")
    jobs, code = np.unique(np.asarray(job).astype(str), return_inverse=True)
    if by == "auto":
        by = "job" if len(jobs) >= FEW_JOBS else "candidate"
    rng = np.random.default_rng(seed)
    if by == "job":
        if len(jobs) < 3:
            raise FitError(f"{len(jobs)} job(s) cannot be shared over three parts: split by = 'candidate'")
        parts = _share(len(jobs), tune, test, rng)[code]
    else:
        parts = _by_person(np.asarray(person).astype(str), code, tune, test, rng)
    empty = [part for part in PARTS if not (parts == part).any()]
    if empty:
        raise FitError(
            f"{len(code)} pairs leave the part {empty[0]!r} empty: bring more or change the shares"
        )
    return parts


def _share(n: int, tune: float, test: float, rng: np.random.Generator) -> np.ndarray:
    """Deal ``n`` units out at random, in proportion."""
    parts = np.full(n, "train", dtype=object)
    order = rng.permutation(n)
    n_test = max(1, round(n * test)) if n >= 3 else 0
    n_tune = max(1, round(n * tune)) if n >= 3 else 0
    parts[order[:n_test]] = "test"
    parts[order[n_test : n_test + n_tune]] = "tune"
    if n in (1, 2):
        # Tiny pools: by chance, so that they fill every part in proportion over many jobs.
        parts[:] = rng.choice(PARTS, p=[1 - tune - test, tune, test], size=n)
    return parts


def _persons(records: Records) -> np.ndarray:
    """Return one key a person, (n,): the label, or the content where records are exact copies.

    Keys are no content: who applies twice under two numbers is one person.
    """
    table = records.tables["candidate"]
    table = table.drop(columns=[table.index.name, *records.keys], errors="ignore")
    if not len(table.columns):
        return records.candidate.astype(str)
    contents = [
        hashlib.blake2b("\x1f".join(map(repr, row)).encode(), digest_size=12).hexdigest()
        for row in table.itertuples(index=False, name=None)
    ]
    content = np.array(contents, dtype=object)[records.rows["candidate"]]
    from scipy.sparse import coo_matrix  # slow to load, and whoever only reads records shares nothing out
    from scipy.sparse.csgraph import connected_components

    # Two rows are of one person where they share a label or a content, and so on in a chain.
    _, label_code = np.unique(records.candidate.astype(str), return_inverse=True)
    _, content_code = np.unique(content.astype(str), return_inverse=True)
    size = label_code.max() + content_code.max() + 2
    links = (np.ones(len(content)), (label_code, content_code + label_code.max() + 1))
    _, person = connected_components(coo_matrix(links, shape=(size, size)), directed=False)
    # Named by the smallest label, so that the parts do not depend on the order of rows.
    person = person[label_code]
    name: dict[int, str] = {}
    for code, label in zip(person, records.candidate.astype(str), strict=True):
        name[code] = min(label, name.get(code, label))
    return np.array([name[code] for code in person])


def _by_person(
    persons: np.ndarray, job: np.ndarray, tune: float, test: float, rng: np.random.Generator
) -> np.ndarray:
    # Each person is dealt out with the first (by label) of the jobs applied to, so that
    # every job's pool is shared out in proportion.
    home: dict[str, int] = {}
    for person, j in zip(persons, job, strict=True):
        home[person] = min(j, home.get(person, j))
    part: dict[str, str] = {}
    for j in range(job.max() + 1):
        here = sorted(person for person, first in home.items() if first == j)
        part.update(zip(here, _share(len(here), tune, test, rng), strict=True))
    return np.array([part[person] for person in persons], dtype=object)
