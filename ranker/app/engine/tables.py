"""The one function that every engine runs: applications of whole jobs in, their ranking out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from ranker.app.engine.columns import ROW, frame_of, labels_of, without_collector
from ranker.app.engine.pool import Pool, read_pool
from ranker.app.engine.tally import Report, Tally
from ranker.app.model import Model
from ranker.app.task import Task
from ranker.errors import EmptyPoolError, ModelError, TaskError, UnknownFieldError
from ranker.ranking import Ranking
from ranker.records import Records, Requirement, Usage, join_records
from ranker.records.cleaning import UNPAIRED, Keys
from ranker.records.field import declared_field, entity_of, locate
from ranker.records.ledger import Fate, Ledger
from ranker.scoring.uncertainty import rank_uncertainty

NOT_ASKED = "they were not asked for"
MARKS = -1  # number of the row that is added to show which columns hold lists


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a ranking: ``top_k`` ranks of each job (all by default), with ``intervals`` or not."""

    top_k: int | None = None
    intervals: bool = True


def ranked_frame(
    model: Model, records: Records, wanted: Wanted
) -> tuple[pd.DataFrame, Ranking, int | None, str | None]:
    """Rank records and lay the ranking out as a table.

    Returns
    -------
    frame : DataFrame
        ``job``, ``rank``, ``candidate``, ``score``, ``score_deviation``, ``rank_low``, ``rank_high``,
        with ``top_k`` ``p_top_{k}``, then ``tied`` and ``tie_rule``, which stands where it decided.
        Jobs in the order of the ranking, best first. Columns of intervals are empty where none
        are asked for or the scorer keeps no bags.
    ranking : Ranking
        All of it.
    width : int or None
        Sum of the intervals' widths over all candidates, in ranks.
    missing : str or None
        Why there are no intervals.
    """
    table = model.task.features.compute(records)
    ranking = model.rank(records, table)
    width, missing = None, None if wanted.intervals else NOT_ASKED
    found = None
    if wanted.intervals:
        try:
            found = rank_uncertainty(
                model.scorer, table, job=records.job, candidate=records.candidate, lot=records.lots(),
                top_k=wanted.top_k,
            ).iloc[ranking.row]  # fmt: skip
            width = int((found["rank_high"] - found["rank_low"] + 1).sum())
        except ModelError as error:
            missing = str(error)
    return laid_out(ranking, wanted, found), ranking, width, missing


def laid_out(ranking: Ranking, wanted: Wanted, intervals: pd.DataFrame | None) -> pd.DataFrame:
    """Lay a ranking out as `ranked_frame` says, with the ``intervals`` of its entries if there are any."""
    frame = ranking.to_frame()
    frame["tie_rule"] = np.where(ranking.tied, ranking.tie_rule, "")
    names = {"score_deviation": "score_deviation", "rank_low": "rank_low", "rank_high": "rank_high"}
    if wanted.top_k is not None:
        names["p_top_k"] = f"p_top_{wanted.top_k}"
    if intervals is None:
        kinds = {name: "Int64" if name.startswith("rank") else "float64" for name in names}
        intervals = pd.DataFrame(index=range(len(frame)), columns=[*names], dtype="float64").astype(kinds)
    place = frame.columns.to_list().index("score")
    for offset, (name, written) in enumerate(names.items(), start=1):
        frame.insert(place + offset, written, intervals[name].array)
    if wanted.top_k is not None:  # after the intervals, which are of the whole pool
        frame = frame[ranking.in_top(wanted.top_k)]
    return frame


