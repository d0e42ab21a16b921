"""The work of a phone manager in a real browser, from an event on Kafka to the closed task."""

import time

from playwright.async_api import Locator, Page, expect

from tests.browser.people import Desk, somebody

LONGEST_MS = 60_000.0
HARM = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>\'"{{7*7}}'


async def complains(desk: Desk, customer: str, login: str = "manager1", **profile: str) -> None:
    """Have a customer of a manager's branch complain so that somebody has to call."""
    branch = desk.running.branch_of[login] if login in desk.running.branch_of else profile.pop("branch_id")
    await desk.happens("subscriber.activated", customer, **{"branch_id": branch, **profile})
    await desk.happens("competitor.contacted", customer, kind="call_forwarding")
    await desk.happens("complaint.filed", customer, complaint_id="c-1", severity="escalated", topic="tariff")


def task_of(page: Page, customer: str) -> Locator:
    """Find a customer's task on a page."""
    return page.locator("#tasks .card").filter(has_text=customer)


async def test_an_event_on_kafka_shows_as_a_task_on_the_open_page(desk: Desk) -> None:
    page, customer = await desk.logged_in("manager1"), somebody()
    await page.goto(f"{desk.running.url}/tasks")
    began = time.monotonic()
    await complains(desk, customer)
    await expect(task_of(page, customer)).to_be_visible(timeout=LONGEST_MS)
    print(f"from the event to the task on the open page: {time.monotonic() - began:.2f} s")


async def test_a_result_reaches_the_engine_whose_word_closes_the_task(desk: Desk) -> None:
    page, customer = await desk.logged_in("manager1"), somebody()
    await page.goto(f"{desk.running.url}/tasks")
    await complains(desk, customer)
    task = task_of(page, customer)
    await expect(task).to_be_visible(timeout=LONGEST_MS)
    await task.get_by_text("Result of the call").click()
    await task.locator("select[name=measure]").select_option(index=1)
    await task.get_by_role("button", name="Accepted").click()
    await expect(page.locator("section", has=page.locator("#waiting-title"))).to_contain_text(customer)
    await expect(page.locator("#tasks")).not_to_contain_text(customer, timeout=LONGEST_MS)  # enrolled, and told so
    await page.goto(f"{desk.running.url}/customers/{customer}")


async def test_another_manager_cannot_open_what_is_not_theirs(desk: Desk) -> None:
    page, customer = await desk.logged_in("manager1"), somebody()
    await page.goto(f"{desk.running.url}/tasks")
    await complains(desk, customer)
    link = task_of(page, customer).locator("a.id")
    await expect(link).to_be_visible(timeout=LONGEST_MS)
    task = await link.get_attribute("href")
    other = await desk.logged_in("manager2")
    for path in (task, f"/customers/{customer}"):
        answer = await other.goto(f"{desk.running.url}{path}")
        assert answer is not None
        assert (path, answer.status) == (path, 404)
        assert customer not in await other.locator("main").inner_text()


async def test_text_stays_text_wherever_it_is_typed_or_comes_from(desk: Desk) -> None:
    page, customer = await desk.logged_in("manager1"), somebody()
    await page.goto(f"{desk.running.url}/tasks")
    await complains(desk, customer, plan=HARM, brand=HARM, industry=HARM, group_id=HARM, customer_class=HARM)
    task = task_of(page, customer)
    await expect(task).to_be_visible(timeout=LONGEST_MS)
    await task.get_by_text("Result of the call").click()
    for name in ("competitor_offer", "note"):
        await task.locator(f"[name={name}]").fill(HARM)
    await task.get_by_role("button", name="Reached", exact=True).click()
    await expect(page.locator("section", has=page.locator("#later-title"))).to_contain_text(customer)
    await page.goto(f"{desk.running.url}/customers/{customer}")
    assert HARM in await page.locator("main").inner_text()
    await page.goto(f"{desk.running.url}/scripts")
    assert await page.evaluate("window.harmed") is None
    assert await page.locator("img[src=x]").count() == 0
