"""A trained classifier of résumés, as a model directory."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import pandas as pd

from ranker.app.model_directory import file_hash, read_directory, write_directory
from ranker.app.resume_kind import CLASSIFIER
from ranker.app.resume_task import ResumeTask, parse_resume_task
from ranker.errors import ModelError, SourceError, did_you_mean
from ranker.records.ledger import Ledger
from ranker.records.readers import read_table
from ranker.records.resumes import RawResume, read_domains, read_resumes
from ranker.resume.classifier import ResumeClassifier
from ranker.resume.cleaning import Cleaner, Vocabulary
from ranker.resume.training import features_for, train_classifier
from ranker.scoring import AdditiveScorer
from ranker.scoring.ordinal_labels import OrdinalLabels

if TYPE_CHECKING:
    from ranker.text.encoder import Encoder

__all__ = ["KIND", "ResumeModel", "cleaner_for", "read_labels", "train_resumes"]

KIND: Final = "resume classifier"  # what the manifest says that the directory holds


@dataclass(frozen=True, slots=True, eq=False)
class ResumeModel:
    """What the directory of a classifier holds.

    Parameters
    ----------
    task : ResumeTask
        The task it was trained on.
    classifier : ResumeClassifier
        What answers.
    evaluation : dict
        A classification report by part.
    cleaning : dict
        What reading and cleaning did to the résumés of training.
    parts : DataFrame of id, domain, label, part
        Which résumé stood in which part.
    facts : dict
        The manifest's other entries.
    snapshot : dict or None
        What the train part looked like, as :class:`ranker.app.monitoring.snapshot.Snapshot` has it; ``None`` for
        a model of before there was one.
    """

    task: ResumeTask
    classifier: ResumeClassifier
    evaluation: dict[str, Any]
    cleaning: dict[str, Any]
    parts: pd.DataFrame
    facts: dict[str, Any]
    snapshot: dict[str, Any] | None = None

    def save(self, directory: Path) -> None:
        """Write the model directory; see :func:`~ranker.app.model_directory.write_directory`."""
        one = self.classifier
        files: dict[str, Any] = {
            "task.toml": self.task.text,
            "scorer.json": one.scorer.to_json(),
            CLASSIFIER: {
                "version": one.version,
                "labels": one.labels.to_json(),
                "uncertain": one.uncertain,
                "domains": {domain: list(skills) for domain, skills in one.domains.items()},
                "scaling": one.scaling,
            },
            "vocabulary.json": one.cleaner.vocabulary.to_json(),
            "reference.arrow": one.reference,
            "evaluation.json": self.evaluation,
            "cleaning.json": self.cleaning,
            "parts.arrow": self.parts,
        }
        if one.cleaner.titles is not None:
            files["titles.json"] = one.cleaner.titles.to_json()
        if self.snapshot is not None:
            files["snapshot.json"] = self.snapshot
        write_directory(directory, files, self.facts)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read the directory of a classifier.

        Raises
        ------
        ModelError
            If it is foreign, incomplete or altered, or holds a ranker.
        """
        manifest, files = read_directory(directory)
        if "task_directory" not in manifest and "kind" in manifest:
            raise ModelError(f"{directory} is a {manifest['kind']}, of no résumés: use candor text explain")
        if manifest.get("kind") != KIND:
            raise ModelError(
                f"{directory} ranks candidates and labels no résumés: use candor rank or candor explain, or "
                "train on a task file with [resumes]"
            )
        try:
            task = parse_resume_task(
                files["task.toml"], Path(manifest["task_directory"]), name=f"{directory}/task.toml"
            )
            told = files[CLASSIFIER]
            titles = files["titles.json"] if task.titles is not None else None
            cleaner = Cleaner(
                Vocabulary.from_json(files["vocabulary.json"]),
                titles=None if titles is None else Vocabulary.from_json(titles),
                encoder=encoder_for(task.embedding),
            )
            domains = {domain: tuple(skills) for domain, skills in told["domains"].items()}
            classifier = ResumeClassifier(
                name=task.name,
                features=features_for(domains, cleaner, task.settings),
                scorer=AdditiveScorer.from_json(files["scorer.json"]),
                labels=OrdinalLabels.from_json(told["labels"]),
                cleaner=cleaner,
                domains=domains,
                reference=files["reference.arrow"],
                scaling=told["scaling"],
                uncertain=told["uncertain"],
            )
            facts = {name: manifest[name] for name in ("kind", "task", "task_directory", "sources")}
            model = cls(
                task,
                classifier,
                files["evaluation.json"],
                files["cleaning.json"],
                files["parts.arrow"],
                facts,
                files.get("snapshot.json"),
            )
            if told["version"] != classifier.version:
                raise ModelError(
                    f"{directory} answers otherwise than the model that was trained: this Candor is another "
                    "version; train anew"
                )
        except KeyError as error:
            raise ModelError(f"{directory} is incomplete: {error.args[0]!r} is missing") from None
        except (AttributeError, TypeError, ValueError) as error:
            raise ModelError(f"{directory} holds a file that cannot be read as it should: {error}") from None
        return model


