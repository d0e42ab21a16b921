"""People at the demo's desk: they log in, and the billing system says what happens to their customers."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from playwright.async_api import Browser, BrowserContext, Page

from stream_app.core.events import TOPIC_OF_TYPE
from tests.browser.running import Running

WIDE, HIGH = 1440, 900


class Desk(NamedTuple):
    """A running desk, seen through a browser."""

    browser: Browser
    running: Running
    producer: AIOKafkaProducer
    windows: list[BrowserContext]

    async def window(self, width: int = WIDE, language: str = "en", **own: Any) -> BrowserContext:
        """Open a window of its own: other cookies, another width."""
        locale = {"en": "en-GB", "zh": "zh-CN"}[language]
        made = await self.browser.new_context(viewport={"width": width, "height": HIGH}, locale=locale, **own)
        self.windows.append(made)
        return made

    async def logged_in(self, login: str, width: int = WIDE, language: str = "en", **own: Any) -> Page:
        """Log in, in a window of its own; gives the page that is shown first."""
        page = await (await self.window(width, language, **own)).new_page()
        await page.goto(f"{self.running.url}/login?language={language}")
        await page.fill("#login", login)
        await page.fill("#password", self.running.password)
        await page.click("main button")
        await page.wait_for_url(lambda url: "/login" not in url)
        return page

    async def happens(self, what: str, subscriber_id: str, **own: Any) -> None:
        """Publish an event of now."""
        event = {
            "event_id": uuid.uuid4().hex, "type": what, "subscriber_id": subscriber_id,
            "occurred_at": datetime.now(UTC).isoformat(), **own,
        }  # fmt: skip
        await self.producer.send_and_wait(TOPIC_OF_TYPE[what], json.dumps(event).encode(), key=subscriber_id.encode())


def somebody() -> str:
    """Make up a customer."""
    return f"new-{uuid.uuid4().hex[:12]}"
