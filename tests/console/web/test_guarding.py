"""Who gets which page: nobody without a login, no form from elsewhere, no customer of somebody else's."""

from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select, update

from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.database import reading
from stream_app.console.store.work_tables import Case, CaseEvent, Contact
from stream_app.console.web.app import OTHERS, PAGES
from tests.console.web.conftest import Browser, Browsing
from tests.console.web.markup import Markup
from tests.console.web.paths import FORMS, GUARDED, OF_CUSTOMERS, Address, name_of

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FIELDS = {
    "to_user_id": "u-zhao",
    "version": "1",
    "outcome": "accepted",
    "measure": "deposit_gift",
    "text": "x",
    "do_not_call": "yes",
}
QUERY = "?version=1"


async def ask(browser: Browser, address: Address, **given: str) -> Any:
    """Ask for an address with all that its form could want, so that nothing but the guard refuses it."""
    path = address.filled(**given)
    if address.method == "GET":
        return await browser.get(path + QUERY)
    return await browser.fill(path, **FIELDS)


def login_for(address: Address) -> str:
    """Name somebody whose role has the page."""
    of_others = {"team": "sun", "business": "boss", "operations": "ops"}
    return of_others.get(address.path.split("/")[1], "li")


def audited(engine: Engine, action: str) -> list[tuple[str | None, str | None]]:
    with reading(engine) as connection:
        rows = connection.execute(select(AuditEntry).where(AuditEntry.action == action)).all()
    return [(row.user_id, row.subscriber_id) for row in rows]


def test_the_application_has_these_routers_and_no_others(app: FastAPI) -> None:
    mounted = {getattr(route, "path", "") for route in app.routes if getattr(route, "path", None)}
    assert mounted <= {"/static", "/api/v1"}
    assert len(app.routes) - len(mounted) == len(PAGES) + len(OTHERS)


@on_sqlite
@pytest.mark.parametrize("address", GUARDED, ids=name_of)
async def test_no_page_is_given_to_somebody_who_is_not_logged_in(browsing: Browsing, address: Address) -> None:
    async with browsing() as browser:
        answer = await ask(browser, address)
    assert answer.status_code in {303, 401}
    assert answer.headers.get("location", "/login").startswith("/login")


@on_sqlite
@pytest.mark.parametrize("address", FORMS, ids=name_of)
async def test_no_form_without_the_session_s_own_token_is_taken(browsing: Browsing, address: Address) -> None:
    async with browsing(login_for(address)) as browser:
        for token in ("", "wrong", "\N{SNOWMAN}"):
            browser.csrf = token
            answer = await ask(browser, address)
            assert (answer.status_code, "This form is out of date" in answer.text) == (403, True)


@on_sqlite
async def test_a_token_of_somebody_else_s_session_is_not_taken(browsing: Browsing) -> None:
    async with browsing("li") as browser, browsing("wang") as other:
        browser.csrf = other.csrf
        assert (await browser.fill("/account/language", language="zh")).status_code == 403


