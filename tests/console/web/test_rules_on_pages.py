"""What the rules leave undone is said on the pages: cases that stay, calls that may not be made."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import Book, Case, OutboxRecord, User
from tests.console.moments import SetClock
from tests.console.web.conftest import Browsing, Register
from tests.console.web.markup import Markup

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


Told = tuple[int, dict[str, str] | None, str, str]  # hours from 10:00, what is changed, why not, in words


def holder(engine: Engine, case_id: str) -> str | None:
    with reading(engine) as connection:
        return connection.scalar(select(Case.manager_id).where(Case.case_id == case_id))


@on_sqlite
async def test_the_page_says_how_many_cases_could_not_be_handed_over(browsing: Browsing, engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(User).where(User.user_id != "u-li").values(tiers=["C9"]))
    async with browsing("sun") as browser:
        done = await browser.fill("/team/hand-over", from_user_id="u-li")
        english = Markup((await browser.get(done.headers["location"])).text).words
        to_one = await browser.fill("/team/hand-over", from_user_id="u-li", to_user_id="u-wang")
        one = Markup((await browser.get(to_one.headers["location"])).text).words
    assert "0 handed over, 1 could not be: nobody else serves them" in english
    assert "this phone manager does not serve them" in one
    assert holder(engine, "case-li") == "u-li"


@on_sqlite
@pytest.mark.parametrize(
    "told",
    [
        (12, {}, "quiet_hours", "These are quiet hours"),
        (0, {"outcome": "reached"}, "not_before", "A later time was agreed"),
        (0, {"outcome": "not_reached"}, "try_again", "is to be tried again later"),
        (0, None, "do_not_call", "asked not to be called"),
    ],
)
async def test_the_number_is_not_shown_while_the_customer_may_not_be_called(
    browsing: Browsing, engine: Engine, register: Register, clock: SetClock, told: Told
) -> None:
    hours, case, why, words = told
    with writing(engine) as connection:
        if case is None:
            connection.execute(update(Book).values(do_not_call=True))
        elif case:
            connection.execute(update(Case).values(not_before_at=clock() + timedelta(hours=3), **case))
    clock.advance(hours=hours)
    async with browsing("li") as browser:
        pages = [(await browser.get(path)).text for path in ("/tasks", "/tasks/case-li")]
        headers = {"hx-request": "true"}
        part = await browser.post("/tasks/case-li/number", data={"csrf": browser.csrf}, headers=headers)
        whole = await browser.fill("/tasks/case-li/number")
        missed = await browser.fill("/tasks/case-li/result", version="1", outcome="not_reached")
    assert [each.status_code for each in (part, whole, missed)] == [403, 403, 422]
    assert all(words in Markup(each.text).words for each in (part, whole, missed))
    for page in pages:
        assert '<button class="quiet" disabled>Show the number' in page
        assert ("another try" in page) == (why == "try_again")
        assert ("agreed for later" in page) == (why == "not_before")
    assert register.asked == []
    with reading(engine) as connection:
        noted = ("c-li", {"what": "number of case case-li", "why": why})
        query = select(AuditEntry.subscriber_id, AuditEntry.detail).where(AuditEntry.action == "refused")
        assert [tuple(row) for row in connection.execute(query)] == [noted] * 2
        assert connection.scalar(select(OutboxRecord.key)) is None


@on_sqlite
async def test_a_refusal_without_its_reason_is_refused_in_words(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        answer = await browser.fill("/tasks/case-li/result", version="1", outcome="refused")
    assert (answer.status_code, "Say why the customer refused." in Markup(answer.text).words) == (422, True)
