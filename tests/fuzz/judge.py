"""Works one record after the other through wire and engine, and holds every step to what is promised.

Rule: InvalidMessage is the only exception; whatever else comes out is a finding. What is cheap is checked always, what
is dear on a share.
"""

import contextlib
import time
from collections import Counter
from random import Random

import orjson

from stream_app.core.admission import Refusal
from stream_app.core.events import CLOCK_TOPIC, Event
from stream_app.core.facts import Cause
from stream_app.core.ledger import Ledger
from stream_app.core.policy import PolicySet
from stream_app.core.state import Clock, Subscriber
from stream_app.core.view import view
from stream_app.wire.decode import NO_KEY, Decoder
from stream_app.wire.invalid import InvalidMessage, Reason
from stream_app.wire.views import view_object
from stream_app.worker.timely import not_after, timely
from tests.fuzz.course import Sent
from tests.fuzz.letters import check_letter, letter_for
from tests.fuzz.rows import check_clock, check_row, damage
from tests.fuzz.shelves import Shelf
from tests.fuzz.stated import Stated, validators
from tests.fuzz.sums import Sums

LONG_AGO = -(1 << 40)  # a month before all
SECONDS_A_FACT = 50e-6  # an event of the year 1, before any tick, is owed 24,000 rows
CPU_ASKED_EVERY = 64  # records
LOOK_SECONDS = 0.02  # on the wall: asking for the CPU's time costs as much as a record
WITHIN_SECONDS = 1.0  # of CPU: a record that takes longer hangs the worker


class Judge:
    """One course's ledger, and what is known of it apart from it."""

    def __init__(self, policies: PolicySet, shelf: Shelf, chance: Random) -> None:
        self.outcomes: Counter[str] = Counter()
        self.slowest_seconds = 0.0
        self.slowest: Sent | None = None
        self._worked, self._cpu_at = 0, time.thread_time()
        self._policies, self._shelf, self._chance = policies, shelf, chance
        self._decoder = Decoder(policies.calendar)
        self._sums = Sums(min(policy.dedup.usage_recent for policy in policies.versions))
        self._stated = Stated(chance)
        self.ledger = Ledger(policies, Clock(), shelf)

    def work(self, sent: Sent, offset: int) -> None:
        """Work a record; raises whatever is wrong."""
        self._worked += 1
        if not self._worked % CPU_ASKED_EVERY:
            self._cpu_at = time.thread_time()
        began = time.perf_counter()
        try:
            verdict = self._tick(sent, offset) if sent.topic == CLOCK_TOPIC else self._event(sent, offset)
        except InvalidMessage as refusal:
            verdict = refusal.reason
            self._refuse(sent, offset, refusal.reason, refusal.message)
        self._time(sent, time.perf_counter() - began)
        self.outcomes[verdict] += 1
        self._publish()

    def _time(self, sent: Sent, seconds: float) -> None:
        """Judge the time a record took: where it was long on the wall, by the CPU's, a few records before included."""
        if seconds < LOOK_SECONDS:
            return
        seconds = min(seconds, time.thread_time() - self._cpu_at)  # the wall's time holds other people's work
        if seconds > self.slowest_seconds:
            self.slowest_seconds, self.slowest = seconds, sent
        allowed = WITHIN_SECONDS + SECONDS_A_FACT * len(self.ledger.facts)
        assert seconds < allowed, f"the record took {seconds:.1f} s of CPU for {len(self.ledger.facts)} facts"

    def _final(self) -> int:
        tick = self.ledger.clock.tick
        return LONG_AGO if tick is None else tick.final

    def _event(self, sent: Sent, offset: int) -> str:
        event = self._decoder.event(sent.topic, sent.key, sent.value)
        if self._chance.random() < 0.1:
            self._check_decoded(sent, event)
        subscriber_id = event.subscriber_id
        known = self._shelf.get(subscriber_id)
        is_new = known is None
        sampled = known is not None and self._chance.random() < 0.2 and self._is_settled(known)
        before = self._shelf.row(subscriber_id) if sampled else None
        verdict = self.ledger.take_event(event, (sent.topic, 0, offset), not_after(sent.timestamp_ms))
        if isinstance(verdict, tuple):
            self._accepted(event, is_new=is_new)
            return "accepted"
        if before is not None:
            assert self._shelf.row(subscriber_id) == before, "a record that was not taken changed the state"
        if is_new:
            assert self._shelf.get(subscriber_id) is None, "a record that was not taken made a subscriber"
        if isinstance(verdict, Refusal):
            self._refuse(sent, offset, verdict.reason, verdict.message)
            return verdict.reason
        return "repeated"

    def _is_settled(self, sub: Subscriber) -> bool:
        tick = self.ledger.clock.tick
        return tick is None or sub.serial == tick.serial

    def _accepted(self, event: Event, *, is_new: bool) -> None:
        if is_new:
            self._sums.begin(event.subscriber_id)
        month = event.stated_month
        month = self._policies.calendar.month_of(event.occurred_at) if month is None else month
        self._sums.add(event, month, self._final())
        if self._chance.random() < 0.01:
            row = self._shelf.row(event.subscriber_id)
            assert row is not None
            check_row(row)
            damage(row, self.ledger.clock, self._chance)

    def _check_decoded(self, sent: Sent, event: Event) -> None:
        assert self._decoder.judge(sent.topic, sent.key, sent.value) == event, "the models say otherwise"
        assert self._decoder.event(None, NO_KEY, sent.value) == event, "a line says otherwise"
        if self._chance.random() < 0.02:
            with contextlib.suppress(orjson.JSONDecodeError):  # 1e400 in an unknown field
                validators()[event.type].validate(orjson.loads(sent.value or b""))

    def _refuse(self, sent: Sent, offset: int, reason: Reason, message: str) -> None:
        letter = letter_for(sent, offset, reason, message)
        if self._chance.random() < 0.02:
            check_letter(sent, letter)

    def _tick(self, sent: Sent, offset: int) -> str:
        tick = timely(self._decoder.tick(sent.key, sent.value), sent.timestamp_ms)
        moved = self.ledger.take_tick(tick.at, Cause(CLOCK_TOPIC, 0, offset))
        if moved and self._chance.random() < 0.6:
            self.sweep()
        return "ticks" if moved else "ticks ignored"

    def sweep(self) -> None:
        """Bring the pending ticks to every subscriber."""
        pending = self.ledger.clock.pending
        if pending:
            self.ledger.sweep(self._shelf.ids())
            self.ledger.swept(pending[-1].serial)

    def _publish(self) -> None:
        for fact in self.ledger.facts:
            self.outcomes[f"fact {fact.type}"] += 1
            self._stated.check(fact)
        self.ledger.facts.clear()

    def finish(self) -> None:
        """Check every subscriber: rows, views, sums and the tally of tiers; the course may go on afterwards."""
        self.sweep()
        self._publish()
        heads: Counter[str] = Counter()
        for subscriber_id in self._shelf.ids():
            sub, row = self._shelf.get(subscriber_id), self._shelf.row(subscriber_id)
            assert sub is not None
            assert row is not None
            check_row(row)
            self._sums.check(subscriber_id, sub, self._final())
            orjson.dumps(view_object(view(sub, subscriber_id, self.ledger.clock, self._policies)))
            heads[sub.tier or ""] += 1
        told = {tier: count for tier, count in self.ledger.clock.heads.items() if count}
        assert told == dict(heads), f"heads are told as {told}, counted {heads}"
        check_clock(self.ledger.clock)
        self._sums.forget(self._final())
        self._stated.forget(self._final())
