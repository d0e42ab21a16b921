"""A supervisor's page: the branch's load, what waits and what is late, giving cases to others, the effect of calls."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from stream_app.console.access import audit, reach
from stream_app.console.access.guard import DeskHere, allow
from stream_app.console.access.users import UserError, set_absence
from stream_app.console.access.viewer import NotFoundError, Viewer
from stream_app.console.cases import assigning
from stream_app.console.cases.refused import Refused
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import User
from stream_app.console.web.forms import CaseId, Long
from stream_app.console.web.language import N_, choose
from stream_app.console.web.layout import page
from stream_app.console.web.sheet import csv_of, shown
from stream_app.console.web.team_view import read_team
from stream_app.console.web.words_of_codes import why_refused

router = APIRouter()
Supervisor = Annotated[Viewer, Depends(allow("supervisor"))]
UserId = Annotated[str, Form(max_length=64)]
Day = Annotated[str, Form(max_length=10)]
DONE = {
    "assigned": N_("The case is given to another."),
    "handed_over": N_("The cases are handed over."),
    "handed_to_one": N_("%(moved)s handed over, %(kept)s could not be: this phone manager does not serve them."),
    "handed_to_others": N_("%(moved)s handed over, %(kept)s could not be: nobody else serves them, or has room."),
    "absence": N_(
        "The absence is noted; cases go to whoever serves the customers and has room, else they are nobody's for now."
    ),
    "absence_cleared": N_("The absence is cleared: the phone manager is given cases again."),
}
NO_DAYS = N_("Write both days, the first one before the day of return.")


@router.get("/team")
def show(
    request: Request, viewer: Supervisor, desk: DeskHere, done: str = "", moved: int = 0, kept: int = 0
) -> Response:
    """Show the branch."""
    said = choose(request, viewer).say(DONE[done], moved=moved, kept=kept) if done in DONE else ""
    return _show(request, viewer, desk, done=said)


@router.get("/team/{name}.csv")
def take_along(request: Request, viewer: Supervisor, desk: DeskHere, name: str) -> Response:
    """Give a table as CSV."""
    with reading(desk.engine) as connection:
        sheets = read_team(connection, desk, viewer, choose(request, viewer)).sheets
    sheet = next((each for each in sheets if each.name == name), None)
    if sheet is None:
        raise NotFoundError
    named = {"content-disposition": f'attachment; filename="{sheet.name}.csv"', "cache-control": "no-store"}
    return Response(csv_of(sheet), media_type="text/csv; charset=utf-8", headers=named)


@router.post("/team/cases/{case_id}/assign")
def assign(  # noqa: PLR0913, PLR0917 - a form
    request: Request,
    viewer: Supervisor,
    desk: DeskHere,
    case_id: CaseId,
    to_user_id: UserId,
    version: Annotated[int, Form()],
    note: Long = "",
) -> Response:
    """Give a case to a phone manager."""
    with reading(desk.engine) as connection:
        is_ours = reach.case_in_reach(connection, viewer, case_id)
    if not is_ours:
        raise reach.refuse(desk, viewer, f"case {case_id}")
    try:
        assigning.assign(desk, case_id, viewer.user_id, to_user_id, version, note)
    except Refused as refused:
        return _refused(request, viewer, desk, refused)
    return _done(desk, viewer, "assigned", case_id=case_id, to=to_user_id)


@router.post("/team/hand-over")
def hand_over(
    request: Request, viewer: Supervisor, desk: DeskHere, from_user_id: UserId, to_user_id: UserId = "", note: Long = ""
) -> Response:
    """Hand the open cases of a phone manager over, to one or to whom the rules choose."""
    _check_ours(desk, viewer, from_user_id)
    try:
        given = assigning.hand_over(desk, from_user_id, viewer.user_id, note, to_user_id or None)
    except Refused as refused:
        return _refused(request, viewer, desk, refused)
    _noted(desk, viewer, "handed_over", user=from_user_id, to=to_user_id or None, cases=given.moved, kept=given.kept)
    how = "handed_over" if not given.kept else "handed_to_one" if to_user_id else "handed_to_others"
    return RedirectResponse(f"/team?done={how}&moved={given.moved}&kept={given.kept}", 303)


@router.post("/team/absence")
def note_absence(
    request: Request, viewer: Supervisor, desk: DeskHere, of_user_id: UserId, first: Day = "", back: Day = ""
) -> Response:
    """Note from when to when a phone manager is away; without days, that they are back."""
    login = _check_ours(desk, viewer, of_user_id)
    try:
        days = (date.fromisoformat(first), date.fromisoformat(back)) if first or back else (None, None)
        set_absence(desk, login, *days)
    except (UserError, ValueError):
        return _show(request, viewer, desk, 422, error=choose(request, viewer).say(NO_DAYS))
    return _done(
        desk, viewer, "absence" if first or back else "absence_cleared", user=of_user_id, first=first, back=back
    )


def _check_ours(desk: Desk, viewer: Viewer, user_id: str) -> str:
    """Give the login of a phone manager of the branch; raises NotFoundError for anybody else."""
    with reading(desk.engine) as connection:
        found = connection.execute(
            select(User.login, User.branch_id).where(User.user_id == user_id, User.role == "manager")
        ).one_or_none()
    if found is None or (viewer.branch_id is not None and found.branch_id not in {None, viewer.branch_id}):
        raise reach.refuse(desk, viewer, f"user {user_id}")
    return str(found.login)


def _refused(request: Request, viewer: Viewer, desk: Desk, refused: Refused) -> Response:
    return _show(request, viewer, desk, 422, error=choose(request, viewer).say(why_refused(refused.code)))


def _done(desk: Desk, viewer: Viewer, what: str, **detail: str | int | None) -> Response:
    _noted(desk, viewer, what, **detail)
    return RedirectResponse(f"/team?done={what}", 303)


def _noted(desk: Desk, viewer: Viewer, what: str, **detail: str | int | None) -> None:
    with writing(desk.engine) as connection:
        audit.note(connection, desk, viewer.user_id, f"team_{what}", None, **detail)


def _show(
    request: Request, viewer: Viewer, desk: Desk, status: int = 200, *, done: str = "", error: str = ""
) -> Response:
    with reading(desk.engine) as connection:
        team = read_team(connection, desk, viewer, choose(request, viewer))
    with writing(desk.engine) as connection:
        seen = " ".join(task.subscriber_id for task in (*team.unassigned, *team.late))
        audit.note(connection, desk, viewer.user_id, "team_seen", subscribers=seen)
    return page(request, viewer, "team.html", status, team=team, cell=shown, done=done, error=error)
