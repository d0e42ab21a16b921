"""Each panel's query, asked of a real Prometheus over real workers and a desk, has an answer, and a true one."""

import asyncio
import time
from pathlib import Path

from stream_app.local import LocalKafka
from tests.deploy.monitoring.panels import Asked, asked, filled
from tests.deploy.monitoring.server import Server
from tests.deploy.monitoring.story import Stage, told
from tests.deploy.monitoring.tools import tool
from tests.e2e.live import LONGEST_SECONDS

# As Grafana fills them in: four times the interval of the scrapes, but one that a busy machine misses is no gap.
VALUES = {"__rate_interval": "15s", "instance": ".+"}


async def test_every_panel_has_data_and_the_sums_over_workers_are_true(kafka: LocalKafka, tmp_path: Path) -> None:
    tool("prometheus")
    async with told(kafka.bootstrap, tmp_path) as stage:
        assert await asyncio.to_thread(stage.call) > 0
        assert await unanswered(stage.server, asked()) == []
        assert await stage.server.unwell() == []
        await assert_true(stage)


async def unanswered(server: Server, queries: list[Asked]) -> list[Asked]:
    """Ask until all have answered, or the time is over; gives those that have not."""
    until = time.monotonic() + LONGEST_SECONDS
    while queries and time.monotonic() < until:
        queries = [each for each in queries if not await server.ask(filled(each.expr, VALUES))]
        await asyncio.sleep(0.5)
    return queries


async def assert_true(stage: Stage) -> None:
    server = stage.server
    assert set(await server.sums("sum by (reason) (stream_app_rejected_total) > 0", "reason")) == {
        "not_json",
        "invalid_field",
    }
    calls = await server.sums('sum by (kind) (stream_app_desk_case_events_total{kind="contacted"})', "kind")
    assert calls == {"contacted": stage.crew.calls}
    # Facts were a hundred days late, and of that the objective takes note.
    await server.until('ALERTS{alertname="StreamAppFreshnessBurnsFast", alertstate="firing"}')
    await server.until("stream_app:stale:ratio == 0")
    await assert_heads(stage)


async def assert_heads(stage: Stage) -> None:
    """Both workers' tallies, summed, are what the changelog says."""
    until = time.monotonic() + LONGEST_SECONDS
    while True:
        await stage.running.until(lambda: True)
        heads = {tier or "none": float(heads) for tier, heads in stage.running.mirror.heads().items() if heads}
        shown = await stage.server.sums("sum by (tier) (stream_app_subscribers) > 0", "tier")
        if shown == heads or time.monotonic() > until:
            break
        await asyncio.sleep(0.5)
    assert shown == heads
    assert sum(heads.values()) > 0
