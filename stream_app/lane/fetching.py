"""The consumer thread of a lane: drains fetches as runs with exact bounds, per feed only while its lane has room.

Runs in the consumer's thread. Rule: a drain holds no `await`, so the position before and after it bound the run.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchResult
from aiokafka.errors import ConsumerStoppedError, IllegalStateError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.types import TP

from stream_app.lane.errors import fatal
from stream_app.lane.log import Record, fetch_on, forget, read
from stream_app.lane.runs import Flow, Run

if TYPE_CHECKING:
    from stream_app.lane.consumer import LaneConsumer

# aiokafka has one fetch under way per broker and adds a drained partition only to the next one: what waits at the
# broker for idle partitions holds up the busy ones for as long.
FETCH_WAIT_MILLISECONDS = 100
# A thin stream is gathered for as long, at the broker, or every few records would cost a round through both threads.
GATHER_SECONDS = 0.02
Found = dict[TP, Any]


class FetchThread(AIOKafkaConsumerThread):
    """Faust's consumer thread, read_committed, with flows for the lanes' feeds and its own path for all else."""

    def __post_init__(self) -> None:
        """Set up as Faust does, with no flow yet."""
        super().__post_init__()
        self.flows: dict[TP, Flow] = {}
        self._waiter: asyncio.Future[Any] | None = None

    @property
    def _lanes(self) -> "LaneConsumer":
        return cast("LaneConsumer", self.consumer)

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - Faust hands on neither of the two
        consumer._fetch_max_wait_ms = FETCH_WAIT_MILLISECONDS  # noqa: SLF001
        return consumer

    def coordination_error(self) -> BaseException | None:
        """Return what ended the coordination with the group, if anything did; from any thread."""
        coordinator = getattr(self._consumer, "_coordinator", None)
        task = getattr(coordinator, "_coordination_task", None)
        return task.exception() if task is not None and task.done() and not task.cancelled() else None

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Forget the flows of the last assignment; changelogs are read by the restore, not here."""
        try:
            self.flows.clear()
            self._ensure_consumer().pause(*(TopicPartition(*tp) for tp in assigned if self._lanes.is_changelog(tp)))
            await super().on_partitions_assigned(assigned, generation_id)
        except Exception as error:  # noqa: BLE001 - aiokafka would log it and leave us with partitions nobody reads
            fatal("taking partitions over failed", error)

    async def seek_feeds(self, wanted: Mapping[TP, int], limits: Mapping[TP, int]) -> dict[TP, Flow]:
        """Move feeds to offsets, from any thread; each gets a new flow. Feeds no longer ours are left out."""
        moved: dict[TP, Flow] = await self.call_thread(self._seek_feeds, wanted, limits)
        return moved

    async def _seek_feeds(self, wanted: Mapping[TP, int], limits: Mapping[TP, int]) -> dict[TP, Flow]:
        moved = {}
        for tp, offset in wanted.items():
            with suppress(IllegalStateError):
                self._ensure_consumer().seek(tp, offset)
                self.flows[tp] = moved[tp] = Flow(offset, limits[tp])
        self._wake()
        return moved

    async def seek_others_to_committed(self) -> Mapping[TP, int]:
        """Seek what is neither feed nor changelog as Faust does; the lane alone moves its feeds."""
        found: Mapping[TP, int] = await self.call_thread(self._seek_others_to_committed)
        return found

    async def _seek_others_to_committed(self) -> Mapping[TP, int]:
        consumer = self._ensure_consumer()
        others = [tp for tp in consumer.assignment() if self._lanes.is_other(tp)]
        if not others:  # to aiokafka no partition means all
            return {}
        found: Mapping[TP, int] = await consumer.seek_to_committed(*others)
        return found

    def poke(self) -> None:
        """Have a waiting fetch look again, from any thread."""
        self.thread_loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: Collection[TP],
        timeout: float | None = None,  # noqa: ASYNC109 - Faust's signature
        max_records: int | None = None,
    ) -> Found:
        fetcher = consumer._fetcher  # noqa: SLF001 - Faust reads it too
        until = time.monotonic() + (timeout or 0.0)
        with fetcher._subscriptions.fetch_context():  # noqa: SLF001
            while self.consumer.flow_active:
                if consumer._closed or fetcher._closed:  # noqa: SLF001
                    raise ConsumerStoppedError
                found = await self._drain(fetcher, tuple(active_partitions or ()), max_records)
                left = until - time.monotonic()
                if found or left <= 0:
                    self._fetch_on(fetcher, found)
                    return found
                await self._wait_for_data(fetcher, left)
        return {}

    def _fetch_on(self, fetcher: Any, found: Found) -> None:
        runs = [run for run in found.values() if isinstance(run, Run)]
        is_thin = all(len(run.records) < self._lanes.batch_records(TP(run.topic, run.partition)) for run in runs)
        self.thread_loop.call_later(GATHER_SECONDS if is_thin else 0.0, fetch_on, fetcher)

    async def _drain(self, fetcher: Any, active: Iterable[TP], max_records: int | None) -> Found:
        if fetcher._subscriptions.reassignment_in_progress:  # noqa: SLF001
            return {}
        found: Found = {}
        others = set()
        for tp in active:
            if not self._lanes.is_feed(tp):
                others.add(tp)
            elif (run := self._drain_feed(fetcher, tp)) is not None:
                found[tp] = run
        if others:  # to aiokafka no partition means all
            found |= await fetcher.fetched_records(others, timeout=0, max_records=max_records)
        return found

    def _drain_feed(self, fetcher: Any, tp: TP) -> Run | None:
        flow = self.flows.get(tp)
        if flow is None or not flow.has_room or (fetched := fetcher._records.get(tp)) is None:  # noqa: SLF001
            return None
        state = fetcher._subscriptions.subscription.assignment.state_value(tp)  # noqa: SLF001
        if not isinstance(fetched, FetchResult):
            forget(fetcher, tp)
            fetch_on(fetcher)
            fetched.check_raise()
        if state is None or not state.has_valid_position:
            return None
        begin: int = state.position
        records = read(fetched, self._lanes.batch_records(tp))
        if not fetched.has_more():
            forget(fetcher, tp)
        return self._run(tp, records, begin, state, flow)

    @staticmethod
    def _run(tp: TP, records: list[Record], begin: int, state: Any, flow: Flow) -> Run | None:
        end: int = state.position
        if end == begin:
            return None
        expected, flow.expected = flow.expected, end
        return Run(tp.topic, tp.partition, records, begin, end, flow, expected, max(0, (state.lso or end) - end))

    async def _wait_for_data(self, fetcher: Any, seconds: float) -> None:
        self._waiter = fetcher._create_fetch_waiter()  # noqa: SLF001
        done, _ = await asyncio.wait([self._waiter], timeout=seconds)
        if not done:
            self._waiter.cancel()
        else:
            self._waiter.result()  # an authorization error comes this way
