import csv
import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pypdf
import pytest
from docx.oxml import parse_xml
from hypothesis import given
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from benchmarks import skill_spans
from ranker.app.import_command import run_import
from ranker.errors import SourceError, UsageError
from ranker.records.ledger import Ledger
from ranker.records.resumes import fault_of, read_domains, read_resumes
from ranker.records.values import Unreadable
from ranker.resume.cleaning import Vocabulary
from ranker.resume.importing import (
    Document,
    ImportedResume,
    Reading,
    SkillSpotter,
    import_files,
    read_corrections,
    read_document,
    read_fields,
)
from ranker.resume.importing.correction import COLUMNS
from ranker.resume.importing.dates import period_in
from ranker.resume.importing.document import line_of, lines_of
from ranker.resume.importing.imported import TO_CHECK
from ranker.resume.importing.pdf_text import check_signs
from ranker.resume.importing.sections import heading_kind, sections_of
from ranker.resume.importing.skill_fields import split_skills
from ranker.resume.importing.titles import title_in

needs_data = pytest.mark.skipif(
    not (skill_spans.DATA / "skill_extraction").is_dir(),
    reason="the labelled sentences are absent: set CANDOR_DATA",
)
LINES = """Ada Exempla
ada@example.org · +49 30 1234567 · she/her
Summary
A person of many words, born in Berlin in 1990.
TECHNICAL SKILLS
Languages: Python (5 years), C++, C#
Machine Learning | SQL
Work experience
Senior Data Analyst, Example Ltd\tJan 2019 – Jun 2021
• Reports in Tableau for three regions, read by everybody from 2019 to 2020
Junior Analyst
Other Ltd, Leeds (03/2017 - 12/2018)
Projects
Image Classification using CNN
• Told plankton from sand
Churn radar – who leaves, and when
• Survival models
Education
BSc Statistics, University of Examples, 2014 – 2017
Interests
Choir of St Exempla
Test score: 88%
"""
EXPECTED = {
    "skills": ["Python", "C++", "C#", "Machine Learning", "SQL"],
    "projects": ["Image Classification using CNN", "Churn radar"],
    "work_experience": [
        {"title": "Senior Data Analyst", "years": pytest.approx(29 / 12)},
        {"title": "Junior Analyst", "years": pytest.approx(21 / 12)},
    ],
    "test_score": "88%",
}
PERSONAL = ("Ada", "example.org", "1234567", "she/her", "Berlin", "Choir", "University", "Exempla")


def pdf(path, text=LINES, *, password=None, encrypt=False, pages=1):
    """Print lines to a PDF, as any word processor would."""
    canvas = Canvas(str(path), pagesize=A4)
    for _ in range(pages):
        for number, line in enumerate(text.splitlines()):
            canvas.drawString(60, 780 - 18 * number, line.replace("\t", "      "))
        canvas.showPage()
    canvas.save()
    if password is not None or encrypt:
        writer = pypdf.PdfWriter(clone_from=str(path))
        writer.encrypt(password or "", owner_password="owner", algorithm="AES-256")
        writer.write(str(path))
    return path


def word(path, text=LINES):
    """Write lines to a DOCX file: headings by style, bullets by style."""
    document = docx.Document()
    for line in text.splitlines():
        if heading_kind(line):
            document.add_heading(line, level=1)
        elif line.startswith("• "):
            document.add_paragraph(line[2:], style="List Bullet")
        else:
            document.add_paragraph(line)
    document.save(str(path))
    return path


def plain(path, text=LINES):
    path.write_text(text, encoding="utf-8")
    return path


def fields(text, **options):
    return read_fields(Document(lines_of(text)), "x", "x.txt", Reading(**options))


def imported(path, **options):
    ledger = Ledger()
    return import_files([path], ledger, Reading(**options)).resumes, ledger


def value_of(imported_resume):
    return {key: value for key, value in imported_resume.resume.value.items() if key != "id"}


def set_aside(path):
    resumes, ledger = imported(path)
    assert resumes == []
    assert ledger.read["resume"] == 1
    (fate,) = [fate for fate in ledger.fates if fate.action == "set_aside"]
    assert path.name in fate.row
    return fate.reason


