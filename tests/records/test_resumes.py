import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.errors import SourceError
from ranker.records.ledger import Ledger
from ranker.records.readers import LONGEST_LINE
from ranker.records.resumes import RESUME_KEYS, RawResume, fault_of, read_domains, read_resumes

GOOD = {
    "id": "r1",
    "skills": ["Python", "SQL"],
    "projects": ["Image Classification using CNN"],
    "work_experience": [
        {"title": "Data Scientist", "years": 2.5},
        {"title": "Analyst", "years": "18 months"},
    ],
    "test_score": "88%",
    "preferred_domain": "Data Science",
}
DOMAINS = [
    {"domain": "Data Science", "required_skills": ["Python", " SQL "]},
    {"domain": "Nursing", "required_skills": ["triage"]},
]


def lines(*values) -> bytes:
    return b"".join(v if isinstance(v, bytes) else json.dumps(v).encode() + b"\n" for v in values)


def write(path: Path, content) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def read(path):
    ledger = Ledger()
    resumes = read_resumes(path, ledger)
    report = ledger.report()
    assert all(type(r) is RawResume for r in resumes)
    assert report.kept["resume"] == len(resumes)
    assert report.read["resume"] == len(resumes) + len(report.set_aside())
    return resumes, {fate.row: fate.reason for fate in report.fates}


@pytest.mark.parametrize(
    ("name", "content", "places"),
    [
        ("one.json", GOOD, ["one.json"]),
        ("all.json", [GOOD, GOOD], ["all.json, row 1", "all.json, row 2"]),
        ("all.jsonl", lines(GOOD, b"\n", GOOD), ["all.jsonl, line 1", "all.jsonl, line 3"]),
        ("ALL.JSONL", lines(GOOD), ["ALL.JSONL, line 1"]),
        ("bom.json", b"\xef\xbb\xbf" + lines(GOOD), ["bom.json"]),
        ("bom.jsonl", b"\xef\xbb\xbf" + lines(GOOD), ["bom.jsonl, line 1"]),
        ("windows.jsonl", lines(GOOD).replace(b"\n", b"\r\n"), ["windows.jsonl, line 1"]),
    ],
)
def test_every_kind_of_file_gives_the_same_resumes(tmp_path, name, content, places):
    resumes, fates = read(write(tmp_path / name, content))
    assert [r.place for r in resumes] == places
    assert all(r.value == GOOD for r in resumes)
    assert not fates


def test_a_folder_is_read_by_name_and_what_is_passed_over_is_noted(tmp_path):
    folder = tmp_path / "handed in"
    write(folder / "b.jsonl", lines(GOOD, {**GOOD, "skills": 3}))
    write(folder / "a.json", GOOD)
    write(folder / "domains.json", DOMAINS)
    write(folder / "letter.pdf", b"%PDF")
    write(folder / ".hidden.json", b"?")
    write(folder / "inside" / "c.json", GOOD)
    ledger = Ledger()
    resumes = read_resumes(folder, ledger)
    assert [r.place for r in resumes] == ["handed in/a.json", "handed in/b.jsonl, line 1"]
    fates = {(f.row, f.action) for f in ledger.fates}
    assert fates == {
        ("handed in/b.jsonl, line 2", "set_aside"),
        ("handed in/domains.json, row 1", "set_aside"),
        ("handed in/domains.json, row 2", "set_aside"),
        ("handed in/inside", "noted"),
        ("handed in/letter.pdf", "noted"),
    }
    assert ledger.read["resume"] == 5


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"id": "x", "skills": ["a"\n', "not JSON (column 27: Expecting ',' delimiter)"),
        (b"\xff\xfe{}\n", "not UTF-8 (byte 0)"),
        (b"[" * 100_000 + b"\n", "nested too deeply to be a record"),
        (b'{"test_score": ' + b"9" * 5000 + b"}\n", "a number of thousands of digits"),
        (b'"' + b"a" * LONGEST_LINE + b'"\n', f"a line of more than {LONGEST_LINE:,} bytes"),
        (b'"Python"\n', f"a text where an object with the keys {', '.join(RESUME_KEYS)} is due"),
        (b"null\n", f"nothing where an object with the keys {', '.join(RESUME_KEYS)} is due"),
        (b'{"Skills": ["a"], "b": 1}\n', "no key of a résumé, but 'Skills', 'b'; did you mean 'skills'?"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_a_line_that_cannot_be_read_is_set_aside_and_the_others_go_on(tmp_path, bad, reason):
    resumes, fates = read(write(tmp_path / "x.jsonl", lines(GOOD, bad, GOOD)))
    assert [r.place for r in resumes] == ["x.jsonl, line 1", "x.jsonl, line 3"]
    assert fates == {"x.jsonl, line 2": reason}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'[{"id": "x"},\n {"id" "y"}]', "not JSON (line 2, column 8: Expecting ':' delimiter)"),
        (b"", "not JSON (line 1, column 1: Expecting value)"),
        (b"\x80", "not UTF-8 (byte 0)"),
        (b"[" * 100_000, "nested too deeply to be a record"),
    ],
)
def test_a_json_file_that_cannot_be_read_is_set_aside_whole(tmp_path, content, reason):
    assert read(write(tmp_path / "x.json", content)) == ([], {"x.json": reason})


