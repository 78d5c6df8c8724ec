import json
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest
from explanation_case import HOSTILE, case, reranked

from explain import render
from explain.explanation import Explanation
from ranker.errors import DataError
from ranker.ranking import Ranking

AUDIENCES = ("candidate", "recruiter", "auditor", "developer")
JARGON = (
    "term", "terms", "EBM", "log-odds", "feature", "features", "intercept", "bin", "Shapley", "residual",
    "Duration", "BLAKE2b", "digest", "segment",
)  # fmt: skip


NAMES = (
    "first", "last", "tied", "at the cut-off", "gives nothing", "hostile", "alone", "moved", "shifted",
)  # fmt: skip


@cache
def cases() -> dict[str, Explanation]:
    c = case()
    pool = c.ranking.of("job-0").candidates
    moved = reranked(c.ranking, "job-0", [(6, 2), (9, 3)])
    return {
        "first": c.explain("job-0", pool[0]),
        "last": c.explain("job-0", pool[-1]),
        "tied": c.explain("job-0", "applicant-twin"),
        "at the cut-off": c.explain("job-0", pool[9]),
        "gives nothing": c.explain("job-0", "applicant-silent"),
        "hostile": c.explain("job-0", "applicant-hostile"),
        "alone": c.explain("job-lonely", "applicant-007"),
        "moved": c.explain("job-0", pool[5], ranking=moved),
        "shifted": c.explain("job-0", pool[3], ranking=moved, promise="Promised: equal exposure."),
    }


@pytest.fixture(params=NAMES)
def told(request):
    return cases()[request.param]


def text_for(e, audience="candidate"):
    """The text as one line, so that a phrase is found wherever it was wrapped."""
    return " ".join(render(e, audience=audience).split())


class Page(HTMLParser):
    """Notes the tags, and fails on one that is closed before it is opened."""

    VOID = ("meta", "br", "hr")

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("audience", AUDIENCES)
def test_text_fits_its_width_and_holds_no_control_characters(told, audience):
    lines = render(told, audience=audience).split("\n")
    assert max(map(len, lines)) <= 96
    assert all(character.isprintable() for line in lines for character in line)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_html_is_whole_and_fetches_nothing(told, audience):
    page = render(told, audience=audience, format="html")
    tags = Page(page).tags
    names = [name for name, _ in tags]
    assert dict(tags)["html"] == {"lang": "en"}
    assert names.count("h1") == 1
    assert "h2" in names
    assert not {"script", "link", "img", "iframe", "a", "form", "object"} & set(names)
    assert not {"src", "href", "onclick", "onload"} & {key for _, attrs in tags for key in attrs}
    assert not re.search(r"https?:|url\(|@import", page)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_html_escapes_what_the_record_holds(audience):
    page = render(cases()["hostile"], audience=audience, format="html")
    assert "<script" not in page
    assert "\x1b" not in page
    assert "<script>" in Page(page).text


@pytest.mark.parametrize("audience", AUDIENCES)
def test_json_is_strict_and_machines_find_what_they_read(told, audience):
    def refuse(constant):
        raise AssertionError(constant)

    document = json.loads(render(told, audience=audience, format="json"), parse_constant=refuse)
    for key in ("job", "candidate", "rank", "score", "intercept", "terms", "features", "fields", "moves"):
        assert key in document
    assert document["candidate"] == told.candidate
    for part in ("terms", "features", "fields"):
        assert document["intercept"] + sum(document[part].values()) == pytest.approx(
            document["score"], abs=1e-9
        )


def test_every_audience_sees_a_bar_beside_its_number(told):
    for audience in ("recruiter", "auditor"):
        assert re.search(r"[+-]\d\.\d+.*█", render(told, audience=audience))
    page = Page(render(told, audience="candidate", format="html"))
    assert ("div", {"class": "bar", "aria-hidden": "true"}) in page.tags


