"""Generated résumés: several domains, labels, dirt on demand, and the clean truth beside it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from random import Random
from typing import Any

from ranker.errors import DataError
from ranker.records import generated_dirt as dirty
from ranker.records import generated_vocabulary as words
from ranker.records.generated_labels import own_judgements, rule_of
from ranker.records.generated_people import N_SPARED, Person, draw_people
from ranker.records.synthetic import write_csv, write_jsonl

__all__ = ["generate_resumes"]

# What else goes wrong with a whole résumé, per unit of dirt: at dirt 0.3, 1.5 % are copies of another.
DOUBLED_SKILL, NOISE_PROJECT = 0.4, 0.4
COPY, MALFORMED, HOLLOW, NO_DOMAIN = 0.05, 0.02, 0.01, 0.01

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """A résumé as it is handed in, and what happened to it on the way there."""

    line: str
    record: Record
    changes: tuple[Record, ...] = ()
    meanings: tuple[tuple[str, str | None], ...] = ()
    dropped: str = ""


def generate_resumes(
    directory: str | PathLike[str],
    *,
    n: int = 2000,
    seed: int = 42,
    dirt: float = 0.0,
    label_noise: float = 0.0,
    with_labels: bool = False,
) -> Path:
    """Write a set of résumés, the domains they are judged for, the truth, and a task file.

    Parameters
    ----------
    directory : path
        Where to write ``resumes.jsonl``, ``domains.json``, ``task.toml`` and ``truth/``. It is made
        where it does not exist; files of these names are replaced.
    n : int
        Number of résumés, at least 10.
    seed : int
        Not negative. The same arguments write the same bytes; the people behind the résumés, their
        true values and labels, are the same at any ``dirt``.
    dirt : float
        In [0, 1]: share of values that are written dirty.
    label_noise : float
        In [0, 1]: share of the labels that a person gives by their own judgement; the others follow
        the rule (:func:`ranker.records.generated_labels.rule_of`, on true values).
    with_labels : bool
        Write the key ``label`` into the résumés; done whenever ``label_noise`` is above 0.

    Returns
    -------
    Path
        The task file.

    Raises
    ------
    DataError
        If a number is out of its range, or ``directory`` is a file.

    Notes
    -----
    In ``truth/``, all in lower case where cleaning gives lower case:

    - ``resumes.jsonl``, a line for each line of the résumés: the same keys with true values, and
      ``dropped``: why no cleaning can keep it, or ``""``;
    - ``changes.jsonl``: each dirty value with ``id``, ``path`` (in the résumé as written), ``raw``,
      ``clean`` (as it would stand without dirt; ``null`` for what was added), ``due`` (what a good
      cleaning gives; ``null`` for what it takes out, for a score that it cannot know, and for a
      novelty, which it keeps as written) and ``kind``;
    - ``skills.jsonl``: each text that stands for a skill in a résumé that can be kept, with the
      required skill it means (``null``: no domain asks for it), the kind of dirt ("" for none) and
      how often it stands there;
    - ``labels.csv``: the label given, the rule's, and the one of the person who judged by their own
      weighting, with their number.

    Test scores are normal(65, 20), clipped to 0..100.
    """
    _check(n, seed, dirt, label_noise)
    directory = Path(directory)
    if any(place.exists() and not place.is_dir() for place in (directory, directory / "truth")):
        raise DataError(f"{directory} is a file, or holds a file 'truth': name another directory")
    (directory / "truth").mkdir(parents=True, exist_ok=True)

    # A stream for each: people do not change with dirt, nor labels with either.
    people = draw_people(Random(f"people {seed}"), n)
    merits = [person.merits for person in people]
    rules = [rule_of(one) for one in merits]
    rng = Random(f"labels {seed}")
    own = own_judgements(rng, merits, rules)
    noisy = [number >= N_SPARED and rng.random() < label_noise for number in range(n)]
    labels = [judged if by_own else rule for by_own, rule, (_, judged) in zip(noisy, rules, own, strict=True)]
    with_labels = with_labels or label_noise > 0
    given = labels if with_labels else [None] * n

    source = list(range(n))
    written = write_all(Random(f"dirt {seed}"), people, given, dirt, source)
    ids = [_id(number) for number in range(n)]
    (directory / "resumes.jsonl").write_text(
        "".join(one.line for one in written), encoding="utf-8", newline="\n"
    )
    _write_domains(directory / "domains.json")
    truth = directory / "truth"
    write_jsonl(
        truth / "resumes.jsonl",
        (_truth(ids[i], people[source[i]], written[i].dropped) for i in range(n)),
    )
    write_jsonl(truth / "changes.jsonl", (change for one in written for change in one.changes))
    write_jsonl(truth / "skills.jsonl", _skill_truth(written))
    rows = ((ids[i], labels[s], rules[s], own[s][1], own[s][0], int(noisy[s])) for i, s in enumerate(source))
    write_csv(truth / "labels.csv", ("id", "label", "rule", "own", "person", "by_own"), rows)
    task = directory / "task.toml"
    text = words.TASK.replace("{labels}", "resumes" if with_labels else "rules")
    task.write_text(text, encoding="utf-8", newline="\n")
    return task


def _check(n: int, seed: int, dirt: float, label_noise: float) -> None:
    for name, value, least in (("n", n, 10), ("seed", seed, 0)):
        if value < least:
            raise DataError(f"{name} is {value}: give {least} or more")
    for name, share in (("dirt", dirt), ("label_noise", label_noise)):
        if not 0 <= share <= 1:
            raise DataError(f"{name} is {share}: give a share between 0 and 1")


def write_all(
    rng: Random, people: list[Person], labels: Iterable[str | None], dirt: float, source: list[int]
) -> list[Written]:
    """Write every résumé; ``source`` learns of each copy whose it is."""
    forms = dirty.SkillForms()
    written: list[Written] = []
    kept: list[int] = []
    given = list(labels)
    for number, person in enumerate(people):
        lot = rng.random() if number >= N_SPARED else 1.0
        if lot < COPY * dirt:
            source[number] = rng.choice(kept)
            whose = written[source[number]]
            record = {**whose.record, "id": _id(number)}
            changes = tuple({**change, "id": _id(number)} for change in whose.changes)
            dropped = f"a copy of {whose.record['id']}"
            written.append(Written(_line(record), record, changes, whose.meanings, dropped))
            continue
        one = write_resume(rng, _id(number), person, given[number], dirt, forms)
        if lot < (COPY + MALFORMED) * dirt:
            one = malformed(rng, one)
        elif lot < (COPY + MALFORMED + HOLLOW) * dirt:
            one = _without(one, ("skills", "projects", "test_score"), "no skills, no projects, no score")
        elif lot < (COPY + MALFORMED + HOLLOW + NO_DOMAIN) * dirt:
            one = _without(one, ("preferred_domain",), "no domain")
        else:
            kept.append(number)
        written.append(one)
    return written


def write_resume(
    rng: Random, name: str, person: Person, label: str | None, dirt: float, forms: dirty.SkillForms
) -> Written:
    """Write one person's résumé with a share of its values dirty."""
    changes: list[Record] = []

    def value(path: str, clean: Any, soil: Any) -> Any:
        if rng.random() >= dirt:
            return clean
        raw, due, kind = soil(rng, clean)
        changes.append({"id": name, "path": path, "raw": raw, "clean": clean, "due": due, "kind": kind})
        return raw

    def added(path: str, raw: str, kind: str) -> None:
        changes.append({"id": name, "path": path, "raw": raw, "clean": None, "due": None, "kind": kind})

    skills, projects = list(person.skills), list(person.projects)
    doubled = noise = None
    if rng.random() < DOUBLED_SKILL * dirt:
        doubled = rng.randrange(1, len(skills) + 1)
        skills.insert(doubled, rng.choice(skills[:doubled]))
    raw_skills = [value(f"skills[{i}]", skill, forms.dirty) for i, skill in enumerate(skills)]
    if doubled is not None:
        changes[:] = [change for change in changes if change["path"] != f"skills[{doubled}]"]
        added(f"skills[{doubled}]", raw_skills[doubled], "doubled")
    if rng.random() < NOISE_PROJECT * dirt:
        noise = rng.randint(0, len(projects))
        projects.insert(noise, rng.choice(dirty.NOISE_PROJECTS))
        added(f"projects[{noise}]", projects[noise], "noise")
    record: Record = {
        "id": name,
        "skills": raw_skills,
        "projects": [
            project if i == noise else value(f"projects[{i}]", project, dirty.dirty_project)
            for i, project in enumerate(projects)
        ],
        "work_experience": [
            {
                "title": value(f"work_experience[{i}].title", title, dirty.dirty_title),
                "years": value(f"work_experience[{i}].years", years, dirty.dirty_years),
            }
            for i, (title, years) in enumerate(person.posts)
        ],
        "test_score": value("test_score", person.score, dirty.dirty_score),
        "preferred_domain": value("preferred_domain", person.domain.name, dirty.dirty_domain),
    }
    if label is not None:
        record["label"] = label
    meanings = tuple(zip(raw_skills, skills, strict=True))
    return Written(_line(record), record, tuple(changes), meanings)


