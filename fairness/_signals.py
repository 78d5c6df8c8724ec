"""What betrays a group: the signals of a constraint, and the tables that are fitted to them."""

from collections.abc import Sequence

import numpy as np

from fairness._demands import Demand
from fairness._parts import constraint_names
from fairness.moments import DiscountedGain
from fairness.moments.places import place_values
from ranker.scoring.training import Design

TOP_HEAVY = ("exposure", "selection_rate")


def signals_of(
    demands: Sequence[Demand], plan: Design, relevance: np.ndarray, job: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Return signals, the targets of the tables, what signals are made of, and names of the tables.

    Parameters
    ----------
    demands : sequence of Demand
        Of the ``n`` training rows.
    plan : Design
        Their features.
    relevance, job : (n,) arrays
        Their labels.

    Returns
    -------
    signals : (n, 1 + n_signals) array
        Gains, centred per job, and the coefficients of each constraint's gaps in units of
        their root mean square: a booster stops by absolute progress.
    targets : (n, n_tables) array
        The same for three groups and more. Of two groups, what one gains the other loses:
        one contrast stands for both, and one table is fitted instead of two.
    mix : (n_signals, n_tables) array
        Nearest combination of targets to each signal.
    names : list of str
        Of the tables.
    """
    objective = DiscountedGain()
    objective.load_data(plan.frame, relevance, job=job)
    signals, targets, names = [objective.gains], [], []
    for demand, own in zip(demands, constraint_names([d.constraint for d in demands]), strict=True):
        moment = demand.moment(0.0)
        moment.load_data(plan.frame, relevance, sensitive_features=demand.groups.names(), job=job)
        rows = moment.coefficients / np.sqrt((moment.coefficients**2).mean(axis=1, keepdims=True))
        prefix = "" if len(demands) == 1 else f"{own}: "
        labels = list(moment.group_labels)
        signals.extend(rows)
        if len(labels) == 2:
            contrast = rows[0] - rows[1]
            targets.append(contrast / np.sqrt((contrast**2).mean()))
            names.append(f"{prefix}{labels[0]} against {labels[1]}")
        else:
            targets.extend(rows)
            names += [prefix + label for label in labels]
    stacked, aims = np.column_stack(signals), np.column_stack(targets)
    return stacked, aims, _mix(stacked[:, 1:], aims, [len(demand.groups.labels) for demand in demands]), names


def _mix(signals: np.ndarray, targets: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Project each signal on the target that stands for it."""
    mix = np.zeros((signals.shape[1], targets.shape[1]))
    signal = table = 0
    for size in sizes:
        for _ in range(size):
            own = targets[:, table]
            mix[signal, table] = (signals[:, signal] @ own) / (own @ own)
            signal += 1
            table += size > 2
        table += size == 2
    return mix


def top_heavy(demands: Sequence[Demand], scores: np.ndarray, job: np.ndarray) -> np.ndarray | None:
    """Weights that make tables of groups most exact where places are worth most.

    ``sqrt(n / rank)`` by the rank that relevance alone gives, within each job of n, with
    mean 1; ties share. Exposure and shares of the top are decided there; mean ranks are
    decided everywhere alike, and get None.
    """
    if not any(demand.constraint.measure in TOP_HEAVY for demand in demands):
        return None
    code = np.unique(np.asarray(job).astype(str), return_inverse=True)[1]
    size = np.bincount(code)[code]
    # A place's worth by mean rank is (n - rank) / (n - 1), so it tells the (mean) rank.
    rank = size - place_values(scores, code, measure="mean_rank") * (size - 1)
    weight = np.sqrt(size / np.maximum(rank, 1.0))
    return weight / weight.mean()
