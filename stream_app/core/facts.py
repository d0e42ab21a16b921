"""The facts that the rules state: published, immutable, each with what it rests on (CONTRACTS section 5)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar, Literal, NamedTuple

from msgspec import Struct

Reason = Literal["left", "returned", "arrears", "payment", "contract", "policy", "close", "correction", "live"]


class Cause(Struct, frozen=True, gc=False):
    """The record that made a fact: an event of a feed or a tick of the clock."""

    topic: str
    partition: int
    offset: int
    event_id: str | None = None


class Origin(NamedTuple):
    """Whom a fact is about, what caused it, and when that occurred."""

    subscriber_id: str
    cause: Cause
    occurred_at: datetime


class WindowMonth(Struct, frozen=True, gc=False):
    """One month of a three-month window."""

    month: int
    revenue_fen: int
    billed: bool
    closed: bool


class Fact(Struct, frozen=True, kw_only=True, gc=False):
    """What every fact has; `occurred_at` is the cause's."""

    type: ClassVar[str] = ""
    topic: ClassVar[str] = ""
    subscriber_id: str
    occurred_at: datetime
    policy_version: str
    branch_id: str | None
    cause: Cause


class TierChanged(Fact, frozen=True, kw_only=True, gc=False):
    """A customer's tier moved, with the ARPU and the three months it rests on."""

    type: ClassVar[str] = "tier.changed"
    topic: ClassVar[str] = "tier-changes"
    from_tier: str | None
    to_tier: str | None
    direction: Literal["up", "down"]
    reason: Reason
    provisional: bool
    arpu_fen: int
    window: tuple[WindowMonth, ...]


class UsageLine(Struct, frozen=True, gc=False):
    """The use of one service in one scope and direction over a month; `quantity` is seconds, bytes or messages."""

    service: str
    scope: str
    outgoing: bool
    quantity: int
    charge_fen: int
    records: int


ValueClass = Literal["important", "ordinary", "irregular", "churn_inclined", "quasi", "none"]


class Worth(Struct, frozen=True, gc=False):
    """What a customer is worth at the close of a month (CONTRACTS section 4, value class)."""

    value_class: ValueClass
    dynamic: bool = False
    important: bool = False
    assessed: bool = False


UNCLASSED = Worth("none")


class MonthClosed(Fact, frozen=True, kw_only=True, gc=False):
    """A customer's row for a closed month; a later correction gives the next revision."""

    type: ClassVar[str] = "month.closed"
    topic: ClassVar[str] = "month-closes"
    month: int
    revision: int
    revenue_fen: int
    billed: bool
    arpu_fen: int
    official_tier: str | None
    on_network: bool
    accrued_fen: int
    adjusted_fen: int
    usage: tuple[UsageLine, ...]
    worth: Worth = UNCLASSED


Level = Literal["none", "watch", "high", "critical"]


class RiskReason(Struct, frozen=True, gc=False):
    """What an indicator adds to a score (below 0: it protects), its value (None: a gap) and what that rests on."""

    indicator: str
    points: int
    value: int | None
    evidence: Mapping[str, int | str]


class QuotedOffer(Struct, frozen=True, gc=False):
    """An offer of the policy's catalogue that a phone manager can quote to this customer."""

    offer: str
    measure: str
    deposit_fen: int
    gift_fen: int
    months: int
    subsidy_fen: int
    budget_heads: int | None


class ChurnRiskChanged(Fact, frozen=True, kw_only=True, gc=False):
    """A customer's risk level moved, or another reason leads."""

    type: ClassVar[str] = "churn_risk.changed"
    topic: ClassVar[str] = "churn-risk"
    from_level: Level
    to_level: Level
    score: int
    reasons: tuple[RiskReason, ...]  # the heaviest first
    protections: tuple[RiskReason, ...]
    tier: str | None
    value_class: str
    suggested_measures: tuple[str, ...]
    offers: tuple[QuotedOffer, ...]
    channels: tuple[str, ...]


class SeenBefore(Struct, frozen=True, gc=False):
    """What the indicators read at least so many days before an outcome; None is a gap."""

    days_before: int
    seen_on: date
    indicators: Mapping[str, int | None]


class ChurnOutcomeRecorded(Fact, frozen=True, kw_only=True, gc=False):
    """Whether a customer left, with what was seen in the months before; it stands for `weight` customers."""

    type: ClassVar[str] = "churn_outcome.recorded"
    topic: ClassVar[str] = "churn-outcomes"
    left: bool
    outcome_on: date
    weight: int
    value_class: str
    before: tuple[SeenBefore, ...]


FACT_TYPES: tuple[type[Fact], ...] = (TierChanged, MonthClosed, ChurnRiskChanged, ChurnOutcomeRecorded)
FACT_TOPICS: Mapping[str, type[Fact]] = {kind.topic: kind for kind in FACT_TYPES}
