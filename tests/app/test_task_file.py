from pathlib import Path

import pandas as pd
import pytest

from ranker.app.commands import run_audit, run_explain, run_rank, run_train
from ranker.app.data import load_records
from ranker.app.task import parse_task, read_task
from ranker.errors import (
    CandorError,
    ConstraintError,
    DataError,
    ProtectedFieldError,
    SourceError,
    TaskError,
)
from ranker.records import Usage
from ranker.scoring import EBMRanker
from ranker.scoring.objectives import OBJECTIVES

TASKS = sorted((Path(__file__).parents[2] / "benchmarks" / "tasks").glob("*.toml"))

GOOD = """
name = "cooks"
title = "Who is asked to cook"

[candidates]
path = "people.csv"
id = "id"

[jobs]
path = "/data/jobs.jsonl"
id = "key"

[applications]
path = "applications.csv"
candidate = "person"
job = "kitchen"
relevance = "grade"

[fields."candidate.skills"]
label = "abilities"
separator = ";"
[fields."candidate.years"]
unit = "years"
missing = ["?"]
[fields."candidate.gender"]
usage = "protected"
[fields."candidate.salary"]
usage = "sensitive"

[[features]]
name = "skills"
kind = "coverage"
has = "candidate.skills"
wants = "job.skills"
[[features]]
name = "years"
kind = "number"
field = "candidate.years"
minimum = 0
[[features]]
name = "school"
kind = "ordinal"
field = "candidate.school"
order = ["none", "some"]

[[requirements]]
name = "permit"
kind = "equals"
field = "candidate.permit"
value = "yes"
reason = "the law asks for it"
[[requirements]]
name = "licences"
kind = "covers"
field = "candidate.licences"
required = "job.licences"

[split]
by = "job"
tune = 0.1
seed = 3

[fairness]
measure = "exposure"
attribute = "candidate.gender"
bound = 0.05

[training]
outer_bags = 4
interactions = 0
"""
YEARS = 'kind = "number"\nfield = "candidate.years"\nminimum = 0'  # how the good task writes that feature
FLAT = """
name = "flat"
[applications]
path = "x.csv"
job = "job"
relevance = "grade"
[fields."candidate.gender"]
usage = "protected"
[[features]]
name = "years"
kind = "number"
field = "candidate.years"
"""


NUMBERED = 'kind = "number"\nfield = "candidate.test{}"\nrange = [1, 3]'


def parse(text):
    return parse_task(text, Path("/tasks"), name="cooks.toml")


def changed(old, new, text=GOOD):
    assert text.count(old) >= 1
    return text.replace(old, new, 1)


def refused(text, error=TaskError) -> str:
    with pytest.raises(CandorError) as caught:
        parse(text)
    assert type(caught.value) is error
    assert str(caught.value).startswith("cooks.toml: ")
    return str(caught.value).removeprefix("cooks.toml: ")


def test_a_good_task_is_read_as_it_was_meant():
    task = parse(GOOD)
    assert (task.name, task.title, task.text, task.directory) == (
        "cooks",
        "Who is asked to cook",
        GOOD,
        Path("/tasks"),
    )
    assert task.sources == {
        "candidate": (Path("/tasks/people.csv"), "id"),
        "job": (Path("/data/jobs.jsonl"), "key"),
        "application": (Path("/tasks/applications.csv"), None),
    }
    keys = task.keys
    assert (keys.job, keys.candidate, keys.relevance, keys.relevance_kind) == (
        "kitchen",
        "person",
        "grade",
        "graded",
    )
    assert task.features.names == ["skills", "years", "school"]
    fields = task.features.fields
    assert (fields["candidate.skills"].label, fields["candidate.skills"].separator) == ("abilities", ";")
    years = fields["candidate.years"]
    assert (years.label, years.unit, years.usage, years.missing) == ("years", "years", Usage.DEFAULT, ("?",))
    assert task.protected == ("candidate.gender",)
    first, second = task.requirements
    assert (first.kind, first.values, first.reason) == ("equals", ("yes",), "the law asks for it")
    assert second.sources == ("candidate.licences", "job.licences")
    assert (task.split.by, task.split.tune, task.split.test, task.split.seed) == ("job", 0.1, 0.2, 3)
    assert task.constraint.attributes == ("candidate.gender",)
    assert task.constraint.bound == 0.05
    assert (task.training.outer_bags, task.training.interactions) == (4, 0)


