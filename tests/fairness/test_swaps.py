import json
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_swaps import (
    first_name_replaced_reference,
    order_reference,
    ranks_one_by_one_reference,
)

from fairness.swaps import (
    CitySwap,
    FieldSwap,
    NameSwap,
    listed,
    listed_by_share,
    replaced,
    scored_by,
    swap_test,
)
from fairness.swaps.ranks import Pools
from fairness.swaps.replacement import rewritten
from fairness.swaps.spelling import OtherName
from ranker.app.data import load_records
from ranker.app.task import read_task
from ranker.app.training import train
from ranker.errors import DataError, EmptyPoolError, UnknownFieldError
from ranker.records import Field, Usage, join_records
from ranker.records.cleaning import Keys
from ranker.records.synthetic import generate

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
TASKS = Path(__file__).parents[2] / "benchmarks" / "tasks"
NAMES = {"Emma Visser": "dutch", "Daan Bakker": "dutch", "Aylin Demir": "turkish", "Emre Kaya": "turkish"}
TRAINING = '\n[training]\nobjective = "centred"\nouter_bags = 2\ninteractions = 2\nlearning_rate = 0.2\n'
GROUPS = {"Emily": "white", "Greg": "white", "Lakisha": "black", "Jamal": "black"}


def pool(rows, *, protected=("candidate.name",), jobs=None):
    """Records of one flat table; rows are dicts, each with a skill that a model may read."""
    table = pd.DataFrame(rows).astype(object)
    table.index = pd.RangeIndex(1, len(table) + 1)
    table["job"] = jobs if jobs is not None else "j"
    table["id"] = [f"c{i}" for i in range(len(table))]
    fields = {path: Field(path, path, usage=Usage.PROTECTED) for path in protected}
    return join_records(table, Keys("job", "id"), fields=fields)


def skill(records):
    return records.at("candidate.skill", "number")


def dislikes(groups, by):
    """A predict function that reads the first name, and takes points off one group's."""

    def predict(records):
        first = [name.split()[0] for name in records.at("candidate.name", "text")]
        return skill(records) - np.array([by if groups.get(name) == "black" else 0.0 for name in first])

    return predict


def ten(*, names=("Emily", "Greg")):
    """Ten people with skills 10 .. 1, named in turn."""
    return pool([{"name": names[i % len(names)], "skill": 10 - i} for i in range(10)])


# --- records with one value changed -------------------------------------------------------------


def test_replacing_a_column_leaves_the_original_and_what_was_read_of_it():
    records = ten()
    before = records.at("candidate.name", "text").copy()
    rows = len(records.tables["candidate"])
    other = replaced(records, "candidate.name", ["Zoe"] * rows)
    assert set(other.at("candidate.name", "text")) == {"Zoe"}
    assert records.at("candidate.name", "text").tolist() == before.tolist()
    assert records.tables["candidate"]["name"].tolist() == ["Emily", "Greg"] * 5
    assert skill(other).tolist() == skill(records).tolist()
    # One table stands for all three here.
    assert set(other.at("application.name", "text")) == {"Zoe"}


def test_readings_and_the_ledger_are_not_shared():
    records = pool([{"name": "Emily", "skill": "many"}, {"name": "Greg", "skill": 3}])
    skill(records)
    n_fates = len(records.report().fates)
    other = replaced(records, "candidate.skill", [7, 8])
    assert skill(other).tolist() == [7.0, 8.0]
    again = replaced(records, "candidate.name", ["A", "B"])
    skill(again)
    assert len(records.report().fates) == n_fates == len(again.report().fates) > 0
    assert np.isnan(skill(records)[0])


@pytest.mark.parametrize("written", [json.dumps, repr, lambda value: value])
def test_a_value_inside_an_object_is_replaced_where_it_stands_and_written_as_before(written):
    people = [{"city": "Delft", "n": 1}, {"city": None, "n": 2}, {"city": "Gouda", "n": 3}]
    records = pool([{"name": "A", "skill": 1, "home": written(person)} for person in people])
    records.at("candidate.home.city", "text")
    other = replaced(records, "candidate.home.city", ["Oslo", None, "Gouda"])
    assert other.at("candidate.home.city", "text").tolist() == ["Oslo", None, "Gouda"]
    assert other.at("candidate.home.n", "number").tolist() == [1, 2, 3]
    assert records.at("candidate.home.city", "text").tolist() == ["Delft", None, "Gouda"]
    cells = other.tables["candidate"]["home"].tolist()
    assert type(cells[0]) is type(written(people[0]))
    assert cells[1:] == [written(person) for person in people[1:]]
    assert people[0]["city"] == "Delft"


