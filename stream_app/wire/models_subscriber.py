"""The models of the subscriber events: who joins and leaves, contracts, measures, complaints, signs of leaving."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import ConfigDict

from stream_app.core import events
from stream_app.core.state import TRAITS
from stream_app.wire.fields import Day, Name, Remark, Trait
from stream_app.wire.models import EventMessage


class _Profiled(EventMessage):
    """Traits of the customer; only those that came change."""

    plan: Trait | None = None
    brand: Trait | None = None
    branch_id: Trait | None = None
    customer_class: Trait | None = None
    group_id: Trait | None = None
    group_class: Trait | None = None
    industry: Trait | None = None
    language: Trait | None = None
    joined_on: Day | None = None

    def event(self) -> events.Event:
        """Give the event as the rules take it: only the traits that came, dates as text."""
        came = {name: str(getattr(self, name)) for name in TRAITS if getattr(self, name) is not None}
        return self.core(self.event_id, self.subscriber_id, self.occurred_at, came)  # type: ignore[call-arg]


class SubscriberActivated(_Profiled):
    """The customer joined, or came back to, the network."""

    core = events.SubscriberActivated
    type: Literal["subscriber.activated"]


def _one_trait(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [{"properties": {name: {"type": "string"}}, "required": [name]} for name in TRAITS]


class SubscriberUpdated(_Profiled):
    """Something about the customer changed: one of the optional fields at least is there and not null."""

    model_config = ConfigDict(json_schema_extra=_one_trait)
    core = events.SubscriberUpdated
    type: Literal["subscriber.updated"]

    @classmethod
    def absent(cls, fields: Mapping[str, object]) -> Iterator[str]:
        """Name the required fields that are not there; all traits where there is none of them."""
        yield from super().absent(fields)
        if all(fields.get(name) is None for name in TRAITS):
            yield f"one of {', '.join(TRAITS)}"


class SubscriberDeactivated(EventMessage):
    """The customer left the network."""

    core = events.SubscriberDeactivated
    type: Literal["subscriber.deactivated"]
    reason: Remark | None = None


class ContractSigned(EventMessage):
    """A contract of any kind, until `ends_on` inclusive or without end."""

    core = events.ContractSigned
    type: Literal["contract.signed"]
    contract_id: Name
    kind: Name
    ends_on: Day | None = None


class ContractEnded(EventMessage):
    """A contract ended."""

    core = events.ContractEnded
    type: Literal["contract.ended"]
    contract_id: Name
    kind: Name


class MeasureEnrolled(EventMessage):
    """A stabilising measure or sticky service taken up."""

    core = events.MeasureEnrolled
    type: Literal["measure.enrolled"]
    measure: Name
    until: Day | None = None


class MeasureEnded(EventMessage):
    """A measure ended."""

    core = events.MeasureEnded
    type: Literal["measure.ended"]
    measure: Name


class ComplaintFiled(EventMessage):
    """A complaint, normal or escalated."""

    core = events.ComplaintFiled
    type: Literal["complaint.filed"]
    complaint_id: Name
    severity: Literal["normal", "escalated"]
    topic: Remark | None = None


class ComplaintClosed(EventMessage):
    """A complaint was settled."""

    core = events.ComplaintClosed
    type: Literal["complaint.closed"]
    complaint_id: Name


class CompetitorContacted(EventMessage):
    """A sign of contact with a competitor."""

    core = events.CompetitorContacted
    type: Literal["competitor.contacted"]
    kind: Literal["hotline_call", "call_forwarding", "other"]


class PortoutRequested(EventMessage):
    """A request for a port-out code."""

    core = events.PortoutRequested
    type: Literal["portout.requested"]
