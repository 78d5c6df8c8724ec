"""The command ``candor text train``: labelled texts in, a model directory out."""

from pathlib import Path
from typing import Any

import pandas as pd

from explain.words import counted
from ranker.app.model_directory import check_place, file_hash
from ranker.app.progress import shown
from ranker.app.result import Result
from ranker.app.text_data import LabelledTexts, read_labelled_texts
from ranker.app.text_model import TextModelDirectory, load_encoder, text_evaluation
from ranker.errors import UsageError
from ranker.records.ledger import Ledger, report_lines
from ranker.text.linear_head import TrainedText, train_text_classifier

__all__ = ["run_text_train"]

WEAKEST = 5  # labels that are named for being told apart worst


def run_text_train(
    data: str | Path,
    out: Path,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    encoder: Path | None = None,
    folds: int = 5,
    seed: int = 0,
) -> Result:
    """Train a classifier on labelled texts, measure it on texts held out, and write its directory.

    Parameters
    ----------
    data, text_column, label_column
        As for :func:`~ranker.app.text_data.read_labelled_texts`.
    out : Path
        The model directory.
    encoder : Path, optional
        The folder of the encoder's files; by default the installed package's, else the hub's.
    folds, seed : int
        As for :func:`~ranker.text.linear_head.train_text_classifier`.

    Raises
    ------
    CandorError
        Whatever keeps it from training, with place, fault and hint.
    """
    if folds < 2:
        raise UsageError(f"--folds {folds}: at least 2, one to be judged by and the rest to learn from")
    check_place(out)
    ledger = Ledger()
    read = read_labelled_texts(data, text_column=text_column, label_column=label_column, ledger=ledger)
    minilm = load_encoder(encoder)
    with shown("encoding", "texts") as tell:
        trained = train_text_classifier(
            read.texts, read.labels, encoder=minilm, folds=folds, random_state=seed, progress=tell
        )
    report, evaluation = ledger.report().to_json(), text_evaluation(trained)
    facts = {
        "source": [{"path": str(file), "sha256": file_hash(file)} for file in read.files],
        "text_column": read.text_column,
        "label_column": read.label_column,
    }
    model = TextModelDirectory(
        trained.classifier, encoder, evaluation, _held_out(read, trained), report, facts
    )
    model.save(out)
    n_set_aside = sum(row["rows"] for row in report["counts"] if row["action"] == "set_aside")
    machine: dict[str, Any] = {
        "model": str(out),
        **facts,
        "read": report["read"],
        "kept": report["kept"],
        "set_aside": n_set_aside,
        "counts": report["counts"],
        "evaluation": evaluation,
    }
    return Result("\n".join([*report_lines(report), *_said(evaluation), f"model: {out}"]), machine)


def _held_out(read: LabelledTexts, trained: TrainedText) -> pd.DataFrame:
    held, labels = trained.held_out, trained.classifier.labels
    return pd.DataFrame(
        {
            "place": list(read.places),
            "label": list(read.labels),
            "predicted": [labels[code] for code in held.predicted],
            "probability": held.probabilities.max(axis=1),
            "fold": held.fold,
            "group": held.group,
        }
    )


def _said(evaluation: dict[str, Any]) -> list[str]:
    accuracy, macro_f1 = evaluation["accuracy"], evaluation["macro_f1"]
    weakest = sorted(evaluation["labels"], key=lambda row: (row["f1"], row["label"]))[:WEAKEST]
    return [
        f"{counted(evaluation['texts'], 'text')}, of which {evaluation['distinct']:,} differ, under "
        f"{counted(len(evaluation['labels']), 'label')}",
        f"on texts held out in {evaluation['folds']} folds, copies together:",
        f"  accuracy {_figure(accuracy)}",
        f"  macro F1 {_figure(macro_f1)}",
        "told apart worst: " + ", ".join(f"{row['label']} ({row['f1']:.2f})" for row in weakest),
    ]


def _figure(found: dict[str, float]) -> str:
    return f"{found['value']:.3f} (95 % interval {found['low']:.3f} to {found['high']:.3f})"
