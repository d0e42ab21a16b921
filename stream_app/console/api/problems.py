"""What the API says when it does not do something: problem+json (RFC 9457), in words, without what was sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from stream_app.console.access.viewer import LoginNeededError, NotAllowedError, NotFoundError
from stream_app.console.cases.refused import Refused

MEDIA_TYPE = "application/problem+json"
# A refusal of the desk that is not the state of the case: the status that fits its code. The others are conflicts.
STATUSES: Final = {
    "no_case": HTTPStatus.NOT_FOUND,
    "no_customer": HTTPStatus.NOT_FOUND,
    "not_yours": HTTPStatus.NOT_FOUND,
    "not_allowed": HTTPStatus.FORBIDDEN,
    "unknown_outcome": HTTPStatus.UNPROCESSABLE_ENTITY,
    "measure_missing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown_measure": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unknown_script": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_long": HTTPStatus.UNPROCESSABLE_ENTITY,
    "empty": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not_text": HTTPStatus.UNPROCESSABLE_ENTITY,
}


class ProblemError(Exception):
    """A request that is not done; the detail says why."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


class Wrong(BaseModel):
    """A field that is wrong."""

    field: str = Field(description="where it stands: body, query, path or header, and its name")
    detail: str


class Problem(BaseModel):
    """Why a request was not done (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str | None = Field(None, description="of a refusal by the desk, for programs")
    errors: list[Wrong] | None = None


def answer(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, code: str | None = None,
    errors: Sequence[Wrong] | None = None,
) -> Response:  # fmt: skip
    """Write a problem as an answer."""
    said = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, code=code,
        errors=None if errors is None else list(errors),
    )  # fmt: skip
    content = said.model_dump(exclude_none=True)
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def say_problems(app: FastAPI) -> None:
    """Have everything that goes wrong said as a problem."""
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(LoginNeededError, _who)
    app.add_exception_handler(NotAllowedError, _not_allowed)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _failed)


def _problem(_request: Request, error: Exception) -> Response:
    status, headers = getattr(error, "status", 500), getattr(error, "headers", None)
    return answer(status, str(error), headers=headers)


def _refused(_request: Request, error: Exception) -> Response:
    code = str(getattr(error, "code", ""))
    return answer(STATUSES.get(code, HTTPStatus.CONFLICT), str(error), code=code)


def _who(_request: Request, _error: Exception) -> Response:
    return answer(401, "send a token that is good: Authorization: Bearer ...", headers={"WWW-Authenticate": "Bearer"})


def _not_allowed(_request: Request, _error: Exception) -> Response:
    return answer(403, "this is not for your role")


def _not_found(_request: Request, _error: Exception) -> Response:
    return answer(404, "it is not there, or not for you to see")


def _invalid(_request: Request, error: Exception) -> Response:
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else ()
    errors = [Wrong(field=".".join(map(str, each["loc"])), detail=str(each["msg"])) for each in found]
    return answer(422, "a field is missing, or has a value that it cannot have", errors=errors)


def _http(_request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    words = {404: "there is no such address", 405: "this address takes no such request", 400: "this cannot be read"}
    return answer(status, words.get(status, HTTPStatus(status).phrase), headers=getattr(error, "headers", None))


def _failed(_request: Request, _error: Exception) -> Response:
    return answer(500, "something went wrong; it was noted")
