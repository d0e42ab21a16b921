"""A store whose files were damaged is never worked with: it is what was written up to its offset, or it says so."""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
import rocksdict

from stream_app.lane import LaneError
from stream_app.lane.store import DAMAGED, PartitionStore, StoreMemory

MEMORY = StoreMemory(1 << 20, 4 << 20)
BATCHES, KEYS = 300, 8000


def batches() -> Iterator[dict[bytes, bytes | None]]:
    chance = random.Random(3)
    for _ in range(BATCHES):
        yield {b"k%05d" % chance.randrange(KEYS): chance.randbytes(200) for _ in range(100)}


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the files of a store as a kill leaves them: with tables, and more that was not yet brought into any."""
    path = tmp_path_factory.mktemp("left")
    store = PartitionStore(path / "db", MEMORY)
    for offset, states in enumerate(batches()):
        store.write(states, offset)
        if offset == BATCHES // 2:
            store.db.flush(wait=True)
    for _ in range(50):
        shutil.rmtree(path / "image", ignore_errors=True)
        with suppress(shutil.Error):  # a file went meanwhile
            shutil.copytree(store.path, path / "image")
            break
    store.close()
    return path / "image"


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for place in range(len(data) // 3, len(data), max(1, len(data) // 5)):
        data[place] ^= 0xFF
    file.write_bytes(data)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def remove(file: Path) -> None:
    file.unlink()


def looked_at(path: Path) -> tuple[str, int | None, dict[bytes, bytes]]:
    """Open a store and read all of it in both ways; gives what it refused, or else its offset and what it holds."""
    store = PartitionStore(path, MEMORY)
    try:
        offset, found = store.offset, dict(store.scan())
        for number in range(0, KEYS, 3):
            assert store.get(b"k%05d" % number) == found.get(b"k%05d" % number)
        store.write({b"new": b"1"}, BATCHES)
    except LaneError as refusal:
        return str(refusal), None, {}
    finally:
        store.close()
    return "", offset, found


@cache
def written(offset: int | None) -> dict[bytes, bytes]:
    states: dict[bytes, bytes | None] = {}
    for number, batch in enumerate(batches()):
        states |= batch if offset is not None and number <= offset else {}
    return {key: value for key, value in states.items() if value is not None}


@pytest.mark.parametrize("how", [flip, cut, empty, remove])
@pytest.mark.parametrize("which", [0, -1], ids=["oldest", "newest"])
@pytest.mark.parametrize("kind", ["*.sst", "*.log", "MANIFEST-*", "CURRENT"])
def test_a_damaged_file_costs_a_rebuild_at_most(
    left: Path, tmp_path: Path, kind: str, which: int, how: Callable[[Path], None]
) -> None:
    path = tmp_path / "db"
    shutil.copytree(left, path)
    how(sorted(path.glob(kind))[which])
    refusal, offset, found = looked_at(path)
    assert found == written(offset)
    if refusal:
        assert "the next start rebuilds it" in refusal
        assert looked_at(path) == ("", None, {})


def test_a_kill_leaves_a_store_where_its_tables_stand(left: Path, tmp_path: Path) -> None:
    path = tmp_path / "db"
    shutil.copytree(left, path)
    refusal, offset, found = looked_at(path)
    assert not refusal
    assert offset is not None
    assert BATCHES // 2 <= offset < BATCHES - 1
    assert found == written(offset)


def test_a_store_that_is_closed_has_all_that_was_written(tmp_path: Path) -> None:
    store = PartitionStore(tmp_path / "db", MEMORY)
    store.write({b"a": b"1"}, 7)
    store.close()
    again = PartitionStore(tmp_path / "db", MEMORY)
    assert (again.offset, list(again.scan())) == (7, [(b"a", b"1")])
    again.close()


class Refusing:
    """A database whose closing tells of the damage that its merging came upon."""

    def __init__(self, db: rocksdict.Rdict) -> None:
        self._db = db

    def close(self) -> None:
        self._db.close()
        message = "Corruption: block checksum mismatch"
        raise OSError(message)


class StoreOfRefusing(PartitionStore):
    """A store whose first database does not close without a word."""

    opened = 0

    def _open_database(self) -> rocksdict.Rdict:
        db = super()._open_database()
        self.opened += 1
        return Refusing(db) if self.opened == 1 else db  # type: ignore[return-value]


def test_a_store_known_as_damaged_is_removed_although_closing_it_fails(tmp_path: Path) -> None:
    PartitionStore(tmp_path / "db", MEMORY).close()
    (tmp_path / "db" / DAMAGED).touch()
    store = StoreOfRefusing(tmp_path / "db", MEMORY)
    assert (store.opened, store.offset) == (2, None)
    store.close()
