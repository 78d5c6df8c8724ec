"""The task file: a TOML text that describes a data set, its features and what is demanded."""

import os
import re
import tomllib
from dataclasses import MISSING, dataclass, replace
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Strict, ValidationError, create_model
from pydantic import Field as Pydantic

from fairness.constraint import FairnessConstraint
from ranker.errors import CandorError, ConstraintError, TaskError, did_you_mean
from ranker.features import KINDS, Feature, FeatureSet
from ranker.records import Field, Requirement, Usage
from ranker.records.cleaning import Keys
from ranker.records.field import ENTITIES, entity_of, refuse_protected

DATA = "CANDOR_DATA"
MOST_NUMBERED = 10_000  # features that one section may stand for
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class _Section(BaseModel):
    model_config = STRICT


class EntitySource(_Section):
    """``[candidates]`` or ``[jobs]``: a file and its key column."""

    path: str
    id: str


class ApplicationSource(_Section):
    """``[applications]``: a file with one row for each (candidate, job) pair.

    Without ``job`` all rows are one list. ``positive`` are the texts of a binary relevance
    that count as 1.
    """

    path: str
    job: str | None = None
    candidate: str | None = None
    relevance: str | None = None
    relevance_kind: Literal["graded", "binary", "real", "rank"] = "graded"
    positive: list[str] | None = None


class FieldSection(_Section):
    """``[fields."candidate.gender"]``: what a raw field is called and may be used for."""

    label: str | None = None
    unit: str = ""
    usage: Literal["default", "optional", "protected", "sensitive", "target"] = "default"
    separator: str | None = None
    missing: list[str] = []


class RequirementSection(_Section):
    """``[[requirements]]``: what a candidate must meet to be ranked for a job."""

    name: str
    kind: Literal["equals", "one_of", "at_least", "present", "covers"]
    field: str
    required: str | None = None
    value: str | None = None
    values: list[str] = []
    minimum: float | None = None
    reason: str = ""


class SplitSection(_Section):
    """``[split]``: how the data are shared out over train, tune and test."""

    by: Literal["auto", "job", "candidate"] = "auto"
    tune: float = Pydantic(default=0.2, gt=0, lt=1)
    test: float = Pydantic(default=0.2, gt=0, lt=1)
    seed: int = Pydantic(default=0, ge=0)


class FairnessSection(_Section):
    """``[fairness]``: the constraint that training must meet."""

    measure: str
    attribute: str | list[str]
    bound: float
    kind: str = "difference"
    top_k: int | None = None


class TrainingSection(_Section):
    """``[training]``: settings of the booster."""

    outer_bags: int = Pydantic(default=14, ge=1)
    interactions: (
        Annotated[int, Pydantic(ge=0)]
        | Annotated[float, Pydantic(gt=0, lt=1)]
        | Annotated[str, Pydantic(pattern=r"^\d+(\.\d+)?x$")]
    ) = "5x"
    random_state: int = Pydantic(default=0, ge=0)