def test_lists_of_objects_take_a_list_of_values_a_row():
    records = pool([{"name": "A", "skill": 1, "work": json.dumps([{"at": "x"}, {"at": "y"}])}])
    other = replaced(records, "candidate.work[].at", [["p", "q"]])
    assert other.at("candidate.work[].at", "texts")[0] == ("p", "q")
    with pytest.raises(DataError, match="holds 2 values and is given 3"):
        replaced(records, "candidate.work[].at", [["p", "q", "r"]])


@pytest.mark.parametrize("cell", ["no object", None, "{broken"])
def test_a_value_cannot_be_put_where_none_stands(cell):
    records = pool(
        [{"name": "A", "skill": 1, "home": cell}, {"name": "B", "skill": 1, "home": {"city": "x"}}]
    )
    with pytest.raises(DataError, match="none is added"):
        replaced(records, "candidate.home.city", ["Oslo", "Oslo"])
    other = replaced(records, "candidate.home.city", [None, "Oslo"])
    assert other.tables["candidate"]["home"].iloc[0] == cell


def test_replacing_asks_for_a_known_column_and_a_value_for_each_row():
    with pytest.raises(UnknownFieldError, match="did you mean 'name'"):
        replaced(ten(), "candidate.nmae", ["x"] * 10)
    with pytest.raises(DataError, match=r"3 values of 'candidate\.name' for 10 rows"):
        replaced(ten(), "candidate.name", ["x"] * 3)


def test_numbers_stay_numbers_and_rows_outside_the_pairs_keep_their_place():
    records = ten().take(np.array([3, 5]))
    other = replaced(records, "candidate.skill", list(range(10)))
    assert other.tables["candidate"]["skill"].dtype == np.int64
    assert skill(other).tolist() == [3.0, 5.0]


# --- names in texts and addresses ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada wrote it", "Emma wrote it"),
        ("ADA OKAFOR, ada okafor", "EMMA VISSER, emma visser"),
        ("Adaptive, Canada, ada1", "Adaptive, Canada, ada1"),
        ("Ms Okafor's; O'Okafor", "Ms Visser's; O'Visser"),
        ("Ada\n  Okafor", "Emma Visser"),
        ("see in/ada-okafor_cv", "see in/emma-visser_cv"),
        ("write to <A.Okafor@okafor.org>!", "write to <E.Visser@okafor.org>!"),
        ("Ada and Emma", "Emma and Emma"),
        ("nobody here", "nobody here"),
        ("", ""),
    ],
)
def test_names_are_replaced_in_texts_as_whole_tokens_in_their_case(text, expected):
    assert OtherName("Ada Okafor", "Emma Visser").in_text(text) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ada.okafor@x.org", "emma.visser@x.org"),
        ("Ada_Okafor@x.org", "Emma_Visser@x.org"),
        ("adaokafor84@x.org", "emmavisser84@x.org"),
        ("okaforada@x.org", "visseremma@x.org"),
        ("a.okafor@ada.org", "e.visser@ada.org"),
        ("aokafor@x.org", "evisser@x.org"),
        ("okafor-a@x.org", "visser-e@x.org"),
        ("adao@x.org", "emmav@x.org"),
        ("ADA@x.org", "EMMA@x.org"),
        ("a.someone@x.org", "a.someone@x.org"),
        ("adaptive@x.org", "adaptive@x.org"),
        ("no address", "no address"),
    ],
)
def test_names_are_replaced_before_the_at_of_an_address(address, expected):
    assert OtherName("Ada Okafor", "Emma Visser").in_email(address) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Yılmaz, YILMAZ, yilmaz", "Bakker, BAKKER, bakker"),
        ("Nguyễn", "Nguyễn"),
        ("Weiß", "Weiß"),
        ("i" + "̇" * 2, "i" + "̇" * 2),
    ],
)
def test_accents_neither_hide_a_name_nor_break_a_text(text, expected):
    assert OtherName("Elif Yılmaz", "Daan Bakker").in_text(text) == expected
    assert OtherName("Weiß", "Nguyễn").in_text("Weiß and Weiss") == "Nguyễn and Nguyễn"
    assert OtherName("Elif Yılmaz", "Thị Nguyễn").in_email("elif.yilmaz@x.nl") == "thi.nguyen@x.nl"


def test_a_place_is_replaced_as_a_whole_only():
    place = OtherName("New York", "Delft", in_words=False)
    assert place.in_text("a new flat in New York, york and new@york.org") == (
        "a new flat in Delft, york and new@york.org"
    )


