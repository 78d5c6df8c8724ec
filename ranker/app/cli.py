"""The command ``candor``. Every command takes ``--json`` and then prints one JSON object.

Exit codes: 0 done; 1 unforeseen; 2 a mistake in the task file or the command line; 3 data
that do not fit; 4 a protected field would reach a score; 5 training cannot proceed; 6 a
constraint that cannot be measured; 7 a model directory that is foreign or altered; 9 done,
but rows were set aside and ``--strict`` was given.
"""

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from ranker.errors import CandorError

app = typer.Typer(
    name="candor",
    help="Rank candidates per job with a glass-box model that is trained to be fair, and explain every rank.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

SET_ASIDE = 9
UNREACHABLE = 3

ModelDirectory = Annotated[Path, typer.Argument(help="A model directory, as candor train writes it.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Candidates = Annotated[Path | None, typer.Option(help="Read candidates from this file instead.")]
Jobs = Annotated[Path | None, typer.Option(help="Read jobs from this file instead.")]
Applications = Annotated[Path | None, typer.Option(help="Read applications from this file instead.")]
Strict = Annotated[bool, typer.Option("--strict", help="Leave with code 9 if any row was set aside.")]


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"candor {version('candor-rank')}")
        except PackageNotFoundError:
            typer.echo("candor, run from a checkout without being installed")
        raise typer.Exit


def told(command: Callable[..., Any]) -> Callable[..., Any]:
    """Turn our own errors into a message and an exit code; with ``--json``, into an object."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except CandorError as error:
            if kwargs.get("as_json"):
                typer.echo(
                    json.dumps({"error": type(error).__name__, "message": str(error)}, ensure_ascii=False)
                )
            typer.echo(f"candor: {error}", err=True)
            raise typer.Exit(error.exit_code) from None
        except typer.Exit:
            raise
        except (BrokenPipeError, KeyboardInterrupt):
            raise typer.Exit(1) from None
        except OSError as error:
            typer.echo(f"candor: {error.filename or 'a file'}: {error.strerror or error}", err=True)
            raise typer.Exit(UNREACHABLE) from None
        except Exception as error:
            if os.environ.get("CANDOR_DEBUG"):
                raise
            typer.echo(
                f"candor: unforeseen {type(error).__name__}: {error} (CANDOR_DEBUG=1 shows where)", err=True
            )
            raise typer.Exit(1) from None

    return run


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

    _show(run_demo(out, seed), as_json)


@app.command()
@told
def train(
    task: Annotated[Path, typer.Argument(help="A task file.")],
    out: Annotated[Path, typer.Option(help="The model directory to write.")],
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Train a ranker on a task file, certify it, and write a model directory."""
    from ranker.app.commands import run_train

    result = run_train(task, out)
    _show(result, as_json)
    _leave(strict, result.machine["set_aside"])


@app.command()
@told
def rank(
    model: ModelDirectory,
    out: Annotated[Path, typer.Option(help="A .csv, .parquet, .jsonl or .json file to write.")],
    candidates: Candidates = None,
    jobs: Jobs = None,
    applications: Applications = None,
    top_k: Annotated[int | None, typer.Option(min=1, help="Write only the first k of each job.")] = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Rank the candidates of each job and write the ranking to a file."""
    from ranker.app.commands import run_rank

    result = run_rank(model, out, _given(candidates, jobs, applications), top_k)
    _show(result, as_json)
    _leave(strict, result.machine["set_aside"])


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
    candidates: Candidates = None,
    jobs: Jobs = None,
    applications: Applications = None,
    as_json: Json = False,
) -> None:
    """Explain one candidate's rank for one job, back to what the record says."""
    from ranker.app.commands import run_explain

    sources = _given(candidates, jobs, applications)
    _show(run_explain(model, job, candidate, audience, form, top_k, sources), as_json)


@app.command()
@told
def audit(
    model: ModelDirectory,
    out: Annotated[Path, typer.Option(help="The .html file to write.")],
    as_json: Json = False,
) -> None:
    """Write a self-contained report on who was ranked how, and what training made of it."""
    from ranker.app.commands import run_audit

    _show(run_audit(model, out), as_json)


@app.command()
@told
def evaluate(model: ModelDirectory, as_json: Json = False) -> None:
    """Measure ranking quality and fairness on the train, tune and test parts."""
    from ranker.app.commands import run_evaluate

    _show(run_evaluate(model), as_json)


def _given(candidates: Path | None, jobs: Path | None, applications: Path | None) -> dict[str, Path]:
    given = {"candidate": candidates, "job": jobs, "application": applications}
    return {entity: path for entity, path in given.items() if path}


def _show(result: Any, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result.machine, ensure_ascii=False, allow_nan=False))
    else:
        typer.echo(result.text)


def _leave(strict: bool, set_aside: int) -> None:
    if strict and set_aside:
        typer.echo(f"candor: {set_aside} row(s) were set aside and --strict was given", err=True)
        raise typer.Exit(SET_ASIDE)


def main() -> None:
    """Run the command line; an unforeseen error is one line, and a traceback only with CANDOR_DEBUG."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    app()


if __name__ == "__main__":
    main()
