"""The models of what comes in, all but the subscriber events: source of the JSON Schemas and judge of every record.

Unknown fields are ignored. An explicit null for an optional field is the same as no field, for a required one invalid.
`absent` names what is missing before any value is judged; `event` gives the core's event.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from stream_app.core import events
from stream_app.wire.fields import (
    Count,
    Day,
    EventId,
    Fen,
    Instant,
    Month,
    Name,
    Offset,
    PaidFen,
    Remark,
    SignedFen,
    SubscriberId,
)

Service = Literal["voice", "sms", "mms", "data", "value_added"]
Direction = Literal["outgoing", "incoming"]
Scope = Literal[
    "local", "domestic_long_distance", "international_long_distance", "domestic_roaming", "international_roaming"
]
Outcome = Literal["reached", "not_reached", "accepted", "refused"]


class Part(BaseModel):
    """A JSON object of the contract; fields that it does not name are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Message(Part):
    """A record's object, told apart by its `type`."""

    type: str

    @classmethod
    def type_name(cls) -> str:
        """Give the `type` that the model stands for."""
        return str(get_args(cls.model_fields["type"].annotation)[0])

    @classmethod
    def absent(cls, fields: Mapping[str, object]) -> Iterator[str]:
        """Name the required fields that are not there."""
        return (name for name in _required(cls) if name not in fields)

    def null_field(self) -> str | None:
        """Name a field that is null although this very record needs it."""
        return None


@cache
def _required(model: type[Message]) -> tuple[str, ...]:
    return tuple(name for name, field in model.model_fields.items() if field.is_required())


class ClockTicked(Message):
    """A tick of a partition's clock; it counts once the partition's feeds have been worked up to `positions`."""

    type: Literal["clock.ticked"]
    at: Instant
    positions: Annotated[dict[str, Offset], Field(description="feed topic -> next offset, read after `at` was fixed")]
    policies: Annotated[
        Offset | None, Field(description="next offset of the topic `policies`, read after `at` was fixed")
    ] = None
    still: Annotated[
        bool | None, Field(description="true: it moves no clock, and says only how far the feeds were filled")
    ] = None


class EventMessage(Message):
    """What every event has."""

    core: ClassVar[type[events.Event]]
    event_id: Annotated[EventId, Field(description="unique per subscriber and type")]
    type: str
    subscriber_id: Annotated[SubscriberId, Field(description="pseudonymous; also the record's key")]
    occurred_at: Instant

    def event(self) -> events.Event:
        """Give the event as the rules take it."""
        return self.core(**{name: getattr(self, name) for name in self.core.__struct_fields__})


def quantity_rules(schema: dict[str, Any]) -> None:
    """Say in a JSON Schema which quantity each service needs."""
    for field in dict.fromkeys(events.QUANTITY_FIELDS.values()):
        services = [service for service, quantity in events.QUANTITY_FIELDS.items() if quantity == field]
        rule = {
            "if": {"properties": {"service": {"enum": services}}, "required": ["service"]},
            "then": {"properties": {field: {"type": "integer"}}, "required": [field]},
        }
        schema.setdefault("allOf", []).append(rule)


class UsageRecorded(EventMessage):
    """A rated use of a service, with the quantity that fits: seconds of voice, bytes of data, else messages."""

    model_config = ConfigDict(json_schema_extra=quantity_rules)
    core = events.UsageRecorded
    type: Literal["usage.recorded"]
    service: Service
    charge_fen: Annotated[Fen, Field(description="fen, after discounts")]
    duration_seconds: Annotated[Count | None, Field(description="required for voice")] = None
    volume_bytes: Annotated[Count | None, Field(description="required for data")] = None
    message_count: Annotated[Count | None, Field(description="required for sms, mms and value_added")] = None
    direction: Direction | None = "outgoing"
    scope: Scope | None = "local"

    @classmethod
    def absent(cls, fields: Mapping[str, object]) -> Iterator[str]:
        """Name the required fields that are not there, the quantity that fits the service among them."""
        yield from super().absent(fields)
        service = fields.get("service")
        quantity = events.QUANTITY_FIELDS.get(service) if isinstance(service, str) else None
        if quantity is not None and quantity not in fields:
            yield quantity

    def null_field(self) -> str | None:
        """Name the quantity that the service needs, if it is null."""
        name = events.QUANTITY_FIELDS[self.service]
        return name if getattr(self, name) is None else None

    def event(self) -> events.Event:
        """Give the event as the rules take it."""
        return events.UsageRecorded(
            event_id=self.event_id,
            subscriber_id=self.subscriber_id,
            occurred_at=self.occurred_at,
            service=self.service,
            quantity=getattr(self, events.QUANTITY_FIELDS[self.service]),
            charge_fen=self.charge_fen,
            outgoing=self.direction != "incoming",
            scope=self.scope or "local",
        )


class FeeCharged(EventMessage):
    """A fee that accrues in a month; without `billing_month` in the month of `occurred_at`."""

    core = events.FeeCharged
    type: Literal["fee.charged"]
    kind: Name
    amount_fen: Fen
    billing_month: Month | None = None


class BillIssued(EventMessage):
    """The bill of a month; another issue of the same `bill_id` replaces it."""

    core = events.BillIssued
    type: Literal["bill.issued"]
    bill_id: Name
    billing_month: Month
    amount_fen: Annotated[Fen, Field(description="fen, after discounts")]
    due_on: Day | None = None


class BillAdjusted(EventMessage):
    """A later change of a month's revenue, either way."""

    core = events.BillAdjusted
    type: Literal["bill.adjusted"]
    billing_month: Month
    amount_fen: SignedFen
    bill_id: Name | None = None
    reason: Remark | None = None


class PaymentReceived(EventMessage):
    """Money paid."""

    core = events.PaymentReceived
    type: Literal["payment.received"]
    amount_fen: PaidFen
    bill_id: Name | None = None
    method: Remark | None = None


class BalanceReported(EventMessage):
    """The balance of an account as the billing system sees it."""

    core = events.BalanceReported
    type: Literal["balance.reported"]
    balance_fen: SignedFen


class ContactResulted(EventMessage):
    """What came of a phone manager's contact."""

    core = events.ContactResulted
    type: Literal["contact.resulted"]
    case_id: Name
    outcome: Outcome
    measure: Name | None = None
    reason: Remark | None = None
    competitor_offer: Remark | None = None
