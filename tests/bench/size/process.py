"""The real worker in a process of its own: started, watched from outside through /proc and its pages, killed."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

LONGEST_SECONDS = 900.0
LOOK_SECONDS = 0.01
STOP_SECONDS = 30.0
ROOT = Path(__file__).parents[3]
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE = re.compile(r"^(\w+)(\{[^}]*\})? (\S+)$", re.MULTILINE)


class Memory(NamedTuple):
    """What a process holds now, and the most it ever held."""

    now_bytes: int
    peak_bytes: int


class Worker:
    """A worker process; a context that ends it."""

    def __init__(self, environment: Mapping[str, str], folder: Path, port: int) -> None:
        self.port, self.data_dir, self.log_path = port, folder / "data", folder / "worker.log"
        own = {"STREAM_APP_DATA_DIR": str(self.data_dir), "STREAM_APP_WEB_PORT": str(port)}
        with self.log_path.open("ab") as log:
            self._began = time.perf_counter()
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "stream_app", "worker"], cwd=ROOT, env={**os.environ, **environment, **own},
                stdout=log, stderr=log,
            )  # fmt: skip

    def __enter__(self) -> Self:
        """Use it."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, kindly first."""
        self.popen.terminate()
        try:
            self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it with SIGKILL."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait()

    def ready_seconds(self) -> float:
        """Wait until it is at work; give the seconds since its start."""
        until = time.perf_counter() + LONGEST_SECONDS
        while not self._is_ready():
            if self.popen.poll() is not None or time.perf_counter() > until:
                message = f"the worker did not get to work, see {self.log_path}"
                raise RuntimeError(message)
            time.sleep(LOOK_SECONDS)
        return time.perf_counter() - self._began

    def _is_ready(self) -> bool:
        status, body = self._get("/readyz")
        return status == http.HTTPStatus.OK and bool(json.loads(body)["partitions"])

    def _get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b""
        finally:
            connection.close()

    def metric(self, name: str, label: str = "") -> list[float]:
        """Give the values of a metric's children; only of those whose labels hold some text."""
        _, page = self._get("/metrics")
        samples = SAMPLE.findall(page.decode())
        return [float(value) for found, labels, value in samples if found == f"stream_app_{name}" and label in labels]

    def memory(self) -> Memory:
        """Measure its resident memory."""
        status = Path(f"/proc/{self.popen.pid}/status").read_text()
        now, peak = (re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE) for name in ("VmRSS", "VmHWM"))
        return Memory(*(int(found[1]) << 10 if found else 0 for found in (now, peak)))

    def cpu_seconds(self) -> float:
        """Measure the processor time it has used, its own and the system's for it."""
        fields = Path(f"/proc/{self.popen.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def folder_bytes(folder: Path, pattern: str = "**/*") -> int:
    """Measure what the files of a folder take on the disk."""
    return sum(file.stat().st_blocks * 512 for file in folder.glob(pattern) if file.is_file())
