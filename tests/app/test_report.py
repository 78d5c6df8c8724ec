import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from audit_case import Page, small_model, without_constraint

from explain.bins import bin_labels, chunks
from fairness.change import shape_changes
from fairness.groups import Groups
from fairness.metrics import exposure, exposure_gap, selection_rate
from ranker.app.evaluation import evaluate
from ranker.app.model import Model
from ranker.app.objectives import POSITIONS, REFITTED, why_chosen
from ranker.app.report import audit_figures, audit_page
from ranker.app.report.audited import Audited, withheld_groups
from ranker.app.report.frontier import frontier_plot, reach_of
from ranker.app.report.gap import best_served, measure_gaps, measure_pairs, pool_weights
from ranker.app.report.people import count_people
from ranker.app.report.series import TERM_SERIES
from ranker.app.report.tables import pair_rows, shape_rows
from ranker.app.report.treatment import measure_exposure
from ranker.errors import DataError
from ranker.records import Usage
from ranker.scoring.score_parts import ScoreParts

# Each would run, or reach out, if it stood on the page as it stands here.
HOSTILE_TITLE = 'Hostile <script>alert(1)</script> & "quoted"'
HOSTILE_LABEL = "gap</script><img src=http://example.org/x onerror=alert(2)>"
HOSTILE_GROUP = "woman<b onmouseover=alert(3)>"
SECTIONS = [
    "data", "people", "training", "quality", "treatment", "rates", "impact", "measures", "certificate",
    "frontier", "gap", "effects", "proxies", "swaps", "shapes", "candidate", "labels", "robustness",
    "oversight", "laws", "limits",
]  # fmt: skip
# What there is nothing of where no attribute of people is protected.
OF_GROUPS = {"rates", "impact", "effects", "proxies"}


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    """A model that gave something up for its constraint, with hostile words wherever a person may write."""
    directory = tmp_path_factory.mktemp("hostile")

    def edit(text):
        people = directory / "candidates.jsonl"
        rows = people.read_text(encoding="utf-8").replace('"woman"', json.dumps(HOSTILE_GROUP))
        people.write_text(rows, encoding="utf-8")
        text = text.replace('measure = "exposure"', 'measure = "selection_rate"\ntop_k = 5')
        label = f'name = "gap"\nlabel = {json.dumps(HOSTILE_LABEL)}\n'
        text = re.sub(r'name = "gap"\n(label = .*\n)?', lambda _: label, text)
        return re.sub(r'title = ".*"', lambda _: f"title = {json.dumps(HOSTILE_TITLE)}", text, count=1)

    model = small_model(directory, edit)
    model.save(directory / "model")
    figures = audit_figures(model)
    return model, figures, audit_page(model, figures), directory


@pytest.fixture(scope="module")
def page(audited):
    return Page(audited[2])


def test_page_asks_no_host_for_anything(page):
    loads = [value for name in ("src", "href", "action", "data", "poster") for value in page.values(name)]
    assert loads
    assert all(value.startswith("#") for value in loads)
    policy = next(v for v in page.values("content") if "default-src" in v)
    assert "default-src 'none'" in policy
    assert "http" not in policy
    styles = "".join(page.text["style"])
    assert "url(" not in styles
    assert "@import" not in styles


def test_page_holds_plotly_exactly_once(audited):
    assert audited[2].count("plotly.js v") == 1


def test_every_tag_is_closed_and_every_id_is_single(page):
    assert page.unbalanced == []
    assert page.open == []
    ids = page.values("id")
    assert len(ids) == len(set(ids))


def test_every_link_has_its_target_and_every_section_its_link(page):
    links = {value.removeprefix("#") for value in page.values("href")}
    assert links <= set(page.values("id"))
    assert set(SECTIONS) <= links
    assert [given["id"] for tag, given in page.tags if tag == "section"] == SECTIONS


def test_every_plot_has_its_element_and_words_for_those_who_do_not_see_it(audited, page):
    drawn = set(re.findall(r'Plotly\.newPlot\(\s*"(plot-[\w-]+)"', audited[2]))
    assert drawn == {value for value in page.values("id") if value.startswith("plot-")}
    assert {"plot-ratios", "plot-frontier", "plot-gap-0", "plot-shape-0", "plot-pair-0-correction"} <= drawn
    told = [given for tag, given in page.tags if given.get("role") == "img"]
    assert len(told) == len(drawn)
    assert all(given["aria-label"] for given in told)