@pytest.mark.parametrize(("write", "name"), [(pdf, "cv.pdf"), (word, "cv.docx"), (plain, "cv.txt")])
def test_the_same_resume_reads_the_same_from_every_kind_of_file(tmp_path, write, name):
    (found,), _ = imported(write(tmp_path / name))
    assert value_of(found) == EXPECTED
    assert found.to_check() == ()


@pytest.mark.parametrize("word", PERSONAL)
def test_who_somebody_is_stays_apart_from_the_fields(word):
    assert word in LINES
    assert word not in json.dumps(fields(LINES).resume.value, ensure_ascii=False)


def test_name_and_address_are_found_for_audits():
    assert fields(LINES).personal == {
        "name": "Ada Exempla", "email": "ada@example.org", "phone": "+49 30 1234567", "pronouns": "she/her"
    }  # fmt: skip


def test_an_id_is_drawn_from_the_content_since_file_names_hold_names(tmp_path):
    (found,), _ = imported(plain(tmp_path / "Ada Exempla CV.txt"))
    assert found.id.startswith("cv-")
    assert "Ada" not in found.id


def test_a_file_whose_name_lies_is_read_for_what_it_is(tmp_path):
    assert value_of(imported(pdf(tmp_path / "cv.docx"))[0][0]) == EXPECTED


def test_a_pdf_that_may_be_read_but_not_changed_is_read(tmp_path):
    assert value_of(imported(pdf(tmp_path / "cv.pdf", encrypt=True))[0][0]) == EXPECTED


def test_tables_and_text_boxes_of_a_word_file_are_read(tmp_path):
    document = docx.Document()
    document.add_heading("Experience", level=1)
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Welder, Example Ltd", "2015 – 2018"
    box = (
        '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        "<w:r><mc:AlternateContent>{}</mc:AlternateContent></w:r></w:p>"
    )
    inner = "<w:txbxContent><w:p><w:r><w:t>Skills: welding, soldering</w:t></w:r></w:p></w:txbxContent>"
    body = box.format(f"<mc:Choice>{inner}</mc:Choice><mc:Fallback>{inner}</mc:Fallback>")
    document.element.body.append(parse_xml(body))
    document.save(str(tmp_path / "cv.docx"))
    assert value_of(imported(tmp_path / "cv.docx")[0][0]) == {
        "skills": ["welding", "soldering"],
        "projects": [],
        "work_experience": [{"title": "Welder", "years": 3.0}],
    }


def zipped(path, parts, *, level=ZIP_DEFLATED):
    with ZipFile(path, "w", level) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def bad_files(folder):
    whole = pdf(folder / "whole.pdf").read_bytes()
    blank = pypdf.PdfWriter()
    blank.add_blank_page(200, 200)
    scanned = BytesIO()
    blank.write(scanned)
    many = zipped(folder / "bomb", {"word/document.xml": b" " * (9 * 2**20)}).read_bytes()
    other = zipped(folder / "other", {"a.txt": "a"}).read_bytes()
    whole_docx = word(folder / "whole").read_bytes()
    locked = pdf(folder / "locked.pdf", password="secret").read_bytes()
    return {
        "empty.pdf": (b"", "an empty file"),
        "locked.pdf": (locked, "encrypted with a password"),
        "scan.pdf": (scanned.getvalue(), "probably a scan"),
        "long.pdf": (pdf(folder / "long.pdf", pages=41).read_bytes(), "41 pages"),
        "cut.pdf": (whole[:60], "a broken PDF file"),
        "noise.pdf": (b"%PDF-1.7\n" + bytes(range(256)) * 9, "a broken PDF file"),
        "cut.docx": (whole_docx[:900], "zip archive is damaged"),
        "bomb.docx": (many, "bytes of text, which is no résumé"),
        "other.docx": (other, "no Word document"),
        "locked.docx": (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "encrypted with a password"),
        "old.doc": (b"\xd0\xcf\x11\xe0" + bytes(600), "an old Word file"),
        "rich.rtf": (b"{\\rtf1 hello}", "an RTF file"),
        "latin.txt": ("Müller".encode("latin-1") * 20, "no UTF-8"),
        "short.txt": (b"Hello", "5 letters"),
        "huge.txt": (b"word " * 50_000, "characters"),
    }  # fmt: skip


