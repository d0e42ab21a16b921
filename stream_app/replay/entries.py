"""Lines of event files, decoded once, in the order in which a replay works them (CONTRACTS section 7)."""

import gzip
import heapq
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from stream_app.core.events import Event
from stream_app.wire.decode import NO_KEY, Decoder
from stream_app.wire.invalid import InvalidMessage

GZIP_MAGIC = b"\x1f\x8b"


class DamagedFile(Exception):
    """A file that is packed, and cannot be unpacked to its end."""


class Entry(NamedTuple):
    """A line of a file with what it decodes to."""

    file: str
    line: int  # from 1
    value: bytes
    event: Event | InvalidMessage


class RunningMaximum:
    """The latest occurred_at so far, of records that are valid in themselves and not later than the end."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self.at: datetime | None = None

    def rises(self, entry: Entry) -> bool:
        """Take an entry in; True when it raises the maximum."""
        if isinstance(entry.event, InvalidMessage) or entry.event.occurred_at > self.until:
            return False
        if self.at is not None and entry.event.occurred_at <= self.at:
            return False
        self.at = entry.event.occurred_at
        return True


class Reading:
    """Reads files, several merged on the running maximum of each; knows how many bytes are read of how many."""

    def __init__(self, paths: Sequence[Path], decoder: Decoder, until: datetime) -> None:
        """Describe it; raises OSError for a file that cannot be read."""
        self.total_bytes = sum(path.stat().st_size for path in paths)
        self._paths, self._decoder, self._until = paths, decoder, until
        self._open: list[BinaryIO] = []
        self._finished_bytes = 0

    @property
    def done_bytes(self) -> int:
        """Tell how many bytes of the files, as they stand on disk, are read."""
        return self._finished_bytes + sum(file.tell() for file in self._open)

    def __iter__(self) -> Iterator[Entry]:
        """Read; raises DamagedFile, or OSError for a file that cannot be read."""
        sources = [self._entries(path) for path in self._paths]
        if len(sources) == 1:
            return sources[0]
        ranked = (_ranked(place, source, self._until) for place, source in enumerate(sources))
        return (entry for _, _, entry in heapq.merge(*ranked, key=lambda each: each[:2]))

    def _entries(self, path: Path) -> Iterator[Entry]:
        with path.open("rb") as file:
            self._open.append(file)
            packed = file.peek(2)[:2] == GZIP_MAGIC
            yield from decode_lines(_unpacked(file, path) if packed else file, self._decoder, path.name)
            self._open.remove(file)
            self._finished_bytes += path.stat().st_size


def _unpacked(file: BinaryIO, path: Path) -> Iterator[bytes]:
    try:
        yield from gzip.GzipFile(fileobj=file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as refusal:
        message = f"{path} is damaged, the gzip in it cannot be read to its end ({refusal}): fetch it again"
        raise DamagedFile(message) from None


def decode_lines(lines: Iterable[bytes], decoder: Decoder, file: str) -> Iterator[Entry]:
    """Decode lines; blank ones are passed over."""
    for number, line in enumerate(lines, 1):
        value = line.rstrip(b"\r\n")
        if value.strip():
            yield Entry(file, number, value, _decode(decoder, value))


def _decode(decoder: Decoder, value: bytes) -> Event | InvalidMessage:
    try:
        return decoder.event(None, NO_KEY, value)
    except InvalidMessage as invalid:
        return invalid


def _ranked(place: int, entries: Iterator[Entry], until: datetime) -> Iterator[tuple[float, int, Entry]]:
    maximum = RunningMaximum(until)
    for entry in entries:
        maximum.rises(entry)
        yield maximum.at.timestamp() if maximum.at else float("-inf"), place, entry