def test_what_a_task_leaves_out_has_a_default():
    task = parse(FLAT)
    assert task.title == "flat"
    assert task.constraint is None
    assert task.requirements == ()
    assert (task.split.by, task.split.tune, task.split.test, task.split.seed) == ("auto", 0.2, 0.2, 0)
    assert list(task.sources) == ["application"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "[applications]",
            "[application]",
            "top level: 'application' is not a key here; did you mean 'applications'?",
        ),
        ("[applications]", "[application]", "top level: 'applications' is missing"),
        ("[fairness]", "[fairnes]", "top level: 'fairnes' is not a key here; did you mean 'fairness'?"),
        ("[[requirements]]", "[[requirement]]", "did you mean 'requirements'?"),
        (
            'label = "abilities"',
            'labl = "x"',
            "[fields.\"candidate.skills\"]: 'labl' is not a key here; did you mean 'label'?",
        ),
        ('id = "id"', 'key = "id"', "[candidates]: 'id' is missing"),
        ('id = "id"', 'key = "id"', "[candidates]: 'key' is not a key here"),
        ("tune = 0.1", "tunes = 0.1", "[split]: 'tunes' is not a key here; did you mean 'tune'?"),
        ("outer_bags", "outer_bag", "[training]: 'outer_bag' is not a key here; did you mean 'outer_bags'?"),
        (
            "minimum = 0",
            "minimun = 0",
            "[[features]] 2 ('years'): 'minimun' is not a key here; did you mean 'minimum'?",
        ),
        (
            'value = "yes"',
            'valeu = "yes"',
            "[[requirements]] 1: 'valeu' is not a key here; did you mean 'value'?",
        ),
    ],
)
def test_a_misspelt_section_or_key_is_met_with_the_one_that_was_meant(old, new, said):
    assert said in refused(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'kind = "coverage"',
            'kind = "covrage"',
            "[[features]] 1 ('skills'): kind 'covrage' is not known; did you mean 'coverage'?",
        ),
        ('kind = "number"', "kind = 3", "[[features]] 2 ('years'): kind 3 is not known"),
        (
            'kind = "equals"',
            'kind = "equal"',
            "[[requirements]] 1: kind = 'equal' is not known; did you mean 'equals'?",
        ),
        (
            'usage = "protected"',
            'usage = "protectd"',
            "[fields.\"candidate.gender\"]: usage = 'protectd' is not known; did you mean 'protected'?",
        ),
        ('by = "job"', 'by = "jobs"', "[split]: by = 'jobs' is not known; did you mean 'job'?"),
        (
            'relevance = "grade"',
            'relevance = "grade"\nrelevance_kind = "grade"',
            "[applications]: relevance_kind = 'grade' is not known; did you mean 'graded'?",
        ),
        (
            YEARS,
            'kind = "at_least"\nfield = "candidate.years"\nrequired = "job.years"\nmeasure = "shares"',
            "[[features]] 2 ('years'): measure = 'shares' is not known; did you mean 'share'?",
        ),
    ],
)
def test_a_misspelt_word_is_met_with_the_one_that_was_meant(old, new, said):
    assert said in refused(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "cooks"', "", "top level: 'name' is missing"),
        ('name = "cooks"', 'name = ""', "top level: name = ''"),
        ('job = "kitchen"', "", "[applications]: 'job' is missing"),
        ('candidate = "person"', "", "[applications]: 'candidate' is missing"),
        ('wants = "job.skills"', "", "[[features]] 1 ('skills'): 'wants' is missing"),
        (
            'kind = "coverage"',
            "",
            "[[features]] 1 ('skills'): 'kind' is missing; known are 'any_of', 'at_least'",
        ),
        ('name = "skills"', "", "[[features]] 1 (without a name): 'name' is missing"),
        ('order = ["none", "some"]', "", "[[features]] 3 ('school'): 'order' is missing"),
        ("bound = 0.05", "", "[fairness]: 'bound' is missing"),
        ('value = "yes"', "", "[[requirements]] 1 ('permit'): kind 'equals' needs value or values"),
        ('required = "job.licences"', "", "[[requirements]] 2 ('licences'): kind 'covers' needs required"),
        (
            'kind = "covers"\nfield = "candidate.licences"\nrequired = "job.licences"',
            'kind = "at_least"\nfield = "candidate.years"',
            "[[requirements]] 2 ('licences'): kind 'at_least' needs minimum, or required",
        ),
    ],
)
def test_what_is_missing_is_named_with_its_place(old, new, said):
    assert said in refused(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "cooks"', "name = 3", "top level: name = 3: input should be a valid string"),
        ("tune = 0.1", 'tune = "0.1"', "[split]: tune = '0.1': input should be a valid number"),
        ("tune = 0.1", "tune = 0", "[split]: tune = 0: input should be greater than 0"),
        ("tune = 0.1", "test = 1.5", "[split]: test = 1.5: input should be less than 1"),
        ("tune = 0.1", "tune = nan", "[split]: tune = nan"),
        ("seed = 3", "seed = -3", "[split]: seed = -3"),
        ("seed = 3", "seed = 3.5", "[split]: seed = 3.5"),
        (
            "outer_bags = 4",
            "outer_bags = 0",
            "[training]: outer_bags = 0: input should be greater than or equal to 1",
        ),
        ("outer_bags = 4", "random_state = -1", "[training]: random_state = -1"),
        ("interactions = 0", "interactions = [1]", "[training]: interactions = [1]"),
        ("interactions = 0", "interactions = -1", "[training]: interactions = -1: input should be greater"),
        ("interactions = 0", 'interactions = "many"', "[training]: interactions = 'many'"),
        ("interactions = 0", "interactions = 1.5", "[training]: interactions = 1.5"),
        ("bound = 0.05", "bound = true", "[fairness]: bound = True"),
        ("bound = 0.05", "bound = nan", "[fairness]: bound = nan: input should be a finite number"),
        ("bound = 0.05", "bound = inf", "[fairness]: bound = inf: input should be a finite number"),
        ("minimum = 0", "minimum = -inf", "[[features]] 2 ('years'): minimum = -inf"),
        ('name = "years"', 'name = " "', "a feature has an empty name"),
        ("bound = 0.05", 'bound = 0.05\ntop_k = "10"', "[fairness]: top_k = '10'"),
        ("bound = 0.05", "bound = 0.05\ntop_k = 2.5", "[fairness]: top_k = 2.5"),
        (
            'missing = ["?"]',
            'missing = "?"',
            "[fields.\"candidate.years\"]: missing = '?': input should be a valid list",
        ),
        ('missing = ["?"]', "missing = [1]", '[fields."candidate.years"]: missing = 1'),
        (
            "minimum = 0",
            'minimum = "0"',
            "[[features]] 2 ('years'): minimum = '0': input should be a valid number",
        ),
        ("minimum = 0", "minimum = true", "[[features]] 2 ('years'): minimum = True"),
        (
            "minimum = 0",
            "minimum = 2\nmaximum = 1",
            "[[features]] 2 ('years'): minimum 2.0 is above maximum 1.0",
        ),
        (
            'field = "candidate.years"',
            "field = 3",
            "[[features]] 2 ('years'): field = 3: input should be a valid string",
        ),
        ('order = ["none", "some"]', 'order = "none"', "[[features]] 3 ('school'): order = 'none'"),
        ('order = ["none", "some"]', "order = [1, 2]", "[[features]] 3 ('school'): order = 1"),
        ('order = ["none", "some"]', "order = []", "[[features]] 3 ('school'): order is empty"),
        ('value = "yes"', "value = true", "[[requirements]] 1: value = True"),
        ('[split]\nby = "job"\ntune = 0.1\nseed = 3', "[[split]]", "split = "),
        ('name = "years"', 'name = "skills"', "two features are named 'skills': rename one"),
        (
            YEARS,
            'kind = "duration"\nitems = "candidate.work"',
            "[[features]] 2 ('years'): state either months, or both start and end",
        ),
        (
            YEARS,
            'kind = "duration"\nitems = "candidate.work"\nstart = "s"\nend = "e"\nas_of = "soon"',
            "[[features]] 2 ('years'): as_of = 'soon'",
        ),
    ],
)
def test_a_value_of_the_wrong_type_or_size_is_named_with_its_place(old, new, said):
    assert said in refused(changed(old, new))


