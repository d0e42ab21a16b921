"""Workers die, stop, come, go, freeze and crawl under load."""

import asyncio
import random
import signal
from pathlib import Path

import pytest

from tests.faults.crew import Member
from tests.faults.record import LONG
from tests.faults.scene import EVENTS_PER_SECOND, Scene

KILLS = 50 if LONG else 2
TIMES = 5 if LONG else 1
FROZEN_SECONDS = 9.0  # past the session's 6
SLOW_SECONDS, SLOW_RATE = (30.0, 6000) if LONG else (8.0, 4000)
ENOUGH, LONGEST_SLOW_SECONDS = SLOW_RATE // 2, 90.0  # records of backlog; how long to wait for so many
MORE_MEMORY_BYTES = 150 << 20

times = pytest.mark.parametrize("number", range(TIMES))


@pytest.mark.parametrize("number", range(KILLS))
async def test_a_kill_of_one_of_two_workers_changes_nothing(scene: Scene, number: int) -> None:
    chance = random.Random(number)
    async with scene.load():
        await asyncio.sleep(chance.random())  # anywhere between two commits, and in one
        async with scene.fault("kill -9 of one of two workers"):
            chance.choice([scene.one, scene.two]).kill()


@times
async def test_when_a_killed_worker_stays_away_the_other_takes_over(scene: Scene, number: int) -> None:
    gone = (scene.one, scene.two)[number % 2]
    async with scene.load():
        async with scene.fault("kill -9 of one of two workers that stays away"):
            await gone.let_go(signal.SIGKILL)
        async with scene.fault("it comes back"):
            gone.start()


async def test_a_kill_of_both_workers_at_once_changes_nothing(scene: Scene) -> None:
    async with scene.load(), scene.fault("kill -9 of both workers at once"):
        scene.one.kill()
        scene.two.kill()


@times
async def test_a_worker_told_to_stop_commits_and_leaves(scene: Scene, number: int) -> None:
    stopped = (scene.one, scene.two)[number % 2]
    async with scene.load(), scene.fault("SIGTERM of one of two workers, then a start"):
        assert await stopped.let_go() == 0
        stopped.start()


@times
async def test_both_workers_restart_one_by_one(scene: Scene, number: int) -> None:  # noqa: ARG001 - how often
    async with scene.load(), scene.fault("rolling restart of both workers"):
        for member in (scene.one, scene.two):
            before = scene.sent()
            assert await member.let_go() == 0
            member.start()
            await scene.passed(before)


@times
async def test_a_third_worker_comes_and_goes(scene: Scene, number: int) -> None:
    async with scene.load():
        third = scene.join("three")
        async with scene.fault("a third worker joins"):
            third.start()
            await scene.has_partitions(third)
        if number % 2:
            async with scene.fault("the third worker is killed"):
                await third.let_go(signal.SIGKILL)
        else:
            async with scene.fault("the third worker leaves (SIGTERM)"):
                assert await third.let_go() == 0


@times
async def test_a_worker_frozen_past_its_session_writes_nothing_when_it_wakes(scene: Scene, number: int) -> None:
    frozen = (scene.one, scene.two)[number % 2]
    async with scene.load():
        async with scene.fault("a worker frozen past its session (SIGSTOP); the other takes over"):
            frozen.send(signal.SIGSTOP)
        await asyncio.sleep(FROZEN_SECONDS - 6.0)  # its heir has begun to commit: the zombie's work is stale for sure
        async with scene.fault("the frozen worker wakes (SIGCONT)"):
            frozen.send(signal.SIGCONT)


async def test_workers_slower_than_the_feeds_lose_nothing_and_keep_their_memory(scene: Scene) -> None:
    async with scene.load():
        members = (scene.one, scene.two)
        before = {member.name: peak_bytes(member) for member in members}
        async with scene.fault("workers slower than the feeds"):
            scene.rate = SLOW_RATE
            backlog = await crawl(scene, members)
            scene.rate = EVENTS_PER_SECOND
            for member in members:
                member.send(signal.SIGCONT)
        assert backlog > ENOUGH, "the workers were not slower than the feeds"
        grown = {member.name: peak_bytes(member) - before[member.name] for member in members}
        assert all(more < MORE_MEMORY_BYTES for more in grown.values()), grown


async def crawl(scene: Scene, members: tuple[Member, ...]) -> int:
    """Let workers run for a twentieth of the time only; gives the largest backlog.

    A month's turn holds the feeds until it is worked: one that comes at once leaves no backlog for a while.
    """
    loop = asyncio.get_running_loop()
    began, backlog = loop.time(), 0
    while loop.time() < began + SLOW_SECONDS or (backlog <= ENOUGH and loop.time() < began + LONGEST_SLOW_SECONDS):
        for number, seconds in ((signal.SIGSTOP, 0.95), (signal.SIGCONT, 0.05)):
            for member in members:
                member.send(number)
            await asyncio.sleep(seconds)
            backlog = max(backlog, scene.backlog())
    return backlog


def peak_bytes(member: Member) -> int:
    status = Path(f"/proc/{member.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024