def malformed(rng: Random, one: Written) -> Written:
    """Give a résumé a value of a wrong type, or cut its line off, as happens on the way to us."""
    record = dict(one.record)
    kind = rng.choice(("skills", "projects", "work_experience", "test_score", "preferred_domain", "cut"))
    if kind == "skills":
        record["skills"] = ", ".join(record["skills"])
    elif kind == "projects":
        record["projects"] = [*record["projects"], {"name": "Project"}]
    elif kind == "work_experience":
        record["work_experience"] = [{"title": "Trainee", "years": [1, 2]}, *record["work_experience"]]
    elif kind == "test_score":
        record["test_score"] = {"points": record["test_score"]}
    elif kind == "preferred_domain":
        record["preferred_domain"] = [record["preferred_domain"]]
    line = _line(record)
    if kind == "cut":
        line = line[: rng.randint(2, len(line) - 3)] + "\n"
    return Written(line, record, dropped=f"malformed: {kind}")


def _without(one: Written, keys: tuple[str, ...], reason: str) -> Written:
    record = {key: value for key, value in one.record.items() if key not in keys}
    return Written(_line(record), record, dropped=reason)


def _truth(name: str, person: Person, dropped: str) -> Record:
    return {
        "id": name,
        "skills": [skill.lower() for skill in person.skills],
        "projects": list(person.projects),
        "work_experience": [{"title": title.lower(), "years": years} for title, years in person.posts],
        "test_score": person.score,
        "preferred_domain": person.domain.name,
        "dropped": dropped,
    }


def _skill_truth(written: list[Written]) -> list[Record]:
    required = {skill.name for domain in words.DOMAINS for skill in domain.skills}
    found: dict[str, Record] = {}
    for one in written:
        if one.dropped:
            continue
        kinds = {change["path"]: change["kind"] for change in one.changes}
        for place, (raw, name) in enumerate(one.meanings):
            kind = "" if raw == name else kinds.get(f"skills[{place}]", "")
            skill = name.lower() if name in required else None
            row = found.setdefault(raw, {"raw": raw, "skill": skill, "kind": kind, "n": 0})
            row["n"] += 1
    return list(found.values())


def _write_domains(path: Path) -> None:
    domains = [
        {"domain": domain.name, "required_skills": [skill.name for skill in domain.skills]}
        for domain in words.DOMAINS
    ]
    text = json.dumps(domains, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _id(number: int) -> str:
    return f"r{number + 1:05d}"


def _line(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
