"""Customers as known now, one with the past, and the books; pseudonymous ids alone."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.orm import InstrumentedAttribute

from stream_app.console.access import audit, reach
from stream_app.console.api.caller import Caller, DeskHere
from stream_app.console.api.fields import Id, IdInPath, Name
from stream_app.console.api.paging import Cursor, Limit, Order, page
from stream_app.console.api.shapes import (
    BookShape,
    CaseShape,
    ContactShape,
    CustomerShape,
    MeasureShape,
    MonthShape,
    NetworkChangeShape,
    Page,
    RiskChangeShape,
    ScriptShape,
    SignShape,
    TierChangeShape,
)
from stream_app.console.store.base import Table
from stream_app.console.store.database import reading, writing
from stream_app.console.store.read_tables import (
    Customer,
    MeasureHeld,
    MonthRow,
    NetworkChange,
    RiskChange,
    Sign,
    TierChange,
)
from stream_app.console.store.work_tables import Book, Case, Contact, Script

router = APIRouter(tags=["customers"])
SHOWN = 200  # of each kind, the latest


class CustomersPage(Page):
    """A page of customers."""

    items: list[CustomerShape]  # type: ignore[valid-type] # made from the table


class BooksPage(Page):
    """A page of books: whose customer somebody is."""

    items: list[BookShape]  # type: ignore[valid-type]


class Scripts(BaseModel):
    """The scripts that are shared."""

    items: list[ScriptShape]  # type: ignore[valid-type]


class CustomerWithPast(BaseModel):
    """A customer, and what happened, the latest first."""

    customer: CustomerShape  # type: ignore[valid-type]
    months: list[MonthShape]  # type: ignore[valid-type]
    tier_changes: list[TierChangeShape]  # type: ignore[valid-type]
    risk_changes: list[RiskChangeShape]  # type: ignore[valid-type]
    measures: list[MeasureShape]  # type: ignore[valid-type]
    network_changes: list[NetworkChangeShape]  # type: ignore[valid-type]
    signs: list[SignShape]  # type: ignore[valid-type]
    contacts: list[ContactShape]  # type: ignore[valid-type]
    cases: list[CaseShape]  # type: ignore[valid-type]


class CustomerFilters(BaseModel):
    """Which customers; all that are given must hold."""

    branch_id: Name | None = None
    tier: Id | None = None
    value_class: Id | None = None
    risk_level: Annotated[int | None, Field(ge=0, le=3)] = None
    on_network: Literal["true", "false"] | None = None


@router.get("/customers", response_model=CustomersPage)
def list_customers(
    viewer: Caller,
    desk: DeskHere,
    filters: Annotated[CustomerFilters, Query()],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Mapping[str, Any]:
    """List the customers you may see."""
    given = filters.model_dump(exclude_none=True, exclude={"on_network"})
    conditions = [getattr(Customer, name) == value for name, value in given.items()]
    if filters.on_network is not None:
        conditions.append(Customer.on_network if filters.on_network == "true" else ~Customer.on_network)
    statement = select(Customer.__table__).where(reach.seen_customers(viewer), *conditions)
    with reading(desk.engine) as connection:
        found = page(connection, statement, Order(Customer.subscriber_id, Customer.subscriber_id), cursor, limit)
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "customers_listed", by="api", customers=len(found["items"]))
    return found


@router.get("/customers/{subscriber_id}", response_model=CustomerWithPast)
def show_customer(viewer: Caller, desk: DeskHere, subscriber_id: IdInPath) -> Mapping[str, Any]:
    """Show a customer with months, changes, calls and cases."""
    with reading(desk.engine) as connection:
        known = Customer.subscriber_id == subscriber_id, reach.seen_customers(viewer)
        customer = connection.execute(select(Customer.__table__).where(*known)).mappings().one_or_none()
        past = {} if customer is None else _past(connection, subscriber_id, reach.seen_cases(viewer))
    if customer is None:
        raise reach.refuse(desk, viewer, "customer", subscriber_id)
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "customer_seen", subscriber_id, by="api")
    return {"customer": dict(customer), **past}


@router.get("/books", response_model=BooksPage)
def list_books(viewer: Caller, desk: DeskHere, cursor: Cursor = None, limit: Limit = 50) -> Mapping[str, Any]:
    """List whose customers those are whom you may see, and who is not to be called."""
    seen = select(Customer.subscriber_id).where(reach.seen_customers(viewer))
    statement = select(Book.__table__).where(Book.subscriber_id.in_(seen))
    with reading(desk.engine) as connection:
        found = page(connection, statement, Order(Book.subscriber_id, Book.subscriber_id), cursor, limit)
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "books_listed", by="api", customers=len(found["items"]))
    return found


@router.get("/scripts", response_model=Scripts)
def list_scripts(_viewer: Caller, desk: DeskHere, measure: Annotated[Name | None, Query()] = None) -> Mapping[str, Any]:
    """List the scripts that are shared, all or a measure's."""
    statement = select(Script.__table__).where(Script.is_shared).order_by(Script.measure, Script.script_id)
    if measure is not None:
        statement = statement.where(Script.measure == measure)
    with reading(desk.engine) as connection:
        return {"items": [dict(row) for row in connection.execute(statement).mappings()]}


def _past(connection: Connection, subscriber_id: str, seen_cases: ColumnElement[bool]) -> Mapping[str, Any]:
    def latest(table: type[Table], by: InstrumentedAttribute[Any], *more: ColumnElement[bool]) -> Sequence[Any]:
        columns = table.__table__.c
        statement = select(table.__table__).where(columns.subscriber_id == subscriber_id, *more)
        return [dict(row) for row in connection.execute(statement.order_by(by.desc()).limit(SHOWN)).mappings()]

    return {
        "months": latest(MonthRow, MonthRow.billing_month),
        "tier_changes": latest(TierChange, TierChange.occurred_at),
        "risk_changes": latest(RiskChange, RiskChange.occurred_at),
        "measures": latest(MeasureHeld, MeasureHeld.measure),
        "network_changes": latest(NetworkChange, NetworkChange.occurred_at),
        "signs": latest(Sign, Sign.occurred_at),
        "contacts": latest(Contact, Contact.at),
        "cases": latest(Case, Case.opened_at, seen_cases),
    }