@pytest.mark.parametrize("interactions", ["0", "3", "0.5", '"3x"', '"0.5x"'])
def test_interactions_are_a_number_a_share_or_a_multiple(interactions):
    task = parse(changed("interactions = 0", f"interactions = {interactions}"))
    assert repr(task.training.interactions).replace("'", '"') == interactions


def test_a_task_without_features_is_refused():
    text = FLAT[: FLAT.index("[[features]]")]
    assert "top level: 'features' is missing" in refused(text)
    assert "at least one feature" in refused("features = []\n" + text)


def test_all_mistakes_of_one_section_are_told_at_once():
    said = refused(changed('id = "id"', "idd = 3", changed("tune = 0.1", "tune = 2")))
    assert "'idd' is not a key here" in said
    assert "[candidates]: 'id' is missing" in said
    assert "tune = 2" in said


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('[fields."candidate.salary"]', '[fields."candidat.salary"]', '[fields."candidat.salary"]'),
        ('field = "candidate.years"', 'field = "candidat.years"', "[[features]] 2 ('years')"),
        ('field = "candidate.permit"', 'field = "candidat.permit"', "[[requirements]] 1 ('permit')"),
    ],
)
def test_a_path_that_names_no_entity_is_named_with_its_place(old, new, place):
    said = refused(changed(old, new))
    assert said.startswith(f"{place}: field path 'candidat.")
    assert "did you mean 'candidate'?" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'measure = "exposure"',
            'measure = "exposur"',
            "[fairness]: measure 'exposur' is not known; did you mean 'exposure'?",
        ),
        (
            'measure = "exposure"',
            'measure = "selection_rate"',
            "[fairness]: selection_rate counts the first top_k",
        ),
        ("bound = 0.05", "bound = -1", "[fairness]: bound -1.0: a difference is a share, at least 0"),
        ("bound = 0.05", 'bound = 1.5\nkind = "ratio"', "[fairness]: bound 1.5: a ratio lies in (0, 1]"),
        ("bound = 0.05", 'bound = 0.05\nkind = "quotient"', "[fairness]: kind 'quotient' is not known"),
        ("bound = 0.05", "bound = 0.05\ntop_k = 0", "[fairness]: top_k 0"),
        ('attribute = "candidate.gender"', "attribute = []", "[fairness]: a constraint needs an attribute"),
    ],
)
def test_a_constraint_that_means_nothing_is_named_with_its_place(old, new, said):
    assert said in refused(changed(old, new), ConstraintError)


