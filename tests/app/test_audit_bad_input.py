"""What nobody should feed an audit: each is refused in one line, or set aside and counted."""

import json
import math

import pandas as pd
import pytest
from audit_case import Page, candor, machine, written

from ranker.app.report.any_ranking import ranking_figures
from ranker.app.report.ranking_file import read_groups, read_ranking
from ranker.errors import DataError

GOOD = [{"job": "a", "candidate": f"c{i}", "rank": i, "relevance": i % 2} for i in range(1, 13)]
PEOPLE = [{"candidate": f"c{i}", "sex": "FM"[i % 2]} for i in range(1, 13)]


def audited(folder, ranking=GOOD, groups=PEOPLE, *more, ending="csv"):
    paths = written(folder, ranking, groups, ending=ending)
    out = folder / "audit.html"
    return machine("audit", "--ranking", paths[0], "--groups", paths[1], "--out", out, "--top-k", 5, *more)


def refused(*arguments):
    """Run what should be refused; return what it says, which is one line."""
    code, out, err = candor(*arguments)
    assert code in (2, 3), err
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("candor: ")
    return err


def reasons(said):
    return {(row["action"], row["reason"]): row["rows"] for row in said["data"]["cleaning"]}


def test_rows_that_cannot_be_ranked_are_set_aside_and_counted(tmp_path):
    bad = [
        {"job": "a", "candidate": "c1", "rank": 1, "relevance": 1},
        {"job": "a", "candidate": None, "rank": 13},
        {"job": None, "candidate": "x", "rank": 13},
        {"job": "a", "candidate": "y", "rank": math.nan},
        {"job": "a", "candidate": "z", "rank": -1},
        {"job": "a", "candidate": "w", "rank": math.inf},
    ]
    said = audited(tmp_path, GOOD + bad, ending="parquet")
    assert said["data"]["pairs"] == len(GOOD)
    assert reasons(said) == {
        ("set_aside", "repeated (job, candidate)"): 1,
        ("set_aside", "no candidate"): 1,
        ("set_aside", "no job"): 1,
        ("set_aside", "no number as rank"): 2,
        ("set_aside", "a rank below 1"): 1,
    }
    page = Page((tmp_path / "audit.html").read_text(encoding="utf-8"))
    assert "repeated (job, candidate)" in page.text["td"]


def test_whoever_has_a_rank_keeps_it_without_a_score_or_relevance(tmp_path):
    # Left out, they would let everybody below them move up.
    rows = [{**row, "score": float(-row["rank"])} for row in GOOD]
    rows[2] = {**rows[2], "score": None}
    rows[3] = {**rows[3], "relevance": "unknown"}
    rows[4] = {**rows[4], "relevance": -2}
    of = read_ranking(written(tmp_path, rows, PEOPLE)[0])
    assert of.ranking.candidates.tolist() == [row["candidate"] for row in GOOD]
    assert of.scores is None
    assert of.relevance.tolist() == [1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1, 0]
    said = audited(tmp_path, rows)
    assert reasons(said) == {
        ("missing", "no number as score: scoring rates are left out"): 1,
        ("changed", "no number as relevance: counts as 0"): 1,
        ("changed", "a negative relevance: counts as 0"): 1,
    }
    assert not said["rates"]["after"]["scored"]


def test_a_relevance_that_nobody_has_is_no_relevance(tmp_path):
    said = audited(tmp_path, [{**row, "relevance": None} for row in GOOD])
    assert not said["data"]["relevance"]
    assert said["data"]["cleaning"] == []


def test_without_ranks_a_row_without_a_score_has_no_place(tmp_path):
    rows = [{"candidate": row["candidate"], "score": -float(row["rank"])} for row in GOOD]
    said = audited(tmp_path, [*rows, {"candidate": "c99", "score": "high"}])
    assert reasons(said) == {("set_aside", "no number as score"): 1}


def test_ranks_with_gaps_close_up_and_are_told(tmp_path):
    rows = [{**row, "rank": 3 * row["rank"]} for row in GOOD]
    said = audited(tmp_path, rows)
    assert said["data"]["gaps"] == 1
    assert said["rates"] == audited(tmp_path, GOOD)["rates"]
    assert ("noted", "a list whose ranks leave places out: its people close up") in reasons(said)


@pytest.mark.parametrize("ranks", [[1, 1, 3, 4], [1, 1, 2, 3], [1.5, 1.5, 3, 4]])
def test_shared_ranks_are_ties_however_they_are_counted(tmp_path, ranks):
    rows = [{"candidate": f"c{i}", "rank": rank} for i, rank in enumerate(ranks, 1)]
    of = read_ranking(written(tmp_path, rows, PEOPLE)[0])
    assert of.ties == 2
    assert of.gaps == 0
    assert set(of.ranking.candidates[:2]) == {"c1", "c2"}
    assert of.ranking.candidates[2:].tolist() == ["c3", "c4"]


