import json
from itertools import product

import numpy as np
import pandas as pd
import pytest
from explanation_case import case

from explain import counterfactual
from explain.change.cheapest_change import possible_actions
from explain.change.lists import AddItems
from explain.change.usual import usual_actions
from explain.change.values import ChangeNumber, RaiseOrdinal, SetCategory
from ranker.errors import DataError, ProtectedFieldError, TaskError, UnknownCandidateError, UnknownJobError
from ranker.ranking import Ranking
from ranker.records import Records, Requirement
from ranker.records.ledger import Ledger

SKILLS = AddItems(path="candidate.skills")
TEST = ChangeNumber(path="candidate.test", minimum=0, maximum=100, step=5, cost=0.1)
DEGREE = RaiseOrdinal(path="candidate.degree", order=("secondary", "bachelor", "master"), cost=1.5)


def ask(job="job-1", candidate="applicant-twin", **options):
    c = case()
    options.setdefault("table", c.table)
    if not options.keys() & {"top_k", "above", "score"}:
        options["top_k"] = 3
    return counterfactual(c.scorer, c.features, c.records, job=job, candidate=candidate, **options)


def with_record(candidate, **values):
    """The records with one row of the candidates' table written anew, read from scratch."""
    records = case().records
    table = records.tables["candidate"].copy()
    for column, value in values.items():
        cells = table[column].to_numpy(dtype=object, copy=True)
        cells[table.index.get_loc(candidate)] = value
        table[column] = pd.Series(cells, index=table.index, dtype=object)
    tables = {**records.tables, "candidate": table}
    return Records(
        tables, records.rows, records.candidate, records.job, records.fields, None, Ledger(), records.keys
    )


def rank_with(job, candidate, **values):
    c, records = case(), with_record(candidate, **values)
    pool = records.take(records.job == job)
    scores = c.scorer.score(c.features.compute(pool))
    return Ranking.from_scores(scores, job=pool.job, candidate=pool.candidate).rank_of(job, candidate)


def raw(candidate, column):
    return case().records.tables["candidate"].loc[candidate, column]


@pytest.mark.parametrize("top_k", [1, 3, 10])
def test_every_answer_reaches_the_goal_when_its_record_is_ranked(top_k):
    for candidate in case().ranking.of("job-1").candidates[::2]:
        found = ask(candidate=candidate, top_k=top_k)
        assert found.rank_before == case().ranking.rank_of("job-1", candidate)
        assert found.optimal
        assert found.cost == pytest.approx(sum(change.cost for change in found.changes))
        if found.possible:
            assert found.rank_after <= top_k
        else:
            assert found.rank_after <= found.rank_before


def test_no_cheaper_edit_of_the_raw_record_reaches_the_goal():
    checked = 0
    for candidate in case().ranking.of("job-1").candidates[4:16:2]:
        found = ask(candidate=candidate, actions=[SKILLS, TEST, DEGREE])
        has, test, degree = (raw(candidate, name) for name in ("skills", "test", "degree"))
        if not (isinstance(has, list) and isinstance(test, float) and test == test):
            continue
        wanted = [s for s in case().records.tables["job"].loc["job-1", "skills"] if s not in has]
        places = ["secondary", "bachelor", "master"]
        for n, score, place in product(
            range(len(wanted) + 1), [test, *np.arange(0, 101, 5.0)], range(places.index(degree), 3)
        ):
            cost = 0.1 * (score - test) + n + 1.5 * (place - places.index(degree))
            if score < test or cost >= found.cost - 1e-9 or not found.possible:
                continue
            # Which n skills: weights differ, so each choice of the first n in every rotation is tried.
            for shift in range(len(wanted) if 0 < n < len(wanted) else 1):
                added = [*wanted[shift:], *wanted[:shift]][:n]
                rank = rank_with("job-1", candidate, skills=[*has, *added], test=score, degree=places[place])
                assert rank > 3
            checked += 1
    assert checked > 30


def test_the_records_that_were_asked_about_stay_as_they_are():
    before = case().records.tables["candidate"].to_json()
    ask(candidate="applicant-silent", top_k=1)
    assert case().records.tables["candidate"].to_json() == before


