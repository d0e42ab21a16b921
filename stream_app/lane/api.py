"""What the lane and its user agree on: the logic of a partition, what it is given and what it hands over.

Nothing here knows Faust; of Kafka there is the record alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from stream_app.lane.log import Record


class Batch(NamedTuple):
    """A run of one feed partition's log: every committed record of [begin, end) is here.

    The records may be none: transaction markers and compacted records take offsets too.
    """

    topic: str
    partition: int
    records: Sequence[Record]
    begin: int
    end: int


class Output(NamedTuple):
    """A record to publish, to the partition number of the task that hands it over."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()


class Commit(NamedTuple):
    """What one transaction carries: records to publish, states (None deletes) and the next offset of each feed."""

    outputs: Sequence[Output]
    states: Mapping[bytes, bytes | None]
    positions: Mapping[str, int]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to commit."""
        return not (self.outputs or self.states or self.positions)


class Store(Protocol):
    """The states of one partition as last stored on this machine."""

    def get(self, key: bytes) -> bytes | None:
        """Return the stored state of a key."""
        ...

    def scan(self, start: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Iterate over the states stored now, from the key `start` on, in the order of their keys."""
        ...


class Logic(Protocol):
    """The work of one partition number over all feeds.

    Only the lane's task of that partition calls it, and never two calls at once.
    """

    def work(self, batch: Batch) -> None:
        """Work a batch; what comes of it is buffered until `take`."""
        ...

    def waits(self, topic: str) -> bool:
        """Tell whether a feed is to be given no batch for now; a batch of another one may end that."""
        ...

    def sweep(self) -> bool:
        """Do a small slice (5 ms at most) of background work; tell whether there is more to do right now."""
        ...

    def backlog(self) -> int:
        """Count the changes and outputs that are buffered."""
        ...

    def take(self) -> Commit | None:
        """Hand over everything buffered; None when there is nothing. `work` may follow before `stored`."""
        ...

    def stored(self) -> None:
        """Hear that the commit last taken is committed in Kafka and written to the store."""
        ...

    def close(self) -> None:
        """Hear that the partition is given up, after its last commit."""
        ...


LogicFactory = Callable[[int, Store, Mapping[str, int]], Logic]
"""(partition, store, the next committed offset of each feed or else the earliest there is) -> its logic."""


class LaneObserver(Protocol):
    """Hears what the lane does, for metrics; must return at once."""

    def assigned(self, partitions: frozenset[int]) -> None:
        """Partitions now ours; their restore begins."""

    def restored(self, partition: int, done_records: int, end_records: int, seconds: float, finished: bool) -> None:  # noqa: FBT001
        """How far the changelog is read: records so far, offsets to read at most, seconds since it began."""

    def batch(self, topic: str, partition: int, records: int, seconds: float) -> None:
        """A batch was worked in so many seconds."""

    def lag(self, topic: str, partition: int, records_behind: int) -> None:
        """Offsets between what was last worked and the last stable offset when it was fetched."""

    def committed(self, partition: int, changes: int, outputs: int, seconds: float) -> None:
        """A transaction was committed and stored, begin to store, in so many seconds."""

    def repeated_seek(self, topic: str, partition: int) -> None:
        """The same offset had to be sought back to again."""


class NullObserver:
    """An observer that hears nothing."""

    def assigned(self, partitions: frozenset[int]) -> None:
        """Ignore it."""

    def restored(self, partition: int, done_records: int, end_records: int, seconds: float, finished: bool) -> None:  # noqa: FBT001
        """Ignore it."""

    def batch(self, topic: str, partition: int, records: int, seconds: float) -> None:
        """Ignore it."""

    def lag(self, topic: str, partition: int, records_behind: int) -> None:
        """Ignore it."""

    def committed(self, partition: int, changes: int, outputs: int, seconds: float) -> None:
        """Ignore it."""

    def repeated_seek(self, topic: str, partition: int) -> None:
        """Ignore it."""


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """How a lane batches, commits and bounds its memory."""

    commit_interval_seconds: float = 0.1
    max_changes: int = 20_000  # commit early above it; above twice of it work waits
    ack_timeout_seconds: float = 30.0  # then the process ends: the idempotent producer itself would retry for ever
    transaction_timeout_seconds: float = 10.0
    batch_records: int = (
        1000  # a commit under way goes on between batches: larger ones hold it up (4000: 4 times as long)
    )
    queued_batches: int = 2  # per feed partition, beside the one fetch that the client holds
    cache_bytes: int = 64 << 20  # RocksDB block cache, shared by the lane's partitions
    write_buffer_bytes: int = 64 << 20  # RocksDB memtables, shared by the lane's partitions
    # An offline store may miss deletions that compaction has dropped (delete.retention.ms, a day by default).
    store_max_age_seconds: float = 12 * 3600.0
    skip_expired: frozenset[str] = frozenset()  # feeds that may go on after retention took records unread
