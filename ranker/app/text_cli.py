"""The commands for free text: ``candor text train``, ``explain`` and ``bias``."""

from pathlib import Path
from typing import Annotated

import typer

from ranker.app.command_line import Json, Strict, leave, show, told

texts = typer.Typer(
    help="Classify texts, explain each answer word by word, and test it for bias (needs the extra text).",
    no_args_is_help=True,
)

Source = Annotated[
    str,
    typer.Argument(
        help="A model directory of candor text train, one of a transformers classifier, or a hub name."
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", "--labels", help="A label of a model that answers in words; repeat for each."),
]
Prompt = Annotated[
    str | None,
    typer.Option(help="What such a model is asked; {text} stands for the text."),
]
Baseline = Annotated[str, typer.Option(help="What words are compared with: mask, pad or empty.")]
Encoder = Annotated[
    Path | None,
    typer.Option(
        help="The folder of all-MiniLM-L6-v2's files; by default an installed package's, else the hub's."
    ),
]


@texts.command()
@told
def train(
    data: Annotated[
        str, typer.Argument(help="A .csv, .parquet, .json or .jsonl file of texts and labels, or a hub name.")
    ],
    out: Annotated[Path, typer.Option(help="The model directory to write.")],
    text_column: Annotated[
        str | None, typer.Option(help="The column of texts; by default Text, Resume or the like.")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(help="The column of labels; by default Category, Label or the like.")
    ] = None,
    encoder: Encoder = None,
    folds: Annotated[int, typer.Option(min=2, help="Parts that are held out in turn to measure it.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the parts.")] = 0,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Train a classifier of texts: MiniLM's vectors and a linear head, measured on texts held out."""
    from ranker.app.text_train_command import run_text_train

    result = run_text_train(
        data, out, text_column=text_column, label_column=label_column, encoder=encoder, folds=folds, seed=seed
    )
    show(result, as_json)
    leave(strict, result.machine["set_aside"])


@texts.command()
@told
def explain(
    model: Source,
    text: Annotated[str | None, typer.Argument(help="The text; - reads standard input.")] = None,
    file: Annotated[Path | None, typer.Option(help="The UTF-8 file that holds the text, instead.")] = None,
    labels: Labels = None,
    prompt: Prompt = None,
    target: Annotated[
        str | None, typer.Option(help="The label to explain, or its position; by default the answer.")
    ] = None,
    baseline: Baseline = "mask",
    steps: Annotated[int, typer.Option(min=1, help="Gradients per window at first.")] = 50,
    max_steps: Annotated[int, typer.Option(min=1, help="Gradients per window at most.")] = 800,
    out: Annotated[Path | None, typer.Option(help="A .html, .json or .txt file to write.")] = None,
    as_json: Json = False,
) -> None:
    """Tell what each word of a text holds in a model's answer, by Integrated Gradients."""
    from ranker.app.text_explain_command import run_text_explain

    result = run_text_explain(
        model, text, file=file, labels=labels, prompt=prompt, target=target, baseline=baseline, steps=steps,
        max_steps=max_steps, out=out,
    )  # fmt: skip
    show(result, as_json)


@texts.command()
@told
def bias(
    model: Source,
    templates: Annotated[
        Path,
        typer.Option(
            "--templates",
            help="Texts with {name} and {place}: one as .txt, or many as .csv, .parquet, .json or .jsonl.",
        ),
    ],
    names: Annotated[
        Path | None,
        typer.Option(help="Whole names and the share that sees each race in them, or a group."),
    ] = None,
    sexes: Annotated[Path | None, typer.Option(help="First names and p_female, the share of women.")] = None,
    places: Annotated[Path | None, typer.Option(help="Cities and their countries.")] = None,
    labels: Labels = None,
    prompt: Prompt = None,
    out: Annotated[Path | None, typer.Option(help="A .html or .json file to write.")] = None,
    n_names: Annotated[int, typer.Option(min=2, help="Names drawn in all, as many of each group.")] = 40,
    n_places: Annotated[int, typer.Option(min=1, help="Places drawn in all.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Seed of drawing and of permutations.")] = 0,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Swap names and places in templates, and tell whether answers or their confidence differ by group."""
    from ranker.app.text_bias_command import run_text_bias

    result = run_text_bias(
        model, templates, names=names, sexes=sexes, places=places, labels=labels, prompt=prompt, out=out,
        n_names=n_names, n_places=n_places, seed=seed,
    )  # fmt: skip
    show(result, as_json)
    leave(strict, result.machine["set_aside"])
