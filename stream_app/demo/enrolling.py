"""The simulated billing system's answer to a result: a measure that a customer accepted is enrolled a while later.

Rule: it hears task-results as any system would, and says what it does on subscriber-events.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from stream_app.core.events import RESULTS_TOPIC
from stream_app.security.kafka import kafka_at
from stream_app.sim.moments import Event
from stream_app.worker.topics import Names

SECONDS_TO_ENROL: Final = 12.0  # of the wall clock: people watch
MONTHS: Final = {"deposit_gift": 12, "handset_contract": 24, "family_plan": 12}  # how long what was agreed lasts
DAYS_OF_A_MONTH: Final = 30


class Enrolling:
    """Hears accepted measures, and has their enrolments ready when they are due."""

    def __init__(self, bootstrap: str, names: Names, partitions: int, speed: float) -> None:
        self._bootstrap, self._delay = bootstrap, timedelta(seconds=SECONDS_TO_ENROL * speed)
        self._tps = [TopicPartition(names.full(RESULTS_TOPIC), number) for number in range(partitions)]
        self._waiting: list[tuple[datetime, Event]] = []
        self.enrolled = 0

    async def follow(self) -> None:
        """Hear results until cancelled."""
        consumer = AIOKafkaConsumer(enable_auto_commit=False, auto_offset_reset="earliest", **kafka_at(self._bootstrap))
        await consumer.start()
        try:
            consumer.assign(self._tps)
            await consumer.seek_to_beginning()
            async for record in consumer:
                self.hear(orjson.loads(record.value))
        finally:
            await consumer.stop()

    def hear(self, result: dict[str, Any]) -> None:
        """Take a contact.resulted; only what was accepted is enrolled."""
        if result["outcome"] == "accepted" and result.get("measure"):
            at = datetime.fromisoformat(result["occurred_at"]) + self._delay
            self._waiting.append((at, enrolment(result, at)))

    def due(self, at: datetime) -> list[Event]:
        """Give the enrolments due by an instant, each once, in order."""
        found = sorted((each for each in self._waiting if each[0] <= at), key=lambda each: each[0])
        self._waiting = [each for each in self._waiting if each[0] > at]
        self.enrolled += len(found)
        return [event for _, event in found]


def enrolment(result: dict[str, Any], at: datetime) -> Event:
    """Write the event measure.enrolled that follows from a result; the same result gives the same event."""
    months = MONTHS.get(result["measure"])
    until = {} if months is None else {"until": (at + timedelta(days=DAYS_OF_A_MONTH * months)).date().isoformat()}
    return {
        "event_id": f"e-{result['event_id']}"[:64],
        "type": "measure.enrolled",
        "subscriber_id": result["subscriber_id"],
        "occurred_at": at.isoformat(),
        "measure": result["measure"],
        **until,
    }
