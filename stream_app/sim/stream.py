"""The population as one endless stream of events, in the order they are sent.

Rule: time is what the stream says it is. Nothing here reads a clock, sleeps or
writes; the caller paces, ends and sends.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, dropwhile, takewhile
from random import Random
from typing import Final

from stream_app.sim.chance import seeded
from stream_app.sim.moments import Event
from stream_app.sim.months import aware_utc, days_from
from stream_app.sim.people import Population
from stream_app.sim.world import Timed, World

_SALT: Final = 3


@dataclass(frozen=True, slots=True)
class Faults:
    """What a feed does to events on their way; shares from 0 to 1.

    A repeat follows within minutes, so that the worker still remembers the id
    (`dedup.usage_recent`); a late event within days, so that its month can
    still be corrected.
    """

    late: float = 0.002
    late_by_most: timedelta = timedelta(days=3)
    duplicated: float = 0.002
    duplicated_within: timedelta = timedelta(minutes=10)


NO_FAULTS: Final = Faults(late=0.0, duplicated=0.0)
SOME_FAULTS: Final = Faults()


def history(
    population: Population, start_at: datetime, end_at: datetime, faults: Faults = SOME_FAULTS
) -> Iterator[Event]:
    """Yield all events sent in [start_at, end_at), beginning with who is there at the start."""
    until_at = aware_utc(end_at)
    stream = live(population, start_at, faults=faults)
    return (timed.event for timed in takewhile(lambda timed: timed.due_at < until_at, stream))


def live(
    population: Population,
    from_at: datetime,
    began_at: datetime | None = None,
    faults: Faults = SOME_FAULTS,
) -> Iterator[Timed]:
    """Yield events for ever, with the instants to send them at, from an instant on.

    With `began_at` the world is older than the stream: it goes on where a
    history from `began_at` to `from_at` has ended, after working through that
    time unseen. Raises ValueError when an instant has no offset.
    """
    start_at = aware_utc(from_at)
    world = World(population, aware_utc(began_at or from_at))
    days = days_from(world.began_at, population.timezone)
    stream = _faulty(chain.from_iterable(map(world.events_of, days)), population.seed, faults)
    return dropwhile(lambda timed: timed.due_at < start_at, stream)


def due_seconds(timed: Timed, from_at: datetime, speed: float) -> float:
    """Say how many seconds after the start of a paced stream an event is to be sent.

    A speed of 60 lets an hour of the simulation pass in a minute.
    """
    return (timed.due_at - from_at).total_seconds() / speed


def _faulty(stream: Iterator[Timed], seed: int, faults: Faults) -> Iterator[Timed]:
    """Hold some events back and repeat some, keeping the order of sending."""
    chance = seeded(seed, _SALT)
    held: list[tuple[datetime, int, Timed]] = []
    for number, timed in enumerate(stream):
        while held and held[0][0] <= timed.due_at:
            yield heapq.heappop(held)[2]
        draw = chance.random()
        if draw >= faults.late:
            yield timed
        wait = _wait(draw, chance, faults)
        if wait is not None:
            again = Timed(timed.due_at + wait, timed.event)
            heapq.heappush(held, (again.due_at, number, again))


def _wait(draw: float, chance: Random, faults: Faults) -> timedelta | None:
    """Give how much later an event comes, or comes again; None when it does not."""
    if draw < faults.late:
        return faults.late_by_most * chance.random()
    if draw < faults.late + faults.duplicated:
        return faults.duplicated_within * chance.random()
    return None