def test_hostile_words_are_shown_and_never_run(audited, page):
    assert "img" not in {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, given in page.tags for name in given)
    assert HOSTILE_TITLE in "".join(page.text["h1"])
    assert any(HOSTILE_GROUP in text for text in page.text["th"])
    # Inside a script neither the end tag nor a tag that plotly would draw may stand.
    scripts = "".join(text for text in page.text["script"] if "newPlot" in text and len(text) < 1_000_000)
    assert "<b onmouseover" not in scripts
    assert "\\u003cb onmouseover" not in scripts
    assert "&lt;b onmouseover" in scripts


def test_page_is_a_document_that_screen_readers_can_walk(page):
    assert ("html", {"lang": "en"}) in page.tags
    assert [tag for tag, _ in page.tags].count("h1") == 1
    tables = [tag for tag, _ in page.tags].count("table")
    assert tables == [tag for tag, _ in page.tags].count("caption") > 10
    assert all(given.get("scope") for tag, given in page.tags if tag == "th")


def test_same_model_gives_the_same_page_to_the_byte(audited):
    _, figures, page, directory = audited
    again = Model.load(directory / "model")
    assert audit_figures(again) == figures
    assert audit_page(again, figures) == page


def test_figures_are_strict_json(audited):
    figures = audited[1]
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert {"groups", "selection", "exposure", "certificate", "gap_by_field", "in_words"} <= set(figures)


def test_quality_and_ratios_are_those_of_evaluate(audited):
    model, figures = audited[:2]
    test = evaluate_again(model)
    for name, theirs in (("before", "unconstrained"), ("after", "fair")):
        for k in ("10", "50"):
            found = figures["ndcg"]["intervals"][name][k]
            assert found["value"] == pytest.approx(test[theirs]["ndcg"][k], abs=1e-12)
            low, high = found["interval"]
            assert low <= found["value"] <= high
        exposed = figures["exposure"][name]["exposure_ratio"]["value"]
        assert exposed == pytest.approx(test[theirs]["exposure_ratio"], abs=1e-12)
        selected = figures["selection"][name]["impact_ratio"]["value"]
        assert selected == pytest.approx(test[theirs]["impact_ratio"]["10"], abs=1e-12)


def evaluate_again(model):
    audited = Audited.of(model)
    table = model.task.features.compute(audited.everyone)
    groups = Groups.from_values(audited.everyone.at("candidate.gender", "text"), attribute="candidate.gender")
    scorers = {"unconstrained": model.unconstrained, "fair": model.scorer}
    return evaluate(scorers, table, audited.everyone, audited.parts, groups)["test"]


def test_gap_by_field_adds_up_to_the_score_gap(audited):
    model, figures = audited[:2]
    gap, data = figures["gap_by_field"], Audited.of(model)
    scorers = {"before": model.unconstrained, "after": model.scorer}
    for name, scorer in scorers.items():
        assert set(gap[name]) == set(gap["total"][name])
        for group, amounts in gap[name].items():
            direct = plain_gap(scorer.score(data.table), data.records.job, data.groups, group)
            assert sum(amounts.values()) == pytest.approx(direct, abs=1e-9)
            assert gap["total"][name][group] == pytest.approx(direct, abs=1e-9)
            assert sum(gap["by_feature"][name][group].values()) == pytest.approx(direct, abs=1e-9)
    assert gap["residual"] < 1e-9
    assert set(next(iter(gap["after"].values()))) == {feature.subject for feature in model.task.features}


def plain_gap(scores, job, groups, group):
    """The definition, one job after another."""
    code = groups.labels.index(group)
    total = weight = 0.0
    for label in np.unique(job):
        pool = job == label
        inside = pool & (groups.codes == code)
        if inside.any() and len(set(groups.codes[pool]) - {-1}) >= 2:
            total += pool.sum() * (scores[inside].mean() - scores[pool].mean())
            weight += pool.sum()
    return total / weight


