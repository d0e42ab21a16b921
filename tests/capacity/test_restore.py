"""A desk's database is lost and put back from a backup: its cases and results are there, and nobody is told twice."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from sqlalchemy import Engine, insert

from stream_app.commands.common import load_policies
from stream_app.console.access.users import NewUser, add_user
from stream_app.console.cases.results import Result, record
from stream_app.console.channels.telling import tell
from stream_app.console.desk import Desk
from stream_app.console.store.access_tables import Session
from stream_app.console.store.database import open_engine, writing
from stream_app.console.store.work_tables import Case, Contact, Delivery, OutboxRecord
from stream_app.core.policy import PolicySet
from stream_app.local import LocalKafka
from tests.capacity.databases import Kept, OnPostgres, OnSqlite, beside, stream_app
from tests.console.cases.scene import called_id
from tests.console.channels.people import ENVIRONMENT, hook, task
from tests.console.channels.sinks import Sink, running_sink
from tests.console.databases import running_postgres
from tests.console.moments import START, SetClock
from tests.console.readmodel.reading import all_rows, rows_of
from tests.console.readmodel.records import Topics, later
from tests.e2e.desks import DeskOfASystem, desk_of
from tests.e2e.live import LONGEST_SECONDS, System, system
from tests.e2e.populations import POLICY

CALLED_BEFORE, CALLED_AFTER, UNTOUCHED, OPENED_AFTER, LAST = (called_id(number) for number in range(5))
HOOK = ", digest_above: 100, keeps_quiet: false"


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """Give an empty database of either kind."""
    if request.param == "sqlite":
        yield OnSqlite(tmp_path / "desk.db")
        return
    with running_postgres() as server, server.database(template="template1") as url:
        yield OnPostgres(server, url)


@pytest_asyncio.fixture
async def sink() -> AsyncIterator[Sink]:
    """Run what people are told through."""
    async with running_sink() as sink:
        yield sink


class Office:
    """A desk with one phone manager, the topics that it follows, and what was told."""

    def __init__(self, running: System, kept: Kept, sink: Sink, folder: Path) -> None:
        self.running, self.kept, self.sink = running, kept, sink
        self.channels = hook(folder, sink.url, HOOK)
        given = {"STREAM_APP_DESK_CHANNELS": str(folder / "channels.yaml"), **ENVIRONMENT, "HOOK_URL": sink.url}
        self._topics, self._opened = Topics(), list[Engine]()
        self.process: DeskOfASystem = desk_of(running, self.engine(), **given)
        self.environment = self.process.environment
        user = NewUser("li", "Li", "manager", None, (), None, "en")
        self.manager = add_user(self.desk(), user, secrets.token_urlsafe(12))

    def engine(self) -> Engine:
        """Open the database, as it is now."""
        self._opened.append(open_engine(self.kept.url))
        return self._opened[-1]

    def close(self) -> None:
        """Leave the database."""
        for engine in self._opened:
            engine.dispose()

    def desk(self) -> Desk:
        """Give a desk at rest on it."""
        return Desk(self.engine(), PolicySet(load_policies([self.running.policy])), SetClock(START), self.channels)

    async def warn_of(self, *customers: str) -> None:
        """Put a risk of each on the topics, as a worker does."""
        for customer in customers:
            fact = self._topics.risk(customer, "high")
            await self.running.feeder.put(fact.topic, fact.key, fact.value or b"", fact.timestamp_ms)
        await self.running.feeder.flush()

    def rows(self, table: Any) -> list[dict[str, Any]]:
        """Read a table."""
        engine = self.engine()
        found = rows_of(engine, table)
        engine.dispose()
        return found

    def case(self, customer: str) -> dict[str, Any]:
        """Give the one case of a customer."""
        [found] = [row for row in self.rows(Case) if row["subscriber_id"] == customer]
        return found

    def report(self, customer: str, outcome: str, **told: str) -> None:
        """Have the phone manager say what came of a call."""
        case = self.case(customer)
        record(self.desk(), case["case_id"], self.manager, Result(outcome, **told), case["version"])

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait for something that the desk does."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                while not reached():  # noqa: ASYNC110 - another process's state
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(self.process.said()) from None

    def is_quiet(self) -> bool:
        """Tell whether nothing waits to be told or published."""
        waiting = [row for row in self.rows(Delivery) if row["state"] == "waiting"]
        return not waiting and all(row["sent_at"] for row in self.rows(OutboxRecord))

    def told(self) -> Counter[str]:
        """Count what was told, by the customer it was of."""
        return Counter(received.json["subject"] for received in self.sink.received)

    async def published(self) -> list[dict[str, Any]]:
        """Read the results on the topic."""
        return [orjson.loads(found.value) for found in await self.running.records("task-results")]


@pytest_asyncio.fixture
async def office(kafka: LocalKafka, kept: Kept, sink: Sink, tmp_path: Path) -> AsyncIterator[Office]:
    """Open an office where it is START."""
    async with system(kafka.bootstrap, POLICY) as running:
        await running.tick(START)
        opened = Office(running, kept, sink, tmp_path)
        yield opened
        opened.close()


async def until_the_backup(office: Office, backup: Path) -> None:
    """Have three customers' cases; one was called, which is not published, and a message waits, as it is made."""
    await office.warn_of(CALLED_BEFORE, CALLED_AFTER, UNTOUCHED)
    await beside(stream_app, office.environment, "desk", "catch-up")  # as a desk reads, and sooner
    office.report(CALLED_BEFORE, "refused", reason="price")
    desk = office.desk()
    login = {"secret_hash": "x", "user_id": office.manager, "csrf": "c", "began_at": START, "ends_at": later(hours=12)}
    with writing(desk.engine) as connection:
        tell(connection, desk, "task_assigned", task(9), office.manager)
        connection.execute(insert(Session), [login])
    await beside(office.kept.back_up, backup, office.environment)


