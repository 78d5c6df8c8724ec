import pytest

from fairness.groups import Groups
from ranker.app.report.people import FEW, in_bands


def test_many_numbers_become_four_bands_that_hold_everybody():
    ages = [*range(20, 60), None]
    bands = in_bands(Groups.from_values(ages, attribute="age"))
    assert bands.labels == ("20 to 29", "30 to 39", "40 to 49", "50 to 59")
    assert list(bands.counts().values()) == [10, 10, 10, 10]
    assert bands.n_undisclosed == 1


def test_equal_values_are_never_parted():
    values = [*([30] * 50), *range(31, 31 + FEW)]
    bands = in_bands(Groups.from_values(values, attribute="age"))
    assert bands.counts()[f"31 to {30 + FEW}"] == FEW
    assert sum(bands.counts().values()) == len(values)


@pytest.mark.parametrize("values", [["a", "b"], list(range(FEW)), [*range(20), "unsure"]])
def test_few_values_and_words_stay_groups(values):
    groups = Groups.from_values(values, attribute="x")
    assert in_bands(groups).labels == groups.labels