@pytest.mark.parametrize(
    ("attribute", "hint"),
    [
        ("candidate.gendr", "did you mean 'candidate.gender'?"),
        ("candidate.years", 'with usage = "protected"'),
    ],
)
def test_the_attribute_of_a_constraint_must_be_declared_protected(attribute, hint):
    said = refused(changed('attribute = "candidate.gender"', f'attribute = "{attribute}"'))
    assert f"[fairness] attribute '{attribute}' is not declared protected" in said
    assert hint in said


TWO = """[[fairness]]
measure = "mean_rank"
attribute = "candidate.origin"
bound = 0.1
[[fairness]]"""


def with_two_constraints(old="", new=""):
    """Change the text of the first of two constraints."""
    assert old in TWO
    text = changed("[fairness]", TWO.replace(old, new, 1) if old else TWO)
    return changed('[fields."candidate.salary"]', PROTECTED_ORIGIN, text)


PROTECTED_ORIGIN = '[fields."candidate.origin"]\nusage = "protected"\n[fields."candidate.salary"]'


def test_several_constraints_are_read_in_their_order():
    task = parse(with_two_constraints())
    assert [c.attributes for c in task.constraints] == [("candidate.origin",), ("candidate.gender",)]
    assert [c.measure for c in task.constraints] == ["mean_rank", "exposure"]
    assert task.constraint == task.constraints[0]
    assert task.strategy == "auto"
    assert parse(changed("[fairness]", "[[fairness]]")).constraints == parse(GOOD).constraints


def test_the_strategy_is_stated_once_for_all_constraints():
    assert parse(changed("bound = 0.05", 'bound = 0.05\nstrategy = "refit"')).strategy == "refit"
    stated = with_two_constraints("bound = 0.1", 'bound = 0.1\nstrategy = "response"')
    assert parse(stated).strategy == "response"
    said = refused(changed("bound = 0.05", 'bound = 0.05\nstrategy = "refit"', stated))
    assert "[[fairness]] 2: strategy = 'refit', and [[fairness]] 1 says 'response'" in said
    assert "state one strategy" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("bound = 0.1", "", "[[fairness]] 1: 'bound' is missing"),
        ("bound = 0.1", "bounds = 0.1", "[[fairness]] 1: 'bounds' is not a key here; did you mean 'bound'?"),
        ("bound = 0.1", 'bound = "x"', "[[fairness]] 1: bound = 'x'"),
        (
            "bound = 0.1",
            'bound = 0.1\nstrategy = "refitt"',
            "[[fairness]] 1: strategy = 'refitt' is not known; did you mean 'refit'?",
        ),
        (
            "candidate.origin",
            "candidate.orign",
            "[[fairness]] 1 attribute 'candidate.orign' is not declared protected",
        ),
        (
            '"candidate.origin"',
            '["candidate.origin", "candidate.origin"]',
            "[[fairness]] 1: attribute names 'candidate.origin' twice",
        ),
    ],
)
def test_a_mistake_in_one_of_several_constraints_is_named_with_its_number(old, new, said):
    assert said in refused(with_two_constraints(old, new))


def test_two_constraints_that_bound_the_same_are_refused():
    same = TWO.replace("mean_rank", "exposure").replace("candidate.origin", "candidate.gender")
    said = refused(changed("[fairness]", same))
    assert "[[fairness]] 2: [[fairness]] 1 bounds the exposure of candidate.gender too" in said
    assert "keep the tighter of the two" in said
    other = same.replace("bound = 0.1", "bound = 0.1\ntop_k = 5")
    assert [c.top_k for c in parse(changed("[fairness]", other)).constraints] == [5, None]


def test_constraints_that_cross_the_same_attributes_are_the_same_in_any_order():
    text = with_two_constraints('"candidate.origin"', '["candidate.gender", "candidate.origin"]')
    text = changed("mean_rank", "exposure", text)
    swapped = 'attribute = ["candidate.origin", "candidate.gender"]'
    said = refused(changed('attribute = "candidate.gender"', swapped, text))
    assert "[[fairness]] 1 bounds the exposure of candidate.origin × candidate.gender too" in said


def test_a_constraint_with_a_meaningless_word_in_a_list_is_named_with_its_number():
    said = refused(with_two_constraints("mean_rank", "mean_rang"), ConstraintError)
    assert "[[fairness]] 1: measure 'mean_rang' is not known; did you mean 'mean_rank'?" in said


def trained_by(text):
    """Add a line to [training]."""
    return changed("outer_bags = 4", f"outer_bags = 4\n{text}")


def test_training_may_be_told_what_to_learn_and_how():
    training = parse(
        trained_by(
            'objective = "pairwise"\nlearning_rate = 0.1\nmax_bins = 64\n'
            'monotone = {years = "increasing", school = "decreasing"}'
        )
    ).training
    assert (training.objective, training.learning_rate, training.max_bins) == ("pairwise", 0.1, 64)
    assert training.monotone == {"years": "increasing", "school": "decreasing"}


