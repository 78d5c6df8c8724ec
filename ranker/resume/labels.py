"""Fit, Partial Fit, Not Fit: what a résumé is called where no person has called it anything."""

from dataclasses import dataclass
from math import isnan, nan

from ranker.errors import DataError, TaskError, did_you_mean
from ranker.records.values import normal

__all__ = ["LABELS", "LabelRules", "label_of", "rule_label"]

LABELS = ("Not Fit", "Partial Fit", "Fit")  # lowest first: a label's place is its code
_BY_FORM = {normal(label): label for label in LABELS}


@dataclass(frozen=True, slots=True)
class LabelRules:
    """From where on a résumé fits.

    Parameters
    ----------
    fit_ratio, fit_score : float
        Least share of the required skills, and of the test's points, for "Fit"; in [0, 1].
    min_projects : int
        Least number of projects for "Fit".
    partial_ratio, partial_score : float
        Least shares for anything better than "Not Fit"; in [0, 1].

    Raises
    ------
    TaskError
        If a threshold is no share, or one for "Fit" lies below the one for "Partial Fit".
    """

    fit_ratio: float = 0.70
    fit_score: float = 0.75
    min_projects: int = 1
    partial_ratio: float = 0.40
    partial_score: float = 0.50

    def __post_init__(self) -> None:
        for name in ("fit_ratio", "fit_score", "partial_ratio", "partial_score"):
            if not 0 <= getattr(self, name) <= 1:
                raise TaskError(f"{name} is {getattr(self, name)}: give a share from 0 to 1, such as 0.7")
        if self.min_projects < 0:
            raise TaskError(f"min_projects is {self.min_projects}: give a whole number from 0")
        for what in ("ratio", "score"):
            fit, partial = getattr(self, f"fit_{what}"), getattr(self, f"partial_{what}")
            if fit < partial:
                raise TaskError(
                    f"fit_{what} is {fit}, below partial_{what}, {partial}: "
                    "who fits has at least what fitting in part takes"
                )


def rule_label(ratio: float, score_norm: float | None, projects: int, rules: LabelRules | None = None) -> str:
    """Name a résumé by rule.

    The three rules as they were first written down overlap (a ratio of .5 with a score of .3 is
    both Partial Fit and Not Fit) and leave a gap (.9 and .9 without a project is none of them).
    They are asked in this order, and the first one that holds decides:

    ============  ==========================================================  ===================
    label         holds where (by default)                                    settles
    ============  ==========================================================  ===================
    Fit           ratio >= .70 and score >= .75 and projects >= 1             no overlap
    Not Fit       ratio < .40 or score < .50                                  the overlap: what is
                                                                              far too low on one
                                                                              side is not made up
                                                                              for on the other
    Partial Fit   everything else: .40 <= ratio < .70 or .50 <= score < .75,  the gap
                  and who lacks but the project
    ============  ==========================================================  ===================

    In this order a record that is better in one respect and worse in none never gets a lower
    label; with Partial Fit before Not Fit it would: (.3, .6) would be Partial Fit and (.3, .8)
    Not Fit.

    What is not given (``None``, NaN) is no reason against anybody and none for: the other side
    decides alone, it is never Fit, and with neither side given it is Not Fit. Projects that are
    not given count as none.

    Parameters
    ----------
    ratio : float
        Share of the required skills that are there.
    score_norm : float or None
        Share of the test's points.
    projects : int
        Number of projects.
    rules : LabelRules, optional
        Thresholds.

    Returns
    -------
    str
        One of :data:`LABELS`.
    """
    rules = rules or LabelRules()
    ratio, score = (nan if value is None else float(value) for value in (ratio, score_norm))
    if ratio >= rules.fit_ratio and score >= rules.fit_score and projects >= rules.min_projects:
        return "Fit"
    if ratio < rules.partial_ratio or score < rules.partial_score or (isnan(ratio) and isnan(score)):
        return "Not Fit"
    return "Partial Fit"


def label_of(text: str) -> str:
    """Read a label that a person wrote, whatever its case and spaces.

    Raises
    ------
    DataError
        If it is none of the three; the message hints at the one that was probably meant.
    """
    found = _BY_FORM.get(normal(text))
    if found is None:
        raise DataError(f"label {text!r} is none of the three{did_you_mean(text, LABELS)}")
    return found
