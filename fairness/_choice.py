"""Which point of which path ships, by what the tune part shows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fairness._parts import Part
from fairness._path import Path
from fairness._refit import StraightPath
from fairness.constraint import FairnessConstraint
from ranker.errors import ConstraintError
from ranker.scoring import AdditiveScorer, EBMRanker
from ranker.scoring.quality import RankingQuality, best_or_default

FINER = 8  # points between the last position that misses the bound and the first that keeps it

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What points of paths are chosen by.

    Parameters
    ----------
    ranker : EBMRanker
        Its settings; sums of tables keep its ``monotone``.
    constraints : tuple of FairnessConstraint
        What is demanded.
    tune : Part
        The candidates that it is measured on.
    """

    ranker: EBMRanker
    constraints: tuple[FairnessConstraint, ...]
    tune: Part

    def collapse(self, path: Path | StraightPath, multipliers: np.ndarray) -> AdditiveScorer:
        """Return the scorer at a point of a path."""
        if not multipliers.any():
            return path.tables.scorers[0]
        return self.ranker.keep_monotone(path.tables.collapse(multipliers))

    def _walk(self, path: Path | StraightPath, positions: np.ndarray, outputs: np.ndarray) -> pd.DataFrame:
        """Measure positions of a path on the tune part."""
        rows = []
        for position, point in zip(positions, path.multipliers(positions), strict=True):
            if self.ranker.monotone:
                scores = self.collapse(path, point).score(self.tune.X)
            else:
                scores = outputs[:, 0] + outputs[:, 1:] @ point
            rows.append({"multiplier": float(position), **self.tune.measure(scores), "point": point})
        return pd.DataFrame(rows)

    def choose(self, path: Path | StraightPath) -> pd.DataFrame:
        """Walk along a path and take the first position that keeps the bound on the tune part."""
        outputs = np.column_stack([scorer.score(self.tune.X) for scorer in path.tables.scorers])
        walked = self._walk(path, path.positions(), outputs)
        kept = walked["met"].to_numpy()
        if kept.any() and not kept[0]:
            first = int(np.argmax(kept))
            last_missed, first_kept = walked["multiplier"].to_numpy()[[first - 1, first]]
            between = np.linspace(last_missed, first_kept, FINER + 2)[1:-1]
            finer = self._walk(path, between, outputs)
            walked = pd.concat([walked, finer]).sort_values("multiplier", ignore_index=True)
            kept = walked["met"].to_numpy()
        missed = walked["missed"].to_numpy()
        if not np.isfinite(missed).any():
            names = ", ".join(" × ".join(c.attributes) for c in self.constraints)
            raise ConstraintError(
                f"no job of the tune part holds two groups of {names}: the constraint cannot be measured there"
            )
        chosen = int(np.argmax(kept)) if kept.any() else int(np.nanargmin(missed))
        walked["accuracy_cost"] = walked["ndcg"].iloc[0] - walked["ndcg"]
        walked["chosen"] = np.arange(len(walked)) == chosen
        return walked

    def best(self, paths: Mapping[Key, Path | StraightPath], ends: pd.DataFrame) -> int:
        """Choose among the ends of paths: of those that keep the bound the best ranking, else the nearest.

        A blend of objectives, where there is one, gives way only to what is better beyond noise.
        """
        keys = list(paths)
        if not ends["met"].any():
            return int(np.nanargmin(ends["missed"].to_numpy(dtype=np.float64)))
        quality = RankingQuality(self.tune.X, self.tune.gains, self.tune.job)
        scores = {
            at: self.collapse(paths[keys[at]], ends["point"].iloc[at]).score(self.tune.X)
            for at in np.flatnonzero(ends["met"])
        }
        blends = {at: quality.of_scores(scores[at]) for at in scores if keys[at][0] == "blend"}
        default = max(blends, key=lambda at: blends[at]) if blends else None
        return int(best_or_default(quality, scores, default))