def test_every_bad_file_is_set_aside_with_what_is_wrong_and_the_rest_goes_on(tmp_path):
    made, folder = tmp_path / "made", tmp_path / "cvs"
    made.mkdir()
    folder.mkdir()
    bad = bad_files(made)
    for name, (content, _) in bad.items():
        (folder / name).write_bytes(content)
    pdf(folder / "good.pdf")
    resumes, ledger = imported(folder)
    assert [value_of(one) for one in resumes] == [EXPECTED]
    assert ledger.read["resume"] == len(bad) + 1
    reasons = {fate.row: fate.reason for fate in ledger.fates if fate.action == "set_aside"}
    assert reasons.keys() == {f"cvs/{name}" for name in bad}
    for name, (_, reason) in bad.items():
        assert reason in reasons[f"cvs/{name}"], name


@given(st.binary(max_size=400), st.sampled_from([b"%PDF-1.4\n", b"PK\x03\x04", b"", b"{\\rtf"]))
def test_no_bytes_whatever_end_an_import(tmp_path_factory, content, start):
    path = tmp_path_factory.mktemp("fuzz") / "cv.pdf"
    path.write_bytes(start + content)
    resumes, ledger = imported(path)
    assert len(resumes) + len(ledger.report().set_aside()) == 1


@given(st.integers(0, 10**6), st.integers(0, 255))
def test_a_pdf_with_one_wrong_byte_is_read_or_set_aside(tmp_path_factory, at, byte):
    folder = tmp_path_factory.mktemp("flip")
    path = pdf(folder / "cv.pdf")
    content = bytearray(path.read_bytes())
    content[at % len(content)] = byte
    path.write_bytes(bytes(content))
    resumes, ledger = imported(path)
    assert len(resumes) + len(ledger.report().set_aside()) == 1


@given(st.text())
def test_any_text_gives_fields_in_the_form_of_a_resume(text):
    found = fields(LINES + text, as_of=12 * 2026, spotter=SkillSpotter(["python", "sql"]))
    assert fault_of(found.resume.value) == ""
    assert all(0 < item.confidence <= 1 for item in found.items)


def test_a_pdf_whose_fonts_hide_their_letters_is_told_from_a_scan():
    check_signs("A résumé with an icon \uf095 or two \uf0e0, which is no harm to anybody")
    with pytest.raises(Unreadable, match="font that does not say which letters"):
        check_signs("\ue001\ue002\ue003 \ue004 and")


@pytest.mark.parametrize("bullet", ["•", "-", "\uf0b7", "\x7f", "o", "2.", "➢ "])
def test_bullets_are_told_in_every_form_that_programs_print_them(bullet):
    line = line_of(f"{bullet} Led a team")
    assert (line.text, line.is_bullet) == ("Led a team", True)
    assert line_of("Open source").text == "Open source"
    assert not line_of("-5 degrees").is_bullet


def test_a_line_goes_on_where_only_the_page_ended_it():
    wrapped = "• Built a model that tells plankton from sand using\n  two graphics cards\nWelder, 2010 – 2011"
    assert [line.text for line in lines_of(wrapped)] == [
        "Built a model that tells plankton from sand using two graphics cards", "Welder, 2010 – 2011"
    ]  # fmt: skip


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    with pytest.raises(UsageError, match=r"pip install 'candor-rank\[import\]'"):
        imported(pdf(tmp_path / "cv.pdf"))
    monkeypatch.setitem(__import__("sys").modules, "docx", None)
    with pytest.raises(UsageError, match=r"python-docx.*candor-rank\[import\]"):
        imported(word(tmp_path / "cv.docx"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SKILLS", "skills"),
        ("Technical Skills:", "skills"),
        ("S K I L L S", "skills"),
        ("3. Tools & Technologies", "skills"),
        ("Selected academic projects", "projects"),
        ("Professional and Personal Projects", "projects"),
        ("Employment History", "experience"),
        ("Volunteer Experience", "other"),
        ("Hobbies and interests", "other"),
        ("Experienced welder", ""),
        ("Skills I learnt while working for others in Leeds", ""),
        ("Project manager", ""),
    ],
)
def test_headings_are_told_by_what_they_say(text, kind):
    assert heading_kind(text) == kind


