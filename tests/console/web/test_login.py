"""Logging in and out: what is set, what is refused, and how often."""

import re

import pytest
from sqlalchemy import Engine, select

from stream_app.console.access.sessions import hash_of
from stream_app.console.store.access_tables import Session
from stream_app.console.store.database import reading
from tests.console.moments import SetClock
from tests.console.web.conftest import Browsing
from tests.console.web.seeding import PASSWORD

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_a_login_gives_a_secret_that_the_database_knows_by_its_hash_alone(
    browsing: Browsing, engine: Engine
) -> None:
    async with browsing() as browser:
        answer = await browser.log_in("li")
        secret = browser.cookies["desk"]
    cookie = next(each for each in answer.headers.get_list("set-cookie") if each.startswith("desk="))
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    with reading(engine) as connection:
        row = connection.execute(select(Session.secret_hash, Session.csrf, Session.user_id)).one()
    assert row.secret_hash == hash_of(secret)
    assert secret not in {row.secret_hash, row.csrf}


@on_sqlite
async def test_each_login_has_a_new_secret_and_a_new_token_whatever_the_browser_sent(browsing: Browsing) -> None:
    async with browsing() as browser:
        browser.cookies.set("desk", "planted", "desk.test")
        await browser.log_in("li")
        first = browser.cookies["desk"], browser.csrf
        await browser.fill("/logout")
        await browser.log_in("li")
        second = browser.cookies["desk"], browser.csrf
    assert "planted" not in first
    assert not set(first) & set(second)


@on_sqlite
async def test_logging_out_ends_the_session_on_the_server(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        secret = browser.cookies["desk"]
        await browser.fill("/logout")
        browser.cookies.set("desk", secret, "desk.test")
        assert (await browser.get("/tasks")).status_code == 303


@on_sqlite
async def test_a_session_ends_by_the_clock_on_the_wall(browsing: Browsing, wall: SetClock, clock: SetClock) -> None:
    async with browsing("li") as browser:
        clock.advance(days=30)  # the stream's clock runs ahead in a demo
        assert (await browser.get("/account")).status_code == 200
        wall.advance(hours=12)
        assert (await browser.get("/account")).status_code == 303


@on_sqlite
async def test_a_changed_password_ends_all_sessions(browsing: Browsing) -> None:
    async with browsing("li") as browser, browsing("li") as elsewhere:
        new = "another one, as long"
        answer = await browser.fill("/account/password", present=PASSWORD, new=new, again=new)
        assert answer.headers["location"] == "/login"
        for each in (browser, elsewhere):
            assert (await each.get("/account")).status_code == 303
        assert (await browser.log_in("li")).status_code == 403
        assert (await browser.log_in("li", new)).status_code == 303


async def test_a_login_that_failed_five_times_is_answered_429_until_the_window_has_moved_on(
    browsing: Browsing, wall: SetClock
) -> None:
    async with browsing() as browser:
        for _ in range(5):
            assert (await browser.log_in("li", "wrong")).status_code == 403
            wall.advance(minutes=1)
        refused = await browser.log_in("li")
        assert (refused.status_code, "Too many tries" in refused.text or "尝试次数过多" in refused.text) == (429, True)
        assert (await browser.log_in("wang")).status_code == 303
        await browser.fill("/logout")
        async with browsing(address="192.0.2.7") as elsewhere:
            assert (await elsewhere.log_in("li", "wrong")).status_code == 403
        wall.advance(minutes=11)
        assert (await browser.log_in("li")).status_code == 303


@on_sqlite
async def test_unknown_logins_and_wrong_passwords_are_told_the_same(browsing: Browsing) -> None:
    async with browsing() as browser:
        answers = [await browser.log_in(login, "wrong") for login in ("li", "nobody")]
    texts = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert len(texts) == 1


@on_sqlite
async def test_a_login_form_from_elsewhere_is_not_taken(browsing: Browsing) -> None:
    async with browsing() as browser:
        await browser.get("/login")
        answer = await browser.post("/login", data={"login": "li", "password": PASSWORD, "form_token": "theirs"})
        assert answer.status_code == 403
        assert "desk" not in browser.cookies


@on_sqlite
@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/tasks/case-li", "/tasks/case-li"),
        ("//evil.test/x", "/"),
        ("https://evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("/x\r\nset-cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
async def test_one_is_led_back_to_where_one_wanted_to_go_but_never_elsewhere(
    browsing: Browsing, wanted: str, led_to: str
) -> None:
    async with browsing() as browser:
        page = await browser.get("/login", params={"next": wanted})
        fields = dict(re.findall(r'name="(form_token|next)" value="([^"]*)"', page.text))
        assert fields["next"] == led_to
        data = {"login": "li", "password": PASSWORD, "form_token": fields["form_token"], "next": wanted}
        assert (await browser.post("/login", data=data)).headers["location"] == led_to


@on_sqlite
async def test_whoever_comes_by_a_link_logs_in_and_is_led_on(browsing: Browsing) -> None:
    async with browsing() as browser:
        assert (await browser.get("/tasks/case-li")).headers["location"] == "/login?next=/tasks/case-li"
        led = await browser.get("/scripts?measure=deposit_gift&page=2")
        assert led.headers["location"] == "/login?next=/scripts%3Fmeasure%3Ddeposit_gift%26page%3D2"
        shown = await browser.get(led.headers["location"])
        assert 'name="next" value="/scripts?measure=deposit_gift&amp;page=2"' in shown.text
        answer = await browser.get("/tasks/list", headers={"hx-request": "true"})
        assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


@on_sqlite
async def test_secure_cookies_are_bound_to_the_host(browsing: Browsing, app: object) -> None:
    app.state.settings = app.state.settings.model_copy(update={"cookies_secure": True})  # type: ignore[attr-defined]
    async with browsing() as browser:
        browser.base_url = "https://desk.test"
        answer = await browser.log_in("li")
    cookie = next(each for each in answer.headers.get_list("set-cookie") if "desk=" in each)
    assert cookie.startswith("__Host-desk=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    assert "domain" not in cookie.lower()
