"""Streams and what is expected of them, as one test process hands them to another."""

import pickle
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from tests.oracle.oracle import Answer

Line = bytes | Mapping[str, Any]


class Stream(NamedTuple):
    """What a replay is given."""

    lines: list[Line]
    policies: list[dict[str, Any]]
    until: datetime


class Case(NamedTuple):
    """A stream and what the oracle says of it."""

    stream: Stream
    expected: Answer


def save(path: Path, cases: Iterable[Case]) -> None:
    """Write cases where another process of ours finds them."""
    path.write_bytes(pickle.dumps(tuple(cases)))


def load(path: Path) -> tuple[Case, ...]:
    """Read the cases back."""
    loaded: tuple[Case, ...] = pickle.loads(path.read_bytes())  # noqa: S301 - written by ourselves a moment ago
    return loaded
