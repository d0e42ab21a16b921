"""The desk as one process: pages, the topics followed, the outbox, the sweep, channels and figures in one loop.

Rule: all stand and fall together. Whatever loop fails ends the process with a line that says which, and whoever watches
over it starts it anew; nothing is lost, for all that counts is in the database or on Kafka.
"""

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import aiohttp
import uvicorn
from aiokafka import AIOKafkaProducer
from fastapi import FastAPI
from sqlalchemy import Engine

from stream_app.console import catalogue
from stream_app.console.cases.opening import act
from stream_app.console.cases.sweep import sweep
from stream_app.console.channels.declared import load_channels
from stream_app.console.channels.sending import Sender
from stream_app.console.clock import StreamClock, Ticks, wall_now
from stream_app.console.desk import Desk
from stream_app.console.figures.refresh import refresh
from stream_app.console.health import health_router
from stream_app.console.identity.opening import open_source
from stream_app.console.letters import KafkaLetters
from stream_app.console.metrics import Metrics
from stream_app.console.outbox import Outbox
from stream_app.console.policies import follow_policies, open_policies
from stream_app.console.readmodel.follow import Follower, TopicMadeAnew
from stream_app.console.settings import DeskSettings
from stream_app.console.store.database import open_engine
from stream_app.console.store.migrate import check
from stream_app.console.store.sole import sole
from stream_app.console.web.app import create_app
from stream_app.console.web.means import Means
from stream_app.core.policy import Policy
from stream_app.security.certificates import show_certificates
from stream_app.security.kafka import certificate_files, kafka_at, load_security
from stream_app.security.kept import keep_fresh
from stream_app.security.loops import new_loop
from stream_app.security.serving import ServerFiles, ServerTls, certificates_of, server_tls
from stream_app.settings import DESK, PREFIX, Settings
from stream_app.worker.topics import Names, partition_count

log = logging.getLogger(__name__)

SWEEP_SECONDS, SEND_SECONDS, FIGURES_SECONDS = 1.0, 1.0, 60.0
CAUGHT_UP_RECORDS = 500  # fewer than this behind, and figures can be told from what is there
STOP_SECONDS = 5  # requests under way have so long when the desk ends
PATIENCE_SECONDS, LOOK_SECONDS = 10.0, 1.0
PAGES = "the pages"
EXACT: Mapping[str, Any] = {"acks": "all", "enable_idempotence": True}
Job = Coroutine[Any, Any, None]
Jobs = Mapping[str, Callable[[], Job]]


class DeskFailed(Exception):
    """A loop of the desk failed; the message says which and why."""


class PortTaken(Exception):
    """The pages have no port to listen on."""


class Given(NamedTuple):
    """How a desk runs: its own settings, those that it shares with workers, its policies."""

    settings: DeskSettings
    shared: Settings
    files: list[Policy]
    default: Policy

    @property
    def names(self) -> Names:
        """Name the topics."""
        return Names(self.shared.topic_prefix, self.shared.app_id)


def run_desk(given: Given) -> None:
    """Run a desk until a signal ends it.

    Raises:
        DatabaseError, SettingsError, TopicError, ChannelsError, IdentityError: what it works with is not as needed.
        DeskAtWork: another desk works on its database.
        PortTaken: another program has its port.
        TopicMadeAnew: a topic is not the one that was read.
        DeskFailed: a loop failed.

    """
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_run(given))


async def _run(given: Given) -> None:
    """Run the desk as a task that signals cancel, so that it ends what it began."""
    loop, desk = asyncio.get_running_loop(), asyncio.ensure_future(_serve(given))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, desk.cancel)
    try:
        await desk
    except asyncio.CancelledError:
        log.info("the desk has ended, as it was told")


async def _serve(given: Given) -> None:
    async with AsyncExitStack() as stack:
        # In this order: what is wrong with the database is told even where another program, or desk, has the port.
        engine = open_engine(given.settings.database_url)
        stack.callback(engine.dispose)
        await asyncio.to_thread(check, engine)
        look = stack.enter_context(sole(engine))
        port = stack.enter_context(_listen(given.settings.web_host, given.settings.web_port))
        jobs, end = await _open(given, stack, engine, port)
        jobs = {**jobs, "the lock on the database": lambda: _every(LOOK_SECONDS, lambda: asyncio.to_thread(look))}
        log.info("the desk is open at %s", public_url(given.settings))
        await _stand_and_fall(jobs, end)


