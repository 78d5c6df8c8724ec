import csv
import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from ranker.errors import DataError
from ranker.records.synthetic import BIAS, BIAS_PER_GAP_YEAR, GRADE_SHARES, generate
from ranker.records.synthetic_vocabulary import DEGREES, DOMAINS

FILES = {"candidates.jsonl", "jobs.jsonl", "applications.csv", "truth.csv", "task.toml"}
SMALL = {"n_candidates": 30, "n_jobs": 3, "applications_per_job": 10}
AS_OF = 12 * 2026


@dataclass(frozen=True, slots=True)
class Written:
    """A data set as read back from its files."""

    directory: Path
    candidates: dict[str, dict]
    jobs: dict[str, dict]
    applications: list[dict[str, str]]
    truth: dict[tuple[str, str], float]
    task: dict

    @property
    def grades(self) -> dict[tuple[str, str], int]:
        """Grade of each pair whose job exists."""
        return {pair(row): int(row["relevance"]) for row in self.applications if row["job_id"] in self.jobs}


def pair(row: dict[str, str]) -> tuple[str, str]:
    return row["candidate_id"], row["job_id"]


def read(task: Path) -> Written:
    def table(name: str) -> list[dict[str, str]]:
        with (task.parent / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def records(name: str) -> dict[str, dict]:
        lines = (task.parent / name).read_text(encoding="utf-8").splitlines()
        return {record["id"]: record for record in map(json.loads, lines)}

    return Written(
        task.parent,
        records("candidates.jsonl"),
        records("jobs.jsonl"),
        table("applications.csv"),
        {pair(row): float(row["suitability"]) for row in table("truth.csv")},
        tomllib.loads(task.read_text(encoding="utf-8")),
    )


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Written:
    return read(generate(tmp_path_factory.mktemp("default")))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Enough people that a difference between groups is not chance."""
    directory = tmp_path_factory.mktemp("large")
    return read(generate(directory, n_candidates=4000, n_jobs=120, applications_per_job=120, seed=7))


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    for name in ("first", "second"):
        generate(tmp_path / name, **SMALL, seed=5)
    assert {path.name for path in (tmp_path / "first").iterdir()} == FILES
    for name in FILES:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_another_seed_writes_other_records(tmp_path):
    for seed in (5, 6):
        generate(tmp_path / str(seed), **SMALL, seed=seed)
    for name in FILES - {"task.toml"}:
        assert (tmp_path / "5" / name).read_bytes() != (tmp_path / "6" / name).read_bytes()


def test_files_are_utf8_with_plain_line_ends(default):
    for name in FILES:
        written = (default.directory / name).read_bytes()
        assert b"\r" not in written
        assert written.endswith(b"\n")
    assert any(not c["name"].isascii() for c in default.candidates.values())
    assert "\\u" not in (default.directory / "candidates.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "wrong",
    [{"n_candidates": 9}, {"n_jobs": 0}, {"applications_per_job": 1}, {"seed": -1}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_too_small_a_number_is_refused_and_nothing_is_written(tmp_path, wrong):
    with pytest.raises(DataError, match=f"{next(iter(wrong))} is .*: give"):
        generate(tmp_path / "new", **SMALL | wrong)
    assert not (tmp_path / "new").exists()


def test_a_file_in_place_of_the_directory_is_refused(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(DataError, match="name a directory"):
        generate(tmp_path / "taken", **SMALL)


def test_the_smallest_data_set_can_be_written(tmp_path):
    least = read(generate(tmp_path, n_candidates=10, n_jobs=1, applications_per_job=2))
    assert 2 <= len(least.truth) <= 3
    assert all(np.isfinite(value) for value in least.truth.values())


def test_pools_have_the_asked_size_and_at_least_two_disclosed_genders(default):
    sizes = Counter(job for _, job in default.truth)
    assert set(sizes) == set(default.jobs)
    assert all(30 <= size <= 90 for size in sizes.values())
    assert np.mean(list(sizes.values())) == pytest.approx(60, abs=6)
    for job in default.jobs:
        genders = {default.candidates[c]["gender"] for c, j in default.truth if j == job}
        assert len(genders - {""}) >= 2


def test_most_people_apply_within_their_line_of_work(default):
    own = {domain.name: set(domain.skills) for domain in DOMAINS}
    within = [
        bool(own[default.jobs[j]["domain"]] & set(default.candidates[c]["skills"])) for c, j in default.truth
    ]
    assert 0.7 < np.mean(within) < 1


def test_values_lie_in_their_domains_and_every_group_is_there(default):
    for c in default.candidates.values():
        assert c["gender"] in {"woman", "man", "nonbinary", ""}
        assert c["origin"] in {"native", "foreign", ""}
        assert c["education"]["degree"] in DEGREES
        assert isinstance(c["test_score"], str | None) or 0 <= c["test_score"] <= 100
        assert len(set(c["skills"])) == len(c["skills"]) > 0
        assert c["email"].isascii()
    genders = Counter(c["gender"] for c in default.candidates.values())
    assert min(genders["woman"], genders["man"]) > 200
    assert 0 < genders["nonbinary"] < 30
    assert 0 < genders[""] < 40
    for job in default.jobs.values():
        assert 4 <= len(job["required_skills"]) <= 9
        assert set(job["skill_weights"]) == set(job["required_skills"])
        assert job["minimum_degree"] in DEGREES
    assert len({c["email"] for c in default.candidates.values()}) == len(default.candidates)


def month(text: str) -> int:
    return AS_OF if text == "Ongoing" else 12 * int(text[:4]) + int(text[5:]) - 1


def test_the_employment_gap_is_the_time_between_posts(default):
    for c in default.candidates.values():
        posts = c["work_experience"]
        # Newest first: each post ends before the one listed above it begins, the first before today.
        later = [AS_OF, *(month(post["start"]) for post in posts)]
        pauses = [begins - month(post["end"]) for post, begins in zip(posts, later, strict=False)]
        assert all(pause >= 0 for pause in pauses)
        assert all(month(post["start"]) < month(post["end"]) for post in posts)
        assert sum(pauses) == c["employment_gap_months"]


def test_grades_have_the_stated_shares(default):
    shares = np.bincount(list(default.grades.values()), minlength=5) / len(default.grades)
    assert shares == pytest.approx(GRADE_SHARES, abs=0.01)


def effects(data: Written, outcome: np.ndarray, extra: list[np.ndarray]) -> np.ndarray:
    """Least-squares effects of being a woman, of foreign birth, and of a year of gap, where disclosed."""
    people = [data.candidates[c] for c, _ in data.truth]
    disclosed = np.array([p["gender"] != "" and p["origin"] != "" for p in people])
    columns = [
        [p["gender"] == "woman" for p in people],
        [p["origin"] == "foreign" for p in people],
        [p["employment_gap_months"] / 12 for p in people],
        [1] * len(people),
        *extra,
    ]
    design = np.array(columns, dtype=float).T
    return np.linalg.lstsq(design[disclosed], outcome[disclosed], rcond=None)[0][:3]


def test_the_truth_is_free_of_the_bias(large):
    truth = np.array(list(large.truth.values()))
    assert (truth.mean(), truth.std()) == pytest.approx((0, 1), abs=1e-3)
    assert effects(large, truth, []) == pytest.approx([0, 0, 0], abs=0.06)


def test_the_labels_bear_the_stated_bias(large):
    truth = np.array(list(large.truth.values()))
    given = large.grades
    grades = np.array([given[p] for p in large.truth], dtype=float)
    # One standard deviation of suitability, in grades: how the grades answer to the truth.
    slope = np.polyfit(truth, grades, 1)[0]
    found = effects(large, grades, [truth]) / slope
    assert found == pytest.approx([-BIAS, -BIAS, -BIAS_PER_GAP_YEAR], abs=0.06)


def share_ranked_right(positive: list[float], negative: list[float]) -> float:
    """Area under the curve: how often the one exceeds the other, ties counting half."""
    difference = np.subtract.outer(positive, negative)
    return float(np.mean((difference > 0) + 0.5 * (difference == 0)))


def test_the_gap_predicts_gender_better_than_chance(default):
    gaps = {
        gender: [c["employment_gap_months"] for c in default.candidates.values() if c["gender"] == gender]
        for gender in ("woman", "man")
    }
    assert share_ranked_right(gaps["woman"], gaps["man"]) > 0.6


def test_the_postcode_predicts_origin_better_than_chance(default):
    disclosed = [c for c in default.candidates.values() if c["origin"]]
    foreign = Counter(c["postcode"] for c in disclosed if c["origin"] == "foreign")
    share = {code: foreign[code] / n for code, n in Counter(c["postcode"] for c in disclosed).items()}
    by_origin = {
        origin: [share[c["postcode"]] for c in disclosed if c["origin"] == origin]
        for origin in ("foreign", "native")
    }
    assert share_ranked_right(by_origin["foreign"], by_origin["native"]) > 0.65


def test_women_are_exposed_less_by_the_labels_than_by_the_truth(default):
    def ratio(score: dict[tuple[str, str], float]) -> float:
        exposure: dict[str, list[float]] = {"woman": [], "man": []}
        for job in default.jobs:
            pool = sorted((p for p in default.truth if p[1] == job), key=lambda p: -score[p])
            for rank, (candidate, _) in enumerate(pool, 1):
                exposure.setdefault(default.candidates[candidate]["gender"], []).append(1 / np.log2(1 + rank))
        return float(np.mean(exposure["woman"]) / np.mean(exposure["man"]))

    # The truth breaks ties within a grade, in favour of nobody.
    labels = {p: default.grades[p] + 0.01 * default.truth[p] for p in default.truth}
    assert ratio(labels) < 0.95 < ratio(default.truth)


def test_the_dirty_rows_are_there(default):
    repeated = Counter(pair(row) for row in default.applications if row["job_id"] in default.jobs)
    assert sum(n - 1 for n in repeated.values()) == 5
    assert sum(row["job_id"] not in default.jobs for row in default.applications) == 3
    scores = [c["test_score"] for c in default.candidates.values()]
    assert Counter(s for s in scores if isinstance(s, str)) == {"N/A": 2, "seventy": 1}
    assert 0 < sum(s is None for s in scores) < 0.08 * len(scores)
    assert 0 < sum(row["work_permit"] == "no" for row in default.applications) < 0.1 * len(default.truth)


def field_paths(task: dict) -> Iterator[str]:
    yield from task["fields"]
    for reader in task["features"] + task["requirements"]:
        for key in ("field", "has", "wants", "weights", "items", "required"):
            if key in reader:
                yield reader[key]
    yield task["fairness"]["attribute"]


def test_every_path_in_the_task_leads_somewhere(default):
    for source in ("candidates", "jobs", "applications"):
        assert (default.directory / default.task[source]["path"]).is_file()
    tables = {
        "candidate": list(default.candidates.values()),
        "job": list(default.jobs.values()),
        "application": default.applications,
    }
    for path in field_paths(default.task):
        entity, *steps = path.split(".")
        for record in tables[entity]:
            for step in steps:
                assert step in record, path
                record = record[step]
    columns = default.task["applications"]
    assert {columns["candidate"], columns["job"], columns["relevance"]} <= set(default.applications[0])
    for feature in default.task["features"]:
        assert tuple(feature.get("order", DEGREES)) == DEGREES


def test_the_task_keeps_groups_and_the_truth_out_of_the_features(default):
    usage = {path: field.get("usage", "default") for path, field in default.task["fields"].items()}
    named = {use: {path for path in usage if usage[path] == use} for use in ("protected", "sensitive")}
    assert named["protected"] == {"candidate.gender", "candidate.origin"}
    assert named["sensitive"] == {"candidate.name", "candidate.email", "candidate.birth_year"}
    read_by_features = set(field_paths({**default.task, "fields": {}, "fairness": {"attribute": "x"}}))
    assert all(usage[path] == "default" for path in read_by_features - {"x"})
    assert "candidate.postcode" not in read_by_features
    assert "candidate.employment_gap_months" in read_by_features
    assert "truth" not in (default.directory / "task.toml").read_text(encoding="utf-8")
