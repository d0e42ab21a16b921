"""An open loop: events appended on an absolute schedule, whatever becomes of them.

`python -m tests.bench.generator BOOTSTRAP TOPIC FORM RATE SECONDS SUBSCRIBERS`, FORM job or contract. Events happen
when they are sent. Rule: the schedule never waits, so a stall shows in full (no coordinated omission). Says `ready`,
waits for a line on stdin, and says at the end how far behind the schedule it ever was: `late MILLISECONDS`.
"""

import sys
import time
from datetime import UTC, datetime
from itertools import islice

from confluent_kafka import Producer

from tests.bench.events import MONTHS, Plan, Row, rows
from tests.bench.kafka import QUIET, put

SLOT_SECONDS = 0.005
Cut = tuple[str, bytes, bytes]
"""Key, and the value before and after its occurred_at."""


def cut(row: Row, form: str) -> Cut:
    """Write an event with its time left open."""
    empty = row._replace(occurred_at="@")
    head, tail = (empty.job_json() if form == "job" else empty.contract_json()).split(b"@")
    return row.subscriber_id, head, tail


def main(bootstrap: str, topic: str, form: str, *figures: str) -> None:
    """Make the events, wait for the word, send."""
    rate, seconds, subscribers = map(int, figures)
    count = rate * seconds
    events = [cut(row, form) for row in islice(rows(Plan(MONTHS * count, subscribers)), count)]
    producer = Producer(
        {
            **QUIET,
            "bootstrap.servers": bootstrap,
            "partitioner": "murmur2_random",
            "enable.idempotence": True,
            "linger.ms": 5,  # its default; latency is counted from the append
            "queue.buffering.max.messages": 500_000,
        }
    )
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    late_seconds = send(producer, topic, events, rate)
    producer.flush()
    sys.stdout.write(f"late {late_seconds * 1000:.1f}\n")


def send(producer: Producer, topic: str, events: list[Cut], rate: int) -> float:
    """Send each event when its time has come; give the longest that one was late."""
    began, sent, latest = time.monotonic(), 0, 0.0
    while sent < len(events):
        elapsed = time.monotonic() - began
        due = min(len(events), int(elapsed * rate))
        if due > sent:
            latest = max(latest, elapsed - sent / rate)
            at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3].encode() + b"+00:00"
            for key, head, tail in events[sent:due]:
                put(producer, topic, key, head + at + tail)
            sent = due
        producer.poll(0)
        time.sleep(SLOT_SECONDS)
    return latest


if __name__ == "__main__":
    main(*sys.argv[1:])
