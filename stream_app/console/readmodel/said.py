"""What the fact topics say, as far as the desk needs it: read strictly where a row depends on it, the rest let be."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from stream_app.core.facts import Level

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Code = Annotated[str, Meta(max_length=32)]
Name = Annotated[str, Meta(max_length=256)]
Month = Annotated[str, Meta(pattern="^[0-9]{4}-(0[1-9]|1[0-2])$")]
Instant = Annotated[datetime, Meta(tz=True)]
Fen = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
AnyObject = dict[str, Any]


class Said(Struct, frozen=True, kw_only=True, gc=False):
    """What every fact says."""

    fact_id: Id
    subscriber_id: Id
    occurred_at: Instant
    policy_version: Name
    branch_id: Name | None = None


class TierSaid(Said, frozen=True, kw_only=True, gc=False, tag_field="type", tag="tier.changed"):
    """A customer's tier moved."""

    from_tier: Code | None = field(name="from")
    to_tier: Code | None = field(name="to")
    direction: Literal["up", "down"]
    reason: Annotated[str, Meta(max_length=16)]
    provisional: bool
    arpu_fen: Fen
    window: list[AnyObject]


class MonthSaid(Said, frozen=True, kw_only=True, gc=False, tag_field="type", tag="month.closed"):
    """A customer's month closed, or was corrected; before 0.2 there was no value class."""

    billing_month: Month
    revision: Count
    revenue_fen: Fen
    billed: bool
    arpu_fen: Fen
    official_tier: Code | None
    on_network: bool
    value_class: Code | None = None
    dynamic: bool | None = None
    important: bool | None = None
    assessed: bool | None = None
    usage: list[AnyObject]


class RiskSaid(Said, frozen=True, kw_only=True, gc=False, tag_field="type", tag="churn_risk.changed"):
    """A customer's risk level moved, or another reason leads."""

    from_level: Level = field(name="from")
    to_level: Level = field(name="to")
    score: Count
    tier: Code | None
    value_class: Code
    reasons: list[AnyObject]
    protections: list[AnyObject] = []
    suggested_measures: list[str] = []
    offers: list[AnyObject] = []
    channels: list[str] = []


class OutcomeSaid(Said, frozen=True, kw_only=True, gc=False, tag_field="type", tag="churn_outcome.recorded"):
    """Whether a customer left, with what was seen in the months before."""

    left: bool
    outcome_on: date
    weight: Count
    value_class: Code
    before: list[AnyObject]