async def _open(
    given: Given, stack: AsyncExitStack, engine: Engine, port: socket.socket
) -> tuple[Jobs, Callable[[], None]]:
    """Make and connect all parts; give what is to run, and what has the pages end."""
    settings, bootstrap, names = given.settings, given.shared.bootstrap, given.names
    tls = server_tls(ServerFiles(f"{PREFIX}{DESK}WEB_TLS_", settings.web_tls_cert_file, settings.web_tls_key_file))
    channels, identity = load_channels(settings.channels), open_source(settings)
    partitions = await partition_count(bootstrap, names)
    policies = await open_policies(bootstrap, names.policies, given.files, given.default)
    jobs: dict[str, Callable[[], Job]] = {}
    now: Callable[[], datetime] = wall_now
    if settings.clock == "stream":
        ticks = await stack.enter_async_context(Ticks(bootstrap, names, partitions, policies.calendar))
        now = clock = StreamClock()
        await _await_first_tick(ticks, clock)
        jobs["the clock of the stream"] = lambda: ticks.follow(clock)
    desk, metrics = Desk(engine, policies, now, channels), Metrics()
    follower = await stack.enter_async_context(Follower(bootstrap, names, partitions, desk, act))
    await follower.begin(settings.act_from)
    http = await stack.enter_async_context(aiohttp.ClientSession())
    means = Means(identity=identity, lag=follower.lags, bootstrap=bootstrap, letters=KafkaLetters(bootstrap, names))
    app = create_app(desk, settings, means)
    app.include_router(health_router(desk, follower, metrics))
    server = _server(app, settings, tls)
    certificates = {**certificates_of(tls), **certificate_files(load_security())}
    show_certificates(certificates, lambda use: metrics.of(catalogue.CERTIFICATE_END, use))
    outbox = Outbox(desk, names, lambda: AIOKafkaProducer(**EXACT, **kafka_at(bootstrap)))
    metrics.channels(channel.name for channel in channels)
    sender = Sender(desk, http, wall_now, public_url(settings), metrics.tried)
    jobs |= {
        PAGES: lambda: server.serve([port]),
        "the topics": lambda: follower.run(metrics.projected),
        "the ends of the topics": follower.watch_ends,
        "the outbox": lambda: outbox.run(metrics.published),
        "the sweep of cases": lambda: _every(SWEEP_SECONDS, lambda: asyncio.to_thread(sweep, desk)),
        "the channels": lambda: _every(SEND_SECONDS, sender.send_waiting),
        "the figures": lambda: _refresh_figures(desk, follower),
        "the certificates": keep_fresh,
        "the policies": lambda: follow_policies(bootstrap, names.policies, policies),
    }

    def end() -> None:
        means.hub.close()
        server.should_exit = True

    return jobs, end


async def _stand_and_fall(jobs: Jobs, end: Callable[[], None]) -> None:
    """Run jobs until the first ends or all are cancelled; the pages answer what was asked, the others stop at once."""
    tasks = {asyncio.create_task(job(), name=name) for name, job in jobs.items()}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        end()
        others = [task for task in tasks if task.get_name() != PAGES]
        for task in others:
            task.cancel()
        await asyncio.wait(tasks, timeout=2 * STOP_SECONDS)
    for task in done:
        _raise_why(task)


def _raise_why(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if isinstance(error, TopicMadeAnew):
        raise error
    log.error("%s: failed", task.get_name(), exc_info=error)
    why = "it ended by itself" if error is None else f"{type(error).__name__}: {error}".splitlines()[0]
    message = f"{task.get_name()}: {why}"
    raise DeskFailed(message)


async def _every(seconds: float, job: Callable[[], Awaitable[object]]) -> None:
    while True:
        await job()
        await asyncio.sleep(seconds)


async def _refresh_figures(desk: Desk, follower: Follower) -> None:
    """Reckon figures anew each minute, and as soon as the day turns at the desk."""
    reckoned_at, day = -FIGURES_SECONDS, None
    while True:
        today = desk.policies.calendar.local_date(desk.now())
        if today != day or time.monotonic() - reckoned_at >= FIGURES_SECONDS:
            reckoned_at, day = time.monotonic(), today
            is_caught_up = follower.records_behind() < CAUGHT_UP_RECORDS
            await asyncio.to_thread(refresh, desk, is_caught_up=is_caught_up)
        await asyncio.sleep(LOOK_SECONDS)


async def _await_first_tick(ticks: Ticks, clock: StreamClock) -> None:
    while not await ticks.first(clock, PATIENCE_SECONDS):
        log.warning("the stream has no tick yet, so it is no time at the desk: waiting for the first one")


def _server(app: FastAPI, settings: DeskSettings, tls: ServerTls | None = None) -> uvicorn.Server:
    # Said outright: by itself uvicorn believes what any program of this machine says of who asks.
    trusted = settings.proxies
    return _Server(
        uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=STOP_SECONDS,
            proxy_headers=bool(trusted), forwarded_allow_ips=trusted,
            ssl_context_factory=None if tls is None else lambda _config, _default: tls.server,
        )
    )  # fmt: skip


class _Server(uvicorn.Server):
    """A server that leaves signals to us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as refusal:
        message = (
            f"the desk's pages cannot listen on {host}:{port} ({refusal.strerror}): "
            "choose another with --web-port or STREAM_APP_DESK_WEB_PORT, STREAM_APP_DESK_WEB_HOST"
        )
        raise PortTaken(message) from None


def public_url(settings: DeskSettings) -> str:
    """Give the address that people reach the pages by."""
    scheme = "http" if settings.web_tls_cert_file is None else "https"
    return settings.public_url.rstrip("/") or f"{scheme}://{settings.web_host}:{settings.web_port}"
