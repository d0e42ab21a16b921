"""The processes of a run: started, listened to, gauged, ended."""

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.bench.contenders.contract import ROOT
from tests.bench.gauges import cpu_seconds, peak_bytes
from tests.bench.kafka import wait_for

END_SECONDS = 60.0


class WorkerEnded(Exception):
    """A worker ended before its work was done; the message has its last words."""


class Worker:
    """A process that says on stdout how many events it has seen; its stderr is a file."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log_path: Path) -> None:
        self.seen = 0
        self.said: list[list[str]] = []
        self._log_path = log_path
        self._log: IO[bytes] = log_path.open("ab")
        self.popen = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._cpu_at_end: float | None = None

    def _listen(self) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            words = line.decode(errors="replace").split()
            if words[:1] == ["seen"]:
                self.seen = int(words[1])
            else:
                self.said.append(words)

    def check(self) -> None:
        """Raise WorkerEnded if it has."""
        if self._cpu_at_end is None and self.popen.poll() is not None:
            words = self._log_path.read_text(errors="replace")[-3000:]
            message = f"a worker ended with code {self.popen.returncode}:\n{words}"
            raise WorkerEnded(message)

    def cpu_seconds(self) -> float:
        """Give CPU time so far, or all of it after the end."""
        return cpu_seconds(self.popen.pid) if self._cpu_at_end is None else self._cpu_at_end

    def peak_bytes(self) -> int:
        """Give peak memory so far."""
        return peak_bytes(self.popen.pid)

    def end(self) -> None:
        """Ask it to end, wait, and note its CPU time; one that will not is killed."""
        if self._cpu_at_end is not None:
            return
        self.popen.send_signal(signal.SIGTERM)
        try:
            wait_for(self._reaped, "a worker's end", END_SECONDS)
        except TimeoutError:
            self.popen.kill()
            wait_for(self._reaped, "a killed worker's end", END_SECONDS)
        self._listener.join()
        if self.popen.stdout is not None:
            self.popen.stdout.close()
        self._log.close()

    def _reaped(self) -> bool:
        with suppress(ChildProcessError):
            pid, status, usage = os.wait4(self.popen.pid, os.WNOHANG)
            if pid == 0:
                return False
            self.popen.returncode = os.waitstatus_to_exitcode(status)
            self._cpu_at_end = usage.ru_utime + usage.ru_stime
            return True
        self._cpu_at_end = 0.0
        return True


class Workers:
    """All workers of a run; leaving the context ends them."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self.workers = workers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def seen(self) -> int:
        """Sum what they have seen."""
        return sum(worker.seen for worker in self.workers)

    def check(self) -> None:
        """Raise WorkerEnded if one has."""
        for worker in self.workers:
            worker.check()

    def cpu_seconds(self) -> float:
        """Sum their CPU time."""
        return sum(worker.cpu_seconds() for worker in self.workers)

    def peak_bytes(self) -> int:
        """Sum their peak memory."""
        return sum(worker.peak_bytes() for worker in self.workers)

    def end(self) -> None:
        """End them all."""
        for worker in self.workers:
            worker.end()
