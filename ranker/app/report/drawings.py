"""What the page draws: each plot with the words and rows that say the same."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from explain.bins import bin_labels, words_of_values
from fairness.change import ShapeChange, shape_changes
from ranker.app.model import Model
from ranker.app.report.audited import label_of_field
from ranker.app.report.frontier import frontier_plot, reach_of
from ranker.app.report.pairs import pair_figure
from ranker.app.report.plots import dots, gap_plot, series_of
from ranker.app.report.series import has_few_values, is_unchanged, term_series
from ranker.app.report.shapes import MOST_BARS, shape_figure
from ranker.app.report.tables import pair_rows, shape_rows
from ranker.app.report.theme import drawn
from ranker.features import Feature
from ranker.features.duration import Duration
from ranker.features.evidence import ProjectEvidence
from ranker.features.scalars import AtLeast, Number
from ranker.features.sets import Count, Coverage
from ranker.features.share_of import ShareOf
from ranker.features.years import Years

MOST_GAP_PLOTS = 6
MOST_PAIRS = 3
MOST_SHAPES = 40
FOUR_FIFTHS = 0.8


def draw_treatment(figures: Mapping[str, Any]) -> dict[str, Markup] | None:
    """Draw exposure and selection of each group, and the ratios with their intervals."""
    exposure, selection = figures["exposure"], figures["selection"]
    if exposure is None or selection is None:
        return None
    names = series_of(figures["unchanged"])
    shown = [group for group, gap in exposure["after"]["gap"].items() if gap is not None]
    bound = _difference_bound(figures["certificates"])
    gaps = dots(
        shown,
        {name: [exposure[name]["gap"][group] for group in shown] for name in names},
        title="exposure against the group's pools, %",
        lines={0.0: "parity"} | ({-bound: f"−{bound:.0%}", bound: f"+{bound:.0%}"} if bound else {}),
        percent=True,
    )
    groups = list(selection["after"]["selection_rate"])
    rates = dots(
        groups,
        {name: [selection[name]["selection_rate"][group] for group in groups] for name in names},
        title=f"among the first {selection['top_k']}, % of the group",
        percent=True,
    )
    highest = max((rate for found in _rates(selection, names) for rate in found), default=1.0)
    rates.update_xaxes(range=[0.0, 1.1 * highest or 1.0])
    sections = {"exposure": (exposure, "exposure_ratio"), "selection": (selection, "impact_ratio")}
    rows = ["exposure ratio", f"impact ratio at {selection['top_k']}"]
    found = {name: [section[name][ratio] for section, ratio in sections.values()] for name in names}
    for row, (section, _) in zip(list(rows), sections.values(), strict=True):
        if section["after"]["without_small"]:
            rows.append(f"{row}, without small groups")
            for name in names:
                found[name].append(section[name]["without_small"])
    ratios = dots(
        rows,
        {name: [one["value"] for one in found[name]] for name in names},
        title="least- over best-served group",
        intervals={name: [one["interval"] for one in found[name]] for name in names},
        lines={FOUR_FIFTHS: "4/5", 1.0: "parity"},
    )
    ratios.update_xaxes(range=[0, 1.04])
    return {
        "gaps": drawn(gaps, "exposure"),
        "rates": drawn(rates, "selection"),
        "ratios": drawn(ratios, "ratios"),
    }


def _rates(selection: Mapping[str, Any], names: tuple[str, ...]) -> list[list[float]]:
    return [[r for r in selection[name]["selection_rate"].values() if r is not None] for name in names]


def _difference_bound(certificates: Sequence[Mapping[str, Any]]) -> float:
    if not certificates:
        return 0.0
    constraint = certificates[0]["constraint"]  # whose groups the figures are about
    exposed = constraint["measure"] == "exposure" and constraint["top_k"] is None
    return constraint["bound"] if exposed and constraint["kind"] == "difference" else 0.0


def draw_frontier(figures: Mapping[str, Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """Draw what each position would have cost and brought, once for each constraint; ``names`` name them."""
    rows = figures["frontier"]
    if not rows:
        return []
    columns = [name for name in rows[0] if name == "gap" or name.startswith("gap: ")]
    reach = reach_of(rows)
    out = []
    for i, (column, name, certificate) in enumerate(
        zip(columns, names, figures["certificates"], strict=True)
    ):
        plot = frontier_plot(rows, certificate["constraint"], column)
        out.append(
            {
                "name": name,
                "column": column,
                "kind": certificate["constraint"]["kind"],
                "plot": drawn(plot, f"frontier-{i}" if i else "frontier"),
                "beyond": sum(row["multiplier"] > reach for row in rows),
                "reach": reach,
            }
        )
    return out


def draw_gaps(model: Model, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Draw each group's score gap to the best-served one by field; the last ones get their rows alone."""
    gap = figures["gap_by_field"]
    if gap is None:
        return []
    names = series_of(figures["unchanged"])
    out = []
    for position, pair in enumerate(gap["pairs"]):
        sides = {name: pair[name]["fields"] for name in ("before", "after")}
        totals = {name: pair[name]["total"] for name in sides}
        paths = sorted(sides["before"], key=lambda path: (-abs(sides["before"][path]), path))
        labels = [label_of_field(model, path) for path in paths]
        rows = [
            {"path": path, "label": label, **{name: amounts[path] for name, amounts in sides.items()}}
            for path, label in zip(paths, labels, strict=True)
        ]
        series = {name: [*(row[name] for row in rows), totals[name]] for name in names}
        title = f"mean of {pair['first']} less that of {pair['second']}, score units"
        plot = drawn(gap_plot([*labels, "all fields"], series, title=title), f"gap-{position}")
        out.append(
            {
                **pair,
                "rows": rows,
                "sums": {name: sum(amounts.values()) for name, amounts in sides.items()},
                "totals": totals,
                "plot": plot if position < MOST_GAP_PLOTS else None,
            }
        )
    return out


