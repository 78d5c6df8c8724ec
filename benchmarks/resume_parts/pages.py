"""The comparison as a page and as a reliability plot."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.frontier_parts.drawing import COLOURS, INK, MARKERS, MUTED, OURS, RULE
from benchmarks.resume_parts.figures import DECISIONS, ECE_WITHIN, GLASS_WITHIN
from benchmarks.resume_parts.models import GLASS

__all__ = ["draw", "page"]

Json = dict[str, Any]


def page(found: Json) -> str:
    """Write all figures as Markdown."""
    lines = ["# Résumé classifiers", ""]
    for name, case in found["cases"].items():
        lines += [f"## {name}", "", _rows(case), ""]
        lines += ["| model | " + " | ".join(f"macro-F1, {one}" for one in DECISIONS)]
        lines[-1] += " | accuracy | weighted F1 | log-loss | ECE | ECE if perfect | uncertain | CPU s |"
        lines += ["|" + "---|" * (len(DECISIONS) + 8)]
        for model in [*case["figures"], *(set(case["calibration"]) - set(case["figures"]))]:
            lines.append(_line(model, case))
        lines += ["", *_verdicts(case), ""]
        if case["explained"]:
            lines += [*_explained(case["explained"]), ""]
    lines += [f"Left out: {what}: {reason}" for what, reason in found["skipped"].items()]
    told = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    return "\n".join([*lines, "", f"{found['machine']}; {told}", ""])


def _rows(case: Json) -> str:
    train, test = case["train_rows"], case["test_rows"]
    return (
        f"{len(train)} seeds; {min(train)} to {max(train)} training rows, {sum(test)} test rows in all; "
        f"labels {', '.join(case['labels'])}. Mean over seeds, standard deviation after ±."
    )


def _line(model: str, case: Json) -> str:
    rows, told = case["figures"].get(model, []), case["calibration"][model]
    cells = [model]
    for decision in DECISIONS:
        values = [row[decision]["macro_f1"] for row in rows]
        cells.append(f"{np.mean(values):.4f} ± {np.std(values):.4f}" if values else "")
    first = [row[DECISIONS[0]] for row in rows]
    cells += [
        f"{np.mean([row[k] for row in first]):.4f}" if rows else "" for k in ("accuracy", "weighted_f1")
    ]
    cells += [f"{told['log_loss']:.4f}", f"{told['ece']:.4f}", f"{told['ece_if_perfect']['mean']:.4f}"]
    cells += [f"{told['uncertain']['share']:.1%}"]
    cells += [f"{np.mean([row['seconds'] for row in rows]):.1f}" if rows else ""]
    return "| " + " | ".join(cells) + " |"


def _verdicts(case: Json) -> list[str]:
    lines = []
    for decision, gap in case["gap_to_best_black_box"].items():
        verdict = "holds" if gap["mean"] >= -GLASS_WITHIN else "fails"
        lines.append(
            f"- Macro-F1, {decision}: ours minus {gap['against']}'s {gap['mean']:+.4f} "
            f"(95 % {gap['low']:+.4f} to {gap['high']:+.4f}); at most {GLASS_WITHIN} below: {verdict}."
        )
    told = case["calibration"][GLASS]
    excess = told["ece"] - told["ece_if_perfect"]["mean"]
    verdict = "holds" if excess <= ECE_WITHIN else "fails"
    lines.append(
        f"- ECE of {told['n']} test rows: {excess:+.4f} above what perfect probabilities would show "
        f"(95 % of simulations below {told['ece_if_perfect']['p95']:.4f}); at most {ECE_WITHIN}: {verdict}."
    )
    return lines


def _explained(explained: Json) -> list[str]:
    values = ", ".join(f"{name} {value:.3g}" for name, value in explained["features"].items())
    lines = ["### One résumé, explained", "", f"{values}; labelled {explained['label']}.", ""]
    for model, told in explained.items():
        if not isinstance(told, dict) or "amounts" not in told:
            continue
        parts = sorted(told["amounts"].items(), key=lambda item: -abs(item[1]))
        amounts = ", ".join(f"{name} {value:+.3f}" for name, value in parts[:8])
        lines.append(
            f"- {model} ({told['label']}): {told['explains']}: {told['start']:+.3f}, {amounts}"
            f"{', ...' if len(parts) > 8 else ''}; left over {told['left_over']:.1e}"
        )
    return lines


def draw(found: Json, path: Path) -> Path:
    """Draw reliability, and the histogram of confidence below it, a column for each data set."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    cases = found["cases"]
    figure, axes = pyplot.subplots(
        2, len(cases), figsize=(5.4 * len(cases), 6.2), squeeze=False, layout="constrained",
        height_ratios=(3, 1), sharex="col",
    )  # fmt: skip
    for column, (name, case) in enumerate(cases.items()):
        top, below = axes[:, column]
        top.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
        for place, (model, told) in enumerate(case["calibration"].items()):
            ours = model == GLASS
            rows = told["reliability"]
            top.plot(
                [row["confidence"] for row in rows], [row["accuracy"] for row in rows], label=model,
                color=OURS if ours else COLOURS[place % len(COLOURS)], marker="o" if ours else MARKERS[place % 6],
                linewidth=1.8 if ours else 0.9, markersize=4, zorder=3 if ours else 2,
            )  # fmt: skip
        told = case["calibration"][GLASS]["histogram"]
        below.stairs(told["counts"], told["edges"], fill=True, color=OURS)
        low = min(row["confidence"] for one in case["calibration"].values() for row in one["reliability"])
        top.set(xlim=(low - 0.03, 1.01), ylim=(low - 0.08, 1.01), title=name, ylabel="accuracy")
        below.set(xlabel="confidence", ylabel="people")
        for axis in (top, below):
            axis.grid(color=RULE, linewidth=0.6)
            axis.tick_params(colors=INK)
        top.legend(fontsize=7, frameon=False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
    return path
