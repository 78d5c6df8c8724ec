"""Synthetic applications whose bias is known, because it is written below."""

import csv
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ranker.errors import DataError
from ranker.records import synthetic_vocabulary as words

__all__ = ["BIAS", "BIAS_PER_GAP_YEAR", "generate"]

# The bias, in standard deviations of suitability. The screener lowers the latent score by BIAS
# for a woman, by BIAS for a foreign-born applicant (a foreign-born woman bears both), and by
# BIAS_PER_GAP_YEAR for each year of career gap, whosever it is.
BIAS = 0.35
BIAS_PER_GAP_YEAR = 0.3
# The gap stands in for gender: a model that never sees gender still learns part of BIAS through it.
GAP_SHARE_WOMEN, GAP_SHARE_OTHERS, GAP_MONTHS = 0.55, 0.12, (6, 36)
# The postcode stands in for origin: shares of those who live in a city's last two postcodes.
OUTER_SHARE_FOREIGN, OUTER_SHARE_NATIVE = 0.75, 0.3

# Suitability before it is standardised: the fifth relevant year adds less than the first, and the
# test score counts for more the more skills are covered.
COVERAGE, YEARS, TEST_SCORE, DEGREE_MET, COVERAGE_BY_TEST_SCORE = 1.5, 1.0, 0.8, 0.5, 2.0
YEARS_SCALE = 5.0
NOISE = 0.45  # the screener's own, in the same standard deviations as the bias
GRADE_SHARES = (0.30, 0.27, 0.22, 0.14, 0.07)  # of the grades 0 .. 4, over all applications

GENDERS, GENDER_SHARES = ("woman", "man", "nonbinary"), (0.48, 0.51, 0.01)
FOREIGN_SHARE, UNDISCLOSED_SHARE, SCORE_MISSING_SHARE = 0.28, 0.03, 0.04
DEGREE_SHARES = (0.04, 0.16, 0.22, 0.32, 0.21, 0.05)
NO_PERMIT_SHARE_FOREIGN = 0.1  # nobody born in the country lacks a permit
OTHER_DOMAIN_WEIGHT = 0.02  # of applying outside one's line of work, against 1 inside it

# What the cleaning report should find.
SCORES_AS_TEXT = ("N/A", "N/A", "seventy")
N_REPEATED, N_UNKNOWN_JOB = 5, 3

AS_OF = 12 * 2026  # January 2026 as a count of months; the task file says the same
FIRST_POSTING = date(2025, 1, 6)

