"""A region's events by the wall clock, and the wait from an event to the fact that it makes.

Rule: open loop. Events go out by a schedule that waits for nobody, and a wait runs from when its event was due. What is
measured by are corrections of the last closed month: each makes one fact for certain.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple, Self

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition

from stream_app.core.events import BILLING_TOPIC, SUBSCRIBER_TOPIC, USAGE_TOPIC
from stream_app.core.facts import MonthClosed
from stream_app.sim import CHENGDU, Population, history
from tests.bench.kafka import QUIET
from tests.bench.size.ids import partition_of, subscriber_id
from tests.bench.size.live import quantile
from tests.bench.size.load import Target
from tests.capacity.region import closed_month

STEP_SECONDS = 0.005
LINGER_MS = 20  # with next to none each request holds a record or two, and a busy broker is the bound: seconds of wait
LONGEST_SECONDS = 60.0  # for the facts of what was sent last
PROBE_EVERY, FEE_EVERY, BALANCE_EVERY, SIGN_EVERY = 50, 331, 337, 397
TWICE_EVERY, BAD_EVERY = 499, 2003
POOL_DAYS, POOL_SUBSCRIBERS, POOL_USAGE_PER_DAY = 2, 60, 33.3
SIGNS = (
    {"type": "complaint.filed", "severity": "escalated", "topic": "network"},
    {"type": "competitor.contacted", "kind": "hotline_call"},
    {"type": "portout.requested"},
)


class Waits(NamedTuple):
    """Waits from event to fact, in milliseconds, of those due in a while."""

    sent: int
    facts: int
    p50: float
    p99: float
    most: float


class Probe(NamedTuple):
    """An event that makes a fact: when it was due, and when each of its facts came."""

    due: float
    came: list[float]


def usage_pool(now: datetime) -> list[dict[str, Any]]:
    """Give what use is made of: bodies of usage events as the simulation has them, without id, subscriber and time."""
    population = Population(20, POOL_SUBSCRIBERS, CHENGDU, usage_per_day=POOL_USAGE_PER_DAY)
    open_fields = {"event_id", "subscriber_id", "occurred_at"}
    return [
        {name: value for name, value in event.items() if name not in open_fields}
        for event in history(population, now - timedelta(days=POOL_DAYS), now)
        if event["type"] == "usage.recorded"
    ]


class Made(NamedTuple):
    """An event to send."""

    topic: str
    key: bytes
    value: bytes
    probe: str = ""  # its id, where a fact is awaited


class Events:
    """Makes a region's events, each at the time it is asked for; the same seed makes the same ones."""

    def __init__(self, subscribers: int, seed: int, now: datetime) -> None:
        self._subscribers, self._chance = subscribers, Random(seed)
        self._pool, self._month = usage_pool(now), closed_month(now)
        self._seed, self.made = f"{seed}-{int(now.timestamp())}", 0

    def next(self) -> Iterator[Made]:
        """Make the next event; now and then it comes twice, or beside one that is none."""
        self.made += 1
        number, key = self.made, subscriber_id(self._chance.randrange(self._subscribers))
        body = self._body(number)
        event = {
            "event_id": f"{self._seed}-{number}",
            "subscriber_id": key.decode(),
            "occurred_at": _now_text(),
            **body,
        }
        topic = _topic_of(str(body["type"]))
        made = Made(topic, key, orjson.dumps(event), event["event_id"] if body["type"] == "bill.adjusted" else "")
        yield made
        if number % TWICE_EVERY == 0:
            yield made._replace(probe="")
        if number % BAD_EVERY == 0:
            yield Made(USAGE_TOPIC, key, b'{"type": "usage.recorded"}')

    def _body(self, number: int) -> dict[str, Any]:
        if number % PROBE_EVERY == 0:
            return {"type": "bill.adjusted", "billing_month": self._month, "amount_fen": 1 + number % 97}
        if number % FEE_EVERY == 0:
            return {"type": "fee.charged", "kind": "value_added", "amount_fen": self._chance.randrange(100, 20_000)}
        if number % BALANCE_EVERY == 0:
            return {"type": "balance.reported", "balance_fen": self._chance.randrange(0, 20_000)}
        if number % SIGN_EVERY == 0:
            sign = dict(self._chance.choice(SIGNS))
            return sign | ({"complaint_id": f"c{number}"} if sign["type"] == "complaint.filed" else {})
        return self._chance.choice(self._pool)


