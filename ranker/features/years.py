"""Years of experience: of all posts, of the longest one, or counted by how close each comes to the job."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ranker.errors import TaskError, did_you_mean
from ranker.features.amounts import Amounts, Split, split_of
from ranker.features.closeness import check_encoder
from ranker.features.feature import Feature, amount_text
from ranker.features.maximum import greatest_of_each, maximum_shares
from ranker.features.posts import closeness_to_titles, posts_of
from ranker.features.shares import SHAPLEY, WHOLE, rule_of_sum, sum_shares
from ranker.kernels.pair_matching import sum_of_items
from ranker.records.field import entity_of
from ranker.records.records import Records

__all__ = ["Years"]

MEASURES = ("sum", "maximum", "weighted")
DECIMALS = 9  # .1 + .2 is .3: a sum falls on the same side of a cut in whatever order it is added


@dataclass(frozen=True, slots=True, kw_only=True)
class Years(Feature):
    """Years stated for the posts of a list; posts that overlap in time count each.

    ``"sum"`` adds them, ``"maximum"`` takes the longest post, ``"weighted"`` adds the years
    of each post times the closeness of its title to the job's, in [0, 1]. 0 where there is no
    post; missing where the list is not given, and for ``"weighted"`` where the job has no title.

    Parameters
    ----------
    items : str
        Path of a list of objects.
    years : str
        Key of a post's years.
    item : str
        Key of its title.
    measure : {"sum", "maximum", "weighted"}
    title : str or None
        Path of the job's title, which ``"weighted"`` needs.
    encoder : Encoder or None
        Compares titles; by their words where there is none, as a task file has it.
    """

    items: str
    years: str = "years"
    item: str = "title"
    measure: Literal["sum", "maximum", "weighted"] = "sum"
    title: str | None = None
    encoder: Any = None
    split_rule: ClassVar[str] = (
        "posts get their Shapley values, Aumann-Shapley values where more than 12 are added; "
        "the field itself gets what no post gives"
    )

    def __post_init__(self) -> None:
        Feature.__post_init__(self)
        if self.measure not in MEASURES:
            raise TaskError(
                f"measure {self.measure!r} is not known{did_you_mean(str(self.measure), MEASURES)}"
            )
        if (self.measure == "weighted") != (self.title is not None):
            raise TaskError(
                "measure 'weighted' compares each post with the job's title: state title, the path of it, "
                "and no title with another measure"
            )
        check_encoder(self.encoder)

    @property
    def sources(self) -> tuple[str, ...]:
        """The posts, the job's title."""
        return (self.items,) if self.title is None else (self.items, self.title)

    def compute(self, records: Records) -> np.ndarray:
        """Return the years."""
        starts, _, years = self._years(records)
        if self.measure == "maximum":
            out = greatest_of_each(starts, years)
        else:
            out = np.round(sum_of_items(starts, years), DECIMALS)
        given = posts_of(records, self.items, item=self.item, years=self.years).given
        out = np.where(given[records.rows[entity_of(self.items)]], out, np.nan)
        if self.title is None:
            return out
        titled = [title is not None for title in records.at(self.title, "text")]
        return np.where(titled, out, np.nan)

    def describe(self, records: Records, pair: int) -> str:
        """Say the years, and of which posts."""
        if self.title is not None and records.cell(self.title, "text", pair) is None:
            return "the job has no title"
        text = amount_text(float(self.compute(records.take(np.array([pair])))[0]), "years")
        if text == "not given" or self.measure == "sum":
            return text
        return (
            f"{text} in one post" if self.measure == "maximum" else f"{text}, counted by closeness to the job"
        )

    def split(self, records: Records, amounts: Amounts) -> list[Split]:
        """Split over the posts; see the class."""
        starts, at, years = self._years(records)
        posts = posts_of(records, self.items, item=self.item, years=self.years)
        out = []
        for pair, amount in enumerate(amounts.whole.tolist()):
            own = slice(starts[pair], starts[pair + 1])
            out.append(self._split(amounts, pair, amount, [posts.paths[i] for i in at[own]], years[own]))
        return out

    def _split(
        self, amounts: Amounts, pair: int, amount: float, paths: list[str], years: NDArray[np.float64]
    ) -> Split:
        # A list whose job has no title gives nothing to split: the value is missing, whatever the posts.
        if not paths or (self.title is not None and not years.any()):
            return Split({self.items: amount}, WHOLE)
        if self.measure == "maximum":
            shares = maximum_shares(lambda values: amounts.of(pair, values), years)
            return split_of(self.items, amount, paths, shares.tolist(), SHAPLEY)
        shares = sum_shares(lambda values: amounts.of(pair, np.round(values, DECIMALS)), years)
        return split_of(self.items, amount, paths, shares.tolist(), rule_of_sum(years))

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return the posts that count, with their years, and what each counts where closeness weighs it."""
        one = records.take(np.array([pair]))
        _, at, counted = self._years(one)
        posts = posts_of(records, self.items, item=self.item, years=self.years)
        found = []
        for i, amount in zip(at.tolist(), counted.tolist(), strict=True):
            entry = {"name": posts.texts[posts.text[i]], "years": float(posts.years[i])}
            found.append(entry if self.title is None else entry | {"counted": amount})
        return {"items": found}

    def _years(self, records: Records) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Return where each pair's posts begin, (n + 1,), the posts, (m,), and what each counts, (m,), in years."""
        posts = posts_of(records, self.items, item=self.item, years=self.years)
        if self.title is None:
            starts, at = posts.of_rows(records.rows[entity_of(self.items)])
            return starts, at, posts.years[at]
        starts, at, close = closeness_to_titles(records, self.items, "items", posts, self.title, self.encoder)
        return starts, at, posts.years[at] * close
