"""The command ``candor text bias``: names and places swapped in templates, and whether the answer differs by group."""

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from explain.words import counted, listed
from ranker.app.model_directory import file_hash
from ranker.app.progress import shown
from ranker.app.report.origin import software
from ranker.app.report.text_bias import bias_page
from ranker.app.result import Result
from ranker.app.text_bias_lists import people, places_of, read_templates
from ranker.app.text_explain_command import load_text_model
from ranker.errors import UsageError
from ranker.ranking.drafts import draft_folder, put_in_place, unwritable
from ranker.records.ledger import Ledger, report_lines

if TYPE_CHECKING:
    from fairness.swaps.text_bias_result import TextBias

__all__ = ["run_text_bias"]

SCHEMA: Final = "candor-text-bias/1"
FORMATS: Final = (".html", ".htm", ".json")


def run_text_bias(
    source: str,
    templates: Path,
    *,
    names: Path | None = None,
    sexes: Path | None = None,
    places: Path | None = None,
    labels: Sequence[str] | None = None,
    prompt: str | None = None,
    out: Path | None = None,
    n_names: int = 40,
    n_places: int = 10,
    seed: int = 0,
) -> Result:
    """Swap names and places in templates, and compare a text model's answers by group.

    Parameters
    ----------
    source, labels, prompt
        As for :func:`~ranker.app.text_explain_command.run_text_explain`.
    templates : Path
        As for :func:`~ranker.app.text_bias_lists.read_templates`.
    names, sexes : Path, optional
        As for :func:`~ranker.app.text_bias_lists.people`; one of them at least where templates have
        ``{name}``.
    places : Path, optional
        As for :func:`~ranker.app.text_bias_lists.places_of`.
    out : Path, optional
        A ``.html`` or ``.json`` file to write.
    n_names, n_places : int
        How many are drawn.
    seed : int
        Of drawing, and of permutations.

    Raises
    ------
    UsageError
        If options do not belong together, or a library is not installed.
    ModelError
        If the model cannot be read.
    SourceError, DataError
        If a file cannot be read, or templates and lists do not fit.
    """
    if out is not None and out.suffix.lower() not in FORMATS:
        raise UsageError(f"--out {out}: let the name end in .html or .json")
    if prompt is not None and not labels:
        raise UsageError(
            "--prompt is for models that answer in words: say which labels there are, by --label"
        )
    if names is None and sexes is None and places is None:
        raise UsageError("nothing to swap: give names by --names or --sexes, places by --places, or both")
    ledger = Ledger()
    read = read_templates(templates, ledger)
    drawn = people(names, sexes, n_names, seed=seed)
    cities = places_of(places, n_places, seed=seed)
    # Heavy: only what is sure to be needed is loaded, after everything else was checked.
    from fairness.swaps.text_bias import text_bias
    from fairness.swaps.text_templates import TextDesign

    TextDesign(read, drawn, cities)
    model = load_text_model(source, labels=labels, prompt=prompt)
    with shown("swapping names and places", "texts") as tell:
        found = text_bias(model, read, names=drawn, places=cities, random_state=seed, progress=tell)
    report = ledger.report().to_json()
    files = {"--templates": templates, "--names": names, "--sexes": sexes, "--places": places}
    given = {option: file for option, file in files.items() if file is not None}
    machine: dict[str, Any] = {
        "schema": SCHEMA,
        "verdict": _verdict(found),
        **found.to_json(),
        "names_drawn": [{"name": one.text, **one.groups} for one in drawn],
        "places_drawn": [{"place": one.text, **one.groups} for one in cities],
        "read": report["read"],
        "kept": report["kept"],
        "set_aside": sum(row["rows"] for row in report["counts"] if row["action"] == "set_aside"),
        "counts": report["counts"],
        "sources": [{"path": str(file), "sha256": file_hash(file)} for file in given.values()],
        "command": _command(source, given, labels, prompt, out, n_names, n_places, seed),
        "versions": software(),
        "out": None if out is None else str(out),
    }
    if out is not None:
        _write(out, machine)
    return Result(_said(machine, report), machine)


def _verdict(found: "TextBias") -> str:
    tests = counted(len(found.tests), "test")
    if found.found:
        attributes = sorted({test.attribute for test in found.found})
        return f"The answers differ by {listed(attributes)}: {len(found.found)} of {tests} significant, after Holm."
    if all(test.least_p * len(found.tests) > 1 - found.level for test in found.tests):
        return f"No difference by group could have been found: {tests} are too many for so few of each group."
    return f"No difference by group was shown in {tests}, which does not prove that there is none."


def _said(machine: dict[str, Any], report: dict[str, Any]) -> str:
    lines = [machine["verdict"], ""]
    lines += [f"- {said}" for said in machine["in_words"]["found"]]
    lines += ["", "What cannot be concluded:", *(f"- {said}" for said in machine["in_words"]["limits"])]
    if machine["set_aside"]:
        lines += ["", *report_lines(report)]
    if machine["out"]:
        lines += ["", f"report: {machine['out']}"]
    return "\n".join(lines)


def _command(
    source: str,
    files: dict[str, Path],
    labels: Sequence[str] | None,
    prompt: str | None,
    out: Path | None,
    n_names: int,
    n_places: int,
    seed: int,
) -> str:
    words = ["candor", "text", "bias", source]
    for option, file in files.items():
        words += [option, str(file)]
    for label in labels or ():
        words += ["--label", label]
    if prompt is not None:
        words += ["--prompt", prompt]
    words += ["--n-names", str(n_names), "--n-places", str(n_places), "--seed", str(seed)]
    return shlex.join([*words, *([] if out is None else ["--out", str(out)])])


def _write(out: Path, machine: dict[str, Any]) -> None:
    if out.suffix.lower() == ".json":
        content = json.dumps(machine, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
    else:
        content = bias_page(machine)
    try:
        with draft_folder(out) as folder:
            draft = folder / out.name
            draft.write_text(content, encoding="utf-8", newline="\n")
            put_in_place(draft, out)
    except OSError as error:
        raise unwritable(out, error) from error
