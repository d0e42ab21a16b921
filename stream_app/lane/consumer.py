"""Faust's consumer with lanes: hands whole runs on and leaves every other topic to Faust's own path.

Rule: what Faust drops (while its flow stands still, or between generations) is dropped here openly; the cursor of the
feed notices, and seeks back.
"""

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from aiokafka.partitioner import DefaultPartitioner
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage
from mode import Service

from stream_app.lane.errors import fatal
from stream_app.lane.fetching import FetchThread
from stream_app.lane.runs import Flow, Run

if TYPE_CHECKING:
    from stream_app.lane.app import LaneApp


WATCH_SECONDS = 1.0


class LaneConsumer(driver.Consumer):
    """The consumer of a LaneApp."""

    _thread: FetchThread

    def _new_consumer_thread(self) -> FetchThread:
        return FetchThread(self, loop=self.loop, beacon=self.beacon)

    @property
    def _lane_app(self) -> "LaneApp":
        return cast("LaneApp", self.app)

    @Service.task
    async def _watch_group(self) -> None:
        # aiokafka's coordination may end in an error that nobody asks for: the group goes on without us, and we wait.
        while not self.should_stop:
            await self.sleep(WATCH_SECONDS)
            error = self._thread.coordination_error()
            if error is not None and not self.should_stop:
                what = "the membership in the consumer group ended"
                raise fatal(what, error) from error

    def is_feed(self, tp: TP) -> bool:
        """Tell whether a lane reads it."""
        return tp.topic in self._lane_app.feeds

    def is_changelog(self, tp: TP) -> bool:
        """Tell whether it is the changelog of a lane's table."""
        return self._is_changelog_tp(tp)

    def is_other(self, tp: TP) -> bool:
        """Tell whether it is Faust's own business."""
        return not self.is_feed(tp) and not self.is_changelog(tp)

    def batch_records(self, tp: TP) -> int:
        """Return how many records a run of the feed may hold."""
        return self._lane_app.feeds[tp.topic].settings.batch_records

    async def seek_feeds(self, wanted: Mapping[TP, int]) -> Mapping[TP, Flow]:
        """Move feeds to offsets; what was fetched before is stale from now on."""
        limits = {tp: self._lane_app.feeds[tp.topic].settings.queued_batches for tp in wanted}
        return await self._thread.seek_feeds(wanted, limits)

    def gave(self, run: Run) -> None:
        """Note that a run is worked or dropped: its feed may have room again."""
        if run.flow.gave():
            self._thread.poke()

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek what no lane reads to its committed offsets."""
        return await self._thread.seek_others_to_committed()

    async def perform_seek(self) -> None:
        """Take up every feed where its lane stands, and all else where it was committed."""
        await super().perform_seek()
        for table in self._lane_app.lanes:
            await table.seek()

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109 - Faust's signature
        """Give runs to their lanes' agents; yield the messages of other topics as Faust does."""
        found, active = await self._wait_next_records(timeout)
        if not found or self.should_stop:
            return
        generation = self.app.consumer_generation_id
        if not self.flow_active:
            await super().perform_seek()
            return
        rest = {}
        for tp, records in found.items():
            if isinstance(records, Run):
                self._deliver(tp, records)
            else:
                rest[tp] = records
        for tp, record in self.scheduler.iterate(rest):
            if not self._goes_on(generation):
                break
            if active is None or tp in active or tp in self._buffered_partitions:
                self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
                yield tp, self._to_message(tp, record)

    def _goes_on(self, generation: int) -> bool:
        return self.flow_active and self.app.consumer_generation_id == generation

    def _deliver(self, tp: TP, run: Run) -> None:
        for channel in self.app.topics._tp_index.get(tp, ()):  # type: ignore[attr-defined] # noqa: SLF001
            message = self._run_message(tp, run)
            message.incref()
            run.flow.took()
            channel.queue.put_nowait(channel._create_event(None, run, {}, message=message))  # noqa: SLF001

    def _run_message(self, tp: TP, run: Run) -> ConsumerMessage:
        return ConsumerMessage(
            tp.topic, tp.partition, run.end - 1, 0.0, 0, [], None, None, None, 0, 0, tp,
            generation_id=self.app.consumer_generation_id,
        )  # fmt: skip

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish and commit what is worked before the group may give our partitions away."""
        self.stop_flow()
        await self._lane_app.close_lanes()
        await super().on_partitions_revoked(revoked)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Leave feeds and changelogs out: Faust looks for acks and commits of its own there."""
        if self.is_other(tp):
            super().verify_event_path(now, tp)


class LaneProducer(driver.Producer):
    """Faust's producer, told where keys go: it publishes nothing, so it never learns of the topics."""

    def key_partition(self, topic: str, key: bytes) -> TP:
        """Give the partition that Kafka's default partitioner picks."""
        numbers = list(range(self.app.conf.topic_partitions))
        return TP(topic, DefaultPartitioner()(key, numbers, numbers))


class LaneTransport(driver.Transport):
    """Faust's transport with the lanes' consumer."""

    Consumer = LaneConsumer
    Producer = LaneProducer
