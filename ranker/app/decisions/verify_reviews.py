"""Whether the queue holds the cases that the chain says a person is to look at.

Which cases a decision brought is hashed with its list of people; which one an objection or a person's word
brought stands in that entry. Entries from before the lists said so are verified all the same: of their
cases it cannot be told that one is gone before it was decided.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, or_, select

from ranker.app.decisions.documents import vouched
from ranker.app.decisions.tables import answers, decisions, inputs, lists, reviews

__all__ = ["Case", "cases_of", "faults_in_queue", "missing_cases"]

Case = tuple[str, str]  # a person, and the reason
BRINGING: Final = ("objection", "queue")  # kinds of entries that name the case they brought


def cases_of(connection: Connection, first: int, last: int) -> dict[int, Counter[Case]]:
    """Return the cases in the queue, open or decided, by the number of their decision.

    Parameters
    ----------
    connection : Connection
        To the log.
    first, last : int
        Numbers of decisions, both included.
    """
    found: dict[int, Counter[Case]] = {}
    columns = (reviews.c.about, reviews.c.person, reviews.c.reason)
    for about, person, reason in connection.execute(
        select(*columns).where(reviews.c.about.between(first, last))
    ):
        found.setdefault(about, Counter())[person, reason] += 1
    return found


def missing_cases(listed: Sequence[dict[str, Any]], there: Counter[Case]) -> Iterator[str]:
    """Find cases that a decision brought and the queue does not hold.

    Parameters
    ----------
    listed : sequence of dict
        People of the decision, as its list has them.
    there : Counter of Case
        What the queue holds of it; others may have been added.

    Yields
    ------
    str
        What is wrong.
    """
    wanted = Counter((one["id"], reason) for one in listed for reason in one.get("reviews", ()))
    for (_, reason), n in (wanted - there).items():
        for _ in range(n):
            yield f"a case that it brought ({reason}) was removed from the table reviews, or changed there"


def faults_in_queue(connection: Connection, expired: int) -> Iterator[tuple[int, str]]:
    """Find cases that were closed without a word, or that an entry brought and that are gone.

    Parameters
    ----------
    connection : Connection
        To the log.
    expired : int
        Up to this number decisions have lost their data by age, with the cases that waited.

    Yields
    ------
    (int, str)
        The entry's number, and what is wrong.
    """
    # That one that has an entry is marked open would let it be decided twice, with two entries for one row.
    closed = (reviews.c.status != "open") != reviews.c.number.is_not(None)
    for about, status in connection.execute(select(reviews.c.about, reviews.c.status).where(closed)):
        yield about, f"a row of the table reviews says that its case is {status}, and no entry says so"
    said = [reviews.c[name].is_not(None) for name in ("label", "why", "reviewer", "decided")]
    waiting = select(reviews.c.about).where(reviews.c.status == "open", or_(*said))
    for (about,) in connection.execute(waiting):
        yield about, "a row of the table reviews says what was decided of a case that waits: it was changed"
    joined: Any = decisions
    for beside in (answers, inputs, lists):
        joined = joined.join(beside, beside.c.number == decisions.c.number)
    bodies = (answers.c.body, inputs.c.body, lists.c.body)
    hashes = (decisions.c.answer_hash, decisions.c.input_hash, decisions.c.people_hash)
    told = select(decisions.c.number, *bodies, *hashes).select_from(joined)
    bringing = told.where(decisions.c.kind.in_(BRINGING)).order_by(decisions.c.number)
    for number, *packed in connection.execute(bringing).all():
        said, asked, concerned = map(vouched, packed[:3], packed[3:])
        if said is None or asked is None or concerned is None:
            continue  # deleted, and its case with it; or changed, which is told with the entry itself
        where = select(decisions.c.number).where(decisions.c.id == asked["decision"])
        about = connection.execute(where).scalar()
        case = select(reviews.c.about, reviews.c.person, reviews.c.reason).where(
            reviews.c.id == said["review"]
        )
        row = connection.execute(case).one_or_none()
        if row is None:
            if about is not None and about > expired:
                yield number, "the case that it brought was removed from the table reviews"
        elif tuple(row) != (about, concerned["people"][0]["id"], _reason(asked)):
            yield number, "the case that it brought was changed in the table reviews"


def _reason(asked: dict[str, Any]) -> str:
    """Return why an entry brought its case: an objection's follows from what came with it."""
    if "reason" in asked:
        return str(asked["reason"])
    return "objection" if asked["correction"] is None else "correction"
