"""The interpreter set for a lane's process, once, before it starts (docs/performance.md says what it buys)."""

import asyncio
import gc
import sys
from typing import NoReturn

import faust
import uvloop

# States and facts are no part of cycles and are not tracked, so a collection finds little: it need not come often.
YOUNG_OBJECTS, MIDDLE_ROUNDS, OLD_ROUNDS = 20_000, 50, 100
# The consumer's thread asks for the interpreter a few times for each fetch, and waits so long each time.
SWITCH_SECONDS = 0.001


def tune(loops: asyncio.AbstractEventLoopPolicy | None = None) -> None:
    """Set the event loop, and how often the interpreter collects garbage and changes threads; before an app is made.

    `loops` is who makes the loops; none: uvloop.
    """
    asyncio.set_event_loop_policy(loops or uvloop.EventLoopPolicy())
    gc.freeze()  # what is imported by now stays
    gc.set_threshold(YOUNG_OBJECTS, MIDDLE_ROUNDS, OLD_ROUNDS)
    sys.setswitchinterval(SWITCH_SECONDS)


class LaneWorker(faust.Worker):
    """Faust's worker, which ends when all has ended."""

    async def _sentinel_task(self) -> None:
        """Close the loop at once: mode waits a second here, for nothing that is still to come."""


def execute(worker: faust.Worker) -> NoReturn:
    """Run a worker until a signal ends it."""
    worker.spinner = None  # at levels above INFO it would have every debug line of every library made, for its own use
    worker.execute_from_commandline()
