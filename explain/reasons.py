"""The reasons of a score: each feature with its amount, its words, and what they rest on."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from explain.reason import PAIR, Cell, Reason
from explain.strict_json import as_json
from explain.words import duration, listed
from ranker.features import KINDS, Feature, FeatureSet
from ranker.features.amounts import AmountOf
from ranker.records import Records
from ranker.records.values import MISSING_TEXTS
from ranker.scoring import AdditiveScorer
from ranker.scoring.additive import Axis, Term
from ranker.scoring.attribution import Attribution, whole_amounts

__all__ = ["cells_of", "reasons_of"]

KIND_OF = {cls: kind for kind, cls in KINDS.items()}
UNSPLIT_RULE = "an interaction stands by itself: no part of it belongs to one field alone"


def reasons_of(
    scorer: AdditiveScorer,
    features: FeatureSet,
    one: Records,
    row: pd.DataFrame,
    parts: Attribution,
    base: Attribution,
) -> list[Reason]:
    """Make a reason of each feature, and of each interaction that stands unsplit.

    Parameters
    ----------
    scorer, features
        What scored, and what made its inputs.
    one : Records
        The one pair.
    row : DataFrame of shape (1, n_features)
        Its features.
    parts, base : Attribution
        Its score, and the baseline's, taken apart in the same way.
    """
    amount_of = whole_amounts(scorer, row)
    reasons = {
        feature.name: _reason(feature, one, row, parts, base, amount_of(feature.name)) for feature in features
    }
    for term, name in zip(scorer.terms, scorer.term_names, strict=True):
        if name not in reasons and name in parts.features:
            reasons[name] = _joint(scorer, term, name, reasons, parts, base)
    return list(reasons.values())


def _reason(
    feature: Feature,
    one: Records,
    row: pd.DataFrame,
    parts: Attribution,
    base: Attribution,
    amount_of: AmountOf,
) -> Reason:
    words, evidence = feature.describe(one, 0), as_json(feature.evidence(one, 0))
    shares, held = parts.shares[feature.name], base.shares[feature.name]
    return Reason(
        name=feature.name,
        label=feature.label,
        kind=KIND_OF.get(type(feature), type(feature).__name__),
        words=words,
        value=as_json(row[feature.name].iloc[0]),
        amount=parts.features[feature.name],
        evidence=evidence,
        shares=shares,
        labels=_path_labels(feature, one, {**shares, **held}, evidence),
        sources=feature.sources,
        subject=feature.subject,
        split_rule=feature.split_rule,
        unread=_unread(feature, one) if words.startswith("not given") else "",
        base=held,
        split=parts.rules[feature.name],
        gains=feature.gains(one, 0, amount_of),
    )


def _joint(
    scorer: AdditiveScorer,
    term: Term,
    name: str,
    reasons: dict[str, Reason],
    parts: Attribution,
    base: Attribution,
) -> Reason:
    read = [reasons[scorer.feature_names[axis]] for axis in term.features]
    labels = {
        path: label for reason in read for path, label in reason.labels.items() if path in reason.sources
    }
    (path,) = parts.shares[name]
    label = f"{listed([reason.label for reason in read])} together"
    return Reason(
        name=name,
        label=label,
        kind=PAIR,
        words="; ".join(f"{reason.label} {reason.words}" for reason in read),
        value=None,
        amount=parts.features[name],
        evidence={},
        shares=parts.shares[name],
        labels={**labels, path: listed(dict.fromkeys(reason.labels[reason.subject] for reason in read))},
        sources=tuple(labels),
        subject=path,
        split_rule=UNSPLIT_RULE,
        base=base.shares[name],
    )


def _path_labels(
    feature: Feature, one: Records, paths: Iterable[str], evidence: dict[str, Any]
) -> dict[str, str]:
    """Name the paths in words: a field by its label, an entry of a list by what it says."""
    labels = {path: one.field(path).label for path in feature.sources}
    entries = [path for path in paths if path not in labels]
    for path in entries:
        parent = next((p for p in feature.sources if path.startswith(p + "[") and path.endswith("]")), None)
        if parent is None:
            labels[path] = one.field(path).label
            continue
        entry = path[len(parent) + 1 : -1]
        # A nameless item, such as an object in a list, is called by its number.
        labels[path] = f"{labels[parent]} {entry}" if entry.isdigit() else entry
    # Own entries come first; those of a baseline that is a person have no months told.
    for path, item in zip(entries, evidence.get("items", ()), strict=False):
        if item.get("months") is not None:
            dates = [str(item[end]) for end in ("start", "end") if item.get(end)]
            told = f"{' to '.join(dates)}, " if len(dates) == 2 else ""
            labels[path] += f" ({told}{duration(item['months'])})"
    return labels


def _unread(feature: Feature, one: Records) -> str:
    """Return what the record says where it says something that could not be read."""
    written = one.raw(feature.subject, 0)
    if not isinstance(written, str):
        return ""
    text = written.strip()
    absent = text.lower() in MISSING_TEXTS or text in one.field(feature.subject).missing
    return "" if absent else text


def cells_of(scorer: AdditiveScorer, row: pd.DataFrame) -> tuple[Cell, ...]:
    """Find where a row, (1, n_features), falls in each term's table."""
    cells = []
    for name, term, binned in zip(scorer.term_names, scorer.terms, scorer.bin(row), strict=True):
        bins = tuple(int(found[0]) for found in binned)
        axes = [scorer.axes[f] for f in term.features]
        cells.append(
            Cell(
                term=name,
                features=tuple(axis.name for axis in axes),
                bins=bins,
                spans=tuple(_span(axis, len(axes), found) for axis, found in zip(axes, bins, strict=True)),
                amount=float(term.scores[bins]),
                deviation=None if term.deviations is None else float(term.deviations[bins]),
            )
        )
    return tuple(cells)


def _span(axis: Axis, n_features: int, position: int) -> str:
    """Say what a bin stands for."""
    level = axis.level(n_features)
    bins = axis.levels[level]
    if position == 0:
        return "missing"
    if position == axis.n_bins(level) - 1:
        return "unknown"
    if isinstance(bins, dict):
        return " or ".join(category for category, found in bins.items() if found == position)
    low = f"{bins[position - 2]:g} <= " if position > 1 else ""
    high = f" < {bins[position - 1]:g}" if position <= len(bins) else ""
    return f"{low}x{high}" if low or high else "any number"
