"""The command that swaps names and places: what it reads, refuses, says and writes."""

import json
import os
import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fairness.swaps.text_bias import bias_of_answers
from fairness.swaps.text_templates import Template, TextDesign, Variant
from ranker.app.text_bias_command import _verdict, run_text_bias
from ranker.app.text_bias_lists import people, places_of, read_templates
from ranker.app.text_cli import texts
from ranker.errors import DataError, SourceError, UsageError
from ranker.records.ledger import Ledger

FIRST = ("Ann", "Abe", "Ada", "Bea", "Bob", "Bud")


@pytest.fixture
def lists(tmp_path: Path) -> dict[str, Path]:
    names, sexes, places = (tmp_path / f"{one}.csv" for one in ("names", "sexes", "places"))
    rows = [
        f"{first} {last},{share},{1 - share:.1f},0.0"
        for first in FIRST
        for last in ("Lee", "Poe")
        for share in [0.9 if first[0] == "A" else 0.2]
    ]
    names.write_text("name,white_pct,black_pct,other_pct\n" + "\n".join([*rows, "Cyd Roe,,,0.9"]) + "\n")
    women = {"Ann": 0.99, "Ada": 0.98, "Bea": 0.97, "Abe": 0.01, "Bob": 0.02, "Bud": 0.5}
    sexes.write_text(
        "name,n,p_female\n" + "\n".join(f"{one},9,{share}" for one, share in women.items()) + "\n"
    )
    cities = ["Oslo,Norway", "Bergen,Norway", "Lyon,France", "Nice,France", "Nice,Norway", "Rome,Italy"]
    places.write_text("name,country\n" + "\n".join(cities) + "\n")
    templates = tmp_path / "templates.csv"
    templates.write_text(
        'title,text\nplain,"{name}, {place}: cook"\nblank,\nnone,A nurse\nbraces,"A cook, {skills}"\n'
        'other,"{name} of {place}"\n'
    )
    return {"names": names, "sexes": sexes, "places": places, "templates": templates}


def test_names_get_the_race_that_is_seen_and_the_sex_that_is_borne(lists):
    found = {one.text: one for one in people(lists["names"], lists["sexes"], 12, seed=0)}
    assert found["Ann Lee"].groups == {"race": "white", "sex": "women"}
    assert found["Bud Poe"].groups == {"race": "black"}  # as many men as women are called so
    assert {one.key for one in found.values()} == {first.casefold() for first in FIRST}
    assert "Cyd Roe" not in found  # seen as none of the groups


def test_without_races_names_are_drawn_by_sex(lists):
    assert {one.text: one.groups["sex"] for one in people(None, lists["sexes"], 4, seed=0)}.keys() <= set(
        FIRST
    )


def test_names_drawn_before_are_not_drawn_again(lists):
    first = people(lists["names"], None, 4, seed=0)
    assert not {one.text for one in first} & {
        one.text for one in people(lists["names"], None, 4, seed=0, without=first)
    }


def test_cities_of_the_countries_with_most_are_drawn_and_ambiguous_ones_left_out(lists):
    found = places_of(lists["places"], 4, seed=0)
    assert {one.groups["country"] for one in found} == {"France", "Norway"}
    assert "Nice" not in {one.text for one in found}


def test_rows_that_are_no_templates_are_set_aside_and_counted(lists):
    ledger = Ledger()
    read = read_templates(lists["templates"], ledger)
    assert [one.title for one in read] == ["plain", "other"]
    assert sorted(fate.reason for fate in ledger.fates if fate.action == "set_aside") == [
        "blank", "without {name} or {place}", "without {name} or {place}",
    ]  # fmt: skip


def test_a_text_file_is_one_template(tmp_path):
    (tmp_path / "letter.txt").write_text("{name}\nCook since 2010.\n", encoding="utf-8")
    (only,) = read_templates(tmp_path / "letter.txt", Ledger())
    assert (only.title, only.slots) == ("letter", ("name",))


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        ("name\nAnn Lee\n", SourceError, "no column 'template' or 'text'"),
        ("text\nA nurse\n", SourceError, "none of 1 rows"),
        ('text\n"{nam}, cook"\n', DataError, "did you mean 'name'"),
    ],
)
def test_a_table_without_templates_is_refused(tmp_path, content, error, said):
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(error, match=said):
        read_templates(tmp_path / "t.csv", Ledger())


def test_a_list_without_its_columns_is_refused_with_its_path(lists):
    with pytest.raises(DataError, match=r"places\.csv.*no column 'group'"):
        people(lists["places"], None, 4, seed=0)
    with pytest.raises(DataError, match=r"names\.csv has no column 'p_female'"):
        people(None, lists["names"], 4, seed=0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"out": Path("page.pdf")}, r"let the name end in \.html or \.json"),
        ({"prompt": "{text}"}, "by --label"),
        ({}, "nothing to swap"),
    ],
)
def test_options_that_do_not_belong_together_are_refused_before_a_model_is_read(lists, options, said):
    with pytest.raises(UsageError, match=said):
        run_text_bias("no model", lists["templates"], **options)


