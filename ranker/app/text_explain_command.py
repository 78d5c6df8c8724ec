"""The command ``candor text explain``: what each word of a text holds in a model's answer."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ranker.app.model_directory import MANIFEST
from ranker.app.progress import shown
from ranker.app.result import Result
from ranker.errors import DataError, ModelError, SourceError, UsageError
from ranker.ranking.drafts import draft_folder, put_in_place, unwritable

if TYPE_CHECKING:
    from ranker.text.attribution import TextModel

__all__ = ["load_text_model", "read_text", "run_text_explain"]

FORMATS = {".html": "html", ".htm": "html", ".json": "json", ".txt": "text"}
STDIN = "-"


def run_text_explain(
    source: str,
    text: str | None = None,
    *,
    file: Path | None = None,
    labels: Sequence[str] | None = None,
    prompt: str | None = None,
    target: str | None = None,
    baseline: str = "mask",
    steps: int = 50,
    max_steps: int = 800,
    out: Path | None = None,
) -> Result:
    """Explain a text model's answer word by word.

    Parameters
    ----------
    source : str
        A directory as ``candor text train`` writes it, a directory of a transformers
        model, or the name of one on the Hugging Face hub.
    text : str, optional
        What is to be explained; ``"-"`` reads standard input.
    file : Path, optional
        A UTF-8 file that holds it, instead.
    labels, prompt
        For a decoder that answers in words; see :class:`~ranker.text.attribution.LabelAnswerer`.
    target : str, optional
        A label, or its position; by default the model's answer.
    baseline, steps, max_steps
        As for :func:`~ranker.text.attribution.attribute_text`.
    out : Path, optional
        A ``.html``, ``.json`` or ``.txt`` file to write the whole explanation to.

    Raises
    ------
    UsageError
        If options do not belong together, there is no text, or a library is not installed.
    ModelError
        If the model cannot be read.
    SourceError
        If the file cannot be read or ``out`` cannot be written.
    """
    if out is not None and out.suffix.lower() not in FORMATS:
        raise UsageError(f"--out {out}: let the name end in .html, .json or .txt")
    written = read_text(text, file)
    if prompt is not None and not labels:
        raise UsageError(
            "--prompt is for models that answer in words: say which labels there are, by --label"
        )
    # Heavy: only what is sure to be needed is loaded, after everything else was checked.
    from explain.text import render_text_attribution
    from ranker.text.attribution import attribute_text

    model = load_text_model(source, labels=labels, prompt=prompt)
    with shown("explaining", "gradients") as tell:
        found = attribute_text(
            model,
            written,
            target=_target(model, target),
            baseline=baseline,  # type: ignore[arg-type]  # checked there
            steps=steps,
            max_steps=max_steps,
            progress=tell,
        )
    said = render_text_attribution(found)
    if out is not None:
        _write(out, render_text_attribution(found, format=FORMATS[out.suffix.lower()]))
        said = f"{said}\n\nexplanation: {out}"
    machine: dict[str, Any] = {**found.to_json(), "out": None if out is None else str(out)}
    return Result(said, machine)


def read_text(text: str | None, file: Path | None) -> str:
    """Return the text that is to be explained: given, from a file, or from standard input.

    Raises
    ------
    UsageError
        If none or two are given, or it is blank.
    SourceError
        If the file cannot be read.
    DataError
        If what was read is no UTF-8 text.
    """
    if (text is None) == (file is None):
        raise UsageError("give one text: as the argument TEXT ('-' reads standard input), or by --file FILE")
    if file is not None:
        place = str(file)
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise SourceError(f"cannot read {place!r}: {error.strerror or error}") from None
    elif text == STDIN:
        place, raw = "standard input", sys.stdin.buffer.read()
    else:
        place, raw = "the text", str(text).encode("utf-8", "replace")
    try:
        found = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{place} is no UTF-8 text (byte {error.start}): save it as UTF-8; PDF and DOCX files are read by "
            "candor import"
        ) from None
    if not found.strip():
        raise UsageError(f"{place} is blank: there is nothing to explain")
    return found


def load_text_model(
    source: str, *, labels: Sequence[str] | None = None, prompt: str | None = None
) -> "TextModel":
    """Load a text model of any kind, by what ``source`` holds.

    Raises
    ------
    UsageError
        If labels or a prompt are given for a model that has its own, or a library is not installed.
    ModelError
        If there is no such model, or it cannot be read.
    """
    place = Path(source)
    if (place / MANIFEST).is_file():
        if labels or prompt:
            raise UsageError(f"{source} knows its labels: leave out --label and --prompt")
        from ranker.app.text_model import TextModelDirectory

        return TextModelDirectory.load(place).classifier
    if not place.is_dir() and (place.exists() or place.is_absolute() or source.startswith((".", "~"))):
        raise ModelError(
            f"there is no model directory {source}: make one with candor text train, or give the name of a "
            "model on the Hugging Face hub"
        )
    from ranker.text.attribution import LabelAnswerer, SequenceClassifier
    from ranker.text.attribution.label_answerer import PROMPT

    if labels:
        return LabelAnswerer(source, labels, prompt=PROMPT if prompt is None else prompt)
    return SequenceClassifier(source)


def _target(model: "TextModel", target: str | None) -> int | str | None:
    # A label that is written as a number goes before a position.
    if target is None or target in model.labels or not target.isdecimal():
        return target
    return int(target)


def _write(out: Path, content: str) -> None:
    try:
        with draft_folder(out) as folder:
            draft = folder / out.name
            draft.write_text(
                content + ("" if content.endswith("\n") else "\n"), encoding="utf-8", newline="\n"
            )
            put_in_place(draft, out)
    except OSError as error:
        raise unwritable(out, error) from error
