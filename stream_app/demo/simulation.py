"""The simulated operator: months of history at once, then events and ticks at the pace of a simulated clock."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

import orjson

from stream_app.core.events import TOPIC_OF_TYPE, ContactResulted
from stream_app.core.policy import PolicySet
from stream_app.replay.feeding import Feeder, floor_milliseconds
from stream_app.replay.schedule import Schedule
from stream_app.sim import Population, Timed, live
from stream_app.sim.moments import Event

LOOK_SECONDS = 0.05
TICK_SECONDS = 0.5  # of the wall clock, between ticks
MID_MORNING = timedelta(hours=10)  # after the midnight of a history's tick
LAST_DAYS = timedelta(days=21)  # of the history


class Simulation:
    """Feeds one population's events, and the clock's ticks, to a running system."""

    def __init__(
        self,
        population: Population,
        policies: PolicySet,
        feeder: Feeder,
        now_at: datetime,
        history_days: int,
        speed: float,
    ) -> None:
        self._feeder, self._now_at, self._speed = feeder, now_at, speed
        self.answers: Callable[[datetime], Iterable[Event]] = lambda _: ()  # to what people did, due by an instant
        self._stream: Iterator[Timed] = live(population, now_at - timedelta(days=history_days))
        self._held: Timed = next(self._stream)
        self._schedule = Schedule(policies)
        self._made = time.monotonic()
        self.events = 0
        self.clock_at = self._held.due_at

    async def send_history(self, on_day: Callable[[int, datetime], Awaitable[None]]) -> None:
        """Send everything up to now, with a tick at each local midnight and close; `on_day` may hold it up."""
        await self._send_until(self._now_at, on_day)
        await self._tick(self._now_at)

    @property
    def working_at(self) -> datetime:
        """Give the time for those who call people: of the days of the history, the middle of the morning."""
        return self.clock_at if self.clock_at >= self._now_at else self.clock_at + MID_MORNING

    @property
    def leaves_work(self) -> bool:
        """Tell whether what happens now is left for people to do."""
        return self.clock_at >= self._now_at - LAST_DAYS

    async def run(self) -> None:
        """Send what comes, for ever, `speed` simulated seconds a second."""
        began, ticked = time.monotonic(), 0.0
        from_at = self._now_at + timedelta(seconds=began - self._made)  # the wall went on while the history was sent
        while True:
            elapsed_seconds = time.monotonic() - began
            at = from_at + timedelta(seconds=elapsed_seconds * self._speed)
            await self._send_until(at)
            if elapsed_seconds - ticked >= TICK_SECONDS:
                ticked = elapsed_seconds
                await self._tick(at)
            await self._feeder.flush()
            await asyncio.sleep(LOOK_SECONDS)

    async def _send_until(self, at: datetime, on_day: Callable[[int, datetime], Awaitable[None]] | None = None) -> None:
        while self._held.due_at <= at:
            due_at, event = self._held
            for midnight in self._schedule.reach(due_at):
                await self._answer(midnight)
                await self._tick(midnight)
                if on_day is not None:
                    await on_day(self.events, midnight)
            if event["type"] != ContactResulted.type:  # calls are the desk's
                await self._put(event, due_at)
            self._held = next(self._stream)
        await self._answer(at)

    async def _answer(self, at: datetime) -> None:
        for event in self.answers(at):
            await self._put(event, at)

    async def _put(self, event: Event, at: datetime) -> None:
        topic, key = TOPIC_OF_TYPE[str(event["type"])], str(event["subscriber_id"]).encode()
        await self._feeder.put(topic, key, orjson.dumps(event), floor_milliseconds(at))
        self.events += 1

    async def _tick(self, at: datetime) -> None:
        self.clock_at = at
        await self._feeder.tick(at)
        await self._feeder.flush()


def wall_clock() -> datetime:
    """Give now, in UTC."""
    return datetime.now(UTC)
