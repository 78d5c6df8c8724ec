import ast
import csv
import json
import math
import re
import tomllib
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random

import numpy as np
import pytest
from scipy.stats import norm

from ranker.errors import DataError
from ranker.records.generated_dirt import SkillForms, mistyped, other_signs, other_spaces
from ranker.records.generated_labels import LABELS, Merits, rule_of
from ranker.records.generated_resumes import generate_resumes
from ranker.records.generated_vocabulary import DOMAINS, NOVELTIES
from ranker.records.ledger import Ledger
from ranker.records.resumes import read_domains, read_resumes
from ranker.resume.labels import LABELS as RULE_LABELS
from ranker.resume.labels import rule_label

FILES = {"resumes.jsonl", "domains.json", "task.toml"}
TRUTH = {"resumes.jsonl", "changes.jsonl", "skills.jsonl", "labels.csv"}
KEYS = ["id", "skills", "projects", "work_experience", "test_score", "preferred_domain"]
DIRT = 0.3


@dataclass(frozen=True)
class Generated:
    """A data set as read back from its files."""

    task: Path
    lines: list[str]
    truth: list[dict]
    changes: list[dict]
    skills: dict[str, dict]
    labels: list[dict[str, str]]

    @property
    def folder(self) -> Path:
        return self.task.parent

    @cached_property
    def resumes(self) -> dict[str, dict]:
        """Résumés that can be kept, by id."""
        kept = [line for line, true in zip(self.lines, self.truth, strict=True) if not true["dropped"]]
        return {one["id"]: one for one in map(json.loads, kept)}

    @cached_property
    def kept(self) -> dict[str, dict]:
        """What is true of them."""
        return {true["id"]: true for true in self.truth if not true["dropped"]}


def generated(folder: Path, **options) -> Generated:
    task = generate_resumes(folder, **options)
    truth = folder / "truth"

    def rows(name: str) -> list[dict]:
        return [json.loads(line) for line in (truth / name).read_text(encoding="utf-8").splitlines()]

    with (truth / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file))
    text = (folder / "resumes.jsonl").read_text(encoding="utf-8")
    skills = {row["raw"]: row for row in rows("skills.jsonl")}
    return Generated(
        task, text.split("\n")[:-1], rows("resumes.jsonl"), rows("changes.jsonl"), skills, labels
    )


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> Generated:
    return generated(tmp_path_factory.mktemp("clean"), n=3000, seed=8)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory) -> Generated:
    return generated(tmp_path_factory.mktemp("dirty"), n=3000, seed=8, dirt=DIRT, label_noise=0.4)


def steps(path: str) -> list[str | int]:
    return [int(word) if word.isdigit() else word for word in re.findall(r"\w+", path)]


def at(record, path: str):
    for step in steps(path):
        record = record[step]
    return record


def test_the_same_arguments_write_the_same_bytes(tmp_path):
    for name in ("first", "second"):
        generate_resumes(tmp_path / name, n=200, seed=5, dirt=0.4, label_noise=0.2)
    names = {str(p.relative_to(tmp_path / "first")) for p in (tmp_path / "first").rglob("*") if p.is_file()}
    assert names == FILES | {f"truth/{name}" for name in TRUTH}
    for name in names:
        content = (tmp_path / "first" / name).read_bytes()
        assert content == (tmp_path / "second" / name).read_bytes()
        assert content.endswith(b"\n")
        assert b"\r" not in content


def test_another_seed_writes_other_people(tmp_path):
    one, other = (generated(tmp_path / str(seed), n=50, seed=seed) for seed in (1, 2))
    assert one.truth != other.truth


