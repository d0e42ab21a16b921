"""The broker stops and dies under load, and comes back."""

import asyncio

import pytest

from tests.faults.record import LONG
from tests.faults.scene import Scene

times = pytest.mark.parametrize("number", range(5 if LONG else 1))
DOWN_SECONDS = 2.0
LONG_SECONDS = 45.0  # past every patience of a worker: it ends, and is started in vain for a while


@times
async def test_a_broker_that_is_stopped_and_started_loses_nothing(scene: Scene, number: int) -> None:  # noqa: ARG001
    kafka = scene.stage.kafka
    async with scene.load(), scene.fault(f"broker stopped (SIGTERM), down for {DOWN_SECONDS:.0f} s, started"):
        await asyncio.to_thread(kafka.stop)
        await asyncio.sleep(DOWN_SECONDS)
        await asyncio.to_thread(kafka.start)


@times
async def test_a_broker_that_is_killed_and_started_loses_nothing(scene: Scene, number: int) -> None:  # noqa: ARG001
    kafka = scene.stage.kafka
    async with scene.load(), scene.fault("broker killed (kill -9) and started"):
        await asyncio.to_thread(kafka.kill)
        await asyncio.to_thread(kafka.start)


@pytest.mark.skipif(not LONG, reason="takes a minute: the long form's, make faults")
async def test_a_broker_that_is_down_for_long_is_waited_for(scene: Scene) -> None:
    kafka = scene.stage.kafka
    async with scene.load(), scene.fault(f"broker killed, down for {LONG_SECONDS:.0f} s"):
        await asyncio.to_thread(kafka.kill)
        await asyncio.sleep(LONG_SECONDS)
        await asyncio.to_thread(kafka.start)
