"""One Chromium and one demo for all tests of the pages; skipped, saying so, where there is no Chromium."""

import os
import shutil
from collections.abc import AsyncIterator, Generator
from pathlib import Path

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from playwright.async_api import Browser, BrowserContext, Error, async_playwright

from tests.browser.people import Desk
from tests.browser.running import Running, demo

HERE = Path(__file__).parent
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.kafka)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    yield
    items.sort(key=lambda item: HERE in item.path.parents)  # last: the demo runs until the session's end


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start the machine's Chromium, else the one that Playwright has fetched."""
    async with async_playwright() as playwright:
        own = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        try:
            browser = await playwright.chromium.launch(executable_path=own, args=list(FLAGS))
        except Error:
            if os.environ.get("CI"):
                raise
            pytest.skip("no Chromium on this machine: install one, or run `playwright install chromium`")
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running(browser: Browser) -> AsyncIterator[Running]:  # noqa: ARG001 - no browser, no demo
    """Run a demo whose simulated time goes as fast as the wall's, six months behind it."""
    async with demo("--speed", "1", "--subscribers", "150", "--history-days", "183") as found:
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def producer(running: Running) -> AsyncIterator[AIOKafkaProducer]:
    """Publish events as a billing system does."""
    producer = AIOKafkaProducer(bootstrap_servers=running.bootstrap, acks="all")
    await producer.start()
    yield producer
    await producer.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(browser: Browser, running: Running, producer: AIOKafkaProducer) -> AsyncIterator[Desk]:
    """Give the demo's desk, with a way to log in; every window that a test opens is closed."""
    windows: list[BrowserContext] = []
    yield Desk(browser, running, producer, windows)
    for window in windows:
        await window.close()
