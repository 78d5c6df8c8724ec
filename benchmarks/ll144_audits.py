"""Recompute the rates and impact ratios of published bias audits from the counts beside them.

    python -m benchmarks.ll144_audits           # seconds; writes results/ll144_audits.json and .md
    python -m benchmarks.ll144_audits --quick   # the first audits alone; nothing is written

The audits were published under New York City's Local Law 144 and collected by Gerchick et al.,
Auditing the Audits (FAccT 2025), repository aclu-national/auditing-the-audits-facct-2025, licence
CC BY-NC 4.0. Written are aggregated figures and the rows whose figures do not fit each other,
as worked out here; the collection itself is not repeated.

A count of selected people with a fraction was worked out by somebody from the published rate: it
fits that rate by construction, and shows no more than that. Such rows are told apart. For ratios,
every count is made whole and goes through `fairness.adverse_impact`; three choices of the highest
rate are tried on each table, since the rule allows categories under 2 % to be left out.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks.ll144_parts.published import WITHIN, read_rows, tables_of
from benchmarks.ll144_parts.rates import check_rates
from benchmarks.ll144_parts.ratios import REFERENCES, check_ratios

HERE = Path(__file__).parent
DATA = Path(os.environ.get("CANDOR_DATA") or HERE.parents[1] / "shared" / "data")


def in_words(rates: dict[str, Any], ratios: dict[str, Any]) -> str:
    """Write the findings as Markdown."""
    printed, fits = rates["printed_counts"], ratios["tables_that_fit"]
    lines = [
        "# Published bias audits, recomputed",
        "",
        "Source: Gerchick et al., Auditing the Audits (FAccT 2025), aclu-national/auditing-the-audits-facct-2025,",
        "CC BY-NC 4.0. Figures below are worked out from it; a row that does not fit is a slip in the audit or",
        "in the collection, which cannot be told apart here.",
        "",
        f"Rates: {rates['audits_with_counts']} of {rates['audits']} audits carry counts, in "
        f"{rates['rows_with_counts']} rows, of which {rates['rows_with_counts_and_rate']} carry a rate. "
        f"{rates['within']} ({rates['share_within']:.2%}) are within {WITHIN} of it.",
        f"Of the rows with a rate, {rates['rows_with_fractions_of_people']} in "
        f"{rates['audits_with_fractions_of_people']} audits have fractions of people; "
        f"{rates['of_them_rate_times_applicants']} of these counts are the rate times the applicants, so that "
        f"they fit by construction. Made whole people, {rates['made_whole_within']} of all rows are within "
        f"{WITHIN}.",
        f"Where all counts of an audit are whole ({printed['audits']} audits), {printed['within']} of "
        f"{printed['rows']} rows fit: only there does a fit say something.",
        "",
        f"Impact ratios: {ratios['rows']} in {ratios['tables']} tables of {ratios['audits']} audits; "
        f"{ratios['within']} within {WITHIN}, "
        f"{ratios['fit_up_to_rounding']} within what two-digit figures explain; {ratios['above_one']} are above 1. "
        f"Audits in which every ratio fits: {ratios['audits_that_fit']}. "
        "Tables in which every ratio fits: "
        + ", ".join(f"{name} {fits[name]}" for name in (*REFERENCES, "any of the three"))
        + ".",
        "",
        "## Rows that do not fit",
        "",
        "| audit | position | rate of | group | figure | published | recomputed | guess |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in (*rates["misfits"], *rates["no_whole_number"], *ratios["misfits"]):
        lines.append("| " + " | ".join(str(value) for value in row.values()) + " |")
    lines += [
        "",
        "## Audits in which most ratios of a table do not fit, or one is above 1",
        "",
        "Their ratios follow another definition than the rate over the highest rate of the same table, averaged",
        "over jobs or employers perhaps; their rows are counted here and not listed above.",
        "",
        "| audit | tables | that fit | ratios | that do not fit | above 1 |",
        "|---|---|---|---|---|---|",
    ]
    for audit, tally in ratios["audits_of_another_definition"].items():
        cells = (tally.get(name, 0) for name in ("tables", "tables_that_fit", "rows", "misfits", "above_one"))
        lines.append(f"| {audit} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Recompute; the exit code says whether 99 % of the rates are within .006."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="the first audits alone; nothing is written")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "ll144_audits.json")
    given = parser.parse_args(arguments)
    path = DATA / "ll144_audits" / "audits.csv"
    if not path.is_file():
        print(
            f"skipped: no published audits at {path}; set CANDOR_DATA to the folder of data", file=sys.stderr
        )
        return 1
    rows = read_rows(path)
    if given.quick:
        rows = rows[:400]
    rates, ratios = check_rates(rows), check_ratios(tables_of(rows))
    text = in_words(rates, ratios)
    print(text)
    if not given.quick:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        source = "Gerchick et al. (2025), aclu-national/auditing-the-audits-facct-2025, CC BY-NC 4.0"
        facts = {"source": source, "within": WITHIN, "rates": rates, "ratios": ratios}
        given.out.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        given.out.with_suffix(".md").write_text(text, encoding="utf-8")
    return 0 if rates["share_within"] >= 0.99 else 1


if __name__ == "__main__":
    sys.exit(main())
