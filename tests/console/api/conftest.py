"""The API on a seeded database, and callers with tokens of their own."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from stream_app.console.api.app import create_api
from stream_app.console.api.tokens import make_token
from stream_app.console.desk import Desk
from stream_app.console.readmodel.behind import Lag
from stream_app.console.settings import DeskSettings
from stream_app.console.store.database import writing
from stream_app.console.web.means import Means
from tests.console.either import database_url
from tests.console.moments import START, SetClock
from tests.console.web.seeding import seed

__all__ = ["database_url"]  # the API is tried on SQLite, but what queries decide, on both

Caller = Callable[[str], httpx.AsyncClient]


@pytest.fixture
def wall() -> SetClock:
    """Give the clock on the wall, for the test to set."""
    return SetClock(START)


@pytest.fixture
def api(desk: Desk, wall: SetClock) -> FastAPI:
    """Give the API on a seeded database."""
    with writing(desk.engine) as connection:
        seed(connection, desk.now())
    settings: Any = {"cookies_secure": False}
    return create_api(desk, DeskSettings(**settings), Means(wall=wall, lag=lambda: [Lag("churn-risk", 0, 40, 42)]))


@pytest.fixture
async def caller(api: FastAPI, desk: Desk, wall: SetClock) -> AsyncIterator[Caller]:
    """Give a way to call the API with a token of somebody; without one by an empty login."""
    opened = list[httpx.AsyncClient]()

    def call_as(login: str) -> httpx.AsyncClient:
        token = make_token(desk, f"u-{login}", f"test {len(opened)}", 30, wall) if login else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.ASGITransport(api)
        opened.append(httpx.AsyncClient(transport=transport, base_url="http://desk.test", headers=headers))
        return opened[-1]

    yield call_as
    for client in opened:
        await client.aclose()
