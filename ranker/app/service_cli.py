"""The commands of the running service: ``candor serve`` and ``candor monitor``."""

from pathlib import Path
from typing import Annotated

import typer

from ranker.app.command_line import Json, show, told

service = typer.Typer()

Served = Annotated[
    Path | None, typer.Argument(metavar="MODEL", help="A model directory; else the setting's.")
]


@service.command()
@told
def serve(
    model: Served = None,
    classifier: Annotated[
        Path | None, typer.Option(help="The directory of a classifier of résumés to serve beside a ranker.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="Where decisions are logged: sqlite:///FILE or postgresql://...")
    ] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen at.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="The port to listen at.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="How many processes answer.")] = None,
    audit: Annotated[
        Path | None, typer.Option(help="The report that candor audit wrote; else one is made meanwhile.")
    ] = None,
    show_settings: Annotated[
        bool, typer.Option("--show-settings", help="Print the settings, without secrets, and serve nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Answer over HTTP: classify, rank, explain; every answer is logged before it is sent (extra api).

    Settings not given here are read from the environment (CANDOR_PORT and so on) and from candor.toml.
    """
    from ranker.app.service.serve_command import run_serve

    result = run_serve(
        model, classifier, show_settings=show_settings,
        database=database, audit=audit, host=host, port=port, workers=workers,
    )  # fmt: skip
    show(result, as_json)


@service.command()
@told
def monitor(
    model: Annotated[Path, typer.Argument(help="The model directory whose training is the yardstick.")],
    database: Annotated[
        str,
        typer.Option(
            envvar="CANDOR_DATABASE", help="The log of decisions: sqlite:///FILE or postgresql://..."
        ),
    ],
    out: Annotated[Path | None, typer.Option(help="A .html page to write.")] = None,
    last: Annotated[
        int | None, typer.Option(min=1, help="Look at so many of the latest answers alone.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold what was answered against the training data: drift, and fairness over time (extra monitor)."""
    from ranker.app.monitoring.command import run_monitor

    show(run_monitor(model, database, out=out, last=last), as_json)
