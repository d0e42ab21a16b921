"""Who asks is who is connected, unless a proxy that is trusted says otherwise."""

import asyncio
from collections.abc import Mapping

import aiohttp
import pytest
from fastapi import FastAPI, Request

from stream_app.console.run import _listen, _server
from stream_app.console.settings import DeskSettings, load_desk_settings
from stream_app.settings import SettingsError

SAID = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
APP = FastAPI(openapi_url=None)


@APP.get("/who")
async def who(request: Request) -> dict[str, str]:
    assert request.client is not None
    return {"host": request.client.host, "scheme": request.url.scheme}


async def seen(settings: DeskSettings, headers: Mapping[str, str]) -> dict[str, str]:
    """Ask a desk's server over a socket who it thinks we are."""
    server = _server(APP, settings)
    with _listen("127.0.0.1", 0) as port:
        running = asyncio.create_task(server.serve([port]))
        address = f"http://127.0.0.1:{port.getsockname()[1]}/who"
        async with aiohttp.ClientSession() as http, http.get(address, headers=headers) as answer:
            found: dict[str, str] = await answer.json()
        server.should_exit = True
        await running
    return found


@pytest.mark.parametrize(
    ("trusted", "host", "scheme"),
    [
        ("", "127.0.0.1", "http"),
        ("192.0.2.1, 198.51.100.0/24", "127.0.0.1", "http"),
        ("192.0.2.1, 127.0.0.1", "203.0.113.7", "https"),
        ("127.0.0.0/8", "203.0.113.7", "https"),
    ],
)
async def test_only_a_trusted_proxy_says_who_asks(
    monkeypatch: pytest.MonkeyPatch, trusted: str, host: str, scheme: str
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # uvicorn's own, which is not ours
    assert await seen(DeskSettings(trusted_proxies=trusted), SAID) == {"host": host, "scheme": scheme}


@pytest.mark.parametrize("text", ["proxy.example", "*", "10.0.0.1/8", "127.0.0.1;127.0.0.2"])
def test_what_is_no_address_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("STREAM_APP_DESK_TRUSTED_PROXIES", text)
    with pytest.raises(SettingsError, match=r"^STREAM_APP_DESK_TRUSTED_PROXIES: "):
        load_desk_settings()
