"""The lane in memory: a store that is a dict, a log of records per feed, and commits that either happen or do not."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from aiokafka import ConsumerRecord

from stream_app.core.events import CLOCK_TOPIC, FEEDS, TOPIC_OF_TYPE
from stream_app.core.policy import Policy, PolicySet
from stream_app.lane import Batch, Commit, Output
from stream_app.wire.decode import Decoder
from stream_app.wire.policy_file import parse_policy
from stream_app.wire.ticks import encode_tick
from stream_app.worker.metrics import Metrics
from stream_app.worker.partition import PartitionWork, Surroundings
from stream_app.worker.topics import LANE_FEEDS, Names

NAMES = Names("", "tests")
TIMESTAMP_MS = int(datetime(2030, 1, 1, tzinfo=UTC).timestamp() * 1000)  # of every record: nothing is in the future
POLICY_TEXT = """
version: plain-1
effective_at: 2017-01-01T00:00:00Z
billing: {zone: UTC, grace_hours: 48}
tiers: [{code: GOLD, floor_fen: 5000}, {code: SILVER, floor_fen: 2000}]
"""


@cache
def policy(text: str = POLICY_TEXT) -> Policy:
    return parse_policy(text, "policy.yaml")


class MemoryStore(dict[bytes, bytes]):
    """A partition's rows."""

    def scan(self, start: bytes) -> Iterator[tuple[bytes, bytes]]:
        for key in sorted(self):
            if key >= start:
                yield key, self[key]

    def apply(self, states: Mapping[bytes, bytes | None]) -> None:
        """Store rows; None deletes."""
        for key, row in states.items():
            if row is None:
                self.pop(key, None)
            else:
                self[key] = row


def at(text: str) -> datetime:
    """Read `2025-03-01` or `2025-03-01T08:00` as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def around(names: Names = NAMES, *, window: int = 5000, share: float = 1.0, cached: int = 1000) -> Surroundings:
    policies = PolicySet([policy()])
    return Surroundings(policies, Decoder(policies.calendar), names, Metrics(names), cached, window, share)


def event(type_name: str, event_id: str, occurred_at: str, subscriber_id: str = "s-1", **own: Any) -> dict[str, Any]:
    instant = at(occurred_at).isoformat()
    return {
        "type": type_name,
        "event_id": event_id,
        "subscriber_id": subscriber_id,
        "occurred_at": instant,
        **own,
    }


def usage(event_id: str, occurred_at: str, charge_fen: int, subscriber_id: str = "s-1") -> dict[str, Any]:
    own = {"service": "voice", "duration_seconds": 60, "charge_fen": charge_fen}
    return event("usage.recorded", event_id, occurred_at, subscriber_id, **own)


class Log:
    """The feeds of one partition: appends records and remembers the order they were appended in."""

    def __init__(self, names: Names = NAMES) -> None:
        self.names = names
        self.ends: defaultdict[str, int] = defaultdict(int)  # by plain topic
        self.records: list[ConsumerRecord] = []

    def put(self, content: Mapping[str, Any], *, marker: bool = False) -> ConsumerRecord:
        """Append an event to its feed; after a `marker`, which takes an offset of its own."""
        topic = TOPIC_OF_TYPE[content["type"]]
        return self.put_bytes(topic, content["subscriber_id"].encode(), json.dumps(content).encode(), marker=marker)

    def put_tick(
        self,
        instant: datetime | str,
        positions: Mapping[str, int] | None = None,
        policies: int = 0,
        *,
        still: bool = False,
    ) -> ConsumerRecord:
        """Append a tick; it waits for all that was appended so far, or for the positions given."""
        wanted = {feed: self.ends[feed] for feed in FEEDS} if positions is None else positions
        when = at(instant) if isinstance(instant, str) else instant
        return self.put_bytes(CLOCK_TOPIC, None, encode_tick(when, wanted, policies, still=still))

    def put_bytes(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
        *,
        marker: bool = False,
    ) -> ConsumerRecord:
        self.ends[topic] += marker
        full, offset = self.names.full(topic), self.ends[topic]
        record = ConsumerRecord(full, 0, offset, TIMESTAMP_MS, 0, key, value, None, -1, -1, headers)
        self.ends[topic] += 1
        self.records.append(record)
        return record


class Harness:
    """One partition's work over a memory store; what is committed stays when the work is lost."""

    def __init__(self, surroundings: Surroundings | None = None) -> None:
        self.around = surroundings or around()
        self.store = MemoryStore()
        # The lane names every feed, at its earliest offset where nothing is committed.
        self.committed = {self.around.names.full(topic): 0 for topic in LANE_FEEDS}
        self.outputs: list[Output] = []  # committed
        self.read: dict[str, int] = {}  # by topic: where the next batch begins
        self.work = self._work()

    def feed(self, *records: ConsumerRecord) -> None:
        """Give records of one feed as one batch."""
        topic = records[0].topic
        batch = Batch(topic, 0, list(records), self.read.get(topic, 0), records[-1].offset + 1)
        self.read[topic] = batch.end
        self.work.work(batch)

    def feed_all(self, records: Iterable[ConsumerRecord]) -> None:
        """Give records in their order, neighbours of one feed as one batch."""
        for _, run in groupby(records, key=lambda record: record.topic):
            self.feed(*run)

    def sweep(self) -> None:
        """Sweep until there is nothing more to do."""
        while self.work.sweep():
            pass

    def commit(self) -> Commit | None:
        """Commit what is due, and store it."""
        commit = self.work.take()
        if commit is not None:
            self.outputs += commit.outputs
            self.committed |= commit.positions
            self.store.apply(commit.states)
            self.work.stored()
        return commit

    def crash(self) -> None:
        """Lose everything that is not committed, and begin anew from the store."""
        self.work = self._work()
        self.read = dict(self.committed)

    def facts(self, type_name: str | None = None) -> list[dict[str, Any]]:
        """Give the facts committed so far."""
        found = [json.loads(output.value or b"") for output in self.outputs if output.topic != "dead-letters"]
        return [fact for fact in found if type_name in {None, fact["type"]}]

    def _work(self) -> PartitionWork:
        return PartitionWork(self.around, 0, self.store, self.committed)


class Tier(NamedTuple):
    """A tier change, short."""

    before: str | None
    after: str | None
    reason: str


def tiers(facts: Iterable[Mapping[str, Any]]) -> list[Tier]:
    """Shorten the tier changes among facts."""
    return [Tier(fact["from"], fact["to"], fact["reason"]) for fact in facts if fact["type"] == "tier.changed"]