def draw_shapes(model: Model, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Draw every term of one feature, the most corrected first."""
    features = {feature.name: feature for feature in model.task.features}
    out = []
    for position, (row, shape) in enumerate(_terms(model, figures, 1)):
        feature = features[shape.features[0]]
        labels = bin_labels(shape.levels[0], shape.axes[0], words_of_values(feature))
        unchanged = figures["unchanged"] or is_unchanged(shape)
        plot = shape_figure(shape, labels, title=title_of(feature, model), unchanged=unchanged)
        out.append(
            {
                **row,
                "label": feature.label,
                "subject": feature.subject,
                "unchanged": unchanged,
                "rows": shape_rows(shape, labels),
                "left_out": max(len(labels) - 2 - MOST_BARS, 0) if has_few_values(shape) else 0,
                "plot": drawn(plot, f"shape-{position}") if position < MOST_SHAPES else None,
            }
        )
    return out


def draw_pairs(model: Model, figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Draw the most corrected terms of two features; before and after share one colour scale."""
    features = {feature.name: feature for feature in model.task.features}
    terms = [(row, pair) for row, pair in _terms(model, figures, 2) if row["before"] > 0 or row["after"] > 0]
    out = []
    for position, (row, pair) in enumerate(terms[:MOST_PAIRS]):
        both = [features[name] for name in pair.features]
        labels = [
            bin_labels(level, axis, words_of_values(feature))
            for level, axis, feature in zip(pair.levels, pair.axes, both, strict=True)
        ]
        whole = max(float(np.abs(table).max()) for table in (pair.before, pair.after))
        most = {"before": whole, "after": whole, "correction": float(np.abs(pair.correction).max())}
        titles = [title_of(feature, model) for feature in both]
        plots = {
            name: drawn(
                pair_figure(pair, name, labels, titles, most=most[name] or 1.0), f"pair-{position}-{name}"
            )
            for name in term_series(figures["unchanged"] or is_unchanged(pair))
        }
        labelled = {"labels": [feature.label for feature in both], "rows": pair_rows(pair, labels)}
        out.append({**row, **labelled, "plots": plots})
    return out


def _terms(
    model: Model, figures: Mapping[str, Any], n_features: int
) -> list[tuple[Mapping[str, Any], ShapeChange]]:
    """Return the terms of so many features with their importance, the most corrected first."""
    found = {change.name: change for change in shape_changes(model.unconstrained, model.scorer)}
    rows = [row for row in figures["importance"] if len(row["features"]) == n_features]
    rows = sorted(rows, key=lambda row: -row["correction"])
    return [(row, found[row["term"]]) for row in rows]


def title_of(feature: Feature, model: Model) -> str:
    """Name a feature's axis with its unit."""
    unit = ""
    if isinstance(feature, Coverage):
        unit = "share of those wanted"
    elif isinstance(feature, Duration):
        unit = "months"
    elif isinstance(feature, Years):
        unit = "years"
    elif isinstance(feature, ProjectEvidence):
        unit = "share of those missing"
    elif isinstance(feature, ShareOf):
        unit = "share of the whole"
    elif isinstance(feature, Count):
        unit = "number"
    elif isinstance(feature, AtLeast) and feature.measure == "share":
        unit = "share of what is asked for"
    elif isinstance(feature, Number):
        unit = (
            model.task.features.fields[feature.field].unit
            if feature.field in model.task.features.fields
            else ""
        )
    return f"{feature.label} ({unit})" if unit and unit not in feature.label else feature.label
