"""What goes on while a demo runs: history, then live events; managers at work; the screen.

Rule: each part is a task of its own; the first that fails ends the demo, those that end well are done.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from stream_app.demo.crew import Crew
from stream_app.demo.desk import DemoDesk
from stream_app.demo.enrolling import Enrolling
from stream_app.demo.simulation import Simulation
from stream_app.demo.watch import Watch
from stream_app.replay.workers import WorkerProcesses

SCREEN_SECONDS = 1.0
CREW_SECONDS, PACE_SECONDS = 0.25, 0.02
DAYS_AHEAD = 3  # of history that the workers may be behind: what people do in it is done in its time


class Play(NamedTuple):
    """The parts of a running demo."""

    watch: Watch
    simulation: Simulation
    workers: WorkerProcesses
    desk: DemoDesk
    crew: Crew
    enrolling: Enrolling
    history_days: int
    speed: float
    say: Callable[[str], None]
    show: Callable[[Watch, Simulation], None]  # draws the screen once

    async def run(self, seconds: float | None, began: float) -> None:
        """Run until the time is over or it is cancelled; raises what a part fails with."""
        jobs = (
            self._stages(),
            self.watch.follow(),
            self.enrolling.follow(),
            self._crew(),
            self._screen(),
            self._first_change(began),
        )
        tasks = [asyncio.create_task(job) for job in jobs]
        try:
            async with asyncio.timeout(seconds):
                await first_failure(tasks)
        except (TimeoutError, asyncio.CancelledError):
            pass  # the time is over, or Ctrl-C: both end the demo
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _stages(self) -> None:
        sent = deque([0], maxlen=DAYS_AHEAD)

        async def day(events: int, at: datetime) -> None:
            if at.day == 1:
                self.say(f"history: {events:,} events, up to {at:%Y-%m-%d}")
            sent.append(events)
            await self._worked(sent[0])

        await self.simulation.send_history(day)
        self.say(
            f"history sent: {self.simulation.events:,} events of {self.history_days} days; "
            f"from here on {self.speed:g} simulated seconds pass in one"
        )
        await asyncio.gather(self.simulation.run(), self._caught_up(self.simulation.events))

    async def _worked(self, events: int) -> None:
        while self.watch.worked < events:
            await asyncio.sleep(PACE_SECONDS)
            await self.watch.ask()

    async def _caught_up(self, history: int) -> None:
        await self._worked(history)
        self.say("the history is worked: an event that you send now shows in a moment")

    async def _crew(self) -> None:
        while True:
            spare = self.desk.managers[:1] if self.simulation.leaves_work else ()  # for whoever tries the demo
            await asyncio.to_thread(self.crew.turn, frozenset(each.user_id for each in spare))
            await asyncio.sleep(CREW_SECONDS)

    async def _first_change(self, began: float) -> None:
        await self.watch.first.wait()
        fact = self.watch.newest[0]
        move = f"{fact['from'] or 'none'} -> {fact['to'] or 'none'} ({fact['reason']})"
        self.say(f"first tier change after {time.monotonic() - began:.1f} s: {fact['subscriber_id']} {move}")

    async def _screen(self) -> None:
        while True:
            self.workers.check()
            self.desk.check()
            await self.watch.ask()
            self.workers.progressed = self.workers.progressed or self.watch.ready > 0
            self.show(self.watch, self.simulation)
            await asyncio.sleep(SCREEN_SECONDS)


async def first_failure(tasks: list[asyncio.Task[None]]) -> None:
    """Wait for the first task that fails; those that end well are done."""
    waiting = set(tasks)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