def test_what_training_is_not_told_is_as_in_python():
    training, ranker = parse(GOOD).training, EBMRanker()
    assert (training.objective, training.learning_rate, training.max_bins, training.monotone) == (
        ranker.objective,
        ranker.learning_rate,
        ranker.max_bins,
        {},
    )


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_every_objective_may_be_asked_for(objective):
    assert parse(trained_by(f'objective = "{objective}"')).training.objective == objective


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'objective = "pairwse"',
            "[training]: objective = 'pairwse' is not known; did you mean 'pairwise'?",
        ),
        ("objective = 1", "[training]: objective = 1: input should be a valid string"),
        ("learning_rate = 0", "[training]: learning_rate = 0: input should be greater than 0"),
        ("learning_rate = 2.0", "[training]: learning_rate = 2.0: input should be less than or equal to 1"),
        ("max_bins = 2", "[training]: max_bins = 2: input should be greater than or equal to 3"),
        ("max_bins = 8.5", "[training]: max_bins = 8.5"),
        ('monotone = "years"', "[training]: monotone = 'years': input should be a valid dictionary"),
        (
            'monotone = {yeras = "increasing"}',
            "[training.monotone]: 'yeras' is no feature; did you mean 'years'?",
        ),
        (
            'monotone = {years = "increase"}',
            "[training.monotone]: years = 'increase' is not known; did you mean 'increasing'?",
        ),
        ("monotone = {years = 1}", "[training.monotone]: years = 1 is not known; known are 'decreasing'"),
    ],
)
def test_a_mistake_in_training_is_named_with_its_place(line, said):
    assert said in refused(trained_by(line))


def test_a_category_has_no_order_that_its_shape_could_keep():
    text = changed(
        YEARS, 'kind = "category"\nfield = "candidate.years"', trained_by('monotone = {years = "increasing"}')
    )
    said = refused(text)
    assert "[training.monotone]: feature 'years' has categories without an order" in said
    assert 'make the feature of kind "ordinal"' in said


def test_a_constraint_may_cross_several_attributes():
    text = changed(
        '[fields."candidate.salary"]\nusage = "sensitive"', '[fields."candidate.age"]\nusage = "protected"'
    )
    task = parse(
        changed('attribute = "candidate.gender"', 'attribute = ["candidate.gender", "candidate.age"]', text)
    )
    assert task.constraint.attributes == ("candidate.gender", "candidate.age")


@pytest.mark.parametrize(
    ("text", "read", "path", "usage"),
    [
        (GOOD, "candidate.gender", "candidate.gender", "protected"),
        (GOOD, "candidate.salary", "candidate.salary", "sensitive"),
        (GOOD, "application.grade", "application.grade", "target"),
        (FLAT, "job.gender", "candidate.gender", "protected"),
        (FLAT, "application.gender", "candidate.gender", "protected"),
        (FLAT, "candidate.grade", "application.grade", "target"),
        (
            changed("candidate.gender", "application.years", FLAT),
            "job.years",
            "application.years",
            "protected",
        ),
        (changed("candidate.gender", "job.a.b", FLAT), "candidate.a", "job.a.b", "protected"),
    ],
)
def test_a_field_that_must_not_reach_a_score_is_refused_by_any_of_its_names(text, read, path, usage):
    text = changed('field = "candidate.years"', f'field = "{read}"', text)
    said = refused(text, ProtectedFieldError)
    assert "feature 'years' reads" in said
    assert repr(path) in said
    assert f"which the task marks {usage}" in said


@pytest.mark.parametrize(
    ("old", "reader"),
    [
        ('field = "candidate.permit"', "requirement 'permit'"),
        ('required = "job.licences"', "requirement 'licences'"),
    ],
)
def test_a_requirement_that_shuts_people_out_for_who_they_are_is_refused(old, reader):
    new = old.partition(" = ")[0] + ' = "candidate.gender"'
    assert f"{reader} reads 'candidate.gender'" in refused(changed(old, new), ProtectedFieldError)


def test_the_relevance_column_is_a_target_even_where_the_task_says_otherwise():
    text = changed("[split]", '[fields."application.grade"]\nlabel = "stars"\nusage = "default"\n[split]')
    grade = parse(text).features.fields["application.grade"]
    assert (grade.label, grade.usage) == ("stars", Usage.TARGET)


def test_the_same_name_in_another_table_is_another_field():
    assert "years" in parse(changed('field = "candidate.years"', 'field = "job.gender"')).features.names


def test_a_path_starts_at_the_task_file_or_at_a_variable_of_the_environment(monkeypatch):
    def place(path):
        return parse(changed("people.csv", path)).sources["candidate"][0]

    monkeypatch.setenv("CANDOR_DATA", "/elsewhere")
    monkeypatch.setenv("ONE", "one")
    monkeypatch.setenv("TWO", "two")
    monkeypatch.setenv("HOME", "/home/ana")
    monkeypatch.delenv("UNSET", raising=False)
    assert place("${CANDOR_DATA}/p.csv") == Path("/elsewhere/p.csv")
    assert place("${ONE}/${TWO}.csv") == Path("/tasks/one/two.csv")
    assert place("../p.csv") == Path("/tasks/../p.csv")
    assert place("~/p.csv") == Path("/home/ana/p.csv")
    with pytest.raises(TaskError, match="the environment has no variable 'UNSET'"):
        place("${UNSET}/p.csv")
    with pytest.raises(TaskError, match="no such home directory"):
        place("~nobody-of-this-name/p.csv")
    monkeypatch.delenv("CANDOR_DATA")
    assert place("${CANDOR_DATA}/p.csv").is_absolute()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name = cooks", "not TOML: Invalid value (at line 1, column 8)"),
        (b'name = "a"\nname = "b"', "not TOML: Cannot overwrite a value"),
        ('name = "Köche"'.encode("latin-1"), "is not UTF-8 (byte 9): save it as UTF-8"),
        (b"", "'name' is missing"),
        (b"name = " + b"[" * 5000, "nested too deeply"),
    ],
)
def test_a_file_that_is_no_task_is_refused(tmp_path, content, said):
    path = tmp_path / "task.toml"
    path.write_bytes(content)
    with pytest.raises(TaskError) as caught:
        read_task(path)
    assert str(path) in str(caught.value)
    assert said in str(caught.value)