def test_ranks_from_0_are_refused_for_the_best_would_be_lost(tmp_path):
    ranking, groups = written(tmp_path, [{**row, "rank": row["rank"] - 1} for row in GOOD], PEOPLE)
    said = refused("audit", "--ranking", ranking, "--groups", groups, "--out", tmp_path / "r.html")
    assert "ranks count from 1" in said
    assert not (tmp_path / "r.html").exists()


def test_groups_of_nobody_ranked_are_counted(tmp_path):
    said = audited(tmp_path, groups=[*PEOPLE, {"candidate": "somebody", "sex": "F"}])
    assert said["data"]["matched"] == {"rows": 13, "unranked": 1, "contradicted": 0, "without_row": 0}


def test_groups_that_name_nobody_who_is_ranked_are_refused(tmp_path):
    ranking, groups = written(
        tmp_path, GOOD, [{**row, "candidate": f"{row['candidate']}.0"} for row in PEOPLE]
    )
    said = refused("audit", "--ranking", ranking, "--groups", groups, "--out", tmp_path / "r.html")
    assert "it names 'c1.0', and the ranking 'c1'" in said


def test_people_of_whom_two_rows_disagree_are_undisclosed(tmp_path):
    more = [
        {"candidate": "c1", "sex": "F"},  # was M
        {"candidate": "c2", "sex": "F"},  # said twice
        {"candidate": "c3", "sex": None},  # says nothing besides
        {"candidate": "c4", "sex": "prefer not to say"},
    ]
    ranking, groups = written(tmp_path, GOOD, PEOPLE + more)
    found, matched = read_groups(groups, of := read_ranking(ranking))
    assert matched["contradicted"] == 1
    names = dict(zip(of.candidate, found["sex"].names(), strict=True))
    assert [names[f"c{i}"] for i in range(1, 5)] == [None, "F", "M", "F"]


def test_a_group_that_is_a_list_is_refused(tmp_path):
    ranking, groups = written(tmp_path, GOOD, [{"candidate": "c1", "race": ["A", "B"]}], ending="json")
    said = refused("audit", "--ranking", ranking, "--groups", groups, "--out", tmp_path / "r.html")
    assert "row 1: 'race' is a list" in said


@pytest.mark.parametrize(
    ("ranking", "groups", "expected"),
    [
        ([{"name": "x", "rank": 1}], PEOPLE, "no column 'candidate'"),
        ([{"candidate": "x", "place": 1}], PEOPLE, "neither a column 'rank'"),
        (GOOD, [{"person": "c1", "sex": "F"}], "no column 'candidate'"),
        (GOOD, [{"candidate": "c1"}], "add one for each attribute"),
        (GOOD, [{"candidate": "c1", "job": "a", "rank": 1}], "add one for each attribute"),
        ([{"candidate": "x", "rank": None}], PEOPLE, "none of its 1 rows can be ranked: no number as rank"),
        ([{"candidate": "x", "rank": "first"}], PEOPLE, "no number as rank"),
    ],
)
def test_files_that_lack_what_is_needed_are_refused(tmp_path, ranking, groups, expected):
    paths = written(tmp_path, ranking, groups, ending="json")
    said = refused("audit", "--ranking", paths[0], "--groups", paths[1], "--out", tmp_path / "r.html")
    assert expected in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("r.csv", ""),
        ("r.csv", "job,candidate,rank\n"),
        ("r.csv", "candidate,candidate,rank\nx,x,1\n"),
        ("r.json", "[]"),
        ("r.json", "{}"),
        ("r.json", "[1, 2]"),
        ("r.jsonl", "not json\n"),
        ("r.parquet", "no parquet"),
        ("r.txt", "candidate,rank\nx,1\n"),
    ],
)
def test_files_that_hold_no_ranking_are_refused(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    _, groups = written(tmp_path, GOOD, PEOPLE)
    refused("audit", "--ranking", tmp_path / name, "--groups", groups, "--out", tmp_path / "out.html")


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path):
    ranking, groups = written(tmp_path, GOOD, PEOPLE)
    (tmp_path / "folder.csv").mkdir()
    for name in ("nowhere.csv", "folder.csv"):
        refused("audit", "--ranking", tmp_path / name, "--groups", groups, "--out", tmp_path / "o.html")
        refused("audit", "--ranking", ranking, "--groups", tmp_path / name, "--out", tmp_path / "o.html")
        refused("audit", "--counts", tmp_path / name, "--out", tmp_path / "o.html")


