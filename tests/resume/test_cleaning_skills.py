import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.errors import DataError, ModelError, SourceError, UsageError
from ranker.resume.cleaning import Cleaner, Vocabulary
from ranker.resume.cleaning.typing_errors import edits_allowed
from ranker.resume.cleaning.words import surface
from ranker.text.encoder import MiniLM

SKILLS = (
    "Python", "SQL", "PyTorch", "React", "Java", "JavaScript", "C", "C++", "C#", "R", "Ruby", "Go", "Sales",
    "Marketing", "Machine Learning", "Amazon Web Services", "Apache Kafka", "Node.js", "HTML", "CSS", "Scala",
    "Data Visualization", "Project Management", ".NET", "CI/CD", "Kubernetes", "ETL",
)  # fmt: skip
CLEANER = Cleaner(Vocabulary.from_domains({"d": SKILLS}))


def mapped(text, cleaner=CLEANER):
    match = cleaner.skill(text)
    return match.rule, match.names


def without(*names):
    return Cleaner(Vocabulary.from_domains({"d": [s for s in SKILLS if s not in names]}))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pyTorch DL", "pytorch"),
        ("sql database mgmt", "sql"),
        ("reactjs", "react"),
        ("aws", "amazon web services"),
        ("python", "python"),
        ("pyhton", "python"),
        ("ML", "machine learning"),
    ],
)
def test_the_texts_whose_cosines_were_measured_find_their_skill_without_an_encoder(text, name):
    assert mapped(text)[1] == (name,)


@pytest.mark.parametrize(
    ("text", "rule", "names"),
    [
        ("  PYTHON ", "exact", ("python",)),
        ("machine_learning", "spelling", ("machine learning",)),
        ("Node JS", "spelling", ("node.js",)),
        ("data visualisations", "spelling", ("data visualization",)),
        ("managing projects", "novel", ("managing projects",)),
        ("proj. mgmt.", "spelling", ("project management",)),
        ("golang", "abbreviation", ("go",)),
        ("c sharp", "abbreviation", ("c#",)),
        ("HTML5 / CSS3", "list", ("html", "css")),
        ("C/C++", "list", ("c", "c++")),
        ("Python 3.11", "contained", ("python",)),
        ("Java8", "contained", ("java",)),
        ("C#12", "contained", ("c#",)),
        ("Microsoft C#", "contained", ("c#",)),
        ("R programming", "contained", ("r",)),
        ("Confluent Kafka", "contained", ("apache kafka",)),
        ("kubernets", "typing error", ("kubernetes",)),
        ("machin learnign", "typing error", ("machine learning",)),
        ("pythn 3.9", "typing error", ("python",)),
        ("Beekeeping", "novel", ("beekeeping",)),
    ],
)
def test_every_rule_answers_in_its_turn(text, rule, names):
    assert mapped(text) == (rule, names)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Java", "JavaScript"), ("JavaScript", "Java"), ("java script", "Java"), ("C++", "C"), ("C", "C++"),
        ("C#", "C"), ("C#", "C++"), ("C#12", "C"), ("Sales", "Marketing"), ("Marketing", "Sales"), ("Ruby", "R"),
        ("R", "Ruby"), ("Go", "R"), ("Scala", "Java"), ("CSS", "C"), ("ETL", "SQL"),
    ],
)  # fmt: skip
def test_names_that_look_alike_never_merge_whether_or_not_both_are_known(text, other):
    assert surface(other) not in mapped(text)[1]
    alone = Cleaner(Vocabulary.from_domains({"d": [other]}))
    assert surface(other) not in mapped(text, alone)[1]


@pytest.mark.parametrize(
    "text",
    [
        "react native", "objective c", "sales marketing", "scale", "elt", "goo", "lava", "spark", "perl", "ajax",
        "sas", "rust", "market", "C-level", "vitamin c", "kafka streams", "hava", "google",
    ],
)  # fmt: skip
def test_what_only_resembles_a_skill_stays_novel(text):
    assert mapped(text) == ("novel", (surface(text),))


def test_an_alias_leads_to_its_name_unless_two_names_have_it():
    table = Vocabulary.from_names(
        [("cook", ["chef", "kitchen hand"]), ("baker", ["pastry cook", "kitchen hand"])]
    )
    cleaner = Cleaner(table)
    assert mapped("Chef", cleaner) == ("alias", ("cook",))
    assert mapped("Pastry-Cooks", cleaner) == ("alias", ("baker",))
    assert mapped("kitchen hand", cleaner)[0] == "novel"


