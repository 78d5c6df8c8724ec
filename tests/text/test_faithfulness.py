"""Other explanations of a text, and whether the words that any of them puts first are those that count."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks import text_faithfulness
from benchmarks.text_faithfulness import IG, LOT, chosen, interval, summary
from ranker.errors import UsageError
from ranker.text.attribution.faithfulness import Curve, faithfulness
from ranker.text.attribution.masking import MaskableText
from ranker.text.attribution.models import Tokens, Wrapped
from ranker.text.attribution.others import attention, gradient_times_input, lime, occlusion
from ranker.text.attribution.words import word_spans

WEIGHTS = {"java": 2.0, "spring": 1.0, "and": 0.0, "cobol": -1.5}


@dataclass(frozen=True)
class Linear:
    """Two outputs: the sum of known weights of the words, over the window's length; and zero."""

    name: str = "linear"
    labels: tuple[str, ...] = ("yes", "no")
    max_tokens: int = 6

    def tokens(self, text: str) -> Tokens:
        spans = word_spans(text)
        known = list(WEIGHTS)
        return Tokens(tuple(1 + known.index(text[a:b].casefold()) for a, b in spans), spans)

    def wrap(self, ids: list[int]) -> Wrapped:
        return Wrapped((0, *ids, 0), tuple(range(1, len(ids) + 1)))

    def embed(self, ids: Any) -> Any:
        import torch

        # The last row is the mask's; the second number of each embedding counts for nothing.
        table = torch.tensor([[7.0, 1.0], *([w, -1.0] for w in WEIGHTS.values()), [0.5, 3.0]])
        return table[ids]

    def outputs(self, embeds: Any, mask: Any) -> Any:
        import torch

        total = (embeds[:, 1:-1, 0] * mask[:, 1:-1]).sum(1)
        return torch.stack([total, torch.zeros_like(total)], dim=1)

    def baseline_ids(self, how: str) -> int | None:
        return None if how == "empty" else 1 + len(WEIGHTS)


def amounts_of(words: Any) -> list[float]:
    return [word.amount for word in words]


@pytest.mark.parametrize(("baseline", "nothing"), [("mask", 0.5), ("empty", 0.0)])
def test_occlusion_of_a_linear_model_is_weight_less_baseline(captum: Any, baseline: Any, nothing: float):
    text = MaskableText.of(Linear(), "Java and Spring, Cobol", baseline=baseline)
    found = occlusion(text, 0)
    assert [word.text for word in found] == ["Java", "and", "Spring", "Cobol"]
    assert amounts_of(found) == pytest.approx([w - nothing for w in (2.0, 0.0, 1.0, -1.5)], abs=1e-6)


def test_gradient_times_input_of_a_linear_model_is_the_input(captum: Any):
    found = gradient_times_input(MaskableText.of(Linear(), "Java and Spring, Cobol"), 0)
    assert amounts_of(found) == pytest.approx([2.0, 0.0, 1.0, -1.5], abs=1e-6)


def test_lime_finds_the_weights_of_a_linear_model(torch: Any):
    text = MaskableText.of(Linear(), "Java and Spring, Cobol", baseline="empty")
    found = lime(text, 0, n_samples=3000)
    # A ridge pulls towards zero: by less the more texts are read.
    assert amounts_of(found) == pytest.approx([2.0, 0.0, 1.0, -1.5], abs=0.05)


def test_lime_with_the_same_random_state_is_the_same(torch: Any):
    text = MaskableText.of(Linear(), "Java and Spring, Cobol")
    once, again = (lime(text, 0, n_samples=20, random_state=3) for _ in range(2))
    assert once == again
    assert once != lime(text, 0, n_samples=20, random_state=4)


def test_lime_refuses_a_single_sample(torch: Any):
    with pytest.raises(UsageError, match="n_samples 1 must be at least 2"):
        lime(MaskableText.of(Linear(), "Java"), 0, n_samples=1)


def test_words_of_overlapping_windows_lose_what_the_pooled_output_loses(captum: Any):
    # Windows hold four words; the second one is weighted by the two that it adds.
    text = MaskableText.of(Linear(), "Java and Spring Cobol Java Spring", baseline="empty")
    assert len(text.parts) == 2
    n = len(text.words)
    whole = text.outputs(np.ones((1, n), dtype=bool))[0, 0]
    without = text.outputs(~np.eye(n, dtype=bool))[:, 0]
    assert amounts_of(occlusion(text, 0)) == pytest.approx((whole - without).tolist(), abs=1e-6)
    # First word: in the first window alone, which weighs 4/6.
    assert amounts_of(occlusion(text, 0))[0] == pytest.approx(2.0 * 4 / 6, abs=1e-6)


