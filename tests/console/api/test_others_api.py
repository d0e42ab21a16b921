"""Customers, books, figures and logs by the API, each for those who may see them."""

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert

from stream_app.console.api.app import WORDS
from stream_app.console.desk import Desk
from stream_app.console.store.database import writing
from stream_app.console.store.work_tables import Delivery, Figure
from tests.console.api.conftest import Caller
from tests.console.either import BOTH

ROLES = {"li": "manager", "sun": "supervisor", "boss": "management", "ops": "operations"}
ALLOWED = {
    "/cases": {"li", "sun"},
    "/customers": {"li", "sun"},
    "/customers/c-li": {"li", "sun"},
    "/books": {"li", "sun"},
    "/scripts": {"li", "sun"},
    "/figures": {"sun", "boss"},
    "/figures/day/2025-06-09": {"sun", "boss"},
    "/deliveries": {"li", "sun", "ops"},
    "/audit": {"ops"},
    "/lag": {"ops"},
    "/me": set(ROLES),
    "/export": set(ROLES),
}


def add_figures(desk: Desk) -> None:
    value = {"all": {"heads": 5}, "branches": {"chengdu": {"heads": 4}, "leshan": {"heads": 1}}}
    rows = [
        {"name": "day", "key": "2025-06-09", "reckoned_at": desk.now(), "value": value},
        {"name": "refresh", "key": "day", "reckoned_at": desk.now(), "value": {"read": 1}},
    ]
    with writing(desk.engine) as connection:
        connection.execute(insert(Figure), rows)


def add_deliveries(desk: Desk) -> None:
    row = {
        "channel": "hook",
        "template": "task_assigned",
        "subject": {},
        "made_at": desk.now(),
        "send_after_at": desk.now(),
    }
    states = {"d1": ("u-li", "sent"), "d2": ("u-li", "dead"), "d3": ("u-wang", "dead")}
    rows = [row | {"delivery_id": key, "user_id": user, "state": state} for key, (user, state) in states.items()]
    with writing(desk.engine) as connection:
        connection.execute(insert(Delivery), rows)


@pytest.mark.parametrize("login", ROLES)
async def test_each_role_has_what_is_its_own(caller: Caller, desk: Desk, login: str) -> None:
    add_figures_after = caller(login)
    add_figures(desk)
    statuses = {path: (await add_figures_after.get(path)).status_code for path in ALLOWED}
    assert statuses == {path: 200 if login in logins else 403 for path, logins in ALLOWED.items()}


def test_every_address_is_tried_here(api: FastAPI) -> None:
    described = api.openapi()["paths"]
    reading = {path for path, methods in described.items() if "get" in methods}
    tried = {"/cases/{case_id}", "/export/{table}.csv"}  # in the other files
    filled = {"/customers/{subscriber_id}": "/customers/c-li", "/figures/{name}/{key}": "/figures/day/2025-06-09"}
    assert {filled.get(path, path) for path in reading - tried} == set(ALLOWED)


@BOTH
async def test_a_customer_comes_with_the_past(caller: Caller) -> None:
    found = (await caller("li").get("/customers/c-li")).json()
    assert found["customer"]["tier"] == "C2"
    kinds = ("months", "tier_changes", "risk_changes", "measures", "network_changes", "signs", "contacts", "cases")
    assert {kind: len(found[kind]) for kind in kinds} == dict.fromkeys(kinds, 1)
    assert "name" not in found["customer"]
    assert "number" not in found["customer"]


async def test_another_managers_customer_is_not_there(caller: Caller) -> None:
    assert (await caller("wang").get("/customers/c-li")).status_code == 404


async def test_a_manager_lists_the_own_book(caller: Caller) -> None:
    li = caller("li")
    assert [row["subscriber_id"] for row in (await li.get("/customers")).json()["items"]] == ["c-li", "c-held"]
    assert [row["subscriber_id"] for row in (await li.get("/books")).json()["items"]] == ["c-li", "c-held"]
    narrowed = await li.get("/customers", params={"risk_level": 2, "on_network": "true", "limit": 1})
    assert [row["subscriber_id"] for row in narrowed.json()["items"]] == ["c-li"]
    following = await li.get("/customers", params={"limit": 1, "cursor": narrowed.json()["next"]})
    assert [row["subscriber_id"] for row in following.json()["items"]] == ["c-held"]


