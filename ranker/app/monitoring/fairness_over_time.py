"""How groups fared week by week, counted from the log's protected fields; no model sees these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import numpy as np

from fairness.adverse_impact.intervals import wilson
from fairness.groups import Groups
from fairness.metrics import exposure_gap
from ranker.app.evaluation import number, ratio_with_interval
from ranker.app.monitoring.observing import ranked_groups
from ranker.app.monitoring.reading import Entry
from ranker.app.monitoring.selection import disclosed, plain_name
from ranker.ranking import Ranking

__all__ = ["GroupWeek", "Week", "Weeks"]

SMALL: Final = 5  # of a group with fewer people a rate says much about each of them
KIND_WORDS: Final = {"rank": "among the first {top_k}", "classify": "labelled {label}"}


NOTHING: Final[dict[str, Any]] = {"value": None, "interval": [None, None]}


@dataclass(frozen=True, slots=True)
class GroupWeek:
    """One group in one week.

    Parameters
    ----------
    group : str
        Its name.
    people, selected : int
        Candidates, once for each ranking or classification; ``selected`` is ``None`` where they are fewer
        than five.
    rate, interval : float or None, (float or None, float or None)
        Selection rate and its 95 % Wilson interval.
    exposure : float or None
        Exposure against the group's pools, less 1; ``None`` where rankings are not shown whole.
    """

    group: str
    people: int
    selected: int | None
    rate: float | None
    interval: tuple[float | None, float | None]
    exposure: float | None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            **{name: getattr(self, name) for name in GroupWeek.__slots__},
            "interval": list(self.interval),
        }


@dataclass(frozen=True, slots=True)
class Week:
    """One protected attribute in one week.

    Parameters
    ----------
    week : date
        Its Monday.
    attribute : str
        The protected field.
    kind : str
        ``rank`` or ``classify``.
    n : int
        Rankings, the latest of each job, or classifications, the latest of each person.
    groups : tuple of GroupWeek
        By name.
    impact_ratio, exposure_ratio : dict
        ``value`` and 95 % ``interval``, by bootstrap over jobs; null where there is nothing to compare.
        Classifications have no exposure, and no interval of the ratio: those of the rates say as much.
    """

    week: date
    attribute: str
    kind: str
    n: int
    groups: tuple[GroupWeek, ...]
    impact_ratio: Mapping[str, Any]
    exposure_ratio: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        told = {name: getattr(self, name) for name in Week.__slots__}
        return {**told, "week": self.week.isoformat(), "groups": [one.to_json() for one in self.groups]}


@dataclass(slots=True)
class Weeks:
    """Counts entries of the log, in their order, and closes each week when the next begins.

    Parameters
    ----------
    top_k : int or None
        How many of a ranking count as selected.
    label : str
        The label that counts as selected.

    Attributes
    ----------
    n_cut : int
        Rankings with protected fields that show too few of the pool to count.
    """

    top_k: int | None = None
    label: str = ""
    n_cut: int = 0
    closed: list[Week] = field(default_factory=list)
    _monday: date | None = None
    # Latest first: whoever looks at a job ten times a day does not count ten times.
    _rankings: dict[str, tuple[dict[str, list[str | None]], int]] = field(default_factory=dict)
    _labels: dict[tuple[str, str], dict[str, tuple[str | None, bool]]] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Count one entry."""
        monday = _monday(entry.time)
        if self._monday is not None and monday != self._monday:
            self._close()
        self._monday = monday
        if not entry.protected or not entry.answer:
            return
        if entry.kind == "classify":
            self._take_label(entry)
        elif self.top_k is not None:
            self._take_ranking(entry, self.top_k)

    def all(self) -> tuple[Week, ...]:
        """Close the last week, and return all, by time and attribute."""
        if self._monday is not None:
            self._close()
        return tuple(self.closed)

    def selected_in_words(self, kind: str) -> str:
        """Say who counts as selected."""
        return KIND_WORDS[kind].format(top_k=self.top_k, label=self.label)

    def _take_ranking(self, entry: Entry, top_k: int) -> None:
        groups = ranked_groups(entry, top_k)
        answer = entry.answer or {}
        if not groups:
            self.n_cut += 1
            return
        job = str(answer.get("job"))
        self._rankings.pop(job, None)
        self._rankings[job] = (groups, len(answer["ranking"]))

    def _take_label(self, entry: Entry) -> None:
        answer = entry.answer or {}
        who = str(answer.get("id"))
        fields = entry.protected.get(who) or {}
        told = {plain_name(name): disclosed(value) for name, value in fields.items()}
        chosen = answer.get("label") == self.label
        key = (str(answer.get("domain")), who)
        self._labels[key] = {name: (group, chosen) for name, group in told.items()}

    def _close(self) -> None:
        assert self._monday is not None
        monday = self._monday
        attributes = dict.fromkeys(name for groups, _ in self._rankings.values() for name in groups)
        for attribute in sorted(attributes):
            own = {
                job: (found[attribute], n) for job, (found, n) in self._rankings.items() if attribute in found
            }
            if (week := _ranked_week(monday, attribute, own, self.top_k or 0)) is not None:
                self.closed.append(week)
        for attribute in sorted({name for one in self._labels.values() for name in one}):
            pairs = [one[attribute] for one in self._labels.values() if attribute in one]
            self.closed.append(_labelled_week(monday, attribute, pairs))
        self._rankings, self._labels, self._monday = {}, {}, None


