"""The Faust app of a worker: one lane over all feeds, the leader's ticks, and HTTP."""

import asyncio
import logging
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stream_app.core.events import CLOCK_TOPIC
from stream_app.lane import LaneApp, LaneSettings, LaneTable, Store, fatal
from stream_app.security.certificates import show_certificates
from stream_app.security.kafka import certificate_files, load_security
from stream_app.security.kept import keep_fresh
from stream_app.security.serving import ServerTls, certificates_of
from stream_app.settings import Settings
from stream_app.wire.decode import Decoder
from stream_app.worker import catalogue
from stream_app.worker.metrics import Metrics
from stream_app.worker.partition import PartitionWork, Surroundings
from stream_app.worker.policies import Library
from stream_app.worker.secured import broker_options, web_options
from stream_app.worker.ticker import Ticker
from stream_app.worker.topics import LANE_FEEDS, TABLE, Names
from stream_app.worker.web import add_pages

log = logging.getLogger(__name__)

PARENT_LOOK_SECONDS = 1.0
TICK_STALL_FACTOR = 30  # a leader that could not write a tick for so many intervals says so loudly


class TierApp(LaneApp):
    """A worker."""

    def __init__(self, settings: Settings, library: Library, partitions: int, tls: ServerTls | None = None) -> None:
        self.settings, self.partitions, self.tls = settings, partitions, tls
        self.names = Names(settings.topic_prefix, settings.app_id)
        self.policies = library.policies
        self.metrics = Metrics(self.names)
        self.metrics.of_a_place(partitions, Path(settings.data_dir))
        self._show_certificates()
        super().__init__(
            settings.app_id, **_faust_options(settings, partitions), **broker_options(), **web_options(tls)
        )
        decoder = Decoder(self.policies.calendar)
        around = Surroundings(
            self.policies,
            decoder,
            self.names,
            self.metrics,
            max(2, settings.cached_subscribers // partitions),
            settings.dead_letter_window,
            settings.dead_letter_share,
            accept_gap=settings.accept_gap,
            hold_for_ticks=settings.hold_for_ticks,
            reach=library.reach,
            set_aside=settings.set_aside,
        )

        def work(partition: int, store: Store, committed: Mapping[str, int]) -> PartitionWork:
            return PartitionWork(around, partition, store, committed)

        feeds = [self.names.full(feed) for feed in LANE_FEEDS]
        self.table_of_subscribers: LaneTable = self.lane(
            TABLE, feeds, work, _lane_settings(settings, self.names), self.metrics
        )
        if settings.tick_seconds:
            self._add_ticker(settings)
        if settings.parent_pid:
            self._add_parent_watch(settings.parent_pid)
        self.task(keep_fresh)
        add_pages(self)

    def work_of(self, partition: int) -> PartitionWork | None:
        """Give the work of a partition that is ours and restored."""
        found = self.table_of_subscribers.logics.get(partition)
        return found if isinstance(found, PartitionWork) else None

    @property
    def makes_ticks(self) -> bool:
        """Tell whether this worker makes the ticks: it has partition 0 (Faust's own leader needs a topic)."""
        return self.work_of(0) is not None

    def _show_certificates(self) -> None:
        files = {**certificates_of(self.tls), **certificate_files(load_security())}
        show_certificates(files, lambda use: self.metrics.of(catalogue.CERTIFICATE_END, use))

    def _add_ticker(self, settings: Settings) -> None:
        @self.task  # type: ignore[untyped-decorator]  # Faust's
        async def tick() -> None:
            async with Ticker(settings.bootstrap, self.names, self.partitions) as ticker:
                while not self.should_stop:
                    await self._tick_once(ticker, settings.tick_seconds)

    def _add_parent_watch(self, parent_pid: int) -> None:
        @self.task  # type: ignore[untyped-decorator]  # Faust's
        async def watch() -> None:
            while os.getppid() == parent_pid:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(PARENT_LOOK_SECONDS)
            fatal(f"process {parent_pid}, which started this worker, is gone")

    async def _tick_once(self, ticker: Ticker, interval_seconds: float) -> None:
        if self.makes_ticks and self.settled:
            try:
                await asyncio.wait_for(ticker.tick(), TICK_STALL_FACTOR * max(1.0, interval_seconds))
                self.metrics.of(catalogue.TICKS_MADE).inc()
            except (
                OSError,
                TimeoutError,
            ) as error:  # KafkaError is no OSError: a refusal by the broker ends the worker
                log.warning("no tick could be written: %s", error)
        await asyncio.sleep(interval_seconds - time.time() % interval_seconds)


def _lane_settings(settings: Settings, names: Names) -> LaneSettings:
    return LaneSettings(
        commit_interval_seconds=settings.commit_interval_seconds,
        max_changes=settings.max_changes,
        cache_bytes=settings.cache_bytes,
        skip_expired=frozenset(
            {names.full(CLOCK_TOPIC)}
        ),  # a tick that retention took is no loss: a later one says more
    )


def _faust_options(settings: Settings, partitions: int) -> dict[str, Any]:
    brokers = ";".join(f"kafka://{broker.strip()}" for broker in settings.bootstrap.split(","))
    options: dict[str, Any] = {
        "broker": brokers,
        "topic_partitions": partitions,
        "topic_disable_leader": True,  # one topic less: who has partition 0 makes the ticks
        "topic_allow_declare": False,  # topics are made on purpose, by `stream-app topics create`
        "datadir": Path(settings.data_dir).absolute() / f"{settings.app_id}",
        "broker_session_timeout": settings.session_timeout_seconds,
        "broker_heartbeat_interval": max(0.3, settings.session_timeout_seconds / 4),
        "broker_max_poll_interval": 3600.0,
        "stream_wait_empty": False,
        "web_host": settings.web_advertised_host or settings.web_host,
        "web_bind": settings.web_host,
        "web_port": settings.web_port,
        "web_cors_options": None,
        "loop": None,
    }
    if settings.instance_id:
        # The group hands a returning member what it had, its web address too, and Faust insists that it be the same.
        address = re.sub(r"[^a-zA-Z0-9._-]", "-", f"{options['web_host']}-{settings.web_port}")
        options["consumer_group_instance_id"] = f"{settings.instance_id}-{address}"
    return options
