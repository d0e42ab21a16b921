"""Logging in and out, the way to one's first page, and the language of who is not logged in."""

import secrets
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from stream_app.console.access import guard, logins, sessions
from stream_app.console.access.guard import AnyUser, DeskHere, own_form
from stream_app.console.access.viewer import ForeignFormError
from stream_app.console.store.database import writing
from stream_app.console.web.language import COOKIE, N_, NAMES, choose
from stream_app.console.web.layout import navigation, page

router = APIRouter(include_in_schema=False)

WRONG = N_("The login or the password is wrong.")
TOO_MANY = N_("Too many tries. Wait a quarter of an hour, or ask who runs the desk.")
YEAR_SECONDS = 365 * 24 * 3600


@router.get("/")
def first_page(viewer: AnyUser) -> Response:
    """Lead to the first page of the viewer's role."""
    return RedirectResponse(navigation(viewer.role)[0].path, 303)


@router.get("/login")
def show_login(request: Request, next: str = "/", language: str = "") -> Response:  # noqa: A002 - the address's word
    """Show the login; who is logged in already goes on."""
    if language in NAMES:
        answer: Response = RedirectResponse("/login", 303)
        _keep(request, answer, COOKIE, language)
        return answer
    if guard.known_user(request) is not None:
        return RedirectResponse(_inside(next), 303)
    return login_page(request, next=_inside(next))


@router.post("/login")
def log_in(
    request: Request,
    login: Annotated[str, Form(max_length=100)],
    password: Annotated[str, Form(max_length=1000)],
    form_token: Annotated[str, Form(max_length=100)] = "",
    next: Annotated[str, Form(max_length=1000)] = "/",  # noqa: A002
) -> Response:
    """Log in: a new session, or the words why not."""
    if not guard.same_token(form_token, request.cookies.get(_form_cookie(request), "")):
        raise ForeignFormError
    address = request.client.host if request.client else ""
    given = logins.Try(login.strip(), password, address, guard.wall_now(request))
    try:
        begun = logins.log_in(guard.desk_of(request), given, guard.settings_of(request).session_hours)
    except logins.TooManyTriesError:
        return login_page(request, 429, error=TOO_MANY, login=login, next=_inside(next))
    except logins.WrongPasswordError:
        return login_page(request, 403, error=WRONG, login=login, next=_inside(next))
    answer = RedirectResponse(_inside(next), 303)
    keep_session(request, answer, begun, given.at)
    return answer


@router.post("/logout", dependencies=[Depends(own_form)])
def log_out(request: Request, desk: DeskHere) -> Response:
    """End the session here and in the browser."""
    secret = guard.secret_of(request)
    if secret is not None:
        with writing(desk.engine) as connection:
            sessions.end(connection, secret)
    answer = RedirectResponse("/login", 303)
    secure = guard.settings_of(request).cookies_secure
    answer.delete_cookie(guard.cookie_name(guard.settings_of(request)), secure=secure, httponly=True, samesite="lax")
    return answer


def keep_session(request: Request, answer: Response, begun: sessions.Begun, at: datetime) -> None:
    """Have the browser keep the secret of a session as long as it lasts."""
    seconds = int((begun.ends_at - at).total_seconds())
    _keep(request, answer, guard.cookie_name(guard.settings_of(request)), begun.secret, seconds)


def login_page(request: Request, status: int = 200, *, next: str, error: str = "", login: str = "") -> Response:  # noqa: A002
    """Give the page of the login, with what is to be said about a try."""
    token = request.cookies.get(_form_cookie(request)) or secrets.token_urlsafe()
    said = choose(request, None).say(error) if error else ""
    by_oidc = bool(guard.settings_of(request).oidc_issuer)
    shown = {"form_token": token, "next": next, "error": said, "login": login, "by_oidc": by_oidc}
    answer = page(request, None, "login.html", status, **shown)
    _keep(request, answer, _form_cookie(request), token)
    return answer


def _form_cookie(request: Request) -> str:
    # Somebody who is not logged in has no session to hold a token: form and cookie hold the same one.
    return f"{guard.cookie_name(guard.settings_of(request))}-form"


def _keep(request: Request, answer: Response, name: str, value: str, seconds: int = YEAR_SECONDS) -> None:
    secure = guard.settings_of(request).cookies_secure
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=secure)


def _inside(path: str) -> str:
    """Give a path of this site; an address elsewhere, however written, is the first page."""
    parts = urlsplit(path)
    is_inside = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and path.isprintable()
    return path if is_inside else "/"