def test_a_missing_task_file_is_named_with_the_one_that_was_meant(tmp_path):
    (tmp_path / "cooks.toml").write_text(GOOD)
    with pytest.raises(TaskError, match=r"there is no task file .*cook\.toml; did you mean 'cooks\.toml'\?"):
        read_task(tmp_path / "cook.toml")
    with pytest.raises(TaskError, match="there is no task file"):
        read_task(tmp_path / "nowhere" / "cook.toml")
    with pytest.raises(TaskError, match="there is no task file"):
        read_task(tmp_path)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    (tmp_path / "task.toml").write_text(GOOD, encoding="utf-8-sig")
    task = read_task(tmp_path / "task.toml")
    assert (task.name, task.text, task.directory) == ("cooks", GOOD, tmp_path)


@pytest.mark.parametrize("path", TASKS, ids=lambda path: path.stem)
def test_the_tasks_of_the_benchmarks_are_good(path):
    task = read_task(path)
    assert task.name == path.stem
    # A constraint is missing only where no field tells one group of people from another.
    assert (task.constraint is None) == (not task.protected)
    if task.constraint is not None:
        assert set(task.constraint.attributes) <= set(task.protected)
    target = f"application.{task.keys.relevance}"
    assert task.features.fields[target].usage is Usage.TARGET


def test_there_are_tasks_of_the_benchmarks():
    assert len(TASKS) >= 8


@pytest.fixture
def kitchen(tmp_path):
    """Write the data that the good task describes."""
    (tmp_path / "people.csv").write_text(
        "id,skills,years,gender,salary,school,permit,licences\na,cut;fry,3,f,10,some,yes,[]\nb,cut,?,m,9,none,Yes,[]\n"
    )
    (tmp_path / "jobs.jsonl").write_text('{"key": "k", "skills": ["Cut", "bake"], "licences": []}\n')
    (tmp_path / "applications.csv").write_text("person,kitchen,grade\na,k,2\nb,k,1\n")
    return changed("/data/jobs.jsonl", "jobs.jsonl")


def test_the_files_of_a_task_are_read_into_its_records(kitchen, tmp_path):
    task = parse_task(kitchen, tmp_path)
    records = load_records(task, labelled=True)
    table = task.features.compute(records)
    assert records.relevance.tolist() == [2.0, 1.0]
    assert table["skills"].tolist() == [0.5, 0.5]
    assert table["years"].fillna(-1).tolist() == [3.0, -1.0]
    assert table["school"].tolist() == [1.0, 0.0]
    assert load_records(task, labelled=False).relevance is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"candidate.years"\nminimum',
            '"candidate.yeers"\nminimum',
            "feature 'years': the candidate table has no column 'yeers'; did you mean 'years'?",
        ),
        (
            'wants = "job.skills"',
            'wants = "job.skils"',
            "feature 'skills': the job table has no column 'skils'; did you mean 'skills'?",
        ),
        (
            '[fields."candidate.salary"]',
            '[fields."candidate.celery"]',
            "[fields.\"candidate.celery\"]: the candidate table has no column 'celery'",
        ),
        (
            'field = "candidate.permit"',
            'field = "candidate.permits"',
            "requirement 'permit': the candidate table has no column 'permits'; did you mean 'permit'?",
        ),
    ],
)
def test_a_column_that_the_file_does_not_have_is_named_with_who_reads_it(kitchen, tmp_path, old, new, said):
    with pytest.raises(TaskError) as caught:
        load_records(parse_task(changed(old, new, kitchen), tmp_path), labelled=True)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "id"', 'id = "idd"', "the candidate table has no column 'idd'; did you mean 'id'?"),
        (
            'job = "kitchen"',
            'job = "kitschen"',
            "the application table has no column 'kitschen'; did you mean 'kitchen'?",
        ),
        (
            'relevance = "grade"',
            'relevance = "grades"',
            "the application table has no column 'grades'; did you mean 'grade'?",
        ),
        ("people.csv", "peopel.csv", "did you mean 'people.csv'?"),
    ],
)
def test_a_key_column_or_file_that_is_not_there_is_named_with_the_one_that_was_meant(
    kitchen, tmp_path, old, new, said
):
    with pytest.raises(SourceError) as caught:
        load_records(parse_task(changed(old, new, kitchen), tmp_path), labelled=True)
    assert said in str(caught.value)


