"""The task file: a TOML text that describes a data set, its features and what is demanded."""

import os
import re
import tomllib
from dataclasses import MISSING, dataclass, field, replace
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Strict, ValidationError, create_model

from explain.change.actions import Action
from fairness.constraint import FairnessConstraint
from ranker.app.action_sections import parse_actions
from ranker.app.fairness_sections import check_audit, common_strategy, parse_constraints
from ranker.app.task_sections import (
    STRICT,
    ApplicationSource,
    AuditSection,
    RequirementSection,
    SplitSection,
    TaskSections,
    TrainingSection,
    explain_fault,
)
from ranker.errors import CandorError, TaskError, did_you_mean
from ranker.features import KINDS, Feature, FeatureSet
from ranker.records import Field, Requirement, Usage
from ranker.records.cleaning import Keys
from ranker.records.field import ENTITIES, entity_of, refuse_protected

DATA = "CANDOR_DATA"
MOST_NUMBERED = 10_000  # features that one section may stand for


@dataclass(frozen=True, slots=True)
class Task:
    """A task file, read and checked.

    Parameters
    ----------
    name, title : str
        What the task is called.
    sources : dict of str to (Path, str or None)
        File and key column of each entity that has a file.
    keys : Keys
        Key and relevance columns of the applications.
    features : FeatureSet
        Its features; their ``fields`` are the declared fields.
    requirements : tuple of Requirement
        What a candidate must meet.
    split : SplitSection
        Shares and seed of the parts.
    constraints : tuple of FairnessConstraint
        What training must meet, all at once.
    strategy : str
        How it does; see :class:`fairness.FairRanker`.
    training : TrainingSection
        What is learned, and settings of the booster.
    text : str
        The file as written.
    directory : Path
        Where relative paths start.
    actions : tuple of Action or None
        What a person may change, when asked what would bring a better rank; ``None`` where the
        task does not say.
    audit : AuditSection
        What a report says of the model's use, and by what it compares.
    """

    name: str
    title: str
    sources: dict[str, tuple[Path, str | None]]
    keys: Keys
    features: FeatureSet
    requirements: tuple[Requirement, ...]
    split: SplitSection
    constraints: tuple[FairnessConstraint, ...]
    strategy: str
    training: TrainingSection
    text: str
    directory: Path
    actions: tuple[Action, ...] | None = None
    audit: AuditSection = field(default_factory=AuditSection)

    @property
    def constraint(self) -> FairnessConstraint | None:
        """The only constraint, or the first of them, whose groups figures are reported by."""
        return self.constraints[0] if self.constraints else None

    @property
    def labels(self) -> dict[str, str]:
        """What the declared fields are called, by path."""
        return {path: field.label for path, field in self.features.fields.items()}

    @property
    def protected(self) -> tuple[str, ...]:
        """Paths of the protected fields."""
        return tuple(path for path, field in self.features.fields.items() if field.usage is Usage.PROTECTED)


def read_task(path: Path) -> Task:
    """Read a task file.

    Raises
    ------
    TaskError
        Naming the place, the fault, and what was probably meant.
    ProtectedFieldError
        If a feature or requirement reads a field that may not reach a score.
    """
    if not path.is_file():
        near = sorted(p.name for p in path.parent.glob("*.toml")) if path.parent.is_dir() else []
        raise TaskError(f"there is no task file {path}{did_you_mean(path.name, near)}")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise TaskError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except OSError as error:
        raise TaskError(f"{path} cannot be read: {error.strerror}") from None
    return parse_task(text, path.resolve().parent, name=str(path))


