"""A desk as a process of its own, beside the workers of a running system."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Engine

from stream_app.console.readmodel.behind import behind
from stream_app.console.readmodel.feeds import FOLLOWED, Record
from stream_app.console.readmodel.follow import read_bounds
from stream_app.console.store.database import reading
from stream_app.console.store.migrate import migrate
from stream_app.local.ports import free_port
from tests.e2e.live import LONGEST_SECONDS, PARTITIONS, System, fetch

STOP_SECONDS = 20.0


class DeskOfASystem(NamedTuple):
    """A desk's database, and how its process is started; processes come and go."""

    running: System
    engine: Engine
    port: int
    environment: Mapping[str, str]

    @asynccontextmanager
    async def process(self) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run the desk; leaving stops it with SIGTERM, and it ends well unless it was killed before."""
        with (self.running.folder / "desk.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "stream_app", "desk", "serve", env={**os.environ, **self.environment},
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            yield process
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                assert await asyncio.wait_for(process.wait(), STOP_SECONDS) == 0, self.said()
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def ready(self) -> dict[str, Any]:
        """Wait until the desk says that it is ready; give what it says."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while (answer := await fetch(self.port, "/readyz"))[0] != 200:  # noqa: ASYNC110 - another process's state
                await asyncio.sleep(0.05)
        found: dict[str, Any] = orjson.loads(answer[1])
        return found

    async def records_behind(self) -> int:
        """Count what the desk has not read of what is on the topics now."""
        _, ends = await read_bounds(self.running.bootstrap, self.running.names, PARTITIONS)
        with reading(self.engine) as connection:
            return sum(lag.records for lag in behind(connection, ends))

    async def caught_up(self) -> None:
        """Wait until the desk has read all that is on the topics now."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                while await self.records_behind():  # noqa: ASYNC110 - another process's state
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(self.said()) from None

    async def records(self) -> list[Record]:
        """Read all that the desk follows, topic by topic."""
        return [
            Record(topic, found.partition, found.offset, found.timestamp, found.key, found.value)
            for topic in FOLLOWED
            for found in await self.running.records(topic)
        ]

    def said(self) -> str:
        """Give the end of the process's log."""
        return "\n".join((self.running.folder / "desk.log").read_text(errors="replace").splitlines()[-40:])


def desk_of(running: System, engine: Engine, **settings: str) -> DeskOfASystem:
    """Make the desk of a system on a database, whose tables are made; it acts on all, by the clock of the stream."""
    migrate(engine)
    port = free_port()
    environment = {
        **running.environment(),
        "STREAM_APP_POLICIES": str(running.policy),
        "STREAM_APP_DESK_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "STREAM_APP_DESK_WEB_PORT": str(port),
        "STREAM_APP_DESK_CLOCK": "stream",
        "STREAM_APP_DESK_ACT_FROM": "earliest",
        **settings,
    }
    return DeskOfASystem(running, engine, port, environment)