@given(
    text=st.text(alphabet="Adabc .-_'1\nÉé", max_size=30),
    before=st.sampled_from(["Ada", "Bea", "a"]),
    after=st.sampled_from(["Zoë", "Ada", "Kim"]),
)
def test_a_first_name_in_a_text_agrees_with_its_plain_twin(text, before, after):
    # The twin compares letters as written: no accents in the names that are looked for.
    assert OtherName(before, after).in_text(text) == first_name_replaced_reference(text, before, after)


def test_texts_in_lists_and_objects_are_changed_wherever_they_stand():
    cell = json.dumps([{"text": "by Ada", "n": 3}, {"text": None}, "Ada"])
    records = pool(
        [{"name": "Ada", "skill": 1, "notes": cell}, {"name": "Bo", "skill": 1, "notes": " [ 1 ] "}]
    )
    other, touched = rewritten(
        records, "candidate.notes", lambda row, text: OtherName("Ada", "Eve").in_text(text)
    )
    assert json.loads(other.tables["candidate"]["notes"].iloc[0]) == [
        {"text": "by Eve", "n": 3},
        {"text": None},
        "Eve",
    ]
    assert other.tables["candidate"]["notes"].iloc[1] == " [ 1 ] "
    assert touched == [True, False]
    other, touched = rewritten(records, "candidate.notes[].text", lambda row, text: "seen")
    assert [one["text"] for one in json.loads(other.tables["candidate"]["notes"].iloc[0])[:2]] == [
        "seen",
        None,
    ]


# --- lists of names -----------------------------------------------------------------------------


def test_a_name_under_two_groups_is_left_out_of_a_list():
    table = pd.DataFrame({"name": ["Ada", "Kim", "Kim", "Bo", None], "group": ["f", "f", "m", "m", "f"]})
    assert listed(table) == {"Ada": "f", "Bo": "m"}
    with pytest.raises(DataError, match="did you mean 'group'"):
        listed(table, group="gruop")
    with pytest.raises(DataError, match="no name in the list"):
        listed(table.iloc[1:3])


def test_a_name_gets_the_group_that_enough_people_see_in_it():
    table = pd.DataFrame(
        {"name": ["Ada", "Kim", "Lee", "Max"], "f": [0.9, 0.6, 0.5, np.nan], "m": [0.1, 0.4, 0.5, 1.0]}
    )
    shares = {"woman": "f", "man": "m"}
    assert listed_by_share(table, shares) == {"Ada": "woman", "Kim": "woman", "Max": "man"}
    assert listed_by_share(table, shares, at_least=0.9) == {"Ada": "woman", "Max": "man"}
    with pytest.raises(DataError, match="a share from"):
        listed_by_share(table, shares, at_least=0.3)


# --- ranks --------------------------------------------------------------------------------------

pools = st.lists(
    st.tuples(
        st.sampled_from(["j", "k"]),
        st.sampled_from([-np.inf, -1.0, -0.0, 0.0, 1.0, 2.5]),
        st.sampled_from([-1.0, 0.0, 1.0, 2.5, np.inf]),
    ),
    min_size=1,
    max_size=12,
)


@given(rows=pools, own_labels=st.booleans())
def test_ranks_among_unchanged_others_agree_with_their_plain_twin(rows, own_labels):
    jobs, scores, new = map(list, zip(*rows, strict=True))
    table = pd.DataFrame(
        {"job": jobs, "id": [f"c{i}" for i in range(len(rows))], "x": [i % 3 for i in range(len(rows))]}
    )
    table.index = pd.RangeIndex(1, len(rows) + 1)
    # Without labels of their own, people draw lots from their records: copies of one draw the same lot.
    records = join_records(
        table if own_labels else table.drop(columns="id"), Keys("job", "id" if own_labels else None)
    )
    lots = records.lots()
    lots = records.candidate if lots is None else lots
    found = Pools(records, np.array(scores))
    expected = ranks_one_by_one_reference(jobs, records.candidate, lots, scores, new)
    assert found.ranks_one_by_one(np.array(new)).tolist() == expected
    assert found.ranks.tolist() == ranks_one_by_one_reference(jobs, records.candidate, lots, scores, scores)


# --- what a biased function does ----------------------------------------------------------------


