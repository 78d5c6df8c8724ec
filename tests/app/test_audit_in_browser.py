"""The audit pages in a real browser: headless Chromium lays them out, a probe on each measures it."""

import json
import re
import shutil
import subprocess
from html import unescape
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from audit_case import machine, one_objective, small_model, without_constraint, written

from ranker.app.task import read_task
from ranker.app.training import train

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PROBE = Path(__file__).with_name("audit_probe.js")
PAGES = ("model", "ranking", "counts")
WIDE, PHONE = 1200, 360
SHEET = 673  # CSS pixels between the margins of A4: 178 mm at 96 to the inch
LATEST = 300  # seconds, after which a browser hangs, on a busy machine too

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed (apt-get install chromium)"
)


def chromium(profile, *arguments):
    """Run headless Chromium without a network; return what it printed and what it logged."""
    found = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            f"--user-data-dir={profile}", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--enable-logging=stderr", *arguments,
        ],
        capture_output=True, text=True, timeout=LATEST, check=True,
    )  # fmt: skip
    return found.stdout, found.stderr


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The three kinds of pages, as the command writes them."""
    folder = tmp_path_factory.mktemp("pages")
    model = small_model(folder, one_objective, n_jobs=16)
    model.save(folder / "model")
    task = folder / "second.toml"
    task.write_text(without_constraint(model.task.text), encoding="utf-8")
    train(read_task(task)).save(folder / "second")
    out = {name: folder / f"{name}.html" for name in PAGES}
    machine(
        "audit", folder / "model", "--compare", folder / "second", "--out", out["model"], "--date", "2026-11-21"
    )  # fmt: skip
    rng = np.random.default_rng(0)
    rows = [
        {"job": f"position {job}", "candidate": f"{job}-{i}", "score": rng.normal(), "relevance": i % 2}
        for job in range(25)
        for i in range(20)
    ]
    people = [
        {
            "candidate": row["candidate"],
            "sex": "FM"[i % 2],
            "race": rng.choice(["a long name", "B", "C", "D"]),
        }
        for i, row in enumerate(rows)
    ]
    ranking, groups = written(folder, rows, people)
    machine("audit", "--ranking", ranking, "--groups", groups, "--out", out["ranking"])
    counts = [
        {"attribute": attribute, "group": f"{attribute} {i}", "selected": 3 + i, "total": 40}
        for attribute in ("sex", "race", "sex and race")
        for i in range(4)
    ]
    pd.DataFrame(counts).to_csv(folder / "counts.csv", index=False)
    machine("audit", "--counts", folder / "counts.csv", "--out", out["counts"])
    return out


FAULTS = """<script>
window.candorName = %s; window.candorSheet = %s; window.candorFaults = [];
addEventListener("error", function (event) { candorFaults.push("error: " + event.message); });
addEventListener("unhandledrejection", function (event) { candorFaults.push("rejection: " + event.reason); });
addEventListener("securitypolicyviolation", function (event) { candorFaults.push("policy: " + event.blockedURI); });
["error", "warn"].forEach(function (level) {
  var told = console[level];
  console[level] = function () {
    candorFaults.push(level + ": " + Array.prototype.join.call(arguments, " "));
    told.apply(console, arguments);
  };
});
</script>"""


# Everything that these tests look for, done wrong, so that none of them can pass for want of sight.
FAULTY = """<html><head><meta http-equiv="Content-Security-Policy"
content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'">
<style>@media print { table { width: 900px; } }</style></head><body>
<p style="color: #999999">faint</p><div style="width: 2000px">wide</div>
<div style="overflow-x: auto; width: 100px"><div style="width: 300px">scrolls</div></div>
<div role="img" aria-label="never drawn"></div><details><summary>closed</summary>more</details>
<nav><a href="#nowhere">nowhere</a></nav><h1>one</h1><h3>three</h3><table><tr><th></th></tr></table>
<img src="picture.png"><script>console.error("told"); throw new Error("thrown");</script></body></html>"""


@pytest.fixture(scope="module")
def laid_out(pages, tmp_path_factory):
    """What the probe found on each page, as wide as a screen, a phone and a sheet of paper."""
    folder = tmp_path_factory.mktemp("probed")
    frames = []
    texts = {name: path.read_text(encoding="utf-8") for name, path in pages.items()}
    for name, text in {**texts, "faulty": FAULTY}.items():
        for width in (WIDE, PHONE, SHEET):
            key = f"{name} {width}"
            start = FAULTS % (json.dumps(key), json.dumps(width == SHEET))
            probed = text.replace("<head>", f"<head>{start}", 1)
            end = probed.rindex("</body>")
            probed = f"{probed[:end]}<script>{PROBE.read_text(encoding='utf-8')}</script>{probed[end:]}"
            file = folder / f"{name}-{width}.html"
            file.write_text(probed, encoding="utf-8")
            frames.append(
                f'<iframe src="{file.name}" width="{width}" height="900" style="border:0"></iframe>'
            )
    outer = folder / "outer.html"
    outer.write_text(
        """<!doctype html><meta charset="utf-8"><pre id="found"></pre><script>
        var found = {};
        addEventListener("message", function (event) {
          found[event.data.name] = event.data.found;
          document.getElementById("found").textContent = JSON.stringify(found);
        });
        </script>"""
        + "\n".join(frames),
        encoding="utf-8",
    )
    out, _ = chromium(
        folder / "profile",
        "--virtual-time-budget=40000",
        "--window-size=1400,900",
        "--dump-dom",
        outer.as_uri(),
    )
    told = re.search(r'<pre id="found">(.*?)</pre>', out, re.DOTALL)
    return json.loads(unescape(told[1]))


@pytest.fixture(params=[f"{name} {width}" for name in PAGES for width in (WIDE, PHONE)])
def seen(laid_out, request):
    assert request.param in laid_out, f"the probe of {request.param} never answered"
    return laid_out[request.param]


def test_nothing_fails_and_nothing_is_asked_of_anybody(seen):
    assert seen["faults"] == []
    assert seen["loads"] == []


def test_the_probe_sees_what_is_wrong(laid_out):
    found = laid_out[f"faulty {PHONE}"]
    assert sorted(fault.partition(":")[0] for fault in found["faults"]) == ["error", "error", "policy"]
    assert [text.split()[1] for text in found["faint"]] == ["faint"]
    assert [text.split()[1] for text in found["wider"]] == ["wide"]
    assert found["scrollWidth"] > found["width"]
    assert [(one["focus"], one["label"]) for one in found["scrolled"]] == [(-1, None)]
    assert found["plots"] == [{"label": "never drawn", "svgs": 0, "marks": 0}]
    assert found["led"] == [{"href": "#nowhere", "section": False, "reached": False}]
    assert found["headings"] == [[1, "one"], [3, "three"]]
    assert found["tables"] == [{"caption": "", "heads": 1, "scoped": 0, "empty": 1}]
    printed = laid_out[f"faulty {SHEET}"]["printed"]
    assert printed["closed"] == 1
    assert printed["widest"] > printed["sheet"] == SHEET


def asked_for(page, folder):
    """Return what a page asked any host for, by the browser's own log of its network."""
    folder.mkdir()
    log = folder / "net.json"
    _, said = chromium(
        folder / "profile", f"--log-net-log={log}", "--virtual-time-budget=8000", "--dump-dom", page.as_uri()
    )
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    found = [event.get("params", {}) for event in events]
    # Every request tells who began it; what the browser asks of its own accord, no page began.
    return {
        one["url"]
        for one in found
        if str(one.get("url", "")).startswith(("http", "ws", "ftp"))
        and one.get("initiator", "not an origin") != "not an origin"
    }, [line for line in said.splitlines() if "CONSOLE" in line]


