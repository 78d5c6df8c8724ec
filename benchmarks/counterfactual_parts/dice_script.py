"""DiCE on some cases, in an environment of its own: python dice_script.py IN.json OUT.json.

The model is the same scorer, its tables looked up by numpy. A case's outcome is whether the score
reaches the case's threshold.
"""

import contextlib
import io
import json
import sys
import time
import warnings

import dice_ml
import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")


class Tables:
    """Score = intercept + sum of tables, as a classifier that says whether a threshold is reached."""

    classes_ = np.array([0, 1])

    def __init__(self, scorer, names, threshold):
        self.names, self.threshold, self.intercept = names, threshold, scorer["intercept"]
        self.levels = [[np.array(cuts) for cuts in levels] for levels in scorer["levels"]]
        self.terms = [(features, np.array(scores)) for features, scores in scorer["terms"]]
        self.seconds = 0.0

    def scores(self, X):
        """Scores of rows, (n,)."""
        X = pd.DataFrame(X)[self.names]
        columns = [X[name].astype(float).to_numpy() for name in self.names]
        out, seen = np.full(len(X), self.intercept), {}
        for features, scores in self.terms:
            where = []
            for f in features:
                level = min(len(self.levels[f]), len(features)) - 1
                if (f, level) not in seen:
                    seen[f, level] = np.searchsorted(self.levels[f][level], columns[f], side="right") + 1
                where.append(seen[f, level])
            out += scores[tuple(where)]
        return out

    def predict_proba(self, X):
        """Probabilities of both classes, (n, 2)."""
        start = time.process_time()
        p = 1 / (1 + np.exp(-4 * (self.scores(X) - self.threshold)))
        self.seconds += time.process_time() - start
        return np.column_stack([1 - p, p])

    def predict(self, X):
        """Classes, (n,)."""
        return (self.predict_proba(X)[:, 1] > 0.5).astype(int)


def answer(given, case, method):
    """Ask DiCE for one counterfactual of one case, and time that alone."""
    names, few = given["names"], set(given["few"])
    frame = pd.DataFrame(given["rows"], columns=names)
    frame = pd.concat([frame, pd.DataFrame([case["now"]], columns=names)], ignore_index=True)
    model = Tables(given["scorer"], names, case["threshold"])
    for name in names:
        if name in few:
            frame[name] = frame[name].map(lambda value: f"{value:g}")
    top = model.predict(frame)
    if not top.any():
        return {"error": "nobody reaches the goal"}
    data = dice_ml.Data(
        dataframe=frame.assign(top=top),
        continuous_features=[name for name in names if name not in few],
        outcome_name="top",
    )
    explainer = dice_ml.Dice(data, dice_ml.Model(model=model, backend="sklearn"), method=method)
    ranges = {
        name: [f"{value:g}" for value in values] if name in few else [min(values), max(values)]
        for name, values in case["reach"].items()
    }
    extra = {"random_seed": 0} if method == "random" else {}
    np.random.seed(0)  # noqa: NPY002 - DiCE draws from numpy's global state
    model.seconds, start = 0.0, time.process_time()
    out = {}
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            found = explainer.generate_counterfactuals(
                frame[names].iloc[[-1]], total_CFs=1, desired_class=1,
                features_to_vary=list(case["reach"]), permitted_range=ranges, **extra,
            )  # fmt: skip
        rows = found.cf_examples_list[0].final_cfs_df
        if rows is not None and len(rows):
            out["values"] = {name: float(rows[name].iloc[0]) for name in names}
    except Exception as error:
        out["error"] = f"{type(error).__name__}: {error}"[:200]
    out["seconds"], out["in_model"] = time.process_time() - start, model.seconds
    return out


def main():
    """Answer every case by every method."""
    with open(sys.argv[1], encoding="utf-8") as file:
        given = json.load(file)
    answers = {
        method: [answer(given, case, method) for case in given["cases"]] for method in given["methods"]
    }
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(answers, file)


main()
