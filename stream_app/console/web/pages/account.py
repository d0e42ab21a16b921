"""One's own account: language, password, absence."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy import select, update
from starlette.responses import RedirectResponse, Response

from stream_app.console.access import audit, guard, logins
from stream_app.console.access.guard import AnyUser, DeskHere
from stream_app.console.access.passwords import WeakPasswordError
from stream_app.console.access.viewer import Viewer
from stream_app.console.desk import Desk
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import User
from stream_app.console.web.language import COOKIE, N_, NAMES, choose
from stream_app.console.web.layout import page

router = APIRouter()
Secret = Annotated[str, Form(max_length=1000)]

TOO_MANY = N_("Too many tries. Wait a quarter of an hour, or ask who runs the desk.")
WRONG_PASSWORD = N_("The present password is wrong.")
NOT_THE_SAME = N_("The new password was not written the same twice.")
NO_DAYS = N_("Write both days, the first one before the day of return.")
WEAK_ONES = (N_("A password has 10 characters or more."), N_("A password has 200 characters or fewer."))
SAVED = {"language": N_("The language is set."), "absence": N_("Your absence is noted."), "here": N_("You are back.")}


@router.get("/account")
def show(request: Request, viewer: AnyUser, desk: DeskHere, done: str = "") -> Response:
    """Show the account."""
    said = choose(request, viewer).say(SAVED[done]) if done in SAVED else ""
    return _account(request, viewer, desk, done=said)


@router.post("/account/language")
def set_language(viewer: AnyUser, desk: DeskHere, language: Annotated[str, Form(max_length=8)]) -> Response:
    """Set the language of the pages, and of what the user is told."""
    chosen = language if language in NAMES else viewer.language
    with writing(desk.engine) as connection:
        connection.execute(update(User).where(User.user_id == viewer.user_id).values(language=chosen))
    answer = RedirectResponse("/account?done=language", 303)
    answer.set_cookie(COOKIE, chosen, httponly=True, samesite="lax")
    return answer


@router.post("/account/password")
def set_password(
    request: Request, viewer: AnyUser, desk: DeskHere, present: Secret, new: Secret, again: Secret
) -> Response:
    """Set the password; all sessions end, this one too."""
    error = _refusal(request, desk, viewer, (present, new, again))
    if error:
        return _account(request, viewer, desk, 422, error_in="password", error=choose(request, viewer).say(error))
    return RedirectResponse("/login", 303)


@router.post("/account/absence")
def set_absence(
    request: Request,
    viewer: AnyUser,
    desk: DeskHere,
    absent_from: Annotated[str, Form(max_length=10)] = "",
    absent_until: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Note from when to when the user is away, or that they are back; cases are handed over by the desk's sweep."""
    first, back = _day(absent_from), _day(absent_until)
    is_back = not absent_from and not absent_until
    if not is_back and (first is None or back is None or first >= back):
        return _account(request, viewer, desk, 422, error_in="absence", error=choose(request, viewer).say(NO_DAYS))
    with writing(desk.engine) as connection:
        changed = update(User).where(User.user_id == viewer.user_id).values(absent_from=first, absent_until=back)
        connection.execute(changed)
        audit.note(connection, desk, viewer.user_id, "absence_set", absent_from=absent_from, absent_until=absent_until)
    return RedirectResponse(f"/account?done={'here' if is_back else 'absence'}", 303)


def _refusal(request: Request, desk: Desk, viewer: Viewer, written: tuple[str, str, str]) -> str | None:
    present, new, again = written
    address, at = request.client.host if request.client else "", guard.wall_now(request)
    try:  # as at the login: who found a page left open does not get to guess either
        logins.check_password(desk, viewer.user_id, present, address, at)
    except logins.TooManyTriesError:
        return TOO_MANY
    except logins.WrongPasswordError:
        return WRONG_PASSWORD
    if new != again:
        return NOT_THE_SAME
    try:
        with writing(desk.engine) as connection:
            logins.change_password(connection, desk, viewer.user_id, new)
    except WeakPasswordError as weak:
        return str(weak)
    return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _account(request: Request, viewer: Viewer, desk: Desk, status: int = 200, **said: str) -> Response:
    with reading(desk.engine) as connection:
        columns = (
            User.login,
            User.role,
            User.branch_id,
            User.tiers,
            User.language,
            User.absent_from,
            User.absent_until,
        )
        user = connection.execute(select(*columns).where(User.user_id == viewer.user_id)).one()
    return page(request, viewer, "account.html", status, user=user, **{"error_in": "", "error": "", "done": ""} | said)
