"""Export: every table, to those who may have it, safe to open, in constant memory."""

import csv
import io
import tracemalloc
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from stream_app.console.access import sessions
from stream_app.console.access.viewer import ROLES, Viewer
from stream_app.console.api.export import FORMULA, cell, written
from stream_app.console.api.tables import EXPORTS, NEVER, exports_for
from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import AuditEntry
from stream_app.console.store.base import Table
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import Book, Figure
from tests.console.api.conftest import Caller
from tests.console.either import BOTH
from tests.console.moments import SetClock

LOGINS = {"li": "manager", "sun": "supervisor", "wu": "supervisor", "boss": "management", "ops": "operations"}


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def column(found: Iterable[dict[str, str]], name: str) -> list[str]:
    return sorted(row[name] for row in found)


def test_every_table_is_given_to_somebody_or_named_as_nobodys() -> None:
    assert set(Table.metadata.tables) == set(EXPORTS) | NEVER
    assert {name for role in ROLES for name in exports_for(role)} == set(EXPORTS)


def test_no_secret_column_is_exported() -> None:
    every = ((export, column.name) for export in EXPORTS.values() for column in export.table.__table__.c)
    columns = {name for export, name in every if name not in export.without}
    assert not {name for name in columns if "hash" in name or "secret" in name or "password" in name}


@pytest.mark.parametrize("login", LOGINS)
async def test_a_role_exports_its_tables_and_no_others(caller: Caller, login: str) -> None:
    client = caller(login)
    allowed = set((await client.get("/export")).json()["tables"])
    assert allowed == set(exports_for(LOGINS[login]))
    for name in EXPORTS:
        answer = await client.get(f"/export/{name}.csv")
        assert answer.status_code == (200 if name in allowed else 403), name
    for name in (*NEVER, "none"):
        assert (await client.get(f"/export/{name}.csv")).status_code == 404


CUSTOMERS = {
    "li": ["c-held", "c-li"],
    "sun": ["c-free", "c-held", "c-li", "c-wang"],
    "wu": ["c-far", "c-free", "c-held", "c-li", "c-wang"],
}
CASES = {
    "li": ["case-li"],
    "sun": ["case-free", "case-held", "case-li", "case-wang"],
    "wu": ["case-far", "case-free", "case-held", "case-li", "case-wang"],
}


@BOTH
async def test_rows_are_those_that_the_pages_show(caller: Caller) -> None:
    for login, cases in CASES.items():
        client = caller(login)
        assert column(rows(await client.get("/export/customers.csv")), "subscriber_id") == CUSTOMERS[login]
        assert column(rows(await client.get("/export/cases.csv")), "case_id") == cases
        for table in ("case_events", "contacts"):
            assert {row["case_id"] for row in rows(await client.get(f"/export/{table}.csv"))} == {"case-li"}


async def test_users_come_without_hashes_and_by_branch(caller: Caller) -> None:
    sun = rows(await caller("sun").get("/export/users.csv"))
    assert column(sun, "login") == ["li", "sun", "wang"]
    assert "password_hash" not in sun[0]
    assert len(rows(await caller("ops").get("/export/users.csv"))) == 8


async def test_a_supervisor_of_a_branch_exports_its_figures_alone(caller: Caller, desk: Desk) -> None:
    client = caller("sun")
    value = {"all": {"heads": 5}, "branches": {"chengdu": {"heads": 4}, "leshan": {"heads": 1}}}
    with writing(desk.engine) as connection:
        connection.execute(insert(Figure).values(name="day", key="d", reckoned_at=desk.now(), value=value))
    (row,) = rows(await client.get("/export/figures.csv"))
    assert row["value"] == '{"heads": 4}'


@BOTH
async def test_values_come_as_they_are_documented(caller: Caller) -> None:
    (row,) = rows(await caller("li").get("/export/cases.csv"))
    assert row["opened_at"] == "2025-06-09T23:00:00Z"
    assert row["arpu_fen"] == "161234"
    assert row["suggested_measures"] == '["deposit_gift"]'
    assert row["closed_at"] == ""


