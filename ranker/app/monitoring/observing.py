"""From an entry of the log to what it shows: one person's features, score and label, and the groups' selection.

Of a ranking a few candidates are drawn, by the hash of the decision's number. Candidates of one pool are alike, and
tests that took each for an independent draw would cry wolf: the tests of distributions see the first alone, the
walks one step, the mean of all, whose deviation training tells. A pool of a thousand is as cheap as one of ten.
Each answer counts as a draw of a job: where a few jobs are asked about again and again, that they are not what
training's were on average is found as well.
"""

import hashlib
import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ranker.app.model import Model
from ranker.app.monitoring.columns import Value
from ranker.app.monitoring.reading import Entry
from ranker.app.monitoring.selection import disclosed, gap_name, plain_name, selection_gaps
from ranker.app.monitoring.snapshot import Snapshot
from ranker.app.monitoring.stream import Observation
from ranker.app.resume_model import ResumeModel
from ranker.app.served.pools import PoolReader, label_in
from ranker.errors import CandorError
from ranker.records.resumes import RawResume
from ranker.resume.classifier import Admitted
from ranker.resume.feature_table import TEST

__all__ = ["Observer", "key_of", "ranked_groups"]

Values = dict[str, Value]


@dataclass(slots=True)
class Observer:
    """Reads entries of one model.

    Parameters
    ----------
    model : Model or ResumeModel
        The model that made them.
    snapshot : Snapshot
        Its training.

    Attributes
    ----------
    digest : str
        The model's, by which entries name it.
    n_unread : int
        Entries that show nothing: their data were deleted, or never kept, or cannot be read any more.
    n_scores_only : int
        Entries of which no input is kept, so that the answer's own numbers are all there is.
    """

    model: Model | ResumeModel
    snapshot: Snapshot
    n_unread: int = 0
    n_scores_only: int = 0
    digest: str = field(init=False)
    _n_drawn: int = field(init=False, repr=False)
    _reader: PoolReader | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        model = self.model
        self._reader = PoolReader(model.task) if isinstance(model, Model) else None
        self._n_drawn = max((one.drawn for one in self.snapshot.columns), default=1)
        self.digest = model.digest if isinstance(model, Model) else model.classifier.version

    def observe(self, entry: Entry) -> Observation | None:
        """Return what an entry shows; ``None``, and a count, where it shows nothing."""
        try:
            key, drawn = self._values(entry)
        except (CandorError, KeyError, TypeError, ValueError, AttributeError):
            # Entries are whatever earlier versions wrote, less what was deleted of them since.
            key, drawn = None, []
        values = drawn[0] if drawn else {}
        if self.snapshot.top_k is not None:
            values = {**values, **self._selection(entry)}
        if not values:
            self.n_unread += 1
            return None
        return Observation(entry.number, entry.time, key, values, tuple(drawn[1:]))

    def _values(self, entry: Entry) -> tuple[int | None, list[Values]]:
        """Return what is known again, and what the drawn candidates show."""
        if entry.answer is None:
            return None, []
        if isinstance(self.model, Model):
            return self._of_ranking(entry)
        if entry.kind == "classify":
            key, values = self._of_resume(entry)
            return key, [values]
        return self._of_resumes(entry)

    def _of_ranking(self, entry: Entry) -> tuple[int | None, list[Values]]:
        answer, given = entry.answer or {}, entry.input
        if given is None:
            return self._of_scores(entry.number, answer)
        assert self._reader is not None
        aside = {one["candidate"] for one in answer["set_aside"]}
        drawn = _drawn(given, self._reader, entry.number, aside, self._n_drawn)
        if drawn is None:
            return None, []
        model = self.model
        assert isinstance(model, Model)
        who, part = drawn
        records = self._reader.read(part).records
        table = model.task.features.compute(records)
        told = {name: table[name].tolist() for name in model.task.features.names}
        told["score"] = model.scorer.score(table).tolist()
        found = [dict(zip(told, row, strict=True)) for row in zip(*told.values(), strict=True)]
        if who:  # the reader's order is not that of the draw
            candidate = records.candidate.tolist()
            found = [
                found[row] for row in sorted(range(len(found)), key=lambda row: who.index(candidate[row]))
            ]
        return key_of(*(given.get(name) for name in ("job", "candidates", "applications"))), found

    def _of_resume(self, entry: Entry) -> tuple[int | None, Values]:
        answer = dict(entry.answer or {})
        values: Values = {"score": answer["score"], "label": answer["label"]}
        resume = None if entry.input is None else entry.input.get("resume")
        if resume is None:
            self.n_scores_only += 1
            summary = _features_told(answer["feature_summary"], self.snapshot)
            return key_of(answer["id"], summary, values), {**summary, **values}
        return key_of(resume), {**self._features(resume), **values}

    def _of_resumes(self, entry: Entry) -> tuple[int | None, list[Values]]:
        """Return one of a domain's résumés that a classifier ranked."""
        answer = entry.answer or {}
        domain = str(answer["job"])
        if entry.input is None:
            return self._of_scores(entry.number, answer)
        aside = {one["candidate"] for one in answer["set_aside"]}
        there = [one for one in entry.input["resumes"] if "id" in one and str(one["id"]).strip() not in aside]
        if not there:
            return None, []
        resume = min(there, key=lambda one: key_of(entry.number, str(one["id"]).strip()))
        told = {**resume, "preferred_domain": resume.get("preferred_domain") or domain}
        who = str(resume["id"]).strip()
        row: Mapping[str, Any] = next((one for one in answer["ranking"] if one["candidate"] == who), {})
        label = {"label": str(row["label"])} if "label" in row else {}  # of those who are shown
        return key_of(domain, entry.input["resumes"]), [{**self._features(told, score=True), **label}]

    def _of_scores(self, number: int, answer: Mapping[str, Any]) -> tuple[int | None, list[Values]]:
        """Return the scores of some who were ranked, where all who were are shown."""
        self.n_scores_only += 1
        ranking = answer["ranking"]
        there = [one for one in ranking if "candidate" in one]
        if len(ranking) < answer["pool_size"] or not there:
            return None, []  # the first k alone are no draw
        some = heapq.nsmallest(self._n_drawn, there, key=lambda row: key_of(number, str(row["candidate"])))
        return key_of(answer["job"], there), [{"score": one["score"]} for one in some]

    def _features(self, resume: Mapping[str, Any], *, score: bool = False) -> Values:
        assert isinstance(self.model, ResumeModel)
        classifier = self.model.classifier
        admitted = classifier.admit(RawResume("log", dict(resume)))
        if not isinstance(admitted, Admitted):
            return {}
        table = classifier.pool([admitted.resume]).table
        values: Values = {name: table[name].iloc[0] for name in classifier.features.names}
        return values | ({"score": float(classifier.scorer.score(table)[0])} if score else {})

    def _selection(self, entry: Entry) -> Values:
        assert self.snapshot.top_k is not None
        groups = ranked_groups(entry, self.snapshot.top_k)
        return {
            gap_name(attribute, group): gap
            for attribute, ranked in groups.items()
            for group, gap in selection_gaps(ranked, self.snapshot.top_k).items()
        }


