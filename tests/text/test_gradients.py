"""Integrated Gradients: against arithmetic where the model is linear, by its own sum where it is not."""

import numpy as np
import pytest

from ranker.errors import ModelError, UsageError
from ranker.text.attribution import Tokens, Wrapped, attribute_text, pooled_outputs, probabilities

torch = pytest.importorskip("torch", reason="the extra 'text' is not installed")
pytest.importorskip("captum", reason="the extra 'text' is not installed")
pytestmark = pytest.mark.usefixtures("torch")

FIRST, LAST, MASK = 0, 1, 2
RESUME = (
    "Senior Java developer with 8 years of experience in Spring Boot, microservices and AWS.\n"
    "• Team lead for twelve people; speaks French and German.\n• Übung 数据科学 हिन्दी"
)


class Words:
    """Reads words, each by its first letter, between two special tokens; outputs are the subclass's."""

    name, labels, max_tokens = "words", ("first", "second"), 8

    def __init__(self):
        self.table = torch.randn(40, 3, generator=torch.Generator().manual_seed(5))
        self.largest_batch = 0

    def tokens(self, text):
        starts = [i for i, c in enumerate(text) if c != " " and (i == 0 or text[i - 1] == " ")]
        spans = [(i, i + len(text[i:].split(" ")[0])) for i in starts]
        return Tokens(tuple(3 + ord(text[i]) % 37 for i in starts), tuple(spans))

    def wrap(self, ids):
        return Wrapped((FIRST, *ids, LAST), tuple(range(1, 1 + len(ids))))

    def embed(self, ids):
        return self.table[ids]

    def baseline_ids(self, how):
        return {"mask": MASK, "pad": LAST, "empty": None}[how]

    def outputs(self, embeds, mask):
        self.largest_batch = max(self.largest_batch, len(embeds))
        return self.of(embeds, mask.to(embeds.dtype))


class Linear(Words):
    weights = np.array([[0.3, -1.2, 0.7], [2.0, 0.1, -0.4]])

    def of(self, embeds, mask):
        return (embeds * mask[..., None]).sum(1) @ torch.tensor(self.weights, dtype=embeds.dtype).T + 5


class Wavy(Words):
    def of(self, embeds, mask):
        return torch.sin(20 * embeds.sum((1, 2)))[:, None] * torch.tensor([1.0, 3.0])


class Jump(Words):
    """Moves within the first millionth of the way from a baseline of zeros."""

    def of(self, embeds, mask):
        total = embeds[:, 1:-1].sum((1, 2))
        return torch.stack([total / torch.sqrt(total**2 + 1e-14), total], dim=1)


@pytest.mark.parametrize("baseline", ["mask", "pad", "empty"])
@pytest.mark.parametrize("target", [0, 1])
def test_amounts_of_a_linear_model_are_weight_times_what_the_input_differs_by(baseline, target):
    model, text = Linear(), "alpha beta gamma delta"
    found = attribute_text(model, text, target=target, baseline=baseline)
    table = model.table.numpy().astype(float)
    zero = {"mask": table[MASK], "pad": table[LAST], "empty": np.zeros(3)}[baseline]
    expected = [(table[i] - zero) @ Linear.weights[target] for i in model.tokens(text).ids]
    np.testing.assert_allclose([t.amount for t in found.tokens], expected, atol=1e-5)
    assert [t.text for t in found.tokens] == text.split()
    assert found.reached
    assert found.label == model.labels[target]


def test_windows_are_pooled_by_the_tokens_that_each_adds():
    """Ten tokens in windows of six: 0-5 weigh .6, 4-9 weigh .4, and tokens 4 and 5 are in both."""
    model, text = Linear(), " ".join("abcdefghij")
    found = attribute_text(model, text, target="second")
    table = model.table.numpy().astype(float)
    ids = model.tokens(text).ids
    share = np.array([0.6] * 4 + [1.0] * 2 + [0.4] * 4)
    expected = share * ((table[list(ids)] - table[MASK]) @ Linear.weights[1])
    np.testing.assert_allclose([t.amount for t in found.tokens], expected, atol=1e-5)
    around = table[FIRST] + table[LAST]
    windows = [(around + table[list(ids[a:b])].sum(0)) @ Linear.weights.T + 5 for a, b in ((0, 6), (4, 10))]
    pooled = 0.6 * windows[0] + 0.4 * windows[1]
    np.testing.assert_allclose(found.outputs, pooled, atol=1e-4)
    np.testing.assert_allclose(pooled_outputs(model, [text])[0], pooled, atol=1e-4)
    assert found.output == found.outputs[1]
    assert found.windows == ((0, 11), (8, 19))


