"""A story for the dashboards: months of customers, workers killed, bad records, calls, all of it real."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import orjson

from stream_app.commands.common import load_policies
from stream_app.core.policy import PolicySet
from stream_app.demo.crew import Crew
from stream_app.demo.desk import DemoDesk
from stream_app.demo.receiver import Receiver
from stream_app.demo.simulation import Simulation, wall_clock
from stream_app.local.ports import free_port
from stream_app.replay.workers import WorkerProcesses
from stream_app.sim import Population
from tests.deploy.monitoring.server import Server, prometheus
from tests.e2e.desks import DeskOfASystem, desk_of
from tests.e2e.live import System, ready, system
from tests.house.sources import ROOT

POLICY = ROOT / "deploy" / "policies" / "default.yaml"
SUBSCRIBERS, DAYS, WORKERS = 60, 100, 2
MORNINGS = 21  # as far back as cases are still open


class Stage(NamedTuple):
    """What there is while the story goes on."""

    running: System
    workers: WorkerProcesses
    server: Server
    crew: Crew
    mornings: "Mornings"

    def call(self) -> int:
        """Have phone managers call on each of the last mornings whom they are told to call; gives how many calls."""
        for days_back in range(MORNINGS, 0, -1):
            self.mornings.days_back = days_back
            self.crew.turn()
        return self.crew.calls


class Mornings:
    """A clock of phone managers: ten o'clock in Shanghai, when people may be called, so many days ago."""

    def __init__(self) -> None:
        self.days_back = MORNINGS

    def __call__(self) -> datetime:
        """Tell the time."""
        day = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(days=self.days_back)
        return day.replace(hour=10, minute=0, second=0, microsecond=0).astimezone(UTC)


@asynccontextmanager
async def told(bootstrap: str, folder: Path) -> AsyncIterator[Stage]:
    """Tell it up to the present, and let life go on until it is left."""
    population = Population(3, SUBSCRIBERS, usage_per_day=1.0, branches=2)
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(system(bootstrap, POLICY.read_text(encoding="utf-8")))
        workers = await stack.enter_async_context(running.workers(WORKERS))
        demo = DemoDesk(running.folder, free_port(), population, PolicySet(load_policies([POLICY])))
        mornings = Mornings()
        desk = demo.prepare(mornings)
        stack.callback(desk.engine.dispose)
        receiver = await stack.enter_async_context(Receiver())
        channels = {"STREAM_APP_DESK_CHANNELS": str(running.folder / "channels.yaml")}
        process = desk_of(running, desk.engine, **channels, **receiver.environment)
        targets = {"worker": workers.ports, "desk": [process.port]}
        server = await stack.enter_async_context(prometheus(folder, targets))
        await ready(workers.ports)
        await _history(running, population)
        await _start_anew(workers)
        await _read_all(process)
        await stack.enter_async_context(process.process())
        await server.until('up{job="desk"} == 1 and on () stream_app_desk_case_events_total')
        life = asyncio.create_task(_live_on(running, [person.subscriber_id for person in population.people()]))
        stack.callback(life.cancel)
        yield Stage(running, workers, server, Crew(desk, [each.user_id for each in demo.managers]), mornings)


async def _history(running: System, population: Population) -> None:
    async def day(_events: int, _at: datetime) -> None:
        await asyncio.sleep(0)

    policies = PolicySet(load_policies([POLICY]))
    await Simulation(population, policies, running.feeder, wall_clock(), DAYS, speed=1.0).send_history(day)
    await running.worked()


async def _start_anew(workers: WorkerProcesses) -> None:
    """Kill the workers, which come back, restore their partitions and from here on make ticks."""
    workers.environment = {**workers.environment, "STREAM_APP_TICK_SECONDS": "1"}
    for pid in workers.pids:
        os.kill(pid, signal.SIGKILL)
    await ready(workers.ports)


async def _read_all(process: DeskOfASystem) -> None:
    """Have a desk read all there is, and end it: one that starts on what was read reckons its figures at once."""
    async with process.process():
        await process.ready()
        await process.caught_up()


async def _live_on(running: System, subscriber_ids: list[str]) -> None:
    """Send events of now, some twice and some that are none, until cancelled."""
    for number in count():
        at = datetime.now(UTC)
        subscriber_id = subscriber_ids[number % len(subscriber_ids)]
        event = {
            "event_id": f"live-{number}", "type": "usage.recorded", "subscriber_id": subscriber_id,
            "occurred_at": at.isoformat(), "service": "voice", "duration_seconds": 60, "charge_fen": 10,
        }  # fmt: skip
        for _ in range(2 if number % 5 == 0 else 1):
            await running.send(event)
        balance = {name: event[name] for name in ("subscriber_id", "occurred_at")}
        await running.send({**balance, "event_id": f"b-{number}", "type": "balance.reported", "balance_fen": 5_000})
        bad = orjson.dumps({**event, "event_id": f"bad-{number}", "charge_fen": "much"}) if number % 2 else b"?"
        await running.feeder.put("usage-events", subscriber_id.encode(), bad, int(at.timestamp() * 1000))
        await running.feeder.flush()
        await asyncio.sleep(0.1)
