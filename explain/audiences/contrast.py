"""Two candidates side by side: for the recruiter, the auditor and the developer, never for a candidate."""

import json

from explain.against import LEVELS, Contrast
from explain.audiences.certainty import borderline_words
from explain.audiences.moves import list_of_moves
from explain.explanation import Explanation
from explain.page import Bar, Block, Page, Row, Section, Table
from explain.reason import Reason
from explain.words import number, signed

__all__ = ["auditor_contrast", "developer_contrast", "recruiter_contrast"]

DIGITS, EXACT_DIGITS = 3, 6


def recruiter_contrast(contrast: Contrast) -> Page:
    """Tell the recruiter what sets two candidates apart, and what decided their order."""
    c = contrast
    flags = [f"{e.candidate}: {words}" for e in (c.one, c.other) if (words := borderline_words(e))]
    sections = [
        Section("What sets them apart", (_standing(c), _features(c, DIGITS))),
        Section("Moves after scoring", _moves(c)),
        Section("How sure this is", tuple(flags)),
    ]
    return _page(c, sections)


def auditor_contrast(contrast: Contrast) -> Page:
    """Lay the difference out at each level, and check that each sums to it."""
    c = contrast
    sections = [
        Section("Terms", (_amounts("Term", c, "terms"),)),
        Section("Features", (_features(c, EXACT_DIGITS),)),
        Section("Raw fields", (_amounts("Path", c, "fields"),)),
        Section("Conservation", _conservation(c)),
        Section("Moves after scoring", _moves(c) or ("None concerns either.",)),
    ]
    return _page(c, sections, (_standing(c, EXACT_DIGITS),))


def developer_contrast(contrast: Contrast) -> Page:
    """Show both sides' values and cells, and every difference to the last digit."""
    c = contrast
    others = {cell.term: cell for cell in c.other.cells}
    cells = [
        Row(
            (
                mine.term,
                f"{list(mine.bins)} {'; '.join(mine.spans)}",
                f"{list(others[mine.term].bins)} {'; '.join(others[mine.term].spans)}",
                repr(mine.amount - others[mine.term].amount),
            )
        )
        for mine in c.one.cells
    ]
    heads = ("term", f"cell of {c.one.candidate}", f"cell of {c.other.candidate}", "difference")
    raw = [
        Row((path, _json(c.one.raw.get(path)), _json(c.other.raw.get(path))))
        for path in {**c.one.raw, **c.other.raw}
    ]
    fields = [Row((path, repr(amount))) for path, amount in c.amounts("fields").items()]
    return _page(
        c,
        [
            Section("Cells", (Table(heads, tuple(cells), right=(3,)),)),
            Section("Raw fields", (Table(("path", "difference"), tuple(fields), right=(1,)),)),
            Section("Raw values", (Table(("path", c.one.candidate, c.other.candidate), tuple(raw)),)),
            Section("Conservation", _conservation(c)),
            Section("Moves after scoring", _moves(c)),
        ],
    )


def _page(c: Contrast, sections: list[Section], more: tuple[Block, ...] = ()) -> Page:
    return Page(
        title=f"{c.one.candidate} against {c.other.candidate} for job {c.one.job}: "
        f"rank {c.one.rank} against {c.other.rank} of {c.one.pool_size:,}",
        lead=(_decided(c), *more),
        sections=tuple(section for section in sections if section.blocks),
    )


def _decided(c: Contrast) -> str:
    """Say what put the two in their order, and on which side of the cut-off each stands."""
    upper, lower = (c.one, c.other) if c.is_ahead else (c.other, c.one)
    if c.decided_by == "moves":
        told = (
            f"By score alone {lower.candidate} would stand above {upper.candidate}, at rank "
            f"{lower.rank_by_score} against {upper.rank_by_score}. Moves after scoring decided otherwise."
        )
    elif c.decided_by == "lot":
        told = f"Their scores are exactly equal. {c.one.tie_rule}"
    else:
        told = f"{upper.candidate} stands above {lower.candidate} because its score is higher."
    return f"{told} {_sides(upper, lower)}"


def _sides(upper: Explanation, lower: Explanation) -> str:
    if upper.in_top == lower.in_top:
        return f"Both are {'inside' if upper.in_top else 'outside'} the top {upper.top_k}."
    return f"{upper.candidate} is inside the top {upper.top_k}, {lower.candidate} is not."


def _standing(c: Contrast, digits: int = DIGITS) -> str:
    return (
        f"Score of {c.one.candidate}: {number(c.one.score, digits)}. Score of {c.other.candidate}: "
        f"{number(c.other.score, digits)}. The difference, {signed(c.difference, digits)}, is the sum of the amounts "
        f"below; + speaks for {c.one.candidate}, - for {c.other.candidate}."
    )


def _features(c: Contrast, digits: int) -> Table:
    differences = [mine.amount - theirs.amount for mine, theirs in c.reasons]
    largest = max(map(abs, differences), default=0.0)
    rows = [
        Row(
            (mine.label, mine.words, theirs.words, signed(amount, digits), Bar(amount, largest)),
            _only(c, mine, theirs, digits),
        )
        for (mine, theirs), amount in zip(c.reasons, differences, strict=True)
    ]
    rows.append(Row(("in all", "", "", signed(c.difference, digits), "")))
    heads = ("Feature", c.one.candidate, c.other.candidate, "Difference", "Against and for")
    return Table(heads, tuple(rows), right=(3,))


def _only(c: Contrast, mine: Reason, theirs: Reason, digits: int) -> tuple[str, ...]:
    """Say which entries of the record one of the two has alone, and what they brought."""
    notes = []
    for e, reason, other in ((c.one, mine, theirs), (c.other, theirs, mine)):
        paths = reason.shares.keys() - other.shares.keys() - {reason.subject}
        told = [
            f"{reason.labels[path]} ({signed(amount, digits)})"
            for path, amount in reason.shares.items()
            if path in paths
        ]
        if told:
            notes.append(f"only {e.candidate}, with what each brings {e.candidate}: {', '.join(told)}")
    return tuple(notes)


def _amounts(head: str, c: Contrast, level: str) -> Table:
    found = c.amounts(level)
    largest = max(map(abs, found.values()), default=0.0)
    one, other = getattr(c.one, level), getattr(c.other, level)
    rows = [
        Row(
            (
                name,
                *(signed(side.get(name, 0.0), EXACT_DIGITS) for side in (one, other)),
                signed(amount, EXACT_DIGITS),
                Bar(amount, largest),
            )
        )
        for name, amount in found.items()
    ]
    heads = (head, c.one.candidate, c.other.candidate, "Difference", "Against and for")
    return Table(heads, tuple(rows), right=(1, 2, 3))


def _conservation(c: Contrast) -> tuple[Block, ...]:
    rows = [Row(("difference of the scores", repr(c.difference)))]
    rows += [Row((f"differences of {level}", repr(sum(c.amounts(level).values())))) for level in LEVELS]
    return Table(("Sum", "Amount"), tuple(rows), right=(1,)), f"Largest residual: {c.residual:.1e}."


def _moves(c: Contrast) -> tuple[Block, ...]:
    moves = (*c.one.moves, *c.other.moves)
    if not moves:
        return ()
    told = (
        f"By score alone: ranks {c.one.rank_by_score} and {c.other.rank_by_score}. "
        f"After the moves: {c.one.rank} and {c.other.rank}."
    )
    return told, list_of_moves(moves)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
