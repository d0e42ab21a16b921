"""Running the demo from start to end."""

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
from stream_app.demo.crew import Crew
from stream_app.demo.desk import DemoDesk
from stream_app.demo.enrolling import Enrolling
from stream_app.demo.play import Play
from stream_app.demo.receiver import Receiver
from stream_app.demo.simulation import Simulation, wall_clock
from stream_app.demo.warnings import Warnings, summary
from stream_app.demo.watch import Watch
from stream_app.local.ports import free_port, is_free
from stream_app.replay.feeding import BATCH_BYTES, Feeder
from stream_app.replay.workers import WorkerProcesses
from stream_app.security.kafka import kafka_at
from stream_app.sim import Population
from stream_app.worker import topics
from stream_app.worker.topics import Names, TopicError

PARTITIONS = 4
FIRST_WEB_PORT, DESK_PORT = 6066, 8080
BRANCHES = 3  # each with a phone manager who has something to do
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
            workers = await stack.enter_async_context(
                WorkerProcesses(self.workers, self._worker_environment(), folder, ports)
            )
            producer = AIOKafkaProducer(
                acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES, **kafka_at(self.bootstrap)
            )
            await producer.start()
            stack.push_async_callback(producer.stop)
            feeder = Feeder(producer, names, PARTITIONS, 0)
            now_at, population = (
                wall_clock(),
                Population(1, self.subscribers, usage_per_day=USAGE_PER_DAY, branches=BRANCHES),
            )
            warnings = Warnings(population, now_at - timedelta(days=self.history_days), now_at)
            watch = Watch(self.bootstrap, _followed(names), ports, warnings)
            simulation = Simulation(population, self.policies, feeder, now_at, self.history_days, self.speed)
            enrolling = Enrolling(self.bootstrap, names, PARTITIONS, self.speed)
            simulation.answers = enrolling.due
            desk = DemoDesk(folder, _port(DESK_PORT), population, self.policies)
            crew = Crew(desk.prepare(lambda: simulation.working_at), [each.user_id for each in desk.managers])
            receiver = await stack.enter_async_context(Receiver())
            await desk.start(self._environment() | receiver.environment)
            stack.push_async_callback(desk.stop)
            self._say_where(ports, desk)
            play = Play(
                watch, simulation, workers, desk, crew, enrolling, self.history_days, self.speed, self.say, self.show
            )
            await play.run(self.seconds, began)
            await watch.ask()
        return self._summary(play) | {"messages taken by a webhook": dict(receiver.taken)}

    def _environment(self) -> dict[str, str]:
        return {
            "STREAM_APP_BOOTSTRAP": self.bootstrap,
            "STREAM_APP_POLICIES": ",".join(str(path.absolute()) for path in self.policy_paths),
            "STREAM_APP_LOG_LEVEL": "WARNING",
        }

    def _worker_environment(self) -> dict[str, str]:
        return {
            **self._environment(),
            "STREAM_APP_TICK_SECONDS": "0",
            "STREAM_APP_SESSION_TIMEOUT_SECONDS": "6",
        }

    def _say_where(self, ports: list[int], desk: DemoDesk) -> None:
        self.say(f"desk        {desk.url}   password of everybody: {desk.password}")
        for each in desk.logins:
            self.say(f"            login {each.login:<12} {each.branch_id or 'all branches'}")
        self.say(
            f"Kafka       {self.bootstrap}   topics usage-events, billing-events, subscriber-events"
            " -> tier-changes, churn-risk, month-closes, dead-letters"
        )
        self.say(f"metrics     http://127.0.0.1:{ports[0]}/metrics   ready: /readyz   a subscriber: /subscribers/ID")
        self.say(f"why         stream-app why ID --bootstrap {self.bootstrap}")

    @staticmethod
    def _summary(play: Play) -> dict[str, object]:
        watch, simulation = play.watch, play.simulation
        return {
            "events sent": simulation.events,
            "simulated until": simulation.clock_at.isoformat(timespec="seconds"),
            "tier changes": dict(watch.changes),
            "subscribers by tier": dict(watch.heads),
            "risk changes": dict(watch.warnings.levels),
            **summary(watch.warnings.judged(simulation.clock_at)),
            "calls by simulated managers": play.crew.calls,
            "measures enrolled after them": play.enrolling.enrolled,
            "worker restarts": play.workers.restarts,
        }


def _followed(names: Names) -> list[TopicPartition]:
    topics = [names.full(topic) for topic in (TierChanged.topic, ChurnRiskChanged.topic)]
    return [TopicPartition(topic, partition) for topic in topics for partition in range(PARTITIONS)]


def _ports(count: int) -> list[int]:
    return [_port(FIRST_WEB_PORT + number) for number in range(count)]


def _port(wanted: int) -> int:
    return wanted if is_free(wanted) else free_port()
