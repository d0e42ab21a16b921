"""The steps of a commit, their order, and what an error in one of them leaves behind."""

import asyncio
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from stream_app.lane import Commit, Output
from stream_app.lane.producer import Row, TransactionalProducer
from stream_app.lane.store import PartitionStore, StoreMemory
from stream_app.lane.transaction import Writer

COMMIT = Commit(
    [Output("facts", b"k", b"1"), Output("dead", None, b"x", [("why", b"y")]), Output("facts", b"k", b"2")],
    {b"k": b"s", b"gone": None},
    {"left": 5},
)
STEPS = ["begin facts dead counts", "publish facts 2", "publish dead 1", "publish counts 2", "offsets left 5", "commit"]


class Broker:
    """A producer that writes down what it is told, and fails or hangs at one step."""

    def __init__(self, fails_at: str = "", hangs_at: str = "") -> None:
        self.steps: list[str] = []
        self._fails_at, self._hangs_at = fails_at, hangs_at

    async def _step(self, step: str) -> None:
        if self._hangs_at and step.startswith(self._hangs_at):
            await asyncio.Event().wait()
        if self._fails_at and step.startswith(self._fails_at):
            raise ConnectionError(step)
        self.steps.append(step)

    async def begin(self, topics: Iterable[str], _partition: int) -> None:
        await self._step(" ".join(["begin", *topics]))

    async def publish(self, topic: str, _partition: int, rows: Iterable[Row]) -> int | None:
        await self._step(f"publish {topic} {len(list(rows))}")
        return 41

    async def send_offsets_to_transaction(self, offsets: Mapping[Any, int], group: str) -> None:
        assert group == "app"
        await self._step(" ".join(f"offsets {tp.topic} {at}" for tp, at in offsets.items()))

    async def commit_transaction(self) -> None:
        await self._step("commit")


def writer_of(broker: Broker, folder: Path, ack_timeout_seconds: float = 30.0) -> Writer:
    store = PartitionStore(folder / "store.db", StoreMemory(1 << 20, 4 << 20))
    return Writer(0, cast("TransactionalProducer", broker), store, "counts", "app", ack_timeout_seconds)


async def test_outputs_go_before_states_and_the_store_comes_last(tmp_path: Path) -> None:
    broker = Broker()
    writer = writer_of(broker, tmp_path)
    await writer.commit(COMMIT)
    assert broker.steps == STEPS
    assert (writer.store.get(b"k"), writer.store.offset, writer.store.positions()) == (b"s", 41, {"left": 5})
    writer.store.close()


@pytest.mark.parametrize("step", range(len(STEPS)))
async def test_an_error_at_any_step_leaves_the_store_as_it_was(tmp_path: Path, step: int) -> None:
    writer = writer_of(Broker(fails_at=STEPS[step]), tmp_path)
    with pytest.raises(ConnectionError):
        await writer.commit(COMMIT)
    assert (writer.store.get(b"k"), writer.store.offset) == (None, None)
    writer.store.close()


@pytest.mark.parametrize("step", range(len(STEPS)))
async def test_no_ack_in_time_is_an_error_and_leaves_the_store_as_it_was(tmp_path: Path, step: int) -> None:
    writer = writer_of(Broker(hangs_at=STEPS[step]), tmp_path, ack_timeout_seconds=0.01)
    with pytest.raises(TimeoutError):
        await writer.commit(COMMIT)
    assert writer.store.offset is None
    writer.store.close()


async def test_a_commit_of_positions_alone_publishes_nothing(tmp_path: Path) -> None:
    broker = Broker()
    writer = writer_of(broker, tmp_path)
    await writer.commit(Commit([], {}, {"left": 5}))
    assert [step for step in broker.steps if step.endswith((" 1", " 2"))] == []
    writer.store.close()
