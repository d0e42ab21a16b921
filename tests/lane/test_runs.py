"""A cursor hands on every record of its feed once and in order, whatever is dropped or sent twice on the way."""

import pytest
from aiokafka.record.default_records import DefaultRecord
from hypothesis import given
from hypothesis import strategies as st

from stream_app.lane.errors import LaneError
from stream_app.lane.runs import Cursor, Flow, Run


def run_of(flow: Flow, begin: int, end: int, *, expected: int | None = None, gaps: frozenset[int] = frozenset()) -> Run:
    records = [DefaultRecord(offset, 0, 0, None, None, []) for offset in range(begin, end) if offset not in gaps]
    return Run("feed", 3, records, begin, end, flow, begin if expected is None else expected, 0)


def cursor_at(want: int, *, may_skip: bool = False) -> tuple[Cursor, Flow]:
    cursor = Cursor("feed", 3, want, may_skip=may_skip)
    return cursor, cursor.flow


def test_a_run_that_continues_becomes_a_batch_of_the_same_bounds() -> None:
    cursor, flow = cursor_at(5)
    run = run_of(flow, 5, 9)
    assert not cursor.lacks(run)
    batch = cursor.advance(run)
    assert batch is not None
    assert (batch.topic, batch.partition, batch.begin, batch.end) == ("feed", 3, 5, 9)
    assert [record.offset for record in batch.records] == [5, 6, 7, 8]


def test_a_run_of_markers_alone_is_handed_on_without_records() -> None:
    cursor, flow = cursor_at(5)
    batch = cursor.advance(run_of(flow, 5, 7, gaps=frozenset({5, 6})))
    assert batch is not None
    assert (list(batch.records), batch.begin, batch.end) == ([], 5, 7)


def test_what_was_seen_before_is_cut_off() -> None:
    cursor, flow = cursor_at(7)
    batch = cursor.advance(run_of(flow, 5, 9))
    assert batch is not None
    assert (batch.begin, [record.offset for record in batch.records]) == (7, [7, 8])


def test_a_run_wholly_seen_before_is_dropped() -> None:
    cursor, flow = cursor_at(9)
    assert cursor.advance(run_of(flow, 5, 9)) is None


def test_a_run_beyond_the_next_offset_is_a_gap() -> None:
    cursor, flow = cursor_at(5)
    assert cursor.lacks(run_of(flow, 6, 9))


def test_a_run_fetched_before_the_last_seek_is_stale_and_no_gap() -> None:
    cursor, old = cursor_at(5)
    cursor.flow = Flow(5)
    run = run_of(old, 7, 9)
    assert not cursor.lacks(run)
    assert cursor.advance(run) is None


def test_a_position_set_back_by_the_client_means_a_feed_made_anew() -> None:
    cursor, flow = cursor_at(5)
    with pytest.raises(LaneError, match="made anew or cut"):
        cursor.lacks(run_of(flow, 0, 3, expected=5))


def test_a_position_set_forward_by_the_client_means_records_lost_to_retention() -> None:
    cursor, flow = cursor_at(5)
    with pytest.raises(LaneError, match="offsets 5 to 7 were deleted before they were read"):
        cursor.lacks(run_of(flow, 8, 9, expected=5))


def test_a_feed_that_may_skip_goes_on_behind_what_retention_took() -> None:
    cursor, flow = cursor_at(5, may_skip=True)
    run = run_of(flow, 8, 9, expected=5)
    assert not cursor.lacks(run)
    batch = cursor.advance(run)
    assert batch is not None
    assert (batch.begin, batch.end) == (8, 9)


def test_a_flow_has_room_up_to_its_limit_and_says_when_it_opens_again() -> None:
    flow = Flow(0, limit=2)
    flow.took()
    assert flow.has_room
    flow.took()
    assert not flow.has_room
    assert flow.gave()
    assert not flow.gave()


@given(st.lists(st.integers(1, 5), min_size=1, max_size=30), st.data())
def test_whatever_is_dropped_every_offset_is_seen_once_and_in_order(lengths: list[int], data: st.DataObject) -> None:
    end = sum(lengths)
    markers = frozenset(data.draw(st.sets(st.integers(0, end - 1))))
    cursor, flow = cursor_at(0)
    seen: list[int] = []
    bounds = [0]
    position = 0
    while position < end:
        begin, position = position, min(end, position + data.draw(st.sampled_from(lengths)))
        run = run_of(flow, begin, position, gaps=markers)
        if data.draw(st.booleans()) and position < end:
            continue  # dropped on the way; the end of the feed is fetched again and again, so not for ever
        if cursor.lacks(run):
            cursor.flow = flow = Flow(cursor.want)
            position = cursor.want
        elif (batch := cursor.advance(run)) is not None:
            assert batch.begin == bounds[-1]
            bounds.append(batch.end)
            seen += [record.offset for record in batch.records]
    assert bounds[-1] == end
    assert seen == [offset for offset in range(end) if offset not in markers]
