"""Tables as operators send them: CSV or CSV.gz, any delimiter, any columns; read as a stream of texts."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

GZIP_MAGIC = b"\x1f\x8b"
DELIMITERS = ",;\t|"
GAPS = frozenset({"", "na", "n/a", "nan", "null", "none", "nil", "#n/a", "?", "-", "\\n"})
WIDEST_FIELD = 1 << 20
SNIFFED_BYTES = 1 << 20
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
Row = list[str]


class TableError(ValueError):
    """A table or scorecard that cannot be used, and what to do about it."""


class Table(NamedTuple):
    """A table being read: its column names, and its rows, each as wide as the header."""

    name: str
    header: tuple[str, ...]
    rows: Iterator[Row]

    def place(self, column: str) -> int:
        """Find a column; raises TableError, naming the nearest."""
        if column in self.header:
            return self.header.index(column)
        close = get_close_matches(column, self.header, n=1)
        known = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(self.header)}"
        message = f"{self.name}: no column {column!r}: {known}"
        raise TableError(message)


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    """Open a table; raises TableError for what is none, then or while its rows are read."""
    with _text(path) as file:
        first = file.readline()
        delimiter = max(DELIMITERS, key=first.count)
        file.seek(0)
        csv.field_size_limit(WIDEST_FIELD)
        lines = _lines(csv.reader(file, delimiter=delimiter), path.name)
        header = tuple(name.strip() for name in next(lines, []))
        _check(header, path.name)
        yield Table(path.name, header, _fitted(lines, len(header), path.name))


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        data = gzip.GzipFile(fileobj=raw) if packed else raw
        encoding = _encoding(_first_bytes(data, path.name))
        data.seek(0)
        with io.TextIOWrapper(data, encoding, "replace", newline="") as text:
            yield text


def _first_bytes(data: BinaryIO | gzip.GzipFile, name: str) -> bytes:
    try:
        return data.read(SNIFFED_BYTES)
    except (EOFError, OSError, zlib.error) as error:
        message = f"{name}: cannot be unpacked: {error}"
        raise TableError(message) from None


def _encoding(start: bytes) -> str:
    """Tell the encoding from how the file starts: by its mark, or the first that it decodes in."""
    marked = next((name for mark, name in BYTE_ORDER_MARKS.items() if start.startswith(mark)), None)
    return marked or next((name for name in ("utf-8", "gb18030") if _decodes(start, name)), "cp1252")


def _decodes(start: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _lines(reader: Iterator[Row], name: str) -> Iterator[Row]:
    try:
        yield from (row for row in reader if row)
    except (csv.Error, EOFError, OSError, zlib.error) as error:
        message = f"{name}: cannot be read as CSV: {error}"
        raise TableError(message) from None


def _check(header: Sequence[str], name: str) -> None:
    twice = sorted({each for each in header if header.count(each) > 1})
    if not header:
        message = f"{name}: is empty: the first line must name the columns"
        raise TableError(message)
    if twice:
        message = f"{name}: column {twice[0]!r} is there twice: give each a name of its own"
        raise TableError(message)


def _fitted(rows: Iterator[Row], width: int, name: str) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        if len(row) > width and any(field.strip() for field in row[width:]):
            message = f"{name}: row {number} has {len(row)} fields, the header {width}: quote what holds the delimiter"
            raise TableError(message)
        yield row[:width] + [""] * (width - len(row))


def is_gap(text: str) -> bool:
    """Tell a gap from a value, whichever of the usual words stands for it."""
    return text.strip().lower() in GAPS
