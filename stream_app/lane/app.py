"""A Faust App with lanes; agents, web and commands are Faust's own.

Rule: one app, one consumer, one process; a feed belongs to one lane.
"""

import asyncio
from collections.abc import AsyncIterable, Sequence
from typing import Any

import faust
from faust.topics import Topic
from faust.types import AgentT
from faust.types.transports import TransportT

from stream_app.lane.api import LaneObserver, LaneSettings, LogicFactory, NullObserver
from stream_app.lane.consumer import LaneTransport
from stream_app.lane.errors import LaneEnded, fatal
from stream_app.lane.recovery import LaneTableManager
from stream_app.lane.runs import Run
from stream_app.lane.table import LaneTable


class LaneApp(faust.App):
    """Faust's App with `lane`."""

    def __init__(self, id: str, **options: Any) -> None:  # noqa: A002 - Faust's name for it
        self.lanes: list[LaneTable] = []
        self.feeds: dict[str, LaneTable] = {}
        self._lane_agents: set[str] = set()
        options.setdefault("TableManager", LaneTableManager)
        options.setdefault("table_standby_replicas", 0)
        options.setdefault("web_bind", "127.0.0.1")  # Faust's own default is every interface
        super().__init__(id, **options)

    def lane(
        self,
        name: str,
        feeds: Sequence[str],
        logic: LogicFactory,
        settings: LaneSettings | None = None,
        observer: LaneObserver | None = None,
    ) -> LaneTable:
        """Declare a lane: the table `name`, its changelog, and the agent over its feeds.

        Raises:
            ValueError: a feed has a lane already.
        """
        if taken := [feed for feed in feeds if feed in self.feeds]:
            message = f"these feeds have a lane already: {', '.join(taken)}"
            raise ValueError(message)
        table = LaneTable(
            self, name=name, feeds=feeds, logic=logic, settings=settings or LaneSettings(),
            observer=observer or NullObserver(),
        )  # fmt: skip
        self.tables.add(table)
        self.lanes.append(table)
        self.feeds |= dict.fromkeys(feeds, table)
        self._add_agent(table)
        return table

    def _add_agent(self, table: LaneTable) -> None:
        # Acks must not drive a lane's commit: a run that the lane rejects is acked by the stream all the same.
        topic = Topic(self, topics=table.feeds, key_serializer="raw", value_serializer="raw", acks=False)

        async def take_runs(runs: AsyncIterable[Run]) -> None:
            async for run in runs:
                table.submit(run)

        agent: AgentT[Any] = self.agent(topic, name=f"lane-{table.name}")(take_runs)
        self._lane_agents.add(agent.name)

    @property
    def settled(self) -> bool:
        """Tell whether no rebalance or restore is under way."""
        return not self.rebalancing and self.tables.actives_ready

    async def close_lanes(self) -> None:
        """Commit what is worked and give all partitions up, within half the session timeout, or end the process."""
        bound_seconds = self.conf.broker_session_timeout * 0.5
        try:
            async with asyncio.timeout(bound_seconds):
                await asyncio.gather(*(table.close() for table in self.lanes))
        except TimeoutError:
            fatal(f"what is worked was not committed within {bound_seconds} s of giving it up")
        except Exception as error:  # noqa: BLE001 - Faust would log it and go on
            fatal("giving partitions up failed", error)

    async def _stop_consumer(self) -> None:
        if self._consumer is not None:
            self._consumer.stop_flow()
        await self.close_lanes()
        await super()._stop_consumer()

    async def _on_agent_error(self, agent: AgentT[Any], exc: BaseException) -> None:
        if agent.name in self._lane_agents:
            fatal(f"agent {agent.name} failed", exc)
        await super()._on_agent_error(agent, exc)

    def _crash(self, reason: BaseException) -> None:
        if not self.should_stop and not isinstance(reason, LaneEnded):
            fatal("the app crashed", reason)
        super()._crash(reason)

    def _create_directories(self) -> None:
        self.conf.datadir.mkdir(parents=True, exist_ok=True)  # Faust makes the last folder of the path only
        super()._create_directories()

    def _new_transport(self) -> TransportT:
        return LaneTransport(self.conf.broker_consumer, self)