def test_a_user_s_own_name_comes_before_what_is_generally_meant():
    table = Vocabulary.from_names([("machine learning", []), ("machine language", ["ml"])])
    assert mapped("ML", Cleaner(table)) == ("alias", ("machine language",))
    assert mapped("ML", Cleaner(Vocabulary.from_names([("ml", [])]))) == ("exact", ("ml",))
    assert mapped("Machine Learning", Cleaner(Vocabulary.from_names([("ml", [])]))) == (
        "abbreviation",
        ("ml",),
    )


def test_a_typing_error_that_is_as_near_to_two_names_is_neither():
    cleaner = Cleaner(Vocabulary.from_names([("carving", []), ("caving", []), ("diving", [])]))
    assert mapped("cabving", cleaner) == ("novel", ("cabving",))  # one edit from either
    assert mapped("carvin", cleaner) == ("typing error", ("carving",))


def test_short_names_allow_no_edits_and_longer_ones_more():
    assert [edits_allowed(n) for n in (1, 3, 4, 9, 10, 30)] == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    "text", ["html 4 and 5", "c+", "++", "sql?", "java/", "r2d2", "x" * 5000, "́", "İ", "ﬃ"]
)
def test_odd_texts_are_answered_and_their_answers_stay(text):
    names = mapped(text)[1]
    again = tuple(name for n in names for name in mapped(n)[1])
    assert again == names


@given(st.text(max_size=60))
def test_a_surface_is_its_own_surface(text):
    assert surface(surface(text)) == surface(text)


@given(st.sampled_from(SKILLS), st.sampled_from([" ", "-", "_", "  ", "/"]), st.booleans())
def test_case_and_what_stands_between_words_never_matter(skill, between, upper):
    text = skill.replace(" ", between)
    assert mapped(text.upper() if upper else text.lower())[1] == (skill.lower(),)


@given(st.lists(st.text(max_size=30), max_size=8))
def test_an_answer_does_not_depend_on_what_is_asked_beside_it(texts):
    together = Cleaner(Vocabulary.from_domains({"d": SKILLS}))
    together._skills.learn([*texts, "pyhton"])
    assert [mapped(t, together) for t in texts] == [mapped(t) for t in texts]


NEAR = {"big data": [1.0, 0.0, 0.0], "large data": [0.9, 0.19**0.5, 0.0], "vast data": [0.79, 0.6131, 0.0]}


class Letters:
    """An encoder for tests: large data is at a cosine of .9 to big data, vast data at .79, all else at 0."""

    def encode(self, texts):
        return np.array([NEAR.get(text, [0.0, 0.0, 1.0]) for text in texts], dtype=np.float32)


def test_with_an_encoder_texts_match_from_a_cosine_of_point_eight():
    table = Vocabulary.from_names([("big data", [])])
    cleaner = Cleaner(table, encoder=Letters())
    assert mapped("Large data", cleaner) == ("embedding", ("big data",))
    assert mapped("vast data", cleaner)[0] == "novel"
    assert mapped("Large data", Cleaner(table))[0] == "novel"
    assert mapped("data", cleaner)[0] == "novel"


def test_signs_that_tell_names_apart_count_more_than_meaning():
    class Same:
        def encode(self, texts):
            return np.ones((len(texts), 1), dtype=np.float32)

    cleaner = Cleaner(Vocabulary.from_names([("c++ templates", []), ("iso 9001", [])]), encoder=Same())
    assert mapped("iso 27001", cleaner)[0] == "novel"
    assert mapped("c# templates", cleaner)[0] == "novel"


def test_words_of_few_letters_do_not_vanish_where_spaces_stand_elsewhere():
    cleaner = Cleaner(Vocabulary.from_names([("im engineer", []), ("data base design", [])]))
    assert mapped("rm engineer", cleaner)[0] == "novel"
    assert mapped("engineer", cleaner)[0] == "novel"
    assert mapped("database desing", cleaner) == ("typing error", ("data base design",))


