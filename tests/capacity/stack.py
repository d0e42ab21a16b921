"""A whole system on this machine: broker, two workers, the desk, Prometheus; each a process of its own."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from stream_app.console.desk import Desk
from stream_app.local import LocalKafka
from stream_app.local.ports import free_port
from stream_app.worker import topics
from stream_app.worker.topics import Names
from tests.bench.size.load import Target, load
from tests.bench.size.population import Standing
from tests.capacity.people import keep_calling, open_desk, take_on
from tests.capacity.prometheus import SCRAPE_SECONDS, Prometheus, Scraped, running_prometheus
from tests.console.channels.people import ENVIRONMENT, hook
from tests.console.channels.sinks import running_sink
from tests.e2e.live import fetch
from tests.faults.crew import Crew, Member

PARTITIONS, WORKERS = 4, 2
NAMES = Names("", "stream-app")
LONGEST_SECONDS, LOOK_SECONDS, PATIENCE_SECONDS = 900.0, 0.1, 20.0
# A folder that stands is started from again: what compaction would do to the changelog is left out.
BROKER = {"log.cleaner.enable": "false"}

Tell = Callable[[str], None]


class Stack(NamedTuple):
    """A running system."""

    broker: LocalKafka
    target: Target
    workers: list[Member]
    desk: asyncio.subprocess.Process
    desk_port: int
    prometheus: Prometheus
    folder: Path

    async def ready(self) -> float:
        """Wait until all partitions are at work at the workers; gives the seconds that it took."""
        began = time.perf_counter()
        async with asyncio.timeout(LONGEST_SECONDS):
            while not await self._holds_all():  # noqa: ASYNC110 - another process's state
                await asyncio.sleep(LOOK_SECONDS)
        return time.perf_counter() - began

    async def desk_ready(self) -> None:
        """Wait until the desk is at work, and was looked at."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while (await fetch(self.desk_port, "/readyz"))[0] != 200:  # noqa: ASYNC110 - another process's state
                await asyncio.sleep(LOOK_SECONDS)
        await asyncio.sleep(2 * SCRAPE_SECONDS)

    async def subscribers(self) -> int:
        """Count the subscribers that the workers know."""
        return int(sum([await self._metric(worker, "stream_app_subscribers") for worker in self.workers]))

    async def _holds_all(self) -> bool:
        answers = [await fetch(worker.port, "/readyz") for worker in self.workers]
        held = sum([await self._metric(worker, "stream_app_assigned_partitions") for worker in self.workers])
        return held == PARTITIONS and all(status == 200 for status, _ in answers)

    @staticmethod
    async def _metric(worker: Member, name: str) -> float:
        _, page = await fetch(worker.port, "/metrics")
        return samples(page.decode(), name)

    def pids(self) -> dict[str, int]:
        """Name the processes."""
        found = {worker.name: worker.pid for worker in self.workers} | {
            "desk": self.desk.pid,
            "broker": self.broker.pid,
        }
        return {name: pid for name, pid in found.items() if pid}


def samples(page: str, name: str) -> float:
    """Sum the samples of a metric."""
    return sum(
        float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith((f"{name} ", f"{name}{{"))
    )


@asynccontextmanager
async def running_stack(folder: Path, people: Standing, subscribers: int, tell: Tell) -> AsyncIterator[Stack]:
    """Run a system whose changelog holds that many subscribers and whose workers' disks are empty."""
    async with AsyncExitStack() as stack:
        broker = stack.enter_context(LocalKafka(folder / "kafka", heap="512m", overrides=BROKER))
        target = Target(broker.bootstrap, NAMES, PARTITIONS)
        await topics.create(broker.bootstrap, NAMES, PARTITIONS, 1, keep_for_ever=True)
        tell(f"loading {subscribers:,} subscribers")
        await asyncio.to_thread(load, target, people, subscribers, lambda done: tell(f"  {done:,}"))
        desk, desk_port = await _desk(stack, folder, broker.bootstrap)
        crew = Crew(folder, _environment(broker.bootstrap, STREAM_APP_TICK_SECONDS="1"))
        workers = [crew.add(f"worker-{number}") for number in range(1, WORKERS + 1)]
        scraped = [Scraped("worker", worker.name, worker.port) for worker in workers]
        scraped.append(Scraped("desk", "desk", desk_port))
        prometheus = stack.enter_context(running_prometheus(folder / "prometheus", scraped))
        stack.push_async_callback(crew.dismiss)
        for worker in workers:
            worker.start()
        yield Stack(broker, target, workers, desk, desk_port, prometheus, folder)


async def _desk(stack: AsyncExitStack, folder: Path, bootstrap: str) -> tuple[asyncio.subprocess.Process, int]:
    """Run a desk whose phone managers call, and are told through a webhook."""
    sink = await stack.enter_async_context(running_sink())
    hook(folder, sink.url, ", digest_above: 5, keeps_quiet: false")
    desk, port = open_desk(folder / "desk.db"), free_port()
    calling = asyncio.create_task(keep_calling(desk, take_on(desk)))
    stack.push_async_callback(_ended, calling, desk)
    settings = _environment(
        bootstrap,
        STREAM_APP_DESK_DATABASE_URL=f"sqlite:///{folder / 'desk.db'}",
        STREAM_APP_DESK_WEB_PORT=str(port),
        STREAM_APP_DESK_CHANNELS=str(folder / "channels.yaml"),
        HOOK_URL=sink.url,
        **ENVIRONMENT,
    )
    with (folder / "desk.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "stream_app", "desk", "serve", env={**os.environ, **settings},
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    stack.push_async_callback(_stopped, process)
    return process, port


async def _stopped(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _ended(calling: asyncio.Task[None], desk: Desk) -> None:
    calling.cancel()
    with suppress(asyncio.CancelledError):
        await calling
    desk.engine.dispose()


def _environment(bootstrap: str, **more: str) -> dict[str, str]:
    return {
        "STREAM_APP_BOOTSTRAP": bootstrap,
        "STREAM_APP_APP_ID": NAMES.app_id,
        "STREAM_APP_SESSION_TIMEOUT_SECONDS": "6",
        "STREAM_APP_PARENT_PID": str(os.getpid()),
        **more,
    }
