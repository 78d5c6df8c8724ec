"""What a page's markup has to be for those who do not see it: each check returns what is wrong."""

from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import pairwise

VOID = {"meta", "link", "input", "br", "wbr", "hr", "img"}
FIELDS = {"input", "select", "textarea"}
REACHED = {"a", "button", "summary"} | FIELDS
SECTIONING = {"header", "main", "nav", "section"}


class Node:
    """An element, with what is in it in order; the root has no tag.

    Parameters
    ----------
    tag : str
        Its name.
    told : dict
        Its attributes.
    above : Node or None
        What it is in.
    """

    def __init__(self, tag: str, told: dict[str, str | None], above: "Node | None") -> None:
        self.tag, self.told, self.above = tag, told, above
        self.inside: list[Node | str] = []

    def all(self, *tags: str) -> Iterator["Node"]:
        """Every element below it of these names, in the order of the page; all without names."""
        for one in self.inside:
            if isinstance(one, Node):
                if not tags or one.tag in tags:
                    yield one
                yield from one.all(*tags)

    def around(self, *tags: str) -> "Node | None":
        """The nearest element around it of these names."""
        one = self.above
        while one is not None and one.tag not in tags:
            one = one.above
        return one

    @property
    def text(self) -> str:
        """What is read out of it."""
        if self.told.get("aria-hidden") == "true":
            return ""
        return " ".join(" ".join(one if isinstance(one, str) else one.text for one in self.inside).split())

    def __repr__(self) -> str:
        return f"<{self.tag} {self.told.get('id') or self.told.get('name') or ''}> {self.text[:40]}".strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Node("", {}, None)
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(dict(attrs)) < len(attrs):
            self.wrong.append(f"<{tag}> says an attribute twice")
        one = Node(tag, dict(attrs), self.at)
        self.at.inside.append(one)
        if tag not in VOID:
            self.at = one

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if self.at.tag != tag:
            self.wrong.append(f"</{tag}> closes <{self.at.tag}>")
        while self.at.tag != tag and self.at.above is not None:
            self.at = self.at.above
        self.at = self.at.above or self.root

    def handle_data(self, data: str) -> None:
        self.at.inside.append(data)


def read(html: str) -> tuple[Node, list[str]]:
    """Return a page as a tree, and what does not close as it was opened."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    left = [] if reader.at is reader.root else [f"<{reader.at.tag}> is never closed"]
    return reader.root, reader.wrong + left


def called(one: Node, page: Node) -> str:
    """Return an element's name as it is told."""
    if "aria-labelledby" in one.told:
        ids = (one.told["aria-labelledby"] or "").split()
        return " ".join(other.text for other in page.all() if other.told.get("id") in ids)
    if one.told.get("aria-label"):
        return str(one.told["aria-label"])
    if one.tag in FIELDS:
        return " ".join(
            label.text for label in page.all("label") if label.told.get("for") == one.told.get("id", "")
        )
    if one.tag == "table":
        return " ".join(other.text for other in one.all("caption"))
    return one.text


