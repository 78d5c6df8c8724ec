"""The command ``candor``. Every command takes ``--json`` and then prints one JSON object.

Exit codes: 0 done; 1 unforeseen; 2 a mistake in the task file or the command line; 3 data
that do not fit; 4 a protected field would reach a score; 5 training cannot proceed; 6 a
constraint that cannot be measured; 7 a model directory that is foreign or altered, or a log of
decisions that does not verify; 9 done,
but rows were set aside and ``--strict`` was given.
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ranker.app.command_line import Json, ModelDirectory, Strict, leave, show, told
from ranker.app.log_cli import keys, log
from ranker.app.resume_cli import resumes
from ranker.app.service_cli import service
from ranker.app.text_cli import texts

app = typer.Typer(
    name="candor",
    help="Rank candidates per job with a glass-box model that is trained to be fair, and explain every rank.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Candidates = Annotated[Path | None, typer.Option(help="Read candidates from this file instead.")]
Jobs = Annotated[Path | None, typer.Option(help="Read jobs from this file instead.")]
Applications = Annotated[Path | None, typer.Option(help="Read applications from this file instead.")]
Pairs = Annotated[
    str, typer.Option(help="halved: interactions are shared by their features; unsplit: they stand alone.")
]


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"candor {version('candor-rank')}")
        except PackageNotFoundError:
            typer.echo("candor, run from a checkout without being installed")
        raise typer.Exit


app.add_typer(resumes)
app.add_typer(service)
app.add_typer(log)
app.add_typer(keys)
app.add_typer(texts, name="text")


@app.callback()
def candor(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Rank candidates per job with a glass-box model that is trained to be fair, and explain every rank."""


@app.command()
@told
def demo(
    out: Annotated[Path, typer.Option(help="Where data, model, ranking and report go.")] = Path(
        "candor-demo"
    ),
    seed: Annotated[int, typer.Option(help="Seed of the synthetic applications.")] = 42,
    as_json: Json = False,
) -> None:
    """Generate applications, train, rank, explain and audit: the whole way, no input needed."""
    from ranker.app.commands import run_demo

    show(run_demo(out, seed), as_json)


