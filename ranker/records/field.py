"""One raw field, and the path that names it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ranker.errors import ProtectedFieldError, UnknownFieldError, did_you_mean

ENTITIES = ("candidate", "job", "application")


class Usage(StrEnum):
    """What a field may be used for.

    ``default`` and ``optional`` fields may feed features (an optional column may be
    absent altogether); ``protected`` and ``sensitive`` ones never do, protected ones
    are read by training constraints and audits; ``target`` holds what is learned.
    """

    DEFAULT = "default"
    OPTIONAL = "optional"
    PROTECTED = "protected"
    SENSITIVE = "sensitive"
    TARGET = "target"


REFUSED = {
    Usage.PROTECTED: "build it from other fields; audits read protected fields through fairness.groups",
    Usage.SENSITIVE: "build it from other fields; sensitive ones stay out of every score",
    Usage.TARGET: "build it from other fields; a model must not read what it is to predict",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One raw field.

    Parameters
    ----------
    path : str
        ``candidate.skills``, ``job.required_skills``, ``application.test_score``,
        nested ``candidate.education.degree``, items ``candidate.work[].months``.
    label : str
        Its name in words.
    unit : str
        Unit of its values, ``""`` where they have none.
    usage : Usage
        What it may be used for.
    separator : str or None
        Separates the items of a list that was written as one text.
    missing : tuple of str
        Texts that mean "not given", besides the empty one.
    """

    path: str
    label: str
    unit: str = ""
    usage: Usage = Usage.DEFAULT
    separator: str | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Location:
    """Where a path leads: a column of an entity's table, and the steps inside its values."""

    entity: str
    column: str
    steps: tuple[str, ...]


def entity_of(path: str) -> str:
    """Return ``candidate``, ``job`` or ``application``, the first word of a path."""
    entity, _, rest = path.partition(".")
    if entity not in ENTITIES or not rest:
        raise UnknownFieldError(
            f"field path {path!r} must start with 'candidate.', 'job.' or 'application.' and name a column"
            + did_you_mean(entity, ENTITIES)
        )
    return entity


def locate(path: str, columns: Collection[str]) -> Location:
    """Find the column that a path names; column names may themselves hold dots.

    Parameters
    ----------
    path : str
        A field path.
    columns : collection of str
        The columns of the path's entity.

    Returns
    -------
    Location
        The longest column name that fits, and the steps behind it (``"[]"`` for "each item").

    Raises
    ------
    UnknownFieldError
        If no column fits; the message hints at a similar one.
    """
    entity = entity_of(path)
    rest = path[len(entity) + 1 :]
    fits = [c for c in columns if rest == c or rest.startswith((c + ".", c + "["))]
    if not fits:
        name = rest.replace("[", ".").partition(".")[0]
        raise UnknownFieldError(f"the {entity} table has no column {name!r}{did_you_mean(name, columns)}")
    column = max(fits, key=len)
    tail = rest[len(column) :].replace("[]", ".[]")
    return Location(entity, column, tuple(step for step in tail.split(".") if step))


def declared_field(path: str, fields: Mapping[str, Field]) -> Field:
    """Return the declared field that governs a path: its own, or its nearest ancestor's.

    A path that nobody declared is a ``default`` field labelled by its last word.
    """
    if path in fields:
        return fields[path]
    best = ""
    for known in fields:
        if path.startswith((known + ".", known + "[")) and len(known) > len(best):
            best = known
    label = path.rpartition(".")[2].replace("[]", "").replace("_", " ").strip()
    if not best:
        return Field(path, label)
    parent = fields[best]
    return Field(path, label, usage=parent.usage, separator=parent.separator, missing=parent.missing)


def refuse_protected(path: str, fields: Mapping[str, Field], *, reader: str) -> None:
    """Raise where a path may not reach a score.

    Also an ancestor of a protected path is refused: who reads the whole of an object
    reads its protected part. Whether a path says that an object stands in a list
    (``work[].pay``) or leaves it out makes no difference.

    Raises
    ------
    ProtectedFieldError
        Naming the reader and the field.
    """
    refused_last = sorted(fields.values(), key=lambda field: field.usage in REFUSED)
    bare = {field.path.replace("[]", ""): field for field in refused_last}
    own = path.replace("[]", "")
    if (usage := declared_field(own, bare).usage) in REFUSED:
        raise ProtectedFieldError(f"{reader} reads {path!r}, which the task marks {usage}: {REFUSED[usage]}")
    for known, field in bare.items():
        if known.startswith((own + ".", own + "[")) and field.usage in REFUSED:
            raise ProtectedFieldError(
                f"{reader} reads {path!r}, which holds {field.path!r}, "
                f"which the task marks {field.usage}: {REFUSED[field.usage]}"
            )
