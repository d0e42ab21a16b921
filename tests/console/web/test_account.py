"""One's own account: what is set, and what is refused in words."""

from datetime import date

import pytest
from sqlalchemy import Engine, select

from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import User
from tests.console.web.conftest import Browsing
from tests.console.web.markup import Markup
from tests.console.web.seeding import PASSWORD

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def absence(engine: Engine) -> tuple[date | None, date | None]:
    with reading(engine) as connection:
        row = connection.execute(select(User.absent_from, User.absent_until).where(User.user_id == "u-li")).one()
    return row.absent_from, row.absent_until


async def test_an_absence_is_noted_and_taken_back(browsing: Browsing, engine: Engine) -> None:
    async with browsing("li") as browser:
        sent = await browser.fill("/account/absence", absent_from="2025-06-11", absent_until="2025-06-15")
        assert sent.headers["location"] == "/account?done=absence"
        assert absence(engine) == (date(2025, 6, 11), date(2025, 6, 15))
        assert 'value="2025-06-11"' in (await browser.get("/account")).text
        await browser.fill("/account/absence", absent_from="", absent_until="")
        assert absence(engine) == (None, None)


@on_sqlite
@pytest.mark.parametrize(
    "days",
    [("2025-06-11", ""), ("", "2025-06-11"), ("2025-06-12", "2025-06-12"), ("soon", "later"), ("2025-13-01", "x")],
)
async def test_days_that_make_no_absence_are_refused(browsing: Browsing, engine: Engine, days: tuple[str, str]) -> None:
    async with browsing("li") as browser:
        answer = await browser.fill("/account/absence", absent_from=days[0], absent_until=days[1])
    markup = Markup(answer.text)
    assert answer.status_code == 422
    assert "Write both days, the first one before the day of return." in markup.words
    tied = [each for each in markup.named("input") if each.attributes.get("aria-describedby") == "absence-error"]
    assert len(tied) == 2
    assert absence(engine) == (None, None)


@on_sqlite
@pytest.mark.parametrize(
    ("present", "new", "again", "said"),
    [
        ("wrong", "long enough it is", "long enough it is", "The present password is wrong."),
        (PASSWORD, "long enough it is", "long enough it was", "The new password was not written the same twice."),
        (PASSWORD, "short", "short", "A password has 10 characters or more."),
        (PASSWORD, "x" * 201, "x" * 201, "A password has 200 characters or fewer."),
    ],
)
async def test_a_password_that_will_not_do_is_refused_and_the_session_goes_on(
    browsing: Browsing, present: str, new: str, again: str, said: str
) -> None:
    async with browsing("li") as browser:
        answer = await browser.fill("/account/password", present=present, new=new, again=again)
        assert (answer.status_code, said in Markup(answer.text).words) == (422, True)
        assert new not in answer.text
        assert (await browser.get("/account")).status_code == 200


@on_sqlite
async def test_who_found_a_page_left_open_does_not_get_to_guess_the_password(browsing: Browsing) -> None:
    new = {"new": "long enough it is", "again": "long enough it is"}
    async with browsing("li") as browser:
        for guess in range(5):
            answer = await browser.fill("/account/password", present=f"guess {guess}", **new)
            assert "The present password is wrong." in answer.text
        answer = await browser.fill("/account/password", present=PASSWORD, **new)
        assert (answer.status_code, "Too many tries." in answer.text) == (422, True)


@on_sqlite
async def test_a_language_that_there_is_not_changes_nothing(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        await browser.fill("/account/language", language="tlh")
        assert '<html lang="en">' in (await browser.get("/account")).text
