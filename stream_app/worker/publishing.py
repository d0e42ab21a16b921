"""Publishing a policy version: checked against all that are there and against the clock that runs, then written."""

from datetime import datetime
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from stream_app.core.events import CLOCK_TOPIC
from stream_app.core.policy import PolicySet
from stream_app.security.kafka import kafka_at
from stream_app.wire.decode import Decoder
from stream_app.wire.invalid import InvalidMessage
from stream_app.wire.policy_file import PolicyError
from stream_app.worker.published import Given, known, publish, published_policies, read_published
from stream_app.worker.topics import Names, partition_count

LAST_RECORDS = 8  # of a clock: the last of them that is a tick says where it stands
POLL_MILLISECONDS = 500


class NotPublished(Exception):
    """A version that cannot be published; the message says what to do."""


class Announced(NamedTuple):
    """Where a version stands on the topic; `is_new` unless it was there already."""

    offset: int
    is_new: bool
    clock_at: datetime | None  # the running clock


async def announce(bootstrap: str, names: Names, given: Given) -> Announced:
    """Publish a version; nothing is written for one that is there with the same figures.

    Raises:
        NotPublished: it does not fit the versions there, or would change what was decided.

    """
    partitions = await partition_count(bootstrap, names)
    records, _ = await read_published(bootstrap, names.policies)
    there = published_policies(records)
    clock_at = await running_clock(bootstrap, names, partitions, there)
    if there is not None and _is_known(there, given):
        offset = next(record.offset for record in records if record.version == given.policy.version)
        return Announced(offset, is_new=False, clock_at=clock_at)
    _check_time(given, clock_at)
    if there is not None:
        _check_fits(there, given)
    return Announced(await publish(bootstrap, names.policies, given), is_new=True, clock_at=clock_at)


async def running_clock(bootstrap: str, names: Names, partitions: int, policies: PolicySet | None) -> datetime | None:
    """Give the latest instant that was ticked, or None where nothing ticked yet."""
    if policies is None:
        return None
    decoder, instants = Decoder(policies.calendar), list[datetime]()
    for record in await _last_records(bootstrap, names.full(CLOCK_TOPIC), partitions):
        try:
            instants.append(decoder.tick(record.key, record.value).at)
        except InvalidMessage:
            continue  # no tick: it is in dead-letters
    return max(instants, default=None)


def _is_known(there: PolicySet, given: Given) -> bool:
    try:
        return known(there, given.policy) is not None
    except ValueError as refusal:
        raise NotPublished(str(refusal)) from None


def _check_time(given: Given, clock_at: datetime | None) -> None:
    effective_at = given.policy.effective_at
    if clock_at is not None and effective_at <= clock_at:
        message = (
            f"effective_at {effective_at.isoformat()} is past: the clock of the workers is at {clock_at.isoformat()}; "
            "what was decided stays as it was. Give a later one"
        )
        raise NotPublished(message)


def _check_fits(there: PolicySet, given: Given) -> None:
    try:
        there.add(given.policy, 0)
    except (ValueError, PolicyError) as refusal:
        raise NotPublished(str(refusal)) from None


async def _last_records(bootstrap: str, topic: str, partitions: int) -> list[ConsumerRecord]:
    consumer = AIOKafkaConsumer(enable_auto_commit=False, **kafka_at(bootstrap))
    try:
        await consumer.start()
        places = [TopicPartition(topic, partition) for partition in range(partitions)]
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        todo = [place for place in places if begins[place] < ends[place]]
        consumer.assign(todo)
        for place in todo:
            consumer.seek(place, max(begins[place], ends[place] - LAST_RECORDS))
        found = list[ConsumerRecord]()
        while todo:
            for records in (await consumer.getmany(*todo, timeout_ms=POLL_MILLISECONDS)).values():
                found += records
            todo = [place for place in todo if await consumer.position(place) < ends[place]]
    finally:
        await consumer.stop()
    return found
