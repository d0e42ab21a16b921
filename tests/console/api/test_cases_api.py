"""Cases by the API: lists in pages, results done once, and what is refused."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import Case, CaseEvent, Contact, OutboxRecord
from tests.console.api.conftest import Caller
from tests.console.either import BOTH
from tests.console.moments import SetClock
from tests.console.web.seeding import case

REFUSED = {"version": 1, "outcome": "refused", "reason": "price", "competitor_offer": "200 minutes"}
KEY = {"Idempotency-Key": "0b7d-1"}


def count(desk: Desk, table: type[Any]) -> int:
    with reading(desk.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def add_cases(desk: Desk, number: int) -> None:
    made = case("case-li", desk.now(), "")
    rows = [made | {"case_id": f"old-{n:03}", "state": "closed", "closed_at": desk.now()} for n in range(number)]
    with writing(desk.engine) as connection:
        connection.execute(insert(Case), rows)


SEEN = {
    "li": ["case-li"],
    "wang": ["case-wang"],
    "sun": ["case-wang", "case-li", "case-held", "case-free"],
    "zhou": ["case-far"],
    "wu": ["case-wang", "case-li", "case-held", "case-free", "case-far"],
}


@BOTH
async def test_everybody_sees_the_cases_that_the_pages_show_them(caller: Caller) -> None:
    answers = {login: (await caller(login).get("/cases")).json() for login in SEEN}
    assert {login: [found["case_id"] for found in answer["items"]] for login, answer in answers.items()} == SEEN
    assert {answer["next"] for answer in answers.values()} == {None}


@pytest.mark.parametrize("login", ["boss", "ops"])
async def test_who_has_no_customers_has_no_cases(caller: Caller, login: str) -> None:
    answer = await caller(login).get("/cases")
    assert (answer.status_code, answer.json()["detail"]) == (403, "this is not for your role")


async def test_a_case_comes_with_its_log_and_the_look_is_audited(caller: Caller, desk: Desk) -> None:
    found = (await caller("li").get("/cases/case-li")).json()
    assert found["case"]["leading"] == "portout"
    assert found["case"]["arpu_fen"] == 161_234
    assert [event["kind"] for event in found["events"]] == ["note", "contacted", "assigned", "opened"]
    with reading(desk.engine) as connection:
        looks = connection.execute(select(AuditEntry.action, AuditEntry.subscriber_id, AuditEntry.user_id)).all()
    assert ("case_seen", "c-li", "u-li") in looks


async def test_another_managers_case_is_not_there_and_the_try_is_audited(caller: Caller, desk: Desk) -> None:
    wang = caller("wang")
    assert (await wang.get("/cases/case-li")).status_code == 404
    assert (await wang.get("/cases/none")).json() == (await wang.get("/cases/case-li")).json()
    assert (await wang.post("/cases/case-li/results", json=REFUSED, headers=KEY)).status_code == 404
    assert (await wang.post("/cases/case-li/notes", json={"text": "x"}, headers=KEY)).status_code == 404
    assert count(desk, Contact) == 1
    with reading(desk.engine) as connection:
        refusals = connection.scalar(select(func.count()).where(AuditEntry.action == "refused"))
    assert refusals == 5


@BOTH
async def test_pages_give_every_case_once_whatever_comes_in_between(caller: Caller, desk: Desk) -> None:
    li = caller("li")
    add_cases(desk, 25)
    found, cursor, first = list[str](), "", True
    while cursor or first:
        answer = (await li.get("/cases", params={"limit": 10, **({"cursor": cursor} if cursor else {})})).json()
        found += [each["case_id"] for each in answer["items"]]
        cursor, first = answer["next"], False
        with writing(desk.engine) as connection:
            late = {"case_id": f"new-{len(found)}", "state": "closed", "opened_at": desk.now(), "closed_at": desk.now()}
            connection.execute(insert(Case), [case("case-li", desk.now(), "") | late])
    assert len(found) == len(set(found)) == 26
    assert set(found) == {"case-li", *(f"old-{n:03}" for n in range(25))}


NARROWED: list[tuple[dict[str, str], list[str]]] = [
    ({"state": "held_out"}, ["case-held"]),
    ({"manager_id": "u-wang"}, ["case-wang"]),
    ({"subscriber_id": "c-free"}, ["case-free"]),
    ({"leading": "portout", "state": "open"}, ["case-wang", "case-li", "case-free"]),
    ({"opened_from": "2025-06-10T07:00:00+08:00", "state": "held_out"}, ["case-held"]),
    ({"opened_before": "2025-06-09T23:00:00Z"}, []),
    ({"due_before": "2025-06-10T03:00:00Z"}, []),
    ({"branch_id": "leshan"}, []),
]


@BOTH
async def test_a_list_can_be_narrowed_down(caller: Caller) -> None:
    sun = caller("sun")
    for query, seen in NARROWED:
        answer = await sun.get("/cases", params=query)
        assert [found["case_id"] for found in answer.json()["items"]] == seen, query


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "x"}, {"cursor": "W10="}, {"cursor": "WyIxIiwgMV0="}, {"cursor": "é"},
        {"limit": "0"}, {"limit": "201"}, {"state": "ajar"}, {"opened_from": "yesterday"},
        {"opened_from": "2025-01-01T00:00:00"},
        {"branch_id": "a\0b"}, {"manager_id": ""},
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_for_is_refused_as_a_problem(caller: Caller, query: dict[str, str]) -> None:
    answer = await caller("sun").get("/cases", params=query)
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


async def test_a_result_is_recorded_and_published(caller: Caller, desk: Desk) -> None:
    answer = await caller("li").post("/cases/case-li/results", json=REFUSED, headers=KEY)
    assert (answer.status_code, answer.headers["Idempotency-Replayed"]) == (200, "false")
    assert answer.json()["version"] > 1
    with reading(desk.engine) as connection:
        (published,) = connection.scalars(select(OutboxRecord.value)).all()
    assert '"outcome":"refused"' in published


@BOTH
async def test_a_result_sent_again_under_its_key_is_answered_and_not_done_again(caller: Caller, desk: Desk) -> None:
    li = caller("li")
    first = await li.post("/cases/case-li/results", json=REFUSED, headers=KEY)
    again = await li.post("/cases/case-li/results", json=REFUSED, headers=KEY)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json() == first.json()
    assert count(desk, OutboxRecord) == 1


@BOTH
async def test_a_result_sent_several_times_at_once_is_done_once(caller: Caller, desk: Desk) -> None:
    li = caller("li")
    answers = await asyncio.gather(*(li.post("/cases/case-li/results", json=REFUSED, headers=KEY) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert sorted(answer.headers["Idempotency-Replayed"] for answer in answers) == ["false"] + ["true"] * 4
    assert count(desk, OutboxRecord) == 1


@BOTH
async def test_a_key_that_was_used_for_something_else_is_refused(caller: Caller, desk: Desk) -> None:
    li = caller("li")
    await li.post("/cases/case-li/notes", json={"text": "call after six"}, headers=KEY)
    answer = await li.post("/cases/case-li/results", json=REFUSED, headers=KEY)
    assert (answer.status_code, answer.json()["detail"]) == (
        422, "this Idempotency-Key was used for another request: make a new one",
    )  # fmt: skip
    assert count(desk, OutboxRecord) == 0


async def test_the_same_key_of_somebody_else_is_another(caller: Caller, desk: Desk) -> None:
    before = count(desk, CaseEvent)
    for login in ("li", "sun"):
        answer = await caller(login).post("/cases/case-li/notes", json={"text": "hello"}, headers=KEY)
        assert answer.status_code == 200
    assert count(desk, CaseEvent) == before + 2


async def test_a_refusal_is_told_by_its_code_and_leaves_the_key_free(caller: Caller, desk: Desk) -> None:
    li = caller("li")
    stale = await li.post("/cases/case-li/results", json=REFUSED | {"version": 0}, headers=KEY)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert "has changed" in stale.json()["detail"]
    unknown = await li.post("/cases/case-li/results", json=REFUSED | {"script_id": "none"}, headers=KEY)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_script")
    assert (await li.post("/cases/case-li/results", json=REFUSED, headers=KEY)).status_code == 200
    assert count(desk, OutboxRecord) == 1


async def test_without_a_key_nothing_is_done(caller: Caller, desk: Desk) -> None:
    answer = await caller("li").post("/cases/case-li/results", json=REFUSED)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "header.idempotency-key", "detail": "Field required"}]
    assert count(desk, OutboxRecord) == 0


async def test_what_was_sent_is_not_repeated_in_a_problem(caller: Caller) -> None:
    answer = await caller("li").post("/cases/case-li/results", json={"outcome": "hush"}, headers=KEY)
    assert answer.status_code == 422
    assert "hush" not in answer.text


@BOTH
async def test_keys_are_forgotten_after_a_week(caller: Caller, wall: SetClock) -> None:
    li = caller("li")
    await li.post("/cases/case-li/notes", json={"text": "one"}, headers=KEY)
    wall.advance(days=8)
    answer = await li.post("/cases/case-li/notes", json={"text": "two"}, headers=KEY)
    assert answer.headers["Idempotency-Replayed"] == "false"
