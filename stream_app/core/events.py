"""The events that the rules understand, already validated: one class per type of CONTRACTS section 1.

Instants are aware UTC, money is integer fen, months are the integers of `months`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from msgspec import Struct

SERVICES = ("voice", "sms", "mms", "data", "value_added")
SCOPES = ("local", "domestic_long_distance", "international_long_distance", "domestic_roaming", "international_roaming")
QUANTITY_FIELDS: Mapping[str, str] = {
    "voice": "duration_seconds",
    "sms": "message_count",
    "mms": "message_count",
    "data": "volume_bytes",
    "value_added": "message_count",
}


class Event(Struct, frozen=True, gc=False):
    """What every event has."""

    type: ClassVar[str] = ""
    event_id: str
    subscriber_id: str
    occurred_at: datetime

    @property
    def stated_month(self) -> int | None:
        """The billing month that the event itself names, if it names one."""
        return None


class UsageRecorded(Event, frozen=True, gc=False):
    """A rated use of a service; `quantity` is seconds, bytes or messages, as the service has it."""

    type: ClassVar[str] = "usage.recorded"
    service: str
    quantity: int
    charge_fen: int
    outgoing: bool = True
    scope: str = "local"


class _Monthly(Event, frozen=True, gc=False):
    billing_month: int | None

    @property
    def stated_month(self) -> int | None:
        return self.billing_month


class FeeCharged(_Monthly, frozen=True, gc=False):
    """A fee that accrues in a month."""

    type: ClassVar[str] = "fee.charged"
    kind: str
    amount_fen: int


class BillIssued(_Monthly, frozen=True, gc=False):
    """The bill of a month, first issue or again; it supersedes what was accrued."""

    type: ClassVar[str] = "bill.issued"
    bill_id: str
    amount_fen: int
    due_on: date | None = None


class BillAdjusted(_Monthly, frozen=True, gc=False):
    """A later change of a month's revenue, either way."""

    type: ClassVar[str] = "bill.adjusted"
    amount_fen: int
    bill_id: str | None = None
    reason: str | None = None


class PaymentReceived(Event, frozen=True, gc=False):
    """Money paid; it works against arrears over the whole history."""

    type: ClassVar[str] = "payment.received"
    amount_fen: int
    bill_id: str | None = None
    method: str | None = None


class BalanceReported(Event, frozen=True, gc=False):
    """The balance of an account as the billing system sees it."""

    type: ClassVar[str] = "balance.reported"
    balance_fen: int


class _Profiled(Event, frozen=True, gc=False):
    profile: Mapping[str, str]  # only the fields that came


class SubscriberActivated(_Profiled, frozen=True, gc=False):
    """The customer joined, or came back to, the network."""

    type: ClassVar[str] = "subscriber.activated"


class SubscriberUpdated(_Profiled, frozen=True, gc=False):
    """Something about the customer changed."""

    type: ClassVar[str] = "subscriber.updated"


class SubscriberDeactivated(Event, frozen=True, gc=False):
    """The customer left the network."""

    type: ClassVar[str] = "subscriber.deactivated"
    reason: str | None = None


class ContractSigned(Event, frozen=True, gc=False):
    """A contract of any kind, until `ends_on` inclusive or without end."""

    type: ClassVar[str] = "contract.signed"
    contract_id: str
    kind: str
    ends_on: date | None = None


class ContractEnded(Event, frozen=True, gc=False):
    """A contract ended."""

    type: ClassVar[str] = "contract.ended"
    contract_id: str
    kind: str


class MeasureEnrolled(Event, frozen=True, gc=False):
    """A stabilising measure or sticky service taken up."""

    type: ClassVar[str] = "measure.enrolled"
    measure: str
    until: date | None = None


class MeasureEnded(Event, frozen=True, gc=False):
    """A measure ended."""

    type: ClassVar[str] = "measure.ended"
    measure: str


class ComplaintFiled(Event, frozen=True, gc=False):
    """A complaint, normal or escalated."""

    type: ClassVar[str] = "complaint.filed"
    complaint_id: str
    severity: str
    topic: str | None = None


class ComplaintClosed(Event, frozen=True, gc=False):
    """A complaint was settled."""

    type: ClassVar[str] = "complaint.closed"
    complaint_id: str


class CompetitorContacted(Event, frozen=True, gc=False):
    """A sign of contact with a competitor."""

    type: ClassVar[str] = "competitor.contacted"
    kind: str


class PortoutRequested(Event, frozen=True, gc=False):
    """A request for a port-out code."""

    type: ClassVar[str] = "portout.requested"


class ContactResulted(Event, frozen=True, gc=False):
    """What came of a phone manager's contact."""

    type: ClassVar[str] = "contact.resulted"
    case_id: str
    outcome: str
    measure: str | None = None
    reason: str | None = None
    competitor_offer: str | None = None


USAGE_TOPIC, BILLING_TOPIC, SUBSCRIBER_TOPIC, RESULTS_TOPIC, CLOCK_TOPIC = (
    "usage-events",
    "billing-events",
    "subscriber-events",
    "task-results",
    "clock",
)
TOPIC_OF_TYPE: Mapping[str, str] = {
    **dict.fromkeys([UsageRecorded.type], USAGE_TOPIC),
    **dict.fromkeys(
        [kind.type for kind in (FeeCharged, BillIssued, BillAdjusted, PaymentReceived, BalanceReported)], BILLING_TOPIC
    ),
    **dict.fromkeys(
        [
            kind.type
            for kind in (
                SubscriberActivated,
                SubscriberUpdated,
                SubscriberDeactivated,
                ContractSigned,
                ContractEnded,
                MeasureEnrolled,
                MeasureEnded,
                ComplaintFiled,
                ComplaintClosed,
                CompetitorContacted,
                PortoutRequested,
            )
        ],
        SUBSCRIBER_TOPIC,
    ),
    ContactResulted.type: RESULTS_TOPIC,
    "clock.ticked": CLOCK_TOPIC,
}
FEEDS = (USAGE_TOPIC, BILLING_TOPIC, SUBSCRIBER_TOPIC, RESULTS_TOPIC)
