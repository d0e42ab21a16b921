"""Other orders of arrival for the events of a life: between the same two ticks, or between the same two closes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.oracle.cases import Line, Stream
from tests.oracle.policy import parse_all
from tests.oracle.settings import Draw
from tests.oracle.timeline import Clock
from tests.oracle.warning_streams import lives

LAST_COUNTS = {  # of these the last by arrival counts: they keep their order
    "bill.issued": "bill_id",
    "contract.signed": "contract_id",
    "contract.ended": "contract_id",
    "measure.enrolled": "measure",
    "measure.ended": "measure",
    "subscriber.activated": "subscriber_id",  # with what is told of the customer
    "subscriber.updated": "subscriber_id",
}


class TwoOrders(NamedTuple):
    """The same events in two orders; the ticks stand where they stood."""

    one: Stream
    other: Stream


@st.composite
def between_ticks(draw: Draw) -> TwoOrders:
    """Draw a life, and shuffle what stands between two ticks."""
    stream = draw(lives(paced=draw(st.booleans()), every=20))
    return TwoOrders(stream, shuffled(stream, draw(st.integers(0, 99)), lambda number: number))


@st.composite
def between_closes(draw: Draw) -> TwoOrders:
    """Draw a life, and shuffle what stands between two closes, over the places that events have there."""
    stream = draw(lives(paced=True))
    closes = closes_before(stream)
    return TwoOrders(stream, shuffled(stream, draw(st.integers(0, 99)), lambda number: closes[number]))


def closes_before(stream: Stream) -> list[int]:
    """Give, by the number of ticks so far, the number of closes."""
    clock, counts = Clock(parse_all(stream.policies)), [0]
    for tick in [line for line in stream.lines if isinstance(line, Mapping) and is_tick(line)]:
        clock = clock.ticked(datetime.fromisoformat(tick["tick"]))
        counts.append(len(clock.closes))
    return counts


def is_tick(line: Line) -> bool:
    """Tell a tick from an event."""
    return isinstance(line, Mapping) and "tick" in line


def shuffled(stream: Stream, seed: int, block_of: Callable[[int], int]) -> Stream:
    """Shuffle the events of each block; `block_of` names the one that follows so many ticks."""
    ticks, blocks = 0, list[int]()
    for line in stream.lines:
        ticks += is_tick(line)
        blocks.append(block_of(ticks))
    lines: list[Line] = []
    for _, group in groupby(zip(blocks, stream.lines, strict=True), key=lambda pair: pair[0]):
        told = [line for _, line in group]
        events = iter(reordered([line for line in told if not is_tick(line)], Random(seed)))
        lines += [line if is_tick(line) else next(events) for line in told]
    return stream._replace(lines=lines)


def reordered(events: Sequence[Line], chance: Random) -> list[Line]:
    """Shuffle events; those of which the last counts keep their order among each other."""
    numbers = list(range(len(events)))
    chance.shuffle(numbers)
    keys = [key_of(events[number]) for number in numbers]
    following = {key: iter(sorted(n for n in numbers if key_of(events[n]) == key)) for key in keys}
    return [events[next(following[key]) if key else number] for number, key in zip(numbers, keys, strict=True)]


def key_of(event: Line) -> tuple[str, Any] | None:
    """Name what an event is the last word on; None where order does not matter."""
    name = LAST_COUNTS.get(event["type"]) if isinstance(event, Mapping) else None
    return (name, event[name]) if name and isinstance(event, Mapping) else None
