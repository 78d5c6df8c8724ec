"""Whether projects speak of the skills that a person does not list."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ranker.features.amounts import Amounts, Split, split_equally, split_of
from ranker.features.closeness import words_of
from ranker.features.coded import CodedSets, coded_sets, offsets
from ranker.features.feature import Feature
from ranker.features.sets import item_sets
from ranker.features.shares import EXACT, SHAPLEY, WHOLE, shapley_shares
from ranker.kernels.pair_matching import count_of_pairs
from ranker.records.field import entity_of
from ranker.records.records import Records

__all__ = ["ProjectEvidence"]

Mentions = list[dict[str, frozenset[str]]]  # of each row: project -> forms of the items that it mentions


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectEvidence(Feature):
    """Share of the missing items that a project mentions: wanted, not listed, but spoken of.

    A project mentions an item where it holds the item's words one after the other: "c" is not
    in "c++ compiler", nor "java" in "javascript game". Missing where projects are not given,
    the job wants nothing, or nothing that it wants is missing. A list ``has`` that is not given
    counts as an empty one.

    Parameters
    ----------
    projects : str
        Path of a list of texts.
    has, wants : str
        Paths of the candidate's list and of the job's.
    """

    projects: str
    has: str
    wants: str
    split_rule: ClassVar[str] = (
        "projects get their Shapley values, the listed items as they are; the field itself gets what no "
        "project gives, and everything where more than 12 projects mention something"
    )

    @property
    def sources(self) -> tuple[str, ...]:
        """The projects, the candidate's list, the job's list."""
        return (self.projects, self.has, self.wants)

    def compute(self, records: Records) -> np.ndarray:
        """Return the shares, in [0, 1]."""
        has, wants = coded_sets(records, self.has), coded_sets(records, self.wants)
        spoken, n_ids = self._coded(records), records.memo.codes.n_codes
        told, has_rows, want_rows = (records.rows[entity_of(path)] for path in self.sources)
        kinds, kind_of = np.unique(told * np.int64(max(1, len(has.given))) + has_rows, return_inverse=True)
        unlisted = _without(spoken, has, *np.divmod(kinds, max(1, len(has.given))))

        def count(sets: CodedSets, rows: NDArray[np.int64]) -> NDArray[np.int64]:
            return count_of_pairs(sets.indptr, sets.ids, rows, wants.indptr, wants.ids, want_rows, n_ids)

        missing = wants.sizes()[want_rows] - count(has, has_rows)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = count(unlisted, kind_of) / missing
        return np.where(spoken.given[told] & (missing > 0), share, np.nan)

    def describe(self, records: Records, pair: int) -> str:
        """Say "1 of 3 missing ones"."""
        missing, by_project = self._both(records, pair)
        if not missing:
            wants = item_sets(records, self.wants)[records.rows[entity_of(self.wants)][pair]]
            return "none is missing" if wants else "the job asks for none"
        if by_project is None:
            return "not given"
        said = frozenset[str]().union(*by_project.values())
        named = [text for form, text in missing.items() if form in said]
        return f"{len(named)} of {len(missing)} missing ones" + (f": {', '.join(named)}" if named else "")

    def split(self, records: Records, amounts: Amounts) -> list[Split]:
        """Split over the projects; see the class."""
        has, wants = item_sets(records, self.has), item_sets(records, self.wants)
        mentions, out = self._mentions(records), list[Split]()
        rows = zip(*(records.rows[entity_of(path)].tolist() for path in self.sources), strict=True)
        held = zip(rows, amounts.whole.tolist(), amounts.at(0.0).tolist(), strict=True)
        for pair, ((project_row, has_row, want_row), amount, nothing) in enumerate(held):
            missing = (wants[want_row] or {}).keys() - (has[has_row] or {}).keys()
            telling = {
                f"{self.projects}[{project}]": found
                for project, said in mentions[project_row].items()
                if said and (found := said & missing)
            }
            if len(telling) > EXACT:
                out.append(Split({self.projects: amount}, WHOLE))
            elif len(telling) <= 1:  # what is one project's is all of it
                out.append(split_equally(self.projects, amount, nothing, list(telling)))
            else:
                out.append(self._split(amounts, pair, amount, telling, len(missing)))
        return out

    def _split(
        self, amounts: Amounts, pair: int, amount: float, telling: dict[str, frozenset[str]], n_missing: int
    ) -> Split:
        forms = list(frozenset[str]().union(*telling.values()))
        said = np.array([[form in found for form in forms] for found in telling.values()])

        def game(sets: NDArray[np.bool_]) -> NDArray[np.float64]:
            mentioned = (sets[:, :, np.newaxis] & said).any(axis=1).sum(axis=1)
            # Few counts, many sets: each count is looked up once.
            return amounts.of(pair, np.arange(len(forms) + 1) / n_missing)[mentioned]

        return split_of(self.projects, amount, telling, shapley_shares(game, len(telling)).tolist(), SHAPLEY)

    def evidence(self, records: Records, pair: int) -> dict[str, Any]:
        """Return the missing items that a project mentions, with the projects that do."""
        missing, by_project = self._both(records, pair)
        found = {
            text: [project for project, said in (by_project or {}).items() if form in said]
            for form, text in missing.items()
        }
        return {"mentioned": {text: projects for text, projects in found.items() if projects}}

    def sees(self, records: Records, pair: int, path: str, text: str) -> tuple[Any, ...]:
        """Return what the feature can see of a new entry of a list."""
        missing, by_project = self._both(records, pair)
        if path == self.has:
            form = records.memo.forms[text]
            return (form in missing, any(form in said for said in (by_project or {}).values()))
        if path == self.projects:
            return tuple(sorted(_mentioned(text, _phrases(missing)).intersection(missing)))
        return ()

    def _both(self, records: Records, pair: int) -> tuple[dict[str, str], dict[str, frozenset[str]] | None]:
        """Return what is missing, by its form, and which of it each project mentions."""
        has, wants, row = (
            item_sets(records, self.has)[records.rows[entity_of(self.has)][pair]],
            item_sets(records, self.wants)[records.rows[entity_of(self.wants)][pair]],
            records.rows[entity_of(self.projects)][pair],
        )
        missing = {form: text for form, text in (wants or {}).items() if form not in (has or {})}
        if records.values(self.projects, "texts")[row] is None:
            return missing, None
        found = self._mentions(records)[row]
        return missing, {project: said.intersection(missing) for project, said in found.items()}

    def _mentions(self, records: Records) -> Mentions:
        """Find for each row what of all that any job wants its projects mention."""

        def find(values: np.ndarray, note: Callable[..., None]) -> Mentions:
            # Here and not above: whoever asks for one pair would pay for the phrases of all jobs again.
            wanted = chain.from_iterable(
                texts or () for texts in records.values(self.wants, "texts").tolist()
            )
            phrases = _phrases({records.memo.forms[text]: text for text in dict.fromkeys(wanted)})
            known: dict[str, frozenset[str]] = {}
            for text in chain.from_iterable(texts or () for texts in values.tolist()):
                if text not in known:
                    known[text] = _mentioned(text, phrases)
            return [{text: known[text] for text in texts or ()} for texts in values.tolist()]

        found: Mentions = records.derived(self.projects, "texts", f"mentions of {self.wants}", find)
        return found

    def _coded(self, records: Records) -> CodedSets:
        mentions = self._mentions(records)

        def code(values: np.ndarray, note: Callable[..., None]) -> CodedSets:
            codes = records.memo.codes
            rows = [{codes[form] for said in found.values() for form in said} for found in mentions]
            sizes = np.fromiter(map(len, rows), np.int64, len(rows))
            given = np.array([texts is not None for texts in values.tolist()], dtype=bool)
            ids = np.fromiter(chain.from_iterable(map(sorted, rows)), np.int32, int(sizes.sum()))
            return CodedSets(offsets(sizes), ids, given)

        found: CodedSets = records.derived(self.projects, "texts", f"coded mentions of {self.wants}", code)
        return found


def _phrases(items: dict[str, str]) -> dict[tuple[str, ...], list[str]]:
    """Return the forms of items by their words."""
    out: dict[tuple[str, ...], list[str]] = {}
    for form in items:
        if words := words_of(form):
            out.setdefault(words, []).append(form)
    return out


def _mentioned(text: str, phrases: dict[tuple[str, ...], list[str]]) -> frozenset[str]:
    """Return the forms of the items whose words stand one after the other in a text."""
    words, longest = words_of(text), max(map(len, phrases), default=0)
    runs = (words[i : i + n] for i in range(len(words)) for n in range(1, min(longest, len(words) - i) + 1))
    return frozenset(chain.from_iterable(phrases[run] for run in runs if run in phrases))


def _without(
    one: CodedSets, other: CodedSets, one_rows: NDArray[np.int64], other_rows: NDArray[np.int64]
) -> CodedSets:
    """Take a set of the other side out of a set of one side, for each of some pairs of rows."""
    starts, ids, taken, out = one.indptr.tolist(), one.ids.tolist(), other.indptr.tolist(), list[list[int]]()
    for i, j in zip(one_rows.tolist(), other_rows.tolist(), strict=True):
        own = ids[starts[i] : starts[i + 1]]
        if own:  # most projects mention nothing
            listed = other.ids[taken[j] : taken[j + 1]].tolist()
            own = [code for code in own if code not in listed]
        out.append(own)
    sizes = np.fromiter(map(len, out), np.int64, len(out))
    left = np.fromiter(chain.from_iterable(out), np.int32, int(sizes.sum()))
    return CodedSets(offsets(sizes), left, np.ones(len(out), dtype=bool))
