"""Logging in by an OpenID Connect provider, where the settings name one: out to it, and back."""

import asyncio
import logging

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from stream_app.console.access import guard, logins
from stream_app.console.access.oidc import Asked, OidcError, authorization_url, login_of
from stream_app.console.access.viewer import NotFoundError
from stream_app.console.settings import DeskSettings
from stream_app.console.web.language import N_
from stream_app.console.web.pages.login import keep_session, login_page

router = APIRouter(include_in_schema=False)
log = logging.getLogger(__name__)

FAILED = N_("The identity provider did not let you in. Try again, or ask who runs the desk.")
UNKNOWN = N_("You are not among the desk's users. Ask who runs the desk.")
SECONDS = 600  # to log in at the provider


@router.get("/login/oidc")
async def go(request: Request) -> Response:
    """Send the browser to the provider."""
    settings, asked = _settings(request), Asked.new()
    try:
        address = await authorization_url(settings, asked, _back(settings))
    except OidcError as error:
        return await _refused(request, error)
    answer = RedirectResponse(address, 303)
    secure = settings.cookies_secure
    answer.set_cookie(_cookie(settings), asked.written(), SECONDS, httponly=True, samesite="lax", secure=secure)
    return answer


@router.get("/login/oidc/back")
async def come_back(request: Request, code: str = "", state: str = "") -> Response:
    """Take the browser in that comes back from the provider."""
    settings = _settings(request)
    asked = Asked.read(request.cookies.get(_cookie(settings), ""))
    try:
        login = await login_of(settings, _same(asked, state), code, _back(settings), guard.wall_now(request))
        return await asyncio.to_thread(_begin, request, settings, login)
    except OidcError as error:
        return await _refused(request, error)
    except logins.WrongPasswordError:
        return await asyncio.to_thread(login_page, request, 403, next="/", error=UNKNOWN)


def _same(asked: Asked | None, state: str) -> Asked:
    if asked is None or not guard.same_token(state, asked.state):
        message = "the browser comes back with another state than it left with"
        raise OidcError(message)
    return asked


def _begin(request: Request, settings: DeskSettings, login: str) -> Response:
    at = guard.wall_now(request)
    begun = logins.vouched(guard.desk_of(request), login, at, settings.session_hours)
    answer = RedirectResponse("/", 303)
    keep_session(request, answer, begun, at)
    answer.delete_cookie(_cookie(settings), secure=settings.cookies_secure, httponly=True, samesite="lax")
    return answer


async def _refused(request: Request, error: OidcError) -> Response:
    log.warning("login by the identity provider: %s", error)
    return await asyncio.to_thread(login_page, request, 403, next="/", error=FAILED)


def _settings(request: Request) -> DeskSettings:
    settings = guard.settings_of(request)
    if not settings.oidc_issuer:
        raise NotFoundError
    return settings


def _back(settings: DeskSettings) -> str:
    return settings.public_url.rstrip("/") + "/login/oidc/back"


def _cookie(settings: DeskSettings) -> str:
    return f"{guard.cookie_name(settings)}-oidc"
