"""What a worker holds while it runs."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from fastapi import Request

from ranker.app.decisions.errors import StoreUnavailable
from ranker.app.decisions.store import Store
from ranker.app.served import Served
from ranker.app.served.bodies import Bodies
from ranker.app.service.audits import AuditFile
from ranker.app.service.meters import Meters
from ranker.app.service.problems import Problem, problem_of
from ranker.app.service.rates import Rates
from ranker.app.service.settings import ServiceSettings
from ranker.errors import CandorError

if TYPE_CHECKING:
    from ranker.app.monitoring.watching import Watcher
    from ranker.app.service.callers import KeyRing

__all__ = ["Service", "service_of"]

T = TypeVar("T")
log = logging.getLogger("candor.service")


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """All that requests need.

    Parameters
    ----------
    settings : ServiceSettings
        What the server was told.
    served : Served
        The models.
    store : Store
        The log of decisions.
    bodies : Bodies
        What bodies may hold.
    keys : KeyRing
        Whose keys are.
    rates : Rates
        How often they may ask.
    meters : Meters
        What is counted.
    audit : AuditFile
        The model's report.
    pool : ThreadPoolExecutor
        Answers and writes to the log, a few requests at a time.
    chance : callable
        Draws from [0, 1), for the cases that are put before a person by chance.
    watcher : Watcher or None
        Follows the log for drift, where the settings ask for it.
    """

    settings: ServiceSettings
    served: Served
    store: Store
    bodies: Bodies
    keys: "KeyRing"
    rates: Rates
    meters: Meters
    audit: AuditFile
    pool: ThreadPoolExecutor
    chance: Callable[[], float]
    watcher: "Watcher | None"

    async def run(self, work: Callable[[], T]) -> T:
        """Do work in the pool, having waited for a thread to be free.

        Raises
        ------
        Problem
            Whatever the work raises that is ours.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, work)
        except CandorError as error:
            raise self.problem(error) from None

    def problem(self, error: CandorError) -> Problem:
        """Return what an error is to whoever asked; what concerns the server goes to its log."""
        problem = problem_of(error, retry_after=self.settings.retry_after)
        if isinstance(error, StoreUnavailable) or problem.status >= 500:
            log.error("%s: %s", type(error).__name__, error)
        return problem


def service_of(request: Request) -> Service:
    """Return what the worker holds."""
    service: Service = request.app.state.service
    return service
