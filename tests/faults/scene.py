"""A running system under load, with an answer known for every moment: what the rules alone make of all that was sent.

Rule: `fault` measures from the fault until every partition has committed an event that was sent after it; and at its
end nothing may differ from the answer.
"""

import asyncio
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from stream_app.core import clock as clocks
from stream_app.core.events import CLOCK_TOPIC
from stream_app.core.facts import Cause
from stream_app.core.state import Clock
from stream_app.replay.entries import Entry, RunningMaximum
from stream_app.replay.feeding import BATCH_BYTES, Feeder, floor_milliseconds
from stream_app.replay.mirror import StateMirror
from stream_app.replay.schedule import Schedule
from stream_app.replay.topics_reader import TopicReader
from stream_app.wire.invalid import InvalidMessage
from stream_app.worker import topics
from stream_app.worker.topics import LARGEST_RECORD_BYTES, Names
from tests.e2e.live import fetch
from tests.e2e.populations import POLICY
from tests.faults.crew import Crew, Member
from tests.faults.outputs import BEAT_SECONDS, LONGEST_SECONDS, Outputs
from tests.faults.record import LONG, Record
from tests.faults.stage import Stage
from tests.faults.story import POLICIES, YEARS_END, is_late_switch, story

PARTITIONS = 4
EVENTS_PER_SECOND = 2000 if LONG else 800


