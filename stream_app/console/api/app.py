"""The API as an application of its own, mounted at /api/v1: its errors are problems, its description is OpenAPI.

There is no page of it here: such pages load their scripts from elsewhere. docs/api.md says how it is used.
"""

from typing import Any

from fastapi import FastAPI

from stream_app import __version__
from stream_app.console.api import cases, customers, export, figures, operations
from stream_app.console.api.limit import RateLimit
from stream_app.console.api.problems import MEDIA_TYPE, Problem, Wrong, say_problems
from stream_app.console.desk import Desk
from stream_app.console.settings import DeskSettings
from stream_app.console.web.means import Means

PATH = "/api/v1"
ROUTERS = (cases.router, customers.router, figures.router, operations.router, export.router)
WORDS = {
    400: "it cannot be read",
    401: "no token that is good",
    403: "not for your role",
    404: "not there, or not for you to see",
    409: "the case has changed, or is closed",
    422: "a field is missing or wrong",
    429: "too many requests; Retry-After says how long to wait",
}


def create_api(desk: Desk, settings: DeskSettings, means: Means) -> FastAPI:
    """Make the API; it works on the database of `desk` and closes nothing it was given."""
    app = _Api(
        title="stream-app desk",
        version=__version__,
        description="Cases, customers, figures and logs of the desk. Money is integer fen, instants are RFC 3339.",
        docs_url=None,
        redoc_url=None,
        responses={status: _problem(words) for status, words in WORDS.items()},
    )
    app.state.desk, app.state.settings, app.state.means = desk, settings, means
    app.state.limit = RateLimit()
    for router in ROUTERS:
        app.include_router(router)
    say_problems(app)
    return app


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        schemas = described["components"]["schemas"]
        schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas["Problem"].pop("$defs", None)
        schemas["Wrong"] = Wrong.model_json_schema()
        return described


def _problem(words: str) -> dict[str, Any]:
    # By hand: FastAPI would say that a model comes as application/json.
    return {"description": words, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