def parse_task(text: str, directory: Path, *, name: str = "task file") -> Task:
    """Read a task from its text; ``directory`` is where relative paths start."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TaskError(f"{name}: not TOML: {error}") from None
    except RecursionError:
        raise TaskError(f"{name}: nested too deeply to be a task") from None
    try:
        sections = TaskSections.model_validate(raw)
    except ValidationError as error:
        raise TaskError(f"{name}: {explain_fault(error, TaskSections, raw)}") from None
    try:
        return _build(sections, text, directory)
    except TaskError as error:
        raise TaskError(f"{name}: {error}") from None
    except CandorError as error:
        raise type(error)(f"{name}: {error}") from None


def _build(sections: TaskSections, text: str, directory: Path) -> Task:
    a = sections.applications
    if sections.candidates is not None and a.candidate is None:
        raise TaskError("[applications]: 'candidate' is missing: the column that names each row's candidate")
    if sections.jobs is not None and a.job is None:
        raise TaskError(
            "[applications]: 'job' is missing: the column that names each row's job in [jobs]; "
            "only without [jobs] all rows are one list"
        )
    fields = {}
    for path, given in sections.fields.items():
        _check_path(path, f'[fields."{path}"]')
        label = given.label or path.rpartition(".")[2].replace("[]", "").replace("_", " ")
        usage, missing = Usage(given.usage), tuple(given.missing)
        fields[path] = Field(path, label, given.unit, usage, given.separator, missing)
    _set_target(fields, a.relevance)
    features = FeatureSet(
        tuple(
            _feature(i, one, directory)
            for i, raw in enumerate(sections.features, 1)
            for one in _numbered_features(i, raw)
        ),
        fields,
    )
    sources: dict[str, tuple[Path, str | None]] = {
        "application": (source_path(sections.applications.path, directory), None)
    }
    for entity, source in (("candidate", sections.candidates), ("job", sections.jobs)):
        if source is not None:
            sources[entity] = (source_path(source.path, directory), source.id)
    requirements = tuple(_requirement(i, given) for i, given in enumerate(sections.requirements, 1))
    flat = [entity for entity in ENTITIES if entity == "application" or entity not in sources]
    for feature in features:
        _refuse_protected(feature.sources, fields, flat, f"feature {feature.name!r}")
    for requirement in requirements:
        _refuse_protected(requirement.sources, fields, flat, f"requirement {requirement.name!r}")
    _check_monotone(sections.training, features)
    return Task(
        name=sections.name,
        title=sections.title or sections.name,
        sources=sources,
        keys=Keys(a.job, a.candidate, a.relevance, a.relevance_kind, _positive(a)),
        features=features,
        requirements=requirements,
        split=sections.split,
        constraints=parse_constraints(sections.fairness, fields),
        strategy=common_strategy(sections.fairness),
        training=sections.training,
        text=text,
        directory=directory,
        actions=parse_actions(sections.actions, features),
        audit=check_audit(sections.audit, fields),
    )


def _positive(given: ApplicationSource) -> tuple[str, ...]:
    """Return the texts that count as relevance 1, where the task names them."""
    if given.positive is None:
        return ()
    place = f"[applications]: positive = {given.positive}"
    if given.relevance is None:
        raise TaskError(
            f"{place} says what counts as 1 in a relevance column, and none is named: add relevance"
        )
    if given.relevance_kind != "binary":
        raise TaskError(
            f'{place} needs relevance_kind = "binary", and it is {given.relevance_kind!r}: '
            "grades, numbers and ranks are read as they are"
        )
    texts = tuple(text.strip() for text in given.positive)
    if not texts or not all(texts):
        raise TaskError(f'{place}: list the texts that count as 1, such as ["hired"], none of them empty')
    return texts


def _check_path(path: str, place: str) -> None:
    try:
        entity_of(path)
    except CandorError as error:
        raise TaskError(f"{place}: {error}") from None


def _set_target(fields: dict[str, Field], relevance: str | None) -> None:
    """Mark the relevance column as what is learned, whether or not the task says so."""
    if relevance is not None:
        path = f"application.{relevance}"
        given = fields.get(path, Field(path, relevance.replace("_", " ")))
        if given.usage in (Usage.DEFAULT, Usage.OPTIONAL):
            fields[path] = replace(given, usage=Usage.TARGET)


def _refuse_protected(paths: tuple[str, ...], fields: dict[str, Field], flat: list[str], reader: str) -> None:
    """Refuse protected fields by all of their names: in a flat table, ``job.x`` is ``candidate.x``."""
    for path in paths:
        entity, _, column = path.partition(".")
        for name in flat if entity in flat else [entity]:
            refuse_protected(f"{name}.{column}", fields, reader=reader)


def source_path(path: str, directory: Path) -> Path:
    """Expand ``${CANDOR_DATA}``; other relative paths start at the task file's folder."""
    if "${" + DATA + "}" in path:
        path = path.replace("${" + DATA + "}", str(_data_folder(directory)))
    for variable in re.findall(r"\$\{(\w+)\}", path):
        if variable not in os.environ:
            raise TaskError(f"path {path!r}: the environment has no variable {variable!r}")
        path = path.replace("${" + variable + "}", os.environ[variable])
    try:
        return directory / Path(path).expanduser()
    except RuntimeError:
        raise TaskError(f"path {path!r}: there is no such home directory") from None


def _data_folder(directory: Path) -> Path:
    """Return where the data lie: ``CANDOR_DATA``, else ``../shared/data`` beside the task's checkout or here."""
    if given := os.environ.get(DATA):
        return Path(given).expanduser().absolute()
    homes = [home.parent / "shared" / "data" for home in (directory, *directory.parents, Path.cwd())]
    return next((home for home in homes if home.is_dir()), homes[-1])


