"""The time at the desk: the machine's, or that of the latest tick."""

from datetime import UTC, timedelta

import pytest

from stream_app.console.clock import NoTick, StreamClock, Ticks, wall_now
from stream_app.console.readmodel.feeds import Record
from stream_app.core.months import calendar_for
from stream_app.local import LocalKafka
from stream_app.wire.ticks import encode_tick
from tests.console.brokers import own_topics
from tests.console.moments import START
from tests.console.readmodel.records import later


def test_the_machines_time_is_aware_and_in_utc() -> None:
    assert wall_now().tzinfo is UTC


def test_before_the_first_tick_it_is_no_time() -> None:
    with pytest.raises(NoTick, match="no tick yet"):
        StreamClock()()


def test_the_clock_of_the_stream_never_goes_back() -> None:
    clock = StreamClock()
    for at in (START, START - timedelta(hours=1)):
        clock.take(at)
    assert clock() == START


def tick(value: bytes) -> Record:
    return Record("clock", 0, 0, 0, None, value)


async def test_a_desk_that_starts_waits_for_a_tick_and_reads_the_last_and_those_that_come(kafka: LocalKafka) -> None:
    calendar = calendar_for("UTC", 1)
    async with own_topics(kafka.bootstrap) as own:
        first = StreamClock()
        async with Ticks(kafka.bootstrap, own.names, 1, calendar) as ticks:
            assert not await ticks.first(first, 0.3)
            assert not first.has_begun
        await own.put([tick(encode_tick(later(hours=1), {})), tick(encode_tick(later(hours=2), {}))])
        clock = StreamClock()
        async with Ticks(kafka.bootstrap, own.names, 1, calendar) as ticks:
            assert await ticks.first(clock, 30)
            assert clock() == later(hours=2)
            still = encode_tick(later(hours=9), {}, still=True)
            await own.put([tick(b"{"), tick(still), tick(encode_tick(later(hours=3), {}))])
            while clock() == later(hours=2):
                await ticks.look(clock)
    assert clock() == later(hours=3)
