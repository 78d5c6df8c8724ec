from dataclasses import FrozenInstanceError
from hashlib import blake2b

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.errors import DataError, EmptyPoolError, UnknownCandidateError, UnknownJobError
from ranker.ranking import ties
from ranker.ranking.ranking import Move, Ranking


@st.composite
def applications(draw):
    """Columns score, job, candidate with many ties; candidates occur once per job."""
    pairs = draw(
        st.lists(
            st.tuples(st.sampled_from(["7", "10", "Pflege", "データ"]), st.integers(0, 12)),
            min_size=1,
            max_size=40,
            unique=True,
        )
    )
    scores = draw(
        st.lists(
            st.sampled_from([-np.inf, -1.5, -0.0, 0.0, 0.25, 3.0, np.inf]),
            min_size=len(pairs),
            max_size=len(pairs),
        )
    )
    return np.array(scores), [job for job, _ in pairs], [f"c{number}" for _, number in pairs]


def rank(columns):
    scores, job, candidate = columns
    return Ranking.from_scores(scores, job=job, candidate=candidate)


def digest(job, candidate):
    return blake2b(f"{job}\x1f{candidate}".encode(), digest_size=8).digest()


def move(job, candidate, from_rank, to_rank):
    return Move(job, candidate, from_rank, to_rank, rule="test", reason=f"{candidate} to {to_rank}")


@given(columns=applications(), random=st.randoms(use_true_random=False))
def test_a_permutation_of_the_input_rows_changes_nothing(columns, random):
    scores, job, candidate = columns
    rows = list(range(len(job)))
    random.shuffle(rows)
    ranking = rank(columns)
    shuffled = rank((scores[rows], [job[i] for i in rows], [candidate[i] for i in rows]))
    pd.testing.assert_frame_equal(ranking.to_frame(), shuffled.to_frame())
    assert ranking.indptr.tolist() == shuffled.indptr.tolist()
    assert [rows[i] for i in shuffled.row] == ranking.row.tolist()


@given(columns=applications())
def test_ranks_are_a_permutation_of_one_to_the_size_of_each_job(columns):
    ranking = rank(columns)
    for j, size in enumerate(ranking.sizes):
        assert sorted(ranking.ranks[ranking.job_of == j]) == list(range(1, size + 1))
    assert sorted(ranking.row) == list(range(len(columns[0])))


@given(columns=applications())
def test_scores_fall_and_equal_scores_follow_the_digest_of_their_labels(columns):
    ranking = rank(columns)
    for job in ranking.jobs:
        one = ranking.of(job)
        keys = [(-score, digest(job, c)) for score, c in zip(one.scores, one.candidates, strict=True)]
        assert keys == sorted(keys)


@given(columns=applications())
def test_each_entry_keeps_the_score_job_and_candidate_of_its_row(columns):
    scores, job, candidate = columns
    ranking = rank(columns)
    assert ranking.scores.tolist() == scores[ranking.row].tolist()
    assert ranking.candidates.tolist() == [candidate[i] for i in ranking.row]
    assert ranking.jobs[ranking.job_of].tolist() == [job[i] for i in ranking.row]


@given(columns=applications())
def test_exactly_the_shared_scores_are_flagged_as_ties(columns):
    scores, job, _ = columns
    ranking = rank(columns)
    pairs = list(zip(job, scores.tolist(), strict=True))
    assert ranking.tied.tolist() == [pairs.count(pairs[i]) > 1 for i in ranking.row]


@given(columns=applications(), shift=st.sampled_from([-4.0, 0.5, 100.0]))
def test_shifting_all_scores_changes_no_rank(columns, shift):
    scores, job, candidate = columns
    assert rank((scores + shift, job, candidate)).row.tolist() == rank(columns).row.tolist()


@given(columns=applications())
def test_each_job_is_ranked_as_if_it_were_alone(columns):
    scores, job, candidate = columns
    ranking = rank(columns)
    for label in set(job):
        mine = [i for i in range(len(job)) if job[i] == label]
        alone = rank((scores[mine], [label] * len(mine), [candidate[i] for i in mine]))
        pd.testing.assert_frame_equal(ranking.of(label).to_frame(), alone.to_frame())


