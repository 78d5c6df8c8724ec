"""The pages in a real browser: headless Chromium lays them out, and is walked through by keyboard."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from api_case import OTHER, PERSON, api_fixture, listening, running  # noqa: F401
from browser_case import CHROMIUM, Browser
from served_case import resumes

from ranker.app.decisions.reviews import queue

PROBE = Path(__file__).with_name("pages_probe.js").read_text(encoding="utf-8")
WIDE, PHONE, SHEET = 1200, 360, 673  # the last: CSS pixels between the margins of A4
LATEST = 30.0
MOST_STOPS = 200

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed (apt-get install chromium)"
)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A browser, the service's address, and the addresses of its pages."""
    folder = tmp_path_factory.mktemp("shown")
    # One case of each request is put before a person.
    with running(folder, chance=0.0, sample_rate=1.0, request_seconds=120) as api, listening(api) as url:
        ranking = api.ranked(top_k=5).headers["decision-id"]
        resume = api.ask("POST", "/classify", json={"resume": resumes()[0]}).headers["decision-id"]
        told = {"decision": ranking, "text": "not so", "correction": {"candidate": {"test_score": 90.5}}}
        objected = api.ask("POST", "/objections", "applicant", json=told).json()
        case, corrected = objected["review"], objected["after"]["decision"]
        taken_out = {"candidate": PERSON, "rank": None, "reason": "met"}
        assert api.ask("POST", f"/decisions/{ranking}/override", json=taken_out).status_code == 201
        one = f"/decisions/{ranking}"
        pages = {
            "decisions": "/decisions", "ranking": one, "label": f"/decisions/{resume}",
            "corrected": f"/decisions/{corrected}",
            "explanation": f"{one}/explanation?candidate={PERSON}",
            "contrast": f"{one}/contrast?candidate={PERSON}&against={OTHER}",
            "ask": f"{one}/counterfactual?candidate={PERSON}",
            "counterfactual": f"{one}/counterfactual?candidate={PERSON}&top_k=1&n_answers=3",
            "outcome": f"{one}/outcome?candidate={PERSON}",
            "objection": f"{one}/objection?candidate={PERSON}", "queue": "/reviews",
            "case": f"/reviews/{case}", "model": "/model", "audit": "/audit", "monitoring": "/monitoring",
        }  # fmt: skip
        browser = Browser(folder / "profile")
        try:
            browser.go(f"{url}/pages/sign-in")
            yield browser, api, url, pages
        finally:
            browser.close()


def sign_in(browser, api, url, role):
    """Sign in by keyboard, from the top of the page."""
    browser.call("Network.clearBrowserCookies")
    browser.go(f"{url}/pages/sign-in")
    to(browser, "document.activeElement.id === 'key'")
    browser.type(api.keys[role])
    browser.press("Enter", loads=True)


def to(browser, there):
    """Press Tab until the keyboard is somewhere."""
    for _ in range(MOST_STOPS):
        browser.press("Tab")
        if browser.value(there):
            return
    raise AssertionError(f"the keyboard never comes to where {there}")


def link(text):
    return (
        f"document.activeElement.textContent.trim().startsWith({text!r}) && document.activeElement.href > ''"
    )


@pytest.fixture(scope="module")
def found(shown):
    """What the probe found on each page, as wide as a screen, and as a phone in the dark."""
    browser, api, url, pages = shown
    sign_in(browser, api, url, "admin")
    told = {}
    for name, path in pages.items():
        for width in (WIDE, PHONE):
            browser.wide(width, dark=width == PHONE)
            browser.go(f"{url}/pages{path}")
            told[name, width] = browser.value(PROBE) | {"faults": browser.faults(), "asked": browser.asked()}
        browser.wide(SHEET, paper=True)
        forms = "Array.from(document.querySelectorAll('form, button, .button')).filter(function (one) "
        forms += "{ return one.getClientRects().length > 0; }).length"
        told[name, SHEET] = browser.value(PROBE) | {"forms": browser.value(forms)}
    return told


def test_nothing_fails_and_nothing_is_asked_of_anybody_else(found, shown):
    for (name, width), seen in found.items():
        if width != SHEET:
            assert seen["faults"] == [], name
            assert {one for one in seen["asked"] if not one.startswith((shown[2], "data:"))} == set(), name


def test_no_page_is_wider_than_its_screen_or_its_sheet(found):
    for key, seen in found.items():
        assert seen["wider"] == [], key
        assert seen["scrollWidth"] <= seen["width"], key


def test_paper_holds_nothing_to_be_filled_in_or_pressed(found):
    assert {
        name: seen["forms"] for (name, width), seen in found.items() if width == SHEET and seen["forms"]
    } == {}


def test_no_flag_breaks_within_its_ring(found):
    flags = {name: seen["flags"] for (name, width), seen in found.items() if width == PHONE and seen["flags"]}
    words = {text for seen in flags.values() for text, _ in seen}
    assert {"decides nothing", "taken out by a person"} <= words
    assert any(text.startswith("waits for review") for text in words)
    assert {(name, text) for name, seen in flags.items() for text, lines in seen if lines != 1} == set()


def test_text_stands_out_from_what_is_behind_it_by_day_and_by_night(found):
    for key, seen in found.items():
        assert seen["faint"] == [], key