def headings(page: Node) -> list[str]:
    levels = [int(one.tag[1]) for one in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    wrong = [] if levels[:1] == [1] and levels.count(1) == 1 else [f"headings begin as {levels[:3]}"]
    wrong += [f"h{after} follows h{before}" for before, after in pairwise(levels) if after > before + 1]
    return wrong + [f"{one} is empty" for one in page.all("h1", "h2", "h3", "h4") if not one.text]


def landmarks(page: Node) -> list[str]:
    wrong = [f"{n} <{tag}>" for tag in ("header", "main") if (n := len(list(page.all(tag)))) != 1]
    for role in ("nav", "region"):
        found = [
            one
            for one in page.all()
            if one.tag == role
            or (
                role == "region"
                and (one.told.get("role") == role or (one.tag == "section" and called(one, page) != one.text))
            )
        ]
        names = Counter(called(one, page) for one in found)
        wrong += [f"{role} {name!r} is there {n} times" for name, n in names.items() if n > 1 or not name]
    skip = next((one for one in page.all("a")), None)
    target = (skip.told.get("href") or "").removeprefix("#") if skip else ""
    if target not in {one.told.get("id") for one in page.all("main")}:
        wrong.append("the first link does not lead to the content")
    return wrong


def names(page: Node) -> list[str]:
    wrong = []
    for one in page.all(*REACHED):
        if (
            one.told.get("type") != "hidden"
            and not ("href" not in one.told and one.tag == "a")
            and not called(one, page)
        ):
            wrong.append(f"{one} has no name")
    for one in page.all("input"):
        group = one.around("fieldset")
        if one.told.get("type") in ("radio", "checkbox") and not (
            group and any(part.text for part in group.all("legend"))
        ):
            wrong.append(f"{one} is of no named group")
    wrong += [
        f"{one} has no name"
        for one in page.all()
        if one.told.get("tabindex") == "0" and not called(one, page)
    ]
    return wrong + [
        f"{one} is reached by keyboard and has no role" for one in page.all("div", "pre")
        if one.told.get("tabindex") == "0" and not one.told.get("role")
    ]  # fmt: skip


def references(page: Node) -> list[str]:
    ids = Counter(one.told["id"] for one in page.all() if "id" in one.told)
    wrong = [f"id {id!r} is there {n} times" for id, n in ids.items() if n > 1]
    for one in page.all():
        for name in ("for", "aria-labelledby", "aria-describedby"):
            wrong += [
                f"{one}: nothing is {id!r}" for id in (one.told.get(name) or "").split() if id not in ids
            ]
    return wrong


def tables(page: Node) -> list[str]:
    wrong = []
    for table in page.all("table"):
        if not (
            called(table, page)
            or any(called(up, page) for up in _above(table) if up.told.get("role") == "region")
        ):
            wrong.append(f"{table} has no name")
        heads = list(table.all("th"))
        wrong += [f"{one} has no scope" for one in heads if one.told.get("scope") not in ("col", "row")]
        wrong += [f"{one} is an empty head" for one in heads if not one.text]
        columns = sum(1 for one in heads if one.told.get("scope") == "col")
        for row in table.all("tr"):
            cells = list(row.all("td", "th"))
            wide = sum(int(one.told.get("colspan") or 1) for one in cells)
            if wide != columns:
                wrong.append(f"{row} has {wide} cells under {columns} heads")
            if row.around("tbody") and "colspan" not in cells[0].told and not list(row.all("th")):
                wrong.append(f"{row} has no head")
    return wrong


def drawings(page: Node) -> list[str]:
    return [
        f"{one} is neither named nor hidden"
        for one in page.all("svg", "img")
        if one.told.get("aria-hidden") != "true"
        and not (one.told.get("role") == "img" and one.told.get("aria-label"))
    ] + [
        f"{one} can be reached and is hidden"
        for hidden in page.all()
        if hidden.told.get("aria-hidden") == "true"
        for one in hidden.all(*REACHED)
    ]


def language_and_title(page: Node) -> list[str]:
    wrong = (
        [] if [one.told.get("lang") for one in page.all("html")] == ["en"] else ["the language is not told"]
    )
    titles = [one.text for one in page.all("title")]
    if len(titles) != 1 or not titles[0].removesuffix("– Candor").strip():
        wrong.append(f"titles {titles}")
    for one in page.all("meta"):
        if one.told.get("name") == "viewport" and (
            "maximum-scale" in str(one.told) or "user-scalable" in str(one.told)
        ):
            wrong.append("the page cannot be enlarged")
    return wrong


def forms(page: Node) -> list[str]:
    wrong = []
    for form in page.all("form"):
        if not list(form.all("button")):
            wrong.append(f"{form} cannot be sent")
        own = {one.told.get("name") for one in form.all("input")}
        if form.told.get("method") == "post" and not own & {"token", "before"}:
            wrong.append(f"{form} has no token")
    return wrong + [f"{one} is in no form" for one in page.all(*FIELDS) if one.around("form") is None]


def _above(one: Node) -> Iterator[Node]:
    while one.above is not None:
        one = one.above
        yield one


CHECKS: tuple[Callable[[Node], list[str]], ...] = (
    headings, landmarks, names, references, tables, drawings, language_and_title, forms,
)  # fmt: skip


def faults(html: str) -> list[str]:
    """Return all that is wrong with a page."""
    page, wrong = read(html)
    return wrong + [f"{check.__name__}: {one}" for check in CHECKS for one in check(page)]