def test_a_version_is_taken_off_on_one_side_alone():
    cleaner = Cleaner(Vocabulary.from_names([("python 3", []), ("iso 9001", []), ("sql server 2019", [])]))
    assert mapped("Python", cleaner) == ("contained", ("python 3",))
    assert mapped("Python 2", cleaner)[0] == "novel"
    assert mapped("iso 27001", cleaner)[0] == "novel"
    assert mapped("SQL Server", cleaner) == ("contained", ("sql server 2019",))
    assert mapped("SQL Server 2012", cleaner)[0] == "novel"


def test_a_vocabulary_keeps_the_first_spelling_and_survives_its_json():
    table = Vocabulary.from_domains({"A": ["Data-Base", "SQL"], "B": ["data base", "Python"]})
    assert table.canonical == ("data-base", "sql", "python")
    assert table.domains == ("A", "B")
    assert Vocabulary.from_json(table.to_json()) == table
    other = Vocabulary.from_names([("a b", ["AB", "x y"])])
    assert Vocabulary.from_json(other.to_json()) == other


@pytest.mark.parametrize(
    "wrong", [{}, {"canonical": []}, {"canonical": {"a": "b"}}, {"canonical": {"a": []}, "domains": 3}]
)
def test_what_is_no_vocabulary_is_refused(wrong):
    with pytest.raises(DataError, match="vocabulary"):
        Vocabulary.from_json(wrong)
    with pytest.raises(DataError, match="at least one name"):
        Vocabulary.from_domains({"d": []})


def test_esco_and_onet_files_are_read_with_their_other_names(tmp_path):
    esco = tmp_path / "skills_en.csv"
    esco.write_text('preferredLabel,altLabels\nlay bricks,"brick laying\nbricks, laying"\nbake bread,\n')
    assert Vocabulary.from_esco(esco).aliases == {
        "lay bricks": ("brick laying", "bricks, laying"),
        "bake bread": (),
    }
    (tmp_path / "occupation_data.csv").write_text("O*NET-SOC Code,Title\n1,Bakers\n2,Roofers\n")
    titles = tmp_path / "alternate_titles.csv"
    titles.write_text("O*NET-SOC Code,Alternate Title\n1,Bread Baker\n1,Doughnut Maker\n")
    assert Vocabulary.from_onet(titles).aliases == {
        "bakers": ("bread baker", "doughnut maker"),
        "roofers": (),
    }
    tools = tmp_path / "technology_skills.csv"
    tools.write_text("O*NET-SOC Code,Example\n1,Microsoft Excel\n2,Microsoft Excel\n")
    assert Vocabulary.from_onet(tools).canonical == ("microsoft excel",)


def test_an_esco_file_whose_columns_have_slid_against_each_other_is_refused(tmp_path):
    file = tmp_path / "skills_en.csv"
    names = [f"skill {chr(97 + n)}" for n in range(12)]

    def write(lists):
        rows = [f'{name},"{other}\nanother {other}"' for name, other in zip(names, lists, strict=True)]
        file.write_text("\n".join(["preferredLabel,altLabels", *rows]) + "\n")

    write(names)
    assert Vocabulary.from_esco(file).aliases["skill c"] == ("another skill c",)
    write([names[-1], *names[:-1]])
    with pytest.raises(
        SourceError, match=r"12 of 12 lists .* another row's label .* slid against each other"
    ):
        Vocabulary.from_esco(file)


def test_files_of_another_kind_are_refused_with_what_to_do(tmp_path):
    file = tmp_path / "x.csv"
    file.write_text("preferedLabel\nx\n")
    with pytest.raises(SourceError, match=r"no column 'preferredLabel'.*did you mean 'preferedLabel'"):
        Vocabulary.from_esco(file)
    file.write_text("O*NET-SOC Code,Alternate Title\n1,Baker\n")
    with pytest.raises(SourceError, match=r"put O\*NET's occupation_data.csv into its folder"):
        Vocabulary.from_onet(file)


def test_an_encoder_with_other_weights_is_refused(tmp_path):
    pytest.importorskip("torch", reason="the encoder needs torch")
    pytest.importorskip("transformers", reason="the encoder needs transformers")
    with pytest.raises(ModelError, match=r"has no model\.safetensors"):
        MiniLM(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(ModelError, match="not the published"):
        MiniLM(tmp_path)


def test_without_torch_the_encoder_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(UsageError, match=r"needs torch: pip install 'candor-rank\[text\]'"):
        MiniLM()
