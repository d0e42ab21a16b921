"""A sender that is killed and started again: all is told, and what is told twice has the same id."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from stream_app.console.channels.telling import tell
from stream_app.console.desk import Desk
from stream_app.console.store.database import writing
from tests.console.channels.people import ENVIRONMENT, deliveries, hook, task, with_user
from tests.console.channels.sinks import Reply, running_sink
from tests.house.sources import ROOT

COUNT = 12


@asynccontextmanager
async def worker(database_url: str, folder: Path, url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {**os.environ, **ENVIRONMENT, "HOOK_URL": url}
    command = [sys.executable, "-m", "tests.console.channels.worker", database_url, str(folder / "channels.yaml")]
    running = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment)
    try:
        yield running
    finally:
        running.kill()
        await running.wait()


@pytest.mark.slow
async def test_a_sender_that_is_killed_tells_all_and_repeats_itself_under_the_same_id(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    async with running_sink() as sink:
        desk = with_user(desk, hook(tmp_path, sink.url, ", digest_above: 100, keeps_quiet: false"))
        with writing(desk.engine) as connection:
            for number in range(COUNT):
                tell(connection, desk, "task_assigned", task(number), "m1")
        sink.replies.extend([Reply()] * 4 + [Reply(holds_on=True)])
        async with worker(database_url, tmp_path, sink.url), asyncio.timeout(120):
            while len(sink.received) < 5:  # noqa: ASYNC110 - the process tells nobody
                await asyncio.sleep(0.01)
        # Killed with the fifth taken by the receiver and not marked; the receiver's answer goes nowhere.
        sink.let_go.set()
        async with worker(database_url, tmp_path, sink.url), asyncio.timeout(120):
            while {row["state"] for row in deliveries(desk.engine)} != {"sent"}:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    told = Counter(received.headers["webhook-id"] for received in sink.received)
    assert set(told) == {row["delivery_id"] for row in deliveries(desk.engine)}
    assert sorted(told.values()) == [1] * (COUNT - 1) + [2]
