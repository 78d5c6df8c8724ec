"""Quality metrics against trec_eval: the figures that it prints for its own test run, and its library.

What trec_eval does that a Ranking does not do by itself is done here: documents that nobody judged
are irrelevant, equal scores are ordered by the later name first, and what was judged but never found
counts in the best possible order and among the relevant, though nowhere in the list.
"""

import math
import os
from pathlib import Path

import numpy as np
import pytest

from ranker.ranking.metrics.average_precision import average_precision_per_job
from ranker.ranking.metrics.ndcg import ndcg_per_job
from ranker.ranking.metrics.precision import precision_per_job
from ranker.ranking.metrics.reciprocal_rank import reciprocal_rank_per_job
from ranker.ranking.ranking import Ranking

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
TREC = DATA / "test_vectors" / "trec_eval"
needs_vectors = pytest.mark.skipif(
    not TREC.is_dir(), reason=f"no trec_eval vectors at {TREC}: set CANDOR_DATA to the folder of test data"
)

CUTS = (5, 10, 15, 20, 30, 100, 200, 500, 1000)
DEEPEST = 1000  # trec_eval cuts no deeper, so places below it can hold what was never found
TOPICS = ("301", "302", "303")


def lines_of(name):
    return [line.split() for line in (TREC / name).read_text().splitlines()]


def judged(name="qrels.test"):
    """Grades by topic and document."""
    return {(topic, document): int(grade) for topic, _, document, grade in lines_of(name)}


def found(lines=None):
    """Score by topic and document."""
    lines = lines_of("results.test") if lines is None else lines
    return {(topic, document): float(score) for topic, _, document, _, score, _ in lines}


def ranked_as_trec_eval_does(grades, run, deepest=DEEPEST):
    """Ranking and grades of its rows: found, then nothing down to the deepest cut, then never found."""
    rows, scores = [], []
    for topic in sorted({topic for topic, _ in [*grades, *run]}):
        mine = [(score, document) for (at, document), score in run.items() if at == topic]
        documents = [document for _, document in sorted(mine, reverse=True)]
        documents += [f"(nothing) {place}" for place in range(len(documents), deepest)]
        documents += [document for at, document in grades if at == topic and (at, document) not in run]
        rows += [(topic, document) for document in documents]
        scores += [-float(place) for place in range(len(documents))]
    ranking = Ranking.from_scores(scores, job=[row[0] for row in rows], candidate=[row[1] for row in rows])
    # A grade below 0 (judged to be spam) is worth nothing.
    return ranking, [max(grades.get(row, 0), 0) for row in rows]


def values_of(ranking, relevance):
    """Every measure of trec_eval's that there is a metric for: {name: one value a topic}."""
    n_relevant = np.bincount(ranking.job_of, weights=ranking.aligned(relevance) > 0).astype(int)
    values = {
        "map": average_precision_per_job(ranking, relevance, k=DEEPEST),
        "ndcg": ndcg_per_job(ranking, relevance, k=DEEPEST),
        "recip_rank": reciprocal_rank_per_job(ranking, relevance, k=DEEPEST),
    }
    for cut in CUTS:
        values[f"P_{cut}"] = precision_per_job(ranking, relevance, k=cut)
        values[f"ndcg_cut_{cut}"] = ndcg_per_job(ranking, relevance, k=cut)
        values[f"map_cut_{cut}"] = average_precision_per_job(ranking, relevance, k=cut)
        # Of what is relevant, found within the cut.
        values[f"recall_{cut}"] = values[f"P_{cut}"] * cut / n_relevant
    for cut in (1, 5, 10):
        values[f"success_{cut}"] = (reciprocal_rank_per_job(ranking, relevance, k=cut) > 0).astype(float)
    # Precision at as many places as there are relevant documents.
    values["Rprec"] = np.array(
        [
            precision_per_job(ranking.of(job), relevance, k=int(r))[0]
            for job, r in zip(ranking.jobs, n_relevant, strict=True)
        ]
    )
    return values


def compare_with(figures, values, *, n_each):
    """Compare every printed figure that has a value; there must be as many of each as the file has."""
    compared = 0
    for (measure, topic), printed in figures.items():
        if measure in values:
            of_topics = values[measure]
            value = of_topics.mean() if topic == "all" else of_topics[TOPICS.index(topic)]
            assert abs(value - float(printed)) <= 5e-5 + 1e-12, (measure, topic)
            compared += 1
    assert compared == n_each


