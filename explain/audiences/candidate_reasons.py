"""What counted for a person and against, what is missing, and how the record was read: plain sentences."""

from collections.abc import Iterable

from explain.explanation import Explanation, Reason
from explain.page import Bar, Block, Item, Items
from explain.words import first_up, listed, number, shortened, signed
from ranker.features.feature import amount_text

__all__ = ["counted_items", "gains_note", "idle_items", "lacking", "missing_items", "reading_items"]

# An amount as a share of the largest one, and how strongly it then counted.
STRENGTHS = ((0.999, "counted most strongly"), (0.5, "counted strongly"), (0.2, "counted clearly"))
WEAKEST = "counted a little"
ABSENT = "not given"


def counted_items(reasons: list[Reason], largest: float, digits: int, side: str) -> tuple[Block, ...]:
    """Tell what counted on one side, ``for`` or ``against``; ``largest`` is the full length of a bar."""
    if not reasons:
        return (f"Nothing that was looked at counted {side} you.",)
    items = []
    for reason in reasons:
        share = abs(reason.relative) / largest
        strength = next((words for least, words in STRENGTHS if share >= least), WEAKEST)
        text = f"{_value(reason)} This {strength} {side} you ({signed(reason.relative, digits)})."
        items.append(Item(text, _notes(reason, digits), Bar(reason.relative, largest)))
    return (Items(tuple(items)),)


def idle_items(reasons: list[Reason], digits: int) -> tuple[Block, ...]:
    """Tell what made no difference."""
    items = tuple(Item(_value(reason), _notes(reason, digits)) for reason in reasons)
    return (Items(items),) if items else ()


def _value(reason: Reason) -> str:
    return f"{first_up(reason.label)}: {reason.words}."


def _notes(reason: Reason, digits: int) -> tuple[str, ...]:
    return (*_clamped(reason), *_entries(reason, digits))


def _clamped(reason: Reason) -> tuple[str, ...]:
    """Say what the record holds where another number was used."""
    if "used" not in reason.evidence:
        return ()
    written, used = reason.evidence["written"], reason.evidence["used"]
    side = "above" if written > used else "below"
    return (
        f"Your record says {amount_text(written)}. Anything {side} {amount_text(used)} counts as "
        f"{amount_text(used)}.",
    )


def _entries(reason: Reason, digits: int) -> tuple[str, ...]:
    """Say what each entry of the record brought; equal amounts are told together."""
    if not reason.entries:
        return ()
    whom = "it" if len(reason.entries) == 1 else "any of them"
    note = f"From your record: {_grouped(reason.entries, digits)}."
    if reason.subject in reason.shares:
        note += f" Without {whom}, this would be {signed(reason.rest, digits)}."
    return (note,)


def _grouped(entries: Iterable[tuple[str, float]], digits: int) -> str:
    groups: dict[str, list[str]] = {}
    for label, amount in entries:
        groups.setdefault(signed(amount, digits), []).append(label)
    return "; ".join(
        f"{listed(labels)} {amount}{' each' if len(labels) > 1 else ''}" for amount, labels in groups.items()
    )


def gains_note(reason: Reason, digits: int) -> tuple[str, ...]:
    """Say what each missing thing would have brought, on its own."""
    groups: dict[str, list[str]] = {}
    for item, gain in reason.gains.items():
        groups.setdefault(number(gain, digits), []).append(item)
    told = [
        f"With {listed(items, 'or')} your score would be {_changed(gain)}" for gain, items in groups.items()
    ]
    if not told:
        return ()
    alone = ", each counted by itself" if len(reason.gains) > 1 else ""
    return (f"{'; '.join([told[0], *(line[0].lower() + line[1:] for line in told[1:])])}{alone}.",)


def _changed(gain: str) -> str:
    if float(gain) == 0:
        return "the same"
    return f"{gain.lstrip('-')} {'higher' if float(gain) > 0 else 'lower'}"


def missing_items(e: Explanation, digits: int) -> tuple[Block, ...]:
    """Tell what the job asks for and the record does not show, and what it would have brought."""
    found = {reason.name: lacking(reason) for reason in e.reasons}
    told = [reason for reason in e.reasons if found[reason.name] not in ("", ABSENT)]
    items = [Item(f"{first_up(r.label)}: {found[r.name]}", gains_note(r, digits)) for r in told]
    if absent := [reason.label for reason in e.reasons if found[reason.name] == ABSENT]:
        items.append(Item(f"Not given in your record: {listed(absent)}."))
    return (Items(tuple(items)),) if items else ()


def reading_items(e: Explanation) -> tuple[Block, ...]:
    """Tell what could not be read as it is written, or was changed, besides what is told elsewhere."""
    elsewhere = {r.subject for r in e.reasons if r.unread or "used" in r.evidence}
    notes = dict.fromkeys(
        f"{first_up(e.label_of(fate.field))}: {fate.reason}."
        for fate in e.cleaning
        if not fate.field.startswith("job.") and fate.field not in elsewhere
    )
    return (Items(tuple(Item(note) for note in notes)),) if notes else ()


def lacking(reason: Reason) -> str:
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