def test_an_explanation_that_knows_the_weights_has_the_best_curves(torch: Any):
    text = MaskableText.of(Linear(), "and Cobol Spring Java", baseline="empty")
    right = faithfulness(text, [0.0, -1.5, 1.0, 2.0], 0)
    wrong = faithfulness(text, [0.0, 1.5, -1.0, -2.0], 0)
    assert right.deletion.area < wrong.deletion.area
    assert right.insertion.area > wrong.insertion.area


def test_curves_begin_and_end_at_the_text_and_its_baseline(torch: Any):
    text = MaskableText.of(Linear(), "and Cobol Spring Java", baseline="empty")
    found = faithfulness(text, [0.0, -1.5, 1.0, 2.0], 0)
    whole, nothing = 1 / (1 + np.exp(-1.5)), 0.5
    assert found.deletion.shares == (0.0, 0.25, 0.5, 0.75, 1.0)
    ends = [curve.probabilities[i] for curve in (found.deletion, found.insertion) for i in (0, -1)]
    assert ends == pytest.approx([whole, nothing, nothing, whole])
    # Java goes first, then Spring, then "and", which weighs nothing.
    after = [1 / (1 + np.exp(-x)) for x in (1.5, -0.5, -1.5, -1.5, 0.0)]
    assert found.deletion.probabilities == pytest.approx(after)


def test_the_area_of_a_known_curve():
    assert Curve((0.0, 0.5, 1.0), (1.0, 0.5, 0.0)).area == pytest.approx(0.5)
    assert Curve((0.0, 0.2, 1.0), (1.0, 0.0, 0.0)).area == pytest.approx(0.1)


def test_fewer_points_than_words_still_reach_every_word(torch: Any):
    text = MaskableText.of(Linear(max_tokens=20), "Java and Spring Cobol Java Spring and")
    found = faithfulness(text, np.arange(7.0).tolist(), 0, points=3)
    assert len(found.deletion.shares) == 4
    assert (found.deletion.shares[0], found.deletion.shares[-1]) == (0.0, 1.0)


def test_a_text_without_words_has_flat_curves(captum: Any):
    text = MaskableText.of(Linear(), "")
    assert [method(text, 0) for method in (occlusion, gradient_times_input, lime)] == [(), (), ()]
    found = faithfulness(text, [], 0)
    assert found.deletion == found.insertion == Curve((0.0,), (0.5,))
    assert found.deletion.area == 0.5


@pytest.mark.parametrize(
    ("amounts", "points", "said"), [([1.0], 20, "1 amounts are not"), ([1.0, 2.0], 0, "points 0")]
)
def test_what_does_not_fit_is_refused(torch: Any, amounts: list[float], points: int, said: str):
    with pytest.raises(UsageError, match=said):
        faithfulness(MaskableText.of(Linear(), "Java Cobol"), amounts, 0, points=points)


def test_a_model_without_attention_says_so(torch: Any):
    with pytest.raises(UsageError, match="linear is no transformer"):
        attention(MaskableText.of(Linear(), "Java Cobol"), 0)


def test_words_are_those_of_the_attribution(tiny_gemma: Any):
    from ranker.text.attribution import attribute_text

    text = "Senior Java developer, 8 years of Spring-Boot;  naïve 数据 C++ and unbelievablylongword."
    of_ig = attribute_text(tiny_gemma, text, steps=2, max_steps=2).words()
    maskable = MaskableText.of(tiny_gemma, text)
    places = [(word.start, word.end) for word in of_ig]
    assert [(word.start, word.end) for word in maskable.words] == places
    assert sum(word.amount for word in maskable.words) == len(tiny_gemma.tokens(text).ids)
    for method in (occlusion, gradient_times_input, attention):
        assert [(word.start, word.end) for word in method(maskable, 0)] == places


def test_the_text_with_all_words_has_the_outputs_of_the_text(tiny_gemma: Any):
    from ranker.text.attribution import pooled_outputs

    text = " ".join(["Senior Java developer with 8 years of experience in Spring Boot and AWS."] * 6)
    maskable = MaskableText.of(tiny_gemma, text)
    assert len(maskable.parts) > 1
    found = maskable.outputs(np.ones((1, len(maskable.words)), dtype=bool))
    assert found == pytest.approx(pooled_outputs(tiny_gemma, [text]), abs=1e-5)


