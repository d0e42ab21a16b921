"""Running the demo from start to end."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition

from stream_app.core.facts import ChurnRiskChanged, TierChanged
from stream_app.core.policy import PolicySet
from stream_app.demo.simulation import Simulation, wall_clock
from stream_app.demo.warnings import Warnings, summary
from stream_app.demo.watch import Watch
from stream_app.local.ports import free_port, is_free
from stream_app.replay.feeding import BATCH_BYTES, Feeder
from stream_app.replay.workers import WorkerProcesses
from stream_app.sim import Population
from stream_app.worker import topics
from stream_app.worker.topics import Names, TopicError

PARTITIONS = 4
FIRST_WEB_PORT = 6066
SCREEN_SECONDS = 1.0
USAGE_PER_DAY = 2.0  # few, so that the history is soon worked and what is sent now shows at once


class Demo(NamedTuple):
    """How to run one."""

    bootstrap: str
    policies: PolicySet
    policy_paths: list[Path]
    subscribers: int
    history_days: int
    speed: float
    workers: int
    seconds: float | None  # None: until cancelled
    say: Callable[[str], None]
    show: Callable[[Watch, Simulation], None]  # draws the screen once

    async def run(self) -> dict[str, object]:
        """Run until the time is over or it is cancelled, and give a summary."""
        names = Names("", "stream-app")
        began = time.monotonic()
        ports = _ports(self.workers)
        made = await topics.create(self.bootstrap, names, PARTITIONS, 1, keep_for_ever=True)
        if set(made) != set(names.all):
            message = f"there are topics of ours at {self.bootstrap} already: give the demo a broker without them"
            raise TopicError(message)
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stream-app-demo-")))
            workers = await stack.enter_async_context(WorkerProcesses(self.workers, self._environment(), folder, ports))
            producer = AIOKafkaProducer(
                bootstrap_servers=self.bootstrap, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES
            )
            await producer.start()
            stack.push_async_callback(producer.stop)
            feeder = Feeder(producer, names, PARTITIONS, 0)
            now_at, population = wall_clock(), Population(1, self.subscribers, usage_per_day=USAGE_PER_DAY)
            warnings = Warnings(population, now_at - timedelta(days=self.history_days), now_at)
            watch = Watch(self.bootstrap, _followed(names), ports, warnings)
            simulation = Simulation(population, self.policies, feeder, now_at, self.history_days, self.speed)
            self._say_where(ports)
            await self._play(watch, simulation, workers, began)
            await watch.ask()
        return self._summary(watch, simulation, workers)

    async def _play(self, watch: Watch, simulation: Simulation, workers: WorkerProcesses, began: float) -> None:
        async def stages() -> None:
            await simulation.send_history(
                lambda events, at: self.say(f"history: {events:,} events, up to {at:%Y-%m-%d}") if at.day == 1 else None
            )
            self.say(
                f"history sent: {simulation.events:,} events of {self.history_days} days; "
                f"from here on {self.speed:g} simulated seconds pass in one"
            )
            history = simulation.events
            await asyncio.gather(simulation.run(), caught_up(history))

        async def caught_up(history: int) -> None:
            while watch.worked < history:  # noqa: ASYNC110 - the workers' figure, asked once a second
                await asyncio.sleep(SCREEN_SECONDS)
            self.say("the history is worked: an event that you send now shows in a moment")

        async def first_change() -> None:
            await watch.first.wait()
            fact = watch.newest[0]
            move = f"{fact['from'] or 'none'} -> {fact['to'] or 'none'} ({fact['reason']})"
            self.say(f"first tier change after {time.monotonic() - began:.1f} s: {fact['subscriber_id']} {move}")

        async def screen() -> None:
            while True:
                workers.check()
                await watch.ask()
                workers.progressed = workers.progressed or watch.ready > 0
                self.show(watch, simulation)
                await asyncio.sleep(SCREEN_SECONDS)

        tasks = [asyncio.create_task(job) for job in (stages(), watch.follow(), screen(), first_change())]
        try:
            async with asyncio.timeout(self.seconds):
                await _first_failure(tasks)
        except (TimeoutError, asyncio.CancelledError):
            pass  # the time is over, or Ctrl-C: both end the demo
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _environment(self) -> dict[str, str]:
        return {
            "STREAM_APP_BOOTSTRAP": self.bootstrap,
            "STREAM_APP_POLICIES": ",".join(str(path.absolute()) for path in self.policy_paths),
            "STREAM_APP_TICK_SECONDS": "0",
            "STREAM_APP_SESSION_TIMEOUT_SECONDS": "6",
            "STREAM_APP_LOG_LEVEL": "WARNING",
        }

    def _say_where(self, ports: list[int]) -> None:
        self.say(
            f"Kafka       {self.bootstrap}   topics usage-events, billing-events, subscriber-events"
            " -> tier-changes, churn-risk, month-closes, dead-letters"
        )
        self.say(f"metrics     http://127.0.0.1:{ports[0]}/metrics   ready: /readyz   a subscriber: /subscribers/ID")
        self.say(f"why         stream-app why ID --bootstrap {self.bootstrap}")

    @staticmethod
    def _summary(watch: Watch, simulation: Simulation, workers: WorkerProcesses) -> dict[str, object]:
        return {
            "events sent": simulation.events,
            "simulated until": simulation.clock_at.isoformat(timespec="seconds"),
            "tier changes": dict(watch.changes),
            "subscribers by tier": dict(watch.heads),
            "risk changes": dict(watch.warnings.levels),
            **summary(watch.warnings.judged(simulation.clock_at)),
            "worker restarts": workers.restarts,
        }


async def _first_failure(tasks: list[asyncio.Task[None]]) -> None:
    """Wait for the first task that fails; those that end well are done."""
    waiting = set(tasks)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()


def _followed(names: Names) -> list[TopicPartition]:
    topics = [names.full(topic) for topic in (TierChanged.topic, ChurnRiskChanged.topic)]
    return [TopicPartition(topic, partition) for topic in topics for partition in range(PARTITIONS)]


def _ports(count: int) -> list[int]:
    wanted = range(FIRST_WEB_PORT, FIRST_WEB_PORT + count)
    return [port if is_free(port) else free_port() for port in wanted]
