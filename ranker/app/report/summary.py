"""The audit in three plain sentences."""

from collections.abc import Callable, Mapping
from typing import Any


def in_words(figures: dict[str, Any]) -> str:
    """Say how good the ranking is, how groups fare in it, and what became of the promise."""
    promises = [certificate["in_words"] for certificate in figures["certificates"]]
    said = " ".join(promises) or "No constraint was stated, so nothing is promised."
    return f"{_quality(figures)} {_treatment(figures)} {said}"


def gap_in_words(figures: dict[str, Any], label_of: Callable[[str], str]) -> str:
    """Say which group scores lowest against the best-served one, and through which field most of it comes.

    Parameters
    ----------
    figures : dict
        Of the audit.
    label_of : callable
        Names a field path in words.
    """
    gap = figures["gap_by_field"]
    if not gap or not gap["pairs"]:
        return ""
    pair = min(gap["pairs"], key=lambda pair: (pair["after"]["total"], pair["first"]))
    total = pair["after"]["total"]
    if total > -0.0005:
        return f"No group's mean score lies below that of {gap['best_served']} by as much as 0.001."
    amounts = pair["after"]["fields"]
    path = min(amounts, key=lambda name: (amounts[name], name))

    def was(amount: float) -> str:
        return "" if figures["unchanged"] else f" ({-amount:.3f} before)".replace("-", "\u2212")

    return (
        f"The mean score of {pair['first']} lies {-total:.3f}{was(pair['before']['total'])} below that of "
        f"{pair['second']}; the largest part of that, {-amounts[path]:.3f}{was(pair['before']['fields'][path])}, "
        f"comes through {label_of(path)} ({path})."
    )


def _quality(figures: dict[str, Any]) -> str:
    test, found = figures["split"]["parts"]["test"], figures["ndcg"]["intervals"]
    after, before = found["after"]["10"]["value"], found["before"]["10"]["value"]
    where = f"On the test part ({test['pairs']:,} pairs, {test['jobs']:,} job{'s' * (test['jobs'] != 1)})"
    if figures["unchanged"]:
        return f"{where} NDCG@10 is {three(after)}; the shipped ranker is the unconstrained one."
    return f"{where} NDCG@10 is {three(after)}, against {three(before)} unconstrained."


def _treatment(figures: dict[str, Any]) -> str:
    if figures["exposure"] is None:
        return "No field is declared protected, so no group is compared."

    def said(section: str, ratio: str) -> str:
        after, before = (compared(figures, section, ratio, when) for when in ("after", "before"))
        if after["value"] is None:
            return "not measured"
        low, high = after["interval"]
        told = (
            "no interval: resamples do not differ"
            if low is None
            else (f"95% interval {three(low)} to {three(high)}")
        )
        text = f"{three(after['value'])} ({told}"
        if not figures["unchanged"]:
            text += f"; unconstrained {three(before['value'])}"
        whole = figures[section]["after"][ratio]
        return f"{text}; with the small groups {three(whole['value'])})" if whole is not after else f"{text})"

    selection = figures["selection"]
    compared_groups = [
        g for g in figures["exposure"]["after"]["exposure"] if g not in figures["exposure"]["small"]
    ]
    among = f" ({', '.join(compared_groups)})" if len(compared_groups) <= 6 else ""
    text = f"By {figures['attribute']}{among}, the exposure ratio is {said('exposure', 'exposure_ratio')}"
    if selection["jobs_all_selected"] == selection["jobs"]:
        return f"{text}; no pool is larger than {selection['top_k']}, so selection cannot be compared."
    return f"{text} and the impact ratio at {selection['top_k']} is {said('selection', 'impact_ratio')}."


def not_ruled_out(certificate: Mapping[str, Any]) -> float:
    """Return the end of the interval that lies on the wrong side of the bound, of a promise that holds unsurely."""
    low, high = certificate["interval"]
    worst: float = high if certificate["constraint"]["kind"] == "difference" else low
    return worst


def compared(figures: dict[str, Any], section: str, ratio: str, when: str) -> dict[str, Any]:
    """Return a ratio over the groups that are large enough to be compared, as the constraint compares them."""
    found: dict[str, Any] = figures[section][when]
    return found["without_small"] or found[ratio]


def three(value: float | None) -> str:
    """Write a figure with three decimals."""
    return "not measured" if value is None else f"{value:.3f}"