def _monday(time: str) -> date:
    day = datetime.fromisoformat(time).date()
    return date.fromordinal(day.toordinal() - day.weekday())


def _ranked_week(
    monday: date, attribute: str, rankings: Mapping[str, tuple[Sequence[str | None], int]], top_k: int
) -> Week | None:
    job, score, values = list[str](), list[float](), list[str | None]()
    for name, (ranked, _) in rankings.items():
        job += [name] * len(ranked)
        score += [-float(rank) for rank in range(len(ranked))]
        values += ranked
    groups = Groups.from_values(np.array(values, dtype=object), attribute=attribute)
    if not groups.labels:
        return None
    ranking = Ranking.from_scores(score, job=job, candidate=[str(row) for row in range(len(job))])
    selected = np.zeros(len(job), dtype=bool)
    selected[np.array(score) > -top_k] = True
    exposures: Mapping[str, float] = {}
    exposed = NOTHING
    if all(shown == len(found) for found, shown in rankings.values()):  # else ranks are not known to the last
        exposures = {str(group): float(gap) for group, gap in exposure_gap(ranking, groups).items()}
        exposed = _ratio(ranking, groups, "exposure", None)
    rows = tuple(
        _group(label, selected[groups.codes == code], exposures.get(label))
        for code, label in enumerate(groups.labels)
    )
    impact = _ratio(ranking, groups, "selection_rate", top_k)
    return Week(monday, attribute, "rank", len(rankings), rows, impact, exposed)


def _labelled_week(monday: date, attribute: str, pairs: Sequence[tuple[str | None, bool]]) -> Week:
    names = sorted({group for group, _ in pairs if group is not None})
    rows = tuple(_group(name, np.array([c for group, c in pairs if group == name]), None) for name in names)
    rates = [row.rate for row in rows if row.rate is not None]
    impact = min(rates) / max(rates) if len(rates) > 1 and max(rates) > 0 else None
    return Week(monday, attribute, "classify", len(pairs), rows, {**NOTHING, "value": impact}, NOTHING)


def _group(name: str, selected: np.ndarray, exposure: float | None) -> GroupWeek:
    total, chosen = int(selected.size), int(selected.sum())
    if total < SMALL:
        return GroupWeek(name, total, None, None, (None, None), None)
    low, high = wilson(chosen, total)
    shown = None if exposure is None else number(exposure)
    return GroupWeek(name, total, chosen, chosen / total, (low, high), shown)


def _ratio(ranking: Ranking, groups: Groups, measure: str, top_k: int | None) -> dict[str, Any]:
    large = groups.only(label for label, n in groups.counts().items() if n >= SMALL)
    if sum(n > 0 for n in large.counts().values()) < 2:
        return NOTHING
    found = ratio_with_interval(ranking, large, measure, top_k)
    return {name: found[name] for name in ("value", "interval")}