def test_a_group_that_is_nowhere_compared_has_no_gap():
    groups = Groups("g", ("a", "b", "c"), np.array([0, 0, 1, 2, 0], dtype=np.int32))
    weights = pool_weights(np.array(["x", "x", "y", "z", "z"], dtype=object), groups)
    assert np.isnan(weights["b"]).all()
    np.testing.assert_allclose(weights["a"], [0, 0, 0, -0.5, 0.5])


def test_each_group_is_split_against_the_best_served_one(audited):
    model, figures = audited[:2]
    gap, data = figures["gap_by_field"], Audited.of(model)
    served = exposure_gap(data.rankings["before"], data.groups).drop([*gap["withheld"], *data.small])
    best = gap["best_served"]
    assert best == served.idxmax()
    told = [pair["first"] for pair in gap["pairs"]]
    others = {group for group, n in data.groups.counts().items() if n} - {best}
    assert set(told) == others - {*gap["withheld"], *gap["pairs_withheld"]}
    assert HOSTILE_GROUP in {*told, best}
    for pair in gap["pairs"]:
        assert pair["second"] == best
        for name, scorer in (("before", model.unconstrained), ("after", model.scorer)):
            direct = plain_pair_gap(
                scorer.score(data.table), data.records.job, data.groups, pair["first"], best
            )
            for level in ("terms", "features", "fields"):
                assert sum(pair[name][level].values()) == pytest.approx(direct, abs=1e-9)
            assert pair[name]["total"] == pytest.approx(direct, abs=1e-9)
            assert pair[name]["residual"] <= gap["residual"] < 1e-9
            assert list(pair[name]["terms"]) == list(scorer.term_names)


def plain_pair_gap(scores, job, groups, first, second):
    """The definition, one job after another."""
    names, total, weight = groups.names(), 0.0, 0.0
    for label in np.unique(job):
        pool = job == label
        one, other = pool & (names == first), pool & (names == second)
        if one.any() and other.any():
            total += pool.sum() * (scores[one].mean() - scores[other].mean())
            weight += pool.sum()
    return total / weight


def test_a_pair_with_few_members_in_common_jobs_is_withheld():
    # Eight of each group, and of group c four in jobs of its own.
    job = np.array(["x"] * 20 + ["y"] * 4, dtype=object)
    groups = Groups("g", ("a", "b", "c"), np.array([0] * 8 + [1] * 8 + [2] * 8, dtype=np.int32))
    pairs, few = measure_pairs(job, groups, {"before": NOTHING, "after": NOTHING}, "a", [])
    assert [(pair["first"], pair["members"]) for pair in pairs] == [("b", {"b": 8, "a": 8})]
    assert few == ["c"]
    assert measure_pairs(job, groups, {"before": NOTHING, "after": NOTHING}, "a", ["b"]) == ([], ["c"])


NOTHING = ScoreParts(np.zeros(24), (), (), np.zeros((24, 0)), np.zeros((24, 0)))


def test_the_best_served_group_is_no_small_one_if_there_is_another(audited):
    data = Audited.of(audited[0])
    served = exposure_gap(data.rankings["before"], data.groups).dropna().sort_values(ascending=False)
    first, second = served.index[:2]
    assert best_served(replace(data, small=()), []) == first
    assert best_served(replace(data, small=(first,)), []) == second
    assert best_served(replace(data, small=()), [first]) == second
    assert best_served(replace(data, small=tuple(served.index)), []) == first
    assert best_served(data, list(served.index)) is None


def test_groups_add_up_to_all_pairs_with_the_undisclosed_counted(audited):
    model, figures = audited[:2]
    pairs = sum(part["pairs"] for part in figures["split"]["parts"].values())
    for counts in figures["groups"].values():
        assert sum(counts["all"].values()) == pairs
        assert sum(counts["test"].values()) == figures["split"]["parts"]["test"]["pairs"]
        assert list(counts["all"])[-1] == "(undisclosed)"
    assert set(figures["groups"]) == set(model.task.protected)


def test_an_attribute_with_many_values_is_summed_up(audited):
    data = Audited.of(audited[0])
    fields = dict(data.model.task.features.fields)
    fields["candidate.email"] = replace(fields["candidate.email"], usage=Usage.PROTECTED)
    task = replace(data.model.task, features=replace(data.model.task.features, fields=fields))
    counts = count_people(replace(data, model=replace(data.model, task=task)))["candidate.email"]["all"]
    assert not any("@" in label for label, n in counts.items() if n < 5)
    assert any(label.endswith("further values)") for label in counts)
    assert len(counts) <= 22
    assert sum(counts.values()) == len(data.everyone)


