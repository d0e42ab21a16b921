"""What the rules leave undone is said on the pages: cases that stay, calls that may not be made."""

import pytest
from sqlalchemy import Engine, select, update

from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import Case, User
from tests.console.web.conftest import Browsing
from tests.console.web.markup import Markup

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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
