"""What is classified: generated résumés, and published records of people who look for another job."""

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ranker.features import FeatureSet
from ranker.records.generated_resumes import generate_resumes
from ranker.records.ledger import Ledger
from ranker.records.resumes import read_domains, read_resumes
from ranker.resume.classifier import canonical_domains
from ranker.resume.cleaning import Cleaner, Vocabulary
from ranker.resume.feature_table import RESUME_FIELDS, resume_features
from ranker.resume.labels import LABELS, label_of
from ranker.resume.pool import ResumePool
from ranker.resume.splitting import persons_of, stratified_parts

__all__ = ["CASES", "Case", "Part", "without_data"]

DATA = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
NOISE = 0.3  # share of the labels that a person gives by their own judgement
DIRT = 0.1
SPLIT = {"tune": 0.15, "test": 0.15, "seed": 42}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows of one part.

    Parameters
    ----------
    X : DataFrame of shape (n, n_features)
        What every model reads.
    binary : (n, n_binary) array
        Skills, or categories, as 0 and 1: the other branch of the network's.
    y : (n,) int array
        Labels.
    person : (n,) array
        Whose row it is.
    """

    X: pd.DataFrame
    binary: np.ndarray
    y: np.ndarray
    person: np.ndarray

    def take(self, rows: np.ndarray) -> "Part":
        """Choose rows; one may be chosen more than once."""
        X = self.X.iloc[rows].reset_index(drop=True)
        return Part(X, self.binary[rows], self.y[rows], self.person[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One data set, shared out over the three parts.

    Parameters
    ----------
    name : str
        The data set.
    seed : int
        What tells its five forms apart: another set of résumés, or another split.
    labels : tuple of str
        Lowest first.
    train, tune, test : Part
        70 %, 15 % and 15 % of each label.
    """

    name: str
    seed: int
    labels: tuple[str, ...]
    train: Part
    tune: Part
    test: Part

    def smaller(self, rows: int) -> "Case":
        """Keep the first rows of each part, for a quick run."""
        return replace(
            self,
            **{
                name: part.take(np.arange(min(len(part.y), size)))
                for name, part, size in (
                    ("train", self.train, rows),
                    ("tune", self.tune, rows // 4),
                    ("test", self.test, rows // 4),
                )
            },
        )


def generated(seed: int, n: int) -> Case:
    """Generate, clean and describe ``n`` résumés, labelled by people of their own mind."""
    ledger = Ledger()
    with tempfile.TemporaryDirectory() as folder:
        generate_resumes(folder, n=n, seed=seed, dirt=DIRT, label_noise=NOISE)
        raws = read_resumes(Path(folder) / "resumes.jsonl", ledger)
        domains = read_domains(Path(folder) / "domains.json", ledger)
    cleaner = Cleaner(Vocabulary.from_domains(domains))
    required = canonical_domains(domains, cleaner)
    cleaned = cleaner.clean_all(raws).resumes
    kept = [resume for resume in cleaned if resume.preferred_domain in required]
    written = {str(raw.value.get("id")): raw.value.get("label") for raw in raws}
    codes = np.array([LABELS.index(label_of(written[resume.id])) for resume in kept])
    features = FeatureSet(resume_features(required, skills="required"), RESUME_FIELDS)
    table = ResumePool.of(kept, required, features).table
    named = [name for name in table if str(name).startswith("has ")]
    whole = Part(table.drop(columns=named), table[named].to_numpy(np.float32), codes, persons_of(kept))
    return _shared("generated", seed, LABELS, whole, SPLIT)


def job_change(seed: int, n: int) -> Case:
    """Read who looks for another job, and what is known of them; gender stays out."""
    path = DATA / "hr_job_change" / "hr_job_change.csv"
    frame = pd.read_csv(path).iloc[:n]
    target = frame["target"].to_numpy().astype(np.int64)
    table = frame.drop(columns=["enrollee_id", "target", "gender"])
    for name in table:
        if not pd.api.types.is_numeric_dtype(table[name]):
            column = table[name].astype(object)
            table[name] = column.where(column.notna(), None)
        else:
            table[name] = table[name].astype(np.float64)
    # Ranges of years are written as texts; their order is known.
    table["experience"] = _numbers(frame["experience"], {"<1": 0.0, ">20": 21.0})
    table["last_new_job"] = _numbers(frame["last_new_job"], {"never": 0.0, ">4": 5.0})
    # Some rows lack their number, so rows of the same content are one person.
    content = [name for name in frame if name not in ("enrollee_id", "target")]
    person = frame.groupby(content, dropna=False, sort=False).ngroup().to_numpy()
    labels = ("stays", "looks for a job")
    texts = [name for name in table if table[name].dtype == object]
    binary = pd.get_dummies(table[texts], dtype=np.float32).to_numpy()
    whole = Part(table, binary, target, person)
    return _shared("hr_job_change", seed, labels, whole, {**SPLIT, "seed": seed})


def without_data(name: str) -> str:
    """Why a case cannot be had, ``""`` where it can."""
    if name == "hr_job_change" and not (DATA / name).is_dir():
        return f"{DATA / name} is missing: set CANDOR_DATA to where the published data lie"
    return ""


def _numbers(column: pd.Series, words: Mapping[str, float]) -> np.ndarray:
    return pd.to_numeric(column.replace(dict(words)), errors="coerce").to_numpy(np.float64)


def _shared(name: str, seed: int, labels: tuple[str, ...], whole: Part, split: Mapping[str, float]) -> Case:
    tune, test, dealt = split["tune"], split["test"], int(split["seed"])
    parts = stratified_parts(whole.y, whole.person, tune=tune, test=test, seed=dealt)
    shared = (whole.take(np.flatnonzero(parts == part)) for part in ("train", "tune", "test"))
    return Case(name, seed, labels, *shared)


CASES: Mapping[str, Callable[[int, int], Case]] = {"generated": generated, "hr_job_change": job_change}
ROWS: Mapping[str, int] = {"generated": 8_000, "hr_job_change": 20_000}
