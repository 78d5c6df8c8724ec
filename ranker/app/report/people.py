"""Who was ranked: pairs of each group, undisclosed ones counted."""

from typing import Any

import numpy as np

from fairness.groups import Groups
from fairness.metrics.selection_rate import UNDISCLOSED
from ranker.app.data import groups_of
from ranker.app.model import Model
from ranker.app.report.audited import SMALL_COUNT, Audited, label_of_field, small_groups
from ranker.records.field import entity_of

MANY = 20  # groups of one attribute that are listed; a year of birth has more, and is no grouping

FEW = 8  # groups of each of two attributes that are crossed


def count_people(audited: Audited) -> dict[str, Any]:
    """Count pairs by each protected attribute, and by the constraint's attributes crossed.

    Returns
    -------
    dict
        Field path, or ``"path × path"``, -> ``label``, ``entity``, and for ``all`` pairs and
        those of the ``test`` part the counts by group, largest first, ``"(undisclosed)"``
        last; they add up to the pairs. ``small`` names the groups that are small in each.
    """
    model = audited.model
    sets: list[tuple[str, ...]] = [(path,) for path in model.task.protected]
    if len(model.attributes) > 1:
        sets.append(model.attributes)
    test = np.flatnonzero(audited.parts == "test")
    out = {}
    for paths in sets:
        groups = groups_of(audited.everyone, paths)
        wheres = {"all": groups, "test": groups.take(test)}
        listed = {where: counted(part, groups) for where, part in wheres.items()}
        out[" × ".join(paths)] = {
            "label": " × ".join(label_of_field(model, path) for path in paths),
            "entity": entity_of(paths[0]),
            **listed,
            "small": {
                where: [label for label in small_groups(part) if label in listed[where]]
                for where, part in wheres.items()
            },
        }
    return out


def counted(part: Groups, everyone: Groups) -> dict[str, int]:
    """Count the rows of each group, in the order of size over all rows.

    Where values are many, rare ones are summed up: one that few hold could name a person.
    """
    counts, of_all = part.counts(), everyone.counts()
    order = sorted(of_all, key=lambda label: (-of_all[label], label))
    listed = order if len(order) <= MANY else [x for x in order[:MANY] if of_all[x] >= SMALL_COUNT]
    out = {label: counts[label] for label in listed}
    if further := order[len(listed) :]:
        out[f"({len(further)} further values)"] = sum(counts[label] for label in further)
    out[UNDISCLOSED] = part.n_undisclosed
    return out


def further_attributes(audited: Audited) -> list[str]:
    """Return the protected attributes of people that groups can be compared by, besides the reported one."""
    reported = audited.model.attributes if len(audited.model.attributes) == 1 else ()
    found = []
    for path in audited.model.task.protected:
        if path not in reported and entity_of(path) != "job":
            n_groups = len(groups_of(audited.records, (path,)).labels)
            if 2 <= n_groups <= MANY:
                found.append(path)
    return found


def compared_attributes(audited: Audited) -> dict[str, Groups]:
    """Return the groups of the test part that bias audits are published by.

    Sex, race and both crossed, where the task names them; else each protected attribute of people
    with up to 20 groups, numbers in bands, and the first two with up to 8 crossed. The attributes of a constraint that
    is about a crossing are there too.
    """
    task = audited.model.task
    named = [path for path in (task.audit.sex, task.audit.race) if path]
    paths = named + [path for path in task.protected if path not in named and entity_of(path) != "job"]
    found = {path: in_bands(groups_of(audited.records, (path,))) for path in paths}
    found = {path: one for path, one in found.items() if 2 <= len(one.labels) <= MANY}
    usable = [path for path, one in found.items() if len(one.labels) <= FEW]
    crossed = [tuple(usable[:2])] if len(usable) > 1 else []
    if len(audited.model.attributes) > 1 and audited.model.attributes not in crossed:
        crossed.append(audited.model.attributes)
    return found | {" × ".join(pair): _crossed(found, audited, pair) for pair in crossed}


def _crossed(found: dict[str, Groups], audited: Audited, pair: tuple[str, ...]) -> Groups:
    parts = [found.get(path) or groups_of(audited.records, (path,)) for path in pair]
    out = parts[0]
    for part in parts[1:]:
        out = out.intersect(part)
    return out


def in_bands(groups: Groups) -> Groups:
    """Put many numbers, such as ages, into four bands of about equal size; leave all else as it is."""
    if len(groups.labels) <= FEW:
        return groups
    try:
        numbers = np.array([float(label) for label in groups.labels])
    except ValueError:
        return groups
    values = numbers[groups.codes[groups.codes >= 0]]
    edges = np.unique(np.quantile(values, (0.25, 0.5, 0.75), method="inverted_cdf"))
    band = np.searchsorted(edges, numbers)  # a value at an edge belongs below it
    names = []
    for one in range(len(edges) + 1):
        inside = numbers[band == one]
        names.append(f"{inside.min():g} to {inside.max():g}" if inside.size else "")
    called = np.array([*(names[one] for one in band), None], dtype=object)
    return Groups.from_values(called[groups.codes], attribute=groups.attribute)


def label_of_crossed(model: Model, name: str) -> str:
    """Name an attribute, or several crossed, in words."""
    return " × ".join(label_of_field(model, path) for path in name.split(" × "))
