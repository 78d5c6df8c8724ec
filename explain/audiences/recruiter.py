"""For the recruiter: what matches, what is missing, and how close the decision was."""

from explain.audiences.certainty import borderline_words, certainty_words
from explain.audiences.moves import move_items
from explain.explanation import Explanation, Reason
from explain.page import Bar, Block, Item, Items, Page, Row, Section, Table
from explain.words import counted, listed, number, signed

__all__ = ["recruiter_page"]

DIGITS = 3


def recruiter_page(explanation: Explanation) -> Page:
    """Tell the recruiter what the rank rests on and how far the next ones are.

    Parameters
    ----------
    explanation : Explanation
        Of one candidate's rank.

    Returns
    -------
    Page
    """
    e = explanation
    sections = [
        Section("Against the cut-off and the neighbours", _distances(e)),
        Section("What the score is made of", _made_up_of(e)),
        Section("How sure this is", certainty_words(e, DIGITS)),
        Section("Still to be settled", _open(e)),
        Section("Moves after scoring", move_items(e)),
    ]
    return Page(
        title=f"{e.candidate} for job {e.job}: rank {e.rank} of {e.pool_size:,}",
        lead=tuple(text for text in (_standing(e), borderline_words(e)) if text),
        sections=tuple(section for section in sections if section.blocks),
    )


def _standing(e: Explanation) -> str:
    text = f"Score {number(e.score, DIGITS)}; higher is better, and scores compare within this job only. "
    text += f"{'Inside' if e.in_top else 'Outside'} the top {e.top_k}."
    if e.pool_size <= e.top_k:
        text += f" The pool has {counted(e.pool_size, 'candidate')} in all, so everyone is inside."
    if e.tied:
        text += f" TIED: at least one other candidate has exactly this score. {e.tie_rule}"
    return text


def _distances(e: Explanation) -> tuple[Block, ...]:
    others = [
        (f"rank {e.top_k}, the cut-off", e.cutoff_score if e.rank != e.top_k else None),
        (f"rank {e.rank - 1}, next above", e.neighbours[0]),
        (f"rank {e.rank + 1}, next below", e.neighbours[1]),
    ]
    rows = [
        Row((where, number(score, DIGITS), _ahead(e.score - score)))
        for where, score in others
        if score is not None
    ]
    if e.rank == e.top_k:
        rows.insert(0, Row((f"rank {e.top_k}, the cut-off", number(e.score, DIGITS), "this candidate")))
    return (Table(("Compared with", "Score", "This candidate is"), tuple(rows), right=(1,)),) if rows else ()


def _ahead(distance: float) -> str:
    if distance == 0:
        return "equal"
    if abs(distance) < 0.5 * 10**-DIGITS:
        return f"less than {10**-DIGITS:g} {'ahead' if distance > 0 else 'behind'}"
    return f"{number(abs(distance), DIGITS)} {'ahead' if distance > 0 else 'behind'}"


def _made_up_of(e: Explanation) -> tuple[Block, ...]:
    """Lay the score out as a sum over features, with a bar for each."""
    largest = max((abs(reason.relative) for reason in e.reasons), default=0.0)
    rows = [Row(("where everyone starts", "", signed(e.base_score, DIGITS), ""))]
    rows += [
        Row(
            (reason.label, reason.words, signed(reason.relative, DIGITS), Bar(reason.relative, largest)),
            found_words(reason),
        )
        for reason in e.reasons
    ]
    rows.append(Row(("score", "", number(e.score, DIGITS), "")))
    held = e.baseline.words if e.baseline else "an amount of zero"
    told = f"Amounts are relative to {held}."
    if e.pairs == "unsplit":
        told += " What two features say only together stands by itself."
    return told, Table(("Feature", "Value", "Amount", "Against and for"), tuple(rows), right=(2,))


def found_words(reason: Reason) -> tuple[str, ...]:
    """Say which items matched, which are missing, and what each brought or would have brought."""
    notes = []
    if reason.entries:
        lead = "matched" if reason.matched else "rests on"
        notes.append(f"{lead}: {', '.join(_with_amount(*entry) for entry in reason.entries)}")
    elif reason.matched:
        notes.append(f"matched: {', '.join(reason.matched)}")
    if reason.missing:
        one = ", one is enough" if reason.one_is_enough and len(reason.missing) > 1 else ""
        lack = "the job states" if reason.kind == "same_category" else "missing"
        items = [
            _with_amount(item, reason.gains[item], "would have brought ") if item in reason.gains else item
            for item in reason.missing
        ]
        notes.append(f"{lack}{one}: {', '.join(items)}")
    elif reason.gains:
        told = [f"{item} would have brought {signed(gain, DIGITS)}" for item, gain in reason.gains.items()]
        notes.append(", ".join(told))
    return tuple(notes)


def _with_amount(item: str, amount: float, lead: str = "") -> str:
    return f"{item} ({lead}{signed(amount, DIGITS)})"


def _open(e: Explanation) -> tuple[Block, ...]:
    """Name what the record does not give, so that it can be asked for."""
    unread = [f"{r.label} (the record says “{r.unread}”)" for r in e.reasons if r.unread]
    absent = [r.label for r in e.reasons if r.words.startswith("not given") and not r.unread]
    items = []
    if absent:
        items.append(Item(f"Not given in the record: {listed(absent)}."))
    if unread:
        items.append(Item(f"Could not be read: {listed(unread)}."))
    read = [fate for fate in e.cleaning if fate.field not in {r.subject for r in e.reasons if r.unread}]
    items += [Item(f"Read from {e.label_of(fate.field)}: {fate.reason}.") for fate in read]
    return (Items(tuple(items)),) if items else ()
