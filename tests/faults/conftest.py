"""One broker and one scene for all faults; a scene that a test has left in doubt is not used again."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.crew import PAUSE_SECONDS
from tests.faults.record import FORM, LONG, Record
from tests.faults.scene import EVENTS_PER_SECOND, Scene, scene
from tests.faults.stage import Stage

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before the tests are put in the order of their cost
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("quick") is None:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.kafka)
            item.add_marker(pytest.mark.timeout(1800 if LONG else 300))
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


class Theatre:
    """Keeps the one scene, and makes another where a test has failed."""

    def __init__(self, stage: Stage, record: Record) -> None:
        self._stage, self._record = stage, record
        self._stack = AsyncExitStack()
        self._scene: Scene | None = None

    async def scene(self) -> Scene:
        """Give a scene that is as it should be."""
        if self._scene is not None and not self._scene.is_sound:
            await self.close()
        if self._scene is None:
            self._scene = await self._stack.enter_async_context(scene(self._stage, self._record))
        return self._scene

    async def close(self) -> None:
        """End the scene."""
        self._scene = None
        await asyncio.to_thread(self._stage.kafka.start)  # a test may have left it down
        await self._stack.aclose()


@pytest.fixture(scope="session")
def record(request: pytest.FixtureRequest) -> Iterator[Record]:
    """Collect what is measured, and write it down where that is wanted and nothing was left out."""
    record, options = Record(), request.config.option
    yield record
    print("", *record.lines(), sep="\n")
    if FORM and not (options.keyword or any("test_" in path for path in request.config.args)):
        PAGE.write_text(record.page(PAUSE_SECONDS, EVENTS_PER_SECOND), encoding="utf-8")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """Run the broker and its links."""
    async with Stage() as stage:
        yield stage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def theatre(stage: Stage, record: Record) -> AsyncIterator[Theatre]:
    theatre = Theatre(stage, record)
    yield theatre
    await theatre.close()


@pytest_asyncio.fixture(loop_scope="session", name="scene")
async def _scene(theatre: Theatre) -> Scene:
    """Give a running system under an answer that is known; `async with scene.load()` sets events going."""
    return await theatre.scene()
