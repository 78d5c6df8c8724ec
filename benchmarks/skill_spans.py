"""Measure what a vocabulary finds in running text: skills in labelled sentences of job advertisements.

    python -m benchmarks.skill_spans                    # writes benchmarks/results/skill_spans.json and .md
    python -m benchmarks.skill_spans --encoder MODEL/   # with all-MiniLM-L6-v2 from that folder as a peer
    python -m benchmarks.skill_spans --quick            # 40 sentences, words only; nothing is written

Data: skill_extraction (SkillSpan's validation sentences, in which people marked skills and named the
ESCO skill of each; two sources) and esco, both in CANDOR_DATA. Nothing is fitted to these sentences. The
list of everyday words that need a capital was made by hand after a look at some fifty of the marked spans;
what it is worth is the difference to the rows "everyday words too". In the copy of ESCO's skills that
we have the lists of other names have slid against the labels; each goes to the label that stands in it
(:func:`benchmarks.resume_cleaning.esco_skills`).

Spans: a marked span counts once a sentence, at its first place. *Exact*: same words, signs around them
aside. *Overlap*: a found span is right if it shares a word with a marked one, a marked one is found if it
shares a word with a found one. Marked are also spans that no ESCO label names ("LABEL NOT PRESENT"), which
no vocabulary of labels can be asked for; recall is given without them as well.

Labels: each sentence, or each marked span, ranks all 13,896 ESCO labels; R-precision@5 is the share of
the right labels among the first min(5, number of right labels), averaged over sentences (spans) that have
one (Decorte et al. 2022). Their 45 to 54 % are trained models on test sentences that are not
here, so the two stand side by side and no nearer.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.resume_cleaning import esco_skills
from ranker.resume.cleaning.words import surface
from ranker.resume.importing import SkillSpotter
from ranker.resume.importing.skill_spotter import TOKEN

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[2] / "shared" / "data")
RESULTS = Path(__file__).parent / "results"
SOURCES = ("tech", "house")
NO_LABEL = ("LABEL NOT PRESENT", "UNDERSPECIFIED")
K = 5
QUICK = 40
Ranker = Callable[[Sequence[str]], list[list[str]]]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and what people marked in it.

    Parameters
    ----------
    source, text : str
        Where it comes from, and the sentence.
    spans : dict of str to tuple of str
        Marked texts, and the ESCO labels of each.
    """

    source: str
    text: str
    spans: dict[str, tuple[str, ...]]

    @property
    def labels(self) -> set[str]:
        """All ESCO labels of its spans."""
        return {label for labels in self.spans.values() for label in labels}


def read_sentences(n: int | None = None) -> list[Sentence]:
    """Read the labelled sentences, of each source the first n."""
    found = []
    for source in SOURCES:
        rows = pd.read_csv(DATA / "skill_extraction" / f"{source}.csv")
        for text, group in list(rows.groupby("sentence", sort=False))[:n]:
            spans = {
                str(span): tuple(dict.fromkeys(label for label in part["label"] if label not in NO_LABEL))
                for span, part in group.groupby("span", sort=False)
            }
            found.append(Sentence(source, str(text), spans))
    return found


def read_labels() -> tuple[list[str], dict[str, str]]:
    """Return ESCO's labels, and the other labels of those for which they are here."""
    labels = pd.read_csv(DATA / "esco" / "skill_labels.csv")["label"].astype(str).tolist()
    known = {surface(label): label for label in reversed(labels)}
    aliases: dict[str, str] = {}
    for name, others in esco_skills(DATA / "esco" / "skills_subset.parquet").aliases.items():
        for other in others if name in known else ():
            aliases.setdefault(other, known[name])
    return labels, aliases


def words_at(text: str, start: int, end: int) -> frozenset[int]:
    """Return which words of a text (by number) a stretch of it holds."""
    return frozenset(n for n, t in enumerate(TOKEN.finditer(text)) if t.start() < end and t.end() > start)


def marked(sentence: Sentence) -> list[tuple[frozenset[int], bool]]:
    """Return the words of each marked span, and whether ESCO has a label for it."""
    found = []
    for span, labels in sentence.spans.items():
        at = sentence.text.find(span)
        if at >= 0 and (words := words_at(sentence.text, at, at + len(span))):
            found.append((words, bool(labels)))
    return found


def span_figures(sentences: Iterable[Sentence], spotter: SkillSpotter, **options: Any) -> dict[str, float]:
    """Return precision, recall and F1 of found spans, exact and by overlap, in [0, 1]."""
    exact = overlap = n_found = n_marked = n_named = named_found = marked_found = 0
    for sentence in sentences:
        gold = marked(sentence)
        found = [words_at(sentence.text, s.start, s.end) for s in spotter.spans(sentence.text, **options)]
        n_found += len(found)
        n_marked += len(gold)
        exact += sum(any(span == words for words, _ in gold) for span in found)
        overlap += sum(any(span & words for words, _ in gold) for span in found)
        met = [any(span & words for span in found) for words, _ in gold]
        marked_found += sum(met)
        n_named += sum(named for _, named in gold)
        named_found += sum(m for m, (_, named) in zip(met, gold, strict=True) if named)
    out = {"found": n_found, "marked": n_marked, "marked_with_label": n_named}
    shares = {
        "exact": (exact / max(n_found, 1), exact / max(n_marked, 1)),
        "overlap": (overlap / max(n_found, 1), marked_found / max(n_marked, 1)),
    }
    for name, (precision, recall) in shares.items():
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        out |= {f"{name}_precision": precision, f"{name}_recall": recall, f"{name}_f1": f1}
    return {**out, "overlap_recall_with_label": named_found / max(n_named, 1)}