def test_groups_of_single_persons_are_withheld_where_a_mean_would_tell_of_them(audited):
    data = Audited.of(audited[0])
    codes = np.zeros(len(data.records), dtype=np.int32)
    codes[::2], codes[1] = 1, 2
    groups = Groups("candidate.gender", ("a", "b", "rare"), codes)
    assert withheld_groups(groups) == ["rare"]
    alone = replace(data, groups=groups, small=("rare",))
    found = measure_exposure(alone)
    assert found["after"]["exposure"]["rare"] is None
    assert found["after"]["exposure"]["a"] == pytest.approx(exposure(data.rankings["after"], groups)["a"])
    gaps = measure_gaps(alone)
    assert "rare" not in gaps["after"]
    assert "rare" not in {gaps["best_served"], *(pair["first"] for pair in gaps["pairs"])}
    assert found["small"] == ["rare"]
    assert found["after"]["without_small"]["value"] >= found["after"]["exposure_ratio"]["value"]


def test_selection_counts_are_those_of_the_metric(audited):
    data, found = Audited.of(audited[0]), audited[1]["selection"]
    rates = selection_rate(data.rankings["after"], data.groups, top_k=10)
    for group, rate in rates.items():
        assert found["after"]["selection_rate"][group] == pytest.approx(rate)
        assert found["after"]["selected"][group] == round(rate * found["after"]["candidates"][group])


def test_no_feature_reads_a_field_that_is_kept_out(audited):
    inputs = audited[1]["inputs"]
    kept_out = {field["path"] for field in inputs["kept_out"]}
    assert {"candidate.gender", "candidate.name", "application.relevance"} <= kept_out
    for feature in inputs["features"]:
        assert not {source["path"] for source in feature["sources"]} & kept_out
        assert {source["usage"] for source in feature["sources"]} <= {"default", "optional"}
    assert inputs["scorer_reads_these_only"]


def test_scores_walk_back_to_raw_fields(audited):
    conservation = audited[1]["conservation"]
    assert conservation["holds"]
    assert conservation["largest_residual"] < 1e-9
    assert conservation["pairs"] == min(200, conservation["pairs_in_all"])
    assert conservation["order_replays"]


def test_explanation_quotes_no_protected_value(audited):
    model, figures = audited[:2]
    explained = figures["explained"]
    data = Audited.of(model)
    pair = np.flatnonzero(
        (data.records.job == explained["job"]) & (data.records.candidate == explained["candidate"])
    )
    for path in model.task.protected:
        value = data.records.at(path, "text")[pair[0]]
        assert value is None or not re.search(rf"\b{re.escape(value)}\b", explained["text"])
    assert data.rankings["after"].rank_of(explained["job"], explained["candidate"]) == 1


def test_frontier_marks_the_multiplier_that_ships(audited):
    model, figures = audited[:2]
    chosen = [row for row in figures["frontier"] if row["chosen"]]
    assert len(chosen) == 1
    assert chosen[0]["multiplier"] == model.certificate["multiplier"]
    assert figures["frontier"][0]["multiplier"] == 0


def test_a_changed_file_is_told(audited):
    model, figures = audited[:2]
    assert all(source["unchanged"] for source in figures["sources"].values())
    told = {**figures, "sources": {k: {**s, "unchanged": False} for k, s in figures["sources"].items()}}
    assert "file has changed" in audit_page(model, told)
    assert "file has changed" not in audited[2]


def test_files_without_the_pairs_of_training_are_refused(audited):
    model = audited[0]
    with pytest.raises(DataError, match="no longer hold the pairs"):
        audit_figures(replace(model, parts=model.parts.assign(job="elsewhere")))


def test_page_names_the_command_that_made_it(audited):
    model, figures, page, _ = audited
    assert "candor audit MODEL/ --out report.html" in page
    assert "candor audit m --out here.html" in audit_page(
        model, {**figures, "command": "candor audit m --out here.html"}
    )


