"""The states of one partition in RocksDB, with the changelog offset they stand at.

Rule: data and offset change in one write batch, so a store is always the changelog up to its offset. It keeps no log
of its own, the changelog is one: after a crash it stands where its tables do, and what came since is read again. Files
that are damaged are never worked with: a store that shows it is removed, and the changelog rebuilds it.
"""

import gc
import json
import logging
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import cast

import rocksdict

from stream_app.lane.errors import LaneError
from stream_app.lane.log import Record

OFFSET_KEY = b"__faust\0offset__"  # Faust's own name for it: its tools read these stores
STORED_AT_KEY = b"__lane\0stored_at__"
POSITIONS_KEY = b"__lane\0positions__"
_OWN_KEYS = frozenset({OFFSET_KEY, STORED_AT_KEY, POSITIONS_KEY})
FLUSH_SECONDS = 60.0  # what is younger may have to be read again after a crash; so may what fills a write buffer
DAMAGED = "DAMAGED"  # a file of this name in a store has the next start remove it
_FOUND_IN_USE = "found when it was last in use"
# A row's hashes do not compress: blocks of 16 KiB come to 87% with lz4, to 69% with zstd at a third more for a look-up.
# So zstd on the lowest level, where nearly all rows are, and nothing where tables come from memory and are soon merged:
# lz4 would cost 3 us a row there. Level 2 takes 8 us a row, 3 (RocksDB's default) 11, for a hundredth of the size.
BLOCK_BYTES = 16 << 10
LEVELS, ZSTD_LEVEL = 7, 2
WINDOW_BITS, STRATEGY = -14, 0  # RocksDB's defaults
# While a changelog is read nobody looks anything up, so tables are larger, and merged later, in fewer and larger steps.
READING_BUFFERS = 4  # a buffer while reading is so many; all of them together stay within their bound
_READING = {"level0_file_num_compaction_trigger": "200"}
_WORKING = {"level0_file_num_compaction_trigger": "4"}
# Merging reads ahead in each of so many tables: RocksDB's default of 2 MiB would be half a gigabyte of memory.
AHEAD_BYTES = 128 << 10
# Merging goes on as work begins, and no write may wait for it: it would hold up the event loop, and every transaction.
SLOW_TABLES, STOP_TABLES = 400, 500

log = logging.getLogger(__name__)


