"""A trained classifier of texts, as a model directory."""

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import pandas as pd

from ranker.app.model_directory import read_directory, write_directory
from ranker.errors import ModelError
from ranker.text.attribution.pooling import pooled_outputs
from ranker.text.encoder import MAX_TOKENS, MODEL, WEIGHTS_SHA256, MiniLM, installed_files
from ranker.text.linear_head import EmbeddingClassifier, TrainedText

__all__ = ["KIND", "TextModelDirectory", "load_encoder", "text_evaluation"]

KIND: Final = "text classifier"  # what the manifest says that the directory holds
HEAD, SETTINGS, EVALUATION = "head.arrow", "text_model.json", "evaluation.json"
HELD_OUT, READING = "held_out.arrow", "reading.json"
LIBRARIES: Final = ("torch", "transformers", "scikit-learn")
PROBE: Final = "Senior Java developer with 8 years of experience in Spring Boot, microservices and AWS."
# Of logits: other builds of torch differ by a thousandth of this, another tokenizer by far more.
SAME: Final = 1e-2


@dataclass(frozen=True, slots=True, eq=False)
class TextModelDirectory:
    """What the directory of a classifier of texts holds: no text and no word of one.

    Parameters
    ----------
    classifier : EmbeddingClassifier
        What answers.
    encoder_path : Path or None
        Where the encoder's files lay; None: installed, or on the hub.
    evaluation : dict
        Figures on texts held out; see :func:`text_evaluation`.
    held_out : DataFrame of place, label, predicted, probability, fold, group
        What was said of each text without having seen it.
    reading : dict
        What became of the rows of training.
    facts : dict
        The manifest's other entries.
    """

    classifier: EmbeddingClassifier
    encoder_path: Path | None
    evaluation: dict[str, Any]
    held_out: pd.DataFrame
    reading: dict[str, Any]
    facts: dict[str, Any]

    def save(self, directory: Path) -> None:
        """Write the directory; see :func:`~ranker.app.model_directory.write_directory`."""
        one = self.classifier
        head = pd.DataFrame(one.weights, columns=[str(i) for i in range(one.weights.shape[1])])
        head.insert(0, "intercept", one.intercept)
        head.insert(0, "label", list(one.labels))
        settings = {
            "encoder": {
                "name": MODEL,
                "weights_sha256": WEIGHTS_SHA256,
                "path": None if self.encoder_path is None else str(self.encoder_path),
                "max_tokens": MAX_TOKENS,
            },
            "pooling": "mean of overlapping windows' logits, weighted by the tokens that no window before holds",
            "probe": {"text": PROBE, "logits": pooled_outputs(one, [PROBE])[0].tolist()},
        }
        files = {
            HEAD: head,
            SETTINGS: settings,
            EVALUATION: self.evaluation,
            HELD_OUT: self.held_out,
            READING: self.reading,
        }
        versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
        write_directory(directory, files, {**self.facts, "kind": KIND, "text_libraries": versions})

    @classmethod
    def load(cls, directory: Path, *, encoder: Path | None = None) -> Self:
        """Read the directory back, with its encoder.

        Parameters
        ----------
        directory : Path
        encoder : Path, optional
            Where the encoder's files lie; by default where they lay in training, else as
            :func:`load_encoder` finds them.

        Raises
        ------
        ModelError
            If the directory is foreign, incomplete or altered, or its classifier answers
            otherwise than it did in training.
        UsageError
            If torch or transformers is not installed.
        """
        manifest, files = read_directory(directory)
        if manifest.get("kind") != KIND:
            raise ModelError(
                f"{directory} holds another model than a classifier of texts: candor text train makes one, "
                "candor explain and candor classify read the others"
            )
        try:
            told, head = files[SETTINGS], files[HEAD]
            if told["encoder"]["weights_sha256"] != WEIGHTS_SHA256:
                raise ModelError(f"{directory} was trained on another encoder than {MODEL}: train anew")
            known = told["encoder"]["path"]
            before = None if known is None or not Path(known).is_dir() else Path(known)
            place = encoder or before
            classifier = EmbeddingClassifier(
                load_encoder(place),
                [str(label) for label in head["label"]],
                head.drop(columns=["label", "intercept"]).to_numpy(np.float64),
                head["intercept"].to_numpy(np.float64),
                name=str(directory),
            )
            expected = np.array(told["probe"]["logits"], dtype=np.float64)
            found = pooled_outputs(classifier, [told["probe"]["text"]])[0]
            facts = {name: manifest[name] for name in ("source", "text_column", "label_column")}
            model = cls(
                classifier, place, files[EVALUATION], files[HELD_OUT].infer_objects(), files[READING], facts
            )
        except KeyError as error:
            raise ModelError(f"{directory} is incomplete: {error.args[0]!r} is missing") from None
        except (AttributeError, TypeError, ValueError) as error:
            raise ModelError(f"{directory} holds a file that cannot be read as it should: {error}") from None
        if expected.shape != found.shape or not np.allclose(expected, found, rtol=0, atol=SAME):
            raise ModelError(
                f"{directory} answers otherwise than the model that was trained: the encoder's tokenizer or "
                "settings differ; give the files that it was trained with, or train anew"
            )
        return model


def load_encoder(path: Path | None = None) -> MiniLM:
    """Load MiniLM from a folder, else from the installed package, else from the hub.

    Raises
    ------
    UsageError
        If torch or transformers is not installed.
    ModelError
        If the files cannot be read, or are not the published ones.
    """
    return MiniLM(path or installed_files())


def text_evaluation(trained: TrainedText) -> dict[str, Any]:
    """Return what is known of a classifier from texts held out, as JSON."""
    held, labels = trained.held_out, trained.classifier.labels
    n_labels = len(labels)
    confusion = np.bincount(held.truth * n_labels + held.predicted, minlength=n_labels**2)
    return {
        "texts": len(held.truth),
        "distinct": len(np.unique(held.group)),
        "folds": int(held.fold.max()) + 1,
        "penalty": trained.penalty,
        "accuracy": trained.accuracy.to_json(),
        "macro_f1": trained.macro_f1.to_json(),
        "log_loss": held.log_loss,
        "labels": [
            {
                "label": label,
                "texts": int((held.truth == code).sum()),
                "distinct": len(np.unique(held.group[held.truth == code])),
                "f1": float(held.f1[code]),
            }
            for code, label in enumerate(labels)
        ],
        "confusion": confusion.reshape(n_labels, n_labels).tolist(),
    }
