"""A worker dies, or loses its connection, at one exact step of taking partitions over, of a commit, of a restore."""

import signal
from typing import get_args

import pytest

from stream_app.lane.seams import VARIABLE, Seam
from tests.faults.link import Moment, Trap
from tests.faults.record import LONG
from tests.faults.scene import Scene

# How often the point is passed before it kills: deep enough into the work, and for "sent" between two topics.
PASSAGES = {"fenced": 1, "restored_some": 2, "restored": 1, "worked": 9, "sent": 8}
COMMIT = ("AddPartitionsToTxn", "Produce", "AddOffsetsToTxn", "TxnOffsetCommit", "EndTxn")
TAKING_OVER = ("InitProducerId", "JoinGroup", "SyncGroup", "OffsetFetch")
MOMENTS: tuple[Moment, ...] = ("before", "after")


@pytest.mark.parametrize("point", get_args(Seam))
async def test_a_kill_at_a_step_of_the_lane_changes_nothing(scene: Scene, point: str) -> None:
    two = scene.two
    async with scene.load():
        await two.let_go(signal.SIGKILL)
        if point == "restored_some":
            two.lose_disk()
        runs = len(two.endings)
        async with scene.fault("kill -9 at a step of the lane (start, step, start)"):
            two.start(once={VARIABLE: f"{point}:{PASSAGES.get(point, 5)}"})
            assert (await two.ended(runs + 1)).code == -signal.SIGKILL


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("request_name", COMMIT)
async def test_a_kill_at_a_request_of_a_commit_changes_nothing(scene: Scene, request_name: str, moment: Moment) -> None:
    async with scene.load(), scene.fault(f"kill -9 {moment} a request of a commit"):
        trap = scene.stage.links["two"].set_trap(Trap(request_name, moment, 7, scene.two.kill))
        await trap.sprung.wait()


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("request_name", COMMIT if LONG else ("Produce", "EndTxn"))
async def test_a_connection_lost_at_a_request_of_a_commit_changes_nothing(
    scene: Scene, request_name: str, moment: Moment
) -> None:
    async with scene.load(), scene.fault(f"connection lost {moment} a request of a commit"):
        trap = scene.stage.links["two"].set_trap(Trap(request_name, moment, 5))
        await trap.sprung.wait()


@pytest.mark.skipif(not LONG, reason="the long form's, make faults")
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("request_name", TAKING_OVER)
async def test_a_kill_while_partitions_are_taken_over_changes_nothing(
    scene: Scene, request_name: str, moment: Moment
) -> None:
    async with scene.load(), scene.fault(f"kill -9 {moment} a request of taking partitions over"):
        trap = scene.stage.links["two"].set_trap(Trap(request_name, moment, 1, scene.two.kill))
        scene.two.kill()
        await trap.sprung.wait()
