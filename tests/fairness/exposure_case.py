"""Rankings to measure exposure on, and the same as plain lists."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from fairness.groups import Groups
from ranker.ranking.ranking import Ranking


@dataclass(frozen=True)
class Case:
    ranking: Ranking
    groups: Groups
    relevance: np.ndarray

    def jobs(self):
        """One list a job of (group, relevance), best first."""
        names = self.ranking.aligned(self.groups.names()).tolist()
        merits = self.ranking.aligned(self.relevance).tolist()
        entries = list(zip(names, merits, strict=True))
        return [entries[start:stop] for start, stop in pairwise(self.ranking.indptr.tolist())]

    def split(self, values):
        """Values in rank order, one list a job."""
        return [part.tolist() for part in np.split(np.asarray(values), self.ranking.indptr[1:-1])]


def case_of(*jobs, relevance=None):
    """Case from lists of groups by rank, one list a job; rows stand in the opposite order."""
    job = [j for j, one in enumerate(jobs) for _ in one][::-1]
    scores = [-float(place) for one in jobs for place in range(len(one))][::-1]
    members = [group for one in jobs for group in one][::-1]
    merits = (
        np.zeros(len(job)) if relevance is None else np.array([r for one in relevance for r in one][::-1])
    )
    return Case(
        Ranking.from_scores(scores, job=job),
        Groups.from_values(members, attribute="gender"),
        merits.astype(float),
    )


@st.composite
def cases(draw, max_size=12, grades=(0, 1, 3)):
    """Rows in any order: a few jobs, tied scores, several groups, undisclosed members."""
    n = draw(st.integers(1, max_size))
    column = lambda values: draw(st.lists(st.sampled_from(values), min_size=n, max_size=n))  # noqa: E731
    scores = column([0.0, 1.0, 2.0])
    job = column(["a", "b", "c"])
    # "nobody" is a group of the attribute that no row belongs to.
    labels = ["f", "m", "nobody", "žena"]
    codes = np.array(column([-1, 0, 1, 3]), dtype=np.int32)
    groups = Groups("gender", tuple(labels), codes)
    names = [f"c{row}" for row in range(n)]
    return Case(
        Ranking.from_scores(scores, job=job, candidate=names), groups, np.array(column(list(grades)), float)
    )
