"""Ten thousand résumés cleaned, classified and explained: seconds of the clock and of the processor.

    python -m benchmarks.resume_throughput           # three minutes; writes results/resume_throughput.json
    python -m benchmarks.resume_throughput --quick   # a twentieth of it; nothing is written

A classifier is trained on generated résumés (dirt .3, people's labels), warmed up on 500 of another
seed, and then answers 10,000 of a third seed, which it has not seen, three times; the texts that it
remembers from a run are forgotten before the next. One process; skills are not compared by meaning.
*Clean* is reading and cleaning alone. *Answer* is everything: cleaning, features, score, label,
probabilities, amounts of raw fields, sentences, the recommendation with its search and its second way
through the pipeline, and JSON. Training is not counted.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.speed.machine import describe
from benchmarks.stopwatch import Watch
from ranker.records.generated_resumes import generate_resumes
from ranker.records.ledger import Ledger
from ranker.records.resumes import RawResume, read_domains, read_resumes
from ranker.resume.answer import Answer
from ranker.resume.batch import answer_batch
from ranker.resume.classifier import ResumeClassifier
from ranker.resume.cleaning import Cleaner, Vocabulary
from ranker.resume.training import Settings, train_classifier

RESULTS = Path(__file__).parent / "results"
DIRT, LABEL_NOISE = 0.3, 0.1
TRAIN_SEED, WARM_SEED, SEED = 1, 2, 3
N, N_TRAIN, N_WARM, TIMES = 10_000, 1_500, 500, 3
LIMIT = 10.0  # seconds, on two cores
SETTINGS = Settings(labels="resumes", outer_bags=2, interactions=4)  # bags take no time once they are fitted


@dataclass(frozen=True, slots=True)
class Set:
    """A generated set: its file of résumés, and its domains."""

    path: Path
    domains: dict[str, tuple[str, ...]]

    def read(self) -> list[RawResume]:
        """Read the résumés."""
        return read_resumes(self.path, Ledger())


def made(folder: Path, n: int, seed: int) -> Set:
    """Generate a set."""
    place = folder / str(seed)
    generate_resumes(place, n=n, seed=seed, dirt=DIRT, label_noise=LABEL_NOISE)
    return Set(place / "resumes.jsonl", read_domains(place / "domains.json", Ledger()))


def forgetful(classifier: ResumeClassifier) -> ResumeClassifier:
    """Return the same classifier with a cleaner that remembers no text."""
    return replace(classifier, cleaner=Cleaner(classifier.cleaner.vocabulary))


def measure(classifier: ResumeClassifier, people: Set, warm: list[RawResume]) -> dict[str, Any]:
    """Answer one set once."""
    one = forgetful(classifier)
    list(answer_batch(one, warm))
    watch = Watch.start()
    raws = people.read()
    for raw in raws:
        one.admit(raw)
    clean = watch.read()
    one = forgetful(classifier)
    list(answer_batch(one, warm))
    watch = Watch.start()
    raws = people.read()
    answered = n_bytes = 0
    for answer in answer_batch(one, raws):
        answered += isinstance(answer, Answer)
        n_bytes += len(json.dumps(answer.to_json(), ensure_ascii=False))
    return {
        "read": len(raws),
        "answered": answered,
        "characters": n_bytes,
        "clean": clean,
        "answer": watch.read(),
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, tell, and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.resume_throughput", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the work; nothing is written")
    given = parser.parse_args(arguments)
    share = 20 if given.quick else 1
    with tempfile.TemporaryDirectory() as folder:
        learned = made(Path(folder), max(N_TRAIN // share, 300), TRAIN_SEED)
        warm = made(Path(folder), max(N_WARM // share, 50), WARM_SEED).read()
        people = made(Path(folder), N // share, SEED)
        cleaner = Cleaner(Vocabulary.from_domains(learned.domains))
        trained = train_classifier(learned.read(), learned.domains, cleaner, SETTINGS, Ledger())
        runs = [measure(trained.classifier, people, warm) for _ in range(1 if given.quick else TIMES)]
    for run in runs:
        told = ", ".join(
            f"{what} {run[what]['wall']:.2f} s ({run[what]['cpu']:.2f} s of the processor)"
            for what in ("clean", "answer")
        )
        print(f"{run['answered']:,} of {run['read']:,} résumés answered: {told}")
    best = min(run["answer"]["wall"] for run in runs)
    print(f"best: {best:.2f} s; {N // share / best:,.0f} résumés a second")
    if not given.quick:
        figures = {"machine": describe(), "limit": LIMIT, "best": best, "runs": runs}
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
        (RESULTS / "resume_throughput.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
