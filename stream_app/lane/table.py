"""A lane: the Faust table it keeps, the tasks of the partitions that are ours, and how they are taken and given up.

Rule (ARCHITECTURE.md section 3, 2): fence, restore, read the committed offsets, build the logic, go; in that order.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, cast

from faust.stores.rocksdb import Store as RocksStore
from faust.tables.table import Table
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth, server_list
from faust.types import TP

from stream_app.lane.api import LaneObserver, LaneSettings, Logic, LogicFactory
from stream_app.lane.errors import LaneError
from stream_app.lane.producer import TransactionalProducer
from stream_app.lane.restore import Restorer
from stream_app.lane.runs import Cursor, Run
from stream_app.lane.seams import seams
from stream_app.lane.store import PartitionStore, StoreMemory
from stream_app.lane.task import LaneTask, Ports
from stream_app.lane.transaction import Writer

if TYPE_CHECKING:
    from stream_app.lane.app import LaneApp
    from stream_app.lane.consumer import LaneConsumer

log = logging.getLogger(__name__)

PRODUCER_STOP_SECONDS = 2.0
DEFAULT_PORT = 9092


class LaneStores(RocksStore):
    """Faust's view of the lane's databases: for reading only, opened and closed by the lane."""

    async def on_rebalance(self, *_args: Any, **_options: Any) -> None:
        """Leave it to the lane."""

    def persisted_offset(self, tp: TP) -> int | None:  # noqa: ARG002 - Faust's signature
        """Tell Faust nothing: it has nothing to restore."""
        return None

    def _open_for_partition(self, partition: int) -> NoReturn:
        raise KeyError(partition)


class LaneTable(Table[bytes, bytes]):
    """The states of a lane, written by its logic alone."""

    def __init__(
        self,
        app: "LaneApp",
        *,
        feeds: Sequence[str],
        logic: LogicFactory,
        settings: LaneSettings,
        observer: LaneObserver,
        **options: Any,
    ) -> None:
        super().__init__(app, key_type=bytes, value_type=bytes, **options)
        self.feeds, self.settings, self.observer = tuple(feeds), settings, observer
        self.tasks: dict[int, LaneTask] = {}
        self._logic = logic
        self._writers: dict[int, Writer] = {}
        self._producers: dict[int, TransactionalProducer] = {}
        self._opening: asyncio.Task[None] | None = None
        self._memory = StoreMemory(settings.cache_bytes, settings.write_buffer_bytes)

    @property
    def _lane_app(self) -> "LaneApp":
        return cast("LaneApp", self.app)

    @property
    def logics(self) -> Mapping[int, Logic]:
        """The logic of each partition that is restored and ours."""
        return {partition: task.logic for partition, task in self.tasks.items()}

    @property
    def is_open(self) -> bool:
        """Tell whether every partition assigned to us is at work (having none is fine)."""
        return self._opening is None and self._lane_app.settled

    def _new_store_by_url(self, url: Any) -> LaneStores:  # noqa: ARG002 - a lane's store is no matter of choice
        return LaneStores(
            "rocksdb://", self.app, self, table_name=self.name, key_type=bytes, value_type=bytes,
            key_serializer="raw", value_serializer="raw", loop=self.loop, options={},
        )  # fmt: skip

    def submit(self, run: Run) -> None:
        """Hand a run to the task of its partition number."""
        task = self.tasks.get(run.partition)
        if task is None:
            self._consumer.gave(run)
        else:
            task.offer(run)

    async def seek(self) -> None:
        """Take up the feeds where the tasks stand."""
        for task in self.tasks.values():
            await task.seek(task.cursors)

    async def open(self, partitions: frozenset[int]) -> None:
        """Take partitions over; cut short by `close`.

        Raises:
            asyncio.CancelledError: cut short.
        """
        self.observer.assigned(partitions)
        self._opening = asyncio.create_task(self._open(sorted(partitions)), name=f"lane-{self.name}-open")
        try:
            await self._opening
        finally:
            self._opening = None

    async def close(self) -> None:
        """Commit what is worked and give every partition up."""
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        tasks, self.tasks = self.tasks, {}
        await asyncio.gather(*(task.close() for task in tasks.values()))
        await asyncio.gather(*(self._release(partition) for partition in list(self._producers)))

    async def _release(self, partition: int) -> None:
        producer = self._producers.pop(partition)
        writer = self._writers.pop(partition, None)
        if writer is not None:
            self._stores.pop(partition, None)
            writer.store.close()
        try:
            await asyncio.wait_for(producer.stop(), PRODUCER_STOP_SECONDS)
        except TimeoutError:
            log.warning("the producer of partition %d did not stop in time", partition)

    @property
    def _stores(self) -> dict[int, Any]:
        return cast("LaneStores", self.data)._dbs  # type: ignore[return-value] # noqa: SLF001

    @property
    def _consumer(self) -> "LaneConsumer":
        return cast("LaneConsumer", self.app.consumer)

    async def _open(self, partitions: Sequence[int]) -> None:
        if not partitions:
            return
        began = time.perf_counter()
        await self._fence_all(partitions)
        fenced = time.perf_counter()
        for partition in partitions:
            self._writers[partition] = self._writer(partition)
        stores = {partition: writer.store for partition, writer in self._writers.items()}
        async with Restorer(self._connection(), self.app.conf.id, self.settings, self.observer) as restorer:
            await restorer.restore(self.changelog_topic_name, stores)
            self._stores.update({partition: store.db for partition, store in stores.items()})  # one may be made anew
            restored = time.perf_counter()
            committed = await restorer.committed(self.feeds, stores)
        log.info(
            "table %s, partitions %s: fenced in %.2f s, restored in %.2f s, offsets read in %.2f s",
            self.name, partitions, fenced - began, restored - fenced, time.perf_counter() - restored,
        )  # fmt: skip
        ports = Ports(self._consumer.seek_feeds, self._consumer.gave, self.observer)
        self.tasks = {partition: self._task(partition, committed[partition], ports) for partition in partitions}
        for task in self.tasks.values():
            task.start()

    async def _fence_all(self, partitions: Sequence[int]) -> None:
        bound_seconds = self.settings.ack_timeout_seconds + self.settings.transaction_timeout_seconds
        try:
            async with asyncio.timeout(bound_seconds):
                await asyncio.gather(*(self._fence(partition) for partition in partitions))
        except TimeoutError:
            message = (
                f"table {self.name}: the transactions of the partitions' last owner did not end in {bound_seconds} s"
            )
            raise LaneError(message) from None
        seams.passed("fenced")

    async def _fence(self, partition: int) -> None:
        producer = self._producers[partition] = TransactionalProducer(
            f"{self.app.conf.id}-{self.name}-{partition}",
            transaction_timeout_seconds=self.settings.transaction_timeout_seconds,
            compression_type=self.app.conf.producer_compression_type,
            **self._connection(),
        )
        await producer.start()

    def _writer(self, partition: int) -> Writer:
        path = cast("LaneStores", self.data).partition_path(partition)
        store = PartitionStore(path, self._memory)
        return Writer(
            partition, self._producers[partition], store, self.changelog_topic_name, self.app.conf.id,
            self.settings.ack_timeout_seconds,
        )  # fmt: skip

    def _task(self, partition: int, committed: Mapping[str, int], ports: Ports) -> LaneTask:
        writer = self._writers[partition]
        logic = self._logic(partition, writer.store, committed)
        skip = self.settings.skip_expired
        cursors = {feed: Cursor(feed, partition, at, may_skip=feed in skip) for feed, at in committed.items()}
        return LaneTask(logic, writer, cursors, ports, self.settings)

    def _connection(self) -> dict[str, Any]:
        conf = self.app.conf
        return {
            "bootstrap_servers": server_list(conf.broker_consumer, DEFAULT_PORT),
            "client_id": conf.broker_client_id,
            "request_timeout_ms": int(conf.broker_request_timeout * 1000),
            **credentials_to_aiokafka_auth(conf.broker_credentials, conf.ssl_context),
        }

    def on_key_set(self, key: bytes, value: bytes) -> NoReturn:  # noqa: ARG002 - Faust's signature
        """Refuse a write from outside the lane."""
        raise TypeError(self._refusal(key))

    def on_key_del(self, key: bytes) -> NoReturn:
        """Refuse a deletion from outside the lane."""
        raise TypeError(self._refusal(key))

    def _refusal(self, key: bytes) -> str:
        return f"table {self.name} is written by its lane's logic only (key {key!r})"
