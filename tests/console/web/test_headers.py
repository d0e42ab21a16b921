"""What every answer carries, and how much a request may bring."""

import re
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from stream_app.console.web.layout import STATIC, static
from stream_app.console.web.security import LARGEST_BODY_BYTES
from tests.console.web.conftest import Browsing
from tests.console.web.markup import Markup

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATHS = ["/login", "/tasks", "/customers/c-li", "/customers/c-wang", "/nowhere", "/static/desk.css", "/team"]


async def test_every_answer_carries_what_keeps_a_browser_safe(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        for path in PATHS:
            headers = (await browser.get(path)).headers
            policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
            assert policy == {
                "default-src": "'self'",
                "base-uri": "'none'",
                "form-action": "'self'",
                "frame-ancestors": "'none'",
                "object-src": "'none'",
            }
            assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


async def test_pages_are_never_stored_and_static_files_are(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        for path in ("/login", "/tasks", "/tasks/list", "/customers/c-li", "/customers/c-wang", "/account", "/scripts"):
            assert (await browser.get(path)).headers["cache-control"] == "no-store"
        kept = await browser.get(static("desk.css"))
        assert kept.headers["cache-control"] == "max-age=31536000, immutable"
        assert (await browser.get("/static/desk.css")).headers["cache-control"] == "no-cache"
        for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/"):
            assert (await browser.get(path)).status_code == 404


async def test_https_is_asked_for_where_cookies_are_secure(app: FastAPI, browsing: Browsing) -> None:
    async with browsing() as browser:
        assert "strict-transport-security" not in (await browser.get("/login")).headers
    assert app.state.settings.cookies_secure is False


async def test_no_page_holds_a_script_a_style_or_a_handler_of_its_own(browsing: Browsing) -> None:
    pages = {"li": ["/tasks", "/tasks/case-li", "/customers/c-li", "/scripts", "/account"], "": ["/login"]}
    for login, paths in pages.items():
        async with browsing(login) as browser:
            for path in paths:
                markup = Markup((await browser.get(path)).text)
                assert markup.faults == []
                assert list(markup.named("style")) == []
                for element in markup.elements:
                    assert not {
                        name for name in element.attributes if name == "style" or name.startswith(("on", "hx-on"))
                    }
                for element in markup.named("script", "link"):
                    address = element.attributes.get("src") or element.attributes.get("href", "")
                    name = re.fullmatch(r"/static/([\w./-]+)\?v=[0-9a-f]{12}", address)
                    assert name
                    assert (STATIC / name[1]).is_file()


async def test_htmx_is_told_to_run_no_text_as_code(browsing: Browsing) -> None:
    async with browsing() as browser:
        text = (await browser.get("/login")).text
    for setting in ('"allowEval": false', '"includeIndicatorStyles": false', '"selfRequestsOnly": true'):
        assert setting in text
    templates = (STATIC.parent / "templates").glob("*.html")
    for path in templates:
        triggers = re.findall(r'hx-trigger="([^"]*)"', path.read_text(encoding="utf-8"))
        assert not [trigger for trigger in triggers if "[" in trigger], path.name  # a filter would be code


async def test_a_request_that_brings_too_much_is_refused(browsing: Browsing) -> None:
    async def bits() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY_BYTES // 10_000 + 2):
            yield b"x" * 10_000

    async with browsing("li") as browser:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        announced = await browser.post("/scripts", content=b"x" * (LARGEST_BODY_BYTES + 1), headers=headers)
        assert announced.status_code == 413
        streamed = await browser.post("/scripts", content=bits(), headers=headers)
        assert streamed.status_code >= 400
