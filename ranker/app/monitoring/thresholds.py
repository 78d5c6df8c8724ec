"""From how often an alarm may be false to what each look at each column takes for one."""

from dataclasses import dataclass
from typing import Final

__all__ = ["TESTS", "Thresholds"]

TESTS: Final = ("mean", "adjusted", "ks", "psi", "adwin")
# Of the false alarms: a shift of the mean is what is to be found soon; the others find what does not move it.
SHARES: Final = {"ks": 0.05, "psi": 0.05, "adwin": 0.05}
# Looks overlap: 5,000 uniform values, looked at every 10, gave as many alarms at levels of 1e-3 .. 1e-5 as 5 to 10
# independent looks for each window that fits into them (1,500 simulated streams for windows of 100 and 200).
CLUMP: Final = 10.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a column is said to drift.

    Parameters
    ----------
    false_alarms : float
        False alarms, of all columns and tests together, expected in ``horizon`` answers without drift.
        Kolmogorov-Smirnov, PSI and ADWIN take .05 of it each, the cumulative sums the rest.
    horizon : int
        Answers.
    deadline : int
        Answers within which the smallest shift of a mean is to be found that can be.
    windows : tuple of int
        The latest so many answers are compared with the training part by Kolmogorov-Smirnov and PSI.
    weights : tuple of float
        What each window may spend of a test's false alarms; they sum to 1.
    every : int
        Answers between two looks.
    psi_look, psi_alarm : float
        Population stability index at which a column deserves a look, and an alarm, by the rule of thumb of
        credit scoring; an alarm by PSI also needs the likelihood ratio's word that it is no chance.
    clears : float
        An alarm by a window ends when all of its test's windows have a p above it.
    adwin_clock : int
        Values between two looks of ADWIN.
    """

    false_alarms: float = 0.005
    horizon: int = 5_000
    deadline: int = 200
    windows: tuple[int, ...] = (100, 200, 400, 800)
    weights: tuple[float, ...] = (0.125, 0.5, 0.25, 0.125)
    every: int = 10
    psi_look: float = 0.1
    psi_alarm: float = 0.25
    clears: float = 0.01
    adwin_clock: int = 4

    def level(self, test: str, n_columns: int, window: int) -> float:
        """Return the p below which one look at one window of one column is an alarm.

        Bonferroni over columns, tests, windows and as many looks as there are independent ones.
        """
        share = self.false_alarms * SHARES[test] * self.weights[self.windows.index(window)]
        return share / max(n_columns, 1) * min(1.0, window / (self.horizon * CLUMP))

    def walk_chance(self, n_walks: int) -> float:
        """Return what each of the cumulative sums may err: the chance of a false alarm within the horizon."""
        return self.false_alarms * (1 - sum(SHARES.values())) / max(n_walks, 1)

    def adwin_delta(self, n_columns: int) -> float:
        """Return ADWIN's bound on a false alarm for one of the columns.

        Its bound is on each look, and loose: at .005 one of 150 streams of 5,000 normal values gave a false
        alarm, at .001 none did, so that the share of one stream may stand for it.
        """
        return min(self.false_alarms * SHARES["adwin"] / max(n_columns, 1), 0.05)

    def in_words(self) -> str:
        """Say it for people."""
        return (
            f"set so that {self.false_alarms:g} false alarm(s) are expected in {self.horizon:,} answers, over all "
            f"columns and tests together: one in {self.horizon / self.false_alarms:,.0f} answers"
        )
