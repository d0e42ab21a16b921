"""Every main page in both languages at three widths: nothing overlaps, is cut or needs sideways scrolling; axe agrees.

With DESK_PICTURES=FOLDER the pages are kept as pictures there.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.people import HIGH, Desk

WIDTHS = (360, 768, 1440)
PAGES = {
    "tasks": ("manager1", "/tasks"),
    "customer": ("manager1", "customer"),
    "scripts": ("manager1", "/scripts"),
    "book": ("supervisor", "/book"),
    "team": ("supervisor", "/team"),
    "business": ("management", "/business"),
    "operations": ("operations", "/operations"),
}
FOLDER = os.environ.get("DESK_PICTURES")
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
FAULTS = (Path(__file__).with_name("layout.js")).read_text(encoding="utf-8")


async def shown(desk: Desk, name: str, width: int, language: str, **own: Any) -> Page:
    """Open a main page as whose page it is; the customer is that of the first task."""
    login, path = PAGES[name]
    page = await desk.logged_in(login, width, language, **own)
    if path == "customer":
        await page.goto(f"{desk.running.url}/tasks")
        path = f"/customers/{await page.locator('#tasks a.id').first.inner_text()}"
    await page.goto(f"{desk.running.url}{path}")
    await page.wait_for_timeout(300)  # charts are drawn
    return page


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", PAGES)
async def test_nothing_is_cut_or_overlaps_at_any_width(desk: Desk, name: str, language: str) -> None:
    page = await shown(desk, name, WIDTHS[0], language)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": HIGH})
        await page.wait_for_timeout(200)  # charts are drawn anew
        await keep(page, f"{name}-{language}-{width}")
        assert (width, await page.evaluate(FAULTS)) == (width, [])
        assert await page.evaluate("document.documentElement.lang") == {"en": "en", "zh": "zh-CN"}[language]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
async def test_axe_finds_no_fault_of_wcag_aa(desk: Desk, name: str, scheme: Any) -> None:
    page = await shown(desk, name, WIDTHS[-1], "en", color_scheme=scheme)
    found = await Axe().run(page, options=RULES)
    faults = {each["id"]: [node["html"][:120] for node in each["nodes"][:3]] for each in found.response["violations"]}
    assert faults == {}


async def test_a_task_can_be_worked_by_keyboard_alone(desk: Desk) -> None:
    page = await shown(desk, "tasks", WIDTHS[-1], "en")
    reached = set[str]()
    for _ in range(60):
        await page.keyboard.press("Tab")
        reached.add(await page.evaluate("(document.activeElement.textContent || '').trim().slice(0, 30)"))
    assert {"Skip to the content", "Result of the call"} <= reached  # the number only when calls are allowed


async def keep(page: Page, name: str) -> None:
    """Keep a page as a picture, where that is wanted."""
    if FOLDER:
        await page.screenshot(path=Path(FOLDER) / f"{name}.png", full_page=False)
