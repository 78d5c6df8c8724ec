"""Names that users rely on."""

from importlib import import_module

import pytest


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("ranker", "EBMRanker"),
        ("ranker", "AdditiveScorer"),
        ("ranker", "Ranking"),
        ("ranker.ranking.metrics", "ndcg"),
        ("fairness", "FairRanker"),
        ("fairness", "FairnessConstraint"),
        ("fairness", "Groups"),
        ("fairness", "shape_changes"),
        ("fairness", "gap_split"),
        ("fairness", "gap_by_field"),
        ("fairness", "gap_change"),
        ("fairness.metrics", "exposure_ratio"),
        ("fairness.metrics", "impact_ratio"),
        ("fairness.moments", "RankingParity"),
        ("fairness.moments", "moment_by_name"),
        ("explain", "explain"),
        ("explain", "render"),
        ("explain", "contrast"),
        ("explain", "counterfactual"),
        ("explain", "sensitivity"),
        ("explain", "shape_functions"),
        ("explain", "importance_of"),
        ("explain", "field_leaning"),
        ("explain", "compare_fields"),
        ("explain.posthoc", "explain_black_box"),
    ],
)
def test_public_name_is_where_users_find_it(module, name):
    assert callable(getattr(import_module(module), name))


@pytest.mark.parametrize("package", ["ranker", "fairness", "explain"])
def test_a_package_names_what_it_offers(package):
    module = import_module(package)
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert name in dir(module)
    with pytest.raises(AttributeError, match="no attribute"):
        getattr(module, "nothing_of_the_kind")  # noqa: B009
