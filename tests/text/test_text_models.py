"""Classifiers and writers of the transformers library, read from directories as they are saved there."""

import shutil

import numpy as np
import pytest
from tiny_models import save_tiny

from ranker.errors import ModelError, UsageError
from ranker.text.attribution import LabelAnswerer, SequenceClassifier, attribute_text, pooled_outputs

pytestmark = pytest.mark.usefixtures("captum")
TEXT = "Registered nurse, five years in two hospitals"


def wrapped(model, text=TEXT):
    return list(model.wrap(list(model.tokens(text).ids)).ids)


def test_a_classifiers_outputs_are_the_models_own_logits(tiny_gemma, torch):
    ids = torch.tensor([wrapped(tiny_gemma)])
    with torch.no_grad():
        expected = tiny_gemma.module(input_ids=ids).logits[0].numpy()
    np.testing.assert_allclose(pooled_outputs(tiny_gemma, [TEXT])[0], expected, atol=1e-5)
    assert np.ptp(expected) > 0.1


def test_a_classifiers_labels_are_its_configs(tiny_gemma):
    assert tiny_gemma.labels == ("engineer", "nurse", "accountant")
    assert tiny_gemma.max_tokens == 64


def test_a_classifiers_outputs_can_be_named(tiny_gemma_path):
    assert SequenceClassifier(tiny_gemma_path, labels=["dev", "care", "books"]).labels == (
        "dev",
        "care",
        "books",
    )
    with pytest.raises(ModelError, match="number of labels"):
        SequenceClassifier(tiny_gemma_path, labels=["dev", "care"])


def test_a_window_holds_the_special_tokens_and_knows_the_texts_own(tiny_gemma):
    ids = list(tiny_gemma.tokens(TEXT).ids)
    found = tiny_gemma.wrap(ids)
    assert found.ids == (2, *ids)
    assert [found.ids[i] for i in found.own] == ids


@pytest.mark.parametrize("name", ["tiny_gemma", "tiny_answerer"])
def test_rows_that_are_filled_up_are_read_as_if_alone(name, request, torch):
    model = request.getfixturevalue(name)
    short, long = wrapped(model, "Java"), wrapped(model)
    filled = torch.tensor([long, short + [0] * (len(long) - len(short))])
    mask = torch.tensor([[1] * len(long), [1] * len(short) + [0] * (len(long) - len(short))])
    with torch.no_grad():
        together = model.outputs(model.embed(filled), mask)
        alone = model.outputs(model.embed(torch.tensor([short])), torch.ones(1, len(short), dtype=torch.long))
    np.testing.assert_allclose(together[1].numpy(), alone[0].numpy(), atol=1e-4)


def test_an_answers_output_is_the_log_probability_of_all_its_tokens(tiny_answerer, torch):
    prompt = wrapped(tiny_answerer)
    with torch.no_grad():
        for label, answer in enumerate(tiny_answerer.answers):
            expected = 0.0
            for i, token in enumerate(answer):
                logits = tiny_answerer.module(input_ids=torch.tensor([prompt + list(answer[:i])])).logits
                expected += float(torch.log_softmax(logits[0, -1], dim=0)[token])
            assert pooled_outputs(tiny_answerer, [TEXT])[0, label] == pytest.approx(expected, abs=1e-3)
            assert len(answer) > 1


def test_a_prompt_surrounds_every_window_and_keeps_its_place_in_the_baseline(tiny_answerer):
    read = tiny_answerer.tokenizer.decode(wrapped(tiny_answerer))
    assert read == f"<bos>Resume: {TEXT}\nCategory:"
    own = tiny_answerer.wrap(list(tiny_answerer.tokens(TEXT).ids)).own
    assert tiny_answerer.tokenizer.decode([wrapped(tiny_answerer)[i] for i in own]) == TEXT


def test_answers_can_be_given_in_the_models_own_words(tiny_writer_path):
    model = LabelAnswerer(
        tiny_writer_path, ["dev", "nurse"], prompt="{text} ", answers={"dev": "Java developer"}
    )
    assert [model.tokenizer.decode(list(a)) for a in model.answers] == ["Java developer", "nurse"]


