"""Restoring partitions: their changelogs in bulk into their stores, then where their feeds stand.

Rule: the caller has fenced the partitions before, so the log ends where it ends and committed offsets stand still.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import FetchResult

from stream_app.lane.api import LaneObserver, LaneSettings
from stream_app.lane.errors import LaneError
from stream_app.lane.log import Log, advance, fetch_on, forget, opened
from stream_app.lane.runs import expired
from stream_app.lane.seams import seams
from stream_app.lane.store import PartitionStore

log = logging.getLogger(__name__)

FETCH_BYTES = 32 << 20
PARTITION_FETCH_BYTES = 8 << 20
PIECE_RECORDS = 4000  # about 5 MB, and 20 ms of writing in a thread of its own
WAIT_SECONDS = 0.002
TELL_SECONDS = 5.0
FETCH_WAIT_MILLISECONDS = 20  # what waits at the broker for more holds up every request behind it


class Restorer:
    """A consumer outside the group's membership that reads changelogs and the group's offsets."""

    def __init__(
        self, connection: Mapping[str, Any], group: str, settings: LaneSettings, observer: LaneObserver
    ) -> None:
        self._settings, self._observer = settings, observer
        self._consumer = AIOKafkaConsumer(
            group_id=group,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=FETCH_WAIT_MILLISECONDS,
            fetch_max_bytes=FETCH_BYTES,
            max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
            **connection,
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._consumer.stop()

    async def restore(self, changelog: str, stores: Mapping[int, PartitionStore]) -> None:
        """Bring stores up to the last stable offset of their changelogs.

        Raises:
            LaneError: a store is ahead of its changelog, or reading makes no progress.
        """
        restores = await self._plan(changelog, stores)
        todo = {each.tp: each for each in restores if each.begin < each.end}
        if todo:
            self._consumer.assign(list(todo))
            for tp, each in todo.items():
                self._consumer.seek(tp, each.begin)
        await self._read_all(todo)
        await _to_its_end(asyncio.gather(*(asyncio.to_thread(each.finish) for each in restores)))
        seams.passed("restored")

    async def _plan(self, changelog: str, stores: Mapping[int, PartitionStore]) -> list["PartitionRestore"]:
        tps = {TopicPartition(changelog, partition): store for partition, store in stores.items()}
        await self._locate([changelog])
        begins = await self._consumer.beginning_offsets(list(tps))
        ends = await self._consumer.end_offsets(list(tps))
        for store in stores.values():
            if store.age_seconds() > self._settings.store_max_age_seconds:
                log.warning("%s was last written %.0f s ago: restored anew", store.path.name, store.age_seconds())
                store.clear()
        return [PartitionRestore(tp, store, begins[tp], ends[tp], self._observer) for tp, store in tps.items()]

    async def _read_all(self, todo: dict[TopicPartition, "PartitionRestore"]) -> None:
        """Bring partitions to their ends, each at its own pace: one is read while others are written."""
        writing: dict[TopicPartition, asyncio.Future[bool]] = {}
        try:
            async with asyncio.timeout(self._settings.ack_timeout_seconds) as bound:  # no progress is an end too
                while todo:
                    self._write_fetched(todo, writing)
                    if await self._some_done(todo, writing):
                        bound.reschedule(asyncio.get_running_loop().time() + self._settings.ack_timeout_seconds)
        finally:
            await _to_its_end(asyncio.gather(*writing.values(), return_exceptions=True))

    def _write_fetched(
        self, todo: Mapping[TopicPartition, "PartitionRestore"], writing: dict[TopicPartition, asyncio.Future[bool]]
    ) -> None:
        for tp in todo.keys() - writing.keys():
            if (fetched := self._fetched(tp)) is not None:
                writing[tp] = asyncio.ensure_future(self._write_piece(todo[tp], fetched))

    async def _some_done(
        self, todo: dict[TopicPartition, "PartitionRestore"], writing: dict[TopicPartition, asyncio.Future[bool]]
    ) -> bool:
        """Wait a little for pieces to be written; tell whether one has moved its partition on."""
        if not writing:
            await asyncio.sleep(WAIT_SECONDS)
            return False
        await asyncio.wait(writing.values(), timeout=WAIT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        moved = False
        for tp in [tp for tp, future in writing.items() if future.done()]:
            moved |= writing.pop(tp).result()
            if todo[tp].position >= todo[tp].end:
                self._consumer.pause(tp)
                del todo[tp]
        return moved

    def _fetched(self, tp: TopicPartition) -> FetchResult | None:
        """Give what has come of a partition."""
        fetched = self._consumer._fetcher._records.get(tp)  # noqa: SLF001 - its own way makes ConsumerRecords, 2 us each
        if fetched is not None and not isinstance(fetched, FetchResult):
            fetched.check_raise()
        return fetched

    async def _write_piece(self, each: "PartitionRestore", fetched: FetchResult) -> bool:
        """Decode and write a piece in a thread; tell whether the position moved."""
        records = opened(fetched)
        if records is not None:
            await asyncio.to_thread(each.apply, records)
            advance(fetched, records)
        if not fetched.has_more():
            forget(self._consumer._fetcher, each.tp)  # noqa: SLF001
            fetch_on(self._consumer._fetcher)  # noqa: SLF001
        before, each.position = each.position, await self._consumer.position(each.tp)  # markers count too
        each.tell()
        return each.position > before

    async def committed(self, feeds: Iterable[str], stores: Mapping[int, PartitionStore]) -> dict[int, dict[str, int]]:
        """Read the next offset of every feed partition: the committed one, or else the earliest there is.

        Raises:
            LaneError: an offset committed, or stored here, lies outside what the feed still holds, or the states that
                go with it are gone.

        """
        tps = [TopicPartition(feed, partition) for feed in feeds for partition in stores]
        await self._locate(feeds)
        begins, ends = await self._consumer.beginning_offsets(tps), await self._consumer.end_offsets(tps)
        offsets = await self._committed_offsets(tps)
        found: dict[int, dict[str, int]] = {partition: {} for partition in stores}
        for tp, offset in zip(tps, offsets, strict=True):
            if offset is not None and stores[tp.partition].offset is None:
                raise _lost(tp, offset)
            _check_end(tp, max(offset or 0, stores[tp.partition].positions().get(tp.topic, 0)), ends[tp])
            found[tp.partition][tp.topic] = self._next_offset(tp, offset, begins[tp])
        return found

    async def _locate(self, topics: Iterable[str]) -> None:
        """Ask where all are at once; aiokafka itself misses one after the other, and waits 0.1 s for each."""
        client = self._consumer._client  # noqa: SLF001
        await asyncio.gather(*(client.add_topic(topic) for topic in topics))

    async def _committed_offsets(self, tps: Sequence[TopicPartition]) -> list[int | None]:
        return list(await asyncio.gather(*(self._consumer.committed(tp) for tp in tps)))

    def _next_offset(self, tp: TopicPartition, committed: int | None, begin: int) -> int:
        if committed is None:
            return begin
        if committed < begin and tp.topic not in self._settings.skip_expired:
            raise expired(tp.topic, tp.partition, committed, begin)
        return max(committed, begin)


async def _to_its_end(writing: asyncio.Future[Any]) -> None:
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await writing  # a store must not be closed under the thread that writes to it
        raise


def _lost(tp: TopicPartition, committed: int) -> LaneError:
    message = (
        f"feed {tp.topic}[{tp.partition}] was worked up to {committed} but the changelog of its states is empty: "
        "it was made anew or lost. To go on would begin from nothing: restore it, or use a new app id"
    )
    return LaneError(message)


def _check_end(tp: TopicPartition, known: int, end: int) -> None:
    if known > end:
        message = (
            f"feed {tp.topic}[{tp.partition}] ends at offset {end} but was worked up to {known}: "
            "it was made anew or lost records, and old records cannot be told from new. Restore it, or use a new app id"
        )
        raise LaneError(message)


class PartitionRestore:
    """How far one partition's changelog is read."""

    def __init__(
        self, tp: TopicPartition, store: PartitionStore, log_begin: int, log_end: int, observer: LaneObserver
    ) -> None:
        stored = store.offset
        if stored is not None and stored >= log_end:
            message = (
                f"the store {store.path.name} stands at {stored} but {tp.topic}[{tp.partition}] ends at {log_end}: "
                "the changelog was made anew or lost records. Remove the store to start from the changelog"
            )
            raise LaneError(message)
        self.tp, self._store, self._observer, self.end = tp, store, observer, log_end
        self.begin = self.position = max(log_begin, 0 if stored is None else stored + 1)
        self._done, self._began = 0, time.perf_counter()
        self._told = self._began

    def apply(self, log: Log) -> None:
        """Read a piece, and write it."""
        records = log.read(PIECE_RECORDS)
        self._store.apply(records)
        seams.passed("restored_some")
        self._done += len(records)

    def finish(self) -> None:
        """Note that the store is the changelog up to its end."""
        self._store.settle()
        if self.end > 0:
            self._store.write({}, self.end - 1)
        seconds = time.perf_counter() - self._began
        self._observer.restored(self.tp.partition, self._done, self.end - self.begin, seconds, finished=True)
        log.info("restored %s[%d]: %d records in %.2f s", self.tp.topic, self.tp.partition, self._done, seconds)

    def tell(self) -> None:
        """Say how far it is: to the observer each time, in the log every few seconds."""
        now, expected = time.perf_counter(), self.end - self.begin
        self._observer.restored(self.tp.partition, self._done, expected, now - self._began, finished=False)
        if now - self._told >= TELL_SECONDS:
            self._told = now
            percent = 100 * (self.position - self.begin) // expected
            log.info("restoring %s[%d]: %d%%, %d records", self.tp.topic, self.tp.partition, percent, self._done)
