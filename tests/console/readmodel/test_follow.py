"""Following real topics: all that is committed, from where the database says, whatever moves that."""

from pathlib import Path

import pytest

from stream_app.console.readmodel.follow import TopicMadeAnew
from stream_app.console.readmodel.positions import Place, Standing, put
from stream_app.console.readmodel.rebuild import rebuild
from stream_app.console.store.database import writing
from stream_app.local import LocalKafka
from tests.console.readmodel.following import follows
from tests.console.readmodel.reading import all_rows
from tests.console.readmodel.records import Topics


async def test_what_is_committed_is_read_and_nothing_is_left_behind(kafka: LocalKafka, tmp_path: Path) -> None:
    topics = Topics()
    async with follows(kafka.bootstrap, tmp_path) as it:
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
    async with follows(kafka.bootstrap, tmp_path) as it:
        await it.own.put([topics.risk("old", "high")])
        async with it.following("now") as follower:
            await it.caught_up(follower)
        await it.own.put([topics.risk("meanwhile", "high")])
        async with it.following("now") as follower:
            await it.caught_up(follower)
        assert (it.warned(), it.acted_on) == (["meanwhile", "old"], ["meanwhile"])


async def test_a_rebuild_under_a_running_desk_is_noticed_and_tells_nobody(kafka: LocalKafka, tmp_path: Path) -> None:
    topics = Topics()
    async with follows(kafka.bootstrap, tmp_path) as it:
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
    async with (
        follows(kafka.bootstrap, tmp_path) as it,
        it.following("earliest") as first,
        it.following("earliest") as second,
    ):
        for number in range(10):
            await it.own.put([topics.risk(f"s{number}", "high")])
        await it.caught_up(first)
        await it.caught_up(second)
        assert sorted(it.acted_on) == it.warned() == sorted(f"s{number}" for number in range(10))


async def test_a_topic_made_anew_is_told_with_what_to_do(kafka: LocalKafka, tmp_path: Path) -> None:
    async with follows(kafka.bootstrap, tmp_path) as it:
        with writing(it.desk.engine) as connection:
            put(connection, {Place("churn-risk", 1): Standing(50, 50)})
        with pytest.raises(TopicMadeAnew, match=r"churn-risk, partition 1 ends at 0.*stream-app desk rebuild"):
            async with it.following():
                pass
