"""Which topics the desk follows, and what their records say.

Rule: what cannot be read is counted and passed over, for the engine has put it in dead-letters or never will; it stops
nobody. What would stand in no text column of PostgreSQL (a NUL) is read as a replacement character.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec
from msgspec.json import Decoder as JsonDecoder

from stream_app.console.readmodel.said import MonthSaid, OutcomeSaid, RiskSaid, Said, TierSaid
from stream_app.core.events import BILLING_TOPIC, SUBSCRIBER_TOPIC, Event
from stream_app.core.facts import ChurnOutcomeRecorded, ChurnRiskChanged, MonthClosed, TierChanged
from stream_app.core.months import BillingCalendar
from stream_app.wire.decode import Decoder
from stream_app.wire.invalid import InvalidMessage

FACTS: Mapping[str, JsonDecoder[Said]] = {
    TierChanged.topic: JsonDecoder(TierSaid),
    ChurnRiskChanged.topic: JsonDecoder(RiskSaid),
    MonthClosed.topic: JsonDecoder(MonthSaid),
    ChurnOutcomeRecorded.topic: JsonDecoder(OutcomeSaid),
}
# Of the feeds only what the desk shows: a cheap look at the bytes finds it, whatever stands between.
EVENTS: Mapping[str, Sequence[bytes]] = {
    SUBSCRIBER_TOPIC: (b'"subscriber.', b'"measure.', b'"complaint.filed"', b'"competitor.', b'"portout.'),
    BILLING_TOPIC: (b'"balance.reported"',),
}
FOLLOWED = (*FACTS, *EVENTS)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLY = timedelta(hours=1)  # an event further ahead of its Kafka timestamp is a dead letter (CONTRACTS section 5)
NUL, INSTEAD = rb"\u0000", rb"\ufffd"


class Record(NamedTuple):
    """A record of Kafka; `topic` is the contract's name."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None


Read = Said | Event


def text_of(record: Record) -> bytes:
    """Give a record's JSON as the desk reads it."""
    return (record.value or b"").replace(NUL, INSTEAD)


class Unreadable(Exception):
    """A record says nothing that the desk can take in."""


class Reader:
    """Reads the records of every topic followed."""

    def __init__(self, calendar: BillingCalendar) -> None:
        self._events = Decoder(calendar)

    def read(self, record: Record) -> Read | None:
        """Give the fact or event, or None for one that the desk has no use for; raises Unreadable."""
        value = text_of(record)
        try:
            if record.topic in FACTS:
                return FACTS[record.topic].decode(value)
            if not any(mark in value for mark in EVENTS[record.topic]):
                return None
            event = self._events.event(record.topic, record.key, value)
        except (msgspec.DecodeError, UnicodeDecodeError, InvalidMessage) as refusal:
            raise Unreadable(str(refusal)) from None
        if event.occurred_at > EPOCH + timedelta(milliseconds=record.timestamp_ms) + EARLY:
            message = "it is more than an hour ahead of its time on the topic"
            raise Unreadable(message)
        return event