def test_what_is_no_file_of_resumes_is_refused_with_a_hint(tmp_path):
    write(tmp_path / "resumes.jsonl", lines(GOOD))
    write(tmp_path / "notes.txt", b"")
    (tmp_path / "empty").mkdir()
    for name, said in (
        ("resume.jsonl", "there is no file or folder .*did you mean 'resumes.jsonl'"),
        ("nowhere/x.json", "there is no file or folder"),
        ("notes.txt", "'.txt' are not read as resume records; use one of .json, .jsonl"),
        ("empty", "holds no file of kind .json"),
    ):
        with pytest.raises(SourceError, match=said):
            read_resumes(tmp_path / name, Ledger())


def test_a_file_name_that_is_no_text_can_still_be_written_down(tmp_path):
    name = b"caf\xe9.json".decode("utf-8", "surrogateescape")
    try:
        path = write(tmp_path / name, GOOD)
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system takes no such name")
    (resume,), _ = read(path)
    assert resume.place.encode() == "caf\ufffd.json".encode()


WRONG = [
    ("id", ["r1"], "id: a list where a number or a text is due"),
    ("id", True, "id: true or false where a number or a text is due"),
    ("skills", "Python, SQL", "skills: a text where a list of texts is due"),
    ("skills", {"a": 1}, "skills: an object where a list of texts is due"),
    ("skills", ["a", 3], "skills[1]: a number where a text is due"),
    ("skills", ["é", ["a"]], "skills[1]: a list where a text is due"),
    ("skills", ["\ud83d"], "skills[0]: a text that holds half a character"),
    ("projects", [{"name": "x"}], "projects[0]: an object where a text is due"),
    ("projects", "", "projects: a text where a list of texts is due"),
    ("work_experience", {}, "work_experience: an object where a list of objects with title and years is due"),
    ("work_experience", ["Nurse"], "work_experience[0]: a text where an object with title and years is due"),
    (
        "work_experience",
        [{"title": "a"}, {"years": [1]}],
        "work_experience[1].years: a list where a number or a text is due",
    ),
    ("work_experience", [{"title": 1}], "work_experience[0].title: a number where a text is due"),
    ("test_score", {"points": 1}, "test_score: an object where a number or a text is due"),
    ("test_score", math.inf, "test_score: a number that is not finite"),
    ("test_score", -(10**400), "test_score: a number that is not finite"),
    ("preferred_domain", 3, "preferred_domain: a number where a text is due"),
    ("label", 2, "label: a number where a text is due"),
    ("skills", {1, 2}, "skills: something that is not JSON where a list of texts is due"),
]