def test_the_log_of_the_network_names_no_host(pages, tmp_path):
    curious = tmp_path / "curious.html"
    curious.write_text(
        "<img src='http://example.org/x'><script>console.log('said')</script>", encoding="utf-8"
    )
    asked, said = asked_for(curious, tmp_path / "curious")
    assert asked == {"http://example.org/x"}
    assert len(said) >= 1
    assert asked_for(pages["model"], tmp_path / "model") == (set(), [])


def test_every_plot_is_drawn(seen):
    for plot in seen["plots"]:
        assert plot["svgs"] >= 1, plot["label"]
        assert plot["marks"] >= 3, plot["label"]
    assert all(plot["label"] for plot in seen["plots"])


def test_the_model_page_has_plots_and_the_others_need_none(laid_out):
    assert len(laid_out[f"model {WIDE}"]["plots"]) > 5


def test_contents_lead_to_every_section(seen):
    assert len(seen["led"]) >= 5
    for link in seen["led"]:
        assert link["section"], link["href"]
        assert link["reached"], link["href"]


def test_headings_are_nested_without_gaps(seen):
    levels = [level for level, _ in seen["headings"]]
    assert levels[0] == 1
    assert levels.count(1) == 1
    for (before, _), (after, text) in pairwise(seen["headings"]):
        assert after <= before + 1, text


