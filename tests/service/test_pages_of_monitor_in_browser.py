"""The page that ``candor monitor`` writes, in a real browser: on a screen, on a phone and on paper."""

import json
from itertools import count, pairwise
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the log of decisions needs the extra api")
pytest.importorskip("river", reason="the watch for drift needs the extra monitor")

from browser_case import CHROMIUM, Browser
from served_case import classifier_directory, make_served, resumes

from ranker.app.decisions import NewDecision, open_store
from ranker.app.monitoring.command import run_monitor
from ranker.app.served.faults import BodyError

PROBE = Path(__file__).with_name("pages_probe.js").read_text(encoding="utf-8")
WIDE, PHONE, SHEET = 1200, 360, 673
DAYS = ("2026-11-02", "2026-11-09", "2026-11-16")
N = 160  # answers: more than the smallest window that is compared
FEW = 30  # answers: too few to say anything

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed (apt-get install chromium)"
)


def page_of(folder, n, shifted):
    """Write the page of a log of résumés; tests that went far better than in training, where they are shifted."""
    served, clock = make_served(), count()

    def now():
        return f"{DAYS[min(next(clock) * 3 // n, 2)]}T10:00:00.000000+00:00"

    with open_store(f"sqlite:///{folder / 'log.db'}", clock=now) as store:
        for i, one in enumerate(resumes(300)):
            body = {"resume": {**one, "test_score": 99 - i % 5} if shifted else one}
            try:
                answer = served.classify(body)
            except BodyError:  # of the records that are to be set aside
                continue
            who = str(one["id"])
            recorded = store.record(
                NewDecision(
                    kind="classify", caller="k", role="recruiter", request_id="r", input=body, answer=answer,
                    model=served.digest_of("classify"), people=(who,), protected={who: {"gender": "fmf"[i % 3]}},
                )
            )  # fmt: skip
            if recorded.number == n:
                break
    found = run_monitor(classifier_directory(), f"sqlite:///{folder / 'log.db'}", out=folder / "page.html")
    return folder / "page.html", found.machine


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What was found, and how a browser lays it out, by the log and the width."""
    folder = tmp_path_factory.mktemp("monitor")
    logs = {}
    for name, n, shifted in (("long", N, True), ("short", FEW, False)):
        (folder / name).mkdir()
        logs[name] = page_of(folder / name, n, shifted)
    browser = Browser(folder / "profile")
    told = {}
    try:
        for name, (path, machine) in logs.items():
            for width in (WIDE, PHONE, SHEET):
                browser.wide(width, paper=width == SHEET)
                browser.go(path.as_uri())
                # Plotly draws after the page is there.
                browser.value("new Promise(function (done) { setTimeout(done, 500); })")
                seen = browser.value(PROBE)
                seen |= {"faults": browser.faults(), "asked": browser.asked(), "path": path.as_uri()}
                seen["plots"] = browser.value(
                    "Array.from(document.querySelectorAll('.plotly-graph-div')).map(function (one) {"
                    "return [one.getBoundingClientRect().right, one.querySelectorAll('.trace').length]; })"
                )
                told[name, width] = seen | {"machine": machine}
    finally:
        browser.close()
    return told


def test_the_page_fails_nowhere_and_asks_nobody(found):
    for key, seen in found.items():
        assert seen["faults"] == [], key
        assert {one for one in seen["asked"] if not one.startswith(("data:", "blob:"))} == {seen["path"]}, key


def test_the_page_is_no_wider_than_its_screen(found):
    for key, seen in found.items():
        assert seen["scrollWidth"] <= seen["width"], key
        assert [one for one in seen["wider"] if not one.startswith("div")] == [], key


def test_text_stands_out(found):
    for key, seen in found.items():
        assert seen["faint"] == [], key


def test_a_screen_reader_finds_its_way_there(found):
    for key, seen in found.items():
        assert (seen["landmarks"], seen["language"], seen["ids"]) == ([1, 1], "en", 0), key
        assert seen["title"].startswith("Monitoring: "), key
        levels = seen["headings"]
        assert (levels[0], levels.count(1)) == (1, 1), key
        assert all(after <= before + 1 for before, after in pairwise(levels)), key
        assert seen["scrolled"] == [], key
        for table in seen["tables"]:
            assert table["named"], (key, table)
            assert table["heads"] == table["scoped"] > 0, (key, table)
            assert table["empty"] == 0, (key, table)


def test_plots_are_drawn_where_there_is_something_to_draw_and_as_wide_as_the_screen(found):
    for (name, width), seen in found.items():
        assert (len(seen["plots"]) == 2) == (name == "long"), (name, width)
        for right, n_traces in seen["plots"]:
            assert right <= seen["width"] + 0.5, (name, width)
            assert n_traces > 0


def test_a_planted_shift_is_what_the_page_tells_and_no_drift_is_told_of_a_few(found):
    long, short = (found[name, WIDE]["machine"] for name in ("long", "short"))
    assert any("test" in column for column in long["drifting"]), json.dumps(long["drifting"])
    assert short["drifting"] == []
    assert {one["verdict"] for one in short["columns"]} == {"too few"}
    assert {one["week"] for one in long["weeks"]} == set(DAYS)