def test_a_list_behind_a_colon_has_its_heading_before_it():
    found = sections_of(lines_of("Skills: Python, SQL\nReferences\nCould say a lot"))
    assert [(s.kind, [line.text for line in s.lines]) for s in found] == [
        ("top", []), ("skills", ["Python, SQL"]), ("other", ["Could say a lot"])
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Languages: Python (5 years), C++; SQL", ["Python", "C++", "SQL"]),
        ("C/C++, TCP/IP, C++ / Rust", ["C/C++", "TCP/IP", "C++", "Rust"]),
        ("Python (pandas, numpy) and R", ["Python", "pandas", "numpy", "R"]),
        ("Visual Basic, Advanced Excel", ["Visual Basic", "Advanced Excel"]),
        ("Excel – advanced, Java - 24 months", ["Excel", "Java"]),
        ("good knowledge of SQL, .NET, Node.js.", ["SQL", ".NET", "Node.js"]),
        ("see github.com/me, ada@example.org, www.example.org", ["see github.com/me"]),
    ],
)
def test_a_line_of_skills_is_parted_into_skills(text, items):
    assert split_skills(text) == items


def test_a_sentence_among_the_skills_is_searched_and_not_cut_at_its_commas():
    text = "Skills\nI have used Python in many projects, for all of my customers, and liked it a lot\nSQL, R"
    alone, helped = fields(text), fields(text, spotter=SkillSpotter(["python"]))
    assert alone.resume.value["skills"] == ["SQL", "R"]
    assert alone.left_out
    assert helped.resume.value["skills"] == ["Python", "SQL", "R"]


def test_skills_named_in_experience_are_found_by_a_vocabulary_and_less_sure():
    found = {
        item.value: item.confidence for item in fields(LINES, spotter=SkillSpotter(["tableau", "sql"])).items
    }
    assert found["Tableau"] < found["Python"] < found["SQL"]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("Jan 2019 – Jun 2021", 29 / 12),
        ("January 2019 to Present", 2.0),
        ("Sept. 2018 - Sept 2019", 1.0),
        ("(03/2017 - 12/2018)", 21 / 12),
        ("2019-05 — 2020-05", 1.0),
        ("since 2019", 2.0),
        ("Mar '19 till date", 22 / 12),
        ("2 years 3 months", 2.25),
        ("18 months", 1.5),
        ("2.5 yrs", 2.5),
    ],
)
def test_periods_are_read_in_the_forms_people_write(text, years):
    assert period_in(text, 12 * 2021).years == pytest.approx(years)


@pytest.mark.parametrize("text", ["May 2020", "a room for 12", "version 2019.1", "call 2019 2020"])
def test_one_date_alone_is_no_period(text):
    assert period_in(text, 12 * 2021) is None


def test_a_period_that_cannot_be_a_length_says_why():
    assert "ends before" in period_in("2021 – 2019", None).reason
    assert "as_of" in period_in("2019 – present", None).reason


@pytest.mark.parametrize(
    ("text", "title", "sure"),
    [
        ("Data Analyst, Acme Ltd, Leeds", "Data Analyst", True),
        ("Acme Ltd | Data Analyst", "Data Analyst", True),
        ("Software Engineer at Acme", "Software Engineer", True),
        ("Acme Ltd", "Acme Ltd", False),
        ("–", "", False),
    ],
)
def test_a_title_is_the_part_of_a_line_that_names_work(text, title, sure):
    assert title_in(text) == (title, sure)