def test_the_predicted_label_is_explained_unless_another_is_asked_for():
    model = Linear()
    found = attribute_text(model, "a b c")
    assert found.target == np.argmax(found.outputs)
    other = attribute_text(model, "a b c", target=1 - found.target)
    assert other.label != found.label
    assert other.outputs == found.outputs


@pytest.mark.parametrize("name", ["tiny_gemma", "tiny_answerer"])
@pytest.mark.parametrize("baseline", ["mask", "pad", "empty"])
def test_amounts_add_up_on_a_gemma_shaped_model(name, baseline, request):
    model = request.getfixturevalue(name)
    found = attribute_text(model, RESUME, baseline=baseline)
    assert len(found.windows) > 1
    # A difference near 0 would make the test empty: the bound would be its floor.
    assert abs(found.difference) > 0.1
    assert found.bound == max(0.01 * abs(found.difference), 1e-3)
    total = sum(t.amount for t in found.tokens)
    assert abs(total - found.difference) <= found.bound
    assert found.delta == pytest.approx(total - found.difference, abs=1e-9)
    assert found.reached
    for pieces in (found.words(), found.phrases()):
        assert sum(p.amount for p in pieces) == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize("name", ["tiny_gemma", "tiny_answerer"])
def test_attribution_and_prediction_pool_alike(name, request):
    model = request.getfixturevalue(name)
    texts = [RESUME, "", "Java " * 100]
    expected = pooled_outputs(model, texts)
    for text, outputs in zip(texts, expected, strict=True):
        np.testing.assert_allclose(
            attribute_text(model, text, steps=1, max_steps=1).outputs, outputs, atol=1e-4
        )


