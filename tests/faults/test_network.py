"""The network between a worker and the broker stands still, or breaks, under load."""

import asyncio

import pytest

from tests.faults.record import LONG
from tests.faults.scene import Scene

STALL_SECONDS = 9.0  # past the session's 6: the partitions have another owner when the late requests arrive
LONG_SECONDS = 45.0  # past the 30 s in which a commit must be acked
STALLS = ["requests and answers", "answers", *(["requests"] if LONG else [])]


@pytest.mark.parametrize("held", STALLS)
async def test_a_link_that_stands_still_and_then_delivers_all_changes_nothing(scene: Scene, held: str) -> None:
    link = scene.stage.links["two"]
    async with scene.load():
        async with scene.fault(f"{held} of a worker held up past its session; the other takes over"):
            link.stall(requests="requests" in held, answers="answers" in held)
        await asyncio.sleep(STALL_SECONDS - 6.0)
        async with scene.fault(f"{held} held up arrive late"):
            link.resume()


async def test_a_link_that_breaks_changes_nothing(scene: Scene) -> None:
    async with scene.load(), scene.fault("every connection of a worker breaks"):
        await scene.stage.links["two"].cut()


@pytest.mark.skipif(not LONG, reason="takes a minute: the long form's, make faults")
async def test_links_that_stand_still_for_long_end_the_workers_and_change_nothing(scene: Scene) -> None:
    async with scene.load(), scene.fault(f"no worker reaches the broker for {LONG_SECONDS:.0f} s"):
        for link in scene.stage.links.values():
            link.stall()
        await asyncio.sleep(LONG_SECONDS)
        for link in scene.stage.links.values():
            link.resume()
