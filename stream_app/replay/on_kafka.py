"""Replay on Kafka: the real worker on topics of its own, ticks placed as in the offline replay."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, ConsumerRecord

from stream_app.core import clock as clocks
from stream_app.core.events import CLOCK_TOPIC, SubscriberActivated, SubscriberDeactivated
from stream_app.core.facts import FACT_TOPICS, Cause
from stream_app.core.policy import PolicySet
from stream_app.core.state import Clock
from stream_app.local.ports import free_port
from stream_app.replay.entries import Entry, RunningMaximum
from stream_app.replay.feeding import BATCH_BYTES, Feeder, floor_milliseconds
from stream_app.replay.mirror import StateMirror
from stream_app.replay.schedule import Schedule, until_end
from stream_app.replay.topics_reader import TopicReader
from stream_app.replay.workers import WorkerProcesses
from stream_app.security.kafka import kafka_at
from stream_app.wire.invalid import InvalidMessage
from stream_app.worker import topics
from stream_app.worker.topics import DEAD_LETTER_TOPIC, LARGEST_RECORD_BYTES, Names

PARTITIONS = 4
LOOK_SECONDS = 0.05


class KafkaReplay(NamedTuple):
    """How to run one."""

    bootstrap: str
    policies: PolicySet
    policy_paths: Sequence[Path]
    until: datetime
    workers: int
    on_progress: Callable[[str], None]  # hears what is being done
    on_output: Callable[[ConsumerRecord, str], None]  # hears every fact and dead letter, with its topic's plain name
    ticks_until_end: bool = True
    on_workers: Callable[[WorkerProcesses], None] = lambda _: None  # for tests that kill them

    async def run(self, entries: Iterable[Entry]) -> tuple[StateMirror, int, int]:
        """Work the entries; give the state at the end, the number of events sent, and of worker restarts."""
        run_id = f"replay-{secrets.token_hex(4)}"
        names = Names(f"{run_id}.", run_id)
        await topics.create(self.bootstrap, names, PARTITIONS, 1, keep_for_ever=True)
        try:
            with tempfile.TemporaryDirectory(prefix=f"{run_id}-") as folder:
                return await self._run(entries, names, Path(folder))
        finally:
            await topics.delete(self.bootstrap, names)

    async def _run(self, entries: Iterable[Entry], names: Names, folder: Path) -> tuple[StateMirror, int, int]:
        workers = WorkerProcesses(
            self.workers, self._environment(names), folder, [free_port() for _ in range(self.workers)]
        )
        async with (
            workers,
            _producer(self.bootstrap) as producer,
            TopicReader(self.bootstrap, [names.changelog], PARTITIONS) as changelog,
        ):
            self.on_workers(workers)
            feeder = Feeder(producer, names, PARTITIONS, floor_milliseconds(self.until))
            follower = _Follower(StateMirror(PARTITIONS), changelog, workers, self.on_progress)
            events = await self._feed(entries, feeder, follower)
            self.on_progress("waiting for the workers to finish")
            await follower.everything(feeder)
        await self._collect(names)
        return follower.mirror, events, workers.restarts

    async def _feed(self, entries: Iterable[Entry], feeder: Feeder, follower: "_Follower") -> int:
        schedule, maximum, clock, events = Schedule(self.policies), RunningMaximum(self.until), Clock(), 0
        for entry in entries:
            if maximum.rises(entry) and not isinstance(entry.event, InvalidMessage):
                for at in schedule.reach(entry.event.occurred_at):
                    await self._tick(at, clock, feeder, follower)
            if _is_late_switch(entry, clock, self.policies):
                await follower.everything(feeder)
                await feeder.send(entry)
                await follower.everything(feeder)
            else:
                await feeder.send(entry)
            await feeder.send_on()
            events += 1
        for at in until_end(schedule, self.until) if self.ticks_until_end else ():
            await self._tick(at, clock, feeder, follower)
        return events

    async def _tick(self, at: datetime, clock: Clock, feeder: Feeder, follower: "_Follower") -> None:
        closed_before = clock.tick.closed if clock.tick else None
        await feeder.tick(at)
        clocks.accept(clock, at, Cause(CLOCK_TOPIC, 0, 0), self.policies)
        if clock.tick is not None and clock.tick.closed != closed_before:
            await feeder.flush()
            await follower.until(lambda mirror: mirror.clock_reached(feeder.sent, CLOCK_TOPIC))

    async def _collect(self, names: Names) -> None:
        self.on_progress("reading the facts")
        for topic in (*FACT_TOPICS, DEAD_LETTER_TOPIC):
            async with TopicReader(self.bootstrap, [names.full(topic)], PARTITIONS) as reader:
                async for record in reader.new_records():
                    self.on_output(record, topic)

    def _environment(self, names: Names) -> dict[str, str]:
        return {
            "STREAM_APP_BOOTSTRAP": self.bootstrap,
            "STREAM_APP_APP_ID": names.app_id,
            "STREAM_APP_TOPIC_PREFIX": names.prefix,
            "STREAM_APP_POLICIES": ",".join(str(path.absolute()) for path in self.policy_paths),
            "STREAM_APP_TICK_SECONDS": "0",
            "STREAM_APP_HOLD_FOR_TICKS": "true",
            "STREAM_APP_DEAD_LETTER_SHARE": "1",
            "STREAM_APP_SESSION_TIMEOUT_SECONDS": "6",
            "STREAM_APP_LOG_LEVEL": "WARNING",
        }


class _Follower:
    """Reads the changelog until the workers have come as far as wanted."""

    def __init__(
        self, mirror: StateMirror, changelog: TopicReader, workers: WorkerProcesses, on_progress: Callable[[str], None]
    ) -> None:
        self.mirror, self._changelog, self._workers, self._on_progress = mirror, changelog, workers, on_progress

    async def until(self, reached: Callable[[StateMirror], bool]) -> None:
        while not reached(self.mirror):
            self._workers.check()
            async for record in self._changelog.new_records():
                self._workers.progressed = True
                self.mirror.take(record)
            self._on_progress(f"{self.mirror.worked():,} records worked")
            await asyncio.sleep(LOOK_SECONDS)

    async def everything(self, feeder: Feeder) -> None:
        """Have everything sent worked, with nothing left to sweep."""
        await feeder.release()
        await feeder.flush()
        await self.until(lambda mirror: mirror.has_worked(feeder.sent))


def _is_late_switch(entry: Entry, clock: Clock, policies: PolicySet) -> bool:
    """Tell whether an entry says who was on the network in a closed month.

    A row once written stays: which rows there are depends on what was known first, so it keeps its place among the
    events of the other feeds.
    """
    event = entry.event
    return (
        isinstance(event, SubscriberActivated | SubscriberDeactivated)
        and clock.tick is not None
        and policies.calendar.month_of(event.occurred_at) <= clock.tick.closed
    )


@asynccontextmanager
async def _producer(bootstrap: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        acks="all",
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES,
        max_request_size=2 * LARGEST_RECORD_BYTES,
        **kafka_at(bootstrap),
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
