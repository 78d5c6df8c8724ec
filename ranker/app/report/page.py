"""The audit as one self-contained page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from fairness.constraint import FairnessConstraint
from ranker.app.model import Model
from ranker.app.objectives import MEANINGS, POSITIONS, REFITTED, is_shipped, why_chosen
from ranker.app.report.audited import label_of_field
from ranker.app.report.drawings import (
    draw_frontier,
    draw_gaps,
    draw_pairs,
    draw_shapes,
    draw_treatment,
)
from ranker.app.report.laws import map_of_rules
from ranker.app.report.sections import OF_MODEL, Section, shown
from ranker.app.report.summary import compared, gap_in_words, not_ruled_out
from ranker.app.report.wording import (
    between,
    between_percent,
    breakable,
    count,
    factor,
    percent,
    signed,
    signed_percent,
    three,
)

COMMAND = "candor audit MODEL/ --out report.html"


def audit_page(model: Model, figures: dict[str, Any]) -> str:
    """Write the figures of an audit as one HTML page.

    The page asks no other host for anything; its content security policy forbids it.

    Parameters
    ----------
    model : Model
        The model that was audited.
    figures : dict
        What ``audit_figures`` returned; a ``command`` in it is shown as the one that made
        the page.

    Returns
    -------
    str
        The same model and figures give the same page, byte for byte.
    """
    names = [name_of(constraint, model) for constraint in model.task.constraints]
    return template("report.html").render(
        f=figures,
        **frame(OF_MODEL, figures),
        treatment=draw_treatment(figures),
        frontier=draw_frontier(figures, names),
        names=names,
        gaps=draw_gaps(model, figures),
        gap_words=gap_in_words(figures, lambda path: label_of_field(model, path)),
        shapes=draw_shapes(model, figures),
        pairs=draw_pairs(model, figures),
        constraints=[constraint.in_words(model.task.labels) for constraint in model.task.constraints],
        meaning=MEANINGS.get(figures["training"]["objective"], "the relevance"),
        chosen_since=why_chosen(figures["training"]),
        positions=POSITIONS.get(figures["training"]["way"], REFITTED),
        monotone=[
            {"label": feature.label, "direction": model.task.training.monotone[feature.name]}
            for feature in model.task.features
            if feature.name in model.task.training.monotone
        ],
        command=figures.get("command", COMMAND),
    )


def frame(sections: Sequence[Section], figures: Mapping[str, Any], *, plots: bool = True) -> dict[str, Any]:
    """Return what the frame of every page needs: its sections and their numbers, the rules, plotly for plots."""
    here = shown(sections, figures)
    numbers = {section.id: place for place, section in enumerate(here, 1)}
    return {
        "sections": here,
        "number": numbers,
        "rules": map_of_rules(tuple(numbers)),
        "plotly": Markup(get_plotlyjs()) if plots else "",
    }


def template(name: str) -> Template:
    """Return a page's template, with the words that templates know."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "three": three,
        "compared": compared,
        "not_ruled_out": not_ruled_out,
        "signed": signed,
        "percent": percent,
        "signed_percent": signed_percent,
        "count": count,
        "between": between,
        "between_percent": between_percent,
        "factor": factor,
        "breakable": breakable,
        "is_shipped": lambda row, training: is_shipped(training, row),
    }
    return environment.get_template(name)


def name_of(constraint: FairnessConstraint, model: Model) -> str:
    """Name a constraint, so that it is told apart from others of its task."""
    what = constraint.measure.replace("_", " ") + (" ratio" if constraint.kind == "ratio" else "")
    within = f" within the first {constraint.top_k}" if constraint.top_k else ""
    who = " × ".join(label_of_field(model, path) for path in constraint.attributes)
    return f"{what}{within} by {who}"
