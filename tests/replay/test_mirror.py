"""The mirror of a changelog: how far the workers have come, and every subscriber at the end."""

import pytest
from aiokafka import ConsumerRecord

from stream_app.core.events import FEEDS
from stream_app.replay.mirror import StateMirror, partition_of
from stream_app.wire.stored import PARTITION_KEY, PartitionRow, dump_partition
from tests.replay.lines import POLICIES
from tests.worker.fake_lane import Harness, Log, usage


def row(key: bytes, value: bytes | None, partition: int = 0) -> ConsumerRecord:
    return ConsumerRecord("changelog", partition, 0, 0, 0, key, value, None, -1, -1, ())


def mirrored(harness: Harness, partitions: int = 1) -> StateMirror:
    """Let a mirror read all rows that a partition's work has committed."""
    mirror = StateMirror(partitions)
    for key, value in harness.store.items():
        mirror.take(row(key, value))
    return mirror


def with_a_close_pending() -> Harness:
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-02-10"))
    harness.feed(*(log.put(usage("u1", "2025-02-09", 15000, name)) for name in ("s-1", "s-1", "s-2")))
    harness.sweep()
    harness.feed(log.put_tick("2025-03-10"))
    harness.commit()
    return harness


def test_work_is_done_when_all_feeds_are_worked_and_nothing_is_left_to_sweep() -> None:
    harness = with_a_close_pending()
    sent = {("usage-events", 0): 3, ("clock", 0): 2}
    assert not mirrored(harness).has_worked(sent)
    harness.sweep()
    harness.commit()
    assert mirrored(harness).has_worked(sent)
    assert not mirrored(harness).has_worked({**sent, ("usage-events", 0): 4})
    assert not mirrored(harness, partitions=2).has_worked({**sent, ("clock", 1): 2})


def test_a_partition_that_nothing_was_sent_to_is_done() -> None:
    assert mirrored(Harness(), partitions=2).has_worked({("clock", 0): 0})


def test_the_clock_is_reached_once_every_partition_has_accepted_every_tick() -> None:
    mirror = mirrored(with_a_close_pending())
    assert mirror.clock_reached({("clock", 0): 2}, "clock")
    assert not mirror.clock_reached({("clock", 0): 3}, "clock")
    two = mirrored(with_a_close_pending(), partitions=2)
    assert not two.clock_reached({("clock", 0): 2, ("clock", 1): 2}, "clock")
    two.take(row(PARTITION_KEY, dump_partition(PartitionRow(positions={"clock": 2})), partition=1))
    assert two.clock_reached({("clock", 0): 2, ("clock", 1): 2}, "clock")


def test_tallies_of_all_partitions_are_summed() -> None:
    mirror = mirrored(with_a_close_pending())
    other = PartitionRow(
        positions={**dict.fromkeys(FEEDS, 2), "clock": 9}, duplicates={"bill.issued": 4, "usage.recorded": 1}
    )
    other.clock.heads["GOLD"] = 7
    mirror.take(row(PARTITION_KEY, dump_partition(other), partition=1))
    assert mirror.duplicates() == {"usage.recorded": 2, "bill.issued": 4}
    assert mirror.heads() == {"GOLD": 9}
    assert mirror.worked() == 3 + 2 * len(FEEDS)


def test_every_subscriber_is_laid_out_at_its_partitions_clock() -> None:
    harness = with_a_close_pending()
    harness.sweep()
    harness.commit()
    mirror = mirrored(harness)
    assert {view.subscriber_id: view.official_tier for view in mirror.views(POLICIES)} == {"s-1": "GOLD", "s-2": "GOLD"}
    assert mirror.find("s-1", POLICIES) == harness.work.look_up("s-1")
    assert mirror.find("nobody", POLICIES) is None


def test_a_deleted_row_is_gone() -> None:
    harness = with_a_close_pending()
    mirror = mirrored(harness)
    mirror.take(row(b"s-1", None))
    mirror.take(row(b"never-seen", None))
    assert [view.subscriber_id for view in mirror.views(POLICIES)] == ["s-2"]


def test_a_partitions_own_row_is_told_from_a_subscribers() -> None:
    assert StateMirror.is_subscriber(row(b"s-1", b""))
    assert not StateMirror.is_subscriber(row(PARTITION_KEY, b""))


# From Apache Kafka's own tests of its murmur2 (UtilsTest.testMurmur2).
HASHES = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "abc": 479470107,
}


@pytest.mark.parametrize("partitions", [1, 4, 12])
@pytest.mark.parametrize("subscriber_id", HASHES)
def test_subscribers_lie_where_kafkas_default_partitioner_puts_them(subscriber_id: str, partitions: int) -> None:
    assert partition_of(subscriber_id, partitions) == (HASHES[subscriber_id] & 0x7FFFFFFF) % partitions
