"""Following real topics: all that is committed, from where the database says, whatever moves that."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from stream_app.commands.common import load_policies
from stream_app.console.desk import Desk
from stream_app.console.readmodel.follow import Follower, TopicMadeAnew, read_ends
from stream_app.console.readmodel.positions import Place, Standing, put, standings
from stream_app.console.readmodel.rebuild import rebuild
from stream_app.console.store.database import open_engine, writing
from stream_app.console.store.migrate import migrate
from stream_app.console.store.read_tables import RiskChange
from stream_app.core.policy import PolicySet
from stream_app.local import LocalKafka
from tests.console.brokers import OwnTopics, own_topics
from tests.console.moments import SetClock
from tests.console.readmodel.reading import all_rows, rows_of
from tests.console.readmodel.records import Topics, later

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
        ends = await read_ends(self.own.bootstrap, self.own.names, self.own.partitions)
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
async def follows(kafka: LocalKafka, folder: Path) -> AsyncIterator[Follows]:
    engine = open_engine(f"sqlite:///{folder / 'desk.db'}")
    migrate(engine)
    async with own_topics(kafka.bootstrap, 2) as own:
        yield Follows(own, Desk(engine, PolicySet(load_policies([])), SetClock(later(days=1))))
    engine.dispose()


async def test_what_is_committed_is_read_and_nothing_is_left_behind(kafka: LocalKafka, tmp_path: Path) -> None:
    topics = Topics()
    async with follows(kafka, tmp_path) as it:
        await it.own.put_in_transaction([topics.risk("a", "high"), topics.tier("b", "C1")])
        await it.own.put_in_transaction([topics.risk("never", "high")], committed=False)
        await it.own.put([topics.event("balance.reported", "c", balance_fen=5)])
        async with it.following("earliest") as follower:
            await it.caught_up(follower)
            assert follower.seconds_behind(follower.lags()[0]) == 0
            assert all(lag.records == 0 for lag in follower.lags())
            await it.own.put_in_transaction([topics.risk("d", "watch")])
            await it.caught_up(follower)
        assert it.warned() == ["a", "d"]
        assert len(all_rows(it.desk.engine)["customers"]) == 4
        assert sorted(it.acted_on) == ["a", "b", "d"]


async def test_a_new_desk_gives_tasks_for_what_comes_from_now_on_and_one_that_starts_again_for_all(
    kafka: LocalKafka, tmp_path: Path
) -> None:
    topics = Topics()
    async with follows(kafka, tmp_path) as it:
        await it.own.put([topics.risk("old", "high")])
        async with it.following("now") as follower:
            await it.caught_up(follower)
        await it.own.put([topics.risk("meanwhile", "high")])
        async with it.following("now") as follower:
            await it.caught_up(follower)
        assert (it.warned(), it.acted_on) == (["meanwhile", "old"], ["meanwhile"])


async def test_a_rebuild_under_a_running_desk_is_noticed_and_tells_nobody(kafka: LocalKafka, tmp_path: Path) -> None:
    topics = Topics()
    async with follows(kafka, tmp_path) as it:
        await it.own.put([topics.risk(f"s{number}", "high") for number in range(20)])
        async with it.following("earliest") as follower:
            await it.caught_up(follower)
            rows, acted_on = all_rows(it.desk.engine), list(it.acted_on)
            with writing(it.desk.engine) as connection:
                rebuild(connection, follower.ends)
            await it.caught_up(follower)
        assert (all_rows(it.desk.engine), it.acted_on) == (rows, acted_on)


async def test_two_desks_on_one_database_read_each_record_once(kafka: LocalKafka, tmp_path: Path) -> None:
    topics = Topics()
    async with follows(kafka, tmp_path) as it, it.following("earliest") as first, it.following("earliest") as second:
        for number in range(10):
            await it.own.put([topics.risk(f"s{number}", "high")])
        await it.caught_up(first)
        await it.caught_up(second)
        assert sorted(it.acted_on) == it.warned() == sorted(f"s{number}" for number in range(10))


async def test_a_topic_made_anew_is_told_with_what_to_do(kafka: LocalKafka, tmp_path: Path) -> None:
    async with follows(kafka, tmp_path) as it:
        with writing(it.desk.engine) as connection:
            put(connection, {Place("churn-risk", 1): Standing(50, 50)})
        with pytest.raises(TopicMadeAnew, match=r"churn-risk, partition 1 ends at 0.*stream-app desk rebuild"):
            async with it.following():
                pass
