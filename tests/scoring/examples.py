"""A small EBM of every kind of feature, and random scorers with rows to put to them."""

import warnings
from functools import cache

import numpy as np
import pandas as pd
from hypothesis import strategies as st
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor

from ranker import AdditiveScorer
from ranker.scoring.additive import Axis, Term

TYPES = ["continuous", "continuous", "nominal", ["low", "mid", "high"], "continuous", "nominal"]
# The second pair stands in the other order, and pairs are cut coarser than single features.
SETTINGS = {
    "feature_types": TYPES,
    "interactions": [("years", "salary"), ("degree", "years"), ("degree", "remote")],
    "max_interaction_bins": 8,
    "outer_bags": 2,
    "max_rounds": 60,
    "n_jobs": 1,
}


def training_rows(n=300, seed=0):
    rng = np.random.default_rng(seed)
    years = rng.gamma(2.0, 3.0, n)
    salary = rng.integers(20, 90, n)
    degree = rng.choice(["PhD", "MSc", "BSc", "none"], n)
    grade = rng.choice(["low", "mid", "high"], n)
    remote = rng.integers(0, 2, n).astype(bool)
    target = years + 3.0 * (degree == "PhD") * (years > 4) + 2.0 * (grade == "high") - 0.05 * salary
    X = pd.DataFrame(
        {
            "years": np.where(rng.random(n) < 0.1, np.nan, years),
            "salary": salary,
            "degree": pd.Series(np.where(rng.random(n) < 0.1, None, degree), dtype=object),
            "grade": grade,
            "gap": np.full(n, np.nan),
            "remote": remote,
        }
    )
    return X, target + 2.0 * remote + rng.normal(size=n)


def hard_rows(scorer, n=1500, seed=1):
    """Rows of the values that are easy to get wrong: missing, infinite, on a cut or next to it, unseen."""
    rng = np.random.default_rng(seed)
    columns = {}
    for axis in scorer.axes:
        if axis.kind == "continuous":
            cuts = np.concatenate([np.empty(0), *axis.levels])
            near = [np.nextafter(cuts, -np.inf), cuts, np.nextafter(cuts, np.inf)]
            pool = np.concatenate([[np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308], *near])
            columns[axis.name] = rng.choice(pool, n)
        else:
            # Booleans have no unseen one; among texts interpret would spell them otherwise.
            known = [True, False] if axis.name == "remote" else ["never seen", *axis.levels[0]]
            pool = np.array([None, *known], dtype=object)
            columns[axis.name] = pd.Series(rng.choice(pool, n), dtype=object)
    return pd.DataFrame(columns)


def fit_small(ebm, X, y):
    with warnings.catch_warnings():
        # interpret takes the bounds of a column that is all missing with nanmin and nanmax.
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        # And warns that its plots leave the missing bin out; these tests look at the tables.
        warnings.filterwarnings("ignore", "Missing values detected", UserWarning)
        return ebm.fit(X, y)


@cache
def small_ebm(seed=0):
    return fit_small(ExplainableBoostingRegressor(**SETTINGS), *training_rows(seed=seed))


@cache
def small_classifier():
    X, y = training_rows()
    return fit_small(ExplainableBoostingClassifier(**SETTINGS), X, y > np.median(y))


def table(rng, scorer_axes, features, n_bags=2):
    shape = tuple(scorer_axes[f].n_bins(scorer_axes[f].level(len(features))) for f in features)
    bagged = rng.normal(size=(n_bags, *shape))
    weights = rng.integers(0, 9, shape).astype(float)
    return Term(tuple(features), bagged.mean(axis=0), weights, bagged.std(axis=0), bagged)


CUTS = st.lists(st.integers(-6, 6), unique=True, max_size=5).map(lambda cuts: np.array(sorted(cuts), float))
CATEGORIES = st.lists(st.sampled_from("pqrstu"), unique=True, max_size=4).map(
    lambda found: {category: position for position, category in enumerate(found, start=1)}
)


@st.composite
def scorers(draw):
    """Scorers on the features a, b (numbers) and c, d (texts), in any order, with 0 to 6 terms."""
    names = draw(st.permutations("abcd"))
    axes = []
    for name in names:
        levels = draw(st.lists(CUTS if name in "ab" else CATEGORIES, min_size=1, max_size=3))
        axes.append(Axis(name, "continuous" if name in "ab" else "nominal", tuple(levels)))
    choices = st.lists(st.integers(0, 3), min_size=1, max_size=3, unique=True)
    features = draw(st.lists(choices, max_size=6, unique_by=lambda found: tuple(sorted(found))))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    terms = tuple(table(rng, axes, found) for found in features)
    bagged = rng.normal(size=2)
    return AdditiveScorer(tuple(axes), terms, float(bagged.mean()), bagged, np.ones(2))


NUMBERS = st.one_of(st.integers(-7, 7).map(float), st.sampled_from([np.nan, np.inf, -np.inf, 0.5]))
TEXTS = st.sampled_from([None, *"pqrstu", "never seen"])


@st.composite
def rows(draw):
    found = draw(st.lists(st.tuples(NUMBERS, NUMBERS, TEXTS, TEXTS), max_size=12))
    frame = pd.DataFrame(found, columns=list("abcd"))
    return frame.astype({"a": float, "b": float, "c": object, "d": object})


def assert_same_scorer(left, right):
    """Everything equal, floats to the last bit."""
    assert left.intercept.hex() == right.intercept.hex()
    assert_same_bits(left.bagged_intercept, right.bagged_intercept)
    assert_same_bits(left.bag_weights, right.bag_weights)
    for one, other in zip(left.axes, right.axes, strict=True):
        assert (one.name, one.kind, one.n_unique) == (other.name, other.kind, other.n_unique)
        assert_same_bits(one.bounds, other.bounds)
        assert_same_bits(one.histogram, other.histogram)
        for mine, yours in zip(one.levels, other.levels, strict=True):
            if isinstance(mine, dict):
                assert list(mine.items()) == list(yours.items())
            else:
                assert_same_bits(mine, yours)
    for one, other in zip(left.terms, right.terms, strict=True):
        assert one.features == other.features
        for name in ("scores", "weights", "deviations", "bagged"):
            assert_same_bits(getattr(one, name), getattr(other, name))


def assert_same_bits(left, right):
    if left is None or right is None:
        assert left is right
        return
    left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
    assert left.shape == right.shape
    number = ~np.isnan(left)
    np.testing.assert_array_equal(number, ~np.isnan(right))
    assert left[number].tobytes() == right[number].tobytes()