@dataclass(frozen=True, slots=True, eq=False)
class TableRanker:
    """Ranks tables of applications; call it with one, or `rank` it and be told what was set aside.

    Parameters
    ----------
    model : Model
        What ranks.
    pools : dict of str to Pool
        Candidates and jobs, where the task has files of them.
    wanted : Wanted
        What is asked for.
    marks : dict of str to str
        For columns of the applications that hold lists written as text: one of them; see `list_marks`.
    """

    model: Model
    pools: Mapping[str, Pool]
    wanted: Wanted = field(default_factory=Wanted)
    marks: Mapping[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> Keys:
        """Key columns of the applications; a label to learn from is not read."""
        return Keys(self.model.task.keys.job, self.model.task.keys.candidate)

    @property
    def schema(self) -> pa.Schema:
        """Columns and types of the ranking."""
        chances = [] if self.wanted.top_k is None else [(f"p_top_{self.wanted.top_k}", pa.float64())]
        return pa.schema(
            [
                ("job", pa.large_string()),
                ("rank", pa.int64()),
                ("candidate", pa.large_string()),
                ("score", pa.float64()),
                ("score_deviation", pa.float64()),
                ("rank_low", pa.int64()),
                ("rank_high", pa.int64()),
                *chances,
                ("tied", pa.bool_()),
                ("tie_rule", pa.large_string()),
            ]
        )

    def __call__(self, applications: pa.Table) -> pa.Table:
        """Rank whole jobs: all applications of a job stand in one table.

        Parameters
        ----------
        applications : Table of n rows
            Columns of the task's applications.

        Returns
        -------
        Table
            As `ranked_frame` lays it out, with `schema`; no rows where nobody is left to rank.
        """
        return pa.Table.from_pandas(self.rank(applications)[0], schema=self.schema, preserve_index=False)

    def rank(self, applications: pa.Table) -> tuple[pd.DataFrame, Report]:
        """Rank whole jobs, and tell what became of every row."""
        with without_collector():
            return self._rank(applications)

    def _rank(self, applications: pa.Table) -> tuple[pd.DataFrame, Report]:
        n = applications.num_rows
        numbered = ROW in applications.column_names
        numbers = applications.column(ROW).to_numpy() if numbered else np.arange(1, n + 1)
        given = frame_of(applications.drop_columns([ROW]) if numbered else applications, numbers)
        if self.marks:
            row = [self.marks.get(name) for name in given.columns]
            given = pd.concat([given, pd.DataFrame([row], [MARKS], given.columns, dtype=object)])
        frames, subsets, named = {}, {}, {}
        for entity, pool in self.pools.items():
            labels = labels_of(applications.column(str(getattr(self.keys, entity)))).unique()
            named[entity] = pool.rows_named(labels)
            subsets[entity] = np.union1d(named[entity], pool.always)
            frames[entity] = (pool.frame(subsets[entity]), pool.key)
        ledger, task = Ledger(), self.model.task
        try:
            records = self._joined(given, frames, ledger, task.requirements)
        except EmptyPoolError:
            none = self.schema.empty_table().to_pandas()
            fates = [fate for fate in ledger.fates if fate.action == "set_aside"]
            rows = {entity: np.union1d(rows, [0]) for entity, rows in subsets.items()}
            own = (*_own(fates), *self.read(given, rows))
            return none, Report(0, 0, 0, 0, None, "", own, named, {}, _digests([]))
        frame, ranking, width, missing = ranked_frame(self.model, records, self.wanted)
        ranked = {entity: rows[np.unique(records.rows[entity])] for entity, rows in subsets.items()}
        loose: Iterable[str] = [] if "candidate" in self.pools else records.candidate
        return frame, Report(
            ranking.n_jobs,
            len(ranking),
            int(frame["tied"].sum()),
            width,
            missing,
            ranking.tie_rule,
            _own(ledger.fates),
            named,
            ranked,
            _digests(loose),
        )

    def read(self, given: pd.DataFrame, rows: Mapping[str, np.ndarray]) -> tuple[Fate, ...]:
        """Read the values of rows none of which is ranked, to say what cannot be read of them.

        Parameters
        ----------
        given : DataFrame
            Applications, or none but their columns.
        rows : dict of str to (m,) int64 array
            Rows of the pools, at least one of each.
        """
        if not all(len(pool) for pool in self.pools.values()):
            return ()
        frames = {entity: (self.pools[entity].frame(rows[entity]), self.pools[entity].key) for entity in rows}
        # One pair without values, of whom there is nothing to say, stands for a pool that is not empty.
        pair = {getattr(self.keys, entity): "somebody" for entity in ("candidate", "job")}
        pair |= {getattr(self.keys, one): frame[key].iloc[0] for one, (frame, key) in frames.items()}
        row = [pair.get(name) for name in given.columns]
        given = pd.concat([given, pd.DataFrame([row], [MARKS - 1], given.columns, dtype=object)])
        ledger, task = Ledger(), self.model.task
        records = self._joined(given, frames, ledger)
        for requirement in task.requirements:
            requirement.met(records)
        task.features.compute(records)
        return _own(fate for fate in ledger.fates if fate.action != "set_aside")

    def _joined(
        self,
        given: pd.DataFrame,
        frames: Mapping[str, tuple[pd.DataFrame, str]],
        ledger: Ledger,
        requirements: Iterable[Requirement] = (),
    ) -> Records:
        try:
            return join_records(
                given,
                self.keys,
                candidates=frames.get("candidate"),
                jobs=frames.get("job"),
                fields=self.model.task.features.fields,
                requirements=requirements,
                ledger=ledger,
            )
        except UnknownFieldError as error:
            raise TaskError(str(error)) from None


def unread(
    ranker: TableRanker, columns: list[str], tally: Tally, batch_rows: int
) -> Iterator[tuple[pd.DataFrame, Report]]:
    """Read the candidates and jobs that no application named, whose values may be unreadable too."""
    none = ranker.schema.empty_table().to_pandas()
    given = pd.DataFrame(columns=columns, dtype=object)
    for entity in ranker.pools:
        rows = tally.unnamed(entity)
        for start in range(0, len(rows), batch_rows):
            part = {one: np.zeros(1, np.int64) for one in ranker.pools}
            part[entity] = np.union1d(rows[start : start + batch_rows], ranker.pools[entity].always)
            yield none, Report(0, 0, 0, 0, None, "", ranker.read(given, part), {}, {}, _digests([]))


def _own(fates: Iterable[Fate]) -> tuple[Fate, ...]:
    """Leave out the fate of the row of marks, and what only the whole can tell: who stands in no part."""
    of_the_whole = {("noted", entity, reason) for entity, reasons in UNPAIRED.items() for reason in reasons}
    return tuple(
        fate
        for fate in fates
        if (fate.action, fate.table, fate.reason) not in of_the_whole and fate.row != f"row {MARKS}"
    )


def _digests(labels: Iterable[str]) -> np.ndarray:
    return pd.util.hash_array(pd.unique(np.asarray(list(labels), dtype=object)))


def needed_columns(task: Task, entity: str, columns: list[str]) -> list[str]:
    """Return the columns of a table that features and requirements read, in the table's order.

    Parameters
    ----------
    task : Task
        Whose.
    entity : str
        ``candidate``, ``job`` or ``application``, the last with the fields of entities that have
        no file of their own.
    columns : list of str
        What the table has.

    Raises
    ------
    TaskError
        If a feature or requirement reads a column that is not there and not optional.
    """
    readers = [(f"feature {one.name!r}", one.sources) for one in task.features]
    readers += [(f"requirement {one.name!r}", one.sources) for one in task.requirements]
    found = set()
    for reader, paths in readers:
        for path in paths:
            home = entity_of(path)
            if (home if home in task.sources else "application") != entity:
                continue
            try:
                found.add(locate(path, columns).column)
            except UnknownFieldError as error:
                if declared_field(path, task.features.fields).usage is not Usage.OPTIONAL:
                    raise TaskError(f"{reader}: {error}") from None
    return [name for name in columns if name in found]


def read_pools(task: Task, sources: Mapping[str, Path], ledger: Ledger) -> dict[str, Pool]:
    """Read the task's candidates and jobs, or others in their stead."""
    pools: dict[str, Pool] = {}
    for entity in ("candidate", "job"):
        if entity in task.sources:
            path, key = task.sources[entity]
            needed = partial(needed_columns, task, entity)
            pools[entity] = read_pool(sources.get(entity, path), str(key), entity, needed, ledger)
    return pools