def figures_of(name):
    return {(measure, topic): value for measure, topic, value in lines_of(name)}


@needs_vectors
@pytest.mark.parametrize(
    ("name", "n_each"),
    # out.test prints few measures; the others all, of which there are 43 here, for the three topics and their mean.
    [("out.test", 3 + len(CUTS)), ("out.test.a", 43), ("out.test.aq", 4 * 43)],
)
def test_metrics_agree_with_every_figure_that_trec_eval_prints(name, n_each):
    values = values_of(*ranked_as_trec_eval_does(judged(), found()))
    compare_with(figures_of(name), values, n_each=n_each)


@needs_vectors
def test_a_topic_that_was_never_answered_counts_as_nothing_found():
    # Printed with -c of a run that is not among the files, but a cut of the one that is: by the counts that
    # are printed with it, it has all 500 lines of topic 301, none of 302 and 84 of 303.
    lines = [line for line in lines_of("results.test") if line[0] == "301"]
    lines += [line for line in lines_of("results.test") if line[0] == "303"][:84]
    ranking, relevance = ranked_as_trec_eval_does(judged(), found(lines))
    values = values_of(ranking, relevance)
    assert values["map"][TOPICS.index("302")] == values["ndcg"][TOPICS.index("302")] == 0.0
    compare_with(figures_of("out.test.aqc"), values, n_each=4 * 43)


@needs_vectors
def test_the_geometric_mean_of_average_precisions_is_gm_map():
    average_precisions = values_of(*ranked_as_trec_eval_does(judged(), found()))["map"]
    # trec_eval puts a floor of .00001 under each.
    geometric = math.exp(np.log(np.maximum(average_precisions, 1e-5)).mean())
    assert geometric == pytest.approx(float(figures_of("out.test")["gm_map", "all"]), abs=5e-5)


@needs_vectors
@pytest.mark.parametrize("graded", ["qrels.test", "qrels.rel_level"])
def test_graded_judgements_agree_with_trec_evals_library(graded):
    peer = pytest.importorskip("pytrec_eval", reason="pytrec_eval-terrier is not installed")
    grades, run = judged(graded), found()
    compare_with_library(peer, grades, run)


@pytest.mark.parametrize("seed", range(5))
def test_random_lists_with_ties_agree_with_trec_evals_library(seed):
    peer = pytest.importorskip("pytrec_eval", reason="pytrec_eval-terrier is not installed")
    rng = np.random.default_rng(seed)
    grades, run = {}, {}
    for topic in range(12):
        for document in range(int(rng.integers(1, 60))):
            row = (f"t{topic}", f"d{rng.integers(0, 10**6)}-{document}")
            if rng.random() < 0.7:
                grades[row] = int(rng.choice([-1, 0, 0, 1, 2, 3]))
            if rng.random() < 0.7:
                # Few kinds of score, exact in the single precision that trec_eval keeps.
                run[row] = float(rng.integers(0, 6)) / 4
        # Everybody is found and judged at least once, or trec_eval passes the topic over.
        grades[f"t{topic}", "sure"], run[f"t{topic}", "sure"] = 1, 0.5
    compare_with_library(peer, grades, run)


def compare_with_library(peer, grades, run):
    by_topic = lambda rows: {  # noqa: E731
        topic: {document: value for (at, document), value in rows.items() if at == topic}
        for topic in sorted({topic for topic, _ in rows})
    }
    measures = {"map", "ndcg", "recip_rank", "P", "ndcg_cut", "map_cut", "recall", "success", "Rprec"}
    theirs = peer.RelevanceEvaluator(by_topic(grades), measures).evaluate(by_topic(run))
    ranking, relevance = ranked_as_trec_eval_does(grades, run)
    values = values_of(ranking, relevance)
    assert sorted(theirs) == sorted(ranking.jobs)
    for place, topic in enumerate(ranking.jobs):
        assert set(theirs[topic]) == set(values)
        for measure, value in theirs[topic].items():
            assert values[measure][place] == pytest.approx(value, abs=1e-12), (measure, topic)
