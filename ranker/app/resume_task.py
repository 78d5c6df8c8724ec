"""The task file of a résumé classifier: ``[resumes]`` stands where other tasks have ``[applications]``."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic import Field as Pydantic

from ranker.app.task import source_path
from ranker.app.task_sections import STRICT, explain_fault
from ranker.errors import CandorError, TaskError
from ranker.resume.labels import LabelRules
from ranker.resume.training import RULES, WRITTEN, Settings

__all__ = ["ResumeTask", "parse_resume_task", "read_resume_task"]

Share = Annotated[float, Pydantic(ge=0, le=1)]


class _Section(BaseModel):
    model_config = STRICT


class ResumesSection(_Section):
    """``[resumes]``: what is read.

    ``labels`` is ``"rules"``, ``"resumes"`` (each one's own key ``label``), or the path of a CSV file
    with the columns id and label. ``vocabulary`` is ``"domains"`` (their own skills), or the path of
    ESCO's or O*NET's files; ``titles`` is such a file of job titles, to which written ones are mapped, or any
    table with a column Title. ``embedding = true`` compares by meaning, too, and needs the extra
    ``text``; a text is the folder of the encoder's files.
    """

    path: str
    domains: str
    labels: str = RULES
    vocabulary: str = "domains"
    titles: str = ""
    embedding: bool | str = False


class LabelsSection(_Section):
    """``[labels]``: thresholds of the rules; see :class:`ranker.resume.labels.LabelRules`."""

    fit_ratio: Share = 0.70
    fit_score: Share = 0.75
    min_projects: int = Pydantic(default=1, ge=0)
    partial_ratio: Share = 0.40
    partial_score: Share = 0.50


class FeaturesSection(_Section):
    """``[features]``: what the label is made of, besides what it always is.

    ``skills`` are features of their own, 1 where they are there: a list, or ``"required"`` for all that
    any domain asks for. ``years`` is how the years of several posts count.
    """

    skills: list[str] | Literal["required"] = []
    years: Literal["sum", "maximum", "weighted"] = "sum"


class ClassifierSection(_Section):
    """``[training]``: settings of the booster, and the greatest probability below which a person decides.

    ``monotone`` says of a feature that its shape must not fall ("increasing") or not rise ("decreasing").
    """

    decision: Literal["median", "macro_f1"] = "median"
    monotone: dict[str, Literal["increasing", "decreasing"]] = {}
    learning_rate: float = Pydantic(default=0.04, gt=0, le=1)
    max_bins: int = Pydantic(default=1024, ge=3)
    outer_bags: int = Pydantic(default=8, ge=1)
    interactions: (
        Annotated[int, Pydantic(ge=0)]
        | Annotated[float, Pydantic(gt=0, lt=1)]
        | Annotated[str, Pydantic(pattern=r"^\d+(\.\d+)?x$")]
    ) = "2x"
    random_state: int = Pydantic(default=0, ge=0)
    uncertain: float = Pydantic(default=0.55, gt=0, le=1)


class BalancingSection(_Section):
    """``[balancing]``: how the training part is balanced, and no other part."""

    how: Literal["none", "under", "over", "weights", "hybrid"] = "weights"


class StratifiedSection(_Section):
    """``[split]``: shares of the parts, each label in the same proportion."""

    tune: float = Pydantic(default=0.15, gt=0, lt=1)
    test: float = Pydantic(default=0.15, gt=0, lt=1)
    seed: int = Pydantic(default=42, ge=0)


class ResumeSections(_Section):
    """The whole file."""

    name: str = Pydantic(min_length=1)
    title: str = ""
    resumes: ResumesSection
    labels: LabelsSection = LabelsSection()
    features: FeaturesSection = FeaturesSection()
    training: ClassifierSection = ClassifierSection()
    balancing: BalancingSection = BalancingSection()
    split: StratifiedSection = StratifiedSection()


@dataclass(frozen=True, slots=True)
class ResumeTask:
    """A résumé task, read and checked.

    Parameters
    ----------
    name, title : str
        What it is called.
    resumes, domains : Path
        Files, or folders of them.
    labels : Path or None
        A CSV file of labels; ``None`` where rules or the résumés' own keys give them.
    vocabulary : Path or None
        ESCO's or O*NET's files; ``None`` for the domains' own skills.
    titles : Path or None
        Canonical job titles; without them titles only lose case, punctuation and rank.
    embedding : bool or str
        Whether skills and titles are compared by meaning, too; a text is the folder of the encoder's files.
    settings : Settings
        What the label is made of; how to label, split, balance and fit.
    text : str
        The file as written.
    directory : Path
        Where relative paths start.
    """

    name: str
    title: str
    resumes: Path
    domains: Path
    labels: Path | None
    vocabulary: Path | None
    titles: Path | None
    embedding: bool | str
    settings: Settings
    text: str
    directory: Path

    @property
    def sources(self) -> dict[str, Path]:
        """The files that training reads, by what they hold."""
        named = {"resumes": self.resumes, "domains": self.domains}
        optional = {"labels": self.labels, "vocabulary": self.vocabulary, "titles": self.titles}
        return named | {name: path for name, path in optional.items() if path is not None}


def read_resume_task(path: Path) -> ResumeTask:
    """Read a résumé task file.

    Raises
    ------
    TaskError
        Naming the place, the fault, and what was probably meant.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TaskError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except OSError as error:
        raise TaskError(f"{path} cannot be read: {error.strerror}") from None
    return parse_resume_task(text, path.resolve().parent, name=str(path))


def parse_resume_task(text: str, directory: Path, *, name: str = "task file") -> ResumeTask:
    """Read a résumé task from its text; ``directory`` is where relative paths start."""
    raw: dict[str, Any] = {}
    try:
        raw = tomllib.loads(text)
        sections = ResumeSections.model_validate(raw)
        return _build(sections, text, directory)
    except tomllib.TOMLDecodeError as error:
        raise TaskError(f"{name}: not TOML: {error}") from None
    except RecursionError:
        raise TaskError(f"{name}: nested too deeply to be a task") from None
    except ValidationError as error:
        raise TaskError(f"{name}: {explain_fault(error, ResumeSections, raw)}") from None
    except CandorError as error:
        raise type(error)(f"{name}: {error}") from None


def _build(sections: ResumeSections, text: str, directory: Path) -> ResumeTask:
    given = sections.resumes
    if sections.split.tune + sections.split.test >= 1:
        raise TaskError(
            f"[split]: tune = {sections.split.tune} and test = {sections.split.test} leave nothing to train on"
        )
    is_file = given.labels not in (RULES, WRITTEN)
    skills = sections.features.skills
    settings = Settings(
        skills="required" if skills == "required" else tuple(skills),
        years=sections.features.years,
        rules=LabelRules(**sections.labels.model_dump()),
        labels=WRITTEN if is_file else given.labels,
        balancing=sections.balancing.how,
        uncertain=sections.training.uncertain,
        monotone=tuple(sections.training.monotone.items()),
        **sections.training.model_dump(exclude={"uncertain", "monotone"}),
        **sections.split.model_dump(),
    )
    return ResumeTask(
        sections.name,
        sections.title or sections.name,
        source_path(given.path, directory),
        source_path(given.domains, directory),
        source_path(given.labels, directory) if is_file else None,
        None if given.vocabulary == "domains" else source_path(given.vocabulary, directory),
        source_path(given.titles, directory) if given.titles else None,
        given.embedding
        if isinstance(given.embedding, bool)
        else str(source_path(given.embedding, directory)),
        settings,
        text,
        directory,
    )