def test_where_one_answer_begins_another_both_are_closed(tiny_writer_path):
    model = LabelAnswerer(tiny_writer_path, ["Java", "Java developer"], prompt="{text}:")
    assert [a[-1] for a in model.answers] == [1, 1]


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        (["one"], {}, "two or more, not 1"),
        (["a", "b", "a"], {}, "'a' is given twice"),
        (["a", "b"], {"prompt": "Category:"}, "must hold {text} once, not 0"),
        (["nurse", "b"], {"answers": {"nurze": "x"}}, "no label; did you mean 'nurse'"),
        (["a", "b"], {"answers": {"a": ""}}, "answer for label 'a' has no tokens"),
        (["a", "b"], {"answers": {"a": "x", "b": "x"}}, "'a' and 'b' have the same answer"),
        (["a", "b"], {"max_tokens": 300}, "at most 256 tokens"),
    ],
)
def test_labels_and_prompts_that_do_not_fit_are_refused(tiny_writer_path, labels, options, message):
    with pytest.raises(UsageError, match=message):
        LabelAnswerer(tiny_writer_path, labels, **options)


def test_a_prompt_that_leaves_no_room_is_refused(tiny_writer_path):
    model = LabelAnswerer(tiny_writer_path, ["a", "b"], prompt="Java " * 30 + "{text}", max_tokens=20)
    with pytest.raises(UsageError, match="leaves none for the text"):
        attribute_text(model, "Java")


def test_an_encoder_is_read_like_a_decoder(tmp_path):
    model = SequenceClassifier(
        save_tiny(tmp_path / "bert", "BertForSequenceClassification", "BertConfig", num_labels=2)
    )
    found = attribute_text(model, TEXT)
    assert found.reached
    assert abs(found.difference) > 0.05
    assert model.max_tokens == 256


def test_positions_that_begin_after_padding_shorten_the_window(tmp_path):
    options = {"num_labels": 2, "max_position_embeddings": 34, "pad_token_id": 1}
    folder = save_tiny(tmp_path / "roberta", "RobertaForSequenceClassification", "RobertaConfig", **options)
    model = SequenceClassifier(folder)
    assert model.max_tokens == 32
    assert attribute_text(model, TEXT * 3, steps=2, max_steps=2).windows[-1][1] == len(TEXT * 3)
    with pytest.raises(UsageError, match="at most 32 tokens: max_tokens 33"):
        SequenceClassifier(folder, max_tokens=33)


def test_labels_that_do_not_exclude_each_other_have_probabilities_of_their_own(tmp_path):
    options = {"num_labels": 2, "problem_type": "multi_label_classification"}
    model = SequenceClassifier(save_tiny(tmp_path / "several", "GemmaForSequenceClassification", **options))
    found = attribute_text(model, TEXT, steps=2, max_steps=2)
    expected = 1 / (1 + np.exp(-np.array(found.outputs)))
    np.testing.assert_allclose(found.probabilities, expected)


def test_a_decoder_without_a_padding_token_is_read_in_batches(tmp_path):
    folder = save_tiny(
        tmp_path / "unpadded", "GemmaForSequenceClassification", pad_token_id=None, num_labels=2
    )
    assert attribute_text(SequenceClassifier(folder), TEXT).reached


def test_a_model_that_gives_a_number_is_refused(tmp_path):
    options = {"num_labels": 1, "problem_type": "regression"}
    folder = save_tiny(tmp_path / "number", "GemmaForSequenceClassification", **options)
    with pytest.raises(UsageError, match="gives a number, not labels"):
        SequenceClassifier(folder)


def test_a_model_without_a_trained_head_is_refused(tiny_writer_path):
    with pytest.raises(ModelError, match="holds no trained classification head"):
        SequenceClassifier(tiny_writer_path)


def test_a_directory_that_is_not_there_is_an_error_in_words(tmp_path):
    with pytest.raises(ModelError, match="give a directory, or the name of a model"):
        SequenceClassifier(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_directory_with_an_altered_file_is_an_error_in_words(tiny_gemma_path, tmp_path, name):
    folder = tmp_path / "altered"
    shutil.copytree(tiny_gemma_path, folder)
    (folder / name).write_bytes(b"{not this")
    with pytest.raises(ModelError, match="cannot be read"):
        SequenceClassifier(folder)


def test_an_adapter_without_its_library_says_what_to_install(tiny_gemma_path, tmp_path):
    folder = tmp_path / "adapter"
    folder.mkdir()
    (folder / "adapter_config.json").write_text(f'{{"base_model_name_or_path": "{tmp_path / "base"}"}}')
    with pytest.raises(ModelError, match="pip install peft"):
        SequenceClassifier(folder)


def test_loading_and_reading_write_nothing_to_the_terminal(tiny_gemma_path, capfd):
    attribute_text(SequenceClassifier(tiny_gemma_path), TEXT * 40, steps=2, max_steps=2)
    assert capfd.readouterr() == ("", "")