@dataclass(frozen=True)
class Attentive(Linear):
    """Says that it attended so: two heads of one layer."""

    heads: tuple[tuple[tuple[float, ...], ...], ...] = ()

    @property
    def module(self) -> Any:
        import torch

        def read(**_: Any) -> Any:
            return SimpleNamespace(attentions=(torch.tensor([self.heads]),))

        read.config = SimpleNamespace()  # type: ignore[attr-defined]
        return read


def test_attention_is_that_of_all_positions_and_heads(torch: Any):
    # Rows: from the special token, "Java", "Cobol", the special token at the end.
    one = ((0.1, 0.7, 0.1, 0.1),) * 4
    other = ((0.1, 0.3, 0.5, 0.1),) * 4
    model = Attentive(heads=(one, other))
    assert amounts_of(attention(MaskableText.of(model, "Java Cobol"), 0)) == pytest.approx([0.5, 0.3])


def test_attention_of_a_decoder_is_that_of_its_last_position(torch: Any):
    head = ((1.0, 0.0, 0.0, 0.0), (0.9, 0.1, 0.0, 0.0), (0.9, 0.05, 0.05, 0.0), (0.1, 0.2, 0.6, 0.1))
    model = Attentive(heads=(head, head))
    assert amounts_of(attention(MaskableText.of(model, "Java Cobol"), 0)) == pytest.approx([0.2, 0.6])


def test_attention_leaves_the_model_as_it_was(tiny_gemma: Any):
    before = tiny_gemma.module.config._attn_implementation
    text = MaskableText.of(tiny_gemma, "Senior Java developer")
    whole = np.ones((1, len(text.words)), dtype=bool)
    outputs = text.outputs(whole)
    attention(text, 0)
    assert tiny_gemma.module.config._attn_implementation == before
    assert text.outputs(whole) == pytest.approx(outputs, abs=1e-6)


def test_the_study_holds_each_way_against_the_order_by_lot_in_the_same_texts():
    def rows(text_id: int, area: float, lot: float) -> list[dict[str, Any]]:
        return [
            {"text_id": text_id, "way": IG, "seconds": 2.0, "deletion": area, "insertion": 1 - area},
            {"text_id": text_id, "way": LOT, "seconds": 0.0, "deletion": lot, "insertion": 1 - lot},
        ]

    ig, lot = summary([*rows(0, 0.1, 0.3), *rows(1, 0.5, 0.8)])
    assert (ig["way"], lot["way"], ig["texts"]) == (IG, LOT, 2)
    assert ig["deletion"]["area"] == pytest.approx(0.3)
    assert ig["deletion"]["less_lot"] == pytest.approx(-0.25)
    assert ig["insertion"]["less_lot"] == pytest.approx(0.25)
    low, high = ig["deletion"]["less_lot_interval"]
    assert (low, high) == pytest.approx((-0.3, -0.2))
    assert lot["deletion"]["less_lot_interval"] == (0.0, 0.0)


def test_the_interval_of_a_mean_is_near_that_of_the_normal_law():
    values = np.random.default_rng(1).normal(3.0, 2.0, 400)
    low, high = interval(values)
    half = 1.96 * values.std() / 20
    assert (low, high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.02)


def test_few_texts_are_taken_from_every_category_in_turn():
    table = pd.DataFrame({"text_id": range(6), "Category": list("aaabbc")})
    assert chosen(table, 4)["text_id"].tolist() == [0, 3, 5, 1]
    assert len(chosen(table, None)) == 6


def test_a_study_that_was_cut_off_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    studied: list[str] = []

    def study_text(_: Any, text: str, seed: int) -> list[dict[str, Any]]:
        studied.append(text)
        return [{"way": IG, "seconds": 1.0, "label": "a"}]

    monkeypatch.setattr(text_faithfulness, "study_text", study_text)
    table = pd.DataFrame({"text_id": [3, 5], "Resume": ["Java", "Spring"]})
    kept = tmp_path / "rows.jsonl"
    first = text_faithfulness.study(Linear(), table.head(1), kept)
    both = text_faithfulness.study(Linear(), table, kept)
    assert studied == ["Java", "Spring"]
    assert both[:1] == first
    assert [row["text_id"] for row in both] == [3, 5]