def test_the_candidate_reads_no_other_label_or_name(told):
    c = case()
    pool = c.ranking.of(told.job)
    for format in ("text", "html", "json"):
        page = render(told, format=format)
        for other in pool.candidates:
            if other != told.candidate:
                assert other not in page
                assert c.name_of(other) not in page


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("moved", "shifted")])
def test_what_the_candidate_reads_depends_on_nobody_elses_score(name):
    c, told = case(), cases()[name]
    scores = c.scorer.score(c.table)
    # The same order, other distances.
    others = told.score + 3 * (scores - told.score)
    ranking = Ranking.from_scores(others, job=c.records.job, candidate=c.records.candidate)
    again = c.explain(told.job, told.candidate, ranking=ranking)
    assert told.pool_size == 1 or again.neighbours != told.neighbours
    for format in ("text", "html", "json"):
        assert render(again, format=format) == render(told, format=format)


def test_what_the_candidate_reads_of_moves_depends_on_the_rule_alone():
    for name in ("moved", "shifted"):
        told = cases()[name]
        assert told.moves or told.shifts
        other = replace(
            told,
            moves=tuple(replace(move, reason="another") for move in told.moves),
            shifts=tuple(
                replace(m, candidate="another", from_rank=1, to_rank=2, reason="") for m in told.shifts
            ),
            promise="another",
        )
        assert render(other) == render(told)
        assert render(other, format="html") == render(told, format="html")
        assert "“fair_top”" in text_for(told)
        assert "lifts a group" not in text_for(told)
        assert "lifts a group" not in render(told, format="json")


def test_the_candidates_text_has_no_jargon(told):
    text = text_for(told).replace("full time", "").replace("part time", "")
    for word in JARGON:
        assert not re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE), word


def test_figures_for_the_candidate_have_two_decimals(told):
    text = text_for(told)
    assert f"score {told.score:.2f}" in text
    assert not re.search(r"[+-]\d+\.\d{3}", text)


@pytest.mark.parametrize("audience", ["candidate", "recruiter"])
def test_singular_and_plural_agree(told, audience):
    text = text_for(told, audience)
    assert not re.search(r"\b1 (people|persons|points|months|years|candidates|others)\b", text)
    assert not re.search(r"\b[02-9]\d* (person|point|month|year|candidate)\b", text)


def test_a_single_entry_and_several_are_told_apart():
    hostile, text = cases()["hostile"], text_for(cases()["hostile"])
    assert len(hostile.reasons) == 9
    assert "Without it, this would be" in text
    assert "Career gap: 1 month." in text
    assert "Without any of them, this would be" in text_for(cases()["first"])


def test_the_candidate_reads_what_matched_and_what_is_missing():
    for candidate in case().ranking.of("job-0").candidates:
        e = case().explain("job-0", candidate)
        if candidate == "applicant-hostile":
            continue
        text = text_for(e)
        for reason in e.reasons:
            for item in (*reason.matched, *reason.missing):
                assert item.split("\n")[0].replace("\x1b", " ") in text


def test_a_candidate_who_gives_nothing_is_told_what_to_give():
    text = text_for(cases()["gives nothing"])
    assert "Not given in your record: experience, test score," in text
    assert "Degree: the job asks for bachelor; your record does not say." in text
    assert "Languages: not given in your record; the job asks for Dutch or German." in text
    assert "add it to your record" in text


def test_a_record_that_could_not_be_read_is_said_to_the_candidate_and_the_recruiter():
    assert "Test score: your record says “<script>alert" in text_for(cases()["hostile"])
    assert "Could not be read: test score" in text_for(cases()["hostile"], "recruiter")


def test_a_tie_is_told_by_its_rule():
    tied = cases()["tied"]
    assert "exactly the same score as you" in text_for(tied)
    assert "by lot" in text_for(tied)
    assert "TIED" in text_for(tied, "recruiter")
    assert tied.tie_rule in text_for(tied, "auditor")
    assert "the eldest first" in text_for(replace(tied, tie_rule="Equal scores: the eldest first."))
    assert "same score" not in text_for(cases()["first"])


