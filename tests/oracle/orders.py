"""Other orders of arrival for the same events, between the same ticks."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.oracle.cases import Line, Stream
from tests.oracle.policy import parse_all
from tests.oracle.reading import Event, read
from tests.oracle.settings import Draw
from tests.oracle.streams import streams
from tests.oracle.timeline import Clock, latest_tick, ticks_in


class TwoOrders(NamedTuple):
    """The same lines in two orders."""

    one: Stream
    other: Stream


@st.composite
def two_orders(draw: Draw) -> TwoOrders:
    """Draw a calm stream, and shuffle what stands between two ticks; the line that reaches the ticks stays first."""
    stream = calmed(draw(streams()))
    shuffled: list[Line] = []
    for block in blocks(stream):
        shuffled += [block[0], *draw(st.permutations(block[1:]))]
    return TwoOrders(stream, stream._replace(lines=shuffled))


def calmed(stream: Stream) -> Stream:
    """Make every id, bill and contract one event's own: where the contracts say `last by arrival`, order matters."""
    return stream._replace(lines=[_calmed(number, line) for number, line in enumerate(stream.lines)])


def _calmed(number: int, line: Line) -> Line:
    if not isinstance(line, Mapping):
        return line
    own: dict[str, Any] = {name: f"{number}" for name in ("bill_id", "contract_id", "event_id") if name in line}
    return {**line, **own} if isinstance(line.get("event_id"), str) and line["event_id"][:1] == "e" else line


def blocks(stream: Stream) -> list[list[Line]]:
    """Split the lines where ticks stand."""
    numbers = _tick_numbers(stream)
    grouped = groupby(zip(numbers, stream.lines, strict=True), key=lambda pair: pair[0])
    return [[line for _, line in block] for _, block in grouped]


def _tick_numbers(stream: Stream) -> Sequence[int]:
    """Count, for each line, the ticks that stand before it."""
    clock, counts, count = Clock(parse_all(stream.policies)), [], 0
    for number, line in enumerate(stream.lines):
        event = read(number, line, clock.calendar)
        if isinstance(event, Event) and event.occurred_at <= stream.until:
            ticks = _reached(clock, stream, event)
            count += len(ticks)
            clock = clock.ticked(ticks[-1]) if ticks else clock
        counts.append(count)
    return counts


def _reached(clock: Clock, stream: Stream, event: Event) -> Sequence[Any]:
    if clock.at is None:
        return [latest_tick(clock.policies, stream.until, event.occurred_at)]
    if event.occurred_at <= clock.at:
        return []
    return ticks_in(clock.policies, stream.until, clock.at, event.occurred_at)
