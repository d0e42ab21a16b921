"""A worker's disk is empty, full, or damaged; its state is the changelog's all the same."""

import os
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stream_app.lane import EXIT_FATAL
from tests.faults.record import LONG
from tests.faults.scene import Scene

SMALL_DISK_BYTES = 64 << 20
times = pytest.mark.parametrize("number", range(3 if LONG else 1))


@times
async def test_a_worker_whose_disk_is_empty_restores_all(scene: Scene, number: int) -> None:  # noqa: ARG001
    async with scene.load(), scene.fault("kill -9, and the data folder is gone"):
        await scene.two.let_go(signal.SIGKILL)
        scene.two.lose_disk()
        scene.two.start()


async def test_a_worker_that_may_write_no_more_says_so_and_comes_back(scene: Scene) -> None:
    async with scene.load(), scene.fault("a worker's files may grow no more (EFBIG)"):
        runs = len(scene.two.endings)
        assert scene.two.pid is not None
        resource.prlimit(scene.two.pid, resource.RLIMIT_FSIZE, (0, 0))
        ending = await scene.two.ended(runs + 1)
        assert (ending.code, "File too large" in ending.words) == (EXIT_FATAL, True), ending.words[-2000:]


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted: needs root")
async def test_a_worker_on_a_full_disk_says_so_and_goes_on_when_there_is_room(scene: Scene) -> None:
    two = scene.two
    async with scene.load():
        await two.let_go()
        with small_disk(scene.folder / "small"):
            before, two.data = two.data, scene.folder / "small" / "data"
            two.start()
            await scene.at_work()
            async with scene.fault("a full disk; from when there is room") as watch:
                fill(scene.folder / "small" / "ballast")
                runs = len(two.endings)
                two.kill()
                ending = await two.ended(runs + 2)  # it was started again, in vain
                assert (ending.code, "No space left" in ending.words) == (EXIT_FATAL, True), ending.words[-2000:]
                (scene.folder / "small" / "ballast").unlink()
                watch.begin()
            await two.let_go()
        two.data = before
        two.start()


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_BYTES}", "small", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607


def fill(ballast: Path) -> None:
    """Write until there is no room."""
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for place in range(7, len(data), 1000):
        data[place] ^= 0xFF
    file.write_bytes(data)


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


DAMAGES = [
    pytest.param("*.sst", flip, id="tables flipped"),
    pytest.param("MANIFEST-*", cut, id="manifests cut"),
    *([pytest.param("CURRENT", os.unlink, id="CURRENT removed")] if LONG else []),
]


@pytest.mark.parametrize(("kind", "how"), DAMAGES)
async def test_a_damaged_store_is_rebuilt_and_never_worked_with(
    scene: Scene, kind: str, how: Callable[[Path], None], request: pytest.FixtureRequest
) -> None:
    async with scene.load():
        async with scene.fault(f"kill -9, and a store is damaged: {request.node.callspec.id}"):
            await scene.two.let_go(signal.SIGKILL)
            said = len(scene.two.words())
            files = [file for file in scene.two.data.rglob(kind) if "tables" in file.parts]
            assert files, f"there is no {kind} to damage"
            for file in files:
                how(file)
            scene.two.start()
        if (
            kind == "*.sst"
        ):  # a manifest that ends early is as if the kill had come earlier: the store stands where it stood
            await scene.until(lambda: "the changelog rebuilds it" in scene.two.words()[said:], "the damage to be told")
