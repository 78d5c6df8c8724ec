"""One résumé explained by three models: exactly, by TreeSHAP, and by Shapley values of a network."""

from collections.abc import Callable
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.resume_parts.cases import Case, Part
from benchmarks.resume_parts.models import coder
from ranker.scoring.ordinal import OrdinalEBM

__all__ = ["BACKGROUND", "coalitions", "exact", "shapley", "tree_shap"]

BACKGROUND = 100  # training résumés that stand for "not known"
Json = dict[str, Any]


def exact(model: OrdinalEBM, row: pd.DataFrame) -> Json:
    """Terms of the score, and what it lacks to the thresholds; nothing is left over."""
    scorer, labels = model.scorer_, model.labels_
    amounts = scorer.contributions(row)[0]
    score = float(model.decision_function(row)[0])
    return {
        "explains": "the score, in logits, which gives rank, label and probabilities",
        "label": model.labels[int(labels.predict([score])[0])],
        "probabilities": dict(
            zip(model.labels, labels.predict_proba([score])[0].round(4).tolist(), strict=True)
        ),
        "score": score,
        "thresholds": list(labels.thresholds),
        "start": scorer.intercept,
        "amounts": dict(zip(scorer.term_names, amounts.round(6).tolist(), strict=True)),
        "left_over": float(score - scorer.intercept - amounts.sum()),
    }


def tree_shap(model: Any, case: Case, row: pd.DataFrame) -> Json:
    """TreeSHAP of the margin of the label that XGBoost gives, as XGBoost computes it itself."""
    import xgboost

    coded = coder(case.train)(row)
    code = int(model.predict_proba(coded)[0].argmax())
    data = xgboost.DMatrix(coded, enable_categorical=True)
    best = (0, model.best_iteration + 1)
    told = model.get_booster().predict(data, pred_contribs=True, iteration_range=best)
    margin = model.get_booster().predict(data, output_margin=True, iteration_range=best)
    amounts, whole = np.float64(np.squeeze(told)), np.ravel(np.float64(margin))
    amounts, whole = (amounts[code], whole[code]) if amounts.ndim == 2 else (amounts, whole[0])
    return {
        "explains": "the margin of the label that is given, one of as many as there are labels",
        "label": case.labels[code],
        "start": float(amounts[-1]),
        "amounts": dict(zip(map(str, row.columns), amounts[:-1].round(6).tolist(), strict=True)),
        "left_over": float(whole - amounts.sum()),
    }


def coalitions(row: Part, background: Part) -> tuple[list[str], Part]:
    """Rows to ask a network for: every set of features from the résumé, the rest from others.

    Parameters
    ----------
    row : Part of one row
        The résumé.
    background : Part of ``b`` rows
        Who stands in for features that are left out.

    Returns
    -------
    players : list of str
        The features, and all skills of the binary branch as one.
    Part
        ``2**n_players * b`` rows: set after set, as :func:`subsets` counts them.
    """
    players = [*map(str, row.X.columns), "skills"]
    tables, branches = [], []
    for chosen in subsets(len(players)):
        own = [players[player] for player in chosen if player < len(row.X.columns)]
        tables.append(background.X.assign(**{name: row.X[name].iloc[0] for name in own}))
        with_skills = len(row.X.columns) in chosen
        branches.append(np.repeat(row.binary, len(background.y), 0) if with_skills else background.binary)
    X, binary = pd.concat(tables, ignore_index=True), np.concatenate(branches)
    nobody = np.zeros(len(X), dtype=np.int64)
    return players, Part(X, binary, nobody, nobody)


def subsets(n: int) -> list[tuple[int, ...]]:
    """All sets of ``n`` players, the empty one first."""
    return [chosen for size in range(n + 1) for chosen in combinations(range(n), size)]


def shapley(n: int, worth: Callable[[tuple[int, ...]], float]) -> list[float]:
    """Shapley values of ``n`` players, over all sets of them."""
    values = [0.0] * n
    for player in range(n):
        for others in subsets(n):
            if player not in others:
                weight = 1.0 / (n * comb(n - 1, len(others)))
                gain = worth(tuple(sorted((*others, player)))) - worth(others)
                values[player] += weight * gain
    return values


def network_shap(case: Case, players: list[str], given: np.ndarray, own: np.ndarray) -> Json:
    """Shapley values of the probability that a network gives the résumé's label.

    Parameters
    ----------
    players : list of str
        As :func:`coalitions` names them.
    given : (2**n_players * b, K) array
        Probabilities of its rows.
    own : (K,) array
        Probabilities of the résumé.
    """
    code = int(own.argmax())
    sets = subsets(len(players))
    means = given[:, code].reshape(len(sets), -1).mean(axis=1)
    worth = dict(zip(sets, means.tolist(), strict=True))
    values = shapley(len(players), worth.__getitem__)
    return {
        "explains": "the probability of the label that is given, one of as many as there are labels",
        "label": case.labels[code],
        "start": worth[()],
        "amounts": {name: round(value, 6) for name, value in zip(players, values, strict=True)},
        "left_over": float(own[code] - worth[()] - sum(values)),
    }