def test_every_table_says_what_it_is_and_what_its_heads_are_of(seen):
    assert seen["tables"]
    for table in seen["tables"]:
        assert table["caption"]
        assert table["heads"] == table["scoped"] > 0, table["caption"]
        assert table["empty"] == 0, table["caption"]


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name(seen):
    for region in seen["scrolled"]:
        assert region["focus"] == 0, region["what"]
        assert region["label"], region["what"]


def test_something_scrolls_on_a_phone(laid_out):
    assert laid_out[f"model {PHONE}"]["scrolled"]


def test_the_keyboard_comes_to_the_skip_link_first(seen):
    assert seen["focusable"][0]["skip"]
    # Whatever is above 0 jumps the queue.
    assert {one["order"] for one in seen["focusable"]} == {0}


def test_a_screen_reader_finds_its_landmarks(seen):
    assert seen["landmarks"] == [1, 1, 1]
    assert seen["language"] == "en"
    assert seen["title"].startswith("Audit: ")


def test_no_page_is_wider_than_its_screen(seen):
    assert seen["wider"] == []
    assert seen["scrollWidth"] <= seen["width"]


def test_text_stands_out_from_what_is_behind_it(seen):
    assert seen["faint"] == []


@pytest.mark.parametrize("name", PAGES)
def test_paper_shows_all_that_a_click_would_open(laid_out, name):
    found = laid_out[f"{name} {SHEET}"]
    assert found["printed"]["closed"] == 0
    assert found["reopened"] == 0


@pytest.mark.parametrize("name", PAGES)
def test_everything_fits_the_sheet(laid_out, name):
    printed = laid_out[f"{name} {SHEET}"]["printed"]
    assert printed["over"] == [], f"{printed['widest']:.0f} of {printed['sheet']} pixels"


@pytest.mark.parametrize(("name", "pages_at_most"), [("model", 80), ("ranking", 40), ("counts", 12)])
def test_a_printed_report_has_a_sane_number_of_pages(pages, tmp_path, name, pages_at_most):
    out = tmp_path / "report.pdf"
    chromium(
        tmp_path / "profile", "--virtual-time-budget=8000", "--no-pdf-header-footer", f"--print-to-pdf={out}",
        pages[name].as_uri(),
    )  # fmt: skip
    counts = [int(n) for n in re.findall(rb"/Count (\d+)", out.read_bytes())]
    assert 2 <= max(counts) <= pages_at_most


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_the_colours_of_the_style_sheet_can_be_told_from_paper():
    folder = Path(__file__).parents[2] / "ranker" / "app" / "report" / "templates"
    colours = dict(
        re.findall(r"--([\w-]+): (#[0-9a-f]{6})", (folder / "report.css").read_text(encoding="utf-8"))
    )
    for text in ("ink", "muted", "after", "holds", "fails", "undecided"):
        for behind in ("paper", "wash"):
            light, dark = sorted((luminance(colours[text]), luminance(colours[behind])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{text} on {behind}"
