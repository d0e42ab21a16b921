"""Cases: list, one with its log, a result, a note."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Connection, select

from stream_app.console.access import audit, reach
from stream_app.console.access.viewer import Viewer
from stream_app.console.api.caller import Caller, DeskHere
from stream_app.console.api.fields import AnInstant, Id, IdInPath, Name
from stream_app.console.api.once import Asked, AskerHere, once
from stream_app.console.api.paging import Cursor, Limit, Order, page
from stream_app.console.api.shapes import CaseEventShape, CaseShape, Page
from stream_app.console.cases import results
from stream_app.console.cases.results import Result
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import Case, CaseEvent
from stream_app.wire.models import Outcome

router = APIRouter(tags=["cases"])
EVENTS_SHOWN = 500


class CasesPage(Page):
    """A page of cases, the latest first."""

    items: list[CaseShape]  # type: ignore[valid-type] # made from the table


class CaseWithLog(BaseModel):
    """A case, and what happened to it."""

    case: CaseShape  # type: ignore[valid-type]
    events: list[CaseEventShape]  # type: ignore[valid-type]


class Filters(BaseModel):
    """Which cases; all that are given must hold."""

    state: Literal["open", "waiting", "held_out", "closed"] | None = None
    kind: Literal["keep", "win_back"] | None = None
    branch_id: Name | None = None
    manager_id: Id | None = None
    subscriber_id: Id | None = None
    leading: Id | None = None
    opened_from: AnInstant | None = None
    opened_before: AnInstant | None = None
    due_before: AnInstant | None = None


class ResultSent(BaseModel):
    """What came of a call (CONTRACTS section 1, contact.resulted); the note stays at the desk."""

    version: Annotated[int, Field(ge=0, le=2**31 - 1, description="the case's, as it was read")]
    outcome: Outcome
    measure: str | None = Field(None, max_length=1000)
    reason: str | None = Field(None, max_length=1000, description="why refused; a refusal needs it")
    competitor_offer: str | None = Field(None, max_length=1000)
    note: str = Field("", max_length=10_000)
    script_id: str | None = Field(None, max_length=64)


class NoteSent(BaseModel):
    """A note for whoever works the case."""

    text: str = Field(min_length=1, max_length=10_000)


class Done(BaseModel):
    """The case as it is now."""

    case_id: str
    version: int
    state: str


@router.get("/cases", response_model=CasesPage)
def list_cases(
    viewer: Caller, desk: DeskHere, filters: Annotated[Filters, Query()], cursor: Cursor = None, limit: Limit = 50
) -> Mapping[str, Any]:
    """List the cases you may see."""
    statement = select(Case.__table__).where(reach.seen_cases(viewer), *_conditions(filters))
    with reading(desk.engine) as connection:
        found = page(connection, statement, Order(Case.opened_at, Case.case_id), cursor, limit)
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "cases_listed", by="api", cases=len(found["items"]))
    return found


@router.get("/cases/{case_id}", response_model=CaseWithLog)
def show_case(viewer: Caller, desk: DeskHere, case_id: IdInPath) -> Mapping[str, Any]:
    """Show one case with its log, the latest first."""
    with reading(desk.engine) as connection:
        found = _one(connection, viewer, case_id)
        events = select(CaseEvent.__table__).where(CaseEvent.case_id == case_id)
        log = connection.execute(events.order_by(CaseEvent.event_no.desc()).limit(EVENTS_SHOWN)).mappings().all()
    if found is None:
        raise reach.refuse(desk, viewer, f"case {case_id}")
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "case_seen", found["subscriber_id"], by="api", case_id=case_id)
    return {"case": found, "events": [dict(row) for row in log]}


@router.post("/cases/{case_id}/results", response_model=Done)
def record_result(
    by: AskerHere, desk: DeskHere, case_id: IdInPath, sent: ResultSent, response: Response
) -> Mapping[str, Any]:
    """Record what came of a call."""
    result = Result(**sent.model_dump(exclude={"version"}))

    def do(connection: Connection) -> None:
        results.record_within(connection, desk, case_id, by.viewer.user_id, result, sent.version)

    asked = Asked(by, {"case_id": case_id, "result": sent.model_dump()})
    return _change(desk, asked, case_id, do, response)


@router.post("/cases/{case_id}/notes", response_model=Done)
def add_note(by: AskerHere, desk: DeskHere, case_id: IdInPath, sent: NoteSent, response: Response) -> Mapping[str, Any]:
    """Add a note to a case."""

    def do(connection: Connection) -> None:
        results.note_within(connection, desk, case_id, by.viewer.user_id, sent.text)

    asked = Asked(by, {"case_id": case_id, "note": sent.model_dump()})
    return _change(desk, asked, case_id, do, response)


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    given = filters.model_dump(exclude_none=True, exclude={"opened_from", "opened_before", "due_before"})
    conditions = [getattr(Case, name) == value for name, value in given.items()]
    if filters.opened_from is not None:
        conditions.append(Case.opened_at >= filters.opened_from)
    if filters.opened_before is not None:
        conditions.append(Case.opened_at < filters.opened_before)
    if filters.due_before is not None:
        conditions.append(Case.due_at < filters.due_before)
    return conditions


def _one(connection: Connection, viewer: Viewer, case_id: str) -> Mapping[str, Any] | None:
    statement = select(Case.__table__).where(Case.case_id == case_id, reach.seen_cases(viewer))
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else dict(row)


def _change(
    desk: Desk, asked: Asked, case_id: str, do: Callable[[Connection], None], response: Response
) -> Mapping[str, Any]:
    with reading(desk.engine) as connection:
        is_theirs = reach.case_in_reach(connection, asked.by.viewer, case_id)
    if not is_theirs:
        raise reach.refuse(desk, asked.by.viewer, f"case {case_id}")

    def change(connection: Connection) -> Mapping[str, Any]:
        do(connection)
        now = select(Case.case_id, Case.version, Case.state).where(Case.case_id == case_id)
        return dict(connection.execute(now).mappings().one())

    answer, is_repeated = once(desk, asked, change)
    response.headers["Idempotency-Replayed"] = "true" if is_repeated else "false"
    return answer
