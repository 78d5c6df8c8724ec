"""The commands for résumés: ``candor generate``, ``import``, ``clean`` and ``classify``."""

from pathlib import Path
from typing import Annotated

import typer

from ranker.app.command_line import Json, ModelDirectory, Strict, leave, show, told

resumes = typer.Typer()


@resumes.command()
@told
def generate(
    out: Annotated[Path, typer.Option(help="The folder to write résumés, domains, truth and a task to.")],
    n: Annotated[int, typer.Option("--n", min=1, help="How many résumés.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same files.")] = 42,
    dirt: Annotated[float, typer.Option(min=0.0, max=1.0, help="Share of values written carelessly.")] = 0.0,
    label_noise: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of labels that people gave in their own way.")
    ] = 0.0,
    as_json: Json = False,
) -> None:
    """Write synthetic résumés, the clean truth beside them, and a task file to train on."""
    from ranker.app.generate_command import run_generate

    show(run_generate(out, n=n, seed=seed, dirt=dirt, label_noise=label_noise), as_json)


@resumes.command("import")
@told
def import_(
    out: Annotated[Path, typer.Option(help="The folder to write résumés, domains and corrections to.")],
    files: Annotated[
        list[Path] | None, typer.Argument(help="PDF, DOCX, JSON Resume, JobPosting; or folders of them.")
    ] = None,
    domains: Annotated[
        Path | None, typer.Option(help="Domains whose skills are looked for in texts.")
    ] = None,
    vocabulary: Annotated[Path | None, typer.Option(help="Further skills to look for, one a line.")] = None,
    corrected: Annotated[Path | None, typer.Option(help="A corrections.csv that you have edited.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="The month to which work that goes on is counted, such as 2026-01.")
    ] = None,
    domain: Annotated[str | None, typer.Option(help="The domain of documents that name none.")] = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Read résumés and job postings of other forms into ours; what is unsure stands in a file to correct."""
    from ranker.app.import_command import run_import

    result = run_import(
        files or [], out, domains, vocabulary, corrected=corrected, as_of=as_of, domain=domain
    )
    show(result, as_json)
    leave(strict, result.machine["set_aside"])


@resumes.command()
@told
def clean(
    source: Annotated[
        Path, typer.Argument(metavar="RESUMES", help="A .json or .jsonl file, or a folder of them.")
    ],
    domains: Annotated[Path, typer.Option(help="A .json or .jsonl file of domains and required skills.")],
    out: Annotated[Path, typer.Option(help="The folder to write cleaned résumés, changes and a report to.")],
    vocabulary: Annotated[
        Path | None, typer.Option(help="ESCO's or O*NET's files instead of the domains' own skills.")
    ] = None,
    embedding: Annotated[
        bool, typer.Option("--embedding", help="Compare skills by meaning, too (needs the extra text).")
    ] = False,
    encoder: Annotated[
        Path | None,
        typer.Option(help="The folder of the encoder's files; with it --embedding is understood."),
    ] = None,
    titles: Annotated[
        Path | None,
        typer.Option(help="Job titles to map to: ESCO's or O*NET's, or a table with a column Title."),
    ] = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Clean résumés; every change is written down with what stood there before, and why."""
    from ranker.app.clean_command import run_clean

    by_meaning = embedding if encoder is None else str(encoder)
    result = run_clean(source, domains, out, vocabulary=vocabulary, embedding=by_meaning, titles=titles)
    show(result, as_json)
    leave(strict, result.machine["set_aside"])


@resumes.command()
@told
def classify(
    model: ModelDirectory,
    resume: Annotated[Path, typer.Argument(help="One résumé as .json; or a .jsonl file or folder of many.")],
    out: Annotated[Path | None, typer.Option(help="The .jsonl file to write answers to, one a line.")] = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Label résumés Fit, Partial Fit or Not Fit, and say why; who cannot be answered is told the fault."""
    from ranker.app.classify_command import run_classify

    result, n_refused = run_classify(model, resume, out, form=form)
    show(result, as_json)
    leave(strict, n_refused)
