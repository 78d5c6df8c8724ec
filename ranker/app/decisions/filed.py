"""Who filed an objection or a correction, and what was decided again for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ranker.app.decisions.store import Store
from ranker.app.decisions.tables import decisions, objections

__all__ = ["Corrected", "corrected_from", "filed_by"]


@dataclass(frozen=True, slots=True)
class Corrected:
    """Where a decision with a corrected record comes from; its own role says by whom it was asked for.

    Parameters
    ----------
    decision : str
        Id of the decision that was objected to.
    person : str
        Whose record it is.
    """

    decision: str
    person: str


def filed_by(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the roles that filed what cases of the queue are about, each once, by the cases' ids."""
    joined = objections.join(decisions, decisions.c.number == objections.c.number)
    query = select(objections.c.review, decisions.c.role).select_from(joined).distinct()
    query = query.where(objections.c.review.in_(ids)).order_by(decisions.c.role)
    found: dict[str, tuple[str, ...]] = {}
    for review, role in connection.execute(query):
        found[review] = (*found.get(review, ()), role)
    return found


def corrected_from(store: Store, ids: Sequence[str]) -> dict[str, Corrected]:
    """Tell which decisions were made with somebody's record corrected, beside the one that was objected to.

    Parameters
    ----------
    store : Store
        The log.
    ids : sequence of str
        Of decisions.

    Returns
    -------
    dict of str to Corrected
        By id, those alone that were.
    """
    joined = objections.join(decisions, decisions.c.number == objections.c.about)
    query = select(objections.c.result, decisions.c.id, objections.c.person).select_from(joined)
    with store.read() as connection:
        rows = connection.execute(query.where(objections.c.result.in_(ids))).all()
    return {result: Corrected(decision, person) for result, decision, person in rows}
