"""A worker dies, or loses its connection, at one exact step of taking partitions over, of a commit, of a restore."""

import signal
from itertools import product, zip_longest
from typing import get_args

import pytest

from stream_app.lane.seams import VARIABLE, Seam
from tests.faults.link import Moment, Trap
from tests.faults.record import LONG
from tests.faults.scene import Scene

# How often the point is passed before it kills: deep enough into the work, and for "sent" between two topics.
PASSAGES = {"fenced": 1, "restored_some": 2, "restored": 1, "worked": 9, "sent": 8}
POINTS: tuple[str, ...] = get_args(Seam)
HALF = (len(POINTS) + 1) // 2
PAIRS = list(zip_longest(POINTS[:HALF], POINTS[HALF:], fillvalue="stored"))  # one for each worker: half the starts

COMMIT = ("AddPartitionsToTxn", "Produce", "AddOffsetsToTxn", "TxnOffsetCommit", "EndTxn")
TAKING_OVER = ("InitProducerId", "JoinGroup", "SyncGroup", "OffsetFetch")
MOMENTS: tuple[Moment, ...] = ("before", "after")
STEPS = list(product(COMMIT, MOMENTS))
KILLS: list[tuple[str, Moment]] = [("Produce", "before"), ("EndTxn", "before"), ("EndTxn", "after")]
LOSSES: list[tuple[str, Moment]] = [("AddPartitionsToTxn", "after"), ("TxnOffsetCommit", "after"), ("EndTxn", "after")]
times = pytest.mark.parametrize("number", range(3 if LONG else 1))


@pytest.mark.parametrize(("first", "second"), PAIRS)
async def test_kills_at_steps_of_the_lane_change_nothing(scene: Scene, first: str, second: str) -> None:
    armed = {scene.one: first, scene.two: second}
    async with scene.load():
        for member, point in armed.items():
            await member.let_go(signal.SIGKILL)
            if point == "restored_some":
                member.lose_disk()
        async with scene.fault("kill -9 of both workers, each at a step of the lane") as watch:
            runs = {member: len(member.endings) for member in armed}
            for member, point in armed.items():
                member.start(once={VARIABLE: f"{point}:{PASSAGES.get(point, 5)}"})
            for member in armed:
                assert (await member.ended(runs[member] + 1)).code == -signal.SIGKILL
            watch.begin()


@times
@pytest.mark.parametrize(("request_name", "moment"), STEPS if LONG else KILLS)
async def test_a_kill_at_a_request_of_a_commit_changes_nothing(
    scene: Scene, request_name: str, moment: Moment, number: int
) -> None:
    async with scene.load(), scene.fault(f"kill -9 {moment} {request_name} of a commit") as watch:
        trap = scene.stage.links["two"].set_trap(Trap(request_name, moment, 7 + number, scene.two.kill))
        await trap.sprung.wait()
        watch.begin()


@times
@pytest.mark.parametrize(("request_name", "moment"), STEPS if LONG else LOSSES)
async def test_a_connection_lost_at_a_request_of_a_commit_changes_nothing(
    scene: Scene, request_name: str, moment: Moment, number: int
) -> None:
    async with scene.load(), scene.fault(f"connection lost {moment} {request_name} of a commit") as watch:
        trap = scene.stage.links["two"].set_trap(Trap(request_name, moment, 5 + number))
        await trap.sprung.wait()
        watch.begin()


@pytest.mark.skipif(not LONG, reason="the long form's, make faults")
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("request_name", TAKING_OVER)
async def test_a_kill_while_partitions_are_taken_over_changes_nothing(
    scene: Scene, request_name: str, moment: Moment
) -> None:
    async with scene.load(), scene.fault(f"kill -9 {moment} {request_name} of taking partitions over") as watch:
        trap = scene.stage.links["two"].set_trap(Trap(request_name, moment, 1, scene.two.kill))
        scene.two.kill()
        await trap.sprung.wait()
        watch.begin()