def test_page_without_a_constraint(tmp_path):
    model = small_model(tmp_path, without_constraint)
    figures = audit_figures(model)
    page = Page(audit_page(model, figures))
    assert figures["certificate"] is None
    assert figures["frontier"] is None
    assert figures["unchanged"]
    assert figures["exposure"]["before"] == figures["exposure"]["after"]
    assert page.unbalanced == []
    assert [given["id"] for tag, given in page.tags if tag == "section"] == SECTIONS
    paragraphs = "".join(page.text["p"])
    assert "no promise and no certificate" in paragraphs
    assert "no multiplier was tried" in paragraphs
    assert "states no fairness constraint" in paragraphs


def test_page_without_protected_attributes(tmp_path):
    model = small_model(
        tmp_path, lambda text: without_constraint(text).replace('usage = "protected"', 'usage = "sensitive"')
    )
    figures = audit_figures(model)
    page = Page(audit_page(model, figures))
    assert figures["groups"] == {}
    assert figures["selection"] is figures["exposure"] is figures["gap_by_field"] is None
    assert json.loads(json.dumps(figures, allow_nan=False)) == figures
    assert page.unbalanced == []
    assert page.sections() == [name for name in SECTIONS if name not in OF_GROUPS]
    assert "no group is compared" in figures["in_words"]
    assert {value.removeprefix("#") for value in page.values("href")} <= set(page.values("id"))


def test_a_corrected_term_is_drawn_before_corrected_by_and_after(audited):
    scripts = [
        text for text in Page(audited[2]).text["script"] if "newPlot" in text and len(text) < 1_000_000
    ]
    shapes = [text for text in scripts if '"plot-shape-' in text]
    corrected = [
        row for row in audited[1]["importance"] if len(row["features"]) == 1 and row["correction"] > 1e-9
    ]
    assert corrected
    drawn = [text for text in shapes if all(f'"name":"{name}"' in text for name in TERM_SERIES)]
    assert len(drawn) == len(corrected)


def test_terms_stand_in_the_order_of_their_correction(audited):
    model, figures, page, _ = audited
    labels = {feature.name: feature.label for feature in model.task.features}
    order = [c.features[0] for c in shape_changes(model.unconstrained, model.scorer) if len(c.features) == 1]
    headings = [text for text in Page(page).text["h3"] if text in labels.values()]
    assert headings == [labels[name] for name in order]
    sizes = {c.name: c.size for c in shape_changes(model.unconstrained, model.scorer)}
    assert {row["term"]: row["correction"] for row in figures["importance"]} == sizes


def test_rows_of_a_shape_hold_all_training_rows(audited):
    model = audited[0]
    for shape in shape_changes(model.unconstrained, model.scorer):
        labels = [bin_labels(level, axis, {}) for level, axis in zip(shape.levels, shape.axes, strict=True)]
        assert tuple(map(len, labels)) == shape.after.shape
        rows = shape_rows(shape, labels[0]) if len(labels) == 1 else pair_rows(shape, labels)
        assert sum(row["share"] for row in rows) == pytest.approx(1.0)
        if len(labels) == 1:
            assert rows[0]["names"] == ("missing",)
        for row in rows:
            assert row["before"] + row["correction"] == pytest.approx(row["after"], abs=1e-12)


@pytest.mark.parametrize("weights", [[5.0, 0, 0, 1, 1, 1], [0.0] * 6, [0, 0, 0, 0, 0, 9.0], [1.0]])
def test_chunks_cover_all_bins_once(weights):
    runs = chunks(np.array(weights), 3)
    assert [i for run in runs for i in range(run.start, run.stop)] == list(range(len(weights)))
    assert len(runs) <= 3
    assert all(run.stop > run.start for run in runs)


def test_frontier_without_a_measure_is_null(audited):
    model = audited[0]
    frontier = model.frontier.assign(gap=np.nan)
    figures = audit_figures(replace(model, frontier=frontier))
    assert {row["gap"] for row in figures["frontier"]} == {None}
    assert isinstance(frontier, pd.DataFrame)
    assert Page(audit_page(model, figures)).unbalanced == []


def judged(audited, **changes):
    """Return the page of the same model with another certificate."""
    model, figures = audited[:2]
    certificate = {**figures["certificate"], **changes}
    told = {**figures, "certificate": certificate, "certificates": [certificate]}
    page = Page(audit_page(model, told))
    assert page.unbalanced == []
    return " ".join(" ".join(page.text[tag]) for tag in ("p", "td", "strong", "dd", "span"))


