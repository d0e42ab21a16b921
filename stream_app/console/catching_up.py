"""After a restore: the desk brought up to now from the topics, with nobody told of what they may have been told before.

Rule: cases are opened and closed as if the desk had been there, results that the topic task-results has are taken in
again, and messages that waited in the backup are put into the dead box, from where they can be sent by hand. Cases go
on with versions that were never given: a result's id is made of its case's version, so none is made twice, and a page
that was open before the loss is refused.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Engine, delete, func, select, update

from stream_app.console.cases.opening import act
from stream_app.console.cases.regained import regain
from stream_app.console.cases.sweep import sweep
from stream_app.console.clock import StreamClock, Ticks, wall_now
from stream_app.console.desk import Desk
from stream_app.console.policies import open_policies
from stream_app.console.readmodel.follow import Follower
from stream_app.console.readmodel.project import Projected
from stream_app.console.run import DeskFailed, Given
from stream_app.console.store.access_tables import Session
from stream_app.console.store.database import reading, writing
from stream_app.console.store.work_tables import Case, Delivery
from stream_app.core.events import RESULTS_TOPIC, ContactResulted
from stream_app.core.policy import PolicySet
from stream_app.replay.topics_reader import TopicReader
from stream_app.wire.decode import Decoder
from stream_app.wire.invalid import InvalidMessage
from stream_app.worker.topics import partition_count

PATIENCE_SECONDS, LOOK_SECONDS = 30.0, 0.05
AT_ONCE = 500  # results; a query names them
VERSIONS_BEGAN_AT = datetime(2024, 1, 1, tzinfo=UTC)  # seconds since then fit the column until 2092
KEPT_BACK = "the desk was restored: this may have been told before"


class CaughtUp(NamedTuple):
    """What catching up came to."""

    records: int
    cases: int  # opened by what came since the backup
    results: int  # calls that the topic had and the database had not
    kept_back: int  # messages in the dead box that had waited


async def catch_up(given: Given, engine: Engine) -> CaughtUp:
    """Bring a desk's database up to now; the caller holds the lock on it.

    Raises:
        TopicError: a topic is not there.
        TopicMadeAnew: a topic is not the one that was read.
        DeskFailed: the stream has no tick, where the desk goes by its clock.

    """
    partitions = await partition_count(given.shared.bootstrap, given.names)
    policies = await open_policies(given.shared.bootstrap, given.names.policies, given.files, given.default)
    desk = Desk(engine, policies, await _clock(given, partitions, policies))  # no channels: nobody is told
    kept_back, before = await asyncio.to_thread(_keep_back, desk), await asyncio.to_thread(_count_cases, desk)
    records = await _read_on(given, desk, partitions)
    cases = await asyncio.to_thread(_count_cases, desk) - before
    results = await _take_results_in(given, desk, partitions)
    await asyncio.to_thread(sweep, desk)
    await asyncio.to_thread(_renumber, desk)
    return CaughtUp(records, cases, results, kept_back)


async def _clock(given: Given, partitions: int, policies: PolicySet) -> Callable[[], datetime]:
    if given.settings.clock == "wall":
        return wall_now
    clock = StreamClock()
    async with Ticks(given.shared.bootstrap, given.names, partitions, policies.calendar) as ticks:
        if not await ticks.first(clock, PATIENCE_SECONDS):
            message = "the stream has no tick yet, so it is no time at the desk"
            raise DeskFailed(message)
    return clock


def _keep_back(desk: Desk) -> int:
    """Put what waits to be told into the dead box, and end every login: one that was ended since would be back."""
    kept_back = {"state": "dead", "error": KEPT_BACK, "retry_at": None}
    with writing(desk.engine) as connection:
        connection.execute(delete(Session))
        return connection.execute(update(Delivery).where(Delivery.state == "waiting").values(**kept_back)).rowcount


def _count_cases(desk: Desk) -> int:
    with reading(desk.engine) as connection:
        return connection.scalar(select(func.count()).select_from(Case)) or 0


async def _read_on(given: Given, desk: Desk, partitions: int) -> int:
    """Follow the topics to where they end now; gives the records taken in."""
    records = 0

    def hear(projected: Projected, _seconds: float) -> None:
        nonlocal records
        records += projected.taken.total()

    async with Follower(given.shared.bootstrap, given.names, partitions, desk, act) as follower:
        await follower.begin(given.settings.act_from)
        following = asyncio.create_task(follower.run(hear))
        while follower.records_behind() and not following.done():
            await asyncio.wait([following], timeout=LOOK_SECONDS)
        if following.done():
            following.result()
        following.cancel()
        await asyncio.wait([following])
    return records


async def _take_results_in(given: Given, desk: Desk, partitions: int) -> int:
    results = await _published_results(given, desk, partitions)
    taken_in = 0
    for start in range(0, len(results), AT_ONCE):
        taken_in += await asyncio.to_thread(_regain, desk, results[start : start + AT_ONCE])
    return taken_in


def _regain(desk: Desk, results: list[ContactResulted]) -> int:
    with writing(desk.engine) as connection:
        return regain(connection, desk, results)


async def _published_results(given: Given, desk: Desk, partitions: int) -> list[ContactResulted]:
    decoder, found = Decoder(desk.policies.calendar), list[ContactResulted]()
    topic = given.names.full(RESULTS_TOPIC)
    async with TopicReader(given.shared.bootstrap, [topic], partitions) as reader:
        async for record in reader.new_records():
            try:
                event = decoder.event(RESULTS_TOPIC, record.key, record.value)
            except InvalidMessage:  # the worker keeps it as a dead letter
                continue
            if isinstance(event, ContactResulted):
                found.append(event)
    return sorted(found, key=lambda event: event.occurred_at)


def _renumber(desk: Desk) -> None:
    version = int((wall_now() - VERSIONS_BEGAN_AT).total_seconds())
    with writing(desk.engine) as connection:
        old = Case.state != "closed", Case.version < version
        connection.execute(update(Case).where(*old).values(version=version))
