"""For the person who was ranked: plain sentences, and nothing about anybody else."""

from typing import Any

from explain.explanation import Explanation, Reason
from explain.page import Bar, Block, Item, Items, Page, Section
from explain.words import (
    counted,
    decimals_for,
    first_up,
    listed,
    number,
    shortened,
    signed,
)
from ranker.ranking.ties import RECORD_TIE_RULE, TIE_RULE

__all__ = ["candidate_json", "candidate_page"]

# An amount as a share of the largest one, and how strongly it then counted.
STRENGTHS = ((0.999, "counted most strongly"), (0.5, "counted strongly"), (0.2, "counted clearly"))
WEAKEST = "counted a little"
ABSENT = "not given"

LOT = (
    "People with equal scores are put in order by lot. The lot is drawn from the reference of the job and "
    "the reference of each person. It does not depend on who applied first or on anything else about them."
)
LOT_OF_RECORDS = (
    "People with equal scores are put in order by lot. The lot is drawn from the reference of the job and "
    "from what each person's record says, protected details left out. It does not depend on who applied first."
)
LOTS = {TIE_RULE: LOT, RECORD_TIE_RULE: LOT_OF_RECORDS}


def candidate_page(explanation: Explanation) -> Page:
    """Tell the person what counted, what is missing, and what can be done.

    Parameters
    ----------
    explanation : Explanation
        Of this person's rank. Neighbours, the cut-off's score, and the names and reasons in
        moves are not read.

    Returns
    -------
    Page
    """
    e = explanation
    largest = max((abs(reason.amount) for reason in e.reasons), default=0.0)
    digits = decimals_for(largest)
    zero = [reason for reason in e.reasons if float(number(reason.amount, digits)) == 0]
    told = [reason for reason in e.reasons if reason not in zero]
    sections = [
        Section(_order_title(e), _order(e)),
        Section("What counted for you", _counted([r for r in told if r.amount > 0], largest, digits, "for")),
        Section(
            "What counted against you",
            _counted([r for r in told if r.amount < 0], largest, digits, "against"),
        ),
        Section("What made no difference", _idle(zero, digits)),
        Section("What is missing or does not match", _missing(e)),
        Section("What was not used", (_not_used(e),)),
        Section("What you can do", _options(e)),
        Section("If you disagree", (_objection(e, digits),)),
    ]
    return Page(
        title=f"Why you are at rank {e.rank} of {e.pool_size:,} for job {e.job}",
        lead=_lead(e, digits),
        sections=tuple(section for section in sections if section.blocks),
    )


def candidate_json(explanation: Explanation) -> dict[str, Any]:
    """Return the explanation as JSON without what tells of others.

    Left out are neighbours, the cut-off's score, the reasons of moves (they may speak of
    others), and everything but the rule of other people's moves.
    """
    document = explanation.to_json()
    del document["neighbours"], document["cutoff_score"]
    for move in document["moves"]:
        del move["reason"]
    document["shifts"] = [{"rule": move["rule"]} for move in document["shifts"]]
    return document


def _lead(e: Explanation, digits: int) -> tuple[Block, ...]:
    pool = (
        f"You ({e.candidate}) are the only person ranked for job {e.job}."
        if e.pool_size == 1
        else f"{counted(e.pool_size, 'person', 'people')} were ranked for job {e.job}. "
        f"Rank 1 is the best. You ({e.candidate}) are at rank {e.rank}."
    )
    begins = "began with" if e.moves or e.shifts else "comes from"
    score = (
        f"Your rank {begins} your score, which is {number(e.score, digits)}. The score is a sum. Everyone "
        f"starts from the same amount, {number(e.intercept, digits)}. Each thing below then adds to it (+) or "
        "takes away from it (-). What the job asks for is the same for everyone. Figures are rounded, so a "
        "sum may differ in its last digit."
    )
    return pool, score


def _order_title(e: Explanation) -> str:
    titles = ["equal scores"] * e.tied + ["a change after scoring"] * bool(e.moves or e.shifts)
    return first_up(listed(titles)) if titles else ""


def _order(e: Explanation) -> tuple[Block, ...]:
    """Tell of ties by their rule, and of moves by their rule only."""
    told = []
    if e.tied:
        rule = LOTS.get(e.tie_rule, e.tie_rule)
        told.append(f"At least one other person has exactly the same score as you. {rule}")
    if e.moves or e.shifts:
        told.append(f"By your score alone you would be at rank {e.rank_by_score}.")
        for move in e.moves:
            told[-1] += (
                f" The rule “{move.rule}” then moved you from rank {move.from_rank} to rank {move.to_rank}."
            )
        if e.shifts:
            rules = list(dict.fromkeys(f"“{move.rule}”" for move in e.shifts))
            word = "rule" if len(rules) == 1 else "rules"
            told[-1] += (
                f" The {word} {listed(rules)} moved {'others' if len(e.shifts) > 1 else 'someone else'} past you."
            )
            told[-1] += f" You are now at rank {e.rank}."
        told[-1] += " Your score did not change."
    return tuple(told)