Job = dict[str, Any]  # a record as written; nothing about a job is hidden
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record as written, and what the screener knows of the person though it may not be written."""

    record: dict[str, Any]
    domain: words.Domain
    woman: bool
    foreign: bool
    work_permit: bool
    test_score: float
    relevant_years: float


Pair = tuple[Candidate, Job]
Row = tuple[str, str, str, int, str]


def generate(
    directory: str | PathLike[str],
    *,
    n_candidates: int = 600,
    n_jobs: int = 40,
    applications_per_job: int = 60,
    seed: int = 42,
    outer_bags: int | None = None,
) -> Path:
    """Write a data set of applications with a stated bias, and a task file for it.

    Parameters
    ----------
    directory : path
        Where to write ``candidates.jsonl``, ``jobs.jsonl``, ``applications.csv``, ``truth.csv`` and
        ``task.toml``. It is made where it does not exist; files of these names are replaced.
    n_candidates : int
        Number of candidates, at least 10.
    n_jobs : int
        Number of jobs, at least 1.
    applications_per_job : int
        Mean pool size, at least 2. Pools vary from half to one and a half times it, between 2 and
        ``n_candidates``.
    seed : int
        Not negative. The same seed writes the same bytes.
    outer_bags : int, optional
        How many EBMs the task asks training to average, at least 1; what training does by
        default where it is not given.

    Returns
    -------
    Path
        The task file.

    Raises
    ------
    DataError
        If a number is too small, or ``directory`` is a file.

    Notes
    -----
    ``relevance`` is what a biased screener would grade. ``truth.csv`` holds the suitability behind
    it, in standard deviations, which neither group nor gap enters; the task does not mention it.
    """
    for name, value, least in (
        ("n_candidates", n_candidates, 10),
        ("n_jobs", n_jobs, 1),
        ("applications_per_job", applications_per_job, 2),
        ("seed", seed, 0),
        ("outer_bags", 1 if outer_bags is None else outer_bags, 1),
    ):
        if value < least:
            raise DataError(f"{name} is {value}: give {least} or more")
    directory = Path(directory)
    if directory.exists() and not directory.is_dir():
        raise DataError(f"{directory} is a file: name a directory to write the data set into")
    directory.mkdir(parents=True, exist_ok=True)

    rng = np.random.default_rng(seed)
    odd = rng.choice(n_candidates, len(SCORES_AS_TEXT), replace=False)
    as_text = {int(number): text for number, text in zip(odd, SCORES_AS_TEXT, strict=True)}
    candidates = [draw_candidate(rng, number, as_text.get(number)) for number in range(n_candidates)]
    jobs = [draw_job(rng, number) for number in range(n_jobs)]
    pairs = [(c, job) for job in jobs for c in draw_pool(rng, job, candidates, applications_per_job)]
    suitability = true_suitability(pairs)
    grades = screen(rng, pairs, suitability)
    truth = [(c.record["id"], job["id"], f"{s:.4f}") for (c, job), s in zip(pairs, suitability, strict=True)]

    write_jsonl(directory / "candidates.jsonl", [c.record for c in candidates])
    write_jsonl(directory / "jobs.jsonl", jobs)
    columns = ("candidate_id", "job_id", "applied_on", "relevance", "work_permit")
    write_csv(directory / "applications.csv", columns, draw_applications(rng, pairs, grades))
    write_csv(directory / "truth.csv", ("candidate_id", "job_id", "suitability"), truth)
    task = directory / "task.toml"
    asked = "" if outer_bags is None else f"outer_bags = {outer_bags} # EBMs that are averaged\n"
    text = words.TASK.replace("[training]\n", f"[training]\n{asked}")
    task.write_text(text, encoding="utf-8", newline="\n")
    return task


def draw_candidate(rng: np.random.Generator, number: int, score_as_text: str | None) -> Candidate:
    """Draw a person; what enters suitability is drawn the same for every group."""
    domain, gender = pick(rng, words.DOMAINS), pick(rng, GENDERS, GENDER_SHARES)
    woman, foreign = gender == "woman", bool(rng.random() < FOREIGN_SHARE)
    culture = words.CULTURES[int(rng.integers(1, len(words.CULTURES)))]
    if not foreign and rng.random() < 0.85:
        culture = words.CULTURES[0]
    feminine = woman or (gender == "nonbinary" and rng.random() < 0.5)
    first, last = pick(rng, culture.women if feminine else culture.men), pick(rng, culture.surnames)
    city, postcodes = pick(rng, words.CITIES)
    outer = rng.random() < (OUTER_SHARE_FOREIGN if foreign else OUTER_SHARE_NATIVE)
    has_gap = bool(rng.random() < (GAP_SHARE_WOMEN if woman else GAP_SHARE_OTHERS))
    posts, gap_months, relevant_months, began = draw_career(rng, domain, has_gap)
    degree = int(rng.choice(len(words.DEGREES), p=DEGREE_SHARES))
    breadth = rng.normal()  # who has learned more skills has also done more projects
    skills = sample_skills(rng, domain.skills, int(np.clip(round(8 + 3 * breadth), 3, 16)))
    skills += sample_skills(rng, words.GENERAL_SKILLS, int(rng.integers(1, 4)))
    n_projects = min(int(rng.poisson(np.exp(0.4 + 0.4 * breadth))), len(domain.projects))
    languages = [name for name, share in words.LANGUAGES if rng.random() < share] or ["Dutch"]
    score = 70.0 if score_as_text == "seventy" else round(float(np.clip(rng.normal(65, 20), 0, 100)), 1)
    record = {
        "id": f"c{number + 1:04d}",
        "name": f"{first} {last}",
        "gender": "" if rng.random() < UNDISCLOSED_SHARE else gender,
        "origin": "" if rng.random() < UNDISCLOSED_SHARE else ("foreign" if foreign else "native"),
        "birth_year": began // 12 - 17 - 2 * degree - int(rng.integers(6)),
        "city": city,
        "postcode": postcodes[2 * outer + int(rng.integers(2))],
        "skills": skills,
        "projects": [domain.projects[i] for i in rng.permutation(len(domain.projects))[:n_projects]],
        "work_experience": posts,
        "employment_gap_months": gap_months,
        "education": {
            "degree": words.DEGREES[degree],
            "field": pick(rng, domain.studies) if degree > 1 else "",
        },
        "test_score": score_as_text or (None if rng.random() < SCORE_MISSING_SHARE else score),
        "languages": languages + ([culture.language] if foreign else []),
        "email": f"{plain(first)}.{plain(last)}{number + 1}@example.org",
    }
    work_permit = not (foreign and rng.random() < NO_PERMIT_SHARE_FOREIGN)
    return Candidate(record, domain, woman, foreign, work_permit, score, relevant_months / 12)


def draw_career(
    rng: np.random.Generator, domain: words.Domain, has_gap: bool
) -> tuple[list[dict[str, str]], int, int, int]:
    """Draw posts (newest first), months of gap, months of relevant work, and the month it all began.

    The months worked do not depend on the gap, which moves the beginning back instead: women, who
    have gaps more often, are no less experienced.
    """
    worked = min(int(rng.gamma(1.6, 60)), 360)
    if worked < 6:
        return [], 0, 0, AS_OF
    # At least two posts for everybody, so that the gap of those who have one lies between two of them.
    n_posts = min(2 + int(rng.poisson(worked / 60)), 6)
    cuts = np.sort(rng.choice(np.arange(1, worked), n_posts - 1, replace=False))
    pauses = rng.integers(0, 3, n_posts)
    pauses[0] = 0 if rng.random() < 0.85 else rng.integers(1, 4)
    if has_gap:
        pauses[rng.integers(1, n_posts)] += rng.integers(GAP_MONTHS[0], GAP_MONTHS[1] + 1)
    posts, relevant, month = [], 0, AS_OF
    for number, length in enumerate(np.diff([0, *cuts, worked]).tolist()):
        end = month - int(pauses[number])
        month = end - length
        within = number == 0 or rng.random() < 0.75
        relevant += length * within
        posts.append({
            "title": pick(rng, (domain if within else pick(rng, words.DOMAINS)).titles),
            "employer": pick(rng, words.EMPLOYERS),
            "start": f"{month // 12}-{month % 12 + 1:02d}",
            "end": "Ongoing" if end == AS_OF else f"{end // 12}-{end % 12 + 1:02d}",
        })  # fmt: skip
    return posts, int(pauses.sum()), relevant, month


def draw_job(rng: np.random.Generator, number: int) -> Job:
    """Draw a job; the domains take turns, so that each has its share."""
    domain = words.DOMAINS[number % len(words.DOMAINS)]
    title, city = pick(rng, domain.titles), pick(rng, words.CITIES)[0]
    n_skills = int(rng.integers(4, 10))
    skills = [*sample_skills(rng, domain.skills, n_skills - 1), pick(rng, words.GENERAL_SKILLS)]
    return {
        "id": f"j{number + 1:03d}",
        "title": title,
        "domain": domain.name,
        "required_skills": skills,
        "skill_weights": {skill: pick(rng, (1.0, 2.0, 3.0)) for skill in skills},
        "minimum_degree": pick(rng, words.DEGREES[1:5], (0.15, 0.35, 0.35, 0.15)),
        "minimum_years": int(rng.integers(0, 9)),
        "city": city,
        "required_languages": list(pick(rng, words.JOB_LANGUAGES)),
        "description": f"{title} at {pick(rng, words.EMPLOYERS)}, at home in {skills[0]} and {skills[1]}.",
    }


def draw_pool(
    rng: np.random.Generator, job: Job, candidates: Sequence[Candidate], mean_size: int
) -> list[Candidate]:
    """Draw who applies for a job."""
    least = max(mean_size // 2, 2)
    size = min(int(rng.integers(least, mean_size + mean_size // 2 + 1)), len(candidates))
    weight = np.array([1.0 if c.domain.name == job["domain"] else OTHER_DOMAIN_WEIGHT for c in candidates])
    return [candidates[i] for i in rng.choice(len(candidates), size, replace=False, p=weight / weight.sum())]


def true_suitability(pairs: Sequence[Pair]) -> np.ndarray:
    """Suitability of each pair, standardised over all of them."""
    coverage = np.array([
        sum(w for skill, w in job["skill_weights"].items() if skill in c.record["skills"])
        / sum(job["skill_weights"].values())
        for c, job in pairs
    ])  # fmt: skip
    test_score = np.array([c.test_score / 100 for c, _ in pairs])
    years = np.array([c.relevant_years for c, _ in pairs])
    rank = words.DEGREES.index
    met = [rank(c.record["education"]["degree"]) >= rank(job["minimum_degree"]) for c, job in pairs]
    value = (
        COVERAGE * coverage
        + YEARS * (1 - np.exp(-years / YEARS_SCALE))
        + TEST_SCORE * test_score
        + DEGREE_MET * np.array(met)
        + COVERAGE_BY_TEST_SCORE * coverage * test_score
    )
    return (value - value.mean()) / value.std()


def screen(rng: np.random.Generator, pairs: Sequence[Pair], suitability: np.ndarray) -> np.ndarray:
    """Grade the pairs as the biased, noisy screener does."""
    latent = suitability + NOISE * rng.normal(size=len(pairs))
    latent -= BIAS * np.array([c.woman + c.foreign for c, _ in pairs])
    latent -= BIAS_PER_GAP_YEAR * np.array([c.record["employment_gap_months"] / 12 for c, _ in pairs])
    return np.searchsorted(np.quantile(latent, np.cumsum(GRADE_SHARES[:-1])), latent, side="right")


def draw_applications(rng: np.random.Generator, pairs: Sequence[Pair], grades: np.ndarray) -> list[Row]:
    """Date the applications, add those that cleaning should set aside, and sort all by date."""
    posted = {job["id"]: int(rng.integers(300)) for _, job in pairs}
    rows = []
    for (c, job), grade in zip(pairs, grades.tolist(), strict=True):
        day = FIRST_POSTING + timedelta(days=posted[job["id"]] + int(rng.integers(30)))
        rows.append((c.record["id"], job["id"], day.isoformat(), grade, "yes" if c.work_permit else "no"))
    repeated = rng.choice(len(rows), min(N_REPEATED, len(rows)), replace=False)
    unknown = f"j{len(posted) + 1:03d}"
    stray = rng.choice(len(rows), min(N_UNKNOWN_JOB, len(rows)), replace=False)
    added = [rows[i] for i in repeated] + [(rows[i][0], unknown, *rows[i][2:]) for i in stray]
    return sorted(rows + added, key=lambda row: (row[2], row[0], row[1]))


def pick(rng: np.random.Generator, items: Sequence[T], shares: Sequence[float] | None = None) -> T:
    """Draw one item."""
    return items[int(rng.choice(len(items), p=shares))]


def sample_skills(rng: np.random.Generator, skills: Sequence[str], n: int) -> list[str]:
    """Draw ``n`` different skills, those listed first more readily."""
    weight = 1 / np.sqrt(1 + np.arange(len(skills)))
    return [skills[i] for i in rng.choice(len(skills), n, replace=False, p=weight / weight.sum())]


def plain(name: str) -> str:
    """Return a name as e-mail addresses spell it."""
    # These letters are not composed of a base and an accent, so that normalising leaves them as they are.
    folded = unicodedata.normalize("NFKD", name.lower().translate({0x142: "l", 0x111: "d", 0x131: "i"}))
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())


def write_jsonl(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write one object a line."""
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a header and the rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])
