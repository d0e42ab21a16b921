"""Logging in by an identity provider: a made-up one, on a real socket, that plays by the book, or not."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from aiohttp import web
from fastapi import FastAPI
from pydantic import SecretStr, ValidationError
from sqlalchemy import Engine, select

from stream_app.console.settings import DeskSettings
from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.database import reading
from tests.console.moments import START
from tests.console.web.conftest import Browser, Browsing

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECRET = "the desk's own"  # noqa: S105 - of the test's provider alone


class Provider:
    """Vouches for `login`; `told` changes the claims of its token."""

    def __init__(self) -> None:
        self.issuer = ""
        self.login = "li"
        self.told: dict[str, Any] = {}
        self.status = 200
        self.asked: dict[str, str] = {}  # by the browser that was sent here

    async def describe(self, _request: web.Request) -> web.Response:
        endpoints = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint")}
        return web.json_response({"issuer": self.issuer, **endpoints})

    async def give_token(self, request: web.Request) -> web.Response:
        form = await request.post()
        kind, pair = request.headers["authorization"].split(" ")
        assert (kind, base64.b64decode(pair).decode()) == ("Basic", f"desk:{quote_plus(SECRET)}")
        assert form["redirect_uri"] == self.asked["redirect_uri"] == "http://desk.test/login/oidc/back"
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        if form["code"] != "code" or challenge.rstrip(b"=").decode() != self.asked["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {"iss": self.issuer, "aud": "desk", "exp": START.timestamp() + 60, "nonce": self.asked["nonce"]}
        payload = json.dumps(claims | {"preferred_username": self.login} | self.told).encode()
        token = f"x.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}.y"
        return web.json_response({"id_token": token}, status=self.status)


@pytest.fixture
async def provider(app: FastAPI) -> AsyncIterator[Provider]:
    """Run a provider that the application is set to."""
    found, service = Provider(), web.Application()
    service.router.add_get("/.well-known/openid-configuration", found.describe)
    service.router.add_post("/token_endpoint", found.give_token)
    runner = web.AppRunner(service)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    app.state.settings = DeskSettings(
        cookies_secure=False,
        public_url="http://desk.test",
        oidc_issuer=found.issuer,
        oidc_client_id="desk",
        oidc_client_secret=SecretStr(SECRET),
    )
    yield found
    await runner.cleanup()


async def go(browser: Browser, provider: Provider) -> None:
    """Press the button, and be sent to the provider."""
    assert 'href="/login/oidc"' in (await browser.get("/login")).text
    sent = urlsplit((await browser.get("/login/oidc")).headers["location"])
    assert f"{sent.scheme}://{sent.netloc}" == provider.issuer
    provider.asked = {name: values[0] for name, values in parse_qs(sent.query).items()}
    assert provider.asked["response_type"] == "code"
    assert SECRET not in sent.query


async def test_whom_the_provider_vouches_for_is_logged_in(
    browsing: Browsing, provider: Provider, engine: Engine
) -> None:
    async with browsing() as browser:
        await go(browser, provider)
        back = await browser.get("/login/oidc/back", params={"code": "code", "state": provider.asked["state"]})
        assert (back.status_code, back.headers["location"]) == (303, "/")
        assert (await browser.get("/tasks")).status_code == 200
    with reading(engine) as connection:
        assert connection.execute(select(AuditEntry.detail).where(AuditEntry.action == "login")).scalars().all() == [
            {"by": "oidc"}
        ]


@pytest.mark.parametrize("login", ["nobody", "", "LI"])
async def test_who_is_no_user_of_the_desk_does_not_come_in(browsing: Browsing, provider: Provider, login: str) -> None:
    provider.login = login
    async with browsing() as browser:
        await go(browser, provider)
        back = await browser.get("/login/oidc/back", params={"code": "code", "state": provider.asked["state"]})
        assert (back.status_code, "desk" in browser.cookies) == (403, False)


@pytest.mark.parametrize(
    "told",
    [
        {"iss": "http://127.0.0.1:1"},
        {"aud": "another"},
        {"aud": ["desk", "another"]},
        {"aud": None},
        {"exp": (START - timedelta(seconds=1)).timestamp()},
        {"exp": "soon"},
        {"nonce": "another's"},
        {"nonce": None},
    ],
)
async def test_a_token_of_another_provider_desk_browser_or_time_is_not_taken(
    browsing: Browsing, provider: Provider, told: dict[str, Any]
) -> None:
    provider.told = told
    async with browsing() as browser:
        await go(browser, provider)
        back = await browser.get("/login/oidc/back", params={"code": "code", "state": provider.asked["state"]})
        assert (back.status_code, "desk" in browser.cookies) == (403, False)


async def test_only_the_browser_that_went_comes_back(browsing: Browsing, provider: Provider) -> None:
    async with browsing() as browser, browsing() as other:
        await go(browser, provider)
        for state in ("", "another", provider.asked["state"]):
            back = await other.get("/login/oidc/back", params={"code": "code", "state": state})
            assert back.status_code == 403
        wrong = await browser.get("/login/oidc/back", params={"code": "guessed", "state": provider.asked["state"]})
        assert wrong.status_code == 403
        assert {"desk" in browser.cookies, "desk" in other.cookies} == {False}


async def test_a_provider_that_cannot_be_asked_is_said_in_words(
    browsing: Browsing, provider: Provider, app: FastAPI
) -> None:
    provider.status = 500
    async with browsing() as browser:
        await go(browser, provider)
        back = await browser.get("/login/oidc/back", params={"code": "code", "state": provider.asked["state"]})
        assert back.status_code == 403
        app.state.settings = app.state.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:1"})
        away = await browser.get("/login/oidc")
        assert (away.status_code, "身份提供方" in away.text) == (403, True)


async def test_without_a_provider_there_is_no_such_page(browsing: Browsing) -> None:
    async with browsing() as browser:
        assert "oidc" not in (await browser.get("/login")).text
        for path in ("/login/oidc", "/login/oidc/back"):
            assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize(
    "issuer", ["http://provider.test", "ftp://127.0.0.1", "http://127.0.0.1.evil.test", "provider"]
)
def test_a_provider_without_tls_is_this_machine_s_alone(database_url: str, issuer: str) -> None:
    assert database_url
    with pytest.raises(ValidationError):
        DeskSettings(oidc_issuer=issuer)
    assert "hidden" not in repr(DeskSettings(oidc_client_secret=SecretStr("hidden")))