def test_less_sure_posts_have_less_confidence_and_ask_to_be_checked():
    sure = {
        item.value: item.confidence
        for item in fields(
            "Experience\nCook\n• Soups\nWelder, A Ltd, 2010 – 2011\n• Seams\nB Ltd, 2012 – 2013\n• x\n"
            "Tailor, 2020 – present\n"
        ).items
    }
    assert sure["Welder"] > sure["Tailor"]
    assert sure["Welder"] > TO_CHECK > max(sure["B Ltd"], sure["Cook"], sure["Tailor"])
    assert fields("Experience\nB Ltd, 2012 – 2013").to_check() == ("skills", "work_experience")
    ongoing = "Skills\nSQL\nExperience\nWelder, 2010 – 2011\n• Seams\nTailor, 2020 – present"
    assert fields(ongoing).to_check() == ("work_experience",)
    assert fields(ongoing, as_of=12 * 2026).to_check() == ()


def test_a_vocabulary_finds_the_longest_name_and_keeps_neighbours_apart():
    spotter = SkillSpotter(
        [
            "java",
            "javascript",
            "c",
            "c++",
            "c#",
            "r",
            "go",
            "machine learning",
            "learning",
            "Oz (computer programming)",
        ],
        {"ml": "machine learning"},
    )
    found = spotter.skills_in("JavaScript and Java, C++ or C#, Machine Learning, ML; go to R, Oz")
    assert found == ("javascript", "java", "c++", "c#", "machine learning", "r", "Oz (computer programming)")
    assert spotter.skills_in("c, go", listed=True) == ("c", "go")
    assert spotter.skills_in("machine, learning") == ("learning",)


def test_spans_say_where_a_skill_stands():
    text = "I like Machine learning."
    (span,) = SkillSpotter(["machine learning"]).spans(text)
    assert text[span.start : span.end] == span.text == "Machine learning"


def test_a_corrected_file_is_read_back_as_it_was_corrected(tmp_path):
    folder, out = tmp_path / "cvs", tmp_path / "out"
    folder.mkdir()
    pdf(folder / "cv.pdf")
    run_import([folder], out)
    path = out / "corrections.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    kept = [row for row in rows if row["value"] != "SQL"]
    next(row for row in kept if row["value"] == "Junior Analyst")["years"] = "2.5 yrs"
    kept.append(
        {**dict.fromkeys(COLUMNS, ""), "id": rows[0]["id"], "field": "preferred_domain", "value": "Data"}
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";")
        writer.writeheader()
        writer.writerows(kept)
    result = run_import([folder], out, corrected=path)
    (found,) = read_resumes(out / "resumes.jsonl", Ledger())
    assert found.value["skills"] == EXPECTED["skills"][:-1]
    assert found.value["work_experience"][1] == {"title": "Junior Analyst", "years": "2.5 yrs"}
    assert found.value["preferred_domain"] == "Data"
    assert found.value["id"] == rows[0]["id"]
    assert (result.machine["resumes"], result.machine["corrected"]) == (1, 1)
    assert run_import([], tmp_path / "again", corrected=path).machine["resumes"] == 1


def test_an_uncorrected_file_changes_nothing(tmp_path):
    out = tmp_path / "out"
    run_import([pdf(tmp_path / "cv.pdf")], out)
    before = json.loads((out / "resumes.jsonl").read_text())
    (after,) = read_corrections(out / "corrections.csv", Ledger())
    for post in [*before["work_experience"], *after.value["work_experience"]]:
        post["years"] = pytest.approx(float(post["years"]), abs=1e-3)
    assert after.value == before