def _numbered_features(number: int, raw: dict[str, Any]) -> list[dict[str, Any]]:
    """Write out a section with a ``range``: one feature a number, which takes the place of ``{}``."""
    name = raw.get("name")
    if "range" not in raw:
        if isinstance(name, str) and "{}" in name:
            raise TaskError(
                f"{_place_of(number, raw)}: '{{}}' in a name stands for a number: state which, range = [0, 9]"
            )
        return [raw]
    place, given = _place_of(number, raw), raw["range"]
    whole = isinstance(given, list) and len(given) == 2 and all(type(end) is int for end in given)
    if not whole or not 0 <= given[0] <= given[1]:
        raise TaskError(f"{place}: range = {given!r}: write the first and the last number, range = [0, 9]")
    first, last = given
    if last - first >= MOST_NUMBERED:
        raise TaskError(
            f"{place}: range = {given!r} makes {last - first + 1:,} features; {MOST_NUMBERED:,} are the most"
        )
    pattern = {key: value for key, value in raw.items() if key != "range"}
    if not isinstance(name, str) or "{}" not in name:
        raise TaskError(f"{place}: with a range, name holds '{{}}' where the number goes: name = \"f{{}}\"")
    told_apart = {key: value for key, value in pattern.items() if key not in ("name", "label")}
    if _numbered(told_apart, 0) == _numbered(told_apart, 1):
        raise TaskError(
            f"{place}: with a range, a path holds '{{}}' where the number goes: "
            'field = "application.f{}"; else all of them are one feature'
        )
    return [_numbered(pattern, n) for n in range(first, last + 1)]


def _numbered(value: Any, n: int) -> Any:
    """Put a number in the place of every ``{}``."""
    if isinstance(value, dict):
        return {key: _numbered(item, n) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbered(item, n) for item in value]
    return value.replace("{}", str(n)) if isinstance(value, str) else value


def _place_of(number: int, raw: dict[str, Any]) -> str:
    called = repr(raw["name"]) if isinstance(raw.get("name"), str) else "without a name"
    return f"[[features]] {number} ({called})"


def _feature(number: int, raw: dict[str, Any], directory: Path) -> Feature:
    place = _place_of(number, raw)
    kind = raw.get("kind")
    if kind is None:
        raise TaskError(f"{place}: 'kind' is missing{did_you_mean('', KINDS)}")
    if not isinstance(kind, str) or kind not in KINDS:
        raise TaskError(f"{place}: kind {kind!r} is not known{did_you_mean(str(kind), KINDS)}")
    values = {key: value for key, value in raw.items() if key != "kind"}
    if isinstance(folder := values.get("encoder"), str) and folder.strip():
        values["encoder"] = str(source_path(folder, directory))
    model = _model_of(KINDS[kind])
    try:
        given = model.model_validate(values)
    except ValidationError as error:
        raise TaskError(f"{place}: {explain_fault(error, model, values)}") from None
    try:
        feature = KINDS[kind](**{key: getattr(given, key) for key in given.model_fields_set})
    except TaskError as error:
        raise TaskError(f"{place}: {error}") from None
    for path in feature.sources:
        _check_path(path, place)
    return feature


def _model_of(kind: type[Feature]) -> type[BaseModel]:
    """Turn a feature kind's parameters into a strict model, so that a task cannot misspell them."""
    parameters: dict[str, Any] = {}
    for given in dataclass_fields(kind):
        default = ... if given.default is MISSING else given.default
        parameters[given.name] = (_LOOSE.get(str(given.type), given.type), default)
    return create_model(kind.__name__, __config__=STRICT, **parameters)


_LOOSE: dict[str, Any] = {"tuple[str, ...]": Annotated[tuple[str, ...], Strict(False)]}  # TOML has lists


def _requirement(number: int, given: RequirementSection) -> Requirement:
    place = f"[[requirements]] {number} ({given.name!r})"
    values = (given.value,) if given.value is not None else tuple(given.values)
    for path in (given.field, given.required):
        if path is not None:
            _check_path(path, place)
    if given.kind in ("equals", "one_of") and not values:
        raise TaskError(f"{place}: kind {given.kind!r} needs value or values")
    if given.kind == "covers" and given.required is None:
        raise TaskError(f"{place}: kind 'covers' needs required, the path of the job's list")
    if given.kind == "at_least" and given.required is None and given.minimum is None:
        raise TaskError(f"{place}: kind 'at_least' needs minimum, or required, the path of the job's number")
    least = None if given.minimum is None else float(given.minimum)
    return Requirement(given.name, given.kind, given.field, given.required, values, least, given.reason)


def _check_monotone(given: TrainingSection, features: FeatureSet) -> None:
    """Refuse a direction for a feature that is not there, or whose values have no order."""
    columns = {feature.name: feature.column for feature in features}
    for name in given.monotone:
        if name not in columns:
            raise TaskError(f"[training.monotone]: {name!r} is no feature{did_you_mean(name, columns)}")
        if columns[name] == "nominal":
            raise TaskError(
                f"[training.monotone]: feature {name!r} has categories without an order, so its shape cannot "
                'rise or fall: leave it out, or make the feature of kind "ordinal" and state the order'
            )
