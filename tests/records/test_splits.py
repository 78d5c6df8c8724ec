import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranker.errors import FitError
from ranker.records import join_records, split_parts
from ranker.records.cleaning import Keys
from ranker.records.splits import FEW_JOBS, PARTS, share_out


def pool(n_jobs, n_people, *, applications=None):
    """Let everybody apply everywhere, or to some jobs."""
    job = np.repeat([f"job {j}" for j in range(n_jobs)], n_people)
    person = np.tile([f"person {p}" for p in range(n_people)], n_jobs)
    if applications is not None:
        some = np.random.default_rng(applications).random(len(job)) < 0.4
        job, person = job[some], person[some]
    return job, person


def parts_of(labels, parts):
    """Return the parts that each label stands in."""
    return {label: set(parts[labels == label]) for label in np.unique(labels)}


@given(st.integers(0, 100), st.sampled_from(["job", "candidate"]))
def test_the_same_seed_gives_the_same_parts_whatever_the_order_of_the_rows(seed, by):
    job, person = pool(12, 9, applications=seed)
    parts = share_out(job, person, by=by, seed=seed)
    shuffled = np.random.default_rng(seed).permutation(len(job))
    assert share_out(job[shuffled], person[shuffled], by=by, seed=seed).tolist() == parts[shuffled].tolist()


def test_another_seed_gives_other_parts():
    job, person = pool(3, 40)
    assert share_out(job, person, seed=1).tolist() != share_out(job, person, seed=2).tolist()


@given(st.integers(0, 100), st.integers(1, 8))
def test_split_by_candidate_nobody_stands_in_two_parts(seed, n_jobs):
    job, person = pool(n_jobs, 25, applications=seed)
    parts = share_out(job, person, by="candidate", seed=seed)
    assert all(len(found) == 1 for found in parts_of(person, parts).values())
    assert set(parts) == set(PARTS)


@given(st.integers(0, 100), st.integers(3, 15))
def test_split_by_job_no_job_stands_in_two_parts(seed, n_jobs):
    job, person = pool(n_jobs, 6)
    parts = share_out(job, person, by="job", seed=seed)
    assert all(len(found) == 1 for found in parts_of(job, parts).values())
    assert set(parts) == set(PARTS)


def test_whole_jobs_are_shared_out_from_ten_jobs_on():
    for n_jobs in (FEW_JOBS - 1, FEW_JOBS):
        job, person = pool(n_jobs, 20)
        whole = all(len(found) == 1 for found in parts_of(job, share_out(job, person)).values())
        assert whole == (n_jobs >= FEW_JOBS)


@pytest.mark.parametrize(("tune", "test"), [(0.2, 0.2), (0.1, 0.3), (0.25, 0.5)])
def test_every_part_gets_its_share_of_the_jobs_or_of_each_jobs_candidates(tune, test):
    job, person = pool(20, 40)
    by_job = share_out(job, person, by="job", tune=tune, test=test)
    assert (by_job == "tune").mean() == pytest.approx(tune)
    assert (by_job == "test").mean() == pytest.approx(test)
    job, person = np.repeat(["x", "y"], 40), np.arange(80).astype(str)
    by_candidate = share_out(job, person, by="candidate", tune=tune, test=test)
    for label in ("x", "y"):
        here = by_candidate[job == label]
        assert [(here == part).sum() for part in ("tune", "test")] == [round(40 * tune), round(40 * test)]


def test_one_job_is_shared_out_by_candidate():
    job, person = pool(1, 10)
    parts = share_out(job, person)
    assert sorted(parts) == ["test"] * 2 + ["train"] * 6 + ["tune"] * 2


def test_pools_of_one_or_two_fill_every_part_over_many_jobs():
    job = np.repeat([f"job {j}" for j in range(300)], 2)
    parts = share_out(job, np.arange(600).astype(str), by="candidate")
    shares = [(parts == part).mean() for part in PARTS]
    assert shares == pytest.approx([0.6, 0.2, 0.2], abs=0.05)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_too_few_jobs_cannot_be_shared_out_whole(n_jobs):
    job, person = pool(n_jobs, 50)
    with pytest.raises(FitError, match=rf"{n_jobs} job\(s\) .* split by = 'candidate'"):
        share_out(job, person, by="job")


