"""What the demo's screen shows of the workers: read from their pages over real HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from prometheus_client import generate_latest

from stream_app.demo.warnings import Warnings
from stream_app.demo.watch import Watch, _samples
from stream_app.local.ports import free_port
from stream_app.sim import Population
from tests.replay.lines import utc
from tests.worker.fake_lane import Harness, Log, usage


def watch_of(ports: list[int]) -> Watch:
    return Watch("nowhere:1", [], ports, Warnings(Population(1, 1), utc("2025-01-01"), utc("2025-03-10")))


@asynccontextmanager
async def page_of_a_worker(text: str, *, ready: bool = True) -> AsyncIterator[int]:
    """Serve a worker's /metrics and /readyz; give the port."""
    app, port = web.Application(), free_port()
    app.router.add_get("/metrics", answering(text))
    app.router.add_get("/readyz", answering("{}", 200 if ready else 503))
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield port
    finally:
        await runner.cleanup()


def answering(text: str, status: int = 200) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status)

    return answer


def metrics_page(charges_fen: list[int]) -> str:
    """Give the page of a worker that has seen a subscriber for each charge."""
    harness, log = Harness(), Log()
    harness.feed(log.put_tick("2025-03-10"))
    harness.feed(*(log.put(usage("u1", "2025-03-09", fen, f"s-{n}")) for n, fen in enumerate(charges_fen)))
    harness.commit()
    return generate_latest(harness.around.metrics.registry).decode()


async def test_the_workers_figures_are_summed() -> None:
    one, two = metrics_page([15000, 6000, 0]), metrics_page([15000])
    async with page_of_a_worker(one) as first, page_of_a_worker(two, ready=False) as second:
        watch = watch_of([first, second])
        await watch.ask()
    assert watch.heads == {"GOLD": 2, "SILVER": 1, "none": 1}
    assert (watch.worked, watch.ready) == (4, 1)  # ticks are no events


async def test_a_worker_that_does_not_answer_is_left_out_and_asking_again_counts_nothing_twice() -> None:
    async with page_of_a_worker(metrics_page([15000])) as port:
        watch = watch_of([free_port(), port])
        await watch.ask()
        await watch.ask()
    assert (watch.worked, watch.ready) == (1, 1)
    await watch.ask()
    assert (watch.worked, watch.ready) == (0, 0)


@pytest.mark.parametrize(
    ("line", "sample"),
    [
        ("plain 7", ("plain", {}, 7.0)),
        ('a{x="1"} 2.5e+03', ("a", {"x": "1"}, 2500.0)),
        ('a{x="1",y="a \\"b\\", c"} 0', ("a", {"x": "1", "y": 'a \\"b\\", c'}, 0.0)),
    ],
)
def test_samples_are_read_with_their_labels(line: str, sample: tuple[str, dict[str, str], float]) -> None:
    assert _samples(f"# HELP a b\n# TYPE a gauge\n{line}\n\n") == [sample]
