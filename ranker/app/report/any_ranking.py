"""The audit of a ranking that anybody made: figures and page."""

from itertools import combinations
from pathlib import Path
from typing import Any

from fairness.groups import Groups
from ranker.app.model_directory import file_hash
from ranker.app.report.audited import small_groups
from ranker.app.report.impact import measure_impact
from ranker.app.report.measures import measure_lists
from ranker.app.report.origin import software
from ranker.app.report.page import frame, template
from ranker.app.report.people import MANY, counted
from ranker.app.report.ranking_file import RankingFile, read_groups, read_ranking
from ranker.app.report.rates import measure_rates
from ranker.app.report.sections import OF_RANKING

SCHEMA = "candor-ranking-audit/1"
MOST_CROSSED = 3  # attributes that are crossed two by two; more make more tables than anybody reads
MOST_GROUPS = 200  # by one attribute; names and days of birth have more, and tell of single persons
MOST_SAID = 6  # sentences on tables


def ranking_figures(ranking: Path, groups: Path, *, top_k: int, date: str | None = None) -> dict[str, Any]:
    """Measure a ranking by groups.

    Parameters
    ----------
    ranking, groups : Path
        Files as `read_ranking` and `read_groups` read them.
    top_k : int
        How many of each list count as selected.
    date : str, optional
        Day of the audit.

    Returns
    -------
    dict
        Strict JSON: ``data``, ``groups``, ``rates``, ``impact``, ``measures``, ``in_words``, ``versions``.

    Raises
    ------
    DataError
        If a file lacks what is needed.
    """
    of = read_ranking(ranking)
    by_attribute, matched = read_groups(groups, of)
    every = with_crossed(by_attribute)
    compared = {name: one for name, one in every.items() if len(one.labels) <= MOST_GROUPS}
    figures: dict[str, Any] = {
        "schema": SCHEMA,
        "date": date,
        "top_k": top_k,
        "data": {
            "files": {
                "ranking": {"file": str(ranking), "sha256": file_hash(ranking)},
                "groups": {"file": str(groups), "sha256": file_hash(groups)},
            },
            "by": of.by,
            "pairs": len(of.ranking),
            "jobs": of.ranking.n_jobs,
            "ties": of.ties,
            "gaps": of.gaps,
            "scores": of.scores is not None,
            "relevance": of.relevance is not None,
            "matched": matched,
            "not_compared": {name: len(one.labels) for name, one in every.items() if name not in compared},
            "cleaning": of.ledger.report().to_json()["counts"],
        },
        "groups": {
            name: {"label": name, "counts": counted(one, one), "small": small_groups(one)}
            for name, one in every.items()
        },
        "rates": {"after": measure_rates(of.ranking, compared, top_k=top_k, scores=of.scores)},
        "impact": {"after": measure_impact(of.ranking, compared, top_k=top_k)},
        "measures": {"after": measure_lists(of.ranking, compared, of.relevance, top_k=top_k)},
        "versions": software(),
    }
    return {**figures, "in_words": _in_words(of, figures)}


def with_crossed(by_attribute: dict[str, Groups]) -> dict[str, Groups]:
    """Add the crossings of each two attributes with up to 20 groups, where there are up to three of them."""
    out = dict(by_attribute)
    usable = [name for name, groups in by_attribute.items() if len(groups.labels) <= MANY]
    if len(usable) <= MOST_CROSSED:
        for one, other in combinations(usable, 2):
            out[f"{one} × {other}"] = by_attribute[one].intersect(by_attribute[other])
    return out


def ranking_page(figures: dict[str, Any]) -> str:
    """Write the figures as one HTML page; the same figures give the same page, byte for byte."""
    return template("ranking.html").render(
        f=figures, command=figures["command"], **frame(OF_RANKING, figures, plots=False)
    )


def _in_words(of: RankingFile, figures: dict[str, Any]) -> str:
    n, jobs, k = len(of.ranking), of.ranking.n_jobs, figures["top_k"]
    said = [
        f"{n:,} candidate{'s' * (n != 1)} of {jobs:,} list{'s' * (jobs != 1)}, in the order of the file's {of.by}s."
    ]
    if 2 * of.ties > n:
        said.append(
            f"{of.ties:,} share theirs with another of their list and stand in an order drawn by lot."
        )
    for name, n_groups in figures["data"]["not_compared"].items():
        said.append(f"By {name} there are {n_groups:,} groups, too many to compare.")
    if int(of.ranking.sizes.max()) <= k:
        return " ".join([*said, f"No list is longer than {k}, so selection cannot be compared."])
    tables = figures["rates"]["after"]["tables"]
    lowest = [table for table in tables if table["lowest"]]
    for table in lowest[:MOST_SAID]:
        rows = {row["category"]: row for row in table["rows"]}
        low = rows[table["lowest"]["category"]]
        high = rows.get(table["highest"].split(", ")[0])
        counts = f"{low['selected']:,} of {low['applicants']:,}"
        if high is not None and high["selected"] is not None:
            counts += f" against {high['selected']:,} of {high['applicants']:,}"
        said.append(
            f"By {table['label']}, selected among the first {k}: {low['category']} at "
            f"{table['lowest']['impact_ratio']:.3f} of the rate of {table['highest']} ({counts})."
        )
    if not lowest:
        several = any(sum(row["impact_ratio"] is not None for row in table["rows"]) > 1 for table in tables)
        said.append(
            f"No group of 2 % or more is selected among the first {k} less often than another."
            if several
            else "There are no two groups of 2 % or more to compare."
        )
    return " ".join(said)
