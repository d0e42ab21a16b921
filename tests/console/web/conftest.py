"""Pages under test: an application on a seeded database, and browsers that are logged in."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine

from stream_app.console.access import sessions
from stream_app.console.desk import Desk
from stream_app.console.identity.source import Identity
from stream_app.console.settings import DeskSettings
from stream_app.console.store.database import writing
from stream_app.console.web.app import create_app
from stream_app.console.web.language import NAMES
from stream_app.console.web.means import Means
from stream_app.core.policy import Policy
from tests.console.moments import SetClock
from tests.console.web.seeding import PASSWORD, seed

Browsing = Callable[..., AbstractAsyncContextManager["Browser"]]


class Compiled(BytecodeCache):
    """Keeps compiled templates from test to test: to compile them is most of what an application costs."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (bucket.key, bucket.checksum) in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key, bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


COMPILED = {code: Compiled() for code in NAMES}


class Register:
    """Knows names and numbers, as the identity source does."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def look_up(self, subscriber_id: str) -> Identity | None:
        """Find who somebody is, and remember that it was asked."""
        self.asked.append(subscriber_id)
        return Identity("Chen <i>Wei</i>", "000-138 0000 1234")


class Browser(httpx.AsyncClient):
    """A client that sends its session's token with each form, as the pages do."""

    csrf = ""

    async def log_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        """Log in through the page."""
        shown = await self.get("/login")
        token = re.search(r'name="form_token" value="([^"]+)"', shown.text)
        assert token
        answer = await self.post("/login", data={"login": login, "password": password, "form_token": token[1]})
        found = re.search(r'name="csrf" value="([^"]+)"', (await self.get("/account")).text)
        self.csrf = found[1] if found else ""
        return answer

    async def fill(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of a page."""
        return await self.post(path, data={"csrf": self.csrf, **fields})


@pytest.fixture
def register() -> Register:
    """Give the identity source of the application."""
    return Register()


@pytest.fixture
def wall() -> SetClock:
    """Give the clock on the wall, for the test to set."""
    return SetClock()


@pytest.fixture
def hostile() -> str:
    """Give what all texts of the database hold; tests may put something else here."""
    return ""


@pytest.fixture
def app(desk: Desk, engine: Engine, register: Register, wall: SetClock, hostile: str) -> FastAPI:
    """Give the application on a seeded database."""
    with writing(engine) as connection:
        seed(connection, desk.now(), hostile)
    settings = DeskSettings(cookies_secure=False)
    made = create_app(desk, settings, Means(identity=register, wall=wall))
    for code, environment in made.state.environments.items():
        environment.bytecode_cache = COMPILED[code]
    return made


@pytest.fixture
def browsing(app: FastAPI, engine: Engine, wall: SetClock) -> Browsing:
    """Give a way to open a browser, as somebody whose login is behind them."""

    @asynccontextmanager
    async def opened(login: str = "", address: str = "127.0.0.1", **headers: str) -> AsyncIterator[Browser]:
        transport = httpx.ASGITransport(app, client=(address, 123))
        async with Browser(transport=transport, base_url="http://desk.test", headers=headers) as browser:
            if login:
                with writing(engine) as connection:
                    begun = sessions.begin(connection, f"u-{login}", wall(), 12)
                    found = sessions.find(connection, begun.secret, wall())
                assert found
                browser.csrf = found.csrf
                browser.cookies.set("desk", begun.secret, "desk.test")
            yield browser

    return opened


@pytest.fixture(scope="session")
def default_policy(shipped: list[Policy]) -> Policy:
    """Give the policy that is shipped."""
    return shipped[-1]
