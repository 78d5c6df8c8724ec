"""How often each caller may ask."""

from typing import Final

from limits import RateLimitItem
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

from ranker.app.service.problems import Problem
from ranker.app.service.roles import ROLES
from ranker.app.service.settings import ServiceSettings
from ranker.errors import UsageError

__all__ = ["UNKNOWN", "Rates"]

UNKNOWN: Final = "unknown"  # whoever shows no key that opens anything


class Rates:
    """Counts requests by caller; two counters a caller, so that memory grows with callers, not requests.

    Parameters
    ----------
    settings : ServiceSettings
        Says how often each role may ask, and where is counted.

    Raises
    ------
    UsageError
        If the place to count in cannot be used.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        try:
            storage = storage_from_string(settings.rate_storage)
            self._limiter = SlidingWindowCounterRateLimiter(storage)
        except Exception as error:  # the library raises what each storage's driver does
            raise UsageError(
                f"the setting 'rate_storage' cannot be used ({type(error).__name__}): write async+memory:// or "
                "async+redis://HOST"
            ) from None
        self._items: dict[str, RateLimitItem] = {role: settings.rate_here(role) for role in (*ROLES, UNKNOWN)}
        self._where = f" by each of {settings.workers} workers" if settings.counts_apart else ""

    async def take(self, role: str, who: str) -> None:
        """Count a request.

        Raises
        ------
        Problem
            429 with Retry-After, if it is one too many.
        """
        item = self._items[role]
        try:
            if await self._limiter.hit(item, role, who):
                return
        except StorageError:
            # A counter that is lost lets everybody in: who asks is known all the same.
            return
        raise self._too_often(item)

    async def look(self, role: str, who: str) -> None:
        """Refuse who has asked too often, and count nothing.

        Raises
        ------
        Problem
            As :meth:`take`.
        """
        item = self._items[role]
        try:
            if await self._limiter.test(item, role, who):
                return
        except StorageError:
            return
        raise self._too_often(item)

    def _too_often(self, item: RateLimitItem) -> Problem:
        return Problem(
            "too-often",
            f"{item.amount} requests in {item.get_expiry()} s are the most for this role{self._where}: wait a while",
            headers={"Retry-After": str(max(1, item.get_expiry() // item.amount))},
        )
