"""For the person who was ranked: plain sentences, and nothing about anybody else."""

from typing import Any

from explain.audiences.candidate_reasons import (
    counted_items,
    idle_items,
    lacking,
    missing_items,
    reading_items,
)
from explain.explanation import Explanation
from explain.page import Block, Item, Items, Page, Section
from explain.words import counted, decimals_for, first_up, listed, number
from ranker.errors import DataError
from ranker.ranking.ties import RECORD_TIE_RULE, TIE_RULE

__all__ = [
    "candidate_json", "candidate_page", "check_baseline", "objection", "order_title", "order_words", "reason_sections",
]  # fmt: skip

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

    Raises
    ------
    DataError
        If the baseline is made of other people of the job.
    """
    e = explanation
    check_baseline(e)
    largest = max((abs(reason.relative) for reason in e.reasons), default=0.0)
    digits = decimals_for(largest)
    sections = [
        Section(order_title(e), order_words(e)),
        *reason_sections(e, largest, digits),
        Section("What is missing or does not match", missing_items(e, digits)),
        Section("How your record was read", reading_items(e)),
        Section("What was not used", (_not_used(e),)),
        Section("What you can do", _options(e)),
        Section("If you disagree", (objection(e, digits),)),
    ]
    return Page(
        title=f"Why you are at rank {e.rank} of {e.pool_size:,} for job {e.job}",
        lead=_lead(e, digits),
        sections=tuple(section for section in sections if section.blocks),
    )


def check_baseline(e: Explanation) -> None:
    """Refuse to hold a person against others: who knows the difference knows the others."""
    if e.baseline is not None and e.baseline.tells_of_others:
        raise DataError(
            f"amounts relative to {e.baseline.words} tell the candidate of others: for the candidate use the "
            "baseline 'population' or 'zero'"
        )


def reason_sections(e: Explanation, largest: float, digits: int) -> list[Section]:
    """Tell what counted for the person, against, and not at all."""
    zero = [reason for reason in e.reasons if float(number(reason.relative, digits)) == 0]
    told = [reason for reason in e.reasons if reason not in zero]
    pro, con = [r for r in told if r.relative > 0], [r for r in told if r.relative < 0]
    return [
        Section("What counted for you", counted_items(pro, largest, digits, "for")),
        Section("What counted against you", counted_items(con, largest, digits, "against")),
        Section("What made no difference", idle_items(zero, digits)),
    ]


def candidate_json(explanation: Explanation) -> dict[str, Any]:
    """Return the explanation as JSON without what tells of others.

    Left out are neighbours, the cut-off's score, how sure the rank is (which depends on how close
    others are), groups, the reasons of moves (they may speak of others), and everything but the
    rule of other people's moves.
    """
    check_baseline(explanation)
    document = explanation.to_json()
    for key in (
        "neighbours", "cutoff_score", "certainty", "uncertain_because", "borderline", "context",
    ):  # fmt: skip
        del document[key]
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
        f"starts from the same amount, {number(e.base_score, digits)}{_start(e)}. Each thing below then adds to "
        "it (+) or takes away from it (-). What the job asks for is the same for everyone. Figures are rounded, so a "
        "sum may differ in its last digit."
    )
    return pool, score


def _start(e: Explanation) -> str:
    known = e.baseline is not None and e.baseline.kind == "population"
    return ", the score of the average application that the ranking was learned from" if known else ""


def order_title(e: Explanation) -> str:
    """Name what besides the score put the person in order."""
    titles = ["equal scores"] * e.tied + ["a change after scoring"] * bool(e.moves or e.shifts)
    return first_up(listed(titles)) if titles else ""


def order_words(e: Explanation) -> tuple[Block, ...]:
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
    if any(lacking(reason) for reason in e.reasons):
        items.append(
            Item(
                "If something listed as missing is true of you, add it to your record; where your score would "
                "be lower with it, ask why."
            )
        )
    items += [
        Item(f"Check what your record says about {listed(used)}. If something is wrong, have it corrected."),
        Item("A corrected record can change your score and your rank. Nobody can promise that it does."),
    ]
    return (Items(tuple(items)),)


def objection(e: Explanation, digits: int) -> str:
    """Say how to object."""
    return (
        "You can ask the employer to have a person look at your application again. Have these details ready: "
        f"job {e.job}, your reference {e.candidate}, rank {e.rank} of {e.pool_size:,}, "
        f"score {number(e.score, digits)}, and what you think is wrong above."
    )
