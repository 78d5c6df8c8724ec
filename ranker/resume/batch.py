"""Many résumés, answered one after the other; none of them keeps the others from their answer."""

import logging
from collections.abc import Callable, Iterator, Sequence

from ranker.records.ledger import CleaningReport
from ranker.records.resumes import RawResume
from ranker.resume.answer import Answer
from ranker.resume.answering import answer_all
from ranker.resume.classifier import Refused, ResumeClassifier

log = logging.getLogger("candor.classify")

__all__ = ["answer_batch", "refused_by"]

AT_ONCE = 2_500  # résumés computed together; 10 MB of features and parts


def answer_batch(
    classifier: ResumeClassifier,
    raws: Sequence[RawResume],
    *,
    at_once: int = AT_ONCE,
    tell: Callable[[int, int], None] | None = None,
) -> Iterator[Answer | Refused]:
    """Answer résumés in order.

    Parameters
    ----------
    classifier : ResumeClassifier
        What answers.
    raws : sequence of RawResume
        Résumés as written.
    at_once : int
        How many are computed together.
    tell : callable, optional
        Is told how many are done, of how many.

    Yields
    ------
    Answer or Refused
        One for each résumé. What nobody foresaw is a fault of the one résumé that brings it.
    """
    for start in range(0, len(raws), at_once):
        some = raws[start : start + at_once]
        try:
            yield from answer_all(classifier, some)
        except Exception as error:
            log.info("résumés %s to %s one by one: %s", start + 1, start + len(some), error)
            yield from (_one(classifier, raw) for raw in some)
        if tell is not None:
            tell(start + len(some), len(raws))


def refused_by(report: CleaningReport) -> list[Refused]:
    """Return the records that reading set aside, each with its place and fault."""
    return [Refused("", fate.row, fate.reason) for fate in report.set_aside() if fate.table == "resume"]


def _one(classifier: ResumeClassifier, raw: RawResume) -> Answer | Refused:
    try:
        return answer_all(classifier, [raw])[0]
    except Exception as error:
        return Refused(
            str(raw.value.get("id") or ""), raw.place, f"unforeseen {type(error).__name__}: {error}"
        )
