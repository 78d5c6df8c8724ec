import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairness.adverse_impact.within_lists import mantel_haenszel
from fairness.groups import Groups
from ranker.ranking.ranking import Ranking

lists_of_groups = st.lists(
    st.lists(st.sampled_from(["f", "m", "x", None]), min_size=1, max_size=9), min_size=1, max_size=5
)


def ranked(lists):
    job = [j for j, one in enumerate(lists) for _ in one]
    scores = [-float(place) for one in lists for place in range(len(one))]
    members = [group for one in lists for group in one]
    return Ranking.from_scores(scores, job=job), Groups.from_values([*members], attribute="sex")


@given(lists=lists_of_groups, k=st.integers(1, 5))
def test_it_is_the_sum_over_lists_of_what_was_selected_less_what_a_lot_would(lists, k):
    ranking, groups = ranked(lists)
    if not {"f", "m"} <= set(groups.labels):
        return
    apart = variance = 0.0
    for one in lists:
        both = [(place, group) for place, group in enumerate(one) if group in ("f", "m")]
        n, drawn = len(both), sum(place < k for place, _ in both)
        own = sum(group == "f" for _, group in both)
        if 0 < own < n and 0 < drawn < n:
            apart += sum(place < k and group == "f" for place, group in both) - own * drawn / n
            variance += own * (n - own) * drawn * (n - drawn) / (n * n * (n - 1))
    found = mantel_haenszel(ranking, groups, group="f", reference="m", top_k=k)
    if variance == 0:
        assert math.isnan(found.z)
    else:
        assert found.z == pytest.approx(apart / math.sqrt(variance), abs=1e-9)


def test_longer_lists_alone_are_no_impact():
    # Who applies to the long list is selected less often, whoever they are: by lot within each list.
    rng = np.random.default_rng(0)
    n_found = 0
    for _ in range(200):
        members = [*rng.permutation(["f"] * 80 + ["m"] * 20), *rng.permutation(["f"] * 4 + ["m"] * 16)]
        ranking = Ranking.from_scores(-np.arange(120.0), job=[0] * 100 + [1] * 20)
        groups = Groups.from_values(members, attribute="sex")
        n_found += mantel_haenszel(ranking, groups, group="f", reference="m", top_k=10).p < 0.05
    assert n_found <= 20  # ten are due; the pooled test finds about half of all
