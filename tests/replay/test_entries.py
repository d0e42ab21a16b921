"""Reading files of events: in the order they stand, several merged on the running maximum of each."""

import gzip
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_app.replay.entries import DamagedFile, Entry, Reading, RunningMaximum
from stream_app.wire.invalid import InvalidMessage
from tests.replay.lines import DECODER, FAR, Line, entries, used, utc, write

LONG_AGO = utc("2000-01-01")


def reading(*paths: Path, until: datetime = FAR) -> Reading:
    return Reading(paths, DECODER, until)


def ids(found: Reading | Sequence[Entry]) -> list[str]:
    return [entry.event.reason if isinstance(entry.event, InvalidMessage) else entry.event.event_id for entry in found]


@pytest.mark.parametrize("packed", [False, True])
def test_lines_come_in_the_order_they_stand_with_their_numbers(tmp_path: Path, *, packed: bool) -> None:
    contents: list[Line] = [
        used("a", "2025-01-02T00:00:00"),
        b"",
        used("b", "2025-01-01T00:00:00"),
        b"  \t",
        b"?",
        b"\r",
    ]
    path = write(tmp_path / "events.ndjson", contents, packed=packed)
    found = list(reading(path))
    assert [(entry.file, entry.line) for entry in found] == [("events.ndjson", n) for n in (1, 3, 5)]
    assert ids(found) == ["a", "b", "not_json"]


def test_line_ends_of_any_kind_and_a_last_line_without_one_are_no_part_of_the_value(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(b'{"a":1}\r\n{"b":2}\n{"c":3} ')
    assert [entry.value for entry in reading(path)] == [b'{"a":1}', b'{"b":2}', b'{"c":3} ']


def test_an_empty_file_is_no_events(tmp_path: Path) -> None:
    assert list(reading(write(tmp_path / "none", []))) == []
    assert list(reading(write(tmp_path / "one", []), write(tmp_path / "two", [], packed=True))) == []


def test_a_name_says_nothing_about_whether_a_file_is_packed(tmp_path: Path) -> None:
    assert ids(reading(write(tmp_path / "plain.gz", [used("a", "2025-01-01T00:00:00")]))) == ["a"]
    assert ids(reading(write(tmp_path / "packed", [used("a", "2025-01-01T00:00:00")], packed=True))) == ["a"]


def cut_short(packed: bytes) -> bytes:
    return packed[: len(packed) // 2]


def one_bit_wrong(packed: bytes) -> bytes:
    return packed[:-40] + bytes([packed[-40] ^ 0x10]) + packed[-39:]


def something_behind(packed: bytes) -> bytes:
    return packed + b"more"


@pytest.mark.parametrize("damage", [cut_short, one_bit_wrong, something_behind])
def test_a_damaged_gzip_is_named(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    content = b"".join(b'{"n": %d}\n' % number for number in range(2000))
    path = tmp_path / "events.ndjson.gz"
    path.write_bytes(damage(gzip.compress(content)))
    with pytest.raises(DamagedFile, match=r"events\.ndjson\.gz is damaged"):
        list(reading(path))


def test_several_files_are_merged_on_their_running_maximum(tmp_path: Path) -> None:
    one = write(
        tmp_path / "one",
        [used("a1", "2025-01-01T00:00:00"), used("a3", "2025-01-03T00:00:00"), used("a2", "2025-01-02T00:00:00")],
    )
    two = write(tmp_path / "two", [used("b2", "2025-01-02T12:00:00"), used("b4", "2025-01-04T00:00:00")], packed=True)
    assert ids(reading(one, two)) == ["a1", "b2", "a3", "a2", "b4"]
    assert ids(reading(two, one)) == ["a1", "b2", "a3", "a2", "b4"]


def test_at_equal_instants_the_file_named_first_comes_first(tmp_path: Path) -> None:
    one = write(tmp_path / "one", [used("a", "2025-01-01T00:00:00"), b"?"])
    two = write(tmp_path / "two", [used("b", "2025-01-01T00:00:00")])
    assert ids(reading(one, two)) == ["a", "not_json", "b"]
    assert ids(reading(two, one)) == ["b", "a", "not_json"]


def test_lines_before_the_first_valid_one_come_first(tmp_path: Path) -> None:
    one = write(tmp_path / "one", [used("a", "2025-01-01T00:00:00")])
    two = write(tmp_path / "two", [b"?", used("b", "2025-01-02T00:00:00")])
    assert ids(reading(one, two)) == ["not_json", "a", "b"]


files = st.lists(st.lists(st.integers(0, 40), max_size=8), min_size=1, max_size=4)


@settings(max_examples=40)
@given(files)
def test_a_merge_keeps_each_files_order_and_puts_no_maximum_before_a_lower_one(
    tmp_path_factory: pytest.TempPathFactory, days: list[list[int]]
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    paths = [
        write(
            folder / str(number),
            [used(f"{number}.{n}", (LONG_AGO + timedelta(days=day)).isoformat()[:19]) for n, day in enumerate(own)],
        )
        for number, own in enumerate(days)
    ]
    merged = ids(reading(*paths))
    for number, own in enumerate(days):
        assert [each for each in merged if each.startswith(f"{number}.")] == [f"{number}.{n}" for n in range(len(own))]
    ranks = {f"{number}.{n}": day for number, own in enumerate(days) for n, day in enumerate(accumulate(own, max))}
    assert [ranks[each] for each in merged] == sorted(ranks.values())


def test_the_bytes_read_reach_the_bytes_there_are(tmp_path: Path) -> None:
    one = write(tmp_path / "one", [used("a", "2025-01-01T00:00:00")])
    two = write(tmp_path / "two", [used("b", "2025-01-02T00:00:00")], packed=True)
    found = reading(one, two)
    assert (found.done_bytes, found.total_bytes) == (0, one.stat().st_size + two.stat().st_size)
    for _ in found:
        assert 0 < found.done_bytes <= found.total_bytes
    assert found.done_bytes == found.total_bytes


def test_only_valid_records_up_to_the_end_raise_the_maximum() -> None:
    maximum = RunningMaximum(utc("2025-01-05"))
    tried = entries(
        used("a", "2025-01-02T00:00:00"),
        used("b", "2025-01-02T00:00:00"),
        used("c", "2025-01-01T00:00:00"),
        {**used("d", "2025-01-04T00:00:00"), "charge_fen": -1},
        used("e", "2025-01-05T00:00:00.000001"),
        used("f", "2025-01-05T00:00:00"),
    )
    assert [maximum.rises(entry) for entry in tried] == [True, False, False, False, False, True]
    assert maximum.at == utc("2025-01-05")


def test_a_record_that_is_valid_in_itself_raises_the_maximum_whatever_was_worked_before() -> None:
    maximum = RunningMaximum(FAR)
    again = entries(used("a", "2025-01-01T00:00:00"), used("a", "2025-01-02T00:00:00"))
    assert [maximum.rises(entry) for entry in again] == [True, True]