def test_a_move_is_told_with_the_ranks_on_both_sides():
    assert "you would be at rank 6. The rule “fair_top” then moved you from rank 6 to rank 2." in text_for(
        cases()["moved"]
    )
    assert "The rule “fair_top” moved others past you. You are now at rank 6." in text_for(cases()["shifted"])
    assert "lifts a group" in text_for(cases()["moved"], "recruiter")


def test_protected_characteristics_are_named_as_not_used():
    text = text_for(cases()["first"])
    assert "Protected characteristics were not used to work out your score (gender and origin)." in text
    assert "Neither were other personal details (name)." in text
    only = replace(cases()["first"], protected={})
    assert "Personal details were not used to work out your score (name)." in text_for(only)
    assert "may look at such characteristics" in text_for(cases()["moved"])
    bare = replace(cases()["first"], protected={}, sensitive={})
    assert "No protected characteristic is named" in text_for(bare)
    assert "declares no protected" in text_for(bare, "auditor")


def test_the_candidate_is_told_how_to_object(told):
    text = text_for(told)
    assert "have a person look at your application again" in text
    assert f"job {told.job}, your reference {told.candidate}, rank {told.rank} of {told.pool_size}" in text


def test_the_recruiter_reads_the_distance_to_the_cutoff_and_the_neighbours():
    first, last = cases()["first"], cases()["last"]
    text = text_for(first, "recruiter")
    assert (
        f"rank 10, the cut-off {first.cutoff_score:.3f} {first.score - first.cutoff_score:.3f} ahead" in text
    )
    assert f"{first.score - first.neighbours[1]:.3f} ahead" in text
    assert "next above" not in text
    assert f"{last.neighbours[0] - last.score:.3f} behind" in text_for(last, "recruiter")
    assert "Outside the top 10" in text_for(last, "recruiter")
    assert f"the cut-off {cases()['at the cut-off'].score:.3f} this candidate" in text_for(
        cases()["at the cut-off"], "recruiter"
    )


def test_a_distance_too_small_to_print_is_not_called_equal():
    first = cases()["first"]
    close = replace(first, neighbours=(None, first.score - 1e-7))
    assert "less than 0.001 ahead" in text_for(close, "recruiter")
    assert "equal" in text_for(replace(first, neighbours=(None, first.score)), "recruiter")


def test_the_auditor_reads_every_amount_deviation_rule_and_promise():
    e = cases()["shifted"]
    text = text_for(e, "auditor")
    for cell in e.cells:
        assert f"{cell.amount:.6f}" in text
        assert f"{cell.deviation:.6f}" in text
    for reason in e.reasons:
        assert reason.split_rule in text
    for path in e.sources:
        assert path in text
    assert "Promised: equal exposure." in text
    assert "Protected or sensitive among these: none." in text
    assert "Largest residual:" in text
    assert "lifts a group" in text
    assert "None was given" in text_for(cases()["first"], "auditor")


def test_the_developer_reads_values_bins_cells_and_raw_values_to_the_last_digit(told):
    text = render(told, audience="developer")
    for cell in told.cells:
        assert repr(cell.amount) in text
        assert f"[{', '.join(map(str, cell.bins))}]" in text
    for amount in told.fields.values():
        assert repr(amount) in text
    assert repr(told.score) in text
    assert "candidate.skills" in text


def test_the_candidates_json_holds_nothing_of_others(told):
    document = json.loads(render(told, format="json"))
    assert not {"neighbours", "cutoff_score", "certainty", "borderline", "context"} & set(document)
    assert {"neighbours", "cutoff_score", "certainty", "borderline", "context"} <= set(
        json.loads(render(told, audience="recruiter", format="json"))
    )
    assert all(set(move) == {"rule"} for move in document["shifts"])


def test_a_small_scale_gets_the_decimals_it_needs():
    first = cases()["first"]
    tiny = replace(
        first, reasons=tuple(replace(r, amount=r.amount / 1000, shares={}, base={}) for r in first.reasons)
    )
    strongest = tiny.reasons[0].amount
    assert abs(strongest) < 0.005
    assert f"({strongest:+.{4 if abs(strongest) >= 0.001 else 5}f})" in text_for(tiny)