def test_a_function_that_takes_points_off_a_name_is_caught_with_its_exact_movement():
    # Skills 10 .. 1 and 2.5 points off: a swapped person falls behind the two who follow, if there are two.
    swap = NameSwap("candidate.name", GROUPS)
    result = swap_test(ten(), dislikes(GROUPS, 2.5), swap, top_k=3)
    to_black = result.changes[result.changes["after"] == "black"].drop_duplicates("candidate")
    moved = (to_black["rank_after"] - to_black["rank_before"]).to_numpy()
    assert moved.tolist() == [2, 2, 2, 2, 2, 2, 2, 2, 1, 0]
    table = result.by_group()
    assert table.loc["black", "rank_change"] == pytest.approx(1.7)
    assert table.loc["white", "rank_change"] == 0
    assert table.loc["black", "share_moved"] == pytest.approx(0.9)
    assert table.loc["black", "score_change"] == pytest.approx(-2.5)
    # Ranks 2 and 3 leave the top 3, rank 1 falls to its last place; three draws each.
    assert table.loc["black", ["entered", "left"]].tolist() == [0, 6]
    between = result.between_groups().loc[("black", "white")]
    assert between["rank_difference"] == pytest.approx(1.7)
    assert 0 < between["low"] <= 1.7 <= between["high"] <= 2
    assert between["share_first_lower"] == pytest.approx(0.9)
    assert between["share_second_lower"] == 0
    assert not result.unmoved
    assert result.largest_score_change == 2.5
    assert result.overall()["max_abs_rank_change"] == 2
    assert "moved the person (45.0%)" in result.in_words()
    assert json.loads(json.dumps(result.to_json()))["by_group"][0]["left"] == 6


def test_favoured_by_a_swap_people_rise():
    records = ten(names=("Lakisha", "Jamal"))
    result = swap_test(records, dislikes(GROUPS, 2.5), NameSwap("candidate.name", GROUPS))
    pairs = result.by_pair()
    assert pairs.loc[("black", "white"), "rank_change"] == pytest.approx(-1.7)
    assert pairs.loc[("black", "black"), "rank_change"] == 0
    assert pairs.index.tolist() == [("black", "black"), ("black", "white")]


@pytest.mark.parametrize("together", [True, False])
@given(data=st.data())
@settings(max_examples=15)
def test_one_at_a_time_agrees_with_swapping_and_ranking_by_hand(together, data):
    n = data.draw(st.integers(2, 7))
    names = data.draw(st.lists(st.sampled_from([*GROUPS, "Unlisted", None]), min_size=n, max_size=n))
    jobs = data.draw(st.lists(st.sampled_from(["j", "k"]), min_size=n, max_size=n))
    skills = data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    rows = [{"name": name, "skill": s} for name, s in zip(names, skills, strict=True)]
    records = pool(rows, jobs=jobs)

    def predict(records):
        return skill(records) - [GROUPS.get(name) == "black" for name in records.at("candidate.name", "text")]

    swap = NameSwap("candidate.name", GROUPS)
    if not any(names):
        with pytest.raises(DataError, match="nobody has a value"):
            swap_test(records, predict, swap, together=together)
        return
    result = swap_test(records, predict, swap, n_swaps=1, together=together)
    assert result.n_missing == names.count(None)
    assert result.n_unlisted == names.count("Unlisted")
    assert result.n_changes == 2 * sum(name is not None for name in names)
    for change in result.changes.itertuples():
        i = records.candidate.tolist().index(change.candidate)
        held = [names[j] if j != i else change.given for j in range(n)]
        scores = [s - (GROUPS.get(name) == "black") for s, name in zip(skills, held, strict=True)]
        mine = [j for j in range(n) if jobs[j] == jobs[i]]
        labels = [records.candidate[j] for j in mine]
        order = order_reference(jobs[i], [scores[j] for j in mine], labels, labels)
        assert change.rank_after == 1 + [mine[at] for at in order].index(i)
        assert GROUPS[change.given] == change.after
        assert change.given != names[i]
        assert change.before == GROUPS.get(names[i])


def test_all_at_once_exchanges_the_groups():
    rows = [{"name": n, "skill": 10 - i} for i, n in enumerate(["Emily", "Lakisha", "Greg", None])]

    def predict(records):
        return skill(records) - [
            5 * (GROUPS.get(name) == "black") for name in records.at("candidate.name", "text")
        ]

    swap = NameSwap("candidate.name", GROUPS)
    result = swap_test(pool(rows), predict, swap, design="all", n_swaps=1)
    # Before 10, 4, 8, 7; after 5, 9, 3, 7.
    assert result.changes["rank_before"].tolist() == [1, 4, 2]
    assert result.changes["rank_after"].tolist() == [3, 1, 4]
    assert result.changes["after"].tolist() == ["black", "white", "black"]
    assert (result.n_others_moved, result.n_missing) == (1, 1)
    with pytest.raises(DataError, match="design 'one'"):
        result.between_groups()