def test_a_screen_reader_finds_its_way(found):
    for key, seen in found.items():
        if key[1] == SHEET:
            continue
        assert (seen["landmarks"], seen["language"]) == ([1, 1], "en"), key
        assert seen["title"].endswith(" – Candor"), key
        assert seen["headings"][0] == 1, key
        assert seen["headings"].count(1) == 1, key
        assert all(after <= before + 1 for before, after in pairwise(seen["headings"])), key
        assert seen["nameless"] == [], key
        assert seen["scrolled"] == [], key
        assert seen["ids"] == 0, key
        for table in seen["tables"]:
            assert table["named"], (key, table)
            assert table["heads"] == table["scoped"] > 0, (key, table)
            assert table["empty"] == 0, (key, table)


def test_the_probe_sees_what_is_wrong(shown):
    browser, *_ = shown
    browser.wide(PHONE)
    browser.go(
        "data:text/html,<style>p{color:%23999}</style><p>faint</p><div style='width:2000px'>wide</div>"
        "<h1>a</h1><h3>b</h3><table><tr><th></th></tr></table><input><i id=x></i><i id=x></i>"
        "<div style='overflow-x:auto;width:9px'>scrolls</div><script>console.error('told')</script>"
        "<b class=flag style='display:inline-block;width:1em'>in two</b>"
    )
    seen = browser.value(PROBE)
    assert [text.split()[1] for text in seen["faint"]] == ["faint"]
    assert [text.split()[1] for text in seen["wider"]] == ["wide"]
    assert seen["scrollWidth"] > PHONE
    assert (seen["headings"], seen["nameless"], seen["ids"]) == ([1, 3], ["input "], 1)
    assert [text.split()[1] for text in seen["scrolled"]] == ["scrolls"]
    assert seen["flags"] == [["in two", 2]]
    assert seen["tables"][0] | {"what": ""} == {
        "what": "", "named": False, "heads": 1, "scoped": 0, "empty": 1
    }  # fmt: skip
    assert len(browser.faults()) == 1


@pytest.mark.parametrize("name", ["ranking", "case", "objection", "ask", "outcome"])
def test_the_keyboard_reaches_everything_and_is_seen_there(shown, name):
    browser, api, url, pages = shown
    sign_in(browser, api, url, "admin")
    browser.wide(WIDE)
    browser.go(f"{url}/pages{pages[name]}")
    n = browser.value(PROBE)["focusable"]
    browser.value("window.stops = new Set()")
    browser.press("Tab")
    assert browser.value("document.activeElement.className") == "skip"
    # A day has a stop for each of its parts.
    for _ in range(n + 4 * browser.value("document.querySelectorAll('[type=date]').length")):
        if browser.value("document.activeElement === document.body"):
            break
        assert browser.value(
            "stops.add(document.activeElement), parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2"
        )
        browser.press("Tab")
    assert browser.value("stops.size") == n


def test_a_reviewer_walks_by_keyboard_from_the_key_to_the_decision(shown):
    browser, api, url, _ = shown
    browser.wide(WIDE)
    sign_in(browser, api, url, "recruiter")
    assert browser.value("document.querySelector('h1').textContent") == "Decisions"
    to(browser, link("ranking"))
    browser.press("Enter", loads=True)
    assert browser.value("document.querySelector('h1').textContent").startswith("Ranking for ")
    to(browser, link(PERSON))
    browser.press("Enter", loads=True)
    assert PERSON in browser.value("document.querySelector('h1').textContent")
    to(browser, link("Review queue"))
    browser.press("Enter", loads=True)
    to(browser, "document.activeElement.pathname && document.activeElement.closest('tbody') !== null")
    browser.press("Enter", loads=True)
    case = browser.value("location.pathname").rpartition("/")[2]
    to(browser, "document.activeElement.type === 'radio'")
    browser.press(" ")
    label = browser.value("document.activeElement.value")
    to(browser, "document.activeElement.id === 'reason'")
    browser.type("The references say so.")
    to(browser, "document.activeElement.textContent === 'Decide'")
    browser.press("Enter", loads=True)
    until = time.monotonic() + LATEST
    while not (said := [one for one in queue(api.store, "decided") if one.id == case]):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert (said[0].label, said[0].why) == (label, "The references say so.")
    assert "The references say so." in browser.value("document.querySelector('main').textContent")


def test_an_outcome_is_reported_by_keyboard_from_the_ranking_on(shown):
    browser, api, url, pages = shown
    browser.wide(PHONE)
    sign_in(browser, api, url, "recruiter")
    browser.go(f"{url}/pages{pages['ranking']}")
    to(browser, "document.activeElement.id === 'became'")
    who = browser.value("document.activeElement.value")
    to(browser, "document.activeElement.textContent === 'Go on'")
    browser.press("Enter", loads=True)
    assert browser.value("document.querySelector('h1').textContent") == f"What became of {who}"
    to(browser, "document.activeElement.type === 'radio'")
    browser.press(" ")
    to(browser, "document.activeElement.textContent === 'Go on'")
    browser.press("Enter", loads=True)
    assert browser.value("document.querySelector('h1').textContent") == "Is it so?"
    assert api.store.decisions(kind="outcome") == ()
    to(browser, "document.activeElement.textContent === 'Yes, report it'")
    browser.press("Enter", loads=True)
    until = time.monotonic() + LATEST
    while not (found := api.store.decisions(kind="outcome")):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert (found[0].people, found[0].answer["outcome"]) == ((who,), "interviewed")


def test_a_script_that_got_into_a_page_would_not_run(shown):
    browser, api, url, pages = shown
    sign_in(browser, api, url, "admin")
    browser.go(f"{url}/pages{pages['decisions']}")
    browser.value(
        "(function () { var one = document.createElement('script'); one.textContent = 'window.ran = true';"
        "document.body.append(one); })()"
    )
    assert browser.value("window.ran === undefined")
    assert browser.value("document.cookie") == ""