def test_a_top_ten_holds_ten_people_under_massive_ties():
    n = 252
    ranking = Ranking.from_scores(
        np.repeat([2.0, 1.0], n // 2), job=np.repeat(1, n), candidate=[f"p{i}" for i in range(n)]
    )
    assert ranking.in_top(10).sum() == 10
    assert ranking.tied.all()
    assert ranking.in_top(300).sum() == n


def test_one_in_a_trillion_is_no_tie_but_minus_zero_is():
    ranking = Ranking.from_scores([1.0, 1.0 + 1e-12, 0.0, -0.0], job=[1] * 4, candidate=list("abcd"))
    assert dict(zip(ranking.candidates, ranking.tied, strict=True)) == {
        "a": False,
        "b": False,
        "c": True,
        "d": True,
    }


def test_equal_digests_fall_back_on_the_label(monkeypatch):
    monkeypatch.setattr(ties, "_digests", lambda jobs, candidates: np.zeros(len(candidates), dtype=np.uint64))
    rows = [3, 0, 4, 1, 2]
    names = np.array(["é", "a", "Z", "b", "c"])
    job = np.array(["j", "j", "j", "i", "i"])
    for order in (list(range(5)), rows):
        ranking = Ranking.from_scores(np.ones(5), job=job[order], candidate=names[order])
        assert ranking.candidates.tolist() == ["b", "c", "Z", "a", "é"]


def test_jobs_are_sorted_by_number_then_by_text():
    ranking = Ranking.from_scores(np.zeros(5), job=["b", 10, "9", "Ärztin", "a"])
    assert ranking.jobs.tolist() == ["9", "10", "a", "b", "Ärztin"]


def test_labels_of_numbers_meet_whatever_their_type():
    ranking = Ranking.from_scores([1.0, 2.0, 3.0], job=[12.0, "12", 12], candidate=[1, 2.0, "3"])
    assert ranking.jobs.tolist() == ["12"]
    assert ranking.candidates.tolist() == ["3", "2", "1"]
    assert ranking.rank_of(12, np.int64(1)) == ranking.rank_of("12", 1.0) == 3


def test_without_candidates_the_rows_are_the_labels():
    ranking = Ranking.from_scores([0.1, 0.3, 0.2], job=["a", "b", "a"])
    assert ranking.candidates.tolist() == ["2", "0", "1"]


def test_one_candidate_in_one_job_is_a_ranking():
    ranking = Ranking.from_scores([0.5], job=["a"], candidate=["x"])
    assert (ranking.n_jobs, len(ranking), ranking.ranks.tolist(), ranking.tied.tolist()) == (
        1,
        1,
        [1],
        [False],
    )
    assert ranking.replay()
    assert repr(ranking) == "Ranking(1 jobs, 1 candidates, 0 moves)"


def test_infinite_scores_are_ranked():
    ranking = Ranking.from_scores([0.0, -np.inf, np.inf], job=[1, 1, 1], candidate=list("abc"))
    assert ranking.candidates.tolist() == ["c", "a", "b"]


def test_the_tie_rule_is_a_sentence_on_the_ranking():
    assert Ranking.from_scores([1.0], job=["a"]).tie_rule == ties.TIE_RULE
    assert ties.TIE_RULE.endswith(".")


def test_a_ranking_cannot_be_written_to():
    ranking = Ranking.from_scores([1.0, 2.0], job=["a", "a"])
    for name in ("jobs", "indptr", "candidates", "scores", "row"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(ranking, name)[0] = 0
    with pytest.raises(FrozenInstanceError):
        ranking.scores = np.zeros(2)


def test_an_array_given_to_a_ranking_stays_its_owners():
    scores = np.array([2.0, 1.0])
    ranking = Ranking(
        np.array(["a"], dtype=object),
        np.array([0, 2]),
        np.array(["x", "y"], dtype=object),
        scores,
        np.arange(2),
    )
    scores[0] = 0.0
    assert ranking.scores.tolist() == [2.0, 1.0]
    assert ranking.n_rows == 2


@pytest.mark.parametrize(
    ("scores", "job", "candidate", "message"),
    [
        (
            [1.0, np.nan],
            ["a", "b"],
            ["x", "y"],
            r"candidate 'y' of job 'b' has the score NaN \(1 NaN in all\)",
        ),
        ([1.0], ["a", "b"], None, "1 scores but 2 job labels"),
        ([1.0, 2.0], ["a", "b"], ["x"], "2 scores but 1 candidate labels"),
        ([1.0, 2.0, 3.0], ["a"] * 3, ["x", "y", "x"], r"'x' occurs 2 times in job 'a' \(1 rows repeat"),
        ([1.0, 2.0], ["a", None], ["x", "y"], "job label of row 1 is missing"),
        ([1.0, 2.0], ["a", "a"], ["x", None], "candidate label of row 1 is missing"),
        (["good", "bad"], ["a", "a"], None, "scores must be numbers"),
        (pd.Series([1.0, None], dtype="Float64"), ["a", "a"], None, "has the score NaN|must be numbers"),
        ([[1.0], [2.0]], ["a", "a"], None, "scores"),
        (np.ones((2, 1)), ["a", "a"], None, "in one dimension"),
        ([1.0, 2.0], "a", None, "job is the single value 'a'"),
    ],
)
def test_what_cannot_be_ranked_is_refused_by_name(scores, job, candidate, message):
    with pytest.raises(DataError, match=message):
        Ranking.from_scores(scores, job=job, candidate=candidate)


def test_nobody_to_rank_is_an_empty_pool():
    with pytest.raises(EmptyPoolError, match="0 rows"):
        Ranking.from_scores([], job=[], candidate=[])


def test_the_same_candidate_may_apply_to_several_jobs():
    ranking = Ranking.from_scores([1.0, 2.0], job=["a", "b"], candidate=["x", "x"])
    assert ranking.rank_of("a", "x") == ranking.rank_of("b", "x") == 1


def test_looking_up_finds_people_or_says_whom_it_knows():
    ranking = Ranking.from_scores(
        [1.0, 2.0, 3.0], job=["nurse", "nurse", "clerk"], candidate=["Zoë", "Anna", "Anna"]
    )
    assert ranking.position_of("nurse", "Zoë") == 2
    assert ranking.scores[ranking.position_of("nurse", "Anna")] == 2.0
    with pytest.raises(UnknownJobError, match="no job 'nurze' among the 2 ranked; did you mean 'nurse'"):
        ranking.of("nurze")
    with pytest.raises(
        UnknownCandidateError, match="job 'nurse' ranks no candidate 'Ana'; did you mean 'Anna'"
    ):
        ranking.rank_of("nurse", "Ana")


def test_one_job_of_many_still_points_into_the_whole():
    ranking = Ranking.from_scores([1.0, 2.0, 3.0], job=["b", "a", "b"], candidate=["x", "y", "z"])
    part = ranking.of("b")
    assert (part.jobs.tolist(), part.candidates.tolist(), part.row.tolist()) == (["b"], ["z", "x"], [2, 0])
    assert part.aligned([10, 20, 30]).tolist() == [30, 10]
    assert part.replay()


def test_values_for_other_rows_are_refused():
    ranking = Ranking.from_scores([1.0, 2.0], job=["a", "a"], candidate=["x", "y"])
    with pytest.raises(
        UnknownCandidateError, match="1 given for the 2 rows that were ranked: candidate 'y' has none"
    ):
        ranking.aligned([5])
    with pytest.raises(DataError, match="3 given for the 2 rows"):
        ranking.aligned([5, 6, 7])
    with pytest.raises(UnknownCandidateError, match="2 given for the 3 rows"):
        Ranking.from_scores([1.0, 2.0, 3.0], job=["a", "b", "b"]).of("a").aligned([1, 2])


@pytest.mark.parametrize("k", [0, -1, 2.5, True, None, "3"])
def test_a_top_of_no_length_is_refused(k):
    with pytest.raises(DataError, match="whole number from 1"):
        Ranking.from_scores([1.0], job=["a"]).in_top(k)


def ranked_letters():
    return Ranking.from_scores(
        [5.0, 4.0, 3.0, 2.0, 9.0, 8.0], job=["a"] * 4 + ["b"] * 2, candidate=["p", "q", "r", "s", "t", "u"]
    )


def test_a_re_ranking_is_new_and_replays_its_moves():
    ranking = ranked_letters()
    up, down = move("a", "s", 4, 2), move("a", "p", 1, 3)
    moved = ranking.with_order([3, 1, 0, 2, 4, 5], [up, down])
    assert moved.candidates.tolist() == ["s", "q", "p", "r", "t", "u"]
    assert moved.scores.tolist() == [2.0, 4.0, 5.0, 3.0, 9.0, 8.0]
    assert moved.moves == (up, down)
    assert moved.replay()
    assert ranking.candidates.tolist() == ["p", "q", "r", "s", "t", "u"]
    assert ranking.moves == ()


def test_a_second_re_ranking_replays_after_the_first():
    moved = ranked_letters().with_order([1, 0, 2, 3, 4, 5], [move("a", "q", 2, 1)])
    again = moved.with_order([0, 1, 2, 3, 5, 4], [move("b", "t", 1, 2)])
    assert again.replay()
    assert [m.candidate for m in again.moves] == ["q", "t"]
    assert [m.candidate for m in again.of("b").moves] == ["t"]
    assert again.of("b").replay()


@given(columns=applications(), data=st.data())
def test_any_moves_that_fit_lead_to_a_ranking_that_replays(columns, data):
    ranking = rank(columns)
    order, moves = list(range(len(ranking))), []
    for _ in range(data.draw(st.integers(0, 5))):
        j = data.draw(st.integers(0, ranking.n_jobs - 1))
        start, size = int(ranking.indptr[j]), int(ranking.sizes[j])
        source, target = data.draw(st.integers(1, size)), data.draw(st.integers(1, size))
        entry = order.pop(start + source - 1)
        order.insert(start + target - 1, entry)
        moves.append(move(ranking.jobs[j], ranking.candidates[entry], source, target))
    moved = ranking.with_order(order, moves)
    assert moved.replay()
    assert moved.row.tolist() == ranking.row[order].tolist()


def test_a_changed_order_without_its_moves_does_not_replay():
    ranking = ranked_letters()
    positions = [1, 0, 2, 3, 4, 5]
    for moves in ((), (move("a", "p", 1, 4),), (move("a", "q", 1, 2),), (move("c", "p", 1, 2),)):
        forged = Ranking(
            ranking.jobs,
            ranking.indptr,
            ranking.candidates[positions],
            ranking.scores[positions],
            ranking.row[positions],
            moves=moves,
        )
        assert not forged.replay()


@pytest.mark.parametrize(
    ("order", "moves", "message"),
    [
        ([0, 1, 2], [], "3 positions for 6"),
        ([0, 0, 2, 3, 4, 5], [], "no permutation"),
        ([4, 1, 2, 3, 0, 5], [], "takes candidate 't' out of job 'b'"),
        ([1, 0, 2, 3, 4, 5], [], "job 'a': the 0 moves do not lead to 'q' at rank 1"),
        ([1, 0, 2, 3, 4, 5], [move("a", "q", 3, 1)], "rank 3 is held by 'r' when 'q' is to move"),
        ([1, 0, 2, 3, 4, 5], [move("a", "q", 2, 0)], "leaves ranks 1 .. 4 of job 'a'"),
        ([1, 0, 2, 3, 4, 5], [move("z", "q", 2, 1)], "unranked job 'z'"),
    ],
)
def test_a_re_ranking_that_its_moves_do_not_explain_is_refused(order, moves, message):
    with pytest.raises(DataError, match=message):
        ranked_letters().with_order(order, moves)


def test_the_table_has_a_moved_column_only_where_something_moved():
    ranking = ranked_letters()
    assert ranking.to_frame().columns.tolist() == ["job", "rank", "candidate", "score", "tied"]
    moves = [move("a", "q", 2, 1), move("a", "q", 1, 2), move("b", "u", 2, 1)]
    frame = ranking.with_order([0, 1, 2, 3, 5, 4], moves).to_frame()
    assert frame["moved"].tolist() == ["", "q to 1; q to 2", "", "", "u to 1", ""]
    assert frame["rank"].tolist() == [1, 2, 3, 4, 1, 2]


def test_a_half_character_in_a_label_is_ranked_all_the_same():
    ranking = Ranking.from_scores([1.0, 1.0], job=["a", "a"], candidate=["\ud800", "b"])
    assert ranking.tied.all()
