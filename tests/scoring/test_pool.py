"""Pools: the first k found side by side are those of scoring and sorting every pair."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranker.errors import DataError, EmptyPoolError, UnknownFieldError
from ranker.features.matching import IdSets
from ranker.scoring import pool_top
from ranker.scoring.additive import AdditiveScorer, Axis, Term
from ranker.scoring.pool import Codes, Match, MatchOf, Pool
from ranker.scoring.pool_counts import CountMatch
from ranker.scoring.pool_top import top_of_pool
from tests.scoring.examples import NUMBERS, TEXTS, scorers


class Given(Match):
    """A match of few values, given as codes and levels."""

    def __init__(self, codes, levels):
        self.given, self.said = codes, levels

    def values(self, job, candidate):
        return np.array([self.said[j][self.given[j, c]] for j, c in zip(job, candidate, strict=True)])

    def codes(self, axis, order):
        return GivenCodes(self.given[:, order], self.said)


class GivenCodes(Codes):
    def __init__(self, codes, levels):
        self.given, self.said = codes, levels

    def levels(self, job):
        return self.said[job]

    def block(self, jobs):
        return lambda lines, stretch: self.given[jobs[lines], stretch]


def frame(columns, n):
    kinds = {name: float if name in "ab" else object for name in columns}
    return pd.DataFrame(columns, index=range(n)).astype(kinds)


@st.composite
def pools(draw):
    """Every feature of a, b (numbers) and c, d (texts) on a side of its own choice."""
    n_jobs, n_candidates = draw(st.integers(1, 5)), draw(st.integers(1, 15))
    sides = {"candidate": {}, "job": {}}
    matches, whole = {}, {}
    for name in "abcd":
        one = NUMBERS if name in "ab" else TEXTS
        side = draw(st.sampled_from(["candidate", "job", "computed", "coded"]))
        if side in sides:
            n = n_candidates if side == "candidate" else n_jobs
            sides[side][name] = draw(st.lists(one, min_size=n, max_size=n))
            continue
        levels = draw(st.lists(st.lists(one, min_size=3, max_size=3), min_size=n_jobs, max_size=n_jobs))
        seed = draw(st.integers(0, 2**32))
        codes = np.random.default_rng(seed).integers(0, 3, (n_jobs, n_candidates)).astype(np.uint8)
        kind = float if name in "ab" else object
        said = [np.array(line, dtype=kind) for line in levels]
        whole[name] = np.array([line[code] for line, code in zip(said, codes, strict=True)], dtype=kind)
        values = whole[name]
        matches[name] = (
            Given(codes, said)
            if side == "coded"
            else MatchOf(lambda job, candidates, values=values: values[job, candidates])
        )
    candidates = frame(sides["candidate"], n_candidates)
    jobs = frame(sides["job"], n_jobs)
    pairs = {
        **{name: np.tile(candidates[name].array, n_jobs) for name in candidates},
        **{name: np.repeat(jobs[name].array, n_candidates) for name in jobs},
        **{name: values.ravel() for name, values in whole.items()},
    }
    return Pool(candidates, jobs, matches), frame(pairs, n_jobs * n_candidates)


def coarse(scorer):
    """The same with scores in steps of a half, so that many are equal."""
    terms = tuple(Term(term.features, np.round(2 * term.scores) / 2) for term in scorer.terms)
    return AdditiveScorer(scorer.axes, terms, 0.5)


def first_k_of_all(scorer, pairs, n_jobs, n_candidates, k):
    """Score every pair, and keep those that reach the k-th score of their job."""
    scores = scorer.score(pairs).reshape(n_jobs, n_candidates)
    kept = []
    for job, line in enumerate(scores):
        kth = sorted(line, reverse=True)[min(k, n_candidates) - 1]
        kept += [
            (job, candidate, line[candidate].hex())
            for candidate in range(n_candidates)
            if line[candidate] >= kth
        ]
    return kept


@settings(max_examples=300, deadline=None)
@given(
    scorer=scorers(),
    drawn=pools(),
    k=st.integers(1, 6),
    step=st.sampled_from([False, True]),
    n_threads=st.sampled_from([1, 3]),
)
def test_the_first_k_of_a_pool_are_those_of_scoring_every_pair(scorer, drawn, k, step, n_threads):
    pool, pairs = drawn
    scorer = coarse(scorer) if step else scorer
    with pytest.MonkeyPatch.context() as patch:
        for name, size in (("JOBS", 2), ("FIRST", 2), ("LARGEST", 4)):
            patch.setattr(pool_top, name, size)
        found = top_of_pool(scorer, pool, k, n_threads=n_threads)
    got = [
        (int(job), int(candidate), float(score).hex())
        for job, candidate, score in zip(found.job, found.candidate, found.scores, strict=True)
    ]
    assert sorted(got) == first_k_of_all(scorer, pairs, len(pool.jobs), len(pool.candidates), k)


def one_axis(name, cuts, scores):
    return Axis(name, "continuous", (np.array(cuts, float),)), np.array(scores, float)


def ladder(n_candidates, n_jobs=3):
    """Candidates of falling worth, and a match that adds at most one of forty-one steps."""
    own, steps = one_axis("own", range(1, 40), np.r_[0, np.arange(40.0), 0])
    match, worth = one_axis("match", [0.5], [0.0, 0.0, 1.0, 0.0])
    scorer = AdditiveScorer((own, match), (Term((0,), steps), Term((1,), worth)), 0.0)
    rng = np.random.default_rng(0)
    candidates = pd.DataFrame({"own": rng.integers(0, 40, n_candidates).astype(float)})
    codes = rng.integers(0, 2, (n_jobs, n_candidates)).astype(np.uint8)
    pool = Pool(
        candidates,
        pd.DataFrame(index=range(n_jobs)),
        {"match": Given(codes, [np.array([0.0, 1.0])] * n_jobs)},
    )
    return scorer, pool


def test_a_search_stops_where_nobody_further_down_can_get_in():
    scorer, pool = ladder(50_000)
    found = top_of_pool(scorer, pool, 10)
    assert found.n_looked_at < len(pool) / 5
    assert (found.scores == 40.0).all()


def test_everybody_who_ties_with_the_kth_is_kept_however_many():
    scorer, pool = ladder(50_000)
    pool = Pool(pd.DataFrame({"own": np.full(50_000, 3.0)}), pool.jobs, pool.matches)
    found = top_of_pool(scorer, pool, 5)
    assert len(found.scores) == sum(int((line == 1).sum()) for line in pool.matches["match"].given)


def test_a_pool_is_refused_where_it_cannot_be_ranked():
    scorer, pool = ladder(10)
    with pytest.raises(DataError, match="cannot be 0 long"):
        top_of_pool(scorer, pool, 0)
    with pytest.raises(UnknownFieldError, match="no feature 'match'"):
        top_of_pool(scorer, Pool(pool.candidates, pool.jobs, {}), 3)
    with pytest.raises(EmptyPoolError, match="0 candidates for 3 jobs"):
        top_of_pool(scorer, Pool(pool.candidates[:0], pool.jobs, pool.matches), 3)
    with pytest.raises(DataError, match="'own' stands twice"):
        Pool(pool.candidates, pd.DataFrame({"own": [1.0]}), {})


def id_sets(sets):
    return IdSets.checked(
        np.cumsum([0, *map(len, sets)]), [item for found in sets for item in found], what="items"
    )


SETS = st.lists(st.integers(0, 6), max_size=5, unique=True)


@settings(max_examples=150, deadline=None)
@given(
    had=st.lists(st.one_of(st.none(), SETS), min_size=1, max_size=20),
    wanted=st.lists(st.lists(st.integers(0, 9), max_size=4, unique=True), min_size=1, max_size=4),
    any_of=st.booleans(),
    k=st.integers(1, 4),
    seed=st.integers(0, 2**32),
)
def test_counted_matches_rank_as_sets_that_are_compared_one_by_one(had, wanted, any_of, k, seed):
    rng = np.random.default_rng(seed)
    own, steps = one_axis("own", range(1, 4), np.round(rng.normal(size=6), 1))
    share, worth = one_axis("share", [0.25, 0.5, 0.75], np.round(rng.normal(size=6), 1))
    both = Term((0, 1), np.round(rng.normal(size=(6, 6)), 1))
    scorer = AdditiveScorer((own, share), (Term((1,), worth), both, Term((0,), steps)), 0.25)
    shares = [
        [
            np.nan if have is None or not want
            else float(bool(set(have) & set(want))) if any_of
            else len(set(have) & set(want)) / len(want)
            for have in had
        ]
        for want in wanted
    ]  # fmt: skip
    match = CountMatch(
        id_sets([have or [] for have in had]),
        id_sets(wanted),
        10,
        np.array([have is not None for have in had]),
        any_of,
    )
    candidates = pd.DataFrame({"own": rng.integers(0, 5, len(had)).astype(float)})
    found = top_of_pool(scorer, Pool(candidates, pd.DataFrame(index=range(len(wanted))), {"share": match}), k)
    pairs = pd.DataFrame({"own": np.tile(candidates["own"], len(wanted)), "share": np.ravel(shares)})
    got = [
        (int(job), int(candidate), float(score).hex())
        for job, candidate, score in zip(found.job, found.candidate, found.scores, strict=True)
    ]
    assert sorted(got) == first_k_of_all(scorer, pairs, len(wanted), len(had), k)


def test_a_count_match_is_refused_where_it_does_not_know_everybody():
    with pytest.raises(DataError, match="given tells of 1 candidates, items of 2"):
        CountMatch(id_sets([[0], [1]]), id_sets([[0]]), 2, np.array([True]))
    with pytest.raises(DataError, match="item of a job lies outside 0"):
        CountMatch(id_sets([[0], [1]]), id_sets([[2]]), 2)
