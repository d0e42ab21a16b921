"""The book: whose customers they are, those at risk first."""

import pytest
from sqlalchemy import Engine, select, update

from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.database import reading, upsert, writing
from stream_app.console.store.read_tables import Customer
from tests.console.web.conftest import Browser, Browsing
from tests.console.web.markup import Markup

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def listed(browser: Browser, query: str = "") -> list[str]:
    page = Markup((await browser.get(f"/book{query}")).text)
    return [
        each.attributes["href"].removeprefix("/customers/")
        for each in page.named("a")
        if "id" in each.attributes.get("class", "")
    ]


def put_at_risk(engine: Engine, subscriber_id: str) -> None:
    with writing(engine) as connection:
        connection.execute(update(Customer).where(Customer.subscriber_id == subscriber_id).values(risk_level=3))


async def test_a_manager_has_the_own_book_and_a_supervisor_the_branch(browsing: Browsing, engine: Engine) -> None:
    put_at_risk(engine, "c-li")
    async with browsing("li") as li, browsing("sun") as supervisor, browsing("zhou") as elsewhere:
        own, branch, other = [await listed(each) for each in (li, supervisor, elsewhere)]
        words = Markup((await li.get("/book")).text).words
    assert own[0] == "c-li"  # at risk: before who is not
    assert set(own) == {"c-li", "c-held"}
    assert {"c-li", "c-wang"} <= set(branch)
    assert "c-far" not in branch
    assert "c-li" not in other
    assert "Customers found: 2." in words
    with reading(engine) as connection:
        wanted = select(AuditEntry.detail).where(AuditEntry.action == "book_seen", AuditEntry.user_id == "u-li")
        assert {row["subscribers"] for row in connection.execute(wanted).scalars()} == {"c-li c-held"}


@on_sqlite
async def test_the_held_out_case_of_a_customer_is_not_told_to_a_manager(browsing: Browsing) -> None:
    async with browsing("li") as browser, browsing("sun") as supervisor:
        assert "/tasks/case-held" not in (await browser.get("/book")).text
        assert "/tasks/case-held" in (await supervisor.get("/book")).text


@on_sqlite
async def test_customers_are_found_by_how_their_id_begins_and_by_risk(browsing: Browsing, engine: Engine) -> None:
    put_at_risk(engine, "c-li")
    async with browsing("sun") as browser:
        assert await listed(browser, "?find=c-w") == ["c-wang"]
        assert await listed(browser, "?find=%25") == []
        assert await listed(browser, "?level=3") == ["c-li"]
        assert len(await listed(browser)) > 1
        for wrong in ("?level=9", "?page=0", f"?page={9**30}", f"?find={'x' * 65}"):
            assert (await browser.get(f"/book{wrong}")).status_code == 422


@on_sqlite
async def test_a_long_book_is_turned_page_by_page(browsing: Browsing, engine: Engine) -> None:
    rows = [{"subscriber_id": f"many-{number:03}", "branch_id": "chengdu"} for number in range(120)]
    with writing(engine) as connection:
        upsert(connection, Customer, rows)
    async with browsing("sun") as browser:
        pages = [await listed(browser, f"?find=many-&page={number}") for number in (1, 2, 3, 4)]
        last = (await browser.get("/book?find=many-&page=3")).text
    assert [len(each) for each in pages] == [50, 50, 20, 0]
    assert [each for page in pages for each in page] == sorted(row["subscriber_id"] for row in rows)
    assert 'rel="prev"' in last
    assert 'rel="next"' not in last
