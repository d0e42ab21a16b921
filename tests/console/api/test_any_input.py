"""Whatever is sent, the API answers as it says it does, and never that something went wrong."""

import base64
import json
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream_app.console.api.limit import RateLimit
from stream_app.console.api.tokens import make_token
from stream_app.console.desk import Desk
from tests.console.api.conftest import Caller
from tests.console.either import BOTH
from tests.console.moments import SetClock


def _cursor(first: str | int, unique: str | int) -> str:
    return base64.urlsafe_b64encode(json.dumps([first, unique]).encode()).decode()


IDS = ["case-li", "c-li", "day", "cases", "audit", "customers"]
NEW_YEAR = "2025-01-01T00:00:00Z"
VALUES = [
    "open", "0", "-1", "2147483648", "9223372036854775808", "1e400", "\x00", "\ud7ff", "C1", "true", "u-li",
    "2025-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
    *(_cursor(first, "a") for first in (NEW_YEAR, "0001-01-01T00:00:00+14:00", "\0", 10**400, 7, "c-li")),
    _cursor(NEW_YEAR, 2**70), _cursor(NEW_YEAR, 2**40), _cursor(NEW_YEAR, "\0"), _cursor("c-li", "c-li"),
]  # fmt: skip
texts = st.sampled_from(IDS + VALUES) | st.text(max_size=70)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
results = st.fixed_dictionaries(
    {
        "version": st.integers(-1, 3) | anything,
        "outcome": st.sampled_from(["reached", "not_reached", "accepted"]) | anything,
    },
    optional=dict.fromkeys(["measure", "reason", "competitor_offer", "note", "script_id"], anything),
)
bodies = results | st.fixed_dictionaries({"text": texts | anything}) | anything


class Call(NamedTuple):
    """A request that may be anything; `place` picks one of the API's operations."""

    place: int
    login: str
    segments: list[str]
    query: dict[str, str]
    key: str
    body: Any


calls = st.builds(
    Call,
    st.integers(0, 10_000),
    st.sampled_from(["li", "wu", "boss", "ops"]),
    st.lists(st.sampled_from(IDS) | texts, min_size=2, max_size=2),
    st.dictionaries(st.integers(0, 20).map(str) | texts, texts, max_size=4),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=140),
    bodies,
)


@BOTH
@settings(
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.data())
async def test_the_api_answers_whatever_is_sent(api: FastAPI, desk: Desk, wall: SetClock, data: st.DataObject) -> None:
    api.state.limit = RateLimit(10**9, 10**9)
    call = data.draw(calls)
    token = _token(api, desk, wall, call.login)
    described = api.openapi()["paths"]
    operations = [(path, method) for path, methods in described.items() for method in methods]
    path, method = operations[call.place % len(operations)]
    operation = described[path][method]
    answer = await _send(api, (path, method), operation, call, token)
    assert answer.status_code < 500, answer.text
    assert str(answer.status_code) in operation["responses"]
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["detail"]


CURSORS = [value for value in VALUES if value not in {"open", "C1"}]


@BOTH
async def test_a_cursor_is_taken_or_refused_whatever_it_is(api: FastAPI, caller: Caller) -> None:
    api.state.limit = RateLimit(10**9, 10**9)
    ops, wu = caller("ops"), caller("wu")
    for client, path in ((wu, "/cases"), (wu, "/customers"), (wu, "/books"), (ops, "/deliveries"), (ops, "/audit")):
        statuses = [(await client.get(path, params={"cursor": cursor})).status_code for cursor in CURSORS]
        assert set(statuses) == {200, 400, 422}, path  # 422: longer than any of ours


def _token(api: FastAPI, desk: Desk, wall: SetClock, login: str) -> str:
    if not hasattr(api.state, "tokens"):
        api.state.tokens = {}
    tokens: dict[str, str] = api.state.tokens
    if login not in tokens:
        tokens[login] = make_token(desk, f"u-{login}", "any", 30, wall)
    return tokens[login]


async def _send(
    api: FastAPI, address: tuple[str, str], operation: dict[str, Any], call: Call, token: str
) -> httpx.Response:
    path, method = address
    names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
    segments = iter(call.segments)
    for name in ("case_id", "subscriber_id", "delivery_id", "name", "key", "table"):
        if f"{{{name}}}" in path:
            path = path.replace(f"{{{name}}}", quote(next(segments), safe="") or "-")
    query = {
        names[int(key) % len(names)] if key.isdecimal() and names else key: value for key, value in call.query.items()
    }
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": call.key}
    body = json.dumps(call.body).encode() if method == "post" else None
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://desk.test") as client:
        return await client.request(method, path, params=query, headers=headers, content=body)
