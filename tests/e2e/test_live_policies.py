"""A policy published while workers run is in force on all of them at one instant, without a restart and after one."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from stream_app.core.policy import Policy
from stream_app.local import LocalKafka
from stream_app.replay.shadowing import shadow_state
from stream_app.replay.topics_reader import TopicReader
from stream_app.wire.policy_file import parse_policy
from stream_app.worker.published import Given, published_policies, read_published
from stream_app.worker.publishing import NotPublished, announce
from tests.e2e.live import LONGEST_SECONDS, PARTITIONS, System, ready, system
from tests.e2e.test_service import fee

LIVE = """
version: {version}
effective_at: {effective_at}
billing: {{zone: UTC, grace_hours: 48}}
tiers: [{{code: TOP, floor_fen: {floor_fen}}}]
"""
NAMES = [f"s{number}" for number in range(8)]  # in both partitions


def text(version: str, effective_at: str, floor_fen: int) -> str:
    return LIVE.format(version=version, effective_at=effective_at, floor_fen=floor_fen)


def given(version: str, effective_at: datetime, floor_fen: int) -> Given:
    words = text(version, effective_at.isoformat(), floor_fen)
    return Given(parse_policy(words, version), words)


async def changes(running: System, wanted: int) -> list[dict[str, str]]:
    """Wait for so many tier changes, and give them."""
    found: list[dict[str, str]] = []
    async with (
        asyncio.timeout(LONGEST_SECONDS),
        TopicReader(running.bootstrap, [running.names.full("tier-changes")], PARTITIONS) as reader,
    ):
        while len(found) < wanted:
            found += [orjson.loads(record.value) async for record in reader.new_records()]
    return found


@pytest.mark.slow
async def test_a_version_reaches_all_workers_without_a_restart_and_is_known_after_one(kafka: LocalKafka) -> None:
    async with system(kafka.bootstrap, text("live-1", "2017-01-01T00:00:00Z", 90_000)) as running:
        async with running.workers(2, STREAM_APP_TICK_SECONDS="0.2") as workers:
            await ready(workers.ports)
            for name in NAMES:
                await running.send(fee(name, 200_000))
            await running.feeder.flush()
            second = given("live-2", datetime.now(UTC) + timedelta(seconds=5), 10_000)
            assert (await announce(running.bootstrap, running.names, second)).is_new
            told = await changes(running, len(NAMES))
            assert workers.restarts == 0
        assert {change["subscriber_id"] for change in told} == set(NAMES)
        assert {(change["reason"], change["policy_version"], change["to"]) for change in told} == {
            ("policy", "live-2", "TOP")
        }
        assert len({change["occurred_at"] for change in told}) == 1
        assert datetime.fromisoformat(told[0]["occurred_at"]) >= second.policy.effective_at
        async with running.workers(1, STREAM_APP_TICK_SECONDS="0.2") as workers:
            await ready(workers.ports)
            await running.send(fee("late", 200_000))
            await running.feeder.flush()
            assert (await changes(running, len(NAMES) + 1))[-1]["policy_version"] == "live-2"


async def shadow(running: System, candidate: Policy) -> Any:
    """Try a candidate on the state of a system."""
    live = published_policies((await read_published(running.bootstrap, running.names.policies))[0])
    assert live is not None
    return await shadow_state(running.bootstrap, running.names, PARTITIONS, live, candidate, lambda _: 40)


@pytest.mark.slow
async def test_a_candidate_is_tried_on_the_state_and_a_version_that_does_not_fit_is_refused(kafka: LocalKafka) -> None:
    async with system(kafka.bootstrap, text("live-1", "2017-01-01T00:00:00Z", 90_000)) as running:
        async with running.workers(1, STREAM_APP_TICK_SECONDS="0.2") as workers:
            await ready(workers.ports)
            await running.send(fee("s1", 300_000))
            await running.feeder.flush()
            await changes(running, 1)
        report = await shadow(running, given("dearer", datetime.now(UTC), 1_000_000).policy)
        assert (report["customers"], report["changed"]) == (1, 1)
        assert [(move["live"], move["candidate"], move["examples"]) for move in report["moves"]] == [
            ("TOP", None, ["s1"])
        ]
        later = datetime.now(UTC) + timedelta(days=30)
        assert (await announce(running.bootstrap, running.names, given("live-2", later, 1))).is_new
        assert not (await announce(running.bootstrap, running.names, given("live-2", later, 1))).is_new
        for refused, message in (
            (given("live-3", datetime.now(UTC) - timedelta(days=1), 1), "is past: the clock of the workers is at"),
            (given("live-2", later, 2), "is there already"),
            (given("live-3", later, 1), "the same effective_at"),
            (_elsewhere(later + timedelta(days=1)), "zone and billing.anchor_day must be the same"),
        ):
            with pytest.raises(NotPublished, match=message):
                await announce(running.bootstrap, running.names, refused)


def _elsewhere(effective_at: datetime) -> Given:
    words = text("live-3", effective_at.isoformat(), 1).replace("zone: UTC", "zone: Asia/Shanghai")
    return Given(parse_policy(words, "live-3"), words)
