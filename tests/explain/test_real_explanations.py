"""Conservation on the real tasks: every view of drawn candidates, under every baseline, moved ones among them."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from explanation_case import reranked

from benchmarks import real_tasks
from explain import contrast, explain, render
from ranker.app.data import load_records
from ranker.app.task import read_task
from ranker.scoring import EBMRanker

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
TASKS = sorted((Path(real_tasks.__file__).parent / "tasks").glob("*.toml"))
AUDIENCES = ("candidate", "recruiter", "auditor", "developer")
MOST_PAIRS, MOST_OF_A_JOB, DRAWN = 1500, 60, 4


def quick(task):
    """Some whole pools of a task, and a scorer trained on them in seconds."""
    records = load_records(task, labelled=True)
    rng = np.random.default_rng(11)
    jobs = rng.permutation(np.unique(records.job))[: MOST_PAIRS // MOST_OF_A_JOB]
    rows = [rng.permutation(np.flatnonzero(records.job == job))[:MOST_OF_A_JOB] for job in jobs]
    records = records.take(np.sort(np.concatenate(rows)))
    table = task.features.compute(records)
    columns = [feature.column for feature in task.features]
    # Looking for interactions among 300 features takes minutes, and conserves nothing else than among ten.
    interactions = 2 if len(columns) < 50 else 0
    ebm = EBMRanker("centred", outer_bags=2, interactions=interactions, feature_types=columns)
    ebm.fit(table, records.relevance, job=records.job)
    return records, table, ebm.scorer_, ebm.rank(table, job=records.job, candidate=records.candidate)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the real data are not at {DATA}: set CANDOR_DATA")
@pytest.mark.parametrize("path", TASKS, ids=[path.stem for path in TASKS])
def test_every_view_of_drawn_candidates_sums_to_the_score(path):
    task = read_task(path)
    records, table, scorer, ranking = quick(task)
    job = ranking.jobs[int(np.argmax(ranking.sizes))]
    size = int(ranking.sizes.max())
    ranking = reranked(ranking, job, [(size, 1), (2, size // 2)])
    pool = ranking.of(job).candidates
    drawn = [pool[0], *np.random.default_rng(3).choice(pool[1:], min(DRAWN, size - 1), replace=False)]
    ways = [{}, {"baseline": "pool"}, {"baseline": "zero", "pairs": "unsplit"}, {"reference": pool[-1]}]
    for way in ways:
        told = [
            explain(
                scorer, task.features, records, ranking,
                job=job, candidate=name, table=table, certainty=False, **way,
            )
            for name in drawn
        ]  # fmt: skip
        for e in told:
            assert e.residual <= 1e-9
            for audience in AUDIENCES:
                if audience == "candidate" and e.baseline.tells_of_others:
                    continue
                assert render(e, audience=audience)
                document = json.loads(render(e, audience=audience, format="json"))
                for level in ("terms", "features", "fields"):
                    assert abs(document["intercept"] + sum(document[level].values()) - e.score) <= 1e-9
            withheld = {**e.protected, **e.sensitive}
            assert not withheld.keys() & e.raw.keys()
        for other in told[1:]:
            assert contrast(told[0], other).residual <= 1e-9
