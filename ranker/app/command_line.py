"""What all commands share: their usual options, how errors are told, and how they end."""

import json
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from ranker.errors import CandorError

SET_ASIDE = 9
UNREACHABLE = 3

ModelDirectory = Annotated[Path, typer.Argument(help="A model directory, as candor train writes it.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Strict = Annotated[bool, typer.Option("--strict", help="Leave with code 9 if any row was set aside.")]


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


def show(result: Any, as_json: bool) -> None:
    """Print a command's result, its text or its object."""
    if as_json:
        typer.echo(json.dumps(result.machine, ensure_ascii=False, allow_nan=False))
    else:
        typer.echo(result.text)


def leave(strict: bool, set_aside: int) -> None:
    """Leave with code 9 where rows were set aside and that was not to be."""
    if strict and set_aside:
        typer.echo(f"candor: {set_aside} row(s) were set aside and --strict was given", err=True)
        raise typer.Exit(SET_ASIDE)
