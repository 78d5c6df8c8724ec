"""The objective that belongs to rankings."""

from collections.abc import Callable
from typing import Any

import pandas as pd
from fairlearn.reductions import ClassificationMoment

from fairness.moments._inputs import checked_labels, job_codes, predicted
from fairness.moments.places import Places
from ranker.errors import ConstraintError
from ranker.scoring.training import centre


class DiscountedGain(ClassificationMoment):
    """One minus the discounted gain of the ranking over that of the ideal one.

    Gains are the labels centred per job, so that a random ranking is worth 0; the ideal
    is summed over all jobs, so that a large pool counts for more.
    """

    short_name = "DiscountedGain"

    def load_data(self, X: Any, y: Any, *, sensitive_features: Any = None, job: Any) -> None:
        """Take the training rows in; see :meth:`RankingParity.load_data`."""
        super().load_data(X, checked_labels(y))
        self._job = job_codes(job, len(self._y))
        self.gains = centre(self._y.to_numpy(), self._job)
        self._places = Places.of(self._job)
        self.ideal = float(self.gains @ self._places.values(self.gains))
        if not self.ideal > 0:
            raise ConstraintError("the labels of every job are all equal: no ranking is better than another")
        self._index = pd.Index(["all"])

    @property
    def index(self) -> pd.Index:
        """The single row."""
        return self._index

    def gamma(self, predictor: Callable) -> pd.Series:
        """Return the loss, 0 for the ideal ranking and 1 for a random one."""
        worth = self._places.values(predicted(predictor, self.X))
        return pd.Series(1.0 - float(self.gains @ worth) / self.ideal, index=self.index)

    def project_lambda(self, lambda_vec: pd.Series) -> pd.Series:
        """Return the multiplier as it is."""
        return lambda_vec

    def signed_weights(self, lambda_vec: pd.Series | None = None) -> pd.Series:
        """Return what raising each candidate brings, (n,)."""
        scale = 1.0 if lambda_vec is None else float(lambda_vec.iloc[0])
        return pd.Series(scale * self.total_samples * self.gains / self.ideal, index=self.tags.index)
