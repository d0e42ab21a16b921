"""Keeping workers running: restarted when they end, given up when they get nowhere, stopped at the end."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from stream_app.replay import workers
from stream_app.replay.workers import RESTARTS_WITHOUT_PROGRESS, WorkerFailed, WorkerProcesses

LONG_ENOUGH_SECONDS = 30.0


class Programs(WorkerProcesses):
    """Runs small programs in the place of workers; one after the other, the last again and again."""

    def __init__(self, folder: Path, programs: Sequence[str], count: int = 1) -> None:
        super().__init__(count, {}, folder, list(range(count)))
        self.programs, self.started = programs, 0

    def _command(self) -> Sequence[str]:
        program = self.programs[min(self.started, len(self.programs) - 1)]
        self.started += 1
        return [sys.executable, "-S", "-c", program]


WAITS = "import time; time.sleep(600)"
FAILS = "import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)"


@pytest.fixture(autouse=True)
def _no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "FIRST_BACKOFF_SECONDS", 0.0)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONG_ENOUGH_SECONDS):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.005)


async def checked_for_ever(running: WorkerProcesses) -> None:
    async with asyncio.timeout(LONG_ENOUGH_SECONDS):
        while True:
            running.check()
            await asyncio.sleep(0.005)


async def test_a_worker_that_ends_is_started_again_and_counted(tmp_path: Path) -> None:
    async with Programs(tmp_path, [FAILS, FAILS, WAITS]) as running:
        await until(lambda: running.started == 3 and len(running.pids) == 1)
        running.check()
        assert running.restarts == 2
    assert running.pids == []


async def test_workers_that_run_are_stopped_at_the_end_and_not_restarted(tmp_path: Path) -> None:
    async with Programs(tmp_path, [WAITS], count=2) as running:
        await until(lambda: len(running.pids) == 2)
    assert running.pids == []
    assert (running.started, running.restarts) == (2, 0)
    running.check()


async def test_a_worker_that_gets_nowhere_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    async with Programs(tmp_path, [FAILS]) as running:
        with pytest.raises(WorkerFailed, match=rf"ended {RESTARTS_WITHOUT_PROGRESS} times .*exit code 3\)") as failed:
            await checked_for_ever(running)
    assert str(failed.value).endswith("  one\n  two")


async def test_a_worker_that_moves_on_between_its_ends_is_not_given_up(tmp_path: Path) -> None:
    async with Programs(tmp_path, [FAILS] * (RESTARTS_WITHOUT_PROGRESS + 2) + [WAITS]) as running:
        while running.started <= RESTARTS_WITHOUT_PROGRESS + 2:
            running.progressed = True
            running.check()
            await asyncio.sleep(0.001)
        assert running.restarts == RESTARTS_WITHOUT_PROGRESS + 2
