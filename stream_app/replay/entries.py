"""Lines of event files, decoded once, in the order in which a replay works them (CONTRACTS section 7)."""

import gzip
import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, NamedTuple

from stream_app.core.events import Event
from stream_app.wire.decode import NO_KEY, Decoder
from stream_app.wire.invalid import InvalidMessage

FUTURE_TOLERANCE = timedelta(hours=1)  # CONTRACTS section 5, in_the_future


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


def read(paths: Iterable[Path], decoder: Decoder, until: datetime) -> Iterator[Entry]:
    """Read files, several merged on the running maximum of each; raises OSError for one that cannot be read."""
    sources = [_entries(path, decoder) for path in paths]
    if len(sources) == 1:
        return sources[0]
    return (entry for _, _, entry in heapq.merge(*(_ranked(place, source, until) for place, source in enumerate(sources)), key=lambda ranked: ranked[:2]))


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


def _entries(path: Path, decoder: Decoder) -> Iterator[Entry]:
    with open_lines(path) as lines:
        yield from decode_lines(lines, decoder, path.name)


def _ranked(place: int, entries: Iterator[Entry], until: datetime) -> Iterator[tuple[float, int, Entry]]:
    maximum = RunningMaximum(until)
    for entry in entries:
        maximum.rises(entry)
        yield maximum.at.timestamp() if maximum.at else float("-inf"), place, entry


def open_lines(path: Path) -> BinaryIO:
    """Open a file of lines, gzip or plain, told apart by its first bytes."""
    with path.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]  # GzipFile reads as BinaryIO does
