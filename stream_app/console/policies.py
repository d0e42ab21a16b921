"""The policy versions that the desk decides by: those of its files and those published, later ones as they come."""

import asyncio
import logging
from collections.abc import Sequence

from aiokafka.errors import KafkaError

from stream_app.core.policy import Policy, PolicySet
from stream_app.worker.published import published_policies, read_published, take_in

log = logging.getLogger(__name__)

LOOK_SECONDS = 30.0


async def open_policies(bootstrap: str, topic: str, files: Sequence[Policy], default: Policy) -> PolicySet:
    """Give the versions of files and topic, the default only where there is nothing else. Raises PolicyError."""
    records, _ = await read_published(bootstrap, topic)
    if not files and records:
        return published_policies(records) or PolicySet([default])
    policies = PolicySet(files or [default])
    take_in(policies, records)
    return policies


async def follow_policies(bootstrap: str, topic: str, policies: PolicySet) -> None:
    """Take in what is published from now on, until cancelled."""
    seen = 0
    while True:
        try:
            records, end = await read_published(bootstrap, topic)
        except KafkaError as refusal:
            log.warning("the policies published cannot be read (%r): trying again", refusal)
        else:
            take_in(policies, [record for record in records if record.offset >= seen])
            seen = end
        await asyncio.sleep(LOOK_SECONDS)
