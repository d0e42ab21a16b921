"""What a customer's page shows, read in one go; the timeline is what happened to them, the latest first."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, select

from stream_app.console.access.reach import seen_cases
from stream_app.console.access.viewer import Viewer
from stream_app.console.store.base import Table
from stream_app.console.store.read_tables import (
    Customer,
    MeasureChange,
    MeasureHeld,
    MonthRow,
    NetworkChange,
    RiskChange,
    Sign,
    TierChange,
)
from stream_app.console.store.work_tables import Book, Case, CaseEvent, Contact, User
from stream_app.core.policy import Policy, PolicySet

MONTHS_SHOWN, CHANGES_SHOWN, TIMELINE_SHOWN = 24, 50, 80
AnyRow = Row[Any]


class Happening(NamedTuple):
    """A line of the timeline: `kind` says which words it is told in."""

    at: datetime
    kind: str  # tier, risk, network, measure, sign, contact, case
    row: AnyRow


class CustomerView(NamedTuple):
    """A customer's page."""

    customer: AnyRow
    book: AnyRow | None
    months: Sequence[AnyRow]
    tier_change: AnyRow | None  # the last
    risk_change: AnyRow | None  # the last
    measures: Sequence[AnyRow]
    cases: Sequence[AnyRow]
    timeline: Sequence[Happening]


class WhyTier(NamedTuple):
    """What a tier rests on: the last change, its window, and the bounds of then."""

    change: AnyRow
    window: Sequence[Mapping[str, Any]]
    arpu_fen: int
    floor_fen: int | None  # of the tier gone to
    next_tier: str | None
    next_floor_fen: int | None


def read_customer(connection: Connection, viewer: Viewer, subscriber_id: str) -> CustomerView:
    """Read a customer's page for somebody who may see it; raises LookupError where there is no such customer."""
    customer = _all(connection, Customer, Customer.subscriber_id == subscriber_id).first()
    if customer is None:
        raise LookupError(subscriber_id)
    months = _all(connection, MonthRow, MonthRow.subscriber_id == subscriber_id)
    tiers, risks = (_changes(connection, table, subscriber_id) for table in (TierChange, RiskChange))
    cases = connection.execute(_cases(viewer, subscriber_id)).all()
    happenings = [*_happenings(connection, subscriber_id, [case.case_id for case in cases])]
    happenings += [Happening(row.occurred_at, "tier", row) for row in tiers]
    happenings += [Happening(row.occurred_at, "risk", row) for row in risks]
    return CustomerView(
        customer,
        connection.execute(_book(subscriber_id)).first(),
        sorted(months, key=attrgetter("billing_month"), reverse=True)[:MONTHS_SHOWN],
        next(iter(tiers), None),
        next(iter(risks), None),
        _all(connection, MeasureHeld, MeasureHeld.subscriber_id == subscriber_id).all(),
        cases,
        sorted(happenings, key=attrgetter("at"), reverse=True)[:TIMELINE_SHOWN],
    )


def why_tier(policies: PolicySet, change: AnyRow | None) -> WhyTier | None:
    """Say what a tier rests on, under the policy that decided (DOMAIN section 3); None where no change is known."""
    if change is None:
        return None
    policy = _policy_of(policies, change)
    floors = {tier.code: tier.floor_fen for tier in policy.tiers}
    codes = list(floors)  # the highest first
    rank = codes.index(change.to_tier) if change.to_tier in floors else len(codes)
    above = codes[rank - 1] if rank > 0 else None
    return WhyTier(
        change, change.window, change.arpu_fen, floors.get(change.to_tier), above, floors[above] if above else None
    )


def _policy_of(policies: PolicySet, change: AnyRow) -> Policy:
    try:
        return policies.named(change.policy_version)
    except LookupError:
        return policies.in_force(change.occurred_at)


def _happenings(connection: Connection, subscriber_id: str, case_ids: Sequence[str]) -> Iterator[Happening]:
    for row in _changes(connection, NetworkChange, subscriber_id):
        yield Happening(row.occurred_at, "network", row)
    for row in _changes(connection, MeasureChange, subscriber_id):
        yield Happening(row.occurred_at, "measure", row)
    for row in _changes(connection, Sign, subscriber_id):
        yield Happening(row.occurred_at, "sign", row)
    for row in connection.execute(_contacts(subscriber_id)):
        yield Happening(row.at, "contact", row)
    for row in connection.execute(_case_events(case_ids)):
        yield Happening(row.at, "case", row)


def _changes(connection: Connection, table: Any, subscriber_id: str) -> Sequence[AnyRow]:  # noqa: ANN401 - a table with `occurred_at`
    latest = (
        select(*table.__table__.c)
        .where(table.subscriber_id == subscriber_id)
        .order_by(table.occurred_at.desc())
        .limit(CHANGES_SHOWN)
    )
    return connection.execute(latest).all()


def _all(connection: Connection, table: type[Table], condition: ColumnElement[bool]) -> Any:  # noqa: ANN401 - rows of any table
    return connection.execute(select(*table.__table__.c).where(condition))


def _book(subscriber_id: str) -> Select[Any]:
    return (
        select(*Book.__table__.c, User.name.label("manager"))
        .outerjoin(User, User.user_id == Book.manager_id)
        .where(Book.subscriber_id == subscriber_id)
    )


def _cases(viewer: Viewer, subscriber_id: str) -> Select[Any]:
    return (
        select(*Case.__table__.c, User.name.label("manager"))
        .outerjoin(User, User.user_id == Case.manager_id)
        .where(Case.subscriber_id == subscriber_id, seen_cases(viewer))
        .order_by(Case.opened_at.desc())
        .limit(CHANGES_SHOWN)
    )


def _contacts(subscriber_id: str) -> Select[Any]:
    return (
        select(*Contact.__table__.c, User.name.label("by"))
        .outerjoin(User, User.user_id == Contact.user_id)
        .where(Contact.subscriber_id == subscriber_id)
        .order_by(Contact.at.desc())
        .limit(CHANGES_SHOWN)
    )


def _case_events(case_ids: Sequence[str]) -> Select[Any]:
    return (
        select(*CaseEvent.__table__.c, User.name.label("by"))
        .outerjoin(User, User.user_id == CaseEvent.user_id)
        .where(CaseEvent.case_id.in_(case_ids), CaseEvent.kind != "contacted")  # those are told as contacts
        .order_by(CaseEvent.event_no.desc())
        .limit(CHANGES_SHOWN)
    )