def test_whoever_is_there_already_need_change_nothing():
    first = case().ranking.of("job-1").candidates[0]
    found = ask(candidate=first)
    assert (found.possible, found.cost, found.changes) == (True, 0, ())
    assert "Nothing has to change for you to be among the first 3." in found.to_text()


def test_a_goal_that_allowed_actions_cannot_bring_says_so_and_gives_the_best_rank():
    last = case().ranking.of("job-1").candidates[-1]
    found = ask(candidate=last, score=1e6, actions=[TEST, DEGREE])
    assert not found.possible
    assert found.rank_after <= found.rank_before
    assert found.to_json()["possible"] is False
    assert "No change that is counted as possible here" in found.to_text()
    nothing = ask(candidate=last, score=1e6, actions=[])
    assert (nothing.possible, nothing.changes, nothing.rank_after) == (False, (), nothing.rank_before)


def test_above_somebody_is_above_them():
    pool = case().ranking.of("job-1")
    for place in (0, 4, 9):
        other = pool.candidates[place]
        found = ask(candidate=pool.candidates[14], above=other)
        assert found.possible
        assert found.rank_after <= place + 1
        assert str(other) not in found.to_text()
        assert str(other) not in json.dumps(found.to_json())


def test_a_score_is_reached():
    found = ask(score=case().ranking.of("job-1").scores[2])
    assert found.possible
    assert found.answers[0].score >= case().ranking.of("job-1").scores[2]


def test_an_equal_score_counts_only_where_the_lot_is_won():
    pool = case().ranking.of("job-1")
    twin, original = "applicant-twin", "applicant-000"
    ranks = {one: pool.rank_of("job-1", one) for one in (twin, original)}
    winner, loser = sorted(ranks, key=ranks.get)
    assert ask(candidate=winner, above=loser).cost == 0
    assert ask(candidate=loser, above=winner).cost > 0


def test_several_answers_differ_and_none_holds_another():
    found = ask(candidate=case().ranking.of("job-1").candidates[15], n_answers=4, top_k=8)
    fields = [frozenset(change.path.partition("[")[0] for change in one.changes) for one in found.answers]
    assert len(fields) > 1
    assert [one.cost for one in found.answers] == sorted(one.cost for one in found.answers)
    for place, later in enumerate(fields):
        assert all(not earlier <= later for earlier in fields[:place])
    assert "Instead, you could do this:" in found.to_text()
    assert len(found.to_json()["alternatives"]) == len(fields) - 1


def test_costs_decide_which_answer_is_the_cheapest():
    candidate, goal = case().ranking.of("job-1").candidates[12], {"top_k": 11, "actions": [SKILLS, TEST]}
    dear_skills = ask(candidate=candidate, costs={"candidate.skills": 1000}, **goal)
    dear_test = ask(candidate=candidate, costs={"candidate.test": 1000}, **goal)
    assert dear_skills.changes
    assert dear_test.changes
    assert all(change.path == "candidate.test" for change in dear_skills.changes)
    assert all(change.path.startswith("candidate.skills[") for change in dear_test.changes)


def test_costs_of_single_items_and_single_candidates_come_first():
    candidate = case().ranking.of("job-1").candidates[12]
    usual = ask(candidate=candidate, actions=[SKILLS], top_k=8)
    item = usual.changes[0].after
    dear = ask(candidate=candidate, actions=[SKILLS], top_k=8, costs={"candidate.skills": {item: 9, "*": 1}})
    assert all(change.cost == (9 if change.after == item else 1) for change in dear.changes)
    own = {"candidate.skills": 5, "for": {str(candidate): {"candidate.skills": 2}}}
    assert ask(candidate=candidate, actions=[SKILLS], top_k=8, costs=own).cost == 2 * usual.cost


def test_a_callable_sees_candidate_field_before_and_after():
    seen = []

    def cost(candidate, field, before, after):
        seen.append((candidate, field, before, after))
        return 2.0 if field == "candidate.skills" else abs(after - before) / 10

    candidate = case().ranking.of("job-1").candidates[12]
    found = ask(candidate=candidate, actions=[SKILLS, TEST], costs=cost)
    assert found.possible
    assert {entry[0] for entry in seen} == {str(candidate)}
    assert {entry[1] for entry in seen} <= {"candidate.skills", "candidate.test"}
    assert found.cost == pytest.approx(sum(change.cost for change in found.changes))