@pytest.mark.parametrize(("key", "value", "fault"), WRONG)
def test_a_value_of_the_wrong_form_is_named_with_its_place(key, value, fault):
    assert fault_of({**GOOD, key: value}) == fault


@pytest.mark.parametrize(
    "value",
    [
        {},
        GOOD,
        {"id": 7, "skills": []},
        dict.fromkeys(RESUME_KEYS),
        {"skills": [None, " "], "work_experience": [None, {}, {"title": None, "years": None}]},
        {"test_score": math.nan, "skills": math.nan, "work_experience": math.nan},
        {"test_score": 120, "work_experience": [{"years": -3}]},
        {"id": "x", "hobbies": {"anything": [1]}, "label": "Fit"},
    ],
)
def test_what_is_missing_or_odd_but_readable_is_no_fault(value):
    assert fault_of(value) == ""


texts = st.text(max_size=8)  # half characters among them
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*RESUME_KEYS, "label", "title", "years", "x"]), inner, max_size=6)
    ),
    max_leaves=12,
)
near = st.fixed_dictionaries(
    {},
    optional={
        "id": scalars,
        "skills": st.lists(scalars, max_size=3) | anything,
        "projects": st.lists(texts, max_size=3) | anything,
        "work_experience": st.lists(
            st.fixed_dictionaries({}, optional={"title": scalars, "years": scalars}), max_size=3
        )
        | anything,
        "test_score": scalars | anything,
        "preferred_domain": texts | anything,
        "label": texts | scalars,
    },
)


NO_OBJECTS = tuple(f"{kind} where" for kind in ("a number", "a text", "a list", "nothing", "true or false"))


def given_texts(value) -> list:
    """What a cleaning may take for texts: lists of texts and absent ones, whole characters only."""
    return [] if value is None or isinstance(value, float) else [x for x in value if x is not None and x == x]


@given(anything | near)
def test_what_has_the_form_can_be_walked_and_the_rest_has_a_fault(value):
    fault = fault_of(value)
    assert isinstance(fault, str)
    fault.encode()
    if fault:
        assert fault.startswith((*RESUME_KEYS, "label: ", "no key of a résumé", *NO_OBJECTS))
        return
    found = [*given_texts(value.get("skills")), *given_texts(value.get("projects"))]
    for post in given_texts(value.get("work_experience")):
        found += [x for x in (post.get("title"), post.get("years")) if isinstance(x, str)]
        years = post.get("years")
        assert isinstance(years, str) or years is None or isinstance(float(years), float)
    found += [
        x for x in map(value.get, ("id", "test_score", "preferred_domain", "label")) if isinstance(x, str)
    ]
    assert all(isinstance(text, str) and text.encode() is not None for text in found)


@given(st.sampled_from([(key, wrong) for key, wrong, _ in WRONG]), near)
def test_one_wrong_value_is_a_fault_whatever_stands_beside_it(wrong, others):
    key, value = wrong
    assert fault_of({**others, key: value})


def broken_line(data: bytes) -> bytes:
    """One line of any bytes, not blank, so that it counts as a record."""
    return b"~" + data.replace(b"\n", b" ") + b"\n"


