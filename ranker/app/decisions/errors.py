"""What can go wrong with the log of decisions, beyond what any data can suffer."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError

from ranker.errors import CandorError, DataError

__all__ = ["AlreadyDecidedError", "StoreUnavailable", "UnknownDecisionError", "UnknownReviewError"]


class StoreUnavailable(CandorError):
    """The database cannot be reached, is full, or stays locked; nothing was half-written."""

    exit_code = 3


class UnknownDecisionError(DataError):
    """A decision was asked for that the log does not hold."""


class UnknownReviewError(DataError):
    """A review was asked for that the queue does not hold."""


class AlreadyDecidedError(DataError):
    """A review that has its label was to be decided again."""


@contextmanager
def as_unavailable(place: str) -> Iterator[None]:
    """Turn whatever the database raises into :class:`StoreUnavailable`.

    Parameters
    ----------
    place : str
        The database, without its password.
    """
    try:
        yield
    except DBAPIError as error:
        # The driver's first line alone: SQLAlchemy's text repeats the statement with its parameters, and
        # PostgreSQL's second line the values, either of which may be somebody's data.
        said = str(error.orig).strip().splitlines()
        raise StoreUnavailable(
            f"the log of decisions at {place} is unavailable ({said[0] if said else type(error).__name__}): "
            "see that the database runs, may be written to, and has room; nothing was written"
        ) from None
    except TimeoutError:
        raise StoreUnavailable(
            f"the log of decisions at {place} is unavailable: no connection became free in time; nothing was "
            "written"
        ) from None
    except SQLAlchemyError as error:
        raise StoreUnavailable(
            f"the log of decisions at {place} is unavailable ({type(error).__name__}); nothing was written"
        ) from None
