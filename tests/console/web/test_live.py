"""Open pages are told that something of theirs changed, and end when they should."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, Engine, insert

from stream_app.console.access.viewer import Viewer
from stream_app.console.store.base import Table
from stream_app.console.store.database import open_engine, writing
from stream_app.console.store.work_tables import CaseEvent
from stream_app.console.web import live
from stream_app.console.web.live import MOST_PER_SESSION, Change, Hub, Listener, stream
from tests.console.moments import START
from tests.console.web.conftest import Browsing
from tests.console.web.seeding import BRANCH, OTHER_BRANCH, seed

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BOUND_SECONDS = 20


def viewer(user_id: str, role: str = "manager", branch_id: str | None = BRANCH) -> Viewer:
    return Viewer(user_id, user_id, role, branch_id, "en", "token")


def happen(connection: Connection, case_id: str, **detail: str) -> None:
    row = {"case_id": case_id, "at": START, "kind": "handed_over", "detail": detail, "note": ""}
    connection.execute(insert(CaseEvent).values(row))


async def test_a_change_wakes_the_pages_of_who_has_the_case_had_it_and_oversees_it(engine: Engine) -> None:
    with writing(engine) as connection:
        seed(connection, START)
    hub = Hub()
    people = {
        "li": viewer("u-li"),
        "wang": viewer("u-wang"),
        "zhao": viewer("u-zhao", branch_id=OTHER_BRANCH),
        "sun": viewer("u-sun", "supervisor"),
        "zhou": viewer("u-zhou", "supervisor", OTHER_BRANCH),
        "wu": viewer("u-wu", "supervisor", None),
        "boss": viewer("u-boss", "management", None),
    }
    with _all_listening(hub, people) as listeners:
        await hub.look(engine)  # what came before the pages were made is theirs already
        for listener in listeners.values():
            listener.woken.clear()
        with writing(engine) as connection:
            happen(connection, "case-wang", **{"from": "u-li", "to": "u-wang"})
        await hub.look(engine)
        assert {name for name, each in listeners.items() if each.woken.is_set()} == {"li", "wang", "sun", "wu"}
        for listener in listeners.values():
            listener.woken.clear()
        await hub.look(engine)
        assert not any(each.woken.is_set() for each in listeners.values())


class _all_listening:  # noqa: N801 - it reads as a with statement
    def __init__(self, hub: Hub, people: dict[str, Viewer]) -> None:
        self.opened = {name: hub.listening(each, name, 0, 0) for name, each in people.items()}

    def __enter__(self) -> dict[str, Listener]:
        return {name: each.__enter__() for name, each in self.opened.items()}

    def __exit__(self, *_: object) -> None:
        for each in self.opened.values():
            each.__exit__(None, None, None)


def test_a_page_that_knows_all_is_not_woken_and_one_that_missed_something_is() -> None:
    hub, somebody = Hub(), viewer("u-li")
    with hub.listening(somebody, "a", 7, 7) as first:
        assert not first.woken.is_set()
        with hub.listening(somebody, "b", 6, 7) as late, hub.listening(somebody, "c", 6, 6) as overtaken:
            assert late.woken.is_set()
            assert overtaken.woken.is_set()  # others were told of 7 before it listened


async def test_what_happens_between_making_a_page_and_the_first_look_is_not_missed(engine: Engine) -> None:
    with writing(engine) as connection:
        seed(connection, START)
        shown_to = live.last_event(connection)
    hub = Hub()
    with hub.listening(viewer("u-li"), "s", shown_to, shown_to) as listener:
        with writing(engine) as connection:
            happen(connection, "case-li")
        await hub.look(engine)
        assert listener.woken.is_set()


async def test_a_change_whose_number_is_committed_after_a_later_one_is_told_too(engine: Engine) -> None:
    with writing(engine) as connection:
        seed(connection, START)
        shown_to = live.last_event(connection)
    row = {"at": START, "kind": "note", "detail": {}, "note": ""}
    hub = Hub()
    with (
        hub.listening(viewer("u-li"), "s", shown_to, shown_to) as mine,
        hub.listening(viewer("u-wang"), "t", shown_to, shown_to) as others,
    ):
        for number, case_id, woken in ((2, "case-li", mine), (1, "case-wang", others)):
            with writing(engine) as connection:
                connection.execute(insert(CaseEvent).values({**row, "event_no": shown_to + number, "case_id": case_id}))
            await hub.look(engine)
            assert [each.woken.is_set() for each in (mine, others)] == [woken is mine, woken is others]
            woken.woken.clear()


def test_a_case_of_no_branch_is_every_supervisor_s() -> None:
    change = Change(1, None, frozenset())
    assert Listener(viewer("u-sun", "supervisor"), "s").is_meant(change)
    assert not Listener(viewer("u-li"), "s").is_meant(change)


async def test_a_stream_tells_of_changes_and_is_alive_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
    hub = Hub()
    with hub.listening(viewer("u-li"), "s", 0, 1) as listener:
        sent = stream(hub, listener)
        assert await next_of(sent) == "event: tasks\ndata: changed\n\n"
        assert await next_of(sent) == ": still here\n\n"
        listener.woken.set()
        while "event: tasks" not in await next_of(sent):
            pass
        hub.close()
        assert [part async for part in sent if part.startswith("event")] == []


async def next_of(sent: AsyncIterator[str]) -> str:
    return await asyncio.wait_for(anext(sent), BOUND_SECONDS)


async def test_a_hub_that_is_closed_ends_its_streams_at_once() -> None:
    hub = Hub()
    with hub.listening(viewer("u-li"), "s", 0, 1) as listener:
        sent = stream(hub, listener)
        await next_of(sent)
        waiting = asyncio.create_task(next_of(sent))
        await asyncio.sleep(0)
        hub.close()
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(waiting, BOUND_SECONDS)


async def test_a_database_that_cannot_be_asked_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.01)
    hub, engine = Hub(), open_engine(f"sqlite:///{tmp_path / 'desk.db'}")  # it has no tables yet
    with hub.listening(viewer("u-li"), "s", 0, 1) as listener:
        looking = asyncio.create_task(hub.run(engine))
        while "open pages are not told of changes" not in caplog.text:  # noqa: ASYNC110 - a log is looked at
            await asyncio.sleep(0.01)
        Table.metadata.create_all(engine)
        with writing(engine) as connection:
            seed(connection, START)
        await asyncio.sleep(0.05)
        listener.woken.clear()
        while not listener.woken.is_set():
            with writing(engine) as connection:
                happen(connection, "case-li")
            await asyncio.sleep(0.05)
        looking.cancel()
    engine.dispose()


def test_a_session_has_so_many_streams_and_no_more() -> None:
    hub = Hub()
    opened = [hub.listening(viewer("u-li"), "one", 0, 0) for _ in range(MOST_PER_SESSION)]
    for each in opened:
        assert not hub.is_full("one")
        each.__enter__()
    assert hub.is_full("one")
    assert not hub.is_full("another")
    opened[0].__exit__(None, None, None)
    assert not hub.is_full("one")


@on_sqlite
async def test_the_address_of_the_stream_asks_for_a_login_and_refuses_one_page_too_many(
    browsing: Browsing, app: FastAPI
) -> None:
    async with browsing() as browser:
        answer = await browser.get("/live", headers={"accept": "text/event-stream"})
        assert (answer.status_code, "location" in answer.headers) == (401, False)
    async with browsing("li") as browser:
        app.state.means.hub.close()
        answer = await browser.get("/live")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


@on_sqlite
async def test_the_stream_of_a_page_ends_once_its_session_has(browsing: Browsing, app: FastAPI) -> None:
    hub: Hub = app.state.means.hub
    async with browsing("li") as browser, browsing("li") as other:
        opened = asyncio.create_task(browser.get("/live"))  # the client under test gives the whole stream at its end
        while not hub.is_listened_to:  # noqa: ASYNC110 - the hub tells nobody that it is listened to
            await asyncio.sleep(0.01)
        other.cookies, other.csrf = browser.cookies, browser.csrf
        await other.fill("/logout")
        hub.wake_all()
        answer = await asyncio.wait_for(opened, BOUND_SECONDS)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.count("event: tasks") <= 1
