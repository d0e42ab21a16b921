"""Ticks wait for their feeds, in the order of the clock topic."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from stream_app.worker.waiting import WaitingTick, WaitingTicks
from tests.worker.fake_lane import at

NOON = at("2025-03-01T12:00")


def waiting(*positions: dict[str, int]) -> WaitingTicks:
    ticks = WaitingTicks()
    for offset, wanted in enumerate(positions, 7):
        ticks.add(WaitingTick(NOON + timedelta(hours=offset), wanted, offset))
    return ticks


def test_a_tick_is_due_once_all_its_feeds_are_worked_up_to_its_positions() -> None:
    ticks = waiting({"a": 3, "b": 5})
    assert ticks.due({"a": 3, "b": 4}) is None
    assert ticks.due({"a": 2, "b": 9}) is None
    due = ticks.due({"a": 3, "b": 5})
    assert due is not None
    assert due.offset == 7
    assert not ticks


def test_a_feed_that_this_partition_has_never_read_holds_no_tick_up() -> None:
    assert waiting({"a": 3, "unheard_of": 5}).due({"a": 3}) is not None


def test_a_later_tick_does_not_overtake_the_first() -> None:
    ticks = waiting({"a": 9}, {"a": 1})
    assert ticks.due({"a": 1}) is None
    assert [tick.offset for _ in range(2) if (tick := ticks.due({"a": 9}))] == [7, 8]


def test_the_target_and_the_offset_are_those_of_the_first_tick_that_waits() -> None:
    ticks = waiting({"a": 3}, {"a": 6, "b": 2})
    assert (ticks.target("a"), ticks.target("b"), ticks.first_offset()) == (3, 0, 7)
    ticks.due({"a": 3})
    assert (ticks.target("a"), ticks.target("b"), ticks.first_offset()) == (6, 2, 8)
    ticks.due({"a": 6, "b": 2})
    assert (ticks.target("a"), ticks.first_offset()) == (0, None)


def test_what_the_first_tick_lacks_is_told_by_feed() -> None:
    ticks = waiting({"a": 3, "b": 5, "unheard_of": 5}, {"a": 9})
    assert ticks.lacks({"a": 3, "b": 1}) == {"b": 4}
    assert ticks.lacks({"a": 1, "b": 5}) == {"a": 2}
    assert waiting().lacks({"a": 1}) == {}


@given(st.lists(st.integers(0, 20), min_size=1, max_size=6).map(sorted), st.lists(st.integers(0, 4), max_size=30))
def test_ticks_come_in_order_and_never_early(targets: list[int], steps: list[int]) -> None:
    ticks, worked, came = waiting(*({"a": target} for target in targets)), 0, []
    for step in [*steps, 20]:
        worked += step
        while (tick := ticks.due({"a": worked})) is not None:
            assert tick.positions["a"] <= worked
            came.append(tick.offset)
    assert came == list(range(7, 7 + len(targets)))
