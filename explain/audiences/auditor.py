"""For the auditor: every amount with its deviation and rule, and what was kept out."""

from explain.audiences.moves import move_items
from explain.explanation import Explanation
from explain.page import Bar, Block, Item, Items, Page, Row, Section, Table
from explain.words import number, signed

__all__ = ["auditor_page"]

DIGITS = 6


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
        Section("Conservation", _conservation(e)),
        Section("Protected fields", (_protected(e),)),
        Section("Fairness promise", (e.promise or "None was given with this explanation.",)),
        Section("Equal scores", (_ties(e),)),
        Section("Moves after scoring", move_items(e) or ("None concerns this candidate.",)),
    ]
    return Page(
        title=f"Audit of candidate {e.candidate}, job {e.job}: rank {e.rank} of {e.pool_size:,}",
        lead=(_standing(e),),
        sections=tuple(sections),
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
            (f"reads {', '.join(r.sources)}", f"split: {r.split_rule}"),
        )
        for r in e.reasons
    ]
    table = Table(("Feature", "Value", "Amount"), tuple(rows), right=(2,))
    return "A term of two features is halved between them, which is its Shapley split.", table


def _amounts(head: str, amounts: dict[str, float]) -> Table:
    largest = max(map(abs, amounts.values()), default=0.0)
    ordered = sorted(amounts.items(), key=lambda item: -abs(item[1]))
    rows = [Row((name, signed(amount, DIGITS), Bar(amount, largest))) for name, amount in ordered]
    return Table((head, "Amount", "Against and for"), tuple(rows), right=(1,))


def _conservation(e: Explanation) -> tuple[Block, ...]:
    rows = [
        Row((f"intercept + {level}", repr(e.intercept + sum(amounts.values()))))
        for level, amounts in (("terms", e.terms), ("features", e.features), ("raw fields", e.fields))
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