def test_numbers_of_thousands_of_digits_are_no_ranks(tmp_path):
    rows = [*GOOD, {"job": "a", "candidate": "c99", "rank": 0}]
    ranking, groups = written(tmp_path, rows, PEOPLE, ending="json")
    ranking.write_text(ranking.read_text().replace('"rank":0', f'"rank":{"9" * 400}'), encoding="utf-8")
    said = machine("audit", "--ranking", ranking, "--groups", groups, "--out", tmp_path / "r.html")
    assert reasons(said)["set_aside", "no number as rank"] == 1


@pytest.mark.parametrize(
    ("ranking", "groups", "top_k"),
    [
        (GOOD[:1], PEOPLE, 10),
        (GOOD, [{"candidate": row["candidate"], "sex": "F"} for row in GOOD], 5),
        (GOOD, [{"candidate": row["candidate"], "sex": ""} for row in GOOD], 5),
        (GOOD, [*PEOPLE[:1], *({**row, "sex": "unknown"} for row in PEOPLE[1:])], 5),
        (GOOD, PEOPLE, 100),
        ([{**row, "relevance": 0} for row in GOOD], PEOPLE, 5),
        ([{**row, "rank": 1} for row in GOOD], PEOPLE, 5),
        ([{**row, "job": row["candidate"]} for row in GOOD], PEOPLE, 5),
    ],
    ids=[
        "one candidate", "one group", "everyone undisclosed", "one disclosed", "top_k beyond the pool",
        "nobody relevant", "all tied", "lists of one",
    ],
)  # fmt: skip
def test_where_little_can_be_compared_the_page_is_whole(tmp_path, ranking, groups, top_k):
    figures = ranking_figures(*written(tmp_path, ranking, groups, ending="json"), top_k=top_k)
    json.dumps(figures, allow_nan=False)
    said = audited(tmp_path, ranking, groups, ending="json")
    assert said["data"]["pairs"] == len(ranking)
    page = Page((tmp_path / "audit.html").read_text(encoding="utf-8"))
    assert page.unbalanced == []
    assert {value.removeprefix("#") for value in page.values("href")} <= set(page.values("id"))


def test_one_subject_is_audited_and_a_name_for_the_report_is_needed(tmp_path):
    ranking, groups = written(tmp_path, GOOD, PEOPLE)
    out = ("--out", tmp_path / "r.html")
    assert "nothing to audit" in refused("audit", *out)
    assert "--groups belong together" in refused("audit", "--ranking", ranking, *out)
    both = ("audit", "--ranking", ranking, "--groups", groups, "--counts", ranking)
    assert "--ranking and --counts to audit" in refused(*both, *out)
    assert "--out is missing" in refused("audit", "--ranking", ranking, "--groups", groups)
    alone = ("audit", "--ranking", ranking, "--groups", groups, "--compare", tmp_path, *out)
    assert "--compare names a second model" in refused(*alone)
    assert "ends in .html or .json" in refused(*both[:5], "--out", tmp_path / "r.txt")


@pytest.mark.parametrize("date", ["yesterday", "2026-02-30", "20261121", "2026-W47-6", ""])
def test_a_date_is_a_day_of_the_calendar(tmp_path, date):
    paths = written(tmp_path, GOOD, PEOPLE)
    arguments = ("--ranking", paths[0], "--groups", paths[1], "--out", tmp_path / "r.html", "--date", date)
    assert "is no day" in refused("audit", *arguments)


def test_a_report_never_overwrites_what_it_reads(tmp_path):
    ranking, groups = written(tmp_path, GOOD, PEOPLE, ending="json")
    kept = ranking.read_bytes()
    for out in ("ranking.html", "ranking.json", "groups.htm"):
        said = refused("audit", "--ranking", ranking, "--groups", groups, "--out", tmp_path / out)
        assert "would overwrite" in said
    assert ranking.read_bytes() == kept
    assert not (tmp_path / "ranking.html").exists()


def test_an_earlier_report_is_replaced(tmp_path):
    first = audited(tmp_path)
    second = audited(tmp_path, [{**row, "rank": 13 - row["rank"]} for row in GOOD])
    assert first["rates"] != second["rates"]
    beside = json.loads((tmp_path / "audit.json").read_text(encoding="utf-8"))
    assert beside["rates"] == second["rates"]


def test_the_error_says_which_attribute_of_which_file(tmp_path):
    frame = pd.DataFrame(PEOPLE)
    frame.to_csv(tmp_path / "groups.csv", index=False)
    of = read_ranking(written(tmp_path, GOOD, PEOPLE)[0])
    (tmp_path / "empty.csv").write_text("candidate,sex\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"empty\.csv"):
        read_groups(tmp_path / "empty.csv", of)
