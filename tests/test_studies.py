"""The studies of benchmarks/ that need no data, in their small form."""

from benchmarks import person_bags


def test_bags_that_hold_out_people_stop_a_booster_that_learns_people_by_heart():
    rounds = {held: found[0] for held, found in person_bags.study(n_candidates=90, n_jobs=8, bags=1).items()}
    assert rounds["people"] < rounds["jobs"] / 10