@pytest.mark.parametrize("skill", ["=1+1", "+cmd|x", "@SUM", "-2", "'quoted"])
def test_no_cell_is_a_formula_to_a_spreadsheet_and_each_is_read_back_as_written(tmp_path, skill):
    from ranker.resume.importing.correction import write_corrections
    from ranker.resume.importing.imported import Item

    resume = fields("Skills\nPython")
    item = Item("skills", skill, 0.5, "a rule")
    write_corrections([ImportedResume(resume.resume, (item,))], tmp_path / "c.csv")
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = list(csv.DictReader(file))
    assert row["value"][0] == "'"
    assert read_corrections(tmp_path / "c.csv", Ledger())[0].value["skills"] == [skill]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (["a,skill,Python"], "did you mean 'skills'"),
        ([",skills,Python"], "without an id"),
        (["a,test_score,1", "a,test_score,2"], "a second test_score"),
    ],
)
def test_rows_that_say_nothing_clear_are_set_aside_with_their_line(tmp_path, rows, reason):
    path = tmp_path / "c.csv"
    path.write_text("\n".join(["id,field,value", *rows]))
    ledger = Ledger()
    read_corrections(path, ledger)
    (fate,) = ledger.fates
    assert fate.action == "set_aside"
    assert fate.row == f"c.csv, line {len(rows) + 1}"
    assert reason in fate.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"id,value\n", "no column 'field'"), (b"", "no column 'id'"), (b"id,field,v\xe4lue", "not UTF-8")],
)
def test_a_corrected_file_that_is_none_is_refused(tmp_path, content, reason):
    (tmp_path / "c.csv").write_bytes(content)
    with pytest.raises(SourceError, match=reason):
        read_corrections(tmp_path / "c.csv", Ledger())


