"""How well features, terms, raw fields and the score predict protected attributes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from fairness.groups import Groups
from fairness.proxies.columns import feature_columns, joint_columns, rank_column
from fairness.proxies.fields import field_columns
from fairness.proxies.held_out import folds_by_person, held_out_predictions
from fairness.proxies.held_out_auc import HeldOutAuc, held_out_auc, mean_auc
from fairness.proxies.table import Kind, Proxy, ProxyTable
from ranker.errors import DataError
from ranker.ranking.labels import as_labels
from ranker.records import Records
from ranker.scoring.additive import AdditiveScorer

__all__ = ["MOST_PEOPLE", "N_FOLDS", "proxies"]

N_FOLDS: Final = 5
MOST_PEOPLE: Final = 20_000


def proxies(
    table: Any,
    groups: Groups | Sequence[Groups],
    *,
    candidate: Any = None,
    scorer: AdditiveScorer | None = None,
    records: Records | None = None,
    fields: Iterable[str] = (),
    job: Any = None,
    n_folds: int = N_FOLDS,
    level: float = 0.95,
    random_state: int = 0,
    most_people: int = MOST_PEOPLE,
) -> ProxyTable:
    """Measure how well each source predicts each protected attribute on people whom no model saw.

    A source is a feature, all features together, a term of a scorer, the score, or a raw
    field. People are dealt out over folds; a small linear model of the source's columns
    predicts the groups of each fold's people from all others; the AUC counts how many pairs of a
    member and another it puts in the right order. The group is only ever what is predicted.

    - A feature is read by its rank and by bins or categories, so that it may lean on a group in
      any shape; all features together also by the bins of each two.
    - A term and the score are single amounts: only their direction is learned, on the other
      folds, since the better of two directions on the same people would look like a proxy by
      chance alone.
    - A raw field is read as a bag of what is written in it (``fairness.proxies.fields``).

    Parameters
    ----------
    table : DataFrame, Arrow table or ndarray of ``n`` rows
        Features, as a scorer reads them.
    groups : Groups, or several
        Attributes whose groups are predicted; crossed ones are made by ``Groups.intersect``.
        Undisclosed rows are neither learned from nor counted.
    candidate : (n,) array_like, optional
        Who each row is of: all rows of one person stand in one fold. By default those of
        ``records``, and where there are none each row is a person of its own.
    scorer : AdditiveScorer, optional
        Whose terms and score are examined.
    records : Records, optional
        The ``n`` pairs, for raw fields.
    fields : iterable of str
        Paths to examine, such as ``fields_read(features)``, names or anything else that is written.
    job : (n,) array_like, optional
        Compare, and learn from, only candidates of the same job. By default all rows are one
        list: then a field that says who applies where predicts groups that apply to different jobs,
        though it cannot set apart the candidates of any of them.
    n_folds : int
        Folds; a group of fewer people is not told apart.
    level : float
        Of the intervals.
    random_state : int
        Seed of the lot that deals people out.
    most_people : int
        People beyond so many are left out by lot, to bound the cost.

    Returns
    -------
    ProxyTable
        For each attribute and source an entry for each group against all others, and one for
        the mean over groups. A low AUC says that these small models found nothing, not that
        nothing is there; a high one that the group can be guessed, not that a score makes
        use of it: what it does to scores is in :func:`fairness.causes.gap_causes`.

    Raises
    ------
    DataError
        If lengths differ, folds are fewer than two, or fields are asked for without records.
    UnknownFieldError
        If a field is not there.

    References
    ----------
    Feldman, Friedler, Moeller, Scheidegger & Venkatasubramanian (2015), Certifying and removing
    disparate impact, KDD: a proxy is what the attribute can be predicted from.
    Interval: see :func:`fairness.proxies.held_out_auc.held_out_auc`.

    Examples
    --------
    >>> gap = np.r_[np.ones(30), np.zeros(30)]
    >>> groups = Groups.from_values(["woman"] * 30 + ["man"] * 30, attribute="gender")
    >>> found = proxies(pd.DataFrame({"gap": gap, "shoe": np.arange(60) % 2}), groups)
    >>> [(entry.name, round(entry.auc, 2)) for entry in found.of("gender", kind="feature")][0]
    ('gap', 1.0)
    """
    given = [groups] if isinstance(groups, Groups) else list(groups)
    if candidate is None and records is not None:
        candidate = records.candidate
    n = len(table)
    people = np.arange(n) if candidate is None else _codes(candidate, "candidate")
    jobs = np.zeros(n, dtype=np.int64) if job is None else _codes(job, "job")
    lengths = {"candidate": len(people), "job": len(jobs)}
    lengths |= {f"groups by {one.attribute!r}": len(one) for one in given}
    if records is not None:
        lengths["records"] = len(records)
    for what, length in lengths.items():
        if length != n:
            raise DataError(f"{what}: {length} rows for the {n} of the table: give one a row")
    fields = tuple(fields)
    if fields and records is None:
        raise DataError(f"field {fields[0]!r} cannot be examined without the records that it stands in")
    if n_folds < 2:
        raise DataError(f"{n_folds} folds leave nobody to learn from: take 2 or more, such as {N_FOLDS}")
    rng = np.random.default_rng(random_state)
    drawn = _drawn(people, most_people, rng)
    sources = [
        source.take(drawn)
        for source in _sources(table, scorer, records, fields, int(people.max(initial=-1)) + 1)
    ]
    entries: list[Proxy] = []
    for one in given:
        rows = np.flatnonzero(one.codes[drawn] >= 0)
        setting = _Setting.of(one, drawn[rows], people, jobs, n_folds, rng)
        for source in sources:
            entries += setting.entries(source.take(rows), level)
    entries.sort(key=lambda e: (np.isnan(e.auc), -e.auc, e.attribute, e.kind, e.name, e.group or ""))
    left_out = np.unique(people).size - np.unique(people[drawn]).size
    return ProxyTable(tuple(entries), level, n_folds, random_state, job is not None, left_out)


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """Something that may predict groups: its columns, (n, n_columns)."""

    kind: Kind
    name: str
    columns: csr_array

    def take(self, rows: NDArray[np.int64]) -> "_Source":
        return _Source(self.kind, self.name, self.columns[rows])


def _sources(
    table: Any,
    scorer: AdditiveScorer | None,
    records: Records | None,
    fields: tuple[str, ...],
    n_people: int,
) -> list[_Source]:
    out = [_Source("feature", name, columns) for name, columns in feature_columns(table).items()]
    out.append(_Source("all features", "all features", joint_columns(table, n_people)))
    if scorer is not None:
        amounts = scorer.contributions(table)
        for name, column in zip(scorer.term_names, amounts.T, strict=True):
            out.append(_Source("term", name, rank_column(column)))
        out.append(_Source("score", "score", rank_column(scorer.score(table))))
    if records is not None:
        out += [_Source("field", path, field_columns(records, path)) for path in fields]
    return out


@dataclass(frozen=True, slots=True, eq=False)
class _Setting:
    """One attribute's rows: who is to be predicted, in which fold.

    Parameters
    ----------
    groups : Groups
        Of the ``m`` rows, all disclosed.
    told : tuple of int
        Codes of the groups that enough people belong to, and enough do not.
    person, job, fold : (m,) int64 arrays
        Codes from 0.
    """

    groups: Groups
    told: tuple[int, ...]
    person: NDArray[np.int64]
    job: NDArray[np.int64]
    fold: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        groups: Groups,
        rows: NDArray[np.int64],
        people: NDArray[np.int64],
        jobs: NDArray[np.int64],
        n_folds: int,
        rng: np.random.Generator,
    ) -> "_Setting":
        taken = groups.take(rows)
        person = np.unique(people[rows], return_inverse=True)[1]
        job = np.unique(jobs[rows], return_inverse=True)[1]
        fold = folds_by_person(person, taken.codes.astype(np.int64), n_folds, rng)
        told = tuple(
            code
            for code in range(len(taken.labels))
            if min(np.unique(person[side]).size for side in (taken.codes == code, taken.codes != code))
            >= n_folds
        )
        return cls(taken, told, person, job, fold)

    def entries(self, source: _Source, level: float) -> list[Proxy]:
        """Measure one source of these rows."""
        found = self._found(source)
        n_rows, n_people = len(self.person), int(self.person.max(initial=-1)) + 1
        n_columns = source.columns.shape[1]
        out = []
        for label, members in self.groups.counts().items():
            one = found.get(label, HeldOutAuc(float("nan"), np.zeros(0), 0))
            ends = one.interval(level, fitted=n_columns > 1)
            out.append(
                Proxy(
                    self.groups.attribute, label, source.kind, source.name, one.value, *ends,
                    n_rows, members, n_people, n_columns,
                )
            )  # fmt: skip
        mean = mean_auc(list(found.values()))
        ends = mean.interval(level, fitted=n_columns > 1)
        whole = Proxy(
            self.groups.attribute, None, source.kind, source.name, mean.value, *ends,
            n_rows, n_rows, n_people, n_columns,
        )  # fmt: skip
        return [*out, whole]

    def _found(self, source: _Source) -> dict[str, HeldOutAuc]:
        labels = self.groups.labels
        # Of two groups each is the rest of the other: one model tells both.
        both = len(self.told) == 2 and len(np.unique(self.groups.codes)) == 2
        told = self.told[:1] if both else self.told
        if not told:
            return {}
        members = np.array([self.groups.codes == code for code in told]).T
        predicted = held_out_predictions(source.columns, members.astype(np.float64), self.fold, self.job)
        stratum = self.fold * (int(self.job.max()) + 1) + self.job
        found = {
            labels[code]: held_out_auc(predicted[:, i], members[:, i], self.person, stratum)
            for i, code in enumerate(told)
        }
        return {labels[code]: found[labels[told[0]]] for code in self.told} if both else found


def _codes(values: Any, what: str) -> NDArray[np.int64]:
    return np.unique(as_labels(values, what=what), return_inverse=True)[1].astype(np.int64)


def _drawn(people: NDArray[np.int64], most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of so many people at most, drawn by lot."""
    n_people = int(people.max(initial=-1)) + 1
    if n_people <= most:
        return np.arange(len(people))
    kept = np.zeros(n_people, dtype=bool)
    kept[rng.permutation(n_people)[:most]] = True
    return np.flatnonzero(kept[people])