def test_who_stands_in_several_jobs_is_swapped_in_all_of_them():
    people = pd.DataFrame({"id": ["a", "b"], "sex": ["f", "m"], "skill": [2, 1]}).astype(object)
    jobs = pd.DataFrame({"id": ["x", "y"]})
    pairs = pd.DataFrame({"c": ["a", "b", "a", "b"], "j": ["x", "x", "y", "y"]}, index=range(1, 5))
    records = join_records(pairs, Keys("j", "c"), candidates=(people, "id"), jobs=(jobs, "id"))
    result = swap_test(
        records, lambda r: skill(r) - 3.0 * (r.at("candidate.sex", "text") == "m"), FieldSwap("candidate.sex")
    )
    assert result.changes[["candidate", "job", "after", "rank_after"]].to_numpy().tolist() == [
        ["b", "x", "f", 2],
        ["b", "y", "f", 2],
        ["a", "x", "m", 1],
        ["a", "y", "m", 1],
    ]
    assert result.n_unchanged == 0


def test_every_other_value_of_a_field_is_given_once_to_everybody():
    rows = [{"name": "x", "skill": i, "origin": "abc"[i % 3]} for i in range(6)]
    result = swap_test(
        pool(rows),
        lambda r: skill(r) + 10.0 * (r.at("candidate.origin", "text") == "c"),
        FieldSwap("candidate.origin"),
    )
    assert result.by_pair()["n"].to_dict() == {(a, b): 2 for a in "abc" for b in "abc" if a != b}
    between = result.between_groups()
    assert between["n"].tolist() == [6, 6, 6]
    assert between.loc[("a", "b"), "rank_difference"] == 0
    assert between.loc[("a", "c"), "rank_difference"] > 0


def test_a_value_that_nobody_has_can_be_given():
    rows = [{"name": "x", "skill": i, "sex": "f"} for i in range(3)]
    with pytest.raises(DataError, match=r"everybody's 'candidate\.sex' is 'f'"):
        swap_test(pool(rows), skill, FieldSwap("candidate.sex"))
    result = swap_test(pool(rows), skill, FieldSwap("candidate.sex", values=("m", "x")))
    assert (result.n_changes, result.n_unlisted) == (6, 3)


def test_numbers_are_given_as_numbers():
    rows = [{"name": "x", "skill": i, "age": 20 + 10 * (i % 2)} for i in range(4)]
    result = swap_test(pool(rows), lambda r: r.at("candidate.age", "number"), FieldSwap("candidate.age"))
    assert set(result.changes["score_after"]) == {20.0, 30.0}


def test_names_are_swapped_in_texts_and_addresses_too():
    rows = [
        {"name": "Emma Visser", "skill": 1, "about": "I am EMMA (emma.visser@x.nl)", "mail": "e.visser@x.nl"},
        {"name": "Emre Kaya", "skill": 2, "about": ["Kaya studio", 3], "mail": None},
    ]
    records = pool(rows)
    swap = NameSwap("candidate.name", NAMES, texts=("candidate.about",), emails=("candidate.mail",))
    seen = []

    def leaks(records):
        seen.append(records)
        texts = [
            str(about) + str(mail)
            for about, mail in zip(
                records.tables["candidate"]["about"], records.tables["candidate"]["mail"], strict=True
            )
        ]
        return np.array(
            [sum(map(text.lower().count, ("emma", "visser", "emre", "kaya"))) for text in texts], float
        )

    result = swap_test(records, leaks, swap, n_swaps=1, random_state=1)
    # Two calls give everybody a name of one group each, others swap one person alone.
    cells = [one.tables["candidate"].iloc[0] for one in seen]
    name, about, mail = next(
        (c["name"], c["about"], c["mail"]) for c in cells if NAMES[c["name"]] == "turkish"
    )
    first, last = name.split()
    assert about == f"I am {first.upper()} ({first.lower()}.{last.lower()}@x.nl)"
    assert mail == f"{first[0].lower()}.{last.lower()}@x.nl"
    assert result.touched == {"candidate.about": 4, "candidate.mail": 2}
    assert not result.unmoved


def test_a_first_name_is_swapped_before_a_family_name():
    records = pool([{"name": "Emily Walsh", "skill": 1}, {"name": "Jamal", "skill": 2}])
    swap = NameSwap("candidate.name", GROUPS, part="first")
    assert swap.groups(records).names().tolist() == ["white", "black"]
    swapped = swap.give(records, np.array([0, 1]), np.random.default_rng(0)).records
    assert [name.split()[1:] for name in swapped.at("candidate.name", "text")] == [["Walsh"], []]
    with pytest.raises(DataError, match="'whole' names or the 'first' word"):
        NameSwap("candidate.name", GROUPS, part="frist")


