"""The methods that are compared, each for one candidate."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.posthoc_parts.levels import by_column, by_entry, exact, exact_against_background
from benchmarks.posthoc_parts.setting import BACKGROUND, SEED, Counted, Setting
from explain.posthoc import (
    Attributions,
    Explainer,
    KernelShap,
    LocalRidge,
    MakeExplainer,
    PostHocExplanation,
    explain_black_box,
    explain_gray_box,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What one method says of one candidate.

    Parameters
    ----------
    found : PostHocExplanation
        As it came.
    seconds : float
        Of the processor, by the method alone: the candidate's rank, and the search for protected
        fields that the model may read, are left out.
    rows : int or None
        Records or feature rows that the method asked the model about; ``None`` for one that looks
        into it.
    """

    found: PostHocExplanation
    seconds: float
    rows: int | None


@dataclass(slots=True)
class Watched:
    """An explainer, its time, and what it asks of a model that counts."""

    inner: Explainer
    model: Counted | None
    seconds: float = 0.0
    rows: int | None = None

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Score rows."""
        return self.inner.predict(X)

    def explain(self, X: pd.DataFrame) -> Attributions:
        """Explain rows, and take the time."""
        before, start = self.model.rows if self.model else 0, time.process_time()
        found = self.inner.explain(X)
        self.seconds = time.process_time() - start
        self.rows = self.model.rows - before if self.model else None
        return found


@dataclass(frozen=True, slots=True)
class Method:
    """One line of the table.

    Parameters
    ----------
    name : str
        For people.
    level : {"columns", "entries", "features"}
        What its amounts are compared by.
    same_model : bool
        Whether it explains the EBM; else the boosted trees, whose scores differ.
    explain : callable
        Takes the setting and a pair.
    """

    name: str
    level: str
    same_model: bool
    explain: Callable[[Setting, int], Said]


def black_box(make: MakeExplainer, parts: str) -> Callable[[Setting, int], Said]:
    """Explain the EBM over raw records."""

    def explain(setting: Setting, pair: int) -> Said:
        model = Counted(setting.predict)
        made = []

        def watched(*given: Any, **options: Any) -> Watched:
            made.append(Watched(make(*given, **options), model))
            return made[0]

        found = explain_black_box(
            model,
            setting.records,
            job=setting.records.job[pair],
            candidate=setting.records.candidate[pair],
            explainer=watched,
            parts=parts,
            background=BACKGROUND,
            random_state=SEED,
        )
        return Said(found, made[0].seconds, made[0].rows)

    return explain


def over_features(setting: Setting, pair: int) -> Said:
    """Explain the EBM over features by KernelSHAP, and pull back."""
    model = Counted(setting.scorer.score)
    table = setting.task.features.compute(setting.for_job_of(pair, setting.background))
    return _gray(setting, pair, KernelShap(model, table, random_state=SEED), model)


def as_shipped(setting: Setting, pair: int) -> Said:
    """Explain the EBM over features by the package shap alone, as its page shows: every mixed row is scored."""
    import shap

    features = setting.task.features
    names = list(features.names)
    background = features.compute(setting.for_job_of(pair, setting.background)).to_numpy(dtype=float)
    model = Counted(lambda rows: setting.scorer.score(pd.DataFrame(rows, columns=names)))

    @dataclass(frozen=True, slots=True)
    class Shipped:
        """The same, as this project's protocol has it."""

        def predict(self, X: pd.DataFrame) -> np.ndarray:
            return setting.scorer.score(X)

        def explain(self, X: pd.DataFrame) -> Attributions:
            kernel = shap.KernelExplainer(model, background)
            amounts = kernel.shap_values(X.to_numpy(dtype=float), silent=True)
            base = np.full(len(X), float(kernel.expected_value))
            return Attributions(setting.scorer.score(X), base, amounts, "KernelExplainer of shap", "92 rows")

    return _gray(setting, pair, Shipped(), model)


def trees(setting: Setting, pair: int) -> Said:
    """Explain the boosted trees by TreeSHAP, and pull back."""
    return _gray(setting, pair, setting.tree_shap, None)


def _gray(setting: Setting, pair: int, explainer: Explainer, model: Counted | None) -> Said:
    watched = Watched(explainer, model)
    job, candidate = setting.records.job[pair], setting.records.candidate[pair]
    found = explain_gray_box(watched, setting.task.features, setting.records, job=job, candidate=candidate)
    return Said(found, watched.seconds, watched.rows)


METHODS = (
    Method("KernelSHAP, black box, 3 raw fields", "columns", True, black_box(KernelShap, "fields")),
    Method("LIME-like, black box, 3 raw fields", "columns", True, black_box(LocalRidge, "fields")),
    Method("KernelSHAP, black box, list entries", "entries", True, black_box(KernelShap, "entries")),
    Method(
        "KernelSHAP, black box, list entries, 200 coalitions",
        "entries",
        True,
        black_box(partial(KernelShap, n_samples=200), "entries"),
    ),
    Method("LIME-like, black box, list entries", "entries", True, black_box(LocalRidge, "entries")),
    Method("KernelSHAP, gray box, 7 features", "features", True, over_features),
    Method("the package shap alone, 7 features", "features", True, as_shipped),
    Method("TreeSHAP, gray box, 7 features of LightGBM", "features", False, trees),
)

# Without drawing, these must agree with the exact answer where there is no interaction to share out.
CHECKED = (METHODS[0], METHODS[2], METHODS[5])


def compared(setting: Setting, pair: int, method: Method, said: Said) -> tuple[dict, dict]:
    """Return the method's amounts and the exact ones, by the same keys."""
    if method.level == "entries":
        own = exact(setting, setting.records.take(np.array([pair])))[0].fields
        return by_entry(setting, pair, said.found.fields), by_entry(setting, pair, own)
    columns, features = exact_against_background(setting, pair)
    if method.level == "features":
        return said.found.features, features
    return by_column(setting.records, said.found.fields), columns
