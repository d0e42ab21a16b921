"""A partition's ledger: its clock, its subscribers, and the facts they give.

Events and ticks are worked here, in the one order that counts. Who keeps the subscribers (a dict, or a cache over a
store) and who publishes the facts is the caller's affair.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from stream_app.core import clock as clocks
from stream_app.core import engine
from stream_app.core.engine import QUIET, Repeat, Verdict
from stream_app.core.events import Event, UsageRecorded
from stream_app.core.facts import Cause, Fact
from stream_app.core.policy import PolicySet
from stream_app.core.state import Clock, Subscriber

Place = tuple[str, int, int]
"""Topic, partition and offset of a record."""


class Subscribers(Protocol):
    """Where a partition's subscribers are kept."""

    def get(self, subscriber_id: str) -> Subscriber | None:
        """Give a subscriber's record, or None for one not seen."""

    def put(self, subscriber_id: str, sub: Subscriber) -> None:
        """Keep a record that is new or was changed."""

    def drop(self, subscriber_id: str) -> None:
        """Forget a subscriber."""


class Ledger:
    """Works events and ticks of one partition, one at a time."""

    def __init__(self, policies: PolicySet, clock: Clock, subscribers: Subscribers) -> None:
        self.policies = policies
        self.clock = clock
        self.subscribers = subscribers
        self._newcomers = engine.Newcomers(policies)
        self.facts: list[Fact] = []  # stated since the caller last took them

    def take_event(self, event: Event, place: Place, not_after: datetime) -> Verdict:
        """Work the event of a record; `not_after` bounds its occurred_at (CONTRACTS section 5, in_the_future)."""
        subscriber_id, tick = event.subscriber_id, self.clock.tick
        known = self.subscribers.get(subscriber_id)
        if type(event) is UsageRecorded and tick is not None:
            if known is None:
                known = self._newcomers.begin(event, tick, not_after)
                if known is not None:
                    self._tally(None, "")
                    self.subscribers.put(subscriber_id, known)
                    return QUIET
            elif known.serial == tick.serial and engine.use_quietly(known, event, tick, self.policies, not_after):
                self.subscribers.put(subscriber_id, known)
                return QUIET
        return self._work(event, known, Cause(*place, event.event_id), not_after)

    def _work(self, event: Event, known: Subscriber | None, cause: Cause, not_after: datetime) -> Verdict:
        subscriber_id, clock = event.subscriber_id, self.clock
        sub = engine.newcomer(clock) if known is None else known
        head, level = None if known is None else sub.tier or "", risk_level(sub)
        if clock.tick is not None and sub.serial < clock.tick.serial:
            head, level = self._catch_up(sub, subscriber_id), risk_level(sub)
        verdict = engine.apply_event(sub, event, cause, clock, self.policies, not_after)
        if not isinstance(verdict, tuple):
            return verdict
        self._tally(head, sub.tier or "")
        self._tally_level(level, risk_level(sub))
        self.subscribers.put(subscriber_id, sub)
        self.facts += verdict
        return verdict

    def take_tick(self, at: datetime, cause: Cause, known: int = 0) -> bool:
        """Move the clock; False for a tick that is not later than it. Rows follow by `sweep`, or when touched.

        `known` is the next offset of the topic `policies` that the tick's maker saw.
        """
        return clocks.accept(self.clock, at, cause, self.policies, known)

    def sweep(self, subscriber_ids: Iterable[str]) -> None:
        """Apply the pending ticks to some subscribers."""
        for subscriber_id in subscriber_ids:
            sub = self.subscribers.get(subscriber_id)
            if sub is not None and self.is_concerned(sub.serial, sub.wake_day):
                self._catch_up(sub, subscriber_id)

    def is_concerned(self, serial: int, wake_day: int) -> bool:
        """Tell whether any pending tick can change a subscriber that last saw tick `serial`."""
        for tick in self.clock.pending:  # noqa: SIM110 - asked of every row; a generator takes twice as long
            if engine.concerns(serial, wake_day, tick):
                return True
        return False

    def swept(self, serial: int) -> None:
        """Note that every row has seen the ticks up to a serial."""
        clocks.swept(self.clock, serial)

    def _catch_up(self, sub: Subscriber, subscriber_id: str) -> str | None:
        """Apply the pending ticks; give the head that the subscriber is then tallied under, None for one forgotten."""
        head, level = sub.tier or "", risk_level(sub)
        self.facts += engine.catch_up(sub, subscriber_id, self.clock, self.policies)
        self._tally_level(level, risk_level(sub))
        if engine.is_blank(sub):
            self._tally(head, None)
            self.subscribers.drop(subscriber_id)
            return None
        self._tally(head, sub.tier or "")
        self.subscribers.put(subscriber_id, sub)
        return sub.tier or ""

    def _tally(self, before: str | None, after: str | None) -> None:
        if before == after:
            return
        heads = self.clock.heads
        if before is not None:
            heads[before] -= 1
        if after is not None:
            heads[after] = heads.get(after, 0) + 1

    def _tally_level(self, before: int, after: int) -> None:
        """Count who is at risk; those at none are all the others."""
        if before == after:
            return
        levels = self.clock.levels
        if before:
            levels[before] -= 1
        if after:
            levels[after] = levels.get(after, 0) + 1


def risk_level(sub: Subscriber) -> int:
    """Give the number of a subscriber's risk level."""
    return sub.risk.level if sub.risk is not None else 0


__all__ = ["Ledger", "Repeat", "Subscribers"]
