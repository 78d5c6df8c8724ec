"""What pages are made of, without a service: bars and flags, records as forms, ticks, drawings."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("fastapi", reason="the pages need the extra api")

from ranker.app.pages.doubts import percent_below
from ranker.app.pages.ranking import lay_out
from ranker.app.pages.records import correction_in, entries_of
from ranker.app.pages.rendering import STYLE, as_shown, inner_page
from ranker.app.pages.shapes import ticks
from ranker.app.served.faults import BodyError

finite = st.floats(-1e6, 1e6)


def answer(*rows, size=None):
    ranking = [{"rank": i, "candidate": f"c{i}", "tied": False, **row} for i, row in enumerate(rows, 1)]
    return {"ranking": ranking, "pool_size": size or len(rows)}


@given(st.lists(finite, min_size=1, max_size=20))
def test_bars_stay_in_their_drawing_and_are_as_long_as_scores_are_large(scores):
    rows = lay_out(answer(*({"score": one, "score_deviation": 1.0} for one in scores)), None).rows
    for row in rows:
        for place in (row.bar.zero, row.bar.end, row.bar.low, row.bar.high):
            assert -0.01 <= place <= 100.01
        assert (row.bar.end - row.bar.zero) * row.told["score"] >= 0
    for one in rows:
        for other in rows:
            if abs(one.told["score"]) > abs(other.told["score"]):
                assert one.bar.length >= other.bar.length - 0.02  # places are rounded


def test_a_flag_says_whose_plausible_ranks_reach_over_the_cut_off():
    def flags(low, high, cut, n=10):
        rows = [{"score": 0.0, "rank_low": low, "rank_high": high}]
        return {style for style, _ in lay_out(answer(*rows, size=n), cut).rows[0].flags}

    assert flags(3, 4, 3) == {"borderline"}
    assert flags(4, 5, 3) == set()
    assert flags(1, 3, 3) == set()
    assert flags(1, 9, 3) == {"borderline", "uncertain"}
    assert flags(1, 9, None) == {"uncertain"}
    assert flags(1, 5, 5) == set()
    assert flags(1, 2, 5, n=2) == set()


def test_a_ranking_of_one_and_one_of_equal_scores_can_be_drawn():
    assert lay_out(answer({"score": 0.0}), 10).rows[0].bar.length == 0
    laid = lay_out(answer({"score": 1.0, "tied": True}, {"score": 1.0, "tied": True}), 1)
    assert [row.flags for row in laid.rows] == [(("tied", "tied"),)] * 2


def test_who_was_deleted_is_counted_and_not_drawn():
    told = answer({"score": 1.0}, {"score": 0.5})
    told["ranking"][0] = {"withdrawn": True}
    laid = lay_out(told, 1)
    assert (len(laid.rows), laid.n_deleted) == (1, 1)


RECORD = {
    "id": "c1", "test_score": 58.5, "gap": 3, "city": "Utrecht", "permit": True, "note": None, "years": None,
    "skills": ["SQL", "Excel"], "work": [{"title": "Clerk"}], "education": {"degree": "msc"},
}  # fmt: skip
ENTRIES = entries_of(RECORD, {"candidate.gap": "career gap"}, fixed=("id",), pool=[{"years": 4}, RECORD])


def sent(**changed):
    form = {one.name: one.text.replace("\n", "\r\n") for one in ENTRIES}
    return correction_in(form | {f"field:{k}": v for k, v in changed.items()}, RECORD, ENTRIES)


def test_a_form_that_is_sent_as_it_was_corrects_nothing():
    assert sent() == {}
    assert correction_in({}, RECORD, ENTRIES) == {}
    assert correction_in({"field:id": "c2", "field:work": "x"}, RECORD, ENTRIES) == {}


def test_what_a_page_shows_otherwise_than_it_was_written_is_no_correction():
    record = {"note": "two\u00a0words", "skills": ["SQL\u200b", "a\u202eb"]}
    entries = entries_of(record, {})
    form = {one.name: as_shown(one.text).replace("\n", "\r\n") for one in entries}
    assert any(one.text != as_shown(one.text) for one in entries)
    assert correction_in(form, record, entries) == {}
    form["field:skills"] += "\r\nExcel"
    assert correction_in(form, record, entries) == {"skills": ["SQL", "a b", "Excel"]}


@pytest.mark.parametrize(
    ("changed", "read"),
    [
        ({"test_score": "78.5"}, {"test_score": 78.5}),
        ({"gap": "4"}, {"gap": 4}),
        ({"gap": ""}, {"gap": None}),
        ({"city": " Delft "}, {"city": "Delft"}),
        ({"permit": "no"}, {"permit": False}),
        ({"note": "12"}, {"note": "12"}),
        ({"years": "12"}, {"years": 12}),
        ({"skills": "SQL\r\n\r\nPython \r\n"}, {"skills": ["SQL", "Python"]}),
    ],
)
def test_what_a_form_changes_is_read_as_the_record_has_it(changed, read):
    found = sent(**changed)
    assert found == read
    assert [type(one) for one in found.values()] == [type(one) for one in read.values()]


@pytest.mark.parametrize("text", ["ninety", "nan", "inf", "1e999", "1,5"])
def test_what_is_no_number_is_told_by_its_field(text):
    with pytest.raises(BodyError, match="test score"):
        sent(test_score=text)


def test_a_form_names_fields_as_the_task_does():
    assert {one.key: one.label for one in ENTRIES}["gap"] == "career gap"


@given(finite, st.floats(1e-6, 1e6))
def test_ticks_are_few_even_and_inside(low, length):
    high = low + length
    if not low < high:
        return
    found = ticks(low, high)
    assert len(found) <= 6
    assert all(low - 1e-9 * length <= one <= high + 1e-9 * length for one in found)
    if len(found) > 2:
        assert np.diff(found) == pytest.approx(np.diff(found)[0], rel=1e-3)


@given(st.lists(st.text(max_size=20), max_size=5))
def test_lines_stay_lines_and_nothing_else_moves_the_eye(lines):
    lines = [line.replace("\n", "").replace("\r", "") for line in lines]
    told = as_shown("\r\n".join(lines))
    assert told == as_shown(told) == as_shown("\n".join(lines))
    assert len(told.split("\n")) == max(len(lines), 1)
    assert all(one.isprintable() for one in told if one not in "\n\u200c\u200d")


@given(st.floats(0, 1), st.floats(0.01, 1))
def test_a_share_below_a_bound_is_seen_below_it(value, bound):
    told = float(percent_below(value, bound).removesuffix(" %"))
    assert told == pytest.approx(100 * value, abs=0.51)
    if value < bound - 1e-8:
        assert told < 100 * bound


def test_a_share_has_no_more_figures_than_it_takes():
    assert percent_below(0.5132, 0.55) == "51 %"
    assert percent_below(0.549, 0.55) == "54.9 %"
    assert percent_below(0.5499, 0.55) == "54.99 %"
    assert percent_below(0.5499, None) == percent_below(0.55, 0.55) == "55 %"


def test_each_table_inside_a_page_is_called_as_the_heading_above_it():
    wide = '<div class="wide"></div>'
    inner = inner_page(f"<main><h1>a &amp; &#34;b&#34;</h1>{wide}<h2>c</h2>{wide}{wide}</main>")
    assert re.findall('aria-label="(.*?)"', inner) == ["a &amp; &#34;b&#34;", "c", "c, 2"]


def test_widths_become_classes_that_the_style_sheet_has():
    inner = inner_page('<main><div class="for" style="width: 33.4%"></div></main>')
    assert inner == '<div class="for w33"></div>'
    known = set(re.findall(r"\.w(\d+) \{ width: (\d+)%; \}", STYLE.read_text(encoding="utf-8")))
    assert known == {(str(n), str(n)) for n in range(101)}
