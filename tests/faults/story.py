"""The load of the fault tests: an endless made-up history, and what the rules alone make of it.

Rule: the same seed tells the same story. Some subscribers are heard of on one feed only, in the order of the story: of
them the facts must come out the same one by one. Of the others only what does not hang on how feeds meet. Every other
event is followed by a correction of a closed month, which gives facts for certain: a commit lost or done twice shows.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson

from stream_app.core.events import TOPIC_OF_TYPE, SubscriberActivated, SubscriberDeactivated
from stream_app.core.facts import Fact
from stream_app.core.policy import PolicySet
from stream_app.core.state import Clock
from stream_app.core.view import view
from stream_app.replay.entries import Entry, decode_lines
from stream_app.replay.offline import OfflineReplay
from stream_app.sim import Population, history
from stream_app.wire.decode import Decoder
from stream_app.wire.facts import fact_object
from stream_app.wire.policy_file import parse_policy
from stream_app.wire.views import view_object
from tests.e2e.outcome import Outcome, outcome_of
from tests.e2e.populations import POLICY, START

POLICIES = PolicySet([parse_policy(POLICY, "policy.yaml")])
YEARS_END = datetime(2040, 1, 1, tzinfo=UTC)
SUBSCRIBERS, USAGE_PER_DAY, DAYS = 800, 1.0, 5000
REPEATED_EVERY, BAD_EVERY = 97, 401  # lines: sent twice; followed by one that is none
ONE_FEED = {"0": "usage-events", "4": "usage-events", "8": "billing-events", "c": "billing-events"}


def story() -> Iterator[Entry]:
    """Tell the story, line by line."""
    return decode_lines(_lines(), Decoder(POLICIES.calendar), "story")


def is_late_switch(entry: Entry, clock: Clock) -> bool:
    """Tell whether an entry says who was on the network in a closed month: its place among the feeds would count."""
    event = entry.event
    return (
        isinstance(event, SubscriberActivated | SubscriberDeactivated)
        and clock.tick is not None
        and POLICIES.calendar.month_of(event.occurred_at) <= clock.tick.closed
    )


def _lines() -> Iterator[bytes]:
    population = Population(7, SUBSCRIBERS, usage_per_day=USAGE_PER_DAY)
    numbers = count(1)
    for event in history(population, START, START + timedelta(days=DAYS)):
        if not _is_told(event):
            continue
        number, line = next(numbers), orjson.dumps(event)
        yield line
        if number % 2:
            yield orjson.dumps(_correction(event, number))
        if number % REPEATED_EVERY == 0:
            yield line
        if number % BAD_EVERY == 0:
            yield b'{"type": "usage.recorded", "number": %d' % number


def _correction(event: dict[str, Any], number: int) -> dict[str, Any]:
    """Change the revenue of the month before last, by the feed that the subscriber is heard of on."""
    at = datetime.fromisoformat(event["occurred_at"])
    earlier = (at.replace(day=1) - timedelta(days=32)).replace(day=1)
    given = {"event_id": f"c{number}", "subscriber_id": event["subscriber_id"]}
    if one_feed_of(event["subscriber_id"]) == "usage-events":
        usage = {"type": "usage.recorded", "service": "sms", "message_count": 1, "charge_fen": 1 + number % 97}
        return {**given, **usage, "occurred_at": earlier.isoformat()}
    bill = {"type": "bill.adjusted", "billing_month": f"{earlier:%Y-%m}", "amount_fen": 1 + number % 97}
    return {**given, **bill, "occurred_at": event["occurred_at"]}


def _is_told(event: dict[str, Any]) -> bool:
    only = one_feed_of(event["subscriber_id"])
    if only is not None:
        event.pop("due_on", None)  # a bill falls due at a tick, which other feeds' records may pass
    return only is None or TOPIC_OF_TYPE[event["type"]] == only


def one_feed_of(subscriber_id: str) -> str | None:
    """Name the one feed that a subscriber is heard of on; None where it is all of them."""
    return ONE_FEED.get(subscriber_id[-1])


class Answer:
    """What the rules alone make of the story, as far as it is told."""

    def __init__(self) -> None:
        self._facts: list[Fact] = []
        self._objects: list[Mapping[str, Any]] = []
        self._rejected: list[str] = []
        self._replay = OfflineReplay(POLICIES, YEARS_END, self._facts.append, self._reject, ticks_until_end=False)

    def _reject(self, _entry: Entry, reason: str, _message: str) -> None:
        self._rejected.append(reason)

    def take(self, entries: list[Entry]) -> None:
        """Work entries."""
        self._replay.run(entries)

    def outcome(self) -> Outcome:
        """Give facts, subscribers and refusals so far."""
        clock = self._replay.ledger.clock
        subscribers = {
            key: view_object(view(sub, key, clock, POLICIES)) for key, sub in self._replay.subscribers.items()
        }
        self._objects += map(fact_object, self._facts)
        self._facts.clear()
        return outcome_of(self._objects, subscribers, dict(self._replay.duplicates), self._rejected)


def facts_of_one_feed(outcome: Outcome) -> Mapping[tuple[str, str], list[Mapping[str, Any]]]:
    """Give every close and move, in order, of the subscribers heard of on one feed; without its place in Kafka.

    Warnings hang on the day: a record may be worked before a tick of the day before, which waits for other feeds.
    """
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for fact in (*outcome.rows, *outcome.changes):
        if one_feed_of(fact["subscriber_id"]):
            plain = {name: value for name, value in fact.items() if name not in {"fact_id", "cause"}}
            plain["event_id"] = fact["cause"].get("event_id")
            found[fact["subscriber_id"], fact["type"]].append(plain)
    return found
