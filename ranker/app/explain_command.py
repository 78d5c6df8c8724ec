"""The commands ``candor explain`` and ``candor contrast``: a text for people and an object for machines."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ranker.app.data import groups_of
from ranker.app.model import Model
from ranker.app.result import Result
from ranker.errors import DataError, UnknownCandidateError, UnknownFieldError, UnknownJobError, did_you_mean
from ranker.ranking import Ranking
from ranker.records import Records

if TYPE_CHECKING:
    from explain import Contrast, Explanation

__all__ = ["run_contrast", "run_explain"]


def run_explain(
    directory: Path,
    job: str,
    candidate: str,
    audience: str,
    form: str,
    top_k: int,
    sources: Mapping[str, Path] | None = None,
    *,
    baseline: str = "population",
    reference: str | None = None,
    pairs: str = "halved",
) -> Result:
    """Explain one candidate's rank for one job.

    Parameters
    ----------
    directory : Path
        The model directory.
    job, candidate : str
        Labels of the two.
    audience, form : str
        As for :func:`explain.render`.
    top_k, baseline, reference, pairs
        As for :func:`explain.explain`.
    sources : dict of str to Path, optional
        Files to read instead of the task's.
    """
    pool = _Pool.load(directory, job, [candidate], sources)
    context = pool.groups(top_k) if audience == "auditor" else ()
    explanation = pool.explain(
        candidate, top_k, baseline=baseline, reference=reference, pairs=pairs,
        certainty=audience != "candidate", context=context,
    )  # fmt: skip
    return _told(explanation, audience, form)


def run_contrast(
    directory: Path,
    job: str,
    candidate: str,
    against: str | None,
    audience: str,
    form: str,
    top_k: int,
    sources: Mapping[str, Path] | None = None,
    *,
    pairs: str = "halved",
) -> Result:
    """Hold one candidate against another, or against the cut-off.

    Parameters
    ----------
    directory, job, candidate, audience, form, top_k, sources, pairs
        As for :func:`run_explain`.
    against : str or None
        Label of the other; by default whoever is at rank ``top_k``, or the next one for those up to there.

    Raises
    ------
    DataError
        If a candidate asks about another by name.
    """
    from explain import contrast
    from explain.against import rival_at_cutoff

    if against is not None and audience == "candidate":
        raise DataError(
            "a candidate is told nothing about another one: leave out --against, or ask --for recruiter, "
            "auditor or developer"
        )
    pool = _Pool.load(directory, job, [candidate] if against is None else [candidate, against], sources)
    if against is None:
        against = rival_at_cutoff(pool.ranking, job=job, candidate=candidate, top_k=top_k)
    certainty = audience != "candidate"
    one = pool.explain(candidate, top_k, pairs=pairs, certainty=certainty)
    other = pool.explain(against, top_k, pairs=pairs, certainty=certainty)
    return _told(contrast(one, other), audience, form)


@dataclass(frozen=True, slots=True, eq=False)
class _Pool:
    """One job's candidates, ranked."""

    model: Model
    records: Records
    table: pd.DataFrame
    ranking: Ranking

    @classmethod
    def load(
        cls, directory: Path, job: str, candidates: list[str], sources: Mapping[str, Path] | None
    ) -> "_Pool":
        model = Model.load(directory)
        records = model.load_records(sources=sources)
        for candidate in candidates:
            _say_if_set_aside(records, job, candidate)
        ranked = records.take(_rows_of(records, job))
        table = model.task.features.compute(ranked)
        return cls(model, ranked, table, model.rank(ranked, table))

    def explain(self, candidate: str, top_k: int, **options: Any) -> "Explanation":
        from explain import explain

        return explain(
            self.model.scorer, self.model.task.features, self.records, self.ranking,
            job=self.ranking.jobs[0], candidate=candidate, top_k=top_k, table=self.table,
            promise=self.model.promise, **options,
        )  # fmt: skip

    def groups(self, top_k: int) -> tuple[str, ...]:
        """Say how many of each group are in the pool and in its first ``top_k``."""
        attributes = self.model.attributes
        if not attributes:
            return ()
        try:
            groups = groups_of(self.records, attributes)
        except UnknownFieldError:  # files that are only ranked need not hold protected fields
            return ()
        codes = np.asarray(groups.codes)[self.ranking.row]
        inside = self.ranking.in_top(top_k)
        named = [*enumerate(groups.labels), (-1, "not disclosed")]
        what = " and ".join(self.model.task.labels.get(path, path) for path in attributes)
        return tuple(
            f"{what} {label}: "
            f"{int((codes == code).sum())} in the pool, {int((inside & (codes == code)).sum())} of them in the "
            f"top {top_k}."
            for code, label in named
            if (codes == code).any()
        )


def _told(explanation: "Explanation | Contrast", audience: str, form: str) -> Result:
    from explain import render

    # For machines, too, a candidate's answer holds nothing about others.
    machine = json.loads(render(explanation, audience=audience, format="json"))
    return Result(render(explanation, audience=audience, format=form), machine)


def _say_if_set_aside(records: Records, job: str, candidate: str) -> None:
    """Tell who was shut out why, instead of not knowing them."""
    if ((records.job == job) & (records.candidate == candidate)).any():
        return
    row = f"candidate {candidate} for job {job}"
    reasons = [fate.reason for fate in records.report().set_aside() if fate.row == row]
    if reasons:
        raise UnknownCandidateError(f"{row} was set aside and is not ranked: {'; '.join(reasons)}")


def _rows_of(records: Records, job: str) -> np.ndarray:
    mask = records.job == job
    if not mask.any():
        raise UnknownJobError(f"no pair has a job {job!r}{did_you_mean(job, map(str, set(records.job)))}")
    return mask
