"""Finished pieces of the study, one JSON line each, so that nothing is run twice."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

Row = dict[str, Any]


class Key(NamedTuple):
    """What one piece of work is told apart by."""

    task: str
    attribute: str
    split: int
    method: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one method gave on one split of one task by one attribute.

    Parameters
    ----------
    task, attribute, split, method
        Its key.
    trials_allowed, bags : int
        Settings that were equal for all methods.
    seconds : float
        Of the method on this case, or on the task where all its attributes share the fit.
    n_train, n_test : int
        Rows.
    rows : list of dict
        One a trial: ``setting``, ``seconds``, and what was measured on ``tune`` and ``test``.
    reason : str
        Why there are no rows: the method did not finish.
    """

    task: str
    attribute: str
    split: int
    method: str
    trials_allowed: int
    bags: int
    seconds: float
    n_train: int
    n_test: int
    rows: list[Row]
    reason: str = ""

    @property
    def key(self) -> Key:
        """Its key."""
        return Key(self.task, self.attribute, self.split, self.method)

    def best(self) -> Row:
        """Return the row with the best NDCG@10 + NDCG@50 on the tune part; the first of equal ones."""
        return max(self.rows, key=on_tune)


def on_tune(row: Row) -> float:
    """NDCG@10 + NDCG@50 of the tune part, by which settings are chosen."""
    return row["tune"]["ndcg_10"] + row["tune"]["ndcg_50"]


class Store:
    """Outcomes in memory and, where there is a folder, in one file of JSON lines a task.

    Parameters
    ----------
    folder : Path or None
        None keeps nothing.
    trials, bags : int
        Outcomes of other settings are not read.
    """

    def __init__(self, folder: Path | None, *, trials: int, bags: int) -> None:
        self.folder = folder
        self._outcomes: dict[Key, Outcome] = {}
        for path in sorted(folder.glob("*.jsonl")) if folder else ():
            for line in path.read_text(encoding="utf-8").splitlines():
                outcome = Outcome(**json.loads(line))
                if (outcome.trials_allowed, outcome.bags) == (trials, bags):
                    self._outcomes[outcome.key] = outcome

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self._outcomes.values())

    def __contains__(self, key: Key) -> bool:
        return key in self._outcomes

    def get(self, key: Key) -> Outcome | None:
        """Return an outcome, if it is there."""
        return self._outcomes.get(key)

    def add(self, outcome: Outcome) -> None:
        """Keep an outcome, in place of an earlier one; later lines of a file win."""
        self._outcomes[outcome.key] = outcome
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / f"{outcome.task}.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(outcome)) + "\n")

    def choices(self, task: str, attribute: str, split: int, methods: Iterable[str]) -> dict[str, Row]:
        """Return the best row of each of some quality methods on the tune part of a split, the best first."""
        found = {method: self.get(Key(task, attribute, split, method)) for method in methods}
        rows = {method: outcome.best() for method, outcome in found.items() if outcome and outcome.rows}
        return dict(sorted(rows.items(), key=lambda item: -on_tune(item[1])))