def test_batches_of_texts_change_no_output(tiny_gemma):
    texts = ["Java", RESUME, "Nurse in two hospitals", "Java"]
    together = pooled_outputs(tiny_gemma, texts)
    alone = np.concatenate([pooled_outputs(tiny_gemma, [text], batch_tokens=1) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_steps_are_added_until_the_amounts_add_up():
    rough = attribute_text(Wavy(), "a b c", target=1, steps=4, max_steps=4)
    assert not rough.reached
    assert abs(rough.delta) > rough.bound
    assert rough.steps == 4
    fine = attribute_text(Wavy(), "a b c", target=1, steps=4)
    assert fine.reached
    assert 4 < fine.steps <= 800


def test_steps_are_placed_where_the_output_moves():
    spread = attribute_text(Jump(), "a b c", target=0, baseline="empty", steps=800, max_steps=800)
    placed = attribute_text(Jump(), "a b c", target=0, baseline="empty", steps=40, max_steps=800)
    assert abs(placed.difference) > 0.9
    assert not spread.reached
    assert placed.reached
    assert placed.steps <= 800


def test_a_bound_that_is_not_reached_is_said():
    found = attribute_text(Jump(), "a b c", target=0, baseline="empty", steps=10, max_steps=30)
    assert not found.reached
    assert found.steps == 30
    assert found.to_json()["reached"] is False
    assert found.to_json()["delta"] == found.delta


def test_memory_bounds_how_many_gradients_are_computed_at_once():
    free, tight = Linear(), Linear()
    of_free = attribute_text(free, "a b c", steps=20)
    of_tight = attribute_text(tight, "a b c", steps=20, memory_bytes=1)
    assert free.largest_batch == 20
    # Two rows are read together once, to learn what one takes.
    assert tight.largest_batch == 2
    np.testing.assert_allclose(
        [t.amount for t in of_free.tokens], [t.amount for t in of_tight.tokens], atol=1e-5
    )


def test_progress_ends_with_all_gradients_done():
    told = []
    attribute_text(Wavy(), "a b c", target=1, steps=4, progress=lambda done, of: told.append((done, of)))
    assert told[-1][0] == told[-1][1] > 4
    assert all(done <= of for done, of in told)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize("name", ["tiny_gemma", "tiny_answerer"])
def test_an_empty_text_has_an_output_and_no_amounts(name, request):
    found = attribute_text(request.getfixturevalue(name), "")
    assert found.tokens == found.words() == found.phrases() == ()
    assert (found.difference, found.delta, found.steps, found.reached) == (0.0, 0.0, 0, True)
    assert sum(found.probabilities) == pytest.approx(1)
    assert found.windows == ((0, 0),)


def test_a_text_without_tokens_is_an_empty_text():
    found = attribute_text(Linear(), "   ")
    assert found.tokens == ()
    assert found.windows == ((0, 3),)
    assert found.difference == 0


def test_a_very_long_word_is_read_to_its_end(tiny_gemma):
    word = "x" * 300
    found = attribute_text(tiny_gemma, word, steps=5, max_steps=5)
    assert len(found.windows) > 3
    assert (found.windows[0][0], found.windows[-1][1]) == (0, 300)
    assert [w.text for w in found.words()] == [word]


def test_letters_never_seen_keep_their_place(tiny_gemma):
    found = attribute_text(tiny_gemma, "Übung 数据 हिन्दी", steps=5, max_steps=5)
    assert [w.text for w in found.words()] == ["Übung", "数", "据", "हिन्दी"]
    assert all(t.text == found.text[t.start : t.end] for t in found.tokens)


def test_special_tokens_that_a_text_writes_out_are_text(tiny_gemma):
    ids = tiny_gemma.tokens("Java <eos> <pad> nurse").ids
    assert not {0, 1, 2} & set(ids)
    assert len(ids) > 8


def test_special_tokens_get_nothing():
    found = attribute_text(Linear(), "a")
    assert len(found.tokens) == 1
    assert found.tokens[0].amount == pytest.approx(found.difference, abs=1e-5)


def test_the_baselines_token_is_named(tiny_gemma):
    tokens = {how: attribute_text(tiny_gemma, "Java", baseline=how).baseline_token for how in ("mask", "pad")}
    # Gemma has no mask token: the unknown one stands in, and the result says so.
    assert tokens == {"mask": "<unk>", "pad": "<pad>"}
    assert attribute_text(tiny_gemma, "Java", baseline="empty").baseline_token == ""


def test_a_result_is_written_for_machines(tiny_gemma):
    import json

    found = attribute_text(tiny_gemma, RESUME)
    read = json.loads(json.dumps(found.to_json()))
    assert read["label"] == found.label == read["labels"][read["target"]]
    assert sum(t["amount"] for t in read["tokens"]) - read["difference"] == pytest.approx(read["delta"])
    assert {w["text"] for w in read["words"]} >= {"Java", "Spring", "AWS"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "frist"}, "no label 'frist'; did you mean 'first'"),
        ({"target": 2}, "no label 2: it has 2, counted from 0"),
        ({"target": -1}, "no label -1"),
        ({"baseline": "zero"}, "baseline 'zero' is not known"),
        ({"steps": 0}, "steps 0 must be at least 1"),
        ({"steps": 20, "max_steps": 10}, "at most max_steps 10"),
        ({"window_overlap": 1.0}, "window_overlap 1"),
    ],
)
def test_what_cannot_be_asked_is_refused(options, message):
    with pytest.raises(UsageError, match=message):
        attribute_text(Linear(), "a b", **options)


def test_an_output_that_is_no_number_is_refused():
    class Broken(Words):
        def of(self, embeds, mask):
            return embeds.sum((1, 2))[:, None] * torch.tensor([1.0, float("nan")])

    with pytest.raises(ModelError, match="no finite output"):
        attribute_text(Broken(), "a b", target=0)


def test_probabilities_are_over_the_labels_or_of_each():
    model = Linear()
    np.testing.assert_allclose(probabilities(model, np.log([[1.0, 3.0]])), [[0.25, 0.75]])
    np.testing.assert_allclose(probabilities(model, np.array([1e4, 0.0])), [1, 0])
    model.activation = "sigmoid"
    np.testing.assert_allclose(probabilities(model, np.array([[0.0, np.log(3)]])), [[0.5, 0.75]])
