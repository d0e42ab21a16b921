"""Every part runs where only its data folder and /tmp can be written, and without any capability, as in a container."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from stream_app.local import LocalKafka
from stream_app.local.ports import free_port
from tests.commands.running import stream_app
from tests.deploy.containers.tools import installed, without

PREFIX = "test-read-only-"
SCRIPT = Path(__file__).with_name("hemmed_in.sh")
BOUND_SECONDS, LOOK_SECONDS = 200.0, 0.2


def hemmed_in(folder: Path, words: Sequence[str]) -> list[str]:
    unshare, _ = installed("unshare"), installed("setpriv")
    if os.geteuid() != 0:
        without("only root may have a mount namespace of its own")
    return [unshare, "--mount", "sh", str(SCRIPT), str(folder), *words]


@contextmanager
def running(folder: Path, words: Sequence[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = hemmed_in(folder, words)
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as started:
        try:
            yield started
        finally:
            started.terminate()


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def await_ready(started: subprocess.Popen[str], port: int) -> None:
    until = time.monotonic() + BOUND_SECONDS
    while not is_ready(port):
        assert started.poll() is None, started.stdout.read() if started.stdout else ""
        assert time.monotonic() < until, "it was not ready in time"
        time.sleep(LOOK_SECONDS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    return made


def test_the_hem_holds(folder: Path) -> None:
    script = f"open({str(folder / 'within')!r}, 'w').close(); open({str(folder.parent / 'without')!r}, 'w')"
    said = subprocess.run(
        hemmed_in(folder, [sys.executable, "-c", script]), capture_output=True, text=True, check=False
    )
    assert "Read-only file system" in said.stderr
    assert "without" in said.stderr


@pytest.mark.parametrize("part", ["worker", "desk"])
def test_a_part_comes_up_and_ends_well_on_a_root_that_it_cannot_write(
    kafka: LocalKafka, folder: Path, part: str
) -> None:
    names = ("--bootstrap", kafka.bootstrap, "--topic-prefix", PREFIX, "--app-id", f"{PREFIX}app")
    assert stream_app("topics", "create", *names, "--partitions", 2).exit_code == 0
    port = free_port()
    environment = {
        "STREAM_APP_BOOTSTRAP": kafka.bootstrap,
        "STREAM_APP_TOPIC_PREFIX": PREFIX,
        "STREAM_APP_APP_ID": f"{PREFIX}app",
        "STREAM_APP_DATA_DIR": str(folder / "worker"),
        "STREAM_APP_WEB_PORT": str(port),
        "STREAM_APP_DESK_WEB_PORT": str(port),
        "STREAM_APP_DESK_DATABASE_URL": f"sqlite:///{folder / 'desk.db'}",
    }
    ours = f"{sys.executable} -m stream_app"
    script = {"worker": f"exec {ours} worker", "desk": f"{ours} desk migrate && exec {ours} desk serve"}[part]
    with running(folder, ["sh", "-c", script], environment) as started:
        await_ready(started, port)
        started.terminate()
        said, _ = started.communicate(timeout=BOUND_SECONDS)
        assert started.returncode == 0, said