@pytest.mark.parametrize(("n_people", "by"), [(1, "candidate"), (2, "candidate")])
def test_a_part_that_stays_empty_is_named(n_people, by):
    job, person = pool(1, n_people)
    with pytest.raises(FitError, match=f"{n_people} pairs leave the part '.*' empty"):
        share_out(job, person, by=by)


def test_shares_that_leave_nothing_to_train_on_are_refused():
    job, person = pool(3, 5)
    with pytest.raises(FitError, match="leave the part 'train' empty"):
        share_out(job, person, by="job", tune=0.49, test=0.5)


@pytest.mark.parametrize(("tune", "test"), [(0.0, 0.2), (0.2, 0.0), (-0.1, 0.2), (0.5, 0.5), (0.9, 0.2)])
def test_shares_must_be_above_0_and_leave_some_to_train_on(tune, test):
    job, person = pool(12, 5)
    with pytest.raises(FitError, match="each must be above 0 and their sum below 1"):
        share_out(job, person, tune=tune, test=test)


def records_of(candidates, applications):
    return join_records(
        pd.DataFrame(applications, columns=["candidate", "job"], dtype=object),
        Keys("job", "candidate"),
        candidates=(pd.DataFrame(candidates, dtype=object), "id"),
    )


def test_exact_copies_of_a_record_stand_in_one_part_under_whatever_id():
    n = 60
    ids = [f"c{i}" for i in range(2 * n)]
    skills = [[f"skill {i}", "common"] for i in range(n)] * 2  # the second half copies the first
    records = records_of({"id": ids, "skills": skills}, [(c, f"j{i % 3}") for i, c in enumerate(ids)])
    for seed in range(5):
        parts = split_parts(records, by="candidate", seed=seed)
        assert set(parts) == set(PARTS)
        assert parts[:n].tolist() == parts[n:].tolist()


def test_a_chain_of_copies_and_repeated_labels_is_one_person():
    # "a" and "b" are copies, "b" applies to both jobs, "b" and "c" are copies.
    rows = {"id": ["a", "b", "c"] + [f"o{i}" for i in range(40)], "cv": ["same"] * 3 + list(range(40))}
    applied = [("a", "x"), ("b", "x"), ("b", "y"), ("c", "z")]
    applied += [(f"o{i}", "xyz"[i % 3]) for i in range(40)]
    for seed in range(5):
        parts = split_parts(records_of(rows, applied), by="candidate", seed=seed)
        assert len(set(parts[:4])) == 1


def test_parts_do_not_depend_on_the_order_of_the_rows_of_any_table():
    n = 50
    ids = [f"c{i}" for i in range(n)]
    applied = [(c, f"j{i % 4}") for i, c in enumerate(ids)] + [(c, "j9") for c in ids[:20]]
    rows = pd.DataFrame({"id": ids, "age": [i % 25 for i in range(n)]}, dtype=object)
    records = records_of(rows, applied)
    shuffled = records_of(rows.sample(frac=1, random_state=1), applied[::-1])
    expected = dict(zip(applied, split_parts(records, by="candidate"), strict=True))
    assert dict(zip(applied[::-1], split_parts(shuffled, by="candidate"), strict=True)) == expected


def test_records_that_say_nothing_but_an_id_are_no_copies_of_each_other():
    ids = [f"c{i}" for i in range(30)]
    parts = split_parts(records_of({"id": ids}, [(c, "x") for c in ids]), by="candidate")
    assert set(parts) == set(PARTS)


def test_equal_rows_of_one_flat_table_are_one_person():
    rows = [{"job": "x", "age": i % 20, "score": i % 20} for i in range(40)]
    records = join_records(pd.DataFrame(rows, dtype=object), Keys("job", None, "score"))
    parts = split_parts(records, by="candidate")
    assert parts[:20].tolist() == parts[20:].tolist()
    assert set(parts) == set(PARTS)
