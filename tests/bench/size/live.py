"""Live traffic over all subscribers, and the time from an event's append to its fact.

Rule: open loop. Events go out by the clock and not when the worker is ready for them, and the time of each runs from
when it was due, so a stall counts against every event that it holds up.
"""

import threading
import time
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import NamedTuple, Self
from uuid import UUID

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition

from stream_app.core.events import BILLING_TOPIC, CLOCK_TOPIC, FEEDS, USAGE_TOPIC
from stream_app.core.facts import TierChanged
from stream_app.wire.ticks import encode_tick
from tests.bench.size.ids import partition_of, subscriber_id
from tests.bench.size.load import Target
from tests.bench.size.population import LIVE_AT

PROBE_EVERY = 20  # one event of so many is a fee that lifts a customer to the highest tier: it makes a fact
PROBE_FEN = 100_000_000
STEP_SECONDS = 0.005
QUIET_SECONDS = 2.0


class Latencies(NamedTuple):
    """Times from append to fact in milliseconds, with the number of events sent and of facts seen."""

    sent: int
    seen: int
    p50: float
    p99: float
    worst: float


class Traffic:
    """Sends events at a rate in a thread of its own while the context is open."""

    def __init__(self, target: Target, subscribers: int, per_second: float, seed: int) -> None:
        self._target, self._subscribers, self._per_second = target, subscribers, per_second
        self._chance = Random(seed)
        self._producer = Producer({"bootstrap.servers": target.bootstrap, "linger.ms": 1})
        self.sent = 0
        self.due: dict[str, float] = {}  # of the probes, by event id
        self.seen: dict[str, float] = {}
        self._stop = threading.Event()
        self._hears = _listener(target)
        self._threads = [threading.Thread(target=self._send_all), threading.Thread(target=self._hear_all)]

    def __enter__(self) -> Self:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End: no more is sent; facts are heard until they cease."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._hears.close()

    def latencies(self) -> Latencies:
        """Sum up what was heard."""
        times = sorted((self.seen[event] - due) * 1000 for event, due in self.due.items() if event in self.seen)
        return Latencies(self.sent, len(times), quantile(times, 0.5), quantile(times, 0.99), quantile(times, 1.0))

    def _send_all(self) -> None:
        began = time.perf_counter()
        while not self._stop.is_set():
            due = int((time.perf_counter() - began) * self._per_second)
            while self.sent < due:
                self._send(began + self.sent / self._per_second)
            self._producer.poll(0)
            time.sleep(STEP_SECONDS)
        self._producer.flush()

    def _send(self, due: float) -> None:
        key = subscriber_id(self._chance.randrange(self._subscribers))
        event_id = str(UUID(int=self._chance.getrandbits(128)))
        is_probe = self.sent % PROBE_EVERY == 0
        if is_probe:
            self.due[event_id] = due
        topic = self._target.names.full(BILLING_TOPIC if is_probe else USAGE_TOPIC)
        value = orjson.dumps(_fee(key, event_id) if is_probe else _usage(key, event_id))
        self._producer.produce(topic, value, key, partition_of(key, self._target.partitions))
        self.sent += 1

    def _hear_all(self) -> None:
        last = time.perf_counter()
        while not self._stop.is_set() or time.perf_counter() < last + QUIET_SECONDS:
            for message in self._hears.consume(500, 0.05):
                event_id = orjson.loads(message.value() or b"{}")["cause"].get("event_id")
                if event_id in self.due:
                    self.seen[event_id] = last = time.perf_counter()


def _listener(target: Target) -> Consumer:
    consumer = Consumer(
        {"bootstrap.servers": target.bootstrap, "group.id": "size-listener", "isolation.level": "read_committed",
         "fetch.wait.max.ms": 10, "enable.auto.commit": False}
    )  # fmt: skip
    topic = target.names.full(TierChanged.topic)
    places = [TopicPartition(topic, partition) for partition in range(target.partitions)]
    consumer.assign([TopicPartition(at.topic, at.partition, consumer.get_watermark_offsets(at)[1]) for at in places])
    return consumer


def _fee(key: bytes, event_id: str) -> dict[str, object]:
    return {
        "event_id": event_id, "type": "fee.charged", "subscriber_id": key.decode(), "kind": "probe",
        "amount_fen": PROBE_FEN, "occurred_at": LIVE_AT.isoformat(),
    }  # fmt: skip


def _usage(key: bytes, event_id: str) -> dict[str, object]:
    return {
        "event_id": event_id, "type": "usage.recorded", "subscriber_id": key.decode(), "service": "voice",
        "duration_seconds": 61, "charge_fen": 12, "occurred_at": LIVE_AT.isoformat(),
    }  # fmt: skip


def tick(target: Target, at: datetime) -> None:
    """Send a tick to every partition, behind all that stands in its feeds."""
    consumer = Consumer({"bootstrap.servers": target.bootstrap, "group.id": "size-look"})
    producer = Producer({"bootstrap.servers": target.bootstrap})
    for partition in range(target.partitions):
        places = {feed: TopicPartition(target.names.full(feed), partition) for feed in FEEDS}
        positions = {feed: consumer.get_watermark_offsets(place)[1] for feed, place in places.items()}
        producer.produce(target.names.full(CLOCK_TOPIC), encode_tick(at, positions), None, partition)
    producer.flush()
    consumer.close()


def quantile(ordered: Sequence[float], share: float) -> float:
    """Give the value below which a share of ordered values lies; 0 where there is none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
