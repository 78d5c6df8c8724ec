"""The result of swapped names and places in sentences: what was found, and what cannot be concluded."""

import math
from collections.abc import Sequence
from typing import Final

from fairness.swaps.text_bias_result import CHANGE, CONFIDENCE, BiasTest, GroupEffect, TextBias

__all__ = ["LIMITS", "told"]

MOST: Final = 4  # findings of an attribute that are told one by one
MOST_NAMED: Final = 8  # of the others that are named
WORTH: Final = 0.01  # of probability: below, a difference is called small, whatever its p

LIMITS: Final = (
    "Other templates, names and places were not tried. The unit of the tests is the name, for these templates: "
    "they say what other names of these groups would do here, not what other résumés would show.",
    "Groups are what people see in a name, or what most of its bearers are; nobody's own group is known. "
    "Names tell of age, class and how frequent they are, too, and the tests cannot tell these apart from the group.",
    "Nothing but what stands in the slots was swapped. Schools, associations, languages, hobbies and pronouns can tell "
    "of a group, and stand in the text as before.",
    "A difference says that the model reads the name, not why; where no difference was shown, there may be "
    "one that so few names do not show.",
    "What is attributed to a name need not differ by group: a share tells that the name is read, not that it is "
    "held for or against anybody.",
    "Whether a difference is unlawful, and what it does to people, depends on how answers are used.",
)


def told(result: TextBias) -> dict[str, list[str]]:
    """Say what was found, and what cannot be concluded.

    Returns
    -------
    dict
        ``found`` and ``limits``: lists of sentences.
    """
    said = [_of_design(result), _of_labels(result)]
    for attribute in result.groups:
        said += _of_attribute(result, attribute)
    said += _of_shares(result)
    return {"found": said, "limits": [*LIMITS, *_own_limits(result)]}


def _of_design(result: TextBias) -> str:
    parts = [(result.n_templates, "template"), (result.n_names, "name"), (result.n_places, "place")]
    counts = " x ".join(_counted(n, what) for n, what in parts if n)
    return f"{counts}: {_counted(result.n_texts, 'text')}, answered with one of {len(result.labels)} labels."


def _of_labels(result: TextBias) -> str:
    if result.changed == 0:
        swapped = " and ".join(w for n, w in ((result.n_names, "name"), (result.n_places, "place")) if n)
        return f"No swap changed a label: each template gets the same one with every {swapped}."
    some = [one for one in result.references if one.changed > 0]
    most = max(some, key=lambda one: (one.changed, one.title))
    return (
        f"{_percent(result.changed)} of the texts get another label than the one their template gets most, in "
        f"{len(some)} of {result.n_templates} templates; most in {most.title!r} ({_percent(most.changed)})."
    )


def _of_attribute(result: TextBias, attribute: str) -> list[str]:
    tests = result.tests_of(attribute)
    if not tests:
        return [f"By {attribute} nothing could be compared: no two groups are alike in all else."]
    hits = [test for test in result.found if test.attribute == attribute]
    if not hits:
        return [_none_shown(result, attribute, tests)]
    out = [_hit(result, test) for test in hits[:MOST]]
    if more := hits[MOST:]:
        named = ", ".join(map(_figure, more[:MOST_NAMED])) + (", …" if len(more) > MOST_NAMED else "")
        what = "1 further figure differs" if len(more) == 1 else f"{len(more)} further figures differ"
        out.append(f"By {attribute}, {what}: {named}.")
    return out


def _hit(result: TextBias, test: BiasTest) -> str:
    far = result.largest(test)
    size = f"{_points(far.points)} ({_interval(far.points_low, far.points_high, 100)})"
    scale = (
        ""
        if test.outcome == CHANGE
        else f", {far.difference:+.2f} in log-odds ({_interval(far.low, far.high)})"
    )
    small = "; found, but small" if abs(far.points) < WORTH else ""
    return (
        f"By {test.attribute}, {_figure(test)} differs (p = {_p(test.p_holm)}, adjusted for {len(result.tests)} "
        f"tests): most for {far.group}, {size} against the others{scale}; the same sign in {far.same_sign} of "
        f"{result.n_templates} templates{small}."
    )


def _none_shown(result: TextBias, attribute: str, tests: Sequence[BiasTest]) -> str:
    least = min(tests, key=lambda test: (test.p_holm, test.p))
    if least.least_p * len(result.tests) > 1 - result.level:
        return (
            f"By {attribute} nothing could have been found: with so few of each group the smallest p is "
            f"{_p(least.least_p)}, too large for {len(result.tests)} tests; take more."
        )
    confidence = next(test for test in tests if test.outcome == CONFIDENCE)
    ends = [abs(end) for one in result.effects_of(confidence) for end in (one.points_low, one.points_high)]
    open_ = [end for end in ends if not math.isnan(end)]
    room = (
        f"; the intervals leave room for {100 * max(open_):.1f} points of confidence in the usual label"
        if open_
        else ""
    )
    return (
        f"By {attribute} no difference was shown: the smallest p, of {_figure(least)}, is {_p(least.p_holm)} adjusted "
        f"for {len(result.tests)} tests ({_p(least.p)} alone){room}. That is not proof that there is none."
    )


def _of_shares(result: TextBias) -> list[str]:
    if result.shares is None:
        return []
    where = f"in {_counted(result.shares.n_texts, 'text')}"
    return [
        f"The {one.slot} holds {_percent(one.share)} of the attribution ({_interval(one.low, one.high, 100)} %) "
        f"and {_percent(one.token_share)} of the tokens, {where}."
        for one in result.shares.shares
        if not one.attribute and one.n_units
    ]


def _own_limits(result: TextBias) -> list[str]:
    out = []
    left = [f"{n} by {attribute}" for attribute, n in result.left_out.items() if n]
    if left:
        out.append(
            "Units left out of a comparison, because their group is not known or nobody of another group is "
            f"like them in all else: {', '.join(left)}."
        )
    if result.n_names and result.n_places:
        out.append("Whether a name counts otherwise in another place was not tested.")
    shares = result.shares
    if shares is not None and shares.n_not_reached:
        out.append(
            f"{_counted(shares.n_not_reached, 'attribution')} of {shares.n_texts} do not add up within the bound: "
            "their shares are approximate."
        )
    if shares is not None and shares.n_empty:
        out.append(
            f"{_counted(shares.n_empty, 'text')} had no attribution at all and were left out of shares."
        )
    return out


def _figure(test: BiasTest | GroupEffect) -> str:
    if test.outcome == CHANGE:
        return "how often the label changes"
    if test.outcome == CONFIDENCE:
        return "confidence in the usual label"
    return f"how much {test.label!r} is favoured"


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def _percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.1f} %"


def _points(value: float) -> str:
    return f"{100 * value:+.2f} points"


def _interval(low: float, high: float, times: float = 1) -> str:
    if math.isnan(low) or math.isnan(high):
        return "no interval"
    return f"{times * low:.2f} to {times * high:.2f}"


def _p(value: float) -> str:
    return "< .001" if value < 0.001 else f"{value:.3f}"
