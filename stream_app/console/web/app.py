"""The application: pages, live updates, static files, and what is said when something is refused."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from fastapi import APIRouter, Depends, FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from stream_app import __version__
from stream_app.console.access.guard import own_form
from stream_app.console.api.app import create_api
from stream_app.console.desk import Desk
from stream_app.console.settings import DeskSettings
from stream_app.console.web.layout import STATIC, environments
from stream_app.console.web.means import Means
from stream_app.console.web.pages import (
    account,
    book,
    cases,
    customer,
    dialling,
    live,
    login,
    management,
    oidc,
    operations,
    scripts,
    supervisor,
    tasks,
)
from stream_app.console.web.refusals import refuse_in_words
from stream_app.console.web.security import Guarded

# Pages for whoever is logged in: each form must be the session's own. A page's router is added here.
PAGES: tuple[APIRouter, ...] = (
    live.router,
    tasks.router,  # before cases: /tasks/list is no case
    cases.router,
    dialling.router,
    customer.router,
    book.router,
    scripts.router,
    account.router,
    supervisor.router,
    management.router,
    operations.router,
)
# What guards itself: the login, and the API by its tokens.
OTHERS: tuple[APIRouter, ...] = (login.router, oidc.router)  # they guard themselves


def create_app(desk: Desk, settings: DeskSettings, means: Means) -> FastAPI:
    """Make the application; it works on the database of `desk` and closes nothing it was given."""
    app = FastAPI(
        title="stream-app desk",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # the API has its own
        lifespan=_live(desk, means),
    )
    app.state.desk, app.state.settings, app.state.means = desk, settings, means
    app.state.environments = environments(desk)
    for router in PAGES:
        app.include_router(router, dependencies=[Depends(own_form)], include_in_schema=False)
    for router in OTHERS:
        app.include_router(router)
    app.mount("/api/v1", create_api(desk, settings, means), name="api")  # guarded by its tokens
    app.mount("/static", Lasting(directory=STATIC), name="static")
    app.add_middleware(Guarded, is_https=settings.cookies_secure)
    refuse_in_words(app)
    return app


class Lasting(StaticFiles):
    """Static files, kept by the browser: their address changes with them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with a file, and say how long it may be kept."""
        response = await super().get_response(path, scope)
        is_named_by_content = scope["query_string"].startswith(b"v=")
        response.headers["cache-control"] = "max-age=31536000, immutable" if is_named_by_content else "no-cache"
        return response


def _live(desk: Desk, means: Means) -> Callable[[FastAPI], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(_compile_all, app)
        looking = asyncio.create_task(means.hub.run(desk.engine))
        try:
            yield
        finally:
            means.hub.close()
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking

    return live


def _compile_all(app: FastAPI) -> None:
    """Compile the templates before the first reader asks for them."""
    for environment in app.state.environments.values():
        for name in environment.list_templates():
            environment.get_template(name)