def r_precision(ranked: Sequence[Sequence[str]], right: Sequence[set[str]], k: int = K) -> float:
    """Return R-precision@k, in [0, 1]: hits among the first k over the most there could be."""
    shares = [
        len(set(list(labels)[:k]) & gold) / min(k, len(gold))
        for labels, gold in zip(ranked, right, strict=True)
        if gold
    ]
    return float(np.mean(shares)) if shares else float("nan")


def by_product(vectors: Any, queries: Any, labels: Sequence[str]) -> list[list[str]]:
    """Rank labels by the product of their vectors with each query's, ties by the labels' order."""
    scores = queries @ vectors.T
    scores = np.asarray(scores.todense() if hasattr(scores, "todense") else scores)
    return [[labels[i] for i in np.argsort(-row, kind="stable")[:K]] for row in scores]


def rankers(labels: list[str], spotter: SkillSpotter, encoder: Any | None) -> dict[str, Ranker]:
    """Return what ranks labels for texts: the vocabulary's names, words, letters, meaning, and names first."""

    def names(texts: Sequence[str]) -> list[list[str]]:
        return [list(spotter.skills_in(text))[:K] for text in texts]

    def tfidf(**options: Any) -> Ranker:
        fitted = TfidfVectorizer(sublinear_tf=True, **options).fit(labels)
        vectors = fitted.transform(labels)
        return lambda texts: by_product(vectors, fitted.transform(texts), labels)

    def both(first: Ranker, second: Ranker) -> Ranker:
        return lambda texts: [
            list(dict.fromkeys(a + b))[:K] for a, b in zip(first(texts), second(texts), strict=True)
        ]

    found: dict[str, Ranker] = {
        "names of the vocabulary": names,
        "TF-IDF of words": tfidf(token_pattern=r"(?u)\b\w[\w+#]*"),
        "TF-IDF of letters": tfidf(analyzer="char_wb", ngram_range=(3, 5)),
    }
    if encoder is not None:
        vectors = encoder.encode(labels)
        found["all-MiniLM-L6-v2"] = lambda texts: by_product(vectors, encoder.encode(list(texts)), labels)
    last = list(found)[-1]
    found[f"names, then {last}"] = both(names, found[last])
    return found


def study(n: int | None = None, encoder: Any | None = None) -> dict[str, Any]:
    """Measure spans and labels on the first n sentences of each source."""
    sentences = read_sentences(n)
    labels, aliases = read_labels()
    bare, whole = SkillSpotter(labels), SkillSpotter(labels, aliases)
    spans = []
    for source in (*SOURCES, "both"):
        chosen = [s for s in sentences if source in (s.source, "both")]
        for name, spotter, options in (
            ("labels and aliases", whole, {}),
            ("labels", bare, {}),
            ("labels and aliases, everyday words too", whole, {"listed": True}),
        ):
            row = {"source": source, "vocabulary": name, "sentences": len(chosen)}
            spans.append({**row, **span_figures(chosen, spotter, **options)})
    queries = {
        "sentence": [(s.source, s.text, s.labels) for s in sentences],
        "span": [(s.source, span, set(found)) for s in sentences for span, found in s.spans.items()],
    }
    ranked_rows = []
    for way, rank in rankers(labels, whole, encoder).items():
        for kind, asked in queries.items():
            asked = [row for row in asked if row[2]]
            ranked = rank([text for _, text, _ in asked])
            row = {"way": way, "of": kind, "n": len(asked)}
            for source in (*SOURCES, "both"):
                at = [i for i, (where, _, _) in enumerate(asked) if source in (where, "both")]
                row[source] = r_precision([ranked[i] for i in at], [asked[i][2] for i in at])
            ranked_rows.append(row)
    return {"spans": spans, "r_precision_at_5": ranked_rows, "labels": len(labels), "aliases": len(aliases)}


def report(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"# Skills in running text: {figures['labels']:,} ESCO labels, {figures['aliases']:,} aliases",
        "",
        "| sentences | vocabulary | exact P | R | F1 | overlap P | R | F1 | R where ESCO has a label |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    shown = [f"{kind}_{name}" for kind in ("exact", "overlap") for name in ("precision", "recall", "f1")]
    for row in figures["spans"]:
        cells = " | ".join(f"{row[name]:.3f}" for name in (*shown, "overlap_recall_with_label"))
        lines.append(f"| {row['source']} ({row['sentences']}) | {row['vocabulary']} | {cells} |")
    lines += [
        "",
        "R-precision@5",
        "",
        "| ranked by | for each | tech | house | both | n |",
        "|---|---|---|---|---|---|",
    ]
    for row in figures["r_precision_at_5"]:
        cells = " | ".join(f"{row[source]:.3f}" for source in (*SOURCES, "both"))
        lines.append(f"| {row['way']} | {row['of']} | {cells} | {row['n']} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--quick", action="store_true", help="a small form that the tests run")
    parser.add_argument("--encoder", type=Path, help="folder of all-MiniLM-L6-v2")
    given = parser.parse_args(arguments)
    if not (DATA / "skill_extraction").is_dir() or not (DATA / "esco").is_dir():
        print(f"skipped: skill_extraction and esco are not in {DATA}; set CANDOR_DATA", file=sys.stderr)
        return 0
    encoder = None
    if given.encoder is not None:
        from ranker.text.encoder import MiniLM

        encoder = MiniLM(given.encoder)
    figures = study(QUICK // len(SOURCES) if given.quick else None, encoder)
    print(report(figures))
    if not given.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "skill_spans.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        (RESULTS / "skill_spans.md").write_text(report(figures), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
