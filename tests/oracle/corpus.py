"""A fixed set of streams with their answers, the same in every run, for what must be worked over and over."""

import pickle
from functools import cache
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, settings

from tests.oracle.oracle import Answer, answer
from tests.oracle.streams import Stream, streams


class Case(NamedTuple):
    """A stream and what the oracle says of it."""

    stream: Stream
    expected: Answer


@cache
def cases(count: int) -> tuple[Case, ...]:
    """Give the first streams that Hypothesis draws with its fixed seed, and their answers."""
    drawn: list[Stream] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(streams())
    def keep(stream: Stream) -> None:
        drawn.append(stream)

    keep()
    return tuple(Case(stream, answer(*stream)) for stream in drawn)


def save(path: Path, count: int) -> None:
    """Write the cases where another of our own test processes finds them."""
    path.write_bytes(pickle.dumps(cases(count)))


def load(path: Path) -> tuple[Case, ...]:
    """Read the cases back."""
    loaded: tuple[Case, ...] = pickle.loads(path.read_bytes())  # noqa: S301 - written by ourselves a moment ago
    return loaded