@on_sqlite
async def test_the_token_may_come_as_a_header_as_htmx_sends_it(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        answer = await browser.post(
            "/account/language", data={"language": "zh"}, headers={"x-csrf-token": browser.csrf}
        )
    assert answer.status_code == 303


@pytest.mark.parametrize("address", OF_CUSTOMERS, ids=name_of)
@on_sqlite
async def test_what_is_another_s_is_not_there_for_managers_and_supervisors(
    browsing: Browsing, engine: Engine, address: Address
) -> None:
    for login, given in (
        ("li", {}),
        ("zhao", {}),
        ("zhou", {}),
        ("li", {"subscriber_id": "c-free", "case_id": "case-held"}),
        ("li", {"subscriber_id": "c-nobody", "case_id": "case-nobody"}),
        ("li", {"subscriber_id": "c" * 65, "case_id": "a%00b"}),
    ):
        async with browsing(login) as browser:
            answer = await ask(browser, address, **given)
        is_supervisor, is_supervisors = login == "zhou", address.path.startswith("/team/")
        has_page = is_supervisor != address.path.endswith("/number") if is_supervisor else not is_supervisors
        assert answer.status_code == (404 if has_page else 403), (login, given)
        assert "c-wang" not in answer.text
    if address.path.startswith("/customers"):
        assert {("u-li", "c-wang"), ("u-zhao", "c-wang"), ("u-zhou", "c-wang")} <= set(audited(engine, "refused"))
    with reading(engine) as connection:
        assert connection.execute(select(Contact.event_id).where(Contact.case_id == "case-wang")).all() == []
        assert connection.execute(select(CaseEvent.kind).where(CaseEvent.case_id == "case-wang")).all() == []


@on_sqlite
@pytest.mark.parametrize("login", ["boss", "ops"])
@pytest.mark.parametrize("address", OF_CUSTOMERS, ids=name_of)
async def test_management_and_operations_see_no_customer(browsing: Browsing, address: Address, login: str) -> None:
    async with browsing(login) as browser:
        answer = await ask(browser, address)
    assert answer.status_code == 403
    assert "c-wang" not in answer.text


@on_sqlite
async def test_each_role_is_led_to_its_first_page_and_sees_the_pages_it_has(browsing: Browsing) -> None:
    for login, first in (("li", "/tasks"), ("sun", "/team"), ("boss", "/business"), ("ops", "/operations")):
        async with browsing(login) as browser:
            assert (await browser.get("/")).headers["location"] == first
            assert f'<a href="{first}"' in (await browser.get("/account")).text


@on_sqlite
async def test_a_case_handed_over_takes_the_customer_from_who_had_it(browsing: Browsing, engine: Engine) -> None:
    async with browsing("li") as browser, browsing("wang") as other:
        assert (await other.get("/customers/c-li")).status_code == 404
        with engine.begin() as connection:
            connection.execute(update(Case).where(Case.case_id == "case-li").values(manager_id="u-wang"))
        # Wang has the case now; the book stays Li's, who sees how it goes but is not shown the number.
        assert (await other.get("/customers/c-li")).status_code == 200
        assert (await browser.get("/customers/c-li")).status_code == 200
        assert (await browser.fill("/tasks/case-li/number")).status_code == 404
        assert (await other.fill("/tasks/case-li/number")).status_code == 200


@on_sqlite
async def test_every_look_at_a_customer_is_in_the_log(browsing: Browsing, engine: Engine) -> None:
    async with browsing("li") as browser:
        for path in ("/customers/c-li", "/tasks/case-li"):
            assert (await browser.get(path)).status_code == 200
        await browser.get("/tasks")
    assert audited(engine, "customer_seen") == [("u-li", "c-li")]
    assert audited(engine, "case_seen") == [("u-li", "c-li")]
    with reading(engine) as connection:
        detail = connection.execute(select(AuditEntry.detail).where(AuditEntry.action == "tasks_seen")).scalar_one()
    assert detail["subscribers"] == "c-li"


@on_sqlite
async def test_what_is_new_in_an_open_list_is_in_the_log_and_what_was_there_is_not_again(
    browsing: Browsing, engine: Engine
) -> None:
    def looks() -> int:
        with reading(engine) as connection:
            wanted = select(AuditEntry.detail).where(AuditEntry.action == "tasks_seen")
            seen = connection.execute(wanted).scalars().all()
        assert {each["subscribers"] for each in seen} == {"c-li"}
        return len(seen)

    async with browsing("li") as browser:
        page = Markup((await browser.get("/tasks")).text)
        shown_to = next(each.attributes["value"] for each in page.elements if each.attributes.get("id") == "shown-to")
        await browser.get(f"/tasks/list?after={shown_to}")
        assert looks() == 1
        await browser.fill("/tasks/case-li/notes", text="call after six")
        await browser.get(f"/tasks/list?after={shown_to}")
        assert looks() == 2
        assert (await browser.get(f"/tasks/list?after={9**30}")).status_code == 422


@on_sqlite
async def test_a_login_that_is_switched_off_sees_nothing_more(browsing: Browsing, engine: Engine) -> None:
    async with browsing("li") as browser:
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE users SET is_active = false WHERE user_id = 'u-li'")
        assert (await browser.get("/tasks")).status_code == 303
