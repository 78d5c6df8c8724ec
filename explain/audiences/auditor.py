"""For the auditor: every amount with its deviation and rule, and what was kept out."""

from explain.audiences.certainty import borderline_words, certainty_words
from explain.audiences.moves import move_items
from explain.explanation import Explanation
from explain.page import Bar, Block, Item, Items, Page, Row, Section, Table
from explain.words import number, signed

__all__ = ["auditor_page"]

DIGITS = 6
SPLITS = {
    "whole": "",
    "Shapley": "; here by exact Shapley values",
    "Aumann-Shapley": "; here by Aumann-Shapley values, the limit of many small parts",
}


def auditor_page(explanation: Explanation) -> Page:
    """Lay out the score at each level, and what is known about protected fields.

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
        Section("Terms", (_terms(e),)),
        Section("Features", _features(e)),
        Section("Raw fields", (_amounts("Path", e.fields),)),
        Section("Baseline", (_baseline(e),)),
        Section("Conservation", _conservation(e)),
        Section("Certainty", (*certainty_words(e, DIGITS), *filter(None, [borderline_words(e)]))),
        Section("What cleaning made of the record", (_cleaning(e),)),
        Section("Protected fields", (_protected(e),)),
        Section("Groups in this job", e.context or ("Nothing was given with this explanation.",)),
        Section("Fairness promise", (e.promise or "None was given with this explanation.",)),
        Section("Equal scores", (_ties(e),)),
        Section("Moves after scoring", move_items(e) or ("None concerns this candidate.",)),
    ]
    return Page(
        title=f"Audit of candidate {e.candidate}, job {e.job}: rank {e.rank} of {e.pool_size:,}",
        lead=(_standing(e),),
        sections=tuple(section for section in sections if section.blocks),
    )


def _standing(e: Explanation) -> str:
    def at(score: float | None) -> str:
        return "none" if score is None else number(score, DIGITS)

    return (
        f"Score {number(e.score, DIGITS)} = intercept {number(e.intercept, DIGITS)} + the terms below. Rank by "
        f"score {e.rank_by_score}, after moves {e.rank}. Score at rank {e.top_k}: {at(e.cutoff_score)}; "
        f"next above: {at(e.neighbours[0])}; next below: {at(e.neighbours[1])}."
    )


def _terms(e: Explanation) -> Table:
    largest = max((abs(cell.amount) for cell in e.cells), default=0.0)
    rows = [
        Row(
            (
                cell.term,
                signed(cell.amount, DIGITS),
                "" if cell.deviation is None else number(cell.deviation, DIGITS),
                Bar(cell.amount, largest),
            )
        )
        for cell in sorted(e.cells, key=lambda cell: -abs(cell.amount))
    ]
    return Table(("Term", "Amount", "Deviation", "Against and for"), tuple(rows), right=(1, 2))


def _features(e: Explanation) -> tuple[Block, ...]:
    rows = [
        Row(
            (r.label, r.words, signed(r.amount, DIGITS)),
            (
                f"reads {', '.join(r.sources)}",
                f"split: {r.split_rule}{SPLITS[r.split]}",
            ),
        )
        for r in e.reasons
    ]
    table = Table(("Feature", "Value", "Amount"), tuple(rows), right=(2,))
    told = (
        "A term of two features stands by itself, unsplit."
        if e.pairs == "unsplit"
        else "A term of two features is halved between them, which is its Shapley split."
    )
    return told, table


def _amounts(head: str, amounts: dict[str, float]) -> Table:
    largest = max(map(abs, amounts.values()), default=0.0)
    ordered = sorted(amounts.items(), key=lambda item: -abs(item[1]))
    rows = [Row((name, signed(amount, DIGITS), Bar(amount, largest))) for name, amount in ordered]
    return Table((head, "Amount", "Against and for"), tuple(rows), right=(1,))


def _baseline(e: Explanation) -> str:
    if e.baseline is None:
        return "None was asked for: amounts count from zero."
    return (
        f"For the candidate and the recruiter, amounts are relative to {e.baseline.words}, whose score is "
        f"{number(e.base_score, DIGITS)}. The tables above count from zero, the intercept being "
        f"{number(e.intercept, DIGITS)}."
    )


def _cleaning(e: Explanation) -> Block:
    if not e.cleaning:
        return "Every value that a feature reads was read as it is written, or is not given."
    rows = [
        Row((fate.field, fate.before or "not given", f"{fate.action}: {fate.reason}")) for fate in e.cleaning
    ]
    return Table(("Path", "Written", "What became of it"), tuple(rows))


def _conservation(e: Explanation) -> tuple[Block, ...]:
    rows = [
        Row((f"intercept + {level}", repr(e.intercept + sum(amounts.values()))))
        for level, amounts in (("terms", e.terms), ("features", e.features), ("raw fields", e.fields))
    ]
    rows += [
        Row((f"baseline + {level} against it", repr(e.base_score + sum(e.relative(level).values()))))
        for level in ("terms", "features", "fields")
    ]
    table = Table(("Sum", "Score"), (Row(("score", repr(e.score))), *rows), right=(1,))
    return table, f"Largest residual: {e.residual:.1e}."


def _protected(e: Explanation) -> Block:
    if not e.protected and not e.sensitive:
        return "The task declares no protected and no sensitive field, so nothing is refused to a feature."

    def named(labels: dict[str, str]) -> str:
        return ", ".join(f"{label} ({path})" for path, label in labels.items()) or "none"

    read = sorted({*e.protected, *e.sensitive} & set(e.sources))
    return Items(
        (
            Item(f"Protected: {named(e.protected)}."),
            Item(f"Sensitive: {named(e.sensitive)}."),
            Item(f"Read by features: {', '.join(e.sources)}."),
            Item(f"Protected or sensitive among these: {', '.join(read) or 'none'}."),
            Item("A field that is read may still stand in for one that is not; the audit measures how far."),
        )
    )


def _ties(e: Explanation) -> str:
    held = "At least one other candidate has" if e.tied else "No other candidate has"
    return f"{held} exactly this score. {e.tie_rule}"
