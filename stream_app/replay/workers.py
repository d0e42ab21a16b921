"""The worker processes of a replay or demo: started, watched, restarted when they die, stopped at the end."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

RESTARTS_WITHOUT_PROGRESS = 8
FIRST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS = 0.2, 3.0
STOP_SECONDS = 20.0
SHOWN_LINES = 12


class WorkerFailed(Exception):
    """A worker died again and again; the message holds its last words."""


class WorkerProcesses:
    """Keeps `count` worker processes running; a context that stops them."""

    def __init__(self, count: int, environment: Mapping[str, str], folder: Path, ports: list[int]) -> None:
        self.environment, self.folder, self.ports = environment, folder, ports
        self.restarts = 0
        self._count = count
        self._keepers: list[asyncio.Task[None]] = []
        self._processes: dict[int, asyncio.subprocess.Process] = {}
        self._stopping = False
        self.progressed = True  # set by whoever sees the work move on

    @property
    def pids(self) -> list[int]:
        """List the processes that run now."""
        return [process.pid for process in self._processes.values() if process.returncode is None]

    async def __aenter__(self) -> Self:
        """Start them."""
        self._keepers = [asyncio.create_task(self._keep(number)) for number in range(self._count)]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop them, kindly first."""
        self._stopping = True
        for process in self._processes.values():
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
        _, late = await asyncio.wait(self._keepers, timeout=STOP_SECONDS)
        for process in self._processes.values():
            if process.returncode is None:
                process.kill()
        await asyncio.gather(*late, return_exceptions=True)

    def check(self) -> None:
        """Raise WorkerFailed if a worker could not be kept running."""
        for keeper in self._keepers:
            if keeper.done() and not self._stopping:
                keeper.result()

    async def _keep(self, number: int) -> None:
        backoff_seconds, failures = FIRST_BACKOFF_SECONDS, 0
        while not self._stopping:
            started = time.monotonic()
            code = await self._run(number)
            if self._stopping:
                return
            self.restarts += 1
            failures = 1 if self.progressed else failures + 1
            self.progressed = False
            if failures >= RESTARTS_WITHOUT_PROGRESS:
                message = (
                    f"a worker ended {failures} times in a row without getting on (last exit code {code}). "
                    f"Its last words:\n{self._last_words(number)}"
                )
                raise WorkerFailed(message)
            await asyncio.sleep(max(0.0, backoff_seconds - (time.monotonic() - started)))
            backoff_seconds = (
                FIRST_BACKOFF_SECONDS if failures <= 1 else min(backoff_seconds * 2, LONGEST_BACKOFF_SECONDS)
            )

    async def _run(self, number: int) -> int:
        own = {
            "STREAM_APP_DATA_DIR": str(self.folder / f"worker-{number}"),
            "STREAM_APP_WEB_PORT": str(self.ports[number]),
            "STREAM_APP_INSTANCE_ID": f"worker-{number}",
            "STREAM_APP_PARENT_PID": str(os.getpid()),
        }
        with self._log(number).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *self._command(), env={**os.environ, **self.environment, **own},
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._processes[number] = process
        return await process.wait()

    def _command(self) -> Sequence[str]:
        return [sys.executable, "-m", "stream_app", "worker"]

    def _log(self, number: int) -> Path:
        return self.folder / f"worker-{number}.log"

    def _last_words(self, number: int) -> str:
        lines = self._log(number).read_text(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-SHOWN_LINES:])