def test_cities_are_swapped_by_country():
    cities = {"Delft": "Netherlands", "New York": "United States", "Oslo": "Norway"}
    records = pool(
        [{"name": "x", "skill": i, "city": city, "about": f"from {city}"} for i, city in enumerate(cities)]
    )
    result = swap_test(
        records, lambda r: skill(r) + 5.0 * (r.at("candidate.city", "text") == "Oslo"),
        CitySwap("candidate.city", cities, texts=("candidate.about",)), n_swaps=1,
    )  # fmt: skip
    assert result.n_changes == 6  # each list holds one city: nobody is given the own one
    assert result.touched == {"candidate.about": 6}
    # Of skills 0, 1, 2 + 5 with Oslo: the first rises from 3 to 2, the second stays at 2.
    assert result.by_group().loc["Norway", "rank_change"] == -0.5


# --- what is refused, and what is counted -------------------------------------------------------


def test_a_pool_reader_is_refused_together_and_tested_one_call_a_person():
    def spread(records):
        scores = dislikes(GROUPS, 2.5)(records)
        return (scores - scores.mean()) / scores.std()

    swap = NameSwap("candidate.name", GROUPS)
    with pytest.raises(DataError, match="together=False"):
        swap_test(ten(), spread, swap)
    result = swap_test(ten(), spread, swap, together=False, n_swaps=1)
    assert result.by_group()["rank_change"].to_dict() == pytest.approx({"black": 1.7, "white": 0.0})


def test_a_function_that_differs_from_call_to_call_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(DataError, match="differs from call to call"):
        swap_test(ten(), lambda records: rng.random(len(records)), NameSwap("candidate.name", GROUPS))


@pytest.mark.parametrize(
    ("swap", "error", "message"),
    [
        (FieldSwap("candidate.gendr"), UnknownFieldError, "no column 'gendr'"),
        (FieldSwap("candidate.id"), DataError, "what rows are called by"),
        (FieldSwap("candidate.name[].x"), DataError, "several values a row"),
        (FieldSwap("job.name"), DataError, "design = 'all'"),
        (NameSwap("candidate.name", {}), DataError, "the list is empty"),
        (NameSwap("candidate.name", {"Emily": "white"}), DataError, None),
        (NameSwap("candidate.name", {f"n{i}": str(i) for i in range(101)}), DataError, "at most 100"),
        (
            NameSwap("candidate.name", GROUPS, texts=("candidate.abuot",)),
            UnknownFieldError,
            "no column 'abuot'",
        ),
    ],
)
def test_what_cannot_be_swapped_is_refused_with_a_way_out(swap, error, message):
    records = ten(names=("Emily",)) if message is None else ten()
    with pytest.raises(error, match=message or "leaves every record as it is"):
        swap_test(records, skill, swap)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"design": "on"}, "did you mean 'one'"), ({"n_swaps": 0}, "at least 1"), ({"top_k": 0}, "0")],
)
def test_options_that_mean_nothing_are_refused(options, message):
    with pytest.raises(DataError, match=message):
        swap_test(ten(), skill, NameSwap("candidate.name", GROUPS), **options)


@pytest.mark.parametrize(
    ("predict", "message"),
    [(lambda r: np.zeros(3), "shape"), (lambda r: np.full(len(r), np.nan), "no score")],
)
def test_scores_that_rank_nobody_are_refused(predict, message):
    with pytest.raises(DataError, match=message):
        swap_test(ten(), predict, NameSwap("candidate.name", GROUPS))


def test_nobody_to_swap_is_refused():
    with pytest.raises(EmptyPoolError):
        swap_test(ten().take(np.array([], dtype=int)), skill, NameSwap("candidate.name", GROUPS))


def test_missing_values_stay_missing_and_are_counted():
    records = pool([{"name": name, "skill": 1} for name in ("Emily", None, " ", "Jamal")])
    result = swap_test(records, skill, NameSwap("candidate.name", GROUPS))
    assert result.n_missing == 2
    assert set(result.changes["candidate"]) == {"c0", "c3"}
    assert "2 pairs have no value" in result.in_words()