async def test_a_supervisor_of_a_branch_sees_its_figures_alone(caller: Caller, desk: Desk) -> None:
    sun, wu, boss = caller("sun"), caller("wu"), caller("boss")
    add_figures(desk)
    assert (await boss.get("/figures")).json() == {"figures": {"day": ["2025-06-09"]}}
    values = [(await each.get("/figures/day/2025-06-09")).json()["value"]["heads"] for each in (sun, wu, boss)]
    assert values == [4, 5, 5]
    assert (await boss.get("/figures/refresh/day")).status_code == 404


@BOTH
async def test_what_was_told_is_shown_to_whom_and_sent_again_by_operations(caller: Caller, desk: Desk) -> None:
    li, ops = caller("li"), caller("ops")
    add_deliveries(desk)
    assert {row["delivery_id"] for row in (await li.get("/deliveries")).json()["items"]} == {"d1", "d2"}
    dead = (await ops.get("/deliveries", params={"state": "dead", "channel": "hook"})).json()["items"]
    assert {row["delivery_id"] for row in dead} == {"d2", "d3"}
    assert (await li.post("/deliveries/d2/requeue")).status_code == 403
    assert (await ops.post("/deliveries/d2/requeue")).json() == {"delivery_id": "d2", "state": "waiting"}
    assert (await ops.post("/deliveries/d1/requeue")).status_code == 404
    found = [row for row in (await ops.get("/audit")).json()["items"] if row["action"] == "delivery_requeued"]
    assert (found[0]["action"], found[0]["detail"]["delivery_id"]) == ("delivery_requeued", "d2")
    assert (await ops.post("/deliveries/requeue?channel=hook")).json() == {"channel": "hook", "deliveries": 1}
    assert (await ops.post("/deliveries/requeue?channel=hook")).json()["deliveries"] == 0
    assert (await li.post("/deliveries/requeue?channel=hook")).status_code == 403


@BOTH
async def test_who_lists_what_was_told_or_who_looked_is_in_the_log_too(caller: Caller, desk: Desk) -> None:
    ops = caller("ops")
    add_deliveries(desk)
    await caller("li").get("/deliveries")
    await ops.get("/audit", params={"subscriber_id": "c-nobody"})
    found = (await ops.get("/audit")).json()["items"]
    looks = {(row["action"], row["user_id"], row["detail"].get("rows"), row["detail"].get("by")) for row in found}
    assert {("deliveries_listed", "u-li", 2, "api"), ("audit_listed", "u-ops", 0, "api")} <= looks


@BOTH
async def test_operations_sees_every_look_and_how_far_behind_the_desk_is(caller: Caller) -> None:
    await caller("li").get("/customers/c-li")
    ops = caller("ops")
    looks = (await ops.get("/audit", params={"subscriber_id": "c-li"})).json()["items"]
    assert [(look["action"], look["user_id"]) for look in looks] == [("customer_seen", "u-li")]
    assert (await ops.get("/audit", params={"before": "2025-06-10T02:00:00Z"})).json()["items"] == []
    lag = {"topic": "churn-risk", "partition": 0, "read_to": 40, "end": 42, "records": 2}
    assert (await ops.get("/lag")).json() == {"items": [lag]}


async def test_the_description_is_there_and_every_problem_in_it(api: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://desk.test") as client:
        described = (await client.get("/openapi.json")).json()
        assert (await client.get("/docs")).status_code == 404
        assert (await client.get("/nowhere")).json()["detail"] == "there is no such address"
        assert (await client.put("/cases")).json()["detail"] == "this address takes no such request"
    for methods in described["paths"].values():
        for operation in methods.values():
            assert {str(status) for status in WORDS} <= operation["responses"].keys()
            assert operation["security"]