async def until_the_loss(office: Office, backup: Path) -> None:
    """Have what waited told and published, another customer called, and another case; then all of it is lost."""
    async with office.process.process() as process:
        await office.process.ready()
        await office.until(office.is_quiet)
        office.report(CALLED_AFTER, "accepted", measure="family_plan")
        await office.warn_of(OPENED_AFTER)
        await office.until(lambda: office.told()[OPENED_AFTER] == 1 and office.is_quiet())
        await beside(office.kept.back_up, backup.with_suffix(".later"), office.environment)  # while it serves
        process.kill()
        await process.wait()
    office.kept.lose()


@pytest.mark.slow
async def test_a_lost_desk_comes_back_with_what_came_since_and_tells_nobody_twice(
    office: Office, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    await until_the_backup(office, backup)
    await until_the_loss(office, backup)
    lost = await office.published()
    said = await beside(office.kept.restore, backup, office.environment)
    assert "1 cases opened" in said
    assert "results taken in again: 1" in said
    assert "in the dead box: 1" in said
    assert office.rows(Session) == []
    assert {office.case(each)["state"] for each in (UNTOUCHED, OPENED_AFTER)} == {"open"}
    assert office.case(CALLED_BEFORE)["close_reason"] == "refused"
    assert (office.case(CALLED_AFTER)["state"], office.case(CALLED_AFTER)["measure"]) == ("waiting", "family_plan")
    rows, told = all_rows(office.engine()), office.told()
    await beside(stream_app, office.environment, "desk", "rebuild")
    async with office.process.process():
        await office.process.ready()
        await office.process.caught_up()
        assert all_rows(office.engine()) == rows
        office.report(OPENED_AFTER, "reached")
        await office.warn_of(LAST)
        await office.until(lambda: office.told()[LAST] == 1 and office.is_quiet())
        assert office.told() == told + Counter([LAST])
    await assert_results_are_whole(office, lost)


async def assert_results_are_whole(office: Office, lost: list[dict[str, Any]]) -> None:
    """What is published again is the same record, and what is new has an id of its own."""
    published = await office.published()
    by_id = {event["event_id"]: event for event in published}
    assert all(by_id[event["event_id"]] == event for event in (*lost, *published))
    assert Counter(event["subscriber_id"] for event in by_id.values()) == Counter(
        [CALLED_BEFORE, CALLED_AFTER, OPENED_AFTER]
    )
    assert {row["event_id"] for row in office.rows(Contact)} == by_id.keys()
