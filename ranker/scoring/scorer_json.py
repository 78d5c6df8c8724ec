"""A scorer as strict JSON: floats to the last bit, NaN and infinities spelled out."""

import math
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ranker.errors import ModelError, did_you_mean
from ranker.scoring.additive import AdditiveScorer, Axis, Kind, Level, Term

__all__ = ["decode", "encode"]

FORMAT = "candor-scorer"
VERSION = 1
# JSON has no such numbers; these are interpret's spellings.
NOT_FINITE = {"nan": math.nan, "+inf": math.inf, "-inf": -math.inf}
TABLES = ("scores", "weights", "deviations", "bagged")


def encode(scorer: AdditiveScorer) -> dict[str, Any]:
    """Write a scorer as a JSON object; see ``AdditiveScorer.to_json``."""
    names = scorer.feature_names
    return {
        "format": FORMAT,
        "version": VERSION,
        "intercept": _plain(scorer.intercept),
        "bagged_intercept": _plain(scorer.bagged_intercept),
        "bag_weights": _plain(scorer.bag_weights),
        "axes": [
            {
                "name": axis.name,
                "kind": axis.kind,
                "levels": [
                    dict(level) if isinstance(level, dict) else _plain(level) for level in axis.levels
                ],
                "bounds": _plain(axis.bounds),
                "histogram": _plain(axis.histogram),
                "n_unique": axis.n_unique,
            }
            for axis in scorer.axes
        ],
        "terms": [
            {
                "features": [names[f] for f in term.features],
                **{table: _plain(getattr(term, table)) for table in TABLES},
            }
            for term in scorer.terms
        ],
    }


def decode(document: Any) -> AdditiveScorer:
    """Read a scorer out of a JSON object; see ``AdditiveScorer.from_json``."""
    _check(isinstance(document, dict), "scorer", f"a JSON object is due, not {_kind(document)}")
    found = document.get("format")
    if found != FORMAT:
        raise ModelError(f"scorer.format: {found!r} is not {FORMAT!r}: this is no scorer of Candor's")
    if (version := _get(document, "version", "scorer")) != VERSION:
        raise ModelError(
            f"scorer.version: {version!r} is not {VERSION}: read it with the Candor that wrote it, "
            "or train the model again"
        )
    bag_weights = _optional(document, "bag_weights", "scorer", 1)
    n_bags = None if bag_weights is None else bag_weights.size
    bagged = _optional(document, "bagged_intercept", "scorer", 1)
    if bagged is not None and n_bags is not None:
        _fits(bagged, (n_bags,), "scorer.bagged_intercept", "bag_weights give")
    axes = tuple(_axis(*item) for item in _items(document, "axes"))
    names = [axis.name for axis in axes]
    for name in names:
        _check(names.count(name) == 1, "scorer.axes", f"the name {name!r} stands {names.count(name)} times")
    terms = tuple(_term(*item, axes, n_bags) for item in _items(document, "terms"))
    intercept = _number(_get(document, "intercept", "scorer"), "scorer.intercept")
    return AdditiveScorer(axes, terms, intercept, bagged, bag_weights)


def _axis(entry: Any, place: str) -> Axis:
    name = _get(entry, "name", place)
    _check(isinstance(name, str), f"{place}.name", f"a text is due, not {_kind(name)}")
    kind = _get(entry, "kind", place)
    _check(kind in get_args(Kind), f"{place}.kind", f"{kind!r} is none of {', '.join(get_args(Kind))}")
    read: Callable[[Any, str], Level] = _cuts if kind == "continuous" else _categories
    levels = tuple(read(*item) for item in _items(entry, "levels", place))
    bounds = _optional(entry, "bounds", place, 1)
    if bounds is not None:
        _fits(bounds, (2,), f"{place}.bounds", "least and greatest make")
    n_unique = _get(entry, "n_unique", place)
    _check(n_unique is None or _is_count(n_unique), f"{place}.n_unique", f"a count is due, not {n_unique!r}")
    return Axis(
        name,
        kind,
        levels,
        None if bounds is None else (float(bounds[0]), float(bounds[1])),
        _optional(entry, "histogram", place, 1),
        n_unique,
    )


def _cuts(value: Any, place: str) -> NDArray[np.float64]:
    cuts = _array(value, place, 1)
    rising = bool(np.isfinite(cuts).all() and (np.diff(cuts) > 0).all())
    _check(rising, place, "cuts must be finite and increasing")
    return cuts


def _categories(value: Any, place: str) -> dict[str, int]:
    _check(isinstance(value, dict), place, f"an object category -> bin is due, not {_kind(value)}")
    for category, position in value.items():
        _check(
            _is_count(position) and position > 0,
            f"{place}[{category!r}]",
            f"a bin, 1 or greater, is due, not {position!r}",
        )
    return dict(value)