def test_amounts_of_nothing_made_no_difference():
    first = cases()["first"]
    idle = replace(first, reasons=tuple(replace(r, amount=0.0, base={}) for r in first.reasons))
    text = text_for(idle)
    assert "What made no difference" in text
    assert "Nothing that was looked at counted for you." in text
    assert "Nothing that was looked at counted against you." in text
    assert "█" not in text_for(idle, "recruiter")


def test_unknown_audience_and_format_are_refused_with_a_hint():
    with pytest.raises(DataError, match="did you mean 'recruiter'"):
        render(cases()["first"], audience="recruter")
    with pytest.raises(DataError, match="did you mean 'html'"):
        render(cases()["first"], format="htm")


def test_functions_keep_their_names_after_their_modules_were_imported():
    import explain as package
    import explain.rendering
    import explain.why

    assert explain.rendering.render is package.render
    assert explain.why.explain is package.explain
    assert package.Explanation is Explanation
    assert {"explain", "render", "Explanation"} <= set(dir(package))
    with pytest.raises(AttributeError, match="no attribute 'expalin'"):
        package.expalin  # noqa: B018


def test_the_hostile_text_is_as_hostile_as_it_says():
    assert "<script>" in HOSTILE
    assert not HOSTILE.isprintable()


def test_the_recruiter_reads_how_sure_the_rank_is_and_a_flag_where_it_could_be_either():
    for job, candidate in case().pairs()[:60]:
        e = case().explain(job, candidate)
        text = text_for(e, "recruiter")
        assert e.certainty.rank_low <= e.rank_by_score <= e.certainty.rank_high
        assert e.borderline == (e.certainty.rank_low <= e.top_k < e.certainty.rank_high)
        assert ("BORDERLINE" in text) == e.borderline
        assert f"differ by {e.certainty.deviation:.3f}" in text
        assert "BORDERLINE" not in text_for(e)


def test_a_scorer_without_bags_says_why_it_is_not_known_how_sure_a_rank_is():
    c = case()
    bare = replace(c.scorer, bagged_intercept=None)
    e = replace(c, scorer=bare).explain("job-0", "applicant-twin")
    assert e.certainty is None
    assert e.borderline is None
    assert "Not known: the scorer keeps no bags" in text_for(e, "recruiter")


def test_what_a_missing_thing_would_have_brought_is_said_to_candidate_and_recruiter():
    for candidate in case().ranking.of("job-1").candidates:
        e = case().explain("job-1", candidate)
        text, told = text_for(e), text_for(e, "recruiter")
        for reason in e.reasons:
            for item, gain in reason.gains.items():
                assert item in reason.missing or item == reason.evidence["required"]
                if item.isprintable():
                    assert f"{item} (would have brought" in told or f"{item} would have brought" in told
                    assert f"would be {abs(gain):.2f} " in text or "would be the same" in text


def test_groups_in_the_job_are_for_the_auditor_alone():
    e = case().explain("job-0", "applicant-twin", context=["gender woman: 12 in the pool."])
    for audience in AUDIENCES:
        assert ("12 in the pool" in text_for(e, audience)) == (audience == "auditor")
    assert "12 in the pool" not in render(e, format="json")


def test_what_cleaning_made_of_a_value_is_shown_beside_what_is_written():
    c = case()
    e = c.explain("job-0", "applicant-hostile")
    assert [fate.field for fate in e.cleaning] == ["candidate.test"]
    assert "not a number" in text_for(e, "auditor")
    clamped = tuple(
        replace(r, evidence={"written": 120.0, "used": 100.0, "minimum": 0, "maximum": 100})
        if r.name == "gap" else r
        for r in e.reasons
    )  # fmt: skip
    text = text_for(replace(e, reasons=clamped))
    assert "Your record says 120. Anything above 100 counts as 100." in text
