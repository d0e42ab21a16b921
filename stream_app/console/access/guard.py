"""What a page asks before it answers: who is there, whether the role may, whether the form is this session's own."""

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from stream_app.console.access import sessions
from stream_app.console.access.viewer import ForeignFormError, LoginNeededError, NotAllowedError, Role, Viewer
from stream_app.console.desk import Desk
from stream_app.console.settings import DeskSettings
from stream_app.console.store.database import reading

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"


def desk_of(request: Request) -> Desk:
    """Give the desk that the application was made with; a dependency."""
    desk: Desk = request.app.state.desk
    return desk


def settings_of(request: Request) -> DeskSettings:
    """Give the settings that the application was made with."""
    settings: DeskSettings = request.app.state.settings
    return settings


def wall_now(request: Request) -> datetime:
    """Tell the time where people sit: sessions and limits go by it."""
    now: datetime = request.app.state.means.wall()
    return now


def cookie_name(settings: DeskSettings) -> str:
    """Name the session's cookie; __Host- binds it to this very host, and asks for HTTPS."""
    return "__Host-desk" if settings.cookies_secure else "desk"


def secret_of(request: Request) -> str | None:
    """Give the session's secret as the browser sent it."""
    return request.cookies.get(cookie_name(settings_of(request)))


def known_user(request: Request) -> Viewer | None:
    """Find who is logged in, if anybody; a dependency."""
    secret = secret_of(request)
    if secret is None:
        return None
    with reading(desk_of(request).engine) as connection:
        return sessions.find(connection, secret, wall_now(request))


def current_user(viewer: Annotated[Viewer | None, Depends(known_user)]) -> Viewer:
    """Give who is logged in; a dependency. Raises LoginNeededError."""
    if viewer is None:
        raise LoginNeededError
    return viewer


def allow(*roles: Role) -> Callable[[Viewer], Viewer]:
    """Make a dependency that gives the viewer where the role is one of these; it raises NotAllowedError elsewhere."""

    def allowed(viewer: Annotated[Viewer, Depends(current_user)]) -> Viewer:
        if viewer.role not in roles:
            raise NotAllowedError
        return viewer

    return allowed


async def own_form(request: Request, viewer: Annotated[Viewer, Depends(current_user)]) -> None:
    """Make sure that what changes something was sent from a page of this session; a dependency of all pages."""
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get(CSRF_HEADER) or (await request.form()).get(CSRF_FIELD)
    if not same_token(given, viewer.csrf):
        raise ForeignFormError


def same_token(given: object, wanted: str) -> bool:
    """Compare what a form sent with what it was given, in a time that tells nothing."""
    return isinstance(given, str) and bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


DeskHere = Annotated[Desk, Depends(desk_of)]
AnyUser = Annotated[Viewer, Depends(current_user)]
