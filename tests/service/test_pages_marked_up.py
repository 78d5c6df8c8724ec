"""Every page, for those who hear it, walk it by keyboard or need contrast: markup and colours."""

import re

import pytest
from api_case import OTHER, PERSON, SET_ASIDE, running
from markup_case import faults
from pages_case import Visitor
from served_case import pool_body, resumes

from ranker.app.pages.rendering import STYLE
from ranker.app.pages.routes import PAGES

TITLE = re.compile(r"<title>(.*?)</title>")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Every page, by role and name; also those of forms that were refused."""
    with running(tmp_path_factory.mktemp("marked"), chance=0.0, sample_rate=1.0) as api:
        protected = {one["id"]: {"gender": "fm"[i % 2]} for i, one in enumerate(pool_body()["candidates"])}
        ranking = api.ranked(top_k=5, protected=protected).headers["decision-id"]
        resume = api.ask("POST", "/classify", json={"resume": unsure()}).headers["decision-id"]
        told = {"decision": ranking, "text": "not so", "correction": {"candidate": {"test_score": 90.5}}}
        case = api.ask("POST", "/objections", "applicant", json=told).json()["review"]
        unsure_case = next(
            one["id"] for one in api.ask("GET", "/reviews").json()["reviews"] if one["reason"] == "uncertain"
        )
        outcome = {"candidate": PERSON, "outcome": "hired", "decision": ranking}
        assert api.ask("POST", "/outcomes", json=outcome).status_code == 201
        given = {"candidate": OTHER, "rank": 4, "reason": "met"}
        assert api.ask("POST", f"/decisions/{ranking}/override", json=given).status_code == 201
        entry = api.store.decisions(kind="override")[-1].id
        watched(api)
        one, who = f"/decisions/{ranking}", f"candidate={PERSON}"
        seen = {
            "decisions": "/decisions", "ranking": one, "label": f"/decisions/{resume}", "entry": f"/decisions/{entry}",
            "older": "/decisions?before=3&kind=rank", "nobody": "/decisions?person=nobody",
            "explanation": f"{one}/explanation?{who}", "aside": f"{one}/explanation?candidate={SET_ASIDE}",
            "contrast": f"{one}/contrast?{who}&against={OTHER}", "objection": f"{one}/objection?{who}",
            "ask": f"{one}/counterfactual?{who}", "answer": f"{one}/counterfactual?{who}&top_k=1&n_answers=3",
            "wrong": f"{one}/counterfactual?{who}&top_k=x", "outcome": f"{one}/outcome?{who}",
            "queue": "/reviews", "decided": "/reviews?status=decided", "case": f"/reviews/{case}",
            "unsure": f"/reviews/{unsure_case}", "model": "/model", "audit": "/audit", "monitoring": "/monitoring",
            "problem": "/nothing", "refused": "/decisions?before=x", "mine": "/mine",
        }  # fmt: skip
        found: dict[tuple[str, str], str] = {}
        for role in ("applicant", "recruiter", "auditor", "admin"):
            visitor = Visitor(api, role)
            for name, path in seen.items():
                if role == "applicant" and "candidate=" in path:
                    path = path.replace(SET_ASIDE, PERSON).partition("&against")[0]
                answer = visitor.client.get(f"/pages{path}")
                found[role, name] = answer.text
        visitor = Visitor(api, "admin")
        for name, path, form in (
            ("review refused", f"/reviews/{case}", {"label": "upheld", "reason": ""}),
            ("rank refused", f"{one}/override", {"candidate": PERSON, "rank": "first"}),
            (
                "objection refused",
                f"{one}/objection",
                {"candidate": PERSON, "text": "x", "field:test_score": "y"},
            ),
            (
                "objection taken",
                f"{one}/objection",
                {"candidate": PERSON, "text": "x", "field:test_score": "91"},
            ),
            ("outcome refused", f"{one}/outcome", {"candidate": PERSON, "outcome": ""}),
            ("is it so", f"{one}/outcome", {"candidate": PERSON, "outcome": "hired", "sure": "7"}),
        ):
            found["admin", name] = visitor.post(path, form).text
        visitor.post("/sign-out", {})
        found["nobody", "sign in"] = visitor.get("/sign-in").text
        found["nobody", "wrong key"] = visitor.sign_in("candor_0123456789ab_" + "0" * 64).text
        yield found


def unsure():
    """A résumé whose label is uncertain."""
    from served_case import make_served

    from ranker.app.served.faults import BodyError

    served = make_served()
    for one in resumes(300):
        try:
            if served.classify({"resume": one})["uncertain"]:
                return one
        except BodyError:
            continue
    raise AssertionError("none is uncertain")


def watched(api):
    """Let the service follow its log, where monitoring is installed."""
    try:
        from ranker.app.monitoring.watching import Watcher
    except ImportError:
        return
    service = api.client.app.state.service
    watcher = Watcher(api.store, {"ranker": service.served.ranker, "classifier": service.served.classifier})
    watcher.open()
    watcher.look()
    object.__setattr__(service, "watcher", watcher)


def test_every_page_is_marked_up_for_whoever_does_not_see_it(pages):
    wrong = [f"{role}, {name}: {one}" for (role, name), html in pages.items() for one in faults(html)]
    assert not wrong, "\n".join(wrong)


def test_all_kinds_of_pages_were_looked_at(pages):
    templates = {path.stem for path in STYLE.parent.glob("*.html")} - {"base", "macros", "labelled"}
    assert len(pages) > len(PAGES) > len(templates) / 2
    # By their titles: no two kinds of pages have the same one.
    titles = {
        TITLE.search(html)[1] for (role, _), html in pages.items() if role in ("admin", "applicant", "nobody")
    }
    assert len(titles) >= len(templates)


def test_what_went_wrong_is_told_where_it_is_heard(pages):
    for (role, name), html in pages.items():
        told = "refused" in name or name in ("wrong", "wrong key", "is it so")
        if told and name != "refused" and role in ("admin", "nobody"):
            assert 'role="alert"' in html, name


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("<h2>b</h2>", "<h3>b</h3>", "h3 follows h1"),
        ("<h1>a</h1>", "<h1>a</h1><h1>b</h1>", "headings begin"),
        ('<label for="x">X</label>', "<label>X</label>", "has no name"),
        ("<legend>L</legend>", "", "is of no named group"),
        ('<th scope="col">H</th>', "<th>H</th>", "has no scope"),
        ('<th scope="col">H</th>', '<th scope="col"></th>', "is an empty head"),
        ("<td>2</td>", "", "1 cells under 2 heads"),
        ('<th scope="row">1</th>', "<td>1</td>", "has no head"),
        ("<caption>C</caption>", "", "has no name"),
        (' aria-hidden="true"', "", "neither named nor hidden"),
        ('lang="en"', "", "the language is not told"),
        ("<main id=", "<main><p></p></main><main id=", "2 <main>"),
        ('href="#content"', 'href="#nothing"', "does not lead to the content"),
        ('id="s"', 'id="x"', "is there 2 times"),
        ('aria-labelledby="s"', 'aria-labelledby="t"', "nothing is 't'"),
        ("<button>Send</button>", "", "cannot be sent"),
        ("<button>Send</button>", "<button></button>", "has no name"),
        ('name="token"', 'name="other"', "has no token"),
        ('role="region" ', "", "has no role"),
        ("</section>", "", "closes"),
        ('<nav aria-label="Pages">', '<nav aria-label="More"></nav><nav aria-label="More">', "2 times"),
        ("width=device-width", "width=device-width, user-scalable=no", "cannot be enlarged"),
    ],
)
def test_the_checks_see_what_is_wrong(good, bad, said):
    assert faults(PAGE) == []
    assert good in PAGE
    assert any(said in one for one in faults(PAGE.replace(good, bad, 1))), faults(PAGE.replace(good, bad, 1))


PAGE = """<!DOCTYPE html><html lang="en"><head><title>T – Candor</title>
<meta name="viewport" content="width=device-width"></head><body><a href="#content">Skip</a>
<header><nav aria-label="Pages"><a href="/pages">Start</a></nav></header>
<main id="content"><h1>a</h1><h2>b</h2><form method="post"><input type="hidden" name="token">
<label for="x">X</label><input id="x" name="x"><fieldset><legend>L</legend>
<input type="radio" id="y" name="y"><label for="y">Y</label></fieldset><button>Send</button></form>
<section aria-labelledby="s"><h2 id="s">S</h2><div role="region" aria-label="Scrolls" tabindex="0">text</div>
<table><caption>C</caption><thead><tr><th scope="col">H</th><th scope="col">I</th></tr></thead>
<tbody><tr><th scope="row">1</th><td>2</td></tr></tbody></table><svg aria-hidden="true"></svg></section>
</main></body></html>"""


def colours():
    """The colours of a page by day, by night and on paper."""
    css = STYLE.read_text(encoding="utf-8")
    found = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.S)
    ]
    assert len(found) == 3
    day, night, paper = found
    return {"day": day, "night": day | night, "paper": day | night | paper}


def ratio(one, other):
    """Contrast of two colours, by WCAG 2.2."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_what_wcag_says():
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("when", ["day", "night", "paper"])
def test_text_and_drawings_stand_out_from_their_ground(when):
    told = colours()[when]
    for ground in ("paper", "wash"):
        for text in ("ink", "quiet", "link", "alert"):
            assert ratio(told[text], told[ground]) >= 4.5, (text, ground)
        # WCAG 1.4.11: what is no text needs 3; nothing is focused on paper.
        for drawn in ("for", "against", "quiet", *(("focus",) if when != "paper" else ())):
            assert ratio(told[drawn], told[ground]) >= 3, (drawn, ground)
    if when != "paper":  # of a button, and of one that is pointed at
        assert ratio(told["on"], told["link"]) >= 4.5
        assert ratio(told["paper"], told["ink"]) >= 4.5