def _features_told(summary: Mapping[str, Value], snapshot: Snapshot) -> Values:
    """Return the few features that an answer tells; of the test score the points, the feature is their share."""
    known = {column.name for column in snapshot.columns}
    points = summary.get("test_score")
    told = {**summary, TEST.name: points / TEST.whole if isinstance(points, int | float) else None}
    return {name: value for name, value in told.items() if name in known}


def key_of(*what: Any) -> int:
    """Hash JSON, so that it is known again."""
    digest = hashlib.blake2b(repr(what).encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def ranked_groups(entry: Entry, top_k: int) -> dict[str, list[str | None]]:
    """Return the group of each ranked candidate by protected attribute, those shown first from rank 1 on.

    Those whom an answer of the first ``k`` does not show follow in any order; it is empty where fewer than
    ``top_k`` are shown and others are not, where no protected fields came, or the order was deleted.
    """
    if not entry.protected or entry.kind != "rank" or not entry.answer:
        return {}
    rows, size = entry.answer.get("ranking") or [], entry.answer.get("pool_size") or 0
    shown = [str(row["candidate"]) for row in rows if "candidate" in row]
    if len(shown) < len(rows) or not shown or len(shown) < min(top_k, size):
        return {}
    aside = {one.get("candidate") for one in entry.answer.get("set_aside") or ()}
    rest = [who for who in entry.people if who not in aside and who not in set(shown)]
    order = shown + rest
    if len(order) != size:
        return {}
    attributes = dict.fromkeys(name for fields in entry.protected.values() for name in fields)
    return {
        plain_name(name): [disclosed(entry.protected.get(who, {}).get(name)) for who in order]
        for name in attributes
    }


def _drawn(
    given: Mapping[str, Any], reader: PoolReader, number: int, aside: set[Any], n: int
) -> tuple[list[str], dict[str, Any]] | None:
    """Draw ``n`` candidates, or all.

    Returns
    -------
    tuple of list of str and dict, or None
        Their labels, in the order of the draw, and the body that holds no others; no labels where nobody has one,
        and ``None`` where nobody is left.
    """
    task = reader.task
    own = task.sources["candidate"][1] if "candidate" in task.sources else task.keys.candidate
    rows: Sequence[Mapping[str, Any]] = [one for one in given["candidates"] if "withdrawn" not in one]
    if own is None:  # nobody has a name
        some = heapq.nsmallest(n, rows, key=lambda row: key_of(number, row))
        return ([], {**given, "candidates": some}) if some else None
    named = {label: row for row in rows if (label := label_in(row, own)) is not None and label not in aside}
    if not named:
        return None
    who = heapq.nsmallest(n, named, key=lambda label: key_of(number, label))
    part = {**given, "candidates": [named[one] for one in who]}
    if given.get("applications") is not None:
        key = str(task.keys.candidate)
        drawn = set(who)
        part["applications"] = [row for row in given["applications"] if label_in(row, key) in drawn]
    return who, part