DIFFERENCE = {
    "measure": "exposure",
    "attribute": ["candidate.gender"],
    "bound": 0.05,
    "kind": "difference",
    "top_k": None,
}
RATIO = {**DIFFERENCE, "bound": 0.8, "kind": "ratio"}


@pytest.mark.parametrize(
    ("constraint", "interval", "left_open"),
    [(DIFFERENCE, [0.01, 0.0964], "9.6 %"), (RATIO, [0.612, 0.95], "0.612")],
)
def test_a_promise_that_holds_as_measured_says_what_the_data_do_not_rule_out(
    audited, constraint, interval, left_open
):
    shown = {
        "constraint": constraint,
        "measured": 0.02,
        "interval": interval,
        "verdict": "holds",
        "sure": False,
    }
    text = judged(audited, **shown)
    assert "Holds as measured." in text
    assert f"these data do not rule out {left_open}" in text
    assert f"as measured; {left_open} is not ruled out" in text
    text = judged(audited, **{**shown, "sure": True})
    assert "and so does the whole interval" in text
    assert "Holds as measured." not in text
    assert "is not ruled out" not in text


@pytest.mark.parametrize(
    ("verdict", "measured", "said"),
    [
        ("fails", 0.3, "breaks the bound, and so does the whole interval"),
        ("undecided", 0.07, "the interval reaches across it"),
        ("undecided", None, "the promise could not be measured"),
    ],
)
def test_a_promise_that_does_not_hold_says_how(audited, verdict, measured, said):
    text = judged(audited, verdict=verdict, measured=measured, sure=verdict == "fails")
    assert said in text
    assert "The measured value keeps the bound" not in text
    assert "is not ruled out" not in text


def frontier_of(*rows):
    """Rows of a frontier: position, NDCG@10, gap; the second one was chosen."""
    names = ("multiplier", "ndcg", "gap")
    return [{**dict(zip(names, row, strict=True)), "chosen": i == 1} for i, row in enumerate(rows)]


def test_large_multiples_do_not_squash_the_frontier():
    rows = frontier_of(
        (0, 0.93, 0.08), (0.8, 0.92, 0.05), (1.0, 0.921, 0.048), (1.4, 0.90, 0.03), (64, 0.31, 0.7)
    )
    figure = frontier_plot(rows, DIFFERENCE)
    low, high = figure.layout.yaxis.range
    assert 0.85 < low < 0.90
    assert 0.93 < high < 1
    assert figure.layout.xaxis.range[1] < 0.1
    assert len(figure.data[0].x) == len(rows)  # those beyond are out of the picture, not out of the data
    assert reach_of(rows) == 1.6


def test_the_frontier_is_drawn_as_far_as_the_chosen_position_and_its_bound():
    rows = frontier_of((0, 0.93, 0.6), (32, 0.50, 0.7), (64, 0.31, 0.72))
    figure = frontier_plot(rows, RATIO)
    assert figure.layout.yaxis.range[0] < 0.31
    low, high = figure.layout.xaxis.range
    assert low < 0.6 < 0.8 < high
    nothing = frontier_plot([{**row, "gap": None} for row in rows], DIFFERENCE)
    assert nothing.layout.xaxis.range[1] >= DIFFERENCE["bound"]


def test_the_page_explains_positions_and_tells_what_was_tried(audited):
    model, figures, text, _ = audited
    paragraphs = "".join(Page(text).text["p"])
    training = figures["training"]
    assert POSITIONS.get(training["way"], REFITTED) in paragraphs
    assert why_chosen(training) in paragraphs
    headings = Page(text).text["th"]
    assert f"{training['objective']} (chosen)" in headings
    assert {row["objective"] for row in training["objectives"]} <= {
        h.removesuffix(" (chosen)") for h in headings
    }
    for way, said in {**POSITIONS, "refitted": REFITTED}.items():
        rows = [{**row, "way": way} for row in training["objectives"]]
        told = {**figures, "training": {**training, "way": way, "objectives": rows}}
        assert said in "".join(Page(audit_page(model, told)).text["p"])
