"""The commands of the decision log and of API keys: ``candor log ...`` and ``candor keys ...``."""

from pathlib import Path
from typing import Annotated

import typer

from ranker.app.command_line import Json, show, told

log = typer.Typer(name="log", help="Look into the log of decisions, check it, keep it.", no_args_is_help=True)
keys = typer.Typer(name="keys", help="Make, list and revoke API keys.", no_args_is_help=True)

Database = Annotated[
    str,
    typer.Option(
        "--database",
        envvar="CANDOR_DATABASE",
        show_envvar=True,
        help="sqlite:///FILE or postgresql://USER@HOST/DATABASE.",
    ),
]
Models = Annotated[
    list[Path] | None,
    typer.Option(
        "--model", help="A model directory; may be repeated. By default where each was served from."
    ),
]
Id = Annotated[str, typer.Argument(metavar="ID", help="A decision's id.")]


@log.command()
@told
def verify(
    database: Database,
    model: Models = None,
    anchor: Annotated[
        str | None, typer.Option(help="A hash that candor log head once printed and that was kept elsewhere.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Find any row that was changed or removed, and any model file that is not the one that answered.

    Leaves with code 7 if something was found.
    """
    from ranker.app.decisions.log_commands import run_verify

    result = run_verify(database, models=model or [], anchor=anchor)
    show(result, as_json)
    if not result.machine["ok"]:
        raise typer.Exit(7)


@log.command()
@told
def head(database: Database, as_json: Json = False) -> None:
    """Print the chain's last number and hash: keep them elsewhere, and verify against them later."""
    from ranker.app.decisions.log_commands import run_head

    show(run_head(database), as_json)


@log.command("show")
@told
def show_(
    database: Database,
    id: Annotated[str | None, typer.Argument(metavar="ID", help="A decision's id; else a list.")] = None,
    kind: Annotated[str | None, typer.Option(help="List those of this kind alone.")] = None,
    person: Annotated[str | None, typer.Option(help="List those about this candidate alone.")] = None,
    after: Annotated[int | None, typer.Option(min=0, help="List those after this number.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="List so many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """Show one decision whole, or list decisions."""
    from ranker.app.decisions.log_commands import run_list, run_show

    if id is not None:
        show(run_show(database, id), as_json)
    else:
        show(run_list(database, kind=kind, person=person, after=after, limit=limit), as_json)


@log.command()
@told
def replay(id: Id, database: Database, model: Models = None, as_json: Json = False) -> None:
    """Answer again with the model of its day, and compare to the last bit.

    Leaves with code 7 if the answer is another, 8 if it cannot be compared.
    """
    from ranker.app.decisions.log_commands import run_replay

    result = run_replay(database, id, models=model or [])
    show(result, as_json)
    if not result.machine["same"]:
        raise typer.Exit(8 if result.machine["same"] is None else 7)


@log.command()
@told
def forget(
    person: Annotated[str, typer.Argument(help="A candidate's id.")],
    database: Database,
    why: Annotated[str, typer.Option(help="Goes into the log; name nobody in it.")],
    as_json: Json = False,
) -> None:
    """Delete one person's data; hashes stay, and that something was deleted is itself logged."""
    from ranker.app.decisions.log_commands import run_forget

    show(run_forget(database, person, why), as_json)


@log.command()
@told
def expire(
    database: Database,
    days: Annotated[int, typer.Option(min=0, help="Delete data of decisions older than these days.")],
    as_json: Json = False,
) -> None:
    """Delete inputs, answers and protected fields that are too old; hashes stay."""
    from ranker.app.decisions.log_commands import run_expire

    show(run_expire(database, days), as_json)


@log.command()
@told
def backup(
    database: Database,
    out: Annotated[Path, typer.Option(help="The file to write, such as log.jsonl.gz.")],
    as_json: Json = False,
) -> None:
    """Write the whole log to one file, while the service runs."""
    from ranker.app.decisions.log_commands import run_backup

    show(run_backup(database, out), as_json)


@log.command()
@told
def restore(
    source: Annotated[Path, typer.Argument(help="A file that candor log backup wrote.")],
    database: Database,
    as_json: Json = False,
) -> None:
    """Fill an empty database from a backup, of either kind of database, and verify it."""
    from ranker.app.decisions.log_commands import run_restore

    show(run_restore(database, source), as_json)


@keys.command("create")
@told
def create(
    role: Annotated[str, typer.Argument(help="applicant, recruiter, auditor or admin.")],
    database: Database,
    name: Annotated[str, typer.Option(help="Whose key it is, or what for.")],
    person: Annotated[
        str | None, typer.Option(help="The candidate whose explanation an applicant's key may see.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a key and print it, this once."""
    from ranker.app.decisions.key_commands import run_create

    show(run_create(database, role, name=name, person=person), as_json)


@keys.command("list")
@told
def list_(database: Database, as_json: Json = False) -> None:
    """List keys, without what is secret in them."""
    from ranker.app.decisions.key_commands import run_list

    show(run_list(database), as_json)


@keys.command("revoke")
@told
def revoke(
    id: Annotated[str, typer.Argument(metavar="ID", help="A key's id.")],
    database: Database,
    as_json: Json = False,
) -> None:
    """Let a key open nothing any more."""
    from ranker.app.decisions.key_commands import run_revoke

    show(run_revoke(database, id), as_json)