def _term(entry: Any, place: str, axes: tuple[Axis, ...], n_bags: int | None) -> Term:
    positions = {axis.name: position for position, axis in enumerate(axes)}
    features = []
    for name, spot in _items(entry, "features", place):
        known = isinstance(name, str) and name in positions
        _check(known, spot, f"no axis is called {name!r}{did_you_mean(str(name), positions)}")
        _check(len(axes[positions[name]].levels) > 0, spot, f"axis {name!r} has no level")
        _check(positions[name] not in features, spot, f"axis {name!r} stands twice")
        features.append(positions[name])
    _check(len(features) > 0, f"{place}.features", "a term needs at least one feature")
    due = tuple(axes[f].n_bins(axes[f].level(len(features))) for f in features)
    why = f"the axes {', '.join(axes[f].name for f in features)} give"
    scores = _array(_get(entry, "scores", place), f"{place}.scores")
    _fits(scores, due, f"{place}.scores", why)
    weights, deviations, bagged = (_optional(entry, table, place) for table in TABLES[1:])
    if weights is not None:
        _fits(weights, due, f"{place}.weights", why)
    if deviations is not None:
        _fits(deviations, due, f"{place}.deviations", why)
    if bagged is not None:
        _fits(
            bagged,
            (len(bagged) if n_bags is None else n_bags, *due),
            f"{place}.bagged",
            f"the bags and {why}",
        )
    return Term(tuple(features), scores, weights, deviations, bagged)


def _plain(value: Any) -> Any:
    """Numbers, arrays and sequences as JSON values."""
    if isinstance(value, np.ndarray):
        return value.tolist() if np.isfinite(value).all() else [_plain(item) for item in value]
    if isinstance(value, Sequence):
        return [_plain(item) for item in value]
    if value is None or math.isfinite(value):
        return None if value is None else float(value)
    return next(text for text, number in NOT_FINITE.items() if str(number) == str(float(value)))


def _optional(
    entry: Any, key: str, place: str, n_dimensions: int | None = None
) -> NDArray[np.float64] | None:
    value = _get(entry, key, place)
    return None if value is None else _array(value, f"{place}.{key}", n_dimensions)


def _array(value: Any, place: str, n_dimensions: int | None = None) -> NDArray[np.float64]:
    _check(isinstance(value, list), place, f"a list of numbers is due, not {_kind(value)}")
    try:
        # Number by number is slow, and tells where a wrong one stands: 111 ms a scorer of 4 MB against 8.
        array = np.array(value if _is_plain(value) else _numbers(value, place), np.float64)
    except ValueError:
        raise _bad(place, "its rows differ in length") from None
    if n_dimensions is not None:
        _check(array.ndim == n_dimensions, place, f"{n_dimensions} dimension is due, not {array.ndim}")
    return array


def _is_plain(value: list[Any]) -> bool:
    """Tell whether nested lists hold floats and nothing else."""
    kinds = set(map(type, value))
    while kinds == {list}:
        value = list(chain.from_iterable(value))
        kinds = set(map(type, value))
    return kinds <= {float}


def _numbers(value: Any, place: str) -> Any:
    if isinstance(value, list):
        return [_numbers(item, place) for item in value]
    return _number(value, place)


def _number(value: Any, place: str) -> float:
    if isinstance(value, str) and value in NOT_FINITE:
        return NOT_FINITE[value]
    _check(
        isinstance(value, int | float) and not isinstance(value, bool), place, f"{value!r} is not a number"
    )
    try:
        return float(value)
    except OverflowError:
        raise _bad(place, "a number is too large for a float") from None


def _items(entry: Any, key: str, place: str = "scorer") -> list[tuple[Any, str]]:
    """Items of a list, each with its place."""
    value = _get(entry, key, place)
    _check(isinstance(value, list), f"{place}.{key}", f"a list is due, not {_kind(value)}")
    return [(item, f"{place}.{key}[{position}]") for position, item in enumerate(value)]


def _get(entry: Any, key: str, place: str) -> Any:
    _check(isinstance(entry, dict), place, f"a JSON object is due, not {_kind(entry)}")
    _check(key in entry, place, f"key {key!r} is missing")
    return entry[key]


def _fits(array: NDArray[np.float64], due: tuple[int, ...], place: str, why: str) -> None:
    _check(array.shape == due, place, f"shape {array.shape} does not fit: {why} {due}")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _kind(value: Any) -> str:
    return "null" if value is None else type(value).__name__


def _check(right: bool, place: str, what: str) -> None:
    if not right:
        raise _bad(place, what)


def _bad(place: str, what: str) -> ModelError:
    return ModelError(f"{place}: {what}: the model was altered or cut short, export it again")