@pytest.mark.parametrize(
    "wrong",
    [{"n": 9}, {"seed": -1}, {"dirt": 1.01}, {"dirt": math.nan}, {"label_noise": -0.1}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_number_out_of_range_is_refused_and_nothing_is_written(tmp_path, wrong):
    with pytest.raises(DataError, match=f"{next(iter(wrong))} is .*: give"):
        generate_resumes(tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "taken").write_text("")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "truth").write_text("")
    for name in ("taken", "half"):
        with pytest.raises(DataError, match="name another directory"):
            generate_resumes(tmp_path / name, n=10)


def test_domains_are_several_and_ask_for_8_to_20_skills_each(clean):
    domains = read_domains(clean.folder / "domains.json", Ledger())
    assert len(domains) >= 6
    assert all(8 <= len(skills) == len({s.casefold() for s in skills}) <= 20 for skills in domains.values())
    assert {true["preferred_domain"] for true in clean.truth} == set(domains)


def test_test_scores_are_a_normal_of_65_and_20_clipped_to_0_and_100(clean):
    scores = np.array([true["test_score"] for true in clean.truth])
    assert scores.min() >= 0
    assert scores.max() == 100
    for bound in (40, 50, 65, 75, 90, 99.9):
        expected = norm.cdf(bound, 65, 20)
        error = math.sqrt(expected * (1 - expected) / scores.size)
        assert np.mean(scores <= bound) == pytest.approx(expected, abs=4 * error)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("options", [{}, {"dirt": 1.0, "label_noise": 1.0}], ids=["clean", "all dirt"])
def test_all_three_labels_are_there_however_few_the_resumes(tmp_path, seed, options):
    few = generated(tmp_path, n=10, seed=seed, **options)
    kept = set(few.kept)
    assert {row["label"] for row in few.labels if row["id"] in kept} == set(LABELS)


def test_every_label_is_common_enough_to_learn(clean):
    shares = Counter(row["rule"] for row in clean.labels)
    assert set(shares) == set(LABELS)
    assert min(shares.values()) > 0.1 * len(clean.labels)


def merits_of(true: dict, domains: dict[str, tuple[str, ...]]) -> tuple[float, float, int]:
    required = {skill.lower() for skill in domains[true["preferred_domain"]]}
    ratio = len(required & set(true["skills"])) / len(required)
    return ratio, true["test_score"] / 100, len(true["projects"])


def test_labels_by_the_rule_are_those_of_the_classifier(clean):
    assert LABELS == RULE_LABELS
    domains = read_domains(clean.folder / "domains.json", Ledger())
    for true, row in zip(clean.truth, clean.labels, strict=True):
        assert row["id"] == true["id"]
        assert row["label"] == row["rule"] == rule_label(*merits_of(true, domains))


def test_the_rule_is_the_classifiers_at_every_threshold():
    for ratio in (0.0, 0.39, 0.4, 0.69, 0.7, 1.0):
        for score in (0.0, 0.49, 0.5, 0.74, 0.75, 1.0):
            for projects in (0, 1, 2):
                assert rule_of(Merits(ratio, score, projects, 3.0)) == rule_label(ratio, score, projects)


def test_labels_are_written_where_asked_or_noisy(tmp_path, clean, dirty):
    assert all("label" not in json.loads(line) for line in clean.lines)
    asked = generated(tmp_path, n=50, seed=8, with_labels=True)
    for one in (asked, dirty):
        given = {row["id"]: row["label"] for row in one.labels}
        assert {name: resume["label"] for name, resume in one.resumes.items()} == {
            n: given[n] for n in one.kept
        }
        assert tomllib.loads(one.task.read_text(encoding="utf-8"))["resumes"]["labels"] == "resumes"
    assert tomllib.loads(clean.task.read_text(encoding="utf-8"))["resumes"]["labels"] == "rules"


def test_the_stated_share_of_labels_is_a_persons_own(dirty):
    own = [row for row in dirty.labels if row["by_own"] == "1"]
    assert len(own) / len(dirty.labels) == pytest.approx(0.4, abs=4 * math.sqrt(0.4 * 0.6 / 3000))
    for row in dirty.labels:
        assert row["label"] == (row["own"] if row["by_own"] == "1" else row["rule"])


def test_people_weigh_what_the_rule_does_not_see(clean):
    """Years enter no rule; with the same label by the rule, who has more of them is judged higher."""
    code = {label: number for number, label in enumerate(LABELS)}
    rows = list(zip(clean.truth, clean.labels, strict=True))
    years = np.array([sum(post["years"] for post in true["work_experience"]) for true, _ in rows])
    own = np.array([code[row["own"]] for _, row in rows])
    for label in LABELS:
        among = np.array([row["rule"] == label for _, row in rows])
        long = years >= np.median(years[among])
        assert own[among & long].mean() > own[among & ~long].mean() + 0.05


def test_people_differ_from_each_other_and_agree_with_the_rule_more_often_than_chance(clean):
    code = {label: number for number, label in enumerate(LABELS)}
    by_person: dict[str, list[float]] = {}
    for row in clean.labels:
        by_person.setdefault(row["person"], []).append(code[row["own"]])
    means = [np.mean(codes) for codes in by_person.values()]
    error = max(np.std(codes) / math.sqrt(len(codes)) for codes in by_person.values())
    assert max(means) - min(means) > 4 * error
    agreed = np.mean([row["own"] == row["rule"] for row in clean.labels])
    shares = np.array(list(Counter(row["rule"] for row in clean.labels).values())) / len(clean.labels)
    assert (shares**2).sum() + 0.15 < agreed < 0.9


def test_without_dirt_the_resumes_are_the_truth(clean):
    assert clean.changes == []
    assert len(clean.kept) == len(clean.lines)
    for name, resume in clean.resumes.items():
        true = clean.kept[name]
        assert list(resume) == KEYS
        lower = [{"title": p["title"].lower(), "years": p["years"]} for p in resume["work_experience"]]
        skills = [skill.lower() for skill in resume["skills"]]
        assert {**resume, "skills": skills, "work_experience": lower, "dropped": ""} == true


def test_dirt_changes_no_truth(clean, dirty):
    for name, true in dirty.kept.items():
        assert true == clean.kept[name]
    rules = {row["id"]: row["rule"] for row in clean.labels}
    own = {row["id"]: row["own"] for row in clean.labels}
    for row in dirty.labels:
        if row["id"] in dirty.kept:
            assert (row["rule"], row["own"]) == (rules[row["id"]], own[row["id"]])


def test_undoing_the_changes_gives_the_clean_resume(clean, dirty):
    resumes = deepcopy(dirty.resumes)
    added = []
    for change in dirty.changes:
        if change["id"] not in resumes:
            continue
        *inner, last = steps(change["path"])
        holder = resumes[change["id"]]
        for step in inner:
            holder = holder[step]
        assert holder[last] == change["raw"] != change["clean"]
        if change["clean"] is None:
            added.append((holder, last))
        else:
            holder[last] = change["clean"]
    for holder, last in added:
        del holder[last]
    for name, resume in resumes.items():
        resume.pop("label")
        assert resume == clean.resumes[name]


def test_the_stated_share_of_values_is_dirty(clean, dirty):
    n_values = Counter()
    n_dirty = Counter(
        re.sub(r"\[\d+\]", "", c["path"])
        for c in dirty.changes
        if c["clean"] is not None and c["id"] in dirty.kept
    )
    for name in dirty.kept:
        one = clean.resumes[name]
        n_values += Counter({
            "skills": len(one["skills"]),
            "projects": len(one["projects"]),
            "work_experience.title": len(one["work_experience"]),
            "work_experience.years": len(one["work_experience"]),
            "test_score": 1,
            "preferred_domain": 1,
        })  # fmt: skip
    for path, n in n_values.items():
        assert n_dirty[path] / n == pytest.approx(DIRT, abs=4 * math.sqrt(DIRT * (1 - DIRT) / n)), path


def test_every_kind_of_dirt_is_there(dirty):
    kinds = {(re.sub(r"\[\d+\]", "", change["path"]), change["kind"]) for change in dirty.changes}
    ways = {
        "skills": "typo case punctuation spaces abbreviation version vendor context doubled",
        "projects": "filler case spaces punctuation noise",
        "work_experience.title": "seniority case spaces punctuation typo",
        "work_experience.years": "unit,months,number as text,not given,negative",
        "test_score": "percent,number as text,too high,negative,not given",
        "preferred_domain": "case spaces punctuation typo",
    }
    expected = {(p, kind) for p, text in ways.items() for kind in text.split("," if "," in text else None)}
    assert kinds == expected
    reasons = {re.sub(r" r\d+|: \w+$", "", true["dropped"]) for true in dirty.truth}
    assert reasons == {"", "a copy of", "malformed", "no domain", "no skills, no projects, no score"}


def test_what_is_due_for_a_lost_value_is_what_the_rule_gives(dirty):
    for change in dirty.changes:
        raw, due = change["raw"], change["due"]
        if change["path"] == "test_score":
            if isinstance(raw, str):
                assert due == (float(re.match("[0-9.]+", raw)[0]) if raw[0].isdigit() else None)
            else:
                assert due == min(max(raw, 0), 100) != raw
        elif change["path"].endswith("years"):
            number = (
                float(re.search("[0-9.]+", raw)[0]) if isinstance(raw, str) and re.search(r"\d", raw) else 0
            )
            assert due == (number / 12 if isinstance(raw, str) and "mo" in raw.lower() else number)


def test_malformed_resumes_are_set_aside_by_the_reader_and_no_others(dirty):
    ledger = Ledger()
    read = read_resumes(dirty.folder / "resumes.jsonl", ledger)
    places = {f"resumes.jsonl, line {number}": true for number, true in enumerate(dirty.truth, 1)}
    malformed = {place for place, true in places.items() if true["dropped"].startswith("malformed")}
    assert {fate.row for fate in ledger.fates} == malformed
    assert len(malformed) > 5
    for resume in read:
        assert resume.value["id"] == places[resume.place]["id"]


def test_copies_are_of_one_that_is_kept_and_no_two_others_are_alike(dirty):
    def content(record: dict) -> str:
        return json.dumps({**record, "id": ""})

    kept = {name: content(resume) for name, resume in dirty.resumes.items()}
    assert len(set(kept.values())) == len(kept)
    copies = 0
    for line, true in zip(dirty.lines, dirty.truth, strict=True):
        if true["dropped"].startswith("a copy of "):
            assert content(json.loads(line)) == kept[true["dropped"].split()[-1]]
            copies += 1
    assert copies > 20


def test_every_skill_text_has_one_meaning(dirty):
    required = {s.lower() for d in read_domains(dirty.folder / "domains.json", Ledger()).values() for s in d}
    n = Counter(skill for resume in dirty.resumes.values() for skill in resume["skills"])
    assert n == {raw: row["n"] for raw, row in dirty.skills.items()}
    for row in dirty.skills.values():
        assert row["skill"] is None or row["skill"] in required
    novel = {raw for raw, row in dirty.skills.items() if row["skill"] is None and row["kind"] == ""}
    assert novel == set(NOVELTIES)
    for name, true in dirty.kept.items():
        texts = dirty.resumes[name]["skills"]
        meant = {dirty.skills[text]["skill"] for text in texts} - {None}
        assert meant == set(true["skills"]) & required


def letters(text: str) -> str:
    return re.sub(r"[^a-z0-9+#]", "", text.casefold())


def test_no_text_for_one_skill_reads_as_another():
    """As it stands in the lists, and whatever dirt makes of it."""
    forms = SkillForms()
    rng = Random(3)
    names = {skill.name for domain in DOMAINS for skill in domain.skills} | set(NOVELTIES)
    plain = {letters(name): name for name in names}
    assert len(plain) == len(names)
    meaning: dict[str, str] = {}
    for name in sorted(names):
        for _ in range(300):
            text, due, _kind = forms.dirty(rng, name)
            assert text != name
            assert due == (None if name in NOVELTIES else name.lower())
            assert plain.get(letters(text), name) == name
            assert meaning.setdefault(letters(text), name) == name or name in NOVELTIES


def test_signs_that_tell_languages_apart_and_short_names_survive():
    rng = Random(4)
    for name in ("C", "C++", "C#", "R", "Go", "Java", "SQL"):
        assert mistyped(rng, name) == name
        for soil in (other_signs, other_spaces):
            assert {letters(soil(rng, name)) for _ in range(200)} == {letters(name)}


def imports(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return found | {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}


def test_dirt_and_cleaner_share_neither_rule_nor_vocabulary():
    ranker = Path(__file__).parents[2] / "ranker"
    makers = list((ranker / "records").glob("generated_*.py"))
    assert len(makers) >= 5
    for file in makers:
        theirs = {n for n in imports(file) if n.startswith("ranker.")}
        assert all(n.startswith(("ranker.records", "ranker.errors")) for n in theirs)
        assert not {"ranker.records.values", "ranker.records.cleaning"} & theirs
    for room in ("resume", "text", "features"):
        for file in (ranker / room).rglob("*.py"):
            assert not any("generated" in name for name in imports(file)), file
