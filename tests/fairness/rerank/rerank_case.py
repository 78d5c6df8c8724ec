"""Every re-ranker under one signature, with rankings to re-rank and options to ask for."""

from dataclasses import dataclass

import numpy as np
from hypothesis import reject
from hypothesis import strategies as st

from fairness.groups import Groups
from fairness.rerank.det_cons import det_cons
from fairness.rerank.det_const_sort import det_const_sort
from fairness.rerank.det_greedy import det_greedy
from fairness.rerank.det_relaxed import det_relaxed
from fairness.rerank.exposure_policy import exposure_policy
from fairness.rerank.fa_ir import fa_ir
from fairness.rerank.hypergeometric_fa_ir import hypergeometric_fa_ir
from fairness.rerank.multigroup_fa_ir import multigroup_fa_ir
from ranker.errors import ConstraintError
from ranker.ranking.ranking import Ranking

LABELS = ("f", "m", "x")


def a_draw(ranking, groups, **options):
    """One list of the lottery, by relevance from 1 so that every group has some."""
    relevance = np.linspace(2.0, 1.0, ranking.n_rows)
    policy = exposure_policy(ranking, groups, relevance, constraint="demographic_parity", **options)
    return policy.sample(np.random.default_rng(0))


def of_protected(rerank, protected):
    return lambda ranking, groups, **options: rerank(ranking, groups, protected=protected, **options)


RERANKERS = {
    "fa_ir": of_protected(fa_ir, "f"),
    "hypergeometric_fa_ir": of_protected(hypergeometric_fa_ir, "f"),
    "multigroup_fa_ir": of_protected(multigroup_fa_ir, ["f", "x"]),
    "det_greedy": det_greedy,
    "det_cons": det_cons,
    "det_relaxed": det_relaxed,
    "det_const_sort": det_const_sort,
    "exposure_policy": a_draw,
}
DETERMINISTIC = ("det_greedy", "det_cons", "det_relaxed", "det_const_sort")


@dataclass(frozen=True)
class Case:
    """Rankings of a few jobs, with ties that are broken already, and the group of each row."""

    ranking: Ranking
    groups: Groups

    def names(self, ranking=None):
        """Group of each ranked entry, None where undisclosed."""
        ranking = self.ranking if ranking is None else ranking
        return ranking.aligned(self.groups.names()).tolist()


def case_of(*lists, scores=None):
    """Case from lists of groups, best first, one list a job; its rows stand in the opposite order."""
    everyone = [(j, member, -float(place)) for j, one in enumerate(lists) for place, member in enumerate(one)]
    job, members, by_place = (list(column) for column in zip(*everyone[::-1], strict=True))
    codes = [-1 if member is None else LABELS.index(member) for member in members]
    ranking = Ranking.from_scores(by_place if scores is None else scores, job=job)
    return Case(ranking, Groups("gender", LABELS, np.array(codes, dtype=np.int32)))


@st.composite
def cases(draw, max_size=14):
    member = st.sampled_from([*LABELS, None])
    lists = draw(st.lists(st.lists(member, min_size=1, max_size=max_size), min_size=1, max_size=3))
    n = sum(map(len, lists))
    return case_of(
        *lists, scores=draw(st.lists(st.sampled_from([0.0, 1.0, 1.5, 2.0]), min_size=n, max_size=n))
    )


SHARE = st.sampled_from([0.05, 0.3, 0.45])
TESTED = {"alpha": st.sampled_from([0.01, 0.1, 0.5]), "adjust": st.booleans()}
TARGET = st.just("pool") | st.fixed_dictionaries(dict.fromkeys(LABELS, st.integers(0, 6))).filter(
    lambda counts: any(counts.values())
)
OPTIONS = {
    "fa_ir": {"p": st.just("pool") | SHARE | st.just(0.9), **TESTED},
    "hypergeometric_fa_ir": TESTED,
    "multigroup_fa_ir": {"p": st.just("pool") | st.fixed_dictionaries({"f": SHARE, "x": SHARE}), **TESTED},
    **{name: {"target": TARGET} for name in DETERMINISTIC},
    "exposure_policy": {"bound": st.sampled_from([0.0, 0.1])},
}


@st.composite
def asked(draw, name):
    """What a re-ranker is asked for, beside a ranking and groups."""
    return draw(st.fixed_dictionaries({"top_k": st.none() | st.integers(1, 20), **OPTIONS[name]}))


def reranked(name, case, **options):
    """Re-rank; a list that cannot be had is refused in words, and is not what is tested then."""
    try:
        return RERANKERS[name](case.ranking, case.groups, **options)
    except ConstraintError as error:
        refusal = str(error)
    assert name == "multigroup_fa_ir"
    assert "no list of its" in refusal
    reject()
