"""interpret's EBMs as anybody would use them, and the grid that every EBM is tuned over."""

from typing import Any

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor

from benchmarks.frontier_parts.cases import Case
from benchmarks.frontier_parts.trials import Score, Setting, Settings, Skipped, Trial, search

MANY_COLUMNS = (
    100  # above this FAST, which compares all pairs of columns, takes too long: no pairs, few settings
)
GRID: tuple[Setting, ...] = tuple(
    {"interactions": interactions, "learning_rate": rate}
    for interactions in (0, 5, 10)
    for rate in (0.1, 0.3)
)
NO_PAIRS: tuple[Setting, ...] = tuple({"interactions": 0, "learning_rate": rate} for rate in (0.1, 0.3))


def grid(case: Case, settings: Settings) -> tuple[Setting, ...]:
    """Return the settings that every EBM of a case is tuned over, ours and interpret's own."""
    return settings.grid(NO_PAIRS if case.train.X.shape[1] > MANY_COLUMNS else GRID)


def stock(kind: type, case: Case, settings: Settings, **setting: Any) -> Any:
    """Return an unfitted EBM of interpret with its own defaults, apart from bags and ``setting``."""
    return kind(outer_bags=settings.bags, n_jobs=1, random_state=case.split, **setting)


def ebm_raw(case: Case, settings: Settings) -> list[Trial]:
    """Fit the regressor of interpret to the labels."""

    def fit(_: Case, **setting: Any) -> Score:
        model = stock(ExplainableBoostingRegressor, case, settings, **setting)
        model.fit(case.train.X, case.train.labels)
        return lambda part: model.predict(part.X)

    return search(case, grid(case, settings), fit)


def ebm_raw_logistic(case: Case, settings: Settings) -> list[Trial]:
    """Fit the classifier of interpret to labels of 0 and 1."""
    if not case.binary:
        raise Skipped("labels are not 0 and 1")

    def fit(_: Case, **setting: Any) -> Score:
        model = stock(ExplainableBoostingClassifier, case, settings, **setting)
        model.fit(case.train.X, case.train.labels.astype(np.int64))
        return lambda part: model.decision_function(part.X)

    return search(case, grid(case, settings), fit)
