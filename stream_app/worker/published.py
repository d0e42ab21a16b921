"""The topic `policies`: versions are published on it, and read from it whole; key is the version, value the YAML.

Rule: what does not fit those before it is passed over, by every reader alike.
"""

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from stream_app.core.policy import Policy, PolicySet
from stream_app.security.kafka import kafka_at
from stream_app.wire.policy_file import PolicyError, parse_policy

log = logging.getLogger(__name__)

POLL_MILLISECONDS = 200


class Given(NamedTuple):
    """A policy with its text, as it stands in a file."""

    policy: Policy
    text: str


class Published(NamedTuple):
    """A record of the topic."""

    offset: int
    version: str
    text: str


def take_in(policies: PolicySet, records: Iterable[Published]) -> None:
    """Add the versions that fit to those known; every worker passes over the same others, and says so."""
    for record in records:
        try:
            found = read_policy(record)
            if known(policies, found) is None:
                policies.add(found, record.offset)
                log.info("policy %s is known: in force from the first tick at or after %s", *_said(found))
        except (PolicyError, ValueError) as refusal:
            log.error("topic policies, offset %d: passed over: %s", record.offset, refusal)  # noqa: TRY400 - no bug


def published_policies(records: Sequence[Published]) -> PolicySet | None:
    """Give the versions of the topic, or None where it has none."""
    if not records:
        return None
    policies = PolicySet([read_policy(records[0])])
    take_in(policies, records)
    return policies


def read_policy(record: Published) -> Policy:
    """Read the policy of a record; raises PolicyError."""
    found = parse_policy(record.text, f"policies@{record.offset}")
    if found.version != record.version:
        message = f"the key says version {record.version!r}, the policy {found.version!r}"
        raise PolicyError(message)
    return found


def known(policies: PolicySet, policy: Policy) -> Policy | None:
    """Give the version of this name that is known, or None; raises ValueError where it has other figures."""
    same = next((each for each in policies.versions if each.version == policy.version), None)
    if same is not None and same != policy:
        message = (
            f"version {policy.version!r} is there already with other figures: give the new ones a version of its own"
        )
        raise ValueError(message)
    return same


async def read_published(bootstrap: str, topic: str) -> tuple[list[Published], int]:
    """Read the whole topic; give its records and its end."""
    consumer = AIOKafkaConsumer(enable_auto_commit=False, auto_offset_reset="earliest", **kafka_at(bootstrap))
    try:
        await consumer.start()
        place = TopicPartition(topic, 0)
        end = (await consumer.end_offsets([place]))[place]
        consumer.assign([place])
        await consumer.seek_to_beginning(place)
        found = list[Published]()
        while await consumer.position(place) < end:
            for record in (await consumer.getmany(place, timeout_ms=POLL_MILLISECONDS)).get(place, ()):
                found.append(_published(record.offset, record.key, record.value))
    finally:
        await consumer.stop()
    return found, end


async def publish(bootstrap: str, topic: str, given: Given) -> int:
    """Put a version on the topic; give its offset."""
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **kafka_at(bootstrap))
    try:
        await producer.start()
        sent = await producer.send_and_wait(topic, given.text.encode(), key=given.policy.version.encode(), partition=0)
    finally:
        await producer.stop()
    return int(sent.offset)


def _published(offset: int, key: bytes | None, value: bytes | None) -> Published:
    return Published(offset, (key or b"").decode(errors="replace"), (value or b"").decode(errors="replace"))


def _said(policy: Policy) -> tuple[str, str]:
    return policy.version, policy.effective_at.isoformat()
