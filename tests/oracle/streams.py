"""Streams that look for trouble: late, re-ordered, repeated, spoilt; the order of arrival is theirs to draw."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.oracle.cases import Line, Stream
from tests.oracle.episodes import episodes
from tests.oracle.events import AMOUNTS_FEN, events
from tests.oracle.months import name_of
from tests.oracle.settings import Draw, Setting, instants, said, settings_of_streams
from tests.oracle.spoilt import spoilt

DELAYS_DAYS = (0,) * 12 + (1, 3, 10, 33, 65, 130)


class Arrival(NamedTuple):
    """A line and the instant that puts it in its place; between equal instants the number decides."""

    at: datetime
    number: int
    line: Line


@st.composite
def streams(draw: Draw) -> Stream:
    """Draw a whole stream."""
    setting = draw(settings_of_streams())
    arrived = sorted(draw(arrivals(setting)), key=lambda arrival: arrival[:2])
    lines = [arrival.line for arrival in arrived]
    if draw(st.integers(0, 9)) == 0:
        lines = draw(st.permutations(lines))
    return Stream(list(lines), setting.policies, setting.until)


@st.composite
def arrivals(draw: Draw, setting: Setting) -> list[Arrival]:
    """Draw events with their ids and delays, some of them twice, and some lines that are no events."""
    subscribers = draw(st.sampled_from((1, 1, 2, 4)))
    fewest = draw(st.sampled_from((0, 6, 15, 30)))
    single = draw(st.lists(events(setting, subscribers), min_size=fewest, max_size=fewest + 15))
    together = draw(st.lists(episodes(setting, subscribers), min_size=int(not single), max_size=4))
    drawn = single + [event for episode in together for event in episode]
    delays = draw(st.lists(st.sampled_from(DELAYS_DAYS), min_size=len(drawn), max_size=len(drawn)))
    # With few ids, one comes again with other content, within its memory and after.
    ids = draw(st.sampled_from((1000, 1000, 3)))
    placed = [
        _arrival(n, {"event_id": f"e{n % ids}", **event}, days)
        for n, (event, days) in enumerate(zip(drawn, delays, strict=True))
    ]
    copy = st.tuples(st.integers(0, 99), st.sampled_from(DELAYS_DAYS), repeats(setting))
    doubled = [
        _arrival(len(placed) + n, {**drawn_line(placed, index), **change}, days)
        for n, (index, days, change) in enumerate(draw(st.lists(copy, max_size=6)))
    ]
    count = len(placed) + len(doubled)
    bad = draw(st.lists(spoilt(setting), max_size=4))
    return placed + doubled + [Arrival(at, count + n, line) for n, (at, line) in enumerate(bad)]


def repeats(setting: Setting) -> st.SearchStrategy[dict[str, Any]]:
    """Draw what is different in a copy: often nothing, else its amount, its instant or its month."""
    amounts = st.sampled_from(AMOUNTS_FEN).map(lambda fen: {"amount_fen": fen or 7, "charge_fen": fen})
    moved = instants(setting).map(lambda at: {"occurred_at": said(at)})
    named = st.integers(0, setting.months).map(lambda n: {"billing_month": name_of(setting.first + n)})
    return st.one_of(st.just({}), st.just({}), amounts, moved, named)


def drawn_line(placed: list[Arrival], index: int) -> Mapping[str, Any]:
    """Give the event of some arrival, to be copied."""
    line = placed[index % len(placed)].line
    return line if isinstance(line, Mapping) else {}


def _arrival(number: int, line: Mapping[str, Any], days: int) -> Arrival:
    at = datetime.fromisoformat(line["occurred_at"]).astimezone(UTC)
    return Arrival(at + timedelta(days=days), number, line)