def _counted(reasons: list[Reason], largest: float, digits: int, side: str) -> tuple[Block, ...]:
    if not reasons:
        return (f"Nothing that was looked at counted {side} you.",)
    items = []
    for reason in reasons:
        share = abs(reason.amount) / largest
        strength = next((words for least, words in STRENGTHS if share >= least), WEAKEST)
        text = f"{_value(reason)} This {strength} {side} you ({signed(reason.amount, digits)})."
        items.append(Item(text, _entries(reason, digits), Bar(reason.amount, largest)))
    return (Items(tuple(items)),)


def _idle(reasons: list[Reason], digits: int) -> tuple[Block, ...]:
    items = tuple(Item(_value(reason), _entries(reason, digits)) for reason in reasons)
    return (Items(items),) if items else ()


def _value(reason: Reason) -> str:
    return f"{first_up(reason.label)}: {reason.words}."


def _entries(reason: Reason, digits: int) -> tuple[str, ...]:
    """Say what each entry of the record brought; equal amounts are told together."""
    groups: dict[str, list[str]] = {}
    for label, amount in reason.entries:
        groups.setdefault(signed(amount, digits), []).append(label)
    if not groups:
        return ()
    told = "; ".join(
        f"{listed(labels)} {amount}{' each' if len(labels) > 1 else ''}" for amount, labels in groups.items()
    )
    whom = "it" if len(reason.entries) == 1 else "any of them"
    note = f"From your record: {told}."
    if reason.subject in reason.shares:
        note += f" Without {whom}, this would be {signed(reason.shares[reason.subject], digits)}."
    return (note,)


def _missing(e: Explanation) -> tuple[Block, ...]:
    lacking = {reason.name: _lacking(reason) for reason in e.reasons}
    told = [r for r in e.reasons if lacking[r.name] and lacking[r.name] != ABSENT]
    items = [Item(f"{first_up(reason.label)}: {lacking[reason.name]}") for reason in told]
    if absent := [reason.label for reason in e.reasons if lacking[reason.name] == ABSENT]:
        items.append(Item(f"Not given in your record: {listed(absent)}."))
    return (Items(tuple(items)),) if items else ()


def _lacking(reason: Reason) -> str:
    """Say what the job asks for or the record does not give; empty where nothing is lacking."""
    if reason.unread:
        return f"your record says “{shortened(reason.unread)}”, which could not be read."
    if reason.missing and reason.kind == "same_category" and reason.value is not None:
        label = reason.labels[reason.subject]
        return f"the job states {listed(reason.missing, 'or')}; your record states another {label}."
    if reason.missing and not reason.words.startswith("not given"):
        where = f"your {reason.labels[reason.subject]}"
        if len(reason.missing) == 1:
            return f"the job {_also(reason)}asks for {reason.missing[0]}, which is not in {where}."
        if reason.one_is_enough:
            return f"the job asks for {listed(reason.missing, 'or')}; none of them is in {where}."
        return f"the job {_also(reason)}asks for {listed(reason.missing)}, which are not in {where}."
    required = reason.evidence.get("required", "not given")
    if required != "not given" and reason.value != 1:
        given = reason.evidence.get("value", "not given")
        says = "does not say" if given == "not given" else f"says {given}"
        return f"the job asks for {required}; your record {says}."
    if not reason.words.startswith("not given"):
        return ""
    if not reason.missing:
        return ABSENT
    asked = listed(reason.missing, "or" if reason.one_is_enough else "and")
    return f"not given in your record; the job asks for {asked}."


def _also(reason: Reason) -> str:
    return "also " if reason.matched else ""


def _not_used(e: Explanation) -> str:
    if not e.protected and not e.sensitive:
        return (
            "No protected characteristic is named for this ranking. "
            "Everything that went into your score is told above."
        )
    whom = "Protected characteristics" if e.protected else "Personal details"
    told = f"{whom} were not used to work out your score ({listed((e.protected or e.sensitive).values())})."
    if e.protected and e.sensitive:
        told += f" Neither were other personal details ({listed(e.sensitive.values())})."
    if e.moves or e.shifts:
        told += (
            " The rule that changed the order afterwards may look at such characteristics, "
            "so that groups of people are treated alike."
        )
    return told


def _options(e: Explanation) -> tuple[Block, ...]:
    used = dict.fromkeys(reason.labels[reason.subject] for reason in e.reasons)
    items = []
    if any(_lacking(reason) for reason in e.reasons):
        items.append(Item("If something listed as missing is true of you, add it to your record."))
    items += [
        Item(f"Check what your record says about {listed(used)}. If something is wrong, have it corrected."),
        Item("A corrected record can change your score and your rank. Nobody can promise that it does."),
    ]
    return (Items(tuple(items)),)


def _objection(e: Explanation, digits: int) -> str:
    return (
        "You can ask the employer to have a person look at your application again. Have these details ready: "
        f"job {e.job}, your reference {e.candidate}, rank {e.rank} of {e.pool_size:,}, "
        f"score {number(e.score, digits)}, and what you think is wrong above."
    )
