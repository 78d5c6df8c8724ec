"""A small data set with everything that a large one has: three Parquet files, and a model of them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from typer.testing import CliRunner

from ranker.app.cli import app

TASK = """
name = "pool"
[candidates]
path = "candidates.parquet"
id = "id"
[jobs]
path = "jobs.parquet"
id = "id"
[applications]
path = "applications.parquet"
candidate = "candidate"
job = "job"
relevance = "grade"
[fields."candidate.gender"]
usage = "protected"
[[features]]
name = "years"
kind = "number"
field = "candidate.years"
maximum = 9
[[features]]
name = "city"
kind = "category"
field = "candidate.city"
[[features]]
name = "skills"
kind = "coverage"
has = "candidate.skills"
wants = "job.skills"
[[features]]
name = "tools"
kind = "count"
field = "application.tools"
[[requirements]]
name = "permit"
kind = "equals"
field = "application.permit"
value = "yes"
[split]
by = "candidate"
[training]
objective = "pointwise"
outer_bags = 3
interactions = 1
"""
SKILLS = ["cut", "fry", "bake", "boil", "carve"]
JOBS = ["10", "2", "9", "2.5", "cook", "Baker", "-1", "chef", "100", "1"]
N_CANDIDATES = 90


def candidates() -> pa.Table:
    rng = np.random.default_rng(0)
    rows = [
        {
            "id": f" c{n}",
            "years": None if n % 11 == 3 else float(rng.integers(0, 12)),
            "city": ["Ghent", "Lyon", None, "Graz"][n % 4],
            "skills": None if n % 13 == 5 else SKILLS[n % 3 : n % 3 + 1 + n % 4],
            "gender": "fm"[n % 2],
        }
        for n in range(N_CANDIDATES)
    ]
    rows += [{**rows[7], "years": 3.0}, rows[8], {**rows[9], "id": None}, {**rows[0], "id": "nobody's"}]
    return pa.Table.from_pylist(rows)


def applications() -> pa.Table:
    """Return applications in no order; some are for no job, of nobody, or come twice."""
    rng = np.random.default_rng(1)
    rows = []
    for place, job in enumerate(JOBS[:-1]):
        pool = rng.choice(N_CANDIDATES, 1 if job == "chef" else 8 + 7 * place, replace=False)
        for n in pool.tolist():
            tools = [None, "knife", '["knife", "pan"]', "[]"][n % 4]
            permit = "no" if n % 17 == 4 and job != "chef" else "yes"
            grade = n % 3 + (n % 5 == place % 5)
            rows.append({"candidate": f"c{n}", "job": job, "tools": tools, "permit": permit, "grade": grade})
    rows += [{**rows[3], "job": None}, {**rows[4], "candidate": "  "}, {**rows[5], "candidate": "stranger"}]
    rows += [{**rows[6], "job": "nowhere"}, {**rows[7], "tools": None}]
    return pa.Table.from_pylist(rows).take(pa.array(rng.permutation(len(rows))))


def write_case(folder: Path) -> Path:
    """Write the files and return the task file."""
    jobs = [{"id": job, "skills": SKILLS[n % 4 : n % 4 + 2]} for n, job in enumerate(JOBS)]
    pq.write_table(candidates(), folder / "candidates.parquet")
    pq.write_table(pa.Table.from_pylist(jobs), folder / "jobs.parquet")
    pq.write_table(applications(), folder / "applications.parquet")
    (folder / "task.toml").write_text(TASK, encoding="utf-8")
    return folder / "task.toml"


def candor(*arguments: object) -> tuple[int, str, str]:
    """Run a command; whatever happens, it is no traceback."""
    result = CliRunner().invoke(app, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result.exit_code, result.stdout, result.stderr


def ranked(model: Path, out: Path, *more: object) -> tuple[pd.DataFrame, list[str], dict]:
    """Rank into a Parquet file: the ranking, the sorted lines of what was set aside, what was said."""
    code, told, err = candor("rank", model, "--out", out, "--json", *more)
    assert code == 0, err
    said = json.loads(told)
    aside = Path(said["set_aside_file"]).read_text(encoding="utf-8-sig").splitlines()
    del said["ranking"], said["set_aside_file"]
    return pd.read_parquet(out), sorted(aside), said


def assert_same(
    one: tuple[pd.DataFrame, list[str], dict], other: tuple[pd.DataFrame, list[str], dict]
) -> None:
    """Compare two runs: every row and column, to the last bit, and every word that was said."""
    pd.testing.assert_frame_equal(one[0], other[0], check_exact=True)
    assert one[1] == other[1]
    assert one[2] == other[2]
