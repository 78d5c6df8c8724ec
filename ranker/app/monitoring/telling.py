"""What ``candor monitor`` found, as text for a terminal."""

from collections.abc import Sequence
from typing import Final

from explain.page import Block, Page, Row, Section, Table
from explain.page_text import as_text
from ranker.app.monitoring.command import Watched
from ranker.app.monitoring.drift import Measured
from ranker.app.monitoring.fairness_over_time import GroupWeek, Week

__all__ = ["findings_text"]

MOST_LINES: Final = 20


def findings_text(watched: Watched) -> str:
    """Lay the findings out as text, the latest rows of each table."""
    rows = [
        Row(
            (
                one.label,
                one.verdict,
                _figure(one.psi),
                _figure(one.ks),
                _figure(one.mean, sign=True),
                f"{one.window:,}",
            )
        )
        for one in watched.states[:MOST_LINES]
    ]
    more = len(watched.states) - len(rows)
    blocks: list[Block] = [
        "The latest answers against the training part. PSI: from .1 on it deserves a look, from .25 on a reason. "
        "KS: the largest distance between the two distributions. Mean: in standard deviations of the training part.",
        Table(("column", "verdict", "PSI", "KS", "mean", "answers"), tuple(rows), right=(2, 3, 4, 5)),
    ]
    blocks += [f"and {more} further columns: --json has all"] if more > 0 else []
    sections = [Section("Drift", tuple(blocks))]
    if watched.alerts:
        told = [one.in_words() for one in watched.alerts[-MOST_LINES:]]
        sections.append(Section("Alarms", (*told, f"Alarms are {watched.monitor.thresholds.in_words()}.")))
    weeks = watched.weeks.all()
    if weeks:
        sections.append(Section("Groups, week by week", (_weeks_table(weeks[-MOST_LINES:]),)))
    lead = tuple(line for line in (watched.in_words(), watched.left_out()) if line)
    return as_text(Page(watched.title, lead, tuple(sections)))


def _weeks_table(weeks: Sequence[Week]) -> Table:
    rows = [_week_row(week, one) for week in weeks for one in week.groups]
    return Table(("week of", "group", "people", "selected", "95 % interval"), tuple(rows), right=(2, 3, 4))


def _week_row(week: Week, one: GroupWeek) -> Row:
    low, high = one.interval
    rate = "withheld" if one.rate is None else f"{100 * one.rate:.0f} %"
    between = "-" if low is None or high is None else f"{100 * low:.0f} to {100 * high:.0f}"
    return Row((week.week.isoformat(), f"{week.attribute} = {one.group}", f"{one.people:,}", rate, between))


def _figure(measured: Measured | None, *, sign: bool = False) -> str:
    if measured is None:
        return "-"
    return f"{measured.value:{'+' if sign else ''}.2f}"
