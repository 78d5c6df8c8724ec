"""Drift in Prometheus' text format, for ``/metrics``: nothing about anybody."""

from collections.abc import Iterable, Mapping

from ranker.app.monitoring.stream import Monitor

__all__ = ["metrics_text"]

GAUGES = (
    ("candor_drift_psi", "Population stability index of the latest answers against the training part."),
    ("candor_drift_ks", "Kolmogorov-Smirnov distance of the latest answers from the training part."),
    ("candor_drift_mean", "Mean of the latest answers, in standard deviations from the training part's."),
    ("candor_drift_window", "Answers that these are about."),
    ("candor_drift_alert", "1 where an alarm holds."),
)


def metrics_text(monitors: Mapping[str, Monitor], behind: Mapping[str, int] | None = None) -> bytes:
    """Write gauges of each column.

    Parameters
    ----------
    monitors : mapping of str to Monitor
        By kind of model: ``ranker``, ``classifier``.
    behind : mapping of str to int, optional
        Answers of the log that each has not seen yet.
    """
    rows: dict[str, list[str]] = {name: [] for name, _ in GAUGES}
    for kind, monitor in monitors.items():
        for state in monitor.states():
            labels = f'{{model="{kind}",column="{_escaped(state.column)}"}}'
            values = {
                "candor_drift_psi": None if state.psi is None else state.psi.value,
                "candor_drift_ks": None if state.ks is None else state.ks.value,
                "candor_drift_mean": None if state.mean is None else state.mean.value,
                "candor_drift_window": state.window,
                "candor_drift_alert": int(bool(state.drifting)),
            }
            for name, value in values.items():
                if value is not None:
                    rows[name].append(f"{name}{labels} {value:.6g}")
    lines = [
        line for name, words in GAUGES if rows[name] for line in (*_head(name, words, "gauge"), *rows[name])
    ]
    lines += _counts("candor_drift_alerts_total", "Columns that began to drift.", "counter",
                     {kind: one.n_alerts for kind, one in monitors.items()})  # fmt: skip
    lines += _counts("candor_drift_answers_total", "Answers of the log that were looked at.", "counter",
                     {kind: one.n for kind, one in monitors.items()})  # fmt: skip
    lines += _counts("candor_drift_behind", "Answers of the log that are still to be looked at.", "gauge",
                     behind or {})  # fmt: skip
    return "".join(f"{line}\n" for line in lines).encode()


def _counts(name: str, words: str, kind: str, counts: Mapping[str, int]) -> Iterable[str]:
    if not counts:
        return ()
    return (*_head(name, words, kind), *(f'{name}{{model="{model}"}} {n}' for model, n in counts.items()))


def _head(name: str, words: str, kind: str) -> tuple[str, str]:
    return f"# HELP {name} {words}", f"# TYPE {name} {kind}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
