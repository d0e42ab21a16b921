"""The policy versions a worker knows: those of its files, and those on the topic `policies`, up to what it has read.

Rule: a tick names the end of the topic at its making. Who meets one that names more than was read reads on at once,
before anything else is worked, and decides by what the tick knew, not by what was read (docs/adr/0013).
"""

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from stream_app.core.policy import Policy, PolicySet
from stream_app.lane import LaneError
from stream_app.worker.published import Given, Published, publish, read_policy, read_published, take_in

T = TypeVar("T")
READ_SECONDS = 8.0  # the worker stands still as long: within a session


class PolicyConflict(Exception):
    """Files and topic say different things of one version; the message says what to do."""


class Library:
    """The versions known, grown as ticks name more; one for all partitions of a worker."""

    def __init__(self, bootstrap: str, topic: str, policies: PolicySet, read: int) -> None:
        self.policies, self.read = policies, read
        self._bootstrap, self._topic = bootstrap, topic

    def reach(self, offset: int) -> int:
        """Read the topic up to an offset, if it was not; give the offset, or the topic's end where that comes first.

        Raises:
            LaneError: the brokers do not answer in time.

        """
        if offset > self.read:
            records, self.read = _aside(read_published(self._bootstrap, self._topic))
            take_in(self.policies, records)
        return min(offset, self.read)


async def open_library(bootstrap: str, topic: str, given: Sequence[Given], default: Given) -> Library:
    """Read the topic, and publish what the files given say and it lacks; the default only where there is nothing else.

    Raises:
        PolicyConflict: a version is there with other figures.

    """
    records, end = await read_published(bootstrap, topic)
    files = given or ((default,) if not records else ())
    seeds = _lacking(files, records)
    for each in sorted(seeds, key=lambda seed: seed.policy.effective_at):
        end = 1 + await publish(bootstrap, topic, each)
    policies = PolicySet([each.policy for each in files] or [_oldest(records)])
    take_in(policies, records)
    return Library(bootstrap, topic, policies, end)


def _lacking(files: Sequence[Given], records: Sequence[Published]) -> list[Given]:
    there = {record.version: record for record in records}
    for each in files:
        record = there.get(each.policy.version)
        if record is not None and read_policy(record) != each.policy:
            message = (
                f"policy {each.policy.version} is on the topic with other figures than in the file given: "
                "give those a version of their own with `stream-app policy publish`"
            )
            raise PolicyConflict(message)
    return [each for each in files if each.policy.version not in there]


def _oldest(records: Sequence[Published]) -> Policy:
    return read_policy(records[0])


def _aside(job: Coroutine[Any, Any, T]) -> T:
    """Run a job in a loop of its own while this one stands still: nothing may be worked meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        try:
            return pool.submit(asyncio.run, asyncio.wait_for(job, READ_SECONDS)).result()
        except (KafkaError, OSError, TimeoutError) as refusal:
            message = f"the topic policies cannot be read ({refusal!r}): a tick names versions that are not known here"
            raise LaneError(message) from refusal