class Scene:
    """Topics of its own on the stage's broker, a load, workers `one` and `two`, and what watches them."""

    def __init__(self, stage: Stage, record: Record, names: Names, folder: Path) -> None:
        self.stage, self.record, self.names, self.folder = stage, record, names, folder
        self.crew = Crew(folder, self._environment())
        self.one, self.two = (self.join(name) for name in ("one", "two"))
        self.is_sound = True
        self.rate = EVENTS_PER_SECOND
        self._story, self._told = story(), list[Entry]()
        self._outputs = Outputs(stage.kafka.bootstrap, names, PARTITIONS)
        self._schedule, self._maximum, self._clock = Schedule(POLICIES), RunningMaximum(YEARS_END), Clock()
        self._mirror = StateMirror(PARTITIONS)
        self._feeder: Feeder
        self._changelog: TopicReader
        self._load: asyncio.Task[None] | None = None
        self._is_loading = False
        self._flood = 0

    def join(self, name: str) -> Member:
        """Take a worker on, not started yet."""
        return self.crew.add(name, STREAM_APP_BOOTSTRAP=self.stage.address_for(name))

    def _environment(self) -> dict[str, str]:
        (self.folder / "policy.yaml").write_text(POLICY)
        return {
            "STREAM_APP_APP_ID": self.names.app_id,
            "STREAM_APP_TOPIC_PREFIX": self.names.prefix,
            "STREAM_APP_POLICIES": str(self.folder / "policy.yaml"),
            "STREAM_APP_TICK_SECONDS": "0",
            "STREAM_APP_SESSION_TIMEOUT_SECONDS": "6",
            "STREAM_APP_DEAD_LETTER_WINDOW": "400",
        }

    async def connect(self, stack: AsyncExitStack) -> None:
        """Connect what feeds and what reads."""
        bootstrap = self.stage.kafka.bootstrap
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES,
            max_request_size=2 * LARGEST_RECORD_BYTES, request_timeout_ms=int(LONGEST_SECONDS * 1000),
        )  # fmt: skip
        await producer.start()
        stack.push_async_callback(producer.stop)
        self._feeder = Feeder(producer, self.names, PARTITIONS, floor_milliseconds(YEARS_END))
        self._changelog = await stack.enter_async_context(TopicReader(bootstrap, [self.names.changelog], PARTITIONS))
        await self._outputs.connect(stack)

    # ------------------------------------------------------------------------------------------------------ the load

    @asynccontextmanager
    async def load(self, rate: int = EVENTS_PER_SECOND) -> AsyncIterator[None]:
        """Keep events coming, so many a second; at the end all is worked, and is held against the answer."""
        self.is_sound, self._is_loading, self.rate = False, True, rate
        self._load = asyncio.create_task(self._keep_loading())
        follower = asyncio.create_task(self._keep_following())
        try:
            with self.record.judged():
                await self.at_work()
                yield
                await self.exact()
            self.is_sound = True
        finally:
            self._is_loading = False
            await _cancelled(self._load)
            await _cancelled(follower)

    async def exact(self) -> None:
        """Stop the load, have all of it worked, and hold what came out against the answer."""
        self._is_loading = False
        await self.until(lambda: self._is_told and self._mirror.has_worked(self._feeder.sent), "all to be worked")
        told, self._told = self._told, []
        await self._outputs.compare(told, self._mirror, self.sent())

    @property
    def _is_told(self) -> bool:
        return self._load is not None and self._load.done()

    async def _keep_loading(self) -> None:
        loop = asyncio.get_running_loop()
        due, began = 0.0, loop.time()
        while self._is_loading:
            due += self.rate * (loop.time() - began)
            began = loop.time()
            while due >= 1:
                await self._tell(next(self._story))
                due -= 1
            flood, self._flood = self._flood, 0
            for number in range(flood):
                await self._tell(Entry("flood", number, b"{%d" % number, InvalidMessage("not_json", "not JSON")))
            await self._feeder.flush()
            await asyncio.sleep(BEAT_SECONDS)

    def flood(self, count: int) -> None:
        """Send lines that are no events, beside the load."""
        self._flood += count

    async def _tell(self, entry: Entry) -> None:
        if is_late_switch(entry, self._clock):
            return
        self._told.append(entry)
        if self._maximum.rises(entry) and self._maximum.at is not None:
            for at in self._schedule.reach(self._maximum.at):
                await self._feeder.tick(at)
                clocks.accept(self._clock, at, Cause(CLOCK_TOPIC, 0, 0), POLICIES)
                if self._clock.tick is not None and self._clock.tick.turns:  # what follows must not pass it
                    await self._hold()
                self._clock.pending.clear()
        await self._feeder.send(entry)

    async def _hold(self) -> None:
        await self._feeder.flush()
        while not self._mirror.clock_reached(self._feeder.sent, CLOCK_TOPIC):  # noqa: ASYNC110 - the mirror tells nobody
            await asyncio.sleep(BEAT_SECONDS)

    async def _keep_following(self) -> None:
        while True:
            with suppress(KafkaError, OSError):  # the broker may be away
                async for row in self._changelog.new_records():
                    self._mirror.take(row)
            await asyncio.sleep(BEAT_SECONDS / 2)

    async def until(self, reached: Callable[[], bool], what: str) -> None:
        """Wait for something, within a bound; an error of the load comes out here."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                while not reached():
                    if self._load is not None and self._load.done():
                        self._load.result()
                    await asyncio.sleep(BEAT_SECONDS / 2)
        except TimeoutError:
            last = "\n".join(f"{name}: {it.words()[-2500:]}" for name, it in self.crew.members.items())
            message = f"waited {LONGEST_SECONDS:.0f} s in vain for {what}; the workers' last words:\n{last}"
            raise AssertionError(message) from None

    # ------------------------------------------------------------------------------------------------------- faults

    async def at_work(self) -> None:
        """Have both workers running with partitions of their own, and wait until every partition gets on."""
        for member in (self.one, self.two):
            if not member.is_kept:
                member.start()
        for member in (self.one, self.two):
            await self.has_partitions(member)
        await self.passed(self.sent())

    def sent(self) -> Mapping[tuple[str, int], int]:
        """Give how much of every feed is sent."""
        return dict(self._feeder.sent)

    async def passed(self, sent: Mapping[tuple[str, int], int]) -> None:
        """Wait until every partition has committed usage that was sent later."""
        await self.until(lambda: self._has_passed(sent), "every partition to get on")

    async def has_partitions(self, member: Member) -> None:
        """Wait until a worker has partitions at work."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                _, body = await fetch(member.port, "/readyz")
                answer = orjson.loads(body)
                if answer["ready"] and answer["partitions"]:
                    return
                await asyncio.sleep(BEAT_SECONDS)

    def _has_passed(self, sent: Mapping[tuple[str, int], int]) -> bool:
        rows = self._mirror.rows
        return all(
            partition in rows
            and rows[partition].positions.get("usage-events", 0) > sent.get(("usage-events", partition), 0)
            for partition in range(PARTITIONS)
        )

    @asynccontextmanager
    async def fault(self, name: str) -> AsyncIterator["Watch"]:
        """Measure: the body does the fault; what follows is the recovery."""
        with self.record.run(name) as seconds:
            watch = Watch(self)
            yield watch
            await self.passed(watch.sent)
            seconds.append(time.monotonic() - watch.began)

    def backlog(self) -> int:
        """Count the records sent and not worked yet."""
        sent = sum(offset for (feed, _), offset in self._feeder.sent.items() if feed != CLOCK_TOPIC)
        return sent - self._mirror.worked()


class Watch:
    """When a fault began, and how much was sent then."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.begin()

    def begin(self) -> None:
        """Count from now on: what was done so far only led up to the fault."""
        self.sent, self.began = self._scene.sent(), time.monotonic()


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@asynccontextmanager
async def scene(stage: Stage, record: Record) -> AsyncIterator[Scene]:
    """Make topics and connect; at the end the workers go, and the topics."""
    run_id = f"faults-{secrets.token_hex(4)}"
    names = Names(f"{run_id}.", run_id)
    await topics.create(stage.kafka.bootstrap, names, PARTITIONS, 1, keep_for_ever=True)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(topics.delete, stage.kafka.bootstrap, names)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=run_id)))
        made = Scene(stage, record, names, folder)
        await made.connect(stack)
        stack.push_async_callback(made.crew.dismiss)
        yield made