def test_an_optional_column_may_be_absent(kitchen, tmp_path):
    text = changed(
        '[fields."candidate.salary"]\nusage = "sensitive"',
        '[fields."candidate.test"]\nusage = "optional"',
        kitchen,
    )
    task = parse_task(changed('"candidate.years"\nminimum', '"candidate.test"\nminimum', text), tmp_path)
    assert task.features.compute(load_records(task, labelled=True))["years"].isna().all()


def test_ranking_needs_neither_protected_columns_nor_the_target(kitchen, tmp_path):
    task = parse_task(kitchen, tmp_path)
    new = tmp_path / "new.csv"
    new.write_text("id,skills,years,school,permit,licences\nc,bake,1,none,yes,[]\nd,fry,1,none,no,[]\n")
    (tmp_path / "applications.csv").unlink()
    records = load_records(task, labelled=False, sources={"candidate": new})
    assert (records.candidate.tolist(), records.job.tolist()) == (["c"], ["k"])
    assert [f.row for f in records.report().set_aside()] == ["candidate d for job k"]


@pytest.mark.parametrize(
    ("old", "new", "reader"),
    [
        (YEARS, 'kind = "number"\nfield = "application.test"', "feature 'years' reads 'application.test'"),
        ('"candidate.permit"', '"application.permit"', "requirement 'permit' reads 'application.permit'"),
    ],
)
def test_where_nobody_applied_what_reads_applications_is_refused(kitchen, tmp_path, old, new, reader):
    task = parse_task(changed(old, new, kitchen), tmp_path)
    with pytest.raises(DataError, match=f"{reader}, .*--applications"):
        load_records(task, labelled=False, sources={"candidate": tmp_path / "people.csv"})


def without_jobs(text):
    start, end = text.index("[jobs]"), text.index("[applications]")
    text = changed('job = "kitchen"\n', "", text[:start] + text[end:])
    text = changed('kind = "coverage"\nhas = "candidate.skills"\nwants = "job.skills"', YEARS, text)
    licences = 'kind = "covers"\nfield = "candidate.licences"\nrequired = "job.licences"'
    return changed(licences, 'kind = "present"\nfield = "candidate.id"', text)


def test_without_a_job_column_all_rows_are_one_list(kitchen, tmp_path):
    task = parse_task(without_jobs(kitchen), tmp_path)
    assert task.keys.job is None
    records = load_records(task, labelled=True)
    assert (records.candidate.tolist(), records.job.tolist()) == (["a", "b"], ["all", "all"])
    assert records.keys == ("person", "grade")


def test_where_there_are_no_jobs_new_candidates_are_one_list_without_applications(kitchen, tmp_path):
    task = parse_task(without_jobs(kitchen), tmp_path)
    (tmp_path / "applications.csv").unlink()
    (tmp_path / "new.csv").write_text("id,years,school,permit\nc,1,none,yes\nd,2,some,yes\n")
    records = load_records(task, labelled=False, sources={"candidate": tmp_path / "new.csv"})
    assert (records.candidate.tolist(), records.job.tolist()) == (["c", "d"], ["all", "all"])


def test_jobs_of_their_own_need_the_column_that_names_them():
    said = refused(changed('job = "kitchen"', ""))
    assert "[applications]: 'job' is missing: the column that names each row's job in [jobs]" in said


def positive(value, kind="binary", text=FLAT):
    return changed(
        'relevance = "grade"', f'relevance = "grade"\nrelevance_kind = "{kind}"\npositive = {value}', text
    )


def test_the_texts_that_count_as_relevance_one_may_be_named(tmp_path):
    task = parse(positive('[" hired ", "offer"]'))
    assert task.keys.positive == ("hired", "offer")
    assert parse(FLAT).keys.positive == ()
    (tmp_path / "x.csv").write_text(
        "job,years,gender,grade\nx,1,f, hired\nx,2,m,rejected\nx,3,f,\nx,4,f,Offer\n"
    )
    records = load_records(parse_task(positive('["hired", "offer"]'), tmp_path), labelled=True)
    assert records.relevance.tolist() == [1.0, 0.0, 1.0]
    assert [fate.reason for fate in records.report().set_aside()] == ["relevance 'grade': not given"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (positive('["2"]', kind="graded"), "needs relevance_kind = \"binary\", and it is 'graded'"),
        (positive("[]"), "list the texts that count as 1"),
        (positive('["hired", " "]'), "none of them empty"),
        (positive("[1]"), "[applications]: positive = 1: input should be a valid string"),
        (positive('"hired"'), "[applications]: positive = 'hired': input should be a valid list"),
        (changed('relevance = "grade"', 'positive = ["hired"]', FLAT), "none is named: add relevance"),
    ],
)
def test_positive_texts_that_mean_nothing_are_refused_with_what_to_do(text, said):
    assert said in refused(text)


def test_a_section_with_a_range_stands_for_one_feature_a_number():
    task = parse(changed(YEARS, NUMBERED, changed('name = "years"', 'name = "test {}"\nlabel = "round {}"')))
    assert task.features.names == ["skills", "test 1", "test 2", "test 3", "school"]
    first, last = (task.features.features[i] for i in (1, 3))
    assert (first.label, first.sources) == ("round 1", ("candidate.test1",))
    assert (last.label, last.sources) == ("round 3", ("candidate.test3",))


