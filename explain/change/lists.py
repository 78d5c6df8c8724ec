"""Actions on lists: add what the job wants, stay in a post or begin one."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, ClassVar

from explain.change.actions import Action, Option
from explain.change.changes import Change
from explain.change.person import Person
from explain.change.raw_values import appended, holds_lists, raw_column, written_like
from explain.words import duration
from ranker.errors import TaskError
from ranker.features.duration import Duration
from ranker.records.values import (
    ONGOING,
    Unreadable,
    as_month,
    as_number,
    as_text,
    decode,
    is_missing,
    normal,
)

__all__ = ["AddItems", "Extend"]

NAMELESS = ("a new entry", "a second new entry", "a third new entry")
NEW = "a new post"  # no matter which
MOST_SUBSETS = 4096  # of new items that the features tell apart


@dataclass(frozen=True, slots=True, kw_only=True)
class AddItems(Action):
    """Add items to a list, such as skills; each costs 1 by default.

    Parameters
    ----------
    items : tuple of str
        What may be added; by default all that the job asks for and the record lacks.
    unnamed : int
        How many items of no matter which name may be added, such as projects.
    most : int or None
        How many may be added in all.
    """

    items: tuple[str, ...] = ()
    unnamed: int = 0
    most: int | None = None

    kind: ClassVar[str] = "add"

    def options(self, person: Person) -> list[Option]:
        """Return each number of items of each likeness, the cheapest of a likeness first."""
        if not holds_lists(person.records, self.path):
            raise TaskError(
                f"action on {self.path!r}: its column holds single texts, to which nothing can be added: "
                "state the field's separator, or write lists"
            )
        classes = self._classes(person)
        sizes = [range(len(items) + 1) for items in classes]
        n_subsets = 1
        for size in sizes:
            n_subsets *= len(size)
        if n_subsets > MOST_SUBSETS:
            raise TaskError(
                f"action on {self.path!r}: {sum(map(len, classes))} items that all weigh differently make "
                f"{n_subsets:,} combinations, more than {MOST_SUBSETS:,}: name fewer items"
            )
        most = sum(map(len, classes)) if self.most is None else self.most
        out = []
        steps = person.records.locate(self.path).steps
        for counts in product(*sizes):
            if 0 < sum(counts) <= most:
                added = [pick for items, n in zip(classes, counts, strict=True) for pick in items[:n]]
                out.append(self._option(person, steps, added))
        return out

    def _classes(self, person: Person) -> list[list[tuple[float, str]]]:
        """Return (cost, item) of what may be added, by likeness."""
        has = {normal(text) for text in person.records.cell(self.path, "texts", person.pair) or ()}
        wanted = dict.fromkeys(self.items or person.wanted(self.path).values())
        names = [NAMELESS[n] if n < len(NAMELESS) else f"new entry {n + 1}" for n in range(self.unnamed)]
        alike: dict[Any, list[tuple[float, str]]] = {}
        for item in [*wanted, *names]:
            if normal(item) not in has:
                has.add(normal(item))
                cost = self.price(person, None, item, item=item)
                alike.setdefault(person.likeness(self.path, item), []).append((cost, item))
        return [sorted(items, key=lambda pick: pick[0]) for items in alike.values()]

    def _option(self, person: Person, steps: tuple[str, ...], added: list[tuple[float, str]]) -> Option:
        separator, names = person.records.field(self.path).separator, [item for _, item in added]
        label = person.records.field(self.path).label

        def edit(value: Any) -> Any:
            return written_like(value, appended(value, steps, names, separator), separator)

        return Option(
            self.path,
            edit,
            tuple(
                Change(f"{self.path}[{item}]", None, item, cost, f"add {item} to {label}")
                for cost, item in added
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend(Action):
    """Stay in a present post, or begin one from now on; a month costs 1/12 by default.

    Parameters
    ----------
    most : int
        Months, at most.
    new : bool
        Whether a new post may be begun: with each name that the job asks for, or with none.
    """

    most: int = 60
    new: bool = True

    kind: ClassVar[str] = "extend"

    def options(self, person: Person) -> list[Option]:
        """Return each number of months in each present post, and in a new one of each likeness."""
        reader = next((f for f in person.features if isinstance(f, Duration) and f.items == self.path), None)
        if reader is None:
            raise TaskError(
                f"action on {self.path!r}: no feature of kind 'duration' reads how long its items last, and years "
                "that stand without dates do not say which post is still held: leave the action out"
            )
        as_of = None if reader.as_of is None else as_month(reader.as_of, None)
        if reader.months is None and as_of is None:
            return []  # nothing says when "now" is
        posts = list(_present(self._posts(person)))
        out = []
        for number, post in posts:
            for months in range(1, self.most + 1):
                out.append(self._longer(person, reader, as_of, number, post, months))
        if self.new:
            for name in self._names(person, reader):
                for months in range(1, self.most + 1):
                    out.append(self._begun(person, reader, as_of, name, months))
        return [option for option in out if option is not None]

    def _posts(self, person: Person) -> list[Any]:
        value = raw_column(person.records, self.path, person.pair)[2]
        found = [] if is_missing(value) else decode(value)
        return list(found) if isinstance(found, list | tuple) else []

    def _names(self, person: Person, reader: Duration) -> list[str | None]:
        if reader.item is None:
            return [None]
        wanted = person.wanted(self.path)
        cheapest: dict[Any, tuple[float, str]] = {}
        for text in wanted.values():
            cost = self.price(person, None, 1.0, item=text, default=1 / 12)
            like = person.likeness(self.path, text)
            if like not in cheapest or cost < cheapest[like][0]:
                cheapest[like] = (cost, text)
        # Also a post that the job does not ask for: months of any post may count.
        return [text for _, text in cheapest.values()] or [NEW]

    def _longer(
        self,
        person: Person,
        reader: Duration,
        as_of: int | None,
        number: int,
        post: dict[str, Any],
        months: int,
    ) -> Option | None:
        name = _name(post, reader) or str(number + 1)
        try:
            if reader.months is not None:
                before = as_number(post.get(reader.months))
                after: dict[str, Any] = {reader.months: before + months}
            else:
                assert as_of is not None
                start = as_month(post.get(str(reader.start)), as_of)
                before = float("nan") if start is None else float(as_of - start)
                after = {str(reader.end): _written_month(as_of + months)}
        except Unreadable:
            return None
        if before != before:
            return None
        cost = self.price(person, before, before + months, item=name, units=months, default=1 / 12)
        words = f"stay {duration(months)} longer in your post {name}"
        change = Change(f"{self.path}[{name}]", before, before + months, cost, words)

        def edit(value: Any) -> Any:
            items = list(decode(value))
            items[number] = {**items[number], **after}
            return written_like(value, items, None)

        return Option(self.path, edit, (change,))

    def _begun(
        self, person: Person, reader: Duration, as_of: int | None, name: str | None, months: int
    ) -> Option:
        cost = self.price(person, None, float(months), item=name or "", units=months, default=1 / 12)
        post: dict[str, Any] = {} if reader.item is None else {reader.item: name}
        if reader.months is not None:
            post[reader.months] = months
        else:
            assert as_of is not None
            post |= {
                str(reader.start): _written_month(as_of),
                str(reader.end): _written_month(as_of + months),
            }
        words = f"work for {duration(months)} " + (f"as {name}" if name not in (None, NEW) else f"in {NEW}")
        change = Change(f"{self.path}[{name or NEW}]", None, float(months), cost, words)

        def edit(value: Any) -> Any:
            items = [] if is_missing(value) else list(decode(value))
            return written_like(value, [*items, post], None)

        return Option(self.path, edit, (change,))


def _present(posts: list[Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the posts that somebody still holds, with their places."""
    for number, post in enumerate(posts):
        if isinstance(post, dict) and any(
            isinstance(value, str) and value.strip().lower() in ONGOING for value in post.values()
        ):
            yield number, post


def _name(post: dict[str, Any], reader: Duration) -> str | None:
    try:
        return as_text(post.get(reader.item)) if reader.item else None
    except Unreadable:
        return None


def _written_month(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"
