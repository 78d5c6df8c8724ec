"""How close a person's work comes to a job's title: its closest post or project."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ranker.features.amounts import Amounts, Split, split_of
from ranker.features.closeness import check_encoder, closeness_among
from ranker.features.feature import Feature
from ranker.features.maximum import greatest_of_each, maximum_shares
from ranker.features.posts import Entries, closeness_of, closeness_to_titles, entries_of, posts_of
from ranker.features.shares import SHAPLEY, WHOLE
from ranker.records.field import entity_of
from ranker.records.records import Records

__all__ = ["TitleSimilarity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleSimilarity(Feature):
    """Closeness of the job's title and the closest of the candidate's posts and projects.

    By the words of both, :class:`ranker.features.closeness.ByWords`, or by an encoder's
    cosine. 0 where there is no post and no project; missing where neither list is given or
    the job has no title. Nothing is fitted.

    Parameters
    ----------
    items : str
        Path of a list of objects, such as posts held.
    item : str
        Key of a post's title.
    projects : str or None
        Path of a list of texts.
    title : str
        Path of the job's title.
    encoder : Encoder or None
        Turns texts into vectors; a task file states none.
    """

    items: str
    item: str = "title"
    projects: str | None = None
    title: str
    encoder: Any = None
    split_rule: ClassVar[str] = (
        "posts and projects get their Shapley values, exact for any number: what closer ones add over "
        "less close ones is shared among the closer; the field itself gets what none of them gives"
    )

    def __post_init__(self) -> None:
        Feature.__post_init__(self)
        check_encoder(self.encoder)

    @property
    def sources(self) -> tuple[str, ...]:
        """The posts, the projects, the job's title."""
        return tuple(path for path in (self.items, self.projects, self.title) if path is not None)

    def compute(self, records: Records) -> np.ndarray:
        """Return the closeness, in [0, 1]."""
        greatest, given = np.zeros(len(records)), np.zeros(len(records), dtype=bool)
        for path, kind, entries in self._lists(records):
            starts, _, close = closeness_to_titles(records, path, kind, entries, self.title, self.encoder)
            greatest = np.maximum(greatest, greatest_of_each(starts, close))
            given |= entries.given[records.rows[entity_of(path)]]
        titled = np.array([title is not None for title in records.at(self.title, "text")], dtype=bool)
        return np.where(given & titled, greatest, np.nan)

    def describe(self, records: Records, pair: int) -> str:
        """Say how close, and what is."""
        title = records.cell(self.title, "text", pair)
        if title is None:
            return "the job has no title"
        if np.isnan(self.compute(records.take(np.array([pair])))[0]):
            return "not given"
        _, text, value = max(self._parts(records, pair), key=lambda part: part[2], default=("", "", 0.0))
        return f"{text} is {value:.0%} like {title}" if value else f"nothing like {title}"

    def split(self, records: Records, amounts: Amounts) -> list[Split]:
        """Split over posts and projects; see the class."""
        compared = [
            (entries.paths, *closeness_to_titles(records, path, kind, entries, self.title, self.encoder))
            for path, kind, entries in self._lists(records)
        ]
        titled = [title is not None for title in records.at(self.title, "text").tolist()]
        out = []
        for pair, amount in enumerate(amounts.whole.tolist()):
            runs = [(named, at, close, *starts[pair : pair + 2]) for named, starts, at, close in compared]
            paths = [named[i] for named, at, _, a, b in runs for i in at[a:b].tolist()]
            if not paths or not titled[pair]:
                out.append(Split({self.items: amount}, WHOLE))
                continue
            sizes = np.concatenate([close[a:b] for _, _, close, a, b in runs])
            out.append(self._split(amounts, pair, amount, paths, sizes))
        return out

    def _split(
        self, amounts: Amounts, pair: int, amount: float, paths: list[str], sizes: NDArray[np.float64]
    ) -> Split:
        shares = maximum_shares(lambda values: amounts.of(pair, values), sizes)
        return split_of(self.items, amount, paths, shares.tolist(), SHAPLEY)

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return the job's title, and how close each post and project is to it."""
        parts = [{"path": path, "text": text, "closeness": v} for path, text, v in self._parts(records, pair)]
        return {"title": records.cell(self.title, "text", pair), "compared": parts}

    def sees(self, records: Records, pair: int, path: str, text: str) -> float:
        """Return how close a new entry of ``path`` would be to the job's title; 0 where it is not looked at."""
        title = records.cell(self.title, "text", pair)
        if path != self.projects or title is None:
            return 0.0
        return float(closeness_among([text], self.encoder).to(title)[0])

    def _lists(self, records: Records) -> list[tuple[str, str, Entries]]:
        posts = [(self.items, "items", posts_of(records, self.items, item=self.item))]
        if self.projects is None:
            return posts
        return [*posts, (self.projects, "texts", entries_of(records, self.projects))]

    def _parts(self, records: Records, pair: int) -> list[tuple[str, str, float]]:
        """Return path, text and closeness of each post and project; nothing where the job has no title."""
        title, parts = records.cell(self.title, "text", pair), []
        if title is None:
            return []
        for path, kind, entries in self._lists(records):
            row = records.rows[entity_of(path)][pair]
            close = closeness_of(records, path, kind, entries, self.encoder).to(title)
            for at in range(entries.indptr[row], entries.indptr[row + 1]):
                place = entries.text[at]
                parts.append((entries.paths[at], entries.texts[place], float(close[place])))
        return parts
