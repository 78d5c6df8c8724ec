"""Texts classified by an encoder's vectors and a linear head: a text model that is trained in seconds.

A text's logits are the mean of its windows' logits, weighted as :mod:`ranker.text.attribution.windows` says.
The head is linear, so that they are also the head applied to the mean of the windows' vectors: it is trained
on these, and says the same of a text in training, in prediction and in attribution.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from ranker.errors import FitError, ModelError, UsageError
from ranker.text.attribution.pooling import pooled_outputs, probabilities
from ranker.text.held_out import Estimate, HeldOut, copies_of, folds_of, judged, log_loss
from ranker.text.similarity import VectorModel

__all__ = ["EmbeddingClassifier", "TrainedText", "fit_head", "text_vectors", "train_text_classifier"]

NAME: Final = "all-MiniLM-L6-v2 with a linear head"
# Of inverse penalties; vectors have length 1, so that weights must be large to be sure of anything.
PENALTIES: Final = (1.0, 10.0, 100.0, 1000.0, 10000.0)
INNER_FOLDS: Final = 3
AT_ONCE: Final = 256  # texts between two words of progress

Codes = NDArray[np.intp]
Floats = NDArray[np.float64]


class EmbeddingClassifier(VectorModel):
    """A linear head on an encoder, as a text model.

    Parameters
    ----------
    encoder : MiniLM
        Of ``d`` dimensions.
    labels : sequence of str
        ``K`` of them, at least 2.
    weights : (K, d) array
    intercept : (K,) array
        Logits are ``weights @ vector + intercept``.
    name : str
        For people.

    Raises
    ------
    ModelError
        If the shapes do not fit, labels repeat, or a weight is not finite.
    """

    def __init__(
        self,
        encoder: Any,
        labels: Sequence[str],
        weights: ArrayLike,
        intercept: ArrayLike,
        *,
        name: str = NAME,
    ) -> None:
        super().__init__(encoder, len(labels))
        self.name, self.labels = name, tuple(labels)
        self.weights, self.intercept = np.asarray(weights, np.float64), np.asarray(intercept, np.float64)
        wanted = (len(self.labels), _dimensions(encoder))
        if self.weights.shape != wanted or self.intercept.shape != wanted[:1]:
            raise ModelError(
                f"{name}: weights {self.weights.shape} and intercept {self.intercept.shape} do not fit "
                f"{wanted[0]} labels and an encoder of {wanted[1]} dimensions"
            )
        if len(set(self.labels)) < max(len(self.labels), 2):
            raise ModelError(
                f"{name}: {wanted[0]} labels, of which {len(set(self.labels))} differ: at least 2 must"
            )
        if not (np.isfinite(self.weights).all() and np.isfinite(self.intercept).all()):
            raise ModelError(f"{name}: a weight is not finite")

    def outputs(self, embeds: Any, mask: Any) -> Any:
        """Return logits, (b, K), differentiable in the input embeddings (b, n, d)."""
        vectors = self.encoder.unit_vectors(embeds, mask)
        return vectors @ vectors.new_tensor(self.weights).T + vectors.new_tensor(self.intercept)

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return the labels' probabilities for each of ``n`` whole texts, (n, K); rows sum to 1."""
        return probabilities(self, pooled_outputs(self, texts))

    def predict(self, texts: Sequence[str]) -> NDArray[np.object_]:
        """Return the most probable label of each of ``n`` whole texts, (n,)."""
        return np.array(self.labels, dtype=object)[self.predict_proba(texts).argmax(axis=1)]


@dataclass(frozen=True, slots=True, eq=False)
class TrainedText:
    """A classifier, and how it fared on texts that it had not seen.

    Parameters
    ----------
    classifier : EmbeddingClassifier
        Trained on all texts.
    held_out : HeldOut
        By classifiers trained alike on all folds but one; labels in the classifier's order.
    penalty : float
        scikit-learn's ``C``, chosen by the log-loss on texts held out.
    """

    classifier: EmbeddingClassifier
    held_out: HeldOut
    penalty: float

    @property
    def accuracy(self) -> Estimate:
        """Share of held-out texts whose most probable label is the given one."""
        return self.held_out.accuracy

    @property
    def macro_f1(self) -> Estimate:
        """Mean F1 over labels, on held-out texts."""
        return self.held_out.macro_f1