class TaskSections(_Section):
    """The whole file."""

    name: str = Pydantic(min_length=1)
    title: str = ""
    candidates: EntitySource | None = None
    jobs: EntitySource | None = None
    applications: ApplicationSource
    fields: dict[str, FieldSection] = {}
    features: list[dict[str, Any]]
    requirements: list[RequirementSection] = []
    split: SplitSection = SplitSection()
    fairness: FairnessSection | None = None
    training: TrainingSection = TrainingSection()


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
    constraint : FairnessConstraint or None
        What training must meet.
    training : TrainingSection
        Settings of the booster.
    text : str
        The file as written.
    directory : Path
        Where relative paths start.
    """

    name: str
    title: str
    sources: dict[str, tuple[Path, str | None]]
    keys: Keys
    features: FeatureSet
    requirements: tuple[Requirement, ...]
    split: SplitSection
    constraint: FairnessConstraint | None
    training: TrainingSection
    text: str
    directory: Path

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
        raise TaskError(f"{name}: {_explain(error, TaskSections, raw)}") from None
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
            _feature(i, one)
            for i, raw in enumerate(sections.features, 1)
            for one in _numbered_features(i, raw)
        ),
        fields,
    )
    sources: dict[str, tuple[Path, str | None]] = {
        "application": (_place(sections.applications.path, directory), None)
    }
    for entity, source in (("candidate", sections.candidates), ("job", sections.jobs)):
        if source is not None:
            sources[entity] = (_place(source.path, directory), source.id)
    requirements = tuple(_requirement(i, given) for i, given in enumerate(sections.requirements, 1))
    flat = [entity for entity in ENTITIES if entity == "application" or entity not in sources]
    for feature in features:
        _refuse_protected(feature.sources, fields, flat, f"feature {feature.name!r}")
    for requirement in requirements:
        _refuse_protected(requirement.sources, fields, flat, f"requirement {requirement.name!r}")
    return Task(
        name=sections.name,
        title=sections.title or sections.name,
        sources=sources,
        keys=Keys(a.job, a.candidate, a.relevance, a.relevance_kind, _positive(a)),
        features=features,
        requirements=requirements,
        split=sections.split,
        constraint=_constraint(sections.fairness, fields),
        training=sections.training,
        text=text,
        directory=directory,
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


def _place(path: str, directory: Path) -> Path:
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


def _feature(number: int, raw: dict[str, Any]) -> Feature:
    place = _place_of(number, raw)
    kind = raw.get("kind")
    if kind is None:
        raise TaskError(f"{place}: 'kind' is missing{did_you_mean('', KINDS)}")
    if not isinstance(kind, str) or kind not in KINDS:
        raise TaskError(f"{place}: kind {kind!r} is not known{did_you_mean(str(kind), KINDS)}")
    values = {key: value for key, value in raw.items() if key != "kind"}
    model = _model_of(KINDS[kind])
    try:
        given = model.model_validate(values)
    except ValidationError as error:
        raise TaskError(f"{place}: {_explain(error, model, values)}") from None
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
    for field in dataclass_fields(kind):
        default = ... if field.default is MISSING else field.default
        parameters[field.name] = (_LOOSE.get(str(field.type), field.type), default)
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


def _constraint(given: FairnessSection | None, fields: dict[str, Field]) -> FairnessConstraint | None:
    if given is None:
        return None
    paths = [given.attribute] if isinstance(given.attribute, str) else given.attribute
    protected = [path for path, field in fields.items() if field.usage is Usage.PROTECTED]
    for path in paths:
        if path not in protected:
            raise TaskError(
                f"[fairness] attribute {path!r} is not declared protected: write "
                f'[fields."{path}"] with usage = "protected"{did_you_mean(path, protected)}'
            )
    attribute = paths[0] if len(paths) == 1 else tuple(paths)
    try:
        return FairnessConstraint(given.measure, attribute, float(given.bound), given.kind, given.top_k)
    except ConstraintError as error:
        raise ConstraintError(f"[fairness]: {error}") from None


def _explain(error: ValidationError, model: type[BaseModel], raw: dict[str, Any]) -> str:
    """Say every fault with its place and, for a word that is not known, the one that was meant."""
    lines = []
    for fault in error.errors():
        place, known = _follow(model, fault["loc"])
        word = str(fault["loc"][-1])
        if fault["type"] == "extra_forbidden":
            said = f"{word!r} is not a key here{did_you_mean(word, known)}"
        elif fault["type"] == "missing":
            said = f"{word!r} is missing"
        elif fault["type"] == "literal_error":
            choices = re.findall(r"'([^']*)'", fault["ctx"]["expected"])
            said = f"{word} = {fault['input']!r} is not known{did_you_mean(str(fault['input']), choices)}"
        else:
            key = next((str(step) for step in reversed(fault["loc"]) if step in known), word)
            said = f"{key} = {fault['input']!r}: {fault['msg'].lower()}"
        lines.append(f"{place}: {said}" if place else said)
    return "; ".join(dict.fromkeys(lines))


def _follow(model: type[BaseModel], location: tuple[int | str, ...]) -> tuple[str, list[str]]:
    """Name the section that a fault lies in, and the keys that are known there."""
    place, known = ("top level" if model is TaskSections else ""), list(model.model_fields)
    inside: Any = model
    for step in location[:-1]:
        if isinstance(step, int):
            place = f"[{place}] {step + 1}"
            continue
        if isinstance(inside, type) and issubclass(inside, BaseModel) and step in inside.model_fields:
            annotation = inside.model_fields[step].annotation
            sections = [a for a in (annotation, *getattr(annotation, "__args__", ())) if _is_section(a)]
            if not sections:
                break
            inside, known = sections[0], list(sections[0].model_fields)
            place = f"[{step}]"
        else:
            place = f'{place[:-1]}."{step}"]' if place.endswith("]") else place
    return place, known


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
