"""The billing system of a walk: a simulated history, then a load for as long as it is wanted; it knows all it sent."""

import gzip
import itertools
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from confluent_kafka import Producer

from stream_app.core.events import TOPIC_OF_TYPE, USAGE_TOPIC
from stream_app.sim import NO_FAULTS, Population, history

SUBSCRIBERS, DAYS, USAGE_PER_DAY = 120, 100, 1.0
EVENTS_PER_SECOND = 100
BEAT_SECONDS = 0.1
PEOPLE = Population(11, SUBSCRIBERS, usage_per_day=USAGE_PER_DAY)


class Billing:
    """Publishes as a billing system does; `told` is all of it, in its order."""

    def __init__(self, bootstrap: str) -> None:
        self.told: list[bytes] = []
        self._ids = [person.subscriber_id for person in PEOPLE.people()]
        self._numbers = itertools.count(1)
        self._thread: threading.Thread | None = None
        self._stops = threading.Event()
        self.turn_to(bootstrap)

    def turn_to(self, bootstrap: str) -> None:
        """Publish to this cluster from now on."""
        self._producer = Producer({
            "bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "enable.idempotence": True,
            "log_level": 0, "linger.ms": 5,
        })  # fmt: skip

    def publish_history(self) -> None:
        """Publish the days behind us."""
        now = datetime.now(UTC)
        for event in history(PEOPLE, now - timedelta(days=DAYS), now, NO_FAULTS):
            self.send(event)
        self.ask_to_leave(0)
        self.flush()

    def ask_to_leave(self, rest: int) -> None:
        """Have every sixth customer ask to take the number elsewhere: each becomes a case at the desk."""
        for subscriber_id in self._ids[rest::6]:
            event = {**self.event(), "type": "portout.requested", "subscriber_id": subscriber_id}
            self.send({name: event[name] for name in ("event_id", "type", "subscriber_id", "occurred_at")})

    def send(self, event: dict[str, Any]) -> None:
        """Publish an event."""
        self.send_line(orjson.dumps(event), str(event["subscriber_id"]), TOPIC_OF_TYPE[str(event["type"])])

    def send_line(self, line: bytes, key: str, topic: str = USAGE_TOPIC) -> None:
        """Publish a line, whatever it is."""
        self.told.append(line)
        self._producer.produce(topic, line, key.encode())
        self._producer.poll(0)

    def flush(self) -> None:
        """Wait until all of it is on the topics."""
        assert self._producer.flush(60) == 0, "Kafka did not take what was published"

    def start(self) -> None:
        """Keep usage and corrections of closed months coming."""
        self._stops.clear()
        self._thread = threading.Thread(target=self._keep_coming, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the load; all of it is on the topics then."""
        self._stops.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.flush()

    def archive(self, path: Path) -> None:
        """Write all that was published, as the billing system's own archive has it."""
        with gzip.open(path, "wb") as file:
            file.write(b"".join(line + b"\n" for line in self.told))

    def _keep_coming(self) -> None:
        due = 0.0
        while not self._stops.is_set():
            due += EVENTS_PER_SECOND * BEAT_SECONDS
            while due >= 1:
                self.send(self.event())
                due -= 1
            time.sleep(BEAT_SECONDS)

    def event(self) -> dict[str, Any]:
        """Make up an event of this moment; every fourth corrects a closed month, which gives a fact for certain."""
        number, now = next(self._numbers), datetime.now(UTC)
        common = {
            "event_id": f"walk-{number}",
            "subscriber_id": self._ids[number * 7 % len(self._ids)],
            "occurred_at": now.isoformat(),
        }
        if number % 4:
            usage = {"service": "sms", "message_count": 1, "charge_fen": 1 + number % 97}
            return {**common, "type": "usage.recorded", **usage}
        closed = (now.replace(day=1) - timedelta(days=32)).strftime("%Y-%m")
        return {**common, "type": "bill.adjusted", "billing_month": closed, "amount_fen": 1 + number % 97}
