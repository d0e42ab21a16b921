"""The models of what goes out: the facts of CONTRACTS section 5 and the headers of facts and dead letters.

They are the source of the schemas; `wire.facts` writes the JSON, and tests hold the two together.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from stream_app.core import facts
from stream_app.wire.fields import Day, Instant, Month, Offset, SubscriberId
from stream_app.wire.invalid import Reason
from stream_app.wire.models import Direction, Message, Part, Scope, Service, quantity_rules

Id = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Code = Annotated[str | None, Field(description="tier code of the policy, or null for none")]
AnyFen = Annotated[int, Field(strict=True)]
Flag = bool | SkipJsonSchema[None]
AnyInt = AnyFen
Whole = Annotated[int, Field(strict=True, ge=0)]


class CauseModel(Part):
    """The record that made the fact."""

    topic: str
    partition: Offset
    offset: Offset
    event_id: Annotated[
        str | SkipJsonSchema[None], Field(description="absent where a tick of the clock is the cause")
    ] = None


class FactMessage(Message):
    """What every fact has."""

    fact_id: Annotated[Id, Field(description="from the cause, subscriber, type and month: the same when worked again")]
    type: str
    subscriber_id: SubscriberId
    occurred_at: Annotated[Instant, Field(description="of the cause, in UTC")]
    policy_version: str
    branch_id: str | SkipJsonSchema[None] = None
    cause: CauseModel


class WindowMonthModel(Part):
    """A month of the window that the ARPU rests on."""

    billing_month: Month
    revenue_fen: AnyFen
    billed: bool
    closed: bool


class TierChanged(FactMessage):
    """A customer's tier moved."""

    type: Literal["tier.changed"]
    from_tier: Annotated[Code, Field(alias="from")]
    to_tier: Annotated[Code, Field(alias="to")]
    direction: Literal["up", "down"]
    reason: Annotated[facts.Reason, Field(description="the first that holds, in this order")]
    provisional: Annotated[bool, Field(description="rests on an open month")]
    arpu_fen: Annotated[AnyFen, Field(description="(2 * sum + 3) // 6 of the window")]
    window: Annotated[list[WindowMonthModel], Field(min_length=3, max_length=3)]


class UsageLineModel(Part):
    """The use of one service in one scope and direction over the month, with the quantity that fits the service."""

    model_config = ConfigDict(json_schema_extra=quantity_rules)
    service: Service
    scope: Scope
    direction: Direction
    duration_seconds: Whole | SkipJsonSchema[None] = None
    volume_bytes: Whole | SkipJsonSchema[None] = None
    message_count: Whole | SkipJsonSchema[None] = None
    charge_fen: Whole
    records: Whole


class MonthClosed(FactMessage):
    """A customer's row for a closed month; the highest revision counts."""

    type: Literal["month.closed"]
    billing_month: Month
    revision: Annotated[Whole, Field(description="0, and 1 up each time a correction changes one of the next five")]
    revenue_fen: AnyFen
    billed: bool
    arpu_fen: Annotated[AnyFen, Field(description="of the window that ends in this month")]
    official_tier: Code
    on_network: Annotated[bool, Field(description="at the month's end")]
    accrued_fen: Whole
    adjusted_fen: AnyFen
    dynamic: Annotated[Flag, Field(description="dynamic mid-to-high-end over the last months")] = None
    important: Annotated[Flag, Field(description="dynamic, and of high value or key to a group")] = None
    assessed: Annotated[Flag, Field(description="assessed mid-to-high-end in this month")] = None
    value_class: Annotated[
        facts.ValueClass | SkipJsonSchema[None], Field(description="as known when this revision was written")
    ] = None
    usage: list[UsageLineModel]


Level = Literal["none", "watch", "high", "critical"]


class ReasonModel(Part):
    """What an indicator adds to the score, its value (null: a gap) and the figures, months and dates it rests on."""

    indicator: str
    points: AnyInt
    value: AnyInt | None
    evidence: dict[str, AnyInt | str]


class OfferModel(Part):
    """An offer of the policy's catalogue to quote to this customer."""

    offer: str
    measure: str
    deposit_fen: Whole
    gift_fen: Whole
    months: Whole
    subsidy_fen: Whole
    budget_heads: Annotated[Whole | None, Field(description="customers it may go to in all; null: no bound")]


class ChurnRiskChanged(FactMessage):
    """A customer's risk level moved, or another reason leads."""

    type: Literal["churn_risk.changed"]
    from_level: Annotated[Level, Field(alias="from")]
    to_level: Annotated[Level, Field(alias="to")]
    score: Annotated[int, Field(strict=True, ge=0, le=100)]
    reasons: Annotated[list[ReasonModel], Field(description="the heaviest first; `left` where the customer is gone")]
    protections: Annotated[list[ReasonModel], Field(description="what holds the score down: points below 0")]
    tier: Code
    value_class: str
    suggested_measures: Annotated[list[str], Field(description="of the retention matrix, not held yet")]
    offers: list[OfferModel]
    channels: list[str]


class SeenBeforeModel(Part):
    """What the indicators read at least so many days before the outcome; null is a gap."""

    days_before: Annotated[int, Field(strict=True, ge=1)]
    seen_on: Day
    indicators: dict[str, AnyInt | None]


class ChurnOutcomeRecorded(FactMessage):
    """Whether a customer left, with what was seen in the months before: a row to fit a scorecard on."""

    type: Literal["churn_outcome.recorded"]
    left: bool
    outcome_on: Annotated[Day, Field(description="the local day of leaving; of who stayed, a day drawn")]
    weight: Annotated[int, Field(strict=True, ge=1, description="customers that this row stands for")]
    value_class: str
    before: Annotated[list[SeenBeforeModel], Field(description="30, 60 and 90 days before, as far as known")]


FACT_MODELS: Mapping[str, tuple[type[FactMessage], ...]] = {
    facts.TierChanged.topic: (TierChanged,),
    facts.MonthClosed.topic: (MonthClosed,),
    facts.ChurnRiskChanged.topic: (ChurnRiskChanged,),
    facts.ChurnOutcomeRecorded.topic: (ChurnOutcomeRecorded,),
}


class CloudEventHeaders(Part):
    """Headers of every fact: CloudEvents 1.0, Kafka binding, binary mode."""

    ce_specversion: Literal["1.0"]
    ce_id: Annotated[Id, Field(description="fact_id")]
    ce_source: str
    ce_type: str
    ce_time: Instant
    ce_subject: Annotated[SubscriberId, Field(description="subscriber_id")]
    content_type: Annotated[Literal["application/json"], Field(alias="content-type")]


class DeadLetterHeaders(Part):
    """Headers of a dead letter, beside the record's own: where it came from and why it was refused. All are text."""

    dl_reason: Annotated[Reason, Field(description="the first that applies, in this order")]
    dl_message: Annotated[str, Field(description="the field, what stands there and the fix")]
    dl_topic: str
    dl_partition: Annotated[str, Field(pattern="^[0-9]+$")]
    dl_offset: Annotated[str, Field(pattern="^[0-9]+$")]
    dl_timestamp: Annotated[str, Field(pattern="^-?[0-9]+$", description="milliseconds since 1970 of the record")]
