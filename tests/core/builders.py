"""The words that examples of the rules are told in: one subscriber, UTC, months from the 1st, floors of 10 and 20 fen.

So a window qualifies for SILVER with a sum of 30 fen and for GOLD with 60. A day alone means its noon in UTC.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import partial
from itertools import count
from typing import Any, TypeVar

from stream_app.core.admission import Refusal
from stream_app.core.engine import Repeat
from stream_app.core.events import (
    TOPIC_OF_TYPE,
    BillAdjusted,
    BillIssued,
    ContractEnded,
    ContractSigned,
    Event,
    FeeCharged,
    PaymentReceived,
    SubscriberActivated,
    SubscriberDeactivated,
    SubscriberUpdated,
    UsageRecorded,
)
from stream_app.core.facts import Cause, Fact, MonthClosed, TierChanged
from stream_app.core.ledger import Ledger
from stream_app.core.months import month_name, month_number
from stream_app.core.policy import Billing, Dedup, Policy, PolicySet, Retention, Tier, TierPolicy
from stream_app.core.risk_policy import RiskPolicy
from stream_app.core.state import Clock, Subscriber
from stream_app.core.view import View, view
from stream_app.wire.stored import dump_subscriber, load_subscriber

S = TypeVar("S")
NO_RISK = RiskPolicy(indicators=())
WHO = "s"
NO_BOUND = datetime.max.replace(tzinfo=UTC)
GOLD, SILVER = Tier("GOLD", 20, "gold"), Tier("SILVER", 10)
numbers = count()


def instant(at: str) -> datetime:
    """Give the instant told, in UTC, or a day's noon."""
    return datetime.fromisoformat(at if "T" in at else f"{at}T12:00:00Z").astimezone(UTC)


def policy(version: str = "v1", effective_at: str = "2017-01-01", **own: Any) -> Policy:
    """Give a version of the policy; the keys of its sections are told flat. No risk is weighed unless told."""

    def section(shape: Callable[..., S], fields: Iterable[str]) -> S:
        return shape(**{key: own.pop(key) for key in fields if key in own})

    tiers = tuple(own.pop("tiers", (GOLD, SILVER)))
    told = Policy(
        version,
        instant(effective_at),
        tiers,
        section(partial(Billing, zone="UTC"), Billing.__struct_fields__),
        section(TierPolicy, TierPolicy.__struct_fields__),
        section(Dedup, Dedup.__struct_fields__),
        section(Retention, Retention.__struct_fields__),
        risk=own.pop("risk", NO_RISK),
    )
    assert not own, f"no such key: {own}"
    return told


def _common(at: str, own: dict[str, Any]) -> tuple[str, str, datetime]:
    return own.pop("event_id", f"e{next(numbers)}"), own.pop("subscriber_id", WHO), instant(at)


def usage(at: str, charge_fen: int, **own: Any) -> UsageRecorded:
    """Tell of a call of a minute, unless told otherwise."""
    common = _common(at, own)
    return UsageRecorded(*common, **{"service": "voice", "quantity": 60, "charge_fen": charge_fen, **own})


def fee(at: str, amount_fen: int, month: str | None = None, **own: Any) -> FeeCharged:
    """Tell of a fee."""
    return FeeCharged(*_common(at, own), _number(month), kind="plan", amount_fen=amount_fen)


def bill(at: str, month: str, amount_fen: int, due_on: str | None = None, **own: Any) -> BillIssued:
    """Tell of a bill; its id is its month's unless told."""
    bill_id = own.pop("bill_id", f"b-{month}")
    due = date.fromisoformat(due_on) if due_on else None
    return BillIssued(*_common(at, own), _number(month), bill_id=bill_id, amount_fen=amount_fen, due_on=due)


def adjustment(at: str, month: str, amount_fen: int, **own: Any) -> BillAdjusted:
    """Tell of an adjustment."""
    return BillAdjusted(*_common(at, own), _number(month), amount_fen=amount_fen)


def payment(at: str, amount_fen: int, **own: Any) -> PaymentReceived:
    """Tell of a payment."""
    return PaymentReceived(*_common(at, own), amount_fen=amount_fen)


def activated(at: str, *, event_id: str | None = None, subscriber_id: str = WHO, **profile: str) -> SubscriberActivated:
    """Tell of an activation, with the profile that comes along."""
    return SubscriberActivated(event_id or f"e{next(numbers)}", subscriber_id, instant(at), profile)


def updated(at: str, **profile: str) -> SubscriberUpdated:
    """Tell of a new profile."""
    return SubscriberUpdated(f"e{next(numbers)}", WHO, instant(at), profile)


def deactivated(at: str, **own: Any) -> SubscriberDeactivated:
    """Tell of a deactivation."""
    return SubscriberDeactivated(*_common(at, own))


def signed(at: str, contract_id: str = "c", ends_on: str | None = None, **own: Any) -> ContractSigned:
    """Tell of a contract signed."""
    ends = date.fromisoformat(ends_on) if ends_on else None
    return ContractSigned(*_common(at, own), contract_id=contract_id, kind="contract", ends_on=ends)