def test_a_folder_of_every_kind_becomes_the_files_that_training_reads(tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    pdf(folder / "a.pdf")
    own = {"id": "own", "skills": ["SQL"], "preferred_domain": "Statistician"}
    standard = {"basics": {"name": "Bo Exempla"}, "skills": [{"name": "R"}], "test_score": 70}
    (folder / "b.json").write_text(json.dumps(standard))
    (folder / "c.jsonl").write_text(json.dumps(own) + "\n{broken\n" + json.dumps({"skills": 3}) + "\n")
    posting = {"@type": "JobPosting", "title": "Statistician", "qualifications": "You know SQL and R."}
    (folder / "d.html").write_text(f'<script type="application/ld+json">{json.dumps(posting)}</script>')
    (folder / "e.png").write_bytes(b"\x89PNG")
    (folder / "skills.txt").write_text(LINES.replace("Ada", "Bea"))
    (tmp_path / "vocabulary.txt").write_text("SQL\nR\n")
    result = run_import([folder], out, vocabulary=tmp_path / "vocabulary.txt", domain="Statistician")
    ledger = Ledger()
    resumes = read_resumes(out / "resumes.jsonl", ledger)
    assert ledger.fates == []
    assert read_domains(out / "domains.json", Ledger()) == {"Statistician": ("SQL", "R")}
    assert (len(resumes), result.machine["documents"], result.machine["set_aside"]) == (4, 2, 2)
    assert {r.value.get("preferred_domain") for r in resumes if r.value.get("test_score") == "88%"} == {
        "Statistician"
    }
    assert "Exempla" not in (out / "resumes.jsonl").read_text()
    assert "Bo Exempla" in (out / "personal.jsonl").read_text()
    assert json.loads((out / "import.json").read_text())["read"] == {"resume": 6, "domain": 1}
    assert "c.jsonl, line 2" in result.text


def test_the_same_file_twice_is_one_resume(tmp_path):
    plain(tmp_path / "a.txt")
    plain(tmp_path / "b.txt")
    resumes, ledger = imported(tmp_path)
    assert len(resumes) == 1
    assert "the same id or content as" in ledger.report().set_aside()[0].reason


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"paths": []}, UsageError, "nothing to import"),
        ({"paths": ["nowhere.pdf"]}, SourceError, "there is no file or folder"),
        ({"as_of": "soon"}, UsageError, "as_of"),
        ({"vocabulary": "nowhere.txt"}, SourceError, "does not exist"),
        ({"corrected": "nowhere.csv"}, SourceError, "does not exist"),
        ({"corrected": "cv.txt"}, SourceError, "files of kind '.txt'"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_a_reason(tmp_path, options, error, message):
    given_paths = {"paths": [plain(tmp_path / "cv.txt")], **options}
    for name in ("vocabulary", "corrected"):
        if name in options:
            given_paths[name] = tmp_path / options[name]
    given_paths["paths"] = [tmp_path / path for path in given_paths["paths"]]
    with pytest.raises(error, match=message):
        run_import(out=tmp_path / "out", **given_paths)


def test_a_bad_file_alone_is_an_error_that_says_what_is_wrong_with_it(tmp_path):
    (tmp_path / "cv.pdf").write_bytes(b"")
    with pytest.raises(SourceError, match=r"cv\.pdf: an empty file"):
        run_import([tmp_path / "cv.pdf"], tmp_path / "out")


def test_a_document_is_read_by_itself_too(tmp_path):
    assert read_document(pdf(tmp_path / "cv.pdf")).lines[0].text == "Ada Exempla"
    (tmp_path / "no.txt").write_text("x")
    with pytest.raises(Unreadable, match="scan"):
        read_document(tmp_path / "no.txt")


def test_a_domain_that_is_none_of_those_given_is_refused_with_the_nearest(tmp_path):
    domains = tmp_path / "domains.json"
    domains.write_text(json.dumps([{"domain": "Data Science", "required_skills": ["Tableau", "SQL"]}]))
    cv = plain(tmp_path / "cv.txt")
    with pytest.raises(UsageError, match="did you mean 'Data Science'"):
        run_import([cv], tmp_path / "out", domains, domain="Data Sciences")
    run_import([cv], tmp_path / "out", domains, domain="Data Science")
    (found,) = read_resumes(tmp_path / "out" / "resumes.jsonl", Ledger())
    assert found.value["preferred_domain"] == "Data Science"
    assert "Tableau" in found.value["skills"]


def test_a_vocabulary_as_training_writes_it_brings_its_aliases(tmp_path):
    path = tmp_path / "vocabulary.json"
    path.write_text(json.dumps(Vocabulary.from_names([("data visualisation", ["tableau"])]).to_json()))
    run_import([plain(tmp_path / "cv.txt")], tmp_path / "out", vocabulary=path)
    (found,) = read_resumes(tmp_path / "out" / "resumes.jsonl", Ledger())
    assert "Tableau" in found.value["skills"]


def test_a_document_of_which_nothing_is_understood_is_kept_and_asks_to_be_corrected(tmp_path):
    out = tmp_path / "out"
    result = run_import(
        [
            plain(
                tmp_path / "cv.txt",
                "Dear reader, I would like to work for you, and to begin as soon as I may.",
            )
        ],
        out,
    )
    (fields_to_check,) = result.machine["to_check"].values()
    assert fields_to_check == ["skills", "work_experience"]
    assert "nothing was understood" in (out / "corrections.csv").read_text(encoding="utf-8-sig")


def test_files_of_an_earlier_import_do_not_outlive_it(tmp_path):
    out = tmp_path / "out"
    run_import([plain(tmp_path / "cv.txt")], out)
    (tmp_path / "own.json").write_text(json.dumps({"id": "own", "skills": ["SQL"]}))
    run_import([tmp_path / "own.json"], out)
    assert not (out / "corrections.csv").exists()


@needs_data
def test_what_a_vocabulary_finds_in_labelled_sentences_is_measured(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(skill_spans, "RESULTS", tmp_path)
    assert skill_spans.main(["--quick"]) == 0
    told = capsys.readouterr().out
    for words in ("tech (20)", "overlap P", "R-precision@5", "names, then"):
        assert words in told
    assert not list(tmp_path.iterdir())


def test_r_precision_divides_by_the_most_there_could_be():
    assert skill_spans.r_precision([["a", "b", "c"]], [{"a"}]) == 1
    assert skill_spans.r_precision([["x", "a"], ["b"]], [{"a", "b"}, set()]) == 0.5
    assert skill_spans.r_precision([list("abcdefg")], [set("abcdefg")], k=5) == 1


def test_a_span_is_right_where_its_words_are():
    sentence = skill_spans.Sentence(
        "x", "We use Python and machine learning .", {"machine learning .": ("ML",)}
    )
    found = skill_spans.span_figures([sentence], SkillSpotter(["python", "machine learning"]))
    assert (found["exact_precision"], found["exact_recall"]) == (0.5, 1)
    partly = skill_spans.span_figures([sentence], SkillSpotter(["learning"]))
    assert (partly["exact_recall"], partly["overlap_recall"], partly["overlap_recall_with_label"]) == (
        0,
        1,
        1,
    )
