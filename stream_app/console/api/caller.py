"""Who calls: a program by its token, or, for what a page links to, somebody by their login."""

from collections.abc import Callable
from typing import Annotated, NoReturn

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from stream_app.console.access import guard
from stream_app.console.access.viewer import LoginNeededError, NotAllowedError, Role, Viewer
from stream_app.console.api import tokens
from stream_app.console.api.limit import RateLimit
from stream_app.console.api.problems import ProblemError
from stream_app.console.desk import Desk

bearer = HTTPBearer(auto_error=False, description="a token, made by `stream-app desk token`")
Given = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
DeskHere = Annotated[Desk, Depends(guard.desk_of)]
LOGIN = APIKeyCookie(name="__Host-desk", scheme_name="login", description="of the pages", auto_error=False)


def by_token(request: Request, given: Given) -> Viewer:
    """Give whose token it is; a dependency. Raises LoginNeededError, ProblemError (429)."""
    if given is None:
        raise LoginNeededError
    found = tokens.find(guard.desk_of(request), given.credentials, guard.wall_now(request))
    if found is None:
        raise LoginNeededError
    _count(request, found.secret_hash)
    return found.viewer


def by_token_or_login(request: Request, given: Given, _login: Annotated[str | None, Depends(LOGIN)]) -> Viewer:
    """Give whose token or whose session it is; for reading only, as no form's token is asked for."""
    if given is not None:
        return by_token(request, given)
    viewer = guard.current_user(guard.known_user(request))
    _count(request, f"login:{viewer.user_id}")
    return viewer


def allow(*roles: Role, by: Callable[..., Viewer] = by_token) -> Callable[[Viewer], Viewer]:
    """Make a dependency that gives the caller where the role is one of these; it raises NotAllowedError elsewhere."""

    def allowed(viewer: Annotated[Viewer, Depends(by)]) -> Viewer:
        if viewer.role not in roles:
            raise NotAllowedError
        return viewer

    return allowed


def _count(request: Request, whose: str) -> None:
    limit: RateLimit = request.app.state.limit
    seconds = limit.take(whose, guard.wall_now(request))
    if seconds:
        _too_many(seconds)


def _too_many(seconds: int) -> NoReturn:
    raise ProblemError(429, f"too many requests: wait {seconds} s", {"Retry-After": str(seconds)})


AnyCaller = Annotated[Viewer, Depends(by_token)]
Caller = Annotated[Viewer, Depends(allow("manager", "supervisor"))]
Overseer = Annotated[Viewer, Depends(allow("supervisor", "management"))]
Operator = Annotated[Viewer, Depends(allow("operations"))]
