"""The store of a partition on a real RocksDB."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_app.lane import LaneError
from stream_app.lane.store import PartitionStore, StoreMemory

MEMORY = StoreMemory(1 << 20, 4 << 20)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tables" / "counts-0.db"


def test_states_and_their_offset_are_there_after_opening_again(path: Path) -> None:
    store = PartitionStore(path, MEMORY)
    store.write({b"a": b"1", b"b": b"2"}, 7, {"left": 5})
    store.write({b"a": None}, 9, {"right": 6})
    store.close()
    again = PartitionStore(path, MEMORY)
    assert (again.get(b"a"), again.get(b"b"), again.offset) == (None, b"2", 9)
    assert again.positions() == {"left": 5, "right": 6}
    again.close()


def test_a_new_store_knows_nothing_and_is_not_old(path: Path) -> None:
    store = PartitionStore(path, MEMORY)
    assert (store.offset, store.positions(), list(store.scan()), store.age_seconds()) == (None, {}, [], 0.0)
    store.close()


def test_a_scan_begins_at_its_key_and_leaves_the_lane_s_own_rows_out(path: Path) -> None:
    store = PartitionStore(path, MEMORY)
    store.write({b"a": b"1", b"c": b"3", b"~": b"9"}, 1, {"left": 1})
    assert list(store.scan(b"b")) == [(b"c", b"3"), (b"~", b"9")]
    assert [key for key, _ in store.scan()] == [b"a", b"c", b"~"]
    store.close()


def test_a_scan_under_way_does_not_see_what_is_written_later(path: Path) -> None:
    store = PartitionStore(path, MEMORY)
    store.write({b"a": b"1", b"b": b"1"}, 1)
    rows = store.scan()
    store.write({b"b": None, b"c": b"1"}, 2)
    assert [key for key, _ in rows] == [b"a", b"b"]
    del rows
    store.close()


def test_a_cleared_store_is_empty(path: Path) -> None:
    store = PartitionStore(path, MEMORY)
    store.write({b"a": b"1"}, 1)
    store.clear()
    assert (store.offset, list(store.scan())) == (None, [])
    store.close()


def test_a_store_that_another_has_open_is_refused_with_a_clear_word(path: Path) -> None:
    store = PartitionStore(path, MEMORY)
    with pytest.raises(LaneError, match="does another worker use this data folder"):
        PartitionStore(path, MEMORY)
    store.close()


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.none() | st.binary()), max_size=20))
def test_a_store_is_the_last_state_of_each_key(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[bytes, bytes | None]]
) -> None:
    store = PartitionStore(tmp_path_factory.mktemp("store") / "db", MEMORY)
    for offset, (key, value) in enumerate(changes):
        store.write({key: value}, offset)
    expected = {key: value for key, value in dict(changes).items() if value is not None}
    assert dict(store.scan()) == expected
    assert store.offset == (len(changes) - 1 if changes else None)
    store.close()