def test_templates_with_a_slot_that_no_list_fills_are_refused_before_a_model_is_read(lists):
    with pytest.raises(DataError, match="fewer than two places"):
        run_text_bias("no model", lists["templates"], names=lists["names"])


@pytest.fixture
def bias_run(tiny_gemma_path: Path, lists: dict[str, Path], tmp_path: Path):
    """Run the command line once, and return its answer and its page."""
    page = tmp_path / "bias.html"
    files = [
        word for one in ("templates", "names", "sexes", "places") for word in (f"--{one}", str(lists[one]))
    ]
    options = ["--n-names", "8", "--n-places", "4", "--out", str(page), "--json"]
    run = CliRunner().invoke(texts, ["bias", str(tiny_gemma_path), *files, *options])
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout), page.read_text(encoding="utf-8")


def test_a_model_is_tested_end_to_end(bias_run):
    machine, page = bias_run
    assert (machine["templates"], machine["names"], machine["texts"]) == (2, 8, 2 * 8 * machine["places"])
    assert {test["attribute"] for test in machine["tests"]} == {"race", "sex", "country"}
    assert machine["set_aside"] == 3
    shares = [one["share"] for one in machine["attribution"]["shares"] if one["group"] == ""]
    assert all(0 < share < 1 for share in shares)
    assert machine["in_words"]["limits"]
    for said in machine["in_words"]["found"]:
        assert said.split("'")[0].split("<")[0] in page
    assert not re.search(r"""(src|href)=["']?https?:""", page)
    assert machine["command"].startswith("candor text bias ")


def test_the_text_for_people_says_what_cannot_be_concluded(tiny_gemma_path: Path, lists, tmp_path):
    (tmp_path / "t.txt").write_text("{name}, cook")
    result = run_text_bias(str(tiny_gemma_path), tmp_path / "t.txt", names=lists["names"], n_names=4)
    assert "What cannot be concluded:" in result.text
    assert result.text.startswith(("No difference by group", "The answers differ by race"))


def synthetic_plants():
    """Vectors in which a name of group b adds a direction, as an encoder of texts would."""
    from benchmarks.text_bias_plants import Plants
    from fairness.swaps.text_templates import Template, TextDesign, Variant

    rng = np.random.default_rng(0)
    labels, d, n_names = ("clerk", "cook", "nurse", "smith"), 24, 24
    truth = np.repeat(np.arange(4), 40)
    of_label = rng.normal(size=(4, d))
    names = [
        Variant(f"{part}{i}", {"sex": "women" if i % 2 else "men"}, f"{part}{i}")
        for part in ("train", "test")
        for i in range(n_names)
    ]
    direction = rng.normal(size=d)
    vectors = np.array(
        [0.4 * rng.normal(size=d) + 1.0 * direction * (v.groups["sex"] == "women") for v in names]
    )
    known = of_label[truth][:, None] + 0.5 * rng.normal(size=(160, 1, d)) + vectors[None, :n_names]
    tested = of_label[:, None, None] + vectors[None, n_names:, None]
    design = TextDesign(tuple(Template("{name}", label) for label in labels), tuple(names[n_names:]))
    return Plants(truth, labels, tuple(names[:n_names]), known, design, tested, design, tested, 999)


def test_heads_trained_on_names_that_go_with_labels_are_found_and_shuffled_groups_are_not():
    plants = synthetic_plants()
    heads = [plants.head(seed, "sex", 0.9) for seed in range(5)]
    assert all(plants.tested_by(head, seed).found for seed, head in enumerate(heads))
    assert (
        sum(bool(plants.tested_by(head, seed, shuffled=True).found) for seed, head in enumerate(heads)) <= 1
    )


def test_the_study_draws_forty_names_of_four_races_and_both_sexes():
    data = Path(os.environ.get("CANDOR_DATA") or Path(__file__).parents[3] / "shared" / "data")
    if not (data / "names_validated").is_dir() or not (data / "names_ssa").is_dir():
        pytest.skip(f"names_validated or names_ssa not in {data}; set CANDOR_DATA")
    assert find_spec("benchmarks.text_bias")
    from benchmarks.text_bias import names

    races = [one.groups["race"] for one in names(40, seed=0)]
    assert {race: races.count(race) for race in set(races)} == dict.fromkeys(
        ("white", "black", "asian", "latino"), 10
    )
    assert {one.groups.get("sex") for one in names(40, seed=0)} >= {"women", "men"}


@pytest.mark.parametrize(
    ("n_names", "said"),
    [(2, "No difference by group could have been found"), (40, "No difference by group was shown")],
)
def test_a_verdict_tells_what_was_not_there_from_what_could_not_be_seen(n_names, said):
    # Of one name a group every exchange is as likely as the other: p is .5 at least.
    rng = np.random.default_rng(0)
    names = [Variant(f"Name{i} Last", {"race": ("a", "b")[i % 2]}, f"name{i}") for i in range(n_names)]
    design = TextDesign((Template("{name} writes code."),), tuple(names))
    probabilities = rng.dirichlet([5, 5], size=(1, n_names, 1))
    found = bias_of_answers(design, probabilities, model="m", labels=("x", "y"), n_permutations=199)
    assert _verdict(found).startswith(said)