@app.command()
@told
def train(
    task: Annotated[Path, typer.Argument(help="A task file.")],
    out: Annotated[Path, typer.Option(help="The model directory to write.")],
    with_reviews: Annotated[
        str | None,
        typer.Option(help="Of a classifier: learn what reviewers said, too, from this log of decisions."),
    ] = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Train a ranker on a task file, certify it, and write a model directory."""
    from ranker.app.commands import run_train

    result = run_train(task, out, with_reviews)
    show(result, as_json)
    leave(strict, result.machine["set_aside"])


@app.command()
@told
def rank(
    model: ModelDirectory,
    out: Annotated[Path, typer.Option(help="A .csv, .parquet, .jsonl or .json file to write.")],
    candidates: Candidates = None,
    jobs: Jobs = None,
    applications: Applications = None,
    top_k: Annotated[int | None, typer.Option(min=1, help="Write only the first k of each job.")] = None,
    intervals: Annotated[
        bool | None,
        typer.Option(
            help="Tell how far each rank could move; most of the time goes into that. By default unless "
            "over a million pairs of everybody with every job are asked for --top-k."
        ),
    ] = None,
    batch_rows: Annotated[
        int, typer.Option(min=1, help="More applications than these are ranked in batches of whole jobs.")
    ] = 250_000,
    engine: Annotated[
        str, typer.Option(help="local, or spark (needs the extra candor-rank[spark]).")
    ] = "local",
    master: Annotated[
        str | None, typer.Option(help="Spark's, such as local[4] or spark://host:7077; local[*] by default.")
    ] = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Rank the candidates of each job and write the ranking to a file.

    Applications may be a folder of Parquet files; those that do not fit into memory are ranked in
    batches. A job is always ranked whole: memory grows with the largest job, not with their number.
    """
    from ranker.app.ranking_command import run_rank

    result = run_rank(
        model, out, _given(candidates, jobs, applications), top_k,
        intervals=intervals, batch_rows=batch_rows, engine=engine, master=master,
    )  # fmt: skip
    show(result, as_json)
    leave(strict, result.machine["set_aside"])


@app.command()
@told
def explain(
    model: ModelDirectory,
    job: Annotated[str, typer.Option(help="Label of the job.")],
    candidate: Annotated[str, typer.Option(help="Label of the candidate.")],
    audience: Annotated[
        str, typer.Option("--for", help="candidate, recruiter, auditor or developer.")
    ] = "candidate",
    form: Annotated[str, typer.Option("--format", help="text, html or json.")] = "text",
    top_k: Annotated[int, typer.Option(min=1, help="The cut-off that the rank is held against.")] = 10,
    baseline: Annotated[
        str, typer.Option(help="What amounts are relative to: population, pool or zero.")
    ] = "population",
    reference: Annotated[
        str | None, typer.Option(help="Make amounts relative to this candidate of the job instead.")
    ] = None,
    pairs: Pairs = "halved",
    candidates: Candidates = None,
    jobs: Jobs = None,
    applications: Applications = None,
    as_json: Json = False,
) -> None:
    """Explain one candidate's rank for one job, back to what the record says."""
    from ranker.app.explain_command import run_explain

    result = run_explain(
        model, job, candidate, audience, form, top_k, _given(candidates, jobs, applications),
        baseline=baseline, reference=reference, pairs=pairs,
    )  # fmt: skip
    show(result, as_json)


@app.command()
@told
def contrast(
    model: ModelDirectory,
    job: Annotated[str, typer.Option(help="Label of the job.")],
    candidate: Annotated[str, typer.Option(help="Label of the candidate.")],
    against: Annotated[
        str | None,
        typer.Option(help="Label of another; by default whoever is at the cut-off, or the next one behind."),
    ] = None,
    audience: Annotated[
        str, typer.Option("--for", help="recruiter, auditor or developer; candidate without --against.")
    ] = "recruiter",
    form: Annotated[str, typer.Option("--format", help="text, html or json.")] = "text",
    top_k: Annotated[int, typer.Option(min=1, help="The cut-off.")] = 10,
    pairs: Pairs = "halved",
    candidates: Candidates = None,
    jobs: Jobs = None,
    applications: Applications = None,
    as_json: Json = False,
) -> None:
    """Say why one candidate stands above another, or is not among the first."""
    from ranker.app.explain_command import run_contrast

    result = run_contrast(
        model, job, candidate, against, audience, form, top_k, _given(candidates, jobs, applications),
        pairs=pairs,
    )  # fmt: skip
    show(result, as_json)


@app.command()
@told
def audit(
    model: Annotated[Path | None, typer.Argument(help="A model directory.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The .html file to write, its figures beside it; or a .json file.")
    ] = None,
    compare: Annotated[Path | None, typer.Option(help="Another model: who moves between the two.")] = None,
    ranking: Annotated[
        Path | None, typer.Option(help="Instead of a model: candidate, job, rank or score, relevance.")
    ] = None,
    groups: Annotated[Path | None, typer.Option(help="Of --ranking: candidate and its groups.")] = None,
    counts: Annotated[Path | None, typer.Option(help="Instead of a model: group, selected, total.")] = None,
    top_k: Annotated[
        int | None, typer.Option(min=1, help="Of --ranking: how many of a list are selected; 10 by default.")
    ] = None,
    date: Annotated[str | None, typer.Option(help="Day of the audit, such as 2026-11-21.")] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema of the figures instead.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a self-contained report: on a model, on anybody's ranking, or on a table of counts."""
    from ranker.app import audit_command as command

    if schema:
        show(command.tell_schema(), as_json)
        return
    out = command.check_subject(model, compare, ranking, groups, counts, out=out, top_k=top_k)
    command.check_date(date)
    if model is not None:
        result = command.run_audit(model, out, compare=compare, date=date)
    elif ranking is not None and groups is not None:
        result = command.run_audit_of_ranking(ranking, groups, out, top_k=top_k or 10, date=date)
    else:
        result = command.run_audit_of_counts(Path(str(counts)), out, date=date)
    show(result, as_json)


@app.command()
@told
def evaluate(model: ModelDirectory, as_json: Json = False) -> None:
    """Measure ranking quality and fairness on the train, tune and test parts."""
    from ranker.app.commands import run_evaluate

    show(run_evaluate(model), as_json)


@app.command()
@told
def counterfactual(
    model: ModelDirectory,
    job: Annotated[str, typer.Option(help="Label of the job.")],
    candidate: Annotated[str, typer.Option(help="Label of the candidate.")],
    top_k: Annotated[
        int | None, typer.Option(min=1, help="The goal: be among the first k; 10 where no goal is named.")
    ] = None,
    above: Annotated[
        str | None, typer.Option(help="The goal: be ranked above this candidate of the job.")
    ] = None,
    score: Annotated[float | None, typer.Option(help="The goal: have at least this score.")] = None,
    costs: Annotated[
        Path | None, typer.Option(help="A .toml or .json file that says what changes cost.")
    ] = None,
    diverse: Annotated[int, typer.Option(min=1, help="How many different answers to give, at most.")] = 1,
    candidates: Candidates = None,
    jobs: Jobs = None,
    applications: Applications = None,
    as_json: Json = False,
) -> None:
    """Tell which change of a record, the least that it takes, would bring a goal."""
    from ranker.app.counterfactual_command import run_counterfactual

    result = run_counterfactual(
        model, job, candidate, top_k=top_k, above=above, score=score, costs=costs, n_answers=diverse,
        sources=_given(candidates, jobs, applications),
    )  # fmt: skip
    show(result, as_json)


@app.command()
@told
def sensitivity(
    model: ModelDirectory,
    job: Annotated[str, typer.Option(help="Label of the job.")],
    candidate: Annotated[str, typer.Option(help="Label of the candidate.")],
    change: Annotated[str, typer.Option(help="How much numbers are raised and lowered: 10% or 0.1.")] = "10%",
    top_k: Annotated[int, typer.Option(min=1, help="The list whose membership may flip.")] = 10,
    candidates: Candidates = None,
    jobs: Jobs = None,
    applications: Applications = None,
    as_json: Json = False,
) -> None:
    """Tell how firm a rank is: what a little more or less of each number would make of it."""
    from ranker.app.counterfactual_command import run_sensitivity

    sources = _given(candidates, jobs, applications)
    show(run_sensitivity(model, job, candidate, change=change, top_k=top_k, sources=sources), as_json)


@app.command("model")
@told
def whole_model(
    model: ModelDirectory,
    out: Annotated[
        Path | None, typer.Option(help="A .html page, the terms' tables as .csv, or all of it as .json.")
    ] = None,
    term: Annotated[str | None, typer.Option(help="Show this term alone, by name or label.")] = None,
    job: Annotated[str | None, typer.Option(help="Say what mattered for this job, too.")] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Two fields to compare, by path or label; commas between several."),
    ] = None,
    top_k: Annotated[int, typer.Option(min=1, help="The list whose turnover is measured.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of the shuffling.")] = 0,
    candidates: Candidates = None,
    jobs: Jobs = None,
    applications: Applications = None,
    as_json: Json = False,
) -> None:
    """Lay the whole model open: what each value adds, what matters, what scores lean on."""
    from ranker.app.model_command import run_model

    result = run_model(
        model, out, term=term, job=job, compare=compare, top_k=top_k, seed=seed,
        sources=_given(candidates, jobs, applications),
    )  # fmt: skip
    show(result, as_json)


@app.command()
@told
def bench(
    quick: Annotated[
        bool, typer.Option("--quick", help="A twentieth of the work, within two minutes.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option(help="Rows whose names begin so; may be repeated.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure the hot path beside its peers; needs a checkout of the repository."""
    from ranker.app.benchmarks import run_benchmarks

    raise typer.Exit(run_benchmarks(quick=quick, only=only or [], as_json=as_json))


def _given(candidates: Path | None, jobs: Path | None, applications: Path | None) -> dict[str, Path]:
    given = {"candidate": candidates, "job": jobs, "application": applications}
    return {entity: path for entity, path in given.items() if path}


def main() -> None:
    """Run the command line; an unforeseen error is one line, and a traceback only with CANDOR_DEBUG."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    app()


if __name__ == "__main__":
    main()