def ended(at: str, contract_id: str = "c", **own: Any) -> ContractEnded:
    """Tell of a contract ended."""
    return ContractEnded(*_common(at, own), contract_id=contract_id, kind="contract")


def _number(month: str | None) -> int | None:
    return None if month is None else month_number(month)


class Shelf(dict[str, Subscriber]):
    """Subscribers in memory."""

    def put(self, subscriber_id: str, sub: Subscriber) -> None:
        self[subscriber_id] = sub

    def drop(self, subscriber_id: str) -> None:
        del self[subscriber_id]


class Story:
    """Works events and ticks in the order told, and remembers every fact."""

    def __init__(self, *policies: Policy, shelf: Shelf | None = None) -> None:
        self.policies = PolicySet(policies or (policy(),))
        self.shelf = Shelf() if shelf is None else shelf
        self.ledger = Ledger(self.policies, Clock(), self.shelf)
        self.facts: list[Fact] = []
        self._offset = count()

    @property
    def clock(self) -> Clock:
        """The clock as it stands."""
        return self.ledger.clock

    @property
    def sub(self) -> Subscriber:
        """The one subscriber's record."""
        return self.shelf[WHO]

    @property
    def tier(self) -> str | None:
        """The one subscriber's tier, as of the last tick."""
        return self.view.tier

    @property
    def view(self) -> View:
        """The one subscriber as of the last tick."""
        return self.view_of(WHO)

    def view_of(self, subscriber_id: str) -> View:
        """Give a subscriber as of the last tick."""
        return view(self.shelf[subscriber_id], subscriber_id, self.clock, self.policies)

    def take(self, *events: Event) -> list[Fact]:
        """Work events that must be let in; give the facts they cause."""
        before = len(self.facts)
        for event in events:
            answer = self.offer(event)
            assert answer == "taken", (answer, event)
        return self.facts[before:]

    def offer(self, event: Event, not_after: datetime = NO_BOUND) -> str:
        """Work an event and say what became of it: taken, repeat, or the reason of its refusal."""
        place = (TOPIC_OF_TYPE[event.type], 0, next(self._offset))
        verdict = self.ledger.take_event(event, place, not_after)
        self.collect()
        if isinstance(verdict, Refusal):
            return verdict.reason
        return "repeat" if isinstance(verdict, Repeat) else "taken"

    def tick(self, *instants: str) -> list[Fact]:
        """Let the clock tick, and every row see it; give the facts that causes."""
        before = len(self.facts)
        for at in instants:
            self.accept(at)
            self.sweep()
        return self.facts[before:]

    def accept(self, at: str | datetime) -> bool:
        """Let the clock tick, with no row having seen it yet; say whether it moved."""
        told = instant(at) if isinstance(at, str) else at
        return self.ledger.take_tick(told, Cause("clock", 0, next(self._offset)))

    def sweep(self, subscriber_ids: Iterable[str] | None = None) -> None:
        """Let rows, all unless told, see the ticks that wait."""
        self.ledger.sweep(list(self.shelf if subscriber_ids is None else subscriber_ids))
        self.collect()
        if subscriber_ids is None and self.clock.tick is not None:
            self.ledger.swept(self.clock.tick.serial)

    def collect(self) -> None:
        """Take the facts stated."""
        self.facts += self.ledger.facts
        self.ledger.facts.clear()

    @property
    def rows(self) -> dict[str, MonthClosed]:
        """The last revision of every row."""
        return {month_name(fact.month): fact for fact in closed(self.facts)}


def closed(facts: Iterable[Fact]) -> list[MonthClosed]:
    """Keep the rows of closed months."""
    return [fact for fact in facts if isinstance(fact, MonthClosed)]


def moves(facts: Iterable[Fact]) -> list[TierChanged]:
    """Keep the changes of tier."""
    return [fact for fact in facts if isinstance(fact, TierChanged)]


def told(facts: Iterable[Fact]) -> list[tuple[str | None, str | None, str]]:
    """Tell changes of tier as (from, to, reason)."""
    return [(fact.from_tier, fact.to_tier, fact.reason) for fact in moves(facts)]


def revisions(facts: Iterable[Fact]) -> list[tuple[str, int]]:
    """Tell rows as (month, revision)."""
    return [(month_name(fact.month), fact.revision) for fact in closed(facts)]


def officials(story: Story) -> dict[str, str | None]:
    """Tell the official tier of each closed month with a row."""
    return {month: row.official_tier for month, row in story.rows.items()}


def live_through(story: Story, *amounts_fen: int, first: str = "2024-01") -> list[Fact]:
    """Use some fen on the 10th of each month from the first on, and let each month close; give the facts."""
    before = len(story.facts)
    start = month_number(first)
    for month, amount_fen in enumerate(amounts_fen, start):
        story.take(usage(f"{month_name(month)}-10", amount_fen))
        story.tick(f"{month_name(month + 1)}-03")
    return story.facts[before:]


def copied(sub: Subscriber) -> Subscriber:
    """Give a record of its own."""
    return load_subscriber(dump_subscriber(sub))
