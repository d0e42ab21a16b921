"""The workers' state as their changelog shows it: which partition has come how far, and every subscriber at the end."""

from collections import Counter
from collections.abc import Iterator, Mapping

from aiokafka import ConsumerRecord
from aiokafka.partitioner import DefaultPartitioner

from stream_app.core.policy import PolicySet
from stream_app.core.view import View, view
from stream_app.wire.stored import PARTITION_KEY, PartitionRow, load_partition, load_subscriber


class StateMirror:
    """The newest row of every key of a changelog."""

    def __init__(self, partitions: int) -> None:
        self.rows: dict[int, PartitionRow] = {}
        self._partitions = partitions
        self._subscribers: dict[str, tuple[int, bytes]] = {}

    def take(self, record: ConsumerRecord) -> None:
        """Take in a record of the changelog."""
        if record.key == PARTITION_KEY:
            self.rows[record.partition] = load_partition(record.value)
        elif record.value is None:
            self._subscribers.pop(record.key.decode(), None)
        else:
            self._subscribers[record.key.decode()] = (record.partition, record.value)

    @staticmethod
    def is_subscriber(record: ConsumerRecord) -> bool:
        """Tell a subscriber's row from a partition's own."""
        return bool(record.key != PARTITION_KEY)

    def has_worked(self, positions: Mapping[tuple[str, int], int]) -> bool:
        """Tell whether all partitions have worked their feeds up to these offsets, with nothing left to sweep."""
        return all(self._has_worked(partition, positions) for partition in range(self._partitions))

    def _has_worked(self, partition: int, positions: Mapping[tuple[str, int], int]) -> bool:
        wanted = {topic: offset for (topic, its), offset in positions.items() if its == partition and offset}
        row = self.rows.get(partition)
        if row is None:
            return not wanted  # nothing was ever sent there
        swept = not row.target and not row.clock.pending
        return swept and all(row.positions.get(topic, 0) >= offset for topic, offset in wanted.items())

    def clock_reached(self, positions: Mapping[tuple[str, int], int], clock_topic: str) -> bool:
        """Tell whether all partitions have accepted every tick sent to them."""
        return all(
            self.rows[partition].positions.get(clock_topic, 0) >= positions[clock_topic, partition]
            if partition in self.rows
            else False
            for partition in range(self._partitions)
        )

    def duplicates(self) -> Counter[str]:
        """Sum the events dropped as repeats, by type."""
        return sum((Counter(row.duplicates) for row in self.rows.values()), Counter())

    def heads(self) -> Counter[str]:
        """Sum the tallies of subscribers by tier."""
        return sum((Counter(row.clock.heads) for row in self.rows.values()), Counter())

    def worked(self) -> int:
        """Sum the records worked, ticks aside."""
        return sum(offset for row in self.rows.values() for topic, offset in row.positions.items() if topic != "clock")

    def views(self, policies: PolicySet) -> Iterator[View]:
        """Lay out every subscriber at its partition's clock."""
        for subscriber_id, (partition, row) in self._subscribers.items():
            yield view(load_subscriber(row), subscriber_id, self.rows[partition].clock, policies)

    def find(self, subscriber_id: str, policies: PolicySet) -> View | None:
        """Lay out one subscriber, or None."""
        found = self._subscribers.get(subscriber_id)
        return (
            None
            if found is None
            else view(load_subscriber(found[1]), subscriber_id, self.rows[found[0]].clock, policies)
        )


def partition_of(subscriber_id: str, partitions: int) -> int:
    """Give the partition that Kafka's default partitioner picks for a subscriber."""
    numbers = list(range(partitions))
    found: int = DefaultPartitioner()(subscriber_id.encode(), numbers, numbers)
    return found
