"""A linear head on an encoder: trained, measured, and the same in prediction and attribution."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from ranker.errors import FitError, ModelError, UsageError
from ranker.text.linear_head import EmbeddingClassifier, fit_head, text_vectors, train_text_classifier

NURSES = [
    "Registered nurse, intensive care, five years in two hospitals.",
    "Nurse on a children's ward; night shifts, wound care.",
    "Hospital nurse with a diploma in anaesthesia.",
    "Senior nurse, patient care and medication plans.",
]
DEVELOPERS = [
    "Senior Java developer, Spring Boot and microservices on AWS.",
    "Backend developer: Java, Hibernate, REST services.",
    "Software engineer for Java web applications.",
    "Java programmer with Maven, JUnit and Oracle.",
]


class Tokenizer:
    """Just enough of one to know that nothing stands around a text."""

    def __call__(self, text, *, add_special_tokens):
        return {"input_ids": [1]}


@pytest.fixture
def dummy():
    """An encoder of three dimensions that cannot read: vectors are given."""
    return SimpleNamespace(
        tokenizer=Tokenizer(), module=SimpleNamespace(config=SimpleNamespace(hidden_size=3))
    )


def trained_on(dummy, vectors, labels, **options):
    texts = options.pop("texts", [f"text {i}" for i in range(len(labels))])
    return train_text_classifier(texts, labels, encoder=dummy, vectors=np.asarray(vectors), **options)


@pytest.mark.parametrize("n_labels", [2, 3])
def test_a_head_gives_the_probabilities_of_scikit_learn_s_regression(n_labels):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(40, 3)), np.arange(40) % n_labels
    weights, intercept = fit_head(X, y, C=10.0)
    assert weights.shape == (n_labels, 3)
    expected = LogisticRegression(C=10.0, max_iter=5000).fit(X, y).predict_proba(X)
    assert softmax(X @ weights.T + intercept, axis=1) == pytest.approx(expected)


def test_copies_do_not_let_a_label_be_told_that_cannot_be(dummy):
    rng = np.random.default_rng(0)
    # Far apart, so that each text is learnt by heart; labels are drawn and cannot be told.
    vectors = np.repeat(rng.normal(size=(60, 3)) * [1, 1, 50], 2, axis=0)
    labels = np.repeat(rng.choice(["a", "b"], 60), 2).tolist()
    texts = [f"text {i // 2}" + "!" * (i % 2) for i in range(120)]
    found = trained_on(dummy, vectors, labels, texts=texts)
    assert 0.3 < found.accuracy.value < 0.7
    assert found.held_out.group.tolist() == np.repeat(np.arange(60), 2).tolist()


def test_labels_that_vectors_tell_apart_are_told_on_texts_held_out(dummy):
    rng = np.random.default_rng(0)
    y = np.arange(30) % 3
    found = trained_on(dummy, np.eye(3)[y] + rng.normal(size=(30, 3)) / 20, [f"label {i}" for i in y])
    assert found.accuracy.value == 1
    assert found.macro_f1.value == 1
    assert found.classifier.labels == ("label 0", "label 1", "label 2")
    assert found.held_out.probabilities.sum(axis=1) == pytest.approx(np.ones(30))


def test_given_groups_are_held_out_together(dummy):
    y = np.arange(20) % 2
    groups = [f"person {i // 4}" for i in range(20)]
    fold = trained_on(dummy, np.eye(3)[y], y.astype(str).tolist(), groups=groups).held_out.fold
    assert all(len(set(fold[i : i + 4])) == 1 for i in range(0, 20, 4))


def test_a_label_whose_texts_are_few_is_still_trained_and_judged(dummy):
    y = [0] * 10 + [1] * 2
    found = trained_on(dummy, np.eye(3)[y] * 5, [str(i) for i in y], folds=5)
    assert found.classifier.labels == ("0", "1")
    assert np.isfinite(found.held_out.probabilities).all()


def test_a_label_with_one_text_and_its_copies_is_refused_by_name(dummy):
    with pytest.raises(FitError, match="label 'cook' has only one text, apart from its copies"):
        trained_on(dummy, np.zeros((5, 3)), ["nurse"] * 3 + ["cook"] * 2, texts=["a", "b", "c", "D", "d "])
    with pytest.raises(FitError, match="needs at least two"):
        trained_on(dummy, np.zeros((3, 3)), ["nurse"] * 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"folds": 1}, "folds 1 must be at least 2"),
        ({"groups": [1, 2]}, "as many labels, and groups"),
        ({"vectors": np.zeros((3, 3))}, "3 vectors are not one for each of 4 texts"),
    ],
)
def test_what_does_not_fit_together_is_refused(dummy, change, message):
    given = {"encoder": dummy, "vectors": np.zeros((4, 3)), **change}
    with pytest.raises(UsageError, match=message):
        train_text_classifier(["a", "b", "c", "d"], ["x", "x", "y", "y"], **given)


@pytest.mark.parametrize(
    ("labels", "weights", "intercept", "message"),
    [
        (["a", "b"], np.zeros((2, 4)), np.zeros(2), "do not fit 2 labels and an encoder of 3 dimensions"),
        (["a", "b"], np.zeros((2, 3)), np.zeros(3), "do not fit"),
        (["a", "a"], np.zeros((2, 3)), np.zeros(2), "of which 1 differ"),
        (["a"], np.zeros((1, 3)), np.zeros(1), "at least 2 must"),
        (["a", "b"], np.full((2, 3), np.nan), np.zeros(2), "not finite"),
    ],
)
def test_a_head_that_cannot_be_is_refused(dummy, labels, weights, intercept, message):
    with pytest.raises(ModelError, match=message):
        EmbeddingClassifier(dummy, labels, weights, intercept)


@pytest.fixture(scope="module")
def trained(minilm):
    labels = ["nurse"] * len(NURSES) + ["developer"] * len(DEVELOPERS)
    return train_text_classifier(NURSES + DEVELOPERS, labels, encoder=minilm, folds=4)


def test_a_trained_classifier_tells_sentences_that_it_never_saw(trained):
    assert trained.classifier.predict(["Java and Kotlin engineer", "Nurse in a care home"]).tolist() == [
        "developer",
        "nurse",
    ]
    assert trained.accuracy.value == 1


def test_a_long_text_is_told_by_the_rule_that_heads_are_trained_by(trained, minilm):
    texts = [" ".join(NURSES * 12 + DEVELOPERS * 3), "", NURSES[0]]
    one = trained.classifier
    assert len(one.tokens(texts[0]).ids) > one.max_tokens
    logits = text_vectors(minilm, texts) @ one.weights.T + one.intercept
    assert one.predict_proba(texts) == pytest.approx(softmax(logits, axis=1), abs=1e-5)


def test_prediction_and_attribution_say_the_same_and_amounts_add_up(trained, captum):
    from ranker.text.attribution import attribute_text

    text = " ".join(NURSES * 8 + DEVELOPERS)
    found = attribute_text(trained.classifier, text, steps=4)
    assert len(found.windows) > 1
    assert found.probabilities == pytest.approx(trained.classifier.predict_proba([text])[0], abs=1e-6)
    assert found.reached
    total = sum(token.amount for token in found.tokens)
    assert abs(total - (found.output - found.baseline_output)) <= max(0.01 * abs(found.difference), 1e-3)


def test_progress_is_told_up_to_the_last_text(minilm):
    told = []
    text_vectors(minilm, ["a", "b"], progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (2, 2)
