"""Tokens: made, shown once, good for a while, taken away; and how many requests they may send."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from stream_app.console.api.limit import RateLimit
from stream_app.console.api.tokens import TokenError, make_token, revoke_token
from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import ApiToken, AuditEntry
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import User
from tests.console.api.conftest import Caller
from tests.console.either import BOTH
from tests.console.moments import START, SetClock


async def me(api: FastAPI, token: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://desk.test") as client:
        return await client.get("/me", headers={"Authorization": f"Bearer {token}"})


@BOTH
async def test_a_token_has_its_owners_rights_and_is_kept_as_a_hash(api: FastAPI, desk: Desk, wall: SetClock) -> None:
    token = make_token(desk, "u-li", "crm", 7, wall)
    assert (await me(api, token)).json() == {"user_id": "u-li", "role": "manager", "branch_id": "chengdu"}
    with reading(desk.engine) as connection:
        row = connection.execute(select(ApiToken)).one()
        actions = connection.execute(select(AuditEntry.action, AuditEntry.user_id)).all()
    assert token not in str(row)
    assert row.used_at == START
    assert ("token_made", "u-li") in actions


async def test_a_token_ends_by_the_clock_on_the_wall(api: FastAPI, desk: Desk, wall: SetClock) -> None:
    token = make_token(desk, "u-li", "crm", 7, wall)
    wall.advance(days=6, hours=23)
    assert (await me(api, token)).status_code == 200
    wall.advance(hours=1)
    assert (await me(api, token)).status_code == 401


@BOTH
async def test_a_token_that_was_taken_away_opens_nothing(api: FastAPI, desk: Desk, wall: SetClock) -> None:
    token, other = make_token(desk, "u-li", "crm", 7, wall), make_token(desk, "u-li", "bi", 7, wall)
    assert revoke_token(desk, "u-li", "crm")
    assert not revoke_token(desk, "u-li", "crm")
    assert (await me(api, token)).status_code == 401
    assert (await me(api, other)).status_code == 200


async def test_who_may_not_log_in_has_no_token_either(api: FastAPI, desk: Desk, wall: SetClock) -> None:
    token = make_token(desk, "u-li", "crm", 7, wall)
    with writing(desk.engine) as connection:
        connection.execute(update(User).where(User.user_id == "u-li").values(is_active=False))
    assert (await me(api, token)).status_code == 401


@pytest.mark.usefixtures("api")
@pytest.mark.parametrize(
    ("user_id", "name", "days", "words"),
    [
        ("u-nobody", "crm", 7, "there is no active user u-nobody"),
        ("u-li", "", 7, "a token's name has 1 to 100 characters"),
        ("u-li", "x" * 101, 7, "a token's name has 1 to 100 characters"),
        ("u-li", "crm", 0, "a token is good for 1 to 366 days"),
        ("u-li", "crm", 367, "a token is good for 1 to 366 days"),
        ("u-li", "bi", 7, "has a token bi already"),
    ],
)
def test_a_token_that_cannot_be_is_refused_in_words(
    desk: Desk, wall: SetClock, user_id: str, name: str, *, days: int, words: str
) -> None:
    make_token(desk, "u-li", "bi", 7, wall)
    with pytest.raises(TokenError, match=words):
        make_token(desk, user_id, name, days, wall)


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer x", "Basic dTpw", "Bearer \u00e9"])
async def test_without_a_good_token_nothing_is_given(caller: Caller, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}
    answer = await caller("").get("/cases", headers=headers)  # type: ignore[arg-type] # bytes, as they come
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "send a token" in answer.json()["detail"]


async def test_who_asks_too_often_is_told_how_long_to_wait(api: FastAPI, caller: Caller, wall: SetClock) -> None:
    api.state.limit = RateLimit(a_minute=60, at_once=3)
    li, wang = caller("li"), caller("wang")
    assert [(await li.get("/me")).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = await li.get("/me")
    assert refused.headers["Retry-After"] == "1"
    assert refused.json()["detail"] == "too many requests: wait 1 s"
    assert (await wang.get("/me")).status_code == 200
    wall.advance(seconds=1)
    assert (await li.get("/me")).status_code == 200


@given(st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_no_span_of_time_sees_more_than_the_bucket_and_what_fills_it(waits: list[float]) -> None:
    limit, now, let_in = RateLimit(a_minute=60, at_once=5), START, list[float]()
    for wait in waits:
        now += timedelta(seconds=wait)
        if limit.take("a", now) == 0:
            let_in.append((now - START).total_seconds())
    for place, begin in enumerate(let_in):
        for count, end in enumerate(let_in[place:], 1):
            assert count <= 5 + (end - begin) + 0.01
