"""What is said when a page cannot be given: in words, and no more than the viewer may know."""

import asyncio
from typing import NamedTuple, cast
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from stream_app.console.access import guard
from stream_app.console.access.viewer import ForeignFormError, LoginNeededError, NotAllowedError, NotFoundError
from stream_app.console.web.language import N_
from stream_app.console.web.layout import page

API = "/api/"


class Said(NamedTuple):
    """A refusal: status, title, and what to do."""

    status: int
    title: str
    text: str


NOT_ALLOWED = Said(403, N_("Not for your role"), N_("Your role does not have this page. Ask who runs the desk."))
FOREIGN_FORM = Said(
    403,
    N_("This form is out of date"),
    N_("You logged in again since it was shown. Go back, load the page anew, and send it once more."),
)
NOT_FOUND = Said(404, N_("Not found"), N_("There is no such page, or it is not in your book."))
NOT_THAT_WAY = Said(405, N_("Not that way"), N_("This address takes no such request."))
UNREADABLE = Said(422, N_("The form cannot be read"), N_("A field is missing or has a value that it cannot have."))
FAILED = Said(500, N_("Something went wrong"), N_("It was noted. Try again in a moment."))
BY_STATUS = {said.status: said for said in (NOT_FOUND, NOT_THAT_WAY)}


def refuse_in_words(app: FastAPI) -> None:
    """Have every refusal of the pages said in words; those of the API stay JSON."""
    app.add_exception_handler(LoginNeededError, _to_login)
    for error, said in ((NotAllowedError, NOT_ALLOWED), (ForeignFormError, FOREIGN_FORM), (NotFoundError, NOT_FOUND)):
        app.add_exception_handler(error, lambda request, _error, said=said: _answer(request, said))
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unreadable)


def _to_login(request: Request, _error: Exception) -> Response:
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"hx-redirect": "/login"})
    if "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=401)
    wanted = f"{request.url.path}?{request.url.query}".removesuffix("?")
    back = f"?next={quote(wanted)}" if request.method == "GET" and request.url.path != "/" else ""
    return RedirectResponse(f"/login{back}", 303)


async def _http(request: Request, error: Exception) -> Response:
    said = BY_STATUS.get(getattr(error, "status_code", 0))
    if request.url.path.startswith(API) or said is None:
        return await http_exception_handler(request, cast("HTTPException", error))
    return await asyncio.to_thread(_answer, request, said)


async def _unreadable(request: Request, error: Exception) -> Response:
    if request.url.path.startswith(API):
        return await request_validation_exception_handler(request, cast("RequestValidationError", error))
    return await asyncio.to_thread(_answer, request, UNREADABLE)


def _answer(request: Request, said: Said) -> Response:
    return page(request, guard.known_user(request), "refused.html", said.status, said=said)
