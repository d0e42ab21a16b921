"""The desk beside a real worker: its rows are what the topics say, whatever is killed, made anew or read again."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, func, select

from stream_app.commands.common import load_policies
from stream_app.console.catalogue import CATALOGUE
from stream_app.console.desk import Desk
from stream_app.console.readmodel.feeds import FOLLOWED
from stream_app.console.readmodel.project import project
from stream_app.console.store.base import Table
from stream_app.console.store.database import open_engine, reading, writing
from stream_app.console.store.migrate import migrate
from stream_app.console.store.read_tables import TierChange
from stream_app.console.store.work_tables import Case, CaseEvent, Contact, Delivery, OutboxRecord
from stream_app.core.policy import PolicySet
from stream_app.local import LocalKafka
from stream_app.worker.catalogue import PREFIX
from tests.console.databases import running_postgres
from tests.console.readmodel.reading import all_rows, rows_of
from tests.e2e.desks import DeskOfASystem, desk_of
from tests.e2e.live import LONGEST_SECONDS, System, fetch, system
from tests.e2e.outcome import Case as Story
from tests.e2e.populations import POLICY, START, simulated
from tests.e2e.test_service import run

WORK: tuple[type[Table], ...] = (Case, CaseEvent, Contact, Delivery, OutboxRecord)


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Give an empty database without tables; that of the demo, SQLite, is tried with the demo."""
    with running_postgres() as server, server.database(template="template1") as url:
        opened = open_engine(url)
        yield opened
        opened.dispose()


async def play(running: System, story: Story, first: int, last: int) -> None:
    """Send a part of a story, with a tick at each midnight that it passes."""
    for number in range(first, min(last, len(story.lines))):
        event = orjson.loads(story.lines[number])
        await running.send(event)
        if number % 250 == 249:
            await running.tick(datetime.fromisoformat(event["occurred_at"]))
    await running.feeder.flush()


def by_themselves(records: Any, tmp_path: Path) -> Any:
    """Project records into a database of their own, all at once."""
    engine = open_engine(f"sqlite:///{tmp_path / 'expected.db'}")
    migrate(engine)
    desk = Desk(engine, PolicySet(load_policies([tmp_path / "policy.yaml"])), lambda: START)
    with writing(engine) as connection:
        project(connection, desk, records)
    found = all_rows(engine)
    engine.dispose()
    return found


def work(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    return {table.__tablename__: rows_of(engine, table) for table in WORK}


@pytest.mark.slow
async def test_rows_are_what_the_topics_say_after_a_kill_and_after_a_rebuild_that_tells_nobody(
    kafka: LocalKafka, engine: Engine, tmp_path: Path
) -> None:
    story = simulated(events=4_000, subscribers=50, days=95, usage_per_day=0.3)
    (tmp_path / "policy.yaml").write_text(POLICY)
    async with system(kafka.bootstrap, POLICY) as running, running.workers(1):
        desk = desk_of(running, engine)
        await running.tick(START)
        await play_with_a_kill(desk, story)
        await running.tick(story.until, story.until + timedelta(days=40))
        await running.worked()
        async with desk.process():
            await desk.caught_up()
            rows, cases = all_rows(engine), work(engine)
            assert rows == by_themselves(await desk.records(), tmp_path)
            assert len(rows["customers"]) == 50
            assert len(rows["months"]) > 100
            assert len(rows["risk_changes"]) > 20
            assert len(cases["cases"]) > 5
            await assert_tells(desk, len(cases["cases"]))
            code, said = await run("desk", "rebuild", **desk.environment)
            assert (code, "stop that desk first" in said) == (1, True), said
        code, said = await run("desk", "rebuild", **desk.environment)
        assert code == 0, said
        async with desk.process():
            await rebuilt(desk)
            assert all_rows(engine) == rows
            assert work(engine) == cases


async def play_with_a_kill(desk: DeskOfASystem, story: Story) -> None:
    """Send the story while the desk is killed in the midst of reading."""
    async with desk.process() as process:
        await desk.ready()
        sending = asyncio.create_task(play(desk.running, story, 0, len(story.lines)))
        async with asyncio.timeout(LONGEST_SECONDS):
            while not tier_changes(desk.engine):  # noqa: ASYNC110 - another process's state
                await asyncio.sleep(0.02)
        process.kill()
        await process.wait()
        await sending


def tier_changes(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(TierChange)).scalar_one()


async def rebuilt(desk: DeskOfASystem) -> None:
    await desk.ready()
    await desk.caught_up()
    code, said = await run("desk", "status", **desk.environment)
    assert code == 0, said
    assert said.count("all is read") == len(FOLLOWED), said


async def assert_tells(desk: DeskOfASystem, cases: int) -> None:
    """Health and metrics say how the desk does, and name nobody."""
    assert (await desk.ready())["ready"]
    assert (await fetch(desk.port, "/healthz"))[0] == 200
    _, page = await fetch(desk.port, "/metrics")
    families = {family.name: family for family in text_string_to_metric_families(page.decode())}
    assert {f"{PREFIX}{entry.name}".removesuffix("_total") for entry in CATALOGUE} <= families.keys()
    shown = families[f"{PREFIX}desk_cases"].samples
    assert sum(sample.value for sample in shown) == cases
    with reading(desk.engine) as connection:
        names = connection.execute(select(Case.subscriber_id)).scalars().all()
    assert not any(f'"{name}"'.encode() in page for name in names)
