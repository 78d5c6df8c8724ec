"""The cheapest change that reaches the next label, searched over all that are considered.

Considered is every set of missing required skills, up to three projects more, and every whole
point of the test score above the present one. Skills that no feature tells apart count as one
kind, of which only the number matters (:mod:`ranker.resume.missing_kinds`); test scores that fall
into the same bins are one, the least of them. What is left is tried whole, the cheapest first, on
the additive score, and what is found is then cleaned, computed and scored anew as a record of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranker.features.evidence import ProjectEvidence
from ranker.features.has_item import HasItem
from ranker.features.sets import Count, Coverage
from ranker.features.titles import TitleSimilarity
from ranker.records.values import normal
from ranker.resume.classifier import Admitted, ResumeClassifier
from ranker.resume.edits import MOST_PROJECTS, POINT_COST, PROJECT_COST, PROJECT_TITLES, SKILL_COST, Edit
from ranker.resume.missing_kinds import Kind, Missing, missing_kinds
from ranker.resume.pool import ResumePool, columns_at, scores_over

__all__ = ["recommend", "recommend_by_trying"]

SKILLS, PROJECTS = "candidate.skills", "candidate.projects"
POINTS = np.arange(1.0, 101.0)
AT_ONCE = 512  # changed records that are tried together


def recommend(
    classifier: ResumeClassifier, admitted: Sequence[Admitted], pool: ResumePool, codes: NDArray[np.int64]
) -> list[Edit | None]:
    """Find for each résumé the cheapest change that reaches the next label.

    Parameters
    ----------
    classifier : ResumeClassifier
        What labels.
    admitted : sequence of Admitted, n long
        The résumés.
    pool : ResumePool
        The same, computed.
    codes : (n,) int array
        Their labels now.

    Returns
    -------
    list of Edit or None
        Verified through the whole pipeline; ``None`` for the highest label, and where nothing that is
        considered reaches the next one.
    """
    found: list[Edit | None] = [None] * len(admitted)
    rows = np.flatnonzero(codes < len(classifier.labels.labels) - 1)
    if not len(rows):
        return found
    edits: dict[int, Edit] = {}
    for some, missing in _alike(rows, missing_kinds(classifier, pool, rows.tolist())):
        search = _Search.of(classifier, pool, some, codes[some] + 1, missing)
        edits |= {int(row): edit for row, edit in zip(some, search.run(), strict=True) if edit is not None}
    reached = _reached(classifier, [(admitted[row], edit) for row, edit in edits.items()])
    for (row, edit), code in zip(edits.items(), reached, strict=True):
        # Where a changed record reads in a way of its own, the arrays and the pipeline may disagree.
        good = code > codes[row]
        found[row] = (
            replace(edit, verified=True)
            if good
            else recommend_by_trying(classifier, admitted[row], int(codes[row]))
        )
    return found


def recommend_by_trying(classifier: ResumeClassifier, one: Admitted, code: int) -> Edit | None:
    """Do the same for one résumé by cleaning, computing and scoring every changed record.

    Parameters
    ----------
    classifier : ResumeClassifier
        What labels.
    one : Admitted
        The résumé.
    code : int
        Its label now.
    """
    before = one.resume.test_score
    pool = classifier.pool([one.resume])
    [missing] = missing_kinds(classifier, pool, [0])
    points = [None, *(float(p) for p in POINTS if before is None or p > before)]
    edits = [
        Edit(_chosen(missing.kinds, counts), n_projects, test_score, before, optimal=missing.is_exact)
        for counts in product(*(range(len(skills) + 1) for skills in missing.kinds.values()))
        for n_projects in range(MOST_PROJECTS + 1)
        for test_score in points
    ]
    edits.sort(key=lambda edit: edit.cost)
    for start in range(0, len(edits), AT_ONCE):
        some = [edit for edit in edits[start : start + AT_ONCE] if edit.cost > 0]
        for edit, reached in zip(some, _reached(classifier, [(one, edit) for edit in some]), strict=True):
            if reached > code:
                return replace(edit, verified=True)
    return None


def _reached(classifier: ResumeClassifier, changed: Sequence[tuple[Admitted, Edit]]) -> list[int]:
    """Return the label that each changed record gets through the whole pipeline; -1 where it is refused."""
    resumes = [classifier.cleaner.clean(edit.of_record(one.raw.value)) for one, edit in changed]
    good = [row for row, resume in enumerate(resumes) if not resume.dropped]
    out = [-1] * len(resumes)
    if good:
        pool = classifier.pool([resumes[row] for row in good])
        codes = classifier.labels.predict(classifier.scorer.score(pool.table))
        for row, code in zip(good, codes.tolist(), strict=True):
            out[row] = code
    return out


def _alike(
    rows: NDArray[np.int64], missing: Sequence[Missing]
) -> Iterator[tuple[NDArray[np.int64], list[Missing]]]:
    """Yield the rows that miss skills of the same kinds: the sets to try grow with the kinds of all of them."""
    groups: dict[frozenset[Kind], list[int]] = {}
    for at, one in enumerate(missing):
        groups.setdefault(frozenset(one.kinds), []).append(at)
    for places in groups.values():
        yield rows[places], [missing[at] for at in places]


def _chosen(kinds: Mapping[Kind, tuple[str, ...]], counts: Sequence[int]) -> tuple[str, ...]:
    return tuple(skill for skills, n in zip(kinds.values(), counts, strict=True) for skill in skills[:n])


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """The same search for ``n`` résumés at once, as arrays.

    Parameters
    ----------
    table : DataFrame of shape (n, n_features)
        As they are.
    target : (n,) int array
        Label to reach.
    missing : list of Missing, n long
        Missing skills by kind.
    capacity : (n, n_kinds) int array
        How many of each of ``names`` are missing.
    before : (n,) float64 array
        Test scores, NaN where there is none.
    own : dict of str to ((n,) int array, (n,) int array)
        By feature of a single skill: the kind of the skill in each résumé (-1 where it is not
        missing), and its place in the kind.
    """

    classifier: ResumeClassifier
    table: pd.DataFrame
    target: NDArray[np.int64]
    missing: list[Missing]
    names: list[Kind]
    capacity: NDArray[np.int64]
    required: NDArray[np.float64]
    before: NDArray[np.float64]
    new_titles: NDArray[np.float64]
    own: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]

    @classmethod
    def of(
        cls,
        classifier: ResumeClassifier,
        pool: ResumePool,
        rows: NDArray[np.int64],
        target: NDArray[np.int64],
        missing: list[Missing],
    ) -> "_Search":
        resumes = [pool.resumes[row] for row in rows]
        names = sorted({name for one in missing for name in one.kinds})
        sizes = [[len(one.kinds.get(name, ())) for name in names] for one in missing]
        required = [float(len(classifier.domains[resume.preferred_domain])) for resume in resumes]
        before = [np.nan if resume.test_score is None else resume.test_score for resume in resumes]
        return cls(
            classifier, pool.table.iloc[rows].reset_index(drop=True), target, missing, names,
            np.array(sizes, dtype=np.int64).reshape(len(missing), len(names)), np.array(required),
            np.array(before), _closeness_of_titles(classifier, pool, rows),
            _places_of_own(classifier, names, missing),
        )  # fmt: skip

    def run(self) -> list[Edit | None]:
        """Return the cheapest edit of each résumé; of several, the one with the fewest projects, then points."""
        n = len(self.table)
        cost = np.full(n, np.inf)
        best: list[Edit | None] = [None] * n
        points, columns = self._points()
        start = np.nan_to_num(self.before, nan=0.0)
        # Who has no test score pays for all of its points.
        dearer = np.where(np.isnan(self.before)[:, None], True, points[None, :] > self.before[:, None])
        price = np.where(dearer, POINT_COST * (points[None, :] - start[:, None]), np.inf)
        for paid, counts, n_projects in self._combinations():
            able = np.flatnonzero((cost > paid) & (self.capacity >= counts).all(axis=1))
            if not len(able):
                continue
            table = self._changed(able, np.array(counts, dtype=np.int64), n_projects)
            reached = self._codes(self.classifier.scorer.score(table)) >= self.target[able]
            if paid > 0:
                for row in able[reached].tolist():
                    cost[row], best[row] = paid, self._edit(row, counts, n_projects, None)
            left = np.flatnonzero(~reached)
            cheap = price[able[left]] + paid < cost[able[left], None]
            left, cheap = left[cheap.any(axis=1)], cheap[cheap.any(axis=1)]
            if not len(left) or not len(points):
                continue
            codes = self._codes(scores_over(self.classifier.scorer, table.iloc[left], columns))
            fits = cheap & (codes >= self.target[able[left], None])
            for at, row in zip(np.flatnonzero(fits.any(axis=1)), able[left][fits.any(axis=1)], strict=True):
                first = int(np.argmax(fits[at]))
                cost[row] = paid + price[row, first]
                best[row] = self._edit(int(row), counts, n_projects, float(points[first]))
        return best

    def _points(self) -> tuple[NDArray[np.float64], dict[str, NDArray[np.float64]]]:
        """Return the least whole test score of each set of bins, and the features' values there."""
        classifier = self.classifier
        columns = columns_at(classifier.features, classifier.domains, POINTS)
        axes = {axis.name: axis for axis in classifier.scorer.axes}
        bins = [
            axes[name].bin(values, level)
            for name, values in columns.items()
            for level in range(len(axes[name].levels))
        ]
        if not bins:
            return np.empty(0), {}
        first = np.sort(np.unique(np.array(bins), axis=1, return_index=True)[1])
        return POINTS[first], {name: values[first] for name, values in columns.items()}

    def _combinations(self) -> Iterator[tuple[float, tuple[int, ...], int]]:
        """Every number of skills of each kind with every number of projects, the cheapest first."""
        most = self.capacity.max(axis=0, initial=0)
        every = [
            (SKILL_COST * sum(counts) + PROJECT_COST * n_projects, n_projects, counts)
            for counts in product(*(range(int(n) + 1) for n in most))
            for n_projects in range(MOST_PROJECTS + 1)
        ]
        for cost, n_projects, counts in sorted(every):
            yield cost, counts, n_projects

    def _changed(self, rows: NDArray[np.int64], counts: NDArray[np.int64], n_projects: int) -> pd.DataFrame:
        """Return the features of some rows with skills and projects added."""
        table = self.table.iloc[rows].copy()
        n_skills = counts.sum()
        for feature in self.classifier.features:
            if isinstance(feature, HasItem):
                kind, place = (of[rows] for of in self.own[feature.name])
                # Kind -1 looks up the last of the counts, which adds nothing.
                added = place < np.append(counts, 0)[kind]
                if added.any():  # of 170 skills of ten domains, one résumé misses ten
                    table.loc[added, feature.name] = 1.0
                continue
            values = table[feature.name].to_numpy(dtype=np.float64)
            if isinstance(feature, Coverage):
                found = np.round(values * self.required[rows])
                table[feature.name] = (found + n_skills) / self.required[rows]
            elif isinstance(feature, Count) and feature.field == PROJECTS:
                table[feature.name] = values + n_projects
            elif isinstance(feature, ProjectEvidence):
                table[feature.name] = self._evidence(rows, counts, n_skills)
            elif isinstance(feature, TitleSimilarity) and n_projects:
                table[feature.name] = np.fmax(values, self.new_titles[rows, :n_projects].max(axis=1))
        return table

    def _evidence(
        self, rows: NDArray[np.int64], counts: NDArray[np.int64], n_skills: np.int64
    ) -> NDArray[np.float64]:
        spoken = np.array([told for told, _ in self.names], dtype=bool)
        missing = self.capacity[rows].sum(axis=1) - n_skills
        told = self.capacity[rows][:, spoken].sum(axis=1) - counts[spoken].sum()
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(missing > 0, told / missing, np.nan)

    def _codes(self, scores: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.asarray(self.classifier.labels.predict(scores.ravel())).reshape(scores.shape)

    def _edit(self, row: int, counts: Sequence[int], n_projects: int, points: float | None) -> Edit:
        one = self.missing[row]
        before = None if np.isnan(self.before[row]) else float(self.before[row])
        skills = _chosen({name: one.kinds.get(name, ()) for name in self.names}, counts)
        return Edit(skills, n_projects, points, before, optimal=one.is_exact)


def _places_of_own(
    classifier: ResumeClassifier, names: Sequence[Kind], missing: Sequence[Missing]
) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]:
    forms = {f.name: normal(f.item) for f in classifier.features if isinstance(f, HasItem)}
    found = {form: (np.full(len(missing), -1), np.zeros(len(missing), np.int64)) for form in forms.values()}
    for row, one in enumerate(missing) if forms else ():
        for number, name in enumerate(names):
            for place, skill in enumerate(one.kinds.get(name, ())):
                if (form := normal(skill)) in found:
                    found[form][0][row], found[form][1][row] = number, place
    return {name: found[form] for name, form in forms.items()}


def _closeness_of_titles(
    classifier: ResumeClassifier, pool: ResumePool, rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How close the titles of added projects are to each résumé's domain, (n, 3); NaN where nothing looks."""
    out = np.full((len(rows), MOST_PROJECTS), np.nan)
    for feature in classifier.features:
        if isinstance(feature, TitleSimilarity):
            known: dict[str, list[float]] = {}
            for at, row in enumerate(rows.tolist()):
                domain = pool.resumes[row].preferred_domain
                if domain not in known:
                    known[domain] = [
                        feature.sees(pool.records, row, PROJECTS, title) for title in PROJECT_TITLES
                    ]
                out[at] = known[domain]
    return out