def test_a_feature_that_a_range_makes_may_read_no_protected_field():
    text = changed(YEARS, NUMBERED, changed('name = "years"', 'name = "t{}"'))
    said = refused(changed("candidate.gender", "candidate.test2", changed(
        'attribute = "candidate.gender"', 'attribute = "candidate.test2"', text)), ProtectedFieldError)  # fmt: skip
    assert "feature 't2' reads 'candidate.test2', which the task marks protected" in said


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("t{}", "range = [1, 3]", "", "'{}' in a name stands for a number: state which, range = [0, 9]"),
        ("t", "range", "range", "with a range, name holds '{}' where the number goes"),
        ("t{}", "test{}", "test", "with a range, a path holds '{}' where the number goes"),
        ("t{}", "[1, 3]", "[3, 1]", "range = [3, 1]: write the first and the last number"),
        ("t{}", "[1, 3]", "[-1, 3]", "range = [-1, 3]: write the first and the last number"),
        ("t{}", "[1, 3]", "[1]", "range = [1]: write the first and the last number"),
        ("t{}", "[1, 3]", "3", "range = 3: write the first and the last number"),
        ("t{}", "[1, 3]", "[1, 3.0]", "range = [1, 3.0]: write the first and the last number"),
        ("t{}", "[1, 3]", "[false, true]", "range = [False, True]: write the first and the last number"),
        ("t{}", "[1, 3]", "[1, 1000000000]", "makes 1,000,000,000 features; 10,000 are the most"),
        ("t{}", '"number"', '"numbr"', "kind 'numbr' is not known; did you mean 'number'?"),
    ],
)
def test_a_range_that_cannot_be_written_out_is_named_with_its_place(name, old, new, said):
    text = changed(YEARS, changed(old, new, NUMBERED), changed('name = "years"', f'name = "{name}"'))
    found = refused(text)
    assert found.startswith("[[features]] 2 (")
    assert said in found


def test_one_list_with_named_texts_and_numbered_features_goes_the_whole_way(tmp_path):
    rows = [
        f"p{i},{i % 7},{(i * 3) % 5},{'f' if i % 2 else 'm'},{'hired' if i % 7 > 3 else 'no'}"
        for i in range(90)
    ]
    (tmp_path / "x.csv").write_text("\n".join(["who,t1,t2,gender,outcome", *rows]) + "\n")
    task = tmp_path / "task.toml"
    task.write_text(
        """
name = "one list"
[applications]
path = "x.csv"
candidate = "who"
relevance = "outcome"
relevance_kind = "binary"
positive = ["hired"]
[fields."candidate.gender"]
usage = "protected"
[[features]]
name = "t{}"
kind = "number"
field = "candidate.t{}"
range = [1, 2]
[fairness]
measure = "exposure"
attribute = "candidate.gender"
bound = 0.5
[training]
outer_bags = 1
interactions = 0
"""
    )
    model, out = tmp_path / "model", tmp_path / "ranking.csv"
    assert run_train(task, model).machine["kept"] == {"candidate": 90, "job": 1, "application": 90}
    (tmp_path / "new.csv").write_text("who,t1,t2\na,0,0\nb,6,0\n")
    run_rank(model, out, {"application": tmp_path / "new.csv"}, None)
    ranking = pd.read_csv(out)
    assert (ranking["job"].tolist(), ranking["candidate"].tolist()) == (["all", "all"], ["b", "a"])
    said = run_explain(model, "all", "p6", "auditor", "json", 10).machine
    assert set(said["fields"]) == {"candidate.t1", "candidate.t2"}
    assert run_audit(model, tmp_path / "audit.html").machine["task"]["name"] == "one list"


def test_a_file_can_only_stand_for_one_that_the_task_has(tmp_path):
    (tmp_path / "x.csv").write_text("job,years,gender,grade\nx,1,f,1\n")
    task = parse_task(FLAT, tmp_path)
    with pytest.raises(CandorError, match="the task has no candidate file of its own"):
        load_records(task, labelled=False, sources={"candidate": tmp_path / "x.csv"})


def test_the_data_lie_beside_the_checkout_of_the_task_where_no_variable_says_otherwise(monkeypatch, tmp_path):
    monkeypatch.delenv("CANDOR_DATA", raising=False)
    tasks = tmp_path / "checkout" / "benchmarks" / "tasks"
    tasks.mkdir(parents=True)
    data = tmp_path / "shared" / "data"
    data.mkdir(parents=True)
    text = changed("people.csv", "${CANDOR_DATA}/p.csv")
    assert parse_task(text, tasks).sources["candidate"][0] == data / "p.csv"
    monkeypatch.chdir(tmp_path / "checkout")
    assert parse_task(text, tmp_path / "elsewhere").sources["candidate"][0] == data / "p.csv"
    monkeypatch.setenv("CANDOR_DATA", "../own")
    assert parse_task(text, tasks).sources["candidate"][0].resolve() == tmp_path / "own" / "p.csv"
