"""One example of each request body, for the description of the service."""

from typing import Any

JOB: dict[str, Any] = {
    "id": "j001",
    "title": "Data engineer",
    "required_skills": ["Python", "SQL", "Spark"],
    "minimum_degree": "bachelor",
    "required_languages": ["English"],
    "city": "Ghent",
}
CANDIDATES: list[dict[str, Any]] = [
    {
        "id": "c001",
        "skills": ["Python", "SQL"],
        "projects": ["sales forecast"],
        "work_experience": [{"title": "Data analyst", "start": "2021-03", "end": "Ongoing"}],
        "employment_gap_months": 0,
        "education": {"degree": "master", "field": "statistics"},
        "test_score": 78.5,
        "languages": ["English", "Dutch"],
        "city": "Ghent",
    },
    {
        "id": "c002",
        "skills": ["Java"],
        "projects": [],
        "work_experience": [],
        "employment_gap_months": 3,
        "education": {"degree": "bachelor", "field": "computer science"},
        "test_score": None,
        "languages": ["English"],
        "city": "Antwerp",
    },
]
APPLICATIONS: list[dict[str, Any]] = [
    {"candidate_id": "c001", "work_permit": "yes"},
    {"candidate_id": "c002", "work_permit": "yes"},
]
RESUME: dict[str, Any] = {
    "id": "r001",
    "skills": ["Python", "SQL"],
    "projects": ["churn prediction"],
    "work_experience": [{"title": "Data analyst", "years": 2}],
    "test_score": 78,
    "preferred_domain": "Data Science",
}

POOL: dict[str, Any] = {"job": JOB, "candidates": CANDIDATES, "applications": APPLICATIONS}
RANK = POOL | {"top_k": 1, "explanations": False}
EXPLAIN = POOL | {"candidate": "c002", "audience": "candidate", "top_k": 1}
COUNTERFACTUAL = POOL | {"candidate": "c002", "top_k": 1, "costs": {"candidate.skills": 2}}
CONTRAST = POOL | {"candidate": "c001", "against": "c002", "audience": "recruiter"}
CLASSIFY: dict[str, Any] = {"resume": RESUME}
RANK_RESUMES: dict[str, Any] = {"domain": "Data Science", "resumes": [RESUME], "top_k": 1}
