"""A desk of SQLite that follows topics of a test's own, for a while each time."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from stream_app.commands.common import load_policies
from stream_app.console.desk import Desk
from stream_app.console.readmodel.follow import Follower, read_bounds
from stream_app.console.readmodel.positions import Place, Standing, standings
from stream_app.console.store.database import open_engine, writing
from stream_app.console.store.migrate import migrate
from stream_app.console.store.read_tables import RiskChange
from stream_app.core.policy import PolicySet
from tests.console.brokers import OwnTopics, own_topics
from tests.console.moments import SetClock
from tests.console.readmodel.reading import rows_of
from tests.console.readmodel.records import later

LONGEST_SECONDS = 60.0


class Follows:
    """A desk that follows a test's topics, for a while each time."""

    def __init__(self, own: OwnTopics, desk: Desk) -> None:
        self.own, self.desk = own, desk
        self.acted_on: list[str] = []

    def act(self, _connection: Connection, _desk: Desk, facts: Sequence[Mapping[str, Any]]) -> None:
        """Take down what calls for action."""
        self.acted_on += [fact["subscriber_id"] for fact in facts]

    @asynccontextmanager
    async def following(self, act_from: str = "now") -> AsyncIterator[Follower]:
        """Follow until the context ends."""
        given = self.own.bootstrap, self.own.names, self.own.partitions
        async with Follower(*given, self.desk, self.act) as follower:
            await follower.begin(act_from)
            jobs = [
                asyncio.create_task(follower.run(lambda _projected, _seconds: None)),
                asyncio.create_task(follower.watch_ends()),
            ]
            try:
                yield follower
            finally:
                for job in jobs:
                    job.cancel()
                    with suppress(asyncio.CancelledError):
                        await job

    async def caught_up(self, follower: Follower) -> None:
        """Wait until all that is on the topics now is read."""
        _, ends = await read_bounds(self.own.bootstrap, self.own.names, self.own.partitions)
        async with asyncio.timeout(LONGEST_SECONDS):
            while any(self._standings()[place].read_to < end for place, end in ends.items()):  # noqa: ASYNC110 - below
                await asyncio.sleep(0.02)
            while follower.records_behind():  # noqa: ASYNC110 - the ends are asked once a second
                await asyncio.sleep(0.02)

    def _standings(self) -> dict[Place, Standing]:
        with writing(self.desk.engine) as connection:
            return standings(connection)

    def warned(self) -> list[str]:
        """List whose risk is known."""
        return sorted(row["subscriber_id"] for row in rows_of(self.desk.engine, RiskChange))


@asynccontextmanager
async def follows(bootstrap: str, folder: Path) -> AsyncIterator[Follows]:
    """Make the topics and the desk."""
    engine = open_engine(f"sqlite:///{folder / 'desk.db'}")
    migrate(engine)
    async with own_topics(bootstrap, 2) as own:
        yield Follows(own, Desk(engine, PolicySet(load_policies([])), SetClock(later(days=1))))
    engine.dispose()
