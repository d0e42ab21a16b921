"""Faust's recovery replaced by the lanes' own: in bulk, read_committed, after fencing.

Rule: it runs in a task, not in the rebalance callback: aiokafka sends no heartbeats there.
"""

import asyncio
from typing import TYPE_CHECKING, Any, cast

from aiokafka.errors import IllegalStateError
from faust.tables.manager import TableManager
from faust.tables.recovery import RebalanceAgain, Recovery, ServiceStopped
from faust.types import TP
from mode import Service

from stream_app.lane.errors import LaneError, fatal
from stream_app.lane.table import LaneTable

if TYPE_CHECKING:
    from stream_app.lane.app import LaneApp


class LaneRecovery(Recovery):
    """Opens the lanes after every rebalance, then lets the streams go on."""

    @Service.task
    async def _restart_recovery(self) -> None:
        while not self.should_stop:
            if await self.wait_for_stopped(self.signal_recovery_start):  # type: ignore[arg-type]
                return
            self.signal_recovery_start.clear()
            try:
                await self._recover(self._generation_id)
            except (RebalanceAgain, IllegalStateError):
                continue
            except ServiceStopped:
                return
            except Exception as error:  # noqa: BLE001 - a partition half open is worse than none
                fatal("restoring failed", error)

    async def _recover(self, generation_id: int) -> None:
        self._set_recovery_started()
        app = cast("LaneApp", self.app)
        partitions = {table: self._partitions(table) for table in app.lanes}
        await self._wait(self._open(app, partitions))
        await self._wait(self.on_recovery_completed(generation_id))

    async def _open(self, app: "LaneApp", partitions: dict[LaneTable, frozenset[int]]) -> None:
        await app.close_lanes()
        opening = [asyncio.ensure_future(table.open(ours)) for table, ours in partitions.items()]
        try:
            await asyncio.gather(*opening)
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            raise RebalanceAgain from None  # the lanes were closed meanwhile

    def _partitions(self, table: LaneTable) -> frozenset[int]:
        assigned = self.app.consumer.assignment()
        ours = _numbers(assigned, table.changelog_topic_name)
        for feed in table.feeds:
            if _numbers(assigned, feed) != ours:
                message = (
                    f"feed {feed} and changelog {table.changelog_topic_name} are not assigned alike: "
                    f"{sorted(_numbers(assigned, feed))} and {sorted(ours)}. They need the same partition count"
                )
                raise LaneError(message)
        return ours

    @Service.task
    async def _slurp_changelogs(self) -> None:
        """Read nothing: the lanes do."""

    @Service.task
    async def _publish_stats(self) -> None:
        """Say nothing: the lanes' observer hears how far it is."""


def _numbers(assigned: set[TP], topic: str) -> frozenset[int]:
    return frozenset(tp.partition for tp in assigned if tp.topic == topic)


class LaneTableManager(TableManager):
    """Tables of a LaneApp: lanes only, for no other is restored."""

    async def on_start(self) -> None:
        """Start as Faust does, without its second of sleep."""
        await self._update_channels()
        await self.recovery.start()

    @property
    def recovery(self) -> Recovery:
        """The lanes' recovery."""
        if self._recovery is None:
            self._recovery = LaneRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery

    def add(self, table: Any) -> Any:
        """Take a lane's table.

        Raises:
            TypeError: it is no lane's.
        """
        if not isinstance(table, LaneTable):
            message = f"a LaneApp keeps its states in lanes: table {table.name} would never be restored"
            raise TypeError(message)
        return super().add(table)
