"""What who runs the desk looks after: deliveries, the log of who looked at what, how far behind the topics it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import select

from stream_app.console.access import audit
from stream_app.console.access.viewer import NotFoundError, Viewer
from stream_app.console.api.caller import AnyCaller, DeskHere, Operator, allow
from stream_app.console.api.fields import AnInstant, Id, IdInPath
from stream_app.console.api.paging import Cursor, Limit, Order, page
from stream_app.console.api.shapes import DeliveryShape, Page
from stream_app.console.channels.box import requeue, requeue_channel
from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import Delivery

router = APIRouter(tags=["operations"])
Told = Annotated[Viewer, Depends(allow("operations", "manager", "supervisor"))]


class DeliveriesPage(Page):
    """A page of the log of who was told what, the latest first."""

    items: list[DeliveryShape]  # type: ignore[valid-type] # made from the table


class Look(BaseModel):
    """An entry of the log of who looked at or did what."""

    entry_no: int
    at: datetime
    user_id: str | None
    action: str
    subscriber_id: str | None
    detail: dict[str, Any]


class LookFilters(BaseModel):
    """Which looks; all that are given must hold."""

    user_id: Id | None = None
    subscriber_id: Id | None = None
    before: AnInstant | None = None


class LooksPage(Page):
    """A page of the log, the latest first."""

    items: list[Look]


class LagFound(BaseModel):
    """How far a partition is read, and where it ends."""

    topic: str
    partition: int
    read_to: int
    end: int
    records: int = Field(description="not read yet")


class Lags(BaseModel):
    """How far behind the topics the desk is."""

    items: list[LagFound]


class Requeued(BaseModel):
    """A delivery that is sent again."""

    delivery_id: str
    state: Literal["waiting"]


class RequeuedAll(BaseModel):
    """A channel whose dead deliveries are sent again."""

    channel: str
    deliveries: int


class Me(BaseModel):
    """Whose token it is."""

    user_id: str
    role: str
    branch_id: str | None


@router.get("/me", response_model=Me)
def show_me(viewer: AnyCaller) -> Mapping[str, Any]:
    """Show whose token it is."""
    return {"user_id": viewer.user_id, "role": viewer.role, "branch_id": viewer.branch_id}


@router.get("/deliveries", response_model=DeliveriesPage)
def list_deliveries(
    viewer: Told,
    desk: DeskHere,
    state: Annotated[Literal["waiting", "sent", "digested", "dead"] | None, Query()] = None,
    channel: Annotated[Id | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Mapping[str, Any]:
    """List who was told what: all of it for operations, else what was told to you."""
    given = {"state": state, "channel": channel, "user_id": None if viewer.role == "operations" else viewer.user_id}
    conditions = [getattr(Delivery, name) == value for name, value in given.items() if value is not None]
    statement = select(Delivery.__table__).where(*conditions)
    with reading(desk.engine) as connection:
        found = page(connection, statement, Order(Delivery.made_at, Delivery.delivery_id), cursor, limit)
    _note_list(desk, viewer, "deliveries_listed", found)
    return found


@router.post("/deliveries/{delivery_id}/requeue", response_model=Requeued)
def send_again(viewer: Operator, desk: DeskHere, delivery_id: IdInPath) -> Mapping[str, Any]:
    """Have a dead delivery sent again."""
    if not requeue(desk, delivery_id):
        raise NotFoundError
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "delivery_requeued", by="api", delivery_id=delivery_id)
    return {"delivery_id": delivery_id, "state": "waiting"}


@router.post("/deliveries/requeue", response_model=RequeuedAll)
def send_all_again(viewer: Operator, desk: DeskHere, channel: Annotated[Id, Query()]) -> Mapping[str, Any]:
    """Have all that is dead of a channel sent again."""
    number = requeue_channel(desk, channel)
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "channel_requeued", by="api", channel=channel, deliveries=number)
    return {"channel": channel, "deliveries": number}


@router.get("/audit", response_model=LooksPage)
def list_looks(
    viewer: Operator, desk: DeskHere, filters: Annotated[LookFilters, Query()], cursor: Cursor = None, limit: Limit = 50
) -> Mapping[str, Any]:
    """List who looked at or did what."""
    given = filters.model_dump(exclude_none=True, exclude={"before"})
    conditions = [getattr(AuditEntry, name) == value for name, value in given.items()]
    if filters.before is not None:
        conditions.append(AuditEntry.at < filters.before)
    statement = select(AuditEntry.__table__).where(*conditions)
    with reading(desk.engine) as connection:
        found = page(connection, statement, Order(AuditEntry.at, AuditEntry.entry_no), cursor, limit)
    _note_list(desk, viewer, "audit_listed", found)
    return found


@router.get("/lag", response_model=Lags)
def show_lag(request: Request, _viewer: Operator) -> Mapping[str, Any]:
    """Show how far behind the topics the desk is."""
    found = request.app.state.means.lag()
    return {"items": [{**each._asdict(), "records": each.records} for each in found]}


def _note_list(desk: Desk, viewer: Viewer, action: str, found: Mapping[str, Any]) -> None:
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, action, by="api", rows=len(found["items"]))