def train_text_classifier(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    encoder: Any,
    groups: ArrayLike | None = None,
    folds: int = 5,
    random_state: int = 0,
    vectors: Floats | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> TrainedText:
    """Train a linear head on an encoder's vectors, and measure it on texts held out.

    The penalty is chosen anew for each fold, by folds of what is left, so that the held-out
    figures do not profit from the choice.

    Parameters
    ----------
    texts, labels : sequence of str
        ``n`` each.
    encoder : MiniLM
    groups : (n,) array, optional
        Texts that are held out together; by default copies, as :func:`~.held_out.copies_of` finds them.
    folds : int
        At least 2.
    random_state : int
        Of the folds and the resampling.
    vectors : (n, d) array, optional
        What :func:`text_vectors` returns for the texts, where it is known already.
    progress : callable, optional
        Told how many texts are encoded, of how many.

    Returns
    -------
    TrainedText

    Raises
    ------
    FitError
        If there are fewer than two labels, or one has no two different texts.
    UsageError
        If lengths differ or ``folds`` is less than 2.

    References
    ----------
    Varma & Simon (2006), Bias in error estimation when using cross-validation for model
    selection, BMC Bioinformatics.
    """
    if not len(texts) == len(labels) == len(texts if groups is None else np.asarray(groups)):
        raise UsageError(f"{len(texts)} texts need as many labels, and groups where they are given")
    if folds < 2:
        raise UsageError(f"folds {folds} must be at least 2: one to be judged by, the rest to learn from")
    if vectors is not None and len(vectors) != len(texts):
        raise UsageError(f"{len(vectors)} vectors are not one for each of {len(texts)} texts")
    known, truth = np.unique(np.array(labels, dtype=str), return_inverse=True)
    given = copies_of(texts) if groups is None else np.asarray(groups)
    group = np.unique(given, return_inverse=True)[1].reshape(-1)
    _check_labels(known.tolist(), truth, group)
    X = text_vectors(encoder, texts, progress=progress) if vectors is None else vectors
    # The products are small: by one thread a fit takes 0.1 s, by two on busy cores 4 s.
    with threadpool_limits(1):
        fold = folds_of(truth, group, folds, random_state)
        said = np.zeros((len(texts), len(known)))
        for number in np.unique(fold):
            left, held = fold != number, fold == number
            C = _chosen(X[left], truth[left], group[left], len(known), random_state)
            said[held] = _said(X[left], truth[left], X[held], len(known), C)
        C = _chosen(X, truth, group, len(known), random_state)
        weights, intercept = fit_head(X, truth, C=C)
    classifier = EmbeddingClassifier(encoder, known.tolist(), weights, intercept)
    return TrainedText(classifier, judged(truth, said, group, fold, random_state), C)


def text_vectors(
    encoder: Any, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None
) -> Floats:
    """Return the vectors of whole texts: the mean of their windows', on which heads are trained.

    Parameters
    ----------
    encoder : MiniLM
        Of ``d`` dimensions.
    texts : sequence of str
        ``n`` of them, of any length.
    progress : callable, optional
        Told how many texts are done, of how many.

    Returns
    -------
    (n, d) float64 array
        Of length 1 where a text fits into one window, else shorter.
    """
    model = VectorModel(encoder, _dimensions(encoder))
    out = np.zeros((len(texts), len(model.labels)))
    for start in range(0, len(texts), AT_ONCE):
        part = texts[start : start + AT_ONCE]
        out[start : start + len(part)] = pooled_outputs(model, part)
        if progress is not None:
            progress(start + len(part), len(texts))
    return out


def fit_head(vectors: Floats, truth: Codes, *, C: float) -> tuple[Floats, Floats]:
    """Fit a multinomial logistic regression.

    Parameters
    ----------
    vectors : (n, d) array
    truth : (n,) int array
        Positions of labels, of which each of ``0 .. K - 1`` appears.
    C : float
        Inverse penalty, as scikit-learn defines it.

    Returns
    -------
    weights, intercept
        (K, d) and (K,): two labels get opposite halves of scikit-learn's one row, which gives the
        same probabilities.
    """
    fitted = _regression(C).fit(vectors, truth)
    weights, intercept = fitted.coef_, fitted.intercept_
    if len(weights) == 1:
        weights, intercept = np.vstack([-weights, weights]) / 2, np.hstack([-intercept, intercept]) / 2
    return np.asarray(weights), np.asarray(intercept)


def _regression(C: float) -> LogisticRegression:
    return LogisticRegression(C=C, max_iter=5000)


def _chosen(X: Floats, truth: Codes, group: Codes, n_labels: int, random_state: int) -> float:
    """Choose the penalty by the log-loss on folds that are held out in turn."""
    try:
        fold = folds_of(truth, group, INNER_FOLDS, random_state)
    except FitError:  # too few texts are left to hold any out: the penalty in the middle
        return PENALTIES[len(PENALTIES) // 2]
    loss = []
    for C in PENALTIES:
        said = np.zeros((len(X), n_labels))
        for number in np.unique(fold):
            left, held = fold != number, fold == number
            said[held] = _said(X[left], truth[left], X[held], n_labels, C)
        loss.append(log_loss(truth, said))
    return PENALTIES[int(np.argmin(loss))]


def _said(X: Floats, truth: Codes, held: Floats, n_labels: int, C: float) -> Floats:
    """Return probabilities for texts held out, (n_held, K); 0 for a label that is not left to learn from."""
    out = np.zeros((len(held), n_labels))
    if len(np.unique(truth)) == 1:
        out[:, truth[0]] = 1.0
        return out
    fitted = _regression(C).fit(X, truth)
    out[:, fitted.classes_] = fitted.predict_proba(held)
    return out


def _check_labels(labels: list[str], truth: Codes, group: Codes) -> None:
    if len(labels) < 2:
        raise FitError(f"{len(labels)} label(s) among the texts: a classifier needs at least two")
    for code, label in enumerate(labels):
        if len(np.unique(group[truth == code])) < 2:
            raise FitError(
                f"label {label!r} has only one text, apart from its copies: it needs at least two, one to learn "
                "from and one to be judged by; add texts or leave the label out"
            )


def _dimensions(encoder: Any) -> int:
    return int(encoder.module.config.hidden_size)