@given(st.lists(st.just(GOOD) | near | anything | st.binary(max_size=20).map(broken_line), max_size=8))
def test_no_record_kills_a_batch_and_each_is_answered(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("fuzz") / "x.jsonl"
    resumes, fates = read(write(path, lines(*values)))
    places = [f"x.jsonl, line {number}" for number in range(1, len(values) + 1)]
    assert sorted([r.place for r in resumes] + list(fates)) == sorted(places)
    assert all(reason for reason in fates.values())
    good = {place for place, value in zip(places, values, strict=True) if value is GOOD}
    assert good <= {r.place for r in resumes}
    for resume in resumes:
        assert fault_of(resume.value) == ""


@given(st.binary(max_size=60))
def test_no_bytes_kill_a_file(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("a.json", "b.jsonl"):
        write(folder / name, data)
    write(folder / "c.json", GOOD)
    resumes, _ = read(folder)
    assert resumes[-1].place == f"{folder.name}/c.json"


def test_domains_are_read_as_written(tmp_path):
    for path in (
        write(tmp_path / "d.json", DOMAINS),
        write(tmp_path / "d.jsonl", lines(*DOMAINS)),
        write(tmp_path / "d" / "all.json", DOMAINS).parent,
    ):
        ledger = Ledger()
        assert read_domains(path, ledger) == {"Data Science": ("Python", "SQL"), "Nursing": ("triage",)}
        assert (ledger.read, ledger.kept, ledger.fates) == ({"domain": 2}, {"domain": 2}, [])


@pytest.mark.parametrize(
    ("domain", "fault"),
    [
        (7, "a number where an object with domain and required_skills is due"),
        ({"Domain": "x", "required_skills": ["a"]}, "'domain' is missing; did you mean 'Domain'?"),
        ({"domain": "x"}, "'required_skills' is missing; known are 'domain'"),
        ({"domain": "x", "required_skills": math.nan}, "'required_skills' is missing"),
        ({"domain": " ", "required_skills": ["a"]}, "domain: a blank text where the domain's name is due"),
        ({"domain": ["x"], "required_skills": ["a"]}, "domain: a list where a text is due"),
        ({"domain": "x", "required_skills": "a"}, "required_skills: a text where a list of texts is due"),
        ({"domain": "x", "required_skills": ["a", 1]}, "required_skills[1]: a number where a text is due"),
        ({"domain": "x", "required_skills": [" "]}, "required_skills: an empty list where at least one"),
        (
            {"domain": "nursing ", "required_skills": ["a"]},
            "the domain 'nursing' is given already: d.json, row 2",
        ),
    ],
)
def test_a_bad_domain_is_set_aside_and_the_others_stay(tmp_path, domain, fault):
    ledger = Ledger()
    domains = read_domains(write(tmp_path / "d.json", [*DOMAINS, domain]), ledger)
    assert list(domains) == ["Data Science", "Nursing"]
    ((row, reason),) = [(f.row, f.reason) for f in ledger.fates]
    assert row == "d.json, row 3"
    assert reason.startswith(fault)


def test_blank_skills_of_a_domain_are_taken_out_and_noted(tmp_path):
    ledger = Ledger()
    path = write(tmp_path / "d.json", [{"domain": "x", "required_skills": ["a", "", None]}])
    assert read_domains(path, ledger) == {"x": ("a",)}
    assert {f.action for f in ledger.fates} == {"changed"}
    assert [f.field for f in ledger.fates] == ["required_skills[1]", "required_skills[2]"]


def test_no_domain_at_all_is_an_error_that_shows_the_form(tmp_path):
    with pytest.raises(SourceError, match=r"holds no domain; d.json, row 1: .*required_skills.*write a list"):
        read_domains(write(tmp_path / "d.json", [{"domain": "x"}]), Ledger())
    with pytest.raises(SourceError, match="holds no domain; write a list"):
        read_domains(write(tmp_path / "e.json", []), Ledger())


near_domains = st.fixed_dictionaries(
    {}, optional={"domain": anything, "required_skills": st.lists(scalars, max_size=3) | anything}
)


@given(st.lists(anything | near_domains, max_size=4))
def test_no_domain_kills_the_others(tmp_path_factory, values):
    path = write(tmp_path_factory.mktemp("domains") / "d.json", [*values, *DOMAINS])
    ledger = Ledger()
    assert {"Data Science", "Nursing"} <= set(read_domains(path, ledger))
    assert ledger.read["domain"] == len(values) + 2
