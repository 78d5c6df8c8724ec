"""A few clean records are joined without frames, to what the join of tables gives."""

from typing import Any

import pandas as pd
import pytest

from ranker.records import Requirement, join_records
from ranker.records.cleaning import Keys
from ranker.records.ledger import Ledger
from ranker.records.raw_tables import rows_as_frame
from ranker.records.row_join import join_rows
from ranker.records.values import Unreadable, as_month, as_texts, months_at_once, normal, texts_at_once

KEYS = Keys("job", "who")
PERMIT = Requirement("permit", "equals", "application.permit", values=("yes",))
PEOPLE = [
    {"id": "a", "skills": ["SQL", " Go "], "school": {"degree": "master"}},
    {"id": " b ", "skills": [], "school": {}},
    {"id": "c", "skills": None, "school": None},
    {"id": "d", "skills": ["sql", "SQL"]},
]
JOBS = [{"id": "j", "wants": ["sql"]}]
APPLICATIONS = [
    {"who": "b", "job": "j", "permit": "Yes"},
    {"who": "a", "job": "j", "permit": "yes"},
    {"who": "c", "job": "j", "permit": "no"},
]
COLUMNS = {
    "candidate": ["id", "skills", "school"],
    "job": ["id", "wants"],
    "application": ["who", "job", "permit"],
}


def by_rows(people: Any, jobs: Any, applications: Any, ledger: Ledger, keys: Keys = KEYS) -> Any:
    return join_rows(
        (applications, COLUMNS["application"]), keys, candidates=(people, COLUMNS["candidate"], "id"),
        jobs=(jobs, COLUMNS["job"], "id"), fields={}, requirements=[PERMIT], ledger=ledger,
    )  # fmt: skip


def by_tables(people: Any, jobs: Any, applications: Any, ledger: Ledger) -> Any:
    def frame(rows: Any, entity: str) -> pd.DataFrame:
        return rows_as_frame(rows, COLUMNS[entity], pd.RangeIndex(1, len(rows) + 1))

    return join_records(
        frame(applications, "application"), KEYS, candidates=(frame(people, "candidate"), "id"),
        jobs=(frame(jobs, "job"), "id"), requirements=[PERMIT], ledger=ledger,
    )  # fmt: skip


def test_both_joins_give_the_same_pairs_values_tables_and_fates() -> None:
    ours, theirs = Ledger(), Ledger()
    rows, tables = (
        by_rows(PEOPLE, JOBS, APPLICATIONS, ours),
        by_tables(PEOPLE, JOBS, APPLICATIONS, theirs),
    )
    assert rows.candidate.tolist() == tables.candidate.tolist() == ["b", "a"]
    assert rows.job.tolist() == tables.job.tolist()
    assert rows.keys == tables.keys
    for path, kind in (
        ("candidate.skills", "texts"),
        ("candidate.skills", "names"),
        ("candidate.school.degree", "text"),
        ("job.wants", "texts"),
    ):
        assert rows.at(path, kind).tolist() == tables.at(path, kind).tolist()
    for entity in ("candidate", "job", "application"):
        assert rows.rows[entity].tolist() == tables.rows[entity].tolist()
        pd.testing.assert_frame_equal(rows.tables[entity], tables.tables[entity])
    assert ours == theirs
    assert [fate.action for fate in ours.fates] == ["set_aside", "noted", "noted"]


@pytest.mark.parametrize(
    ("people", "jobs", "applications"),
    [
        ([*PEOPLE, {"id": "a"}], JOBS, APPLICATIONS),
        ([*PEOPLE, {"id": None}], JOBS, APPLICATIONS),
        (PEOPLE, [{"id": "another"}], APPLICATIONS),
        (PEOPLE, JOBS, [*APPLICATIONS, APPLICATIONS[0]]),
        (PEOPLE, JOBS, [*APPLICATIONS, {"who": "nobody", "job": "j"}]),
        (PEOPLE, JOBS, [*APPLICATIONS, {"who": ["a"], "job": "j"}]),
        (PEOPLE, JOBS, []),
    ],
    ids=["repeated", "no label", "unknown job", "pair repeated", "unknown", "unreadable", "none"],
)
def test_what_needs_cleaning_is_left_to_the_join_of_tables(people: Any, jobs: Any, applications: Any) -> None:
    ledger = Ledger()
    assert by_rows(people, jobs, applications, ledger) is None
    assert ledger == Ledger()


def test_what_is_to_be_learned_from_is_left_to_the_join_of_tables() -> None:
    assert by_rows(PEOPLE, JOBS, APPLICATIONS, Ledger(), Keys("job", "who", "permit", "binary")) is None


@pytest.mark.parametrize(
    "lists",
    [[["a", " B "], None, [], ["b", "B ", "a"]], [[], None], [], [["x"], ["x"]]],
    ids=["mixed", "empty", "none", "alike"],
)
def test_texts_read_together_are_those_read_one_by_one(lists: list[list[Any] | None]) -> None:
    assert texts_at_once(lists, normal) == [None if one is None else as_texts(one) for one in lists]


@pytest.mark.parametrize("odd", [[1], [None], [" "], [{"a": "b"}]])
def test_lists_of_more_than_plain_texts_are_not_read_together(odd: list[Any]) -> None:
    assert texts_at_once([["a"], odd], normal) is None


def test_months_read_together_are_those_read_one_by_one() -> None:
    written = ["2020-01", "March 2021", "Ongoing"]
    assert months_at_once(written, 5) == [as_month(one, 5) for one in written]
    assert months_at_once([*written, "n/a"], 5) is None
    assert months_at_once([*written, 2020], 5) is None
    with pytest.raises(Unreadable):
        months_at_once(["some day"], 5)
