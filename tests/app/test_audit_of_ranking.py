"""The audit of a ranking that anybody made: its figures by hand, and every form it comes in."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from audit_case import Page, candor, machine, one_objective, small_model, written

from fairness import metrics
from fairness.groups import Groups
from ranker.app.report.any_ranking import MOST_GROUPS, ranking_figures, ranking_page, with_crossed
from ranker.app.report.ranking_file import read_groups, read_ranking
from ranker.ranking import Ranking
from ranker.ranking.output import write_ranking

# Three lists, best first: the sex of whom stands where.
LISTS = {"a": "MFMFFM", "b": "MF", "c": "FM"}
ROWS = [
    {"job": job, "candidate": f"{job}{rank}", "rank": rank, "score": 10.0 - rank, "relevance": rank % 2}
    for job, sexes in LISTS.items()
    for rank in range(1, len(sexes) + 1)
]
SEX = [
    {"candidate": f"{job}{rank}", "sex": sex}
    for job, sexes in LISTS.items()
    for rank, sex in enumerate(sexes, 1)
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    paths = written(tmp_path_factory.mktemp("tiny"), ROWS, SEX)
    return ranking_figures(*paths, top_k=1)


def attention(rank):
    return 1 / math.log2(1 + rank)


def test_rates_are_those_counted_by_hand(tiny):
    (table,) = tiny["rates"]["after"]["tables"]
    rows = {row["category"]: row for row in table["rows"]}
    # The first of each list: M, M, F. Scores 9, 9, 9, 8, 8, 8, 7 .. 4: above their median, 8, stand the first.
    assert {name: (row["selected"], row["applicants"]) for name, row in rows.items()} == {
        "F": (1, 5),
        "M": (2, 5),
    }
    assert rows["F"]["impact_ratio"] == 0.5
    assert table["highest"] == "M"
    assert table["lowest"] == {"category": "F", "impact_ratio": 0.5}
    assert {name: row["above_median"] for name, row in rows.items()} == {"F": 1, "M": 2}


def test_adverse_impact_is_worked_out_by_hand(tiny):
    (table,) = tiny["impact"]["after"]["tables"]
    row = next(row for row in table["groups"] if row["group"] == "F")
    assert row["comparison"]["below_four_fifths"]
    # 3 of 10 selected, 1 of 5 women among them: each of the four tables is as likely as this one, or less.
    assert row["comparison"]["fisher_p"] == pytest.approx(1.0)
    assert row["comparison"]["shortfall"]["to_highest"] == 1
    assert row["comparison"]["z"] == pytest.approx(-0.2 / math.sqrt(3 / 10 * 7 / 10 * (1 / 5 + 1 / 5)))
    # Within lists: of a 1 of 6 by lot is a woman with chance 3/6, of b and c with 1/2; variance 1/4 each.
    assert row["comparison"]["within_lists_expected"] == pytest.approx(1.5)
    assert row["comparison"]["within_lists_p"] == pytest.approx(
        math.erfc(0.5 / math.sqrt(0.75) / math.sqrt(2))
    )


def test_exposure_is_worked_out_by_hand(tiny):
    total = sum(len(sexes) for sexes in LISTS.values())
    expected = {}
    for sex in "FM":
        expected[sex] = sum(
            len(sexes)
            / total
            * np.mean([attention(rank) for rank, other in enumerate(sexes, 1) if other == sex])
            for sexes in LISTS.values()
        )
    found = tiny["measures"]["after"]["attributes"]["sex"]
    assert {row["group"]: row["exposure"] for row in found["by_group"]} == pytest.approx(expected)
    # Fewer than 5 of a group on a list: who was selected would tell of single persons.
    assert {row["job"]: row["selected"]["F"] for row in found["jobs"]} == dict.fromkeys("abc")
    overall = {(row["name"], row["k"]): row["value"] for row in found["overall"]}
    assert overall["exposure_ratio", None] == pytest.approx(expected["F"] / expected["M"])
    assert overall["impact_ratio", 1] == 0.5


def test_every_metric_is_the_one_of_the_toolbox(tmp_path):
    rng = np.random.default_rng(3)
    rows = [
        {"job": job, "candidate": f"{job}-{i}", "score": rng.normal(), "relevance": int(rng.integers(0, 3))}
        for job in range(30)
        for i in range(rng.integers(4, 25))
    ]
    people = [
        {"job": row["job"], "candidate": row["candidate"], "sex": rng.choice(["F", "M", "X", ""])}
        for row in rows
    ]
    paths = written(tmp_path, rows, people)
    found = ranking_figures(*paths, top_k=5)["measures"]["after"]
    frame = pd.DataFrame(rows)
    ranking = Ranking.from_scores(frame["score"], job=frame["job"], candidate=frame["candidate"])
    groups = Groups.from_values([row["sex"] for row in people], attribute="sex")
    of_rows = {row["name"]: row for row in found["attributes"]["sex"]["overall"] if row["k"] in (None, 5)}
    direct = {
        "exposure_ratio": metrics.exposure_ratio(ranking, groups),
        "impact_ratio": metrics.impact_ratio(ranking, groups, top_k=5),
        "ndkl": metrics.ndkl(ranking, groups),
        "arp": metrics.arp(ranking, groups),
        "demographic_parity_difference": metrics.demographic_parity_difference(ranking, groups, top_k=5),
        "equal_opportunity_difference": metrics.equal_opportunity_difference(
            ranking, groups, frame["relevance"].to_numpy(float), top_k=5
        ),
    }
    for name in ("ndkl", "arp", "demographic_parity_difference", "equal_opportunity_difference"):
        # Over jobs: the mean of those where it is defined.
        per_job = {
            "ndkl": lambda: metrics.ndkl_per_job(ranking, groups),
            "arp": lambda: metrics.arp_per_job(ranking, groups),
            "demographic_parity_difference": lambda: metrics.demographic_parity_difference_per_job(
                ranking, groups, top_k=5
            ),
            "equal_opportunity_difference": lambda: metrics.equal_opportunity_difference_per_job(
                ranking, groups, frame["relevance"].to_numpy(float), top_k=5
            ),
        }[name]()
        direct[name] = np.nanmean(per_job)
        assert of_rows[name]["jobs"] == np.isfinite(per_job).sum()
    for name, value in direct.items():
        assert of_rows[name]["value"] == pytest.approx(float(value), abs=1e-12), name
    by_group = {row["group"]: row for row in found["attributes"]["sex"]["by_group"]}
    for group, value in metrics.exposure(ranking, groups).items():
        assert by_group[group]["exposure"] == pytest.approx(float(value), abs=1e-12)
        assert by_group[group]["rows"] == groups.counts()[group]
    jobs = found["attributes"]["sex"]["jobs"]
    assert sum(job["candidates"] for job in jobs) == len(rows)
    sizes = [job["candidates"] for job in jobs]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("ending", ["json", "jsonl", "parquet"])
def test_every_format_gives_the_same_figures(tiny, tmp_path, ending):
    found = ranking_figures(*written(tmp_path, ROWS, SEX, ending=ending), top_k=1)
    for key in ("groups", "rates", "impact", "measures", "in_words"):
        assert found[key] == tiny[key]


def test_the_order_of_the_rows_changes_nothing_but_the_hashes(tiny, tmp_path):
    found = ranking_figures(*written(tmp_path, ROWS[::-1], SEX[::-1]), top_k=1)
    for key in ("groups", "rates", "impact", "measures"):
        assert found[key] == tiny[key]


def test_groups_may_be_told_by_person_or_by_person_and_list(tmp_path):
    by_list = [{"job": row["job"], **person} for row, person in zip(ROWS, SEX, strict=True)]
    one = ranking_figures(*written(tmp_path, ROWS, SEX), top_k=1)
    other = ranking_figures(*written(tmp_path, ROWS, by_list), top_k=1)
    assert other["rates"] == one["rates"]
    assert other["data"]["matched"] == one["data"]["matched"]


def test_a_ranking_without_jobs_is_one_list_whatever_the_groups_say(tmp_path):
    rows = [{"candidate": f"c{i}", "rank": i} for i in range(1, 9)]
    people = [{"job": "elsewhere", "candidate": f"c{i}", "sex": "FM"[i % 2]} for i in range(1, 9)]
    found = ranking_figures(*written(tmp_path, rows, people), top_k=2)
    assert found["data"]["jobs"] == 1
    assert found["data"]["matched"] == {"rows": 8, "unranked": 0, "contradicted": 0, "without_row": 0}
    assert found["rates"]["after"]["tables"][0]["applicants"] == 8
    assert found["rates"]["after"]["tables"][0]["unknown"] == 0


@pytest.mark.parametrize(("ending", "number"), [("csv", int), ("json", float), ("parquet", float)])
def test_jobs_and_people_as_numbers_are_the_same_in_every_format(tmp_path, ending, number):
    rows = [{"job": 1 + i % 2, "candidate": i, "score": float(i)} for i in range(10)]
    people = [{"job": number(1 + i % 2), "candidate": number(i), "sex": "FM"[i // 5]} for i in range(10)]
    ranking, _ = written(tmp_path, rows, people)
    _, groups = written(tmp_path, rows, people, ending=ending)
    found = ranking_figures(ranking, groups, top_k=1)
    assert found["data"]["jobs"] == 2
    assert found["data"]["matched"] == {"rows": 10, "unranked": 0, "contradicted": 0, "without_row": 0}


def test_what_candor_rank_writes_is_read(tmp_path):
    model = small_model(tmp_path, one_objective)
    model.save(tmp_path / "model")
    said = machine("rank", tmp_path / "model", "--out", tmp_path / "ranking.csv")
    people = pd.read_json(tmp_path / "candidates.jsonl", lines=True)
    people[["id", "gender"]].rename(columns={"id": "candidate"}).to_csv(tmp_path / "people.csv", index=False)
    found = machine(
        "audit", "--ranking", tmp_path / "ranking.csv", "--groups", tmp_path / "people.csv",
        "--out", tmp_path / "audit.html",
    )  # fmt: skip
    assert found["data"]["by"] == "rank"
    assert found["data"]["pairs"] == said["rows"]
    assert found["data"]["ties"] == 0  # ranks are decided, whatever the scores
    assert found["data"]["gaps"] == 0
    assert set(found["groups"]) == {"gender"}
    of = read_ranking(tmp_path / "ranking.csv")
    theirs = model.rank(model.load_records())
    assert of.ranking.candidates.tolist() == theirs.candidates.tolist()


def test_labels_that_candor_rank_guards_from_spreadsheets_are_read_back(tmp_path):
    labels = ["=1+1", "-5", "@x", "plain", "'quoted"]
    frame = pd.DataFrame({"job": "+j", "candidate": labels, "rank": range(1, 6)})
    write_ranking(frame, tmp_path / "ranking.csv")
    assert "'=1+1" in (tmp_path / "ranking.csv").read_text(encoding="utf-8-sig")
    of = read_ranking(tmp_path / "ranking.csv")
    assert of.candidate.tolist() == labels
    assert set(of.job) == {"+j"}


def test_one_file_may_hold_both_the_ranking_and_the_groups(tmp_path):
    rows = [{**row, "tied": False, "p_top_10": 0.5, **person} for row, person in zip(ROWS, SEX, strict=True)]
    path, _ = written(tmp_path, rows, SEX)
    found = ranking_figures(path, path, top_k=1)
    assert set(found["groups"]) == {"sex"}


def test_attributes_are_crossed_where_they_are_few():
    few = Groups.from_values(["a", "b", "a"], attribute="x")
    other = Groups.from_values(["p", "q", "q"], attribute="y")
    many = Groups.from_values([str(i) for i in range(30)], attribute="z")
    crossed = with_crossed({"x": few, "y": other})
    assert list(crossed) == ["x", "y", "x × y"]
    assert crossed["x × y"].labels == ("a × p", "a × q", "b × q")
    assert "x × z" not in with_crossed({"x": few.take([0] * 30), "z": many})
    four = {name: few for name in "abcd"}
    assert list(with_crossed(four)) == list("abcd")


def test_an_attribute_of_thousands_of_groups_is_counted_and_not_compared(tmp_path):
    rows = [{"candidate": i, "rank": i + 1} for i in range(3000)]
    people = [{"candidate": i, "name": f"name {i}", "sex": "FM"[i % 2]} for i in range(3000)]
    found = ranking_figures(*written(tmp_path, rows, people), top_k=10)
    assert found["data"]["not_compared"] == {"name": 3000}
    assert [table["attribute"] for table in found["rates"]["after"]["tables"]] == ["sex"]
    assert "By name there are 3,000 groups, too many to compare." in found["in_words"]
    # A value that few hold could name a person.
    assert set(found["groups"]["name"]["counts"]) == {"(3000 further values)", "(undisclosed)"}
    assert len(people) > MOST_GROUPS
    assert "name 7" not in ranking_page({**found, "command": "c"})


def test_infinite_scores_keep_their_places_and_have_a_median(tmp_path):
    scores = [math.inf, math.inf, 1.0, 0.9, 0.8, 0.2, 0.1, 0.0, -math.inf, -math.inf]
    rows = [{"candidate": f"c{i}", "score": score} for i, score in enumerate(scores)]
    people = [{"candidate": f"c{i}", "sex": "FM"[i % 2]} for i in range(10)]
    of = read_ranking(written(tmp_path, rows, people)[0])
    assert set(of.ranking.candidates[:2]) == {"c0", "c1"}
    found = ranking_figures(*written(tmp_path, rows, people), top_k=2)
    (table,) = found["rates"]["after"]["tables"]
    # The median is .5: both infinite ones and three more lie above it.
    assert sum(row["above_median"] for row in table["rows"]) == 5
    json.dumps(found, allow_nan=False)


def test_hostile_labels_are_shown_and_never_run(tmp_path):
    bad = "<script>alert(1)</script>"
    rows = [{"job": bad, "candidate": f"{bad}{i}", "rank": i} for i in range(1, 13)]
    people = [
        {"candidate": f"{bad}{i}", "</script><img src=x onerror=alert(2)>": f"{bad}{'FM'[i % 2]}"}
        for i in range(1, 13)
    ]
    out = tmp_path / "audit.html"
    ranking, groups = written(tmp_path, rows, people)
    code, _, err = candor(
        "audit", "--ranking", ranking, "--groups", groups, "--out", out, "--date", "2026-11-21"
    )
    assert code == 0, err
    page = Page(out.read_text(encoding="utf-8"))
    assert page.unbalanced == []
    assert page.open == []
    assert "img" not in {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, given in page.tags for name in given)
    assert any(text == f"{bad}F" for text in page.text["th"])
    assert [tag for tag, _ in page.tags].count("script") == 1


def test_the_same_files_give_the_same_page_to_the_byte(tmp_path):
    ranking, groups = written(tmp_path, ROWS, SEX)
    arguments = ("audit", "--ranking", ranking, "--groups", groups, "--out", tmp_path / "a.html")
    first = (candor(*arguments), (tmp_path / "a.html").read_bytes(), (tmp_path / "a.json").read_bytes())
    second = (candor(*arguments), (tmp_path / "a.html").read_bytes(), (tmp_path / "a.json").read_bytes())
    assert first == second
    assert first[0][0] == 0


def test_the_page_stands_without_optional_parts(tmp_path):
    rows = [{"candidate": i, "rank": i} for i in range(1, 30)]
    people = [{"candidate": i, "sex": "FM"[i % 2]} for i in range(1, 30)]
    figures = {**ranking_figures(*written(tmp_path, rows, people), top_k=5), "command": "c"}
    page = Page(ranking_page(figures))
    assert page.unbalanced == []
    assert {value.removeprefix("#") for value in page.values("href")} <= set(page.values("id"))
    assert page.sections() == [
        "ranking_data", "ranking_people", "rates", "impact", "measures", "laws", "ranking_limits",
    ]  # fmt: skip
    assert not figures["data"]["relevance"]
    assert figures["measures"]["after"]["quality"] is None


def test_people_whom_the_groups_do_not_name_are_counted_as_undisclosed(tmp_path):
    rows = [{"candidate": i, "rank": i} for i in range(1, 21)]
    ranking, groups = written(tmp_path, rows, [{"candidate": 1, "sex": "F"}, {"candidate": 99, "sex": "M"}])
    by_attribute, matched = read_groups(groups, read_ranking(ranking))
    assert matched == {"rows": 2, "unranked": 1, "contradicted": 0, "without_row": 19}
    assert by_attribute["sex"].counts() == {"F": 1}
    assert by_attribute["sex"].n_undisclosed == 19