def test_costs_of_a_field_that_no_action_changes_are_refused():
    with pytest.raises(TaskError, match=r"did you mean 'candidate\.skills'"):
        ask(actions=[SKILLS, TEST], costs={"candidate.skill": 2})
    with pytest.raises(TaskError, match=r"no action changes 'candidate\.city'"):
        ask(actions=[SKILLS, TEST], costs={"for": {"applicant-twin": {"candidate.city": 2}}})


@pytest.mark.parametrize("cost", [-1.0, float("nan"), float("inf")])
def test_a_cost_that_means_nothing_is_refused(cost):
    with pytest.raises(TaskError, match="give a finite number from 0"):
        ask(actions=[SKILLS], costs=lambda *_: cost)


@pytest.mark.parametrize("path", ["candidate.gender", "candidate.origin", "candidate.name"])
def test_protected_and_sensitive_fields_cannot_be_touched(path):
    with pytest.raises(ProtectedFieldError, match=path):
        ask(actions=[SetCategory(path=path, values=("man",))])


def test_usual_actions_touch_neither_the_job_nor_a_protected_field():
    paths = {action.path for action in usual_actions(case().features)}
    assert paths == {
        "candidate.skills", "candidate.test", "candidate.work", "candidate.degree", "candidate.languages",
        "candidate.projects", "candidate.gap",
    }  # fmt: skip
    assert {
        action.path for action in possible_actions(usual_actions(case().features), case().records)
    } == paths


def test_the_job_stays_as_it_is():
    with pytest.raises(TaskError, match="the job stays as it is"):
        AddItems(path="job.skills")


def test_what_no_feature_reads_is_refused_with_a_hint():
    with pytest.raises(TaskError, match=r"did you mean .candidate\.skills."):
        ask(actions=[AddItems(path="candidate.skill")])


def test_two_actions_on_one_field_are_refused():
    with pytest.raises(TaskError, match="two actions"):
        ask(actions=[SKILLS, SKILLS])


def test_a_requirement_that_was_met_stays_met():
    candidate = case().ranking.of("job-1").candidates[12]
    action = SetCategory(path="candidate.city", values=("Delft", "Gouda"), cost=0.0)
    stay = Requirement(name="stays", kind="equals", field="candidate.city", values=(raw(candidate, "city"),))
    found = ask(candidate=candidate, actions=[action, TEST], requirements=[stay])
    assert all(change.path == "candidate.test" for change in found.changes)


def test_nothing_about_anybody_else_is_told():
    c = case()
    others = [str(label) for label in c.ranking.of("job-1").candidates if label != "applicant-twin"]
    found = ask(n_answers=3)
    for text in (found.to_text(), json.dumps(found.to_json(), ensure_ascii=False)):
        assert not any(other in text for other in others)
        assert not any(c.name_of(other) in text for other in others)
        for protected in ("gender", "origin", "woman", "Twin"):
            assert protected not in text


def test_machines_find_the_keys_they_rely_on():
    document = ask(candidate="applicant-silent").to_json()
    assert document.keys() >= {
        "job", "candidate", "rank_before", "rank_after", "cost", "optimal", "possible", "changes"
    }  # fmt: skip
    assert all(change.keys() == {"path", "before", "after", "cost"} for change in document["changes"])
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_unknown_labels_and_goals_that_mean_nothing_are_refused():
    with pytest.raises(UnknownJobError, match="did you mean 'job-1'"):
        ask(job="job1")
    with pytest.raises(UnknownCandidateError, match="did you mean 'applicant-twin'"):
        ask(candidate="applicant-twn")
    with pytest.raises(DataError, match="above themselves"):
        ask(above="applicant-twin")
    with pytest.raises(DataError, match="one goal is needed"):
        ask(top_k=3, score=1.0)
    with pytest.raises(DataError, match="whole number from 1"):
        ask(top_k=0)
    with pytest.raises(DataError, match="ask for one or more"):
        ask(n_answers=0)


def test_the_only_candidate_is_first_already():
    assert ask(job="job-lonely", candidate="applicant-007", top_k=1).cost == 0
