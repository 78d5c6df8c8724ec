"""What people and machines are shown of an attribution to words."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from explain.text import render_text_attribution
from explain.text.drawing import BARS_END, BARS_START, word_plot
from explain.text.palette import DARK, DEPTHS, LIGHT, depth
from explain.text.strongest import strongest_words
from ranker.errors import DataError
from ranker.text.attribution.result import TextAttribution, TokenAmount
from ranker.text.attribution.words import word_spans

EXAMPLE = "Senior Java developer with 8 years of experience in Spring Boot, microservices and AWS."
AMOUNTS = (0.3, 2.0, 0.7, 0.0, -0.1, 0.05, 0.0, 0.1, 0.0, 0.9, 0.4, -1.2, 0.01, -0.5)


def attribution(
    text: str = EXAMPLE, amounts: tuple[float, ...] = AMOUNTS, **changed: object
) -> TextAttribution:
    spans = word_spans(text)
    tokens = tuple(TokenAmount(text[a:b], a, b, x) for (a, b), x in zip(spans, amounts, strict=True))
    found = TextAttribution(
        text=text,
        model="MODEL/",
        labels=("Java Developer", "HR", "Chef"),
        outputs=(3.0, 1.0, 0.5),
        probabilities=(0.87, 0.09, 0.04),
        target=0,
        baseline="mask",
        baseline_token="[MASK]",
        output=3.0,
        baseline_output=0.3405,
        tokens=tokens,
        delta=sum(amounts) - (3.0 - 0.3405),
        bound=0.0266,
        reached=True,
        steps=50,
        windows=((0, len(text)),),
    )
    return replace(found, **changed)  # type: ignore[arg-type]


def page(found: TextAttribution) -> str:
    return render_text_attribution(found, format="html")


class Shown(HTMLParser):
    """What a page holds: its tags with attributes, and the text of one element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._within: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "p":
            self._within = [dict(attrs).get("class") or ""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._within = []

    def handle_data(self, data: str) -> None:
        for name in self._within:
            self.texts[name] = self.texts.get(name, "") + data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def luminance(colour: str) -> float:
    # WCAG 2.2, relative luminance.
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_read_on_every_colour(theme):
    for colour in (theme.paper, *theme.raises, *theme.lowers):
        low, high = sorted((luminance(colour), luminance(theme.ink)))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_colours_deepen_in_equal_steps_and_stop_at_the_deepest():
    assert [depth(x, 1.0) for x in (0.0, 0.04, 0.05, 0.21, -0.41, 0.61, -0.81, 1.0, 7.0)] == [
        0, 0, 1, 2, 3, 4, 5, DEPTHS, DEPTHS
    ]  # fmt: skip
    assert depth(0.0, 0.0) == 0


def test_the_page_shows_the_whole_text_as_written():
    text = 'Java &amp; <b>AWS</b>\n\tled "4" people\n'
    found = Shown(page(attribution(text, (1.0, 0.5, -0.2, 0.3, 0.1, 0.0, 0.0, 0.4))))
    assert found.texts["text"] == text


def test_the_page_runs_and_fetches_nothing_even_if_the_text_asks_for_it():
    evil = "</p><script>alert(1)</script> <img src=//x.example/y> ' onmouseover=alert(2) \x1b[31m \u202egnp"
    amounts = tuple(0.1 * (i + 1) for i in range(len(word_spans(evil))))
    html = page(attribution(evil, amounts, labels=("<i>A</i>", 'B"', "C")))
    found = Shown(html)
    assert not {"script", "img", "link", "iframe", "i"} & {tag for tag, _ in found.tags}
    assert not [a for _, attrs in found.tags for a in attrs if a.startswith("on") or a in ("src", "srcset")]
    assert [a["href"] for a in found.of("a")] == ["#words"]
    assert "default-src 'none'" in html
    assert not set("\x1b\u202e") & set(html)


def test_words_say_by_more_than_colour_which_way_they_point():
    html = page(attribution())
    spans = re.findall(r'<span class="(\w+) d(\d)" title="([^"]+)">([^<]+)</span>', html)
    known = {text: (side, int(deep), amount) for side, deep, amount, text in spans}
    assert known["Java"] == ("raises", 5, "+2.00")
    assert known["microservices"] == ("lowers", 4, "-1.20")
    assert "and" not in known
    # Solid or dashed: the same without colours.
    assert "2px solid var(--raises)" in html
    assert "2px dashed var(--lowers)" in html


def test_the_plot_is_drawn_to_one_scale_with_both_signs_and_is_told_in_words():
    html = page(attribution())
    svg = ElementTree.fromstring(re.search(r"<svg.*?</svg>", html, re.S)[0])
    bars = [bar for bar in svg.iter("rect") if (bar.get("class") or "").startswith("bar-")]
    widths = [float(bar.get("width")) for bar in bars]
    assert [bar.get("class") for bar in bars[:2]] == ["bar-raises", "bar-lowers"]
    assert widths[1] / widths[0] == pytest.approx(1.2 / 2.0, abs=0.01)
    zero = float(svg.find("line").get("x1"))
    assert float(bars[0].get("x")) == pytest.approx(zero)
    assert float(bars[1].get("x")) + widths[1] == pytest.approx(zero, abs=0.02)
    assert svg.find("desc").text.startswith("Java +2.00, microservices -1.20, Spring +0.90,")


def test_bars_stay_within_the_plot_whatever_the_signs():
    for signs in ((1.0, 1.0, 1.0), (-1.0, -1.0, -1.0), (1.0, -1.0, 1.0), (0.0, 0.0, 0.0)):
        words = [TokenAmount(w, 0, 1, x * (i + 1)) for i, (w, x) in enumerate(zip("abc", signs, strict=True))]
        for row in word_plot(strongest_words(words, 2)).rows:
            assert BARS_START - 1e-9 <= row.x <= row.x + row.width <= BARS_END + 1e-9


def test_strongest_words_and_all_others_sum_to_all():
    words = [TokenAmount(w, 0, 1, x) for w, x in (("Java", 1.0), ("tea", 0.2), ("java", 0.5), ("oil", -0.9))]
    found = strongest_words(words, 2)
    assert [(word.label, word.amount) for word in found.words] == [("Java ×2", 1.5), ("oil", -0.9)]
    assert (found.others.label, found.others.amount) == ("1 other word", 0.2)
    assert strongest_words(words, 3).others is None


def test_the_page_discloses_how_exact_the_amounts_are():
    html = page(attribution())
    for said in ("50 steps", "0.00050", "0.027", "MODEL/", "[MASK]", "2.6595", "2.6600", "one window"):
        assert said in html, said


def test_a_small_error_is_written_out():
    html = page(attribution(delta=-0.0000581))
    assert "off by -0.000058," in html
    assert "e-05" not in html


@pytest.mark.parametrize("form", ["html", "text"])
def test_a_bound_that_was_not_reached_is_said(form):
    said = render_text_attribution(attribution(reached=False, delta=0.4, steps=800), format=form)
    assert "MORE than the bound of" in " ".join(said.split())
    assert "within the bound" not in said


def test_another_label_than_the_answer_is_told_from_it():
    found = attribution(target=1)
    assert "The model gives HR a probability of 9.0 %; its own answer is Java Developer, 87.0 %." in page(
        found
    )


def test_probabilities_near_the_ends_are_not_rounded_to_certainty():
    sure = attribution(probabilities=(0.99999, 0.00001, 0.0))
    assert "more than 99.9 %" in page(sure)
    assert "less than 0.1 %" in page(sure)
    assert "100" not in render_text_attribution(sure)


def test_who_cannot_see_the_page_gets_every_word_as_a_table_that_a_link_leads_to():
    html = page(attribution())
    table = html[html.index('id="words"') :]
    rows = re.findall(r'<th scope="row" dir="auto">([^<]+)</th><td class="number">([^<]+)</td>', table)
    assert [word for word, _ in rows] == [EXAMPLE[a:b] for a, b in word_spans(EXAMPLE)]
    assert rows[1] == ("Java", "+2.00")
    ids = [attrs["id"] for _, attrs in Shown(html).tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    assert {"plot-title", "plot-said"} <= set(ids)


def test_ids_of_scrolling_tables_are_reachable_by_keyboard_and_named():
    regions = [a for a in Shown(page(attribution())).of("div") if a.get("class") == "wide"]
    assert regions
    assert all(a["tabindex"] == "0" and a["role"] == "region" and a["aria-label"] for a in regions)


def test_the_same_attribution_gives_the_same_page():
    assert page(attribution()) == page(attribution())


def test_the_terminal_shows_a_line_and_a_short_list():
    said = render_text_attribution(attribution()).splitlines()
    assert said[0] == "Java Developer, word by word"
    assert "The model answers Java Developer, with a probability of 87.0 %." in said
    listed = [line.split("  ")[0] for line in said if "│" in line and "against" not in line]
    assert listed[:3] == ["Java", "microservices", "Spring"]
    assert listed[-1] == "4 other words"
    assert max(map(len, said)) <= 96


def test_small_amounts_keep_two_digits():
    found = attribution("Java tea", (0.0012, -0.00034), output=0.001, baseline_output=0.0, delta=0.0)
    said = render_text_attribution(found)
    assert "+0.0012" in said
    assert "-0.0003" in said


@pytest.mark.parametrize("form", ["html", "text", "json"])
def test_a_text_without_words_is_told_and_not_drawn(form):
    said = render_text_attribution(attribution(" \n", (), delta=0.0, steps=0), format=form)
    if form == "json":
        assert json.loads(said)["words"] == []
    else:
        assert "The text has no words" in said
        assert "<svg" not in said


def test_machines_get_strict_json_with_all_that_is_known():
    found = json.loads(render_text_attribution(attribution(), format="json"))
    assert found["label"] == "Java Developer"
    assert found["reached"] is True
    assert sum(word["amount"] for word in found["words"]) == pytest.approx(
        found["difference"] + found["delta"]
    )
    assert {"delta", "bound", "steps", "baseline", "windows", "phrases", "tokens"} <= set(found)


def test_an_unknown_format_is_refused_with_the_one_that_was_meant():
    with pytest.raises(DataError, match="did you mean 'html'"):
        render_text_attribution(attribution(), format="htlm")
