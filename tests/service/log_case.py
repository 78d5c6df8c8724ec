"""Decisions to write to a log: a ranking of three people, a classified résumé."""

from typing import Any

from ranker.app.decisions import NewDecision

POOL = ("anna", "ben", "cleo")


def ranking(people: tuple[str, ...] = POOL, **other: Any) -> NewDecision:
    """A ranking, each person's record and place in it."""
    told: dict[str, Any] = {
        "kind": "rank",
        "caller": "k1",
        "role": "recruiter",
        "model": "f" * 64,
        "request_id": "r1",
        "people": people,
        "input": {
            "job": {"id": "cook", "skills": ["fry"]},
            "candidates": [{"id": who, "years": n, "note": f"a note on {who}"} for n, who in enumerate(people)],
        },
        "answer": {
            "job": "cook",
            "ranking": [{"candidate": who, "rank": n + 1, "score": 0.1 / (n + 3)} for n, who in enumerate(people)],
            "explanations": {who: {"terms": {"years": n / 7}} for n, who in enumerate(people)},
        },
    }  # fmt: skip
    return NewDecision(**{**told, **other})


def labelled(person: str = "dora", label: str = "Fit", **other: Any) -> NewDecision:
    """A classified résumé."""
    told: dict[str, Any] = {
        "kind": "classify",
        "caller": "k2",
        "role": "recruiter",
        "model": "c" * 64,
        "request_id": "r2",
        "people": (person,),
        "input": {"resume": {"id": person, "skills": ["fry"], "test_score": 71}},
        "answer": {"id": person, "label": label, "confidence": 0.52},
    }
    return NewDecision(**{**told, **other})
