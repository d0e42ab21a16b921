"""Identities from a CSV file with the columns subscriber_id, name, number; read anew when the file has changed.

UTF-8, with or without a byte order mark, or GB18030, which spreadsheets write in China. A file that is wrong anywhere
gives no identity at all: a shifted column would show one customer's number under another's name.
"""

import csv
import io
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Final

from stream_app.console.identity.source import Identity, IdentityError

COLUMNS: Final = ("subscriber_id", "name", "number")
LONGEST_NAME: Final = 256
MOST_REFUSALS: Final = 10  # told at once
_SUBSCRIBER = re.compile(r"[A-Za-z0-9_-]{1,64}").fullmatch  # CONTRACTS section 1
_NUMBER = re.compile(r"\+?[0-9](?:[ -]?[0-9]){2,19}").fullmatch
_Version = tuple[int, int, int]


class CsvIdentities:
    """A file of identities. Raises IdentityError at once where it cannot be used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._read: tuple[_Version, Mapping[str, tuple[str, str]]] | None = None
        self._current()

    def __repr__(self) -> str:
        return f"CsvIdentities({self._path})"

    def look_up(self, subscriber_id: str) -> Identity | None:
        """Find who a subscriber is, as the file says now. Raises IdentityError."""
        found = self._current().get(subscriber_id)
        return None if found is None else Identity(*found)

    def _current(self) -> Mapping[str, tuple[str, str]]:
        with self._lock:
            try:
                if self._read is None or self._read[0] != _version(self._path.stat()):
                    self._read = None  # a file that went wrong is not served from memory
                    self._read = self._load()
            except OSError as error:
                self._read = None
                message = f"{self._path}: cannot be read: {error.strerror}"
                raise IdentityError(message) from None
            return self._read[1]

    def _load(self) -> tuple[_Version, Mapping[str, tuple[str, str]]]:
        with self._path.open("rb") as file:
            version = _version(os.fstat(file.fileno()))  # of what is read, should the file be changed for another now
            return version, read_identities(file.read(), str(self._path))


def read_identities(content: bytes, name: str) -> Mapping[str, tuple[str, str]]:
    """Read a file's bytes into (name, number) by subscriber. Raises IdentityError naming lines, never their values."""
    rows = csv.reader(io.StringIO(_text(content, name), newline=""), strict=True)
    found = dict[str, tuple[str, str]]()
    refusals = list[str]()
    try:
        places = _places(next(rows, []), name)
        for row in rows:
            refusal = _take(found, row, places)
            if refusal:
                refusals.append(f"{name}:{rows.line_num}: {refusal}")
    except csv.Error:
        refusals.append(f"{name}:{rows.line_num}: quotes that do not match: write a quote within quotes twice")
    if refusals:
        rest = f"\nand {len(refusals) - MOST_REFUSALS} lines more" if len(refusals) > MOST_REFUSALS else ""
        raise IdentityError("\n".join(refusals[:MOST_REFUSALS]) + rest)
    return found


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"{name}:{line}: is neither UTF-8 nor GB18030: save it as UTF-8"
        raise IdentityError(message) from None


def _places(header: Iterable[str], name: str) -> tuple[int, ...]:
    columns = [column.strip() for column in header]
    wrong = [column for column in COLUMNS if columns.count(column) != 1]
    if wrong:
        message = (
            f"{name}:1: the first line names the columns {', '.join(COLUMNS)}, each once; see to {', '.join(wrong)}"
        )
        raise IdentityError(message)
    return (len(columns), *map(columns.index, COLUMNS))


def _take(found: dict[str, tuple[str, str]], row: list[str], places: tuple[int, ...]) -> str:
    """Take a line in; gives what is wrong with it, in words without its values."""
    if not any(value.strip() for value in row):
        return ""
    if len(row) != places[0]:
        return f"{len(row)} columns, not {places[0]}: quote values that hold a comma"
    subscriber_id, name, number = (row[place].strip() for place in places[1:])
    if subscriber_id in found:
        return "subscriber_id is there twice: keep one line"
    found[subscriber_id] = name, number
    return _refusal(subscriber_id, name, number)


def _refusal(subscriber_id: str, name: str, number: str) -> str:
    if not _SUBSCRIBER(subscriber_id):
        return "subscriber_id is not 1 to 64 of A-Z a-z 0-9 _ -"
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        return f"name is empty, longer than {LONGEST_NAME} characters, or holds control characters"
    if not _NUMBER(number):
        return "number is not 3 to 20 digits, with + before and single spaces or hyphens between as you like"
    return ""


def _version(found: os.stat_result) -> _Version:
    return found.st_ino, found.st_size, found.st_mtime_ns