class StoreMemory:
    """The bounded memory that the partitions of one lane share (Faust's own would be 2 GiB for each)."""

    def __init__(self, cache_bytes: int, write_buffer_bytes: int) -> None:
        self._cache = rocksdict.Cache(cache_bytes)
        self._buffers = rocksdict.WriteBufferManager(write_buffer_bytes, allow_stall=False)
        self.buffer_bytes = max(1 << 20, write_buffer_bytes // 8)

    def options(self) -> rocksdict.Options:
        """Make the options of one partition's database."""
        table = rocksdict.BlockBasedOptions()
        table.set_block_cache(self._cache)
        table.set_cache_index_and_filter_blocks(True)
        table.set_bloom_filter(10, block_based=False)
        table.set_block_size(BLOCK_BYTES)
        options = rocksdict.Options(raw_mode=True)
        options.create_if_missing(True)  # noqa: FBT003
        options.set_block_based_table_factory(table)
        fast = [rocksdict.DBCompressionType.lz4()] * (LEVELS - 1)
        options.set_compression_per_level([rocksdict.DBCompressionType.none(), *fast])
        options.set_bottommost_compression_type(rocksdict.DBCompressionType.zstd())
        options.set_bottommost_compression_options(WINDOW_BITS, ZSTD_LEVEL, STRATEGY, 0, True)  # noqa: FBT003
        options.set_compaction_readahead_size(AHEAD_BYTES)
        options.set_level_zero_slowdown_writes_trigger(SLOW_TABLES)
        options.set_level_zero_stop_writes_trigger(STOP_TABLES)
        options.set_write_buffer_manager(self._buffers)
        options.set_write_buffer_size(self.buffer_bytes)
        options.set_max_write_buffer_number(3)
        options.set_max_open_files(256)
        options.set_keep_log_file_num(2)
        options.set_max_log_file_size(4 << 20)
        # A newcomer is looked for in the buffers too, in vain: a filter tells sooner.
        options.set_memtable_whole_key_filtering(True)
        options.set_memtable_prefix_bloom_ratio(0.05)
        return options


class PartitionStore:
    """One partition's database; one process has it at a time."""

    def __init__(self, path: Path, memory: StoreMemory) -> None:
        self.path = path
        self._memory = memory
        self._is_reading = False
        self._flush_at = time.monotonic() + FLUSH_SECONDS
        self.db = self._open()

    def _open(self) -> rocksdict.Rdict:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return self._open_sound()
        except _Damage as damage:
            log.warning("the store %s is damaged (%s): removed, the changelog rebuilds it", self.path, damage)
            shutil.rmtree(self.path, ignore_errors=True)
            return self._open_sound()

    def _open_sound(self) -> rocksdict.Rdict:
        try:
            db = self._open_database()
        except Exception as error:
            if _is_damage(error):
                raise _Damage(" ".join(str(error).split())) from error
            hint = " (does another worker use this data folder?)" if "lock" in str(error).lower() else ""
            message = f"cannot open the store {self.path}{hint}: {error}"
            raise LaneError(message) from error
        if (self.path / DAMAGED).exists():  # looked at under the database's own lock: who found it may hold it still
            with suppress(Exception):  # its merging may have come upon the damage already, and closing tells of it
                db.close()
            raise _Damage(_FOUND_IN_USE)
        return db

    def _open_database(self) -> rocksdict.Rdict:
        try:
            db = rocksdict.Rdict(str(self.path), options=self._memory.options())
        except Exception:  # noqa: BLE001 - rocksdict has no type for it; once more, then it counts
            gc.collect()  # an iterator of the partition's last logic may keep its database open
            db = rocksdict.Rdict(str(self.path), options=self._memory.options())
        without_log = rocksdict.WriteOptions()
        without_log.disable_wal = True  # type: ignore[method-assign,assignment]  # an attribute: its stub errs
        db.set_write_options(without_log)
        return db

    def get(self, key: bytes) -> bytes | None:
        """Return the stored state of a key.

        Raises:
            LaneError: the store is damaged; the next start rebuilds it.
        """
        try:
            value: bytes | None = self.db.get(key)
        except Exception as error:
            raise self._failed(error) from error
        return value

    def scan(self, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Iterate over the states stored now, from the key `start` on, in the order of their keys.

        Raises:
            LaneError: the store is damaged; the next start rebuilds it.
        """
        rows = cast("Iterator[tuple[bytes, bytes]]", self.db.items(from_key=start))
        return self._states(rows, start)

    def _states(self, rows: Iterator[tuple[bytes, bytes]], last: bytes) -> Iterator[tuple[bytes, bytes]]:
        for row in rows:
            last = row[0]
            if last not in _OWN_KEYS:
                yield row
        self._check_end(last)

    def _check_end(self, last: bytes) -> None:
        """Look again behind the last row: rocksdict's rows end at a damaged block as if there were no more."""
        rows = self.db.iter()
        try:
            rows.seek(last)
            if rows.valid():
                rows.next()
            rows.status()
        except Exception as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> LaneError:
        if not _is_damage(error):
            return LaneError(f"the store {self.path} failed: {error}")
        with suppress(OSError):
            (self.path / DAMAGED).touch()
        return LaneError(f"the store {self.path} is damaged, the next start rebuilds it from the changelog: {error}")

    @property
    def offset(self) -> int | None:
        """The changelog offset last applied."""
        value = self.db.get(OFFSET_KEY)
        return None if value is None else int(value)

    def age_seconds(self) -> float:
        """Measure how long ago, by the wall clock, the store was last known to be up to date; 0 for a new one."""
        value = self.db.get(STORED_AT_KEY)
        return 0.0 if value is None else max(0.0, time.time() - int(value))

    def positions(self) -> dict[str, int]:
        """Read the feed offsets last committed from this machine: Kafka forgets a group's, or a deleted topic's."""
        found: dict[str, int] = json.loads(self.db.get(POSITIONS_KEY) or b"{}")
        return found

    def write(
        self, states: Mapping[bytes, bytes | None], offset: int | None, positions: Mapping[str, int] | None = None
    ) -> None:
        """Write states (None deletes), the changelog offset they stand at and feed offsets, all or nothing.

        Raises:
            LaneError: the store cannot be written, the disk may be full; or it is damaged.
        """
        batch = _batch_of(states)
        put = batch.put
        if offset is not None:
            put(OFFSET_KEY, b"%d" % offset)
            put(STORED_AT_KEY, b"%d" % time.time())
        if positions:
            put(POSITIONS_KEY, json.dumps({**self.positions(), **positions}).encode())
        try:
            self.db.write(batch)
            if time.monotonic() >= self._flush_at:
                self._flush_at = time.monotonic() + FLUSH_SECONDS
                self.db.flush(wait=False)
        except Exception as error:
            raise self._failed(error) from error

    def apply(self, records: Iterable[Record]) -> None:
        """Write changelog records, at least one, in their order; `settle` makes them last."""
        self._set_reading(reading=True)
        last = None
        states: dict[bytes, bytes | None] = {}
        for last in records:
            if last.key is not None:
                states[last.key] = last.value
        if last is not None:
            self.write(states, last.offset)

    def settle(self) -> None:
        """Have everything applied on the disk, and go on as befits work."""
        if self._is_reading:
            self._set_reading(reading=False)
            try:
                self.db.flush(wait=True)
            except Exception as error:
                raise self._failed(error) from error

    def _set_reading(self, *, reading: bool) -> None:
        if self._is_reading is not reading:
            buffer_bytes = self._memory.buffer_bytes * (READING_BUFFERS if reading else 1)
            self.db.set_options({**(_READING if reading else _WORKING), "write_buffer_size": str(buffer_bytes)})
            self._is_reading = reading

    def clear(self) -> None:
        """Forget everything."""
        self.close()
        self._is_reading = False
        shutil.rmtree(self.path, ignore_errors=True)
        self.db = self._open()

    def close(self) -> None:
        """Close the database with all that was written; iterators still open keep it alive."""
        try:
            self.db.flush(wait=True)
            self.db.close()
        except Exception as error:  # noqa: BLE001 - what it could not flush is still in the changelog
            log.warning("%s", self._failed(error))


def _batch_of(states: Mapping[bytes, bytes | None]) -> rocksdict.WriteBatch:
    batch = rocksdict.WriteBatch(raw_mode=True)
    put, delete = batch.put, batch.delete
    for key, value in states.items():
        if value is None:
            delete(key)
        else:
            put(key, value)
    return batch


class _Damage(Exception):
    """The files of a store are not what was written."""


def _is_damage(error: Exception) -> bool:
    return isinstance(error, _Damage) or "Corruption" in str(error) or "No such file" in str(error)