def test_a_lot_that_a_swap_would_change_is_counted_and_moves_nobody():
    rows = [{"name": name, "skill": 1.0, "job": "j"} for name in ["Emily", "Greg"] * 5]
    table = pd.DataFrame(rows)
    table.index = pd.RangeIndex(1, 11)
    undeclared = join_records(table, Keys("job"))
    fields = {"candidate.name": Field("candidate.name", "name", usage=Usage.PROTECTED)}
    declared = join_records(table, Keys("job"), fields=fields)
    swap = NameSwap("candidate.name", GROUPS)
    for records, n_lots in ((undeclared, 60), (declared, 0)):
        result = swap_test(records, skill, swap)
        assert result.unmoved
        assert result.n_lots_changed == n_lots
    assert "declare the field protected" in swap_test(undeclared, skill, swap).in_words()


def test_the_same_seed_draws_the_same_names():
    results = [
        swap_test(ten(), skill, NameSwap("candidate.name", NAMES), random_state=seed) for seed in (4, 4, 5)
    ]
    pd.testing.assert_frame_equal(results[0].changes, results[1].changes)
    assert results[0].changes["given"].tolist() != results[2].changes["given"].tolist()


def test_intervals_resample_jobs_where_there_are_twenty():
    rows = [{"name": "Emily", "skill": 2 - i % 2} for i in range(60)]
    for n_jobs, unit in ((20, "jobs"), (19, "candidates")):
        jobs = [f"j{i // 2 % n_jobs}" for i in range(60)]
        result = swap_test(pool(rows, jobs=jobs), dislikes(GROUPS, 1.5), NameSwap("candidate.name", GROUPS))
        assert result.unit == unit
        table = result.by_group()
        assert (table["low"] <= table["rank_change"]).all()
        assert (table["rank_change"] <= table["high"]).all()
        assert table.loc["black", "low"] > 0


def test_one_person_gives_a_figure_and_no_interval():
    result = swap_test(
        pool([{"name": "Emily", "skill": 1}]), dislikes(GROUPS, 2.0), NameSwap("candidate.name", GROUPS)
    )
    table = result.by_group()
    assert table.loc["black", ["rank_change", "score_change"]].tolist() == [0, -2]
    assert table[["low", "high"]].isna().all(axis=None)


# --- this project's models ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A model of the synthetic task, its records, names by culture."""
    path = generate(
        tmp_path_factory.mktemp("swaps"), n_candidates=150, n_jobs=12, applications_per_job=20, seed=3
    )
    text = re.sub(r"\[(training|fairness)\][^\[]*", "", path.read_text(encoding="utf-8"))
    path.write_text(text + TRAINING, "utf-8")
    model = train(read_task(path))
    return model, model.load_records()


def test_ranks_of_our_models_never_move_when_a_name_is_swapped(demo):
    model, records = demo
    swap = NameSwap("candidate.name", NAMES, emails=("candidate.email",))
    result = swap_test(records, scored_by(model.scorer, model.task.features), swap, top_k=5)
    assert result.unmoved
    assert result.largest_score_change == 0.0
    assert result.n_changes == 2 * 3 * len(records)
    assert result.touched["candidate.email"] > 0.9 * 2 * 3 * len(records.tables["candidate"])
    assert (result.by_group()[["rank_change", "low", "high"]] == 0).all(axis=None)
    assert "No score changed by a single bit" in result.in_words()


@pytest.mark.parametrize("design", ["one", "all"])
@pytest.mark.parametrize("path", ["candidate.gender", "candidate.origin"])
def test_ranks_of_our_models_never_move_when_a_protected_value_is_swapped(demo, path, design):
    model, records = demo
    result = swap_test(records, scored_by(model.scorer, model.task.features), FieldSwap(path), design=design)
    assert result.unmoved
    assert result.n_changes > 0


def test_a_field_that_a_feature_reads_does_move_ranks(demo):
    # So that "unmoved" is not what every swap says.
    model, records = demo
    swap = FieldSwap("candidate.test_score", values=("20", "95"))
    result = swap_test(records, scored_by(model.scorer, model.task.features), swap)
    assert result.n_moved > 0
    assert not result.unmoved


def test_a_model_that_is_made_to_read_the_name_is_caught(demo):
    model, records = demo
    fair = scored_by(model.scorer, model.task.features)
    group_of = {name: group for name, group in NAMES.items() if group == "turkish"}

    def biased(records):
        return fair(records) - 0.5 * np.array(
            [name in group_of for name in records.at("candidate.name", "text")]
        )

    result = swap_test(records, biased, NameSwap("candidate.name", NAMES), n_swaps=1)
    jobs, scores, held = records.job, fair(records), records.at("candidate.name", "text")
    before = scores - 0.5 * np.array([name in group_of for name in held])
    for group, points in (("turkish", 0.5), ("dutch", 0.0)):
        got = result.changes[result.changes["after"] == group]
        expected = ranks_one_by_one_reference(
            jobs, records.candidate, records.candidate, before, scores - points
        )
        assert got["rank_after"].tolist() == expected
    assert result.between_groups().loc[("dutch", "turkish"), "high"] < 0