def train_resumes(task: ResumeTask, *, reviewed: Mapping[str, RawResume] | None = None) -> ResumeModel:
    """Read a task's résumés, clean, label, fit, calibrate and measure.

    Parameters
    ----------
    task : ResumeTask
        The task.
    reviewed : mapping of str to RawResume, optional
        By id, résumés whose key ``label`` a reviewer gave: they stand in for the task's own of the same id.

    Raises
    ------
    CandorError
        Whatever keeps it from training, with place, fault and hint.
    """
    ledger = Ledger()
    domains = read_domains(task.domains, ledger)
    raws = read_resumes(task.resumes, ledger)
    if reviewed:
        raws = _with_reviewed(raws, reviewed, ledger)
    trained = train_classifier(
        raws, domains, cleaner_for(domains, task.vocabulary, task.embedding, titles=task.titles),
        task.settings, ledger,
        name=task.name, labels=None if task.labels is None else read_labels(task.labels),
        reviewed={who: str(raw.value["label"]) for who, raw in (reviewed or {}).items()},
    )  # fmt: skip
    facts = {
        "kind": KIND,
        "task": task.name,
        "task_directory": str(task.directory),
        "sources": {
            name: {"path": str(path), "sha256": file_hash(path) if path.is_file() else None}
            for name, path in task.sources.items()
        },
    }
    ledger.kept["resume"] = len(trained.parts)
    cleaning: dict[str, Any] = {"records": ledger.report().to_json(), "cleaning": trained.cleaning.to_json()}
    cleaning["lines"] = trained.cleaning.lines()
    from ranker.app.monitoring.snapshot import snapshot_of_resumes  # it reads models

    origin = f"{len(trained.seen):,} résumés of the train part"
    snapshot = snapshot_of_resumes(trained.classifier, trained.seen, origin).to_json()
    return ResumeModel(task, trained.classifier, trained.evaluation, cleaning, trained.parts, facts, snapshot)


def _with_reviewed(
    raws: list[RawResume], reviewed: Mapping[str, RawResume], ledger: Ledger
) -> list[RawResume]:
    """Put what reviewers saw in the place of the task's own résumés, or beside them."""
    kept = [raw for raw in raws if str(raw.value.get("id")) not in reviewed]
    for raw in raws:
        if (who := str(raw.value.get("id"))) in reviewed:
            ledger.note("resume", who, "noted", "the résumé that a reviewer labelled takes its place")
    ledger.read["resume"] = ledger.read.get("resume", 0) + len(kept) + len(reviewed) - len(raws)
    return [*reviewed.values(), *kept]  # of two copies cleaning keeps the first: the one that a reviewer saw


def cleaner_for(
    domains: Mapping[str, tuple[str, ...]],
    vocabulary: Path | None,
    embedding: bool | str = False,
    *,
    titles: Path | None = None,
) -> Cleaner:
    """Make a cleaner from the domains' own skills, or from ESCO's or O*NET's files.

    Parameters
    ----------
    domains : mapping of str to tuple of str
        Required skills of each domain, as written.
    vocabulary : Path or None
        A file of ESCO's, known by its column preferredLabel, or of O*NET's.
    embedding : bool or str
        Whether skills and titles are compared by meaning, too; a text is the folder of the encoder's files.
    titles : Path, optional
        A file of job titles, ESCO's, O*NET's or any table with a column Title.

    Raises
    ------
    SourceError
        If a file is neither.
    UsageError
        If the encoder's libraries are not installed.
    """
    if vocabulary is None:
        known = Vocabulary.from_domains(domains)
    else:
        known = replace(_names_in(vocabulary), domains=tuple(domains))
    canonical = None if titles is None else _names_in(titles)
    return Cleaner(known, titles=canonical, encoder=encoder_for(embedding))


def _names_in(path: Path) -> Vocabulary:
    try:
        return Vocabulary.from_esco(path)
    except SourceError as error:
        if "no column 'preferredLabel'" not in str(error):
            raise
    return Vocabulary.from_onet(path)


def encoder_for(embedding: bool | str) -> "Encoder | None":
    """Load the encoder where texts are compared by meaning, too."""
    if embedding is False:
        return None
    from ranker.text.encoder import MiniLM

    return MiniLM(None if embedding is True else Path(embedding))


def read_labels(path: Path) -> dict[str, str]:
    """Read labels that people gave: a table with the columns id and label.

    Raises
    ------
    SourceError
        If the file cannot be read, lacks a column, or names one id twice with different labels.
    """
    table = read_table(path, table="label", ledger=Ledger())
    for column in ("id", "label"):
        if column not in table.columns:
            raise SourceError(
                f"{path} has no column {column!r}{did_you_mean(column, map(str, table.columns))}"
            )
    labels: dict[str, str] = {}
    for who, label in zip(table["id"], table["label"], strict=True):
        if who is None or label is None:
            continue
        if labels.setdefault(str(who).strip(), str(label)) != str(label):
            raise SourceError(
                f"{path} labels {who!r} both {labels[str(who).strip()]!r} and {label!r}: keep one"
            )
    return labels
