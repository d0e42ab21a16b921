"""Replay by the rules alone, in this process: no Kafka, one partition."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from stream_app.core.admission import FUTURE_TOLERANCE, Refusal
from stream_app.core.engine import Repeat
from stream_app.core.events import CLOCK_TOPIC, TOPIC_OF_TYPE
from stream_app.core.facts import Cause, Fact
from stream_app.core.ledger import Ledger
from stream_app.core.policy import PolicySet
from stream_app.core.state import Clock, Subscriber
from stream_app.replay.entries import Entry, RunningMaximum
from stream_app.replay.schedule import Schedule, until_end
from stream_app.wire.invalid import InvalidMessage


class Shelf(dict[str, Subscriber]):
    """Subscribers in memory."""

    def put(self, subscriber_id: str, sub: Subscriber) -> None:
        """Keep a record."""
        self[subscriber_id] = sub

    def drop(self, subscriber_id: str) -> None:
        """Forget a subscriber."""
        del self[subscriber_id]


class OfflineReplay:
    """Works entries in order, with the ticks between them."""

    def __init__(
        self,
        policies: PolicySet,
        until: datetime,
        on_fact: Callable[[Fact], None],
        on_reject: Callable[[Entry, str, str], None],
        *,
        ticks_until_end: bool = True,
    ) -> None:
        self.subscribers = Shelf()
        self.ledger = Ledger(policies, Clock(), self.subscribers)
        self.until = until
        self.events = 0
        self.duplicates: Counter[str] = Counter()
        self._on_fact, self._on_reject = on_fact, on_reject
        self._ticks_until_end = ticks_until_end
        self._not_after = until + FUTURE_TOLERANCE
        self._maximum = RunningMaximum(until)
        self._schedule = Schedule(policies)
        self._ticks = 0

    def run(self, entries: Iterable[Entry]) -> None:
        """Work all entries, then the ticks up to the end."""
        for entry in entries:
            self.take(entry)
        self.finish()

    def take(self, entry: Entry) -> None:
        """Work an entry, and the ticks before it."""
        self.events += 1
        self._work(entry)

    def finish(self) -> None:
        """Work the ticks that are left."""
        if self._ticks_until_end:
            for at in until_end(self._schedule, self.until):
                self._tick(at)

    def _work(self, entry: Entry) -> None:
        event = entry.event
        if isinstance(event, InvalidMessage):
            self._on_reject(entry, event.reason, event.message)
            return
        if self._maximum.rises(entry):
            for at in self._schedule.reach(event.occurred_at):
                self._tick(at)
        place = (TOPIC_OF_TYPE[event.type], 0, self.events - 1)
        verdict = self.ledger.take_event(event, place, self._not_after)
        if isinstance(verdict, Refusal):
            self._on_reject(entry, verdict.reason, verdict.message)
        elif isinstance(verdict, Repeat):
            self.duplicates[event.type] += 1
        self._publish()

    def _tick(self, at: datetime) -> None:
        ledger = self.ledger
        if ledger.take_tick(at, Cause(CLOCK_TOPIC, 0, self._ticks)) and ledger.clock.pending:
            ledger.sweep(list(self.subscribers))
            ledger.swept(ledger.clock.pending[-1].serial)
        self._ticks += 1
        self._publish()

    def _publish(self) -> None:
        if self.ledger.facts:
            for fact in self.ledger.facts:
                self._on_fact(fact)
            self.ledger.facts.clear()
