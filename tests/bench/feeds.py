"""The feeds of the complete worker: the bench's events on usage-events, as CONTRACTS section 1 has them, and ticks."""

import asyncio
import pickle
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from aiokafka.partitioner import murmur2

from stream_app.core.events import CLOCK_TOPIC, FEEDS, USAGE_TOPIC
from stream_app.wire.ticks import encode_tick
from stream_app.worker import topics
from stream_app.worker.topics import Names
from tests.bench.answer import COURSES, UNTIL, Course, Outcome, offline
from tests.bench.events import HOUR_MS, Plan, Row
from tests.bench.inputs import Tell, first_rows
from tests.bench.kafka import PARTITIONS, Cluster, bulk_producer, put


class TickRecord(NamedTuple):
    """A tick of a partition."""

    partition: int
    value: bytes
    is_last: bool  # stands behind all events


class WorkerInput(NamedTuple):
    """Loaded feeds under a prefix, what was sent to each partition, and the right answer."""

    prefix: str
    events: int
    course: str
    sent: Mapping[tuple[str, int], int]  # by feed and partition, ticks included
    ticks: Sequence[TickRecord]  # each run gets a clock of its own, since what it holds at the end comes at the end
    answer: Outcome

    def names(self, app_id: str) -> Names:
        """Name the topics of a run."""
        return Names(self.prefix, app_id)


def worker_input(plan: Plan, cluster: Cluster, folder: Path, tell: Tell, course: str = "backlog") -> WorkerInput:
    """Load the feeds unless they are there; give them with their answer."""
    prefix = f"bench-worker-{plan.name}-{course}."
    path = folder / f"{prefix}feeds"
    if cluster.has(prefix + USAGE_TOPIC) and path.exists():
        found: WorkerInput = pickle.loads(path.read_bytes())  # noqa: S301 - our own, written below
        return found
    cluster.drop(prefix)
    asyncio.run(topics.create(cluster.bootstrap, Names(prefix, prefix + "load"), PARTITIONS, 1, keep_for_ever=True))
    sent, ticks = _load(plan, prefix, COURSES[course](), cluster.bootstrap, tell)
    tell("working out the answer of the rules alone")
    found = WorkerInput(prefix, plan.events, course, sent, ticks, offline(plan, COURSES[course]()))
    path.write_bytes(pickle.dumps(found))
    return found


def _load(
    plan: Plan, prefix: str, course: Course, bootstrap: str, tell: Tell
) -> tuple[dict[tuple[str, int], int], list[TickRecord]]:
    producer, usage = bulk_producer(bootstrap), prefix + USAGE_TOPIC
    sent: dict[tuple[str, int], int] = defaultdict(int)
    clock: list[TickRecord] = []
    for number, (row, ticks) in enumerate(_with_ticks(first_rows(plan, plan.events), course)):
        clock += _tick_records(ticks, sent, is_last=False)
        partition = partition_of(row.subscriber_id)
        put(producer, usage, row.subscriber_id, row.contract_json(), partition)
        sent[USAGE_TOPIC, partition] += 1
        if number % 250_000 == 0:
            tell(f"loading {number:,} of {plan.events:,} usage records")
    clock += _tick_records(course.reach(UNTIL), sent, is_last=True)  # UNTIL is a midnight
    producer.flush()
    sent |= {(CLOCK_TOPIC, partition): len(clock) // PARTITIONS for partition in range(PARTITIONS)}
    return dict(sent), clock


def _tick_records(
    ticks: Iterable[datetime], sent: Mapping[tuple[str, int], int], *, is_last: bool
) -> Iterator[TickRecord]:
    for at in ticks:
        for partition in range(PARTITIONS):
            positions = {feed: sent.get((feed, partition), 0) for feed in FEEDS}
            yield TickRecord(partition, encode_tick(at, positions), is_last)


def put_ticks(given: WorkerInput, bootstrap: str, *, last: bool) -> None:
    """Write the ticks that stand behind all events, or those before."""
    producer = bulk_producer(bootstrap)
    for tick in given.ticks:
        if tick.is_last == last:
            put(producer, given.prefix + CLOCK_TOPIC, None, tick.value, tick.partition)
    producer.flush()


@lru_cache(None)
def partition_of(key: str) -> int:
    """Give the partition of a key as Kafka's default partitioner has it."""
    found: int = (murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS
    return found


def _with_ticks(rows: Iterable[Row], course: Course) -> Iterator[tuple[Row, Iterable[datetime]]]:
    latest_hour = 0
    for row in rows:
        hour = row.occurred_ms // HOUR_MS  # ticks fall on whole hours
        if hour > latest_hour:
            latest_hour = hour
            yield row, course.reach(datetime.fromtimestamp(row.occurred_ms / 1000, UTC))
        else:
            yield row, ()