async def test_a_text_that_a_spreadsheet_would_reckon_with_is_quoted(caller: Caller, desk: Desk) -> None:
    client = caller("li")
    with writing(desk.engine) as connection:
        note = '=HYPERLINK("http://evil.example","备注")'
        connection.execute(update(Book).where(Book.subscriber_id == "c-li").values(do_not_call_note=note))
    found = {row["subscriber_id"]: row for row in rows(await client.get("/export/books.csv"))}
    assert found["c-li"]["do_not_call_note"] == f"'{note}"


@given(st.text(max_size=20))
def test_no_text_begins_a_formula(text: str) -> None:
    written_as = cell(text)
    assert not written_as.startswith(FORMULA)
    assert written_as.removeprefix("'" if text.startswith(FORMULA) else "") == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""), (True, "true"), (False, "false"), (-512, "-512"), (date(2025, 6, 1), "2025-06-01"),
        (datetime(2025, 6, 1, 12, tzinfo=UTC), "2025-06-01T12:00:00Z"), ({"名": [1]}, '{"名": [1]}'), ("-x", "'-x"),
    ],
)  # fmt: skip
def test_a_value_becomes_a_cell(value: Any, expected: str) -> None:
    assert cell(value) == expected


async def test_each_export_is_audited(caller: Caller, desk: Desk) -> None:
    client = caller("li")
    await client.get("/export/cases.csv")
    with reading(desk.engine) as connection:
        found = connection.execute(select(AuditEntry.user_id, AuditEntry.detail).where(AuditEntry.action == "exported"))
        assert [tuple(row) for row in found] == [("u-li", {"by": "token", "table": "cases"})]


async def test_a_page_may_link_to_an_export_and_to_nothing_else(api: FastAPI, desk: Desk, wall: SetClock) -> None:
    with writing(desk.engine) as connection:
        begun = sessions.begin(connection, "u-li", wall(), 12)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api), base_url="http://desk.test", cookies={"desk": begun.secret}
    ) as client:
        assert len(rows(await client.get("/export/cases.csv"))) == 1
        assert (await client.get("/cases")).status_code == 401
        assert (await client.post("/cases/case-li/notes", json={"text": "x"})).status_code == 401
        wall.advance(hours=13)
        assert (await client.get("/export/cases.csv")).status_code == 401


@BOTH
def test_a_large_table_is_written_bit_by_bit(desk: Desk) -> None:
    entry = {"at": desk.now(), "user_id": "u", "action": "look", "subscriber_id": "s", "detail": {"what": "x" * 500}}
    with writing(desk.engine) as connection:
        for _ in range(5):
            connection.execute(insert(AuditEntry), [entry] * 1_500)
    viewer = Viewer("u-ops", "", "operations", None, "en", "")
    tracemalloc.start()
    try:
        lines = sum(part.count(b"\r\n") for part in written(desk.engine, EXPORTS["audit"], viewer))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert lines == 7_501
    assert peak_bytes < 3_000_000  # all of it is 4.5 million bytes as text alone, and several times that as rows


@BOTH
def test_who_goes_away_in_the_middle_leaves_no_transaction_open(desk: Desk) -> None:
    entry = {"at": desk.now(), "user_id": "u", "action": "look", "subscriber_id": "s", "detail": {}}
    with writing(desk.engine) as connection:
        connection.execute(insert(AuditEntry), [entry] * 1_500)
    parts = written(desk.engine, EXPORTS["audit"], Viewer("u-ops", "", "operations", None, "en", ""))
    next(parts)
    next(parts)
    parts.close()  # type: ignore[attr-defined] # a generator
    assert desk.engine.pool.checkedout() == 0  # type: ignore[attr-defined] # of the pools in use