@pytest.fixture(scope="module")
def findhr(tmp_path_factory):
    if not DATA.is_dir():
        pytest.skip(f"the real data are not at {DATA}: set CANDOR_DATA")
    text = (TASKS / "findhr.toml").read_text(encoding="utf-8").replace("${CANDOR_DATA}", str(DATA.resolve()))
    text = re.sub(r"\[fairness\][^\[]*", "", text)
    path = tmp_path_factory.mktemp("findhr") / "task.toml"
    path.write_text(text + TRAINING, "utf-8")
    model = train(read_task(path))
    return model, model.load_records()


@pytest.mark.parametrize(
    ("path", "design"),
    [
        ("candidate.gender_c", "one"),
        ("candidate.agg_perceived_foreign_c", "one"),
        ("candidate.gender_c", "all"),
    ],
)
def test_on_findhr_no_protected_value_moves_anybody(findhr, path, design):
    model, records = findhr
    result = swap_test(records, scored_by(model.scorer, model.task.features), FieldSwap(path), design=design)
    assert result.unmoved
    assert result.n_changes >= result.n_pairs - result.n_missing > 1000


@pytest.mark.parametrize(
    ("path", "values"), [("job.gender_j", ("Man", "Woman")), ("job.agg_perceived_foreign_j", ("No", "Yes"))]
)
def test_on_findhr_whom_a_job_would_rather_have_moves_nobody(findhr, path, values):
    model, records = findhr
    predict = scored_by(model.scorer, model.task.features)
    result = swap_test(records, predict, FieldSwap(path, values=values), design="all")
    assert result.unmoved
    assert result.n_changes > 1000


def test_on_the_audit_of_2004_no_first_name_moves_anybody_and_lots_stay():
    folder = DATA / "bertrand_mullainathan"
    if not folder.is_dir():
        pytest.skip(f"the real data are not at {DATA}: set CANDOR_DATA")
    text = (TASKS / "bertrand_mullainathan.toml").read_text(encoding="utf-8")
    task_path = TASKS / "bertrand_mullainathan.toml"
    assert "candidate.firstname" in text
    task = read_task(task_path)
    records = load_records(task, labelled=True)
    table = pd.read_csv(folder / "resume.csv")
    names = listed(table[["firstname", "race"]].drop_duplicates(), name="firstname", group="race")
    assert len(names) == 36
    # Any function of the features will do: what is tested is that none of them, nor the lot, holds the name.
    weights = np.linspace(-1, 1, len(task.features))
    result = swap_test(
        records,
        lambda r: np.nan_to_num(task.features.compute(r).to_numpy(float)) @ weights,
        NameSwap("candidate.firstname", names),
        n_swaps=1,
    )
    assert result.unmoved
    assert (result.n_changes, result.n_lots_changed) == (2 * 4870, 0)


@pytest.mark.parametrize(
    ("folder", "file"),
    [("names_validated", "names.csv"), ("names_ssa", "first_names.csv"), ("world_cities", "cities.parquet")],
)
def test_the_public_lists_can_be_read_as_lists(folder, file):
    path = DATA / folder / file
    if not path.is_file():
        pytest.skip(f"the real data are not at {DATA}: set CANDOR_DATA")
    table = pd.read_parquet(path) if file.endswith("parquet") else pd.read_csv(path)
    if folder == "names_validated":
        shares = {g: f"{g.lower()}_pct" for g in ("White", "Asian", "Black", "Latino")}
        found = listed_by_share(table, shares, at_least=0.7)
        groups = set(shares)
    elif folder == "names_ssa":
        found = listed_by_share(
            table.assign(p_male=1 - table["p_female"]), {"f": "p_female", "m": "p_male"}, at_least=0.95
        )
        assert found["Emily"] == "f"
        assert found["Jamal"] == "m"
        assert "Casey" not in found
        groups = {"f", "m"}
    else:
        few = table[table["country"].isin(["Netherlands", "Norway"])]
        found, groups = listed(few, group="country"), {"Netherlands", "Norway"}
        assert found["Delft"] == "Netherlands"
    assert set(found.values()) == groups
    assert len(found) > 50
