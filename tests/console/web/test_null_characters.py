"""U+0000, which PostgreSQL keeps in no text, in whatever an address or a form may bring: refused, never a failure."""

from collections.abc import AsyncIterator

import pytest

from tests.console.web.conftest import Browsing
from tests.console.web.paths import Address, addresses, name_of
from tests.console.web.test_guarding import login_for

NULL = "a\x00b"
NAMES = ("measure", "month", "branch", "cohort", "login", "next", "language", "state", "topic", "after", "text")
FIELDS = ("login", "password", "next", "measure", "title", "text", "note", "reason", "outcome", "competitor_offer")
STREAM = Address("GET", "/live")


@pytest.mark.parametrize("address", addresses(), ids=name_of)
@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_no_page_fails_at_a_null_character(browsing: Browsing, address: Address) -> None:
    path, null = address.filled(), address.filled(subscriber_id="a%00b", case_id="a%00b")
    async with browsing(login_for(address)) as browser:
        for name in NAMES:
            assert (await browser.request(address.method, path, params={name: NULL})).status_code == 400
        if address.method == "GET":
            answers = [] if address == STREAM else [await browser.get(null)]
        else:
            answers = [await browser.fill(path, **{name: NULL}) for name in FIELDS]
            assert {answer.status_code for answer in answers} == {400}
            answers = [await browser.fill(null, version="1", text="x")]
    assert {answer.status_code for answer in answers} <= {200, 303, 400, 403, 404, 422, 429}


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_a_login_with_a_null_character_is_refused_and_not_counted(browsing: Browsing) -> None:
    async with browsing() as browser:
        for _ in range(6):
            assert (await browser.log_in(NULL)).status_code == 400
        assert (await browser.log_in("li")).status_code == 303


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_null_character_is_found_wherever_a_form_is_cut_and_a_percent_sign_is_none(browsing: Browsing) -> None:
    async def cut(body: bytes) -> AsyncIterator[bytes]:
        for place in range(len(body)):
            yield body[place : place + 1]

    form = {"content-type": "application/x-www-form-urlencoded"}
    async with browsing("li") as browser:
        for text, status in ((b"a%00b", 400), (b"a\x00b", 400), (b"a%2500b", 303)):
            body = b"csrf=" + browser.csrf.encode() + b"&measure=deposit_gift&title=" + text + b"&text=x"
            assert (await browser.post("/scripts", content=cut(body), headers=form)).status_code == status
        assert "a%00b" in (await browser.get("/scripts")).text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_head_is_answered_as_the_page_is_without_a_body(browsing: Browsing) -> None:
    async with browsing("li") as browser:
        for path, status in (("/tasks", 200), ("/login", 303), ("/nowhere", 404), ("/static/desk.css", 200)):
            answer = await browser.head(path)
            assert (answer.status_code, answer.content) == (status, b"")
        assert (await browser.head("/live")).status_code == 405
