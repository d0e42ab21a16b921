"""Both workers are killed and both data folders are gone, under load: what comes back is exactly what the rules say."""

import asyncio
import signal

from tests.faults.record import Record
from tests.faults.scene import Scene, scene
from tests.faults.stage import Stage

FAULT = "kill -9 of both workers, and both data folders are gone"


async def lose_all_disks(rate: int, times: int) -> list[str]:
    """Do it some times on a system of its own; gives the figures as lines."""
    record = Record()
    async with Stage() as stage, scene(stage, record) as running:
        for _ in range(times):
            await lose_both(running, rate)
    return list(record.lines())


async def lose_both(running: Scene, rate: int) -> None:
    """Do it once; the scene holds facts, subscribers, months and letters against the offline engine."""
    workers = running.one, running.two
    async with running.load(rate), running.fault(FAULT):
        await asyncio.gather(*(worker.let_go(signal.SIGKILL) for worker in workers))
        for worker in workers:
            worker.lose_disk()
            worker.start()
