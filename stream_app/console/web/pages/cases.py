"""One case: why, the customer's card, what to say and offer, what came of the call; every look is audited."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import RedirectResponse, Response

from stream_app.console.access import audit, reach
from stream_app.console.access.guard import DeskHere, allow
from stream_app.console.access.viewer import Viewer
from stream_app.console.cases import results
from stream_app.console.cases.refused import Refused
from stream_app.console.cases.results import Result
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.web.forms import CaseId, Long
from stream_app.console.web.language import N_, choose
from stream_app.console.web.layout import page
from stream_app.console.web.tasks_view import CasePage, Given, read_case
from stream_app.console.web.words_of_codes import REFUSALS, why_refused

router = APIRouter()
Caller = Annotated[Viewer, Depends(allow("manager", "supervisor"))]
RESULT, NOTE = N_("The result is recorded."), N_("The note is kept.")
DONE = {"result": RESULT, "note": NOTE}


class ResultForm(BaseModel):
    """The fields of the form; `outcome` is the button that was pressed."""

    version: int
    outcome: str = Field("", max_length=64)
    measure: str = Field("", max_length=1000)
    reason: str = Field("", max_length=1000)
    competitor_offer: str = Field("", max_length=1000)
    note: str = Field("", max_length=10_000)
    script_id: str = Field("", max_length=64)

    def result(self) -> Result:
        """Give it as a result; a field that the button has no use for is left out."""
        return Result(
            self.outcome,
            self.measure or None if self.outcome == "accepted" else None,
            self.reason or None if self.outcome == "refused" else None,
            self.competitor_offer or None,
            self.note,
            self.script_id or None,
        )


@router.get("/tasks/{case_id}")
def show_case(request: Request, viewer: Caller, desk: DeskHere, case_id: CaseId, done: str = "") -> Response:
    """Show one case."""
    said = choose(request, viewer).say(DONE[done]) if done in DONE else ""
    return _page(request, viewer, desk, case_id, done=said)


@router.get("/tasks/{case_id}/state")
def show_state(request: Request, viewer: Caller, desk: DeskHere, case_id: CaseId, version: int) -> Response:
    """Say on an open page whether the case has changed since it was shown."""
    case = _read(request, desk, viewer, case_id)
    return page(request, viewer, "case_state.html", case=case, version=version)


@router.get("/tasks/{case_id}/result")
def show_form(request: Request, viewer: Caller, desk: DeskHere, case_id: CaseId) -> Response:
    """Show the form of a result alone: what a card of the list asks for when it is unfolded."""
    return _form(request, viewer, desk, case_id)


@router.post("/tasks/{case_id}/result")
def record(
    request: Request, viewer: Caller, desk: DeskHere, case_id: CaseId, sent: Annotated[ResultForm, Form()]
) -> Response:
    """Record what came of a call."""
    _check_reach(desk, viewer, case_id)
    try:
        results.record(desk, case_id, viewer.user_id, sent.result(), sent.version)
    except Refused as refused:
        given = Given(sent.model_dump(), choose(request, viewer).say(why_refused(refused.code)))
        shown = _form if _is_from_the_list(request, viewer) else _page
        return shown(request, viewer, desk, case_id, 422, given=given)
    if _is_from_the_list(request, viewer):
        answer = page(request, viewer, "task_answer.html", done=choose(request, viewer).say(RESULT))
        # The card goes at once; the list follows when the page is told that something changed.
        answer.headers.update({"hx-retarget": "closest li", "hx-reswap": "delete"})
        return answer
    return RedirectResponse("/tasks?done=result" if viewer.role == "manager" else f"/tasks/{case_id}?done=result", 303)


@router.post("/tasks/{case_id}/notes")
def add_note(request: Request, viewer: Caller, desk: DeskHere, case_id: CaseId, text: Long = "") -> Response:
    """Add a note for whoever works the case."""
    _check_reach(desk, viewer, case_id)
    try:
        results.note(desk, case_id, viewer.user_id, text)
    except Refused as refused:
        error = choose(request, viewer).say(why_refused(refused.code))
        return _page(request, viewer, desk, case_id, 422, error=error, note=text)
    return RedirectResponse(f"/tasks/{case_id}?done=note", 303)


def _is_from_the_list(request: Request, viewer: Viewer) -> bool:
    return "hx-request" in request.headers and viewer.role == "manager"


def _form(
    request: Request, viewer: Viewer, desk: Desk, case_id: str, status: int = 200, *, given: Given | None = None
) -> Response:
    case = _read(request, desk, viewer, case_id)
    return page(request, viewer, "task_form.html", status, case=case, refusals=REFUSALS, given=given)


def _page(request: Request, viewer: Viewer, desk: Desk, case_id: str, status: int = 200, **said: object) -> Response:
    case = _read(request, desk, viewer, case_id)
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, "case_seen", case.task.subscriber_id, case_id=case_id)
    told = {"done": "", "error": "", "note": "", "given": None} | said
    return page(request, viewer, "case.html", status, case=case, refusals=REFUSALS, **told)


def _check_reach(desk: Desk, viewer: Viewer, case_id: str) -> None:
    with reading(desk.engine) as connection:
        is_in_reach = reach.case_in_reach(connection, viewer, case_id)
    if not is_in_reach:
        raise reach.refuse(desk, viewer, f"case {case_id}")


def _read(request: Request, desk: Desk, viewer: Viewer, case_id: str) -> CasePage:
    with reading(desk.engine) as connection:
        if reach.case_in_reach(connection, viewer, case_id):
            found = read_case(connection, desk, viewer, case_id, choose(request, viewer).code)
            if found is not None:
                return found
    raise reach.refuse(desk, viewer, f"case {case_id}")