def _topic_of(kind: str) -> str:
    if kind == "usage.recorded":
        return USAGE_TOPIC
    return BILLING_TOPIC if kind.partition(".")[0] in {"bill", "fee", "balance"} else SUBSCRIBER_TOPIC


def _now_text() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Traffic:
    """Sends events at a rate that can be changed, and hears their facts, while the context is open."""

    def __init__(self, target: Target, events: Events) -> None:
        self._target, self._events = target, events
        self._rate, self._since, self._due = 0.0, time.perf_counter(), 0.0
        self._producer = Producer({**QUIET, "bootstrap.servers": target.bootstrap, "linger.ms": LINGER_MS})
        self.sent: Counter[str] = Counter()
        self.late_seconds = 0.0  # the most that the schedule was behind
        self.probes: dict[str, Probe] = {}
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._hears = _listener(target)
        self._threads = [threading.Thread(target=self._send_all), threading.Thread(target=self._hear_all)]

    def __enter__(self) -> Self:
        """Begin, at a rate of none."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End: no more is sent; facts are heard until all are here, within a bound."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._hears.close()

    def at(self, events_a_second: float) -> None:
        """Go on at another rate."""
        with self._lock:
            self._settle()
            self._rate = events_a_second

    def waits(self, since: float, until: float) -> Waits:
        """Sum up the waits of what was due between two moments of the performance counter."""
        probes = [probe for probe in list(self.probes.values()) if since <= probe.due < until]
        waits = sorted((probe.came[0] - probe.due) * 1000 for probe in probes if probe.came)
        shares = (quantile(waits, share) for share in (0.5, 0.99, 1.0))
        return Waits(len(probes), len(waits), *shares)

    def twice(self) -> int:
        """Count the events of which more than one fact came."""
        return sum(len(probe.came) > 1 for probe in self.probes.values())

    def missing(self) -> int:
        """Count the events of which no fact came."""
        return sum(not probe.came for probe in self.probes.values())

    def _settle(self) -> None:
        """Count what became due at the rate so far."""
        now = time.perf_counter()
        self._due += (now - self._since) * self._rate
        self._since = now

    def _send_all(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                self._settle()
                due, rate, now = int(self._due), self._rate, self._since
            while self._events.made < due:
                due_at = now - (self._due - self._events.made) / rate if rate else now
                self._send(due_at)
            self._producer.poll(0)
            time.sleep(STEP_SECONDS)
        self._producer.flush()

    def _send(self, due_at: float) -> None:
        for made in self._events.next():
            if made.probe:
                self.probes[made.probe] = Probe(due_at, [])
            partition = partition_of(made.key, self._target.partitions)
            self._put(self._target.names.full(made.topic), made, partition)
            self.sent[made.topic] += 1
        self.late_seconds = max(self.late_seconds, time.perf_counter() - due_at)

    def _put(self, topic: str, made: Made, partition: int) -> None:
        while True:
            try:
                self._producer.produce(topic, made.value, made.key, partition)
            except BufferError:
                self._producer.poll(STEP_SECONDS)
            else:
                return

    def _hear_all(self) -> None:
        until = float("inf")
        while time.perf_counter() < until and not (self._stop.is_set() and self._is_answered()):
            if self._stop.is_set() and until == float("inf"):
                until = time.perf_counter() + LONGEST_SECONDS
            for message in self._hears.consume(1000, 0.02):
                event_id = orjson.loads(message.value() or b"{}")["cause"].get("event_id")
                probe = self.probes.get(event_id)
                if probe is not None:
                    probe.came.append(time.perf_counter())

    def _is_answered(self) -> bool:
        return not self._threads[0].is_alive() and all(probe.came for probe in self.probes.values())


def _listener(target: Target) -> Consumer:
    consumer = Consumer(
        {**QUIET, "bootstrap.servers": target.bootstrap, "group.id": "capacity-listener",
         "isolation.level": "read_committed", "fetch.wait.max.ms": 10, "enable.auto.commit": False}
    )  # fmt: skip
    topic = target.names.full(MonthClosed.topic)
    places: Sequence[TopicPartition] = [TopicPartition(topic, partition) for partition in range(target.partitions)]
    consumer.assign([TopicPartition(at.topic, at.partition, consumer.get_watermark_offsets(at)[1]) for at in places])
    return consumer
